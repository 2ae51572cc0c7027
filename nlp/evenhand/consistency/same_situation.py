"""Do two descriptors describe the same situation? A calibrated score from their words, issues and embeddings.

A logistic regression on eleven features of a pair, fitted to pairs that coders judged without knowing their levels
(annotations/situation-pairs.jsonl, `evenhand-training fit-situations`). Only pairs that agree in their qualifiers are
scored; the others differ in something that could rightly move the level.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from math import exp, log
from typing import Any

import numpy as np

from evenhand.consistency.rows import Array
from evenhand.consistency.wording import content, items, qualifiers, words
from evenhand.result import Coding
from evenhand.scheme import ISSUES

FEATURES = (
    "common share of words",
    "common share of either's words",
    "words of one alone",
    "words of the richer one alone",
    "issues apart",
    "lengths apart",
    "embeddings apart",
    "lists apart",
    "only one has or",
    "only one has and",
    "severity apart",
)
_APART = 1.02  # cosines reach 1; their distance from this has a finite logarithm
_SCALE = 10.0  # inverse frequencies of a text add up to about this


@dataclass(frozen=True, slots=True)
class Read:
    """What the model reads off a text, as far as pairs need it.

    Attributes:
        text: The text.
        issues: A probability for each issue, in one order for all texts, (issues,).
        severity: 1.0 to 6.0.
        embedding: Of unit length, (size,).
    """

    text: str
    issues: Array
    severity: float
    embedding: Array

    @classmethod
    def of(cls, text: str, coding: Coding, embedding: Array) -> Read:
        """From how a text is coded and where it lies; one in which nothing can be coded has the lowest severity."""
        issues = np.array([coding.issue_probabilities.get(issue, 0.0) for issue in ISSUES])
        return cls(text, issues, coding.severity or 1.0, embedding)


@dataclass(frozen=True, slots=True)
class SameSituation:
    """The score.

    Attributes:
        rarity: Logarithm of the inverse frequency of each stem in descriptors.
        unseen: Of a stem that occurs in none.
        means: Of the features, (features,).
        scales: Standard deviations of the features, (features,).
        weights: Of the standardised features, (features,).
        intercept: Log-odds at the means.
        threshold: From this probability on two texts count as the same situation: nine in ten or more of such pairs
        are.
    """

    rarity: Mapping[str, float]
    unseen: float
    means: Array
    scales: Array
    weights: Array
    intercept: float
    threshold: float

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> SameSituation:
        """Rebuild from what `to_json` gave."""
        arrays = {name: np.asarray(stored[name], dtype=np.float64) for name in ("means", "scales", "weights")}
        return cls(
            stored["rarity"], stored["unseen"], **arrays, intercept=stored["intercept"], threshold=stored["threshold"]
        )

    def to_json(self) -> dict[str, Any]:
        """Plain JSON types."""
        return {
            "features": list(FEATURES),
            "means": self.means.round(5).tolist(),
            "scales": self.scales.round(5).tolist(),
            "weights": self.weights.round(5).tolist(),
            "intercept": round(self.intercept, 5),
            "threshold": self.threshold,
            "unseen": round(self.unseen, 2),
            "rarity": {stem: round(value, 2) for stem, value in sorted(self.rarity.items())},
        }

    def probability(self, left: Read, right: Read) -> float:
        """Probability that two texts describe the same situation; 0.0 where their qualifiers differ.

        Texts of the same words in the same order are the same, whatever their capitals and signs.
        """
        if qualifiers(left.text) != qualifiers(right.text):
            return 0.0
        if words(left.text) == words(right.text):
            return 1.0
        return 1.0 / (1.0 + exp(-self.log_odds(features(left, right, self.weight))))

    def log_odds(self, found: Array) -> float:
        """Of a pair with these features."""
        return float(self.weights @ ((found - self.means) / self.scales)) + self.intercept

    def weight(self, stems: Iterable[str]) -> float:
        """How much content stems carry: the rarer, the more."""
        return sum(self.rarity.get(stem, self.unseen) for stem in stems)


class Weigher:
    """How much content stems carry, from how many of some texts have each."""

    def __init__(self, texts: Iterable[str]) -> None:
        counts: dict[str, int] = {}
        total = 0
        for text in texts:
            total += 1
            for stem in content(text):
                counts[stem] = counts.get(stem, 0) + 1
        self.rarity = {stem: log((total + 1) / (count + 1)) for stem, count in counts.items()}
        self.unseen = log(total + 1)

    def __call__(self, stems: Iterable[str]) -> float:
        """How much some stems carry together."""
        return sum(self.rarity.get(stem, self.unseen) for stem in stems)


def features(left: Read, right: Read, weight: Callable[[Iterable[str]], float]) -> Array:
    """The features of a pair in the order of `FEATURES`; the same whichever is the left one."""
    mine, theirs = content(left.text), content(right.text)
    common, either = weight(mine & theirs), weight(mine | theirs)
    alone = weight(mine - theirs), weight(theirs - mine)
    cosine = float(left.embedding @ right.embedding)
    # Where both have the same words, a comma between two of them lists nothing more.
    listed = abs(items(left.text) - items(right.text)) if mine != theirs else 0
    return np.array(
        [
            common / either if either else 1.0,
            max(common / (weight(own) or 1.0) for own in (mine, theirs)),
            sum(alone) / _SCALE,
            max(alone) / _SCALE,
            float(np.abs(left.issues - right.issues).max()),
            abs(log((len(mine) + 1) / (len(theirs) + 1))),
            log(_APART - min(cosine, 1.0)),
            float(listed),
            float((" or " in left.text.lower()) != (" or " in right.text.lower())),
            float((" and " in left.text.lower()) != (" and " in right.text.lower())),
            abs(left.severity - right.severity),
        ]
    )


@cache
def released() -> SameSituation:
    """The score that comes with this version."""
    stored = resources.files("evenhand").joinpath("data/same-situation.json").read_text(encoding="utf-8")
    return SameSituation.from_json(json.loads(stored))
