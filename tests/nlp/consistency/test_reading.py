"""Collections are read from the corpus and from what `evenhand code` writes, and nothing of a text is in an error."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from evenhand.consistency.collection import Collection
from evenhand.consistency.reading import read_collection
from evenhand.errors import EvenhandError, InputError
from evenhand.scheme import Level

AREA = "Harrowdene.txt".lower()


def copied(coded: Path, folder: Path) -> Path:
    for path in coded.parent.glob(f"{coded.name}*"):
        shutil.copy(path, folder / path.name)
    return folder / coded.name


def test_the_shipped_descriptors_are_those_of_england_and_excerpts(published: Collection) -> None:
    assert len(published.descriptors) > 1300
    assert "Scottish Borders" not in published.areas
    assert not any(document.read_whole for document in published.documents)
    assert any("only the first part" in note for note in published.notes)
    assert not published.by_model()


def test_coded_documents_are_areas_of_their_own_and_read_whole_where_they_were(fact_collection: Collection) -> None:
    assert "harrowdene" in fact_collection.areas
    assert fact_collection.by_model()
    documents = {document.id: document for document in fact_collection.documents}
    assert documents[AREA].read_whole
    assert dict(documents["oxlow.txt"].levels)["Stage 2"] == (Level.A,)


def test_a_file_of_documents_says_whose_they_are(coded_facts: Path, tmp_path: Path) -> None:
    told = tmp_path / "documents.csv"
    told.write_text(
        "file,area,year,url,read_whole\nharrowdene.txt,Harrow Dene,2019,https://example.org/h,no\n"
        "wexcombe.txt,Harrow Dene,2024,,\n",
        encoding="utf-8",
    )
    found = read_collection([coded_facts], documents=told)
    by_id = {document.id: document for document in found.documents}
    assert (by_id[AREA].area, by_id[AREA].year, by_id[AREA].read_whole) == ("Harrow Dene", 2019, False)
    assert by_id[AREA].url == "https://example.org/h"
    assert (by_id["wexcombe.txt"].area, by_id["wexcombe.txt"].read_whole) == ("Harrow Dene", True)
    assert {row.area for row in found.descriptors if row.document == "wexcombe.txt"} == {"Harrow Dene"}


@pytest.mark.parametrize(
    ("table", "message"),
    [
        ("area\nx\n", "needs the column `file`"),
        ("file,area,colour\nharrowdene.txt,x,red\n", "needs the column `file`"),
        ("file,area\nnowhere.txt,x\n", "no document 'nowhere.txt'"),
        ("file,area\nharrowdene.txt,x\nharrowdene.txt,y\n", "stands there twice"),
        ("file,year\nharrowdene.txt,soon\n", "four digits"),
        ("file,read_whole\nharrowdene.txt,perhaps\n", "yes or no"),
        ("file,area,area\nharrowdene.txt,x,y\n", "two columns are called 'area'"),
        ("file,area\nharrowdene.txt\n", "row 2: 1 cells"),
        ("file,area\n", "no rows below a header"),
    ],
    ids=["no file", "unknown column", "unknown file", "twice", "year", "flag", "two columns", "short row", "empty"],
)
def test_a_file_of_documents_with_a_fault_is_named(table: str, message: str, coded_facts: Path, tmp_path: Path) -> None:
    path = tmp_path / "documents.csv"
    path.write_text(table, encoding="utf-8")
    with pytest.raises(InputError, match=message):
        read_collection([coded_facts], documents=path)


def test_a_descriptor_at_a_level_that_is_not_clear_is_left_out_and_counted(coded_facts: Path, tmp_path: Path) -> None:
    path = copied(coded_facts, tmp_path)
    rows = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    for row in rows[:3]:
        row["levels"] = []
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    found = read_collection([path])
    assert len(found.descriptors) == len(rows) - 3
    assert any("3 descriptors stand at a level whose meaning in law is not clear" in note for note in found.notes)


def test_a_row_that_a_reviewer_says_is_none_is_left_out(coded_facts: Path, tmp_path: Path) -> None:
    path = copied(coded_facts, tmp_path)
    rows = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    rows[0]["keep"] = False
    rows[1]["severity"] = 5.0
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    found = read_collection([path])
    assert len(found.descriptors) == len(rows) - 1
    assert not next(row for row in found.descriptors if row.id == rows[1]["id"]).by_model


def test_one_document_in_two_files_is_an_error(coded_facts: Path, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="is in two of the files"):
        read_collection([coded_facts, copied(coded_facts, tmp_path)])


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("empty.jsonl", b""),
        ("other.jsonl", b'{"text": "Mum is scared"}\n'),
        ("broken.jsonl", b"Mum is scared\n"),
        ("latin.jsonl", "Mum is scar\xe9d".encode("latin-1")),
        ("nul.jsonl", b"\x00\x00Mum is scared"),
        ("other.csv", b"concern,grade\nMum is scared,3\n"),
        ("a.pdf", b"%PDF-1.7 Mum is scared"),
        ("other.xlsx", b"Mum is scared"),
    ],
)
def test_another_file_is_refused_without_a_word_of_it(name: str, content: bytes, tmp_path: Path) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(EvenhandError) as refused:
        read_collection([path])
    assert "scar" not in str(refused.value)
    assert name in str(refused.value) or "no descriptor has a level" in str(refused.value)


def test_a_folder_without_a_corpus_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"documents\.jsonl: cannot be read"):
        read_collection([tmp_path])
