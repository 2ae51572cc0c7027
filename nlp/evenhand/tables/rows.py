"""Open one file as rows, whatever its format but Parquet's; a row that cannot be read is the reason instead."""

from __future__ import annotations

from collections.abc import Generator, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from evenhand.errors import InputError
from evenhand.tables.delimited import csv_rows
from evenhand.tables.json_lines import json_rows
from evenhand.tables.packed import DamagedError, unpacked
from evenhand.tables.source import Source, fault, marked_lines
from evenhand.tables.table import Row, readable

MOST_HELD = 64 * 2**20  # bytes of a workbook on standard input; half a million rows of descriptors


@dataclass(frozen=True)
class Layout:
    """How files are to be read.

    Attributes:
        format: csv, jsonl, txt or xlsx.
        encoding: Of text, or None.
        delimiter: Of CSV, or None.
        sheet: Of workbooks, or None for the first that is shown.
    """

    format: str
    encoding: str | None = None
    delimiter: str | None = None
    sheet: str | None = None


@dataclass(frozen=True)
class Part:
    """One open file.

    Attributes:
        columns: The names of its columns; none for JSON Lines, where each row has its own.
        rows: The rows, or why one cannot be read.
        other_sheets: Visible sheets that are not read.
    """

    columns: tuple[str, ...]
    rows: Iterator[Row | str]
    other_sheets: tuple[str, ...] = ()


@contextmanager
def open_part(source: Source, layout: Layout) -> Iterator[Part]:
    """Open one file.

    Raises:
        InputError: it cannot be read at all; also raised while going through the rows, where it is damaged.
    """
    if layout.format == "xlsx":
        from evenhand.tables.workbook import open_sheet

        source.hold(most=MOST_HELD)
        with source.open() as stream, open_sheet(stream, source.name, sheet=layout.sheet) as sheet:
            yield Part(sheet.columns, sheet.rows, sheet.others)
        return
    stream = source.open()
    try:
        plain = unpacked(stream, source.name, packing=source.packing)
        lines = marked_lines(plain, name=source.name, encoding=layout.encoding)
        yield _part(lines, source.name, layout)
    finally:
        if source.path is not None:
            stream.close()


def _part(lines: Iterator[str], name: str, layout: Layout) -> Part:
    if layout.format == "csv":
        columns, rows = csv_rows(lines, name, delimiter=layout.delimiter)
        return Part(columns, _counted(rows, name))
    if layout.format == "jsonl":
        return Part((), _counted(json_rows(lines), name))
    return Part(("text",), _counted(_text_rows(lines), name))


def _text_rows(lines: Iterator[str]) -> Iterator[Row | str]:
    for number, line in enumerate(lines, start=1):
        yield fault(line, number) or {"text": line.rstrip("\r\n")}


def _counted(rows: Iterator[Row | str], name: str) -> Iterator[Row | str]:
    """Give the rows; where compressed bytes are damaged, say after how many rows.

    Raises:
        InputError: the file is damaged.
    """
    count = 0
    try:
        for row in rows:
            count += 1
            yield row
    except DamagedError as error:
        place = f"({error.packing}) after {count:,} rows"
        message = f"{name} is cut off or damaged {place}; get it again from where it came from"
        raise InputError(message) from None


def all_rows(
    first: Part, sources: Sequence[Source], layout: Layout, *, tolerant: bool
) -> Generator[Row | str, None, None]:
    """Give the rows of all files, one after another, every row's columns in the order of the first file's.

    Args:
        first: The first of the files, open.
        sources: The files.
        layout: How they are read.
        tolerant: Go on after a row that cannot be read; where there are several files, the reason says in which.

    Raises:
        InputError: a file cannot be read, or a row if not `tolerant`.
    """
    yield from _of_part(first, sources[0], several=len(sources) > 1, tolerant=tolerant)
    for source in sources[1:]:
        with open_part(source, layout) as part:
            for row in _of_part(part, source, several=True, tolerant=tolerant):
                if isinstance(row, str) or part.columns == first.columns:
                    yield row
                else:
                    yield {name: row[name] for name in first.columns}


def _of_part(part: Part, source: Source, *, several: bool, tolerant: bool) -> Iterator[Row | str]:
    if not tolerant:
        return readable(part.rows, source.name)
    return (f"{source.name}: {row}" if several and isinstance(row, str) else row for row in part.rows)
