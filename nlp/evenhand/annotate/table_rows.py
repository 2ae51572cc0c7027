"""Codings as rows of a table, a row for each coding and for each text without any; CSV and workbooks share them.

Tables that people wrote by hand are read too: names of columns in any case, texts only on one row of their unit, no ids
or times of codings. A column that is none of ours is kept with the text.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from difflib import get_close_matches
from typing import Any, TypeVar
from uuid import NAMESPACE_URL, uuid5

from evenhand.annotate.json_lines import coding_fields, coding_of, time_text
from evenhand.annotate.records import Annotation, Annotations, Unit
from evenhand.errors import InputError, VocabularyError, did_you_mean
from evenhand.framing.scheme import CATEGORIES
from evenhand.scheme import ASSERTIONS, FRAMES, ISSUES, LEVELS, SCHEME_VERSION, level_set
from evenhand.tables.columns import show_names
from evenhand.tables.values import json_text

UNIT_COLUMNS = ("unit", "text", "document", "data")
CODER_COLUMNS = ("id", "coder", "coder_kind", "coder_version", "made")
CODE_COLUMNS = ("levels", "issues", "severity", "assertion", "frame", "framing", "other")
COLUMNS = (
    *UNIT_COLUMNS,
    *CODER_COLUMNS,
    *("confidence", "start", "end"),
    *CODE_COLUMNS,
    *("note", "decides", "scheme"),
)
FIRST_ROW = 2  # as spreadsheets count, below the header
_ALIASES = {"level": "levels", "issue": "issues"}
_AS_THEY_ARE = frozenset({"text", "note"})  # spaces around them are theirs; around anything else they are slips
# A row says something of its text if it has one of these; a coder's name alone is a row still to be coded.
_SAYS = frozenset(COLUMNS) - {*UNIT_COLUMNS, *CODER_COLUMNS, "scheme"} | {"id"}
_UNKNOWN_TIME = datetime(1970, 1, 1, tzinfo=UTC)  # of codings whose table gives none, a moment later with each row
_DATA = "data "  # before the name of a column that is none of ours
_NEAR = 0.8  # so like one of our names that it is rather a slip than another column: "isues", not "date"
_BETWEEN_CODES = re.compile(r"[\s,;+/]+")
Cell = str | int | float
_T = TypeVar("_T", dict[str, str], list[str])


def cells(collection: Annotations) -> Iterator[dict[str, Cell]]:
    """Rows of a collection, by column; what is empty is left out. The text stands on every row of its unit."""
    codings = collection.by_unit()
    for unit in collection.units:
        told: dict[str, Cell] = {"unit": unit.id, "text": unit.text, "document": unit.document}
        if unit.data:
            told["data"] = json_text(dict(unit.data))
        if not codings[unit.id]:
            yield {**told, "scheme": collection.scheme}
        for coding in codings[unit.id]:
            yield {**told, **_coding_cells(coding), "scheme": collection.scheme}
    if not collection.units:
        yield {"scheme": collection.scheme}


def annotations_of(columns: Sequence[str], rows: Iterable[Sequence[str]], name: str) -> Annotations:
    """A collection from a table; texts stand in the order of their first rows.

    Args:
        columns: Their names, ours or a person's.
        rows: Cells; a row may end early, or be blank.
        name: What the table is called in messages.

    Raises:
        InputError: columns are missing or doubled, or a row is not as it should be.
    """
    ours = _ours(columns, name)
    units: dict[str, dict[str, str]] = {}
    codings: dict[str, tuple[int, Annotation]] = {}
    schemes: dict[str, int] = {}
    for number, row in enumerate(rows, FIRST_ROW):
        try:
            given = _given(ours, row)
            if scheme := given.get("scheme"):  # which spreadsheets save without its end
                schemes.setdefault(f"{scheme}.0" if scheme.isdigit() else scheme, number)
            if not any(value for column, value in given.items() if column != "scheme"):
                continue
            _add_unit(units, given)
            if _SAYS & {column for column, value in given.items() if value}:
                coding = _coding(given, number)
                if codings.setdefault(coding.id, (number, coding))[0] != number:
                    message = "the id of the coding stands in an earlier row; give each its own, or none"
                    raise InputError(message)
        except InputError as error:
            message = f"{name}: row {number:,}: {error}"
            raise InputError(message) from None
    made = {unit: _unit(unit, parts) for unit, parts in units.items()}
    for number, coding in codings.values():
        if coding.end is not None and not (coding.start or 0) < coding.end <= len(made[coding.unit].text):
            message = f"{name}: row {number:,}: {coding.start} to {coding.end} is no stretch of the text"
            raise InputError(message)
    coded = tuple(coding for _, coding in codings.values())
    return Annotations(tuple(made.values()), coded, _scheme(schemes, name))


def _scheme(schemes: Mapping[str, int], name: str) -> str:
    """The scheme of a table, of those that it names with the first row of each.

    Raises:
        InputError: there are several.
    """
    if len(schemes) > 1:
        message = f"{name}: row {list(schemes.values())[1]:,} is of another coding scheme; keep each in its own file"
        raise InputError(message)
    return next(iter(schemes), SCHEME_VERSION)


def _coding_cells(coding: Annotation) -> dict[str, Cell]:
    fields = coding_fields(coding)
    coder = fields.pop("coder")
    row = {**fields, "coder": coder["name"], "coder_kind": coder["kind"], "coder_version": coder["version"]}
    for column in ("levels", "issues"):
        row[column] = " ".join(row[column])
    for column in ("other", "decides"):
        row[column] = json_text(row[column]) if row[column] else None
    return {column: value for column, value in row.items() if value is not None}


def _ours(columns: Sequence[str], name: str) -> list[str]:
    """What each column holds: one of ours, or data of that name; "" for none.

    Raises:
        InputError: there is no column of units, one stands twice, or one is spelt almost like ours.
    """
    folded = [re.sub(r"[\s-]+", "_", column.strip().lower()) for column in columns]
    folded = [_ALIASES.get(column, column) for column in folded]
    if "unit" not in folded:
        folded = ["unit" if column == "id" else column for column in folded]
    if "unit" not in folded:
        message = f"{name}: there is no column 'unit' or 'id', which tells texts apart (present: {show_names(columns)})"
        raise InputError(message)
    found = []
    for column, fold in zip(columns, folded, strict=True):
        near = get_close_matches(fold, COLUMNS, 1, _NEAR)
        if near and fold not in COLUMNS:
            message = f"{name}: column {show_names([column])} is unknown; did you mean {near[0]!r}?"
            raise InputError(message)
        found.append(fold if near or not fold else _DATA + column.strip())
    twice = [column for column, one in zip(columns, found, strict=True) if one and found.count(one) > 1]
    if twice:
        message = f"{name}: columns {show_names(twice)} are the same; leave one"
        raise InputError(message)
    return found


def _given(ours: Sequence[str], row: Sequence[str]) -> dict[str, str]:
    """A row's cells by column.

    Raises:
        InputError: a cell stands under no name.
    """
    beside = [cell for column, cell in zip(ours, row, strict=False) if not column] + [*row[len(ours) :]]
    if any(cell.strip() for cell in beside):
        message = "something stands in a column without a name; name the column, or quote cells that hold a delimiter"
        raise InputError(message)
    return {
        column: cell if column in _AS_THEY_ARE or column.startswith(_DATA) else cell.strip()
        for column, cell in zip(ours, row, strict=False)
        if column
    }


def _add_unit(units: dict[str, dict[str, str]], given: Mapping[str, str]) -> None:
    """Add what a row says of its text.

    Raises:
        InputError: it names no text, or an earlier row says otherwise.
    """
    if not given["unit"]:
        message = "column 'unit' is empty; give every row the id of its text"
        raise InputError(message)
    parts = units.setdefault(given["unit"], {})
    says = {column: given[column] for column in ("text", "document") if given.get(column)}
    says |= {column: _lines(value) for column, value in given.items() if column.startswith(_DATA) and value}
    says |= {_DATA + key: value for key, value in _json(given, "data", dict).items()}
    for column, value in says.items():
        if parts.setdefault(column, value) != value:
            differs = show_names([column.removeprefix(_DATA)])
            message = f"the text is not the same as in an earlier row of this unit ({differs}); give each its own id"
            raise InputError(message)
    _unit(given["unit"], says)  # so that what cannot be is told by its row


def _unit(unit: str, parts: Mapping[str, str]) -> Unit:
    data = {column.removeprefix(_DATA): value for column, value in parts.items() if column.startswith(_DATA)}
    return Unit(unit, parts.get("text", ""), parts.get("document", ""), data)


def _coding(given: Mapping[str, str], number: int) -> Annotation:
    """The coding of a row.

    Raises:
        InputError: a cell is not as it should be.
    """
    if not given.get("coder"):
        message = "column 'coder' is empty; say who coded the text"
        raise InputError(message)
    version = given.get("coder_version", "")
    _codes(given, "coder_kind", ("person", "model"))
    kind = given.get("coder_kind") or ("model" if version else "person")
    made_up = uuid5(NAMESPACE_URL, f"urn:evenhand:row:{number}:{given['unit']}:{given['coder']}")
    fields: dict[str, Any] = {column: given.get(column) or None for column in COLUMNS}
    fields |= {
        "id": given.get("id") or str(made_up),
        "coder": {"name": given["coder"], "kind": kind, "version": version},
        "made": given.get("made") or time_text(_UNKNOWN_TIME + timedelta(microseconds=number)),
        "levels": _levels(given),
        "issues": _codes(given, "issues", ISSUES),
        "note": _lines(given.get("note", "")),
    }
    fields |= {column: _number(given, column) for column in ("confidence", "severity", "start", "end")}
    fields |= {column: _json(given, column, list) for column in ("other", "decides")}
    for column, vocabulary in (("assertion", ASSERTIONS), ("frame", FRAMES), ("framing", CATEGORIES)):
        _codes(given, column, vocabulary)
    return coding_of(fields)


def _lines(cell: str) -> str:
    return cell.replace("\r\n", "\n")  # as some editors end lines; notes of ours never have a CR


def _codes(given: Mapping[str, str], column: str, vocabulary: Sequence[str]) -> list[str]:
    """The codes in a cell.

    Raises:
        InputError: one is unknown; the cell is not repeated, as a text may have slipped into it.
    """
    codes = [code for code in _BETWEEN_CODES.split(given.get(column, "")) if code]
    for code in codes:
        if code not in vocabulary:
            message = f"column {column!r} has an unknown code{did_you_mean(code, [str(one) for one in vocabulary])}"
            raise InputError(message)
    return codes


def _levels(given: Mapping[str, str]) -> list[str]:
    codes = _codes(given, "levels", LEVELS)
    try:
        return [str(level) for level in level_set(codes)] if codes else []
    except VocabularyError as error:
        raise InputError(str(error)) from None


def _number(given: Mapping[str, str], column: str) -> float | None:
    """The number in a cell, whole where it is.

    Raises:
        InputError: it is none.
    """
    if not given.get(column):
        return None
    try:
        number = float(given[column])
    except ValueError:
        message = f"column {column!r} is no number; write it as 4 or 4.5"
        raise InputError(message) from None
    return int(number) if number.is_integer() else number


def _json(given: Mapping[str, str], column: str, kind: type[_T]) -> _T:
    """The names and texts, or the texts, that a cell has as JSON.

    Raises:
        InputError: it has none.
    """
    if not given.get(column):
        return kind()
    try:
        value = json.loads(given[column])
    except (ValueError, RecursionError):
        value = None
    inside = value.values() if isinstance(value, dict) else value
    if not isinstance(value, kind) or not all(isinstance(one, str) for one in inside):
        example = '{"area": "north"}' if kind is dict else '["group/code"]'
        message = f"column {column!r} is no JSON such as {example}; leave it empty if there is nothing to say"
        raise InputError(message)
    return value
