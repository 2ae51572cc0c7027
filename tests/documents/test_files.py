"""Documents in, a sheet out with its levels and warnings beside it; edited sheets come back."""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from openpyxl import load_workbook
from tests.documents.conftest import MADE, WordCounter

from evenhand.documents.blind import held_path
from evenhand.documents.coded import CodedDescriptor
from evenhand.documents.files import CodeSummary, code_files, review_file
from evenhand.documents.review import from_json, read_review
from evenhand.documents.sheets import comma_separated, tables_beside, workbook
from evenhand.errors import InputError, OutputError
from evenhand.scheme import ISSUES, Issue, Level

THREE = [MADE / "saltwick.pdf", MADE / "stonebeck.docx", MADE / "eastmarsh.html"]


def json_rows(path: Path) -> list[CodedDescriptor]:
    return [from_json(line, "a line") for line in path.read_text(encoding="utf-8").splitlines()]


# --- code_files


def test_one_broken_file_is_named_and_the_others_are_coded(tmp_path: Path, counter: WordCounter) -> None:
    broken = tmp_path / "broken.pdf"
    broken.write_bytes((MADE / "saltwick.pdf").read_bytes()[:900])
    summary = code_files([THREE[1], broken, THREE[2]], tmp_path / "out.jsonl", model=counter)
    assert [document.name for document in summary.documents] == ["stonebeck.docx", "eastmarsh.html"]
    assert "not a PDF that can be read" in summary.failed["broken.pdf"]
    rows = json_rows(tmp_path / "out.jsonl")
    assert {row.file for row in rows} == {"stonebeck.docx", "eastmarsh.html"}
    warnings = [json.loads(line) for line in (tmp_path / "out.jsonl.warnings.jsonl").read_text().splitlines()]
    assert warnings[0]["file"] == "broken.pdf"


def test_where_no_file_can_be_read_nothing_is_written(tmp_path: Path, counter: WordCounter) -> None:
    with pytest.raises(InputError, match="no such file"):
        code_files([tmp_path / "gone.pdf"], tmp_path / "out.csv", model=counter)
    assert list(tmp_path.iterdir()) == []


def test_two_files_of_one_name_keep_apart(tmp_path: Path, counter: WordCounter) -> None:
    for folder in ("old", "new"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "page.html").write_bytes(THREE[2].read_bytes())
    summary = code_files(
        [tmp_path / "old" / "page.html", tmp_path / "new" / "page.html"], tmp_path / "out.csv", model=counter
    )
    assert len({row.id for row in summary.rows}) == len(summary.rows)
    assert len({row.file for row in summary.rows}) == 2


def test_a_level_that_a_person_has_set_stays_set_in_every_rerun(tmp_path: Path, counter: WordCounter) -> None:
    out = tmp_path / "out.jsonl"
    code_files([THREE[0]], out, model=counter)
    beside = tmp_path / "out.jsonl.levels.toml"
    before = beside.read_text(encoding="utf-8")
    beside.write_text(before.replace('levels = ["C"]', 'levels = ["B", "C"]', 1), encoding="utf-8")
    for _ in range(2):
        code_files([THREE[0]], out, model=counter, overwrite=True)
        changed = {row.native_level: row.levels for row in json_rows(out)}
        assert changed["Level 3"] == (Level.B, Level.C)
        assert changed["Level 4"] == (Level.D,)
    # A rerun on another document forgets nothing that was set.
    code_files([THREE[2]], out, model=counter, overwrite=True)
    code_files([THREE[0]], out, model=counter, overwrite=True)
    assert {row.native_level: row.levels for row in json_rows(out)} == changed


def test_a_level_whose_line_was_deleted_is_not_set(tmp_path: Path, counter: WordCounter) -> None:
    out = tmp_path / "out.jsonl"
    before = code_files([THREE[0]], out, model=counter).rows
    beside = tmp_path / "out.jsonl.levels.toml"
    kept = [line for line in beside.read_text(encoding="utf-8").splitlines() if not line.startswith("levels")]
    beside.write_text("\n".join(kept), encoding="utf-8")
    assert code_files([THREE[0]], out, model=counter, overwrite=True).rows == before


def test_a_set_level_that_a_document_does_not_name_this_time_stays_set(tmp_path: Path, counter: WordCounter) -> None:
    page, out = tmp_path / "page.html", tmp_path / "out.jsonl"
    listed = "<h2>Level {0}</h2><p>A social worker leads under section 17.</p><ul><li>Concern {0}</li></ul>"
    whole = "".join(listed.format(number) for number in range(1, 5))
    page.write_text(whole, encoding="utf-8")
    code_files([page], out, model=counter)
    beside = tmp_path / "out.jsonl.levels.toml"
    told = beside.read_text(encoding="utf-8")
    place = told.index('"level 4"')
    beside.write_text(told[:place] + re.sub(r"levels = .*", 'levels = ["D"]', told[place:], count=1), encoding="utf-8")
    for text in ("".join(listed.format(number) for number in range(1, 4)), whole):
        page.write_text(text, encoding="utf-8")
        summary = code_files([page], out, model=counter, overwrite=True)
    assert summary.rows[-1].levels == (Level.D,)


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (('levels = ["C"]', 'levels = ["E"]'), "expected one of none, A, B, C, D"),
        (('levels = ["C"]', 'levels = ["A", "C"]'), "has a gap"),
        (('levels = ["C"]', "levels = ["), "not TOML"),
    ],
)
def test_a_broken_levels_file_stops_the_run_and_is_kept(
    tmp_path: Path, counter: WordCounter, change: tuple[str, str], told: str
) -> None:
    out = tmp_path / "out.jsonl"
    code_files([THREE[0]], out, model=counter)
    beside = tmp_path / "out.jsonl.levels.toml"
    beside.write_text(beside.read_text(encoding="utf-8").replace(*change, 1), encoding="utf-8")
    edited = beside.read_bytes()
    with pytest.raises(InputError, match=told):
        code_files([THREE[0]], out, model=counter, overwrite=True)
    assert beside.read_bytes() == edited


def test_an_output_is_never_replaced_unasked(tmp_path: Path, counter: WordCounter) -> None:
    out = tmp_path / "out.csv"
    out.write_text("mine", encoding="utf-8")
    with pytest.raises(OutputError, match="exists already; use --overwrite"):
        code_files([THREE[0]], out, model=counter)
    assert out.read_text(encoding="utf-8") == "mine"


@pytest.mark.parametrize(("name", "told"), [("out.docx", "suffix"), ("none/out.csv", "does not exist")])
def test_an_output_that_cannot_be_is_refused_before_any_work(
    tmp_path: Path, counter: WordCounter, name: str, told: str
) -> None:
    with pytest.raises(OutputError, match=told):
        code_files([tmp_path / "gone.pdf"], tmp_path / name, model=counter)


def test_a_full_disk_leaves_the_old_output(
    tmp_path: Path, counter: WordCounter, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = tmp_path / "out.csv"
    code_files([THREE[0]], out, model=counter)
    before = out.read_bytes()

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("evenhand.output.os.fsync", full)
    with pytest.raises(OutputError, match="no space left on device"):
        code_files([THREE[1]], out, model=counter, overwrite=True)
    assert out.read_bytes() == before
    assert [path.name for path in tmp_path.iterdir() if ".part" in path.name] == []


def test_the_search_terms_of_2018_stand_beside_the_model_if_asked_for(tmp_path: Path, counter: WordCounter) -> None:
    without = code_files([THREE[0]], tmp_path / "a.jsonl", model=counter)
    beside = code_files([THREE[0]], tmp_path / "b.jsonl", model=counter, terms=True)
    assert {row.terms_issues for row in without.rows} == {None}
    told = {row.text: row for row in beside.rows}
    assert Issue.PHYSICAL_ABUSE in (told["Child says they have been hit with an implement"].terms_issues or ())
    assert all(row.terms_severity in (None, 1, 2, 3, 4, 5, 6) for row in beside.rows)


def test_the_page_shows_every_descriptor_and_loads_nothing(tmp_path: Path, counter: WordCounter) -> None:
    summary = code_files(THREE, tmp_path / "out.html", model=counter)
    page = (tmp_path / "out.html").read_text(encoding="utf-8")
    marks = page.count("<mark ") + page.count("class=mark ")
    assert marks == len(summary.rows)
    assert "http" not in page.replace("http-equiv", "")


def test_a_workbook_has_filters_lists_of_codes_levels_and_warnings(tmp_path: Path, counter: WordCounter) -> None:
    summary = code_files([*THREE, MADE / "ferncastle.pdf"], tmp_path / "out.xlsx", model=counter)
    book = load_workbook(tmp_path / "out.xlsx")
    assert book.sheetnames == ["descriptors", "codes", "levels", "warnings"]
    assert book["descriptors"].max_row == len(summary.rows) + 1
    assert book["descriptors"].auto_filter.ref
    assert len(book["descriptors"].data_validations.dataValidation) == 3
    assert book["levels"].max_row == 1 + sum(len(document.levels) for document in summary.documents)
    assert "picture without text" in str([cell.value for cell in book["warnings"]["C"]])


# --- reviews


@pytest.fixture
def coded(tmp_path: Path, counter: WordCounter) -> Callable[[str], CodeSummary]:
    return lambda suffix: code_files(THREE, tmp_path / f"sheet{suffix}", model=counter)


def edit(path: Path, changes: dict[int, dict[str, str]]) -> None:
    """Change cells of some rows, counted from 0, as a person would."""
    if path.suffix == ".xlsx":
        book = load_workbook(path)
        sheet = book["descriptors"]
        names = [cell.value for cell in sheet[1]]
        for row, cells in changes.items():
            for name, value in cells.items():
                sheet.cell(row + 2, names.index(name) + 1).value = value
        book.save(path)
        return
    with path.open(encoding="utf-8-sig", newline="") as stream:
        table = list(csv.reader(stream))
    for row, cells in changes.items():
        for name, value in cells.items():
            table[row + 1][table[0].index(name)] = value
    with path.open("w", encoding="utf-8-sig", newline="") as stream:
        csv.writer(stream).writerows(table)


@pytest.mark.parametrize("suffix", [".csv", ".xlsx"])
def test_a_sheet_that_nobody_edited_comes_back_as_it_was(
    tmp_path: Path, coded: Callable[[str], CodeSummary], suffix: str
) -> None:
    rows = list(coded(suffix).rows)
    assert read_review(tmp_path / f"sheet{suffix}", coder="ann") == (rows, 0, False)


@pytest.mark.parametrize("suffix", [".csv", ".xlsx"])
def test_only_what_was_edited_changes_and_it_is_the_reviewers(
    tmp_path: Path, coded: Callable[[str], CodeSummary], suffix: str
) -> None:
    rows = list(coded(suffix).rows)
    sheet = tmp_path / f"sheet{suffix}"
    edit(sheet, {0: {"issues": "neglect, housing"}, 3: {"severity": "4"}, 7: {"keep": "no", "note": "a heading"}})
    summary = review_file(sheet, tmp_path / "reviewed.jsonl", coder="ann")
    assert summary.edited == 3
    expected = list(rows)
    expected[0] = replace(rows[0], issues=(Issue.NEGLECT, Issue.HOUSING), coder="ann")
    expected[3] = replace(rows[3], severity=4.0, coder="ann")
    expected[7] = replace(rows[7], keep=False, note="a heading", coder="ann")
    assert json_rows(tmp_path / "reviewed.jsonl") == expected


def test_a_second_reviewer_takes_over_only_what_they_changed(
    tmp_path: Path, coded: Callable[[str], CodeSummary]
) -> None:
    coded(".xlsx")
    edit(tmp_path / "sheet.xlsx", {0: {"severity": "6"}, 1: {"severity": "6"}})
    review_file(tmp_path / "sheet.xlsx", tmp_path / "second.xlsx", coder="ann")
    edit(tmp_path / "second.xlsx", {1: {"severity": "5"}, 2: {"severity": "5"}})
    rows = review_file(tmp_path / "second.xlsx", tmp_path / "end.csv", coder="bob").rows
    assert [row.coder for row in rows[:4]] == ["ann", "bob", "bob", "counter-1"]
    assert load_workbook(tmp_path / "second.xlsx").sheetnames == ["descriptors", "codes", "levels", "warnings"]


@pytest.mark.parametrize(
    ("cells", "told"),
    [
        ({"issues": "neglekt"}, "row 3, column issues: unknown issue 'neglekt'; did you mean 'neglect'"),
        ({"severity": "7"}, "row 3, column severity: severity goes from 1 to 6"),
        ({"severity": "grave"}, "row 3, column severity: must be a number"),
        ({"levels": "A C"}, "row 3, column levels: level set A+C has a gap"),
        ({"keep": "maybe"}, "row 3, column keep: must be yes or no"),
        ({"id": "saltwick.pdf#1"}, "row 3: the id occurs twice"),
    ],
)
def test_a_cell_that_holds_no_code_is_named(
    tmp_path: Path, coded: Callable[[str], CodeSummary], cells: dict[str, str], told: str
) -> None:
    coded(".csv")
    edit(tmp_path / "sheet.csv", {1: cells})
    with pytest.raises(InputError) as caught:
        review_file(tmp_path / "sheet.csv", tmp_path / "end.csv", coder="ann")
    assert told in str(caught.value)
    assert not (tmp_path / "end.csv").exists()


def test_a_sheet_without_its_columns_is_refused(tmp_path: Path) -> None:
    (tmp_path / "sheet.csv").write_text("text,level\nhello,A\n", encoding="utf-8")
    with pytest.raises(InputError, match="no column id, file, page"):
        review_file(tmp_path / "sheet.csv", tmp_path / "end.csv", coder="ann")


TEXTS = st.text(st.characters(blacklist_categories=["Cs", "Cc"]), min_size=1, max_size=60).map(
    lambda text: " ".join(text.split()) or "x"
)


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    texts=st.lists(TEXTS, min_size=1, max_size=5),
    issues=st.lists(st.sampled_from(ISSUES), max_size=3, unique=True),
    severity=st.none() | st.integers(10, 60).map(lambda tenths: tenths / 10),
    note=TEXTS | st.just(""),
    suffix=st.sampled_from([".csv", ".xlsx"]),
)
def test_any_rows_survive_a_sheet(
    tmp_path: Path, texts: list[str], issues: list[Issue], severity: float | None, note: str, suffix: str
) -> None:
    rows = [
        CodedDescriptor(
            id=f"a.pdf#{number}",
            file="a.pdf",
            page=number + 1,
            box=(1.0, 2.5, 3.0, 4.0),
            section=text,
            native_level="Level 1",
            levels=(Level.A, Level.B),
            text=text,
            issues=tuple(issues),
            severity=severity,
            model_level=Level.C,
            model_levels=(Level.C,),
            confidence=0.5,
            coder="m",
            model_issues=tuple(issues),
            model_severity=severity,
            note=note,
        )
        for number, text in enumerate(texts)
    ]
    path = tmp_path / f"any{suffix}"
    if suffix == ".csv":
        path.write_text(comma_separated(rows), encoding="utf-8-sig", newline="")
    else:
        workbook(rows, tables_beside([]), path)
    assert read_review(path, coder="ann") == (rows, 0, False)


@pytest.mark.parametrize(
    "change", [{"model_severity": "6"}, {"section": "Other"}, {"file": "b.pdf"}, {"native_level": "Level 9"}]
)
def test_a_column_that_is_not_for_editing_is_refused(
    tmp_path: Path, coded: Callable[[str], CodeSummary], change: dict[str, str]
) -> None:
    coded(".csv")
    edit(tmp_path / "sheet.csv", {1: change})
    with pytest.raises(InputError, match="row 3: a column that is not for editing was changed"):
        review_file(tmp_path / "sheet.csv", tmp_path / "end.csv", coder="ann")


def test_search_terms_that_found_nothing_come_back_as_such(tmp_path: Path, counter: WordCounter) -> None:
    rows = list(code_files([THREE[0]], tmp_path / "sheet.csv", model=counter, terms=True).rows)
    assert any(row.terms_issues == () for row in rows)
    assert read_review(tmp_path / "sheet.csv", coder="ann") == (rows, 0, False)


def test_a_quotation_mark_that_is_never_closed_is_refused_and_no_row_is_lost(
    tmp_path: Path, coded: Callable[[str], CodeSummary]
) -> None:
    coded(".csv")
    sheet = tmp_path / "sheet.csv"
    lines = sheet.read_text(encoding="utf-8-sig").splitlines()
    lines[3] = lines[3].replace("saltwick.pdf#3", '"saltwick.pdf#3', 1)
    sheet.write_text("\n".join(lines), encoding="utf-8")
    with pytest.raises(InputError, match="quotation mark"):
        review_file(sheet, tmp_path / "end.csv", coder="ann")


def test_a_fault_in_one_document_loses_no_other(
    tmp_path: Path, counter: WordCounter, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(path: Path) -> None:
        raise IndexError

    monkeypatch.setattr("evenhand.documents.word.read_word", fail)
    summary = code_files(THREE, tmp_path / "out.csv", model=counter)
    assert {document.name for document in summary.documents} == {THREE[0].name, THREE[2].name}
    assert "a fault in Evenhand (IndexError)" in summary.failed[THREE[1].name]


# --- a blind second coder


def code_by_hand(sheet: Path) -> None:
    """Fill in issues and severity of every row of a blind sheet."""
    with sheet.open(encoding="utf-8-sig", newline="") as stream:
        count = len(list(csv.reader(stream))) - 1
    edit(sheet, {row: {"issues": "housing", "severity": str(1 + row % 6)} for row in range(count)})


def test_codes_that_were_held_for_an_earlier_sample_do_not_make_a_review_blind(
    tmp_path: Path, counter: WordCounter
) -> None:
    sheet = tmp_path / "sheet.csv"
    code_files([THREE[0]], sheet, model=counter, blind=10)
    rows = code_files([THREE[0]], sheet, model=counter, overwrite=True).rows
    summary = review_file(sheet, tmp_path / "end.csv", coder="ann")
    assert (summary.rows, summary.edited, summary.methods) == (rows, 0, "")


def test_a_blind_sheet_under_another_name_is_not_taken_for_a_review(tmp_path: Path, counter: WordCounter) -> None:
    code_files([THREE[0]], tmp_path / "sheet.csv", model=counter, blind=10)
    code_by_hand(tmp_path / "sheet.csv")
    (tmp_path / "sheet.csv").rename(tmp_path / "by-ann.csv")
    with pytest.raises(InputError, match="blind sample are not there"):
        review_file(tmp_path / "by-ann.csv", tmp_path / "end.csv", coder="ann")


def test_a_text_that_was_put_right_in_a_blind_sheet_is_kept(tmp_path: Path, counter: WordCounter) -> None:
    sheet = tmp_path / "sheet.csv"
    code_files([THREE[0]], sheet, model=counter, blind=10)
    code_by_hand(sheet)
    edit(sheet, {0: {"text": "Put right"}})
    rows = review_file(sheet, tmp_path / "end.csv", coder="ann").rows
    assert [row.text for row in rows].count("Put right") == 1
    assert {row.coder for row in rows} == {"ann", "counter-1"}


def test_a_blind_sheet_shows_no_code_of_the_model(tmp_path: Path, counter: WordCounter) -> None:
    summary = code_files(THREE, tmp_path / "blind.xlsx", model=counter, blind=30)
    assert 28 <= len(summary.rows) <= 32
    assert {row.file for row in summary.rows} == {path.name for path in THREE}
    told = str([cell.value for row in load_workbook(tmp_path / "blind.xlsx")["descriptors"] for cell in row])
    assert "counter-1" not in told
    assert all(not row.issues and row.severity is None and row.model_level is None for row in summary.rows)


def test_the_models_codes_stay_hidden_until_the_sample_is_coded(tmp_path: Path, counter: WordCounter) -> None:
    sheet = tmp_path / "blind.csv"
    rows = code_files(THREE, sheet, model=counter, blind=20).rows
    edit(sheet, {0: {"issues": "neglect", "severity": "3"}})
    with pytest.raises(InputError, match=rf"{len(rows) - 1} of {len(rows)} rows have no issue or no severity yet"):
        review_file(sheet, tmp_path / "end.csv", coder="ann")
    assert not (tmp_path / "end.csv").exists()


def test_a_coded_sample_is_joined_and_agreement_is_told(tmp_path: Path, counter: WordCounter) -> None:
    sheet = tmp_path / "blind.xlsx"
    sample = code_files(THREE, sheet, model=counter, blind=40).rows
    model = {row.id: row for row in json_rows(held_path(sheet))}
    same = {
        place: {"issues": str(model[row.id].issues[0]), "severity": str(model[row.id].severity)}
        for place, row in enumerate(sample)
    }
    edit(sheet, same)
    summary = review_file(sheet, tmp_path / "end.jsonl", coder="ann")
    assert len(summary.rows) == len(model)
    assert sum(row.coder == "ann" for row in summary.rows) == len(sample)
    assert "Agreement was 1.00 (95% interval 1.00 to 1.00) for severity" in summary.methods
    assert (tmp_path / "end.jsonl.methods.md").read_text(encoding="utf-8") == summary.methods
