"""Codings as CSV: a row for each coding, and for each text without any; `table_rows` says what a row holds."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Iterator
from itertools import chain

from evenhand.annotate.records import Annotations
from evenhand.annotate.table_rows import COLUMNS, annotations_of, cells
from evenhand.errors import InputError
from evenhand.tables.records import Records

_DELIMITERS = (",", ";", "\t")
# Spreadsheets run a cell that begins so, some after blanks or written wide, and some after a NUL that they drop.
_FORMULA = re.compile(r"'*(?:[\t\r]|[\x00-\x20\ufeff]*[=+\-@＝＋－＠])")


def written(collection: Annotations) -> str:
    """A collection as CSV; `read` gives the same again.

    A cell that a spreadsheet would run as a formula has an apostrophe before it.
    """
    stream = io.StringIO(newline="")
    writer = csv.writer(stream, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    for row in cells(collection):
        writer.writerow([_safe(str(row.get(column, ""))) for column in COLUMNS])
    return stream.getvalue()


def read(content: str, name: str) -> Annotations:
    """Read what `written` wrote, or what a person did, with commas, semicolons or tabs between cells.

    Args:
        content: Of the file.
        name: What it is called in messages.

    Raises:
        InputError: a row is not as it should be; the message says which, without what stands in it.
    """
    lines = io.StringIO(content.removeprefix("\ufeff"), newline="")
    header = next((line for line in lines if line.strip()), "")
    outside = "".join(header.split('"')[::2])
    records = _records(chain([header], lines), max(_DELIMITERS, key=outside.count), name)
    return annotations_of(next(records, []), records, name)


def _safe(cell: str) -> str:
    return f"'{cell}" if _FORMULA.match(cell) else cell


def _records(lines: Iterable[str], delimiter: str, name: str) -> Iterator[list[str]]:
    """Yield the rows of CSV that are not blank.

    Raises:
        InputError: quotation marks are wrong.
    """
    for _, record in Records(iter(lines), delimiter):
        if isinstance(record, str):
            message = f"{name}: {record}"
            raise InputError(message)
        yield [cell[1:] if cell.startswith("'") and _FORMULA.match(cell) else cell for cell in record]
