"""`compare`, `where`, `changes` and `sample-areas` as a user runs them, on real files and wrong ones."""

from __future__ import annotations

import csv
import json
import sys
from pathlib import Path
from typing import Protocol

import pytest

from evenhand import cli


class Run(Protocol):
    """What `run` gives."""

    def __call__(self, *arguments: object) -> tuple[int, str, str]: ...


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """Run the command in this process; gives exit status, standard output and standard error."""

    def ran(*arguments: object) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["evenhand", *map(str, arguments)])
        status = 0
        try:
            cli.main()
        except SystemExit as end:
            status = end.code if isinstance(end.code, int) else int(end.code is not None)
        out, err = capsys.readouterr()
        return status, out, err

    return ran


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


def test_compare_writes_a_page_and_its_figures(run: Run, coded_facts: Path, tmp_path: Path) -> None:
    report = tmp_path / "report.html"
    status, _, err = run("compare", coded_facts, "-o", report)
    assert status == 0
    assert "14 documents of 14 areas, 396 descriptors" in err
    page = report.read_text(encoding="utf-8")
    assert "Documents are not practice" in page
    assert "http" not in page.replace("http://www.w3.org/", "")
    differing = [row for row in rows(tmp_path / "report-situations.csv") if row["differs"] == "yes"]
    assert {"Overcrowded housing", "Experiencing bullying"} <= {row["text"] for row in differing}
    silent = [row for row in rows(tmp_path / "report-coverage.csv") if row["state"] == "silent"]
    assert silent
    bars = rows(tmp_path / "report-thresholds.csv")
    assert {row["area"] for row in bars} == {path.stem for path in (Path(__file__).parent).glob("storing*/*.txt")}
    assert all(float(row["low"]) <= float(row["severity"]) <= float(row["high"]) for row in bars)


def test_compare_does_not_overwrite_unasked(run: Run, coded_facts: Path, tmp_path: Path) -> None:
    kept = tmp_path / "report-coverage.csv"
    kept.write_text("mine", encoding="utf-8")
    status, _, err = run("compare", coded_facts, "-o", tmp_path / "report.html")
    assert (status, kept.read_text(encoding="utf-8")) == (1, "mine")
    assert "exists already; use --overwrite" in err
    assert not (tmp_path / "report.html").exists()


@pytest.mark.parametrize("name", ["coded.pdf", "missing.jsonl", "empty.csv"])
def test_compare_refuses_what_is_not_coded_in_one_line(name: str, run: Run, tmp_path: Path) -> None:
    if not name.startswith("missing"):
        (tmp_path / name).write_bytes(b"")
    status, _, err = run("compare", tmp_path / name, "-o", tmp_path / "report.html")
    assert status == 1
    assert err.startswith("Error: ")
    assert err.count("\n") == 1


def test_compare_takes_covariates_and_says_what_it_left_out(run: Run, coded_facts: Path, tmp_path: Path) -> None:
    table = tmp_path / "areas.csv"
    areas = [path.stem for path in sorted((Path(__file__).parent / "storing-up-trouble").glob("*.txt"))]
    table.write_text(
        "area,deprivation\n" + "".join(f"{area},{n * 1.5}\n" for n, area in enumerate(areas[1:])) + "Elsewhere,3\n",
        encoding="utf-8",
    )
    status, _, err = run("compare", coded_facts, "-o", tmp_path / "r.html", "--covariates", table)
    assert status == 0
    assert areas[0] in err
    for effect in rows(tmp_path / "r-effects.csv"):
        assert effect["name"].startswith("deprivation")
        assert float(effect["low"]) < float(effect["grades"]) < float(effect["high"])


def test_where_prints_each_area_and_its_precedents(run: Run, coded_facts: Path) -> None:
    status, out, _ = run("where", "Overcrowded housing", "--coded", coded_facts)
    assert status == 0
    assert "harrowdene" in out
    assert "the same situation" in out
    assert "never decides about a child" in out
    status, out, _ = run("where", "Overcrowded housing", "--coded", coded_facts, "--json", "--area", "oxlow")
    assert (status, list(json.loads(out)["areas"])) == (0, ["oxlow"])


def test_where_does_not_repeat_a_text_that_it_cannot_place(run: Run, coded_facts: Path) -> None:
    status, _, err = run("where", "Hello Mrs Smith, ring me.", "--coded", coded_facts)
    assert status == 1
    assert "Smith" not in err


def test_changes_tells_what_moved_between_two_versions(run: Run, tmp_path: Path) -> None:
    old = (Path(__file__).parent / "storing-up-trouble" / "harrowdene.txt").read_text(encoding="utf-8")
    bullets = [line for line in old.splitlines() if line.startswith("- ")]
    new = old.replace(bullets[0] + "\n", "").replace(bullets[-1], bullets[-1] + "\n- Child joins a street gang")
    for name, text in (("old", old), ("new", new)):  # both under one name, as councils keep theirs
        (tmp_path / name).mkdir()
        (tmp_path / name / "thresholds.txt").write_text(text, encoding="utf-8")
        assert run("code", tmp_path / name / "thresholds.txt", "-o", tmp_path / f"{name}.jsonl")[0] == 0
    status, _, err = run("changes", tmp_path / "old.jsonl", tmp_path / "new.jsonl", "-o", tmp_path / "changes.csv")
    assert status == 0
    kinds = [row["change"] for row in rows(tmp_path / "changes.csv")]
    assert kinds.count("unchanged") == len(bullets) - 1
    assert (kinds.count("appeared"), kinds.count("vanished")) == (1, 1)
    assert "1 appeared, 1 vanished" in err


def test_changes_wants_one_document_a_file(run: Run, coded_facts: Path, tmp_path: Path) -> None:
    other = tmp_path / "other.jsonl"
    other.write_bytes(coded_facts.read_bytes())
    status, _, err = run("changes", coded_facts, other, "-o", tmp_path / "changes.csv")
    assert status == 1
    assert "holds 14 documents" in err
    assert run("changes", other, other, "-o", tmp_path / "changes.csv")[0] == 2


def test_sample_areas_prints_areas_and_how_they_agree(run: Run, tmp_path: Path) -> None:
    table = tmp_path / "areas.csv"
    regions = ("North", "South", "East")
    table.write_text(
        "area,deprivation,region\n" + "".join(f"Area {n},{n * n},{regions[n % 3]}\n" for n in range(30)),
        encoding="utf-8",
    )
    status, out, err = run("sample-areas", table, "-n", 9, "--keep", "Area 7")
    assert (status, len(out.split("\n")) - 1) == (0, 9)
    assert "Area 7" in out
    assert "deprivation, mean" in err
    status, _, err = run("sample-areas", table, "-n", 31)
    assert status == 1
    assert err.count("\n") == 1
