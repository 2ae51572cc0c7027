"""The plain way to fine-tune an encoder: the same MiniLM with a softmax over levels and one over severities.

It knows no order of levels or grades, no areas, and normalises over no visible levels. Issues are read as in the model.
Its encoder starts from the model's first stage and takes the steps of its second, so that both have seen the same rows
equally often and differ in their heads and likelihood. In the second stage it learns from codes alone, without the
model's teacher.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from evenhand.decoder import choose_issues, logistic, softmax
from evenhand.scheme import ISSUES, LEVELS, SEVERITIES
from evenhand_training.config import TrainConfig
from evenhand_training.dataset import to_dataset
from evenhand_training.encoder import load_tokenizer
from evenhand_training.examples import Example
from evenhand_training.fit import Sampler, columns_of, pad, warm_up_and_decay
from evenhand_training.losses import Labels, interval_log_likelihood
from evenhand_training.metrics import Predictions
from evenhand_training.network import LadderNetwork
from evenhand_training.reading import pooled_features

# Rows to fit thresholds on would have to be kept from the fit. These are what calibration finds for the model, rounded.
ISSUE_THRESHOLD = 0.5
TOP_ISSUE_THRESHOLD = 0.3


class SoftmaxHeads(nn.Module):
    """Linear heads over pooled features: severity, level and issues."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.severity = nn.Linear(width, len(SEVERITIES))
        self.level = nn.Linear(width, len(LEVELS))
        self.issues = nn.Linear(width, len(ISSUES))

    def loss(self, pooled: Tensor, labels: Labels, issue_weight: float) -> Tensor:
        """Cross-entropies; a level set counts as the probability of all its levels."""
        known = labels.severity > 0
        severity = functional.cross_entropy(self.severity(pooled), (labels.severity - 1).clamp(min=0), reduction="none")
        found = functional.log_softmax(self.level(pooled), dim=-1)
        informative = (labels.levels != labels.visible).any(dim=-1).float()
        inside = (labels.levels > 0).float()
        level = interval_log_likelihood(found, inside, torch.ones_like(inside))
        issues = functional.binary_cross_entropy_with_logits(self.issues(pooled), labels.issues, reduction="none")
        return (
            (severity * known).sum() / known.sum().clamp(min=1)
            - (level * informative).sum() / informative.numel()
            + issue_weight * (issues.mean(dim=-1) * labels.has_issues).sum() / labels.has_issues.sum().clamp(min=1.0)
        )


def softmax_encoder(
    training: Sequence[Example], rows: Sequence[Example], *, config: TrainConfig, start: LadderNetwork
) -> Predictions:
    """Fine-tune the encoder of `start` and softmax heads on `training` as the second stage does, and read `rows`.

    Published rows are in every epoch; of all others, pairs and notes included, it draws.
    """
    torch.manual_seed(config.seed)
    network = LadderNetwork(
        config.encoder,
        areas=1,
        dropout=config.optimiser.dropout,
        encoder_dropout=config.optimiser.encoder_dropout,
        bfloat16=config.optimiser.bfloat16,
        pretrained=False,
    )
    network.encoder.load_state_dict(start.encoder.state_dict())
    heads = SoftmaxHeads(network.theta.in_features)
    _fit(network, heads, training, config)
    tokenizer = load_tokenizer(config.encoder.max_tokens)
    with torch.no_grad():
        read = pooled_features(network, tokenizer, [row.text for row in rows])
        grades = softmax(heads.severity(read).double().numpy())
        levels = softmax(heads.level(read).double().numpy())
        logits = heads.issues(read).double().numpy()
    return Predictions(
        level_probabilities=levels,
        severity=grades @ np.asarray(SEVERITIES, dtype=np.float64),
        issues=choose_issues(logistic(logits), ISSUE_THRESHOLD, TOP_ISSUE_THRESHOLD),
    )


def _fit(network: LadderNetwork, heads: SoftmaxHeads, training: Sequence[Example], config: TrainConfig) -> None:
    settings = config.adapting().optimiser
    tokenizer = load_tokenizer(config.encoder.max_tokens)
    replayed = {row.id for row in training if row.group is None}
    areas = {row.area: 0 for row in training if row.area}
    dataset = to_dataset(training, tokenizer, areas=areas, replayed=replayed)
    columns = columns_of(dataset, balance=config.loss.class_balance)
    sampler = Sampler.of(dataset, config)
    epochs = [sampler.batches(epoch) for epoch in range(settings.epochs)]
    steps = sum(map(len, epochs))
    encoder = [parameter for parameter in network.encoder.parameters() if parameter.requires_grad]
    optimiser = torch.optim.AdamW(
        [
            {"params": encoder, "lr": settings.encoder_rate},
            {"params": list(heads.parameters()), "lr": settings.head_rate},
        ],
        weight_decay=settings.weight_decay,
    )
    schedule = torch.optim.lr_scheduler.LambdaLR(optimiser, warm_up_and_decay(steps, settings.warmup_share))
    for batches in epochs:
        network.train()
        for batch in batches:
            ids, mask = pad([columns["input_ids"][row] for row in batch])
            labels = Labels(**{name: columns[name][batch] for name in Labels.__dataclass_fields__})
            optimiser.zero_grad(set_to_none=True)
            heads.loss(network.dropout(network.pooled(ids, mask)), labels, config.loss.issues).backward()  # type: ignore[no-untyped-call]
            torch.nn.utils.clip_grad_norm_([*encoder, *heads.parameters()], settings.gradient_norm)
            optimiser.step()
            schedule.step()
    network.eval()
