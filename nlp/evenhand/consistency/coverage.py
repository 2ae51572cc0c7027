"""Which issues a document names, at which levels, and what it leaves out.

That a document does not mention an issue, or names it at the gravest level only, can be said of documents read whole
alone: of an excerpt the rest is not known. The lowest level at which an issue was seen can be said of any.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Set
from dataclasses import dataclass

from evenhand.consistency.collection import Collection
from evenhand.scheme import ISSUES, LEVELS, Issue, Level

# What no document lists as a concern.
_NO_CONCERN = frozenset({Issue.PROTECTIVE})
CONCERNS: tuple[Issue, ...] = tuple(issue for issue in ISSUES if issue not in _NO_CONCERN)

# Severity from which on a descriptor is a concern: below, it rounds to grade 1, a strength or an ordinary need.
# "Parents keep the child safe" at the level of universal services does not say that neglect is met there.
LEAST_CONCERN = 1.5


@dataclass(frozen=True, slots=True)
class Mention:
    """How an area's documents name an issue as a concern.

    Attributes:
        lowest: The mildest level at which a descriptor names it; of a merged level the mildest of its set.
        lowest_set: The whole set of that level.
        descriptors: How many name it.
    """

    lowest: Level
    lowest_set: tuple[Level, ...]
    descriptors: int


@dataclass(frozen=True, slots=True)
class AreaCoverage:
    """What an area's documents name.

    Attributes:
        area: Its name.
        mentions: By issue; an issue that is not there was not seen.
        read_whole: Whether all its documents were read whole; otherwise `silent` and `only_gravest` are empty.
        silent: Issues with which no descriptor was coded, also none that is a strength or stands at no clear level.
        only_gravest: Issues that are named at the area's gravest level only.
        merges_c_and_d: Whether a document of it has one level for child in need and child protection; None without one
            whose levels tell.
    """

    area: str
    mentions: Mapping[Issue, Mention]
    read_whole: bool
    silent: tuple[Issue, ...]
    only_gravest: tuple[Issue, ...]
    merges_c_and_d: bool | None


def coverage(collection: Collection) -> list[AreaCoverage]:
    """What the documents of each area name, areas in alphabetical order."""
    seen: dict[str, dict[Issue, list[tuple[Level, ...]]]] = defaultdict(lambda: defaultdict(list))
    areas = {document.id: document.area for document in collection.documents}
    named: dict[str, set[Issue]] = defaultdict(set)
    for document, issue in collection.unplaced:
        named[areas[document]].add(issue)
    for row in collection.descriptors:
        named[row.area].update(row.issues)
        if row.severity is not None and row.severity < LEAST_CONCERN:
            continue
        for issue in row.issues:
            seen[row.area][issue].append(row.levels)
    return [_of_area(collection, area, seen[area], named[area]) for area in collection.areas]


def _of_area(
    collection: Collection, area: str, seen: Mapping[Issue, list[tuple[Level, ...]]], named: Set[Issue]
) -> AreaCoverage:
    documents = [document for document in collection.documents if document.area == area]
    sets = [codes for document in documents for _, codes in document.levels]
    merges = [document.merges_c_and_d for document in documents if document.merges_c_and_d is not None]
    several = len(set(sets)) > 1  # of one level alone everything is at the gravest
    whole = bool(seen) and all(document.read_whole for document in documents)
    gravest = max((codes[-1].rank for codes in sets if codes), default=len(LEVELS) - 1)
    return AreaCoverage(
        area=area,
        mentions={
            issue: Mention(lowest=lowest[0], lowest_set=lowest, descriptors=len(found))
            for issue, found in seen.items()
            for lowest in [min(found, key=lambda codes: (codes[0].rank, codes[-1].rank))]
        },
        read_whole=whole,
        silent=tuple(issue for issue in CONCERNS if whole and issue not in named),
        only_gravest=tuple(
            issue
            for issue in CONCERNS
            if whole and several and issue in seen and all(codes[-1].rank == gravest for codes in seen[issue])
        ),
        merges_c_and_d=any(merges) if merges else None,
    )
