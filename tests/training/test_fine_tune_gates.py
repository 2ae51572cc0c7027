"""Gates of a fine-tuned model: what it may lose, and that no limit of consistency is newly broken."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from evenhand.scheme import ISSUES, LEVELS
from evenhand_training.consistency_limits import Limits
from evenhand_training.fine_tuning.gates import Gate, judge_gates
from evenhand_training.fine_tuning.judging import Known, measures_of
from evenhand_training.fine_tuning.settings import FineTuneSettings, GateSettings
from evenhand_training.metrics import Predictions, Truth

CONFIGS = Path(__file__).parents[2] / "training" / "configs"


@pytest.fixture(scope="module")
def settings() -> GateSettings:
    return FineTuneSettings.read(CONFIGS / "fine-tune.toml").gates


@pytest.fixture(scope="module")
def limits() -> Limits:
    """The limits of behaviour alone."""
    asked = Limits.read(CONFIGS / "consistency.toml")
    none = {key: None for key in type(asked.areas).model_fields if not key.endswith(("_from", "significance"))}
    return asked.model_copy(update={"areas": asked.areas.model_copy(update=none)})


def compared(**changes: float) -> dict[str, dict[str, Any]]:
    """Figures of both parts, .8 before, with changes named `part_measure`; what is not named stays."""
    names = ("severity_qwk", "issue_micro_f1", "level_in_set", "missed_harm")
    return {
        part: {
            "measures": {
                name: {
                    "before": {"value": 0.8},
                    "after": {"value": 0.8 + changes.get(f"{part}_{name}", 0.0)},
                    "change": {"value": changes.get(f"{part}_{name}", 0.0)},
                }
                for name in names
            }
        }
        for part in ("own", "development")
    }


def framing(level_unchanged: float, difference: float = 0.1, rows: int = 100) -> dict[str, Any]:
    told = {"level_unchanged": {"value": level_unchanged}, "severity_difference": {"value": difference}}
    return {"framing": {"rows": rows, **told}}


def judged(
    settings: GateSettings,
    limits: Limits,
    before: dict[str, Any] | None = None,
    after: dict[str, Any] | None = None,
    changes: dict[str, float] | None = None,
) -> dict[str, Gate]:
    found = judge_gates(compared(**(changes or {})), ({}, {}), (before or {}, after or {}), limits, settings)
    return {gate.name: gate for gate in found}


def broken(found: dict[str, Gate]) -> list[str]:
    return [gate.name for gate in found.values() if not gate.kept]


def test_a_model_that_changes_nothing_keeps_every_gate(settings: GateSettings, limits: Limits) -> None:
    assert broken(judged(settings, limits, framing(0.7), framing(0.7))) == []


@pytest.mark.parametrize(
    ("change", "gate"),
    [
        ({"own_severity_qwk": -0.021}, "own.severity_qwk"),
        ({"own_issue_micro_f1": -0.031}, "own.issue_micro_f1"),
        ({"development_level_in_set": -0.031}, "development.level_in_set"),
        ({"development_missed_harm": 0.021}, "development.missed_harm"),
    ],
    ids=["own severity", "own issues", "forgotten level", "missed harm"],
)
def test_what_is_lost_beyond_the_settings_breaks_its_gate(
    settings: GateSettings, limits: Limits, change: dict[str, float], gate: str
) -> None:
    assert broken(judged(settings, limits, changes=change)) == [gate]
    assert broken(judged(settings, limits, changes={name: -value for name, value in change.items()})) == []
    assert broken(judged(settings, limits, changes={name: value * 0.9 for name, value in change.items()})) == []


def test_a_limit_that_the_base_keeps_has_to_be_kept(settings: GateSettings, limits: Limits) -> None:
    found = judged(settings, limits, framing(0.96), framing(0.94))
    assert broken(found) == ["behaviour.framing_same_level"]


def test_a_limit_that_the_base_breaks_may_be_broken_by_little_more(settings: GateSettings, limits: Limits) -> None:
    assert broken(judged(settings, limits, framing(0.70), framing(0.66))) == []
    assert broken(judged(settings, limits, framing(0.70), framing(0.64))) == ["behaviour.framing_same_level"]
    graver = judged(settings, limits, framing(0.70, 0.30), framing(0.70, 0.36))
    assert broken(graver) == ["behaviour.framing_difference"]


def test_of_a_few_pairs_one_may_be_lost(settings: GateSettings, limits: Limits) -> None:
    assert broken(judged(settings, limits, framing(0.7, rows=10), framing(0.6, rows=10))) == []
    assert broken(judged(settings, limits, framing(0.7, rows=10), framing(0.5, rows=10))) != []


def test_a_figure_that_only_the_base_has_breaks_its_gate(settings: GateSettings, limits: Limits) -> None:
    assert "behaviour.framing_same_level" in broken(judged(settings, limits, framing(0.99), {}))


def test_a_row_counts_only_for_what_is_coded_of_it() -> None:
    truth = Truth(
        levels=np.eye(len(LEVELS), dtype=np.bool_)[[0, 4]],
        severity=np.array([1, 6]),
        issues=np.ones((2, len(ISSUES)), dtype=np.bool_),
        informative=np.ones(2, dtype=np.bool_),
        groups=("one", "two"),
        areas=("", ""),
    )
    said = Predictions(np.eye(len(LEVELS))[[0, 0]], np.array([1.0, 2.0]), truth.issues)
    first, second = np.array([True, False]), np.array([False, True])
    found = measures_of(truth, Known(severity=second, issues=first, level=first), said, np.arange(2))
    assert found["severity_error"] == 4.0
    assert (found["issue_micro_f1"], found["level_in_set"]) == (1.0, 1.0)
    assert np.isnan(found["missed_harm"])
    missed = measures_of(truth, Known(severity=second, issues=first, level=second), said, np.arange(2))
    assert missed["missed_harm"] == 1.0
