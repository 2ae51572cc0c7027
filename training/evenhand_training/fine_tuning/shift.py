"""How far the labels of own rows lie from those of the corpus: Jensen-Shannon divergence (Lin 1991), in bits.

A divergence of few rows is never 0. What chance gives is found by drawing as many rows from the corpus, many times.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from evenhand_training.metrics import Floats

DRAWS = 2000  # the quantile of .99 then rests on twenty draws
SEED = 2026


@dataclass(frozen=True, slots=True)
class Shift:
    """The shift of one kind of label.

    Attributes:
        what: The kind.
        rows: Own rows that have it.
        divergence: 0 where shares are equal, 1 where nothing is in common.
        by_chance: The quantile asked for, over samples of the corpus of as many rows.
        own: Share of each code among own rows, in percent.
        corpus: The same in the corpus.
    """

    what: str
    rows: int
    divergence: float
    by_chance: float
    own: dict[str, float]
    corpus: dict[str, float]


def shift_of(what: str, codes: tuple[str, ...], own: Floats, corpus: Floats, *, quantile: float) -> Shift:
    """Compare the labels of own rows, shape (n, codes), with those of the corpus, shape (m, codes).

    A row has the weight of each of its codes: 1.0 for one, shares for a set. There is at least one of each kind.
    """
    ours, theirs = _shares(own), _shares(corpus)
    generator = np.random.default_rng(SEED)
    draws = [divergence(_shares(corpus[generator.integers(0, len(corpus), len(own))]), theirs) for _ in range(DRAWS)]
    return Shift(
        what=what,
        rows=len(own),
        divergence=round(divergence(ours, theirs), 4),
        by_chance=round(float(np.quantile(draws, quantile)), 4),
        own={code: round(100 * float(share), 1) for code, share in zip(codes, ours, strict=True)},
        corpus={code: round(100 * float(share), 1) for code, share in zip(codes, theirs, strict=True)},
    )


def divergence(one: Floats, other: Floats) -> float:
    """Jensen-Shannon divergence of two distributions, in bits.

    >>> divergence(np.array([0.5, 0.5]), np.array([0.5, 0.5]))
    0.0
    >>> divergence(np.array([1.0, 0.0]), np.array([0.0, 1.0]))
    1.0
    """
    middle = (one + other) / 2
    return float((_relative(one, middle) + _relative(other, middle)) / 2)


def _relative(one: Floats, middle: Floats) -> float:
    held = one > 0
    return float((one[held] * np.log2(one[held] / middle[held])).sum())


def _shares(rows: Floats) -> Floats:
    total: Floats = rows.sum(axis=0)
    return total / max(float(total.sum()), 1e-12)  # rows without any code have no shares
