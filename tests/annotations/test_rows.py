"""Properties of rows: what is valid survives writing and reading, and no corruption passes unnoticed."""

from __future__ import annotations

import json
import shutil
import tempfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from evenhand.scheme import ASSERTIONS, FRAMES, ISSUES, LEVELS, SEVERITIES
from evenhand_training.corpus import check_corpus, files, refresh_derived

# Letters that no corpus text is made of, so that no generated text comes near a test row.
LETTERS = "qxzjéß '\"\\,"
texts = st.text(alphabet=LETTERS, min_size=24, max_size=60).filter(lambda text: len(set(text.split())) > 2)
issues = st.lists(st.sampled_from([str(code) for code in ISSUES]), min_size=1, max_size=3, unique=True)
severities = st.sampled_from(SEVERITIES)


@st.composite
def level_sets(draw: st.DrawFn) -> list[str]:
    start = draw(st.integers(0, len(LEVELS) - 1))
    stop = draw(st.integers(start + 1, len(LEVELS)))
    return [str(level) for level in LEVELS[start:stop]]


ids = st.text(alphabet="0123456789abcdef", min_size=10, max_size=10)
shared: dict[str, st.SearchStrategy[Any]] = {"provenance": st.just("authored")}
authored = st.fixed_dictionaries(
    {
        "id": ids.map("a-{}".format),
        **shared,
        "topic": st.sampled_from(["focal", "harm", "health_education", "family_community"]),
        "text": texts,
        "register": st.sampled_from(["descriptor", "referral", "case_note"]),
        "issues": issues,
        "severity": severities,
        "levels": level_sets(),
        "assertion": st.sampled_from([str(code) for code in ASSERTIONS]),
        "frame": st.sampled_from([str(code) for code in FRAMES]),
    }
)


@st.composite
def severity_pairs(draw: st.DrawFn) -> dict[str, Any]:
    low, high = sorted(draw(st.lists(severities, min_size=2, max_size=2, unique=True)))
    return {
        "id": f"sp-{draw(ids)}",
        "provenance": "authored",
        "issues": draw(issues),
        "low_text": draw(texts),
        "high_text": draw(texts),
        "low_severity": low,
        "high_severity": high,
        "low_levels": draw(level_sets()),
        "high_levels": draw(level_sets()),
        "what_changed": draw(st.sampled_from(["frequency", "impact", "age"])),
    }


@st.composite
def framing_pairs(draw: st.DrawFn) -> dict[str, Any]:
    risk = draw(texts)
    start = draw(st.integers(0, len(risk) - 2))
    span = risk[start : draw(st.integers(start + 1, len(risk)))]
    assume(span.strip())
    return {
        "id": f"fp-{draw(ids)}",
        "provenance": "authored",
        "issues": draw(issues),
        "severity": draw(severities),
        "levels": draw(level_sets()),
        "risk_text": risk,
        "need_text": draw(texts),
        "risk_spans": [span],
        "categories": [draw(st.sampled_from(["vague", "deficit"]))],
    }


@st.composite
def narratives(draw: st.DrawFn) -> dict[str, Any]:
    severity = draw(severities)
    idle: dict[str, Any] = {
        "text": draw(texts),
        "issues": [],
        "severity": None,
        "assertion": "na",
        "frame": "na",
    }
    coded = {"issues": draw(issues), "severity": severity, "assertion": "present", "frame": "need"}
    return {
        "id": f"n{draw(ids)}",
        "provenance": "authored",
        "type": "referral",
        "source_role": "school",
        "levels": draw(level_sets()),
        "severity": severity,
        "issues": draw(issues),
        "frame_overall": "need",
        "referral_elements": [],
        "sentences": [idle, {"text": draw(texts), **coded}],
        "rationale": draw(texts),
    }


@st.composite
def placed_rows(draw: st.DrawFn) -> tuple[str, dict[str, Any]]:
    kinds: dict[str, st.SearchStrategy[dict[str, Any]]] = {
        files.AUTHORED: authored,
        files.SEVERITY_PAIRS: severity_pairs(),
        files.FRAMING_PAIRS: framing_pairs(),
        files.NARRATIVES: narratives(),
    }
    name = draw(st.sampled_from(sorted(kinds)))
    return name, draw(kinds[name])


@st.composite
def corrupted_rows(draw: st.DrawFn) -> tuple[str, str]:
    name, row = draw(placed_rows())
    how = draw(st.sampled_from(["drop", "add", "null", "nest", "blank", "cut", "wrong code", "control", "twice"]))
    field = draw(st.sampled_from(sorted(row)))
    if how == "drop":
        del row[field]
    elif how == "add":
        row[draw(st.text(alphabet="klmn", min_size=5, max_size=8))] = 1
    elif how == "null":
        row[field] = None
    elif how == "nest":
        row[field] = {"value": row[field]}
    elif how == "blank":
        row[draw(st.sampled_from([key for key in row if key.endswith("text") or key == "rationale"]))] = " "
    elif how == "wrong code":
        row["issues"] = [*row["issues"], "Housing"]
    elif how == "control":
        row[draw(st.sampled_from([key for key in row if key.endswith("text") or key == "rationale"]))] += "\x07"
    line = json.dumps(row, ensure_ascii=False)
    if how == "cut":
        line = line[: draw(st.integers(1, len(line) - 1))]
    elif how == "twice":
        line = f'{{"id": "a-0", {line[1:]}'
    return name, line


def place(small: Path, copy: str, name: str, line: str) -> tuple[Path, int]:
    """Put a line where its id belongs in a copy of the small corpus; return the folder and the number."""
    directory = Path(shutil.copytree(small, Path(copy) / "annotations"))
    lines = files.read_lines(directory / name)
    before = [json.loads(other)["id"] for other in lines]
    try:
        row_id = json.loads(line)["id"]
        position = sum(other < row_id for other in before)
    except (ValueError, KeyError, TypeError):
        position = len(lines)
    lines.insert(position, line)
    (directory / name).write_text("".join(found + "\n" for found in lines), encoding="utf-8", newline="\n")
    refresh_derived(directory)
    return directory, position + 1


FEW = settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])


@FEW
@given(placed=placed_rows())
def test_a_valid_row_added_to_a_corpus_is_no_problem(small: Path, placed: tuple[str, dict[str, Any]]) -> None:
    name, row = placed
    with tempfile.TemporaryDirectory() as copy:
        directory, _ = place(small, copy, name, json.dumps(row, ensure_ascii=False))
        assert [str(problem) for problem in check_corpus(directory)] == []


@FEW
@given(corrupted=corrupted_rows())
def test_a_corrupted_row_is_reported_with_file_and_line(small: Path, corrupted: tuple[str, str]) -> None:
    name, line = corrupted
    with tempfile.TemporaryDirectory() as copy:
        directory, number = place(small, copy, name, line)
        problems = check_corpus(directory)
    assert any((problem.file, problem.line) == (name, number) for problem in problems), line


@given(placed=placed_rows())
def test_a_row_survives_writing_and_reading(placed: tuple[str, dict[str, Any]]) -> None:
    name, row = placed
    kind = files.ROW_FILES[name]
    read = files.parse_row(kind, json.dumps(row, ensure_ascii=False))
    assert json.loads(files.row_line(read)) == row
    assert files.parse_row(kind, files.row_line(read)) == read


@given(placed=placed_rows(), other=st.sampled_from(sorted(files.ROW_FILES)))
def test_a_row_of_one_kind_is_no_row_of_another(placed: tuple[str, dict[str, Any]], other: str) -> None:
    name, row = placed
    assume(name != other)
    with pytest.raises(ValidationError):
        files.parse_row(files.ROW_FILES[other], json.dumps(row))


def test_rows_are_frozen(raw_rows: dict[str, list[dict[str, object]]]) -> None:
    for name, kind in files.ROW_FILES.items():
        row = files.parse_row(kind, json.dumps(raw_rows[name][0]))
        with pytest.raises(ValidationError):
            row.id = "other"
