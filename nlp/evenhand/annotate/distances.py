"""How far two codings of a text are apart; arithmetic only."""

from __future__ import annotations

from evenhand.agreement import masi
from evenhand.annotate.records import Annotation
from evenhand.scheme import LEVELS, SEVERITIES

NONE_GIVEN = "none given"
_LEVEL_STEPS = 2 * (len(LEVELS) - 1)  # sets lie between levels, so that ranks count by halves
_SEVERITY_STEPS = SEVERITIES[-1] - SEVERITIES[0]


def distance(one: Annotation, other: Annotation) -> float:
    """How far two codings of a text are apart: 0 to 1 each for level, severity and issues; what one lacks counts 0."""
    apart = 0.0
    if one.levels and other.levels:
        ends = (abs(one.levels[end].rank - other.levels[end].rank) for end in (0, -1))
        apart += sum(ends) / _LEVEL_STEPS
    if one.severity is not None and other.severity is not None:
        apart += abs(one.severity - other.severity) / _SEVERITY_STEPS
    if one.issues and other.issues:
        apart += masi(frozenset(map(str, one.issues)), frozenset(map(str, other.issues)))
    return apart


def level_step(one: Annotation | None) -> int | None:
    """Place of a level set in the order of levels, by halves: 0 for none, 7 for C or D, 8 for D; None without one."""
    return None if one is None or not one.levels else one.levels[0].rank + one.levels[-1].rank


def levels_text(one: Annotation) -> str:
    """A level set in words of codes: "C or D"."""
    return " or ".join(map(str, one.levels)) or NONE_GIVEN
