"""Which areas to read: a sample that covers what is known of all areas, as a stratified sample does.

Conditioned Latin hypercube sampling after B. Minasny and A. B. McBratney, "A conditioned Latin hypercube method for
sampling in the presence of ancillary information", Computers & Geosciences 32 (2006): of all samples of a size, one is
searched whose areas are spread evenly over the quantiles of each number, have categories in proportion, and keep
correlations, by exchanging areas under simulated annealing. Two things differ: counts are compared by their squares, as
Pearson's chi-squared is, so that no stratum is far off while others are exact; and of several searches, each of
which ends with exchanges that lower the distance most until none does, the nearest sample counts.

The areas are chosen, not drawn, so standard errors for random samples do not hold for what is found in them.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from evenhand.consistency.covariates import JUDGEMENTS, Covariate, Covariates, folded, read_covariates, shown
from evenhand.consistency.rows import Array
from evenhand.errors import InputError

SEED = 2026
MOST_STRATA = 10  # of a number: tenths, as official statistics have them; 15 of 150 areas are in each
RANDOM_SAMPLES = 999  # to compare with: a share of them is then known to within three in a hundred
# Ten searches of 2,000 exchanges end a tenth to a fifth nearer than one of 20,000; more exchanges gain little.
_SEARCHES, _EXCHANGES = 10, 2_000
_WARM_UP = 100  # exchanges, of whose mean change of the distance the first temperature is half
_COOLS_TO = 0.01  # of the first temperature: at last next to nothing that is worse is taken
_LEAST_GAIN = 1e-9  # of an exchange: less is rounding
_FEWEST_FOR_CORRELATION = 3  # areas: two are always on a line
Places = NDArray[np.intp]


@dataclass(frozen=True, slots=True)
class Agreement:
    """How well a sample and all areas agree in one respect.

    Attributes:
        covariate: Its name.
        part: "mean", "standard deviation", "correlation with ...", or else a stratum or category of areas.
        everywhere: Of all areas that could be chosen.
        expected: What the sample would have if it were all areas made small; of strata and categories a count.
        sample: What it has.
    """

    covariate: str
    part: str
    everywhere: float
    expected: float
    sample: float


@dataclass(frozen=True, slots=True)
class Sample:
    """Chosen areas.

    Attributes:
        areas: In alphabetical order, those that were to be kept among them.
        kept: Those that had to be in.
        agreement: By covariate in the order of the file; correlations last.
        better_than: Share of random samples of this size, with the same areas kept, that agree less; 0.0 where there is
            no choice.
        notes: What a reader has to know, in whole sentences.
    """

    areas: tuple[str, ...]
    kept: tuple[str, ...]
    agreement: tuple[Agreement, ...]
    better_than: float
    notes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Strata:
    """How a covariate parts the areas.

    Attributes:
        covariate: The column.
        labels: Of the strata.
        place: Of each area's stratum, (areas,).
    """

    covariate: Covariate
    labels: tuple[str, ...]
    place: Places


def pick_areas(
    covariates: Covariates | str | Path, count: int, *, keep: Iterable[str] = (), seed: int = SEED
) -> Sample:
    """Choose areas that cover the covariates; the same for the same file, count, areas to keep and seed.

    Args:
        covariates: As read, or the path of the file. Areas with an empty cell are not chosen.
        count: How many areas, those to keep included.
        keep: Areas that have to be in.
        seed: Of the search.

    Raises:
        InputError: the file cannot be read, it has fewer areas than `count`, `count` is not positive or smaller than
            the number of areas to keep, or one of these is not in the file or has an empty cell.
    """
    given = covariates if isinstance(covariates, Covariates) else read_covariates(covariates)
    gaps = given.gaps()
    rows = np.array([place for place, area in enumerate(given.areas) if area not in gaps], dtype=np.intp)
    kept = _kept(given, keep)
    _check_count(given.source, count, len(rows), len(kept))
    strata = [_strata(column, rows, count) for column in given.columns]
    numbers = [column.numbers[rows] for column in given.columns if column.numbers is not None]
    areas = [given.areas[row] for row in rows]
    search = _Search(strata, numbers, count, [areas.index(area) for area in kept], seed)
    chosen = search.best()
    notes = list(given.notes)
    if gaps:
        notes.append(f"{given.source} has empty cells for these areas, which cannot be chosen: {', '.join(gaps)}.")
    return Sample(
        areas=tuple(areas[place] for place in np.sort(chosen)),
        kept=tuple(kept),
        agreement=tuple(_agreement(given.columns, strata, rows, np.sort(chosen))),
        better_than=search.better_than(chosen),
        notes=tuple(notes),
    )


def _kept(given: Covariates, keep: Iterable[str]) -> list[str]:
    """The areas to keep as the file writes them, in alphabetical order."""
    found = set()
    for name in keep:
        place = given.place(name)
        if place is None:
            message = f"{given.source}: no area {name!r} to keep{given.near(name)}; name it as the file does"
            raise InputError(message)
        found.add(given.areas[place])
    gaps = given.gaps()
    if empty := sorted(found & gaps.keys()):
        message = (
            f"{given.source}, area {empty[0]!r}: cannot be kept, as its cell in column {gaps[empty[0]][0]!r} is empty"
        )
        message += "; fill the cell, leave the column out, or do not keep the area"
        raise InputError(message)
    return sorted(found)


def _check_count(source: str, count: int, areas: int, kept: int) -> None:
    if count < 1 or count > areas:
        message = f"{source}: {count} areas were asked for, and there are {areas} with all cells filled"
        message += f"; ask for 1 to {areas}" if areas else "; fill cells, or leave columns out"
        raise InputError(message)
    if kept > count:
        message = f"{kept} areas are to be kept in a sample of {count}; ask for more areas, or keep fewer"
        raise InputError(message)


def _strata(column: Covariate, rows: Places, count: int) -> _Strata:
    """A number by quantiles, as many as areas are asked for up to ten; judgements and categories as they are."""
    if column.numbers is None or column.judged:
        cells = [column.cells[row] or "" for row in rows]
        labels = sorted(set(cells), key=lambda label: (JUDGEMENTS[folded(label)] if column.judged else 0, label))
        return _Strata(column, tuple(labels), np.array([labels.index(cell) for cell in cells], dtype=np.intp))
    values = column.numbers[rows]
    edges = np.unique(np.quantile(values, np.linspace(0, 1, min(count, MOST_STRATA) + 1)[1:-1]))
    # Where many areas have one value, strata between equal edges hold none and fall away.
    found, place = np.unique(np.searchsorted(edges, values, side="right"), return_inverse=True)
    ends = [(values[place == stratum].min(), values[place == stratum].max()) for stratum in range(len(found))]
    labels = [shown(low, 4) if low == high else f"{shown(low, 4)} to {shown(high, 4)}" for low, high in ends]
    return _Strata(column, tuple(labels), place.astype(np.intp))


class _Search:
    """Samples by how far they are from all areas, and the search for a near one.

    The distance adds up chi-squared over the size of the sample for each covariate, and how far off correlations are;
    of random samples of 150 areas with six covariates they are within a factor of two. It follows from sums over the
    sample of what each area adds, so that an exchange is told without the other areas.

    Args:
        strata: Of each covariate.
        numbers: Covariates between which correlations are kept, each (areas,).
        count: Size of the sample.
        kept: Places of areas that are in every sample.
        seed: Of the search.
    """

    def __init__(
        self, strata: Sequence[_Strata], numbers: Sequence[Array], count: int, kept: Sequence[int], seed: int
    ) -> None:
        self._count, self._kept = count, np.array(kept, dtype=np.intp)
        self._generator = np.random.default_rng(seed)
        members = [np.eye(len(one.labels))[one.place] for one in strata]
        self._parts = sum(len(one.labels) for one in strata)
        areas = len(strata[0].place)
        columns = numbers if count >= _FEWEST_FOR_CORRELATION else []
        scaled = [(column - column.mean()) / (column.std() or 1.0) for column in columns]
        self._pairs = np.array(list(combinations(range(len(scaled)), 2)), dtype=np.intp).reshape(-1, 2)
        left, right = self._pairs.T
        table = np.stack(scaled, axis=1) if scaled else np.zeros((areas, 0))
        self._adds = np.hstack([*members, table, table**2, table[:, left] * table[:, right]])
        total = self._adds.sum(axis=0)
        self._shares = total[: self._parts] / areas
        self._correlations = self._correlated(total / areas)

    def _correlated(self, means: Array) -> Array:
        """Correlations, from the means of what areas add; 0 where a number does not vary."""
        size = (means.shape[-1] - self._parts - len(self._pairs)) // 2
        first, second, crossed = np.split(means[..., self._parts :], [size, 2 * size], axis=-1)
        left, right = self._pairs.T
        variance = np.maximum(second - first**2, 0.0)
        scale = np.sqrt(variance[..., left] * variance[..., right])
        apart = crossed - first[..., left] * first[..., right]
        # Variances of standardised numbers that are this small are rounding.
        found: Array = np.where(scale > _LEAST_GAIN, apart / np.maximum(scale, _LEAST_GAIN), 0.0)
        return found

    def _distance(self, sums: Array) -> Array:
        """How far samples are from all areas, (...), by their sums of what areas add, (..., added)."""
        means = sums / self._count
        off = ((means[..., : self._parts] - self._shares) ** 2 / self._shares).sum(axis=-1)
        found: Array = off + np.abs(self._correlated(means) - self._correlations).sum(axis=-1)
        return found

    def _random(self) -> tuple[Places, Places]:
        """Free areas in the sample, and those that are not."""
        free = self._generator.permutation(np.setdiff1d(np.arange(len(self._adds)), self._kept))
        wanted = self._count - len(self._kept)
        return free[:wanted], free[wanted:]

    def best(self) -> Places:
        """Places of the areas of the nearest sample that was found."""
        found = []
        for _ in range(_SEARCHES):
            inside, outside = self._random()
            if len(inside) and len(outside):
                self._anneal(inside, outside)
                self._descend(inside, outside)
            found.append(np.concatenate([self._kept, inside]))
        return found[int(self._distance(self._adds[np.array(found)].sum(axis=1)).argmin())]

    def _anneal(self, inside: Places, outside: Places) -> None:
        """Exchange areas in place: what is nearer is taken, what is farther less and less."""
        leaves = self._generator.integers(len(inside), size=_EXCHANGES).tolist()
        comes = self._generator.integers(len(outside), size=_EXCHANGES).tolist()
        # A worse exchange is taken with probability exp(-worse / temperature): where worse < temperature * this.
        patience = self._generator.standard_exponential(_EXCHANGES).tolist()
        sums = self._adds[np.concatenate([self._kept, inside])].sum(axis=0)
        now = float(self._distance(sums))
        swaps = self._adds[outside[comes[:_WARM_UP]]] - self._adds[inside[leaves[:_WARM_UP]]]
        first = float(np.abs(self._distance(sums + swaps) - now).mean()) / 2
        for step, (leave, come) in enumerate(zip(leaves, comes, strict=True)):
            moved = sums + self._adds[outside[come]] - self._adds[inside[leave]]
            then = float(self._distance(moved))
            if then - now < first * _COOLS_TO ** (step / _EXCHANGES) * patience[step]:
                inside[leave], outside[come] = outside[come], inside[leave]
                sums, now = moved, then

    def _descend(self, inside: Places, outside: Places) -> None:
        """Exchange areas in place, each time those that lower the distance most, until no exchange does."""
        while True:
            sums = self._adds[np.concatenate([self._kept, inside])].sum(axis=0)
            found = np.stack([self._distance(sums - self._adds[one] + self._adds[outside]) for one in inside])
            leave, come = divmod(int(found.argmin()), len(outside))
            if found[leave, come] > self._distance(sums) - _LEAST_GAIN:
                return
            inside[leave], outside[come] = outside[come], inside[leave]

    def better_than(self, chosen: Places) -> float:
        """Share of random samples that are farther from all areas."""
        own = self._distance(self._adds[chosen].sum(axis=0))
        drawn = [np.concatenate([self._kept, self._random()[0]]) for _ in range(RANDOM_SAMPLES)]
        farther = self._distance(self._adds[np.array(drawn)].sum(axis=1)) > own + _LEAST_GAIN
        return float(farther.mean())


def _agreement(
    columns: Sequence[Covariate], strata: Sequence[_Strata], rows: Places, chosen: Places
) -> list[Agreement]:
    """Means and standard deviations of numbers, counts of strata, and correlations of numbers."""
    found = []
    share = len(chosen) / len(rows)
    for one in strata:
        name, numbers = one.covariate.name, one.covariate.numbers
        if numbers is not None and not one.covariate.judged:
            for part, of in (("mean", np.mean), ("standard deviation", np.std)):
                of_all, of_sample = float(of(numbers[rows])), float(of(numbers[rows[chosen]]))
                found.append(Agreement(name, part, of_all, of_all, of_sample))
        for stratum, label in enumerate(one.labels):
            of_all, of_sample = float((one.place == stratum).sum()), float((one.place[chosen] == stratum).sum())
            found.append(Agreement(name, label, of_all, of_all * share, of_sample))
    numeric = [(column.name, column.numbers[rows]) for column in columns if column.numbers is not None]
    for (name, left), (other, right) in combinations(numeric, 2):
        if left[chosen].std() > 0 and right[chosen].std() > 0:
            of_all, of_sample = np.corrcoef(left, right)[0, 1], np.corrcoef(left[chosen], right[chosen])[0, 1]
            found.append(Agreement(name, f"correlation with {other}", float(of_all), float(of_all), float(of_sample)))
    return found
