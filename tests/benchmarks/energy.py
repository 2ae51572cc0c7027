"""How many seconds of processor time does it take to score notes, and how much electricity might that be?

    python -m tests.benchmarks.energy --notes 1000 [--log]

Writes made notes (`tests.benchmarks.batch.rows`) to a CSV file, scores it with the command without and with the
privacy gate, and takes the seconds of computing of the whole process, its start included. No power is measured: where
the machine lets its energy counters be read, use them instead. What the seconds come to in electricity is worked out by
`evenhand_training.records.energy`, under assumptions that the records state.
"""

from __future__ import annotations

import argparse
import csv
import json
import resource
import subprocess
import sys
import tempfile
from pathlib import Path

from tests.benchmarks.batch.machine import machine
from tests.benchmarks.batch.rows import ROOT, made_notes

from evenhand_training.encoder import load_tokenizer
from evenhand_training.records.energy import COUNTERS
from evenhand_training.results import append, stamp

MODES = ("off", "warn")  # of the privacy gate; "warn" looks for all that "refuse" looks for, and goes on
TOKENS_READ = 512  # more than any made note has


def cpu_seconds(command: list[str]) -> float:
    """Run a command to its end; return the user and system seconds of it and its children."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def main() -> None:
    """Measure, print, and log on request."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--notes", type=int, default=1000)
    parser.add_argument("--log", action="store_true", help="append to models/results.jsonl")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        source, tokens = Path(folder) / "notes.csv", load_tokenizer(TOKENS_READ)
        notes = [note for chunk in made_notes(given.notes, chunk=200) for note in chunk]
        with source.open("w", newline="", encoding="utf-8") as stream:
            csv.writer(stream).writerows([["text"], *([note] for note in notes)])
        command = [str(Path(sys.executable).with_name("evenhand")), "score", str(source)]
        outputs = {mode: Path(folder) / f"{mode}.jsonl" for mode in MODES}
        seconds = {
            mode: round(cpu_seconds([*command, "-o", str(output), "--privacy", mode]), 1)
            for mode, output in outputs.items()
        }
        about = json.loads(outputs["off"].with_name("off.jsonl.about.json").read_bytes())
    record = {
        "model": about["model"].partition(" ")[0],
        "notes": given.notes,
        "mean_tokens": round(sum(len(found.ids) for found in tokens.encode_batch(notes)) / len(notes), 1),
        "cpu_seconds": seconds,
        "processor": machine()["processor"],
        "counters_readable": Path(COUNTERS).exists(),
    }
    print(json.dumps(record, indent=2))
    if given.log:
        append(ROOT / "models/results.jsonl", {"kind": "energy", **stamp(), **record})


if __name__ == "__main__":
    main()
