"""Reading workbooks: plain values, rows that stand, and files that are no workbook or should not be opened."""

from __future__ import annotations

import io
import re
import sys
import tracemalloc
import zipfile
from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any

import pytest
from openpyxl import Workbook, load_workbook

from evenhand.errors import InputError
from evenhand.tables import Rejected, Table, open_table

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
PRIVATE = "Wilf was left alone"
Row = dict[str, Any]


def save(path: Path, *rows: list[Any], change: Callable[[Any], None] | None = None) -> Path:
    book = Workbook()
    for row in rows:
        book.active.append(row)
    if change is not None:
        change(book)
    book.save(path)
    return path


def read(path: Path | str, **options: Any) -> tuple[list[Row], list[Rejected], Table]:  # noqa: ANN401
    with open_table(path, **{"chunk_rows": 2, **options}) as table:
        chunks = list(table.chunks)
    return [row for chunk in chunks for row in chunk.rows], [one for chunk in chunks for one in chunk.rejected], table


def rewritten(path: Path, change: Callable[[str, bytes], bytes | None]) -> Path:
    """Rewrite the parts of a workbook; None leaves one out."""
    with zipfile.ZipFile(path) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            if (changed := change(name, content)) is not None:
                archive.writestr(name, changed)
    return path


def in_sheet(path: Path, old: str, new: str) -> Path:
    def change(name: str, content: bytes) -> bytes:
        if name != "xl/worksheets/sheet1.xml":
            return content
        assert old.encode() in content
        return content.replace(old.encode(), new.encode())

    return rewritten(path, change)


def shared(path: Path) -> Path:
    """Move the texts of the first sheet to a part of their own, as Excel has them."""
    texts: list[str] = []

    def move(cell: re.Match[str]) -> str:
        if cell[2] not in texts:
            texts.append(cell[2])
        return f'<c r="{cell[1]}" t="s"><v>{texts.index(cell[2])}</v></c>'

    def change(name: str, content: bytes) -> bytes:
        if name == "xl/worksheets/sheet1.xml":
            moved = re.sub(r'<c r="(\w+)" t="inlineStr"><is>(.*?)</is></c>', move, content.decode())
            return moved.encode()
        kind = b"application/vnd.openxmlformats-officedocument.spreadsheetml.sharedStrings+xml"
        part = b'<Override PartName="/xl/sharedStrings.xml" ContentType="%s"/></Types>' % kind
        return content.replace(b"</Types>", part)

    rewritten(path, change)
    with zipfile.ZipFile(path, "a", zipfile.ZIP_DEFLATED) as archive:
        items = "".join(f"<si>{text}</si>" for text in texts)
        archive.writestr("xl/sharedStrings.xml", f'<sst xmlns="{MAIN}">{items}</sst>')
    return path


def test_cells_become_plain_values(tmp_path: Path) -> None:
    cells = {
        "text": "  a, “b”\nc_x000D_ ",
        "empty": None,
        "n": 12,
        "long": 9434765919,
        "x": 0.1,
        "yes": True,
        "day": date(2024, 2, 29),
        "at": datetime(2024, 2, 29, 13, 5, 7),  # noqa: DTZ001 - a workbook has no zones
        "midnight": datetime(2024, 2, 29),  # noqa: DTZ001
        "time": time(8, 30),
        "for": timedelta(hours=26, minutes=5),
        "number_as_text": "00123",
    }

    [row], _, table = read(save(tmp_path / "in.xlsx", list(cells), list(cells.values())))

    assert table.columns == tuple(cells)
    assert row == {
        "text": "  a, “b”\nc\r ",
        "empty": None,
        "n": 12,
        "long": 9434765919,
        "x": 0.1,
        "yes": True,
        "day": "2024-02-29",
        "at": "2024-02-29T13:05:07",
        "midnight": "2024-02-29T00:00:00",
        "time": "08:30:00",
        "for": "26:05:00",
        "number_as_text": "00123",
    }
    assert type(row["n"]) is int
    assert row["yes"] is True


def test_formulas_give_the_value_that_was_saved_and_errors_are_null(tmp_path: Path) -> None:
    path = save(tmp_path / "in.xlsx", ["text", "sum", "wrong"], ["a", "=1+1", "#N/A"], ["b", "=1+2", None])
    in_sheet(path, "<f>1+1</f><v></v>", "<f>1+1</f><v>2</v>")

    assert read(path)[0] == [{"text": "a", "sum": 2, "wrong": None}, {"text": "b", "sum": None, "wrong": None}]


def test_of_merged_cells_the_first_has_the_value(tmp_path: Path) -> None:
    def merge(book: Any) -> None:  # noqa: ANN401
        book.active.merge_cells("A2:A3")

    rows = read(save(tmp_path / "in.xlsx", ["area", "text"], ["Leeds", "a"], ["York", "b"], change=merge))[0]

    assert rows == [{"area": "Leeds", "text": "a"}, {"area": None, "text": "b"}]


def test_blank_rows_are_no_rows_and_the_first_other_one_is_the_header(tmp_path: Path) -> None:
    path = save(tmp_path / "in.xlsx", [], ["", None], [None, "text", 2024], [], [None, "a", 1], [], [None, "b"])

    rows, _, table = read(path)

    assert table.columns == ("text", "2024")
    assert rows == [{"text": "a", "2024": 1}, {"text": "b", "2024": None}]


def test_the_first_sheet_that_is_shown_is_read_or_the_one_that_is_named(tmp_path: Path) -> None:
    def add(book: Any) -> None:  # noqa: ANN401
        book.active.sheet_state = "hidden"
        book.active.title = "Old"
        for title in ("Referrals", "Contacts"):
            book.create_sheet(title).append(["text"])
            book[title].append([title])
        book.create_chartsheet("Chart", 0)

    path = save(tmp_path / "in.xlsx", ["text"], ["Old"], change=add)

    rows, _, table = read(path)
    assert (rows, table.other_sheets) == ([{"text": "Referrals"}], ("Contacts",))
    assert read(path, sheet="Contacts")[0] == [{"text": "Contacts"}]
    assert read(path, sheet="Old")[0] == [{"text": "Old"}]
    with pytest.raises(InputError, match="has no sheet 'Referals'; did you mean 'Referrals'"):
        read(path, sheet="Referals")


def test_shared_texts_are_found_by_their_numbers(tmp_path: Path) -> None:
    rows = [{"text": f"text {number}", "more": f"{number % 7}"} for number in range(900)]
    path = save(tmp_path / "in.xlsx", ["text", "more"], *[list(row.values()) for row in rows])

    assert read(shared(path))[0] == rows


def test_runs_of_a_shared_text_are_joined_and_readings_left_out(tmp_path: Path) -> None:
    runs = "<r><t>text </t></r><r><rPr><b/></rPr><t>5_x005F_x000D_</t></r><rPh><t>no</t></rPh>"
    path = shared(save(tmp_path / "in.xlsx", ["text"], ["a"]))
    rewritten(path, lambda _, content: content.replace(b"<t>a</t>", runs.encode()))

    assert read(path)[0] == [{"text": "text 5_x000D_"}]


def test_a_shared_text_that_is_not_there_rejects_the_row(tmp_path: Path) -> None:
    path = shared(save(tmp_path / "in.xlsx", ["text"], ["a"], ["b"]))
    in_sheet(path, '<c r="A2" t="s"><v>1</v>', '<c r="A2" t="s"><v>-1</v>')

    assert [one.row for one in read(path, tolerant=True)[1]] == [1]


def test_a_cell_in_a_column_without_a_name_is_an_error_or_rejects_the_row(tmp_path: Path) -> None:
    path = save(tmp_path / "in.xlsx", ["text", None, "n"], ["a", " ", 1], ["b", PRIVATE, 2], ["c", None, 3, 4])

    with pytest.raises(InputError, match="row 3 of the sheet has something in column B, which has no name in row 1"):
        read(path)
    rows, rejected, table = read(path, tolerant=True)

    assert table.columns == ("text", "n")
    assert rows == [{"text": "a", "n": 1}]
    assert [one.row for one in rejected] == [2, 3]
    assert "column D" in rejected[1].reason
    assert "Wilf" not in rejected[0].reason


def test_a_cell_that_cannot_be_read_rejects_its_row(tmp_path: Path) -> None:
    path = save(tmp_path / "in.xlsx", ["text", "n"], ["a", 1], ["b", 2], ["c", 3])
    in_sheet(path, '<c r="B3" t="n"><v>2</v></c>', '<c r="B3" t="n"><v>Wilf</v></c>')

    rows, rejected, _ = read(path, tolerant=True)

    assert [row["text"] for row in rows] == ["a", "c"]
    assert rejected == [Rejected(2, "row 3 of the sheet has a cell that cannot be read; enter it again")]
    with pytest.raises(InputError, match=r"in\.xlsx: row 3 of the sheet"):
        read(path)


def test_a_date_that_no_calendar_has_is_null_without_a_warning(tmp_path: Path) -> None:
    path = save(tmp_path / "in.xlsx", ["text", "when"], ["a", date(2024, 1, 1)])
    in_sheet(path, "<v>45292</v>", "<v>99999999</v>")

    assert read(path)[0] == [{"text": "a", "when": None}]


def test_complete_workbooks_know_what_columns_hold(tmp_path: Path) -> None:
    path = save(
        tmp_path / "in.xlsx", ["text", "n", "x", "none", "mixed"], ["a", 1, 1, None, 1], [None, 2, 0.5, None, "b"]
    )

    assert dict(read(path, complete=True)[2].kinds) == {
        "text": "str",
        "n": "int",
        "x": "float",
        "none": "str",
        "mixed": "json",
    }


def test_several_workbooks_and_standard_input(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    save(tmp_path / "1.xlsx", ["id", "text"], [1, "a"])
    second = save(tmp_path / "2.xlsx", ["text", "id"], ["b", 2])
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(second.read_bytes())))

    assert read(f"{tmp_path}/*.xlsx")[0] == [{"id": 1, "text": "a"}, {"id": 2, "text": "b"}]
    assert read("-", format="xlsx", complete=True)[0] == [{"text": "b", "id": 2}]


def test_a_large_workbook_on_standard_input_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("evenhand.tables.rows.MOST_HELD", 2**20)
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(bytes(2**20 + 1))))

    with pytest.raises(InputError, match=r"standard input has more than 1 MiB, which .*; give a file"):
        read("-", format="xlsx")


OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
NO_WORKBOOKS = {
    "csv": (f"text\n{PRIVATE}\n".encode(), "is not an XLSX workbook; if it is CSV .*--format csv"),
    "empty": (b"", "is not an XLSX workbook"),
    "xls": (OLE + bytes(100_000), "is an old .xls workbook"),
    "password": (
        OLE + bytes(65_520) + "EncryptedPackage".encode("utf-16-le") + bytes(1_000),
        "is protected by a password",
    ),
    "cut_off": (b"PK\x03\x04" + bytes(100), "is cut off or damaged"),
}


@pytest.mark.parametrize("case", NO_WORKBOOKS.values(), ids=NO_WORKBOOKS.keys())
def test_what_is_no_workbook_is_explained(tmp_path: Path, case: tuple[bytes, str]) -> None:
    content, message = case
    (tmp_path / "in.xlsx").write_bytes(content)

    with pytest.raises(InputError, match=message) as caught:
        read(tmp_path / "in.xlsx", tolerant=True)
    assert "Wilf" not in str(caught.value)


@pytest.mark.parametrize("name", ["in.xls", "in.xlsb", "in.ods"])
def test_other_workbooks_are_refused_by_name(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_bytes(b"x")

    with pytest.raises(InputError, match=r"of workbooks only \.xlsx is read"):
        read(tmp_path / name)


def test_an_archive_without_a_workbook_is_refused(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "in.xlsx", "w") as archive:
        archive.writestr("word/document.xml", "<document/>")

    with pytest.raises(InputError, match="is not a workbook that can be read"):
        read(tmp_path / "in.xlsx")


@pytest.mark.parametrize(
    "part", ["xl/workbook.xml", "xl/styles.xml", "xl/sharedStrings.xml", "xl/worksheets/sheet1.xml"]
)
def test_a_document_type_is_refused_whatever_part_declares_it(tmp_path: Path, part: str) -> None:
    entities = '<!DOCTYPE a [<!ENTITY b "bbbb"><!ENTITY c "&b;&b;&b;">]>'
    path = shared(save(tmp_path / "in.xlsx", ["text"], ["a"]))

    def change(name: str, content: bytes) -> bytes:
        if name != part:
            return content
        body = re.sub(rb"^<\?xml[^>]*>\s*", b"", content)
        return f"<?xml version='1.0'?><!-- {'x' * 100_000} -->{entities}".encode() + body

    with pytest.raises(InputError, match="with a document type, which no workbook has"):
        read(rewritten(path, change))


def test_a_workbook_that_unpacks_without_end_is_refused(tmp_path: Path) -> None:
    path = save(tmp_path / "in.xlsx", ["text"], ["a"])
    with zipfile.ZipFile(path, "a", zipfile.ZIP_DEFLATED) as archive, archive.open("xl/worksheets/b.xml", "w") as part:
        for _ in range(80):
            part.write(b" " * 2**20)

    with pytest.raises(InputError, match="would unpack to 84 MB in"):
        read(path)


@pytest.mark.parametrize("part", ["xl/sharedStrings.xml", "xl/worksheets/sheet1.xml"])
def test_one_text_without_end_is_not_held(tmp_path: Path, part: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("evenhand.tables.workbook_guard._MOST_AT_ONCE", 2**20)
    path = shared(save(tmp_path / "in.xlsx", ["text"], ["a"]))

    def change(name: str, content: bytes) -> bytes:
        return content.replace(b"</si>", b"<t>" + b"x" * 2**22 + b"</t></si>").replace(b"</v>", b"1" * 2**22 + b"</v>")

    rewritten(path, lambda name, content: change(name, content) if name == part else content)

    with pytest.raises(InputError, match=r"damaged after row|is not a workbook that can be read"):
        read(path)


def test_a_sheet_that_breaks_off_says_after_which_row(tmp_path: Path) -> None:
    path = save(tmp_path / "in.xlsx", ["text"], ["a"], ["b"], ["c"])
    in_sheet(path, '<row r="4">', "<row r=4>")
    found: list[Row] = []

    def collect() -> None:
        with open_table(path, chunk_rows=1) as table:
            for chunk in table.chunks:
                found.extend(chunk.rows)

    with pytest.raises(InputError, match="is damaged after row 3 of the sheet"):
        collect()
    assert found == [{"text": "a"}, {"text": "b"}]


def test_the_strict_kind_of_workbook_is_named(tmp_path: Path) -> None:
    strict = "http://purl.oclc.org/ooxml/spreadsheetml/main"
    path = save(tmp_path / "in.xlsx", ["text"], ["a"])
    in_sheet(path, "http://schemas.openxmlformats.org/spreadsheetml/2006/main", strict)

    with pytest.raises(InputError, match="is saved as Strict Open XML; save it as Excel Workbook"):
        read(path)


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        ([], "is empty; check that it is the sheet"),
        ([["text"]], "has no rows"),
        ([["text", "text"], ["a", "b"]], "several columns are called 'text'"),
    ],
)
def test_a_sheet_without_rows_or_with_a_name_twice_is_refused(
    tmp_path: Path, rows: list[list[str]], message: str
) -> None:
    with pytest.raises(InputError, match=message):
        read(save(tmp_path / "in.xlsx", *rows), tolerant=True)


def test_a_row_number_far_beyond_a_sheet_takes_no_time(tmp_path: Path) -> None:
    path = save(tmp_path / "in.xlsx", ["text"], ["a"], ["b"])
    in_sheet(path, '<row r="3"><c r="A3"', '<row r="99999999999"><c r="A99999999999"')

    assert read(path)[0] == [{"text": "a"}, {"text": "b"}]


def test_what_openpyxl_warns_of_is_kept_quiet(tmp_path: Path) -> None:
    path = save(tmp_path / "in.xlsx", ["text"], ["a"])
    styles = re.compile(b"<cellStyles?[ >].*</cellStyles>")
    rewritten(path, lambda name, content: styles.sub(b"", content) if name == "xl/styles.xml" else content)
    with pytest.warns(UserWarning, match="default style"):
        load_workbook(path)

    assert read(path)[0] == [{"text": "a"}]


def test_memory_does_not_grow_with_the_rows(tmp_path: Path) -> None:
    peaks = []
    for count in (1_000, 6_000):
        book = Workbook(write_only=True)
        sheet = book.create_sheet()
        sheet.append(["text", "n"])
        for number in range(count):
            sheet.append([f"Row {number}: mum said he was late.", number])
        book.save(tmp_path / "in.xlsx")
        tracemalloc.start()
        with open_table(tmp_path / "in.xlsx", chunk_rows=100) as table:
            assert sum(len(chunk.rows) for chunk in table.chunks) == count
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()

    assert peaks[1] < 1.2 * peaks[0] + 100_000
