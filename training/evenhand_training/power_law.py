"""How an error falls with rows: error = a + b (rows + worth * other rows) ** -c.

The form is that of Hestness et al. (2017, "Deep learning scaling is predictable, empirically"); that larger sizes weigh
more follows Figueroa et al. (2012, "Predicting sample size required for classification performance"). Rows of another
kind, whose number stays, stand for some rows of the kind that grows. The curves of one fit share the exponent c and
that worth, because a single curve that few rows judge tells neither; a and b are each curve's own and never below 0.
Pure functions over arrays.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

EXPONENTS = np.round(np.arange(0.1, 1.51, 0.1), 2)  # Hestness et al. found .07 to .5; beyond 1.5 a curve is a step
# From "a row of the other kind is worth nothing" to "as much as one of this kind", in doublings.
WORTHS = np.concatenate([[0.0], 2.0 ** np.arange(-9, 1)])
LEAST_SPREAD = 1e-30  # all sizes equal: the slope is then 0 and not a division by 0


@dataclass(frozen=True, slots=True)
class Curves:
    """Errors at growing sizes of the training set, for several curves.

    Attributes:
        rows: Rows of the kind that grows, shape (sizes, curves), growing.
        other: Rows of the other kind, which stay, shape (curves,).
        errors: Shape (draws, sizes, curves); the first draw is the estimate, the others resample what it rests on.
        importance: What a curve counts in the choice of what is shared, shape (curves,): for instance the rows that it
            is judged by, for an error of few rows is noise.
    """

    rows: Floats
    other: Floats
    errors: Floats
    importance: Floats

    def effective(self, rows: Floats, worth: Floats) -> Floats:
        """Rows and what the others are worth, one more so that none is 0; shapes broadcast."""
        counted: Floats = 1.0 + rows + worth * self.other
        return counted


@dataclass(frozen=True, slots=True)
class Laws:
    """Fitted laws.

    Attributes:
        exponent: c, shape (draws,).
        worth: Shape (draws,).
        floor: a, shape (draws, curves).
        scale: b, shape (draws, curves); 0 where the error does not fall with rows.
    """

    exponent: Floats
    worth: Floats
    floor: Floats
    scale: Floats

    def error(self, curves: Curves, rows: Floats) -> Floats:
        """Error of each curve at a number of rows of its own, shape (curves,); shape (draws, curves)."""
        counted = curves.effective(rows, self.worth[:, None])
        found: Floats = self.floor + self.scale * counted ** -self.exponent[:, None]
        return found


def fit_laws(curves: Curves, seen: Bools | None = None) -> Laws:
    """Fit a law to every curve of every draw: weighted least squares over a grid of exponents and worths.

    Args:
        curves: The curves.
        seen: Which points count, shape (sizes, curves), two or more of each curve; None for all.
    """
    draws, sizes, count = curves.errors.shape
    counting = np.ones((sizes, count), dtype=np.bool_) if seen is None else seen
    least = np.full(draws, np.inf)
    found = Laws(np.zeros(draws), np.zeros(draws), np.zeros((draws, count)), np.zeros((draws, count)))
    for worth in WORTHS:
        counted = curves.effective(curves.rows, worth)
        weights = np.where(counting, counted, 0.0)
        weights = weights / weights.sum(axis=0)
        for exponent in EXPONENTS:
            x = counted**-exponent
            floor, scale = _line(x, curves.errors, weights)
            left = curves.errors - floor[:, None, :] - scale[:, None, :] * x
            loss = np.einsum("dpc,pc->d", left**2, weights * curves.importance)
            better = loss < least
            least[better], found.exponent[better], found.worth[better] = loss[better], exponent, worth
            found.floor[better], found.scale[better] = floor[better], scale[better]
    return found


def _line(x: Floats, errors: Floats, weights: Floats) -> tuple[Floats, Floats]:
    """Intercept and slope of the weighted line of errors on x, neither below 0; each of shape (draws, curves)."""
    middle = (weights * x).sum(axis=0)
    mean = np.einsum("dpc,pc->dc", errors, weights)
    spread = (weights * (x - middle) ** 2).sum(axis=0)
    slope = np.maximum(np.einsum("dpc,pc->dc", errors, weights * (x - middle)) / np.maximum(spread, LEAST_SPREAD), 0.0)
    through_zero = np.einsum("dpc,pc->dc", errors, weights * x) / (weights * x**2).sum(axis=0)
    slope = np.where(mean < slope * middle, through_zero, slope)
    return np.maximum(mean - slope * middle, 0.0), slope
