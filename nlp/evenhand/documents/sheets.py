"""Coded descriptors as CSV, JSON Lines or a spreadsheet to review in."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from itertools import zip_longest
from math import ceil
from pathlib import Path
from typing import TYPE_CHECKING, Any

from evenhand.documents.coded import CODE_SCHEMA, FIELDS, CodedDescriptor
from evenhand.documents.reading import Document
from evenhand.scheme import ISSUES, LEVELS
from evenhand.tables.values import cell, json_text

if TYPE_CHECKING:
    from openpyxl.worksheet.worksheet import Worksheet

STATE = "state"  # last column of what can be reviewed: a digest by which an edited row is known
COLUMNS = (*FIELDS, STATE)
NONE_FOUND = "-"  # of search terms that were looked for
DESCRIPTORS, LEVELS_SHEET, WARNINGS, CODES = "descriptors", "levels", "warnings", "codes"
_WIDTHS = {
    "text": 60,
    "section": 24,
    "issues": 26,
    "id": 22,
    "file": 22,
    "native_level": 16,
    "note": 30,
    "model_issues": 26,
    "coder": 16,
}
_WIDTH = 13
_HIDDEN = frozenset({"box", STATE})  # for programs, and kept when a person edits
_LINE = 13.5  # points, of the default type
_WIDER = 1.15  # words leave room at the ends of lines
_MOST_LINES = 30  # Excel shows no row higher than 409 points
_FORMULA = ("=", "+", "-", "@", "\t", "\r")  # a cell that begins so is run as a formula by spreadsheets
SETS = tuple(" ".join(LEVELS[first : last + 1]) for first in range(len(LEVELS)) for last in range(first, len(LEVELS)))


def json_lines(rows: Sequence[CodedDescriptor]) -> str:
    """One object a line."""
    return "".join(json_text({**row.to_dict(), "schema": CODE_SCHEMA}) + "\n" for row in rows)


def comma_separated(rows: Sequence[CodedDescriptor]) -> str:
    """CSV with codes joined by spaces; it can come back edited."""
    stream = io.StringIO()
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow(COLUMNS)
    for row in rows:
        writer.writerow([*(_safe(cell(value)) for value in values(row)), row.state])
    return stream.getvalue()


def values(row: CodedDescriptor) -> list[Any]:
    """A row's cells; several codes are joined by spaces."""
    told = {**row.to_dict(), "keep": "yes" if row.keep else "no"}
    if row.terms_issues == ():
        told["terms_issues"] = NONE_FOUND
    return [" ".join(map(str, told[name])) if isinstance(told[name], list) else told[name] for name in FIELDS]


def workbook(rows: Sequence[CodedDescriptor], beside: Mapping[str, Sequence[Sequence[Any]]], path: Path) -> None:
    """A spreadsheet: descriptors with filters and drop-downs, the lists of codes, and further tables by name.

    Args:
        rows: The descriptors.
        beside: Tables of levels and warnings, heads first; see `tables_beside`.
        path: Where to write.
    """
    from openpyxl import Workbook

    book = Workbook()
    assert book.active is not None
    book.active.title = DESCRIPTORS
    _fill(book.active, [COLUMNS, *([*values(row), row.state] for row in rows)])
    _dress(book.active)
    issues, sets = [str(issue) for issue in ISSUES], list(SETS)
    _fill(book.create_sheet(CODES), [("issues", "level sets"), *zip_longest(issues, sets)])
    _offer(book.active, "levels", f"={CODES}!$B$2:$B${len(sets) + 1}")
    _offer(book.active, "keep", '"yes,no"')
    # Several issues may stand in one cell, so the list of codes helps and does not forbid.
    _offer(book.active, "issues", f"={CODES}!$A$2:$A${len(issues) + 1}", only=False)
    for name, table in beside.items():
        sheet = book.create_sheet(name)
        _fill(sheet, table)
        sheet.column_dimensions["A"].width = 24
        sheet.column_dimensions[sheet.cell(1, len(table[0])).column_letter].width = 90
    book.save(path)


def _fill(sheet: Worksheet, table: Iterable[Sequence[Any]]) -> None:
    """Add rows; text that begins with "=" stays text, and what XML cannot hold is left out."""
    from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE

    for number, row in enumerate(table, 1):
        for column, value in enumerate(row, 1):
            held = sheet.cell(number, column, ILLEGAL_CHARACTERS_RE.sub("", value) if isinstance(value, str) else value)
            if held.data_type == "f":
                held.data_type = "s"


def _dress(sheet: Worksheet) -> None:
    """Widths, wrapped text, heads that stay and filter, and pages to print."""
    from openpyxl.styles import Alignment, Font
    from openpyxl.worksheet.properties import PageSetupProperties

    for held, name in zip(sheet[1], COLUMNS, strict=True):
        held.font = Font(bold=True)
        held.alignment = Alignment(wrap_text=True, vertical="top")
        column = sheet.column_dimensions[held.column_letter]
        column.width, column.hidden = _WIDTHS.get(name, _WIDTH), name in _HIDDEN
    sheet.row_dimensions[1].height = 2 * _LINE  # of the longest names
    for number, row in enumerate(sheet.iter_rows(min_row=2), 2):
        lines = 1
        for held, name in zip(row, COLUMNS, strict=True):
            held.alignment = Alignment(wrap_text=True, vertical="top")
            if name not in _HIDDEN:
                lines = max(lines, ceil(_WIDER * len(str(held.value or "")) / _WIDTHS.get(name, _WIDTH)))
        sheet.row_dimensions[number].height = _LINE * min(lines, _MOST_LINES)
    sheet.freeze_panes = "B2"
    sheet.auto_filter.ref = sheet.dimensions
    # Printed on as many landscape pages as it has rows for, each with all columns and the heads.
    sheet.page_setup.orientation, sheet.print_title_rows = "landscape", "1:1"
    sheet.page_setup.fitToHeight, sheet.sheet_properties.pageSetUpPr = 0, PageSetupProperties(fitToPage=True)


def _offer(sheet: Worksheet, name: str, choices: str, *, only: bool = True) -> None:
    """A drop-down in every row of a column; `only` forbids anything else."""
    from openpyxl.worksheet.datavalidation import DataValidation

    rule = DataValidation(type="list", formula1=choices, allow_blank=True, showErrorMessage=only)
    sheet.add_data_validation(rule)
    letter = sheet.cell(1, COLUMNS.index(name) + 1).column_letter
    rule.add(f"{letter}2:{letter}{max(sheet.max_row, 2)}")


def tables_beside(documents: Sequence[Document]) -> dict[str, list[list[Any]]]:
    """Levels and warnings of documents as tables."""
    levels: list[list[Any]] = [["file", "level", "name", "legal codes", "sure", "because"]]
    warnings: list[list[Any]] = [["file", "page", "warning"]]
    for document in documents:
        for level in document.levels:
            codes = " ".join(level.levels)
            levels.append([document.name, level.native, level.name, codes, level.sure, level.reason])
        warnings += [[document.name, trouble.page, trouble.what] for trouble in document.troubles]
    return {LEVELS_SHEET: levels, WARNINGS: warnings}


def _safe(value: str) -> str:
    """The text, with an apostrophe before what a spreadsheet would run as a formula."""
    return f"'{value}" if value.startswith((*_FORMULA, "'")) else value
