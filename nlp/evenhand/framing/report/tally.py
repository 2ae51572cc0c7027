"""Count what flags say over many rows, by the values of some columns; memory grows with the values and not the rows."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from evenhand.errors import InputError
from evenhand.framing.scheme import FLAGGED
from evenhand.tables.columns import show_names
from evenhand.text import normalise

_MOST_VALUES = 2000  # of a column to compare by; a column with more holds no groups
_MOST_PHRASES = 50_000  # different ones kept; those seen once go first
_LONGEST_OWN = 3  # words of a phrase that no lexicon has: longer ones could tell of one family
_LONGEST_PHRASE = 6  # words; longer ones come again too seldom to be worth a line, and say too much
_MONTH = ":month"
_DAY_FIRST = re.compile(r"(\d{1,2})[/.-](\d{1,2})[/.-](\d{4})")
_YEAR_FIRST = re.compile(r"(\d{4})[-/.](\d{1,2})(?!\d)")
NO_VALUE = "(not given)"


@dataclass(slots=True)
class Tally:
    """Counts over some rows.

    Attributes:
        rows: Rows with a text.
        flagged: Of them, with words that may be said otherwise.
        categories: Rows by category.
        frames: Sentences by frame.
        needs: Rows with an unmet need, by need.
        unmet: Rows with any.
        elements: Rows by element and state.
    """

    rows: int = 0
    flagged: int = 0
    categories: Counter[str] = field(default_factory=Counter)
    frames: Counter[str] = field(default_factory=Counter)
    needs: Counter[str] = field(default_factory=Counter)
    unmet: int = 0
    elements: Counter[tuple[str, str]] = field(default_factory=Counter)

    def add(self, flags: Mapping[str, Any]) -> None:
        """Count one row's flags, as plain JSON types."""
        found = {span["category"] for span in flags["framing"]}
        self.rows += 1
        self.flagged += bool(found & FLAGGED)
        self.categories.update(found)
        self.frames.update(told["frame"] for told in flags["sentences"] if told["frame"] is not None)
        needs = {need["need"] for need in flags["unmet_needs"]}
        self.needs.update(needs)
        self.unmet += bool(needs)
        self.elements.update((element, state["state"]) for element, state in flags["checklist"].items())


@dataclass(slots=True)
class Phrase:
    """Words that were flagged.

    Attributes:
        category: What they do.
        rows: In how many rows.
        suggestion: What is suggested instead, where they were found last.
    """

    category: str
    rows: int = 0
    suggestion: str | None = None


class Tallies:
    """Counts over all rows, and by columns.

    Args:
        columns: Of the table.
        by: Columns to compare by, with `:month` behind one of dates.

    Raises:
        InputError: there is no such column.
    """

    def __init__(self, columns: Sequence[str], by: Sequence[str]) -> None:
        self.all = Tally()
        self.blank = 0
        self.by: dict[str, dict[str, Tally]] = {name: {} for name in by}
        self.phrases: dict[tuple[str, str], Phrase] = {}
        self.pruned = False
        self._columns = {name: _column(name, columns) for name in by}
        for name, column in self._columns.items():
            if column not in columns:
                message = f"--by {name}: there is no column {column!r} (present: {show_names(columns)})"
                raise InputError(message)

    def check_dates(self, first: Sequence[Mapping[str, Any]]) -> None:
        """Make sure that columns to compare by month hold dates, as far as some rows tell.

        Raises:
            InputError: one has values in these rows, and none is a date.
        """
        for name, column in self._columns.items():
            given = [row.get(column) for row in first if row.get(column) not in (None, "")]
            if column != name and given and all(_month(value) == NO_VALUE for value in given):
                message = f"--by {name}: column {column!r} holds no dates such as 2026-03-31 or 31/03/2026"
                raise InputError(message)

    def add(self, row: Mapping[str, Any], flags: Mapping[str, Any], text: str) -> None:
        """Count a row of an output of `evenhand flag`: its columns, flags as `plain_flags` gives them, and text.

        Raises:
            InputError: a column has too many values to be compared by.
        """
        if flags["reason"] is not None:
            self.blank += 1
            return
        self.all.add(flags)
        for name, groups in self.by.items():
            column = self._columns[name]
            value = _value(row.get(column)) if column == name else _month(row.get(column))
            if value not in groups and len(groups) == _MOST_VALUES:
                message = f"--by {name}: the column has more than {_MOST_VALUES:,} values; choose one that names groups"
                raise InputError(message)
            groups.setdefault(value, Tally()).add(flags)
        self._count_phrases(text, flags)

    def _count_phrases(self, text: str, flags: Mapping[str, Any]) -> None:
        seen = {}
        for span in flags["framing"]:
            words = normalise(text[span["start"] : span["end"]]).lower()
            known = span["found_by"] != "model" or len(words.split()) <= _LONGEST_OWN
            if span["category"] in FLAGGED and known and len(words.split()) <= _LONGEST_PHRASE:
                seen[span["category"], words] = span["suggestion"]
        for key, suggestion in seen.items():
            phrase = self.phrases.setdefault(key, Phrase(key[0]))
            phrase.rows, phrase.suggestion = phrase.rows + 1, suggestion
        if len(self.phrases) > _MOST_PHRASES:
            common = sorted(self.phrases.items(), key=lambda each: -each[1].rows)
            self.phrases, self.pruned = dict(common[: _MOST_PHRASES // 2]), True


def plain_flags(row: Mapping[str, Any]) -> dict[str, Any]:
    """The flags of a row of any format: nested fields of CSV are JSON text.

    Raises:
        InputError: the row is none of an output of `evenhand flag`.
    """
    names = ("framing", "unmet_needs", "checklist", "sentences", "rewrites")
    try:
        found = {name: json.loads(row[name]) if isinstance(row[name], str) else row[name] for name in names}
    except (KeyError, ValueError):
        found = dict.fromkeys(names)
    if any(value is None for value in found.values()):
        message = "a row has no flags; give an output of `evenhand flag` as it was written"
        raise InputError(message)
    return {**found, "reason": row.get("reason") or None}


def _column(name: str, columns: Sequence[str]) -> str:
    """The column that a name to compare by means."""
    return name if name in columns else name.removesuffix(_MONTH)


def _value(value: object) -> str:
    shown = "" if value is None else normalise(str(value))
    return shown or NO_VALUE


def _month(value: object) -> str:
    """Year and month of a date as people and programs write it; `NO_VALUE` where it is none."""
    if isinstance(value, date):
        return value.strftime("%Y-%m")
    text = _value(value)
    if day_first := _DAY_FIRST.match(text):
        month, year = int(day_first[2]), day_first[3]
    elif year_first := _YEAR_FIRST.match(text):
        month, year = int(year_first[2]), year_first[1]
    else:
        return NO_VALUE
    return f"{year}-{month:02d}" if 1 <= month <= 12 else NO_VALUE
