"""The closed vocabularies of the coding scheme, each defined once; imports the standard library only.

Levels follow the analysis of 37 threshold documents in "Storing Up Trouble" (All Party Parliamentary Group for
Children, 2018, Annex B v) with `none` added below it. Issues, severity, assertion and frame are described in
`annotations/CODING-GUIDE.md`. Levels are ordered; a level *set* is always a contiguous run of them.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from enum import StrEnum
from functools import cache
from importlib import resources
from typing import TypeVar

from evenhand.errors import VocabularyError, did_you_mean

SCHEME_VERSION = "1.0"


class Level(StrEnum):
    """Level of intervention, from no additional response to child protection."""

    NONE = "none"
    A = "A"
    B = "B"
    C = "C"
    D = "D"

    @property
    def rank(self) -> int:
        """Position in the order `none` < `A` < `B` < `C` < `D`, from 0."""
        return LEVELS.index(self)


LEVELS: tuple[Level, ...] = tuple(Level)

LEVEL_MEANINGS: dict[Level, str] = {
    Level.NONE: "universal services meet the need",
    Level.A: "early help led by universal services",
    Level.B: "early help with more, from or alongside children's social care",
    Level.C: "child in need (section 17)",
    Level.D: "child protection (section 47)",
}


class Issue(StrEnum):
    """What a text is about. Several may hold at once."""

    DOMESTIC_ABUSE = "domestic_abuse"
    SELF_HARM = "self_harm"
    HOUSING = "housing"
    BULLYING = "bullying"
    PHYSICAL_ABUSE = "physical_abuse"
    SEXUAL_ABUSE = "sexual_abuse"
    EMOTIONAL_ABUSE = "emotional_abuse"
    NEGLECT = "neglect"
    EXPLOITATION = "exploitation"
    HARMFUL_PRACTICES = "harmful_practices"
    RADICALISATION = "radicalisation"
    MISSING = "missing"
    PARENTAL_SUBSTANCE_USE = "parental_substance_use"
    CHILD_SUBSTANCE_USE = "child_substance_use"
    PARENTAL_MENTAL_HEALTH = "parental_mental_health"
    CHILD_MENTAL_HEALTH = "child_mental_health"
    DISABILITY_SEN = "disability_sen"
    HEALTH_DEVELOPMENT = "health_development"
    EDUCATION = "education"
    BEHAVIOUR_OFFENDING = "behaviour_offending"
    SEXUAL_BEHAVIOUR = "sexual_behaviour"
    YOUNG_CARER = "young_carer"
    POVERTY = "poverty"
    PARENTING = "parenting"
    FAMILY_RELATIONSHIPS = "family_relationships"
    PARENTAL_HEALTH_DISABILITY = "parental_health_disability"
    DISCRIMINATION_IDENTITY = "discrimination_identity"
    MIGRATION = "migration"
    UNBORN = "unborn"
    CARE_STATUS = "care_status"
    ENGAGEMENT = "engagement"
    PROTECTIVE = "protective"


ISSUES: tuple[Issue, ...] = tuple(Issue)


class Assertion(StrEnum):
    """Whether a sentence says that something is so, was so, might be so, or is so of somebody else."""

    PRESENT = "present"
    NEGATED = "negated"
    HISTORICAL = "historical"
    HYPOTHETICAL = "hypothetical"
    OTHER_PERSON = "other_person"


ASSERTIONS: tuple[Assertion, ...] = tuple(Assertion)


class Frame(StrEnum):
    """How a sentence tells it: as evidence, risk, blame, need or strength."""

    EVIDENCE = "evidence"
    RISK = "risk"
    BLAME = "blame"
    NEED = "need"
    STRENGTH = "strength"


FRAMES: tuple[Frame, ...] = tuple(Frame)

SEVERITIES: tuple[int, ...] = (1, 2, 3, 4, 5, 6)

SEVERITY_MEANINGS: dict[int, str] = {
    1: "no impairment: a strength or an ordinary need",
    2: "an early or single concern",
    3: "some impairment likely without extra help",
    4: "unlikely to reach a reasonable standard of health or development without services",
    5: "harm is occurring, or significant harm is likely",
    6: "significant harm, severe or sustained, or immediate danger",
}

_Code = TypeVar("_Code", bound=StrEnum)


def parse_code(vocabulary: type[_Code], value: str) -> _Code:
    """Read one code of a vocabulary, for instance `parse_code(Issue, "housing")`.

    Raises:
        VocabularyError: the value is not in the vocabulary; the message names the nearest code.
    """
    try:
        return vocabulary(value)
    except ValueError:
        kind = vocabulary.__name__.lower()
        message = f"unknown {kind} {value!r}{did_you_mean(value, [str(code) for code in vocabulary])}"
        raise VocabularyError(message) from None


def level_set(codes: Iterable[str]) -> tuple[Level, ...]:
    """Order a set of level codes and check that it is one contiguous, non-empty run.

    >>> level_set(["D", "C"])
    (<Level.C: 'C'>, <Level.D: 'D'>)

    Raises:
        VocabularyError: an unknown code, an empty set, or a set with a gap such as none + B.
    """
    levels = tuple(sorted({parse_code(Level, code) for code in codes}, key=lambda level: level.rank))
    if not levels:
        message = "a level set is empty; give at least one of " + ", ".join(LEVELS)
        raise VocabularyError(message)
    if levels[-1].rank - levels[0].rank != len(levels) - 1:
        message = f"level set {'+'.join(levels)} has a gap; levels of one set must be neighbours"
        raise VocabularyError(message)
    return levels


@cache
def _dfe_factors_by_issue() -> dict[Issue, tuple[str, ...]]:
    stored = resources.files("evenhand").joinpath("data/dfe-factors.json").read_text(encoding="utf-8")
    table: dict[str, list[str]] = json.loads(stored)["by_issue"]
    return {Issue(issue): tuple(codes) for issue, codes in table.items()}


def dfe_codes(issues: Iterable[Issue]) -> tuple[str, ...]:
    """Map issues to factor codes of the Department for Education's children in need census, sorted.

    The mapping is Evenhand's own reading of the census guide, not the Department's. An issue without a
    corresponding factor adds nothing.
    """
    table = _dfe_factors_by_issue()
    return tuple(sorted({code for issue in issues for code in table.get(issue, ())}))
