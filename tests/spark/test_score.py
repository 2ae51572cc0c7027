"""A DataFrame scored on this machine's Spark: the codings of one machine, and the user's columns as they were."""

from __future__ import annotations

import datetime
import json
import shutil
import sys
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import pyarrow as pa
import pytest

import evenhand
from evenhand.bundle import read_bundle
from evenhand.errors import InputError, MissingExtraError, ModelError, VocabularyError
from evenhand.model import Model
from evenhand.result import SCORE_SCHEMA
from evenhand.spark import score
from evenhand.spark.scoring import METADATA, _carrier, carried_names
from evenhand.spark.worker import BatchCoder, Enclosed, Payload
from evenhand.tables.arrow_rows import RESULT_SCHEMA, code_batch, coding_arrays
from evenhand.tables.columns import RESULT_FIELDS, CarriedNames

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

# pyspark says so of pandas 3, which nothing here uses: rows go through Arrow.
pytestmark = pytest.mark.filterwarnings("ignore:PySpark does not yet fully support pandas:FutureWarning")

ANNOTATIONS = Path(__file__).parents[2] / "annotations"
DESCRIPTORS = 300
NOTES = 12


def texts_of(file: str, count: int) -> list[str]:
    lines = (ANNOTATIONS / file).read_text(encoding="utf-8").splitlines()
    return [json.loads(line)["text"] for line in lines[:count]]


@pytest.fixture(scope="module")
def texts() -> list[str]:
    return texts_of("descriptors.jsonl", DESCRIPTORS) + texts_of("whole-notes.jsonl", NOTES)


def on_one_machine(model: Model, texts: list[str]) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = pa.record_batch(
        coding_arrays(model.code_many(texts)), schema=RESULT_SCHEMA
    ).to_pylist()
    return rows


def test_the_codings_are_those_of_one_machine_row_for_row(spark: SparkSession, texts: list[str]) -> None:
    df = spark.createDataFrame(list(enumerate(texts)), "id int, text string").repartition(4)

    rows = [row.asDict(recursive=True) for row in score(df, "text", privacy="off").orderBy("id").collect()]

    assert [row["id"] for row in rows] == list(range(len(texts)))
    assert [row["text"] for row in rows] == texts
    assert [{name: row[name] for name in RESULT_FIELDS} for row in rows] == on_one_machine(evenhand.load(), texts)


def test_a_null_and_a_blank_text_keep_their_rows_with_the_reason_that_files_have(
    spark: SparkSession, toy_bundle: Path, tmp_path: Path
) -> None:
    texts = [None, "", " \n", "dad hit him with a belt"]
    source = tmp_path / "in.jsonl"
    source.write_text("".join(json.dumps({"text": text}) + "\n" for text in texts))
    evenhand.score_file(source, tmp_path / "out.jsonl", model=evenhand.load(toy_bundle))
    expected = [json.loads(line)["reason"] for line in (tmp_path / "out.jsonl").read_text().splitlines()]
    df = spark.createDataFrame([(text,) for text in texts], "text string").coalesce(1)

    rows = score(df, model=toy_bundle, privacy="off").collect()

    assert [row.reason for row in rows] == expected
    assert [row.level is None for row in rows] == [True, True, True, False]


def test_columns_of_any_type_are_carried_as_they_were(spark: SparkSession, toy_bundle: Path) -> None:
    kinds = (
        "text string, whole bigint, half float, day date, at timestamp, wall timestamp_ntz, money decimal(9, 2), "
        "raw binary, many array<string>, map map<string, int>, nested struct<a: int, b: array<struct<c: string>>>, "
        "flag boolean, nothing void"
    )
    at = datetime.datetime(2026, 3, 1, 12, 30, 0, 123456)  # noqa: DTZ001 - a time on the wall
    row = ("a belt", 2**40, 0.5, at.date(), at, at, Decimal("12.30"), bytearray(b"\0\1"), ["x", None], {"k": 1})
    df = spark.createDataFrame([(*row, (1, [("deep",)]), True, None), (None,) * 13], kinds).coalesce(1)

    scored = score(df, "text", model=toy_bundle, privacy="off")

    assert scored.select(*df.columns).collect() == df.collect()
    assert [field.dataType for field in scored.schema][: len(df.columns)] == [field.dataType for field in df.schema]


def test_a_column_that_is_never_null_stays_so_and_keeps_its_metadata(spark: SparkSession, toy_bundle: Path) -> None:
    from pyspark.sql.types import ArrayType, IntegerType, StringType, StructField, StructType

    fields = [
        StructField("text", StringType(), nullable=False, metadata={"origin": "form 7"}),
        StructField("ids", ArrayType(IntegerType(), containsNull=False), nullable=False),
    ]
    df = spark.createDataFrame([("a belt", [1, 2])], StructType(fields))

    scored = score(df, model=toy_bundle, privacy="off")

    assert list(scored.schema)[:2] == fields
    assert scored.select("text", "ids").collect() == df.collect()


def test_a_column_with_a_name_of_ours_is_carried_under_another(spark: SparkSession, toy_bundle: Path) -> None:
    df = spark.createDataFrame(
        [("a belt", "Tier 2", "v1", 7)], "text string, Level string, schema string, input_level int"
    )

    row = score(df, model=toy_bundle, privacy="off").first()

    assert row is not None
    assert row.input_input_Level == "Tier 2"
    assert row.input_schema == "v1"
    assert row.input_level == 7
    assert row.schema == SCORE_SCHEMA


@pytest.mark.parametrize(
    "columns",
    [["text"], ["text", "level"], ["input_level", "level"], ["level", "input_level", "schema"], ["a.b", "c d", "`"]],
    ids=str,
)
def test_names_are_carried_as_in_files(columns: list[str]) -> None:
    names = CarriedNames(columns)

    assert carried_names(columns) == tuple(names.name(column) for column in columns)


def test_names_with_dots_and_spaces_are_columns_like_any_other(spark: SparkSession, toy_bundle: Path) -> None:
    df = spark.createDataFrame([("a belt", 3)], "`case.note text` string, `a b` int")

    row = score(df, "case.note text", model=toy_bundle, privacy="off").first()

    assert row is not None
    assert row["case.note text"] == "a belt"
    assert row["a b"] == 3


def test_the_result_names_its_schema_and_its_level_says_what_was_looked_for(
    spark: SparkSession, toy_bundle: Path, tmp_path: Path
) -> None:
    df = spark.createDataFrame([("a belt",)], "text string")

    score(df, model=toy_bundle, privacy="off").write.parquet(str(tmp_path / "out"))
    read = spark.read.parquet(str(tmp_path / "out"))

    assert read.columns == ["text", *RESULT_FIELDS, "schema"]
    assert read.schema["level"].metadata[METADATA] == {
        "schema": SCORE_SCHEMA,
        "model": read_bundle(toy_bundle).identity,
        "privacy": {"mode": "off", "names": "not checked", "checker": None, "unchecked_columns": []},
    }


def test_no_rows_give_no_rows(spark: SparkSession, toy_bundle: Path) -> None:
    df = spark.createDataFrame([], "text string")

    assert score(df, model=toy_bundle, privacy="off").collect() == []


def test_the_model_need_not_lie_where_the_workers_are(spark: SparkSession, toy_bundle: Path, tmp_path: Path) -> None:
    passing = shutil.copytree(toy_bundle, tmp_path / "model")
    scored = score(spark.createDataFrame([("a belt",)], "text string"), model=passing, privacy="off")
    shutil.rmtree(passing)

    assert [row.level for row in scored.collect()] == [evenhand.load(toy_bundle).code("a belt").level]


def test_a_missing_column_is_an_error_with_a_suggestion(spark: SparkSession) -> None:
    df = spark.createDataFrame([("a", "b")], "note string, area string")

    with pytest.raises(InputError, match=r"the DataFrame: there is no column 'nots'; did you mean 'note'\?"):
        score(df, "nots")


def test_a_column_of_numbers_is_no_column_of_texts(spark: SparkSession) -> None:
    df = spark.createDataFrame([(1,)], "text bigint")

    with pytest.raises(InputError, match="column 'text' holds bigint, not text"):
        score(df)


def test_two_columns_of_one_name_are_refused(spark: SparkSession) -> None:
    df = spark.createDataFrame([("a", "b", "c")], "text string, x string, y string").toDF("text", "x", "x")

    with pytest.raises(InputError, match="several columns are called 'x'"):
        score(df)


def test_an_unknown_privacy_mode_is_an_error_with_a_suggestion(spark: SparkSession) -> None:
    df = spark.createDataFrame([("a",)], "text string")

    with pytest.raises(VocabularyError, match="unknown privacy mode 'redacted'; did you mean 'redact'"):
        score(df, privacy="redacted")


def test_a_stream_cannot_be_refused_and_can_be_scored_unchecked(
    spark: SparkSession, toy_bundle: Path, tmp_path: Path
) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "in/a.txt").write_text("a belt\na belt\n")
    stream = spark.readStream.schema("text string").text(str(tmp_path / "in"))

    with pytest.raises(InputError, match="is a stream"):
        score(stream, model=toy_bundle, privacy="patterns")
    scored = score(stream, model=toy_bundle, privacy="off")
    scored.writeStream.format("memory").queryName("scored").trigger(availableNow=True).start().awaitTermination()

    assert [row.text for row in spark.sql("select text from scored").collect()] == ["a belt", "a belt"]


def test_a_session_sends_a_model_once(spark: SparkSession, toy_bundle: Path) -> None:
    sent = [_carrier(spark, read_bundle(toy_bundle)) for _ in range(2)]

    assert sent[0] is sent[1]


def test_a_session_that_cannot_broadcast_encloses_the_model(toy_bundle: Path) -> None:
    class Connected:
        """As a session of Spark Connect, which needs a server."""

        @property
        def sparkContext(self) -> None:  # noqa: N802 - its name
            raise AttributeError

    carrier = _carrier(cast("SparkSession", Connected()), read_bundle(toy_bundle))

    assert carrier == Enclosed(Payload.of(read_bundle(toy_bundle)))


def test_without_pyspark_the_error_names_the_extra(monkeypatch: pytest.MonkeyPatch, spark: SparkSession) -> None:
    df = spark.createDataFrame([("a",)], "text string")
    monkeypatch.setitem(sys.modules, "pyspark", None)

    with pytest.raises(MissingExtraError, match=r"pip install 'evenhand\[spark\]'"):
        score(df)


class Counting:
    """Brings a model, and counts how often it was asked for it."""

    def __init__(self, directory: Path) -> None:
        self.bundle = read_bundle(directory)
        self.asked = 0

    @property
    def value(self) -> Payload:
        self.asked += 1
        return Payload.of(self.bundle)


@pytest.fixture
def carrier(toy_bundle: Path, monkeypatch: pytest.MonkeyPatch) -> Counting:
    monkeypatch.setattr("evenhand.spark.worker._models", {})
    monkeypatch.delenv("TOKENIZERS_PARALLELISM", raising=False)
    return Counting(toy_bundle)


def batch_of(*texts: str | None) -> Iterator[Any]:
    yield pa.record_batch([pa.array(texts, pa.string())], names=["c0"])


def test_a_worker_loads_a_model_once_however_many_tasks_it_runs(carrier: Counting) -> None:
    coder = BatchCoder(0, ("text",), carrier.bundle.identity, carrier, evenhand.__version__)

    for _ in range(3):
        list(coder.run(batch_of("a belt")))

    assert carrier.asked == 1


def test_a_worker_with_another_version_of_evenhand_is_refused(carrier: Counting) -> None:
    coder = BatchCoder(0, ("text",), carrier.bundle.identity, carrier, "0.0.1")

    with pytest.raises(ModelError, match=r"the session has 0\.0\.1; install the same version on every worker"):
        list(coder.run(batch_of("a belt")))


def test_a_function_that_encloses_the_model_codes_alike(carrier: Counting) -> None:
    from pyspark import cloudpickle

    coder = BatchCoder(0, ("text",), carrier.bundle.identity, Enclosed(carrier.value), evenhand.__version__)
    run = cloudpickle.loads(cloudpickle.dumps(coder.run))  # type: ignore[no-untyped-call]

    (coded,) = run(batch_of("a belt", None))

    (batch,) = batch_of("a belt", None)
    expected = code_batch(batch, "c0", Model(carrier.bundle))
    assert coded.select(list(RESULT_FIELDS)).equals(expected)
    assert coded.column("text").to_pylist() == ["a belt", None]


def test_large_batches_are_coded_in_parts_of_which_no_row_is_lost(carrier: Counting) -> None:
    texts = [f"belt {number}" for number in range(5000)]
    coder = BatchCoder(0, ("text",), carrier.bundle.identity, carrier, evenhand.__version__)

    parts = list(coder.run(batch_of(*texts)))

    assert len(parts) > 1
    assert [text for part in parts for text in part.column("text").to_pylist()] == texts
