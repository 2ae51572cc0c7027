"""Frozen results: what the model says about a text and about each sentence in it; no I/O, no arithmetic.

Field names are those of the output contract (schema `evenhand.score/1`). Within a schema version fields are only
added, never renamed or removed.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from evenhand.scheme import Assertion, Frame, Issue, Level

SCORE_SCHEMA = "evenhand.score/1"


@dataclass(frozen=True, slots=True)
class SentenceCoding:
    """The coding of one sentence of a text.

    Attributes:
        start: Offset of the first character, in Unicode code points of the text as given.
        end: Offset just past the last character.
        level: Median of the level probabilities, or None where the sentence has no codable content or is about
            somebody outside the child's life.
        severity: 1.0 to 6.0, or None as for `level`.
        issues: Strongest first.
        assertion: None where the sentence has no codable content.
        frame: None where the sentence has no codable content.
        weight: Share of the text's level that this sentence decides, 0 to 1; the weights of a text add up to 1,
            or are all 0 when nothing in it is codable.
        claim: True if the sentence claims a threshold or outcome ("we believe this meets section 47"). It then has no
            codes and no weight.
    """

    start: int
    end: int
    level: Level | None
    severity: float | None
    issues: tuple[Issue, ...]
    assertion: Assertion | None
    frame: Frame | None
    weight: float
    claim: bool = False

    def to_dict(self) -> dict[str, Any]:
        """Return the sentence as plain JSON types, in the contract's order."""
        return {
            "start": self.start,
            "end": self.end,
            "level": _plain(self.level),
            "severity": self.severity,
            "issues": [str(issue) for issue in self.issues],
            "assertion": _plain(self.assertion),
            "frame": _plain(self.frame),
            "weight": self.weight,
            "claim": self.claim,
        }


@dataclass(frozen=True, slots=True)
class Coding:
    """What the model says about one text. It describes the text and decides nothing about a child.

    Attributes:
        level: Median of the level probabilities: half of the probability lies up to it. None where the text has no
            codable content (`reason` then says why).
        levels: Contiguous conformal set, ordered; the model card states its coverage. Empty when `level` is None.
        level_probabilities: One probability for each level, adding up to 1 up to rounding; empty when `level` is None.
        severity: 1.0 (no impairment) to 6.0 (severe or sustained significant harm), or None.
        issues: Strongest first.
        issue_probabilities: A probability for every issue; they do not add up to 1. Empty when `level` is None.
        dfe_codes: Factor codes of the children in need census that the issues map to, sorted; empty unless `assertion`
            is present, for the census counts factors that are a concern now.
        assertion: Of the sentence that decided the level, or None.
        frame: Of the sentence that decided the level, or None.
        sentences: In the order of the text, with offsets into it.
        truncated: True if a sentence was longer than the model reads and its end was left out.
        model: Name and version of the model, for instance `evenhand-0.1`.
        reason: Why `level` is None; None otherwise.
    """

    level: Level | None
    levels: tuple[Level, ...]
    level_probabilities: Mapping[Level, float]
    severity: float | None
    issues: tuple[Issue, ...]
    issue_probabilities: Mapping[Issue, float]
    dfe_codes: tuple[str, ...]
    assertion: Assertion | None
    frame: Frame | None
    sentences: tuple[SentenceCoding, ...]
    truncated: bool
    model: str
    reason: str | None = None

    def to_dict(self) -> dict[str, Any]:
        """Return the coding as plain JSON types, in the contract's order."""
        return {
            "level": _plain(self.level),
            "levels": [str(level) for level in self.levels],
            "level_probabilities": {str(level): p for level, p in self.level_probabilities.items()},
            "severity": self.severity,
            "issues": [str(issue) for issue in self.issues],
            "issue_probabilities": {str(issue): p for issue, p in self.issue_probabilities.items()},
            "dfe_codes": list(self.dfe_codes),
            "assertion": _plain(self.assertion),
            "frame": _plain(self.frame),
            "sentences": [sentence.to_dict() for sentence in self.sentences],
            "truncated": self.truncated,
            "model": self.model,
            "reason": self.reason,
        }


class Coder(Protocol):
    """What coding needs of a model; `evenhand.Model` is one."""

    def code_many(self, texts: Iterable[str]) -> list[Coding]:
        """Code each text by itself, order kept."""


class KnownCoder(Coder, Protocol):
    """What a run that may go on later needs of a model besides."""

    @property
    def identity(self) -> str:
        """Which model it is: equal for two that code every text alike, and different after any change of its files."""


def _plain(code: Level | Assertion | Frame | None) -> str | None:
    return None if code is None else str(code)
