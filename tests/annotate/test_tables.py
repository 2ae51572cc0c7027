"""Codings as CSV and workbooks: what is written is read again, also when people had it; slips are told by row."""

from __future__ import annotations

import csv
import io
import zipfile
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from openpyxl import Workbook, load_workbook
from tests.annotate.strategies import TEXTS, collections

from evenhand.annotate import Annotation, Annotations, Coder, Unit, tables, workbook
from evenhand.annotate.table_rows import COLUMNS
from evenhand.annotate.workbook_guide import guide
from evenhand.errors import InputError
from evenhand.framing.scheme import CATEGORIES
from evenhand.scheme import ASSERTIONS, FRAMES, ISSUES, LEVELS, Issue, Level

MADE = datetime(2026, 3, 31, 9, 5, tzinfo=UTC)
ONE = Annotation("c1", "t1", Coder("Aldermoor"), MADE, levels=(Level.C,), issues=(Issue.HOUSING,), severity=4)
TWO = Annotation("c2", "t1", Coder("evenhand", "model", "0.3.1"), MADE, confidence=0.1 + 0.2, note="=SUM(A1)")
BOTH = Annotations((Unit("t1", "Zq7marker was late.", "d1", {"area": "north"}), Unit("t2", "")), (ONE, TWO))


@settings(max_examples=300)
@given(collections())
def test_csv_that_is_written_is_read_again(collection: Annotations) -> None:
    assert tables.read(tables.written(collection), "x.csv") == collection


@settings(max_examples=100, deadline=None)
@given(collections())
def test_a_workbook_that_is_written_is_read_again(collection: Annotations) -> None:
    assert workbook.read(workbook.written(collection), "x.xlsx") == collection


ESCAPES = ["_", "x", "_x", "FFFE", "ffff", "005F", "0041", "000D", "\ufffe", "\uffff", "\r", "\n", "\0", "_x005F_", "a"]


@settings(max_examples=200, deadline=None)
@given(st.lists(st.sampled_from(ESCAPES), max_size=12).map("".join))
@example("_x005F\ufffe")
@example("_x0041\r")
@example("_x005F_x000D_")
def test_a_workbook_keeps_what_looks_like_its_own_escapes(text: str) -> None:
    collection = Annotations((Unit("t1", text),))

    assert workbook.read(workbook.written(collection), "x.xlsx") == collection


@pytest.mark.parametrize("scheme", ["1.0", "0.9"])
@pytest.mark.parametrize("form", [tables, workbook], ids=["csv", "workbook"])
def test_a_collection_without_texts_keeps_its_scheme(form: Any, scheme: str) -> None:  # noqa: ANN401
    empty = Annotations((), (), scheme)

    assert form.read(form.written(empty), "x") == empty


def rows(content: str) -> list[list[str]]:
    return list(csv.reader(io.StringIO(content, newline="")))


@settings(max_examples=300)
@given(TEXTS)
@example("=1+1")
@example("\0=1+1")
@example(" -1")
@example("'=1")
@example("\r")
def test_no_cell_of_csv_is_run_as_a_formula(text: str) -> None:
    collection = Annotations((Unit("t1", text),))
    cell = rows(tables.written(collection))[1][COLUMNS.index("text")]

    assert not cell.lstrip("\0 \n").startswith(("=", "+", "-", "@", "\t", "\r"))
    assert cell in {text, f"'{text}"}
    assert tables.read(tables.written(collection), "x.csv") == collection


def test_an_apostrophe_that_guards_nothing_stays() -> None:
    assert rows(tables.written(Annotations((Unit("t1", "'tis late"),))))[1][1] == "'tis late"


def test_a_text_stands_on_every_row_and_may_be_left_out_of_all_but_one() -> None:
    table = rows(tables.written(BOTH))
    assert [row[1] for row in table[1:]] == ["Zq7marker was late."] * 2 + [""]
    table[1][1:4] = ["", "", ""]

    assert tables.read("\n".join(map(line, [table[0], *table[:0:-1]])), "x.csv").codings == (ONE, TWO)


def line(row: list[str]) -> str:
    stream = io.StringIO()
    csv.writer(stream, lineterminator="").writerow(row)
    return stream.getvalue()


BY_HAND = ["ID,Text,Coder,Level,Issues,Severity", "7,Was late.,Aldermoor,D C,housing; neglect,4", "8,No,Aldermoor,,,"]


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_a_table_made_by_hand_is_read(delimiter: str) -> None:
    content = "\ufeff" + "\r\n".join(one.replace("housing; neglect", "housing neglect") for one in BY_HAND)
    found = tables.read(content.replace(",", delimiter), "x.csv")

    assert found.units == (Unit("7", "Was late."), Unit("8", "No"))
    (coding,) = found.codings  # the second row is still to be coded
    assert coding.coder == Coder("Aldermoor")
    assert coding.levels == (Level.C, Level.D)
    assert coding.issues == (Issue.HOUSING, Issue.NEGLECT)
    assert coding.severity == 4
    assert coding.made.replace(microsecond=0) == datetime(1970, 1, 1, tzinfo=UTC)


def test_ids_that_are_made_up_are_the_same_again_and_differ_between_coders() -> None:
    content = "unit,text,coder,level\n1,Was late.,Ann,C\n1,,Ben,D\n1,,Ben,D"
    ids = [one.id for one in tables.read(content, "x.csv").codings]

    assert len(set(ids)) == 3
    assert ids == [one.id for one in tables.read(content, "elsewhere.csv").codings]


def test_a_column_of_their_own_is_kept_with_the_text() -> None:
    found = tables.read("unit,text,Date of visit,\n1,Was late.,31 March,\n", "x.csv")

    assert found.units == (Unit("1", "Was late.", data={"Date of visit": "31 March"}),)


@pytest.mark.parametrize(
    ("content", "told"),
    [
        ("", "no column 'unit' or 'id'"),
        ("Zq7marker was late.\nText", "no column 'unit' or 'id'"),
        ("unit,text,isues\n", "column 'isues' is unknown; did you mean 'issues'"),
        ("unit,level,levels\n", "'level', 'levels' are the same"),
        ("unit,text\n1,a\n1,Zq7marker", r"row 3: the text is not the same .*'text'"),
        ("unit,text\n1,a\n\n,Zq7marker", "row 3: column 'unit' is empty"),
        ("unit,text\n1,a,Zq7marker", "row 2: something stands in a column without a name"),
        ("unit,issues\n1,housing", "row 2: column 'coder' is empty"),
        ("unit,coder,issues\n1,Ann,housng", "row 2: .*unknown code; did you mean 'housing'"),
        ("unit,coder,issues\n1,Ann,Zq7marker was late", "row 2: column 'issues' has an unknown code"),
        ("unit,coder,level\n1,Ann,A\n1,Ann,A C", "row 3: .*gap"),
        ("unit,coder,issues\n1,Ann,housing housing", "row 2: .*has one twice"),
        ("unit,coder,coder_kind,level\n1,Ann,Zq7marker,A", "row 2: column 'coder_kind' has an unknown code"),
        ("unit,coder,severity\n1,Ann,Zq7marker", "row 2: column 'severity' is no number"),
        ("unit,coder,severity\n1,Ann,7", "row 2: .*from 1 to 6"),
        ("unit,coder,level,made\n1,Ann,C,Zq7marker", "row 2: a time is none"),
        ("unit,coder,frame\n1,Ann,riks", "row 2: .*did you mean 'risk'"),
        ("unit,coder,other\n1,Ann,Zq7marker", "row 2: column 'other' is no JSON"),
        ('unit,data\n1,"{""a"": 7}"', "row 2: column 'data' is no JSON"),
        ("unit,text,coder,start,end\n1,abc,Ann,1,9", "row 2: 1 to 9 is no stretch of the text"),
        ("unit,text,coder,start,end\n1,abc,Ann,1.5,2", "row 2: start is no whole number"),
        ("unit,id,coder\n1,c1,Ann\n2,c1,Ann", "row 3: the id of the coding stands in an earlier row"),
        ("unit,scheme\n1,1.0\n2,2.0", "row 3 is of another coding scheme"),
        ('unit,text\n1,"Zq7marker', "quotation mark"),
        ("unit,text\n" + "x" * 201 + ",a", "row 2: the id of a text has to be a line"),
    ],
)
def test_what_is_wrong_is_told_by_its_row_without_a_text(content: str, told: str) -> None:
    with pytest.raises(InputError, match=told) as caught:
        tables.read(content, "ours.csv")
    assert "ours.csv" in str(caught.value)
    assert "Zq7marker" not in str(caught.value)


def sheet_of(*given: list[object], title: str = "Sheet1") -> bytes:
    book = Workbook()
    book.active.title = title
    for row in given:
        book.active.append(row)
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def test_a_workbook_made_by_hand_is_read_with_its_numbers() -> None:
    found = workbook.read(sheet_of(["id", "text", "coder", "level", "severity"], [7, "Late.", "Ann", "C", 4.5]), "x")

    assert found.units == (Unit("7", "Late."),)
    assert (found.codings[0].severity, found.codings[0].levels) == (4.5, (Level.C,))


def test_codings_are_found_when_another_sheet_was_put_before_them() -> None:
    book = load_workbook(io.BytesIO(workbook.written(BOTH)))
    book.move_sheet("Guide", -1)
    stream = io.BytesIO()
    book.save(stream)

    assert workbook.read(stream.getvalue(), "x.xlsx") == BOTH


def test_the_row_of_a_workbook_is_told() -> None:
    content = sheet_of(
        ["unit", "text", "coder", "issues"], [1, "Zq7marker", "Ann", "housing"], [2, "", "Ann", "huosing"]
    )
    with pytest.raises(InputError, match=r"ours\.xlsx: row 3: .*did you mean 'housing'") as caught:
        workbook.read(content, "ours.xlsx")
    assert "Zq7marker" not in str(caught.value)


@pytest.mark.parametrize("content", [b"", b"unit,text", b"PK\x03\x04 cut off"])
def test_what_is_no_workbook_is_told(content: bytes) -> None:
    with pytest.raises(InputError, match=r"ours\.xlsx"):
        workbook.read(content, "ours.xlsx")


def test_a_workbook_with_a_document_type_is_not_opened() -> None:
    stream = io.BytesIO(workbook.written(BOTH))
    with zipfile.ZipFile(stream, "a") as archive:
        archive.writestr("xl/more.xml", '<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>')
    with pytest.raises(InputError, match="document type"):
        workbook.read(stream.getvalue(), "ours.xlsx")


@pytest.mark.parametrize("text", ["é" * 32_768, "\U0001f642" * 16_384, "\r" * 4_682], ids=["long", "wide", "escaped"])
def test_a_text_that_a_cell_cannot_hold_is_refused_with_the_way_out(text: str) -> None:
    with pytest.raises(InputError, match=r"column 'text' of text t1 .*use CSV or JSON Lines"):
        workbook.written(Annotations((Unit("t1", text),)))


def test_the_longest_text_that_a_cell_holds_is_kept() -> None:
    collection = Annotations((Unit("t1", "é" * 32_767),))

    assert workbook.read(workbook.written(collection), "x.xlsx") == collection


def test_a_text_is_never_a_formula_and_a_number_is_one_where_it_keeps_its_digits() -> None:
    sheet = load_workbook(io.BytesIO(workbook.written(BOTH)))["Codings"]
    cells = {name: [row[COLUMNS.index(name)] for row in sheet.iter_rows(min_row=2)] for name in COLUMNS}

    assert (cells["note"][1].data_type, cells["note"][1].quotePrefix) == ("s", True)
    assert cells["severity"][0].value == 4
    assert cells["confidence"][1].value == "0.30000000000000004"


def columns_of(rule: Any) -> list[int]:  # noqa: ANN401 - openpyxl has no types
    return [area.min_col for area in rule.sqref.ranges]


def test_the_sheet_has_a_header_that_stays_filters_and_lists() -> None:
    sheet = load_workbook(io.BytesIO(workbook.written(BOTH)))["Codings"]
    header = [cell.value for cell in sheet[1]]

    assert header == list(COLUMNS)
    assert all(cell.font.bold for cell in sheet[1])
    assert sheet.freeze_panes == "C2"
    assert sheet.auto_filter.ref == sheet.dimensions
    assert sheet["B2"].alignment.wrap_text
    offered = {header[place - 1]: rule for rule in sheet.data_validations.dataValidation for place in columns_of(rule)}
    assert offered.keys() == {
        "coder_kind",
        "levels",
        "issues",
        "severity",
        "confidence",
        "assertion",
        "frame",
        "framing",
    }
    assert offered["levels"].showErrorMessage
    assert not offered["issues"].showErrorMessage  # several may stand in a cell


@pytest.mark.parametrize(
    ("column", "codes"),
    [("issues", ISSUES), ("assertion", ASSERTIONS), ("frame", FRAMES), ("framing", CATEGORIES), ("levels", LEVELS)],
    ids=["issues", "assertion", "frame", "framing", "levels"],
)
def test_a_list_offers_all_codes_of_its_column(column: str, codes: tuple[str, ...]) -> None:
    book = load_workbook(io.BytesIO(workbook.written(BOTH)))
    place = COLUMNS.index(column) + 1
    (rule,) = [one for one in book["Codings"].data_validations.dataValidation if columns_of(one) == [place]]
    name, area = rule.formula1.split("!")
    offered = [cell.value for (cell,) in book[name][area.replace("$", "")]]

    assert offered[: len(codes)] == list(codes)
    assert column == "levels" or len(offered) == len(codes)


def test_the_guide_says_what_every_column_means() -> None:
    told = {column: meaning for column, code, meaning in guide()[1:] if not code}

    assert tuple(told) == COLUMNS
    assert all(meaning for _, _, meaning in guide())
