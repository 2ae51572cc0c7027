"""Make codings of what stands on stretches of a REFI-QDA project: codes decide, and what a note tells supplements."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any, TypeVar

from evenhand.annotate.json_lines import time_of
from evenhand.annotate.records import Annotation, Coder
from evenhand.annotate.refi_codes import Code, codes_of, line, severity_code
from evenhand.errors import InputError, VocabularyError
from evenhand.framing.scheme import Category
from evenhand.scheme import Assertion, Frame, Issue, Level, level_set

_FIRST = datetime(1970, 1, 1, tzinfo=UTC)  # of a coding that does not say when it was made
_Code = TypeVar("_Code", bound=StrEnum)


@dataclass
class Written:
    """A Coding element: its code, who made it, when ("" where it does not say), and its identifier."""

    code: Code
    user: str
    made: str
    guid: str


@dataclass
class Stretch:
    """A selection: where it is, who made it and when, its codings, the coding that a note of ours tells, and notes."""

    unit: str
    start: int | None
    end: int | None
    guid: str
    user: str
    made: str
    codings: list[Written]
    base: Annotation | None = None
    notes: list[str] = field(default_factory=list)


def annotations_of(stretches: Iterable[Stretch], coder_of: Callable[[str], Coder]) -> list[Annotation]:
    """One coding for each coder on each stretch, and for each coding that a note tells."""
    gathered: dict[tuple[object, ...], list[Stretch]] = {}
    for each in stretches:
        key = (each.unit, each.start, each.end, each.base and each.base.id)
        gathered.setdefault(key, []).append(each)
    made: list[Annotation] = []
    taken: set[str] = {each.base.id for group in gathered.values() for each in group if each.base}
    used: set[str] = set()
    for group in gathered.values():
        for one in _of_one_stretch(group, coder_of):
            told = group[0].base is not None and one.id == group[0].base.id
            named = one.id if told and one.id not in used else _free(one.id, used, taken)
            used.add(named)
            made.append(one if named == one.id else replace(one, id=named))
    return made


def _of_one_stretch(group: list[Stretch], coder_of: Callable[[str], Coder]) -> list[Annotation]:
    base = group[0].base
    written: dict[Coder, list[Written]] = {base.coder: []} if base else {}
    notes: dict[Coder, list[str]] = {}
    for each in group:
        noted = base.coder if base else coder_of(each.user or next((one.user for one in each.codings), ""))
        if each.notes or not each.codings:
            written.setdefault(noted, [])
            notes.setdefault(noted, []).extend(each.notes)
        for coding in each.codings:
            written.setdefault(coder_of(coding.user), []).append(coding)
    found = []
    for coder, codings in written.items():
        note = "\n".join(dict.fromkeys(notes.get(coder, ())))
        own = base if base is not None and coder == base.coder else None
        found.append(_annotation(group[0], coder, codings, note, own))
    return found


def _annotation(
    stretch: Stretch, coder: Coder, codings: list[Written], note: str, base: Annotation | None
) -> Annotation:
    codes = list(dict.fromkeys(each.code for each in codings))
    times = [_time(each.made, stretch) for each in codings if each.made]
    if base is None:
        named = min((each.guid for each in codings if each.guid), default=stretch.guid)
        if not times and stretch.made:
            times = [_time(stretch.made, stretch)]
        base = Annotation(line(named, "coding"), stretch.unit, coder, max(times, default=_FIRST))
    elif set(codes) != set(codes_of(base)):  # coded anew in another program
        base = replace(base, made=max([base.made, *times]))
    return replace(base, unit=stretch.unit, start=stretch.start, end=stretch.end, note=note, **_fields_of(codes, base))


def _time(text: str, stretch: Stretch) -> datetime:
    try:
        return time_of(text)
    except InputError as error:
        message = f"source {stretch.unit}: {error}"
        raise InputError(message) from None


def _fields_of(codes: list[Code], base: Annotation) -> dict[str, Any]:
    """Fields of a coding from its codes; what cannot stand together is kept as codes of another scheme."""
    names: dict[str, list[str]] = {}
    for code in codes:
        names.setdefault(code.group, []).append(code.name)
    apart: list[str] = []
    try:
        levels = level_set(names["Level"]) if "Level" in names else ()
    except VocabularyError:  # a gap
        levels = ()
        apart += [f"Level/{level}" for level in Level if level in names["Level"]]
    severity = _single(names, "Severity", apart)
    if severity is not None and base.severity is not None and severity_code(base.severity) == severity:
        exact: float | None = base.severity
    else:
        exact = None if severity is None else float(severity)
    return {
        "levels": levels,
        "severity": exact,
        "issues": _in_order([Issue(name) for name in names.get("Issue", ())], base.issues),
        "assertion": _parsed(Assertion, _single(names, "Assertion", apart)),
        "frame": _parsed(Frame, _single(names, "Frame", apart)),
        "framing": _parsed(Category, _single(names, "Framing", apart)),
        "other": _in_order(list(dict.fromkeys([*names.get("", ()), *apart])), base.other),
    }


def _single(names: dict[str, list[str]], group: str, apart: list[str]) -> str | None:
    given = names.get(group, [])
    if len(given) < 2:
        return given[0] if given else None
    apart += [f"{group}/{name}" for name in given]
    return None


def _parsed(vocabulary: type[_Code], name: str | None) -> _Code | None:
    return None if name is None else vocabulary(name)


_T = TypeVar("_T")


def _in_order(found: list[_T], before: tuple[_T, ...]) -> tuple[_T, ...]:
    """What is there, in the order of before as far as it was there."""
    return (*(each for each in before if each in found), *(each for each in found if each not in before))


def _free(name: str, used: set[str], taken: set[str]) -> str:
    number, free = 1, name
    while free in used or free in taken:
        number += 1
        free = f"{name[:180].strip()} ({number})"
    return free
