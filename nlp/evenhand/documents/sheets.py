"""Coded descriptors as CSV, JSON Lines or a spreadsheet to review in."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from evenhand.documents.coded import CODE_SCHEMA, FIELDS, CodedDescriptor
from evenhand.documents.reading import Document
from evenhand.errors import OutputError
from evenhand.scheme import ISSUES, LEVELS
from evenhand.tables.values import cell, json_text

SUFFIXES = (".jsonl", ".csv", ".xlsx", ".html")
STATE = "state"  # last column of what can be reviewed: a digest by which an edited row is known
DESCRIPTORS, LEVELS_SHEET, WARNINGS, CODES = "descriptors", "levels", "warnings", "codes"
_WIDTHS = {"text": 70, "section": 24, "issues": 34, "id": 22, "file": 22, "native_level": 16, "note": 30}
_FORMULA = ("=", "+", "-", "@", "\t", "\r")  # a cell that begins so is run as a formula by spreadsheets
SETS = tuple(" ".join(LEVELS[first : last + 1]) for first in range(len(LEVELS)) for last in range(first, len(LEVELS)))


def json_lines(rows: Sequence[CodedDescriptor]) -> str:
    """One object a line."""
    return "".join(json_text({**row.to_dict(), "schema": CODE_SCHEMA}) + "\n" for row in rows)


def comma_separated(rows: Sequence[CodedDescriptor]) -> str:
    """CSV with codes joined by spaces; it can come back edited."""
    stream = io.StringIO()
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow((*FIELDS, STATE))
    for row in rows:
        writer.writerow([*(_safe(value) for value in values(row)), row.state])
    return stream.getvalue()


def values(row: CodedDescriptor) -> list[str]:
    """A row's cells as text; several codes are joined by spaces."""
    told = row.to_dict()
    told["keep"] = "yes" if row.keep else "no"
    return [" ".join(map(str, told[name])) if isinstance(told[name], list) else cell(told[name]) for name in FIELDS]


def workbook(rows: Sequence[CodedDescriptor], beside: Mapping[str, Sequence[Sequence[Any]]], path: Path) -> None:
    """A spreadsheet: descriptors with filters and drop-downs, the lists of codes, and further tables by name.

    Args:
        rows: The descriptors.
        beside: Tables of levels and warnings, heads first; see `tables_beside`.
        path: Where to write.
    """
    from openpyxl import Workbook
    from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
    from openpyxl.styles import Alignment, Font
    from openpyxl.utils import get_column_letter
    from openpyxl.worksheet.datavalidation import DataValidation

    def clean(value: Any) -> Any:  # noqa: ANN401 - a cell
        return ILLEGAL_CHARACTERS_RE.sub("", value) if isinstance(value, str) else value

    book = Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.title = DESCRIPTORS
    columns = (*FIELDS, STATE)
    sheet.append(columns)
    for row in rows:
        told = {**row.to_dict(), "keep": "yes" if row.keep else "no", STATE: row.state}
        sheet.append([clean(" ".join(map(str, v)) if isinstance(v, list) else v) for v in told.values()])
    for number, name in enumerate(columns, 1):
        letter = get_column_letter(number)
        sheet.column_dimensions[letter].width = _WIDTHS.get(name, 12)
        sheet.cell(1, number).font = Font(bold=True)
    for found in sheet.iter_rows(min_row=2):
        for part in found:
            part.alignment = Alignment(wrap_text=True, vertical="top")
            if part.data_type == "f":
                part.data_type = "s"  # text that begins with "=" is text
    sheet.freeze_panes = "B2"
    sheet.auto_filter.ref = sheet.dimensions
    codes = book.create_sheet(CODES)
    codes.append(("issues", "level sets"))
    for number in range(max(len(ISSUES), len(SETS))):
        codes.append(
            (str(ISSUES[number]) if number < len(ISSUES) else None, SETS[number] if number < len(SETS) else None)
        )
    last = len(rows) + 1
    for name, formula in (
        ("levels", f"={CODES}!$B$2:$B${len(SETS) + 1}"),
        ("keep", '"yes,no"'),
    ):
        rule = DataValidation(type="list", formula1=formula, allow_blank=True)
        sheet.add_data_validation(rule)
        letter = get_column_letter(columns.index(name) + 1)
        rule.add(f"{letter}2:{letter}{max(last, 2)}")
    # Several issues may stand in one cell, so the list of codes helps and does not forbid.
    rule = DataValidation(
        type="list", formula1=f"={CODES}!$A$2:$A${len(ISSUES) + 1}", allow_blank=True, showErrorMessage=False
    )
    sheet.add_data_validation(rule)
    letter = get_column_letter(columns.index("issues") + 1)
    rule.add(f"{letter}2:{letter}{max(last, 2)}")
    for name, table in beside.items():
        other = book.create_sheet(name)
        for row_of_table in table:
            other.append([clean(value) for value in row_of_table])
        other.column_dimensions["A"].width = 24
        other.column_dimensions[get_column_letter(len(table[0]))].width = 90
    book.save(path)


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


def check_suffix(path: Path) -> str:
    """The format that a path's suffix asks for.

    Raises:
        OutputError: another suffix.
    """
    suffix = path.suffix.lower()
    if suffix not in SUFFIXES:
        message = f"{path}: the suffix says the format; use one of {', '.join(SUFFIXES)}"
        raise OutputError(message)
    return suffix


def _safe(value: str) -> str:
    """The text, with an apostrophe before what a spreadsheet would run as a formula."""
    return f"'{value}" if value.startswith(_FORMULA) else value
