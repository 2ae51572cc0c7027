"""One peer in a process of its own, on as many cores as it may use: reads a command a line, answers with a line.

`score` times texts of a file, over and over until there is enough to time; `search` tries batch sizes; `predict` writes
what the peer says; `grow` scores made texts in chunks. Peaks of memory are those of this process and of its children.
"""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

LEAST_SECONDS = 1.0  # of a timing: a fast peer scores the texts several times
WARM_UP = 8  # texts that are scored before anything is timed
CHUNK = 8192  # made texts that are scored at once


def main() -> None:
    """Load the peer that the first line names, and answer until there are no more lines."""
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)  # what libraries print must not be taken for an answer
    begin = json.loads(sys.stdin.readline())
    cores = begin["cores"]
    if hasattr(os, "sched_setaffinity"):
        # Before anything is imported that counts cores.
        os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[-cores:])
    found = _ready(begin)
    worker = found if isinstance(found, _Worker) else None
    first: dict[str, Any] = {"ready": True} if worker else {"missing": found}
    print(json.dumps(first), file=answers, flush=True)
    while worker is not None and (line := sys.stdin.readline()):
        command = json.loads(line)
        answer = worker.commands[command.pop("do")](**command)
        print(json.dumps(answer | {"at": time.monotonic()}), file=answers, flush=True)


def _ready(begin: dict[str, Any]) -> _Worker | str:
    """The worker, or why this peer cannot be had here."""
    from tests.benchmarks.batch.peers import PEERS, Setting

    from evenhand.errors import EvenhandError

    model = Path(begin["model"]) if begin["model"] else None
    try:
        peer = PEERS[begin["peer"]].load(Setting(Path(begin["root"]), begin["cores"], model))
    except (ImportError, EvenhandError) as error:
        return f"{type(error).__name__}: {error}"
    return _Worker(peer)


class _Worker:
    def __init__(self, peer: Any) -> None:  # noqa: ANN401 - imported after cores are chosen
        self._peer = peer
        self._texts: dict[str, list[str]] = {}
        self.commands: dict[str, Callable[..., dict[str, Any]]] = {
            "score": self.score,
            "search": self.search,
            "predict": self.predict,
            "grow": self.grow,
            "peak": self.peak,
        }

    def score(self, texts: str, kind: str, batch: int, most: int | None = None, once: bool = False) -> dict[str, Any]:
        given = self._read(texts)[:most]
        begin, scored = time.perf_counter(), 0
        while True:
            self._peer.score(given, kind, batch)
            scored += len(given)
            seconds = time.perf_counter() - begin
            if once or seconds >= LEAST_SECONDS:
                return {"rate": scored / seconds}

    def search(self, texts: str, kind: str, sizes: list[int], most: int) -> dict[str, Any]:
        self.score(texts, kind, sizes[0], WARM_UP, once=True)
        if len(sizes) == 1:
            return {"batch": sizes[0]}
        rates = {size: self.score(texts, kind, size, most, once=True)["rate"] for size in sizes}
        return {"batch": max(rates, key=rates.__getitem__), "rates": rates}

    def predict(self, texts: str, kind: str, batch: int) -> dict[str, Any]:
        said: dict[str, Any] = self._peer.score(self._read(texts), kind, batch).to_json()
        return {"said": said}

    def grow(self, rows: int, batch: int, most_seconds: float) -> dict[str, Any]:
        from tests.benchmarks.batch.rows import made_notes

        seconds: list[tuple[int, float]] = []
        for texts in made_notes(rows, chunk=min(CHUNK, max(1, rows // 2))):
            begin = time.perf_counter()
            self._peer.score(texts, "notes", batch)
            seconds.append((len(texts), time.perf_counter() - begin))
            if sum(taken for _, taken in seconds) > most_seconds:
                return {"gave_up_after": sum(count for count, _ in seconds)}
        first, last = seconds[0], seconds[-1]
        return {
            "rate": sum(count for count, _ in seconds) / sum(taken for _, taken in seconds),
            "first_chunk": first[0] / first[1],
            "last_chunk": last[0] / last[1],
            **self.peak(),
        }

    def peak(self) -> dict[str, Any]:
        return {"peak_mb": round(sum(_peaks()) / 1024)}

    def _read(self, texts: str) -> list[str]:
        if texts not in self._texts:
            self._texts[texts] = json.loads(Path(texts).read_text(encoding="utf-8"))
        return self._texts[texts]


def _peaks() -> list[int]:
    """Kilobytes that this process and each of its children had resident at most."""
    own = os.getpid()
    children = Path(f"/proc/{own}/task/{own}/children").read_text(encoding="ascii").split()
    # Not ru_maxrss, which a process inherits from the one that started it.
    statuses = [Path(f"/proc/{process}/status").read_text(encoding="ascii") for process in (str(own), *children)]
    return [int(status.partition("VmHWM:")[2].split()[0]) for status in statuses if "VmHWM:" in status]


if __name__ == "__main__":
    main()
