"""The measurements: rates in interleaved rounds, fresh processes, growth with rows, and answers to be judged."""

from __future__ import annotations

import json
import statistics
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.benchmarks.batch.heads import Said
from tests.benchmarks.batch.peers import PEERS
from tests.benchmarks.batch.processes import Missing, Worker
from tests.benchmarks.batch.rows import KINDS, Coded, Kind

# Texts on which batch sizes are tried: as many as the largest of them, and few where nothing is to be found out.
SEARCHED, SEARCHED_ONCE = 128, 4


@dataclass(slots=True)
class Bench:
    """What all measurements share.

    Attributes:
        names: Of the peers; those that cannot be had are taken out and kept in `missing`, with why.
        root: Folder of the fitted peers.
        folder: For files that last as long as the run.
        texts: Files there of the timed texts.
        model: Folder of the released model; None for the installed one.
        once: Whether texts are scored once a timing, however little time that takes.
    """

    names: list[str]
    root: Path
    folder: Path
    texts: dict[Kind, Path]
    model: Path | None
    once: bool
    missing: dict[str, str] = field(default_factory=dict)
    batches: dict[tuple[str, int, Kind], int] = field(default_factory=dict)

    def worker(self, name: str, cores: int) -> Worker:
        """A fresh process with a peer, which begins to load."""
        return Worker(name, cores, root=self.root, model=self.model)

    @contextmanager
    def workers(self, cores: int) -> Iterator[dict[str, Worker]]:
        """A process for each peer that can be had, all at once and ready."""
        with ExitStack() as stack:
            begun = {name: stack.enter_context(self.worker(name, cores)) for name in self.names}
            for name, worker in begun.items():
                try:
                    worker.wait()
                except Missing as missing:
                    self.missing[name] = str(missing)
                    tell(f"{name}: not measured ({missing})")
            self.names = [name for name in self.names if name not in self.missing]
            yield {name: begun[name] for name in self.names}

    def batch(self, name: str, worker: Worker, cores: int, kind: Kind) -> int:
        """The batch size that a search found best on some of the texts."""
        key = (name, cores, kind)
        if key not in self.batches:
            told: dict[str, Any] = {"sizes": PEERS[name].sizes, "most": SEARCHED_ONCE if self.once else SEARCHED}
            found = worker.ask("search", texts=str(self.texts[kind]), kind=kind, **told)
            self.batches[key] = found["batch"]
        return self.batches[key]


def tell(step: str) -> None:
    """Say on standard error what comes next."""
    print(f"· {step}", file=sys.stderr, flush=True)


def rates(
    bench: Bench, cores: int, rounds: int, judged: Mapping[str, tuple[Kind, Sequence[Coded]]]
) -> tuple[dict[str, dict[Kind, dict[str, Any]]], dict[str, dict[str, Said]]]:
    """Texts a second by peer and kind of text, and by set of judged rows what each peer says.

    In each round every peer scores the same texts once, so that a machine that slows down slows all of them.
    """
    found: dict[str, dict[Kind, dict[str, Any]]] = {}
    said: dict[str, dict[str, Said]] = {}
    with bench.workers(cores) as workers:
        for kind in KINDS:
            batches = {name: bench.batch(name, worker, cores, kind) for name, worker in workers.items()}
            measured: dict[str, list[float]] = {name: [] for name in workers}
            for number in range(rounds):
                tell(f"{kind}, {cores} core(s), round {number + 1}")
                for name, worker in workers.items():
                    told: dict[str, Any] = {"kind": kind, "batch": batches[name], "once": bench.once}
                    one = worker.ask("score", texts=str(bench.texts[kind]), **told)
                    measured[name].append(one["rate"])
            for name, each in measured.items():
                found.setdefault(name, {})[kind] = {
                    "median": _round(statistics.median(each)),
                    "low": _round(min(each)),
                    "high": _round(max(each)),
                    "batch": batches[name],
                }
        for place, (set_name, (kind, rows)) in enumerate(judged.items()):
            tell(f"{set_name}: what everyone says of {len(rows)} rows")
            file = bench.folder / f"judged-{place}.json"
            file.write_text(json.dumps([row.text for row in rows]), encoding="utf-8")
            said[set_name] = {
                name: Said.of_json(
                    worker.ask("predict", texts=str(file), kind=kind, batch=bench.batch(name, worker, cores, kind))[
                        "said"
                    ]
                )
                for name, worker in workers.items()
            }
    return found, said


def fresh(bench: Bench, names: Sequence[str], cores: int, starts: int) -> dict[str, dict[str, Any]]:
    """By peer, seconds from the start of a process to the first result, and what a process has resident at most."""
    found: dict[str, dict[str, Any]] = {}
    for name in [name for name in names if name in bench.names]:
        tell(f"{name}: fresh processes")
        seconds = []
        for number in range(starts):
            with bench.worker(name, cores) as worker:
                worker.wait()
                batch = bench.batches.get((name, cores, "notes"), max(PEERS[name].sizes))
                told: dict[str, Any] = {"texts": str(bench.texts["notes"]), "kind": "notes", "batch": batch}
                seconds.append(worker.ask("score", **told, most=1, once=True)["at"] - worker.begun)
                if number == starts - 1:
                    worker.ask("score", **told, once=True)
                    peak = worker.ask("peak")["peak_mb"]
        found[name] = {"cold_start_seconds": round(statistics.median(seconds), 2), "peak_mb": peak}
    return found


def growth(
    bench: Bench, names: Sequence[str], rows: Sequence[int], cores: Sequence[int], *, most_seconds: float
) -> dict[str, dict[str, dict[str, Any]]]:
    """Rate and peak memory by peer, cores and number of made notes; sizes that would take too long are left out."""
    found: dict[str, dict[str, dict[str, Any]]] = {}
    for name in [name for name in names if name in bench.names]:
        for count in cores:
            told = found.setdefault(name, {})[str(count)] = {}
            rate = 0.0
            for size in rows:
                if rate and size / rate > most_seconds:
                    break
                tell(f"{name}: {size:,} made notes, {count} core(s)")
                with bench.worker(name, count) as worker:
                    worker.wait()
                    batch = bench.batch(name, worker, count, "notes")
                    grown = worker.ask("grow", rows=size, batch=batch, most_seconds=most_seconds)
                if "rate" not in grown:
                    break
                rate = grown["rate"]
                told[str(size)] = {
                    key: _round(value) if key != "peak_mb" else value for key, value in grown.items() if key != "at"
                }
    return found


def _round(rate: float) -> float:
    """Three significant digits."""
    return float(f"{rate:.3g}")
