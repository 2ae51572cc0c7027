"""Training rows encoded for the network: token ids, and what is known of each text as numbers."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from datasets import Dataset
from numpy.typing import NDArray
from tokenizers import Tokenizer

from evenhand.scheme import FRAMES, ISSUES, SEVERITIES
from evenhand.text import normalise
from evenhand_training.examples import CLASSES, Example, level_weights, says_something_about_level

NO_RANK = -1


class Reading(NamedTuple):
    """What a teacher reads off a text: P(severity = 1..6), shape (6,), and P(issue), shape (issues,)."""

    severity: NDArray[np.float64]
    issues: NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Teaching:
    """A teacher's readings by example id, and their share in the targets, 0 to 1."""

    share: float
    readings: Mapping[str, Reading]


def to_dataset(
    examples: Sequence[Example],
    tokenizer: Tokenizer,
    *,
    areas: dict[str, int],
    replayed: Container[str] = (),
    teaching: Teaching | None = None,
) -> Dataset:
    """Encode examples as a HF dataset: `losses.Labels` but the weights, text, tokens, and what `fit` asks for.

    Rows that are compared with each other share a number as their `unit`. `replayed` holds ids of rows that the second
    stage draws from, see `fit.Sampler`. What is coded of a text is mixed with what the teacher reads of it; what is not
    coded stays unknown.
    """
    texts = [example.text for example in examples]
    units = _units(examples)
    records = [
        {
            "id": example.id,
            "text": text,
            "input_ids": ids,
            "replayed": example.id in replayed,
            "unit": units[example.id],
            **_labels(example, areas),
            **_targets(example, teaching),
        }
        for example, text, ids in zip(examples, texts, encode(tokenizer, texts), strict=True)
    ]
    return Dataset.from_list(records)


def encode(tokenizer: Tokenizer, texts: Sequence[str]) -> list[list[int]]:
    """Token ids of each text, seen as the product sees a sentence: normalised first."""
    return [encoding.ids for encoding in tokenizer.encode_batch([normalise(text) for text in texts])]


def _units(examples: Sequence[Example]) -> dict[str, int]:
    numbers: dict[str, int] = {}
    return {row.id: numbers.setdefault(row.unit if row.is_compared else row.id, len(numbers)) for row in examples}


def _labels(example: Example, areas: dict[str, int]) -> dict[str, Any]:
    levels, visible = level_weights(example)
    allowed = example.assertions or CLASSES
    return {
        "severity": example.severity or 0,
        "has_issues": float(example.issues is not None),
        "levels": levels,
        "visible": visible,
        "area": areas[example.area or ""] if says_something_about_level(example) else 0,
        "assertion": [float(choice in allowed) for choice in CLASSES],
        "frame": FRAMES.index(example.frame) if example.frame else -1,
        "same": float(example.same),
        "rank": NO_RANK if example.rank is None else example.rank,
    }


def _targets(example: Example, teaching: Teaching | None) -> dict[str, list[float]]:
    grades = np.array([float(grade == example.severity) for grade in SEVERITIES])
    issues = np.array([float(issue in (example.issues or ())) for issue in ISSUES])
    read = teaching.readings.get(example.id) if teaching else None
    if teaching and read:
        if example.severity:
            grades = _mixed(grades, read.severity, teaching.share)
        if example.issues is not None:
            issues = _mixed(issues, read.issues, teaching.share)
    return {"grades": grades.tolist(), "issues": issues.tolist()}


def _mixed(coded: NDArray[np.float64], read: NDArray[np.float64], share: float) -> NDArray[np.float64]:
    # Rounded, so that a teacher fitted again with another number of threads gives the same training rows.
    return np.round((1 - share) * coded + share * read, 3)


def digest(rows: Dataset) -> str:
    """SHA-256 over the rows in order, so that a resumed run can tell that they are the same."""
    running = hashlib.sha256()
    for row in rows:
        running.update(json.dumps(row, sort_keys=True).encode())
    return running.hexdigest()
