"""Collections are read from the corpus and from what `evenhand code` writes, and nothing of a text is in an error."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from evenhand.consistency.collection import Collection
from evenhand.consistency.reading import read_collection
from evenhand.errors import EvenhandError, InputError
from evenhand.scheme import Issue, Level

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


def corpus(folder: Path, change: dict[str, Any], *, of: str = "descriptors", without: str = "") -> Path:
    """A corpus folder of one document and one descriptor, of which some fields are changed."""
    rows: dict[str, dict[str, Any]] = {
        "documents": {
            "id": "kent", "area": "Kent", "country": "England", "title": "Thresholds", "year": None, "url": None,
            "levels": [{"native": "Level 4", "levels": ["D"]}], "read_whole": True,
        },
        "descriptors": {
            "id": "p-1", "doc_id": "kent", "native_level": "Level 4", "levels": ["D"], "text": "Mum is scared",
            "issues": ["domestic_abuse"], "severity": 5,
        },
    }  # fmt: skip
    rows[of] |= change
    rows[of].pop(without, None)
    for name, row in rows.items():
        (folder / f"{name}.jsonl").write_text(json.dumps(row) + "\n", encoding="utf-8")
    return folder


def several(*values: Any) -> list[Any]:  # noqa: ANN401 - JSON of any kind
    return list(values)


FAULTS: list[tuple[str, dict[str, Any]]] = [
    *(
        ("descriptors", {"severity": value})
        for value in several("Mum is scared", None, True, float("nan"), 0.5, 10**400)
    ),
    *(("descriptors", {"levels": value}) for value in several(["scared"], "CD", ["A", "D"], None, [["A"]], 3)),
    *(("descriptors", {"issues": value}) for value in several(["scared"], None, "housing", [{}])),
    *(("descriptors", {name: value}) for name in ("id", "doc_id", "text") for value in several(None, 3, ["scared"])),
    *(("documents", {"year": value}) for value in several("scared", 2019.5, True)),
    *(("documents", {"levels": value}) for value in several("scared", [{"native": "scared"}], [["scared"]], [{}], 3)),
    *(("documents", {name: None}) for name in ("id", "area", "title", "read_whole")),
]


@pytest.mark.parametrize(("of", "change"), FAULTS)
def test_a_line_of_a_corpus_with_a_fault_is_named_without_its_cell(
    of: str, change: dict[str, Any], tmp_path: Path
) -> None:
    with pytest.raises(InputError, match=rf"{of}\.jsonl, line 1: field '{next(iter(change))}' must be") as refused:
        read_collection([corpus(tmp_path, change, of=of)])
    assert "scared" not in str(refused.value)
    assert refused.value.__suppress_context__


@pytest.mark.parametrize(
    ("of", "name"),
    [
        *(("documents", name) for name in ("id", "area", "title", "year", "url", "levels", "read_whole", "country")),
        *(("descriptors", name) for name in ("id", "doc_id", "native_level", "levels", "text", "issues", "severity")),
    ],
)
def test_a_line_of_a_corpus_without_a_field_is_named(of: str, name: str, tmp_path: Path) -> None:
    with pytest.raises(InputError, match=rf"{of}\.jsonl, line 1: no field '{name}'"):
        read_collection([corpus(tmp_path, {}, of=of, without=name)])


def test_a_line_of_a_corpus_without_fault_is_read(tmp_path: Path) -> None:
    (row,) = read_collection([corpus(tmp_path, {})]).descriptors
    assert (row.area, row.levels, row.severity) == ("Kent", (Level.D,), 5.0)


@pytest.mark.parametrize(
    "content",
    [
        b"Mum is scared\n",
        b'["scared"]\n',
        b'{"page": 1}\n',
        b'{"file": null}\n',
        b'{"file": "a", "read_whole": "scared"}\n',
        '{"file": "scar\xe9d"}'.encode("latin-1"),
        b"[" * 100_000,
    ],
    ids=["no JSON", "list", "no file", "null", "flag", "latin", "nested"],
)
def test_broken_warnings_beside_a_file_are_named(content: bytes, coded_facts: Path, tmp_path: Path) -> None:
    path = copied(coded_facts, tmp_path)
    path.with_name(f"{path.name}.warnings.jsonl").write_bytes(content)
    with pytest.raises(InputError, match=r"coded\.jsonl\.warnings\.jsonl") as refused:
        read_collection([path])
    assert "scar" not in str(refused.value)


NOT_OF_THE_FORM: list[tuple[str, Any]] = [
    *(("levels", value) for value in several(["D", "A"], "AB", None, ["scared"], [1], {"A": 1})),
    *(("keep", value) for value in several("no", None, 0)),
    *(("page", value) for value in several("scared", 0, 1.5, True)),
    *((name, value) for name in ("file", "id") for value in several("", " ", None, 7)),
    *(("issues", value) for value in several(None, "housing", ["scared"], [None])),
    *(("severity", value) for value in several("4", float("nan"), 1e308, float("inf"), 0.9, 6.1, 10**400, True, [])),
    *(("box", value) for value in several([1, 2, 3], "scar", [1, 2, 3, "4"], 5, [1, 2, 3, float("nan")])),
    ("model_level", "scared"),
    ("model_level", ["A"]),
    ("model_severity", 9),
    ("confidence", float("nan")),
    ("confidence", None),
    ("terms_issues", "scared"),
    ("terms_severity", 2.5),
    ("text", None),
    ("note", 3),
]


@pytest.mark.parametrize(("name", "value"), NOT_OF_THE_FORM)
def test_a_coded_line_with_a_fault_is_named_without_its_cell(
    name: str, value: object, coded_facts: Path, tmp_path: Path
) -> None:
    path = copied(coded_facts, tmp_path)
    rows = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    rows[1][name] = value
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    with pytest.raises(InputError, match=rf"coded\.jsonl, line 2: field '{name}' must be") as refused:
        read_collection([path])
    assert "scar" not in str(refused.value)


def test_brackets_in_brackets_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "deep.jsonl"
    path.write_text("[" * 100_000, encoding="utf-8")
    with pytest.raises(InputError, match="line 1: not an object of JSON"):
        read_collection([path])


def test_a_document_twice_in_one_file_is_an_error(coded_facts: Path, tmp_path: Path) -> None:
    path = copied(coded_facts, tmp_path)
    text = path.read_text(encoding="utf-8")
    path.write_text(text + text, encoding="utf-8")
    with pytest.raises(InputError, match=rf"line {text.count(chr(10)) + 1}: the id '[^']+#1' occurs twice"):
        read_collection([path])


@pytest.mark.parametrize("suffix", [".csv", ".xlsx", ".jsonl"])
def test_a_file_that_is_not_there_is_named(suffix: str, tmp_path: Path) -> None:
    with pytest.raises(InputError, match=rf"nowhere\{suffix}: not there"):
        read_collection([tmp_path / f"nowhere{suffix}"])


def test_areas_that_differ_in_what_does_not_show_are_one(coded_facts: Path, tmp_path: Path) -> None:
    told = tmp_path / "documents.csv"
    told.write_text(
        "file,area\nwexcombe.txt,Harrow  Dene\nharrowdene.txt,HARROW\xa0dene\x00\noxlow.txt,harrow\u200b dene\n",
        encoding="utf-8",
    )
    found = read_collection([coded_facts], documents=told)
    by_id = {document.id: document.area for document in found.documents}
    assert {by_id[name] for name in (AREA, "wexcombe.txt", "oxlow.txt")} == {"Harrow Dene"}


def test_issues_at_a_level_that_is_not_clear_are_kept(coded_facts: Path, tmp_path: Path) -> None:
    path = copied(coded_facts, tmp_path)
    rows = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    rows[0] |= {"levels": [], "issues": ["housing", "poverty"]}
    rows[1] |= {"levels": [], "issues": ["neglect"], "keep": False}
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    file = rows[0]["file"]
    assert read_collection([path]).unplaced == ((file, Issue.HOUSING), (file, Issue.POVERTY))


def test_a_severity_is_the_models_also_where_a_reviewer_changed_the_issues(coded_facts: Path, tmp_path: Path) -> None:
    path = copied(coded_facts, tmp_path)
    rows = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    rows[0]["issues"] = ["radicalisation"]
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    changed = next(row for row in read_collection([path]).descriptors if row.id == rows[0]["id"])
    assert [str(issue) for issue in changed.issues] == ["radicalisation"]
    assert changed.by_model
