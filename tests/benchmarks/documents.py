"""How well test documents are read, by layout: what the tests demand, as a Markdown table.

Made documents are those of layouts that the reader was written for; blind ones were made by somebody who had not seen
it (README says what it found in them when they were first opened).
"""

from __future__ import annotations

import json
import re
import time
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from tests.documents.make_documents import DOCUMENTS, descriptors_of

from evenhand import documents
from evenhand.documents import Document

HERE = Path(__file__).parents[1] / "documents"


def plain(text: str) -> str:
    """A text as compared: without white space, hyphens, last full stop and capitals."""
    return re.sub(r"[\s\-‐‑–—]+", "", text).rstrip(".").lower()


def row(
    name: str, layout: str, gold: Iterable[str], levels: list[dict[str, Any]], seconds: float, read: Document
) -> str:
    """A row of the table."""
    wanted = {plain(text) for text in gold}
    found = {plain(descriptor.text) for descriptor in read.descriptors}
    right = len(found & wanted)
    proposed = [[str(code) for code in level.levels] for level in read.levels]
    sets = sum(level["set"] in proposed for level in levels)
    return (
        f"| {name} | {layout} | {len(wanted)} | {right / len(wanted):.2f} | {right / max(len(found), 1):.2f} "
        f"| {sets} of {len(levels)} | {len(read.troubles)} | {seconds:.1f} |"
    )


def main() -> None:
    """Read them all and print the table."""
    print("| document | layout | descriptors | recall | precision | level sets right | warnings | seconds |")
    print("|---|---|---|---|---|---|---|---|")
    for made in DOCUMENTS:
        spec = json.loads((HERE / "specs" / f"{made.spec}.json").read_text(encoding="utf-8"))
        gold = [told["text"] for told in descriptors_of(spec, running=made.running)]
        begin = time.perf_counter()
        read = documents.read(HERE / "made" / made.file)
        print(row(made.file, made.layout, gold, spec["levels"], time.perf_counter() - begin, read))
    for path in sorted((HERE / "blind").glob("*.gold.json")):
        told = json.loads(path.read_text(encoding="utf-8"))
        (file,) = [other for other in path.parent.glob(f"{path.name.split('.')[0]}.*") if other.suffix != ".json"]
        begin = time.perf_counter()
        read = documents.read(file)
        texts = [found["text"] for found in told["descriptors"]]
        print(row(file.name, "blind", texts, told["levels"], time.perf_counter() - begin, read))


if __name__ == "__main__":
    main()
