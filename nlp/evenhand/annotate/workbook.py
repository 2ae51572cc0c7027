"""Codings as an Excel workbook: a sheet to read and edit them in, and a guide to its columns and codes.

Cells are escaped as Office Open XML does it (ECMA-376 Part 1, 22.9.2.19, ST_Xstring): _x000D_ is a carriage return, and
_x005F_ the underscore before what would be read as such a code. The two code points that XML does not have, U+FFFE and
U+FFFF, are first written as _xFFFE_ and _xFFFF_, by the same rules, so that a spreadsheet shows them so.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterator, Sequence
from math import ceil
from typing import TYPE_CHECKING, Any

from evenhand.annotate.records import Annotations
from evenhand.annotate.table_rows import COLUMNS, Cell, annotations_of, cells
from evenhand.annotate.workbook_guide import CHOICES, guide
from evenhand.errors import InputError
from evenhand.tables.values import cell
from evenhand.tables.workbook import Sheet, open_sheet

if TYPE_CHECKING:
    from openpyxl.worksheet.worksheet import Worksheet

CODINGS, GUIDE = "Codings", "Guide"
_LONGEST = 32_767  # of a cell; openpyxl would cut what is longer, without a word
_MOST_ROWS = 1_048_576  # of a sheet
_WIDTHS = {
    "unit": 18,
    "text": 60,
    "data": 24,
    "id": 18,
    "made": 20,
    "issues": 26,
    "note": 30,
    "other": 20,
    "levels": 11,
}
_WIDTH = 13
_GUIDE_WIDTHS = (18, 28, 90)
_LINE = 15.0  # points, of the default type
_MOST_LINES = 12  # of a row; a longer text is read in the formula bar, and the next row is still in sight
_CONTROLS = re.compile(r"_(?=x[0-9A-Fa-f]{4}(?:_|[\x00-\x08\x0b-\x1f]))|[\x00-\x08\x0b-\x1f]")
_NO_XML = re.compile(r"_(?=x(?:FFFE|FFFF|005F)(?:_|[\ufffe\uffff]))|[\ufffe\uffff]")
_NO_XML_READ = re.compile("_x(FFFE|FFFF|005F)_")
_FORMULA = ("=", "+", "-", "@", "\t", "\r")  # becomes one when somebody edits the cell, unless it is marked as text


def written(collection: Annotations) -> bytes:
    """A collection as a workbook; `read` gives the same again.

    Raises:
        InputError: a text or another cell is too long, or there are too many codings.
    """
    from openpyxl import Workbook

    book = Workbook()
    sheet, beside = book.active, book.create_sheet(GUIDE)
    sheet.title = CODINGS
    _fill(sheet, collection)
    _dress(sheet, tuple(_WIDTHS.get(column, _WIDTH) for column in COLUMNS))
    sheet.freeze_panes = "C2"  # the unit and its text stay
    rows = guide()
    for row in rows:
        beside.append(row)
    _dress(beside, _GUIDE_WIDTHS)
    beside.freeze_panes = "A2"
    _offer(sheet, rows)
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def read(content: bytes, name: str) -> Annotations:
    """Read what `written` wrote, or a person: the sheet "Codings", or else the first that is shown.

    Args:
        content: Of the file.
        name: What it is called in messages.

    Raises:
        InputError: it is no workbook, or a row is not as it should be; the message says which, without what is in it.
    """
    stream = io.BytesIO(content)
    with open_sheet(stream, name, sheet=None) as first:
        if CODINGS not in first.others:
            return annotations_of(first.columns, _rows(first, name), name)
    stream.seek(0)
    with open_sheet(stream, name, sheet=CODINGS) as sheet:
        return annotations_of(sheet.columns, _rows(sheet, name), name)


def _rows(sheet: Sheet, name: str) -> Iterator[list[str]]:
    for row in sheet.rows:
        if isinstance(row, str):
            message = f"{name}: {row}"
            raise InputError(message)
        yield [_NO_XML_READ.sub(lambda code: chr(int(code[1], 16)), cell(row[column])) for column in sheet.columns]


def escaped(text: str) -> str:
    r"""A text as a workbook holds it.

    >>> escaped("one\rtwo _x000D_")
    'one_x000D_two _x005F_x000D_'
    """
    return _CONTROLS.sub(_code, _NO_XML.sub(_code, text))


def _code(found: re.Match[str]) -> str:
    return f"_x{ord(found[0]):04X}_"


def _fill(sheet: Worksheet, collection: Annotations) -> None:
    """Write the header and the rows.

    Raises:
        InputError: something is too long, or there are too many codings.
    """
    sheet.append(COLUMNS)
    for number, row in enumerate(cells(collection), 2):
        if number > _MOST_ROWS:
            message = f"a sheet holds {_MOST_ROWS:,} rows, and there are more codings; use CSV or JSON Lines"
            raise InputError(message)
        for place, column in enumerate(COLUMNS, 1):
            value = row.get(column, "")
            if value != "":
                _put(sheet.cell(number, place), value, f"column {column!r} of text {row.get('unit')}")


def _put(held: Any, value: Cell, where: str) -> None:  # noqa: ANN401 - openpyxl has no types
    """Set a cell; a number stays one where a spreadsheet keeps all of its digits, and text is never a formula.

    Raises:
        InputError: it is too long.
    """
    if not isinstance(value, str) and float(f"{value:.15g}") == value:
        held.value = value
        return
    text = escaped(str(value))
    if len(text.encode("utf-16-le")) // 2 > _LONGEST:
        message = f"{where} is longer than the {_LONGEST:,} characters that a cell holds; use CSV or JSON Lines"
        raise InputError(message)
    held.value, held.data_type = text, "s"
    if text.startswith(_FORMULA):
        held.quotePrefix = True


def _dress(sheet: Worksheet, widths: Sequence[int]) -> None:
    """Widths, wrapped text, a header that filters and prints on every page."""
    from openpyxl.styles import Alignment, Font, PatternFill
    from openpyxl.worksheet.properties import PageSetupProperties

    wrapped = Alignment(wrap_text=True, vertical="top")
    for held, width in zip(sheet[1], widths, strict=True):
        held.font, held.fill = Font(bold=True, color="FFFFFF"), PatternFill("solid", fgColor="1D3557")
        sheet.column_dimensions[held.column_letter].width = width
    for number, row in enumerate(sheet.iter_rows(), 1):
        lines = 1
        for held, width in zip(row, widths, strict=False):
            if held.value is not None:
                held.alignment = wrapped
                lines = max(lines, sum(ceil((len(line) + 1) / width) for line in str(held.value).split("\n")))
        sheet.row_dimensions[number].height = _LINE * min(lines, _MOST_LINES)
    sheet.auto_filter.ref = sheet.dimensions
    sheet.page_setup.orientation, sheet.print_title_rows = "landscape", "1:1"
    sheet.page_setup.fitToHeight, sheet.sheet_properties.pageSetUpPr = 0, PageSetupProperties(fitToPage=True)


def _offer(sheet: Worksheet, rows: Sequence[Sequence[str]]) -> None:
    """Lists of codes to choose from, from the guide, also in rows still to be filled; and what numbers may be."""
    from openpyxl.utils import get_column_letter
    from openpyxl.worksheet.datavalidation import DataValidation

    rules = {
        "severity": DataValidation("decimal", operator="between", formula1="1", formula2="6"),
        "confidence": DataValidation("decimal", operator="between", formula1="0", formula2="1"),
    }
    for column, only in CHOICES.items():
        places = [number for number, row in enumerate(rows, 1) if row[0] == column and row[1]]
        rules[column] = DataValidation("list", f"{GUIDE}!$B${places[0]}:$B${places[-1]}", showErrorMessage=only)
    for column, rule in rules.items():
        rule.allow_blank = True
        rule.error = f"{column} is not one of the codes in the sheet {GUIDE}" if rule.type == "list" else None
        sheet.add_data_validation(rule)
        letter = get_column_letter(COLUMNS.index(column) + 1)
        rule.add(f"{letter}2:{letter}{_MOST_ROWS}")
