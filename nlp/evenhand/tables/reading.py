"""Open a table for reading, whatever its format; no coding, no writing.

Values are kept as they are written, NUL bytes included. In CSV and JSON Lines a blank line is no row, as
everywhere; in plain text it is a blank text, because there each line is one. Whatever cannot be read is an
`InputError` that names file and row, or for `tolerant` reading a `Rejected` row.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import replace
from itertools import chain

from evenhand.errors import InputError
from evenhand.tables.columns import show_names
from evenhand.tables.inputs import Input, called, sources
from evenhand.tables.kinds import column_kinds
from evenhand.tables.packed import PACKINGS
from evenhand.tables.rows import Layout, Part, all_rows, open_part
from evenhand.tables.source import Source
from evenhand.tables.table import Table, in_chunks

FORMATS = ("csv", "jsonl", "parquet", "txt", "xlsx")
FORMAT_BY_SUFFIX = {
    ".csv": "csv",
    ".tsv": "csv",
    ".tab": "csv",
    ".jsonl": "jsonl",
    ".ndjson": "jsonl",
    ".parquet": "parquet",
    ".txt": "txt",
    ".xlsx": "xlsx",
    ".xlsm": "xlsx",
}
_PACKED_INSIDE = {"parquet", "xlsx"}
_TYPED_BY_CELL = {"jsonl", "xlsx"}  # what a column holds is known only when all rows were seen
_WORKBOOKS = {".xls", ".xlsb", ".ods"}
_MOST_WITHOUT_ROWS = 64  # chunks to look through for the first row that says which columns JSON Lines have


@contextmanager
def open_table(
    source: Input,
    *,
    format: str | None = None,  # noqa: A002 - the name of the command's option
    encoding: str | None = None,
    delimiter: str | None = None,
    sheet: str | None = None,
    chunk_rows: int,
    complete: bool = False,
    tolerant: bool = False,
) -> Iterator[Table]:
    """Open a table for reading.

    CSV, JSON Lines and text may be compressed with gzip, bzip2, xz or Zstandard. Several files make one table, whose
    rows are numbered over all; their format and, but for JSON Lines, their columns must be the same.

    Args:
        source: A path, `-` for standard input, a pattern, or several paths; see `inputs`.
        format: One of `FORMATS`; by default the file's suffix says.
        encoding: Of CSV, JSON Lines and text; by default UTF-8, or what the byte order mark says.
        delimiter: Of CSV, one character; by default the one of comma, semicolon and tab that the header has
            most.
        sheet: Of a workbook; by default the first that is shown.
        chunk_rows: Rows to a chunk, rejected ones counted.
        complete: Know all columns and what they hold before the first row: JSON Lines and workbooks are then read
            twice, and standard input is held in memory.
        tolerant: Give a row that cannot be read as `Rejected`, and go on. Of a record whose quotation marks are
            wrong only the first line is rejected, and the lines behind it are read as rows.

    Raises:
        InputError: the table cannot be read; also raised while going through the chunks.
    """
    found = sources(source)
    name, kind = called(source, found), _common_format(found, format)
    if kind == "parquet":
        from evenhand.tables.parquet import open_parquet

        with open_parquet(found, name, chunk_rows=chunk_rows) as table:
            yield table
        return
    layout = Layout(kind, encoding, _delimiter(found[0], delimiter), sheet)
    if kind == "jsonl" and complete:
        found[0].hold()
    with open_part(found[0], layout) as first:
        _check_columns(found, first, layout)
        kinds = _kinds(found, layout, tolerant=tolerant) if complete and kind in _TYPED_BY_CELL else {}
        with closing(all_rows(first, found, layout, tolerant=tolerant)) as rows:
            table = Table(name, kind, first.columns, in_chunks(rows, name, chunk_rows), kinds)
            table = replace(table, other_sheets=first.other_sheets)
            yield _with_keys(table, complete=complete) if kind == "jsonl" else table


def _kinds(found: Sequence[Source], layout: Layout, *, tolerant: bool) -> dict[str, str]:
    with open_part(found[0], layout) as first, closing(all_rows(first, found, layout, tolerant=tolerant)) as rows:
        return column_kinds(rows)


def _with_keys(table: Table, *, complete: bool) -> Table:
    """Return a table of JSON Lines with its columns: all keys, or those of the first chunk that has rows."""
    if complete:
        return replace(table, columns=tuple(table.kinds))
    seen = []
    for chunk in table.chunks:
        seen.append(chunk)
        if chunk.rows or len(seen) == _MOST_WITHOUT_ROWS:
            break
    keys = dict.fromkeys(key for chunk in seen for row in chunk.rows for key in row)
    return replace(table, columns=tuple(keys), chunks=chain(seen, table.chunks))


def _check_columns(found: Sequence[Source], first: Part, layout: Layout) -> None:
    """Raise if files have different columns, before any row is read.

    Raises:
        InputError: which names differ, in which file.
    """
    for source in found[1:]:
        with open_part(source, layout) as part:
            lacking = [name for name in first.columns if name not in part.columns]
            more = [name for name in part.columns if name not in first.columns]
        if lacking or more:
            differences = [f"lacks {show_names(lacking)}"] if lacking else []
            differences += [f"has {show_names(more)} besides"] if more else []
            message = (
                f"{source.name}: its columns are not those of {found[0].name}: it {' and '.join(differences)};"
                " rename the columns, or read the files one by one"
            )
            raise InputError(message)


def _common_format(found: Sequence[Source], given: str | None) -> str:
    kinds = [_format(source, given) for source in found]
    for source, kind in zip(found, kinds, strict=True):
        if kind != kinds[0]:
            message = f"{found[0].name} is {kinds[0]} and {source.name} is {kind}; give files of one format"
            raise InputError(message)
        if kind in _PACKED_INSIDE and source.packing:
            message = f"{source.name}: {kind} is compressed inside, and not read from {source.packing}; unpack it first"
            raise InputError(message)
    return kinds[0]


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
    kind = FORMAT_BY_SUFFIX.get(source.suffix)
    if kind is None and source.suffix in _WORKBOOKS:
        message = f"{source.name}: of workbooks only .xlsx is read; save it as that, or the sheet as CSV UTF-8"
        raise InputError(message)
    if kind is None:
        suffix = f"the suffix {source.suffix!r} is not one of" if source.suffix else "there is no suffix of"
        packed = f", each perhaps with {', '.join(PACKINGS)}" if source.suffix in {".zip", ".7z", ".rar"} else ""
        message = (
            f"{source.name}: {suffix} {', '.join(FORMAT_BY_SUFFIX)}{packed}; say what it is with --format ({known})"
        )
        raise InputError(message)
    return kind


def _delimiter(source: Source, given: str | None) -> str | None:
    given = {"\\t": "\t", "tab": "\t"}.get(given or "", given)
    if given is not None and (len(given) != 1 or given in '"\r\n'):
        message = f"the delimiter is {given!r}; give one character, or 'tab'"
        raise InputError(message)
    return "\t" if given is None and source.suffix in {".tsv", ".tab"} else given
