"""Where would it land? One concern, the levels at which each area would likely put it, and its precedents."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from difflib import get_close_matches
from typing import Any

import numpy as np

from evenhand.consistency.collection import MODEL_ERROR, Collection, PlacedDescriptor
from evenhand.consistency.posterior import Posterior, interval
from evenhand.consistency.rows import Array
from evenhand.consistency.same_situation import Read, released
from evenhand.errors import InputError
from evenhand.model import Model
from evenhand.result import Coding
from evenhand.scheme import ISSUES, LEVELS, Level

PRECEDENTS = 3  # of an area that are shown: enough to see whether they agree
LEAST_ALIKE = 0.5  # cosine: what is less alike is of another issue more often than not
_FLATTENS = np.pi / 8  # see `likelihood`


@dataclass(frozen=True, slots=True)
class Precedent:
    """A descriptor near to the concern.

    Attributes:
        descriptor: It, with its document's level.
        title: Of its document.
        url: Of its document, or None.
        alike: Cosine of the two embeddings, up to 1.
        same: Probability that both describe the same situation; 0 where qualifiers differ.
    """

    descriptor: PlacedDescriptor
    title: str
    url: str | None
    alike: float
    same: float


@dataclass(frozen=True, slots=True)
class AreaAnswer:
    """What an area's documents say of a concern.

    Attributes:
        area: Its name.
        level_probabilities: Of each level; {} where not enough was read.
        intervals: For each level the 90% interval of its probability; {} likewise.
        precedents: Nearest descriptors, the nearest first.
    """

    area: str
    level_probabilities: Mapping[Level, float]
    intervals: Mapping[Level, tuple[float, float]]
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
        spread: How many levels two areas picked at random would put it apart, on average, from 0 to 4; None with fewer
            than two areas that are enough read.
        spread_interval: Its 90% interval.
    """

    coding: Coding
    areas: tuple[AreaAnswer, ...]
    national: Mapping[Level, float]
    spread: float | None
    spread_interval: tuple[float, float] | None

    def to_dict(self) -> dict[str, Any]:
        """Plain JSON types, in the contract's order."""
        return {
            "level": self.coding.level and str(self.coding.level),
            "severity": self.coding.severity,
            "issues": [str(issue) for issue in self.coding.issues],
            "national": _plain(self.national),
            "spread": _rounded(self.spread),
            "spread_interval": self.spread_interval and [_rounded(end) for end in self.spread_interval],
            "areas": {answer.area: _told(answer) for answer in self.areas},
            "model": self.coding.model,
        }


def where(
    text: str,
    collection: Collection,
    posterior: Posterior | None,
    model: Model,
    *,
    precedents: int = PRECEDENTS,
) -> Where:
    """Where a concern would land in each area.

    Args:
        text: One concern; of a longer text the whole is graded and compared as one.
        collection: Coded descriptors of areas.
        posterior: Thresholds fitted to them; None for precedents alone.
        model: Reads the text.
        precedents: How many of each area.

    Raises:
        InputError: nothing in the text can be coded.
    """
    coding = model.code(text)
    if coding.severity is None:
        message = f"nothing in the text can be graded ({coding.reason}); give one concern about a child or family"
        raise InputError(message)
    answers = _answers(coding, coding.severity, posterior)
    near = _precedents(text, coding, collection, model, precedents)
    found = tuple(
        AreaAnswer(area, *answers.areas.get(area, ({}, {})), tuple(near.get(area, ()))) for area in collection.areas
    )
    spread = interval(answers.spread) if len(answers.areas) > 1 else None
    return Where(coding, found, answers.national, spread[0] if spread else None, spread[1:] if spread else None)


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
    areas: dict[str, tuple[dict[Level, float], dict[Level, tuple[float, float]]]]
    national: dict[Level, float]
    spread: Array


def _answers(coding: Coding, severity: float, posterior: Posterior | None) -> _Answers:
    if posterior is None:
        return _Answers({}, {}, np.zeros(0))
    issue = str(coding.issues[0]) if coding.issues else ""
    bars = posterior.severities() + posterior.special(issue)[:, :, None]
    slope = posterior.slope / np.sqrt(1.0 + _FLATTENS * (posterior.slope * MODEL_ERROR) ** 2)
    levels = _levels(slope[:, None, None] * (severity - bars))
    nation = _levels(slope[:, None] * (severity - posterior.national_severities()))
    enough = np.flatnonzero(posterior.enough.any(axis=1))
    areas = {}
    for number in enough:
        drawn = [interval(levels[:, number, place]) for place in range(len(LEVELS))]
        means = levels[:, number].mean(axis=0)
        areas[posterior.areas[number]] = (
            dict(zip(LEVELS, means.tolist(), strict=True)),
            {level: (low, high) for level, (_, low, high) in zip(LEVELS, drawn, strict=True)},
        )
    expected = levels[:, enough] @ np.arange(len(LEVELS))
    return _Answers(areas, dict(zip(LEVELS, nation.mean(axis=0).tolist(), strict=True)), _mean_difference(expected))


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


def _precedents(
    text: str, coding: Coding, collection: Collection, model: Model, count: int
) -> dict[str, list[Precedent]]:
    """The nearest descriptors of each area, same situations first."""
    texts = list(dict.fromkeys(row.text for row in collection.descriptors))
    embeddings = dict(zip(texts, model.embed_many(texts), strict=True))
    own = Read(text, _issues(coding), coding.severity or 1.0, model.embed_many([text])[0])
    documents = {document.id: document for document in collection.documents}
    by_area: dict[str, list[tuple[float, PlacedDescriptor]]] = defaultdict(list)
    for row in collection.descriptors:
        alike = float(embeddings[row.text] @ own.embedding)
        if alike >= LEAST_ALIKE:
            by_area[row.area].append((alike, row))
    nearest = {area: sorted(found, key=lambda pair: (-pair[0], pair[1].id))[:count] for area, found in by_area.items()}
    shown = list(dict.fromkeys(row.text for found in nearest.values() for _, row in found))
    codings = dict(zip(shown, model.code_many(shown), strict=True))
    score = released()

    def precedent(alike: float, row: PlacedDescriptor) -> Precedent:
        told = codings[row.text]
        read = Read(row.text, _issues(told), told.severity or 1.0, embeddings[row.text])
        same = score.probability(own, read) if told.assertion == coding.assertion else 0.0
        document = documents[row.document]
        return Precedent(row, document.title, document.url, alike, same)

    return {area: [precedent(alike, row) for alike, row in found] for area, found in nearest.items()}


def _issues(coding: Coding) -> Array:
    return np.array([coding.issue_probabilities.get(issue, 0.0) for issue in ISSUES])


def _plain(probabilities: Mapping[Level, float]) -> dict[str, float | None]:
    return {str(level): _rounded(value) for level, value in probabilities.items()}


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 4)


def _told(answer: AreaAnswer) -> dict[str, Any]:
    return {
        "level_probabilities": _plain(answer.level_probabilities) or None,
        "interval": {str(level): [round(end, 4) for end in ends] for level, ends in answer.intervals.items()} or None,
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
