"""How well test documents are read, by layout: what the tests demand, logged and as the table in nlp/README.md.

Made documents are those of layouts that the reader was written for; blind ones were made by somebody who had not seen
it, and it was mended after they were opened. A folder given as argument holds documents that it has not seen: each with
`<name>.gold.json` beside it; they are logged as unseen.

    python tests/benchmarks/documents.py [FOLDER]
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT))

from tests.documents.make_documents import DOCUMENTS, descriptors_of  # noqa: E402
from tests.documents.scoring import score  # noqa: E402

from evenhand import documents  # noqa: E402
from evenhand_training.results import append, stamp  # noqa: E402

HERE = ROOT / "tests" / "documents"
LOG = ROOT / "models" / "results.jsonl"


def made() -> Iterator[tuple[Path, str, dict[str, Any]]]:
    """Made documents with their layout and what they hold."""
    for one in DOCUMENTS:
        spec = json.loads((HERE / "specs" / f"{one.spec}.json").read_text(encoding="utf-8"))
        gold = {"levels": spec["levels"], "descriptors": list(descriptors_of(spec, running=one.running))}
        yield HERE / "made" / one.file, one.layout, gold


def with_gold(folder: Path, layout: str) -> Iterator[tuple[Path, str, dict[str, Any]]]:
    """Documents of a folder that have their gold beside them."""
    for path in sorted(folder.glob("*.gold.json")):
        name = path.name.removesuffix(".gold.json")
        (file,) = [other for other in folder.glob(f"{name}.*") if other.suffix in (".pdf", ".docx", ".html", ".txt")]
        yield file, layout, json.loads(path.read_text(encoding="utf-8"))


def measured(file: Path, layout: str, gold: dict[str, Any]) -> dict[str, Any]:
    """One document's counts."""
    begin = time.perf_counter()
    read = documents.read(file)
    seconds = time.perf_counter() - begin
    found = score(read, gold)
    return {
        "file": file.name,
        "layout": layout,
        **asdict(found),
        "recall": round(found.recall, 3),
        "precision": round(found.precision, 3),
        "warnings": len(read.troubles),
        "seconds": round(seconds, 1),
    }


def main() -> None:
    """Read them all, log what was found, and print it."""
    unseen = Path(sys.argv[1]) if len(sys.argv) > 1 else None
    every = with_gold(unseen, "unseen") if unseen else (*made(), *with_gold(HERE / "blind", "blind"))
    rows = [measured(*one) for one in every]
    append(LOG, {"kind": "documents", "set": "unseen" if unseen else "tests", **stamp(), "documents": rows})
    for row in rows:
        print(json.dumps(row, ensure_ascii=False))


if __name__ == "__main__":
    main()
