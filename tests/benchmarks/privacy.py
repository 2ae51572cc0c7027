"""What the privacy checks find and what they flag for nothing; appended to models/results.jsonl as kind `privacy`.

    python tests/benchmarks/privacy.py [FOLDER]

Reads every JSON Lines file of tests/nlp/privacy/data, or of the folder given: `text`, `clean` and `spans` with `start`,
`end`, `kind` and for names `origin`. A span is found if a finding of its kind overlaps it; false alarms are findings in
clean texts. Patterns alone and with names, each with its speed on one core over case notes of 170 words.
"""

from __future__ import annotations

import hashlib
import json
import math
import sys
import time
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT))

from evenhand.privacy import Checker, Finding, load_checker  # noqa: E402
from evenhand_training.results import append, stamp  # noqa: E402

DATA = ROOT / "tests/nlp/privacy/data"
NOTES = ROOT / "annotations/narratives.jsonl"
NOTE_WORDS = 170  # a case note's length, as in throughput.py
NOTES_TIMED = 200
NORMAL_95 = 1.959964  # two-sided 95% point of the normal distribution


def wilson(found: int, all_of_them: int) -> list[float]:
    """Wilson's 95% interval of a share."""
    if not all_of_them:
        return [0.0, 1.0]
    share, square = found / all_of_them, NORMAL_95**2
    middle = (share + square / (2 * all_of_them)) / (1 + square / all_of_them)
    half = NORMAL_95 * math.sqrt(share * (1 - share) / all_of_them + square / (4 * all_of_them**2))
    half /= 1 + square / all_of_them
    return [round(max(0.0, middle - half), 3), round(min(1.0, middle + half), 3)]


def overlaps(finding: Finding, span: dict[str, Any]) -> bool:
    """Whether they share a code point."""
    return finding.start < span["end"] and bool(span["start"] < finding.end)


def recall(found: Counter[str], caught: Counter[str], every: Counter[str]) -> dict[str, dict[str, Any]]:
    """Share found, with its interval, and share caught as whatever kind, by group."""
    return {
        group: {
            "spans": count,
            "recall": round(found[group] / count, 3),
            "interval": wilson(found[group], count),
            "caught_by_any": round(caught[group] / count, 3),
        }
        for group, count in sorted(every.items())
    }


def measured(checker: Checker, rows: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """Recall by kind and names' recall by origin, false alarms by kind."""
    every, found, caught, alarms = (Counter[str]() for _ in range(4))
    by_origin, named, named_caught = (Counter[str]() for _ in range(3))
    for row, findings in zip(rows, checker.check_many([row["text"] for row in rows]), strict=True):
        for span in row["spans"]:
            kinds = {finding.kind for finding in findings if overlaps(finding, span)}
            every[span["kind"]] += 1
            found[span["kind"]] += span["kind"] in kinds
            caught[span["kind"]] += bool(kinds)
            if span["kind"] == "name":
                by_origin[span.get("origin") or "not told"] += 1
                named[span.get("origin") or "not told"] += "name" in kinds
                named_caught[span.get("origin") or "not told"] += bool(kinds)
        if row["clean"]:
            alarms.update(finding.kind for finding in findings)
    words = sum(len(row["text"].split()) for row in rows if row["clean"])
    return {
        "kinds": recall(found, caught, every),
        "origins": recall(named, named_caught, by_origin),
        "clean_words": words,
        "false_alarms_per_1000_words": round(1000 * alarms.total() / words, 2) if words else None,
        "false_alarms": dict(sorted(alarms.items())),
    }


def speed(checker: Checker) -> float:
    """Texts of 170 words a second of this process's own time."""
    lines = NOTES.read_text(encoding="utf-8").splitlines()
    words = " ".join(sentence["text"] for line in lines for sentence in json.loads(line)["sentences"]).split()
    notes = [" ".join(words[place : place + NOTE_WORDS]) for place in range(0, NOTES_TIMED * NOTE_WORDS, NOTE_WORDS)]
    checker.check_many(notes[:8])
    begin = time.process_time()
    checker.check_many(notes)
    return round(len(notes) / (time.process_time() - begin), 1)


def digests(files: Sequence[Path]) -> dict[str, str]:
    """The first signs of each file's SHA-256 by its name: which texts were read."""
    return {file.name: hashlib.sha256(file.read_bytes()).hexdigest()[:12] for file in files}


def show(name: str, result: dict[str, Any]) -> None:
    """Print one checker's results as tables."""
    print(f"\n{name}: {result['version']}; {result['texts_per_second']} texts of {NOTE_WORDS} words a second")
    for title, table in (("kind", result["kinds"]), ("names by origin", result["origins"])):
        print(f"\n  {title:24}{'spans':>6}{'recall':>8}  95% interval    any kind")
        for group, row in table.items():
            low, high = row["interval"]
            print(
                f"  {group:24}{row['spans']:6}{row['recall']:8.3f}  {low:.3f} to {high:.3f}  {row['caught_by_any']:.3f}"
            )
    per_thousand, alarms = result["false_alarms_per_1000_words"], result["false_alarms"]
    print(f"\n  false alarms: {per_thousand} per 1,000 of {result['clean_words']} words; {alarms or 'none'}")


def main() -> None:
    """Measure both checkers, print, append."""
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else DATA
    files = sorted(folder.glob("*.jsonl"))
    if not files:
        sys.exit(f"no .jsonl file in {folder}")
    rows = [json.loads(line) for file in files for line in file.read_text(encoding="utf-8").splitlines() if line]
    line: dict[str, Any] = {"kind": "privacy", **stamp(), "files": digests(files), "texts": len(rows)}
    for name, names in (("patterns", False), ("names", True)):
        checker = load_checker(names=names)
        result = {"version": checker.version, "texts_per_second": speed(checker), **measured(checker, rows)}
        show(name, result)
        line[name] = result
    append(ROOT / "models/results.jsonl", line)


if __name__ == "__main__":
    main()
