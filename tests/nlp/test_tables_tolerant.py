"""Reading on past rows that cannot be read: every other row exactly, in order, with its number."""

from __future__ import annotations

import csv
import io
import json
import re
import tracemalloc
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evenhand.errors import InputError
from evenhand.tables import Chunk, Rejected, open_table
from evenhand.tables.records import LONGEST_RECORD, Records
from evenhand.tables.source import LONGEST_LINE

PRIVATE = "Wilf was left alone"
MARK = "\ue000"  # where a byte that is not UTF-8 is put
Row = dict[str, Any]


def read(path: Path | str, **options: Any) -> tuple[dict[int, Row], list[Rejected]]:  # noqa: ANN401
    """Return the rows by number and what was rejected."""
    rows: dict[int, Row] = {}
    rejected: list[Rejected] = []
    with open_table(path, **{"chunk_rows": 2, "tolerant": True, **options}) as table:
        for chunk in table.chunks:
            assert chunk.first == min([*chunk.numbers, *(one.row for one in chunk.rejected)])
            rows |= dict(zip(chunk.numbers, chunk.rows, strict=True))
            rejected += chunk.rejected
    return rows, rejected


def file(folder: Path, name: str, content: str | bytes) -> Path:
    path = folder / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


BAD_ROWS = {
    "too_many_cells": ("in.csv", f"text,n\na,1\nb,{PRIVATE},2\nc,3\n", [2], r"row 2 \(line 3\) has 3 cells"),
    "too_few_cells": ("in.csv", "text,n\na,1\nb\nc,3\n", [2], "has 1 cells and the header has 2"),
    "open_quote": ("in.csv", f'text,n\na,1\n"{PRIVATE},2\nc,3\n', [2], "line 3 a quotation mark is opened and never"),
    "open_quote_last": ("in.csv", f'text,n\na,1\nb,2\n"{PRIVATE},3\n', [3], "line 4 a quotation mark is opened"),
    "open_quote_before_quotes": ("in.csv", f'text,n\na,1\n"{PRIVATE},2\n"c",3\n', [2], "line 3 a quotation mark"),
    "stray_quote": ("in.csv", f'text,n\na,1\n"{PRIVATE}" x,2\nc,3\n', [2], "line 3 a quotation mark inside a cell"),
    "each_quote": ("in.csv", '"text",n\n"a,1\n"b,2\n"c,3\nd,4\n', [1, 2, 3], "a quotation mark"),
    "bad_byte": ("in.csv", f"text,n\na,1\n{PRIVATE}{MARK},2\nc,3\n", [2], r"not UTF-8 at byte 31 \(line 3\).*cp1252"),
    "bad_byte_in_lines": ("in.csv", f'text,n\na,1\n"b\n{MARK}\n",2\nc,3\n', [2], r"not UTF-8 at byte 15 \(line 4\)"),
    "two_bad_bytes": ("in.csv", f"text,n\n{MARK},1\nb,2\n{MARK},3\n", [1, 3], r"at byte (8|16) \(line [24]\)"),
    "not_json": ("in.jsonl", f'{{"n": 1}}\n{{"text": {PRIVATE}}}\n{{"n": 3}}\n', [2], r"line 2 is not JSON \(\w+ 10\)"),
    "cut_json": ("in.jsonl", '{"n": 1}\n\n{"text": "b"\n{"n": 3}\n', [2], "line 3 is not JSON"),
    "no_object": ("in.jsonl", f'{{"n": 1}}\n"{PRIVATE}"\n{{"n": 3}}\n', [2], "line 2 is not a JSON object"),
    "nan": ("in.jsonl", '{"n": 1}\n{"n": NaN}\n{"n": 3}\n', [2], "NaN is not a JSON number"),
    "repeated_key": ("in.jsonl", '{"n": 1}\n{"n": 2, "n": 2}\n{"n": 3}\n', [2], "a key occurs twice"),
    "too_deep": ("in.jsonl", '{"n": 1}\n{"n": ' + "[" * 100_000 + "\n" + '{"n": 3}\n', [2], "line 2 "),
    "bad_byte_json": ("in.jsonl", f'{{"n": 1}}\n{{"n": "{MARK}"}}\n{{"n": 3}}\n', [2], r"at byte 17 \(line 2\)"),
    "bad_byte_text": ("in.txt", f"a\nb{MARK}\nc\n", [2], r"not UTF-8 at byte 4 \(line 2\)"),
    "every_row": ("in.csv", "text,n\na\nb\nc\n", [1, 2, 3], "has 1 cells"),
    "every_line": ("in.jsonl", "a\nb\nc\n", [1, 2, 3], "is not JSON"),
}  # fmt: skip


@pytest.mark.parametrize("case", BAD_ROWS.values(), ids=BAD_ROWS.keys())
def test_a_bad_row_is_rejected_and_the_rest_goes_on(tmp_path: Path, case: tuple[str, str, list[int], str]) -> None:
    name, content, numbers, reason = case
    path = file(tmp_path, name, content.encode().replace(MARK.encode(), b"\xff"))

    rows, rejected = read(path)

    assert [one.row for one in rejected] == numbers
    assert sorted([*rows, *numbers]) == list(range(1, len(rows) + len(numbers) + 1))
    assert len(rows) + len(numbers) == (4 if "d,4" in content else 3)
    for one in rejected:
        assert re.search(reason, one.reason)
        assert "Wilf" not in one.reason


@pytest.mark.parametrize("case", BAD_ROWS.values(), ids=BAD_ROWS.keys())
def test_without_tolerance_the_first_bad_row_is_the_error(
    tmp_path: Path, case: tuple[str, str, list[int], str]
) -> None:
    name, content, _, reason = case
    path = file(tmp_path, name, content.encode().replace(MARK.encode(), b"\xff"))

    with pytest.raises(InputError, match=reason) as caught:
        read(path, tolerant=False)
    assert str(path) in str(caught.value)


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("in.csv", b"t\xffxt,n\na,1\n", r"not UTF-8 at byte 2 \(line 1\)"),
        ("in.csv", b'"text,n\na,1\n', "line 1 a quotation mark is opened and never closed"),
        ("in.csv", b"text,text\na,1\n", "several columns"),
        ("in.csv", b"text,n\n", "has no rows"),
        ("in.csv", b"", "is empty"),
        ("in.jsonl", b"\n", "has no rows"),
        ("in.csv", "text,n\na,1\n".encode("utf-16-le"), "looks like UTF-16"),
    ],
)
def test_what_is_wrong_with_the_whole_file_stays_an_error(
    tmp_path: Path, name: str, content: bytes, message: str
) -> None:
    with pytest.raises(InputError, match=message):
        read(file(tmp_path, name, content))


def test_the_encoding_named_is_the_one_that_was_expected(tmp_path: Path) -> None:
    _, [rejected] = read(file(tmp_path, "in.txt", b"a\n\x81\n"), encoding="cp1252")

    assert "not cp1252 at byte 3 (line 2)" in rejected.reason


def test_utf_16_with_a_damaged_character_loses_only_its_row(tmp_path: Path) -> None:
    content = "text,n\na,1\nb?,2\nc,3\n".encode("utf-16-le").replace("?".encode("utf-16-le"), b"\x00\xd8")

    rows, [rejected] = read(file(tmp_path, "in.csv", b"\xff\xfe" + content))

    assert [row["text"] for row in rows.values()] == ["a", "c"]
    assert (rejected.row, "not utf-16 at byte 27 (line 3)" in rejected.reason) == (2, True)


@pytest.mark.parametrize("name", ["in.csv", "in.jsonl", "in.txt"])
def test_a_line_that_is_too_long_is_rejected_and_not_held(tmp_path: Path, name: str) -> None:
    row = {"in.csv": "{},1\n", "in.jsonl": '{{"text": "{}"}}\n', "in.txt": "{}\n"}[name]
    with (tmp_path / name).open("w") as stream:
        stream.write("text,n\n" * (name == "in.csv") + row.format("a"))
        stream.write(row.format("x" * (2 * LONGEST_LINE)) + row.format("c"))

    tracemalloc.start()
    rows, [rejected] = read(tmp_path / name)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()

    assert [row["text"] for row in rows.values()] == ["a", "c"]
    assert (rejected.row, "longer than 16,777,216 characters" in rejected.reason) == (2, True)
    assert peak < 1.5 * LONGEST_LINE


def test_an_open_quotation_mark_swallows_no_more_than_a_long_record(tmp_path: Path) -> None:
    lines = [f"{number},{'x' * 1_000}" for number in range(2, 12_002)]
    content = "n,text\n" + '1,"' + PRIVATE + "\n" + "\n".join(lines) + '\n12002,"y"\n'
    assert len(content) > LONGEST_RECORD

    rows, [rejected] = read(file(tmp_path, "in.csv", content), chunk_rows=500)

    assert (rejected.row, "not closed within 10 MiB" in rejected.reason) == (1, True)
    assert list(rows) == list(range(2, 12_003))
    assert rows[12_002] == {"n": "12002", "text": "y"}


def test_a_text_of_a_megabyte_with_line_breaks_is_one_row(tmp_path: Path) -> None:
    text = 'He said "no".\n' * 75_000
    with (tmp_path / "in.csv").open("w", newline="") as stream:
        csv.writer(stream).writerows([["n", "text"], ["1", text], ["2", "b"]])

    assert read(tmp_path / "in.csv") == ({1: {"n": "1", "text": text}, 2: {"n": "2", "text": "b"}}, [])


def test_marks_that_open_on_every_line_are_searched_in_proportion_to_the_file() -> None:
    looked_at = 0

    class Counting(Records):
        def _cells(self, lines: list[str]) -> list[str] | str:
            nonlocal looked_at
            looked_at += len(lines)
            return super()._cells(lines)

    for end in ('stray","" x"\n', "no more\n"):
        looked_at = 0
        found = list(Counting(iter(['a","b\n'] * 3_000 + [end]), ","))
        assert all(isinstance(cells, str) for _, cells in found[:-1])
        assert len(found) == 3_001
        assert looked_at < 4 * 3_000


def test_chunks_number_their_rows_without_the_rejected_ones(tmp_path: Path) -> None:
    path = file(tmp_path, "in.csv", "text,n\na,1\nb\nc\nd,4\ne,5\n")

    with open_table(path, chunk_rows=3, tolerant=True) as table:
        chunks = [(chunk.first, chunk.numbers, [one.row for one in chunk.rejected]) for chunk in table.chunks]

    assert chunks == [(1, (1,), [2, 3]), (4, (4, 5), [])]


def test_a_chunk_made_by_hand_counts_on_from_its_first_row() -> None:
    assert Chunk(5, [{}, {}]).numbers == (5, 6)


def test_complete_json_lines_know_the_kinds_of_the_rows_that_can_be_read(tmp_path: Path) -> None:
    path = file(tmp_path, "in.jsonl", '{"n": 1}\n{"n": "x"\n{"text": "a", "n": 2}\n')

    with open_table(path, chunk_rows=2, complete=True, tolerant=True) as table:
        assert dict(table.kinds) == {"n": "int", "text": "str"}
        assert [chunk.numbers for chunk in table.chunks] == [(1,), (3,)]


def test_columns_of_json_lines_come_from_the_first_row_that_can_be_read(tmp_path: Path) -> None:
    path = file(tmp_path, "in.jsonl", "x\n" * 5 + '{"text": "a"}\n')

    with open_table(path, chunk_rows=2, tolerant=True) as table:
        assert table.columns == ("text",)
        assert [one.row for chunk in table.chunks for one in chunk.rejected] == [1, 2, 3, 4, 5]


# Texts with what CSV and JSON must quote. NUL apart, since a file full of it is taken for UTF-16.
texts = st.text(
    st.one_of(
        st.sampled_from(',;"\n\r\t{}[]: '), st.characters(exclude_categories=["Cs"], exclude_characters="\0" + MARK)
    )
)
# Of a text behind an open quotation mark, one that begins so reads as the end of the cell before it.
closing_nothing = texts.filter(lambda text: not text.startswith((",", '"', "\n", "\r")))


def tables(cell: st.SearchStrategy[str]) -> st.SearchStrategy[tuple[list[list[str]], int]]:
    """Rows of three cells, and which of them to damage."""
    rows = st.lists(st.lists(cell, min_size=3, max_size=3), min_size=1, max_size=8)
    return rows.flatmap(lambda rows: st.tuples(st.just(rows), st.integers(0, len(rows) - 1)))


def written(rows: Iterable[list[str]], *, line_end: str) -> str:
    stream = io.StringIO(newline="")
    for row in rows:  # the writer quotes a lone carriage return only if it quotes everything
        always = "\r" in "".join(row)
        csv.writer(stream, lineterminator=line_end, quoting=csv.QUOTE_ALL if always else csv.QUOTE_MINIMAL).writerow(
            row
        )
    return stream.getvalue()


def check(content: str, rows: list[dict[str, Any]], damaged: int, name: str, folder: Path) -> None:
    path = file(folder, name, content.encode().replace(MARK.encode(), b"\xff"))

    found, rejected = read(path, chunk_rows=3)

    assert [one.row for one in rejected] == [damaged + 1]
    assert found == {number: row for number, row in enumerate(rows, start=1) if number != damaged + 1}
    assert list(found) == sorted(found)


CSV_DAMAGE: dict[str, Callable[[list[str], str], str]] = {
    "a_cell_more": lambda row, end: written([[*row, "x"]], line_end=end),
    "a_cell_less": lambda row, end: written([["x", *row[2:]]], line_end=end),
    "a_bad_byte": lambda row, end: written([[row[0], row[1] + MARK, row[2]]], line_end=end),
    "a_stray_quote": lambda row, end: f'a,"b"c,d{end}',
}


@pytest.mark.parametrize("damage", CSV_DAMAGE.values(), ids=CSV_DAMAGE.keys())
@given(table=tables(texts), line_end=st.sampled_from(["\n", "\r\n"]))
def test_every_other_row_of_csv_is_read_exactly(
    tmp_path_factory: pytest.TempPathFactory,
    damage: Callable[[list[str], str], str],
    table: tuple[list[list[str]], int],
    line_end: str,
) -> None:
    rows, place = table
    parts = [written([row], line_end=line_end) for row in rows]
    parts[place] = damage(rows[place], line_end)
    named = [dict(zip("abc", row, strict=True)) for row in rows]

    check(f"a,b,c{line_end}" + "".join(parts), named, place, "in.csv", tmp_path_factory.getbasetemp())


@given(table=tables(closing_nothing), line_end=st.sampled_from(["\n", "\r\n"]))
def test_every_row_behind_an_open_quotation_mark_is_read_exactly(
    tmp_path_factory: pytest.TempPathFactory, table: tuple[list[list[str]], int], line_end: str
) -> None:
    rows, place = table
    parts = [written([row], line_end=line_end) for row in rows]
    parts[place] = f'x,"y,z{line_end}'
    named = [dict(zip("abc", row, strict=True)) for row in rows]

    check(f"a,b,c{line_end}" + "".join(parts), named, place, "in.csv", tmp_path_factory.getbasetemp())


values = st.one_of(texts, st.none(), st.booleans(), st.integers(), st.floats(allow_nan=False, allow_infinity=False))
JSON_DAMAGE: dict[str, Callable[[str], str]] = {
    "cut": lambda line: line[:-1],
    "doubled": lambda line: line + line,
    "in_a_list": lambda line: f"[{line}]",
    "a_bad_byte": lambda line: line[:-1] + MARK + "}",
    "not_a_number": lambda line: '{"n": -Infinity}',
    "a_key_twice": lambda line: '{"a": ' + line + ', "a": 1}',
}


@pytest.mark.parametrize("damage", JSON_DAMAGE.values(), ids=JSON_DAMAGE.keys())
@given(
    rows=st.lists(st.dictionaries(texts, values, max_size=4), min_size=1, max_size=8),
    place=st.integers(0, 7),
    escaped=st.booleans(),
)
def test_every_other_row_of_json_lines_is_read_exactly(
    tmp_path_factory: pytest.TempPathFactory,
    damage: Callable[[str], str],
    rows: list[Row],
    place: int,
    escaped: bool,
) -> None:
    lines = [json.dumps(row, ensure_ascii=escaped) for row in rows]
    lines[place % len(rows)] = damage(lines[place % len(rows)])

    check("\n".join(lines), rows, place % len(rows), "in.jsonl", tmp_path_factory.getbasetemp())
