"""What an open table is: rows in chunks, in constant memory where the format allows."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

from evenhand.errors import InputError

Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Rejected:
    """A row that could not be read.

    Attributes:
        row: Its number, counted as those of all rows are.
        reason: What is wrong and where, without anything that a cell holds.
    """

    row: int
    reason: str


@dataclass(frozen=True)
class Chunk:
    """Some rows that follow each other, and those between them that could not be read.

    Attributes:
        first: Number of the first row, from 1 over the whole input; rows that could not be read are counted.
        rows: Column to value, with plain JSON types; may be empty where every row was rejected.
        batch: The same rows as a `pyarrow.RecordBatch` where they come from Parquet, so that types are kept.
        rejected: The rows that could not be read, in order.
        numbers: The number of each row in `rows`; by default they count on from `first`.
    """

    first: int
    rows: list[Row]
    batch: Any = None
    rejected: tuple[Rejected, ...] = ()
    numbers: tuple[int, ...] = ()

    def __post_init__(self) -> None:
        if not self.numbers:
            object.__setattr__(self, "numbers", tuple(range(self.first, self.first + len(self.rows))))


@dataclass(frozen=True)
class Table:
    """An open table.

    Attributes:
        name: What it is called in messages.
        format: csv, jsonl, parquet, txt or xlsx.
        columns: For JSON Lines the keys of the first chunk, or of all rows if opened with `complete`.
        chunks: The rows; can be gone through once.
        kinds: For JSON Lines and workbooks opened with `complete`, what each column holds: "bool", "int", "float",
            "str" or "json" (nested or mixed).
        not_text: Columns of Parquet that cannot hold texts, with their type.
        schema: The `pyarrow.Schema` where the rows come from Parquet.
        other_sheets: Visible sheets of a workbook that are not read.
    """

    name: str
    format: str
    columns: tuple[str, ...]
    chunks: Iterator[Chunk]
    kinds: Mapping[str, str] = field(default_factory=dict)
    not_text: Mapping[str, str] = field(default_factory=dict)
    schema: Any = None
    other_sheets: tuple[str, ...] = ()


def readable(rows: Iterator[Row | str], name: str) -> Iterator[Row]:
    """Give rows up to the first that could not be read, in whose place stands the reason.

    Raises:
        InputError: such a row.
    """
    for row in rows:
        if isinstance(row, str):
            message = f"{name}: {row}"
            raise InputError(message)
        yield row


def in_chunks(rows: Iterator[Row] | Iterator[Row | str], name: str, size: int) -> Iterator[Chunk]:
    """Group rows into chunks of `size`, rejected ones counted; in place of a row may stand why it cannot be read.

    Raises:
        InputError: there is no row.
    """
    first = 1
    while block := list(islice(rows, size)):
        numbered = list(enumerate(block, start=first))
        yield Chunk(
            first,
            [row for row in block if not isinstance(row, str)],
            rejected=tuple(Rejected(number, row) for number, row in numbered if isinstance(row, str)),
            numbers=tuple(number for number, row in numbered if not isinstance(row, str)),
        )
        first += len(block)
    if first == 1:
        message = f"{name} has no rows; check that it is the file you meant"
        raise InputError(message)
