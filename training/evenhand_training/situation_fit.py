"""Fit the same-situation score of `evenhand.consistency` to pairs that coders judged, and judge it on others.

Test pairs are proposals on documents that nobody had seen when features, threshold and weights were settled, with near
ones that were not proposed among them, judged twice without levels; where the two differ a pair counts as not the same.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy import stats
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GroupKFold, cross_val_predict

from evenhand.consistency.same_situation import FEATURES, Read, SameSituation, Weigher, features
from evenhand.consistency.wording import qualifiers
from evenhand.model import Model
from evenhand_training.corpus import Corpus, SituationPair
from evenhand_training.metrics import Bools, Floats

STRENGTH = 0.3  # inverse of the penalty on weights; from .1 to 1 cross-validated precision hardly changes
PRECISION = 0.95  # of pairs from the threshold on, cross-validated; of pairs not seen nine in ten are asked
FEWEST = 30  # pairs from which on a precision is taken for one
FOLDS, REPEATS, SEED = 10, 3, 2026


@dataclass(frozen=True, slots=True)
class SituationFit:
    """A fitted score and how it did under cross-validation.

    Attributes:
        score: The score.
        pairs: Pairs that agree in their qualifiers, which it was fitted to.
        same: Of these, those judged the same situation.
        precision: Of pairs from the threshold on.
        recall: Of the same pairs, those from the threshold on.
        passed_over: Same pairs that differ in their qualifiers and are never scored.
    """

    score: SameSituation
    pairs: int
    same: int
    precision: float
    recall: float
    passed_over: int


def read_texts(texts: Sequence[str], model: Model) -> dict[str, Read]:
    """What the model reads off each text."""
    unique = list(dict.fromkeys(texts))
    codings, embeddings = model.code_many(unique), model.embed_many(unique)
    return {
        text: Read.of(text, coding, embedding)
        for text, coding, embedding in zip(unique, codings, embeddings, strict=True)
    }


def descriptors_of(corpus: Corpus) -> list[str]:
    """All texts of a corpus that are or look like descriptors: what the rarity of words is taken from."""
    written = [row.text for row in corpus.authored if row.written_as == "descriptor"]
    return [*(row.text for row in corpus.descriptors), *written]


def fit_situations(pairs: Sequence[SituationPair], texts: Sequence[str], model: Model) -> SituationFit:
    """Fit the score.

    Args:
        pairs: Judged pairs to fit to.
        texts: Descriptors from which the rarity of words is taken.
        model: Whose readings are features.
    """
    weigh = Weigher(texts)
    reads = read_texts([text for pair in pairs for text in (pair.left, pair.right)], model)
    scored = [pair for pair in pairs if qualifiers(pair.left) == qualifiers(pair.right)]
    found = np.array([features(reads[pair.left], reads[pair.right], weigh) for pair in scored])
    same = np.array([pair.label == "same" for pair in scored])
    means, scales = found.mean(axis=0), found.std(axis=0)
    standard = (found - means) / scales
    stated = _cross_validated(standard, same, [pair.left for pair in scored])
    threshold = _threshold(stated, same)
    regression = LogisticRegression(C=STRENGTH).fit(standard, same)
    score = SameSituation(
        rarity=weigh.rarity,
        unseen=weigh.unseen,
        means=means,
        scales=scales,
        weights=regression.coef_[0],
        intercept=float(regression.intercept_[0]),
        threshold=threshold,
    )
    held = stated >= threshold
    return SituationFit(
        score=score,
        pairs=len(scored),
        same=int(same.sum()),
        precision=float(same[held].mean()),
        recall=float(same[held].sum() / same.sum()),
        passed_over=sum(pair.label == "same" for pair in pairs) - int(same.sum()),
    )


def _cross_validated(standard: Floats, same: Bools, texts: Sequence[str]) -> Floats:
    """Probabilities of pairs by fits that did not see a pair of the same left text."""
    groups = np.unique(np.array(texts), return_inverse=True)[1]
    total = np.zeros(len(same))
    for repeat in range(REPEATS):
        folds = GroupKFold(FOLDS, shuffle=True, random_state=SEED + repeat)
        regression = LogisticRegression(C=STRENGTH)
        total += cross_val_predict(regression, standard, same, cv=folds, groups=groups, method="predict_proba")[:, 1]
    return total / REPEATS


def _threshold(stated: Floats, same: Bools) -> float:
    """The lowest probability, in hundredths, from which on enough pairs are right; .99 if there is none."""
    for threshold in np.arange(0.50, 0.99, 0.01):
        held = stated >= threshold
        if held.sum() >= FEWEST and same[held].mean() >= PRECISION:
            return round(float(threshold), 2)
    return 0.99


def judge_situations(pairs: Sequence[SituationPair], score: SameSituation, model: Model) -> dict[str, Any]:
    """How many of the pairs that a score takes for the same situation are, with exact 95% intervals.

    Args:
        pairs: Judged pairs that the score was not fitted to.
        score: The score.
        model: Whose readings are features.
    """
    reads = read_texts([text for pair in pairs for text in (pair.left, pair.right)], model)
    held = [pair for pair in pairs if score.probability(reads[pair.left], reads[pair.right]) >= score.threshold]
    other_words = [pair for pair in held if pair.left.lower() != pair.right.lower()]
    return {
        "pairs": len(pairs),
        "taken_for_same": _share([pair.label == "same" for pair in held]),
        "of_other_words": _share([pair.label == "same" for pair in other_words]),
        "same_found": _share([pair in held for pair in pairs if pair.label == "same"]),
    }


def _share(right: Sequence[bool]) -> dict[str, float]:
    """A share with its exact interval (Clopper and Pearson 1934)."""
    if not right:
        return {"rows": 0}
    interval = stats.binomtest(sum(right), len(right)).proportion_ci(method="exact")
    found = {"value": sum(right) / len(right), "low": float(interval.low), "high": float(interval.high)}
    return {name: round(value, 4) for name, value in found.items()} | {"rows": len(right)}


def told(fit: SituationFit) -> dict[str, Any]:
    """The figures as plain JSON types."""
    weights = dict(zip(FEATURES, fit.score.weights.round(2).tolist(), strict=True))
    return {
        "pairs": fit.pairs,
        "same": fit.same,
        "passed_over": fit.passed_over,
        "threshold": fit.score.threshold,
        "cross_validated_precision": round(fit.precision, 4),
        "cross_validated_recall": round(fit.recall, 4),
        "weights": weights,
    }
