"""Krippendorff's alpha for two or more coders, with intervals from resampling; arithmetic only.

After K. Krippendorff, "Computing Krippendorff's Alpha-Reliability" (2011). Codes are numbers (levels and severities by
their place in the order) or sets of codes; units that fewer than two coders coded do not count.
"""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from functools import cache
from math import isnan
from typing import TypeVar

import numpy as np

RESAMPLES = 1_000  # the ends of a 95% interval then vary by about a twentieth of its width
INTERVAL = 0.95
SEED = 2026
FEWEST_DOCUMENTS = 5  # resampled as wholes; with fewer, most resamples would be of two or three different ones
_Code = TypeVar("_Code", bound=Hashable)


@dataclass(frozen=True, slots=True)
class Agreement:
    """Alpha with its interval.

    Attributes:
        alpha: 1 is perfect, 0 what chance would give; nan where the codes do not vary.
        low: Lower end of the 95% interval from resampling.
        high: Upper end.
        units: Units that two or more coders coded.
        documents: That were resampled; 0 where units were, as if each stood alone.
    """

    alpha: float
    low: float
    high: float
    units: int
    documents: int = 0


def alpha(units: Sequence[Sequence[_Code | None]], distance: Callable[[_Code, _Code], float]) -> float:
    """Krippendorff's alpha under a distance.

    Args:
        units: For each unit the code of each coder; None where a coder gave none.
        distance: Between two codes, 0 for equal ones; already squared where the metric squares it.
    """
    coded = [[code for code in unit if code is not None] for unit in units]
    coded = [codes for codes in coded if len(codes) > 1]
    total = sum(map(len, coded))
    if not total:
        return float("nan")
    observed = sum(
        2.0 * sum(distance(left, right) for left, right in itertools.combinations(codes, 2)) / (len(codes) - 1)
        for codes in coded
    )
    counts = Counter(code for codes in coded for code in codes)
    expected = sum(
        2.0 * counts[left] * counts[right] * distance(left, right) for left, right in itertools.combinations(counts, 2)
    )
    return 1.0 - (total - 1) * observed / expected if expected else float("nan")


def ordinal(units: Sequence[Sequence[int | None]]) -> Callable[[int, int], float]:
    """The ordinal distance for these units: squared ranks between two codes, half of each end counted."""
    counts = Counter(
        code for unit in units if sum(c is not None for c in unit) > 1 for code in unit if code is not None
    )

    def distance(left: int, right: int) -> float:
        low, high = min(left, right), max(left, right)
        between = sum(count for code, count in counts.items() if low <= code <= high)
        return float(between - (counts[low] + counts[high]) / 2) ** 2 if low != high else 0.0

    return distance


def masi(left: frozenset[str], right: frozenset[str]) -> float:
    """Distance of sets: Jaccard's, weighted by whether one holds the other (R. Passonneau 2006)."""
    if left == right:
        return 0.0
    common, either = len(left & right), len(left | right)
    if not common:
        return 1.0
    weight = 2 / 3 if left <= right or right <= left else 1 / 3
    return 1.0 - common / either * weight


def nominal(left: Hashable, right: Hashable) -> float:
    """The nominal distance: 0 for equal codes, 1 for others."""
    return float(left != right)


def nominal_agreement(units: Sequence[Sequence[str | None]], documents: Sequence[Hashable] | None = None) -> Agreement:
    """Alpha of codes without an order; `documents` as in `ordinal_agreement`."""
    return _agreement(units, documents, lambda drawn: alpha(drawn, nominal))


def ordinal_agreement(units: Sequence[Sequence[int | None]], documents: Sequence[Hashable] | None = None) -> Agreement:
    """Alpha of ordered codes.

    Args:
        units: For each unit the code of each coder; None where a coder gave none.
        documents: The document of each unit. With `FEWEST_DOCUMENTS` or more, whole documents are resampled for the
            interval, since units of one document are alike; with fewer, units are.
    """
    return _agreement(units, documents, lambda drawn: alpha(drawn, ordinal(drawn)))


def set_agreement(
    units: Sequence[Sequence[frozenset[str] | None]], documents: Sequence[Hashable] | None = None
) -> Agreement:
    """Alpha of sets of codes under MASI; `documents` as in `ordinal_agreement`."""
    distance = cache(masi)  # the same few sets meet in every resample
    return _agreement(units, documents, lambda drawn: alpha(drawn, distance))


def _agreement(
    units: Sequence[Sequence[_Code | None]],
    documents: Sequence[Hashable] | None,
    measure: Callable[[Sequence[Sequence[_Code | None]]], float],
) -> Agreement:
    names = range(len(units)) if documents is None else documents
    groups: dict[Hashable, list[Sequence[_Code | None]]] = {}
    for unit, name in zip(units, names, strict=True):
        if sum(code is not None for code in unit) > 1:
            groups.setdefault(name, []).append(unit)
    coded = [unit for group in groups.values() for unit in group]
    whole = documents is not None and len(groups) >= FEWEST_DOCUMENTS
    drawn_from = list(groups.values()) if whole else [[unit] for unit in coded]
    generator = np.random.default_rng(SEED)
    draws = [
        measure([u for place in generator.integers(len(drawn_from), size=len(drawn_from)) for u in drawn_from[place]])
        for _ in range(RESAMPLES if coded else 0)
    ]
    known = [draw for draw in draws if not isnan(draw)]
    tail = (1 - INTERVAL) / 2
    low, high = np.quantile(known, [tail, 1 - tail]) if known else (float("nan"), float("nan"))
    return Agreement(measure(coded), float(low), float(high), len(coded), len(groups) if whole else 0)
