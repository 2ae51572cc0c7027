"""Which texts to code next, or again: those from which most is learned first, each with its reasons.

Four orders are made: where the model is unsure, where codings differ, where an issue is rare, and where a level is
likely to be an error by confident learning (Northcutt, Jiang and Chuang, "Confident Learning: Estimating Uncertainty in
Dataset Labels", 2021). They are joined by reciprocal ranks (Cormack, Clarke and Büttcher, "Reciprocal Rank Fusion
outperforms Condorcet and individual Rank Learning Methods", 2009).
"""

from __future__ import annotations

import itertools
import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import median

import numpy as np
import numpy.typing as npt

from evenhand.annotate.distances import distance, levels_text
from evenhand.annotate.records import Annotation, Annotations, Unit
from evenhand.annotate.standing import last_of_people
from evenhand.result import Coder, Coding
from evenhand.scheme import ISSUES, LEVELS, Issue

_FUSION = 60  # as in the paper: the first ranks count for little more than those behind them
_UNSURE = 0.75  # of the most that a level can be unsure; below, it is no reason to be named
_APART = 0.75  # of 3: a step of levels with other issues, say
_RARE = 20  # codings by people; with fewer, an issue's agreement and its learning are hardly known
_LIKELY = 0.5  # an issue's probability from which the model would name it


@dataclass(frozen=True, slots=True)
class Queued:
    """A text to look at.

    Attributes:
        unit: Its id.
        document: Where it comes from.
        score: More is sooner; means nothing by itself.
        reasons: Why, in words; () where it is only next.
        coded_by: People who coded it.
    """

    unit: str
    document: str
    score: float
    reasons: tuple[str, ...]
    coded_by: tuple[str, ...]


def review_queue(collection: Annotations, model: Coder) -> list[Queued]:
    """The texts of a collection, the most useful to code or to look at again first.

    Args:
        collection: Texts, and what people coded of them so far; adjudicated texts are left out.
        model: Reads them. What it was trained on it knows, so that errors in those rows are found less often.
    """
    by_unit = collection.by_unit()
    settled = {one.unit for one in collection.codings if one.decides}
    units = [unit for unit in collection.units if unit.id not in settled]
    read = dict(zip([unit.id for unit in units], model.code_many([unit.text for unit in units]), strict=True))
    people = {unit.id: last_of_people(by_unit[unit.id]) for unit in units}
    counts = Counter(issue for codings in people.values() for one in codings for issue in one.issues)
    wrong = likely_errors(people, read)
    orders = (
        {unit.id: unsure(read[unit.id]) for unit in units},
        {unit.id: _apart(people[unit.id], read[unit.id]) for unit in units},
        {unit.id: _rarity(people[unit.id], read[unit.id], counts) for unit in units},
        wrong,
    )
    scores = _fused([unit.id for unit in units], orders)
    found = [
        Queued(
            unit.id,
            unit.document,
            scores[unit.id],
            _reasons(unit, people[unit.id], read[unit.id], counts, wrong),
            tuple(dict.fromkeys(one.coder.label for one in people[unit.id])),
        )
        for unit in units
    ]
    return sorted(found, key=lambda one: -one.score)


def unsure(coding: Coding) -> float:
    """How unsure the model is of the level: its entropy, 0 to 1; 0 where there is nothing to code."""
    shares = [share for share in coding.level_probabilities.values() if share > 0]
    return -sum(share * math.log(share) for share in shares) / math.log(len(LEVELS)) if shares else 0.0


def likely_errors(people: Mapping[str, Sequence[Annotation]], read: Mapping[str, Coding]) -> dict[str, float]:
    """How likely the level of a text is an error, more than 0 where it is likely, by confident learning.

    A level is likely another where the model gives the other at least the probability that it gives it on the mean of
    the texts that people put there. Sets of levels, and texts on which people differ anyway, are passed over.
    """
    names, given = [], []
    for name, codings in people.items():
        said = {one.levels for one in codings if one.levels}
        if len(said) == 1 and len(levels := said.pop()) == 1 and read[name].level is not None:
            names.append(name)
            given.append(LEVELS.index(levels[0]))
    if not names:
        return {}
    probabilities = np.array([[read[name].level_probabilities.get(level, 0.0) for level in LEVELS] for name in names])
    labels = np.array(given)
    confident = probabilities >= _thresholds(probabilities, labels)
    best = np.where(confident, probabilities, -1.0).argmax(axis=1)
    rows = np.arange(len(labels))
    wrong = confident.any(axis=1) & (best != labels)
    margin = probabilities[rows, best] - probabilities[rows, labels]
    return {name: float(margin[place]) for place, name in enumerate(names) if wrong[place] and margin[place] > 0}


def _thresholds(probabilities: npt.NDArray[np.float64], labels: npt.NDArray[np.int64]) -> npt.NDArray[np.float64]:
    """For each level the mean probability of it over texts that have it; more than 1 for one that none has."""
    return np.array(
        [
            probabilities[labels == level, level].mean() if (labels == level).any() else 2.0
            for level in range(len(LEVELS))
        ]
    )


def _apart(people: Sequence[Annotation], coding: Coding) -> float:
    """How far people are from one another and from the model, the furthest two; 0 to 3."""
    found = [distance(one, other) for one, other in itertools.combinations(people, 2)]
    found += [_from_model(one, coding) for one in people]
    return max(found, default=0.0)


def _from_model(one: Annotation, coding: Coding) -> float:
    if coding.level is None:
        return 0.0
    levels = (coding.level,) if one.levels and coding.level not in one.levels else one.levels
    like = Annotation(
        id="model",
        unit=one.unit,
        coder=one.coder,
        made=one.made,
        levels=levels,
        severity=coding.severity,
        issues=coding.issues if one.issues else (),
    )
    return distance(one, like)


def _rarity(people: Sequence[Annotation], coding: Coding, counts: Mapping[Issue, int]) -> float:
    """1 for an issue that nobody has coded yet, less the more have; of the rarest that the text may be about."""
    about = {issue for one in people for issue in one.issues} or _issues(coding)
    return max((1 / (1 + counts.get(issue, 0)) for issue in about), default=0.0)


def _issues(coding: Coding) -> set[Issue]:
    return {issue for issue, share in coding.issue_probabilities.items() if share >= _LIKELY}


def _fused(names: Sequence[str], orders: Sequence[Mapping[str, float]]) -> dict[str, float]:
    """Reciprocal ranks over the orders, added up; texts that an order says nothing of get nothing from it."""
    scores = dict.fromkeys(names, 0.0)
    for order in orders:
        told = sorted((name for name in names if order.get(name, 0.0) > 0), key=lambda name: -order[name])
        rank = 0
        for place, name in enumerate(told):
            if place == 0 or order[name] < order[told[place - 1]]:
                rank = place  # equal ones share a rank
            scores[name] += 1 / (_FUSION + 1 + rank)
    return scores


def _reasons(
    unit: Unit,
    people: Sequence[Annotation],
    coding: Coding,
    counts: Mapping[Issue, int],
    wrong: Mapping[str, float],
) -> tuple[str, ...]:
    found = []
    if unit.id in wrong:
        said = next(levels_text(one) for one in people if one.levels)
        found.append(f"the level may be an error: the model reads {coding.level}, a person said {said}")
    if len({one.levels for one in people if one.levels}) > 1:
        found.append("people differ in the level")
    elif people and max((_from_model(one, coding) for one in people), default=0.0) >= _APART:
        found.append("people and the model differ")
    if unsure(coding) >= _UNSURE:
        found.append("the model is unsure of the level")
    about = {issue for one in people for issue in one.issues} or _issues(coding)
    bound = min(_RARE, median(counts.values())) if counts else 0  # in a small project all issues have few
    rare = [issue for issue in ISSUES if issue in about and counts.get(issue, 0) < bound]
    if rare:
        told = ", ".join(f"{issue.replace('_', ' ')} ({counts.get(issue, 0)})" for issue in rare[:3])
        found.append(f"few codings of {told}")
    return tuple(found)
