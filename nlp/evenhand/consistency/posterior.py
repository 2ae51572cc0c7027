"""Draws of where bars sit, and what follows from them; the same for the fast fit and for sampling."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from evenhand.consistency.places import AREA, Places
from evenhand.consistency.rows import BARS, MIDDLE, Array, Design
from evenhand.scheme import LEVELS, Level

# Seeds of what is drawn because no row tells it, each with its own so that no two go together.
_ALIKE, _EVERYWHERE, _HERE = 1, 2, 3
INTERVAL = 0.90  # of every interval of thresholds
# Rows that inform a bar, in all and on each side of it: with fewer it is "not enough read", and the area is not ranked
# by it.
FEWEST_ROWS, FEWEST_A_SIDE = 10, 3
FEWEST_AREAS = 3  # enough read for a bar: a standard deviation over two would be a difference


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
        rows: Descriptors of the area that lie on one side of the bar, in documents that part levels there.
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
        spread: Standard deviation, in grades, of the bars of those areas that are enough read for this bar; None where
            these are fewer than three.
        spread_low: Lower end of its 90% interval.
        spread_high: Upper end.
    """

    level: Level
    severity: float
    low: float
    high: float
    spread: float | None
    spread_low: float | None
    spread_high: float | None


@dataclass(frozen=True, slots=True)
class Effect:
    """What a covariate goes with.

    Attributes:
        name: Of the covariate.
        level: Of the bar.
        grades: By how many grades of severity the bar is higher for each step of it; the name says what a step is.
        low: Lower end of the 90% interval.
        high: Upper end.
    """

    name: str
    level: Level
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
        """For each area and bar, whether enough rows inform it, and from both sides, (areas, bars)."""
        informing = self.design.informing
        found: NDArray[np.bool_] = (informing.sum(axis=2) >= FEWEST_ROWS) & (informing.min(axis=2) >= FEWEST_A_SIDE)
        return found

    def severities(self) -> Array:
        """Areas' bars on the scale of severity, for an issue of no effect, (draws, areas, bars).

        Effects of an area's covariates are part of them, and so is what its severities may all err alike: no row can
        tell that from where the bars are.
        """
        found = []
        effects = self._effects()
        for number, (unit, own) in enumerate(zip(self.design.units, self.area, strict=True)):
            moved = np.einsum("dck,c->dk", effects, unit.covariates.mean(axis=0))
            alike = self._erred_alike(number, unit.shared_error)
            found.append(MIDDLE + self.places.bars(self.national, own) + moved - alike[:, None])
        return np.stack(found, axis=1)

    def _effects(self) -> Array:
        """Effects of covariates on bars, (draws, covariates, bars)."""
        drawn: Array = self.national[:, self.places.effects]
        return drawn.reshape(len(drawn), self.places.covariates, BARS)

    def _erred_alike(self, number: int, shared: float) -> Array:
        """What an area's severities err alike, drawn given the shift that it is part of, (draws,)."""
        shift, own = self.deviations[:, 0] ** 2, shared**2
        share = own / (shift + own) if shared else np.zeros(len(shift))
        noise = np.random.default_rng([_ALIKE, number]).standard_normal(len(shift))
        found: Array = share * self.area[number][:, 0] + np.sqrt(share * shift) * noise
        return found

    def national_severities(self) -> Array:
        """The nation's bars on the scale of severity, (draws, bars)."""
        none = np.zeros((len(self.national), AREA))
        values: Array = MIDDLE + self.places.bars(self.national, none)
        return values

    def thresholds(self) -> list[AreaThreshold]:
        """Bars of each area, areas in alphabetical order and bars from the lowest."""
        drawn, nation, enough = self.severities(), self.national_severities(), self.enough
        found = []
        for number, area in enumerate(self.areas):
            for bar in range(BARS):
                rows = int(self.design.informing[number, bar].sum())
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
                        enough=bool(enough[number, bar]),
                    )
                )
        return found

    def nation(self) -> list[NationalThreshold]:
        """The bars of an average area, from the lowest; those for which some area is enough read."""
        drawn, areas, enough = self.national_severities(), self.severities(), self.enough
        found = []
        for bar in np.flatnonzero(enough.any(axis=0)):
            read = areas[:, enough[:, bar], bar]
            few = read.shape[1] < FEWEST_AREAS
            spread = (None, None, None) if few else interval(read.std(axis=1, ddof=1))
            found.append(NationalThreshold(LEVELS[bar + 1], *interval(drawn[:, bar]), *spread))
        return found

    def effects(self) -> list[Effect]:
        """What each covariate goes with at each bar for which enough areas are enough read."""
        drawn = self._effects()
        told = np.flatnonzero(self.enough.sum(axis=0) >= FEWEST_AREAS)
        return [
            Effect(name, LEVELS[bar + 1], *interval(drawn[:, number, bar]))
            for number, name in enumerate(self.design.covariates)
            for bar in told
        ]

    def everywhere(self, issue: str) -> Array:
        """What an issue adds to all bars everywhere, in grades, (draws,); as the model expects without rows."""
        known = {name: number for number, name in enumerate(self.design.issues)}
        if issue in known:
            found: Array = self.national[:, self.places.issue][:, known[issue]]
            return found
        return self.deviations[:, 3] * np.random.default_rng([_EVERYWHERE]).standard_normal(len(self.deviations))

    def special(self, issue: str) -> Array:
        """What an issue adds to each area's bars in grades, (draws, areas); without rows as the model expects."""
        known = {name: number for number, name in enumerate(self.design.issues)}
        everywhere, draws = self.everywhere(issue), len(self.national)
        found = np.empty((draws, len(self.areas)))
        for number, (unit, own) in enumerate(zip(self.design.units, self.area, strict=True)):
            at = np.flatnonzero(unit.issues == known.get(issue, -1))
            unknown = np.random.default_rng([_HERE, number]).standard_normal(draws)
            found[:, number] = everywhere + (own[:, AREA + at[0]] if len(at) else self.deviations[:, 2] * unknown)
        return found


def interval(draws: Array) -> tuple[float, float, float]:
    """Median and ends of the 90% interval."""
    tail = (1 - INTERVAL) / 2
    low, middle, high = np.quantile(draws, [tail, 0.5, 1 - tail])
    return float(middle), float(low), float(high)
