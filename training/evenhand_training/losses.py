"""The likelihood of a batch: every label enters as what is known of it, and what is not known costs nothing.

A level set enters as an interval, P(level in set), divided by P(level in the levels visible in the document): of most
documents only the first part could be read, so which levels are seen depends on the level itself. A row whose document
shows no other level then has likelihood 1 and says nothing, as it should.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional

from evenhand_training.config import LossConfig
from evenhand_training.network import LadderNetwork, Readings

MARGIN = 1.0  # half the distance between neighbouring severity cut-points at their start


@dataclass(frozen=True, slots=True)
class Labels:
    """What is known of n texts; every field has n rows.

    Attributes:
        severity: 1 to 6, or 0 where unknown, shape (n,).
        grades: How much each grade is the target, shape (n, 6): the coded one alone, or mixed with a teacher's reading;
            all 0.0 where severity is unknown.
        issues: 1.0 for each issue that holds, or mixed with a teacher's reading, shape (n, issues).
        has_issues: 0.0 where the issues are unknown, shape (n,).
        levels: Weight of each level in the row's native level, shape (n, 5); see `examples.level_weights`.
        visible: 1.0 for each level visible in the document, shape (n, 5); equal to `levels` where it says nothing.
        area: Index of the area, 0 where there is none (such rows have an uninformative level).
        assertion: 1.0 for each assertion class that the label allows, shape (n, 7); all 1.0 where unknown.
        assertion_weight: How much the row's assertion counts, shape (n,); see `class_weights`.
        frame: Index of the frame, or -1 where unknown, shape (n,).
        frame_weight: How much the row's frame counts, shape (n,).
        unit: Number of the row's unit: its pair, set, template or note, shape (n,).
        same: 1.0 where the text must be as grave as the others of its unit that have 1.0, shape (n,).
        rank: Where the text is graver than those of its unit with a lower rank; negative where not ranked, shape (n,).
    """

    severity: Tensor
    grades: Tensor
    issues: Tensor
    has_issues: Tensor
    levels: Tensor
    visible: Tensor
    area: Tensor
    assertion: Tensor
    assertion_weight: Tensor
    frame: Tensor
    frame_weight: Tensor
    unit: Tensor
    same: Tensor
    rank: Tensor


def interval_log_likelihood(log_probabilities: Tensor, levels: Tensor, visible: Tensor) -> Tensor:
    """log P(native level | visible levels) for each row, from log P(level) and the weights, shapes (n, 5) -> (n,)."""
    within = torch.logsumexp(log_probabilities + levels.log(), dim=-1)
    seen = torch.logsumexp(log_probabilities + visible.log(), dim=-1)
    return within - seen


def class_weights(classes: Tensor, balance: float) -> Tensor:
    """How much each row's class counts: n ** -balance for a class of n rows, 1 on average; shapes (rows,) -> (rows,).

    Of ten thousand written descriptors nearly all are `present` and `evidence`; of a note's sentences a third have
    nothing to code. Left as it is, the mixture teaches that greetings hardly occur.

    Args:
        classes: A class number for each row, negative where it has none; such rows count as 1.
        balance: 0 leaves the shares as they are, 1 makes all classes weigh the same.
    """
    weights = torch.ones(len(classes))
    known = classes >= 0
    if known.any():
        counts = torch.bincount(classes[known])
        found = counts[classes[known]].float() ** -balance
        weights[known] = found / found.mean()
    return weights


def _mean_over(values: Tensor, known: Tensor, weight: Tensor | float = 1.0) -> Tensor:
    # Weights are 1 on average over all rows: divided by those of a small batch, rare classes would lose theirs.
    return (values * known * weight).sum() / known.sum().clamp(min=1.0)


def batch_loss(network: LadderNetwork, read: Readings, labels: Labels, config: LossConfig) -> dict[str, Tensor]:
    """Each part of the loss, already weighted; their sum is what training reduces.

    The penalties of area offsets and gaps are not in it: they belong to the whole data set, and the fit adds them to
    each step, divided by the number of rows as the likelihood is.
    """
    severity = network.severity_log_probabilities(read.theta)
    known = (labels.severity > 0).float()
    told_grade = (labels.grades * severity).sum(dim=-1)

    informative = (labels.levels != labels.visible).any(dim=-1).float()
    level = interval_log_likelihood(
        network.level_log_probabilities(read.theta, labels.area), labels.levels, labels.visible
    )

    issues = functional.binary_cross_entropy_with_logits(read.issues, labels.issues, reduction="none").mean(dim=-1)

    allowed = torch.logsumexp(read.assertion.masked_fill(labels.assertion == 0, -torch.inf), dim=-1)
    assertion = torch.logsumexp(read.assertion, dim=-1) - allowed
    told = (labels.assertion == 0).any(dim=-1).float()

    framed = (labels.frame >= 0).float()
    frame = functional.cross_entropy(read.frame, labels.frame.clamp(min=0), reduction="none")

    return {
        "severity": config.severity * _mean_over(-told_grade, known),
        # Divided by the whole batch: rows that inform the level are few, and a mean over them would vary wildly.
        "level": config.level * (-level * informative).sum() / informative.numel(),
        "issues": config.issues * _mean_over(issues, labels.has_issues),
        "assertion": config.assertion * _mean_over(assertion, told, labels.assertion_weight),
        "frame": config.frame * _mean_over(frame, framed, labels.frame_weight),
        "same": config.same * spread(read.theta, labels.unit, labels.same),
        "order": config.order * disorder(read.theta, labels.unit, labels.rank),
    }


def spread(theta: Tensor, unit: Tensor, same: Tensor) -> Tensor:
    """Mean squared difference of latent severity between two texts of one unit that tell the same (logit pairing).

    Each text counts once, however many others its unit has; 0 where no unit of the batch has two.
    """
    told = same > 0
    paired = (unit.unsqueeze(1) == unit.unsqueeze(0)) & told.unsqueeze(1) & told.unsqueeze(0)
    others = paired.sum(dim=1) - 1
    differences = (theta.unsqueeze(1) - theta.unsqueeze(0)).square()
    share = paired / others.clamp(min=1).unsqueeze(1)
    return (share * differences).sum() / (others > 0).sum().clamp(min=1)


def disorder(theta: Tensor, unit: Tensor, rank: Tensor) -> Tensor:
    """Mean logistic loss over pairs of texts of one unit of which the first must be graver, by MARGIN."""
    ranked = rank >= 0
    above = (unit.unsqueeze(1) == unit.unsqueeze(0)) & (rank.unsqueeze(1) > rank.unsqueeze(0))
    above = above & ranked.unsqueeze(1) & ranked.unsqueeze(0)
    losses = functional.softplus(MARGIN - (theta.unsqueeze(1) - theta.unsqueeze(0)))
    return (losses * above).sum() / above.sum().clamp(min=1)
