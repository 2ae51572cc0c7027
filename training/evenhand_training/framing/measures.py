"""How well flags agree with codes: spans, frames, checklists; counts first, so that documents can be resampled."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from evenhand.framing.decoding import overlap
from evenhand.framing.network import Span
from evenhand.framing.scheme import ELEMENTS, GROUPS, Category, Element, Need
from evenhand.scheme import FRAMES, Frame

RESAMPLES = 1000  # of documents, for 95% intervals
_SEED = 20261123

Spans = Sequence[tuple[Span, str]]


@dataclass(frozen=True, slots=True)
class Told:
    """What somebody, or the flagger, says of a text.

    Attributes:
        framing: By offsets and category.
        needs: By offsets, kind, and whether help is asked for.
        frames: Of each sentence; None for administration.
        elements: Of each sentence.
        checklist: Of the text.
    """

    framing: tuple[tuple[Span, Category], ...]
    needs: tuple[tuple[Span, Need, bool], ...]
    frames: tuple[Frame | None, ...]
    elements: tuple[frozenset[Element], ...]
    checklist: frozenset[Element]

    def in_groups(self) -> Spans:
        """Framing by group of categories."""
        return [(span, str(GROUPS[category])) for span, category in self.framing]

    def unmet(self) -> Spans:
        """Needs that nobody asks for help with, by kind."""
        return [(span, str(need)) for span, need, asked in self.needs if not asked]

    def needed(self) -> Spans:
        """All needs, by kind."""
        return [(span, str(need)) for span, need, _ in self.needs]


Counts = tuple[int, int, int, int]  # codes that are found, codes, finds that are right, finds


def spans_found(codes: Spans, finds: Spans) -> Counts:
    """Count spans that overlap with one of the same name on the other side."""
    right = [any(name == other and overlap(span, place) for place, other in finds) for span, name in codes]
    wrong = [any(name == other and overlap(span, place) for place, other in codes) for span, name in finds]
    return sum(right), len(codes), sum(wrong), len(finds)


def labels_found(codes: Sequence[frozenset[Any]], finds: Sequence[frozenset[Any]], label: object) -> Counts:
    """Count units that carry a label on both sides."""
    both = sum(label in one and label in other for one, other in zip(codes, finds, strict=True))
    return both, sum(label in one for one in codes), both, sum(label in one for one in finds)


def f1(counts: Iterable[Counts]) -> float:
    """F1 of summed counts; 0 where there is nothing to find and nothing found."""
    found, codes, right, finds = np.sum([(0, 0, 0, 0), *counts], axis=0)
    recall, precision = found / max(codes, 1), right / max(finds, 1)
    return float(2 * recall * precision / max(recall + precision, 1e-9))


def framing_figures(codes: Sequence[Told], finds: Sequence[Told]) -> dict[str, Any]:
    """All figures for some referrals, with intervals over documents."""
    pairs = list(zip(codes, finds, strict=True))
    figures: dict[str, Any] = {
        "documents": len(pairs),
        "sentences": sum(len(code.frames) for code in codes),
        "framing": _spans(pairs, Told.in_groups),
        "unmet_needs": _spans(pairs, Told.unmet),
        "needs": _spans(pairs, Told.needed),
    }
    for name, labels, unit in (
        ("frames", FRAMES, lambda told: [frozenset([frame]) for frame in told.frames]),
        ("elements", ELEMENTS, lambda told: list(told.elements)),
        ("checklist", ELEMENTS, lambda told: [told.checklist]),
    ):
        figures[name] = _macro(pairs, labels, unit)
    return figures


def share(values: Sequence[bool]) -> dict[str, Any]:
    """A share of texts with its interval over texts."""
    given = np.array(values, dtype=float)
    draws = [float(given[place].mean()) for place in _resampled(len(given))]
    return {"rows": len(given), "share": _rounded(float(given.mean())), "interval": _interval(draws)}


def _spans(pairs: Sequence[tuple[Told, Told]], spans: Callable[[Told], Spans]) -> dict[str, Any]:
    counts = [spans_found(spans(code), spans(find)) for code, find in pairs]
    found, codes, right, finds = (int(value) for value in np.sum(counts, axis=0))
    names = sorted({name for code, _ in pairs for _, name in spans(code)})
    by_name = {
        name: _rounded(
            f1(spans_found(*([one for one in spans(told) if one[1] == name] for told in pair)) for pair in pairs)
        )
        for name in names
    }
    return {
        "f1": _rounded(f1(counts)),
        "interval": _interval([f1(counts[place] for place in places) for places in _resampled(len(counts))]),
        "recall": _rounded(found / max(codes, 1)),
        "precision": _rounded(right / max(finds, 1)),
        "codes": codes,
        "by_name": by_name,
    }


def _macro(
    pairs: Sequence[tuple[Told, Told]], labels: Sequence[Any], unit: Callable[[Told], list[frozenset[Any]]]
) -> dict[str, Any]:
    counts = np.array(
        [[labels_found(unit(code), unit(find), label) for label in labels] for code, find in pairs]
    )  # (documents, labels, 4)

    def macro(table: Any) -> float:  # noqa: ANN401 - an array
        # A label that a resample has on neither side says nothing there.
        return float(np.mean([f1([tuple(row)]) for row in table.sum(axis=0) if row[1] or row[3]]))

    return {
        "macro_f1": _rounded(macro(counts)),
        "interval": _interval([macro(counts[places]) for places in _resampled(len(pairs))]),
        "by_name": {
            str(label): _rounded(f1([tuple(row)])) for label, row in zip(labels, counts.sum(axis=0), strict=True)
        },
    }


def _resampled(size: int) -> list[list[int]]:
    generator = np.random.default_rng(_SEED)
    return [generator.integers(0, size, size).tolist() for _ in range(RESAMPLES)]


def _interval(draws: Sequence[float]) -> list[float]:
    return [_rounded(float(value)) for value in np.quantile(draws, (0.025, 0.975))]


def _rounded(value: float) -> float:
    return round(value, 3)
