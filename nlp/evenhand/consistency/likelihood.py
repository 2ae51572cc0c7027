"""The likelihood of descriptors under a cumulative-link model of areas, with its first and second derivatives.

For a situation of severity s about issue i, area a puts it at level k or above with probability
sigma(b (s - C[a, k] - u[i] - w[a, i] - g[k] x)), with sigma the logistic function: a common slope b, the area's own
increasing bars C, what an issue adds everywhere (u) and here (w), and effects g[k] of covariates x on each bar, all but
b in grades of severity. Bars are a first one and positive gaps, so that they cannot cross; an area moves the first and
stretches the gaps: C[a, 0] = c + m[a], and each next one is higher by exp(h[j] + e[a, j]). The vector of parameters
holds the logarithm of b.

A row counts by the probability of its set of levels among the levels that its document shows. A set that holds several
levels is an interval; what could not be seen is not held against an area.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from evenhand.consistency.arrow import Block
from evenhand.consistency.places import AREA, GAPS, Places, kept_of_slope
from evenhand.consistency.rows import BARS, Array, Design

_LEAST = 1e-12  # probability, so that its logarithm is finite
_STEEPEST = 35.0  # log-odds beyond which a probability is 0 or 1 in double precision

# What a row's log-odds depend on before it is told apart by area and issue: the slope, the area's bars, the line that
# issues move, and effects behind it.
_SLOPE, _LINE = 0, 1 + BARS
_BARS = slice(1, 1 + BARS)
_EFFECTS = slice(2 + BARS, None)


@dataclass(frozen=True, slots=True)
class Curved:
    """Log-likelihood of all rows at a point.

    Attributes:
        gradient: By the nation's parameters, (national,).
        corner: Curvature of minus the logarithm by them, (national, national).
        blocks: The same of each area's parameters.
    """

    gradient: Array
    corner: Array
    blocks: list[Block]


@dataclass(frozen=True, slots=True)
class _Parts:
    """What rows come to at a point: probabilities of own and visible levels, and to be at each bar or above."""

    own: Array
    seen: Array
    above: Array
    odds: Array
    flat: Array
    kept: Array


class Likelihood:
    """The likelihood of all rows.

    Args:
        design: The rows.
        places: The layout of parameters.
    """

    def __init__(self, design: Design, places: Places) -> None:
        self._places, self._units = places, design.units
        order = [np.argsort(unit.own_issue, kind="stable") for unit in design.units]
        sizes = [len(unit.issues) for unit in design.units]
        self.sizes = [AREA + size for size in sizes]  # parameters of each area
        self._first = np.concatenate([[0], np.cumsum(sizes)])  # pair of area and issue of each area
        self._pair_issue = np.concatenate([unit.issues for unit in design.units])
        pair = np.concatenate(
            [
                self._first[n] + unit.own_issue[rows]
                for n, (unit, rows) in enumerate(zip(design.units, order, strict=True))
            ]
        )
        self._pair, self._starts = pair, np.flatnonzero(np.diff(pair, prepend=-1))
        self._area = np.repeat(np.arange(len(design.units)), [len(unit.severity) for unit in design.units])

        def every(name: str) -> Array:
            found: Array = np.concatenate([getattr(u, name)[rows] for u, rows in zip(design.units, order, strict=True)])
            return found

        self._severity, self._error, self._covariates = every("severity"), every("error"), every("covariates")
        self._own, self._seen = every("own"), every("seen")

    def value(self, national: Array, areas: Sequence[Array]) -> float:
        """The log-likelihood."""
        parts = self._parts(national, areas)
        return float((np.log(parts.own) - np.log(parts.seen)).sum())

    def curved(self, national: Array, areas: Sequence[Array], *, exact: bool = False) -> Curved:
        """Gradient and curvature.

        Args:
            national: The nation's parameters.
            areas: Each area's.
            exact: The curvature as it is, which may not be positive, in place of one made so row by row. A step wants
                the second; how uncertain a mode is wants the first, as rows of few visible levels bend the other way.
        """
        parts = self._parts(national, areas)
        slope, inner = self._bent(parts)
        if not exact:
            values, vectors = np.linalg.eigh(inner)
            inner = (vectors * np.maximum(values, 0.0)[:, None, :]) @ vectors.transpose(0, 2, 1)
        turned = self._turned(parts)
        by_pair = np.add.reduceat(turned.transpose(0, 2, 1) @ inner @ turned, self._starts)
        rates = self._rates(national, areas)
        gradient = self._spread(np.add.reduceat(np.einsum("rk,rkq->rq", slope, turned), self._starts), rates)
        found = self._assembled(by_pair, rates, gradient)
        self._bend_gaps(found, exact=exact)
        if exact:
            self._bend_slope(found, slope, turned, parts.kept, rates)
        return found

    def _parts(self, national: Array, areas: Sequence[Array]) -> _Parts:
        places = self._places
        issues = national[places.issue][self._pair_issue] + np.concatenate([own[AREA:] for own in areas])
        line = self._severity - issues[self._pair]
        bars = np.stack([own[:AREA] for own in areas])
        effects = national[places.effects].reshape(places.covariates, BARS)
        bars = places.bars(national[None, :], bars)[self._area] + self._covariates @ effects
        slope = np.exp(national[places.slope])
        kept: Array = kept_of_slope(slope, self._error)
        flat = slope * np.sqrt(kept)
        odds = flat[:, None] * (line[:, None] - bars)
        above = 1.0 / (1.0 + np.exp(-np.clip(odds, -_STEEPEST, _STEEPEST)))
        own = self._own[:, 0] + (self._own[:, 1:] * above).sum(axis=1)
        seen = self._seen[:, 0] + (self._seen[:, 1:] * above).sum(axis=1)
        return _Parts(np.maximum(own, _LEAST), np.maximum(seen, _LEAST), above, odds, flat, kept)

    def _bent(self, parts: _Parts) -> tuple[Array, Array]:
        """By log-odds: the slope of each row's logarithm, (rows, bars), and minus its bend, (rows, bars, bars)."""
        rise = parts.above * (1 - parts.above)
        to_own, to_seen = self._own[:, 1:] / parts.own[:, None], self._seen[:, 1:] / parts.seen[:, None]
        both = to_own * rise
        inner = both[:, :, None] * both[:, None, :]
        both = to_seen * rise
        inner -= both[:, :, None] * both[:, None, :]
        inner[:, range(BARS), range(BARS)] -= (to_own - to_seen) * rise * (1 - 2 * parts.above)
        return (to_own - to_seen) * rise, inner

    def _turned(self, parts: _Parts) -> Array:
        """What each row's log-odds change by, (rows, bars, 2 + bars + effects)."""
        covariates = self._places.covariates
        turned = np.zeros((len(parts.flat), BARS, _EFFECTS.start + covariates * BARS))
        turned[:, :, _SLOPE] = parts.odds * parts.kept[:, None]
        turned[:, range(BARS), range(1, 1 + BARS)] = -parts.flat[:, None]
        turned[:, :, _LINE] = -parts.flat[:, None]
        effects = turned[:, :, _EFFECTS].reshape(len(parts.flat), BARS, covariates, BARS)
        effects[:, range(BARS), :, range(BARS)] = -parts.flat[:, None] * self._covariates
        turned[:, :, _EFFECTS] = effects.reshape(len(parts.flat), BARS, covariates * BARS)
        return turned

    def _rates(self, national: Array, areas: Sequence[Array]) -> Array:
        """What bars change by with first bar and gaps, (areas, bars, 1 + gaps)."""
        rates = np.exp(national[self._places.gaps] + np.stack([own[1:AREA] for own in areas]))
        found = np.zeros((len(areas), BARS, 1 + GAPS))
        found[:, :, 0] = 1.0
        for gap in range(GAPS):
            found[:, gap + 1 :, gap + 1] = rates[:, gap, None]
        return found

    def _spread(self, by_pair: Array, rates: Array) -> tuple[Array, list[Array]]:
        """What is known by pair, (pairs, 2 + bars + effects), by the parameters of nation and areas."""
        places = self._places
        by_area = np.add.reduceat(by_pair, self._first[:-1])
        bars = np.einsum("ak,akj->aj", by_area[:, _BARS], rates)
        national = np.zeros(places.national)
        national[places.slope] = by_area[:, _SLOPE].sum()
        national[places.first : places.gaps.stop] = bars.sum(axis=0)
        national[places.issue] = np.bincount(self._pair_issue, by_pair[:, _LINE], places.issues)
        national[places.effects] = by_area[:, _EFFECTS].sum(axis=0)
        lines = np.split(by_pair[:, _LINE], self._first[1:-1])
        return national, [np.concatenate([own, line]) for own, line in zip(bars, lines, strict=True)]

    def _assembled(self, by_pair: Array, rates: Array, gradient: tuple[Array, list[Array]]) -> Curved:
        """Curvature of nation and areas from that of pairs, (pairs, 2 + bars + effects, the same)."""
        places, corner, blocks = self._places, np.zeros((self._places.national,) * 2), []
        bars, moved = slice(places.first, places.gaps.stop), slice(places.first, places.issue.stop)
        for area, turn in enumerate(rates):
            pairs = slice(self._first[area], self._first[area + 1])
            mine, issues = by_pair[pairs], places.issue.start + self._pair_issue[pairs]
            whole, own = mine.sum(axis=0), np.arange(AREA, self.sizes[area])
            square, side = np.zeros((self.sizes[area],) * 2), np.zeros((self.sizes[area], places.national))
            side[:AREA, places.slope] = turn.T @ whole[_BARS, _SLOPE]
            side[:AREA, bars] = turn.T @ whole[_BARS, _BARS] @ turn
            side[:AREA, places.effects] = turn.T @ whole[_BARS, _EFFECTS]
            side[AREA:, places.slope] = mine[:, _LINE, _SLOPE]
            side[AREA:, bars] = mine[:, _LINE, _BARS] @ turn
            side[AREA:, places.effects] = mine[:, _LINE, _EFFECTS]
            side[:AREA, issues] = side[AREA:, bars].T
            side[own, issues] = mine[:, _LINE, _LINE]
            square[:, :AREA] = side[:, bars]
            square[:AREA, AREA:] = side[AREA:, bars].T
            square[own, own] = mine[:, _LINE, _LINE]
            # What moves all areas' bars, or an issue everywhere, moves those of this area alike.
            corner[bars] += side[:AREA]
            corner[issues] += side[AREA:]
            blocks.append(Block(gradient[1][area], square, side))
        rest = [places.slope, *range(places.effects.start, places.effects.stop)]
        core = [_SLOPE, *range(_EFFECTS.start, _EFFECTS.start + places.covariates * BARS)]
        corner[np.ix_(rest, rest)] = by_pair.sum(axis=0)[np.ix_(core, core)]
        corner[rest, moved] = corner[moved, rest].T
        return Curved(gradient[0], corner, blocks)

    def _bend_gaps(self, found: Curved, *, exact: bool) -> None:
        """Add what comes of gaps being exponentials; unless exact, only where that keeps the curvature positive."""
        nation = self._places.gaps.start
        for block in found.blocks:
            # A gap's own gradient is the sum over the bars above it, each times the gap.
            more = -block.gradient[1:AREA] if exact else np.maximum(-block.gradient[1:AREA], 0.0)
            own, places = np.arange(1, AREA), np.arange(nation, nation + GAPS)
            block.square[own, own] += more
            block.side[own, places] += more
            found.corner[places, places] += more

    def _bend_slope(self, found: Curved, slope: Array, turned: Array, kept: Array, rates: Array) -> None:
        """Add what comes of the slope being an exponential that multiplies all else."""
        at = self._places.slope
        kept = kept[:, None]
        cross = np.add.reduceat(np.einsum("rk,rkq->rq", slope * kept, turned), self._starts)
        nation, areas = self._spread(cross, rates)
        found.corner[at, :] -= nation
        found.corner[:, at] -= nation
        found.corner[at, at] += float(2 * nation[at] - (slope * turned[:, :, _SLOPE] * (3.0 * kept - 2.0)).sum())
        for block, own in zip(found.blocks, areas, strict=True):
            block.side[:, at] -= own
