"""Writing tables: the user's columns as they were, the contract's fields in order, whole files or none."""

from __future__ import annotations

import csv
import gzip
import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from evenhand.errors import OutputError
from evenhand.result import Coding
from evenhand.scheme import Issue, Level
from evenhand.tables import RESULT_FIELDS, open_table, row_writer
from evenhand.tables.columns import CarriedNames
from evenhand.tables.values import coding_fields
from evenhand.tables.writing import check_destination, converter

if TYPE_CHECKING:
    from evenhand.model import Model

EMPTY = Coding(None, (), {}, None, (), {}, (), None, None, (), False, "stand-in-1", "the text is blank")
FORMATS = [".jsonl", ".csv", ".parquet"]
ONE_FILE = settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=40)


def copy(
    source: Path, destination: Path, codings: Sequence[Coding] | None = None, *, delimiter: str | None = None
) -> None:
    suffix = check_destination([source], destination, overwrite=True)
    with open_table(source, chunk_rows=2, complete=suffix != ".jsonl", delimiter=delimiter) as table:
        writer = row_writer(suffix, table, CarriedNames(table.columns))
        pieces = [writer.header()]
        pieces += [writer.rows(chunk, codings or [EMPTY] * len(chunk.rows)) for chunk in table.chunks]
    convert = converter(suffix)
    written = destination.with_name("pieces") if convert else destination
    written.write_bytes(b"".join(pieces))
    if convert:
        convert(written, destination, '{"rows": 1}')


def rows_of(path: Path) -> list[dict[str, Any]]:
    with open_table(path, chunk_rows=100) as table:
        return [row for chunk in table.chunks for row in chunk.rows]


def jsonl(path: Path, rows: list[dict[str, Any]]) -> Path:
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return path


@pytest.fixture
def coding(model: Model) -> Coding:
    return model.code("Dad hit him with a belt. [CHILD] likes school.")


def test_the_users_columns_come_first_then_the_contract_then_the_schema(tmp_path: Path) -> None:
    source = jsonl(tmp_path / "in.jsonl", [{"zeta": 1, "text": "a"}])

    for suffix in (".jsonl", ".csv"):
        copy(source, tmp_path / f"out{suffix}")
        assert list(rows_of(tmp_path / f"out{suffix}")[0]) == ["zeta", "text", *RESULT_FIELDS, "schema"]
    copy(source, tmp_path / "out.parquet")
    assert pq.read_schema(tmp_path / "out.parquet").names == ["zeta", "text", *RESULT_FIELDS]


def test_the_contract_has_the_fields_of_a_coding_in_order() -> None:
    assert tuple(EMPTY.to_dict()) == RESULT_FIELDS


def test_every_format_states_the_schema(tmp_path: Path) -> None:
    source = jsonl(tmp_path / "in.jsonl", [{"text": "a"}])
    for suffix in FORMATS:
        copy(source, tmp_path / f"out{suffix}")

    assert rows_of(tmp_path / "out.jsonl")[0]["schema"] == "evenhand.score/1"
    assert rows_of(tmp_path / "out.csv")[0]["schema"] == "evenhand.score/1"
    assert pq.read_schema(tmp_path / "out.parquet").metadata[b"schema"] == b"evenhand.score/1"


def test_the_three_formats_hold_the_same_coding(tmp_path: Path, coding: Coding) -> None:
    source = jsonl(tmp_path / "in.jsonl", [{"text": "a"}])
    for suffix in FORMATS:
        copy(source, tmp_path / f"out{suffix}", [coding])

    expected = json.loads(json.dumps(coding_fields(coding)))
    from_json, from_csv, from_parquet = (rows_of(tmp_path / f"out{suffix}")[0] for suffix in FORMATS)

    assert {name: from_json[name] for name in RESULT_FIELDS} == expected
    assert {name: from_parquet[name] for name in RESULT_FIELDS} == expected
    for name, value in expected.items():
        cell = from_csv[name]
        assert (cell if isinstance(value, str) else json.loads(cell or "null")) == value


def test_a_row_that_is_not_codable_has_nulls_in_parquet(tmp_path: Path) -> None:
    copy(jsonl(tmp_path / "in.jsonl", [{"text": None}]), tmp_path / "out.parquet")

    row = rows_of(tmp_path / "out.parquet")[0]

    assert row["level"] is row["severity"] is row["level_probabilities"] is row["issue_probabilities"] is None
    assert row["levels"] == row["sentences"] == []
    assert row["reason"] == "the text is blank"
    assert row["truncated"] is False


def test_probabilities_have_four_decimals_and_severities_two(coding: Coding) -> None:
    fields = coding_fields(coding)

    assert fields["severity"] == round(fields["severity"], 2)
    assert all(p == round(p, 4) for p in fields["level_probabilities"].values())
    assert all(sentence["severity"] in (None, round(sentence["severity"] or 0, 2)) for sentence in fields["sentences"])
    assert list(fields["level_probabilities"]) == list(map(str, Level))
    assert list(fields["issue_probabilities"]) == list(map(str, Issue))


def test_a_column_with_a_name_of_ours_is_carried_under_another() -> None:
    names = CarriedNames(["level", "text", "input_level", "schema"])

    assert names.renamed == {"level": "input_input_level", "schema": "input_schema"}
    assert names.name("issues") == "input_issues"
    assert names.name("text") == "text"


CELLS = st.text(st.characters(exclude_categories=["Cs"]))
# A byte order mark at the very beginning of a file is none of its first column's name.
COLUMNS = st.lists(CELLS.filter(lambda name: name.strip("\ufeff") == name != ""), min_size=1, max_size=4, unique=True)


@st.composite
def tables(draw: st.DrawFn) -> tuple[list[str], list[list[str]]]:
    columns = draw(COLUMNS)
    rows = st.lists(CELLS, min_size=len(columns), max_size=len(columns))
    return columns, draw(st.lists(rows, min_size=1, max_size=5))


@given(tables())
@ONE_FILE
@pytest.mark.parametrize("suffix", FORMATS)
@pytest.mark.parametrize("source_suffix", [".csv", ".jsonl", ".parquet"])
def test_any_table_of_strings_keeps_its_columns_rows_and_order(
    tmp_path_factory: pytest.TempPathFactory,
    source_suffix: str,
    suffix: str,
    table: tuple[list[str], list[list[str]]],
) -> None:
    columns, rows = table
    folder = tmp_path_factory.mktemp("round", numbered=True)
    source = folder / f"in{source_suffix}"
    records = [dict(zip(columns, row, strict=True)) for row in rows]
    if source_suffix == ".csv":
        with source.open("w", newline="", encoding="utf-8") as stream:
            csv.writer(stream, quoting=csv.QUOTE_ALL).writerows([columns, *rows])
    elif source_suffix == ".jsonl":
        jsonl(source, records)
    else:
        pq.write_table(pa.table(dict(zip(columns, zip(*rows, strict=True), strict=True))), source)

    copy(source, folder / f"out{suffix}", delimiter=",")  # a header of one odd name may well look like tabs

    names = CarriedNames(columns)
    carried = [{names.name(column): value for column, value in record.items()} for record in records]
    with open_table(folder / f"out{suffix}", chunk_rows=9, delimiter=",") as written:
        found = [row for chunk in written.chunks for row in chunk.rows]
    assert [{name: row[name] for name in carried[0]} for row in found] == carried


def test_json_values_keep_their_types_in_json_and_parquet(tmp_path: Path) -> None:
    rows: list[dict[str, Any]] = [
        {"text": "a", "n": 1, "x": 1, "ok": True, "deep": {"k": [1]}, "mixed": "s"},
        {"text": "b", "n": -(2**63), "x": 0.5, "ok": None, "deep": None, "mixed": 7, "late": "z"},
    ]
    source = jsonl(tmp_path / "in.jsonl", rows)
    for suffix in FORMATS:
        copy(source, tmp_path / f"out{suffix}")

    written = rows_of(tmp_path / "out.jsonl")
    assert [{name: row[name] for name in own} for row, own in zip(written, rows, strict=True)] == rows
    schema = pq.read_schema(tmp_path / "out.parquet")
    assert [str(schema.field(name).type) for name in ("n", "x", "ok", "deep")] == [
        "int64",
        "double",
        "bool",
        "string",
    ]
    second = rows_of(tmp_path / "out.parquet")[1]
    assert (second["n"], second["mixed"], second["late"]) == (-(2**63), "7", "z")
    assert [row["deep"] for row in rows_of(tmp_path / "out.csv")] == ['{"k": [1]}', ""]


def test_parquet_columns_keep_their_types_exactly(tmp_path: Path) -> None:
    table = pa.table(
        {
            "text": pa.array(["a", None, "c"]).dictionary_encode(),
            "at": pa.array([1_700_000_000_123_456_789, None, 0], pa.timestamp("ns", tz="UTC")),
            "level": pa.array([1, 2, None], pa.int8()),
            "tags": pa.array([["x"], None, []]),
        }
    )
    pq.write_table(table, tmp_path / "in.parquet")

    copy(tmp_path / "in.parquet", tmp_path / "out.parquet")

    written = pq.read_table(tmp_path / "out.parquet")
    for name, carried in [("text", "text"), ("at", "at"), ("level", "input_level"), ("tags", "tags")]:
        assert written.column(carried).cast(table.column(name).type).equals(table.column(name)), name


def test_what_json_lacks_is_null_and_lone_surrogates_survive(tmp_path: Path) -> None:
    source = jsonl(tmp_path / "in.jsonl", [{"text": "a\ud800b"}])
    for suffix in FORMATS:
        copy(source, tmp_path / f"out{suffix}")

    assert rows_of(tmp_path / "out.jsonl")[0]["text"] == "a\ud800b"
    assert rows_of(tmp_path / "out.csv")[0]["text"] == "a\ufffdb"
    assert rows_of(tmp_path / "out.parquet")[0]["text"] == "a\ufffdb"


def test_cells_that_look_like_formulas_are_kept_and_ours_never_do(tmp_path: Path, coding: Coding) -> None:
    source = jsonl(tmp_path / "in.jsonl", [{"text": "=1+1"}, {"text": "@x"}])

    copy(source, tmp_path / "out.csv", [coding, EMPTY])

    rows = rows_of(tmp_path / "out.csv")
    assert [row["text"] for row in rows] == ["=1+1", "@x"]
    assert not any(row[name].startswith(("=", "+", "-", "@", "\t")) for row in rows for name in RESULT_FIELDS)


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("out.xlsx", r"use one of \.jsonl, \.csv, \.parquet"),
        ("out", r"use one of \.jsonl, \.csv, \.parquet"),
        ("none/out.csv", r"the folder .*none does not exist; create it"),
        ("there.csv", r"exists already; use --overwrite"),
        ("folder.csv", r"is a directory"),
        ("in.csv", r"is the input itself"),
        ("link.csv", r"is the input itself"),
    ],
)
def test_a_destination_that_cannot_be_is_refused(tmp_path: Path, name: str, message: str) -> None:
    source = tmp_path / "in.csv"
    source.write_text("text\nhi\n")
    (tmp_path / "link.csv").symlink_to(source)
    (tmp_path / "there.csv").touch()
    (tmp_path / "folder.csv").mkdir()

    with pytest.raises(OutputError, match=message):
        check_destination([source], tmp_path / name, overwrite=name in {"in.csv", "link.csv"})


def test_compressed_output_is_one_file_to_every_reader_and_the_same_each_time(tmp_path: Path) -> None:
    source = jsonl(tmp_path / "in.jsonl", [{"text": "a"}] * 5)
    for suffix in (".csv", ".jsonl"):
        copy(source, tmp_path / f"out{suffix}")
        copy(source, tmp_path / f"out{suffix}.gz")
        copy(source, tmp_path / f"again{suffix}.gz")

        packed = tmp_path / f"out{suffix}.gz"
        assert gzip.decompress(packed.read_bytes()) == (tmp_path / f"out{suffix}").read_bytes()
        assert packed.read_bytes() == (tmp_path / f"again{suffix}.gz").read_bytes()


def test_many_chunks_make_few_row_groups(tmp_path: Path) -> None:
    source = jsonl(tmp_path / "in.jsonl", [{"text": "a"}] * 21)

    copy(source, tmp_path / "out.parquet", None)

    file = pq.ParquetFile(tmp_path / "out.parquet")
    assert (file.metadata.num_rows, file.num_row_groups) == (21, 1)
    file.close()


def test_parquet_says_how_it_was_made(tmp_path: Path) -> None:
    copy(jsonl(tmp_path / "in.jsonl", [{"text": "a"}]), tmp_path / "out.parquet")

    assert json.loads(pq.read_schema(tmp_path / "out.parquet").metadata[b"evenhand.about"]) == {"rows": 1}
