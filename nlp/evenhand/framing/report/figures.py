"""The report's figures: counts and rates with intervals, small ones hidden; pure functions."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import reduce

from evenhand.framing.report.suppression import hidden, is_small
from evenhand.framing.report.tally import Tallies, Tally
from evenhand.framing.scheme import CATEGORY_NAMES, ELEMENT_NAMES, FLAGGED, Category, Element, Need
from evenhand.scheme import FRAMES

_Z = 1.959964  # of a normal distribution, for 95%
MOST_GROUPS = 60  # shown of a column, the largest; all others stand as one group
MOST_PHRASES = 30
_ENOUGH = 10  # texts of a group from which its balance is shown; of fewer, single sentences could be read off
OTHERS = "all others together"
_FEW = "groups of under 5 texts together"
# Columns of the table by group, besides any flag: what the issue is asked about most.
COMPARED = (Category.RISK_ESCALATION, Category.PARENT_BLAMING, Category.VICTIM_BLAMING, Category.STIGMATISING)


@dataclass(frozen=True, slots=True)
class Rate:
    """A share of rows; hidden where it would tell of few.

    Attributes:
        count: None where hidden.
        rows: Of how many.
        low: Of the 95% Wilson interval, None where hidden.
        high: Its upper end.
    """

    count: int | None
    rows: int
    low: float | None
    high: float | None

    @property
    def share(self) -> float | None:
        """None where hidden, or of no rows."""
        return None if self.count is None or not self.rows else self.count / self.rows


@dataclass(frozen=True, slots=True)
class GroupRates:
    """Rates of one group of a column.

    Attributes:
        name: Its value.
        rows: None where the group is too small to be shown.
        rates: By what they are of: "flagged", "unmet", or a category.
        frames: Shares of its sentences; empty where hidden.
    """

    name: str
    rows: int | None
    rates: Mapping[str, Rate]
    frames: Mapping[str, float]


def rate(count: int, rows: int, *, shown: bool = True) -> Rate:
    """A rate with its interval (Wilson 1927)."""
    if not shown or not rows:
        return Rate(None, rows, None, None)
    share, spread = count / rows, _Z**2 / rows
    middle = (share + spread / 2) / (1 + spread)
    half = math.sqrt(spread * (share * (1 - share) + spread / 4)) / (1 + spread)
    return Rate(count, rows, max(0.0, middle - half), min(1.0, middle + half))


def by_group(groups: Mapping[str, Tally]) -> list[GroupRates]:
    """The groups of a column in order of their names, with small counts hidden and those that would tell of them."""
    kept = _folded(groups)
    names = sorted(kept, key=lambda name: (name in (OTHERS, _FEW), name))
    tallies = [kept[name] for name in names]
    sizes = [tally.rows for tally in tallies]
    small = hidden(sizes)
    measured = {"flagged": [tally.flagged for tally in tallies], "unmet": [tally.unmet for tally in tallies]}
    measured |= {str(category): [tally.categories[str(category)] for tally in tallies] for category in COMPARED}
    unseen = {name: hidden(counts, sizes, small) for name, counts in measured.items()}
    return [
        GroupRates(
            name=name,
            rows=None if place in small else sizes[place],
            rates={
                what: rate(counts[place], sizes[place], shown=place not in unseen[what])
                for what, counts in measured.items()
            },
            # Of few sentences of a kind the share tells the number.
            frames={} if place in small or any(map(is_small, tally.frames.values())) else balance(tally),
        )
        for place, (name, tally) in enumerate(zip(names, tallies, strict=True))
    ]


def balance(tally: Tally) -> dict[str, float]:
    """Shares of sentences by frame; empty where there are too few texts to show them."""
    total = sum(tally.frames.values()) if tally.rows >= _ENOUGH else 0
    return {str(frame): tally.frames[str(frame)] / total for frame in FRAMES} if total else {}


def categories(tally: Tally) -> list[tuple[Category, Rate]]:
    """Rates of all rows, by category; those that tell of few are hidden."""
    return [
        (category, _alone(tally.categories[str(category)], tally.rows))
        for category in sorted(Category, key=lambda each: (each not in FLAGGED, -tally.categories[str(each)]))
    ]


def overall(tally: Tally) -> list[tuple[str, Rate]]:
    """Rates of all rows, by what the categories are called."""
    return [(CATEGORY_NAMES[category], one) for category, one in categories(tally)]


def headlines(tally: Tally) -> tuple[Rate, Rate]:
    """Rows with words that may be said otherwise, and with an unmet need."""
    return _alone(tally.flagged, tally.rows), _alone(tally.unmet, tally.rows)


def needs(tally: Tally) -> list[tuple[str, Rate]]:
    """Rows with each unmet need."""
    counts = sorted(Need, key=lambda need: -tally.needs[str(need)])
    return [(str(need).replace("_", " "), _alone(tally.needs[str(need)], tally.rows)) for need in counts]


def elements(tally: Tally) -> list[tuple[str, Rate, Rate, Rate]]:
    """Rows in which each element is found, unclear and not found; the three make up all, so hidden together."""
    found = []
    for element in Element:
        counts = [tally.elements[str(element), state] for state in ("found", "unclear", "not_found")]
        unseen = hidden(counts)
        one, two, three = (rate(count, tally.rows, shown=place not in unseen) for place, count in enumerate(counts))
        found.append((ELEMENT_NAMES[element], one, two, three))
    return found


def phrases(tallies: Tallies) -> list[tuple[str, str, int, str]]:
    """The commonest flagged words: what they do, how many rows have them, what is suggested; no rare ones."""
    rows = tallies.all.rows
    common = [(words, one) for (_, words), one in tallies.phrases.items() if one.rows and not is_small(one.rows, rows)]
    common.sort(key=lambda each: (-each[1].rows, each[0]))
    return [
        (words, CATEGORY_NAMES[Category(phrase.category)], phrase.rows, phrase.suggestion or "")
        for words, phrase in common[:MOST_PHRASES]
    ]


def _alone(count: int, rows: int) -> Rate:
    """A rate that no other adds up with."""
    return rate(count, rows, shown=not hidden([count], [rows]))


def _folded(groups: Mapping[str, Tally]) -> dict[str, Tally]:
    """The largest groups; those too small to be named as one, and all others as one."""
    ordered = sorted(groups.items(), key=lambda each: (-each[1].rows, each[0]))
    kept = {name: tally for name, tally in ordered[:MOST_GROUPS] if not is_small(tally.rows)}
    few = [tally for _, tally in ordered if is_small(tally.rows)]
    rest = [tally for _, tally in ordered[MOST_GROUPS:] if not is_small(tally.rows)]
    for name, tallies in ((OTHERS, rest), (_FEW, few)):
        if tallies:
            kept[name] = reduce(_added, [*([kept[name]] if name in kept else []), *tallies])
    return kept


def _added(one: Tally, other: Tally) -> Tally:
    return Tally(
        rows=one.rows + other.rows,
        flagged=one.flagged + other.flagged,
        categories=one.categories + other.categories,
        frames=one.frames + other.frames,
        needs=one.needs + other.needs,
        unmet=one.unmet + other.unmet,
        elements=one.elements + other.elements,
    )
