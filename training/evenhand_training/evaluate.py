"""Judge the model and its baselines on published rows of areas that none of them has seen.

In cross-validation each fold is decoded with what the other folds calibrated; the configuration itself was chosen on
development areas, so the frozen test is the cleaner figure. It is read through the released model exactly as a user
would, sentences and 8 bits included.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from evenhand.errors import InputError
from evenhand.model import Model
from evenhand.result import Coding
from evenhand.scheme import ISSUES, LEVELS
from evenhand_training.area_measures import (
    calibration_slope,
    coverage_by_area,
    full_summary,
    rank_correlations,
)
from evenhand_training.baselines import always_b, majority, tfidf_linear, true_severity
from evenhand_training.calibrate import cross_calibrated, truth_of
from evenhand_training.config import TrainConfig
from evenhand_training.corpus import Corpus, Splits
from evenhand_training.crossvalidate import FoldReadings
from evenhand_training.examples import Example, split_published
from evenhand_training.metrics import (
    Predictions,
    Truth,
    harm_rows,
    interval_of,
    intervals,
    issue_f1,
    joined,
    level_in_set,
    missed_harm,
    summary,
    take,
    take_predictions,
    upper_bound,
)
from evenhand_training.network import LadderNetwork
from evenhand_training.search_terms import search_terms
from evenhand_training.setfit_baseline import setfit
from evenhand_training.softmax_encoder import softmax_encoder
from evenhand_training.stages import final_rows, fold_rows
from evenhand_training.textcat import spacy_textcat

EVENHAND = "evenhand"
RIVAL = "tfidf_linear"
BEFORE = "model_before"
BOOTSTRAP_SEED = 2026
SLOPE_RESAMPLES = 400  # each needs a fit of its own; the interval's ends then vary by about .02
LOWER_IS_BETTER = ("level_distance", "rps", "missed_harm")
PAIRED = (
    "level_in_set",
    "level_in_set_informative",
    *LOWER_IS_BETTER,
    "severity_qwk",
    "severity_exact",
    "issue_micro_f1",
    "issue_macro_f1",
    "issue_macro_f1_common",
    "rank_correlation",
)
# These say what can be reached at all and are not methods to beat.
BOUNDS = ("true_severity",)
LEAST_ROWS_OF_AN_AREA = 10  # below this an area's figures say more about chance than about the area


@dataclass(frozen=True, slots=True)
class Evaluation:
    """Predictions of every method for the same rows."""

    split: str
    truth: Truth
    methods: dict[str, Predictions]
    repeats: int

    def record(self) -> dict[str, Any]:
        """All figures as plain JSON types: each measure with its interval, and the model paired with TF-IDF."""
        own = self.methods[EVENHAND]
        measure = partial(full_summary, repeats=self.repeats)
        draws = intervals(self.truth, self.methods, seed=BOOTSTRAP_SEED, measure=measure)
        reached = {name: measure(self.truth, predicted) for name, predicted in self.methods.items()}
        rivals = [name for name in self.methods if name not in (EVENHAND, *BOUNDS)]
        methods = {
            name: {
                key: {"value": _round(value), "low": _round(low), "high": _round(high)}
                for key, value in reached[name].items()
                for low, high in [interval_of(draws[name][key])]
                if not np.isnan(value)
            }
            for name in self.methods
        }
        harm, missed = harm_rows(self.truth), missed_harm(self.truth, own)
        return {
            "split": self.split,
            "rows": len(self.truth.levels) // self.repeats,
            "informative_rows": int(self.truth.informative.sum()) // self.repeats,
            "uncoded_rows": 0 if own.coded is None else int((~own.coded).sum()) // self.repeats,
            "groups": len(set(self.truth.groups)),
            "repeats": self.repeats,
            "bootstrap_seed": BOOTSTRAP_SEED,
            "methods": methods,
            "paired": _paired(draws, reached, RIVAL),
            "paired_with": {name: _paired(draws, reached, name) for name in rivals},
            "missed_harm": {
                "missed": _round(missed.sum() / self.repeats),
                "rows": int(harm.sum()) // self.repeats,
                "upper_bound": _round(
                    upper_bound(math.ceil(int(missed.sum()) / self.repeats), int(harm.sum()) // self.repeats)
                ),
            },
            "predicted_levels": _level_counts(own, self.repeats),
            "by_level": _by_level(self.truth, own, self.repeats),
            "by_area": _by_area(self.truth, own, self.repeats),
            "rank_by_area": {
                area: {"rows": rows // self.repeats, "rho": _round(rho)}
                for area, (rho, rows) in rank_correlations(self.truth, own, repeats=self.repeats).items()
            },
            "coverage_by_area": coverage_by_area(self.truth, own, repeats=self.repeats),
            "calibration_slope": self._slope(own),
            "by_issue": issue_f1(self.truth, own, repeats=self.repeats),
        }

    def _slope(self, own: Predictions) -> dict[str, float]:
        def measure(truth: Truth, predicted: Predictions) -> dict[str, float]:
            return {"slope": calibration_slope(truth, predicted)}

        draws = intervals(self.truth, {EVENHAND: own}, seed=BOOTSTRAP_SEED, resamples=SLOPE_RESAMPLES, measure=measure)
        low, high = interval_of(draws[EVENHAND]["slope"])
        return {"value": _round(calibration_slope(self.truth, own)), "low": _round(low), "high": _round(high)}


def evaluate_folds(
    corpus: Corpus,
    splits: Splits,
    config: TrainConfig,
    readings: Sequence[Sequence[FoldReadings]],
    *,
    start: LadderNetwork | None = None,
    before: Sequence[Sequence[FoldReadings]] = (),
    progress: Callable[[str], None] = lambda _: None,
) -> Evaluation:
    """Judge cross-validated readings and, on the same folds, the baselines.

    Args:
        corpus: The corpus.
        splits: Its frozen splits.
        config: The whole configuration.
        readings: One list of folds a repeat.
        start: The first stage, from which the softmax baseline goes on. Without it the baselines are the quick ones,
            those that do not train a network.
        before: Readings of the model before on the same folds, to be paired with; none, or as many repeats.
        progress: Told what comes next.

    Raises:
        InputError: the readings of the model before are of other rows.
    """
    truths: list[Example] = []
    parts: dict[str, list[Predictions]] = {}
    for repeat, folds in enumerate(readings):
        held = [fold_rows(corpus, splits, repeat=repeat, fold=fold) for fold in range(len(folds))]
        rows = {row.id: row for _, left_out in held for row in left_out}
        own = cross_calibrated(folds, rows)
        earlier = _in_order(before[repeat], folds, rows) if before else None
        for fold, (training, left_out) in enumerate(held):
            progress(f"baselines of repeat {repeat + 1}, fold {fold + 1}")
            ordered = [rows[identifier] for identifier in folds[fold].ids]
            assert len(ordered) == len(left_out)
            truths += ordered
            for name, predicted in {
                EVENHAND: own[fold],
                **({BEFORE: earlier[fold]} if earlier else {}),
                **_baselines(training, ordered, config, start),
            }.items():
                parts.setdefault(name, []).append(predicted)
    return Evaluation(
        split="development, grouped cross-validation",
        truth=truth_of(truths),
        methods={name: joined(found) for name, found in parts.items()},
        repeats=len(readings),
    )


def _in_order(
    before: Sequence[FoldReadings], folds: Sequence[FoldReadings], rows: dict[str, Example]
) -> list[Predictions]:
    """Predictions of the model before for each fold, its rows in the order of `folds`."""
    if [set(fold.ids) for fold in before] != [set(fold.ids) for fold in folds]:
        message = "the readings of the model before are of other rows or folds; it cannot be paired with on this corpus"
        raise InputError(message)
    places = [{row: place for place, row in enumerate(fold.ids)} for fold in before]
    return [
        take_predictions(predicted, np.array([own[row] for row in fold.ids], dtype=np.intp))
        for predicted, own, fold in zip(cross_calibrated(before, rows), places, folds, strict=True)
    ]


def evaluate_test(corpus: Corpus, splits: Splits, model: Model, config: TrainConfig) -> Evaluation:
    """Judge a released model, as a user would run it, and the quick baselines on the frozen test."""
    _, test = split_published(corpus, splits)
    training = final_rows(corpus, splits)
    own = predictions_of(model.code_many([row.text for row in test]))
    return Evaluation(
        split="frozen test",
        truth=truth_of(test),
        methods={EVENHAND: own, **_baselines(training, test, config, None)},
        repeats=1,
    )


def predictions_of(codings: Sequence[Coding]) -> Predictions:
    """Codings as arrays; a text that was not coded has no level, severity 1, no issue and an empty set."""
    unknown = [1.0 / len(LEVELS)] * len(LEVELS)
    probabilities = [
        [coding.level_probabilities[level] for level in LEVELS] if coding.level else unknown for coding in codings
    ]
    sets = [(coding.levels[0].rank, coding.levels[-1].rank) if coding.levels else (0, -1) for coding in codings]
    return Predictions(
        level_probabilities=np.array(probabilities),
        severity=np.array([coding.severity or 1.0 for coding in codings]),
        issues=np.array([[issue in coding.issues for issue in ISSUES] for coding in codings], dtype=np.bool_),
        level_sets=np.array(sets, dtype=np.intp),
        coded=np.array([coding.level is not None for coding in codings], dtype=np.bool_),
    )


def _baselines(
    training: Sequence[Example], rows: Sequence[Example], config: TrainConfig, start: LadderNetwork | None
) -> dict[str, Predictions]:
    # What they are judged on is descriptors: pairs, whole notes and twins would cost hours and teach them little.
    own = [row for row in training if row.source in ("descriptors", "authored") and row.id == row.unit]
    quick = {
        "majority": majority(own, rows),
        "always_b": always_b(own, rows),
        RIVAL: tfidf_linear(own, rows, seed=config.seed),
        "search_terms": search_terms(own, rows, seed=config.seed),
        "true_severity": true_severity(own, rows),
    }
    if start is None:
        return quick
    return quick | {
        "spacy_textcat": spacy_textcat(own, rows, seed=config.seed),
        "setfit": setfit(own, rows, seed=config.seed),
        "softmax_encoder": softmax_encoder(training, rows, config=config, start=start),
    }


def _paired(
    draws: dict[str, dict[str, NDArray[np.float64]]], reached: dict[str, dict[str, float]], rival: str
) -> dict[str, dict[str, float]]:
    """Model minus a rival, its interval over the same resamples, and the share in which the model is not better."""
    paired = {}
    for key in PAIRED:
        if np.isnan(reached[EVENHAND][key]) or np.isnan(reached[rival][key]):
            continue  # does not apply to these rows
        difference = draws[EVENHAND][key] - draws[rival][key]
        low, high = interval_of(difference)
        better = difference < 0 if key in LOWER_IS_BETTER else difference > 0
        paired[key] = {
            "difference": _round(reached[EVENHAND][key] - reached[rival][key]),
            "low": _round(low),
            "high": _round(high),
            "share_not_better": _round(float((~better).mean())),
        }
    return paired


def _level_counts(own: Predictions, repeats: int) -> dict[str, float]:
    counts = np.bincount(own.level, minlength=len(LEVELS)) / repeats
    return {str(level): _round(float(count)) for level, count in zip(LEVELS, counts, strict=True)}


def _by_level(truth: Truth, own: Predictions, repeats: int) -> dict[str, dict[str, Any]]:
    inside = level_in_set(truth, own)
    names = np.array(["+".join(level for level, held in zip(LEVELS, row, strict=True) if held) for row in truth.levels])
    found = {}
    for name in sorted(set(names), key=lambda name: (LEVELS.index(name.split("+")[0]), name)):
        rows = np.flatnonzero(names == name)
        found[str(name)] = {
            "rows": len(rows) // repeats,
            "in_set": _round(float(inside[rows].mean())),
            "predicted": _level_counts(take_predictions(own, rows), repeats),
        }
    return found


def _by_area(truth: Truth, own: Predictions, repeats: int) -> dict[str, dict[str, Any]]:
    found = {}
    for area in sorted(set(truth.areas)):
        rows = np.flatnonzero(np.asarray(truth.areas) == area)
        if len(rows) // repeats < LEAST_ROWS_OF_AN_AREA:
            continue
        figures = summary(take(truth, rows), take_predictions(own, rows))
        kept = ("level_in_set", "severity_qwk", "issue_micro_f1")
        found[area] = {"rows": len(rows) // repeats, **{key: _round(figures[key]) for key in kept}}
    return found


def _round(value: float) -> float:
    return round(float(value), 4)
