"""Read JSON Lines, one object a line; standard library only.

Values stay as they are: integers stay integers of any size, control characters inside a string are taken as
they are. Blank lines are no rows. NaN and infinity are refused because JSON has none and the output must be
JSON.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Mapping
from itertools import chain
from typing import Any

from evenhand.errors import InputError
from evenhand.tables.source import Source, decoded_lines
from evenhand.tables.table import Row, Table, in_chunks

_INT64 = 2**63  # what Parquet's integers hold; a larger number is written as text there


def json_table(lines: Iterator[str], name: str, *, kinds: Mapping[str, str] | None, chunk_rows: int) -> Table:
    """Give the rows of JSON Lines; without `kinds` the columns are those of the first chunk."""
    chunks = in_chunks(_json_rows(lines, name), name, chunk_rows)
    if kinds is not None:
        return Table(name, "jsonl", tuple(kinds), chunks, kinds=kinds)
    first = next(chunks)
    columns = tuple(dict.fromkeys(key for row in first.rows for key in row))
    return Table(name, "jsonl", columns, chain([first], chunks))


def json_kinds(source: Source, encoding: str | None) -> dict[str, str]:
    """Go through all rows once and return what each column holds, columns in order of appearance."""
    found: dict[str, set[str]] = {}
    stream = source.open()
    try:
        for row in _json_rows(decoded_lines(stream, name=source.name, encoding=encoding), source.name):
            for key, value in row.items():
                found.setdefault(key, set()).add(_kind(value))
    finally:
        stream.close()
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


def _json_rows(lines: Iterator[str], name: str) -> Iterator[Row]:
    """Yield the objects of JSON Lines.

    Raises:
        InputError: a line that is not JSON, not an object, or has a key twice or a number that is not finite.
    """
    # strict=False: control characters and NUL inside a string are taken as they are.
    decoder = json.JSONDecoder(
        strict=False, parse_constant=_refuse, parse_float=_finite, object_pairs_hook=_without_repeats
    )
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        try:
            row = decoder.decode(line.strip())
        except json.JSONDecodeError as error:
            place = f"line {number:,} is not JSON (character {error.pos + 1:,})"
            message = f"{name}: {place}; write one JSON object a line"
            raise InputError(message) from None
        except (ValueError, RecursionError) as error:
            why = str(error) if isinstance(error, _RowError) else "a number is too long or nesting too deep"
            message = f"{name}: line {number:,} cannot be read: {why}"
            raise InputError(message) from None
        if not isinstance(row, dict):
            message = f'{name}: line {number:,} is not a JSON object; write one a line, such as {{"text": ...}}'
            raise InputError(message)
        yield row


class _RowError(ValueError):
    """What is wrong with a JSON value; the caller adds where."""


def _refuse(constant: str) -> float:
    message = f"{constant} is not a JSON number; use null"
    raise _RowError(message)


def _finite(digits: str) -> float:
    number = float(digits)
    if math.isinf(number):
        message = "a number is too large"
        raise _RowError(message)
    return number


def _without_repeats(pairs: list[tuple[str, Any]]) -> Row:
    row = dict(pairs)
    if len(row) != len(pairs):
        message = "a key occurs twice in one object; rename one of them"
        raise _RowError(message)
    return row
