"""The level model with and without each of its parts, as heads over frozen features; `ablation` compares them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from scipy import stats
from torch import Tensor, nn
from torch.nn import functional

from evenhand.scheme import LEVELS, SEVERITIES
from evenhand_training.config import LossConfig
from evenhand_training.examples import Example, level_weights, says_something_about_level
from evenhand_training.losses import interval_log_likelihood
from evenhand_training.metrics import Predictions
from evenhand_training.network import LEVEL_START, SEVERITY_START, AreaOffsets, LadderNetwork, OrderedCuts, log_classes

FULL = "all parts"
STEPS = 200  # of Adam on all rows at once; the loss moves by less than .001 over the last fifty
RATE = 0.02
# Of the weights that read features, the same for all variants; not tuned, of the order of the optimiser's weight decay.
RIDGE = 0.003
DRAW_SEED = 2026
DRAWS = 128  # of an unseen area's offsets; level probabilities then vary by less than .01 between seeds


@dataclass(frozen=True, slots=True)
class Variant:
    """The level model with or without a part.

    Attributes:
        name: As the table calls it.
        ladder: One severity read by two sets of cut-points; False for a softmax over levels and one over severities.
        offsets: Each area has cut-points of its own.
        visible: The likelihood is normalised over the levels visible in the document.
        fold: C and D are taken for one level.
        authored: Levels of invented rows inform the level too.
    """

    name: str
    ladder: bool = True
    offsets: bool = True
    visible: bool = True
    fold: bool = False
    authored: bool = False


VARIANTS = (
    Variant(FULL),
    Variant("plain softmax", ladder=False, offsets=False),
    Variant("no area offsets", offsets=False),
    Variant("C and D folded", fold=True),
    Variant("not normalised over visible levels", visible=False),
    Variant("authored levels let in", authored=True),
)


@dataclass(frozen=True, slots=True)
class Rows:
    """What is known of n rows, as tensors.

    `features` has shape (n, width). `epoch` is how many rows an epoch of the second stage would have, published ones
    and as many invented ones: the level's likelihood is divided by it in every variant, as there.
    """

    features: Tensor
    severity: Tensor
    own: Tensor
    visible: Tensor
    area: Tensor
    informative: Tensor
    epoch: int


def rows_of(examples: Sequence[Example], features: Tensor, areas: dict[str, int], variant: Variant) -> Rows:
    """Labels of examples as a variant sees them."""
    told = [_seen_by(example, variant) for example in examples]
    weights = [level_weights(example) for example in told]
    own = torch.tensor([row for row, _ in weights])
    seen = torch.tensor([row for _, row in weights])
    informative = torch.tensor([says_something_about_level(example) for example in told])
    if not variant.visible:
        seen = torch.ones_like(seen)
        # Without normalisation even a document of a single level claims something.
        informative = torch.tensor([bool(example.levels) and len(example.levels) < len(LEVELS) for example in told])
        own = torch.tensor([[float(level in example.levels) for level in LEVELS] for example in told])
    return Rows(
        features=features,
        severity=torch.tensor([example.severity or 0 for example in examples]),
        own=own,
        visible=seen,
        area=torch.tensor([areas.get(example.area or "", len(areas)) for example in told]),
        informative=informative,
        epoch=2 * sum(example.source == "descriptors" for example in examples),
    )


def _seen_by(example: Example, variant: Variant) -> Example:
    if variant.authored and example.source != "descriptors" and example.severity:
        # What the corpus gives invented rows: their severity said again as a level.
        level = LEVELS[min(example.severity, len(LEVELS)) - 1]
        return replace(example, levels=(level,), visible_sets=tuple((other,) for other in LEVELS))
    if not variant.fold:
        return example
    return replace(
        example,
        levels=_folded(example.levels),
        visible_sets=tuple(dict.fromkeys(_folded(visible) for visible in example.visible_sets)),
    )


def _folded(levels: tuple[Any, ...]) -> tuple[Any, ...]:
    last = LEVELS[-2:]
    return tuple(level for level in LEVELS if level in levels or (level in last and set(levels) & set(last)))


class Heads(nn.Module):
    """The heads of a variant over frozen features."""

    def __init__(self, variant: Variant, width: int, areas: int, start: LadderNetwork) -> None:
        super().__init__()
        self.variant = variant
        self.severity_cuts = OrderedCuts(SEVERITY_START)
        self.severity_cuts.load_state_dict(start.severity_cuts.state_dict())
        self.level_cuts = OrderedCuts(LEVEL_START)
        self.log_slope = nn.Parameter(torch.zeros(1))
        # One more than there are areas, for rows of none.
        self.offsets = AreaOffsets(areas + 1)
        self.theta = nn.Linear(width, 1)
        self.theta.load_state_dict(start.theta.state_dict())
        self.severity = nn.Linear(width, len(SEVERITIES))
        self.level = nn.Linear(width, len(LEVELS))

    def severities(self, features: Tensor) -> Tensor:
        """log P(severity), shape (n, 6)."""
        if not self.variant.ladder:
            return functional.log_softmax(self.severity(features), dim=-1)
        theta: Tensor = self.theta(features)
        return log_classes(theta - self.severity_cuts())

    def levels(self, features: Tensor, shift: Tensor, stretch: Tensor) -> Tensor:
        """log P(level) under given offsets, shape (n, 5)."""
        if not self.variant.ladder:
            return functional.log_softmax(self.level(features), dim=-1)
        theta: Tensor = self.theta(features)
        return log_classes(self.log_slope.exp() * (theta - self.level_cuts(shift, stretch)))

    def loss(self, rows: Rows, config: LossConfig) -> Tensor:
        """Negative mean log likelihood of rows with its penalties."""
        graded = rows.severity > 0
        severity = functional.nll_loss(self.severities(rows.features[graded]), rows.severity[graded] - 1)
        told = rows.informative
        shift, stretch = self.offsets(rows.area[told])
        if not self.variant.offsets:
            shift, stretch = torch.zeros_like(shift), torch.zeros_like(stretch)
        national = (rows.area[told] == len(self.offsets.shift.weight) - 1).unsqueeze(1)
        shift, stretch = shift.masked_fill(national, 0.0), stretch.masked_fill(national, 0.0)
        found = self.levels(rows.features[told], shift, stretch)
        level = -interval_log_likelihood(found, rows.own[told], rows.visible[told]).sum() / rows.epoch
        gaps = (self.level_cuts.log_gaps - OrderedCuts(LEVEL_START).log_gaps.detach()).square().sum()
        pull = self.offsets.penalty(config.area_shift_sd, config.area_gap_sd) + gaps / (2 * config.national_gap_sd**2)
        weights = (self.theta.weight, self.severity.weight, self.level.weight)
        ridge = torch.stack([weight.square().sum() for weight in weights]).sum()
        total: Tensor = config.severity * severity + config.level * (level + pull / rows.epoch) + RIDGE * ridge
        return total


def fit_heads(variant: Variant, rows: Rows, start: LadderNetwork, config: LossConfig, *, areas: int) -> Heads:
    """Fit a variant's heads to all rows at once; deterministic given the start."""
    torch.manual_seed(0)
    heads = Heads(variant, rows.features.shape[1], areas, start)
    optimiser = torch.optim.Adam(heads.parameters(), lr=RATE)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimiser, STEPS)
    for _ in range(STEPS):
        optimiser.zero_grad()
        heads.loss(rows, config).backward()  # type: ignore[no-untyped-call]
        optimiser.step()
        schedule.step()
    return heads.eval()


def read_unseen(heads: Heads, features: Tensor, config: LossConfig) -> Predictions:
    """What a variant says of rows of areas that it does not know: averaged over how far areas differ."""
    normal = torch.tensor(_standard_normal(len(LEVEL_START)), dtype=torch.float32)
    spread = torch.tensor([config.area_shift_sd, *[config.area_gap_sd] * (len(LEVEL_START) - 1)])
    draws = normal * spread if heads.variant.offsets else torch.zeros_like(normal[:1])
    with torch.no_grad():
        found = [heads.levels(features, draw[None, :1], draw[None, 1:]).exp() for draw in draws]
        levels = torch.stack(found).mean(dim=0).double().numpy()
        grades = heads.severities(features).exp().double().numpy()
    return Predictions(
        level_probabilities=levels,
        severity=grades @ np.asarray(SEVERITIES, dtype=np.float64),
        issues=np.zeros((len(levels), 1), dtype=np.bool_),
    )


def _standard_normal(dimensions: int) -> NDArray[np.float64]:
    points = stats.qmc.Sobol(dimensions, rng=np.random.default_rng(DRAW_SEED)).random(DRAWS)
    normal: NDArray[np.float64] = stats.norm.ppf(points)
    return normal
