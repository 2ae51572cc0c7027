"""The tables of what was tried and what each part is worth come from the log."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from evenhand_training.results import update_between
from evenhand_training.trials import ABLATION_COLUMNS, TRIAL_COLUMNS, ablation_table, trials_table


def trial(series: str, tried: str, value: float) -> dict[str, Any]:
    figures = {key: value + place / 10 for place, key in enumerate(TRIAL_COLUMNS)}
    return {"kind": "trial", "series": series, "tried": tried, "figures": figures, "kept": "no"}


def ablation(value: float, seeds: int) -> dict[str, Any]:
    told = {key: {"value": value, "gain_of_part": 0.02, "low": -0.01, "high": 0.05} for key in ABLATION_COLUMNS}
    return {
        "kind": "ablation",
        "rows": 754,
        "seeds": seeds,
        "corpus_version": "2026.2",
        "date": "2026-01-31",
        "variants": {"all parts": told, "plain softmax": told},
    }


def test_trials_stand_in_the_order_in_which_they_ran() -> None:
    made = trials_table([trial("two folds", "smoothing", 0.1), {"kind": "test"}, trial("all folds", "averaging", 0.2)])
    rows = made.splitlines()[2:]
    assert rows == [
        "| two folds | smoothing | 0.100 | 0.200 | 0.300 | 0.400 | no |",
        "| all folds | averaging | 0.200 | 0.300 | 0.400 | 0.500 | no |",
    ]


def test_the_newest_ablation_is_shown_with_gains_of_all_but_the_full_model() -> None:
    made = ablation_table([ablation(0.5, 1), ablation(0.6, 3)])
    assert "754 rows of left-out areas, 3 seeds, corpus 2026.2" in made
    rows = {line.split(" | ")[0]: line for line in made.splitlines()}
    assert rows["| all parts"].count("0.600") == len(ABLATION_COLUMNS)
    assert "(" not in rows["| all parts"]
    assert rows["| plain softmax"].count("0.600 (+0.020, -0.010 to +0.050)") == len(ABLATION_COLUMNS)


def test_without_an_ablation_there_is_no_table() -> None:
    assert ablation_table([{"kind": "test"}]) == ""


def test_several_parts_of_a_page_are_replaced_and_nothing_else(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text("a <1>old</1> b <2></2> c", encoding="utf-8")
    parts = {("<1>", "</1>"): "one", ("<2>", "</2>"): "two"}
    assert not update_between(page, parts, check=True)
    assert page.read_text(encoding="utf-8") == "a <1>old</1> b <2></2> c"
    assert not update_between(page, parts, check=False)
    assert page.read_text(encoding="utf-8") == "a <1>\n\none\n\n</1> b <2>\n\ntwo\n\n</2> c"
    assert update_between(page, parts, check=True)
