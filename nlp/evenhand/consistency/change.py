"""Change over time: what became of each descriptor from one version of an area's document to the next.

Descriptors are matched one to one, first word for word and then by the same-situation score, the surest first. What
is told is where a concern stands, not where a bar does: one lowered from C to B is met with a lighter response
now, as the bar of C went up. What is not found again need not be gone: the score asks for near certainty.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from itertools import pairwise

from evenhand.consistency.collection import AreaDocument, PlacedDescriptor
from evenhand.consistency.same_situation import SameSituation, released
from evenhand.consistency.situations import same_pairs
from evenhand.errors import InputError
from evenhand.model import Model
from evenhand.scheme import LEVELS, Issue, Level

LEAST_FOUND = 0.2  # of the shorter version; two documents of different areas seldom share a tenth
PERHAPS_FROM = 0.5  # probability of the same situation: from there on it is likelier than not
_EARLIER, _LATER = "earlier", "later"  # stand for areas as well, since pairs are sought between areas
Rows = Sequence[PlacedDescriptor]
Sets = Mapping[str, tuple[Level, ...]]  # a version's levels by name
Match = tuple[float, int, int]  # probability, place in the earlier version, place in the later one


class Kind(StrEnum):
    """What became of a descriptor."""

    RAISED = "raised"  # at a higher level now: met with a heavier response
    LOWERED = "lowered"  # at a lower level now: met with a lighter response
    WIDENED = "widened"  # at a level that has all its codes and further ones
    NARROWED = "narrowed"  # at a level that has some of its codes alone
    SHIFTED = "shifted"  # at a level that has some of its codes and others
    APPEARED = "appeared"  # found in the later version alone
    VANISHED = "vanished"  # found in the earlier version alone
    PERHAPS = "perhaps"  # as these two, but the other version has a near one, to be read beside it
    UNCHANGED = "unchanged"


@dataclass(frozen=True, slots=True)
class Change:
    """What became of one descriptor.

    Attributes:
        kind: In a word.
        before: In the earlier version; None where it was not found there.
        after: In the later version; None where it was not found there.
        candidate: For `perhaps` the nearest descriptor of the other version, which may be matched with another.
        probability: That the two describe the same situation, 1.0 word for word; None where there is only one.
        by_levels: Whether that levels were merged or split is all there is to it.
    """

    kind: Kind
    before: PlacedDescriptor | None
    after: PlacedDescriptor | None
    candidate: PlacedDescriptor | None = None
    probability: float | None = None
    by_levels: bool = False

    @property
    def issue(self) -> Issue | None:
        """Its first issue, as coded in the later version where it stands in both; None without any."""
        row = self.after or self.before
        return row.issues[0] if row and row.issues else None


@dataclass(frozen=True, slots=True)
class LevelChange:
    """Neighbouring codes that were merged into one level, or that one level was split into; `str` tells it.

    Attributes:
        codes: The codes, in order.
        merged: Whether they are one level now; otherwise they were one.
        before: The earlier version's names of levels that have any of them.
        after: The later version's.
    """

    codes: tuple[Level, ...]
    merged: bool
    before: tuple[str, ...]
    after: tuple[str, ...]

    def __str__(self) -> str:
        now, then = ("one level", "levels apart") if self.merged else ("levels apart", "one level")
        names = ", ".join(self.after), ", ".join(self.before)
        return f"{_listed(self.codes)} are {now} now ({names[0]}); before, they were {then} ({names[1]})."


@dataclass(frozen=True, slots=True)
class Changes:
    """What became of the descriptors of a document.

    Attributes:
        changes: By kind in the order of `Kind`; each descriptor of either version is once `before` or `after`.
        levels: Levels that were merged, then levels that were split.
        notes: What a reader has to know, the figure of matches first, in whole sentences.
    """

    changes: tuple[Change, ...]
    levels: tuple[LevelChange, ...]
    notes: tuple[str, ...]

    def counts(self) -> dict[Kind, int]:
        """How many changes are of each kind, those of none included."""
        found = Counter(change.kind for change in self.changes)
        return {kind: found[kind] for kind in Kind}

    def by_issue(self) -> dict[Issue | None, dict[Kind, int]]:
        """The same by first issue, issues with most changes first; None for descriptors without an issue."""
        found: dict[Issue | None, Counter[Kind]] = defaultdict(Counter)
        for change in self.changes:
            found[change.issue][change.kind] += 1
        ordered = sorted(found.items(), key=lambda item: (item[0] is None, -item[1].total(), item[0] or ""))
        return {issue: {kind: counts[kind] for kind in Kind} for issue, counts in ordered}


def changes(
    before: Rows,
    after: Rows,
    model: Model,
    *,
    documents: tuple[AreaDocument, AreaDocument] | None = None,
    score: SameSituation | None = None,
) -> Changes:
    """Match the descriptors of two versions of a document, and tell what became of each.

    Args:
        before: Of the earlier version.
        after: Of the later version.
        model: Reads the texts, unless all are word for word in both.
        documents: Both versions, for their levels and whether they were read whole; otherwise levels are the rows'.
        score: Of pairs; None for the released one.

    Raises:
        InputError: a version has no descriptors, or a document is on both sides.
    """
    _check(before, after)
    score = score or released()
    found = _same_words(before, after)
    if len(_one_to_one(found, before, after)) < max(len(before), len(after)):
        found += _near(before, after, model, score)
    sure = _one_to_one([match for match in found if match[0] >= score.threshold], before, after)
    sets = _sets(before, documents and documents[0]), _sets(after, documents and documents[1])
    levels = (*_joined(*sets, merged=True), *_joined(*sets, merged=False))
    told = [_matched(before[earlier], after[later], probability, levels) for probability, earlier, later in sure]
    told += _unmatched(before, after, found, sure)
    told.sort(key=lambda change: list(Kind).index(change.kind))  # stable: documents' order within a kind
    whole = documents is not None and all(document.read_whole for document in documents)
    return Changes(tuple(told), levels, tuple(_notes(before, after, told, whole=whole, threshold=score.threshold)))


def _check(before: Rows, after: Rows) -> None:
    if not before or not after:
        which = _LATER if before else _EARLIER
        message = f"the {which} version has no descriptor with a level; code it with: evenhand code FILE -o coded.jsonl"
        raise InputError(message)
    if both := sorted({row.document for row in before} & {row.document for row in after}):
        message = f"document {both[0]!r} is on both sides; give two versions, each under its own name"
        raise InputError(message)


def _same_words(before: Rows, after: Rows) -> list[Match]:
    """All pairs that are the same word for word, but for capitals, spaces and what ends them."""
    words = [[" ".join(row.text.casefold().split()).rstrip(" .;,:") for row in rows] for rows in (before, after)]
    places: dict[str, list[int]] = defaultdict(list)
    for place, text in enumerate(words[1]):
        places[text].append(place)
    return [(1.0, earlier, later) for earlier, text in enumerate(words[0]) for later in places.get(text, ())]


def _near(before: Rows, after: Rows, model: Model, score: SameSituation) -> list[Match]:
    """Pairs that may be the same situation by the score."""
    versions = ((_EARLIER, before), (_LATER, after))
    rows = [replace(row, area=name, id=str(place)) for name, own in versions for place, row in enumerate(own)]
    pairs = same_pairs(rows, model, score=replace(score, threshold=min(PERHAPS_FROM, score.threshold)))
    places = [({row.area: int(row.id) for row in (pair.left, pair.right)}, pair.probability) for pair in pairs]
    return [(probability, place[_EARLIER], place[_LATER]) for place, probability in places]


def _one_to_one(found: Iterable[Match], before: Rows, after: Rows) -> list[Match]:
    """The surest matches, each descriptor in one at most, in the order of the earlier version."""

    def order(match: Match) -> tuple[float, int, int, int]:
        # A text that stands at several levels is matched with itself at the nearest.
        probability, earlier, later = match
        one, other = before[earlier].levels, after[later].levels
        apart = abs(one[0].rank - other[0].rank) + abs(one[-1].rank - other[-1].rank)
        return -probability, apart, earlier, later

    chosen: dict[int, Match] = {}
    taken = set[int]()
    for match in sorted(found, key=order):
        if match[1] not in chosen and match[2] not in taken:
            chosen[match[1]] = match
            taken.add(match[2])
    return [chosen[place] for place in sorted(chosen)]


def _matched(
    before: PlacedDescriptor, after: PlacedDescriptor, probability: float, levels: Iterable[LevelChange]
) -> Change:
    one, other = set(before.levels), set(after.levels)
    if one == other:
        return Change(Kind.UNCHANGED, before, after, None, probability)
    if not one & other:
        kind = Kind.RAISED if after.levels[0].rank > before.levels[0].rank else Kind.LOWERED
        return Change(kind, before, after, None, probability)
    kind = Kind.WIDENED if one < other else Kind.NARROWED if other < one else Kind.SHIFTED
    by_levels = kind is not Kind.SHIFTED and any(
        # What came or went is of the same level as what stayed, in one version alone.
        one ^ other <= set(level.codes) and one & other & set(level.codes)
        for level in levels
        if level.merged is (kind is Kind.WIDENED)
    )
    return Change(kind, before, after, None, probability, by_levels)


def _unmatched(before: Rows, after: Rows, found: Iterable[Match], sure: Iterable[Match]) -> Iterator[Change]:
    """Descriptors that were not found in the other version, with the nearest that it has."""
    nearest = [{match[side]: match for match in sorted(found)} for side in (1, 2)]
    taken = [{match[side] for match in sure} for side in (1, 2)]
    for earlier, row in enumerate(before):
        if earlier not in taken[0] and (match := nearest[0].get(earlier)):
            yield Change(Kind.PERHAPS, row, None, after[match[2]], match[0])
        elif earlier not in taken[0]:
            yield Change(Kind.VANISHED, row, None)
    for later, row in enumerate(after):
        if later not in taken[1] and (match := nearest[1].get(later)):
            yield Change(Kind.PERHAPS, None, row, before[match[1]], match[0])
        elif later not in taken[1]:
            yield Change(Kind.APPEARED, None, row)


def _sets(rows: Rows, document: AreaDocument | None) -> Sets:
    return (dict(document.levels) if document else {}) or {row.native_level: row.levels for row in rows}


def _joined(before: Sets, after: Sets, *, merged: bool) -> Iterator[LevelChange]:
    """Runs of codes that are in one level in the later version and were in several, or the other way round."""
    whole, parts = (after, before) if merged else (before, after)
    told = {code for codes in parts.values() for code in codes}
    runs: list[list[Level]] = []
    for one, other in pairwise(LEVELS):
        if {one, other} <= told and _in_one(whole, [one, other]) and not _in_one(parts, [one, other]):
            if runs and runs[-1][-1] == one and _in_one(whole, [*runs[-1], other]):
                runs[-1].append(other)
            else:
                runs.append([one, other])
    for run in runs:
        names = [tuple(name for name, own in sets.items() if set(run) & set(own)) for sets in (before, after)]
        yield LevelChange(tuple(run), merged, *names)


def _in_one(sets: Sets, codes: Iterable[Level]) -> bool:
    return any(set(codes) <= set(own) for own in sets.values())


def _listed(names: Sequence[str]) -> str:
    return f"{', '.join(names[:-1])} and {names[-1]}" if len(names) > 1 else "".join(names)


def _notes(before: Rows, after: Rows, told: Sequence[Change], *, whole: bool, threshold: float) -> Iterator[str]:
    matched = [change for change in told if change.before and change.after]
    words = sum(change.probability == 1.0 for change in matched)
    near = sum(change.kind is Kind.PERHAPS for change in told)
    yield (
        f"Of {len(before)} descriptors of the earlier version {len(matched)} were found among the {len(after)} of the"
        f" later one: {words} word for word, {len(matched) - words} by the same-situation score, which has to reach"
        f" {threshold:.2f}. What appeared or vanished may have been reworded beyond that: for {near} more the other"
        f" version has a descriptor that is the same with a probability of {PERHAPS_FROM} or above."
    )
    if len(matched) < LEAST_FOUND * min(len(before), len(after)):
        yield "Hardly anything was found again: check that these are two versions of one document."
    if bare := sum(row.severity is None or not row.issues for row in (*before, *after)):
        yield f"{bare} descriptors have no severity or no issue, and were looked for word for word alone."
    if by_levels := sum(change.by_levels for change in told):
        yield f"{by_levels} were widened or narrowed because levels were merged or split, and by nothing else."
    for rows, others, name, other in ((before, after, _EARLIER, _LATER), (after, before, _LATER, _EARLIER)):
        if missing := {code for row in rows for code in row.levels} - {code for row in others for code in row.levels}:
            codes = _listed([code for code in LEVELS if code in missing])
            yield f"Nothing of the {other} version stands at {codes}, where the {name} one has descriptors."
    if not whole:
        yield "Not both versions are known to have been read whole; what was not found may stand in what was not read."
