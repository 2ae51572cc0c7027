"""The command `fit-situations`: fit the same-situation score, judge it, write it where the library finds it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from evenhand_training.cli_shared import CORPUS, MODELS, CorpusOption

# Where the library keeps it, from the folder that holds the corpus folder.
SCORE = Path("nlp/evenhand/data/same-situation.json")


def fit_situations_command(
    corpus: CorpusOption = CORPUS,
    model: Annotated[Path | None, typer.Option("--model", help="A released model; none for the newest.")] = None,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="Where to write; none for the library's own place.")
    ] = None,
    results: Annotated[
        Path | None, typer.Option("--log", help="Where to append; none for models/results.jsonl.")
    ] = None,
) -> None:
    """Fit the score that tells whether two descriptors say the same, and judge it on pairs it was not fitted to."""
    import evenhand
    from evenhand_training.corpus import Corpus
    from evenhand_training.results import append, model_stamp
    from evenhand_training.situation_fit import descriptors_of, fit_situations, judge_situations, told

    read, loaded = Corpus.read(corpus), evenhand.load(model)
    parts = {part: [row for row in read.situation_pairs if row.part == part] for part in ("training", "test")}
    fit = fit_situations(parts["training"], descriptors_of(read), loaded)
    line = {
        "kind": "situations",
        **model_stamp(loaded),
        "corpus_version": read.version,
        **told(fit),
        "test": judge_situations(parts["test"], fit.score, loaded),
    }
    stored = json.dumps(fit.score.to_json(), ensure_ascii=False, indent=0)
    (output or corpus.parent / SCORE).write_text(stored + "\n", encoding="utf-8", newline="\n")
    append(results or MODELS / "results.jsonl", line)
    print(json.dumps(line, ensure_ascii=False))
