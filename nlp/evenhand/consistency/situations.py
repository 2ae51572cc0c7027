"""The same situation, met differently: descriptors of different areas that say the same and stand at other levels.

A pair counts if both are about a common issue, are asserted alike, have the same qualifiers, are near in embedding and
severity, and the same-situation score confirms them. It is a finding if their level sets have no level in common. Pairs
are joined to one situation only where every two of its descriptors count as a pair.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from evenhand.consistency.collection import PlacedDescriptor
from evenhand.consistency.same_situation import Read, SameSituation, released
from evenhand.consistency.wording import words
from evenhand.model import Model
from evenhand.scheme import Assertion, Issue, Level

LEAST_COSINE = 0.86  # below it none in forty of the judged pairs was the same situation
MOST_GRADES = 1.0  # between the severities of a pair: coders differ by one in an eighth of rows, and hardly ever by two


@dataclass(frozen=True, slots=True)
class SamePair:
    """Two descriptors of different areas that describe the same situation.

    Attributes:
        left: One of them.
        right: The other.
        probability: That they do.
    """

    left: PlacedDescriptor
    right: PlacedDescriptor
    probability: float

    @property
    def differs(self) -> bool:
        """Whether their areas put it at levels of which none is common."""
        return not set(self.left.levels) & set(self.right.levels)


@dataclass(frozen=True, slots=True)
class Situation:
    """Descriptors that all describe one situation.

    Attributes:
        members: From the mildest level to the gravest.
        issue: That most of them are about.
        probability: Of the least sure pair.
    """

    members: tuple[PlacedDescriptor, ...]
    issue: Issue
    probability: float

    @property
    def by_area(self) -> dict[str, tuple[Level, ...]]:
        """All levels at which each area puts it, in order; an area may put it at several."""
        found: dict[str, set[Level]] = defaultdict(set)
        for row in self.members:
            found[row.area] |= set(row.levels)
        return {area: tuple(sorted(levels, key=lambda level: level.rank)) for area, levels in found.items()}

    @property
    def differs(self) -> bool:
        """Whether two areas put it at levels of which none is common."""
        return any(not set(one) & set(other) for one, other in combinations(self.by_area.values(), 2))

    @property
    def steps(self) -> int:
        """Most levels between the sets of two areas that have none in common; 0 where there are no such two."""
        apart = [
            max(one[0].rank - other[-1].rank, other[0].rank - one[-1].rank)
            for one, other in combinations(self.by_area.values(), 2)
            if not set(one) & set(other)
        ]
        return max([0, *apart])


@dataclass(frozen=True, slots=True)
class _Known:
    row: PlacedDescriptor
    read: Read
    assertion: Assertion | None


def same_pairs(
    descriptors: Sequence[PlacedDescriptor], model: Model, *, score: SameSituation | None = None
) -> list[SamePair]:
    """All pairs of descriptors of different areas that describe the same situation, the surest first."""
    score = score or released()
    known = _known(descriptors, model)
    found = [
        SamePair(known[left].row, known[right].row, probability)
        for left, right in sorted(_near(known))
        if _alike(known[left], known[right])
        for probability in [score.probability(known[left].read, known[right].read)]
        if probability >= score.threshold
    ]
    return sorted(found, key=lambda pair: -pair.probability)


def _known(descriptors: Sequence[PlacedDescriptor], model: Model) -> list[_Known]:
    """What is known of each descriptor that has a severity and an issue."""
    rows = [row for row in descriptors if row.severity is not None and row.issues]
    texts = list(dict.fromkeys(row.text for row in rows))
    codings = dict(zip(texts, model.code_many(texts), strict=True))
    embeddings = dict(zip(texts, model.embed_many(texts), strict=True))
    return [
        _Known(row, Read.of(row.text, codings[row.text], embeddings[row.text]), codings[row.text].assertion)
        for row in rows
    ]


def _near(known: Sequence[_Known]) -> Iterator[tuple[int, int]]:
    """Places of pairs that share an issue and are near in embedding, each once."""
    by_issue: dict[Issue, list[int]] = defaultdict(list)
    for place, one in enumerate(known):
        for issue in one.row.issues:
            by_issue[issue].append(place)
    seen: set[tuple[int, int]] = set()
    for places in by_issue.values():
        matrix = np.stack([known[place].read.embedding for place in places])
        for row, place in enumerate(places):
            for other in np.flatnonzero(matrix[row + 1 :] @ matrix[row] >= LEAST_COSINE):
                pair = (place, places[row + 1 + int(other)])
                if pair not in seen:
                    seen.add(pair)
                    yield pair


def _alike(left: _Known, right: _Known) -> bool:
    """What a pair has to agree in before it is scored, besides its qualifiers, which the score asks for itself."""
    return (
        left.row.area != right.row.area
        and (left.assertion == right.assertion or words(left.row.text) == words(right.row.text))
        and abs((left.row.severity or 0.0) - (right.row.severity or 0.0)) <= MOST_GRADES
    )


def situations(pairs: Sequence[SamePair]) -> list[Situation]:
    """Join pairs to situations, the surest first; the widest apart come first in the result."""
    sure = {frozenset((pair.left.id, pair.right.id)): pair.probability for pair in pairs}
    rows = {row.id: row for pair in pairs for row in (pair.left, pair.right)}
    groups: dict[str, list[str]] = {id_: [id_] for id_ in rows}
    for pair in sorted(pairs, key=lambda pair: -pair.probability):
        mine, theirs = groups[pair.left.id], groups[pair.right.id]
        if mine is theirs or not all(_joins(rows[one], rows[other], sure) for one in mine for other in theirs):
            continue
        mine += theirs
        for id_ in theirs:
            groups[id_] = mine
    unique = {id(group): group for group in groups.values() if len(group) > 1}
    found = [_situation([rows[id_] for id_ in group], sure) for group in unique.values()]
    return sorted(found, key=lambda one: (-one.steps, -len(one.members), one.members[0].text))


def _joins(one: PlacedDescriptor, other: PlacedDescriptor, sure: dict[frozenset[str], float]) -> bool:
    """Whether two descriptors are one situation; within an area, which has no pairs, the same words are."""
    return frozenset((one.id, other.id)) in sure or (one.area == other.area and one.text.lower() == other.text.lower())


def _situation(rows: list[PlacedDescriptor], sure: dict[frozenset[str], float]) -> Situation:
    counts: dict[Issue, int] = defaultdict(int)
    for row in rows:
        counts[row.issues[0]] += 1
    ids = [row.id for row in rows]
    found = [
        sure[pair] for n, one in enumerate(ids) for other in ids[n + 1 :] if (pair := frozenset((one, other))) in sure
    ]
    return Situation(
        members=tuple(sorted(rows, key=lambda row: (row.levels[0].rank, row.levels[-1].rank, row.area))),
        issue=max(counts, key=lambda issue: counts[issue]),
        probability=min(found),
    )
