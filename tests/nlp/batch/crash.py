"""A run that stops dead at a chosen point, as a killed process or a machine without power does; run as a script.

    python crash.py FOLDER SUFFIX SEEDS... [--power]

For each seed, a run of FOLDER/in.jsonl is stopped at a random operation on files, gone on with and stopped again, up to
three times, then finished. With --power, what was not yet put on the disk is lost as well: bytes behind the last fsync
of a file, and names given since the last fsync of their folder. Prints one JSON line for each seed.
"""

from __future__ import annotations

import json
import os
import random
import signal
import sys
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from evenhand.batch import score_file
from evenhand.result import Coding

CHUNK = 3
STOPS = 3


class Lengths:
    """Says how long a text is; a model without a model's weight."""

    identity = "lengths-1"

    def code_many(self, texts: Iterable[str]) -> list[Coding]:
        return [
            Coding(None, (), {}, None, (), {}, (), None, None, (), False, "lengths-1", f"{len(text)} characters")
            for text in texts
        ]


class Disk:
    """Counts operations on files, stops the process at one of them, and knows what is safe by then."""

    def __init__(self, folder: Path, stop_at: int, *, power: bool, seed: int) -> None:
        self.count = 0
        self._stop_at, self._power, self._random = stop_at, power, random.Random(seed)
        self._safe = {str(path): path.stat().st_size for path in folder.iterdir() if path.is_file()}
        self._renamed: list[tuple[str, str, bytes | None]] = []
        self._fsync, self._replace, self._unlink = os.fsync, os.replace, os.unlink
        os.fsync = self._wrapped(self._synced)
        os.replace = self._wrapped(self._moved)
        os.unlink = self._wrapped(self._removed)

    def _wrapped(self, work: Callable[..., None]) -> Callable[..., None]:
        def wrapper(*given: Any, **named: Any) -> None:  # noqa: ANN401 - as the functions that it stands for
            self._point()
            work(*given, **named)
            self._point()

        return wrapper

    def _point(self) -> None:
        self.count += 1
        if self.count == self._stop_at:
            if self._power:
                self._lose()
            os.kill(os.getpid(), signal.SIGKILL)

    def _synced(self, descriptor: int) -> None:
        self._fsync(descriptor)
        path = str(Path(f"/proc/self/fd/{descriptor}").readlink())
        if Path(path).is_dir():
            self._renamed = []
        else:
            self._safe[path] = os.fstat(descriptor).st_size

    def _moved(self, source: str | Path, target: str | Path) -> None:
        before = Path(target).read_bytes() if Path(target).exists() else None
        self._renamed.append((str(source), str(target), before))
        self._safe[str(target)] = self._safe.pop(str(source), 0)
        self._replace(source, target)

    def _removed(self, path: str | Path, *, dir_fd: int | None = None) -> None:
        self._unlink(path, dir_fd=dir_fd)

    def _lose(self) -> None:
        for path, safe in self._safe.items():
            if Path(path).exists() and Path(path).stat().st_size > safe:
                os.truncate(path, self._random.randint(safe, Path(path).stat().st_size))
        for source, target, before in reversed(self._renamed):
            if self._random.random() < 0.5:
                self._replace(target, source)
                if before is not None:
                    Path(target).write_bytes(before)


def score(folder: Path, suffix: str) -> None:
    score_file(
        folder / "in.jsonl",
        folder / f"out{suffix}",
        model=Lengths(),
        privacy="off",
        resume=True,
        chunk_rows=CHUNK,
    )


def attempt(folder: Path, suffix: str, stop_at: int, *, power: bool, seed: int) -> int:
    """Score in a process of its own that stops at one of its operations; return its wait status."""
    child = os.fork()
    if child == 0:
        try:
            Disk(folder, stop_at, power=power, seed=seed)
            score(folder, suffix)
            os._exit(0)
        except BaseException as error:  # what goes wrong is the parent's to judge
            print(f"{type(error).__name__}: {error}", file=sys.stderr, flush=True)
            os._exit(1)
    return os.waitpid(child, 0)[1]


def main(folder: Path, suffix: str, seeds: list[int], *, power: bool) -> None:
    if suffix == ".parquet":
        import evenhand.tables.parquet_writing  # noqa: F401 - once, not in each process
    operations = 4 + 8 * (len((folder / "in.jsonl").read_text().splitlines()) // CHUNK + 4)
    for seed in seeds:
        chance = random.Random(seed)
        for path in folder.glob(f"out{suffix}*"):
            path.unlink()
        stops = []
        for _ in range(STOPS):
            status = attempt(folder, suffix, chance.randint(1, operations), power=power, seed=seed)
            stops.append(status)
            if status == 0:
                break
        if stops[-1] != 0:
            stops.append(attempt(folder, suffix, 0, power=power, seed=seed))
        files = {path.name: path.read_bytes().hex() for path in sorted(folder.glob(f"out{suffix}*"))}
        print(json.dumps({"seed": seed, "stops": stops, "files": files}), flush=True)


if __name__ == "__main__":
    main(
        Path(sys.argv[1]),
        sys.argv[2],
        [int(one) for one in sys.argv[3:] if one != "--power"],
        power="--power" in sys.argv,
    )
