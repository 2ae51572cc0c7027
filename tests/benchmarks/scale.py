"""Does scoring a large file take constant memory, and the same time for its last rows as for its first?

    python tests/benchmarks/scale.py --rows 1000000 [--log]

Writes a CSV file of distinct short texts (three descriptors of the corpus joined), scores it with the command, and
watches the memory of its process and the journal's progress.
"""

from __future__ import annotations

import argparse
import csv
import json
import random
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import psutil

CORPUS = Path(__file__).parents[2] / "annotations"
PARTS = 10  # of the run, whose rates are compared
_EVERY = 0.5  # seconds between two looks; a peak that lasts shorter is missed


def texts(rows: int, seed: int) -> Iterator[str]:
    """Distinct texts: any three short descriptors, in a random order that repeats none."""
    with (CORPUS / "descriptors.jsonl").open(encoding="utf-8") as lines:
        found = sorted({json.loads(line)["text"].rstrip(".") for line in lines})
    short = [text for text in found if len(text) <= 30]  # three have some fifteen tokens, and there are millions
    for place in random.Random(seed).sample(range(len(short) ** 3), rows):
        first, rest = divmod(place, len(short) ** 2)
        second, third = divmod(rest, len(short))
        # One sentence: several would be known from other rows.
        yield f"{short[first]}; {short[second]}; {short[third]}."


def watched(command: list[str], journal: Path) -> tuple[float, int, list[tuple[float, int]]]:
    """Run a command; return its seconds, its peak memory in bytes, and how many rows were done by which CPU second.

    What else the machine does moves the seconds that pass and not those that the process computes.
    """
    started = time.perf_counter()
    process = psutil.Popen(command)
    peak, done = 0, []
    while process.poll() is None:
        try:
            peak = max(peak, process.memory_info().rss)
            last = journal.read_bytes().rsplit(b"\n", 2)[-2] if journal.exists() else b""
            rows = json.loads(last.partition(b" ")[2]).get("read") if last else None
            if rows:
                used = process.cpu_times()
                done.append((used.user + used.system, rows))
        except (psutil.Error, OSError, ValueError, IndexError):
            pass  # between two states; the next look will do
        time.sleep(_EVERY)
    if process.returncode:
        raise SystemExit(process.returncode)
    return time.perf_counter() - started, peak, done


def rates(done: list[tuple[float, int]], rows: int) -> list[float]:
    """Rows a second of computing in each part of the run."""
    found = []
    for part in range(PARTS):
        inside = [point for point in done if rows * part / PARTS <= point[1] <= rows * (part + 1) / PARTS]
        if len(inside) > 1:
            (begin, first), (end, last) = inside[0], inside[-1]
            found.append((last - first) / (end - begin))
    return found


def main() -> None:
    """Measure, print, and log on request."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=20_000)
    parser.add_argument("--privacy", default="off")
    parser.add_argument("--model", help="a folder; a network of one table shows what all but the network takes")
    parser.add_argument("--suffix", default=".jsonl")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--log", action="store_true", help="append to models/results.jsonl")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        source, out = Path(folder) / "in.csv", Path(folder) / f"out{given.suffix}"
        with source.open("w", newline="", encoding="utf-8") as stream:
            writer = csv.writer(stream)
            writer.writerow(["id", "text"])
            writer.writerows(enumerate(texts(given.rows, given.seed)))
        command = [str(Path(sys.executable).with_name("evenhand")), "score", str(source), "-o", str(out)]
        command += ["--privacy", given.privacy, *(["--model", given.model] if given.model else [])]
        seconds, peak, done = watched(command, out.with_name(out.name + ".journal"))
        about = json.loads(out.with_name(out.name + ".about.json").read_bytes())
        size = out.stat().st_size
    by_part = rates(done, given.rows)
    record = {
        "rows": given.rows,
        "privacy": given.privacy,
        "format": given.suffix,
        "model": about["model"],
        "seconds": round(seconds, 1),
        "rows_per_second": round(given.rows / seconds, 1),
        "peak_mb": round(peak / 2**20),
        "rows_per_cpu_second_by_part": [round(rate, 1) for rate in by_part],
        "output_mb": round(size / 2**20),
        "seed": given.seed,
    }
    print(json.dumps(record, indent=2))
    if given.log:
        from evenhand_training.results import append, stamp

        append(CORPUS.parent / "models/results.jsonl", {"kind": "scale", **stamp(), **record})


if __name__ == "__main__":
    main()
