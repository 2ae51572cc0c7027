"""What thresholds are estimated from: how grave a described situation is, and at which levels a document puts it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise, repeat

import numpy as np
from numpy.typing import NDArray

from evenhand.errors import InputError
from evenhand.scheme import LEVELS, Level

Array = NDArray[np.float64]
Integers = NDArray[np.int64]

BARS = len(LEVELS) - 1  # between neighbouring levels: A, B, C and D or above
MIDDLE = 3.5  # of the scale of severity, so that its slope and the bars are estimated apart


@dataclass(frozen=True, slots=True)
class ThresholdRow:
    """A descriptor as the model of thresholds sees it.

    Attributes:
        area: Whose document it is from.
        issue: What it is about; its first issue where it has several.
        severity: 1.0 to 6.0.
        levels: Levels that the document puts it at; several where it merges them.
        visible: Levels that could be seen in the document; those of the row among them.
        error: Standard deviation of the severity, in grades.
        shared_error: Standard deviation of what all severities of its area err alike, in grades.
        covariates: Of its area or document, in the order of the names that the fit is given; standardised.
        document: Which of its area's documents it is from.
        shares: For each of its levels, the share of situations at that level which its document would put where this
        row
            is: 1 where no other of the document's level sets has the level, 1/2 where another has, and so on. () is all
            1.
    """

    area: str
    issue: str
    severity: float
    levels: tuple[Level, ...]
    visible: frozenset[Level]
    error: float = 0.0
    shared_error: float = 0.0
    covariates: tuple[float, ...] = ()
    document: str = ""
    shares: tuple[float, ...] = ()

    @property
    def informs(self) -> bool:
        """Whether it says anything of a bar: its document shows a level that it is not at."""
        return bool(self.visible - set(self.levels))


@dataclass(frozen=True, slots=True)
class Unit:
    """The rows of one area as arrays.

    Attributes:
        name: Of the area.
        issue: Number of each row's issue among all, (rows,).
        own_issue: Number of each row's issue among those of the area, (rows,).
        issues: Numbers of the area's issues among all, (own,).
        severity: Less the middle of the scale, (rows,).
        error: (rows,).
        own: How the probability of a row's levels is made of the probabilities to be at a bar or above it:
            a constant, and a weight for each bar, (rows, 1 + bars).
        seen: The same for the visible levels.
        shared_error: Of the area, in grades.
        covariates: (rows, covariates).
    """

    name: str
    issue: Integers
    own_issue: Integers
    issues: Integers
    severity: Array
    error: Array
    own: Array
    seen: Array
    shared_error: float
    covariates: Array


@dataclass(frozen=True, slots=True)
class Design:
    """Rows that inform, by area.

    Attributes:
        units: In alphabetical order of the areas.
        issues: Names by number.
        covariates: Names.
        informing: For each area and bar, how many rows inform it from below and from above, (areas, bars, 2).
    """

    units: tuple[Unit, ...]
    issues: tuple[str, ...]
    covariates: tuple[str, ...] = ()
    informing: Integers = field(default_factory=lambda: np.zeros((0, BARS, 2), dtype=np.int64))


def design_of(rows: Sequence[ThresholdRow], covariates: Sequence[str] = ()) -> Design:
    """Rows that inform, as arrays.

    Raises:
        InputError: none does, or a row's levels are not among those visible.
    """
    for number, row in enumerate(rows, 1):
        if not row.levels or not set(row.levels) <= row.visible:
            message = f"row {number}: its levels are not among those visible in its document"
            raise InputError(message)
    told = [row for row in rows if row.informs]
    if not told:
        message = "no row says anything of a threshold: each document shows one level only"
        raise InputError(message)
    issues = tuple(sorted({row.issue for row in told}))
    place = {issue: number for number, issue in enumerate(issues)}
    by_area: dict[str, list[ThresholdRow]] = {}
    for row in told:
        by_area.setdefault(row.area, []).append(row)
    areas = sorted(by_area)
    return Design(
        units=tuple(_unit(area, by_area[area], place, len(covariates)) for area in areas),
        issues=issues,
        covariates=tuple(covariates),
        informing=np.array(
            [[_informing(by_area[area], bar) for bar in range(BARS)] for area in areas],
            dtype=np.int64,
        ),
    )


def _informing(rows: Sequence[ThresholdRow], bar: int) -> tuple[int, int]:
    """How many rows of an area lie below a bar (0 is that of A) and above it, in documents that part levels there.

    A document does so if one of its levels ends right below the bar and another begins right above it: within a merged
    level, or where a level between is not seen, it does not say where the bar is.
    """
    below = above = 0
    by_document: dict[str, list[ThresholdRow]] = {}
    for row in rows:
        by_document.setdefault(row.document, []).append(row)
    for own in by_document.values():
        ends = any(row.levels[-1].rank == bar for row in own)
        if ends and any(row.levels[0].rank == bar + 1 for row in own):
            below += sum(row.levels[-1].rank <= bar for row in own)
            above += sum(row.levels[0].rank > bar for row in own)
    return below, above


def _unit(area: str, rows: Sequence[ThresholdRow], place: dict[str, int], covariates: int) -> Unit:
    issue = np.array([place[row.issue] for row in rows], dtype=np.int64)
    issues, own_issue = np.unique(issue, return_inverse=True)
    return Unit(
        name=area,
        issue=issue,
        own_issue=own_issue.astype(np.int64),
        issues=issues.astype(np.int64),
        severity=np.array([row.severity for row in rows]) - MIDDLE,
        error=np.array([row.error for row in rows]),
        own=np.array([_weights(dict(zip(row.levels, row.shares or repeat(1.0), strict=False))) for row in rows]),
        seen=np.array([_weights(dict.fromkeys(row.visible, 1.0)) for row in rows]),
        shared_error=float(np.mean([row.shared_error for row in rows])),
        covariates=np.array([row.covariates for row in rows], dtype=np.float64).reshape(len(rows), covariates),
    )


def _weights(shares: Mapping[Level, float]) -> list[float]:
    """P(levels) = first + sum of the others times P(at a bar or above): each level is between two bars."""
    among = [shares.get(level, 0.0) for level in LEVELS]
    return [among[0], *(above - below for below, above in pairwise(among))]
