"""Codes as results of Label Studio's controls, and back; pure functions, no I/O.

Offsets count code points, as ours do: the editor counts so since 1.4 (`charsToCodePoints` in its `selection-tools.js`;
a line break of two characters counts two). Older exports count UTF-16 units, which the stored words of a stretch tell.
"""

from __future__ import annotations

import hashlib
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from enum import StrEnum
from typing import Any, TypeVar

from evenhand.annotate.label_studio_config import PASSAGE, PASSAGE_PREFIX, PASSAGES, TEXT
from evenhand.annotate.records import Annotation
from evenhand.errors import InputError, VocabularyError
from evenhand.framing.scheme import Category
from evenhand.scheme import SEVERITIES, Assertion, Frame, Issue, Level, level_set

RECORDS = "evenhand"  # key of our records in the data of a task, and of a record's id in the meta of a result
_Code = TypeVar("_Code", bound=StrEnum)
_SINGLE: dict[str, type[StrEnum]] = {"assertion": Assertion, "frame": Frame, "framing": Category}
_DECIMALS = 1  # of a severity as it is shown: the page saves nothing where a number is between the steps of its field


def results_of(coding: Annotation) -> list[dict[str, Any]]:
    """A coding as results; one without any code has a choice of no level, which says that it is there."""
    shown: list[tuple[str, str, dict[str, Any]]] = []
    for name, codes in (
        ("level", coding.levels),
        ("issues", coding.issues),
        ("assertion", (coding.assertion,)),
        ("frame", (coding.frame,)),
        ("framing", (coding.framing,)),
    ):
        if chosen := [str(code) for code in codes if code is not None]:
            shown.append((name, "choices", {"choices": chosen}))
    if coding.severity is not None:
        shown.append(("severity", "number", {"number": round(float(coding.severity), _DECIMALS)}))
    if coding.note:
        shown.append(("note", "textarea", {"text": [coding.note]}))
    if coding.other:
        shown.append(("other", "textarea", {"text": list(coding.other)}))
    if coding.start is not None:
        coded = [(PASSAGE_PREFIX + name, kind, value) for name, kind, value in shown]
        shown = [(PASSAGES, "labels", {"labels": [PASSAGE]}), *coded]
    elif not shown:
        shown.append(("level", "choices", {"choices": []}))
    return [_result(coding, name, kind, value) for name, kind, value in shown]


def _result(coding: Annotation, name: str, kind: str, value: Mapping[str, Any]) -> dict[str, Any]:
    place = hashlib.sha256(coding.id.encode()).hexdigest()[:12]
    stretch = {} if coding.start is None else {"start": coding.start, "end": coding.end}
    return {
        # Results of one id are one region; those of a whole text are each their own.
        "id": f"{place}-{name}" if coding.start is None else place,
        "from_name": name,
        "to_name": TEXT,
        "type": kind,
        "value": {**stretch, **value},
        "meta": {RECORDS: coding.id},
        **({} if coding.confidence is None else {"score": coding.confidence}),
    }


def record_of(results: Iterable[Mapping[str, Any]]) -> str | None:
    """Id of the record that results show; None for what was made in Label Studio."""
    for each in results:
        meta = each.get("meta")
        if isinstance(meta, Mapping) and isinstance(meta.get(RECORDS), str):
            return str(meta[RECORDS])
    return None


def stretch_of(value: Mapping[str, Any], text: str) -> tuple[int, int] | None:
    """The stretch of a result in code points; None for the whole text.

    Raises:
        InputError: it is a stretch of something else than a text.
    """
    if "start" not in value and "globalOffsets" not in value:
        return None
    given = value if isinstance(value.get("start"), int) else value.get("globalOffsets")
    if not isinstance(given, Mapping) or not all(isinstance(given.get(key), int) for key in ("start", "end")):
        message = "a stretch has no whole numbers as start and end; only stretches of plain text can be read"
        raise InputError(message)
    start, end = given["start"], given["end"]
    words = value.get("text")
    if isinstance(words, str) and not _same(text[start:end], words):
        units = text.encode("utf-16-le")
        try:
            before, within = (units[2 * a : 2 * b].decode("utf-16-le") for a, b in ((0, start), (start, end)))
        except UnicodeDecodeError:
            return start, end
        if _same(within, words):
            return len(before), len(before) + len(within)
    return start, end


def codes_of(results: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """What results of one stretch, or of a whole text, say, as fields of a coding.

    Codes that our scheme does not have become `other`, as "control/choice"; texts of other controls become notes.
    """
    found: dict[str, list[str]] = {}
    notes: list[str] = []
    severity: float | None = None
    for each in results:
        control = str(each.get("from_name") or each.get("type"))
        name = control.removeprefix(PASSAGE_PREFIX)
        kind, value = each.get("type"), each.get("value") or {}
        if kind == "textarea":
            texts = value.get("text") or []
            texts = [texts] if isinstance(texts, str) else [str(one) for one in texts]
            if name == "other":
                found.setdefault("other", []).extend(texts)
            else:
                notes += texts if name == "note" else [f"{control}: {one}" for one in texts]
            continue
        number = value.get("number", value.get("rating"))
        if name == "severity" and severity is None and _is_severity(number):
            severity = number
            continue
        group = name if name in {"level", "issues", "assertion", "frame", "framing"} else control
        found.setdefault(group, []).extend(_choices(value))
    return {**_coded(found), "severity": severity, "note": as_note("\n".join(notes))}


def _coded(found: dict[str, list[str]]) -> dict[str, Any]:
    """Fields of codes from the choices of each control."""
    other = [as_line(code) for code in found.pop("other", [])]
    levels, left = _split(found, "level", Level)
    try:
        levels = list(level_set(levels)) if levels else []
    except VocabularyError:  # a gap
        left, levels = [*levels, *left], []
    other += [f"level/{as_line(code)}" for code in left]
    issues, left = _split(found, "issues", Issue)
    other += [f"issues/{as_line(code)}" for code in left]
    single: dict[str, StrEnum | None] = {}
    for name, vocabulary in _SINGLE.items():
        chosen, left = _split(found, name, vocabulary)
        single[name] = next(iter(chosen), None)
        other += [f"{name}/{as_line(code)}" for code in [*map(str, chosen[1:]), *left]]
    if found.get(PASSAGES) == [PASSAGE]:
        del found[PASSAGES]
    other += [f"{as_line(name)}/{as_line(code)}" for name, codes in found.items() for code in codes]
    return {
        "levels": tuple(levels),
        "issues": tuple(dict.fromkeys(issues)),
        "other": tuple(dict.fromkeys(one for one in other if one)),
        **single,
    }


def same_codes(record: Annotation, stretch: tuple[int, int] | None, codes: Mapping[str, Any]) -> bool:
    """Whether results still show a record; the order of choices and the spaces of notes are the page's."""
    of_record = None if record.start is None else (record.start, record.end)
    return of_record == stretch and _seen(codes_of(results_of(record))) == _seen(codes)


def _seen(codes: Mapping[str, Any]) -> dict[str, object]:
    severity = codes["severity"]
    return {
        **codes,
        "issues": frozenset(codes["issues"]),
        "other": frozenset(codes["other"]),
        "severity": None if severity is None else round(float(severity), _DECIMALS),
        "note": " ".join(codes["note"].split()),
    }


def _split(found: dict[str, list[str]], name: str, vocabulary: type[_Code]) -> tuple[list[_Code], list[str]]:
    """Choices of a control that are codes, and those that are none."""
    known = {str(code): code for code in vocabulary}
    given = found.pop(name, [])
    return [known[code] for code in given if code in known], [code for code in given if code not in known]


def _choices(value: Mapping[str, Any]) -> list[str]:
    """Whatever a result has chosen: labels, choices, paths of a taxonomy, or a single value."""
    found: list[str] = []
    for name, given in value.items():
        if name in {"start", "end", "startOffset", "endOffset", "globalOffsets", "text"}:
            continue
        for one in given if isinstance(given, list) else [given]:
            path = one if isinstance(one, list) else [one]
            found.append("/".join(str(part) for part in path))
    return found


def _is_severity(number: object) -> bool:
    is_number = isinstance(number, int | float) and not isinstance(number, bool)
    return is_number and SEVERITIES[0] <= number <= SEVERITIES[-1]  # type: ignore[operator]


def as_line(text: str) -> str:
    """A choice or a name as one line, as codes and columns are."""
    return " ".join(as_note(text).split())


def as_note(text: str) -> str:
    """A text without the characters that notes do not hold; other line ends become ours."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n").translate({0xFFFE: None, 0xFFFF: None})
    return "".join(each for each in lines if each in "\n\t" or unicodedata.category(each) not in {"Cc", "Cs"})


def _same(words: str, stored: str) -> bool:
    """Whether these are the words of a stretch; the editor stores line breaks as a backslash and an n."""
    plain = stored.replace("\\n", "\n")
    return "".join(words.split()) in {"".join(plain.split()), "".join(stored.split())}
