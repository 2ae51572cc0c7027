"""Changes between two versions of a document as a table."""

from __future__ import annotations

from evenhand.consistency.change import Change, Changes
from evenhand.consistency.csv_text import Cell, csv_text

_SIDES = ("before", "after", "candidate")
_FIELDS = ("levels", "native_level", "page", "text", "id")
_COLUMNS = ("change", "issue", "probability", "by_levels", *(f"{side}_{name}" for side in _SIDES for name in _FIELDS))


def change_table(found: Changes) -> str:
    """The changes as CSV, a row each; codes are joined by spaces."""
    return csv_text(_COLUMNS, (_row(change) for change in found.changes))


def _row(change: Change) -> list[Cell]:
    row: list[Cell] = [change.kind.value, change.issue and change.issue.value, change.probability, change.by_levels]
    for told in (change.before, change.after, change.candidate):
        levels = " ".join(told.levels) if told else None
        row += [levels, *(getattr(told, name, None) for name in _FIELDS[1:])]
    return row
