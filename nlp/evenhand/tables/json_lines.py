"""Read JSON Lines, one object a line; standard library only.

Values stay as they are: integers stay integers of any size, control characters inside a string are taken as
they are. Blank lines are no rows. NaN and infinity are refused because JSON has none and the output must be
JSON.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterator
from typing import Any

from evenhand.tables.source import fault
from evenhand.tables.table import Row


def json_rows(lines: Iterator[str]) -> Iterator[Row | str]:
    """Yield the objects of JSON Lines, or why a line cannot be read.

    It cannot if it is not JSON, not an object, or has a key twice or a number that is not finite.
    """
    # strict=False: control characters and NUL inside a string are taken as they are.
    decoder = json.JSONDecoder(
        strict=False, parse_constant=_refuse, parse_float=_finite, object_pairs_hook=_without_repeats
    )
    for number, line in enumerate(lines, start=1):
        text = line.strip()
        if not text:
            continue
        if wrong := fault(text, number):
            yield wrong
            continue
        try:
            row = decoder.decode(text)
        except json.JSONDecodeError as error:
            yield f"line {number:,} is not JSON (character {error.pos + 1:,}); write one JSON object a line"
        except (ValueError, RecursionError) as error:
            why = str(error) if isinstance(error, _RowError) else "a number is too long or nesting too deep"
            yield f"line {number:,} cannot be read: {why}"
        else:
            shape = f'line {number:,} is not a JSON object; write one a line, such as {{"text": ...}}'
            yield row if isinstance(row, dict) else shape


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
