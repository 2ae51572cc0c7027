"""Write codings beside the user's own columns, to a file whole or not at all, or to standard output.

The suffix chooses the format: .jsonl, .csv or .parquet. The user's columns come first and are kept exactly,
so a cell that a spreadsheet takes for a formula (it begins with = + - @) stays one; our own fields never
begin so. The file is written beside its destination under another name and renamed when it is complete and
on the disk.
"""

from __future__ import annotations

import csv
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from io import TextIOWrapper
from pathlib import Path
from typing import BinaryIO, Protocol

from evenhand.output import check_output, replacing
from evenhand.result import SCORE_SCHEMA, Coding
from evenhand.tables.columns import RESULT_FIELDS, SCHEMA_FIELD, CarriedNames
from evenhand.tables.table import Chunk, Table
from evenhand.tables.values import cell, coding_fields, json_text

STANDARD_OUTPUT = "-"
SUFFIXES = (".jsonl", ".csv", ".parquet")


class Writer(Protocol):
    """Takes chunks of rows with their codings."""

    def write(self, chunk: Chunk, codings: Sequence[Coding]) -> None:
        """Add rows, each with its coding."""

    def close(self) -> None:
        """Write what is still waiting."""

    def abandon(self) -> None:
        """Let go after a failure; what was written is thrown away."""


def check_destination(source: str | Path, destination: str | Path, *, overwrite: bool) -> str:
    """Return the format to write, after checking that the destination can be written.

    Raises:
        OutputError: an unknown suffix, a missing folder, a file that exists already or is the input itself.
    """
    if str(destination) == STANDARD_OUTPUT:
        return "jsonl"
    _, suffix = check_output(destination, [source], SUFFIXES, overwrite=overwrite)
    return suffix.lstrip(".")


@contextmanager
def open_writer(destination: str | Path, table: Table, names: CarriedNames, *, overwrite: bool) -> Iterator[Writer]:
    """Open a writer; the destination appears when the block ends without an error, and otherwise never.

    Raises:
        OutputError: the disk is full, the folder not writable, or the destination appeared meanwhile.
        EvenhandError: what was raised inside the block, with a note that nothing was written.
    """
    if str(destination) == STANDARD_OUTPUT:
        yield JsonLinesWriter(sys.stdout.buffer, table, names)
        return
    with replacing(destination, overwrite=overwrite) as part, part.open("xb") as stream:
        writer = _writer(Path(destination).suffix.lower(), stream, table, names)
        try:
            yield writer
            writer.close()
        except BaseException:
            writer.abandon()
            raise


def _writer(suffix: str, stream: BinaryIO, table: Table, names: CarriedNames) -> Writer:
    if suffix == ".parquet":
        from evenhand.tables.parquet import ParquetWriter

        return ParquetWriter(stream, table, names)
    return CsvWriter(stream, table, names) if suffix == ".csv" else JsonLinesWriter(stream, table, names)


class JsonLinesWriter:
    """Writes one object a line, in UTF-8 whatever the terminal's encoding."""

    def __init__(self, stream: BinaryIO, table: Table, names: CarriedNames) -> None:
        self._stream, self._names = stream, names

    def write(self, chunk: Chunk, codings: Sequence[Coding]) -> None:
        """Add rows; each row has its own keys, as in the input."""
        lines = []
        for row, coding in zip(chunk.rows, codings, strict=True):
            carried = {self._names.name(column): value for column, value in row.items()}
            lines.append(json_text(carried | coding_fields(coding) | {SCHEMA_FIELD: SCORE_SCHEMA}) + "\n")
        self._stream.write("".join(lines).encode())
        self._stream.flush()

    def close(self) -> None:
        """Nothing waits."""

    def abandon(self) -> None:
        """Nothing is held."""


class CsvWriter:
    r"""Writes comma-separated UTF-8 with `\r\n` line ends (RFC 4180); nested fields are JSON text in a
    cell."""

    def __init__(self, stream: BinaryIO, table: Table, names: CarriedNames) -> None:
        self._columns = table.columns
        self._text = TextIOWrapper(stream, encoding="utf-8", newline="", write_through=True)
        self._csv = csv.writer(self._text, lineterminator="\r\n")
        self._csv.writerow([*(cell(names.name(column)) for column in table.columns), *RESULT_FIELDS, SCHEMA_FIELD])

    def write(self, chunk: Chunk, codings: Sequence[Coding]) -> None:
        """Add rows."""
        for row, coding in zip(chunk.rows, codings, strict=True):
            ours = coding_fields(coding).values()
            carried = (row.get(column) for column in self._columns)
            self._csv.writerow([cell(value) for value in (*carried, *ours, SCORE_SCHEMA)])

    def close(self) -> None:
        """Let go of the stream, which its opener closes."""
        self._text.flush()
        self._text.detach()

    def abandon(self) -> None:
        """Let go of the stream without writing what waits."""
        with suppress(OSError, ValueError):
            self._text.detach()
