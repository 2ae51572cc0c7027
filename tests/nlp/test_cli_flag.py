"""`evenhand flag`: one text, files, and what is told where something is wrong."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Run = Callable[..., Any]  # the fixture `evenhand`
NOTE = "Mum fails to engage and is hard to reach. There is no heating."


@pytest.fixture
def notes(tmp_path: Path) -> Path:
    path = tmp_path / "notes.csv"
    path.write_text(f"id,agency,note\n1,police,{NOTE}\n2,school,She is well.\n", encoding="utf-8")
    return path


def test_one_text_is_printed_marked_with_advice_and_checklist(evenhand: Run) -> None:
    ran = evenhand("flag", NOTE)
    assert ran.status == 0
    assert "hard to reach" in ran.out
    assert "Blames the parent" in ran.out
    assert "consent, or why it was not sought" in ran.out


def test_one_text_as_json_has_the_contracts_fields(evenhand: Run) -> None:
    flags = json.loads(evenhand("flag", NOTE, "--json").out)
    assert list(flags)[:4] == ["framing", "quotations", "balance", "unmet_needs"]


def test_a_text_longer_than_any_file_name_is_a_text(evenhand: Run) -> None:
    assert evenhand("flag", NOTE * 40).status == 0


def test_a_text_comes_from_standard_input_too(evenhand: Run) -> None:
    assert "hard to reach" in evenhand("flag", stdin=NOTE.encode()).out


def test_a_file_without_output_is_told_what_to_do(evenhand: Run, notes: Path) -> None:
    ran = evenhand("flag", notes)
    assert ran.status == 2
    assert "-o OUT" in " ".join(ran.err.replace("│", " ").split())


def test_files_are_flagged_with_a_report(evenhand: Run, notes: Path, tmp_path: Path) -> None:
    ran = evenhand("flag", notes, "-o", tmp_path / "out.jsonl", "--html", tmp_path / "report", "--by", "agency")
    assert ran.status == 0, ran.err
    assert "2 rows from column 'note': 2 read" in ran.err
    assert {path.name for path in tmp_path.glob("report.*")} == {
        "report.html",
        "report.rates.csv",
        "report.phrases.csv",
    }


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (["--html", "report", "--by", "agancy"], "there is no column 'agancy'"),
        (["--html", "report", "--outcome", "level"], "--outcome level: there is no such column"),
        (["--html", "nowhere/report"], "the folder nowhere does not exist"),
    ],
    ids=["by", "outcome", "folder"],
)
def test_mistakes_in_report_options_are_told_before_anything_is_flagged(
    evenhand: Run, notes: Path, tmp_path: Path, options: list[str], told: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    ran = evenhand("flag", notes, "-o", "out.jsonl", *options)
    assert ran.status == 1
    assert told in ran.err
    assert not (tmp_path / "out.jsonl").exists()


@pytest.mark.parametrize(
    "options",
    [["--by", "agency"], ["--html", "x"], ["-o", "-"], ["-o", "x.jsonl", "--overwrite", "--resume"]],
    ids=["by alone", "html alone", "standard output", "overwrite and resume"],
)
def test_options_that_mean_nothing_together_are_refused(evenhand: Run, notes: Path, options: list[str]) -> None:
    assert evenhand("flag", notes, *options).status == 2


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["refrals.csv"], "there is no file refrals.csv"),
        (["in.csv", "-o", "out.csv", "--html", "page", "--outcome", "x", "--outcome-level", "Tier 2"], "WORDS=CODE"),
        (["in.csv", "-o", "out.csv", "--outcome-level", "Tier 2=C"], "--outcome COLUMN"),
    ],
)
def test_a_command_that_cannot_be_meant_says_what_to_write(evenhand: Run, arguments: list[str], message: str) -> None:
    ran = evenhand("flag", *arguments)

    assert ran.status == 2
    assert message in " ".join(ran.err.replace("│", " ").split())
