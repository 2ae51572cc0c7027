"""Linear heads over frozen features, for learning curves: one logistic regression an issue and one ordered severity.

They have the objective of scikit-learn's `LogisticRegression` for each issue, and beside them a proportional-odds model
of severity; all are fitted at once, because a curve needs hundreds of fits to the same tens of thousands of rows. A fit
starts at nothing and takes a fixed number of steps, so it needs no seed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional

from evenhand.scheme import ISSUES
from evenhand_training.baselines import PUBLISHED_WEIGHT
from evenhand_training.examples import Example
from evenhand_training.network import ISSUE_START, log_classes

Floats = NDArray[np.float64]
Places = NDArray[np.intp]

# Strength of the L2 penalty beside a sum over rows, the same at every size of the training set. Of 10, 30, 100, 300 and
# 1,000 in development: the micro-F1 of left-out areas is .742 to .745 up to 300 and falls beyond.
RIDGE = 100.0
STEPS = 30  # of L-BFGS; the micro-F1 of left-out areas is .747, with twice as many .745
HISTORY = 10  # past steps that L-BFGS remembers: the usual number
CUTS_START = (-2.0, -1.0, 0.0, 1.0, 2.0)  # between severities, spaced out; they move freely
LEAST_SPREAD = 1e-6  # a feature that never varies stays 0 instead of being divided by 0


def is_published(row: Example) -> bool:
    """Whether a row is of a published document."""
    return row.source == "descriptors"


@dataclass(frozen=True, slots=True)
class Table:
    """Rows as the heads see them.

    Attributes:
        features: Of a frozen encoder, on one scale, shape (n, width).
        issues: 1.0 where the row is about the issue, shape (n, issues).
        issue_weights: 0.0 where a row's issues are not known, shape (n,).
        severity: 1 to 6, and 0 where it is not known, shape (n,).
        severity_weights: 0.0 where it is not known, shape (n,).
    """

    features: Tensor
    issues: Tensor
    issue_weights: Tensor
    severity: Tensor
    severity_weights: Tensor

    @classmethod
    def of(cls, rows: Sequence[Example], features: Tensor) -> Table:
        """From rows and their raw features; those of invented rows set the scale, which every subset shares."""
        published = torch.tensor([is_published(row) for row in rows])
        measured = features if published.all() else features[~published]
        spread = measured.std(dim=0, correction=0).clamp(min=LEAST_SPREAD)
        weights = torch.where(published, PUBLISHED_WEIGHT, 1.0)
        severity = torch.tensor([row.severity or 0 for row in rows])
        return cls(
            features=(features - measured.mean(dim=0)) / spread,
            issues=torch.tensor([[float(issue in (row.issues or ())) for issue in ISSUES] for row in rows]),
            issue_weights=weights * torch.tensor([float(row.issues is not None) for row in rows]),
            severity=severity,
            severity_weights=weights * (severity > 0),
        )


@dataclass(frozen=True, slots=True)
class GrowthHeads:
    """Fitted heads: `weights` has shape (width, issues + 1), severity last."""

    weights: Tensor
    bias: Tensor
    cuts: Tensor

    def read(self, features: Tensor) -> tuple[Floats, Floats]:
        """P(issue), shape (n, issues), and P(severity), shape (n, 6), of rows."""
        with torch.no_grad():
            issues, severity = _readings(features, self.weights, self.bias, self.cuts)
            return issues.sigmoid().double().numpy(), severity.exp().double().numpy()


def fit_growth_heads(table: Table, places: Places) -> GrowthHeads:
    """Fit the heads to the rows at `places`."""
    at = torch.from_numpy(places)
    features, issues = table.features[at], table.issues[at]
    of_issues, of_severity = table.issue_weights[at], table.severity_weights[at]
    grade = (table.severity[at] - 1).clamp(min=0)
    weights = torch.zeros(features.shape[1], len(ISSUES) + 1, requires_grad=True)
    bias = torch.full((len(ISSUES),), ISSUE_START, requires_grad=True)
    cuts = torch.tensor(CUTS_START, requires_grad=True)
    free = [weights, bias, cuts]
    optimiser = torch.optim.LBFGS(free, max_iter=STEPS, history_size=HISTORY, line_search_fn="strong_wolfe")

    def loss() -> Tensor:
        optimiser.zero_grad()
        said, graded = _readings(features, weights, bias, cuts)
        wrong = functional.binary_cross_entropy_with_logits(said, issues, reduction="none").sum(dim=1)
        misgraded = -graded.gather(1, grade.unsqueeze(1)).squeeze(1)
        penalty = RIDGE / 2 * weights.square().sum()
        total: Tensor = ((wrong * of_issues).sum() + (misgraded * of_severity).sum() + penalty) / len(places)
        total.backward()  # type: ignore[no-untyped-call]
        return total

    optimiser.step(loss)  # type: ignore[no-untyped-call]
    return GrowthHeads(weights.detach(), bias.detach(), cuts.detach())


def _readings(features: Tensor, weights: Tensor, bias: Tensor, cuts: Tensor) -> tuple[Tensor, Tensor]:
    read = features @ weights
    ordered = cuts.sort().values
    return read[:, : len(ISSUES)] + bias, log_classes(read[:, len(ISSUES) :] - ordered)
