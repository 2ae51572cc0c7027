"""Uploaded files: names that can do no harm, and what is read of documents and of files of texts."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from tests.serve.targets import SECRET

from evenhand.batch.gate import Privacy
from evenhand.errors import EvenhandError
from evenhand_serve.isolated import FILES, RESULTS
from evenhand_serve.uploads import TableRead, read_documents, read_table, safe_names
from evenhand_serve.wording import FieldInputError

DOCUMENTS = Path(__file__).parents[1] / "documents" / "made"
NOTES = "id,agency,note\n1,police,Dad hit him with a belt.\n2,school,She is late at school.\n3,school,\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """As a piece of work has it."""
    for part in (FILES, RESULTS):
        (tmp_path / part).mkdir()
    return tmp_path


def ignore(words: str) -> None:
    """Progress that nobody follows."""


@given(st.lists(st.one_of(st.none(), st.text(), st.text(alphabet="ab./\\ \0\n:", max_size=8)), max_size=6))
@example(["a" * 300 + ".pdf", "a" * 300 + ".pdf", "A" * 300 + ".PDF"])
@example(["2-a.pdf", "a.pdf", "a.pdf", "a.pdf"])
@example(["a." + "b" * 300, "..", "...", ".", "~", "-rf", "con", "a/", "/"])
def test_names_of_uploads_are_safe_names_of_files(names: list[str | None]) -> None:
    found = safe_names(names)

    assert len(found) == len(names)
    assert len({name.lower() for name in found}) == len(found)
    for name in found:
        assert name
        assert name not in {".", ".."}
        assert not set(name) & set("/\\:\0\n\r\t\"'<>|*?%")
        assert name.isascii()
        assert name.isprintable()
        assert len(name) < 120
        assert name == name.strip(" .")
        assert Path("folder", name).parent == Path("folder")


@given(st.from_regex(r"[A-Za-z0-9_][A-Za-z0-9_ -]{0,60}[A-Za-z0-9]\.(pdf|docx|html|csv\.gz)", fullmatch=True))
def test_an_ordinary_name_stays_as_it_is(name: str) -> None:
    assert safe_names([name, f"C:\\Users\\me\\{name}", f"/home/me/{name}"]) == [name, f"2-{name}", f"3-2-{name}"]


def test_a_long_name_keeps_its_suffix() -> None:
    assert safe_names(["a" * 300 + ".xlsx"])[0].endswith("a.xlsx")


def documents(folder: Path, names: list[str], model: Path, **levels: Any) -> Any:  # noqa: ANN401
    return read_documents(
        folder, {"names": names, "levels": levels, "model": model, "privacy": Privacy.PATTERNS}, ignore
    )


def test_documents_are_read_and_those_that_cannot_be_are_told_of(folder: Path, toy_bundle: Path) -> None:
    (folder / FILES / "hallowby.html").write_bytes((DOCUMENTS / "hallowby.html").read_bytes())
    (folder / FILES / "broken.pdf").write_bytes(f"%PDF-1.7 {SECRET}".encode())

    read = documents(folder, ["hallowby.html", "broken.pdf"], toy_bundle)

    assert len(read.documents) == 1
    assert read.rows
    assert set(read.failed) == {"broken.pdf"}
    assert SECRET not in str(read.failed)
    assert str(folder) not in str((read.documents, read.rows, read.failed))
    assert set(read.files) == {"xlsx", "csv", "jsonl"}
    assert len(read.files["jsonl"].splitlines()) == len(read.rows)
    assert not any(str(folder).encode() in content for content in read.files.values())


def test_what_is_read_of_a_document_is_plain_json(folder: Path, toy_bundle: Path) -> None:
    (folder / FILES / "hallowby.html").write_bytes((DOCUMENTS / "hallowby.html").read_bytes())
    read = documents(folder, ["hallowby.html"], toy_bundle)
    assert json.loads(json.dumps(read.rows, allow_nan=False)) == read.rows


@pytest.mark.parametrize("key", ["partnership plus", 'with "quotes" and \\', "ünïcode", "🙂"])
def test_levels_of_any_wording_can_be_set(folder: Path, toy_bundle: Path, key: str) -> None:
    (folder / FILES / "hallowby.html").write_bytes((DOCUMENTS / "hallowby.html").read_bytes())
    read = documents(folder, ["hallowby.html"], toy_bundle, **{"hallowby.html": {key: ["C"]}})
    assert read.rows


def table(folder: Path, name: str, model: Path, **options: Any) -> TableRead:  # noqa: ANN401
    (folder / FILES / name).write_text(options.pop("content", NOTES), encoding="utf-8")
    told: list[str] = []
    about = {
        "name": name,
        "works": ("score",),
        "column": None,
        "by": (),
        "privacy": "patterns",
        "model": model,
        "framing_model": None,
        "most_characters": 1_000,
        **options,
    }
    read = read_table(folder, about, told.append)
    assert all(words.endswith("done") for words in told)
    assert told[0].startswith("Looking for names and numbers of persons: ")
    return read


def test_a_file_of_texts_is_scored_row_by_row(folder: Path, toy_bundle: Path) -> None:
    read = table(folder, "notes.csv", toy_bundle)

    rows = list(csv.DictReader(io.StringIO(read.files["scored.csv"].decode("utf-8-sig"))))
    assert [row["id"] for row in rows] == ["1", "2", "3"]
    assert read.summaries["score"]["rows"] == 3
    assert list(read.summaries) == ["score"]
    assert read.report is None
    assert str(folder) not in str(read.summaries)


def test_what_was_read_comes_as_a_workbook_for_people_too(folder: Path, toy_bundle: Path) -> None:
    content = "case,note\n=1+1,Mum fails to engage and is hard to reach. There is no heating.\nk2,\x07She is well.\n"
    read = table(folder, "notes.csv", toy_bundle, content=content, works=("score", "flag"))

    book = openpyxl.load_workbook(io.BytesIO(read.files["results.xlsx"]))
    texts = list(book["Texts"].iter_rows(values_only=True))
    assert texts[0][:4] == ("number", "case", "note", "level")
    assert [row[:2] for row in texts[1:]] == [(1, "=1+1"), (2, "k2")]
    assert book["Texts"]["B2"].data_type == "s"  # and no formula
    assert texts[1][texts[0].index("needs with which nobody asks for help")] == "heating"
    flags = list(book["Flags"].iter_rows(values_only=True))
    assert flags[0][:2] == ("number", "words")
    assert (1, "hard to reach") in [row[:2] for row in flags]


@pytest.mark.parametrize("works", [("score",), ("flag",)])
def test_the_workbook_has_what_was_asked_for(folder: Path, toy_bundle: Path, works: tuple[str, ...]) -> None:
    read = table(folder, "notes.csv", toy_bundle, works=works)
    head = next(openpyxl.load_workbook(io.BytesIO(read.files["results.xlsx"]))["Texts"].iter_rows(values_only=True))
    assert ("severity" in head, "phrases to look at" in head) == ("score" in works, "flag" in works)


def test_a_file_of_texts_is_flagged_with_a_report(folder: Path, toy_bundle: Path) -> None:
    read = table(folder, "notes.csv", toy_bundle, works=("score", "flag"), by=("agency",))

    assert {"scored.csv", "flagged.csv"} <= set(read.files)
    assert list(read.summaries) == ["score", "flag"]
    assert read.report is not None
    assert b"<html" in read.report
    assert str(folder).encode() not in read.report


@pytest.mark.parametrize("name", ["scored.csv", "flagged.csv", "report.html.csv", "report.rates.csv", "coded.xlsx.csv"])
def test_a_file_may_have_the_name_of_one_of_ours(folder: Path, toy_bundle: Path, name: str) -> None:
    """As who sends a result in again has; one made here is called so."""
    read = table(folder, name, toy_bundle)
    assert len(read.files["scored.csv"].splitlines()) == 4


@pytest.mark.parametrize(
    ("options", "field", "told"),
    [
        ({"column": "nte"}, "column", "did you mean 'note'"),
        ({"content": "a,b\nx,y\n"}, "column", "no column is named like one that holds texts"),
        ({"by": ("agency", "sauce"), "works": ("flag",)}, "by", "there is no column 'sauce'"),
    ],
    ids=["a column that is not there", "no column of texts", "nothing to compare by"],
)
def test_a_wrong_column_is_told_at_its_field_before_models_are_loaded(
    folder: Path, options: dict[str, Any], field: str, told: str
) -> None:
    with pytest.raises(FieldInputError, match=told) as caught:
        table(folder, "notes.csv", Path("no model"), **options)
    assert caught.value.field_name == field


def test_what_is_compared_by_is_not_asked_for_where_nothing_is_compared(folder: Path, toy_bundle: Path) -> None:
    assert table(folder, "notes.csv", toy_bundle, works=("score",), by=("sauce",)).files


def test_a_text_too_long_to_be_read_is_left_out_and_told_of(folder: Path, toy_bundle: Path) -> None:
    read = table(folder, "notes.csv", toy_bundle, content=f"note\nlate\n{'late ' * 1000}\n", works=("score", "flag"))

    assert (read.summaries["score"]["rows"], read.summaries["score"]["rejected"]) == (2, 1)
    assert (read.summaries["flag"]["rows"], read.summaries["flag"]["rejected"]) == (2, 1)
    assert b"the text has 5,000 characters, and at most 1,000 are read" in read.files["scored.csv.rejected"]


def test_texts_that_look_identifiable_are_refused_by_place_and_not_repeated(folder: Path, toy_bundle: Path) -> None:
    content = "note\nDad hit him.\nRing me on 07700 900123.\n"
    with pytest.raises(EvenhandError) as caught:
        table(folder, "notes.csv", toy_bundle, content=content)
    assert "900123" not in str(caught.value)
