from __future__ import annotations

from typing import Any

import pytest

from evenhand_training.speed_tables import PEER_NAMES, fastest_equal, speed_tables

TO_ONE_SIDE = {"value": 0.1, "low": 0.02, "high": 0.2}
NOT_TOLD_APART = {"value": 0.0, "low": -0.1, "high": 0.1}


def _peer(notes: float, *, better: dict[str, float] | None = None) -> dict[str, Any]:
    rates = {"median": notes, "low": notes - 1, "high": notes + 1, "batch": 32}
    share = {"value": 0.61, "low": 0.5, "high": 0.72}
    figures: dict[str, Any] = {"rows": 188, "level_exact": share, "level_adjacent": share, "issue_micro_f1": share}
    quality = {"notes_test": dict(figures), "notes": dict(figures)}
    peer: dict[str, Any] = {
        "texts_per_second": {"2": {"notes": rates, "descriptors": rates}},
        "cold_start_seconds": 1.25,
        "peak_mb": 210,
        "quality": quality,
    }
    if better:
        quality["notes"]["ours_better_by"] = dict.fromkeys(("level_exact", "level_adjacent", "issue_micro_f1"), better)
        quality["notes"]["agreement"] = 0.987
        peer["equal_quality"] = better["low"] <= 0
    return peer


@pytest.fixture
def line() -> dict[str, Any]:
    return {
        "kind": "speed",
        "date": "2026-11-23",
        "model": "evenhand-0.4",
        "rounds": 5,
        "machine": {"processor": "a processor", "cores": 2},
        "texts": {
            "notes": {"texts": 512, "tokens": 171.6},
            "descriptors": {"texts": 2048, "tokens": 16.2},
        },
        "peers": {
            "tfidf_linear": _peer(2000, better=TO_ONE_SIDE),
            "finetuned_onnx_int8": _peer(100, better=NOT_TOLD_APART),
            "transformers_pipeline": _peer(40, better=NOT_TOLD_APART),
            "evenhand": _peer(250),
        },
        "growth": {
            "evenhand": {"2": {"1000": {"rate": 990.0, "first_chunk": 980.0, "last_chunk": 1000.0, "peak_mb": 300}}}
        },
        "limit": {
            "giga_multiply_adds_per_second": 290.4,
            "share_reached": {"notes": {"needed_once": 0.31, "by_sentence": 0.64}},
        },
        "not_measured": {},
    }


def test_fastest_equal_is_neither_a_worse_peer_nor_our_own(line: dict[str, Any]) -> None:
    assert fastest_equal(line, kind="notes", cores="2") == "finetuned_onnx_int8"


def test_fastest_equal_without_an_equal_peer_is_none(line: dict[str, Any]) -> None:
    for peer in line["peers"].values():
        peer["equal_quality"] = False
    assert fastest_equal(line, kind="notes", cores="2") is None
    assert "No peer is of equal quality" in speed_tables([line])


def test_tables_say_how_far_the_aims_are_reached(line: dict[str, Any]) -> None:
    told = speed_tables([line]).partition("\n")[0]
    assert "2.50 times as fast as the fastest peer of equal quality (MiniLM fine-tuned, ONNX Runtime, 8 bits)" in told
    assert "6.2 times as fast as the transformers pipeline" in told
    assert "290 thousand million" in told
    assert "64%" in told


def test_ours_stands_first_and_peers_in_a_fixed_order(line: dict[str, Any]) -> None:
    rows = [row.split("|")[1].strip() for row in speed_tables([line]).splitlines() if "1.25 |" in row]
    assert rows == [PEER_NAMES[name] for name in PEER_NAMES if name in line["peers"]]
    assert rows[0] == "**Evenhand**"


def test_a_worse_peer_is_shown_as_not_equal_with_the_interval(line: dict[str, Any]) -> None:
    row = next(row for row in speed_tables([line]).splitlines() if row.startswith("| TF-IDF") and "no: " in row)
    assert "no: +0.100 (+0.020 to +0.200)" in row


def test_the_gate_has_rates_but_no_quality_of_its_own(line: dict[str, Any]) -> None:
    line["peers"]["evenhand_names"] = _peer(90, better=NOT_TOLD_APART)
    found = [row for row in speed_tables([line]).splitlines() if "gate with names" in row]
    assert len(found) == 1
    assert "90.0 (89.0–91.0)" in found[0]


def test_what_could_not_be_measured_is_named(line: dict[str, Any]) -> None:
    line["peers"].pop("transformers_pipeline")
    line["not_measured"] = {"transformers_pipeline": "ImportError: transformers"}
    told = speed_tables([line])
    assert "Not measured: MiniLM fine-tuned, transformers pipeline." in told
    assert "as fast as the transformers pipeline" not in told


def test_growth_has_a_row_for_each_size(line: dict[str, Any]) -> None:
    assert "| **Evenhand** | 2 | 1,000 | 990 | 980 | 1,000 | 300 |" in speed_tables([line])


def test_the_newest_line_counts_and_without_any_there_is_no_table(line: dict[str, Any]) -> None:
    assert "2026-11-23" in speed_tables([line | {"date": "2026-01-01"}, {"kind": "test"}, line])
    assert "2026-01-01" not in speed_tables([line | {"date": "2026-01-01"}, {"kind": "test"}, line])
    assert speed_tables([{"kind": "test"}]) == ""


def test_scale_and_profile_are_told_of_the_newest_model(line: dict[str, Any]) -> None:
    scale = {"kind": "scale", "model": "evenhand-0.4 sha256:0", "rows": 10**6, "peak_mb": 260}
    scale |= {"rows_per_cpu_second_by_part": [500.0, 480.0, 490.0]}
    made = {**scale, "model": "evenhand-0.0 sha256:0", "peak_mb": 137}
    profile = {"kind": "profile", "model": "evenhand-0.4", "notes": 120, "milliseconds_a_note": 35.4}
    profile |= {"around_the_network": 0.83, "between_operators": 0.07}
    profile |= {"shares_of_the_network": {"exponentials": 0.01, "integer products": 0.62, "other operators": 0.0}}
    told = speed_tables([line, scale, made, profile]).split("\n\n")
    assert told[-2].startswith("1,000,000 rows")
    assert "260 MB at most; 500 rows a second of computing in the first tenth, 490 in the last, 480 in the" in told[-2]
    assert "A note takes 35 ms of one core" in told[-1]
    assert told[-1].endswith("In the network: integer products 62%, between operators 7%, exponentials 1%.")
