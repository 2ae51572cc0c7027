"""The network: one encoder, one latent severity read by two sets of ordered cut-points, and three more heads.

Latent severity is a scalar theta(text). Severity 1-6 and level none..D are both cumulative-link readings of it
(McCullagh 1980): P(severity > k) = s(theta - c_k) and P(level >= k | area) = s(b (theta - kappa_k,area)), with s the
logistic function. Cut-points are a first cut and positive gaps, so that they cannot cross. An area moves its first
cut and stretches its gaps; both are pooled towards the national values and centred over areas.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional
from transformers import BertConfig, BertModel, MPNetConfig, MPNetModel
from transformers.utils import logging

from evenhand.scheme import ASSERTIONS, FRAMES, ISSUES, LEVELS, SEVERITIES
from evenhand_training.config import EncoderConfig
from evenhand_training.encoder import LARGER_ENCODER, encoder_directory

# The last two classes are "no codable content" (greetings, process, headings) and claims about thresholds.
ASSERTION_CLASSES = len(ASSERTIONS) + 2

# Starting cut-points, spread out. In a first trial cut-points with a common start and the encoder's learning rate
# collapsed onto each other, and levels A and B were never predicted.
SEVERITY_START = (-4.0, -2.0, 0.0, 2.0, 4.0)
LEVEL_START = (-4.0, -1.5, 0.5, 2.5)
# Logit of about the share of texts that an issue holds for on average (1.6 of 32), so that learning starts there.
ISSUE_START = -3.0
LEAST_GAP = 1e-12


@dataclass(frozen=True, slots=True)
class Readings:
    """What the network reads off a batch of n texts.

    Attributes:
        theta: Latent severity, shape (n,).
        issues: Logits, shape (n, number of issues).
        assertion: Logits, shape (n, ASSERTION_CLASSES).
        frame: Logits, shape (n, number of frames).
    """

    theta: Tensor
    issues: Tensor
    assertion: Tensor
    frame: Tensor


class OrderedCuts(nn.Module):
    """Increasing cut-points as a first cut and the logarithms of the gaps."""

    def __init__(self, start: tuple[float, ...]) -> None:
        super().__init__()
        values = torch.tensor(start)
        self.first = nn.Parameter(values[:1].clone())
        self.log_gaps = nn.Parameter(torch.log(values[1:] - values[:-1]))

    def forward(self, shift: Tensor | None = None, stretch: Tensor | None = None) -> Tensor:
        """Cut-points, shape (cuts,); or (n, cuts) given a shift (n, 1) and a stretch of log gaps (n, gaps)."""
        if shift is None or stretch is None:
            return torch.cat([self.first, self.first + torch.cumsum(self.log_gaps.exp(), dim=-1)])
        first = self.first + shift
        return torch.cat([first, first + torch.cumsum((self.log_gaps + stretch).exp(), dim=-1)], dim=-1)


class AreaOffsets(nn.Module):
    """What each area adds to the national level cut-points; centred over areas, so these stay national."""

    def __init__(self, areas: int) -> None:
        super().__init__()
        self.shift = nn.Embedding(max(areas, 1), 1)
        self.stretch = nn.Embedding(max(areas, 1), len(LEVEL_START) - 1)
        nn.init.zeros_(self.shift.weight)
        nn.init.zeros_(self.stretch.weight)

    def forward(self, area: Tensor) -> tuple[Tensor, Tensor]:
        """Shift (n, 1) and stretch (n, gaps) for area indices (n,)."""
        shift = self.shift.weight - self.shift.weight.mean(dim=0)
        stretch = self.stretch.weight - self.stretch.weight.mean(dim=0)
        return shift[area], stretch[area]

    def penalty(self, shift_sd: float, stretch_sd: float) -> Tensor:
        """Negative log density of the offsets under independent normal priors, up to a constant."""
        return self.shift.weight.square().sum() / (2 * shift_sd**2) + self.stretch.weight.square().sum() / (
            2 * stretch_sd**2
        )


class LadderNetwork(nn.Module):
    """Encoder, latent severity with its cut-points, and the issue, assertion and frame heads.

    Args:
        config: Encoder settings.
        areas: Number of areas whose thresholds are fitted.
        dropout: Probability with which pooled features are dropped in training.
        encoder_dropout: The same inside the encoder.
        bfloat16: Run the encoder in bfloat16 while training; the heads and the likelihood stay in single precision.
        pretrained: Load the packaged weights; False gives random weights (tests, and loading a saved state).
    """

    def __init__(
        self,
        config: EncoderConfig,
        *,
        areas: int,
        dropout: float,
        encoder_dropout: float = 0.0,
        bfloat16: bool = False,
        pretrained: bool = True,
    ) -> None:
        super().__init__()
        self._low_precision = bfloat16
        # A teacher reads tens of thousands of texts, and what it reads is a target and no result.
        self.reads_in_low_precision = False
        self.encoder = _load_encoder(config, dropout=encoder_dropout, pretrained=pretrained)
        width = self.encoder.config.hidden_size
        self.dropout = nn.Dropout(dropout)
        self.theta = nn.Linear(width, 1)
        self.issues = nn.Linear(width, len(ISSUES))
        self.assertion = nn.Linear(width, ASSERTION_CLASSES)
        self.frame = nn.Linear(width, len(FRAMES))
        nn.init.constant_(self.issues.bias, ISSUE_START)
        self.severity_cuts = OrderedCuts(SEVERITY_START)
        self.level_cuts = OrderedCuts(LEVEL_START)
        self.log_slope = nn.Parameter(torch.zeros(1))
        self.offsets = AreaOffsets(areas)
        assert len(SEVERITY_START) == len(SEVERITIES) - 1
        assert len(LEVEL_START) == len(LEVELS) - 1

    def forward(self, input_ids: Tensor, attention_mask: Tensor) -> Readings:
        """Read a padded batch; both arguments have shape (n, tokens)."""
        pooled = self.dropout(self.pooled(input_ids, attention_mask))
        return Readings(
            theta=self.theta(pooled).squeeze(-1),
            issues=self.issues(pooled),
            assertion=self.assertion(pooled),
            frame=self.frame(pooled),
        )

    def pooled(self, input_ids: Tensor, attention_mask: Tensor) -> Tensor:
        """Mean of the encoder's last hidden states over each text's tokens, shape (n, width)."""
        with torch.autocast(input_ids.device.type, dtype=torch.bfloat16, enabled=self._in_low_precision()):
            hidden = self.encoder(input_ids=input_ids, attention_mask=attention_mask).last_hidden_state
        hidden = hidden.float()
        # A mean over tokens as a product: ONNX Runtime sums a batch of one along another path than larger batches.
        mask = attention_mask.unsqueeze(1).to(hidden.dtype)
        mean: Tensor = (mask @ hidden).squeeze(1) / mask.sum(dim=-1).clamp(min=1.0)
        return mean

    def _in_low_precision(self) -> bool:
        return self._low_precision and (self.training or self.reads_in_low_precision)

    def severity_log_probabilities(self, theta: Tensor) -> Tensor:
        """log P(severity = 1..6), shape (n, 6)."""
        return log_classes(theta.unsqueeze(-1) - self.severity_cuts())

    def level_log_probabilities(self, theta: Tensor, area: Tensor) -> Tensor:
        """log P(level = none..D) under each row's own area, shape (n, 5)."""
        shift, stretch = self.offsets(area)
        cuts = self.level_cuts(shift, stretch)
        return log_classes(self.log_slope.exp() * (theta.unsqueeze(-1) - cuts))

    def gap_penalty(self, sd: float) -> Tensor:
        """Negative log density of the national log gaps between level cut-points under normals around their start.

        Few documents tell C from D: without it, the gap between them could grow without end.
        """
        start = OrderedCuts(LEVEL_START).log_gaps.detach().to(self.level_cuts.log_gaps.device)
        return (self.level_cuts.log_gaps - start).square().sum() / (2 * sd**2)


def log_classes(logits: Tensor) -> Tensor:
    """Log class probabilities from logits of P(class >= k), decreasing along the last axis; exact in the tails."""
    above, below = functional.logsigmoid(logits), functional.logsigmoid(-logits)
    # log(s(a) - s(b)) = log s(a) + log s(-b) + log(1 - exp(b - a))
    # Floored, so that two cut-points that meet in single precision give no infinite gradient.
    gaps = torch.log((-torch.expm1(logits[..., 1:] - logits[..., :-1])).clamp(min=LEAST_GAP))
    between = above[..., :-1] + below[..., 1:] + gaps
    return torch.cat([below[..., :1], between, above[..., -1:]], dim=-1)


def _load_encoder(config: EncoderConfig, *, dropout: float, pretrained: bool) -> BertModel | MPNetModel:
    logging.set_verbosity_error()  # type: ignore[no-untyped-call] # the package carries a pooling layer that we do not use, and would be told of it
    logging.disable_progress_bar()  # type: ignore[no-untyped-call]
    directory = encoder_directory(config.name)
    settings: dict[str, Any] = {
        "num_hidden_layers": config.layers,
        "hidden_dropout_prob": dropout,
        "attention_probs_dropout_prob": dropout,
    }
    kinds: tuple[type[BertConfig], type[BertModel]] | tuple[type[MPNetConfig], type[MPNetModel]]
    kinds = (MPNetConfig, MPNetModel) if config.name == LARGER_ENCODER else (BertConfig, BertModel)
    told = kinds[0].from_pretrained(directory, **settings)
    if pretrained:
        encoder = kinds[1].from_pretrained(directory, config=told, add_pooling_layer=False)
    else:
        encoder = kinds[1](told, add_pooling_layer=False)  # type: ignore[arg-type] # configuration and model go together
    if config.freeze_embeddings:
        encoder.embeddings.requires_grad_(False)
    for layer in encoder.encoder.layer[: config.frozen_layers]:
        layer.requires_grad_(False)
    return encoder
