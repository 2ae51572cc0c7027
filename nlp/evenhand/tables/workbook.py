"""Read a sheet of an .xlsx workbook row by row; openpyxl is imported only for it.

openpyxl reads the workbook's list of sheets and its styles, and turns cells into values. Rows are taken from the
sheet's XML one at a time and let go, which openpyxl's own worksheets do not: they keep something of every row.
Blank rows are no rows. The first row that is not blank has the names of the columns.
"""

from __future__ import annotations

import warnings
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import IO, TYPE_CHECKING, Any, BinaryIO
from xml.etree.ElementTree import Element, ParseError, iterparse
from zipfile import BadZipFile

from evenhand.errors import InputError, did_you_mean
from evenhand.tables.columns import show_names
from evenhand.tables.shared_texts import MAIN, SharedTexts
from evenhand.tables.table import Row
from evenhand.tables.values import cell
from evenhand.tables.workbook_guard import Bounded, TooMuchError, check_workbook

if TYPE_CHECKING:
    from evenhand.tables.workbook_cells import CellReader, Cells

_SHEET, _DATA, _ROW = f"{MAIN}worksheet", f"{MAIN}sheetData", f"{MAIN}row"
_FAILURES = (ParseError, BadZipFile, zlib.error, EOFError, OSError, TooMuchError)  # of a part that is damaged


@dataclass(frozen=True)
class Sheet:
    """A sheet that is open.

    Attributes:
        columns: The names in its first row.
        rows: The rows below it, or why one cannot be read.
        others: Names of the workbook's other visible sheets.
    """

    columns: tuple[str, ...]
    rows: Iterator[Row | str]
    others: tuple[str, ...]


@contextmanager
def open_sheet(stream: BinaryIO, name: str, *, sheet: str | None) -> Iterator[Sheet]:
    """Open a sheet, by default the first visible one.

    Raises:
        InputError: the file is no workbook that can be read, there is no such sheet, or its first row has no names
            or one twice.
    """
    check_workbook(stream, name)
    reader, sheets = _opened(stream, name)
    shown = [title for title, (_, visible) in sheets.items() if visible]
    title = sheet or next(iter(shown), "")
    if title not in sheets:
        message = f"{name} has no sheet {title!r}{did_you_mean(title, list(sheets))}" if sheet else ""
        raise InputError(message or f"{name} has no visible sheet; show the one with the texts")
    from evenhand.tables.workbook_cells import CellReader

    with reader.archive.open(sheets[title][0]) as part:
        numbered = _numbered(part, CellReader(reader.wb, reader.shared_strings), name)
        place, header = next(numbered, (0, {}))
        if isinstance(header, str) or not header:
            message = f"{name}: {header}" if header else f"{name} is empty; check that it is the sheet you meant"
            raise InputError(message)
        columns = _columns(header, name)
        yield Sheet(tuple(columns.values()), _rows(numbered, columns, place), tuple(t for t in shown if t != title))


def _opened(stream: BinaryIO, name: str) -> tuple[Any, dict[str, tuple[str, bool]]]:
    """Return openpyxl's reader, and the sheets by title: the part that each is in, and whether it is shown."""
    from openpyxl.reader.excel import ExcelReader
    from openpyxl.styles.stylesheet import apply_stylesheet
    from openpyxl.xml.constants import SHARED_STRINGS

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of styles and extensions, which do not matter for reading
            reader = ExcelReader(stream, read_only=True, data_only=True, keep_links=False)
            reader.read_manifest()
            reader.read_workbook()
            apply_stylesheet(reader.archive, reader.wb)
            sheets = {
                sheet.name: (relation.target, sheet.state == "visible")
                for sheet, relation in reader.parser.find_sheets()
                if relation.target in reader.valid_files and relation.Type.endswith("/worksheet")
            }
        shared = reader.package.find(SHARED_STRINGS)
        if shared is not None:
            with reader.archive.open(shared.PartName[1:]) as part:
                reader.shared_strings = SharedTexts(part)
    except Exception as error:  # what a damaged workbook makes its parser raise has no common base
        message = f"{name} is not a workbook that can be read; open it in Excel and save it again as .xlsx"
        raise InputError(message) from error
    return reader, sheets


def _numbered(part: IO[bytes], reader: CellReader, name: str) -> Iterator[tuple[int, Cells | str]]:
    """Yield the rows that are not blank with their numbers in the sheet, or why one cannot be read.

    Raises:
        InputError: the sheet is damaged.
    """
    bounded = Bounded(part)
    events = iterparse(bounded, events=("start", "end"))  # noqa: S314
    data: Element | None = None
    while True:
        try:
            event, element = next(events)
        except (*_FAILURES, StopIteration):
            message = f"{name} is damaged after row {reader.row:,} of the sheet; open it in Excel and save it again"
            raise InputError(message) from None
        if data is None:
            _check_kind(element.tag, name)
            data = element if element.tag == _DATA else None
        elif event == "start":
            continue
        elif element.tag == _ROW:
            found = _cells(reader, element)
            if found:
                yield reader.row, found
            data.clear()
            bounded.begin()
        elif element.tag == _DATA:
            return


def _check_kind(tag: str, name: str) -> None:
    if tag.endswith("}worksheet") and tag != _SHEET:
        message = f"{name} is saved as Strict Open XML; save it as Excel Workbook (.xlsx)"
        raise InputError(message)


def _cells(reader: CellReader, row: Element) -> Cells | str:
    try:
        return reader.cells(row)
    except Exception:  # what openpyxl raises has no common base
        return f"row {reader.row:,} of the sheet has a cell that cannot be read; enter it again"


def _columns(header: Cells, name: str) -> dict[int, str]:
    """Return the names by column.

    Raises:
        InputError: several have one name.
    """
    named = {column: cell(value) for column, value in header.items()}
    columns = {column: named[column] for column in sorted(named) if named[column].strip()}
    names = list(columns.values())
    repeated = sorted({title for title in names if names.count(title) > 1})
    if repeated:
        message = f"{name}: several columns are called {show_names(repeated)}; give each its own name"
        raise InputError(message)
    return columns


def _rows(numbered: Iterator[tuple[int, Cells | str]], columns: dict[int, str], place: int) -> Iterator[Row | str]:
    from openpyxl.utils import get_column_letter

    for number, cells in numbered:
        if isinstance(cells, str):
            yield cells
            continue
        beside = [column for column in cells.keys() - columns.keys() if cell(cells[column]).strip()]
        if beside:
            letter = get_column_letter(min(beside))
            yield (
                f"row {number:,} of the sheet has something in column {letter}, which has no name in row {place:,};"
                " name the column there, or empty the cell"
            )
        else:
            yield {name: cells.get(column) for column, name in columns.items()}
