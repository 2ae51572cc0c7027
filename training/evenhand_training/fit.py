"""Fit the network: one seeded run that shows its progress, can be killed at any point and then resumed.

A checkpoint holds weights, optimiser, schedule position and random state, and is written after each epoch by rename,
so that a kill leaves the previous one whole. A resumed run takes the same steps as an uninterrupted one.
"""

from __future__ import annotations

import hashlib
import json
import random
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from datasets import Dataset
from torch import Tensor

from evenhand.errors import InputError
from evenhand_training.config import TrainConfig
from evenhand_training.dataset import digest
from evenhand_training.losses import Labels, batch_loss, class_weights
from evenhand_training.network import LadderNetwork

CHECKPOINT = "checkpoint.pt"
# Batches are cut from runs of this many batches sorted by length: little padding, yet a different mix every epoch.
SORT_WINDOW = 20

Progress = Callable[[int, int, dict[str, float]], None]


@dataclass(frozen=True, slots=True)
class Fitted:
    """A fitted network and how its loss went.

    Attributes:
        network: In evaluation mode.
        history: Mean of each loss part, one entry an epoch.
    """

    network: LadderNetwork
    history: list[dict[str, float]]


def fit(
    rows: Dataset,
    config: TrainConfig,
    *,
    areas: int,
    start: LadderNetwork | None = None,
    run_directory: Path | None = None,
    progress: Progress | None = None,
) -> Fitted:
    """Fit a network to `rows` (see `examples.to_dataset`), resuming from `run_directory` if it holds a checkpoint.

    Units marked `replayed` are too many for every epoch: each draws `adapt.replay_share` as many of them as there are
    other units. A unit is a row, or all rows that are compared with each other.

    Args:
        rows: Training rows.
        config: The whole configuration; a checkpoint of another configuration is refused.
        areas: Number of areas that `rows` index.
        start: The network to go on from, left as it is; None for the pre-trained encoder with new heads.
        run_directory: Where to keep the checkpoint; None keeps nothing and cannot be resumed.
        progress: Called after each step with (step, steps in all, loss parts of the step).

    Raises:
        InputError: the checkpoint was made with another configuration or other rows.
    """
    torch.manual_seed(config.seed)
    network = LadderNetwork(
        config.encoder,
        areas=areas,
        dropout=config.optimiser.dropout,
        encoder_dropout=config.optimiser.encoder_dropout,
        bfloat16=config.optimiser.bfloat16,
        pretrained=start is None,
    )
    if start is not None:
        network.load_state_dict(start.state_dict())
    optimiser = _optimiser(network, config)
    columns = columns_of(rows, balance=config.loss.class_balance)
    sampler = Sampler.of(rows, config)
    epochs = [sampler.batches(epoch) for epoch in range(config.optimiser.epochs)]
    steps = sum(map(len, epochs))
    schedule = torch.optim.lr_scheduler.LambdaLR(optimiser, warm_up_and_decay(steps, config.optimiser.warmup_share))
    identity = {"config": config.digest(), "rows": digest(rows), "areas": areas, "start": fingerprint(start)}
    state = _State(network, optimiser, schedule, identity)
    history = state.resume(run_directory)
    for epoch in range(len(history), config.optimiser.epochs):
        network.train()
        sums: dict[str, float] = {}
        rows_of_epoch = sum(map(len, epochs[epoch]))
        for number, batch in enumerate(epochs[epoch], start=1 + sum(map(len, epochs[:epoch]))):
            parts = _step(network, columns, batch, config, rows_of_epoch=rows_of_epoch)
            loss = torch.stack(list(parts.values())).sum()
            optimiser.zero_grad(set_to_none=True)
            loss.backward()  # type: ignore[no-untyped-call]
            torch.nn.utils.clip_grad_norm_(network.parameters(), config.optimiser.gradient_norm)
            optimiser.step()
            schedule.step()
            values = {name: float(part.detach()) for name, part in parts.items()}
            sums = {name: sums.get(name, 0.0) + value for name, value in values.items()}
            if progress is not None:
                progress(number, steps, values)
        history.append({name: round(total / len(epochs[epoch]), 5) for name, total in sums.items()})
        state.save(run_directory, history)
    network.eval()
    return Fitted(network, history)


def _step(
    network: LadderNetwork,
    columns: dict[str, Any],
    batch: list[int],
    config: TrainConfig,
    *,
    rows_of_epoch: int,
) -> dict[str, Tensor]:
    input_ids, mask = pad([columns["input_ids"][row] for row in batch])
    labels = Labels(**{name: columns[name][batch] for name in Labels.__dataclass_fields__})
    parts = batch_loss(network, network(input_ids, mask), labels, config.loss)
    penalty = network.offsets.penalty(config.loss.area_shift_sd, config.loss.area_gap_sd)
    penalty = penalty + network.gap_penalty(config.loss.national_gap_sd)
    # The likelihood of a batch is a mean over its rows: the penalties are brought to the same footing.
    return {**parts, "penalty": config.loss.level * penalty / rows_of_epoch}


def pad(token_ids: list[list[int]]) -> tuple[Tensor, Tensor]:
    """Pad token ids with 0 to the longest; returns ids and attention mask, both (n, longest)."""
    longest = max(len(ids) for ids in token_ids)
    ids = torch.zeros((len(token_ids), longest), dtype=torch.long)
    mask = torch.zeros((len(token_ids), longest), dtype=torch.long)
    for row, tokens in enumerate(token_ids):
        ids[row, : len(tokens)] = torch.tensor(tokens)
        mask[row, : len(tokens)] = 1
    return ids, mask


def columns_of(rows: Dataset, *, balance: float) -> dict[str, Any]:
    """The columns of `losses.Labels` as tensors, and `input_ids` as lists; for `balance` see `losses.class_weights`."""
    kinds = dict.fromkeys(("severity", "area", "frame", "unit", "rank"), torch.long)
    columns: dict[str, Any] = {
        name: torch.tensor(np.asarray(rows[name]), dtype=kinds.get(name, torch.float32))
        for name in Labels.__dataclass_fields__
        if name in rows.column_names
    }
    allowed = columns["assertion"]
    one = allowed.sum(dim=1) == 1
    weights = class_weights(torch.where(one, allowed.argmax(dim=1), -1), balance)
    # A row that leaves the class open says the least of any.
    columns["assertion_weight"] = torch.where(one, weights, weights.min())
    columns["frame_weight"] = class_weights(columns["frame"], balance)
    columns["input_ids"] = list(rows["input_ids"])
    return columns


@dataclass(frozen=True, slots=True)
class Sampler:
    """Which rows make up the batches of an epoch; decided by the seed and the epoch alone.

    Attributes:
        lengths: Tokens of each row.
        core: Units that every epoch has, each a list of rows that stay in one batch.
        replayed: Units of which each epoch draws `drawn`.
        drawn: How many.
        batch_size: Rows of a batch.
        seed: Of the run.
    """

    lengths: list[int]
    core: list[list[int]]
    replayed: list[list[int]]
    drawn: int
    batch_size: int
    seed: int

    @classmethod
    def of(cls, rows: Dataset, config: TrainConfig) -> Sampler:
        """For the rows of a data set."""
        units: dict[int, list[int]] = {}
        for row, unit in enumerate(rows["unit"]):
            units.setdefault(unit, []).append(row)
        replayed = list(rows["replayed"])
        core = [found for found in units.values() if not replayed[found[0]]]
        others = [found for found in units.values() if replayed[found[0]]]
        drawn = min(len(others), round(config.adapt.replay_share * len(core)))
        lengths = [len(ids) for ids in rows["input_ids"]]
        return cls(lengths, core, others, drawn, config.optimiser.batch_size, config.seed)

    def batches(self, epoch: int) -> list[list[int]]:
        """Row numbers of each batch, of `batch_size` rows or, where a unit would be parted, a few more."""
        shuffler = random.Random(f"{self.seed}-{epoch}")  # noqa: S311 - order of training rows, no secret
        order = self.core + shuffler.sample(self.replayed, self.drawn)
        shuffler.shuffle(order)
        batches: list[list[int]] = []
        for start in range(0, len(order), self.batch_size * SORT_WINDOW):
            window = order[start : start + self.batch_size * SORT_WINDOW]
            batch: list[int] = []
            for unit in sorted(window, key=lambda unit: max(self.lengths[row] for row in unit)):
                batch += unit
                if len(batch) >= self.batch_size:
                    batches.append(batch)
                    batch = []
            if batch:
                batches.append(batch)
        shuffler.shuffle(batches)
        return batches


def fingerprint(network: LadderNetwork | None) -> str | None:
    """SHA-256 over a network's weights, so that a second stage can tell whether its first stage is the same."""
    if network is None:
        return None
    running = hashlib.sha256()
    for name, value in sorted(network.state_dict().items()):
        running.update(name.encode())
        running.update(value.detach().contiguous().numpy().tobytes())
    return running.hexdigest()


def _optimiser(network: LadderNetwork, config: TrainConfig) -> torch.optim.AdamW:
    settings = config.optimiser
    encoder, heads, cuts = [], [], []
    for name, parameter in network.named_parameters():
        if not parameter.requires_grad:
            continue
        if name.startswith("encoder."):
            encoder.append(parameter)
        elif name.startswith(("severity_cuts.", "level_cuts.", "log_slope", "offsets.")):
            cuts.append(parameter)
        else:
            heads.append(parameter)
    return torch.optim.AdamW(
        [
            {"params": encoder, "lr": settings.encoder_rate, "weight_decay": settings.weight_decay},
            {"params": heads, "lr": settings.head_rate, "weight_decay": settings.weight_decay},
            {"params": cuts, "lr": settings.cut_rate, "weight_decay": 0.0},
        ]
    )


def warm_up_and_decay(steps: int, warmup_share: float) -> Callable[[int], float]:
    """Factor of the learning rate at a step: up in a line, then down to 0 in a line."""
    warmup = max(1, round(steps * warmup_share))

    def factor(step: int) -> float:
        if step < warmup:
            return (step + 1) / warmup
        return max(0.0, (steps - step) / max(1, steps - warmup))

    return factor


@dataclass(frozen=True, slots=True)
class _State:
    """What a checkpoint saves and restores."""

    network: LadderNetwork
    optimiser: torch.optim.AdamW
    schedule: torch.optim.lr_scheduler.LambdaLR
    identity: dict[str, Any]

    def save(self, directory: Path | None, history: list[dict[str, float]]) -> None:
        if directory is None:
            return
        directory.mkdir(parents=True, exist_ok=True)
        partial = directory / (CHECKPOINT + ".partial")
        torch.save(
            {
                "network": self.network.state_dict(),
                "optimiser": self.optimiser.state_dict(),
                "schedule": self.schedule.state_dict(),
                "torch_random": torch.get_rng_state(),
                "identity": json.dumps(self.identity, sort_keys=True),
                "history": json.dumps(history),
            },
            partial,
        )
        partial.replace(directory / CHECKPOINT)

    def resume(self, directory: Path | None) -> list[dict[str, float]]:
        if directory is None or not (directory / CHECKPOINT).exists():
            return []
        saved = torch.load(directory / CHECKPOINT, weights_only=True)
        if saved["identity"] != json.dumps(self.identity, sort_keys=True):
            message = (
                f"{directory / CHECKPOINT}: made with another configuration or corpus; "
                "give another run directory or delete this one"
            )
            raise InputError(message)
        self.network.load_state_dict(saved["network"])
        self.optimiser.load_state_dict(saved["optimiser"])
        self.schedule.load_state_dict(saved["schedule"])
        torch.set_rng_state(saved["torch_random"])
        history: list[dict[str, float]] = json.loads(saved["history"])
        return history
