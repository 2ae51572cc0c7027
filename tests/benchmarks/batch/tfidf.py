"""TF-IDF of words, word pairs and letter runs into linear heads, as in `evenhand_training.baselines`."""

from __future__ import annotations

import pickle
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from tests.benchmarks.batch.heads import Floats, Heads, Thresholds
from tests.benchmarks.batch.rows import Coded


def fit_tfidf(rows: Sequence[Coded], told: Sequence[Coded], folder: Path) -> None:
    """Fit on `rows`, issue thresholds on `told`, and write the folder."""
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.pipeline import FeatureUnion

    from evenhand_training.baselines import MOST_FEATURES

    vectoriser = FeatureUnion(
        [
            ("words", TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True, min_df=2, max_features=MOST_FEATURES)),
            (
                "letters",
                TfidfVectorizer(
                    analyzer="char_wb", ngram_range=(3, 5), sublinear_tf=True, min_df=3, max_features=MOST_FEATURES
                ),
            ),
        ]
    )
    heads = Heads.fitted(vectoriser.fit_transform([row.text for row in rows]).tocsr(), rows)
    heads.write(folder)
    Thresholds.fitted(heads.logits(vectoriser.transform([row.text for row in told])), told).write(folder)
    (folder / "vectoriser.pickle").write_bytes(pickle.dumps(vectoriser))


class Tfidf:
    """The fitted peer."""

    def __init__(self, folder: Path) -> None:
        # Written by this benchmark on this machine.
        self._vectoriser: Any = pickle.loads((folder / "vectoriser.pickle").read_bytes())  # noqa: S301
        self._heads = Heads.read(folder)

    def logits(self, texts: Sequence[str], batch: int) -> Floats:
        """Of texts in order; `batch` has no use here."""
        return self._heads.logits(self._vectoriser.transform(texts))
