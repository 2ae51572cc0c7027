"""The service as its users have it: a process of its own, on a port of the system's choosing."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import httpx
import pytest

if TYPE_CHECKING:
    from playwright.sync_api import Browser

_COMMAND = (sys.executable, "-c", "from evenhand_serve.cli import main; main()")
_PATIENCE = 60.0  # seconds for loading the models on a busy machine
_MEMORY = Path("/dev/shm")  # noqa: S108 - looked at only


@dataclass(slots=True)
class Server:
    """A service that runs.

    Attributes:
        process: Of its command.
        url: Where it listens.
        log: What it writes to both its streams.
        temporary: Its folder for temporary files.
        memory_before: What was in the file system in memory before it began.
    """

    process: subprocess.Popen[bytes]
    url: str
    log: Path
    temporary: Path
    memory_before: set[Path]

    @property
    def said(self) -> str:
        """Everything that it has written so far."""
        return self.log.read_text(encoding="utf-8", errors="replace")

    def stop(self) -> int:
        """Ask it to end, and return its exit status."""
        self.process.terminate()
        return self.process.wait(_PATIENCE)

    def folders(self) -> set[Path]:
        """Folders in memory that were made since it started."""
        return _folders() - self.memory_before

    def children(self) -> set[int]:
        """Processes that it started; where they work, nobody but root could see."""
        found = set()
        for status in Path("/proc").glob("[0-9]*/status"):
            with suppress(OSError):
                if f"PPid:\t{self.process.pid}\n" in status.read_text(encoding="utf-8"):
                    found.add(int(status.parent.name))
        return found

    def left_over(self) -> set[Path]:
        """Folders that it made and did not remove; those that a process works in are none, and may be others'."""
        give_up = time.monotonic() + 5
        while True:
            inside = {path for path in self.temporary.rglob("*") if path.name.startswith("evenhand")}
            left = (_folders() - self.memory_before - _worked_in()) | inside
            if not left or time.monotonic() > give_up:
                return left
            time.sleep(0.2)


StartServer = Callable[..., Server]


def _folders() -> set[Path]:
    return set(_MEMORY.glob("evenhand-serve-*"))


def _worked_in() -> set[Path]:
    """Current folders of all processes that run."""
    found = set()
    for link in Path("/proc").glob("[0-9]*/cwd"):
        with suppress(OSError):
            found.add(link.readlink())
    return found


def wait_until(true: Callable[[], bool], *, within: float = _PATIENCE) -> None:
    """Wait for something, or fail."""
    give_up = time.monotonic() + within
    while not true():
        assert time.monotonic() < give_up, "it did not happen in time"
        time.sleep(0.05)


def _started(place: Path, arguments: Sequence[str]) -> Server:
    log, temporary = place / "log.txt", place / "temporary"
    temporary.mkdir()
    environment = {**os.environ, "TMPDIR": str(temporary), "PYTHONUNBUFFERED": "1", "HF_HUB_OFFLINE": "1"}
    before = _folders()
    with log.open("wb") as file:
        process = subprocess.Popen(
            [*_COMMAND, "serve", "--port", "0", "--no-areas", "--privacy", "patterns", *arguments],
            stdin=subprocess.DEVNULL,
            stdout=file,
            stderr=subprocess.STDOUT,
            env=environment,
            cwd=place,
        )
    server = Server(process, "", log, temporary, before)
    try:
        wait_until(lambda: _address(server.said) is not None or process.poll() is not None)
        address = _address(server.said)
        assert address is not None, server.said
        server.url = address
        wait_until(lambda: _ready(address))
    except BaseException:
        process.kill()
        process.wait()
        raise
    return server


def _address(said: str) -> str | None:
    found = re.search(r"^Evenhand on (http://\S+:\d+)", said, re.MULTILINE)
    return None if found is None else found[1]


def _ready(url: str) -> bool:
    try:
        return httpx.get(f"{url}/readyz").status_code == 200
    except httpx.TransportError:
        return False


@pytest.fixture(scope="session")
def start_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[StartServer]:
    """Start a service and wait until it is ready; it is ended with the tests at the latest."""
    servers: list[Server] = []

    def start(*arguments: str) -> Server:
        servers.append(_started(tmp_path_factory.mktemp("served"), arguments))
        return servers[-1]

    yield start
    for server in servers:
        if server.process.poll() is None:
            server.stop()


@pytest.fixture(scope="session")
def server(start_server: StartServer) -> Server:
    """One service for many tests."""
    return start_server()


@pytest.fixture(scope="session")
def client(server: Server) -> Iterator[httpx.Client]:
    """A client of it."""
    with httpx.Client(base_url=server.url, timeout=_PATIENCE) as made:
        yield made


@pytest.fixture(scope="session")
def command() -> Callable[..., subprocess.CompletedProcess[str]]:
    """Run `evenhand` to its end, in a process of its own: `command("tokens", "list")`."""

    def run(*arguments: object) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [*_COMMAND, *map(str, arguments)], capture_output=True, text=True, timeout=_PATIENCE, check=False
        )

    return run


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """A Chromium for the tests of a file; what drives it is imported where it is used."""
    from tests.serve.browser import open_browser

    with open_browser() as opened:
        yield opened
