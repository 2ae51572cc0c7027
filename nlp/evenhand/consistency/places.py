"""Where the parameters of the model of thresholds stand in a vector: those of the nation, then those of each area."""

from __future__ import annotations

from dataclasses import dataclass
from math import pi
from typing import Any

import numpy as np

from evenhand.consistency.rows import BARS, Array

GAPS = BARS - 1
AREA = 1 + GAPS  # parameters of an area besides its issues: a shift m, and what its gaps are stretched by, e


def kept_of_slope(slope: Any, error: Any) -> Any:  # noqa: ANN401 - arrays of numpy or of JAX
    """What is kept of the square of a slope when severities have a normal error, shapes as they broadcast.

    An error of x log-odds flattens a logistic curve as a division by sqrt(1 + pi x^2 / 8) does (MacKay 1992).
    """
    return 1.0 / (1.0 + pi / 8 * (slope * error) ** 2)


@dataclass(frozen=True, slots=True)
class Places:
    """The layout of the nation's parameters.

    Attributes:
        issues: How many.
        covariates: How many.
    """

    issues: int
    covariates: int

    @property
    def slope(self) -> int:
        """Logarithm of the slope b."""
        return 0

    @property
    def first(self) -> int:
        """The first national bar c."""
        return 1

    @property
    def gaps(self) -> slice:
        """Logarithms of the national gaps h."""
        return slice(2, 2 + GAPS)

    @property
    def issue(self) -> slice:
        """What each issue adds everywhere, u."""
        return slice(2 + GAPS, 2 + GAPS + self.issues)

    @property
    def effects(self) -> slice:
        """Effects of covariates on each bar, g, those on all bars of one covariate beside each other."""
        return slice(2 + GAPS + self.issues, self.national)

    @property
    def national(self) -> int:
        """How many parameters the nation has."""
        return 2 + GAPS + self.issues + self.covariates * BARS

    def bars(self, national: Array, area: Array) -> Array:
        """Bars less the middle of the scale, increasing, for an average issue and covariates of 0.

        Args:
            national: The nation's parameters, (..., national).
            area: The area's, or the first `AREA` of them, (..., own); zeros give the nation's bars.

        Returns:
            (..., bars).
        """
        first = national[..., self.first] + area[..., 0]
        gaps = np.exp(national[..., self.gaps] + area[..., 1:AREA])
        return np.concatenate([first[..., None], first[..., None] + np.cumsum(gaps, axis=-1)], axis=-1)
