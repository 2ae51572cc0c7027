"""A real Spark: in this process's machine only, on the loopback interface, stopped and cleared away at the end."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

import pytest

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

StartSession: TypeAlias = "Callable[[str], SparkSession]"

# Processes that live for seconds: compiling much and collecting in parallel would cost more than it gains.
JAVA_OPTIONS = "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC"
CONFIGURATION = {
    "spark.driver.extraJavaOptions": JAVA_OPTIONS,
    "spark.executor.extraJavaOptions": JAVA_OPTIONS,
    "spark.ui.enabled": "false",
    "spark.ui.showConsoleProgress": "false",
    "spark.log.level": "ERROR",
    "spark.driver.host": "127.0.0.1",
    "spark.driver.bindAddress": "127.0.0.1",
    "spark.driver.memory": "512m",
    "spark.executor.memory": "512m",
    "spark.sql.shuffle.partitions": "2",
    "spark.sql.session.timeZone": "UTC",
}


def java_found() -> bool:
    home = os.environ.get("JAVA_HOME")
    return shutil.which("java") is not None or (home is not None and (Path(home) / "bin/java").exists())


@pytest.fixture(scope="session")
def spark_home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Where Spark may write; its Java process ends with this fixture."""
    if not java_found():
        pytest.skip("Java is not installed, and Spark runs on it")
    directory = tmp_path_factory.mktemp("spark")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SPARK_LOCAL_IP", "127.0.0.1")
        patch.setenv("SPARK_LOCAL_DIRS", str(directory / "local"))
        patch.setenv("PYSPARK_PYTHON", sys.executable)
        patch.setenv("SPARK_DAEMON_JAVA_OPTS", JAVA_OPTIONS)
        patch.setenv("SPARK_LAUNCHER_OPTS", JAVA_OPTIONS)
        patch.delenv("SPARK_HOME", raising=False)
        try:
            yield directory
        finally:
            _end_java()


def _end_java() -> None:
    from pyspark import SparkContext

    gateway = SparkContext._gateway
    if gateway is not None:
        gateway.shutdown()
        java = gateway.proc
        java.stdin.close()
        java.wait(timeout=30)
        SparkContext._gateway = SparkContext._jvm = None


@pytest.fixture(scope="module")
def start_session(spark_home: Path) -> Iterator[StartSession]:
    """Start a session on a master; it is stopped when the module's tests are over."""
    from pyspark.sql import SparkSession

    sessions = []

    def start(master: str) -> SparkSession:
        builder = SparkSession.builder.master(master).config("spark.sql.warehouse.dir", str(spark_home / "warehouse"))
        for name, value in CONFIGURATION.items():
            builder = builder.config(name, value)
        sessions.append(builder.getOrCreate())
        return sessions[-1]

    yield start
    for session in sessions:
        session.stop()


@pytest.fixture(scope="module")
def spark(start_session: StartSession) -> SparkSession:
    """Two cores of this machine."""
    return start_session("local[2]")
