"""spaCy's text classifiers in one pipeline: `textcat` for the level and `textcat_multilabel` for issues.

Architecture, epochs, batches and rate are those of `evenhand_training.textcat`, which says why.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from tests.benchmarks.batch.heads import Floats, Thresholds
from tests.benchmarks.batch.rows import Coded

from evenhand.scheme import ISSUES, LEVELS

_LEVEL, _ISSUES = "textcat", "textcat_multilabel"
_LEAST = 1e-9  # probabilities are kept this far from 0 and 1, so that their logits are finite


def fit_textcat(rows: Sequence[Coded], told: Sequence[Coded], folder: Path, *, seed: int) -> None:
    """Fit on `rows`, issue thresholds on `told`, and write the folder."""
    import spacy

    # `textcat` wants one label of a text, so a row shows each of its levels in turn.
    levels = [
        [{level: float(place == one) for place, level in enumerate(LEVELS)} for one in row.levels] for row in rows
    ]
    issues = [[{issue: float(place in row.issues) for place, issue in enumerate(ISSUES)}] for row in rows]
    language = spacy.blank("en")
    for name, answers in ((_LEVEL, levels), (_ISSUES, issues)):
        language.add_pipe(name, source=_taught(name, rows, answers, seed=seed))
    language.to_disk(folder / "pipeline")
    Thresholds.fitted(Textcat(folder).logits([row.text for row in told], 128), told).write(folder)


def _taught(name: str, rows: Sequence[Coded], answers: Sequence[Sequence[dict[Any, float]]], *, seed: int) -> Any:  # noqa: ANN401
    """A pipeline with one classifier; spaCy publishes no types."""
    import spacy
    from spacy.training import Example
    from spacy.training.batchers import minibatch_by_words
    from thinc.api import fix_random_seed

    from evenhand_training.textcat import BATCH_WORDS, EPOCHS, HASHED, LEARNING_RATE

    fix_random_seed(seed)
    language = spacy.blank("en")
    model = {
        "@architectures": "spacy.TextCatBOW.v3",
        "exclusive_classes": name == _LEVEL,
        "length": HASHED,
        "ngram_size": 1,
        "no_output_layer": False,
    }
    language.add_pipe(name, config={"model": model})
    docs = [language.make_doc(row.text) for row in rows]
    shown = [
        [Example.from_dict(doc, {"cats": {str(label): one for label, one in cats.items()}}) for cats in of_row]
        for doc, of_row in zip(docs, answers, strict=True)
    ]
    optimiser = language.initialize(lambda: [examples[0] for examples in shown])
    optimiser.learn_rate = LEARNING_RATE
    generator = np.random.default_rng(seed)
    turns = [place for place, row in enumerate(rows) for _ in range(int(row.weight))]
    for epoch in range(EPOCHS):
        order = [turns[turn] for turn in generator.permutation(len(turns))]
        for batch in minibatch_by_words((shown[place][epoch % len(shown[place])] for place in order), BATCH_WORDS):
            language.update(batch, sgd=optimiser)
    return language


class Textcat:
    """The fitted peer."""

    def __init__(self, folder: Path) -> None:
        import spacy

        self._language = spacy.load(folder / "pipeline")
        self._labels = [*map(str, LEVELS), *map(str, ISSUES)]

    def logits(self, texts: Sequence[str], batch: int) -> Floats:
        """Of texts in order."""
        docs = self._language.pipe(texts, batch_size=batch)
        found = np.array([[doc.cats[label] for label in self._labels] for doc in docs]).clip(_LEAST, 1 - _LEAST)
        logits: Floats = np.log(found / (1 - found))
        return logits
