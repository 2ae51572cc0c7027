"""What is measured, and how surely: arithmetic on arrays, apart from any I/O.

A published level is a set. A predicted level is right if it lies in the set; its distance is the number of levels to
the nearest of the set; the ranked probability score counts only the cut-points that the set decides. Intervals come
from resampling connected groups of areas, not rows, because rows of one document are not independent.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from evenhand.decoder import middle_level
from evenhand.scheme import ISSUES, LEVELS

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
Integers = NDArray[np.intp]

RESAMPLES = 2000  # a 95% interval's ends then vary by about a hundredth of its width
INTERVAL = 0.95
HARM_FROM = LEVELS.index("C")
MISSED_UP_TO = LEVELS.index("A")


@dataclass(frozen=True, slots=True)
class Truth:
    """What published rows say, n rows.

    Attributes:
        levels: Whether each level is in the row's set, shape (n, 5).
        severity: 1 to 6, shape (n,).
        issues: Shape (n, 32).
        informative: Whether the row's document shows a level outside the row's set, shape (n,).
        groups: Connected group of areas of each row.
        areas: Area of each row.
    """

    levels: Bools
    severity: Integers
    issues: Bools
    informative: Bools
    groups: tuple[str, ...]
    areas: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Predictions:
    """What one method says of the same n rows.

    Attributes:
        level_probabilities: Shape (n, 5).
        severity: Expected severity, 1.0 to 6.0, shape (n,).
        issues: Shape (n, 32).
        level_sets: First and last level of each row's set, shape (n, 2), last below first for no set; None for methods
            that give none.
        coded: Whether the method gave the row a level at all, shape (n,); None if it always does. A row without a level
            is wrong whatever was published.
    """

    level_probabilities: Floats
    severity: Floats
    issues: Bools
    level_sets: Integers | None = None
    coded: Bools | None = None

    @property
    def level(self) -> Integers:
        """Median level, as the product gives it, shape (n,)."""
        return middle_level(self.level_probabilities)

    @property
    def grade(self) -> Integers:
        """Severity as a whole number, halves upwards, shape (n,)."""
        return whole_grade(self.severity)


def whole_grade(severity: Floats) -> Integers:
    """Expected severities as whole grades 1 to 6, halves upwards."""
    return np.clip(np.floor(severity + 0.5), 1, 6).astype(np.intp)


def level_in_set(truth: Truth, predicted: Predictions) -> Floats:
    """1.0 for each row whose predicted level is in its published set."""
    inside = truth.levels[np.arange(len(truth.levels)), predicted.level]
    return (inside & _coded(predicted)).astype(np.float64)


def level_distance(truth: Truth, predicted: Predictions) -> Floats:
    """Levels between the predicted one and the nearest of the published set, for each row; 4 without a level."""
    steps = np.abs(np.arange(len(LEVELS))[None, :] - predicted.level[:, None]).astype(np.float64)
    nearest = np.where(truth.levels, steps, np.inf).min(axis=1)
    return np.where(_coded(predicted), nearest, float(len(LEVELS) - 1))


def _coded(predicted: Predictions) -> Bools:
    return np.ones(len(predicted.severity), dtype=np.bool_) if predicted.coded is None else predicted.coded


def ranked_probability_score(truth: Truth, predicted: Predictions) -> Floats:
    """Ranked probability score of each row (Epstein 1969), over the cut-points that the published set decides.

    Between the lowest and the highest level of a set the source says nothing, so nothing is counted there; the sum is
    divided by the number of cut-points in all (4), and 0 is best.
    """
    first = truth.levels.argmax(axis=1)
    last = len(LEVELS) - 1 - truth.levels[:, ::-1].argmax(axis=1)
    below = predicted.level_probabilities.cumsum(axis=1)[:, :-1]
    cuts = np.arange(len(LEVELS) - 1)[None, :]
    score = np.where(cuts < first[:, None], below**2, 0.0) + np.where(cuts >= last[:, None], (1 - below) ** 2, 0.0)
    summed: Floats = score.sum(axis=1) / (len(LEVELS) - 1)
    return summed


def quadratic_kappa(one: Integers, other: Integers, *, classes: int = 6) -> float:
    """Cohen's kappa with quadratic weights (Cohen 1968) of two gradings 1..classes; nan if neither varies."""
    table = np.zeros((classes, classes))
    np.add.at(table, (one - 1, other - 1), 1.0)
    return kappa_of_table(table)


def kappa_of_table(table: Floats) -> float:
    """Quadratic-weight kappa of a confusion table."""
    grades = np.arange(len(table), dtype=np.float64)
    cost = (grades[:, None] - grades[None, :]) ** 2
    expected = np.outer(table.sum(axis=1), table.sum(axis=0)) / max(table.sum(), 1.0)
    chance = float((cost * expected).sum())
    return 1.0 - float((cost * table).sum()) / chance if chance > 0 else float("nan")


def harm_rows(truth: Truth) -> Bools:
    """Rows whose whole published set is C or D."""
    milder = np.asarray(truth.levels[:, :HARM_FROM].any(axis=1))
    return ~milder


def missed_harm(truth: Truth, predicted: Predictions) -> Bools:
    """Rows at C or D that get none or A, or no level at all."""
    missed: Bools = harm_rows(truth) & ((predicted.level <= MISSED_UP_TO) | ~_coded(predicted))
    return missed


def upper_bound(hits: int, rows: int) -> float:
    """Upper end of the one-sided 95% Clopper-Pearson interval of a share."""
    return 1.0 if hits >= rows else float(stats.beta.ppf(INTERVAL, hits + 1, rows - hits))


def set_coverage(truth: Truth, predicted: Predictions) -> Floats:
    """1.0 for each row whose level set meets the published set; nan without sets."""
    if predicted.level_sets is None:
        return np.full(len(truth.levels), np.nan)
    return sets_meet(truth, predicted.level_sets)


def sets_meet(truth: Truth, level_sets: Integers) -> Floats:
    """1.0 for each row whose set, first and last level in shape (n, 2), has a level of the published set."""
    places = np.arange(len(LEVELS))[None, :]
    inside = (places >= level_sets[:, :1]) & (places <= level_sets[:, 1:])
    return np.asarray((inside & truth.levels).any(axis=1), dtype=np.float64)


def set_width(truth: Truth, predicted: Predictions) -> Floats:
    """Number of levels in each row's set; nan without sets."""
    if predicted.level_sets is None:
        return np.full(len(truth.levels), np.nan)
    width: Floats = (predicted.level_sets[:, 1] - predicted.level_sets[:, 0] + 1).astype(np.float64)
    return width


def micro_f1(truth: Bools, predicted: Bools) -> float:
    """F1 over all pairs of text and issue together."""
    return _f1(int((truth & predicted).sum()), int(truth.sum()), int(predicted.sum()))


def macro_f1(truth: Bools, predicted: Bools) -> float:
    """Mean F1 over the issues that occur in the rows; issues that do not occur cannot be judged by them."""
    scores = issue_f1_scores(truth, predicted)[truth.any(axis=0)]
    return float(scores.mean()) if len(scores) else float("nan")


def issue_f1_scores(truth: Bools, predicted: Bools) -> Floats:
    """F1 of each issue, 0 where it neither occurs nor is predicted, shape (issues,)."""
    hits, real, said = (truth & predicted).sum(axis=0), truth.sum(axis=0), predicted.sum(axis=0)
    scores: Floats = 2.0 * hits / np.maximum(real + said, 1)
    return scores


def issue_f1(truth: Truth, predicted: Predictions, *, repeats: int) -> dict[str, dict[str, float]]:
    """F1 and number of rows of each issue that occurs, where every row stands `repeats` times."""
    return {
        str(issue): {
            "f1": round(micro_f1(truth.issues[:, place], predicted.issues[:, place]), 3),
            "rows": int(truth.issues[:, place].sum()) // repeats,
        }
        for place, issue in enumerate(ISSUES)
        if truth.issues[:, place].any()
    }


def _f1(hits: int, real: int, said: int) -> float:
    return 2 * hits / (real + said) if real + said else 0.0


def summary(truth: Truth, predicted: Predictions) -> dict[str, float]:
    """Every headline measure of one method on these rows."""
    harm = int(harm_rows(truth).sum())
    inside = level_in_set(truth, predicted)
    told = truth.informative
    return {
        "level_in_set": float(inside.mean()),
        "level_in_set_informative": float(inside[told].mean()) if told.any() else float("nan"),
        "level_distance": float(level_distance(truth, predicted).mean()),
        "rps": float(ranked_probability_score(truth, predicted).mean()),
        "missed_harm": float(missed_harm(truth, predicted).sum() / harm) if harm else float("nan"),
        "severity_qwk": quadratic_kappa(truth.severity, predicted.grade),
        "severity_exact": float((truth.severity == predicted.grade).mean()),
        "issue_micro_f1": micro_f1(truth.issues, predicted.issues),
        "issue_macro_f1": macro_f1(truth.issues, predicted.issues),
        "set_coverage": float(set_coverage(truth, predicted).mean()),
        "set_width": float(set_width(truth, predicted).mean()),
    }


def take(truth: Truth, rows: Integers) -> Truth:
    """The same for some rows, repeats allowed."""
    return Truth(
        truth.levels[rows],
        truth.severity[rows],
        truth.issues[rows],
        truth.informative[rows],
        tuple(truth.groups[row] for row in rows),
        tuple(truth.areas[row] for row in rows),
    )


def take_predictions(predicted: Predictions, rows: Integers) -> Predictions:
    """The same for some rows, repeats allowed."""
    return Predictions(
        predicted.level_probabilities[rows],
        predicted.severity[rows],
        predicted.issues[rows],
        None if predicted.level_sets is None else predicted.level_sets[rows],
        None if predicted.coded is None else predicted.coded[rows],
    )


def joined(parts: Sequence[Predictions]) -> Predictions:
    """Predictions for several sets of rows as one."""
    sets = [part.level_sets for part in parts if part.level_sets is not None]
    return Predictions(
        np.concatenate([part.level_probabilities for part in parts]),
        np.concatenate([part.severity for part in parts]),
        np.concatenate([part.issues for part in parts]),
        np.concatenate(sets) if len(sets) == len(parts) else None,
        np.concatenate([_coded(part) for part in parts]),
    )


def resample_groups(groups: Sequence[str], *, seed: int, resamples: int = RESAMPLES) -> list[Integers]:
    """Row indices of bootstrap samples that draw whole groups with replacement."""
    names = sorted(set(groups))
    labels = np.asarray(groups)
    rows = [np.flatnonzero(labels == name) for name in names]
    generator = np.random.default_rng(seed)
    return [
        np.concatenate([rows[place] for place in generator.integers(0, len(names), len(names))])
        for _ in range(resamples)
    ]


def intervals(
    truth: Truth,
    methods: dict[str, Predictions],
    *,
    seed: int,
    resamples: int = RESAMPLES,
    measure: Callable[[Truth, Predictions], dict[str, float]] = summary,
) -> dict[str, dict[str, Floats]]:
    """Each measure of each method in every resample: the same resamples for all, so that methods can be paired."""
    drawn: dict[str, dict[str, list[float]]] = {name: {} for name in methods}
    for rows in resample_groups(truth.groups, seed=seed, resamples=resamples):
        sample = take(truth, rows)
        for name, predicted in methods.items():
            for key, value in measure(sample, take_predictions(predicted, rows)).items():
                drawn[name].setdefault(key, []).append(value)
    return {name: {key: np.asarray(values) for key, values in found.items()} for name, found in drawn.items()}


def interval_of(draws: Floats) -> tuple[float, float]:
    """Percentile interval of resampled values; nan where a measure does not apply."""
    tail = (1 - INTERVAL) / 2
    if np.isnan(draws).all():
        return float("nan"), float("nan")
    low, high = np.nanquantile(draws, [tail, 1 - tail])
    return float(low), float(high)
