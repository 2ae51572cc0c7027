"""What a DataFrame's privacy gate looks at and does: the rules of `evenhand score`, where the rows are."""

from __future__ import annotations

import datetime
import json
import logging
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pytest

import evenhand
from evenhand import batch
from evenhand.batch.gate import Privacy
from evenhand.errors import InputError, MissingExtraError, PrivacyError
from evenhand.privacy import Kind, load_checker
from evenhand.spark import checks, gate, score
from evenhand.spark.checks import Looked
from evenhand.spark.scoring import METADATA
from evenhand.tables import open_table

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession
    from tests.spark.conftest import StartSession

    from evenhand.privacy import Checker

# pyspark says so of pandas 3, which nothing here uses: rows go through Arrow.
pytestmark = pytest.mark.filterwarnings("ignore:PySpark does not yet fully support pandas:FutureWarning")

EMAIL = "jo.bloggs@example.org"
NHS_NUMBER = "943 476 5919"


@pytest.fixture(scope="module")
def spark(start_session: StartSession) -> SparkSession:
    """One core, and so one Python worker, which loads the language model that looks for names once."""
    return start_session("local[1]")


@pytest.fixture(scope="module")
def clean(spark: SparkSession) -> DataFrame:
    return spark.createDataFrame([("a belt", "x"), ("damp at home", None)], "text string, area string")


@pytest.fixture(scope="module")
def telling(spark: SparkSession) -> DataFrame:
    rows = [
        (1, "a belt", f"write to {EMAIL}", ["home", f"NHS number {NHS_NUMBER}"]),
        (2, f"damp, says {EMAIL} to {EMAIL}", None, None),
        (3, "happy", "nothing", []),
    ]
    kinds = "id int, text string, remark string, more array<string>"
    return spark.createDataFrame(rows, kinds).repartition(2)


def facts(scored: DataFrame) -> dict[str, Any]:
    said: dict[str, Any] = scored.schema["level"].metadata[METADATA]["privacy"]
    return said


def counted(found: list[dict[str, Any]]) -> set[tuple[str, str, int, int]]:
    return {(each["column"], each["kind"], each["count"], each["rows"]) for each in found}


def test_identifiable_text_in_any_column_is_refused_with_counts_and_never_shown(
    telling: DataFrame, toy_bundle: Path
) -> None:
    with pytest.raises(PrivacyError) as refused:
        score(telling, "text", model=toy_bundle, privacy="patterns")

    said = str(refused.value)
    assert "email in 1 row of column 'text'" in said
    assert "email in 1 row of column 'remark'" in said
    assert "nhs number in 1 row of column 'more'" in said
    assert EMAIL not in said
    assert NHS_NUMBER not in said


def test_clean_text_is_scored_and_the_result_says_that_names_were_not_checked(
    clean: DataFrame, toy_bundle: Path
) -> None:
    scored = score(clean, "text", model=toy_bundle, privacy="patterns")

    assert scored.count() == 2
    assert facts(scored)["mode"] == "patterns"
    assert facts(scored)["names"] == "not checked"
    assert facts(scored)["found"] == []


def test_a_warning_has_the_counts_and_the_text_is_scored_as_it_is(
    telling: DataFrame, toy_bundle: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(gate, "checker_of", without_the_extra)

    with caplog.at_level(logging.WARNING, "evenhand.spark.gate"):
        scored = score(telling, "text", model=toy_bundle, privacy="warn")

    assert "email in 1 row of column 'text'" in caplog.text
    assert EMAIL not in caplog.text
    assert counted(facts(scored)["found"]) == {
        ("text", "email", 2, 1),
        ("remark", "email", 1, 1),
        ("more", "nhs_number", 1, 1),
    }
    assert scored.select(*telling.columns).orderBy("id").collect() == telling.orderBy("id").collect()


def test_what_is_found_is_what_is_found_in_a_file(
    telling: DataFrame, toy_bundle: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(gate, "checker_of", without_the_extra)
    source = tmp_path / "in.jsonl"
    source.write_text("".join(json.dumps(row.asDict()) + "\n" for row in telling.collect()))
    of_files = batch.gate.Gate(Privacy.PATTERNS)
    with open_table(source, chunk_rows=2) as table, pytest.raises(PrivacyError):
        of_files.refuse(table.chunks, table.name)

    found = facts(score(telling, "text", model=toy_bundle, privacy="warn"))["found"]

    assert counted(found) == counted(of_files.told()["found"])


def test_redaction_puts_placeholders_before_the_text_is_coded_and_carried(telling: DataFrame, toy_bundle: Path) -> None:
    scored = score(telling, "text", model=toy_bundle, privacy="redact")

    first, second, third = scored.orderBy("id").collect()
    assert (first.text, third.text, third.remark) == ("a belt", "happy", "nothing")
    assert "[EMAIL]" in first.remark
    assert second.text.count("[EMAIL]") == 2
    assert first.more[0] == "home"
    assert not any(sign in str(first) + str(second) for sign in (EMAIL, NHS_NUMBER))
    assert second.severity == pytest.approx(evenhand.load(toy_bundle).code(second.text).severity, abs=0.005)
    assert facts(scored)["names"] == "checked"


def test_texts_are_redacted_however_deep_they_lie_and_types_stay(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checks, "checker_of", lambda *, names: load_checker(names=False))
    inner = pa.struct([("day", pa.date32()), ("notes", pa.list_(pa.string()))])
    batch = pa.record_batch(
        {
            "map": pa.array([[("k", f"to {EMAIL}")], None], pa.map_(pa.string(), pa.string())),
            "struct": pa.array([{"day": datetime.date(2026, 3, 1), "notes": [EMAIL, None]}, None], inner),
            "surname": pa.array(["Whitcombe", None]),
        }
    )

    clean = checks.redacted(batch, [Looked(0, None, "a"), Looked(1, None, "b"), Looked(2, Kind.NAME, "name")])

    assert clean.schema.equals(batch.schema)
    assert clean.to_pylist()[0] == {
        "map": [("k", "to [EMAIL]")],
        "struct": {"day": datetime.date(2026, 3, 1), "notes": ["[EMAIL]", None]},
        "surname": "[NAME]",
    }
    assert clean.to_pylist()[1] == dict.fromkeys(batch.schema.names)


def test_a_column_whose_name_tells_what_it_holds_is_refused_whatever_its_type(
    spark: SparkSession, toy_bundle: Path
) -> None:
    df = spark.createDataFrame([("a belt", datetime.date(2019, 5, 1)), ("damp", None)], "text string, dob date")

    with pytest.raises(PrivacyError, match="date of birth in 1 row of column 'dob'"):
        score(df, "text", model=toy_bundle, privacy="patterns")
    with pytest.raises(PrivacyError, match="no text in which a placeholder could stand"):
        score(df, "text", model=toy_bundle, privacy="redact")
    assert score(df, "text", model=toy_bundle, privacy="patterns", unchecked=["dob"]).count() == 2


def test_a_column_that_is_not_to_be_checked_must_be_there(clean: DataFrame, toy_bundle: Path) -> None:
    with pytest.raises(InputError, match="there is no column 'aera'; did you mean 'area'"):
        score(clean, "text", model=toy_bundle, unchecked=["aera"])


def without_the_extra(*, names: bool) -> Checker:
    if names:
        message = "pip install 'evenhand[privacy]'"
        raise MissingExtraError(message)
    return load_checker(names=False)


@pytest.mark.parametrize("privacy", ["refuse", "redact"])
def test_names_that_cannot_be_looked_for_stop_what_promises_to(
    privacy: str, clean: DataFrame, toy_bundle: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(gate, "checker_of", without_the_extra)

    with pytest.raises(PrivacyError, match="give privacy='patterns'"):
        score(clean, "text", model=toy_bundle, privacy=privacy)


def test_by_default_names_are_looked_for(spark: SparkSession, toy_bundle: Path) -> None:
    df = spark.createDataFrame([("Eleanor Whitcombe hit him with a belt",)], "text string")

    with pytest.raises(PrivacyError, match="name in 1 row of column 'text'"):
        score(df, model=toy_bundle)


def test_the_key_of_a_row_is_no_case_number_and_another_columns_is(spark: SparkSession, toy_bundle: Path) -> None:
    df = spark.createDataFrame(
        [("REF-2024-00117", "He is late."), ("REF-2024-00217", "Late.")], "id string, text string"
    )

    assert facts(score(df, "text", model=toy_bundle, privacy="patterns"))["found"] == []
    with pytest.raises(PrivacyError, match="case number in 2 rows of column 'remark'"):
        score(df.withColumnRenamed("id", "remark"), "text", model=toy_bundle, privacy="patterns")
