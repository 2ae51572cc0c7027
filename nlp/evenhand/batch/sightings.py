"""Where identifiable text was seen: counts and the first rows by column and kind, in little memory, never a text."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from evenhand.privacy import Kind
from evenhand.tables.columns import show_names

# Rows named for each column and kind: enough to look at, few enough to read.
_ROWS_NAMED = 5


class Sightings:
    """What was seen, by column and kind."""

    def __init__(self) -> None:
        self._counts: dict[tuple[str, Kind], int] = {}
        self._rows: dict[tuple[str, Kind], int] = {}
        self._first: dict[tuple[str, Kind], list[int]] = {}

    def __bool__(self) -> bool:
        return bool(self._counts)

    def add(self, row: int, column: str, kinds: Sequence[Kind]) -> None:
        """Take down what was seen in one cell."""
        for kind in dict.fromkeys(kinds):
            place = (column, kind)
            self._counts[place] = self._counts.get(place, 0) + kinds.count(kind)
            self._rows[place] = self._rows.get(place, 0) + 1
            first = self._first.setdefault(place, [])
            if len(first) < _ROWS_NAMED:
                first.append(row)

    def told(self) -> str:
        """One line for a person: kinds, columns, rows."""
        return told(self.to_json())

    def to_json(self) -> list[dict[str, Any]]:
        """Plain JSON types; `from_json` reads them."""
        return [
            {
                "column": column,
                "kind": str(kind),
                "count": self._counts[column, kind],
                "rows": rows,
                "first_rows": self._first[column, kind],
            }
            for (column, kind), rows in sorted(self._rows.items())
        ]

    @classmethod
    def from_json(cls, stored: Sequence[dict[str, Any]]) -> Sightings:
        """Rebuild from what `to_json` gave."""
        found = cls()
        for entry in stored:
            place = (entry["column"], Kind(entry["kind"]))
            found._counts[place] = entry["count"]
            found._rows[place] = entry["rows"]
            found._first[place] = list(entry["first_rows"])
        return found


def told(found: Sequence[dict[str, Any]]) -> str:
    """One line for a person of what `Sightings.to_json` gives; without `first_rows` none is named."""
    parts = []
    for each in sorted(found, key=lambda each: -each["rows"]):
        rows, first = each["rows"], each.get("first_rows", [])
        named = f" ({', '.join(f'{row:,}' for row in first)}{', ...' * (rows > len(first))})" if first else ""
        kind = each["kind"].replace("_", " ")
        parts.append(f"{kind} in {rows:,} row{'s' * (rows > 1)} of column {show_names([each['column']])}{named}")
    return "; ".join(parts)
