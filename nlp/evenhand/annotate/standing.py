"""How far the coding of a collection is, and which of its texts have to be decided; pure functions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from evenhand.annotate.records import Annotation, Annotations

ENOUGH = 2  # people who code each text; their codings are then shown to both, and can be adjudicated


@dataclass(frozen=True, slots=True)
class Standing:
    """How far a project is.

    Attributes:
        units: Texts in all.
        coded: Texts that a person coded, by coder.
        complete: Texts that enough people coded.
        differing: Of these, texts on which they differ and nobody has decided.
        decided: Texts that an adjudicator decided.
    """

    units: int
    coded: dict[str, int]
    complete: int
    differing: int
    decided: int


def standing(collection: Annotations) -> Standing:
    """How far the coding of a collection is."""
    coded: dict[str, int] = {}
    complete = differing = decided = 0
    for codings in collection.by_unit().values():
        people = {one.coder.name for one in last_of_people(codings)}
        for name in people:
            coded[name] = coded.get(name, 0) + 1
        is_decided = any(one.decides for one in codings)
        decided += is_decided
        complete += len(people) >= ENOUGH
        differing += differ(codings) and not is_decided
    return Standing(len(collection.units), dict(sorted(coded.items())), complete, differing, decided)


def last_of_people(codings: Sequence[Annotation]) -> list[Annotation]:
    """The last coding of a whole text by each person, in the order of their first; adjudicators' decisions are none."""
    last = {one.coder: one for one in codings if one.coder.kind == "person" and not one.decides and one.start is None}
    return list(last.values())


def is_open_to(coder: str, codings: Sequence[Annotation]) -> bool:
    """Whether a person may see what others coded of a text: they have coded it, and so has another."""
    people = {one.coder.name for one in last_of_people(codings)}
    return len(people) >= ENOUGH and coder in people


def differ(codings: Sequence[Annotation]) -> bool:
    """Whether the last codings of two people differ in level, severity or issues; to give none is to differ."""
    people = last_of_people(codings)
    return len({(one.levels, one.severity, frozenset(one.issues)) for one in people}) > 1
