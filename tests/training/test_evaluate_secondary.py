"""Case examples of a file are judged by hand-worked figures, and nothing of their texts is kept."""

from __future__ import annotations

import json
import traceback
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from scipy import stats
from sklearn.metrics import cohen_kappa_score

import evenhand
from evenhand.errors import InputError
from evenhand.model import Model
from evenhand_training import evaluate_secondary
from evenhand_training.evaluate_secondary import evaluate_cases
from evenhand_training.metrics import resample_groups

MEASURES = ("level_in_set", "set_overlap", "rank_correlation", "severity_qwk", "issue_micro_f1")


def case(text: str, levels: list[str], issues: list[str], severity: int, source: str) -> dict[str, Any]:
    return {"source_url": source, "text": text, "levels": levels, "issues": issues, "severity": severity}


# What the toy model of tests/conftest.py makes of each: level, its set, grade and issues.
GRAVE = case("Dad hit him with a belt.", ["D"], ["physical_abuse"], 6, "https://a.example")  # D, {D}, 6
HAPPY = case("She is happy at home.", ["none"], ["protective"], 1, "https://a.example")  # none, {none}, 1
LATE = case("He is late.", ["B"], ["education", "poverty"], 3, "https://b.example")  # A, {none, A, B}, 3
DAMP = case("The home is damp.", ["C", "D"], ["housing"], 4, "https://c.example")  # C, {B, C, D}, 4
UNCODED = case("Regards.", ["B"], [], 2, "https://c.example")  # nothing to code
ALL = [GRAVE, HAPPY, LATE, DAMP, UNCODED]


@pytest.fixture(autouse=True)
def _few_resamples(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(evaluate_secondary, "resample_groups", partial(resample_groups, resamples=40))


@pytest.fixture(scope="module")
def model(toy_bundle: Path) -> Model:
    return evenhand.load(toy_bundle, workers=1)


def written(cases: list[dict[str, Any]], folder: Path) -> Path:
    path = folder / "cases.jsonl"
    path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in cases), encoding="utf-8")
    return path


def values(found: dict[str, Any]) -> dict[str, float]:
    return {key: found[key]["value"] for key in MEASURES}


def test_the_figures_by_hand(model: Model, tmp_path: Path) -> None:
    found = evaluate_cases(written(ALL, tmp_path), model)
    assert (found["rows"], found["sources"], found["uncoded_rows"]) == (5, 3, 1)
    # The model's expected levels run HAPPY < LATE < UNCODED (every level alike) < DAMP < GRAVE.
    rho = stats.spearmanr([5, 1, 2, 4, 3], [4, 0, 2, 3.5, 2]).statistic
    kappa = cohen_kappa_score([6, 1, 3, 4, 2], [6, 1, 3, 4, 1], weights="quadratic", labels=range(1, 7))
    assert values(found) == pytest.approx(
        {
            "level_in_set": 3 / 5,
            "set_overlap": 4 / 5,  # LATE is only in the set
            "rank_correlation": rho,
            "severity_qwk": kappa,
            "issue_micro_f1": 2 * 4 / (5 + 4),  # poverty is missed
        },
        abs=6e-5,
    )


def test_a_text_without_a_level_is_wrong_whatever_level_it_was_given(model: Model, tmp_path: Path) -> None:
    rows = [{**UNCODED, "levels": [level]} for level in ("none", "A", "B", "C", "D")]
    found = evaluate_cases(written(rows, tmp_path), model)
    assert found["uncoded_rows"] == 5
    assert (found["level_in_set"]["value"], found["set_overlap"]["value"]) == (0.0, 0.0)


def test_intervals_follow_the_sources_and_not_the_cases(model: Model, tmp_path: Path) -> None:
    wrong = {**GRAVE, "levels": ["A"], "source_url": "https://b.example"}
    two = evaluate_cases(written([GRAVE] * 9 + [wrong], tmp_path), model)
    assert two["level_in_set"] == {"value": 0.9, "low": 0.0, "high": 1.0}
    one = evaluate_cases(written([GRAVE] * 9 + [{**wrong, "source_url": GRAVE["source_url"]}], tmp_path), model)
    assert one["level_in_set"] == {"value": 0.9, "low": 0.9, "high": 0.9}


def test_the_order_of_cases_within_a_file_does_not_matter(model: Model, tmp_path: Path) -> None:
    here, there = (evaluate_cases(written(rows, tmp_path), model) for rows in (ALL, ALL[::-1]))
    assert here == there


def test_a_measure_that_cases_cannot_show_is_left_out_and_the_rest_is_plain_json(model: Model, tmp_path: Path) -> None:
    found = evaluate_cases(written([GRAVE, {**GRAVE, "source_url": "https://b.example"}], tmp_path), model)
    # With one level set and one grade throughout there is neither an order nor agreement beyond chance.
    assert set(found) & set(MEASURES) == {"level_in_set", "set_overlap", "issue_micro_f1"}
    json.dumps(found, allow_nan=False)


def test_no_text_or_source_of_a_case_is_in_the_result(model: Model, tmp_path: Path) -> None:
    stored = json.dumps(evaluate_cases(written(ALL, tmp_path), model)).lower()
    words = {word.strip(".").lower() for row in ALL for word in row["text"].split()} - {"a", "is", "he", "at", "the"}
    assert {"belt", "regards"} < words
    assert [word for word in words if word in stored] == []
    assert "example" not in stored


def test_what_else_a_line_says_and_line_separators_in_a_text_do_no_harm(model: Model, tmp_path: Path) -> None:
    rows = [{**row, "text": f"{row['text']}\u2028", "source_title": "A review"} for row in ALL]
    assert evaluate_cases(written(rows, tmp_path), model) == evaluate_cases(written(ALL, tmp_path), model)


def test_a_missing_file_is_named(model: Model, tmp_path: Path) -> None:
    path = tmp_path / "nowhere.jsonl"
    with pytest.raises(InputError) as raised:
        evaluate_cases(path, model)
    assert str(raised.value).startswith(f"{path}: the case examples cannot be read (FileNotFoundError)")


def test_a_file_of_another_encoding_is_refused(model: Model, tmp_path: Path) -> None:
    path = tmp_path / "cases.jsonl"
    path.write_bytes(json.dumps(GRAVE).encode("utf-16"))
    with pytest.raises(InputError, match="give a JSON Lines file in UTF-8"):
        evaluate_cases(path, model)


@pytest.mark.parametrize(
    "broken",
    [
        json.dumps(GRAVE)[:-3],
        json.dumps([GRAVE]),
        json.dumps(GRAVE["text"]),
        "",
        *(json.dumps({key: value for key, value in GRAVE.items() if key != lacking}) for lacking in GRAVE),
        *(
            json.dumps({**GRAVE, key: value})
            for key, value in (
                ("levels", []),
                ("levels", ["E"]),
                ("levels", "none"),
                ("issues", ["belts"]),
                ("severity", 7),
                ("severity", None),
                ("text", None),
            )
        ),
    ],
)
def test_a_broken_line_is_named_by_its_number_and_not_repeated(model: Model, tmp_path: Path, broken: str) -> None:
    path = tmp_path / "cases.jsonl"
    path.write_text(f"{json.dumps(HAPPY)}\n{broken}\n{json.dumps(LATE)}\n", encoding="utf-8")
    with pytest.raises(InputError) as raised:
        evaluate_cases(path, model)
    assert str(raised.value).startswith(f"{path}, line 2: needs source_url, text, levels, issues and severity")
    assert "belt" not in "".join(traceback.format_exception(raised.value))


def test_an_empty_file_is_told_apart_from_a_broken_one(model: Model, tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"cases\.jsonl: no case example in it"):
        evaluate_cases(written([], tmp_path), model)
