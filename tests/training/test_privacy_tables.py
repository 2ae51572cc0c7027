"""The tables of the privacy gate say what was logged."""

from __future__ import annotations

from typing import Any

from evenhand_training.privacy_tables import privacy_table


def measured(recall: float) -> dict[str, Any]:
    row = {"spans": 40, "recall": recall, "interval": [recall - 0.1, recall], "caught_by_any": 0.99}
    return {
        "kinds": {"name": row, "nhs_number": row},
        "origins": {"east_african_somali": row},
        "clean_words": 12345,
        "false_alarms_per_1000_words": 1.5,
        "texts_per_second": 30.4,
    }


def test_the_newest_measurement_is_told_by_kind_and_by_origin() -> None:
    lines = [
        {"kind": "privacy", "date": "2026-01-01", "texts": 1, "patterns": measured(0.1), "names": measured(0.1)},
        {"kind": "privacy", "date": "2026-02-01", "texts": 600, "patterns": measured(0.5), "names": measured(0.9)},
    ]

    told = privacy_table(lines)

    assert "Of 600 invented texts" in told
    assert "| nhs number | 40 | 90% (80%–90%) | 50% (40%–50%) | 99% |" in told
    assert "| east african somali | 40 | 90% (80%–90%) |" in told
    assert "1.5 with names and 1.5 with patterns alone" in told


def test_without_a_measurement_there_is_no_table() -> None:
    assert privacy_table([{"kind": "test"}]) == ""
