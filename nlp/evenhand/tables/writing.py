"""Turn rows and results into the bytes of an output, a chunk at a time; no files.

The suffix chooses the format: .jsonl, .csv or .parquet; .jsonl.gz and .csv.gz are compressed. The user's columns come
first and are kept exactly, so a cell that a spreadsheet takes for a formula (it begins with = + - @) stays one; our own
fields never begin so. What a chunk becomes depends on nothing before it but the names of columns, so that an output
can be gone on with after any chunk.
"""

from __future__ import annotations

import csv
import gzip
import io
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Protocol

from evenhand.output import check_output
from evenhand.tables.columns import SCHEMA_FIELD, CarriedNames
from evenhand.tables.contract import SCORES, Contract
from evenhand.tables.table import Chunk, Table
from evenhand.tables.values import cell, json_text

STANDARD_OUTPUT = "-"
SUFFIXES = (".jsonl", ".csv", ".parquet", ".jsonl.gz", ".csv.gz")
# zlib's own middle way is 6; at 4 a tenth more bytes take half the time.
_GZIP_LEVEL = 4


class RowWriter(Protocol):
    """Turns chunks of rows with their results into bytes."""

    def header(self) -> bytes:
        """What an output begins with."""

    def rows(self, chunk: Chunk, results: Sequence[Any]) -> bytes:
        """What rows become, each with its result."""


def check_destination(sources: Sequence[str | Path], destination: str | Path, *, overwrite: bool) -> str:
    """Return the suffix of a destination, after checking that it can be written.

    Args:
        sources: The inputs.
        destination: A path, or `-` for JSON Lines on standard output.
        overwrite: The output may exist.

    Raises:
        OutputError: an unknown suffix, a missing folder, a file that exists already or is one of the inputs.
    """
    if str(destination) == STANDARD_OUTPUT:
        return ".jsonl"
    return check_output(destination, sources, SUFFIXES, overwrite=overwrite)[1]


def row_writer(suffix: str, table: Table, names: CarriedNames, contract: Contract[Any] = SCORES) -> RowWriter:
    """The writer of a format.

    Args:
        suffix: One of SUFFIXES.
        table: What is read.
        names: Under which names its columns are carried.
        contract: The form of the results.
    """
    if suffix == ".parquet":
        from evenhand.tables.parquet_writing import ParquetRowWriter

        return ParquetRowWriter(table, names, contract)
    writer: RowWriter = (
        CsvWriter(table, names, contract) if suffix.startswith(".csv") else JsonLinesWriter(names, contract)
    )
    return Compressed(writer) if suffix.endswith(".gz") else writer


def converter(suffix: str) -> Callable[[Path, Path, str], None] | None:
    """What makes an output of a run's file and of what is told about it; None where that file is the output already."""
    if suffix != ".parquet":
        return None
    from evenhand.tables.parquet_writing import to_parquet

    return to_parquet


class JsonLinesWriter:
    """Writes one object a line, in UTF-8 whatever the terminal's encoding."""

    def __init__(self, names: CarriedNames, contract: Contract[Any]) -> None:
        self._names = names
        self._contract = contract

    def header(self) -> bytes:
        """Nothing."""
        return b""

    def rows(self, chunk: Chunk, results: Sequence[Any]) -> bytes:
        """Lines; each row has its own keys, as in the input."""
        lines = []
        for row, result in zip(chunk.rows, results, strict=True):
            carried = {self._names.name(column): value for column, value in row.items()}
            ours = {**self._contract.plain(result), SCHEMA_FIELD: self._contract.schema}
            lines.append(json_text(carried | ours) + "\n")
        return "".join(lines).encode()


class CsvWriter:
    r"""Writes comma-separated UTF-8 with `\r\n` line ends (RFC 4180); nested fields are JSON text in a
    cell."""

    def __init__(self, table: Table, names: CarriedNames, contract: Contract[Any]) -> None:
        self._columns = table.columns
        self._names = names
        self._contract = contract

    def header(self) -> bytes:
        """The names of the columns."""
        carried = (cell(self._names.name(column)) for column in self._columns)
        return _csv_lines([[*carried, *self._contract.fields, SCHEMA_FIELD]])

    def rows(self, chunk: Chunk, results: Sequence[Any]) -> bytes:
        """Lines of cells."""
        lines = []
        for row, result in zip(chunk.rows, results, strict=True):
            carried = (row.get(column) for column in self._columns)
            ours = self._contract.plain(result).values()
            lines.append([cell(value) for value in (*carried, *ours, self._contract.schema)])
        return _csv_lines(lines)


class Compressed:
    """Compresses what another writer gives; a file of several gzip members is one file to every reader."""

    def __init__(self, writer: RowWriter) -> None:
        self._writer = writer

    def header(self) -> bytes:
        """The other writer's header."""
        return _compressed(self._writer.header())

    def rows(self, chunk: Chunk, results: Sequence[Any]) -> bytes:
        """The other writer's rows."""
        return _compressed(self._writer.rows(chunk, results))


def _csv_lines(lines: Sequence[Sequence[str]]) -> bytes:
    text = io.StringIO(newline="")
    csv.writer(text, lineterminator="\r\n").writerows(lines)
    return text.getvalue().encode()


def _compressed(content: bytes) -> bytes:
    # Without a time, so that equal rows make equal files.
    return gzip.compress(content, _GZIP_LEVEL, mtime=0) if content else b""
