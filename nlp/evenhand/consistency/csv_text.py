"""Small tables as CSV that programs read and spreadsheets show without running anything in them."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence

from evenhand.tables.values import cleaned

_DIGITS = 4  # of severities and probabilities; none is known more closely
_FORMULA = ("=", "+", "-", "@", "\t", "\r")  # a text that begins so is run as a formula by spreadsheets
_KEPT = "'"  # before such a text, and before one that begins so itself, so that it can be taken off again

Cell = str | float | bool | None


def csv_text(header: Sequence[str], rows: Iterable[Sequence[Cell]]) -> str:
    """A header and rows: true is yes, false no, None empty; texts that look like formulas are kept from running."""
    stream = io.StringIO()
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow(header)
    writer.writerows([_cell(value) for value in row] for row in rows)
    return stream.getvalue()


def _cell(value: Cell) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, str):
        told = cleaned(value)
        return f"{_KEPT}{told}" if told.startswith((*_FORMULA, _KEPT)) else told
    return str(value) if isinstance(value, int) else str(round(value, _DIGITS))
