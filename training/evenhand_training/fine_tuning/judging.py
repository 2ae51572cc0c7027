"""The base model and the new one on the same texts, read as a user's are: figures, and differences with intervals.

Intervals resample documents (of own texts) or connected groups of areas (of development rows), the same for both
models.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from evenhand.model import Model
from evenhand.scheme import ISSUES, LEVELS
from evenhand_training.behaviour import Units, evaluate_behaviour
from evenhand_training.calibrate import truth_of
from evenhand_training.corpus import Corpus, Splits
from evenhand_training.evaluate import predictions_of
from evenhand_training.evaluate_consistency import area_figures
from evenhand_training.examples import development_rows
from evenhand_training.fine_tuning.own_rows import OwnRow
from evenhand_training.metrics import (
    Bools,
    Integers,
    Predictions,
    Truth,
    harm_rows,
    interval_of,
    level_distance,
    level_in_set,
    macro_f1,
    micro_f1,
    missed_harm,
    quadratic_kappa,
    resample_groups,
    take,
    take_predictions,
)

SEED = 2026  # of resamples
Figures = tuple[dict[str, Any], dict[str, Any]]  # of the base model and of the new one
LOWER_IS_BETTER = ("missed_harm", "level_distance", "severity_error")


@dataclass(frozen=True, slots=True)
class Known:
    """Of n rows, what is coded: severity, issues, level; each of shape (n,)."""

    severity: Bools
    issues: Bools
    level: Bools


def compare_own(before: Model, after: Model, rows: Sequence[OwnRow]) -> dict[str, Any]:
    """Figures of both models on held-out own rows, by measure and for each issue that somebody gave."""
    known = Known(
        np.array([row.severity is not None for row in rows], dtype=np.bool_),
        np.array([row.agreed_issues is not None for row in rows], dtype=np.bool_),
        np.array([bool(row.levels) for row in rows], dtype=np.bool_),
    )
    truth = Truth(
        levels=np.array([[level in row.levels for level in LEVELS] for row in rows], dtype=np.bool_),
        severity=np.array([row.severity or 1 for row in rows], dtype=np.intp),
        issues=np.array([[issue in (row.agreed_issues or ()) for issue in ISSUES] for row in rows], dtype=np.bool_),
        informative=np.ones(len(rows), dtype=np.bool_),
        groups=tuple(row.document for row in rows),
        areas=tuple(row.area or "" for row in rows),
    )
    both = _both(before, after, [row.text for row in rows])
    return {**_compared(truth, known, both), "by_issue": _by_issue(truth, known, both)}


def compare_development(before: Model, after: Model, corpus: Corpus, splits: Splits) -> tuple[dict[str, Any], Figures]:
    """Figures of both on published development rows, and how evenly each reads areas, before and after.

    The base model was fitted to these rows, so that its figures are no estimate of quality; what they lose is what
    is forgotten.
    """
    rows = [row for row in development_rows(corpus, splits).values() if row.group]
    truth = truth_of(rows)
    everything = np.ones(len(rows), dtype=np.bool_)
    both = _both(before, after, [row.text for row in rows])
    compared = _compared(truth, Known(everything, everything, everything), both)
    return compared, (area_figures(truth, both[0]), area_figures(truth, both[1]))


def compare_behaviour(before: Model, after: Model, corpus: Corpus, splits: Splits) -> Figures:
    """The behaviour suite on validation units, which neither was fitted to; never on those of the frozen test."""
    units = Units.of(corpus, splits.authored.validation)
    texts = units.texts()
    told = [dict(zip(texts, model.code_many(texts), strict=True)) for model in (before, after)]
    return evaluate_behaviour(units, told[0]), evaluate_behaviour(units, told[1])


def _both(before: Model, after: Model, texts: Sequence[str]) -> tuple[Predictions, Predictions]:
    return predictions_of(before.code_many(texts)), predictions_of(after.code_many(texts))


def _compared(truth: Truth, known: Known, both: tuple[Predictions, Predictions]) -> dict[str, Any]:
    rows = np.arange(len(truth.levels))
    reached = [measures_of(truth, known, said, rows) for said in both]
    drawn = [
        [measures_of(truth, known, said, sample) for said in both]
        for sample in resample_groups(truth.groups, seed=SEED)
    ]
    measures = {
        name: {
            "before": _figure(reached[0][name], [draw[0][name] for draw in drawn]),
            "after": _figure(reached[1][name], [draw[1][name] for draw in drawn]),
            "change": _figure(reached[1][name] - reached[0][name], [draw[1][name] - draw[0][name] for draw in drawn]),
        }
        for name in reached[0]
        if not np.isnan(reached[0][name]) and not np.isnan(reached[1][name])
    }
    return {"rows": len(rows), "groups": len(set(truth.groups)), "measures": measures}


def measures_of(truth: Truth, known: Known, said: Predictions, rows: Integers) -> dict[str, float]:
    """Every measure on some rows, repeats allowed; nan where none of them is coded so."""
    graded, about, levelled = (rows[one[rows]] for one in (known.severity, known.issues, known.level))
    at, of = take(truth, levelled), take_predictions(said, levelled)
    harm = int(harm_rows(at).sum()) if len(levelled) else 0
    return {
        "severity_qwk": _or_nan(graded, lambda: quadratic_kappa(truth.severity[graded], said.grade[graded])),
        "severity_error": _or_nan(graded, lambda: np.abs(said.severity[graded] - truth.severity[graded]).mean()),
        "issue_micro_f1": _or_nan(about, lambda: micro_f1(truth.issues[about], said.issues[about])),
        "issue_macro_f1": _or_nan(about, lambda: macro_f1(truth.issues[about], said.issues[about])),
        "level_in_set": _or_nan(levelled, lambda: level_in_set(at, of).mean()),
        "level_distance": _or_nan(levelled, lambda: level_distance(at, of).mean()),
        "missed_harm": missed_harm(at, of).sum() / harm if harm else float("nan"),
    }


def _or_nan(rows: Integers, measure: Callable[[], float]) -> float:
    return float(measure()) if len(rows) else float("nan")


def _figure(value: float, draws: Sequence[float]) -> dict[str, float | None]:
    low, high = interval_of(np.array(draws))
    ends = {"value": value, "low": low, "high": high}
    return {name: None if np.isnan(one) else round(float(one), 4) for name, one in ends.items()}


def _by_issue(truth: Truth, known: Known, both: tuple[Predictions, Predictions]) -> dict[str, dict[str, float]]:
    rows = np.flatnonzero(known.issues)
    real = truth.issues[rows]
    return {
        str(issue): {
            "rows": int(real[:, place].sum()),
            **{
                name: round(micro_f1(real[:, place], said.issues[rows][:, place]), 3)
                for name, said in zip(("before", "after"), both, strict=True)
            },
        }
        for place, issue in enumerate(ISSUES)
        if real[:, place].any()
    }
