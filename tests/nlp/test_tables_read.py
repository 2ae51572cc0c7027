"""Reading tables: values as written, and errors that say where without repeating a text."""

from __future__ import annotations

import io
import json
import os
import sys
import tracemalloc
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from evenhand.errors import InputError
from evenhand.tables import find_text_column, open_table

PRIVATE = "Wilf was left alone"


def read(
    path: Path | str,
    *,
    format: str | None = None,  # noqa: A002 - as in what is tested
    encoding: str | None = None,
    delimiter: str | None = None,
) -> list[dict[str, Any]]:
    with open_table(path, chunk_rows=2, format=format, encoding=encoding, delimiter=delimiter) as table:
        return [row for chunk in table.chunks for row in chunk.rows]


def file(folder: Path, name: str, content: str | bytes) -> Path:
    path = folder / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


@pytest.mark.parametrize(
    ("content", "options"),
    [
        (f"id,text\n00123,{PRIVATE}\n", {}),
        (f"id;text\r\n00123;{PRIVATE}\r\n", {}),
        (f"id\ttext\n00123\t{PRIVATE}\n", {}),
        (f"id|text\n00123|{PRIVATE}\n", {"delimiter": "|"}),
        (f"id,text\r00123,{PRIVATE}\r", {}),
        (f'\ufeffid,text\n"00123","{PRIVATE}"', {}),
        (f"\n\nid,text\n\n00123,{PRIVATE}\n\n", {}),
        (f"id,text\n00123,{PRIVATE}\n".encode("utf-16"), {}),
        (f"id,text\n00123,{PRIVATE}\n".encode("utf-16-be"), {"encoding": "utf-16-be"}),
        (f"id,text\n00123,{PRIVATE}\n", {"encoding": "UTF8"}),
    ],
    ids=["comma", "semicolon", "tab", "named", "cr", "bom", "blank_lines", "utf16", "utf16be", "utf8"],
)
def test_csv_cells_are_kept_as_written(tmp_path: Path, content: str | bytes, options: dict[str, Any]) -> None:
    assert read(file(tmp_path, "in.csv", content), **options) == [{"id": "00123", "text": PRIVATE}]


def test_csv_keeps_line_breaks_quotes_and_spaces_in_a_cell(tmp_path: Path) -> None:
    path = file(tmp_path, "in.csv", 'text,n\n" said ""no"",\r\n\nthen\rleft ",1\n')

    assert read(path) == [{"text": ' said "no",\r\n\nthen\rleft ', "n": "1"}]


def test_nul_bytes_in_a_cell_are_kept(tmp_path: Path) -> None:
    assert read(file(tmp_path, "in.csv", "id,text\n1,a\x00b\n")) == [{"id": "1", "text": "a\x00b"}]
    assert read(file(tmp_path, "in.jsonl", '{"text": "a\x00b"}\n')) == [{"text": "a\x00b"}]


def test_a_ten_megabyte_cell_is_read_whole(tmp_path: Path) -> None:
    long = "He was late. " * 800_000

    assert read(file(tmp_path, "in.csv", f'id,text\n1,"{long}"\n'))[0]["text"] == long
    assert read(file(tmp_path, "in.jsonl", json.dumps({"text": long})))[0]["text"] == long


def test_emoji_and_right_to_left_text_are_kept(tmp_path: Path) -> None:
    text = "😀 الطفل بخير \u202bשלום\u202c"

    assert read(file(tmp_path, "in.csv", f"text\n{text}\n")) == [{"text": text}]


def test_a_character_cut_by_a_block_is_read_whole(tmp_path: Path) -> None:
    text = "é" * 100_000

    assert read(file(tmp_path, "in.csv", f"x,text\n1,{text}\n"))[0]["text"] == text


def test_json_values_keep_their_types(tmp_path: Path) -> None:
    rows = [{"text": "a", "n": 10**30, "x": 1.5, "deep": {"list": [1, None, True]}}, {"text": None}]

    assert read(file(tmp_path, "in.jsonl", "\n\n".join(map(json.dumps, rows)))) == rows


def test_plain_text_gives_a_row_for_every_line_blank_ones_too(tmp_path: Path) -> None:
    path = file(tmp_path, "in.txt", "One, two\r\n\r\nthree\u2028four")

    assert [row["text"] for row in read(path)] == ["One, two", "", "three\u2028four"]


def test_parquet_gives_plain_values(tmp_path: Path) -> None:
    table = pa.table(
        {
            "text": pa.array(["a", None, "c"]).dictionary_encode(),
            "n": pa.array([1, None, 3], pa.int32()),
            "x": pa.array([1.5, float("nan"), None]),
            "at": pa.array([1_700_000_000_123_456_789, None, 0], pa.timestamp("ns")),
            "raw": pa.array([b"\x00\xff", None, b""]),
        }
    )
    pq.write_table(table, tmp_path / "in.parquet")

    rows = read(tmp_path / "in.parquet")

    assert [row["text"] for row in rows] == ["a", None, "c"]
    assert [row["x"] for row in rows] == [1.5, None, None]
    assert rows[0] | {"text": 0} == {
        "text": 0, "n": 1, "x": 1.5, "at": "2023-11-14 22:13:20.123456789", "raw": "AP8="
    }  # fmt: skip


def test_standard_input_needs_a_format(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b"text\nhi\n")))

    with pytest.raises(InputError, match="--format"):
        read("-")
    assert read("-", format="csv") == [{"text": "hi"}]


def test_chunks_are_numbered_and_hold_what_was_asked_for(tmp_path: Path) -> None:
    path = file(tmp_path, "in.txt", "a\n" * 5)

    with open_table(path, chunk_rows=2) as table:
        assert [(chunk.first, len(chunk.rows)) for chunk in table.chunks] == [(1, 2), (3, 2), (5, 1)]


def test_complete_json_lines_know_every_column_and_its_kind(tmp_path: Path) -> None:
    rows: list[dict[str, Any]] = [
        {"text": "a", "n": 1, "mixed": 1, "big": 2**63},
        {"late": True, "n": 1.5, "mixed": "x", "nothing": None},
        {"n": None, "deep": {}},
    ]

    with open_table(file(tmp_path, "in.jsonl", "\n".join(map(json.dumps, rows))), chunk_rows=1, complete=True) as table:
        assert dict(table.kinds) == {
            "text": "str",
            "n": "float",
            "mixed": "json",
            "big": "json",
            "late": "bool",
            "nothing": "str",
            "deep": "json",
        }
        assert len(list(table.chunks)) == 3


WRONG = {
    "empty": ("in.csv", b"", r"is empty"),
    "header_only": ("in.csv", b"id,text\n", r"has no rows"),
    "empty_jsonl": ("in.jsonl", b"\n \n", r"has no rows"),
    "empty_txt": ("in.txt", b"", r"has no rows"),
    "repeated_column": ("in.csv", b"id,text,id\n1,a,2\n", r"several columns are called 'id'"),
    "too_many_cells": (
        "in.csv",
        b"id,text\n1,ok\n2,Wilf was left alone, twice\n",
        r"row 2 \(line 3\) has 3 cells",
    ),
    "too_few_cells": ("in.csv", b"id,text\n1\n", r"row 1 \(line 2\) has 1 cells and the header has 2"),
    "open_quote": (
        "in.csv",
        b'id,text\n1,ok\n2,"Wilf was left alone\n3,x\n',
        r"line 3 a quotation mark is opened",
    ),
    "stray_quote": ("in.csv", b'text\n"Wilf was left" alone\n', r"line 2 a quotation mark inside"),
    "latin": (
        "in.csv",
        b"id,text\n1,ok\n2,Wilf was left alone \xa3\n",
        r"UTF-8 at byte 36 \(line 3\).*--encoding cp1252",
    ),
    "latin_after_bom": ("in.csv", b"\xef\xbb\xbfid,text\n1,\xa3\n", r"at byte 14 \(line 2\)"),
    "latin_far_in": ("in.txt", b"abc\n" * 50_000 + b"\xe9t\xe9\n", r"at byte 200,001 \(line 50,001\)"),
    "cut_character": ("in.txt", b"abc\n\xc3", r"at byte 5 \(line 2\)"),
    "utf16_no_mark": (
        "in.csv",
        "id,text\n1,ok\n".encode("utf-16-le"),
        r"looks like UTF-16.*--encoding utf-16-le",
    ),
    "not_json": (
        "in.jsonl",
        b'{"text": "ok"}\n{"text": Wilf was left alone}\n',
        r"line 2 is not JSON \(character 10\)",
    ),
    "not_an_object": ("in.jsonl", b'"Wilf was left alone"\n', r"line 1 is not a JSON object"),
    "nan": ("in.jsonl", b'{"text": "ok", "x": NaN}\n', r"NaN is not a JSON number"),
    "huge_number": ("in.jsonl", b'{"text": "ok", "x": 1e999}\n', r"a number is too large"),
    "long_number": ("in.jsonl", b'{"x": ' + b"9" * 5_000 + b"}\n", r"line 1 cannot be read"),
    "deep": ("in.jsonl", b"[" * 200_000 + b"\n", r"line 1 cannot be read|line 1 is not JSON"),
    "repeated_key": ("in.jsonl", b'{"text": "ok", "text": "Wilf was left alone"}\n', r"a key occurs twice"),
    "damaged_parquet": ("in.parquet", b"PAR1 Wilf was left alone PAR1", r"not a Parquet file, or is damaged"),
    "unknown_suffix": ("in.docx", b"x", r"'.docx' is not one of .csv.*--format"),
    "no_suffix": ("in", b"x", r"there is no suffix of .csv.*--format"),
}


@pytest.mark.parametrize("case", WRONG.values(), ids=WRONG.keys())
def test_what_cannot_be_read_is_named_without_the_text(tmp_path: Path, case: tuple[str, bytes, str]) -> None:
    name, content, message = case
    path = file(tmp_path, name, content)

    with pytest.raises(InputError, match=message) as caught:
        read(path)

    assert str(path) in str(caught.value)
    assert "Wilf" not in str(caught.value)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"encoding": "klingon"}, "unknown encoding 'klingon'"),
        ({"encoding": "base64"}, "unknown encoding"),
        ({"delimiter": ";;"}, "one character"),
        ({"format": "docx"}, "use one of csv, jsonl, parquet, txt, xlsx"),
    ],
)
def test_wrong_options_are_named(tmp_path: Path, options: dict[str, Any], message: str) -> None:
    with pytest.raises(InputError, match=message):
        read(file(tmp_path, "in.csv", "text\nhi\n"), **options)


def test_a_directory_a_missing_file_and_an_impossible_name_are_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="is a directory"):
        read(tmp_path)
    with pytest.raises(InputError, match="does not exist"):
        read(tmp_path / "none.csv")
    with pytest.raises(InputError, match=r"cannot be read|does not exist"):
        read("a\x00b.csv")


@pytest.mark.skipif(os.name == "nt" or os.geteuid() == 0, reason="root reads every file")
def test_a_file_without_permission_is_refused(tmp_path: Path) -> None:
    path = file(tmp_path, "in.csv", "text\nhi\n")
    path.chmod(0)

    with pytest.raises(InputError, match=r"cannot be read.*permission"):
        read(path)


def test_a_file_that_the_system_cannot_read_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = file(tmp_path, "in.csv", "text\nhi\n")

    def refuse(*_: object, **__: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "open", refuse)

    with pytest.raises(InputError, match=r"in\.csv cannot be read \(permission denied\)"):
        read(path)


def test_parquet_with_one_name_twice_is_refused(tmp_path: Path) -> None:
    pq.write_table(pa.table([pa.array(["a"]), pa.array(["b"])], names=["text", "text"]), tmp_path / "in.parquet")

    with pytest.raises(InputError, match="several columns are called 'text'"):
        read(tmp_path / "in.parquet")


def test_parquet_is_never_in_memory_as_a_whole(tmp_path: Path) -> None:
    rows = pa.table({"text": [os.urandom(500).hex() for _ in range(2_000)]})
    with pq.ParquetWriter(tmp_path / "in.parquet", rows.schema) as writer:
        for _ in range(10):
            writer.write_table(rows)
    tracemalloc.start()

    with open_table(tmp_path / "in.parquet", chunk_rows=100) as table:
        assert sum(len(chunk.rows) for chunk in table.chunks) == 20_000
    most = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()

    assert most < (tmp_path / "in.parquet").stat().st_size / 2


def test_parquet_damaged_behind_its_end_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "in.parquet"
    pq.write_table(pa.table({"text": [PRIVATE] * 1_000, "n": list(range(1_000))}), path)
    whole = bytearray(path.read_bytes())
    whole[4:200] = b"\xff" * 196
    path.write_bytes(whole)

    with pytest.raises(InputError, match="damaged") as caught:
        read(path)
    assert "Wilf" not in str(caught.value)


@pytest.mark.parametrize(
    ("columns", "asked", "found"),
    [
        (["id", "Text"], None, "Text"),
        (["id", "Case Note"], None, "Case Note"),
        (["anything"], None, "anything"),
        (["text", "note"], "note", "note"),
        (["id", "Reason for Referral"], "reason_for_referral", "Reason for Referral"),
    ],
)
def test_the_text_column_is_found(columns: list[str], asked: str | None, found: str) -> None:
    assert find_text_column(columns, column=asked, where="in.csv") == found


@pytest.mark.parametrize(
    ("columns", "asked", "message"),
    [
        (["id", "when"], None, r"no column is named .*--column \(present: 'id', 'when'\)"),
        (["id", "text", "note"], None, r"several columns .*present: 'text', 'note'"),
        (["id", "concern"], "concerm", r"no column 'concerm'; did you mean 'concern'\?"),
        (["id", "concern"], "zzz", r"no column 'zzz' \(present: 'id', 'concern'\)"),
        ([f"{PRIVATE}."], None, r"first line looks like a text.*--format txt"),
        ([f"{PRIVATE} all night and rang his nan for help", "b"], None, r"\(column 1: \d+ characters\), 'b'"),
    ],
)
def test_a_text_column_that_is_not_there_is_explained(columns: list[str], asked: str | None, message: str) -> None:
    with pytest.raises(InputError, match=message) as caught:
        find_text_column(columns, column=asked, where="in.csv")
    assert "Wilf" not in str(caught.value)
