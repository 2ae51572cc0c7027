"""Turn the XML of a workbook's row into plain JSON values, by openpyxl; which is imported only for workbooks.

Text stays text, numbers and true and false are themselves, dates and times are ISO 8601 text (durations
hours:minutes:seconds), a formula is the value that was saved with it, and an empty cell or an error such as #N/A is
null. Of merged cells the first has the value.
"""

from __future__ import annotations

import math
import re
import warnings
from datetime import date, datetime, time, timedelta
from typing import Any
from xml.etree.ElementTree import Element

from openpyxl.styles.numbers import BUILTIN_FORMATS, is_datetime
from openpyxl.worksheet._reader import WorkSheetParser

_CUSTOM_FORMATS = 164  # numbers of formats below are Excel's own
_ESCAPED = re.compile("_x(00[01][0-9A-Fa-f]|005[Ff])_")  # control characters, and the underscore that escapes one
_ERROR = "e"

Cells = dict[int, Any]  # column, from 1, to value; only those that hold something


class CellReader:
    """Reads rows of one sheet."""

    def __init__(self, book: Any, shared_texts: Any) -> None:  # noqa: ANN401 - openpyxl has no types
        self._parser = WorkSheetParser(
            None,
            shared_texts,
            data_only=True,
            epoch=book.epoch,
            date_formats=book._date_formats,
            timedelta_formats=book._timedelta_formats,
        )
        self._days = {style for style in book._date_formats if is_datetime(_format(book, style)) == "date"}

    @property
    def row(self) -> int:
        """Number of the row that was read last, as a spreadsheet shows it; 0 before the first."""
        return int(self._parser.row_counter)

    def cells(self, row: Element) -> Cells:
        """Return the cells of a row that hold something.

        Raises:
            Exception: a cell cannot be read; what openpyxl raises then has no common base.
        """
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of dates that no calendar has; they come as errors
            _, cells = self._parser.parse_row(row)
        self._parser.row_dimensions.clear()  # it collects the heights of rows
        kept = (
            (cell["column"], _value(cell["value"], is_day=cell["style_id"] in self._days))
            for cell in cells
            if cell["data_type"] != _ERROR
        )
        return {column: value for column, value in kept if value is not None}


def _format(book: Any, style: int) -> str:  # noqa: ANN401
    number = book._cell_styles[style].numFmtId
    if number < _CUSTOM_FORMATS:
        return str(BUILTIN_FORMATS.get(number, "General"))
    return str(book._number_formats[number - _CUSTOM_FORMATS])


def _value(value: object, *, is_day: bool) -> object:
    """Return a cell's value with a type that JSON has; None for what holds nothing.

    Args:
        value: What openpyxl made of it.
        is_day: It is shown as a date without a time.
    """
    if isinstance(value, str):
        return _ESCAPED.sub(lambda code: chr(int(code[1], 16)), value) or None
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, datetime):
        if is_day and value.time() == time():
            return value.date().isoformat()
        return value.isoformat(timespec="milliseconds" if value.microsecond else "seconds")
    if isinstance(value, timedelta):
        seconds = round(abs(value).total_seconds())
        sign = "-" if value < timedelta() else ""
        return f"{sign}{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}"
    return value.isoformat() if isinstance(value, date | time) else value
