"""Write nlp/evenhand/privacy/data/english.txt: the ordinary words of the corpus, whose texts hold no names.

    python tests/nlp/privacy/make_words.py

A word counts as ordinary where some text has it in lower case. Words of the texts that stand only with a capital go to
the same file in capitals of their own, unless they are on a list of names: places, services and abbreviations.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from textwrap import fill

ROOT = Path(__file__).parents[3]
DATA = ROOT / "nlp/evenhand/privacy/data"
CORPUS = (
    "authored",
    "descriptors",
    "narratives",
    "whole-notes",
    "accumulation-sets",
    "assertion-sets",
    "claims",
    "framing-pairs",
    "severity-pairs",
    "situation-pairs",
)
_WORD = re.compile(r"[^\W\d_]+(?:['’-][^\W\d_]+)*")
LEAST = 2  # a capitalised word that stands once may be anything
HEAD = """\
# Ordinary words of the corpus in annotations/, made by tests/nlp/privacy/make_words.py; do not edit.
# Lower case: seen in lower case. Capitalised: seen with a capital only, and on no list of names.
"""


def texts(value: object) -> Iterator[str]:
    """Every string under a key whose name begins with "text", or within a list of such."""
    if isinstance(value, dict):
        for key, inner in value.items():
            if isinstance(inner, str):
                if key.startswith("text") or key in ("left", "right", "note"):
                    yield inner
            else:
                yield from texts(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from texts(inner)


def main() -> None:
    """Count, sort, write."""
    words: Counter[str] = Counter()
    for name in CORPUS:
        for line in (ROOT / f"annotations/{name}.jsonl").read_text(encoding="utf-8").splitlines():
            for text in texts(json.loads(line)):
                words.update(_WORD.findall(text.replace("’", "'")))
    names = {
        word.lower()
        for file in ("given-names", "surnames")
        for line in (DATA / f"{file}.txt").read_text(encoding="utf-8").splitlines()
        if not line.startswith("#")
        for word in line.split()
    }
    lower = {word for word in words if word == word.lower()}
    capital = {
        word
        for word, count in words.items()
        if count >= LEAST and word[0].isupper() and word.lower() not in lower | names
    }
    body = fill(" ".join([*sorted(lower), *sorted(capital)]), 120, break_long_words=False, break_on_hyphens=False)
    (DATA / "english.txt").write_text(f"{HEAD}{body}\n", encoding="utf-8")
    print(len(lower), "in lower case,", len(capital), "with a capital")


if __name__ == "__main__":
    main()
