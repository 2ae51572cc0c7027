"""What an open table is: rows in chunks, in constant memory where the format allows."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

from evenhand.errors import InputError

Row = dict[str, Any]


@dataclass(frozen=True)
class Chunk:
    """Some rows that follow each other.

    Attributes:
        first: Number of the first row, from 1.
        rows: Column to value, with plain JSON types.
        batch: The same rows as a `pyarrow.RecordBatch` where they come from Parquet, so that types are kept.
    """

    first: int
    rows: list[Row]
    batch: Any = None


@dataclass(frozen=True)
class Table:
    """An open table.

    Attributes:
        name: What it is called in messages.
        format: csv, jsonl, parquet or txt.
        columns: For JSON Lines the keys of the first chunk, or of all rows if opened with `complete`.
        chunks: The rows; can be gone through once.
        kinds: For JSON Lines opened with `complete`, what each column holds: "bool", "int", "float", "str" or
            "json" (nested or mixed).
        not_text: Columns of Parquet that cannot hold texts, with their type.
        schema: The `pyarrow.Schema` where the rows come from Parquet.
    """

    name: str
    format: str
    columns: tuple[str, ...]
    chunks: Iterator[Chunk]
    kinds: Mapping[str, str] = field(default_factory=dict)
    not_text: Mapping[str, str] = field(default_factory=dict)
    schema: Any = None


def in_chunks(rows: Iterator[Row], name: str, size: int) -> Iterator[Chunk]:
    """Group rows into chunks.

    Raises:
        InputError: there is no row.
    """
    first = 1
    while chunk := list(islice(rows, size)):
        yield Chunk(first, chunk)
        first += len(chunk)
    if first == 1:
        message = f"{name} has no rows; check that it is the file you meant"
        raise InputError(message)
