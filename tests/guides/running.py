"""Run what stands on a page as a reader would, in a folder of its own, with a service that answers."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

ADDRESS = "http://127.0.0.1:8000"  # that pages give; requests go to the service of the tests
PATIENCE = 240.0  # seconds for one command or the start of the service, on a machine that has other work
_SECONDS = re.compile(r"\b\d+(\.\d+)? s\b")
_ELLIPSIS = "..."


class PageError(Exception):
    """A line of a page did not do what the page says."""


def environment() -> dict[str, str]:
    """Of a reader's terminal, with the commands of this Python first."""
    scripts = str(Path(sys.executable).parent)
    return {
        **os.environ,
        "PATH": os.pathsep.join([scripts, os.environ.get("PATH", "")]),
        "COLUMNS": "100",
        "NO_COLOR": "1",
        "PYTHONIOENCODING": "utf-8",
        "OMP_NUM_THREADS": "2",
    }


def run_line(line: str, folder: Path, *, status: int = 0) -> str:
    """Run one line of a shell; what it prints on both outputs, in its order.

    Raises:
        PageError: it ends with another status.
    """
    return _ran(["bash", "-c", line], line, folder, status)


def run_python(code: str, folder: Path) -> str:
    """Run a block of Python by itself; what it prints.

    Raises:
        PageError: it fails.
    """
    return _ran([sys.executable, "-c", code], "the block", folder, 0)


def _ran(command: list[str], told: str, folder: Path, status: int) -> str:
    done = subprocess.run(
        command,
        cwd=folder,
        env=environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        encoding="utf-8",
        timeout=PATIENCE,
    )
    if done.returncode != status:
        message = f"{told}: exit status {done.returncode} and not {status}; it printed\n{done.stdout[-2000:]}"
        raise PageError(message)
    return done.stdout


def plain(line: str) -> str:
    """A printed line without what differs from run to run: spaces and seconds."""
    return _SECONDS.sub("_ s", " ".join(line.split()))


def missing_lines(expected: str, printed: str) -> list[str]:
    """Lines that a page shows and that were not printed in this order.

    A line of the page may be a part of a longer one, and "..." in it stands for anything.
    """
    rest = iter([plain(line) for line in printed.splitlines()])
    wanted = [plain(line) for line in expected.splitlines() if line.strip()]
    patterns = [".*".join(re.escape(part.strip()) for part in line.split(_ELLIPSIS)) for line in wanted]
    return [
        line
        for line, pattern in zip(wanted, patterns, strict=True)
        if not any(re.search(pattern, found) for found in rest)
    ]


@contextmanager
def service(folder: Path) -> Iterator[str]:
    """A service as `evenhand serve --privacy patterns` starts it, on a free port; its address once all is ready."""
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port = found.getsockname()[1]
    command = [shutil.which("evenhand", path=environment()["PATH"]) or "evenhand", "serve", "--privacy", "patterns"]
    process = subprocess.Popen(
        [*command, "--port", str(port)], cwd=folder, env=environment(), stderr=subprocess.DEVNULL
    )
    try:
        address = f"http://127.0.0.1:{port}"
        end = time.monotonic() + PATIENCE
        while not _ready(address):
            if time.monotonic() > end or process.poll() is not None:
                message = "the service did not get ready"
                raise PageError(message)
            time.sleep(0.5)
        yield address
    finally:
        process.send_signal(signal.SIGINT)
        process.wait(timeout=PATIENCE)


def _ready(address: str) -> bool:
    try:
        with urllib.request.urlopen(f"{address}/readyz") as answer:  # noqa: S310 - the service of the tests
            told: dict[str, str] = json.load(answer)
            return told.get("areas") == "ready"
    except (urllib.error.URLError, ConnectionError):
        return False
