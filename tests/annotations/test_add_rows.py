"""Rows of one's own go into a copy, checked, for training only, and never where they would spoil a test."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from evenhand.errors import InputError, OutputError
from evenhand_training.corpus import Corpus, Splits, check_corpus, files
from evenhand_training.corpus.add_rows import add_rows

OWN = {"text": "Wheelchair will not fit through the door of the flat", "issues": ["housing"], "severity": 3}
DOCUMENT = {
    "id": "solihull-levels",
    "area": "Solihull",
    "region": "West Midlands",
    "country": "England",
    "publisher": "A council",
    "title": "Levels",
    "year": 2024,
    "url": "https://example.org/levels",
    "levels": [
        {"native": "One", "label": None, "response": None, "levels": ["none"]},
        {"native": "Two", "label": None, "response": None, "levels": ["A", "B"]},
    ],
    "mapping_note": "As the page says.",
    "levels_visible": ["Two"],
    "kind": "criteria",
    "read_whole": False,
}


def written(path: Path, *rows: dict[str, Any] | str) -> Path:
    path.write_text("".join((row if isinstance(row, str) else json.dumps(row)) + "\n" for row in rows), "utf-8")
    return path


def test_an_added_text_is_in_the_copy_for_training_and_the_copy_has_no_problems(
    annotations: Path, tmp_path: Path
) -> None:
    before = {path.name: path.read_bytes() for path in annotations.iterdir() if path.is_file()}
    added = add_rows(annotations, written(tmp_path / "own.jsonl", OWN), tmp_path / "mine")
    assert added.rows == {files.DOCUMENTS: 0, files.DESCRIPTORS: 0, files.AUTHORED: 1}
    assert added.left_out == {}
    corpus = Corpus.read(tmp_path / "mine")
    (row,) = [row for row in corpus.authored if row.text == OWN["text"]]
    assert (row.severity, list(map(str, row.issues)), list(map(str, row.levels))) == (3, ["housing"], ["B"])
    assert Splits.read(tmp_path / "mine").part_of(row.id) == "train"
    assert corpus.version.endswith("+own")
    assert [str(problem) for problem in check_corpus(tmp_path / "mine")] == []
    assert before == {path.name: path.read_bytes() for path in annotations.iterdir() if path.is_file()}


def test_a_published_row_takes_its_level_set_from_its_document(annotations: Path, tmp_path: Path) -> None:
    row = {**OWN, "doc_id": "solihull-levels", "native_level": "Two"}
    documents = written(tmp_path / "documents.jsonl", DOCUMENT)
    added = add_rows(annotations, written(tmp_path / "own.jsonl", row), tmp_path / "mine", documents=documents)
    assert added.rows == {files.DOCUMENTS: 1, files.DESCRIPTORS: 1, files.AUTHORED: 0}
    corpus = Corpus.read(tmp_path / "mine")
    (found,) = [row for row in corpus.descriptors if row.doc_id == "solihull-levels"]
    assert [str(level) for level in found.levels] == ["A", "B"]
    assert check_corpus(tmp_path / "mine") == []


def test_what_would_spoil_a_test_is_left_out_and_counted(annotations: Path, corpus: Corpus, tmp_path: Path) -> None:
    splits = Splits.read(annotations)
    tested = next(row for row in corpus.descriptors if row.id in splits.test_rows and len(row.text.split()) > 8)
    known = next(row for row in corpus.authored if splits.part_of(row.id) == "train")
    area = splits.groups[0].areas[0]
    judged = {**DOCUMENT, "id": "judged-levels", "area": area}
    rows = written(
        tmp_path / "own.jsonl",
        {**OWN, "text": f"{tested.text}."},
        {**OWN, "text": known.text.upper()},
        {**OWN, "doc_id": "judged-levels", "native_level": "Two"},
        OWN,
    )
    documents = written(tmp_path / "documents.jsonl", judged)
    added = add_rows(annotations, rows, tmp_path / "mine", documents=documents)
    assert added.rows[files.AUTHORED] == 1
    assert added.left_out == {
        "nearly repeats a test row": 1,
        "there already": 1,
        "of an area that is judged on or left out": 1,
    }


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("{", "line 2: not JSON"),
        ('{"text": "half a pair \\ud800", "issues": ["housing"], "severity": 3}', "line 2: not JSON in UTF-8"),
        ({**OWN, "severity": [3]}, "line 2: severity"),
        ({**OWN, "issues": 5}, "line 2: issues"),
        ({**OWN, "id": "p-001751d40a"}, "line 2: 1 field(s) other than"),
        ({**OWN, "Some text that slipped into a name": 1}, "line 2: 1 field(s) other than"),
        ({**OWN, "doc_id": "nowhere", "native_level": ["Two"]}, "line 2: names no document"),
        ("[]", "line 2: not a JSON object"),
        ({**OWN, "severity": 7}, "line 2: severity"),
        ({**OWN, "issues": ["houses"]}, "line 2: issues.0"),
        ({**OWN, "issues": []}, "line 2: issues"),
        ({**OWN, "doc_id": "nowhere", "native_level": "Two"}, "line 2: names no document"),
        ({"issues": ["housing"], "severity": 3}, "line 2: text"),
    ],
    ids=[
        "no json",
        "half a pair",
        "list",
        "number",
        "id",
        "unknown",
        "level list",
        "no object",
        "severity",
        "issue",
        "no issue",
        "no document",
        "no text",
    ],
)
def test_a_bad_line_is_named_and_nothing_is_written(
    annotations: Path, tmp_path: Path, line: dict[str, Any] | str, told: str
) -> None:
    with pytest.raises(InputError) as raised:
        add_rows(annotations, written(tmp_path / "own.jsonl", OWN, line), tmp_path / "mine")
    assert told in str(raised.value)
    assert str(OWN["text"]) not in str(raised.value)
    assert not (tmp_path / "mine").exists()


def test_a_document_cannot_take_the_id_of_another(annotations: Path, corpus: Corpus, tmp_path: Path) -> None:
    taken = written(tmp_path / "documents.jsonl", {**DOCUMENT, "id": corpus.documents[0].id})
    with pytest.raises(InputError, match=r"documents\.jsonl, line 1: its id is taken"):
        add_rows(annotations, written(tmp_path / "own.jsonl", OWN), tmp_path / "mine", documents=taken)


def test_a_part_of_a_joint_area_is_judged_like_the_whole(annotations: Path) -> None:
    splits = Splits.read(annotations)
    assert splits.judges("Luton")
    assert splits.judges("Bedford, Central Bedfordshire and Luton")
    assert not splits.judges("Rutland Water")


def test_no_area_added_later_is_part_of_one_that_is_judged(corpus: Corpus, annotations: Path) -> None:
    splits = Splits.read(annotations)
    later = {corpus.area(row) for row in corpus.descriptors}
    assert {area for area in later if splits.judges(area) and not splits.group_of(area)} == set()


def test_a_missing_file_and_a_folder_that_is_there_are_errors(annotations: Path, tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"nothing\.jsonl: cannot be read"):
        add_rows(annotations, tmp_path / "nothing.jsonl", tmp_path / "mine")
    (tmp_path / "mine").mkdir()
    with pytest.raises(OutputError, match="is there already"):
        add_rows(annotations, written(tmp_path / "own.jsonl", OWN), tmp_path / "mine")
