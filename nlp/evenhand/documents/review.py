"""A sheet that a person has edited, read back: what was changed is theirs, and everything else stays as it was."""

from __future__ import annotations

import io
import json
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import replace
from functools import partial
from math import isfinite, nan
from pathlib import Path
from typing import Any, TypeVar

from evenhand.documents.archives import check_archive
from evenhand.documents.coded import BLIND, FIELDS, CodedDescriptor
from evenhand.documents.level_sets import checked_set
from evenhand.documents.sheets import CODES, COLUMNS, DESCRIPTORS, NONE_FOUND, STATE
from evenhand.errors import InputError, VocabularyError
from evenhand.scheme import LEVELS, Issue, Level, parse_code
from evenhand.tables.delimited import csv_table

_CHUNK = 1_000  # rows read at a time
_YES = frozenset({"", "yes", "y", "true", "1"})
_NO = frozenset({"no", "n", "false", "0"})
_LEAST, _MOST = 1.0, 6.0
_FAR = 10**9  # beyond any page, and any point on one
_Kind = TypeVar("_Kind")


def read_review(path: Path, *, coder: str) -> tuple[list[CodedDescriptor], int, bool]:
    """The rows of a reviewed sheet, how many of them were edited, and whether it is a blind sample.

    An edited row's coder is `coder`.

    Args:
        path: A .csv or .xlsx file that `evenhand code` wrote.
        coder: The reviewer's name or code.

    Raises:
        InputError: a column is missing or one that is not for editing was changed, an id occurs twice, or a cell
            holds no code that there is; it says which.
    """
    rows, edited, seen, blind = [], 0, set[str](), False
    for number, cells in _cells(path):
        where = f"{path}, row {number}"
        row = _row(cells, where)
        if row.id in seen:
            message = f"{where}: the id occurs twice; a copied row needs an id of its own"
            raise InputError(message)
        seen.add(row.id)
        blind = blind or cells[STATE].endswith(BLIND)
        before, now = cells[STATE].split("."), row.state.split(".")
        if before[1:2] != now[1:2]:
            message = (
                f"{where}: a column that is not for editing was changed (file, page, section, native_level, or one that"
                " begins with model_ or terms_); put it back as `evenhand code` wrote it"
            )
            raise InputError(message)
        changed = before[0] != now[0]
        edited += changed
        rows.append(replace(row, coder=coder) if changed else row)
    return rows, edited, blind


def _cells(path: Path) -> Iterator[tuple[int, dict[str, str]]]:
    """Rows by column name with their numbers as a spreadsheet shows them; blank rows are passed over."""
    workbook = path.suffix.lower() == ".xlsx"
    table = iter(_workbook(path)) if workbook else _csv(path)
    names = next(table, [])
    if missing := [name for name in COLUMNS if name not in names]:
        message = (
            f"{path}: no column {', '.join(missing)}; edit a sheet that `evenhand code` wrote and keep its columns"
        )
        raise InputError(message)
    if repeated := sorted({name for name in names if name and names.count(name) > 1}):
        message = f"{path}: several columns are called {', '.join(repeated)}; keep the columns of the sheet"
        raise InputError(message)
    for number, values in enumerate(table, 2):
        if any(value.strip() for value in values):
            yield number, dict(zip(names, values + [""] * len(names), strict=False))


def _csv(path: Path) -> Iterator[list[str]]:
    """The header and the rows below it; what a damaged file could shift between rows is refused.

    The apostrophe before a text is taken off: it keeps a spreadsheet from running the text as a formula.
    """
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError as error:
        message = f"{path}: not UTF-8 at byte {error.start}; save it as CSV UTF-8 and try again"
        raise InputError(message) from error
    if text[:4].lower() == "sep=":  # Excel's own first line
        text = text.partition("\n")[2]
    table = csv_table(iter(io.StringIO(text, newline="")), str(path), delimiter=None, chunk_rows=_CHUNK)
    yield list(table.columns)
    for chunk in table.chunks:
        for row in chunk.rows:
            yield [value[1:] if value[:1] == "'" else value for value in row.values()]


def _workbook(path: Path) -> list[list[str]]:
    from openpyxl import load_workbook

    check_archive(path, "spreadsheet")
    try:
        book = load_workbook(path, read_only=True, data_only=False)
        sheet = book[DESCRIPTORS] if DESCRIPTORS in book.sheetnames else None
        if sheet is not None:
            sheet.reset_dimensions()  # some programs write them wrong
            return [["" if value is None else str(value) for value in row] for row in sheet.iter_rows(values_only=True)]
    except Exception as error:  # what a damaged workbook makes its parser raise has no common base
        message = f"{path}: not a spreadsheet that can be read; save it as .xlsx and try again"
        raise InputError(message) from error
    message = f"{path}: no sheet {DESCRIPTORS!r}; edit a sheet that `evenhand code` wrote and keep its name"
    raise InputError(message)


def other_sheets(path: Path) -> dict[str, list[list[Any]]]:
    """Sheets of a workbook beside the descriptors and the codes, a person's own among them; {} for other files."""
    if path.suffix.lower() != ".xlsx":
        return {}
    from openpyxl import load_workbook

    book = load_workbook(path, read_only=True)
    found = {
        name: [list(row) for row in book[name].iter_rows(values_only=True)]
        for name in (sheet.title for sheet in book.worksheets)
        if name not in (DESCRIPTORS, CODES)
    }
    book.close()
    return {name: table for name, table in found.items() if table}


def _row(cells: Mapping[str, str], where: str) -> CodedDescriptor:
    told = {name: cells.get(name, "").strip() for name in FIELDS}
    terms = told["terms_severity"]
    box = tuple(_number(part, f"{where}, column box") for part in told["box"].strip("[]").replace(",", " ").split())
    return CodedDescriptor(
        id=told["id"],
        file=told["file"],
        page=int(_number(told["page"], f"{where}, column page")) if told["page"] else None,
        box=(box[0], box[1], box[2], box[3]) if len(box) == 4 else None,
        section=told["section"],
        native_level=told["native_level"],
        levels=checked_set(_codes(told["levels"]), f"{where}, column levels"),
        text=told["text"],
        issues=_issues(told["issues"], f"{where}, column issues"),
        severity=_severity(told["severity"], f"{where}, column severity"),
        model_level=next(iter(checked_set(_codes(told["model_level"]), f"{where}, column model_level")), None),
        model_levels=checked_set(_codes(told["model_levels"]), f"{where}, column model_levels"),
        confidence=_number(told["confidence"] or "0", f"{where}, column confidence"),
        coder=told["coder"],
        model_issues=_issues(told["model_issues"], f"{where}, column model_issues"),
        model_severity=_severity(told["model_severity"], f"{where}, column model_severity"),
        terms_issues=_terms(told["terms_issues"], f"{where}, column terms_issues"),
        terms_severity=int(_number(terms, f"{where}, column terms_severity")) if terms else None,
        keep=_keep(told["keep"], f"{where}, column keep"),
        note=told["note"],
    )


def _terms(told: str, where: str) -> tuple[Issue, ...] | None:
    return () if told == NONE_FOUND else _issues(told, where) or None


def _keep(told: str, where: str) -> bool:
    if told.lower() in _YES | _NO:
        return told.lower() in _YES
    message = f"{where}: must be yes or no"
    raise InputError(message)


def _number(told: str, where: str) -> float:
    try:
        found = float(told.replace(",", "."))
    except ValueError:
        found = nan
    if not isfinite(found):
        message = f"{where}: must be a number"
        raise InputError(message)
    return found


def _severity(told: str, where: str) -> float | None:
    if not told:
        return None
    found = _number(told, where)
    if not _LEAST <= found <= _MOST:
        message = f"{where}: severity goes from 1 to 6"
        raise InputError(message)
    return found


def _codes(told: str) -> list[str]:
    return [code for code in told.replace(",", " ").replace(";", " ").split() if code]


def _issues(told: str, where: str) -> tuple[Issue, ...]:
    try:
        return tuple(parse_code(Issue, code) for code in dict.fromkeys(_codes(told)))
    except VocabularyError as error:
        message = f"{where}: {error}"
        raise InputError(message) from error


Field = tuple[Callable[[Any], Any], str]  # what reads a value of JSON, or raises, and what the value must be


def _of(kind: type[_Kind], told: object) -> _Kind:
    if isinstance(told, kind):
        return told
    raise TypeError


def _name(told: object) -> str:
    if _of(str, told).strip():
        return _of(str, told)
    raise ValueError


def _listed(told: object) -> list[str]:
    return [_of(str, code) for code in _of(list, told)]


def number(least: float, most: float, kind: type[float] = float) -> Field:
    """A number of JSON within bounds, for `int` a whole one; true, NaN and infinity are none."""

    def read(told: Any) -> float:  # noqa: ANN401 - any JSON value
        if type(told) in (int, kind) and least <= told <= most:
            return kind(told)
        raise ValueError

    return read, f"a {'whole ' if kind is int else ''}number from {least:,.10g} to {most:,.10g}"


def or_null(field: Field) -> Field:
    """The same, or null."""
    return lambda told: None if told is None else field[0](told), f"{field[1]}, or null"


TEXT: Field = (partial(_of, str), "a text")
NAME: Field = (_name, "a text that is not empty")
FLAG: Field = (partial(_of, bool), "true or false")
LEVEL_SET: Field = (lambda told: checked_set(_listed(told), ""), f"a list of {', '.join(LEVELS)} without a gap")
ISSUE_LIST: Field = (lambda told: tuple(map(Issue, dict.fromkeys(_listed(told)))), "a list of issues of the scheme")
SEVERITY = number(_LEAST, _MOST)
_EDGE = number(-_FAR, _FAR)[0]
_ROW: Mapping[str, Field] = {
    **dict.fromkeys(("id", "file"), NAME),
    **dict.fromkeys(("section", "native_level", "text", "coder", "note"), TEXT),
    **dict.fromkeys(("levels", "model_levels"), LEVEL_SET),
    **dict.fromkeys(("issues", "model_issues"), ISSUE_LIST),
    **dict.fromkeys(("severity", "model_severity"), or_null(SEVERITY)),
    "page": or_null(number(1, _FAR, int)),
    "box": or_null((lambda told: tuple(_EDGE(edge) for _, edge in zip(range(4), told, strict=True)), "four numbers")),
    "model_level": or_null((Level, f"one of {', '.join(LEVELS)}")),
    "confidence": number(0, 1),
    "terms_issues": or_null(ISSUE_LIST),
    "terms_severity": or_null(number(_LEAST, _MOST, int)),
    "keep": FLAG,
}


def read_fields(
    line: str, readers: Mapping[str, Field], where: str, *, optional: Collection[str] = ()
) -> dict[str, Any]:
    """What each reader makes of the field of its name in a line of JSON; other fields are passed over.

    Raises:
        InputError: it is no object of JSON, or a field is missing or not what it must be; with `where` it stands.
    """
    try:
        told = json.loads(line)
    except (ValueError, RecursionError):  # the latter from brackets in brackets
        told = None
    if not isinstance(told, dict):
        message = f"{where}: not an object of JSON; restore the file, or write it again"
        raise InputError(message)
    found = {}
    for name, (read, what) in readers.items():
        if name in optional and name not in told:
            continue
        try:
            found[name] = read(told[name])
        except (ValueError, TypeError, KeyError, InputError):
            wrong = f"field {name!r} must be {what}" if name in told else f"no field {name!r}"
            message = f"{where}: {wrong}; restore the file, or write it again"
            raise InputError(message) from None
    return found


def from_json(line: str, where: str) -> CodedDescriptor:
    """A row that `to_dict` gave, from a line of JSON.

    Raises:
        InputError: it is no such row, with `where` it stands.
    """
    return CodedDescriptor(**read_fields(line, _ROW, where))
