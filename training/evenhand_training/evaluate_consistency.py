"""Judge how evenly a model reads areas, and what moves it that must not: one log line of kind `consistency`.

Every row is read by a network that has seen nothing of its area, and decoded with what the other folds calibrated. Only
the first repeat of cross-validation counts, so that every row stands once. The frozen test has no part in it: a gate
that refused models by the test until one passed would tune on it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from evenhand_training.area_measures import coverage_by_area
from evenhand_training.calibrate import cross_calibrated, truth_of
from evenhand_training.consistency import LEAST_ROWS, PERMUTATIONS, EqualErrors, equal_errors, error_spread
from evenhand_training.consistency_limits import Limits
from evenhand_training.corpus import Corpus, Splits
from evenhand_training.crossvalidate import FoldReadings
from evenhand_training.examples import development_rows
from evenhand_training.metrics import (
    Floats,
    Integers,
    Predictions,
    Truth,
    harm_rows,
    interval_of,
    joined,
    missed_harm,
    ranked_probability_score,
    resample_groups,
    set_coverage,
)

SEED = 2026  # of permutations and resamples
# Which line the figures are put into, and what of an evaluation's line says which model it is about.
KIND = "consistency"
STAMPED = (
    "date",
    "commit",
    "hardware",
    "model",
    "model_sha256",
    "corpus_version",
    "config_sha256",
    "seeds",
    "note",
)


def consistency_line(
    corpus: Corpus,
    splits: Splits,
    folds: Sequence[FoldReadings],
    behaviour: Mapping[str, Any],
    limits: Limits,
    *,
    despite: str | None = None,
) -> dict[str, Any]:
    """The log line: figures of areas, every limit and whether it is kept, and which are broken.

    Args:
        corpus: The corpus.
        splits: Its frozen splits.
        folds: The readings of one repeat of cross-validation.
        behaviour: The model's line of kind `behaviour`, with figures of the same folds; its stamp is taken over.
        limits: What is asked.
        despite: Why a model that breaks limits is released all the same; kept only if some are broken.
    """
    rows = development_rows(corpus, splits)
    truth = truth_of([rows[identifier] for read in folds for identifier in read.ids])
    figures = area_figures(truth, joined(cross_calibrated(folds, rows)))
    judged = limits.judge(figures, behaviour.get("cross_validation", {}))
    broken = [found["limit"] for found in judged if not found["kept"]]
    return {
        "kind": KIND,
        **{key: behaviour[key] for key in STAMPED if key in behaviour},
        "split": "development, grouped cross-validation",
        **figures,
        "significance": limits.areas.significance,
        "limits": judged,
        "broken": broken,
        "despite": despite if broken else None,
    }


def is_refused(line: Mapping[str, Any]) -> bool:
    """Whether a model with this line is not released: it breaks limits, and nobody says why that may be."""
    return bool(line["broken"]) and line["despite"] is None


def as_candidate(line: Mapping[str, Any], gate: Mapping[str, Any]) -> dict[str, Any]:
    """Any line of a model that was refused: named so that no table takes it for a released one's."""
    note = "; ".join([*([line["note"]] if "note" in line else []), f"not released: breaks {', '.join(gate['broken'])}"])
    return {**line, "model": f"{line['model']}-candidate", "note": note}


def refusal(target: Path, gate: Mapping[str, Any]) -> str:
    """What is told of a model that was refused: every limit that it breaks, and what to do."""
    broken = [found for found in gate["limits"] if not found["kept"]]
    told = "; ".join(f"{found['limit']} {found['asked']}, measured {found['measured']}" for found in broken)
    return (
        f"{target}: not released, {len(broken)} limit(s) of consistency broken ({told}); its evaluations are logged as "
        "a candidate's; change the model, or give a reason with --despite"
    )


def area_figures(truth: Truth, predicted: Predictions, *, permutations: int = PERMUTATIONS) -> dict[str, Any]:
    """Error of each unseen area and whether areas err alike, as plain JSON types.

    Errors of severity are in grades: expected severity less coded. `area_error_sd` and `row_error_sd` are standard
    deviations of that error between and within areas, as one meets it who knows only what the model says; under
    `at_equal_severity` they are of what is left beyond the mean error at the row's coded severity.
    """
    bias = predicted.severity - truth.severity
    errors = {"bias": bias, "size": np.abs(bias), "level": ranked_probability_score(truth, predicted)}
    compared = {
        kind: equal_errors(values, truth.severity, truth.areas, seed=SEED, permutations=permutations)
        for kind, values in errors.items()
    }
    tested = compared["bias"].areas
    areas = np.asarray(truth.areas)
    return {
        "rows": len(areas),
        "areas": len(set(truth.areas)),
        "groups": len(set(truth.groups)),
        "least_rows": LEAST_ROWS,
        "permutations": permutations,
        "seed": SEED,
        "severity_bias": _overall(bias, truth.groups),
        "severity_error": _overall(errors["size"], truth.groups),
        "all_areas_alike": {kind: _plain(found.together) for kind, found in compared.items()},
        **_spread(bias, truth),
        "at_equal_severity": _spread(_beyond_severity(bias, truth.severity), truth),
        "coverage_by_area": {} if predicted.level_sets is None else coverage_by_area(truth, predicted),
        "by_area": {
            area: _of_area(truth, predicted, errors, np.flatnonzero(areas == area))
            | {"excess": {kind: _excess(found, place) for kind, found in compared.items()}}
            for place, area in enumerate(tested)
        },
        "only_counted": {
            area: int((areas == area).sum()) for area in sorted(set(truth.areas)) if area not in set(tested)
        },
    }


def _of_area(truth: Truth, predicted: Predictions, errors: Mapping[str, Floats], rows: Integers) -> dict[str, Any]:
    return {
        "rows": len(rows),
        "severity_bias": _plain(errors["bias"][rows].mean()),
        "severity_error": _plain(errors["size"][rows].mean()),
        "rps": _plain(errors["level"][rows].mean()),
        "set_coverage": _plain(set_coverage(truth, predicted)[rows].mean()),
        "missed_harm": int(missed_harm(truth, predicted)[rows].sum()),
        "harm_rows": int(harm_rows(truth)[rows].sum()),
    }


def _excess(found: EqualErrors, place: int) -> dict[str, float | None]:
    low, high = found.interval(place)
    return {
        "value": _plain(found.excess[place]),
        "low": _plain(low),
        "high": _plain(high),
        "p": _plain(found.adjusted[place]),
    }


def _beyond_severity(errors: Floats, severity: Integers) -> Floats:
    _, strata = np.unique(severity, return_inverse=True)
    means = np.bincount(strata, weights=errors) / np.bincount(strata)
    beyond: Floats = errors - means[strata]
    return beyond


def _spread(errors: Floats, truth: Truth) -> dict[str, dict[str, float | None] | None]:
    found = error_spread(errors, truth.areas, truth.groups, seed=SEED)
    if found is None:
        return {"area_error_sd": None, "row_error_sd": None}
    return {
        name: dict(zip(("value", "low", "high"), map(_plain, told), strict=True))
        for name, told in (("area_error_sd", found.area), ("row_error_sd", found.row))
    }


def _overall(errors: Floats, groups: Sequence[str]) -> dict[str, float | None]:
    draws = np.array([errors[rows].mean() for rows in resample_groups(groups, seed=SEED)])
    low, high = interval_of(draws)
    return {"value": _plain(errors.mean()), "low": _plain(low), "high": _plain(high)}


def _plain(value: float | np.floating[Any]) -> float | None:
    """Rounded for the log; None for nan, which JSON does not have."""
    return None if np.isnan(value) else round(float(value), 4)
