"""What the columns of a table without types hold, found by going through all its rows; no I/O."""

from __future__ import annotations

from collections.abc import Iterable

from evenhand.tables.table import Row

_INT64 = 2**63  # what Parquet's integers hold; a larger number is written as text there


def column_kinds(rows: Iterable[Row | str]) -> dict[str, str]:
    """Return what each column holds, as `Table.kinds` has it, columns in order of appearance."""
    found: dict[str, set[str]] = {}
    for row in rows:
        if isinstance(row, dict):
            for key, value in row.items():
                found.setdefault(key, set()).add(_kind(value))
    return {key: _common_kind(kinds - {"null"}) for key, kinds in found.items()}


def _kind(value: object) -> str:
    if value is None:
        return "null"
    if isinstance(value, int) and not isinstance(value, bool):
        return "int" if -_INT64 <= value < _INT64 else "json"
    return type(value).__name__ if isinstance(value, bool | float | str) else "json"


def _common_kind(kinds: set[str]) -> str:
    if len(kinds) > 1:
        return "float" if kinds == {"int", "float"} else "json"
    return next(iter(kinds), "str")
