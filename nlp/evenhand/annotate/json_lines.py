"""Codings as JSON Lines, the form in which Evenhand keeps them: a line for each text, then one for each coding."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, TypeVar

from evenhand.annotate.records import Annotation, Annotations, Coder, Unit
from evenhand.errors import InputError, VocabularyError
from evenhand.framing.scheme import Category
from evenhand.scheme import Assertion, Frame, Issue, Level, parse_code

SCHEMA = "evenhand.annotations/1"
_T = TypeVar("_T")


def written(collection: Annotations) -> str:
    """A collection as text; `read` gives the same again."""
    head = {"schema": SCHEMA, "scheme": collection.scheme}
    lines = [head, *({"text": unit_fields(one)} for one in collection.units)]
    lines += [{"coding": coding_fields(one)} for one in collection.codings]
    return "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines)


def read(content: str, name: str) -> Annotations:
    """Read what `written` wrote.

    Args:
        content: Of the file.
        name: What it is called in messages.

    Raises:
        InputError: a line is not as it should be; the message says which, without what stands in it.
    """
    units: list[Unit] = []
    codings: list[Annotation] = []
    scheme = None
    for number, line in enumerate(content.split("\n"), 1):
        if not line.strip():
            continue
        where = f"{name}: line {number:,}"
        try:
            given = json.loads(line)
            if scheme is None:
                scheme = _head(given)
            elif "text" in given:
                units.append(unit_of(given["text"]))
            else:
                codings.append(coding_of(given["coding"]))
        except InputError as error:
            message = f"{where}: {error}"
            raise InputError(message) from None
        except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
            message = f"{where} is no {SCHEMA} ({type(error).__name__}); export the codings again"
            raise InputError(message) from None
    if scheme is None:
        message = f"{name} is empty; it should begin with a line that says {SCHEMA}"
        raise InputError(message)
    try:
        return Annotations(tuple(units), tuple(codings), scheme)
    except InputError as error:
        message = f"{name}: {error}"
        raise InputError(message) from None


def unit_fields(unit: Unit) -> dict[str, Any]:
    """A text as plain JSON types."""
    return {"id": unit.id, "text": unit.text, "document": unit.document, "data": dict(unit.data)}


def coding_fields(coding: Annotation) -> dict[str, Any]:
    """A coding as plain JSON types."""
    return {
        "id": coding.id,
        "unit": coding.unit,
        "coder": coder_fields(coding.coder),
        "made": time_text(coding.made),
        "confidence": coding.confidence,
        "start": coding.start,
        "end": coding.end,
        "levels": [str(code) for code in coding.levels],
        "severity": coding.severity,
        "issues": [str(code) for code in coding.issues],
        "assertion": _plain(coding.assertion),
        "frame": _plain(coding.frame),
        "framing": _plain(coding.framing),
        "other": list(coding.other),
        "note": coding.note,
        "decides": list(coding.decides),
    }


def coder_fields(coder: Coder) -> dict[str, str]:
    """A coder as plain JSON types."""
    return {"name": coder.name, "kind": coder.kind, "version": coder.version}


def time_text(made: datetime) -> str:
    """A time as RFC 3339 has it, in UTC.

    >>> time_text(datetime(2026, 3, 31, 9, 5, tzinfo=UTC))
    '2026-03-31T09:05:00Z'
    """
    return made.astimezone(UTC).isoformat().replace("+00:00", "Z")


def time_of(text: str) -> datetime:
    """A time from its text; without a zone it is taken as UTC.

    Raises:
        InputError: it is none.
    """
    try:
        made = datetime.fromisoformat(text)
        return (made.replace(tzinfo=UTC) if made.tzinfo is None else made).astimezone(UTC)
    except (ValueError, OverflowError):
        message = "a time is none; write it as 2026-03-31T09:05:00Z"
        raise InputError(message) from None


def unit_of(given: Mapping[str, Any]) -> Unit:
    """A text from what `unit_fields` gives.

    Raises:
        InputError: something cannot be.
    """
    data = given.get("data") or {}
    _is(data, dict, "data")
    for value in data.values():
        _is(value, str, "data")
    return Unit(_is(given["id"], str, "id"), _is(given["text"], str, "text"), given.get("document") or "", data)


def coder_of(given: Mapping[str, Any]) -> Coder:
    """A coder from what `coder_fields` gives.

    Raises:
        InputError: something cannot be.
    """
    return Coder(_is(given["name"], str, "name"), given.get("kind", "person"), given.get("version", ""))


def coding_of(given: Mapping[str, Any]) -> Annotation:
    """A coding from what `coding_fields` gives.

    Raises:
        InputError: something cannot be.
    """
    try:
        return Annotation(
            id=_is(given["id"], str, "id"),
            unit=_is(given["unit"], str, "unit"),
            coder=coder_of(given["coder"]),
            made=time_of(_is(given["made"], str, "made")),
            confidence=_number(given.get("confidence"), "confidence"),
            start=_whole(given.get("start"), "start"),
            end=_whole(given.get("end"), "end"),
            levels=tuple(parse_code(Level, code) for code in given.get("levels") or ()),
            severity=_number(given.get("severity"), "severity"),
            issues=tuple(parse_code(Issue, code) for code in given.get("issues") or ()),
            assertion=None if given.get("assertion") is None else parse_code(Assertion, given["assertion"]),
            frame=None if given.get("frame") is None else parse_code(Frame, given["frame"]),
            framing=None if given.get("framing") is None else parse_code(Category, given["framing"]),
            other=tuple(_is(code, str, "other") for code in given.get("other") or ()),
            note=_is(given.get("note") or "", str, "note"),
            decides=tuple(_is(code, str, "decides") for code in given.get("decides") or ()),
        )
    except VocabularyError as error:
        raise InputError(str(error)) from None


def _head(given: Mapping[str, Any]) -> str:
    if given.get("schema") != SCHEMA:
        message = f"the first line does not say {SCHEMA}; this is no file of codings, or one of a newer version"
        raise InputError(message)
    return _is(given["scheme"], str, "scheme")


def _is(value: Any, kind: type[_T], what: str) -> _T:  # noqa: ANN401 - whatever a file has
    if not isinstance(value, kind):
        message = f"{what} is of type {type(value).__name__}, not {kind.__name__}"
        raise InputError(message)
    return value


def _number(value: Any, what: str) -> float | None:  # noqa: ANN401
    if value is None or (isinstance(value, int | float) and not isinstance(value, bool)):
        return value
    message = f"{what} is no number"
    raise InputError(message)


def _whole(value: Any, what: str) -> int | None:  # noqa: ANN401
    if value is None or (isinstance(value, int) and not isinstance(value, bool)):
        return value
    message = f"{what} is no whole number"
    raise InputError(message)


def _plain(code: object) -> str | None:
    return None if code is None else str(code)
