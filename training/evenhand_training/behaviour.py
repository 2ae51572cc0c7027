"""What the model must do whatever its accuracy: a behaviour suite in the manner of CheckList (Ribeiro et al. 2020).

Judged on pairs, sets, templates, claims and notes that the model was not trained on, read as a user's texts are. Each
figure has an interval: exact for a share of independent units (Clopper and Pearson 1934), otherwise from resampling.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy import stats

from evenhand.result import Coding
from evenhand.scheme import ISSUES, Assertion, Issue, Level
from evenhand_training.corpus import (
    AccumulationSet,
    AssertionSet,
    Claim,
    Corpus,
    CounterfactualTemplate,
    FramingPair,
    Narrative,
    Row,
    SeverityPair,
)
from evenhand_training.metrics import interval_of, micro_f1

# A whole is graver than its parts from half a grade on: what is less would round to the same grade.
RAISED = 0.5
RESAMPLES = 2000
SEED = 2026
CONFIDENCE = 0.95
UNGRADED = 0.0  # severity of a text without a level, below that of any graded one
DIRECTIONS = ("age", "frequency", "injury")


@dataclass(frozen=True, slots=True)
class Units:
    """The pairs, sets, templates, claims and notes that a model is judged on, by kind."""

    rows: tuple[Row, ...]

    @classmethod
    def of(cls, corpus: Corpus, ids: Collection[str]) -> Units:
        """Those of a corpus with these ids."""
        kinds = tuple(kind for kind, _ in _PARTS.values())
        return cls(tuple(row for row in corpus.authored_units() if row.id in ids and isinstance(row, kinds)))

    def texts(self) -> list[str]:
        """Every text that has to be coded, each once, in order."""
        return list(dict.fromkeys(text for row in self.rows for text in _texts_of(row)))


def _texts_of(row: Row) -> tuple[str, ...]:
    if isinstance(row, Narrative):
        return (row.text,)
    if isinstance(row, Claim):
        return (row.base, row.text, row.claim)
    return row.texts


def evaluate_behaviour(units: Units, codings: Mapping[str, Coding]) -> dict[str, Any]:
    """All figures as plain JSON types; a part of which there is no unit is left out.

    Args:
        units: What is judged.
        codings: The coding of each of their texts, by text.
    """
    told = _Told(codings)
    found = {
        name: (judge, [row for row in units.rows if isinstance(row, kind)]) for name, (kind, judge) in _PARTS.items()
    }
    return {name: judge(rows, told) for name, (judge, rows) in found.items() if rows}


class _Told:
    """What a model says of texts, as numbers."""

    def __init__(self, codings: Mapping[str, Coding]) -> None:
        self.codings = codings

    def level(self, text: str) -> Level | None:
        return self.codings[text].level

    def severity(self, text: str) -> float:
        severity = self.codings[text].severity
        return UNGRADED if severity is None else severity

    def issues(self, text: str) -> list[bool]:
        return [issue in self.codings[text].issues for issue in ISSUES]


def _notes(rows: Sequence[Narrative], told: _Told) -> dict[str, Any]:
    single = [row for row in rows if len(set(row.issues) - {Issue.PROTECTIVE}) <= 1]
    several = [row for row in rows if row not in single]
    return {
        name: _note_figures(some, told)
        for name, some in (("all", rows), ("single_concern", single), ("several_concerns", several))
        if some
    }


def _note_figures(rows: Sequence[Narrative], told: _Told) -> dict[str, Any]:
    distances = np.array([_distance(told.level(row.text), row.levels) for row in rows])
    real = np.array([[issue in row.issues for issue in ISSUES] for row in rows], dtype=np.bool_)
    said = np.array([told.issues(row.text) for row in rows], dtype=np.bool_)
    errors = np.array([abs(told.severity(row.text) - row.severity) for row in rows])
    return {
        "rows": len(rows),
        "level_exact": _share(distances == 0),
        "level_adjacent": _share(distances <= 1),
        "issue_micro_f1": _resampled(len(rows), lambda drawn: micro_f1(real[drawn], said[drawn])),
        "severity_error": _resampled(len(rows), lambda drawn: float(errors[drawn].mean())),
        "uncoded": sum(told.level(row.text) is None for row in rows),
    }


def _distance(level: Level | None, levels: Iterable[Level]) -> int:
    # No level at all is taken for the one below `none`.
    rank = -1 if level is None else level.rank
    return min(abs(rank - other.rank) for other in levels)


def _accumulation(rows: Sequence[AccumulationSet], told: _Told) -> dict[str, Any]:
    found = {}
    for kind in ("accumulates", "repeats", "unrelated", "offset"):
        some = [row for row in rows if row.type == kind]
        change = np.array(
            [told.severity(row.whole) - max(told.severity(part.text) for part in row.parts) for row in some]
        )
        if some:
            found[kind] = {"rows": len(some), "raised": _share(change >= RAISED), "change": _mean(change)}
    return found


def _assertion(rows: Sequence[AssertionSet], told: _Told) -> dict[str, Any]:
    others = [assertion for assertion in Assertion if assertion is not Assertion.PRESENT]
    above = np.array(
        [
            [told.severity(row.present) > told.severity(row.by_assertion[assertion]) for assertion in others]
            for row in rows
        ]
    )
    return {
        "rows": len(rows),
        "ordered": _share(np.asarray(above.all(axis=1))),
        "above": {assertion.value: _share(column) for assertion, column in zip(others, above.T, strict=True)},
    }


def _severity_pairs(rows: Sequence[SeverityPair], told: _Told) -> dict[str, Any]:
    def ordered(some: Sequence[SeverityPair]) -> dict[str, Any]:
        above = [told.severity(row.high_text) > told.severity(row.low_text) for row in some]
        return {"rows": len(some), "ordered": _share(above)}

    changed = {name: [row for row in rows if row.what_changed == name] for name in DIRECTIONS}
    return {**ordered(rows), "by_change": {name: ordered(some) for name, some in changed.items() if some}}


def _framing(rows: Sequence[FramingPair], told: _Told) -> dict[str, Any]:
    change = np.array([told.severity(row.risk_text) - told.severity(row.need_text) for row in rows])
    same = [told.level(row.risk_text) is told.level(row.need_text) for row in rows]
    return {
        "rows": len(rows),
        "level_unchanged": _share(same),
        "severity_difference": _mean(np.abs(change)),
        "risk_over_need": _mean(change),
    }


def _claims(rows: Sequence[Claim], told: _Told) -> dict[str, Any]:
    found = {}
    for kind in ("claim", "status"):
        some = [row for row in rows if row.kind == kind]
        if not some:
            continue
        change = np.array([told.severity(row.text) - told.severity(row.base) for row in some])
        found[kind] = {
            "rows": len(some),
            "level_unchanged": _share([told.level(row.text) is told.level(row.base) for row in some]),
            "severity_difference": _mean(np.abs(change)),
            # A claim by itself gives nothing to go on; a status may.
            "alone_has_no_level": _share([told.level(row.claim) is None for row in some]),
        }
    return found


def _counterfactuals(rows: Sequence[CounterfactualTemplate], told: _Told) -> dict[str, Any]:
    attributes = sorted({row.attribute for row in rows})
    return {name: _flips([row for row in rows if row.attribute == name], told) for name in attributes} | {
        "all": _flips(rows, told)
    }


def _flips(rows: Sequence[CounterfactualTemplate], told: _Told) -> dict[str, Any]:
    """Over all pairs of fillers of a template; each template counts once."""
    flips, differences = [], []
    for row in rows:
        pairs = list(itertools.combinations(row.texts, 2))
        flips.append(np.mean([told.level(left) is not told.level(right) for left, right in pairs]))
        differences.append(np.mean([abs(told.severity(left) - told.severity(right)) for left, right in pairs]))
    rate = _mean(np.array(flips))
    if not any(flips):
        # Resampling templates that never flip would say that none ever could.
        rate = rate | {"high": _share([False] * len(rows))["high"]}
    return {"rows": len(rows), "flips": rate, "severity_difference": _mean(np.array(differences))}


# Each part of the suite: the kind of row that it judges, and how.
_PARTS: dict[str, tuple[type[Row], Callable[[Any, _Told], dict[str, Any]]]] = {
    "notes": (Narrative, _notes),
    "accumulation": (AccumulationSet, _accumulation),
    "assertion": (AssertionSet, _assertion),
    "severity_pairs": (SeverityPair, _severity_pairs),
    "framing": (FramingPair, _framing),
    "claims": (Claim, _claims),
    "counterfactuals": (CounterfactualTemplate, _counterfactuals),
}


def _share(hits: Sequence[bool] | np.ndarray[Any, Any]) -> dict[str, float]:
    """A share of independent units, with its exact interval."""
    count, total = int(np.sum(hits)), len(hits)
    interval = stats.binomtest(count, total).proportion_ci(confidence_level=CONFIDENCE, method="exact")
    return {"value": _round(count / total), "low": _round(interval.low), "high": _round(interval.high)}


def _mean(values: np.ndarray[Any, Any]) -> dict[str, float]:
    return _resampled(len(values), lambda drawn: float(values[drawn].mean()))


def _resampled(rows: int, measure: Callable[[np.ndarray[Any, Any]], float]) -> dict[str, float]:
    generator = np.random.default_rng(SEED)
    draws = np.array([measure(generator.integers(rows, size=rows)) for _ in range(RESAMPLES)])
    low, high = interval_of(draws)
    return {"value": _round(measure(np.arange(rows))), "low": _round(low), "high": _round(high)}


def _round(value: float) -> float:
    return round(float(value), 4)
