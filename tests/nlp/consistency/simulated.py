"""Made descriptors of made areas whose bars are known, to see whether an estimate finds them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from evenhand.consistency.rows import BARS, MIDDLE, ThresholdRow
from evenhand.scheme import LEVELS, Level

FIRST, GAPS, SLOPE = -1.9, np.array([1.2, 1.1, 1.2]), 3.5  # near what the published descriptors show
SHIFT, STRETCH, SPECIAL, ISSUE = 0.35, 0.3, 0.3, 0.3  # grades; STRETCH in logarithms of gaps
ISSUES = 12
HIDDEN, MERGED = 0.5, 0.3  # shares of areas of which only some levels can be seen, and of those that merge C and D
FEWEST, MOST = 3, 50  # descriptors of an area


@dataclass(frozen=True)
class Made:
    """A made data set.

    Attributes:
        rows: Its descriptors.
        bars: True bars by area and level, in grades.
    """

    rows: list[ThresholdRow]
    bars: dict[tuple[str, Level], float]


def made(seed: int, *, areas: int = 40, error: float = 0.25, effect: float = 0.0) -> Made:
    """Draw a data set from the model.

    Args:
        seed: Of everything.
        areas: How many.
        error: Standard deviation of each severity's error, in grades.
        effect: By how many grades bars are higher where a covariate is one standard deviation higher.
    """
    generator = np.random.default_rng(seed)
    everywhere = generator.normal(0, ISSUE, ISSUES)
    found = Made([], {})
    for number in range(areas):
        covariate = float(generator.normal())
        shift = FIRST + generator.normal(0, SHIFT) + effect * covariate
        bars = shift + np.concatenate([[0.0], np.cumsum(GAPS * np.exp(generator.normal(0, STRETCH, BARS - 1)))])
        area = f"area {number:03d}"
        found.bars.update({(area, LEVELS[bar + 1]): MIDDLE + float(bars[bar]) for bar in range(BARS)})
        here = everywhere + generator.normal(0, SPECIAL, ISSUES)
        found.rows.extend(_rows(generator, area, bars, here, error, covariate if effect else None))
    return found


def _rows(
    generator: np.random.Generator,
    area: str,
    bars: np.ndarray,
    issues: np.ndarray,
    error: float,
    covariate: float | None,
) -> list[ThresholdRow]:
    visible = _visible(generator)
    merged = generator.random() < MERGED and {Level.C, Level.D} <= visible
    rows: list[ThresholdRow] = []
    wanted = generator.integers(FEWEST, MOST)
    while len(rows) < wanted:
        severity, issue = generator.uniform(0.7, 6.3), int(generator.integers(ISSUES))
        above = 1 / (1 + np.exp(-SLOPE * (severity - MIDDLE - bars - issues[issue])))
        level = LEVELS[int((generator.random() < above).sum())]
        if level not in visible:  # in the part of the document that could not be read
            continue
        levels = (Level.C, Level.D) if merged and level in (Level.C, Level.D) else (level,)
        rows.append(
            ThresholdRow(
                area=area,
                issue=f"issue {issue}",
                severity=severity + generator.normal(0, error),
                levels=levels,
                visible=visible,
                error=error,
                covariates=() if covariate is None else (covariate,),
            )
        )
    return rows


def _visible(generator: np.random.Generator) -> frozenset[Level]:
    """All levels, or only the first or the last of them."""
    if generator.random() >= HIDDEN:
        return frozenset(LEVELS)
    if generator.random() < 0.5:
        return frozenset(LEVELS[: generator.integers(2, len(LEVELS))])
    return frozenset(LEVELS[generator.integers(1, len(LEVELS) - 1) :])
