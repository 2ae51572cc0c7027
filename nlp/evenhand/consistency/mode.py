"""The mode of thresholds under given standard deviations, by Newton's method, and how likely the data are there."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from evenhand.consistency.arrow import Arrow, Block
from evenhand.consistency.likelihood import Likelihood
from evenhand.consistency.places import AREA, GAPS, Places
from evenhand.consistency.rows import Array, Design

# Prior means and deviations; but for the slope in grades of severity.
SLOPE = (1.0, 0.7)  # of the logarithm of log-odds a grade: 3, within a factor of four either way
FIRST = (-2.0, 1.0)  # of the first national bar less the middle of the scale: between grades 1 and 2, within two grades
GAP = (0.0, 0.7)  # of the logarithm of a national gap: a grade, within a factor of four either way
EFFECT = 0.5  # of a covariate, for one standard deviation of it or one category in place of another
# Scales of half-normal priors of the deviations: of areas' shifts, of the stretches of their gaps, of what is special
# to an area and an issue, and of what is to an issue.
DEVIATIONS = np.array([0.5, 0.5, 0.5, 0.5])

_STEPS = 25  # of Newton's method; it takes four or five
_LEAST_GAIN = 1e-3  # of the log-posterior: changes a weight by a thousandth
_LEAST_DEVIATION = 0.01  # grades: smaller ones differ in nothing, and make Newton's steps long


@dataclass(frozen=True, slots=True)
class Point:
    """The nation's parameters, and each area's."""

    national: Array
    areas: tuple[Array, ...]

    def moved(self, step: tuple[Array, tuple[Array, ...]], share: float) -> Point:
        """A share of a step further."""
        areas = tuple(own + share * change for own, change in zip(self.areas, step[1], strict=True))
        return Point(self.national + share * step[0], areas)


@dataclass(frozen=True, slots=True)
class Mode:
    """A mode.

    Attributes:
        deviations: Under which it was found, (4,), in the order of `DEVIATIONS`.
        at: Where it is.
        system: Its curvature.
        evidence: Logarithm of the Laplace approximation to the likelihood of the data under the deviations, times
            their prior.
    """

    deviations: Array
    at: Point
    system: Arrow
    evidence: float


class Problem:
    """A design with the likelihoods of its areas."""

    def __init__(self, design: Design) -> None:
        self.places = Places(len(design.issues), len(design.covariates))
        self._likelihood = Likelihood(design, self.places)
        self._shared = [unit.shared_error for unit in design.units]

    def start(self) -> Point:
        """Where to begin: the prior means."""
        return Point(self._national_prior(DEVIATIONS)[0], tuple(map(np.zeros, self._likelihood.sizes)))

    def mode(self, at: Point, deviations: Array) -> Mode:
        """The mode under deviations, looked for from a point."""
        value = self._value(at, deviations)
        for _ in range(_STEPS):
            step = self._system(at, deviations).step()
            at, gained = self._along(at, step, value, deviations)
            gain, value = gained - value, gained
            if gain < _LEAST_GAIN:
                break
        try:
            system = self._system(at, deviations, exact=True)
        except np.linalg.LinAlgError:  # not quite a mode: the curvature that was made positive stands in
            system = self._system(at, deviations)
        _, national = self._national_prior(deviations)
        precisions = sum(float(np.log(own).sum()) for own in (national, *self._own_precisions(deviations)))
        prior = -0.5 * float(((deviations / DEVIATIONS) ** 2).sum())
        return Mode(deviations, at, system, value + 0.5 * precisions - 0.5 * system.log_determinant + prior)

    def improved(self, mode: Mode) -> Array:
        """Deviations one round of expectation-maximisation closer to the most likely ones.

        Each is the root of a mean square that counts one value less, which keeps it from zero: the mode under a gamma
        prior of shape 2 (Chung et al. 2013).
        """
        corner, blocks = mode.system.variances()
        own = [value**2 + variances for value, variances in zip(mode.at.areas, blocks, strict=True)]
        issues = (mode.at.national**2 + corner)[self.places.issue]
        groups = (
            np.array([squares[0] for squares in own]),
            np.concatenate([squares[1:AREA] for squares in own]),
            np.concatenate([squares[AREA:] for squares in own]),
            issues,
        )
        roots = [np.sqrt(squares.sum() / max(len(squares) - 1, 1)) for squares in groups]
        found: Array = np.maximum(np.array(roots), _LEAST_DEVIATION)
        return found

    def _along(
        self, at: Point, step: tuple[Array, tuple[Array, ...]], value: float, deviations: Array
    ) -> tuple[Point, float]:
        """As far along a step as the posterior does not fall."""
        for halvings in range(20):
            there = at.moved(step, 0.5**halvings)
            found = self._value(there, deviations)
            if found >= value:
                return there, found
        return at, value

    def _value(self, at: Point, deviations: Array) -> float:
        """The log-posterior, but for what does not depend on the point."""
        mean, precision = self._national_prior(deviations)
        value = -0.5 * float((precision * (at.national - mean) ** 2).sum())
        for own, precisions in zip(at.areas, self._own_precisions(deviations), strict=True):
            value -= 0.5 * float(precisions @ own**2)
        return value + self._likelihood.value(at.national, at.areas)

    def _system(self, at: Point, deviations: Array, *, exact: bool = False) -> Arrow:
        mean, precision = self._national_prior(deviations)
        found = self._likelihood.curved(at.national, at.areas, exact=exact)
        blocks = [
            Block(block.gradient - own_precision * own, block.square + np.diag(own_precision), block.side)
            for block, own, own_precision in zip(found.blocks, at.areas, self._own_precisions(deviations), strict=True)
        ]
        gradient = found.gradient - precision * (at.national - mean)
        return Arrow(gradient, found.corner + np.diag(precision), blocks)

    def _national_prior(self, deviations: Array) -> tuple[Array, Array]:
        """Means and precisions of the nation's parameters."""
        places = self.places
        mean, deviation = np.zeros(places.national), np.empty(places.national)
        mean[places.slope], deviation[places.slope] = SLOPE
        mean[places.first], deviation[places.first] = FIRST
        mean[places.gaps], deviation[places.gaps] = GAP
        deviation[places.issue], deviation[places.effects] = deviations[3], EFFECT
        return mean, deviation**-2.0

    def _own_precisions(self, deviations: Array) -> list[Array]:
        """Prior precisions of each area's parameters; what its severities err alike is part of its shift."""
        _, stretch, special, _ = deviations**-2.0
        return [
            np.concatenate(
                [[1 / (deviations[0] ** 2 + shared**2)], np.full(GAPS, stretch), np.full(size - AREA, special)]
            )
            for size, shared in zip(self._likelihood.sizes, self._shared, strict=True)
        ]
