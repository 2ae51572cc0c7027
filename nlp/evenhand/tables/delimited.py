"""Read delimited text (CSV and its relatives with semicolons and tabs); standard library only.

Cells are strings exactly as written ("00123" stays, NUL bytes stay). Blank lines are no rows. A row with
too many or too few cells, or a quotation mark that is never closed, is an error: guessing would shift texts
between rows.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator
from itertools import chain

from evenhand.errors import InputError
from evenhand.tables.columns import looks_like_text, show_names
from evenhand.tables.table import Row, Table, in_chunks

# Not csv.Sniffer: it looks for regularities in the texts as well, and settles on letters or commas in prose.
_DELIMITERS = (",", ";", "\t")
# Characters of a cell: the default of 131,072 refuses long case files; this is the largest a C long holds.
_CELL_LIMIT = 2**31 - 1


def csv_table(lines: Iterator[str], name: str, *, delimiter: str | None, chunk_rows: int) -> Table:
    """Read a header and give the rows below it; without `delimiter` the header decides.

    Raises:
        InputError: the file is empty, or two columns have one name.
    """
    csv.field_size_limit(max(_CELL_LIMIT, csv.field_size_limit()))  # a setting of the whole process; only ever raised
    leading = []
    for line in lines:
        leading.append(line)
        if line.strip("\r\n"):
            break
    else:
        message = f"{name} is empty; check that it is the file you meant"
        raise InputError(message)
    delimiter = delimiter or _detected(leading[-1])
    records = _records(chain(leading, lines), name, delimiter)
    columns = tuple(next(records)[1])
    repeated = sorted({column for column in columns if columns.count(column) > 1})
    if repeated:
        message = f"{name}: several columns are called {show_names(repeated)}; give each its own name"
        raise InputError(message)
    rows = _csv_rows(records, columns, name, delimiter)
    return Table(name, "csv", columns, in_chunks(rows, name, chunk_rows))


def _detected(header: str) -> str:
    """Return the delimiter that a header has most outside quotation marks; a comma if it has none."""
    outside = "".join(header.split('"')[::2])
    return max(_DELIMITERS, key=outside.count)


def _records(lines: Iterable[str], name: str, delimiter: str) -> Iterator[tuple[int, list[str]]]:
    """Yield the records of a CSV file with the line each begins at, without blank lines.

    Raises:
        InputError: a quotation mark that is not closed, or has something behind it.
    """
    reader = csv.reader(lines, delimiter=delimiter, strict=True)
    while True:
        line = reader.line_num + 1
        try:
            record = next(reader, None)
        except csv.Error as error:
            what = (
                "a quotation mark is opened and never closed"
                if "end of data" in str(error)
                else "a quotation mark inside a cell is not doubled, or a cell is damaged"
            )
            message = f"{name}: in the row that begins at line {line:,} {what}; correct the quotation marks there"
            raise InputError(message) from None
        if record is None:
            return
        if record:
            yield line, record


def _csv_rows(
    records: Iterator[tuple[int, list[str]]], columns: tuple[str, ...], name: str, delimiter: str
) -> Iterator[Row]:
    for number, (line, record) in enumerate(records, start=1):
        if len(record) != len(columns):
            shown = "tab" if delimiter == "\t" else delimiter
            message = (
                f"{name}: row {number:,} (line {line:,}) has {len(record)} cells and the header has"
                f" {len(columns)}; put cells that contain the delimiter ({shown}) in quotation marks, or name"
                " another --delimiter"
            )
            if looks_like_text(columns[0]):
                message += "; the header line itself looks like a text"
            raise InputError(message)
        yield dict(zip(columns, record, strict=True))
