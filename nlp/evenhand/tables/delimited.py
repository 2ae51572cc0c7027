"""Read delimited text (CSV and its relatives with semicolons and tabs); standard library only.

Cells are strings exactly as written ("00123" stays, NUL bytes stay). Blank lines are no rows. A row with
too many or too few cells, or a quotation mark that is never closed, cannot be read: guessing would shift texts
between rows.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain

from evenhand.errors import InputError
from evenhand.tables.columns import looks_like_text, show_names
from evenhand.tables.records import Records
from evenhand.tables.table import Row, Table, in_chunks, readable

# Not csv.Sniffer: it looks for regularities in the texts as well, and settles on letters or commas in prose.
_DELIMITERS = (",", ";", "\t")


def csv_table(lines: Iterator[str], name: str, *, delimiter: str | None, chunk_rows: int) -> Table:
    """Read a header and give the rows below it; without `delimiter` the header decides.

    Raises:
        InputError: the file is empty, two columns have one name, or a row cannot be read.
    """
    columns, rows = csv_rows(lines, name, delimiter=delimiter)
    return Table(name, "csv", columns, in_chunks(readable(rows, name), name, chunk_rows))


def csv_rows(lines: Iterator[str], name: str, *, delimiter: str | None) -> tuple[tuple[str, ...], Iterator[Row | str]]:
    """Read a header; return the columns and the rows below it, or why a row cannot be read.

    Raises:
        InputError: the file is empty, the header cannot be read, or two columns have one name.
    """
    leading = []
    for line in lines:
        leading.append(line)
        if line.strip("\r\n"):
            break
    else:
        message = f"{name} is empty; check that it is the file you meant"
        raise InputError(message)
    delimiter = delimiter or _detected(leading[-1])
    records = iter(Records(chain(leading, lines), delimiter))
    _, columns = next(records)
    if isinstance(columns, str):
        message = f"{name}: {columns}"
        raise InputError(message)
    repeated = sorted({column for column in columns if columns.count(column) > 1})
    if repeated:
        message = f"{name}: several columns are called {show_names(repeated)}; give each its own name"
        raise InputError(message)
    return tuple(columns), _rows(records, tuple(columns), delimiter)


def _detected(header: str) -> str:
    """Return the delimiter that a header has most outside quotation marks; a comma if it has none."""
    outside = "".join(header.split('"')[::2])
    return max(_DELIMITERS, key=outside.count)


def _rows(
    records: Iterator[tuple[int, list[str] | str]], columns: tuple[str, ...], delimiter: str
) -> Iterator[Row | str]:
    for number, (line, record) in enumerate(records, start=1):
        if isinstance(record, str):
            yield record
        elif len(record) == len(columns):
            yield dict(zip(columns, record, strict=True))
        else:
            shown = "tab" if delimiter == "\t" else delimiter
            reason = (
                f"row {number:,} (line {line:,}) has {len(record)} cells and the header has"
                f" {len(columns)}; put cells that contain the delimiter ({shown}) in quotation marks, or name"
                " another --delimiter"
            )
            yield reason + ("; the header line itself looks like a text" if looks_like_text(columns[0]) else "")
