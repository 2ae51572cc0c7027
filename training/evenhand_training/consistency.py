"""Whether a model errs equally in every area that its network has not seen: pure functions on arrays, no I/O.

An area with graver rows must not be taken for one with larger error, since every reader of noisy texts grades the
gravest too low and the mildest too high. So an area is compared with rows of the same coded severity elsewhere, and
labels of areas are permuted within coded severities (Good 2005, Permutation, Parametric and Bootstrap Tests).

* Differences are studentised, with the spread of the area itself and that of the rows elsewhere, so that an area whose
  errors are only more spread is not taken for one whose errors are shifted (Chung and Romano 2013).
* P-values are adjusted for the number of areas by the smallest nominal p-value of each permutation (Westfall and Young
  1993, Resampling-Based Multiple Testing, min-P). By one step and not stepping down: where labels of all areas are
  permuted together, an area's null distribution depends on the others (Westfall and Troendle 2008).
* How far areas differ is estimated by the moments of Paule and Mandel (1982), which weigh areas by what they tell.

Areas of different folds are read by different networks, so what looks like an area may be the network of its fold; both
are part of the error in an area that was not seen.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy import stats

from evenhand_training.metrics import RESAMPLES, Bools, Floats, Integers, interval_of

LEAST_ROWS = 10  # of an area to be tested: its own spread then has nine degrees of freedom; fewer rows are only counted
PERMUTATIONS = 5000  # an adjusted p of .05 then has a standard error of .003
BATCH = 500  # permutations at a time, so that ten thousand rows take 40 MB
LEAST_ELSEWHERE = 2  # rows of the same coded severity in other areas, for a mean and a spread to compare with
# Rounding may leave a spread of equal errors just above or below zero.
LEAST_VARIANCE = 1e-12
LEAST_P = 1e-300  # the normal quantile of a smaller one is infinite
TIE = 1e-9  # relative; the same permutation summed in another order is a tie
HALVINGS = 60  # of the range of a variance: what is left of it is far below rounding


@dataclass(frozen=True, slots=True)
class EqualErrors:
    """One kind of error compared over areas, of which k have rows enough.

    Attributes:
        areas: Names of the areas that were tested, sorted, k.
        excess: Mean error beyond that of rows of the same coded severity elsewhere, shape (k,).
        standard_error: Of the excess, shape (k,).
        freedom: Degrees of freedom of the standard error, shape (k,).
        adjusted: P-value of each area, adjusted for all of them, two-sided, shape (k,).
        together: P-value of all areas having equal error, from the sum of their squared normal scores; nan for none.
    """

    areas: tuple[str, ...]
    excess: Floats
    standard_error: Floats
    freedom: Floats
    adjusted: Floats
    together: float

    def interval(self, place: int, *, confidence: float = 0.95) -> tuple[float, float]:
        """Student interval of one area's excess, not adjusted for the number of areas."""
        reach = float(stats.t.ppf((1 + confidence) / 2, self.freedom[place]) * self.standard_error[place])
        return float(self.excess[place]) - reach, float(self.excess[place]) + reach


@dataclass(frozen=True, slots=True)
class Spread:
    """Standard deviations of errors, in the unit of the errors, each with its 95% interval.

    Attributes:
        area: Between areas: of the mean error that an unseen area has by itself.
        row: Within areas: of a row's error around its area's mean.
    """

    area: tuple[float, float, float]
    row: tuple[float, float, float]


def equal_errors(
    errors: Floats,
    severity: Integers,
    areas: Sequence[str],
    *,
    seed: int,
    permutations: int = PERMUTATIONS,
    least_rows: int = LEAST_ROWS,
) -> EqualErrors:
    """Test that rows of the same coded severity err alike in all areas.

    Rows of areas with fewer than `least_rows` rows are compared with and permuted, but their areas are not tested. Of a
    severity with fewer than `LEAST_ELSEWHERE` rows elsewhere, an area's rows are left out of its comparison.

    Args:
        errors: Of each row, shape (n,).
        severity: Coded severity of each row, shape (n,): the strata within which areas are permuted.
        areas: Area of each row.
        seed: Of the permutations.
        permutations: How many.
        least_rows: Of an area to be tested.
    """
    _, strata = np.unique(severity, return_inverse=True)
    cells = _Cells.of(errors, strata, areas, least_rows)
    if not cells.areas:
        none = np.zeros(0)
        return EqualErrors((), none, none, none, none, float("nan"))
    excess, standard_error = cells.compare(errors[None, :])
    found = cells.nominal(excess, standard_error)[0]
    smallest, scores = [], []
    generator = np.random.default_rng(seed)
    for start in range(0, permutations, BATCH):
        shuffled = _shuffled(strata, min(BATCH, permutations - start), generator)
        nominal = cells.nominal(*cells.compare(errors[shuffled]))
        smallest.append(nominal.min(axis=1))
        scores.append(_squared_scores(nominal))
    least, total = np.concatenate(smallest), np.concatenate(scores)
    as_small = (least[:, None] <= found * (1 + TIE)).sum(axis=0)
    as_large = (total >= _squared_scores(found[None, :]) * (1 - TIE)).sum()
    return EqualErrors(
        areas=cells.areas,
        excess=excess[0],
        standard_error=standard_error[0],
        freedom=cells.rows - 1.0,
        adjusted=(1.0 + as_small) / (1.0 + permutations),
        together=float((1.0 + as_large) / (1.0 + permutations)),
    )


def _shuffled(strata: Integers, times: int, generator: np.random.Generator) -> Integers:
    """Row numbers, permuted within strata, shape (times, n)."""
    shuffled = np.empty((times, len(strata)), dtype=np.intp)
    for stratum in range(int(strata.max()) + 1):
        rows = np.flatnonzero(strata == stratum)
        shuffled[:, rows] = generator.permuted(np.tile(rows, (times, 1)), axis=1)
    return shuffled


def _squared_scores(nominal: Floats) -> Floats:
    scores: Floats = (stats.norm.isf(np.maximum(nominal, LEAST_P) / 2) ** 2).sum(axis=1)
    return scores


@dataclass(frozen=True, slots=True)
class _Cells:
    """Which rows are of which tested area and stratum, k areas and s strata.

    Attributes:
        areas: Names, k.
        member: Whether each row is of each cell that is compared, shape (n, k * s).
        counts: Rows of each cell that is compared, shape (k, s).
        elsewhere: Rows of each stratum in other areas, shape (k, s); at least `LEAST_ELSEWHERE` for the arithmetic.
        stratum: Whether each row is of each stratum, shape (n, s).
    """

    areas: tuple[str, ...]
    member: Floats
    counts: Floats
    elsewhere: Floats
    stratum: Floats

    @classmethod
    def of(cls, errors: Floats, strata: Integers, areas: Sequence[str], least_rows: int) -> _Cells:
        names, place = np.unique(np.asarray(areas), return_inverse=True)
        stratum = np.eye(int(strata.max(initial=0)) + 1)[strata]
        member = np.eye(len(names))[place][:, :, None] * stratum[:, None, :]
        counts = member.sum(axis=0)
        elsewhere = stratum.sum(axis=0) - counts
        compared: Bools = elsewhere >= LEAST_ELSEWHERE
        counts = counts * compared
        tested = np.flatnonzero(counts.sum(axis=1) >= least_rows)
        return cls(
            areas=tuple(str(names[area]) for area in tested),
            member=(member * compared)[:, tested].reshape(len(errors), -1),
            counts=counts[tested],
            elsewhere=np.maximum(elsewhere, LEAST_ELSEWHERE)[tested],
            stratum=stratum,
        )

    @property
    def rows(self) -> Floats:
        """Rows of each area that are compared, shape (k,)."""
        summed: Floats = self.counts.sum(axis=1)
        return summed

    def compare(self, errors: Floats) -> tuple[Floats, Floats]:
        """Excess and its standard error of each area, errors of shape (times, n), both of shape (times, k)."""
        shape = (len(errors), *self.counts.shape)
        here, here_squared = (each.reshape(shape) for each in (errors @ self.member, errors**2 @ self.member))
        # Strata hold the same rows in every permutation, so their sums can be taken from any.
        total, total_squared = (errors[:1] @ self.stratum)[:, None], (errors[:1] ** 2 @ self.stratum)[:, None]
        mean = (total - here) / self.elsewhere
        variance = (total_squared - here_squared - self.elsewhere * mean**2) / (self.elsewhere - 1)
        excess = (here - self.counts * mean).sum(axis=2) / self.rows
        squares = (here_squared - 2 * mean * here + self.counts * mean**2).sum(axis=2)
        own = (squares - self.rows * excess**2) / (self.rows - 1)
        compared_with = ((self.counts / self.rows[:, None]) ** 2 * variance / self.elsewhere).sum(axis=2)
        return excess, np.sqrt(np.maximum(own / self.rows + compared_with, LEAST_VARIANCE))

    def nominal(self, excess: Floats, standard_error: Floats) -> Floats:
        """Two-sided p-values by Student's t, which only put areas of few and many rows on one scale."""
        p: Floats = 2 * stats.t.sf(np.abs(excess / standard_error), self.rows - 1)
        return p


def error_spread(
    errors: Floats, areas: Sequence[str], groups: Sequence[str], *, seed: int, resamples: int = RESAMPLES
) -> Spread | None:
    """How far errors differ between areas and within them; None where no area has two rows, or there is one area.

    Paule and Mandel (1982): the variance between areas at which their weighted squared deviations are as many as
    expected; none is below zero. Intervals from resampling connected groups of areas: of corpora simulated with the
    shipped corpus's 46 areas they held the truth in about nine of ten.

    Args:
        errors: Of each row, shape (n,).
        areas: Area of each row.
        groups: Connected group of areas of each row.
        seed: Of the resampling.
        resamples: How many.
    """
    names, first, place, rows = np.unique(np.asarray(areas), return_index=True, return_inverse=True, return_counts=True)
    if len(names) < 2 or rows.max() < 2:
        return None
    means = np.bincount(place, weights=errors) / rows
    within = np.bincount(place, weights=(errors - means[place]) ** 2)
    group_names, group = np.unique(np.asarray(groups)[first], return_inverse=True)
    number = len(group_names)
    drawn = np.random.default_rng(seed).multinomial(number, np.full(number, 1 / number), size=resamples)
    drawn = drawn[:, group].astype(np.float64)
    enough = (drawn.sum(axis=1) >= 2) & (drawn @ (rows - 1.0) >= 1)
    times = np.concatenate([np.ones((1, len(names))), drawn[enough]])
    row_variance = (times @ within) / (times @ (rows - 1.0))
    area_variance = _between(times, means, rows.astype(np.float64), row_variance)
    area_sd, row_sd = np.sqrt(area_variance), np.sqrt(row_variance)
    return Spread(
        (float(area_sd[0]), *interval_of(area_sd[1:])),
        (float(row_sd[0]), *interval_of(row_sd[1:])),
    )


def _between(times: Floats, means: Floats, rows: Floats, row_variance: Floats) -> Floats:
    """Variance between areas, where each area stands so many times, shape (samples,), by halving its range."""

    def too_spread(between: Floats) -> Bools:
        weights = times / (between[:, None] + np.maximum(row_variance, LEAST_VARIANCE)[:, None] / rows)
        middle = (weights * means).sum(axis=1) / weights.sum(axis=1)
        deviations = (weights * (means - middle[:, None]) ** 2).sum(axis=1)
        found: Bools = deviations > times.sum(axis=1) - 1
        return found

    low = np.zeros(len(times))
    # Twice the areas times the squared range: deviations are then fewer than the areas less one.
    high = np.full(len(times), 2 * len(means) * float(np.ptp(means)) ** 2)
    above_zero = too_spread(low)
    for _ in range(HALVINGS):
        middle = (low + high) / 2
        wider = too_spread(middle)
        low, high = np.where(wider, middle, low), np.where(wider, high, middle)
    return np.where(above_zero, (low + high) / 2, 0.0)
