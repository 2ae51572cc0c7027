"""The card is filled in from manifest and figures, and lacks nothing."""

from __future__ import annotations

from typing import Any

import pytest

from evenhand_training.card import PARITY_COLUMNS, card
from evenhand_training.results import tables

MANIFEST: dict[str, Any] = {
    "name": "evenhand",
    "version": "0.7",
    "released": "2026-01-31",
    "licence": "Apache-2.0",
    "encoder": "a small encoder",
    "corpus_version": "2026.9",
    "scheme_version": "1.0",
    "seeds": [1, 2],
    "config_sha256": "0123456789abcdef" * 4,
    "intended_use": "coding anonymised text",
    "not_for": "deciding about a child",
    "language": "English",
}


@pytest.fixture
def metrics(evaluations: dict[str, dict[str, Any]]) -> dict[str, Any]:
    shares = dict(zip(PARITY_COLUMNS, (0.991, 0.982, 0.973, 0.964, 0.955, 0.99946), strict=True))
    return {
        **evaluations,
        "parity": {
            "rows": 333,
            "rounded_against_fitted": {"equal": dict.fromkeys(PARITY_COLUMNS, 0.981)},
            "single_against_network": {"equal": dict.fromkeys(PARITY_COLUMNS, 1.0)},
            "eight_bit_against_single": {"equal": shares},
            "severity_qwk": {"fitted": 0.9131, "single": 0.9123, "eight_bit": 0.9045},
        },
    }


def test_the_card_holds_the_figures(metrics: dict[str, Any]) -> None:
    made = card(MANIFEST, metrics)
    for told in (
        "# Model card: evenhand 0.7",
        "| neglect | 0.72 | 31 |",
        "0.95 of 210 sentences, frame in 0.87 of 190",
        "of 57\nsentences without codable content 0.88 got no level, of 301 coded ones 0.013 got none",
        "Whole notes (32): level in set 0.78, severity QWK 0.84, issue micro-F1 0.79",
        "Export parity on 333 validation texts",
        "as fitted its severity QWK is 0.9131",
        "| 0.9810 | 0.9810 | 0.9810 | 0.9810 | 0.9810 | 0.9810 | 0.9123 |",
        "| 0.9910 | 0.9820 | 0.9730 | 0.9640 | 0.9550 | 0.9995 | 0.9045 |",
        "| 1.0000 | 1.0000 | 1.0000 | 1.0000 | 1.0000 | 1.0000 | 0.9123 |",
        "reached 91% (86%–96%) on the frozen test",
        "`0123456789ab`",
        "seed 1, 2",
        "| Risk- and need-framed telling: same level | ≥ 95% | 91.0% [84.0%–95.0%] (107) | 91.0% [84.0%–95.0%] (107) |",
        "| gender | 1.3% [0.0%–4.1%] (61) | 0.08 [0.03–0.13] |",
    ):
        assert told in made, told


def test_the_card_holds_the_tables_of_the_readme(metrics: dict[str, Any], evaluations: dict[str, Any]) -> None:
    assert tables([evaluations["cross_validation"], evaluations["test"]]) in card(MANIFEST, metrics)


def test_the_card_says_what_the_model_is_for_and_not_for(metrics: dict[str, Any]) -> None:
    made = card(MANIFEST, metrics)
    assert "For coding anonymised text." in made
    assert "Not for deciding about a child." in made


def test_nothing_is_left_to_fill_in(metrics: dict[str, Any]) -> None:
    assert "$" not in card(MANIFEST, metrics)


@pytest.mark.parametrize("missing", ["version", "not_for", "released"])
def test_a_fact_that_is_missing_is_named(metrics: dict[str, Any], missing: str) -> None:
    manifest = {key: value for key, value in MANIFEST.items() if key != missing}
    with pytest.raises(KeyError, match=missing):
        card(manifest, metrics)


def test_rows_of_the_parity_table_have_as_many_cells_as_its_head(metrics: dict[str, Any]) -> None:
    lines = card(MANIFEST, metrics).splitlines()
    at = next(place for place, line in enumerate(lines) if line.startswith("| single precision against"))
    assert len({line.count("|") for line in lines[at - 2 : at + 2]}) == 1
