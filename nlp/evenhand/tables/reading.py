"""Open a table for reading, whatever its format; no coding, no writing.

Values are kept as they are written, NUL bytes included. In CSV and JSON Lines a blank line is no row, as
everywhere; in plain text it is a blank text, because there each line is one. Whatever cannot be read is an
`InputError` that names file and row.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from evenhand.errors import InputError
from evenhand.tables.delimited import csv_table
from evenhand.tables.json_lines import json_kinds, json_table
from evenhand.tables.source import Source, decoded_lines
from evenhand.tables.table import Table, in_chunks

FORMATS = ("csv", "jsonl", "parquet", "txt")
_FORMAT_BY_SUFFIX = {
    ".csv": "csv",
    ".tsv": "csv",
    ".tab": "csv",
    ".jsonl": "jsonl",
    ".ndjson": "jsonl",
    ".parquet": "parquet",
    ".txt": "txt",
}


@contextmanager
def open_table(
    source: str | Path,
    *,
    format: str | None = None,  # noqa: A002 - the name of the command's option
    encoding: str | None = None,
    delimiter: str | None = None,
    chunk_rows: int,
    complete: bool = False,
) -> Iterator[Table]:
    """Open a table for reading.

    Args:
        source: A path, or `-` for standard input.
        format: One of `FORMATS`; by default the file's suffix says.
        encoding: Of CSV, JSON Lines and text; by default UTF-8, or what the byte order mark says.
        delimiter: Of CSV, one character; by default the one of comma, semicolon and tab that the header has
            most.
        chunk_rows: Rows to a chunk.
        complete: Know all columns and what they hold before the first row: JSON Lines are then read twice,
            and standard input is held in memory.

    Raises:
        InputError: the table cannot be read; also raised while going through the chunks.
    """
    opened = Source.of(source)
    kind = _format(opened, format)
    if kind == "parquet" or (kind == "jsonl" and complete):
        opened.hold()
    if kind == "parquet":
        from evenhand.tables.parquet import open_parquet

        with open_parquet(opened, chunk_rows=chunk_rows) as table:
            yield table
        return
    stream = opened.open()
    try:
        lines = decoded_lines(stream, name=opened.name, encoding=encoding)
        if kind == "csv":
            yield csv_table(lines, opened.name, delimiter=_delimiter(opened, delimiter), chunk_rows=chunk_rows)
        elif kind == "jsonl":
            kinds = json_kinds(opened, encoding) if complete else None
            yield json_table(lines, opened.name, kinds=kinds, chunk_rows=chunk_rows)
        else:
            rows = ({"text": line.rstrip("\r\n")} for line in lines)
            yield Table(opened.name, kind, ("text",), in_chunks(rows, opened.name, chunk_rows))
    finally:
        if opened.path is not None:
            stream.close()


def _format(source: Source, given: str | None) -> str:
    known = ", ".join(FORMATS)
    if given is not None:
        if given not in FORMATS:
            message = f"unknown format {given!r}; use one of {known}"
            raise InputError(message)
        return given
    if source.path is None:
        message = f"standard input has no suffix that says its format; add --format ({known})"
        raise InputError(message)
    kind = _FORMAT_BY_SUFFIX.get(source.path.suffix.lower())
    if kind is None and source.path.suffix.lower() in {".xlsx", ".xls", ".ods"}:
        message = f"{source.name}: workbooks are not read yet; save the sheet as CSV UTF-8 and give that"
        raise InputError(message)
    if kind is None:
        suffix = f"the suffix {source.path.suffix!r} is not one of" if source.path.suffix else "there is no suffix of"
        message = f"{source.name}: {suffix} {', '.join(_FORMAT_BY_SUFFIX)}; say what it is with --format ({known})"
        raise InputError(message)
    return kind


def _delimiter(source: Source, given: str | None) -> str | None:
    given = {"\\t": "\t", "tab": "\t"}.get(given or "", given)
    if given is not None and (len(given) != 1 or given in '"\r\n'):
        message = f"the delimiter is {given!r}; give one character, or 'tab'"
        raise InputError(message)
    is_tabbed = source.path is not None and source.path.suffix.lower() in {".tsv", ".tab"}
    return "\t" if given is None and is_tabbed else given
