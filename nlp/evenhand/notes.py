"""From the readings of a note's sentences and passages to one latent severity and one probability of each issue.

A small learned aggregator. A note's latent severity is a weighted sum of a few features: how grave it reads as a whole,
its gravest admitted sentence, how many further kinds of concern its sentences report, and so on. The weights are fitted
on notes that the network has not seen (`evenhand_training.note_fit`). All severities are on a scale that networks
share: the unit is the standard deviation of the network's severity cut-points, the origin their mean.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from evenhand.scheme import ISSUES, Issue

Floats = NDArray[np.float64]

FEATURES = ("passage", "gravest", "second", "mean", "kinds", "sentences", "strengths", "one")
ISSUE_FEATURES = ("passage", "sentence", "one")
# Beyond these a longer text would be graded by its length: the most that the notes of the fit have, rounded up.
MOST_KINDS = 8
MOST_SENTENCES = 24
# A sentence as grave as the gravest weighs 1 beside it, and one that is a grade (0.7 units) milder 1 in 16.
SHARPNESS = 4.0
_PROTECTIVE = ISSUES.index(Issue.PROTECTIVE)


@dataclass(frozen=True, slots=True)
class NoteReading:
    """How a text of several sentences is read.

    Attributes:
        severity: Weight of each of FEATURES.
        issues: Weight of each of ISSUE_FEATURES, shared by all issues; their sum is a logit.
        issue_threshold: An issue is reported from this probability on.
        top_issue_threshold: The strongest issue is reported from this lower probability on.
    """

    severity: Floats
    issues: Floats
    issue_threshold: float
    top_issue_threshold: float

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> NoteReading:
        """Rebuild from what `to_json` gave."""
        return cls(
            severity=np.array([float(stored["severity"][name]) for name in FEATURES]),
            issues=np.array([float(stored["issues"][name]) for name in ISSUE_FEATURES]),
            issue_threshold=float(stored["issue_threshold"]),
            top_issue_threshold=float(stored["top_issue_threshold"]),
        )

    def to_json(self) -> dict[str, Any]:
        """Plain JSON types; numbers with six significant digits."""
        return {
            "severity": {name: float(f"{x:.6g}") for name, x in zip(FEATURES, self.severity, strict=True)},
            "issues": {name: float(f"{x:.6g}") for name, x in zip(ISSUE_FEATURES, self.issues, strict=True)},
            "issue_threshold": float(f"{self.issue_threshold:.6g}"),
            "top_issue_threshold": float(f"{self.top_issue_threshold:.6g}"),
        }


def note_features(severity: Floats, issues: NDArray[np.bool_], concerns: Sequence[int], passages: Floats) -> Floats:
    """The features of one note, in the order of FEATURES.

    Args:
        severity: Of each admitted sentence, on the shared scale, shape (n,), n at least 1.
        issues: Which issues each admitted sentence reports, shape (n, issues).
        concerns: Places of the admitted sentences that describe a concern.
        passages: Severity of each passage on the shared scale, at least one.
    """
    descending = np.sort(severity)[::-1]
    reported = issues[list(concerns)].any(axis=0) if concerns else np.zeros(issues.shape[1], dtype=np.bool_)
    kinds = int(np.delete(reported, _PROTECTIVE).sum())
    count = len(severity)
    return np.array(
        [
            passages.max(),
            descending[0],
            descending[min(1, count - 1)],
            severity.mean(),
            np.log1p(min(kinds, MOST_KINDS)),
            np.log(min(count, MOST_SENTENCES)),
            1.0 - len(concerns) / count,
            1.0,
        ]
    )


def issue_features(sentences: Floats, passages: Floats) -> Floats:
    """The features of each issue of one note, shape (issues, len(ISSUE_FEATURES)).

    Args:
        sentences: Issue logits of the sentences whose issues are the note's, shape (n, issues), n at least 1.
        passages: Issue logits of its passages, shape (m, issues), m at least 1.
    """
    strongest, whole = sentences.max(axis=0), passages.max(axis=0)
    return np.stack([whole, strongest, np.ones_like(whole)], axis=1)


def sentence_weights(severity: Floats) -> Floats:
    """How much each admitted sentence bears on the note's grade, for severities on the shared scale; adds up to 1."""
    raised = np.exp(SHARPNESS * (severity - severity.max()))
    weights: Floats = raised / raised.sum()
    return weights
