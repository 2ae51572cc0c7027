"""Where would it land? One concern, the levels at which each area would likely put it, and its precedents."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from difflib import get_close_matches
from typing import Any

import numpy as np
from numpy.typing import NDArray

from evenhand.consistency.collection import MODEL_ERROR, Collection
from evenhand.consistency.nearest import Nearest, Precedent
from evenhand.consistency.places import kept_of_slope
from evenhand.consistency.posterior import Posterior, interval
from evenhand.consistency.rows import Array
from evenhand.errors import InputError
from evenhand.model import Model
from evenhand.result import Coding
from evenhand.scheme import LEVELS, Level

PRECEDENTS = 3  # of an area that are shown: enough to see whether they agree
# Of the probability, how much has to lie on levels whose bars are enough read for an area to count in the spread; else
# that would rest on what is expected of any area.
LEAST_KNOWN = 0.8


@dataclass(frozen=True, slots=True)
class AreaAnswer:
    """What an area's documents say of a concern.

    Attributes:
        area: Its name.
        level_probabilities: Of each run of levels between bars that are enough read, mildest first: levels that the
            area's documents merge, or that too few of its descriptors tell apart, are one. {} where no bar is enough
            read.
        intervals: For each of these the 90% interval of its probability.
        precedents: Nearest descriptors, the nearest first.
    """

    area: str
    level_probabilities: Mapping[tuple[Level, ...], float]
    intervals: Mapping[tuple[Level, ...], tuple[float, float]]
    precedents: tuple[Precedent, ...]

    @property
    def enough(self) -> bool:
        """Whether enough was read of the area to say where it would put the concern."""
        return bool(self.level_probabilities)


@dataclass(frozen=True)
class Where:
    """Where a concern would land.

    Attributes:
        coding: What the model reads off it, whatever any area does.
        areas: In alphabetical order.
        national: Probability of each level for an area without offsets.
        spread: How many levels two areas picked at random would put it apart, on average, from 0 to 4, among those
        whose
            bars around it are enough read; None with fewer than two such areas.
        spread_areas: How many these are.
        spread_interval: Its 90% interval.
    """

    coding: Coding
    areas: tuple[AreaAnswer, ...]
    national: Mapping[Level, float]
    spread: float | None
    spread_interval: tuple[float, float] | None
    spread_areas: int

    def to_dict(self) -> dict[str, Any]:
        """Plain JSON types, in the contract's order."""
        return {
            "level": self.coding.level and str(self.coding.level),
            "severity": self.coding.severity,
            "issues": [str(issue) for issue in self.coding.issues],
            "national": _plain(self.national),
            "spread": _rounded(self.spread),
            "spread_areas": self.spread_areas,
            "spread_interval": self.spread_interval and [_rounded(end) for end in self.spread_interval],
            "areas": {answer.area: _told(answer) for answer in self.areas},
            "model": self.coding.model,
        }


class Locator:
    """Says where concerns would land; what can be known of the areas beforehand is worked out once.

    Args:
        collection: Coded descriptors of areas.
        posterior: Thresholds fitted to them; None for precedents alone.
        model: Reads texts.
        embeddings: Of the descriptors' texts by this model, should they be known already, as `embeddings` of another
            locator has them.
    """

    def __init__(
        self,
        collection: Collection,
        posterior: Posterior | None,
        model: Model,
        *,
        embeddings: Mapping[str, Array] | None = None,
    ) -> None:
        self._areas = collection.areas
        self._posterior = posterior
        self._model = model
        self._nearest = Nearest(collection, model, embeddings)
        self.embeddings = self._nearest.embeddings

    def where(self, text: str, *, precedents: int = PRECEDENTS) -> Where:
        """Where a concern would land in each area.

        Args:
            text: One concern; of a longer text the whole is graded and compared as one.
            precedents: How many of each area.

        Raises:
            InputError: nothing in the text can be coded.
        """
        coding = self._model.code(text)
        if coding.severity is None:
            message = f"nothing in the text can be graded ({coding.reason}); give one concern about a child or family"
            raise InputError(message)
        answers = _answers(coding, coding.severity, self._posterior)
        near = self._nearest.to(text, coding, count=precedents)
        found = tuple(
            AreaAnswer(area, *answers.areas.get(area, ({}, {})), tuple(near.get(area, ()))) for area in self._areas
        )
        expected = answers.expected
        spread = interval(_mean_difference(expected)) if expected.shape[1] > 1 else None
        ends = spread[1:] if spread else None
        return Where(coding, found, answers.national, spread[0] if spread else None, ends, expected.shape[1])


def where(
    text: str,
    collection: Collection,
    posterior: Posterior | None,
    model: Model,
    *,
    precedents: int = PRECEDENTS,
) -> Where:
    """Where one concern would land in each area, by a `Locator` that is made for it alone.

    Raises:
        InputError: nothing in the text can be coded.
    """
    return Locator(collection, posterior, model).where(text, precedents=precedents)


def chosen(found: Where, areas: Sequence[str]) -> Where:
    """The same with some areas alone; the spread stays that of all.

    Raises:
        InputError: an area has no document in the collection.
    """
    known = {answer.area.casefold(): answer for answer in found.areas}
    for area in areas:
        if area.casefold() not in known:
            near = get_close_matches(area, [answer.area for answer in found.areas], n=1, cutoff=0.4)
            message = f"no document of area {area!r}" + (f"; did you mean {near[0]!r}?" if near else "")
            raise InputError(message)
    return replace(found, areas=tuple(known[area.casefold()] for area in areas))


@dataclass(frozen=True, slots=True)
class _Answers:
    areas: dict[str, tuple[dict[tuple[Level, ...], float], dict[tuple[Level, ...], tuple[float, float]]]]
    national: dict[Level, float]
    expected: Array  # level, 0 to 4, (draws, areas whose bars around the concern are enough read)


def _answers(coding: Coding, severity: float, posterior: Posterior | None) -> _Answers:
    if posterior is None:
        return _Answers({}, {}, np.zeros((0, 0)))
    issue = str(coding.issues[0]) if coding.issues else ""
    bars = posterior.severities() + posterior.special(issue)[:, :, None]
    slope = posterior.slope * np.sqrt(kept_of_slope(posterior.slope, MODEL_ERROR))
    levels = _levels(slope[:, None, None] * (severity - bars))
    average = posterior.national_severities() + posterior.everywhere(issue)[:, None]
    nation = _levels(slope[:, None] * (severity - average))
    areas = {}
    for number in np.flatnonzero(posterior.enough.any(axis=1)):
        runs = _runs(posterior.enough[number])
        drawn = {tuple(LEVELS[p] for p in run): levels[:, number, run].sum(axis=1) for run in runs}
        means = {run: float(values.mean()) for run, values in drawn.items()}
        areas[posterior.areas[number]] = (means, {run: interval(values)[1:] for run, values in drawn.items()})
    known = (levels.mean(axis=0) * _told_apart(posterior.enough)).sum(axis=1) >= LEAST_KNOWN
    expected = levels[:, known] @ np.arange(len(LEVELS))
    return _Answers(areas, dict(zip(LEVELS, nation.mean(axis=0).tolist(), strict=True)), expected)


def _runs(enough: NDArray[np.bool_]) -> list[list[int]]:
    """Places of levels, parted at the bars that are enough read."""
    found = [[0]]
    for bar, told in enumerate(enough):
        if told:
            found.append([])
        found[-1].append(bar + 1)
    return found


def _told_apart(enough: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """For each area and level, whether the bars on both sides of it are enough read, (areas, levels)."""
    ends = np.ones((len(enough), 1), dtype=np.bool_)
    found: NDArray[np.bool_] = np.concatenate([ends, enough], axis=1) & np.concatenate([enough, ends], axis=1)
    return found


def _levels(odds: Array) -> Array:
    """Probabilities of levels from log-odds to be at each bar or above, (..., bars) to (..., levels)."""
    above = 1.0 / (1.0 + np.exp(-odds))
    ends = np.zeros((*above.shape[:-1], 1))
    found: Array = np.concatenate([ends + 1.0, above], axis=-1) - np.concatenate([above, ends], axis=-1)
    return found


def _mean_difference(values: Array) -> Array:
    """Gini's mean difference of each row, (rows, n) to (rows,): how far two of the n are apart on average."""
    count = values.shape[1]
    ordered = np.sort(values, axis=1)
    weights = 2.0 * np.arange(count) - count + 1
    found: Array = 2.0 * (ordered @ weights) / max(count * (count - 1), 1)
    return found


def _plain(probabilities: Mapping[Level, float]) -> dict[str, float | None]:
    return {str(level): _rounded(value) for level, value in probabilities.items()}


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 4)


def _told(answer: AreaAnswer) -> dict[str, Any]:
    probabilities = {"+".join(run): round(value, 4) for run, value in answer.level_probabilities.items()}
    ends = {"+".join(run): [round(end, 4) for end in found] for run, found in answer.intervals.items()}
    return {
        "level_probabilities": probabilities or None,
        "interval": ends or None,
        "precedents": [
            {
                "text": precedent.descriptor.text,
                "levels": [str(level) for level in precedent.descriptor.levels],
                "native_level": precedent.descriptor.native_level,
                "document": precedent.title,
                "page": precedent.descriptor.page,
                "url": precedent.url,
                "alike": round(precedent.alike, 3),
                "same_situation": round(precedent.same, 3),
            }
            for precedent in answer.precedents
        ],
    }
