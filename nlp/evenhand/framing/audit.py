"""Is framing rewarded? How the level that was decided, and the model's, go with framing at equal severity.

The severity of a referral is read from what is left of it without its flagged words, so that these do not enter it.
Referrals are compared within half grades of that severity: the mean level of those with flagged words less that of
those without, each half grade weighted by how much it has of both (Cochran 1954). Intervals are percentiles of
resampled referrals. This is association: referrals that are framed so may differ in much that neither column nor model
knows of.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from evenhand.framing.scheme import FLAGGED
from evenhand.result import Coding
from evenhand.scheme import LEVELS, Level

STRATA = 2  # for each grade of severity; finer ones have too few of either kind to be compared
RESAMPLES = 1000
FEWEST = 20  # referrals with and without framing in strata that have both; with fewer nothing is said
_SEED = 20261123
_MOST_OUTCOMES = 2000  # different ones that are counted by themselves; a column with more holds no levels
_LONGEST_OUTCOME = 60  # characters; what is longer is a note and no level, and is not repeated
# How services write the levels that were decided. Numbers are not among them: "level 3" is another level elsewhere.
_WRITTEN = {
    Level.NONE: ("none", "nfa", "no further action", "no action", "universal", "universal services"),
    Level.A: ("a", "early help", "eh", "information and advice", "advice", "signposting"),
    Level.B: (
        "b",
        "targeted early help",
        "early help (targeted)",
        "targeted",
        "team around the family",
        "taf",
        "family help",
    ),
    Level.C: (
        *("c", "child in need", "cin", "s17", "s.17", "s 17", "sec 17", "section 17", "child in need plan", "cin plan"),
        *("child and family assessment", "c&f assessment", "single assessment"),
    ),
    Level.D: (
        *(
            "d",
            "child protection",
            "cp",
            "s47",
            "s.47",
            "s 47",
            "sec 47",
            "section 47",
            "child protection plan",
            "cp plan",
        ),
        *("s47 enquiry", "s.47 enquiry", "section 47 enquiry", "strategy discussion", "strategy meeting", "icpc"),
        "initial child protection conference",
    ),
}
_LEVELS = {written: level for level, names in _WRITTEN.items() for written in names}


class Coder(Protocol):
    """What severity is read with; `evenhand.Model` is one."""

    def code_many(self, texts: Sequence[str]) -> list[Coding]:
        """Code each text by itself, order kept."""


@dataclass(frozen=True, slots=True)
class Difference:
    """How much higher levels are with framing than without, at equal severity.

    Attributes:
        levels: Steps from none to D; None where too few could be compared.
        low: Of the 95% interval.
        high: Its upper end.
        framed: Referrals with framing that could be compared.
        others: Those without.
    """

    levels: float | None
    low: float | None
    high: float | None
    framed: int
    others: int


@dataclass(frozen=True, slots=True)
class Outcome:
    """An outcome as it was written, in lower case.

    Attributes:
        written: As it was.
        level: That it was read as; None for none that is known.
        rows: How many have it.
    """

    written: str
    level: Level | None
    rows: int


@dataclass(frozen=True, slots=True)
class Audit:
    """What the audit found.

    Attributes:
        recorded: Of the level that was decided.
        model: Of the model's.
        not_read: Rows whose outcome is not a level that is known.
        outcomes: How each was read, the commonest first; too long ones are left out.
        pairs_same_level: Of made pairs with the same facts in two framings, the share that the model reads alike.
        pairs_difference: How many grades of severity it reads the risk-framed one higher than the other, on average.
    """

    recorded: Difference
    model: Difference
    not_read: int
    outcomes: tuple[Outcome, ...]
    pairs_same_level: float | None
    pairs_difference: float | None


class Auditor:
    """Takes up rows and compares them at the end; keeps four numbers a row.

    Args:
        coder: Reads severity and level.
        levels: Levels of outcomes as they are written in this file, besides or in place of those that are known.
    """

    def __init__(self, coder: Coder, *, levels: Mapping[str, Level] | None = None) -> None:
        self._coder = coder
        self._levels = {_plain(written): level for written, level in (levels or {}).items()}
        self._outcomes: Counter[str] = Counter()
        self._rows: list[tuple[float, bool, float, float]] = []  # severity, framed, recorded level, model's level
        self._not_read = 0

    def add(self, rows: Sequence[tuple[str, Mapping[str, Any], object]]) -> None:
        """Take up some rows: the text, its flags as plain JSON types, and the outcome as it is written."""
        texts = [text for text, _, _ in rows]
        whole = self._coder.code_many(texts)
        facts = self._coder.code_many([unflagged(text, flags) for text, flags, _ in rows])
        for (_, flags, outcome), coding, fact in zip(rows, whole, facts, strict=True):
            written = _plain(outcome)
            level = self._levels.get(written) or recorded_level(outcome)
            if len(written) <= _LONGEST_OUTCOME and (written in self._outcomes or len(self._outcomes) < _MOST_OUTCOMES):
                self._outcomes[written] += 1
            self._not_read += level is None
            if coding.level is None or fact.severity is None:
                continue
            framed = any(span["category"] in FLAGGED for span in flags["framing"])
            decided = float("nan") if level is None else float(LEVELS.index(level))
            self._rows.append((fact.severity, framed, decided, float(LEVELS.index(coding.level))))

    def found(self, pairs: Mapping[str, Any] | None = None) -> Audit:
        """Compare.

        Args:
            pairs: The model's own figures on framing pairs, as its metrics have them.
        """
        table = np.array(self._rows, dtype=float).reshape(-1, 4)
        read = ~np.isnan(table[:, 2])
        return Audit(
            recorded=difference(table[read, 0], table[read, 1] > 0, table[read, 2]),
            model=difference(table[:, 0], table[:, 1] > 0, table[:, 3]),
            not_read=self._not_read,
            outcomes=tuple(
                Outcome(written, self._levels.get(written) or _LEVELS.get(written), rows)
                for written, rows in self._outcomes.most_common()
            ),
            pairs_same_level=None if pairs is None else pairs.get("level_unchanged"),
            pairs_difference=None if pairs is None else pairs.get("risk_over_need"),
        )


def recorded_level(outcome: object) -> Level | None:
    """The level that an outcome names, as services write it; None where it names none that is known.

    >>> recorded_level("Section 47")
    <Level.D: 'D'>
    """
    return _LEVELS.get(_plain(outcome))


def _plain(outcome: object) -> str:
    """An outcome as it is compared: in lower case, with single spaces; 3.0, as columns with gaps have numbers, as 3."""
    return " ".join(str("" if outcome is None else outcome).lower().split()).removesuffix(".0")


def unflagged(text: str, flags: Mapping[str, Any]) -> str:
    """A text without the words that may be said otherwise."""
    said, at = "", 0
    for span in flags["framing"]:
        if span["category"] in FLAGGED:
            said, at = said + text[at : span["start"]], span["end"]
    return said + text[at:]


def difference(severity: NDArray[np.float64], framed: NDArray[np.bool_], level: NDArray[np.float64]) -> Difference:
    """How much higher levels are with framing at equal severity, with its interval."""
    stratum = np.round(severity * STRATA).astype(int)
    both = np.isin(stratum, np.intersect1d(stratum[framed], stratum[~framed]))
    stratum, framed, level = stratum[both], framed[both], level[both]
    counted = int(framed.sum()), int((~framed).sum())
    if min(counted) < FEWEST:
        return Difference(None, None, None, *counted)
    generator = np.random.default_rng(_SEED)
    draws = [
        _within(stratum[drawn], framed[drawn], level[drawn])
        for drawn in (generator.integers(0, len(level), len(level)) for _ in range(RESAMPLES))
    ]
    low, high = np.nanquantile(draws, (0.025, 0.975))
    return Difference(_within(stratum, framed, level), float(low), float(high), *counted)


def _within(stratum: NDArray[np.int64], framed: NDArray[np.bool_], level: NDArray[np.float64]) -> float:
    """Mean difference over strata, each weighted by n1 n0 / (n1 + n0)."""
    place = stratum - stratum.min()
    size = int(place.max()) + 1
    with_, without = (np.bincount(place[on], minlength=size).astype(float) for on in (framed, ~framed))
    sums = [np.bincount(place[on], weights=level[on], minlength=size) for on in (framed, ~framed)]
    weight = with_ * without / np.maximum(with_ + without, 1)
    if not weight.any():
        return float("nan")
    means = sums[0] / np.maximum(with_, 1) - sums[1] / np.maximum(without, 1)
    return float((weight * means).sum() / weight.sum())
