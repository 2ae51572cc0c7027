"""What is known of areas from elsewhere, such as deprivation or spending, as columns for the model of thresholds.

Numbers are standardised over the areas of the file, so that an effect is told for one standard deviation. A category is
a column for each of its values but the commonest, less the value's share in the file: an effect is the difference from
the commonest, and an area at 0 everywhere is the average one of the file. Nothing is imputed.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from difflib import get_close_matches
from math import isfinite
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from evenhand.consistency.reading import read_table
from evenhand.consistency.rows import Array
from evenhand.errors import InputError

AREA_COLUMN = "area"
AREAS_PER_COLUMN = 3  # fewer areas to a column, and effects are what the prior says
# Ofsted's four judgements; the third is in full "Requires improvement to be good".
JUDGEMENTS: Mapping[str, int] = {
    "outstanding": 4,
    "good": 3,
    "requires improvement": 2,
    "requires improvement to be good": 2,
    "inadequate": 1,
}
_LEAST_OWN = 0.01  # of a column's variance that those before it do not tell: with less, intervals are ten times as wide
_LEAST_SHOWN = 1e-6  # standard deviations between areas; what rounding leaves of doubles is far less
_EMPTY = frozenset({"", "-", "–", "—", ".", "..", "...", "na", "n/a", "#n/a"})
# Signs of official statistics for a figure that is withheld, unreliable or not there; among numbers alone.
_NO_FIGURE = frozenset({":", "c", "k", "u", "x", "z", "low", "[c]", "[k]", "[u]", "[x]", "[z]", "[low]"})
_MOSTLY = 0.5  # of a column's cells: if more are numbers, the others are slips rather than categories
_NUMBER = re.compile(r"[-+]?(?:\d{1,3}(?:,\d{3})+|\d+|(?=\.\d))(?:\.\d*)?(?:[eE][-+]?\d+)?")
_LIKE = 0.8  # share of letters that two names have in common, of which one may be the other misspelt
_MOST_NAMED = 5  # of areas that are ignored: a file of the nation has many


@dataclass(frozen=True, slots=True)
class Covariate:
    """A column of the file.

    Attributes:
        name: Its header.
        cells: As written, in the order of the areas; None where empty. A category is written in one way throughout.
        numbers: The same as numbers, NaN where empty, (areas,); None for categories.
        judged: Whether the numbers stand for judgements, whose cells are categories as well.
    """

    name: str
    cells: tuple[str | None, ...]
    numbers: Array | None
    judged: bool


@dataclass(frozen=True, slots=True)
class AreaCovariates:
    """Columns for a fit.

    Attributes:
        names: Of the columns, with what a step of 1 is: "deprivation (1 sd = 7.3)",
            "region: North East rather than London".
        values: By area, in the order of the names. An area that is not there has to be left out of the fit.
        notes: What a reader has to know, in whole sentences.
    """

    names: tuple[str, ...]
    values: Mapping[str, tuple[float, ...]]
    notes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Covariates:
    """A file of covariates.

    Attributes:
        source: What it is called in messages.
        areas: In alphabetical order.
        columns: In the order of the file.
        notes: What a reader has to know of how it was read, in whole sentences.
    """

    source: str
    areas: tuple[str, ...]
    columns: tuple[Covariate, ...]
    notes: tuple[str, ...]

    def gaps(self) -> dict[str, tuple[str, ...]]:
        """Areas that have empty cells, with the names of those columns."""
        found = {
            area: tuple(column.name for column in self.columns if column.cells[place] is None)
            for place, area in enumerate(self.areas)
        }
        return {area: columns for area, columns in found.items() if columns}

    def place(self, area: str) -> int | None:
        """Where an area stands in the file, whatever its capitals; None if it does not."""
        key = folded(area)
        return next((place for place, own in enumerate(self.areas) if folded(own) == key), None)

    def for_areas(self, areas: Iterable[str]) -> AreaCovariates:
        """Columns for a fit.

        Args:
            areas: Those that say anything of a threshold; the others would count as areas that can carry a column.

        Raises:
            InputError: no area has all cells, a column is the same in all that have or follows from others, or there
                are more columns than a third of the areas.
        """
        wanted = sorted(set(areas))
        places = {area: place for area in wanted if (place := self.place(area)) is not None}
        gaps = self.gaps()
        used = {area: place for area, place in places.items() if self.areas[place] not in gaps}
        if not used:
            message = f"{self.source}: no area of the collection has a row there with all cells filled"
            message += f"; name areas as the collection does ({', '.join(map(repr, wanted[:3]))}, ...)"
            raise InputError(message)
        rows = np.array(list(used.values()), dtype=np.intp)
        coded = [(column.name, *told) for column in self.columns for told in self._coded(column, rows)]
        self._check(coded, len(rows))
        table = np.stack([values for *_, values in coded], axis=1)
        return AreaCovariates(
            names=tuple(name for _, name, _ in coded),
            values={area: tuple(row) for area, row in zip(used, table.tolist(), strict=True)},
            notes=(*self.notes, *self._left_out(wanted, places, gaps)),
        )

    def _coded(self, column: Covariate, rows: NDArray[np.intp]) -> Iterator[tuple[str, Array]]:
        """Names and values of what a column comes to in some areas."""
        if column.numbers is not None:
            yield self._standardised(column.name, column.numbers, rows)
            return
        cells = [cell for cell in column.cells if cell is not None]
        here = [column.cells[row] or "" for row in rows]
        categories = sorted(set(here), key=lambda category: (-here.count(category), category))
        if len(categories) == 1:
            yield column.name, np.zeros(len(rows))
        for category in sorted(categories[1:]):
            share = cells.count(category) / len(cells)
            values = np.array([float(cell == category) - share for cell in here])
            yield f"{column.name}: {category} rather than {categories[0]}", values

    def _standardised(self, name: str, numbers: Array, rows: NDArray[np.intp]) -> tuple[str, Array]:
        """Name and values of a column, reckoned in a power of two, as squares of large doubles are infinite."""
        power = int(np.frexp(np.nanmax(np.abs(numbers)))[1])
        scaled = np.ldexp(numbers, -power)
        sd = np.nanstd(scaled)
        values = (scaled[rows] - np.nanmean(scaled)) / sd
        if not np.isfinite(values).all() or (np.ptp(values) < _LEAST_SHOWN and len(set(numbers[rows].tolist())) > 1):
            wrong = "areas hardly differ next to its largest number; correct that, or leave the column out"
            message = f"{self.source}, column {name!r}: {wrong}"
            raise InputError(message)
        return f"{name} (1 sd = {shown(float(np.ldexp(sd, power)))})", values

    def _check(self, coded: Sequence[tuple[str, str, Array]], areas: int) -> None:
        """Whether a fit of so many areas can carry the columns."""
        for column, _, values in coded:
            if np.ptp(values) == 0:
                message = f"{self.source}, column {column!r}: the same in all {areas} areas that are used; leave it out"
                raise InputError(message)
        if len(coded) > areas // AREAS_PER_COLUMN:
            sources = [column for column, *_ in coded]
            counts = ", ".join(f"{column!r} {sources.count(column)}" for column in dict.fromkeys(sources))
            message = f"{self.source}: {len(coded)} columns for {areas} areas ({counts}); a fit carries one for every"
            message += f" {AREAS_PER_COLUMN} areas, here {areas // AREAS_PER_COLUMN}: choose, and leave the others out"
            raise InputError(message)
        before = np.ones((areas, 1))
        for column, name, values in coded:
            rest = values - before @ np.linalg.lstsq(before, values, rcond=None)[0]
            if rest.var() < _LEAST_OWN * values.var():
                wrong = f"{name!r} follows from the columns before it in these areas"
                message = f"{self.source}, column {column!r}: {wrong}; leave one of them out"
                raise InputError(message)
            before = np.column_stack([before, values])

    def _left_out(
        self, wanted: Sequence[str], places: Mapping[str, int], gaps: Mapping[str, tuple[str, ...]]
    ) -> Iterator[str]:
        """What to say of areas that are not used."""
        known = set(places.values())
        others = [area for place, area in enumerate(self.areas) if place not in known]
        if missing := [area for area in wanted if area not in places]:
            names = ", ".join(f"{area}{self.near(area, others)}" for area in missing)
            yield f"{self.source} has no row for these areas, which are left out of the fit with covariates: {names}."
        if empty := [area for area, place in places.items() if self.areas[place] in gaps]:
            names = ", ".join(f"{area} ({', '.join(gaps[self.areas[places[area]]])})" for area in empty)
            yield f"{self.source} has empty cells, and these areas are left out of the fit with covariates: {names}."
        if others:
            more = len(others) - _MOST_NAMED
            names = ", ".join(others[:_MOST_NAMED]) + (f" and {more} more" if more > 0 else "")
            yield f"{self.source} has {len(others)} areas that the collection does not have; they are ignored: {names}."

    def near(self, area: str, among: Sequence[str] | None = None) -> str:
        """Return " (is it 'x'?)" for an area of a like name, or ""."""
        names = {folded(own): own for own in (self.areas if among is None else among)}
        words = set(folded(area).split())
        # "Kent" and "Kent County Council" share no more than a third of their letters.
        longer = [own for own in names if words <= set(own.split()) or set(own.split()) <= words]
        found = longer or get_close_matches(folded(area), names, n=1, cutoff=_LIKE)
        return f" (is it {names[found[0]]!r}?)" if found else ""


def read_covariates(path: str | Path) -> Covariates:
    """Read a CSV file with the column `area` and one or more others.

    A column is numbers, judgements of an inspection (Outstanding to Inadequate, read as 4 to 1) or categories.

    Raises:
        InputError: it cannot be read, has no column `area` or no other, an area stands there twice, or a column is the
            same for all areas, different for all without being a number, or partly numbers.
    """
    rows, source = read_table(path), Path(path).name
    own = [name for name in rows[0] if folded(name) == AREA_COLUMN]
    others = [name for name in rows[0] if name not in own and (name or any(row[name] for row in rows))]
    if len(own) != 1 or not others or "" in others:
        wrong = "a column with cells has no name" if "" in others else "no other column" if own else "no column `area`"
        message = f"{source}: {wrong}; give a header with {AREA_COLUMN!r} and a name for each thing known of areas"
        raise InputError(message)
    seen: dict[str, int] = {}
    for number, row in enumerate(rows, 2):
        key = folded(row[own[0]])
        if not key or key in seen:
            wrong = f"{row[own[0]]!r} stands there twice, first in row {seen[key]}" if key else "the area has no name"
            message = f"{source}, row {number}: {wrong}; keep one row for each area"
            raise InputError(message)
        seen[key] = number
    rows.sort(key=lambda row: row[own[0]])
    areas = tuple(row[own[0]] for row in rows)
    columns = tuple(_column(source, name, areas, [row[name] for row in rows]) for name in others)
    judged = [column.name for column in columns if column.judged]
    note = "count 4 for Outstanding, 3 for Good, 2 for Requires improvement and 1 for Inadequate."
    return Covariates(source, areas, columns, tuple(f"{source}: judgements in {name!r} {note}" for name in judged))


def _column(source: str, name: str, areas: Sequence[str], written: Sequence[str]) -> Covariate:
    """A column as what its cells are."""
    where = f"{source}, column {name!r}"
    spelt: dict[str, str] = {}
    cells = [None if folded(cell) in _EMPTY else spelt.setdefault(folded(cell), cell) for cell in written]
    judged = {folded(cell) for cell in cells if cell is not None} <= JUDGEMENTS.keys()
    grades = [np.nan if cell is None else JUDGEMENTS.get(folded(cell), np.nan) for cell in cells]
    found, cells = (grades, cells) if judged else _numbers(where, areas, cells)
    kept = [cell for cell in cells if cell is not None]
    values = {number for number in found if number == number} if found else set(kept)
    if len(values) < 2:
        message = f"{where}: {'the same in all areas' if values else 'no cell has a value'}; leave it out"
        raise InputError(message)
    if not found and len(values) == len(kept):
        message = f"{where}: a different text for each area, which is neither a number nor a category; leave it out"
        raise InputError(message)
    return Covariate(name, tuple(cells), np.array(found) if found else None, judged)


def _numbers(where: str, areas: Sequence[str], cells: list[str | None]) -> tuple[list[float], list[str | None]]:
    """The cells as numbers, and the cells without signs for no figure; the first is [] where they are categories."""
    figures = [None if cell is not None and folded(cell) in _NO_FIGURE else cell for cell in cells]
    kept = [cell for cell in figures if cell is not None]
    found = [np.nan if cell is None else _number(cell) for cell in figures]
    slips = [place for place, cell in enumerate(figures) if cell is not None and found[place] is None]
    if len(slips) >= _MOSTLY * len(kept):
        return [], cells
    if slips:
        message = f"{where}, area {areas[slips[0]]!r}: not a number, though most others are; correct or empty that cell"
        raise InputError(message)
    if len({cell.endswith("%") for cell in kept}) > 1:
        message = f"{where}: some numbers have a % and others have none; write all alike"
        raise InputError(message)
    return [number for number in found if number is not None], figures


def _number(cell: str) -> float | None:
    bare = cell.replace("−", "-").removeprefix("£").removesuffix("%").strip()
    if not _NUMBER.fullmatch(bare):
        return None
    value = float(bare.replace(",", ""))
    return value if isfinite(value) else None


def folded(name: str) -> str:
    """A name without capitals and doubled spaces, to compare by."""
    return " ".join(name.casefold().split())


def shown(value: float, digits: int = 2) -> str:
    """A number of this many digits that count, without an exponent unless it is too long to read.

    >>> shown(7.31), shown(1234.0), shown(0.0412)
    ('7.3', '1,200', '0.041')
    """
    told = f"{value:.{digits}g}"
    return f"{Decimal(told):,f}" if value == 0 or 1e-9 <= abs(value) < 1e15 else told
