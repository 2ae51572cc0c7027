"""Turn codings and carried values into what a file holds: rounded numbers, JSON text, cells; no I/O."""

from __future__ import annotations

import json
import math
from typing import Any

from evenhand.result import Coding

_PROBABILITY_DIGITS = 4  # a hundredth of a per cent; calibration is not known more closely
_SEVERITY_DIGITS = 2  # of a scale from 1 to 6


def coding_fields(coding: Coding) -> dict[str, Any]:
    """Return the contract's fields in order, with probabilities and severities rounded."""
    fields = coding.to_dict()
    for name in ("level_probabilities", "issue_probabilities"):
        fields[name] = {code: round(float(p), _PROBABILITY_DIGITS) for code, p in fields[name].items()}
    fields["severity"] = _rounded(fields["severity"])
    for sentence in fields["sentences"]:
        sentence["severity"] = _rounded(sentence["severity"])
        sentence["weight"] = round(float(sentence["weight"]), _PROBABILITY_DIGITS)
    return fields


def json_text(value: object) -> str:
    """Return a value as one line of strict JSON in UTF-8 characters.

    What JSON lacks becomes null (NaN, infinity); a lone surrogate, which UTF-8 lacks, is escaped.
    """
    try:
        text = json.dumps(value, ensure_ascii=False, allow_nan=False)
    except ValueError:
        text = json.dumps(_finite(value), ensure_ascii=False, allow_nan=False)
    return text if encodable(text) else json.dumps(_finite(value), allow_nan=False)


def cell(value: object) -> str:
    """Return a value as a cell of CSV: nothing for null, text as it is, anything else as JSON.

    A lone surrogate becomes U+FFFD, as CSV has no way to escape it.
    """
    if value is None:
        return ""
    return cleaned(value) if isinstance(value, str) else json_text(value)


def encodable(text: str) -> bool:
    """Tell whether UTF-8 can hold a text, that is, whether it has no lone surrogate."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def cleaned(text: str) -> str:
    """Return a text that UTF-8 can hold, with U+FFFD for each lone surrogate."""
    return text if encodable(text) else text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def _rounded(severity: float | None) -> float | None:
    return None if severity is None else round(float(severity), _SEVERITY_DIGITS)


def _finite(value: Any) -> Any:  # noqa: ANN401 - any JSON value
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, dict):
        return {key: _finite(item) for key, item in value.items()}
    return [_finite(item) for item in value] if isinstance(value, list | tuple) else value
