"""Are the findings of 2018 found in documents built from them? Appended to models/results.jsonl as kind `findings`.

    python tests/benchmarks/findings.py

The documents of tests/nlp/consistency/storing-up-trouble hold seven findings of "Storing Up Trouble" (2018), four more
situations at different levels, and what only looks like one of them.
"""

from __future__ import annotations

import itertools
import json
import shutil
import sys
import tempfile
from collections import Counter
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT))

import evenhand  # noqa: E402
from evenhand.consistency import read_collection, same_pairs  # noqa: E402
from evenhand.documents.files import code_files  # noqa: E402
from evenhand_training.results import append, model_stamp  # noqa: E402

FACTS = ROOT / "tests/nlp/consistency/storing-up-trouble"


def true_pairs(truth: dict[str, Any]) -> dict[frozenset[tuple[str, str]], str]:
    """Pairs of different documents that are one situation at levels without one in common, by their fact."""
    return {
        frozenset(((one["file"], one["text"]), (other["file"], other["text"]))): finding["fact"]
        for finding in truth["findings"]
        for one, other in itertools.combinations(finding["members"], 2)
        if one["file"] != other["file"] and not set(one["levels"]) & set(other["levels"])
    }


def main() -> None:
    """Code, compare, print, append."""
    model, truth = evenhand.load(), json.loads((FACTS / "truth.json").read_text(encoding="utf-8"))
    with tempfile.TemporaryDirectory() as folder:
        coded = Path(folder) / "coded.jsonl"
        shutil.copy(FACTS / "levels.toml", coded.with_name("coded.jsonl.levels.toml"))
        code_files(sorted(FACTS.glob("*.txt")), coded, model=model)
        collection = read_collection([coded])
    told = [pair for pair in same_pairs(collection.descriptors, model) if pair.differs]
    found = {frozenset((row.document, row.text) for row in (pair.left, pair.right)) for pair in told}
    wanted = true_pairs(truth)
    line = {
        "kind": "findings",
        **model_stamp(model),
        "documents": len(collection.documents),
        "descriptors": len(collection.descriptors),
        "decoys": len(truth["decoys"]),
        "told": len(found),
        "false": len(found - set(wanted)),
        "pairs": dict(Counter(wanted.values())),
        "found": dict(Counter(fact for pair, fact in wanted.items() if pair in found)),
    }
    print(json.dumps(line, ensure_ascii=False))
    append(ROOT / "models/results.jsonl", line)


if __name__ == "__main__":
    main()
