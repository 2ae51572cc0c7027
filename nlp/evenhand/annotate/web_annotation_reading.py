"""Read W3C Web Annotations in JSON-LD, our own and those that other tools made of our texts.

Not a processor of JSON-LD: the keys are those of the model's own context. Of other tools' annotations a body that is
one of our codes ("issue:housing") is read as that, another line as a code of another scheme, and anything longer, or a
comment, as the coder's note. A stretch is where its quotation says, if that is in the text exactly once.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from enum import StrEnum
from typing import Any
from urllib.parse import unquote
from uuid import NAMESPACE_URL, uuid5

from evenhand.annotate.json_lines import coding_of
from evenhand.annotate.records import Annotation, Annotations, Unit
from evenhand.errors import InputError
from evenhand.framing.scheme import Category
from evenhand.scheme import SCHEME_VERSION, SEVERITIES, Assertion, Frame, Issue, Level, parse_code

PREFIX = "evenhand:"
TEXT, CODING = "urn:evenhand:text:", "urn:evenhand:coding:"
ONE_CODE = ("severity", "assertion", "frame", "framing")  # of which a coding has one at most
_CODES: dict[str, type[StrEnum]] = {
    "level": Level,
    "issue": Issue,
    "assertion": Assertion,
    "frame": Frame,
    "framing": Category,
}
_COMMENTS = frozenset({"commenting", "describing", "questioning", "replying", "reviewing", "editing"})
_LONGEST_CODE = 200  # as records have it; what is longer is a note
_UNKNOWN_TIME = "1970-01-01T00:00:00Z"
_UNKNOWN = "unknown"
_FAILURES = (ValueError, TypeError, KeyError, AttributeError, RecursionError)


def read(content: str, name: str) -> Annotations:
    """Read a collection, a page, a list of annotations or one.

    Args:
        content: Of the file.
        name: What it is called in messages.

    Raises:
        InputError: something is not as it should be; the message says which annotation, without what stands in it.
    """
    try:
        given = json.loads(content)
    except (ValueError, RecursionError):
        message = f"{name} is no JSON; export the annotations again"
        raise InputError(message) from None
    items = _items(given, name)
    top = given if isinstance(given, dict) else {}
    units = dict(_read_each(top.get(f"{PREFIX}texts"), _unit, name, "text"))
    for number, one in enumerate(items, 1):
        _add_embedded(units, one, f"{name}: annotation {number:,}")
    codings = dict(_read_each(items, lambda one: _coding(one, units), name, "annotation"))
    scheme = top.get(f"{PREFIX}scheme", SCHEME_VERSION)
    if not isinstance(scheme, str):
        message = f"{name}: {PREFIX}scheme is no text"
        raise InputError(message)
    return Annotations(tuple(units.values()), tuple(codings.values()), scheme)


def _items(given: Any, name: str) -> list[Any]:  # noqa: ANN401 - whatever a file has
    """The annotations of a file.

    Raises:
        InputError: it has none, or some are elsewhere.
    """
    if isinstance(given, list):
        return given
    kinds = _many(given.get("type")) if isinstance(given, dict) else []
    if "Annotation" in kinds:
        return [given]
    page = given.get("first", {"items": []}) if "AnnotationCollection" in kinds else given
    if isinstance(page, str) or (isinstance(page, dict) and page.get("next")):
        message = f"{name}: some of its annotations are on pages in other files; put all of them on one page"
        raise InputError(message)
    items = page.get("items") if isinstance(page, dict) else None
    if not isinstance(items, list) or not ({"AnnotationCollection", "AnnotationPage"} & set(kinds)):
        message = f"{name} is no W3C Annotation, and no AnnotationCollection or AnnotationPage of some"
        raise InputError(message)
    return items


def _read_each(given: Any, make: Any, name: str, what: str) -> Iterator[tuple[str, Any]]:  # noqa: ANN401
    """Yield what is made of each with its id.

    Raises:
        InputError: one is not as it should be, or an id stands twice.
    """
    seen: set[str] = set()
    for number, one in enumerate(_many(given), 1):
        where = f"{name}: {what} {number:,}"
        try:
            made = make(one)
        except InputError as error:
            message = f"{where}: {error}"
            raise InputError(message) from None
        except _FAILURES as error:
            message = f"{where} is not as the Web Annotation Data Model has it ({type(error).__name__})"
            raise InputError(message) from None
        if made.id in seen:
            message = f"{where}: its id stands twice; ids are unique"
            raise InputError(message)
        seen.add(made.id)
        yield made.id, made


def _many(given: Any) -> list[Any]:  # noqa: ANN401
    return [] if given is None else given if isinstance(given, list) else [given]


def _name(iri: Any, kind: str) -> str:  # noqa: ANN401
    if not isinstance(iri, str):
        message = "the id of its text is missing"
        raise InputError(message)
    return unquote(iri.removeprefix(kind), errors="strict") if iri.startswith(kind) else iri


def _unit(given: Mapping[str, Any]) -> Unit:
    data = {one["label"]: one["value"] for one in _many(given.get(f"{PREFIX}data"))}
    document = given.get(f"{PREFIX}document", "")
    if not all(isinstance(one, str) for one in (given["value"], document, *data, *data.values())):
        message = "its value, document and data have to be texts"
        raise InputError(message)
    return Unit(_name(given.get("id"), TEXT), given["value"], document, data)


def _add_embedded(units: dict[str, Unit], given: Any, where: str) -> None:  # noqa: ANN401
    """Add the text that a target has inside it, if it has one.

    Raises:
        InputError: it cannot be, or differs from another of its id.
    """
    for target in _many(given.get("target")) if isinstance(given, dict) else []:
        source = target.get("source", target) if isinstance(target, dict) else None
        if isinstance(source, dict) and "value" in source:
            try:
                unit = _unit(source)
            except (InputError, *_FAILURES) as error:
                told = error if isinstance(error, InputError) else "its text is not as a text has to be"
                message = f"{where}: {told}"
                raise InputError(message) from None
            if units.setdefault(unit.id, unit) != unit:
                message = f"{where}: its text is not the same as another of that id"
                raise InputError(message)


def _coding(given: Mapping[str, Any], units: Mapping[str, Unit]) -> Annotation:
    """A coding from an annotation.

    Raises:
        InputError: something cannot be.
    """
    targets = _many(given["target"])
    if len(targets) != 1:
        message = f"it has {len(targets)} targets; make an annotation of each"
        raise InputError(message)
    target = targets[0] if isinstance(targets[0], dict) else {"source": targets[0]}
    source = target.get("source", target)
    unit = _name(source.get("id") if isinstance(source, dict) else source, TEXT)
    if unit not in units:
        message = "its text is not in the file; give it as the target's source, with its value"
        raise InputError(message)
    start, end = _stretch(_many(target.get("selector")), units[unit].text)
    fields = {
        **_parts(given),
        "id": _name(given.get("id") or uuid5(NAMESPACE_URL, json.dumps(given, sort_keys=True)).urn, CODING),
        "unit": unit,
        "coder": _coder(given),
        "made": given.get("created") or given.get("modified") or given.get("generated") or _UNKNOWN_TIME,
        "confidence": given.get(f"{PREFIX}confidence"),
        "start": start,
        "end": end,
        "decides": [_name(one, CODING) for one in _many(given.get(f"{PREFIX}decides"))],
    }
    return coding_of(fields)


def _coder(given: Mapping[str, Any]) -> dict[str, str]:
    agents = _many(given.get("creator") or given.get("generator")) or [_UNKNOWN]
    agents = [{"name": one} if isinstance(one, str) else one for one in agents]
    names = [str(_first(one, "name", "nickname", "id", "email") or _UNKNOWN) for one in agents]
    if len(agents) == 1 and "Software" in _many(agents[0].get("type")):
        version = _first(agents[0], "schema:softwareVersion", "softwareVersion", "version")
        return {"name": names[0], "kind": "model", "version": str(version or _UNKNOWN)}
    return {"name": " and ".join(names), "kind": "person", "version": ""}


def _first(given: Mapping[str, Any], *keys: str) -> Any:  # noqa: ANN401
    return next((one for key in keys for one in _many(given.get(key))), None)


def _stretch(selectors: list[Any], text: str) -> tuple[int | None, int | None]:
    """Where selectors point; several are the same place, told in several ways.

    Raises:
        InputError: to nowhere, to several places, or in a way that is not read.
    """
    if not selectors:
        return None, None
    usable = {one["type"]: one for one in selectors if isinstance(one, dict) and "refinedBy" not in one}
    quoted, placed = usable.get("TextQuoteSelector"), usable.get("TextPositionSelector")
    if placed is not None:
        start, end = placed["start"], placed["end"]
        fits = type(start) is int and type(end) is int and 0 <= start < end <= len(text)
        # Some tools count code units: then the words are not there, and the quotation says where.
        if fits and (quoted is None or text[start:end] == quoted["exact"]):
            return start, end
        if quoted is None:
            message = "its position is no stretch of the text"
            raise InputError(message)
    if quoted is None:
        message = "its selector is not read here; use a TextPositionSelector or a TextQuoteSelector"
        raise InputError(message)
    found = list(_quotations(text, quoted["exact"], quoted.get("prefix") or "", quoted.get("suffix") or ""))
    if len(found) != 1:
        message = f"its quotation is in the text {len(found)} times, not once; give its position too"
        raise InputError(message)
    return found[0], found[0] + len(quoted["exact"])


def _quotations(text: str, exact: str, prefix: str, suffix: str) -> Iterator[int]:
    place = text.find(exact) if exact else -1
    while place >= 0:
        if text.endswith(prefix, 0, place) and text.startswith(suffix, place + len(exact)):
            yield place
        place = text.find(exact, place + 1)


def _parts(given: Mapping[str, Any]) -> dict[str, Any]:
    """Codes and note from the bodies of an annotation.

    Raises:
        InputError: a body cannot be read.
    """
    parts: dict[str, Any] = {"levels": [], "issues": [], "other": [], "note": []}
    bodies = _many(given.get("body")) or _many(given.get("bodyValue"))
    for body in sorted(bodies, key=lambda one: one.get(f"{PREFIX}rank", 0) if isinstance(one, dict) else 0):
        value = body if isinstance(body, str) else _first(body, "value", "source", "id")
        if not isinstance(value, str):
            message = "a body has no value, source or id"
            raise InputError(message)
        own = {} if isinstance(body, str) else body
        why = _many(own.get("purpose")) or _many(given.get("motivation"))
        part, code = _part(value, own.get(f"{PREFIX}part"), parts, is_comment=bool(_COMMENTS & set(why)))
        if part in ONE_CODE:
            parts[part] = code
        elif code not in parts[part]:
            parts[part].append(code)
    levels = set(parts["levels"])
    return {
        **parts,
        "levels": [one for one in Level if one in levels],
        "note": "\n".join(parts["note"]).replace("\r\n", "\n"),
    }


def _part(value: str, told: object, parts: Mapping[str, Any], *, is_comment: bool) -> tuple[str, Any]:
    """What a body is of, and its code.

    Args:
        value: Of the body.
        told: What we said that it is of, if it is ours.
        parts: Those before it.
        is_comment: Rather than a code.
    """
    if told in ("note", "other"):
        return str(told), value
    kind, _, code = value.partition(":")
    if kind == "severity" and kind not in parts and _is_severity(code):
        return kind, float(code)
    if kind in _CODES and kind not in parts and code in list(_CODES[kind]):
        found = parse_code(_CODES[kind], code)
        return {"level": "levels", "issue": "issues"}.get(kind, kind), found
    if told is not None:
        message = "a body's code is unknown, or stands twice; export the annotations again"
        raise InputError(message)
    is_line = value == value.strip() and value.isprintable() and 0 < len(value) <= _LONGEST_CODE
    return ("other", value) if is_line and not is_comment else ("note", value)


def _is_severity(code: str) -> bool:
    try:
        return SEVERITIES[0] <= float(code) <= SEVERITIES[-1]
    except ValueError:
        return False
