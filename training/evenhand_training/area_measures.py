"""Measures that look within areas or at stated probabilities; `metrics` has the row-by-row ones.

* Rank correlation within an area asks whether the model puts one area's descriptors in the order in which the area puts
  them, wherever its bar is: it needs no cut-points at all.
* The calibration slope (Cox 1958) asks whether stated probabilities are as spread as they should be: 1 is right,
  below 1 is too sure.
* A level set overlaps a published set if they share a level, and contains it if it holds all of its levels.
"""

from __future__ import annotations

import numpy as np
from scipy import optimize, stats

from evenhand.scheme import LEVELS
from evenhand_training.metrics import (
    Bools,
    Floats,
    Integers,
    Predictions,
    Truth,
    issue_f1_scores,
    set_coverage,
    summary,
)

LEAST_ROWS = 10  # of an area for a rank correlation, and of an issue for a share in the macro-F1
LEAST_ROWS_FOR_COVERAGE = 30  # of an area for a coverage of its own: its standard error at 90% is then .055
# Probabilities nearer to 0 or 1 than this are taken as this: a logit must be finite.
LEAST_PROBABILITY = 1e-6


def expected_level(predicted: Predictions) -> Floats:
    """Mean of the level distribution, 0 (none) to 4 (D), shape (n,): what rows are ordered by."""
    expected: Floats = predicted.level_probabilities @ np.arange(len(LEVELS), dtype=np.float64)
    return expected


def published_level(truth: Truth) -> Floats:
    """Middle of each published set, 0 to 4, shape (n,)."""
    places = np.arange(len(LEVELS), dtype=np.float64)
    middle: Floats = (truth.levels @ places) / truth.levels.sum(axis=1)
    return middle


def rank_correlations(truth: Truth, predicted: Predictions, *, repeats: int = 1) -> dict[str, tuple[float, int]]:
    """Spearman's rho and rows of each area that tells levels apart and has `LEAST_ROWS` rows.

    `repeats` is how often every row stands; the rows that are returned are those that stand there.
    """
    said, real = expected_level(predicted), published_level(truth)
    areas = np.asarray(truth.areas)
    found = {}
    for area in sorted(set(truth.areas)):
        rows = np.flatnonzero(areas == area)
        if len(rows) < LEAST_ROWS * repeats:
            continue
        rho = spearman(said[rows], real[rows])
        if not np.isnan(rho):
            found[area] = (rho, len(rows))
    return found


def rank_correlation(truth: Truth, predicted: Predictions, *, repeats: int = 1) -> float:
    """Mean of the areas' rank correlations, each weighing as its rows; nan where no area qualifies."""
    found = rank_correlations(truth, predicted, repeats=repeats)
    if not found:
        return float("nan")
    values, rows = zip(*found.values(), strict=True)
    return float(np.average(values, weights=rows))


def spearman(said: Floats, real: Floats) -> float:
    """Spearman's rho; nan where `real` has no order that could be found."""
    if np.ptp(real) == 0:
        return float("nan")
    if np.ptp(said) == 0:
        return 0.0  # a method that cannot tell rows apart puts them in no order
    return float(np.corrcoef(stats.rankdata(said), stats.rankdata(real))[0, 1])


def macro_f1_of_common(truth: Bools, predicted: Bools, *, repeats: int = 1) -> float:
    """Mean F1 over the issues with at least `LEAST_ROWS` rows, where every row stands `repeats` times; nan if none."""
    scores = issue_f1_scores(truth, predicted)[truth.sum(axis=0) >= LEAST_ROWS * repeats]
    return float(scores.mean()) if len(scores) else float("nan")


def calibration_slope(truth: Truth, predicted: Predictions) -> float:
    """Slope of a logistic regression of "at least this level" on its stated logit, over all decided cut-points.

    A published set decides a cut-point if all of its levels lie on one side of it.
    """
    first, last = _ends(truth.levels)
    above = 1.0 - predicted.level_probabilities.cumsum(axis=1)[:, :-1]
    cuts = np.arange(len(LEVELS) - 1)[None, :]
    decided = (cuts < first[:, None]) | (cuts >= last[:, None])
    stated = np.clip(above, LEAST_PROBABILITY, 1.0 - LEAST_PROBABILITY)[decided]
    logits = np.log(stated) - np.log1p(-stated)
    happened = np.broadcast_to(cuts < first[:, None], above.shape)[decided].astype(np.float64)

    def loss(parameters: Floats) -> float:
        line = parameters[0] + parameters[1] * logits
        return float((np.logaddexp(0.0, line) - happened * line).sum())

    return float(optimize.minimize(loss, np.array([0.0, 1.0]), method="BFGS").x[1])


def set_containment(truth: Truth, predicted: Predictions) -> Floats:
    """1.0 for each row whose predicted level set holds all of its published set; nan without sets."""
    if predicted.level_sets is None:
        return np.full(len(truth.levels), np.nan)
    first, last = _ends(truth.levels)
    held = (predicted.level_sets[:, 0] <= first) & (predicted.level_sets[:, 1] >= last)
    return held.astype(np.float64)


def coverage_by_area(truth: Truth, predicted: Predictions, *, repeats: int = 1) -> dict[str, dict[str, float]]:
    """Overlap of level sets and rows of each area with at least `LEAST_ROWS_FOR_COVERAGE` rows.

    Every row stands `repeats` times and is counted once.
    """
    met, areas = set_coverage(truth, predicted), np.asarray(truth.areas)
    counted = {area: np.flatnonzero(areas == area) for area in sorted(set(truth.areas))}
    return {
        area: {"rows": len(rows) // repeats, "overlap": round(float(met[rows].mean()), 4)}
        for area, rows in counted.items()
        if len(rows) // repeats >= LEAST_ROWS_FOR_COVERAGE
    }


def _ends(levels: Bools) -> tuple[Integers, Integers]:
    return levels.argmax(axis=1), len(LEVELS) - 1 - levels[:, ::-1].argmax(axis=1)


def full_summary(truth: Truth, predicted: Predictions, *, repeats: int = 1) -> dict[str, float]:
    """`metrics.summary` with the measures of this module that every method has; every row stands `repeats` times."""
    return {
        **summary(truth, predicted),
        "issue_macro_f1_common": macro_f1_of_common(truth.issues, predicted.issues, repeats=repeats),
        "rank_correlation": rank_correlation(truth, predicted, repeats=repeats),
        "set_containment": float(set_containment(truth, predicted).mean()),
    }
