"""A DataFrame scored on a standalone cluster of two workers, also while one of its executors is killed."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pytest
from tests.spark.standalone import cluster, executors, wait_until

import evenhand
from evenhand.spark import score
from evenhand.tables.arrow_rows import RESULT_SCHEMA, coding_arrays
from evenhand.tables.columns import RESULT_FIELDS

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, Row, SparkSession
    from tests.spark.conftest import StartSession

# pyspark says so of pandas 3, which nothing here uses: rows go through Arrow.
pytestmark = [
    pytest.mark.filterwarnings("ignore:PySpark does not yet fully support pandas:FutureWarning"),
    pytest.mark.skipif(not Path("/proc/self/cwd").exists(), reason="processes are found through /proc"),
]

WORDS = ("belt", "bruise", "damp", "late", "happy", "denies belt", "previously bruise", "regards", "")
ROWS = 400
PARTITIONS = 8
LONGEST_JOB = 120  # seconds on a machine that does other things too


@pytest.fixture(scope="module")
def rooms(spark_home: Path) -> Path:
    directory = spark_home / "cluster"
    directory.mkdir()
    return directory


@pytest.fixture(scope="module")
def master(rooms: Path) -> Iterator[str]:
    with cluster(rooms, workers=2) as address:
        yield address


@pytest.fixture(scope="module")
def spark(master: str, start_session: StartSession) -> SparkSession:
    return start_session(master)


@pytest.fixture(scope="module")
def texts() -> list[str]:
    return [f"{WORDS[number % len(WORDS)]} at home, number {number}" for number in range(ROWS)]


@pytest.fixture(scope="module")
def expected(toy_bundle: Path, texts: list[str]) -> list[dict[str, Any]]:
    coded = pa.record_batch(coding_arrays(evenhand.load(toy_bundle).code_many(texts)), schema=RESULT_SCHEMA)
    rows: list[dict[str, Any]] = coded.to_pylist()
    return rows


def frame(spark: SparkSession, texts: list[str]) -> DataFrame:
    return spark.createDataFrame(list(enumerate(texts)), "id int, text string").repartition(PARTITIONS)


def held(marks: Path, leave: Path) -> Callable[[Iterable[Any]], Iterator[Any]]:
    """Rows as they come; from the third partition on they come when `leave` is there, and `marks` says who waits."""

    def pass_on(batches: Iterable[Any]) -> Iterator[Any]:
        import time

        from pyspark import TaskContext

        task = TaskContext.get()
        assert task is not None
        if task.partitionId() >= 2:
            (marks / f"{task.partitionId()}-{task.attemptNumber()}").touch()
            while not leave.exists():
                time.sleep(0.02)
        yield from batches

    return pass_on


def in_order(rows: list[Row]) -> list[dict[str, Any]]:
    return sorted((row.asDict(recursive=True) for row in rows), key=lambda row: int(row["id"]))


@contextmanager
def running(scored: DataFrame) -> Iterator[Future[list[Row]]]:
    """Run a job beside the test; one that never ends is left to the end of the session."""
    pool = ThreadPoolExecutor(1)
    try:
        yield pool.submit(scored.collect)
    finally:
        pool.shutdown(wait=False)


def test_two_workers_give_the_codings_of_one_machine(
    spark: SparkSession, toy_bundle: Path, texts: list[str], expected: list[dict[str, Any]], rooms: Path
) -> None:
    scored = score(frame(spark, texts), "text", model=toy_bundle, privacy="off")

    with running(scored) as job:
        rows = in_order(job.result(LONGEST_JOB))

    assert len(executors(rooms)) == 2
    assert [row["id"] for row in rows] == list(range(ROWS))
    assert [{name: row[name] for name in RESULT_FIELDS} for row in rows] == expected


def test_an_executor_killed_in_the_middle_loses_no_row_and_repeats_none(
    spark: SparkSession, toy_bundle: Path, texts: list[str], expected: list[dict[str, Any]], rooms: Path, tmp_path: Path
) -> None:
    leave = tmp_path / "leave"
    (marks := tmp_path / "marks").mkdir()
    df = frame(spark, texts)
    scored = score(df.mapInArrow(held(marks, leave), df.schema), "text", model=toy_bundle, privacy="off")
    wait_until(lambda: len(executors(rooms)) == 2, "two executors run")

    with running(scored) as job:
        try:
            wait_until(lambda: len(list(marks.iterdir())) == 2, "both executors are in the middle of a task")
            killed = executors(rooms)[0]
            os.kill(killed, signal.SIGKILL)
            wait_until(lambda: killed not in executors(rooms), "the executor has ended")
        finally:
            leave.touch()
        rows = in_order(job.result(LONGEST_JOB))

    assert any(mark.name.endswith("-1") for mark in marks.iterdir())  # a task was begun again
    assert [row["id"] for row in rows] == list(range(ROWS))
    assert [{name: row[name] for name in RESULT_FIELDS} for row in rows] == expected
