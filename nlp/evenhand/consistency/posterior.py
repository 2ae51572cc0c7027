"""Draws of where bars sit, and what follows from them; the same for the fast fit and for sampling."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from evenhand.consistency.places import AREA, Places
from evenhand.consistency.rows import BARS, MIDDLE, Array, Design
from evenhand.scheme import LEVELS, Level

INTERVAL = 0.90  # of every interval of thresholds
FEWEST_ROWS = 10  # that inform a bar: with fewer it is "not enough read", and the area is not ranked by it


@dataclass(frozen=True, slots=True)
class AreaThreshold:
    """Where one bar of one area sits.

    Attributes:
        area: Its name.
        level: The bar is between what is at this level or above, and what is below.
        severity: At which half of the area's descriptors are at the level or above, on the scale from 1 to 6.
        low: Lower end of the 90% interval.
        high: Upper end.
        higher: Probability that the area's bar is higher than the nation's.
        rows: Descriptors of the area that lie on one side of the bar, in documents that show both.
        enough: Whether there are enough of them to say anything; if not, the area is not ranked by this bar.
    """

    area: str
    level: Level
    severity: float
    low: float
    high: float
    higher: float
    rows: int
    enough: bool


@dataclass(frozen=True, slots=True)
class NationalThreshold:
    """Where a bar sits for an area without offsets, with the spread of areas around it.

    Attributes:
        level: As in `AreaThreshold`.
        severity: Of the bar.
        low: Lower end of the 90% interval.
        high: Upper end.
        spread: Standard deviation of areas' bars, in grades of severity.
        spread_low: Lower end of its 90% interval.
        spread_high: Upper end.
    """

    level: Level
    severity: float
    low: float
    high: float
    spread: float
    spread_low: float
    spread_high: float


@dataclass(frozen=True, slots=True)
class Effect:
    """What a covariate goes with.

    Attributes:
        name: Of the covariate.
        grades: By how many grades of severity bars are higher for each step of it; the name says what a step is.
        low: Lower end of the 90% interval.
        high: Upper end.
    """

    name: str
    grades: float
    low: float
    high: float


@dataclass(frozen=True)
class Posterior:
    """Draws from the posterior of a fit.

    Attributes:
        design: What was fitted.
        places: The layout of the nation's parameters.
        national: The nation's parameters, (draws, national).
        area: Each area's parameters, (draws, own), in the order of the design's units.
        deviations: Draws of the standard deviations: shift, stretch, special, issue; (draws, 4).
        diagnostics: What the method says of itself.
    """

    design: Design
    places: Places
    national: Array
    area: tuple[Array, ...]
    deviations: Array
    diagnostics: dict[str, Any] = field(default_factory=dict)

    @property
    def areas(self) -> tuple[str, ...]:
        """Names of the areas."""
        return tuple(unit.name for unit in self.design.units)

    @property
    def slope(self) -> Array:
        """Log-odds that a grade of severity adds, (draws,)."""
        values: Array = np.exp(self.national[:, self.places.slope])
        return values

    @property
    def enough(self) -> NDArray[np.bool_]:
        """For each area and bar, whether enough rows inform it, (areas, bars)."""
        found: NDArray[np.bool_] = self.design.informing >= FEWEST_ROWS
        return found

    def severities(self) -> Array:
        """Areas' bars on the scale of severity, for an issue of no effect, (draws, areas, bars).

        Effects of an area's covariates are part of them, and so is what its severities may all err alike: no row can
        tell that from where the bars are.
        """
        generator = np.random.default_rng(0)  # of noise that is added to draws; any seed will do
        found = []
        for unit, own in zip(self.design.units, self.area, strict=True):
            shift = self.national[:, self.places.effects] @ unit.covariates.mean(axis=0)
            shift = shift + unit.shared_error * generator.standard_normal(len(shift))
            found.append(MIDDLE + self.places.bars(self.national, own) + shift[:, None])
        return np.stack(found, axis=1)

    def national_severities(self) -> Array:
        """The nation's bars on the scale of severity, (draws, bars)."""
        none = np.zeros((len(self.national), AREA))
        values: Array = MIDDLE + self.places.bars(self.national, none)
        return values

    def thresholds(self) -> list[AreaThreshold]:
        """Bars of each area, areas in alphabetical order and bars from the lowest."""
        drawn, nation = self.severities(), self.national_severities()
        found = []
        for number, area in enumerate(self.areas):
            for bar in range(BARS):
                rows = int(self.design.informing[number, bar])
                middle, low, high = interval(drawn[:, number, bar])
                found.append(
                    AreaThreshold(
                        area=area,
                        level=LEVELS[bar + 1],
                        severity=middle,
                        low=low,
                        high=high,
                        higher=float((drawn[:, number, bar] > nation[:, bar]).mean()),
                        rows=rows,
                        enough=bool(self.enough[number, bar]),
                    )
                )
        return found

    def nation(self) -> list[NationalThreshold]:
        """The nation's bars, from the lowest, with the spread of the areas that are enough read around each."""
        drawn = self.national_severities()
        found = []
        for bar in range(BARS):
            middle, low, high = interval(drawn[:, bar])
            spread = interval(self._spread(bar))
            found.append(NationalThreshold(LEVELS[bar + 1], middle, low, high, *spread))
        return found

    def _spread(self, bar: int) -> Array:
        """Draws of the standard deviation of bars over areas, in grades, from the distribution that areas come from."""
        generator = np.random.default_rng(0)  # of a Monte Carlo mean over 400 made areas: any seed will do
        shift, stretch = self.deviations[:, 0], self.deviations[:, 1]
        own = generator.standard_normal((400, AREA))
        spread = np.empty(len(self.national))
        for number, national in enumerate(self.national):
            scaled = own * np.array([shift[number], *[stretch[number]] * (AREA - 1)])
            spread[number] = self.places.bars(national[None, :], scaled)[:, bar].std()
        return spread

    def effects(self) -> list[Effect]:
        """What each covariate goes with."""
        found = []
        for number, name in enumerate(self.design.covariates):
            drawn = self.national[:, self.places.effects][:, number]
            found.append(Effect(name, *interval(drawn)))
        return found

    def special(self, issue: str) -> Array:
        """What an issue adds to each area's bars in grades, (draws, areas); without rows as the model expects."""
        generator = np.random.default_rng(0)  # what no row speaks of is drawn from the prior; any seed will do
        draws = len(self.national)
        known = {name: number for number, name in enumerate(self.design.issues)}
        deviation = self.deviations
        if issue in known:
            everywhere = self.national[:, self.places.issue][:, known[issue]]
        else:
            everywhere = deviation[:, 3] * generator.standard_normal(draws)
        found = np.empty((draws, len(self.areas)))
        for number, (unit, own) in enumerate(zip(self.design.units, self.area, strict=True)):
            at = np.flatnonzero(unit.issues == known.get(issue, -1))
            here = own[:, AREA + at[0]] if len(at) else deviation[:, 2] * generator.standard_normal(draws)
            found[:, number] = everywhere + here
        return found


def interval(draws: Array) -> tuple[float, float, float]:
    """Median and ends of the 90% interval."""
    tail = (1 - INTERVAL) / 2
    low, middle, high = np.quantile(draws, [tail, 0.5, 1 - tail])
    return float(middle), float(low), float(high)
