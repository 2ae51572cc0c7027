"""Texts a second and quality of everything that could code these texts, on the same texts in one run.

    pip install --constraint constraints.txt '.[training,baselines,report,privacy]' \
        --requirement tests/benchmarks/requirements.txt
    python -m tests.benchmarks.batch                # fits what is not fitted yet, measures, logs, draws
    python -m tests.benchmarks.batch --quick        # all of it in small in two minutes; logs nothing

Appends a line of kind `speed` to models/results.jsonl: it reads the frozen test, and each reading is logged. Fitted
peers are kept below runs/benchmark-peers.
"""

from __future__ import annotations

import argparse
import json
import os
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from tests.benchmarks.batch.chart import draw
from tests.benchmarks.batch.fitting import SEED, fit_peers
from tests.benchmarks.batch.heads import Said
from tests.benchmarks.batch.limit import measured_limit, needed
from tests.benchmarks.batch.machine import machine, versions
from tests.benchmarks.batch.measure import Bench, fresh, growth, rates, tell
from tests.benchmarks.batch.peers import OURS, PEERS
from tests.benchmarks.batch.quality import is_equal, judge
from tests.benchmarks.batch.rows import CORPUS, ROOT, TEXT_SEED, Coded, Kind, judged_rows, timed_texts

import evenhand
from evenhand_training.corpus.reader import read_version
from evenhand_training.results import append, model_stamp
from evenhand_training.speed_tables import EQUAL_ON, speed_tables

GROWN = (OURS, f"{OURS}_names", "tfidf_linear")
QUICK_STARTED = (OURS, "tfidf_linear")  # the others take seconds to start


def main() -> None:
    """Fit, measure, print, log and draw."""
    given = _arguments()
    os.environ["HF_HUB_OFFLINE"] = "1"
    names = [name for name in PEERS if not given.peers or name in given.peers]
    root = given.cache / ("quick" if given.quick else "full")
    steps = list(dict.fromkeys(step for name in names for step in PEERS[name].steps))
    made = fit_peers(root, steps, quick=given.quick)
    if given.fit_only:
        return
    with TemporaryDirectory() as folder:
        line = _measured(given, names, root, Path(folder)) | {"fitted": made}
    print(speed_tables([line]))
    if not given.quick:
        append(given.log, line)
    if given.chart is not None:
        given.chart.write_text(draw(line), encoding="utf-8", newline="\n")
    if given.keep is not None:
        given.keep.write_text(json.dumps(line, ensure_ascii=False, indent=1), encoding="utf-8")


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.batch")
    parser.add_argument(
        "--quick", action="store_true", help="few texts and rounds; the test is not read, nothing logged"
    )
    parser.add_argument("--fit-only", action="store_true", help="fit the peers and stop")
    parser.add_argument("--peers", nargs="+", choices=list(PEERS), help="only these")
    parser.add_argument("--model", type=Path, help="folder of the released model; none for the installed one")
    parser.add_argument("--cores", type=int, nargs="+", help="none for 1 and 2, or 2 if quick")
    parser.add_argument("--rounds", type=int, help="interleaved rounds; none for 3, or 1 if quick")
    parser.add_argument("--notes", type=int, help="notes timed; none for 256, or 16 if quick")
    parser.add_argument("--descriptors", type=int, help="descriptors timed; none for 1,024, or 32 if quick")
    parser.add_argument("--rows", type=int, nargs="*", help="sizes of growth; none for 10^3 to 10^6, or 64 if quick")
    parser.add_argument("--most-seconds", type=float, default=400.0, help="a size of growth that takes longer is left")
    parser.add_argument("--cache", type=Path, default=ROOT / "runs" / "benchmark-peers")
    parser.add_argument(
        "--log",
        type=Path,
        default=ROOT / "models" / "results.jsonl",
        help="none for models/results.jsonl; a quick run is not logged",
    )
    parser.add_argument("--chart", type=Path, help="none for tests/benchmarks/speed.svg, or for none if quick")
    parser.add_argument("--keep", type=Path, help="also write the line here")
    given = parser.parse_args()
    defaults = {"rounds": (3, 1), "notes": (256, 16), "descriptors": (1024, 32)}
    for name, (full, quick) in defaults.items():
        if getattr(given, name) is None:
            setattr(given, name, quick if given.quick else full)
    given.cores = given.cores or ([2] if given.quick else [1, 2])
    given.rows = (
        given.rows if given.rows is not None else ([64] if given.quick else [10**power for power in range(3, 7)])
    )
    if not given.quick:
        given.chart = given.chart or ROOT / "tests" / "benchmarks" / "speed.svg"
    return given


def _measured(given: argparse.Namespace, names: list[str], root: Path, folder: Path) -> dict[str, Any]:
    """The line that is logged, but for what was fitted."""
    model, load = evenhand.load(given.model), machine()
    texts = timed_texts(given.notes, given.descriptors)
    files = {kind: folder / f"{kind}.json" for kind in texts}
    for kind, found in texts.items():
        files[kind].write_text(json.dumps(found), encoding="utf-8")
    bench = Bench(names, root, folder, files, given.model, once=given.quick)
    line: dict[str, Any] = {
        "kind": "speed",
        **model_stamp(model),
        "corpus_version": read_version(CORPUS),
        "quick": given.quick,
        "machine": load,
        "versions": versions(),
        "seeds": {"fit": SEED, "texts": TEXT_SEED},
        "rounds": given.rounds,
        "texts": {kind: {"texts": len(found), **needed(found)} for kind, found in texts.items()},
        "peers": _peers(bench, given),
    }
    grown = QUICK_STARTED if given.quick else GROWN
    line["growth"] = growth(bench, grown, given.rows, given.cores, most_seconds=given.most_seconds)
    tell("the limit of 8-bit products")
    return line | {"limit": _limit(line), "not_measured": bench.missing}


def _peers(bench: Bench, given: argparse.Namespace) -> dict[str, dict[str, Any]]:
    """Of each peer rates, starts and quality."""
    judged = judged_rows(quick=given.quick)
    peers: dict[str, dict[str, Any]] = {}
    said: dict[str, dict[str, Said]] = {}
    for cores in given.cores:
        # Answers do not depend on cores, so they are asked for once.
        measured, told = rates(bench, cores, given.rounds, judged if cores == given.cores[0] else {})
        said |= told
        for name, by_kind in measured.items():
            peers.setdefault(name, {}).setdefault("texts_per_second", {})[str(cores)] = by_kind
    started, starts = (QUICK_STARTED, 1) if given.quick else (bench.names, 3)
    parts = fresh(bench, started, max(given.cores), starts), _quality(said, judged)
    for name, figures in ((name, figures) for part in parts for name, figures in part.items()):
        peers[name] |= figures
    return peers


def _quality(
    said: dict[str, dict[str, Said]], judged: dict[str, tuple[Kind, list[Coded]]]
) -> dict[str, dict[str, Any]]:
    """Of each peer on each set and on all notes together, and whether it is of equal quality there."""
    sets = {name: (said[name], rows) for name, (_, rows) in judged.items()}
    notes = [name for name, (kind, _) in judged.items() if kind == "notes"]
    found: dict[str, dict[str, Any]] = {}
    for name, (told, rows) in sets.items():
        for peer, figures in judge(told, rows).items():
            found.setdefault(peer, {"quality": {}})["quality"][name] = figures
    every = [row for name in notes for row in sets[name][1]]
    joined = {peer: Said.joined([sets[name][0][peer] for name in notes]) for peer in found}
    for peer, figures in judge(joined, every).items():
        found[peer]["quality"][EQUAL_ON] = figures
        if "ours_better_by" in figures:
            found[peer]["equal_quality"] = is_equal(figures)
    return found


def _limit(line: dict[str, Any]) -> dict[str, Any]:
    """Multiply-adds a second of one core, and the share of them that Evenhand makes use of."""
    giga = measured_limit()
    shares = {}
    own = line["peers"].get(OURS, {}).get("texts_per_second", {}).get("1")
    for kind, texts in line["texts"].items():
        if own:
            rate = own[kind]["median"]
            shares[kind] = {
                "needed_once": round(rate * texts["giga_once"] / giga, 3),
                "by_sentence": round(rate * texts["giga_by_sentence"] / giga, 3),
            }
    return {"giga_multiply_adds_per_second": round(giga, 1), "share_reached": shares}


if __name__ == "__main__":
    main()
