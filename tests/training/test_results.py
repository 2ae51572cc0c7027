"""The log is only appended to, and the README's tables come from it and from nowhere else."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from evenhand.errors import InputError, OutputError
from evenhand_training import results
from evenhand_training.results import (
    RESULTS_END,
    RESULTS_START,
    append,
    newest,
    read,
    stamp,
    tables,
    update_readme,
)

Evaluations = dict[str, dict[str, Any]]


@pytest.fixture
def readme(tmp_path: Path) -> Path:
    path = tmp_path / "README.md"
    path.write_text(f"# Before\n\n{RESULTS_START}\nyesterday\n{RESULTS_END}\n\nAfter: é\n", encoding="utf-8")
    return path


def test_what_is_appended_is_read_in_order(tmp_path: Path, evaluations: Evaluations) -> None:
    path = tmp_path / "results.jsonl"
    for line in evaluations.values():
        append(path, line)
    before = path.read_bytes()
    append(path, {"kind": "test", "split": "später"})
    assert path.read_bytes().startswith(before)
    assert read(path) == [*evaluations.values(), {"kind": "test", "split": "später"}]


def test_a_missing_log_says_how_to_get_one(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"results\.jsonl: no log of evaluations .*; run evenhand-training evaluate"):
        read(tmp_path / "results.jsonl")


def test_a_broken_line_is_named(tmp_path: Path) -> None:
    path = tmp_path / "results.jsonl"
    path.write_text('{"kind": "test"}\n{"kind"\n', encoding="utf-8")
    with pytest.raises(InputError, match=r"results\.jsonl, line 2: not JSON"):
        read(path)


def test_a_log_that_cannot_be_written_is_an_output_error(tmp_path: Path) -> None:
    with pytest.raises(OutputError, match="the evaluation cannot be logged"):
        append(tmp_path / "nowhere" / "results.jsonl", {})


def test_the_newest_of_a_kind_is_the_last() -> None:
    lines = [{"kind": "test", "n": 1}, {"kind": "test", "n": 2}, {"kind": "authored", "n": 3}]
    assert newest(lines, "test") == {"kind": "test", "n": 2}


def test_a_kind_that_was_never_logged_is_named() -> None:
    with pytest.raises(InputError, match=r"no evaluation of kind 'test' is logged; run evenhand-training evaluate"):
        newest([{"kind": "authored"}], "test")


def test_a_stamp_says_when_what_and_where(monkeypatch: pytest.MonkeyPatch) -> None:
    assert set(stamp()) == {"date", "commit", "hardware"}
    monkeypatch.setenv("PATH", "")  # no git
    assert stamp()["commit"] is None


def test_tables_hold_the_measured_figures(evaluations: Evaluations) -> None:
    made = tables(list(evaluations.values()))
    assert "| **Evenhand** | 0.71 (0.66–0.76) | 0.68 (0.63–0.73) | 0.11 (0.06–0.16) |" in made
    assert "| TF-IDF + linear | 0.61 (0.56–0.66) |" in made
    assert "120 published rows of 12 unseen groups of areas" in made
    assert "| TF-IDF + linear | +0.120 (+0.020 to +0.220) |" in made
    assert "(55 of 120)" in made
    assert "Calibration slope 0.94 (0.81–1.07)" in made
    assert "holds all of it in 64% (59%–69%)" in made
    assert "by area with 30 rows or more: Manyshire 84% of 31" in made
    assert "Missed harm: 2 of 34 rows at C or D, at most 17.4%" in made
    assert "91% (86%–96%)" in made
    assert "| C+D | 17 | 0.88 | 3 | 3 | 3 | 3 | 3 |" in made
    assert "| Anyshire | 13 | 0.77 | 0.76 | 0.81 | 0.69 |" in made
    assert "2 repeats" in made


def test_what_a_method_was_given_or_has_not_is_a_dash(evaluations: Evaluations) -> None:
    made = tables(list(evaluations.values())).split("| better than |")[0]
    rows = {line.split(" | ")[0]: line.split(" | ") for line in made.splitlines()}
    ceiling = rows["| true severity, national cut-points"]
    assert ceiling[1].startswith("0.31")
    assert [cell.rstrip(" |") for cell in ceiling[6:]] == ["–"] * 3  # severity and issues it was given
    assert rows["| majority"][6] == "–"


def test_case_examples_are_shown_where_they_were_judged(evaluations: Evaluations) -> None:
    lines = list(evaluations.values())
    assert "case examples" not in tables(lines)
    measured = {key: {"value": 0.71, "low": 0.6, "high": 0.8} for key in results.CASE_MEASURES}
    cases = {"kind": "cases", "rows": 50, "sources": 9, "model": "evenhand-9", "date": "2026-01-31", **measured}
    made = tables([*lines, cases])
    assert "(50 of 9 sources" in made
    assert "rank correlation 0.71 (0.60–0.80)" in made


def test_every_method_and_measure_is_in_the_table(evaluations: Evaluations) -> None:
    made = tables(list(evaluations.values()))
    shown = [results.METHOD_NAMES[name] for name in evaluations["test"]["methods"]]
    assert [name for name in shown if f"| {name} |" not in made] == []
    assert [name for name in results.COLUMNS.values() if name not in made] == []


def test_regenerating_is_idempotent_and_touches_nothing_else(readme: Path, evaluations: Evaluations) -> None:
    lines = list(evaluations.values())
    assert not update_readme(readme, lines, check=False)
    once = readme.read_text(encoding="utf-8")
    assert once.startswith(f"# Before\n\n{RESULTS_START}\n")
    assert once.endswith(f"{RESULTS_END}\n\nAfter: é\n")
    assert "yesterday" not in once
    assert update_readme(readme, lines, check=False)
    assert readme.read_text(encoding="utf-8") == once


def test_checking_finds_staleness_and_changes_nothing(readme: Path, evaluations: Evaluations) -> None:
    lines = list(evaluations.values())
    before = readme.read_bytes()
    assert not update_readme(readme, lines, check=True)
    assert readme.read_bytes() == before
    update_readme(readme, lines, check=False)
    assert update_readme(readme, lines, check=True)
    newer = json.loads(json.dumps(evaluations["test"]))
    newer["methods"]["evenhand"]["level_in_set"]["value"] = 0.99
    assert not update_readme(readme, [*lines, newer], check=True)


@pytest.mark.parametrize(
    "text",
    ["", RESULTS_START, f"x {RESULTS_END}", f"{RESULTS_END} {RESULTS_START}"],
    ids=["neither", "no end", "no start", "wrong order"],
)
def test_missing_marks_are_an_error_that_quotes_them(tmp_path: Path, evaluations: Evaluations, text: str) -> None:
    path = tmp_path / "README.md"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(InputError) as raised:
        update_readme(path, list(evaluations.values()), check=False)
    assert str(raised.value).startswith(f"{path}: the marks around the results are missing")
    assert RESULTS_START in str(raised.value)
    assert RESULTS_END in str(raised.value)
    assert path.read_text(encoding="utf-8") == text


def test_behaviour_is_shown_beside_the_test_of_the_same_model_alone(evaluations: Evaluations) -> None:
    behaviour = evaluations.pop("behaviour")
    others = list(evaluations.values())
    for line in others:
        line["model"] = behaviour["model"]
    told = "Risk- and need-framed telling: same level"
    assert told in tables([*others, behaviour])
    assert told not in tables([*others, {**behaviour, "model": "evenhand-0.6"}])
    assert told not in tables(others)
