"""`evenhand code` as a user runs it, with the installed model."""

from __future__ import annotations

import csv
import json
import subprocess
import sys
from pathlib import Path

import pytest
from tests.documents.conftest import MADE

COMMAND = [sys.executable, "-c", "from evenhand.cli import main; main()", "code"]


def run(*arguments: str | Path, folder: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*COMMAND, *map(str, arguments)], cwd=folder, capture_output=True, text=True, encoding="utf-8", check=False
    )


def test_three_files_of_which_one_is_broken(tmp_path: Path) -> None:
    (tmp_path / "broken.pdf").write_bytes((MADE / "saltwick.pdf").read_bytes()[:900])
    done = run(MADE / "stonebeck.docx", "broken.pdf", MADE / "eastmarsh.html", "-o", "out.csv", folder=tmp_path)
    assert done.returncode == 1
    assert "Not read: broken.pdf: not a PDF that can be read" in done.stderr
    assert "stonebeck.docx: " in done.stderr
    assert "Child Protection = D" in done.stderr
    with (tmp_path / "out.csv").open(encoding="utf-8-sig", newline="") as stream:
        rows = list(csv.DictReader(stream))
    assert {row["file"] for row in rows} == {"stonebeck.docx", "eastmarsh.html"}
    assert all(row["issues"] or row["severity"] for row in rows if row["native_level"] == "Child Protection")


def test_a_review_comes_back_and_says_who_edited(tmp_path: Path) -> None:
    assert run(MADE / "hallowby.pdf", "-o", "sheet.xlsx", folder=tmp_path).returncode == 0
    done = run("sheet.xlsx", "--from-review", "--coder", "ann", "-o", "back.jsonl", folder=tmp_path)
    assert done.returncode == 0
    assert "115 rows, 0 edited by ann" in done.stderr
    rows = [json.loads(line) for line in (tmp_path / "back.jsonl").read_text(encoding="utf-8").splitlines()]
    assert all(row["coder"].startswith("evenhand-") for row in rows)
    assert {row["schema"] for row in rows} == {"evenhand.code/1"}


@pytest.mark.parametrize(
    ("arguments", "status", "told"),
    [
        (["gone.pdf", "-o", "out.csv"], 1, "Error: gone.pdf: no such file"),
        (["gone.pdf", "-o", "out.docx"], 1, "Error: out.docx: the suffix says the format"),
        (["gone.csv", "--from-review", "-o", "out.csv"], 2, "--coder NAME"),
        (["gone.csv", "--from-review", "--coder", "ann", "-o", "out.csv"], 1, "Error: gone.csv: no such file"),
    ],
)
def test_a_mistake_is_told_in_one_line(tmp_path: Path, arguments: list[str], status: int, told: str) -> None:
    done = run(*arguments, folder=tmp_path)
    assert done.returncode == status
    assert told in done.stderr
    assert "Traceback" not in done.stderr
