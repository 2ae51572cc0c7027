"""Worker processes as the benchmark talks to them."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from pathlib import Path
from tempfile import TemporaryFile
from types import TracebackType
from typing import Any, Self

from tests.benchmarks.batch.rows import ROOT

_TAIL = 1500  # characters of a failed worker's errors that are shown


class Missing(Exception):  # noqa: N818 - a peer that cannot be had is no error of the benchmark
    """The peer cannot be had here; says why."""


class Worker:
    """A process with one peer, which begins to load when this is made; several may load at once."""

    def __init__(self, peer: str, cores: int, *, root: Path, model: Path | None) -> None:
        self.peer = peer
        self.begun = time.monotonic()
        self._errors = TemporaryFile()  # noqa: SIM115 - closed with the process
        threads = {name: str(cores) for name in ("OMP_NUM_THREADS", "RAYON_NUM_THREADS", "MKL_NUM_THREADS")}
        self._process = subprocess.Popen(
            [sys.executable, "-W", "ignore", "-m", "tests.benchmarks.batch.worker"],
            cwd=ROOT,
            env={**os.environ, **threads, "HF_HUB_OFFLINE": "1", "TOKENIZERS_PARALLELISM": "true"},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._errors,
            text=True,
        )
        told = str(model) if model else None
        self._send({"peer": peer, "cores": cores, "root": str(root), "model": told})

    def wait(self) -> None:
        """Wait until the peer is ready.

        Raises:
            Missing: the peer cannot be had here.
        """
        ready = self._answer("start")
        if "missing" in ready:
            raise Missing(ready["missing"])

    def ask(self, do: str, **command: Any) -> dict[str, Any]:  # noqa: ANN401 - plain JSON
        """Send a command and wait for its answer."""
        self._send({"do": do, **command})
        return self._answer(do)

    def _send(self, line: dict[str, Any]) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps(line) + "\n")
        self._process.stdin.flush()

    def _answer(self, do: str) -> dict[str, Any]:
        assert self._process.stdout is not None
        answer = self._process.stdout.readline()
        if not answer:
            self._errors.seek(0)
            tail = self._errors.read().decode(errors="replace")[-_TAIL:]
            message = f"the worker of {self.peer} ended while asked to {do}:\n{tail}"
            raise RuntimeError(message)
        found: dict[str, Any] = json.loads(answer)
        return found

    def close(self) -> None:
        """End the process."""
        if self._process.stdin is not None:
            self._process.stdin.close()
        self._process.wait()
        if self._process.stdout is not None:
            self._process.stdout.close()
        self._errors.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
