"""Whether an unknown word is made like a name or like an English word: letters in threes, counted in our own lists.

A naive Bayes estimate over trigrams of letters (as in language identification, Cavnar and Trenkle 1994): fast, and as
good for names of one origin as of another as far as the lists hold both. Standard library only.
"""

from __future__ import annotations

import math
from collections import Counter
from functools import cache

from evenhand.privacy.words import given_names, not_people, ordinary, surnames

_SMOOTHING = 0.5
# The mean log ratio over a word's trigrams rarely passes 1; at 1 it weighs as much as a telling word beside it.
_FULL_WEIGHT = 0.3
_MOST = 0.3


@cache
def name_likeness(folded: str) -> float:
    """From -0.3 (made like a word or thing) over 0 (cannot be told) to 0.3 (made like a name)."""
    names, words = _counts()
    all_names, all_words = names.total(), words.total()
    distinct = len(names | words)
    grams = _grams(folded)
    ratio = sum(
        math.log((names[gram] + _SMOOTHING) / (all_names + _SMOOTHING * distinct))
        - math.log((words[gram] + _SMOOTHING) / (all_words + _SMOOTHING * distinct))
        for gram in grams
    )
    return max(-_MOST, min(_MOST, _FULL_WEIGHT * ratio / len(grams)))


@cache
def _counts() -> tuple[Counter[str], Counter[str]]:
    known = ordinary() | not_people()
    names = given_names() | surnames()
    return (
        Counter(gram for word in names - known for gram in _grams(word)),
        Counter(gram for word in known - names for gram in _grams(word)),
    )


def _grams(word: str) -> list[str]:
    padded = f"^{word}$"
    return [padded[place : place + 3] for place in range(max(1, len(padded) - 2))]
