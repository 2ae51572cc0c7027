"""What peers say of a text, and the linear heads that turn features into it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray
from tests.benchmarks.batch.rows import KINDS, Coded, Kind

from evenhand.decoder import choose_issues, logistic
from evenhand.scheme import ISSUES, LEVELS

Floats = NDArray[np.float64]
NO_LEVEL = -1

# Inverse strength of the L2 penalty, as in `evenhand_training.baselines`; rows of both kinds of features have length 1.
INVERSE_PENALTY = 10.0


@dataclass(frozen=True, slots=True)
class Said:
    """What a peer says of n texts.

    Attributes:
        levels: Places in LEVELS, or NO_LEVEL, shape (n,).
        issues: Shape (n, issues).
    """

    levels: NDArray[np.intp]
    issues: NDArray[np.bool_]

    def to_json(self) -> dict[str, Any]:
        """As plain JSON types, a text's issues as places in ISSUES."""
        return {"levels": self.levels.tolist(), "issues": [np.flatnonzero(row).tolist() for row in self.issues]}

    @classmethod
    def of_json(cls, told: dict[str, Any]) -> Self:
        """What `to_json` gave."""
        return cls(np.array(told["levels"], dtype=np.intp), issue_table(told["issues"]))

    @classmethod
    def joined(cls, parts: Sequence[Self]) -> Self:
        """Of the texts of all parts, one part behind the other."""
        return cls(np.concatenate([part.levels for part in parts]), np.concatenate([part.issues for part in parts]))


def issue_table(found: Sequence[Sequence[int]]) -> NDArray[np.bool_]:
    """Issues of each text as a table, shape (n, issues)."""
    table = np.zeros((len(found), len(ISSUES)), dtype=np.bool_)
    for row, places in enumerate(found):
        table[row, list(places)] = True
    return table


def of_kind(logits: Floats, kind: Kind) -> Floats:
    """Those of one kind of text, of a network with a head for each kind in the order of KINDS."""
    width = len(LEVELS) + len(ISSUES)
    first = KINDS.index(kind) * width
    return logits[:, first : first + width]


@dataclass(frozen=True, slots=True)
class Thresholds:
    """From which probability an issue is reported, and the strongest one."""

    issue: float
    top: float

    def decide(self, logits: Floats) -> Said:
        """From logits, shape (n, levels + issues), to levels and issues."""
        issues = choose_issues(logistic(logits[:, len(LEVELS) :].astype(np.float64)), self.issue, self.top)
        return Said(logits[:, : len(LEVELS)].argmax(axis=1), issues)

    @classmethod
    def fitted(cls, logits: Floats, rows: Sequence[Coded]) -> Self:
        """Those with the highest micro-F1 on rows that were not learnt from."""
        from evenhand_training.calibrate import best_thresholds

        real = issue_table([row.issues for row in rows])
        return cls(*best_thresholds(logistic(logits[:, len(LEVELS) :].astype(np.float64)), real))

    def write(self, folder: Path) -> None:
        """Write `thresholds.json`."""
        (folder / "thresholds.json").write_text(json.dumps([self.issue, self.top]), encoding="utf-8")

    @classmethod
    def read(cls, folder: Path) -> Self:
        """Read `thresholds.json`."""
        return cls(*json.loads((folder / "thresholds.json").read_text(encoding="utf-8")))


@dataclass(frozen=True, slots=True)
class Heads:
    """One linear layer over features: logits of levels and issues together, so that it costs one product.

    Attributes:
        weights: Shape (features, levels + issues).
        bias: Shape (levels + issues,).
    """

    weights: Floats
    bias: Floats

    def logits(self, features: Any) -> Floats:  # noqa: ANN401 - a dense or a sparse matrix
        """Shape (n, levels + issues)."""
        found: Floats = features @ self.weights + self.bias
        return found

    @classmethod
    def fitted(cls, features: Any, rows: Sequence[Coded]) -> Self:  # noqa: ANN401 - a dense or a sparse matrix
        """Logistic regressions of scikit-learn: one over levels, one for each issue.

        A row of several levels counts as each of them in equal parts.
        """
        from sklearn.linear_model import LogisticRegression

        width = features.shape[1]
        weights, bias = np.zeros((width, len(LEVELS) + len(ISSUES))), np.full(len(LEVELS) + len(ISSUES), -20.0)
        chosen = [
            (place, level, row.weight / len(row.levels)) for place, row in enumerate(rows) for level in row.levels
        ]
        places, levels, counts = (list(column) for column in zip(*chosen, strict=True))
        level = LogisticRegression(C=INVERSE_PENALTY, max_iter=200, tol=1e-3)
        level.fit(features[places], levels, sample_weight=counts)
        weights[:, level.classes_], bias[level.classes_] = level.coef_.T, level.intercept_
        real, counts = issue_table([row.issues for row in rows]), [row.weight for row in rows]
        for issue in np.flatnonzero(real.any(axis=0)):
            one = LogisticRegression(C=INVERSE_PENALTY, solver="liblinear", tol=1e-3)
            one.fit(features, real[:, issue], sample_weight=counts)
            weights[:, len(LEVELS) + issue], bias[len(LEVELS) + issue] = one.coef_[0], one.intercept_[0]
        return cls(weights, bias)

    def write(self, folder: Path) -> None:
        """Write `heads.npz`."""
        np.savez(folder / "heads.npz", weights=self.weights, bias=self.bias)

    @classmethod
    def read(cls, folder: Path) -> Self:
        """Read `heads.npz`."""
        with np.load(folder / "heads.npz") as found:
            return cls(found["weights"], found["bias"])
