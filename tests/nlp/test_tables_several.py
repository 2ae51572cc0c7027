"""Reading several files as one table: rows numbered over all, columns that must agree, and which files are meant."""

from __future__ import annotations

import gzip
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from evenhand.errors import InputError
from evenhand.tables import inputs, open_table

PRIVATE = "Wilf was left alone"
Row = dict[str, Any]


def read(source: Any, **options: Any) -> list[Row]:  # noqa: ANN401
    with open_table(source, **{"chunk_rows": 2, **options}) as table:
        return [row for chunk in table.chunks for row in chunk.rows]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "2024" / "leeds").mkdir(parents=True)
    (tmp_path / "referrals-1.csv").write_text("id,text\n1,a\n2,b\n3,c\n")
    (tmp_path / "referrals-2.csv").write_text("text;id\nd;4\n")
    (tmp_path / "2024" / "referrals-3.csv").write_text("id,text\n5,e\n")
    (tmp_path / "2024" / "leeds" / "referrals-4.csv").write_text("id,text\n6,f\n")
    return tmp_path


@pytest.mark.parametrize(
    ("pattern", "texts"),
    [
        ("referrals-*.csv", "abcd"),
        ("referrals-[12].csv", "abcd"),
        ("referrals-?.csv", "abcd"),
        ("**/*.csv", "fedcab"),
        ("*/*.csv", "e"),
    ],
)
def test_a_pattern_means_its_files_by_name(folder: Path, pattern: str, texts: str) -> None:
    rows = read(f"{folder}/{pattern}")

    assert sorted(row["text"] for row in rows) == sorted(texts)
    assert [path.name for path in inputs(f"{folder}/{pattern}")] == [
        path.name for path in sorted(folder.glob(pattern), key=str)
    ]


def test_rows_are_numbered_over_all_files_and_columns_keep_one_order(folder: Path) -> None:
    with open_table(f"{folder}/referrals-*.csv", chunk_rows=2) as table:
        assert (table.name, table.columns) == (f"{folder}/referrals-*.csv", ("id", "text"))
        chunks = list(table.chunks)

    assert [(chunk.first, chunk.numbers) for chunk in chunks] == [(1, (1, 2)), (3, (3, 4))]
    assert list(chunks[1].rows[1].items()) == [("id", "4"), ("text", "d")]


def test_a_path_that_exists_is_no_pattern(tmp_path: Path) -> None:
    (tmp_path / "in[1].csv").write_text("text\na\n")
    (tmp_path / "in1.csv").write_text("text\nb\n")

    assert read(tmp_path / "in[1].csv") == [{"text": "a"}]
    assert read(str(tmp_path / "in[1]*.csv")) == [{"text": "b"}]


def test_several_paths_are_read_in_the_order_given(folder: Path) -> None:
    paths: list[str | Path] = [folder / "referrals-2.csv", str(folder / "2024" / "*.csv")]

    with open_table(paths, chunk_rows=5) as table:
        assert table.name == f"{paths[0]} and 1 more"
        assert [row["text"] for chunk in table.chunks for row in chunk.rows] == ["d", "e"]
    assert inputs(paths) == (folder / "referrals-2.csv", folder / "2024" / "referrals-3.csv")


def test_the_files_of_one_path_and_of_standard_input(folder: Path) -> None:
    assert inputs(folder / "referrals-1.csv") == (folder / "referrals-1.csv",)
    assert inputs("-") == ()


def test_json_lines_with_different_keys_and_compressed_files_mix(tmp_path: Path) -> None:
    (tmp_path / "1.jsonl").write_text('{"text": "a", "n": 1}\n')
    (tmp_path / "2.jsonl.gz").write_bytes(gzip.compress(b'{"text": "b", "late": 1.5}\n'))

    with open_table(f"{tmp_path}/*.jsonl*", chunk_rows=1, complete=True) as table:
        assert dict(table.kinds) == {"text": "str", "n": "int", "late": "float"}
        assert [chunk.rows for chunk in table.chunks] == [[{"text": "a", "n": 1}], [{"text": "b", "late": 1.5}]]


def test_a_reason_says_in_which_file_and_the_number_counts_over_all(folder: Path) -> None:
    (folder / "referrals-2.csv").write_text(f"id,text\n4,d\n5,{PRIVATE},x\n6,f\n")

    with open_table(f"{folder}/referrals-*.csv", chunk_rows=10, tolerant=True) as table:
        [chunk] = table.chunks

    assert [one.row for one in chunk.rejected] == [5]
    assert chunk.rejected[0].reason.startswith(f"{folder}/referrals-2.csv: row 2 (line 3) has 3 cells")
    with pytest.raises(InputError, match=r"referrals-2\.csv: row 2 \(line 3\)"):
        read(f"{folder}/referrals-*.csv")


def test_files_without_rows_are_passed_over_unless_all_are(tmp_path: Path) -> None:
    (tmp_path / "1.csv").write_text("text\n")
    (tmp_path / "2.csv").write_text("text\n")
    with pytest.raises(InputError, match=r"\*\.csv has no rows"):
        read(f"{tmp_path}/*.csv")

    (tmp_path / "2.csv").write_text("text\na\n")
    assert read(f"{tmp_path}/*.csv") == [{"text": "a"}]


def test_parquet_files_of_one_schema_make_one_table(tmp_path: Path) -> None:
    for number in (1, 2):
        columns = {"text": [f"a{number}", f"b{number}"], "n": pa.array([1, 2], pa.int16())}
        pq.write_table(
            pa.table(dict(reversed(columns.items())) if number == 2 else columns), tmp_path / f"{number}.parquet"
        )

    with open_table(f"{tmp_path}/*.parquet", chunk_rows=10) as table:
        chunks = list(table.chunks)

    assert [(chunk.first, chunk.numbers, chunk.batch.schema.names) for chunk in chunks] == [
        (1, (1, 2), ["text", "n"]),
        (3, (3, 4), ["text", "n"]),
    ]
    assert chunks[1].rows == [{"text": "a2", "n": 1}, {"text": "b2", "n": 2}]


def test_damage_in_the_second_parquet_file_names_it_and_its_own_row(tmp_path: Path) -> None:
    for number in (1, 2):
        pq.write_table(pa.table({"text": [PRIVATE] * 1_000}), tmp_path / f"{number}.parquet")
    whole = bytearray((tmp_path / "2.parquet").read_bytes())
    whole[4:40] = b"\xff" * 36
    (tmp_path / "2.parquet").write_bytes(whole)

    with pytest.raises(InputError, match=r"2\.parquet is damaged after row 0"):
        read(f"{tmp_path}/*.parquet")


def parquet(path: Path, columns: dict[str, list[Any]]) -> None:
    pq.write_table(pa.table(columns), path)


def test_files_that_do_not_agree_are_refused_before_any_row(tmp_path: Path) -> None:
    (tmp_path / "a1.csv").write_text("id,text\n1,a\n")
    (tmp_path / "a2.csv").write_text("id,note,when\n1,a,b\n")
    parquet(tmp_path / "b1.parquet", {"text": ["a"], "n": [1]})
    parquet(tmp_path / "b2.parquet", {"text": ["a"], "n": ["x"]})
    (tmp_path / "c1.csv").write_text("text\na\n")
    (tmp_path / "c2.jsonl").write_text('{"text": "a"}\n')

    with pytest.raises(InputError, match=r"a2\.csv: .*a1\.csv: it lacks 'text' and has 'note', 'when' besides"):
        read(f"{tmp_path}/a*")
    with pytest.raises(InputError, match=r"b2\.parquet: .*b1\.parquet: names or types differ for 'n'"):
        read(f"{tmp_path}/b*")
    with pytest.raises(InputError, match=r"c1\.csv is csv and \S+c2\.jsonl is jsonl; give files of one format"):
        read(f"{tmp_path}/c*")


def test_inputs_that_mean_no_file_are_refused(folder: Path) -> None:
    one = folder / "referrals-1.csv"
    for source, message in [
        (f"{folder}/none-*.csv", r"no file matches .*none-\*\.csv"),
        (f"{folder}/*/", "no file matches"),
        ([], "no file is given"),
        (["-", one], "standard input .* cannot be read beside files"),
        ([one, folder / "2024" / ".." / one.name], "is given twice"),
        ([one, folder / "none.csv"], r"none\.csv does not exist"),
        ([one, folder], "is a directory; .*a pattern such as"),
    ]:
        with pytest.raises(InputError, match=message):
            inputs(source)  # type: ignore[arg-type]
