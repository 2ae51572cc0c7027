"""Tables of how far comparisons of areas can be trusted."""

from __future__ import annotations

from typing import Any

from evenhand_training.area_tables import areas_table


def fit(coverage: float) -> dict[str, Any]:
    return {
        "data_sets": 5, "coverage": coverage, "coverage_standard_error": 0.01, "coverage_enough": 0.88,
        "rmse": 0.33, "rmse_enough": 0.25, "median_seconds": 4.6,
    }  # fmt: skip


def share(value: float, rows: int) -> dict[str, float]:
    return {"value": value, "low": value - 0.1, "high": value + 0.05, "rows": rows}


def test_the_newest_line_of_each_way_to_fit_is_told() -> None:
    told = areas_table(
        [
            {"kind": "thresholds", "fast": fit(0.5)},
            {"kind": "thresholds", "sampled": fit(0.91)},
            {"kind": "thresholds", "fast": fit(0.87)},
        ]
    )
    assert "| fast fit | 5 | 87.0% ± 1.0% | 88.0% | 0.33 | 0.25 | 5 |" in told
    assert "| sampled | 5 | 91.0%" in told
    assert "50.0%" not in told


def test_situations_are_told_with_their_intervals() -> None:
    test = {"taken_for_same": share(0.95, 178), "of_other_words": share(0.93, 135), "same_found": share(0.9, 188)}
    line = {
        "kind": "situations", "pairs": 1378, "cross_validated_precision": 0.95, "cross_validated_recall": 0.63,
        "test": test,
    }  # fmt: skip
    told = areas_table([line])
    assert "| on documents not seen before | 178 | 95% (85%–100%) |" in told
    assert "| of these, in other words | 135 | 93% (83%–98%) |" in told


def test_without_a_measurement_there_is_no_table() -> None:
    assert areas_table([{"kind": "test"}]) == ""
