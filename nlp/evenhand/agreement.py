"""Krippendorff's alpha for two or more coders, with intervals from resampling; arithmetic only.

After K. Krippendorff, "Computing Krippendorff's Alpha-Reliability" (2011). Codes are numbers (levels and severities by
their place in the order) or sets of codes; units that fewer than two coders coded do not count.
"""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from math import isnan
from typing import Any, TypeVar

import numpy as np
import numpy.typing as npt

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
    return _agreement(units, documents, lambda codes, _: _distances(codes, nominal))


def ordinal_agreement(units: Sequence[Sequence[int | None]], documents: Sequence[Hashable] | None = None) -> Agreement:
    """Alpha of ordered codes.

    Args:
        units: For each unit the code of each coder; None where a coder gave none.
        documents: The document of each unit. With `FEWEST_DOCUMENTS` or more, whole documents are resampled for the
            interval, since units of one document are alike; with fewer, units are.
    """
    return _agreement(units, documents, _ordinal_distances)


def set_agreement(
    units: Sequence[Sequence[frozenset[str] | None]], documents: Sequence[Hashable] | None = None
) -> Agreement:
    """Alpha of sets of codes under MASI; `documents` as in `ordinal_agreement`."""
    known: dict[int, npt.NDArray[np.float64]] = {}

    def distances(codes: Sequence[frozenset[str]], _: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
        if not known:  # the same in every resample
            known[0] = _distances(codes, masi)
        return known[0]

    return _agreement(units, documents, distances)


def _distances(codes: Sequence[_Code], distance: Callable[[_Code, _Code], float]) -> npt.NDArray[np.float64]:
    return np.array([[distance(left, right) for right in codes] for left in codes])


def _ordinal_distances(codes: Sequence[int], counts: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """As `ordinal`, between all codes at once; they are sorted, and `counts` says how often each was given."""
    middle = np.cumsum(counts) - counts / 2
    return (middle[:, None] - middle[None, :]) ** 2


def _agreement(
    units: Sequence[Sequence[_Code | None]],
    documents: Sequence[Hashable] | None,
    distances: Callable[[Sequence[_Code], npt.NDArray[np.float64]], npt.NDArray[np.float64]],
) -> Agreement:
    """Alpha with its interval, by coincidences: how often each two codes were given to one unit (Krippendorff 2011, E).

    `distances` gives those between all codes, by their order and how often each was given.
    """
    names = range(len(units)) if documents is None else documents
    coded = [
        (name, [code for code in unit if code is not None])
        for unit, name in zip(units, names, strict=True)
        if sum(code is not None for code in unit) > 1
    ]
    groups = {name: place for place, name in enumerate(dict.fromkeys(name for name, _ in coded))}
    whole = documents is not None and len(groups) >= FEWEST_DOCUMENTS
    values = sorted({code for _, unit in coded for code in unit}, key=_order)
    places = {code: place for place, code in enumerate(values)}
    entries = [
        (groups[name] if whole else number, places[left] * len(values) + places[right], 1 / (len(unit) - 1))
        for number, (name, unit) in enumerate(coded)
        for left, right in itertools.permutations(unit, 2)
    ]
    if not entries:
        return Agreement(float("nan"), float("nan"), float("nan"), 0)
    drawn_from = len(groups) if whole else len(coded)
    group, pair, share = (np.array(column) for column in zip(*entries, strict=True))

    def measured(weights: npt.NDArray[np.float64]) -> float:
        together = np.bincount(pair, share * weights[group], minlength=len(values) ** 2)
        together = together.reshape(len(values), len(values))
        counts = together.sum(axis=1)
        apart = distances(values, counts)
        expected = float(counts @ apart @ counts)
        return 1 - (counts.sum() - 1) * float((together * apart).sum()) / expected if expected else float("nan")

    generator = np.random.default_rng(SEED)
    draws = generator.multinomial(drawn_from, np.full(drawn_from, 1 / drawn_from), size=RESAMPLES).astype(float)
    known = [draw for draw in map(measured, draws) if not isnan(draw)]
    tail = (1 - INTERVAL) / 2
    low, high = np.quantile(known, [tail, 1 - tail]) if known else (float("nan"), float("nan"))
    value = measured(np.ones(drawn_from))
    return Agreement(value, float(low), float(high), len(coded), len(groups) if whole else 0)


def _order(code: object) -> Any:  # noqa: ANN401 - codes are of one kind, which can be compared
    """Codes in a fixed order; sets, which have none of their own, by their members."""
    return sorted(code) if isinstance(code, frozenset) else code
