"""A real standalone cluster on the loopback interface: a master and its workers, as processes of this machine.

What a worker starts (executors, and their Python) has its folder as working directory, by which all of it is found
again and ended, whatever a test did.
"""

from __future__ import annotations

import os
import re
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

GONE = (FileNotFoundError, ProcessLookupError, PermissionError)  # what a process that has ended gives
PATIENCE = 60  # seconds that a process may take to start or end on a machine that does other things too


@contextmanager
def cluster(directory: Path, *, workers: int) -> Iterator[str]:
    """Start a master and workers of one core each; yield the master's address.

    Args:
        directory: Where logs and working folders go.
        workers: How many.
    """
    directory = directory.resolve()
    started = []
    try:
        at_any_port = ["--host", "127.0.0.1", "--port", "0", "--webui-port", "0"]
        started.append(_start(directory, "master", ["org.apache.spark.deploy.master.Master", *at_any_port]))
        address = _said(directory / "master.log", r"Starting Spark master at (spark://127\.0\.0\.1:\d+)")
        for number in range(workers):
            name = f"worker-{number}"
            room = ["--cores", "1", "--memory", "1g", "--work-dir", str(directory / name)]
            command = ["org.apache.spark.deploy.worker.Worker", *at_any_port, *room, address]
            started.append(_start(directory, name, command))
        for number in range(workers):
            _said(directory / f"worker-{number}.log", f"(Successfully registered with master {address})")
        yield address
    finally:
        for process in reversed(started):
            process.communicate(timeout=PATIENCE)
        end_all_in(directory)


def executors(directory: Path) -> list[int]:
    """Return the process ids of the executors of a cluster."""
    return [pid for pid in _running_in(directory) if b"CoarseGrainedExecutorBackend" in _command(pid)]


def end_all_in(directory: Path) -> None:
    """End every process that works in a folder."""
    for pid in _running_in(directory):
        with suppress(*GONE):
            os.kill(pid, signal.SIGKILL)
    wait_until(lambda: not _running_in(directory), f"what runs in {directory.name} has ended")


def wait_until(true: Callable[[], bool], what: str) -> None:
    """Wait for something.

    Raises:
        TimeoutError: it did not come true.
    """
    deadline = time.monotonic() + PATIENCE
    while not true():
        if time.monotonic() > deadline:
            message = f"waited {PATIENCE} s until {what}"
            raise TimeoutError(message)
        time.sleep(0.05)


def _start(directory: Path, name: str, command: list[str]) -> subprocess.Popen[bytes]:
    import pyspark

    home = Path(pyspark.__file__).parent
    room = directory / name
    room.mkdir()
    # Should the test's own process be killed, its end of the pipe closes, `read` returns, and this one ends with it;
    # executors end by themselves when they lose their worker.
    watched = '"$@" <&- & read -r _; kill -9 $!'
    surroundings = {
        "SPARK_HOME": str(home),
        "SPARK_LOCAL_IP": "127.0.0.1",
        "SPARK_LOCAL_DIRS": str(room),
        "SPARK_DAEMON_MEMORY": "256m",
        "SPARK_MASTER_OPTS": "-Dspark.master.rest.enabled=false",
    }
    with (directory / f"{name}.log").open("wb") as log:
        return subprocess.Popen(
            ["bash", "-c", watched, name, str(home / "bin/spark-class"), *command],
            cwd=room,
            env=os.environ | surroundings,
            stdin=subprocess.PIPE,
            stdout=log,
            stderr=subprocess.STDOUT,
        )


def _said(log: Path, pattern: str) -> str:
    """Wait for a line of a log, and return its group."""
    wait_until(lambda: re.search(pattern, log.read_text()) is not None, f"{log.name} says {pattern}")
    found = re.search(pattern, log.read_text())
    assert found is not None
    return found[1]


def _running_in(directory: Path) -> list[int]:
    found = []
    for entry in Path("/proc").iterdir():
        with suppress(*GONE):
            if entry.name.isdigit() and (entry / "cwd").readlink().is_relative_to(directory):
                found.append(int(entry.name))
    return found


def _command(pid: int) -> bytes:
    with suppress(*GONE):
        return Path(f"/proc/{pid}/cmdline").read_bytes()
    return b""
