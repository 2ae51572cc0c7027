"""How far coders agree: alpha overall, for each issue and each level, for each two coders; and where they differ.

A model is one coder among others, and is told apart from people. Alpha is that of K. Krippendorff, "Computing
Krippendorff's Alpha-Reliability" (2011); intervals resample documents.
"""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from math import isnan
from typing import Any

from evenhand.agreement import Agreement, nominal_agreement, ordinal_agreement, set_agreement
from evenhand.annotate.distances import NONE_GIVEN, distance, level_step, levels_text
from evenhand.annotate.records import Annotation, Annotations, Coder
from evenhand.errors import InputError
from evenhand.scheme import ISSUES, LEVELS, Issue, Level

Codes = Sequence[Annotation | None]  # of a text, by coder


@dataclass(frozen=True, slots=True)
class Measure:
    """Agreement on one question.

    Attributes:
        what: The question: "level", "issues", or a code.
        all: Of all coders.
        people: Of people alone; None where fewer than two coded.
        given: How many codings have the code; None for a question about all.
    """

    what: str
    all: Agreement
    people: Agreement | None
    given: int | None = None


@dataclass(frozen=True, slots=True)
class Pair:
    """Two coders: how many texts both coded, and their agreement by question."""

    left: str
    right: str
    units: int
    same_level: int
    measures: tuple[Measure, ...]
    confusion: dict[str, dict[str, int]]


@dataclass(frozen=True, slots=True)
class Disagreement:
    """A text on which coders differ.

    Attributes:
        unit: Its id.
        document: Where it comes from.
        said: By coder, in words of codes: level, severity, issues.
        distance: 0 to 3: of levels, severities and issues together, of the two coders who are furthest apart.
    """

    unit: str
    document: str
    said: dict[str, tuple[str, str, str]]
    distance: float


@dataclass(frozen=True, slots=True)
class Compared:
    """What a comparison of coders came to.

    Attributes:
        coders: Label, kind, and texts coded, people first.
        units: Texts that two or more coders coded.
        documents: That they come from; where a text has none, as many as texts.
        overall: Level, severity, issues, assertion and frame, as far as two coders gave them.
        levels: For each level, whether a coding holds it.
        issues: For each issue that somebody gave, whether a coding has it.
        pairs: Each two coders.
        disagreements: The furthest first.
        left_out: Codings that do not count, by reason.
    """

    coders: tuple[tuple[str, str, int], ...]
    units: int
    documents: int
    overall: tuple[Measure, ...]
    levels: tuple[Measure, ...]
    issues: tuple[Measure, ...]
    pairs: tuple[Pair, ...]
    disagreements: tuple[Disagreement, ...]
    left_out: dict[str, int]

    def to_dict(self) -> dict[str, Any]:
        """Plain JSON types; null for what cannot be computed."""
        found: dict[str, Any] = _without_nan(asdict(self))
        return found


def compare_coders(collection: Annotations, coders: Sequence[Coder] | None = None) -> Compared:
    """Compare coders.

    Args:
        collection: Texts and codings. Of several codings of a text by one coder the last counts; those of stretches and
            those that decide between others do not.
        coders: Who is compared; by default all.

    Raises:
        InputError: no text was coded by two of them.
    """
    wanted = list(collection.coders if coders is None else coders)
    last, left_out = _last_of_each(collection, set(wanted))
    if coders is None:  # who only decides, or codes stretches, is no coder of these texts
        coded = {coder for _, coder in last}
        wanted = [coder for coder in wanted if coder in coded]
    rows = [[last.get((unit.id, coder)) for coder in wanted] for unit in collection.units]
    kept = [(unit, row) for unit, row in zip(collection.units, rows, strict=True) if sum(map(bool, row)) > 1]
    if not kept:
        names = ", ".join(coder.label for coder in wanted) or "nobody"
        message = (
            f"no text was coded by two coders (there are codings by {names}); give files that have texts in common"
        )
        raise InputError(message)
    named = [unit.document for unit, _ in kept]
    places = named if all(named) else [unit.id for unit, _ in kept]
    both = [row for _, row in kept]
    people = [number for number, coder in enumerate(wanted) if coder.kind == "person"]
    counted = tuple(
        (coder.label, coder.kind, sum(row[number] is not None for row in rows)) for number, coder in enumerate(wanted)
    )
    return Compared(
        coders=counted,
        units=len(kept),
        documents=len(set(places)),
        overall=_overall(both, places, people),
        levels=tuple(_whether(both, places, people, str(level), _holds(level)) for level in LEVELS),
        issues=_by_issue(both, places, people),
        pairs=tuple(
            _pair([[row[left], row[right]] for row in both], places, wanted[left], wanted[right])
            for left, right in itertools.combinations(range(len(wanted)), 2)
        ),
        disagreements=_disagreements(collection, both, [unit.id for unit, _ in kept], wanted),
        left_out=dict(left_out),
    )


def _last_of_each(
    collection: Annotations, wanted: set[Coder]
) -> tuple[dict[tuple[str, Coder], Annotation], Counter[str]]:
    found: dict[tuple[str, Coder], Annotation] = {}
    left_out: Counter[str] = Counter()
    for coding in sorted(collection.codings, key=lambda one: (one.made, one.id)):
        if coding.coder not in wanted:
            left_out["of other coders"] += 1
        elif coding.start is not None:
            left_out["of stretches of a text"] += 1
        elif coding.decides:
            left_out["that decide between others"] += 1
        else:
            left_out["replaced by a later one of the same coder"] += (coding.unit, coding.coder) in found
            found[coding.unit, coding.coder] = coding
    return found, +left_out


def _overall(rows: Sequence[Codes], documents: Sequence[str], people: Sequence[int]) -> tuple[Measure, ...]:
    asked = _asked(rows)

    def measure(what: str, compute: Callable[[Sequence[Codes]], Agreement]) -> Measure:
        return Measure(what, compute(rows), _of_people(rows, people, compute))

    found = (
        measure("level", lambda some: ordinal_agreement([[level_step(one) for one in row] for row in some], documents)),
        measure("severity", lambda some: ordinal_agreement([[_grade(one) for one in row] for row in some], documents)),
        measure(
            "issues", lambda some: set_agreement([[_issues(one, asked) for one in row] for row in some], documents)
        ),
        measure(
            "assertion",
            lambda some: nominal_agreement([[_word(one, "assertion") for one in r] for r in some], documents),
        ),
        measure(
            "frame", lambda some: nominal_agreement([[_word(one, "frame") for one in row] for row in some], documents)
        ),
    )
    return tuple(one for one in found if one.all.units)


def _whether(
    rows: Sequence[Codes],
    documents: Sequence[str],
    people: Sequence[int],
    what: str,
    has: Callable[[Annotation], bool | None],
) -> Measure:
    def compute(some: Sequence[Codes]) -> Agreement:
        return ordinal_agreement([[_yes(one, has) for one in row] for row in some], documents)

    given = sum(bool(has(one)) for row in rows for one in row if one is not None)
    return Measure(what, compute(rows), _of_people(rows, people, compute), given)


def _by_issue(rows: Sequence[Codes], documents: Sequence[str], people: Sequence[int]) -> tuple[Measure, ...]:
    given = Counter(issue for row in rows for one in row if one is not None for issue in one.issues)
    asked = _asked(rows)
    return tuple(
        _whether(rows, documents, people, str(issue), _has(issue, asked))
        for issue in sorted(given, key=lambda issue: (-given[issue], ISSUES.index(issue)))
    )


def _of_people(
    rows: Sequence[Codes], people: Sequence[int], compute: Callable[[Sequence[Codes]], Agreement]
) -> Agreement | None:
    if len(people) < 2 or (rows and len(people) == len(rows[0])):
        return None
    found = compute([[row[number] for number in people] for row in rows])
    return found if found.units else None


def _pair(rows: Sequence[Codes], documents: Sequence[str], left: Coder, right: Coder) -> Pair:
    both = [row for row in rows if row[0] is not None and row[1] is not None]
    confusion: dict[str, dict[str, int]] = {}
    same = 0
    for one, other in both:
        assert one is not None
        assert other is not None
        same += bool(one.levels) and one.levels == other.levels
        counts = confusion.setdefault(levels_text(one), {})
        counts[levels_text(other)] = counts.get(levels_text(other), 0) + 1
    return Pair(left.label, right.label, len(both), same, _overall(rows, documents, ()), confusion)


def _disagreements(
    collection: Annotations, rows: Sequence[Codes], names: Sequence[str], coders: Sequence[Coder]
) -> tuple[Disagreement, ...]:
    documents = {unit.id: unit.document for unit in collection.units}
    found = []
    for name, row in zip(names, rows, strict=True):
        given = [one for one in row if one is not None]
        apart = max(distance(one, other) for one, other in itertools.combinations(given, 2))
        if apart > 0:
            said = {coder.label: _said(one) for coder, one in zip(coders, row, strict=True) if one is not None}
            found.append(Disagreement(name, documents[name], said, apart))
    return tuple(sorted(found, key=lambda one: -one.distance))


def _said(one: Annotation) -> tuple[str, str, str]:
    severity = NONE_GIVEN if one.severity is None else f"{one.severity:g}"
    return levels_text(one), severity, ", ".join(map(str, one.issues)) or NONE_GIVEN


def _grade(one: Annotation | None) -> int | None:
    """Severity to the nearest grade, as people give it."""
    return None if one is None or one.severity is None else int(one.severity + 0.5)


def _asked(rows: Sequence[Codes]) -> set[Coder]:
    """Coders who gave an issue anywhere; others were not asked for issues, and their silence says nothing."""
    return {one.coder for row in rows for one in row if one is not None and one.issues}


def _issues(one: Annotation | None, asked: set[Coder]) -> frozenset[str] | None:
    """Issues as a set; none at all is a set too, where the coder gave anything."""
    return None if one is None or one.coder not in asked or not _coded(one) else frozenset(map(str, one.issues))


def _word(one: Annotation | None, name: str) -> str | None:
    code = None if one is None else getattr(one, name)
    return None if code is None else str(code)


def _holds(level: Level) -> Callable[[Annotation], bool | None]:
    return lambda one: level in one.levels if one.levels else None


def _has(issue: Issue, asked: set[Coder]) -> Callable[[Annotation], bool | None]:
    return lambda one: issue in one.issues if one.coder in asked else None


def _yes(one: Annotation | None, has: Callable[[Annotation], bool | None]) -> int | None:
    found = None if one is None or not _coded(one) else has(one)
    return None if found is None else int(found)


def _coded(one: Annotation) -> bool:
    return bool(one.levels or one.issues or one.severity is not None)


def _without_nan(value: Any) -> Any:  # noqa: ANN401 - plain JSON types
    if isinstance(value, float):
        return None if isnan(value) else value
    if isinstance(value, dict):
        return {name: _without_nan(each) for name, each in value.items()}
    if isinstance(value, list | tuple):
        return [_without_nan(each) for each in value]
    return value
