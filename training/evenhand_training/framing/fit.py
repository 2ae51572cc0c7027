"""Fit the framing network: one seeded run."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional

from evenhand.framing.decoding import ASKED_AT, ELEMENT_AT, FRAME_AT, KIND_AT
from evenhand_training.encoder import load_tokenizer
from evenhand_training.fit import warm_up_and_decay
from evenhand_training.framing.network import FramingReader
from evenhand_training.framing.texts import CodedText
from evenhand_training.framing.tokens import MARKS, UNKNOWN, Taught, taught

Progress = Callable[[str, int, int, float], None]

# Batches are cut from runs of this many texts sorted by length: little padding, yet a different mix every epoch.
_SORT_WINDOW = 200


@dataclass(frozen=True, slots=True)
class FramingConfig:
    """Settings of a fit, found on the held training texts.

    Attributes:
        seed: Of everything random.
        rounds: Passes over the texts and the encoder's largest learning rate, for each round, in which rates rise and
            fall. The network then is the mean of the weights at their ends: on the held texts F1 of framing spans was
            .73 after the first round, .73 after the second, and .77 for the mean.
        plain_round: The same for a last round, with plain texts among the others.
        tokens: Of a batch, with padding.
        head_rate: That of the readings.
        dropout: See `FramingReader`.
        mark_weight: How much marks of tokens count, against frames of sentences, at 1.
        element_weight: How much elements count.
        positive: How much more a marked token counts than one that is not.
        frames: How much each frame counts, rare ones more: evidence, risk, blame, need, strength, administration.
        max_tokens: Of a window; MiniLM has places for 512.
    """

    seed: int = 1
    rounds: tuple[tuple[int, float], ...] = ((12, 2e-4), (8, 1.2e-4))
    plain_round: tuple[int, float] = (3, 1e-4)
    tokens: int = 768
    head_rate: float = 1e-3
    dropout: float = 0.1
    mark_weight: float = 3.0
    element_weight: float = 1.0
    positive: float = 2.0
    frames: tuple[float, ...] = (0.7, 1.5, 1.5, 1.2, 1.2, 1.0)
    max_tokens: int = 510

    def to_dict(self) -> dict[str, Any]:
        """Plain JSON types."""
        return asdict(self)


def fit_framing(
    texts: Sequence[CodedText],
    config: FramingConfig,
    *,
    plain: Sequence[CodedText] = (),
    start: dict[str, Tensor] | None = None,
    progress: Progress | None = None,
) -> FramingReader:
    """Fit a network to texts.

    Args:
        texts: Those to fit to.
        config: Settings.
        plain: Short texts in which nothing is to be flagged.
        start: Weights of an encoder to begin with; None for the packaged ones.
        progress: Called after each step with (round, step, steps in all, loss).

    Returns:
        The network, in evaluation mode.
    """
    torch.manual_seed(config.seed)
    order = random.Random(config.seed)  # noqa: S311 - order of batches
    tokenizer = load_tokenizer(config.max_tokens)
    lessons = [taught(text, tokenizer) for text in texts]
    network = FramingReader(dropout=config.dropout, start=start)
    ends: list[dict[str, Tensor]] = []
    for number, (epochs, rate) in enumerate(config.rounds):
        batches = [batch for _ in range(epochs) for batch in _batches(lessons, config.tokens, order)]
        _round(network, batches, rate, config, f"round {number + 1}", progress)
        ends.append({key: value.clone() for key, value in network.state_dict().items()})
    network.load_state_dict({key: _mean_of([end[key] for end in ends]) for key in ends[0]})
    lessons += [taught(text, tokenizer) for text in plain]
    epochs, rate = config.plain_round
    batches = [batch for _ in range(epochs) for batch in _batches(lessons, config.tokens, order)]
    _round(network, batches, rate, config, "round with plain texts", progress)
    return network.eval()


def _mean_of(values: Sequence[Tensor]) -> Tensor:
    """Mean of weights; what is no weight, such as places of tokens, is the same in all."""
    return torch.stack(list(values)).mean(0) if values[0].is_floating_point() else values[0]


def _round(
    network: FramingReader,
    batches: Sequence[Sequence[Taught]],
    rate: float,
    config: FramingConfig,
    name: str,
    progress: Progress | None,
) -> None:
    """One rise and fall of learning rates over some batches."""
    learned = [weight for weight in network.encoder.parameters() if weight.requires_grad]
    optimiser = torch.optim.AdamW(
        [{"params": learned, "lr": rate}, {"params": network.readings.parameters(), "lr": config.head_rate}],
        weight_decay=0.01,
    )
    schedule = torch.optim.lr_scheduler.LambdaLR(optimiser, warm_up_and_decay(len(batches), 0.1))
    network.train()
    for step, batch in enumerate(batches, start=1):
        loss = _loss(network(*_padded(batch)), batch, config)
        loss.backward()  # type: ignore[no-untyped-call] # torch has no type for it
        nn.utils.clip_grad_norm_([*learned, *network.readings.parameters()], 1.0)
        optimiser.step()
        schedule.step()
        optimiser.zero_grad()
        if progress is not None:
            progress(name, step, len(batches), float(loss.detach()))


def _batches(lessons: Sequence[Taught], tokens: int, order: random.Random) -> list[list[Taught]]:
    shuffled = list(lessons)
    order.shuffle(shuffled)
    found: list[list[Taught]] = []
    for at in range(0, len(shuffled), _SORT_WINDOW):
        batch: list[Taught] = []
        for lesson in sorted(shuffled[at : at + _SORT_WINDOW], key=lambda lesson: len(lesson.ids)):
            if batch and (len(batch) + 1) * len(lesson.ids) > tokens:
                found.append(batch)
                batch = []
            batch.append(lesson)
        found.append(batch)
    order.shuffle(found)
    return found


def _padded(batch: Sequence[Taught]) -> tuple[Tensor, Tensor]:
    longest = max(len(lesson.ids) for lesson in batch)
    ids = torch.zeros(len(batch), longest, dtype=torch.long)
    mask = torch.zeros_like(ids)
    for row, lesson in enumerate(batch):
        ids[row, : len(lesson.ids)] = torch.tensor(lesson.ids)
        mask[row, : len(lesson.ids)] = 1
    return ids, mask


def _loss(logits: Tensor, batch: Sequence[Taught], config: FramingConfig) -> Tensor:
    """What is wrong with tokens, needs, frames and elements of a batch, each as a mean over those that are known."""
    tokens = [read[1 : len(lesson.ids) - 1] for read, lesson in zip(logits, batch, strict=True)]
    sentences = torch.cat([lesson.means @ read[: len(lesson.ids)] for read, lesson in zip(logits, batch, strict=True)])
    every = torch.cat(tokens)
    marks = torch.cat([lesson.marks[1:-1] for lesson in batch])
    known = torch.cat([lesson.known.expand(len(read), -1) for read, lesson in zip(tokens, batch, strict=True)])
    wrong = functional.binary_cross_entropy_with_logits(every[:, :MARKS], marks, reduction="none")
    parts = [config.mark_weight * _mean((wrong * (1 + (config.positive - 1) * marks) * known).sum(1), known.any(1))]
    kind = torch.cat([lesson.kind[1:-1] for lesson in batch])
    asked = torch.cat([lesson.asked[1:-1] for lesson in batch])
    lacking = kind != UNKNOWN
    if lacking.any():
        parts.append(functional.cross_entropy(every[lacking][:, KIND_AT], kind[lacking]))
        parts.append(functional.binary_cross_entropy_with_logits(every[lacking][:, ASKED_AT], asked[lacking]))
    frame = torch.cat([lesson.frame for lesson in batch])
    if (frame != UNKNOWN).any():
        weight = torch.tensor(config.frames)
        # A second coder puts one sentence in six elsewhere, so that no frame is held for certain.
        parts.append(
            functional.cross_entropy(
                sentences[:, FRAME_AT], frame, weight=weight, ignore_index=UNKNOWN, label_smoothing=0.05
            )
        )
    elements = torch.cat([lesson.elements for lesson in batch])
    wrong = functional.binary_cross_entropy_with_logits(sentences[:, ELEMENT_AT], elements, reduction="none")
    there = torch.cat([lesson.has_elements for lesson in batch])
    parts.append(config.element_weight * _mean(wrong.sum(1) * there, there > 0))
    return torch.stack(parts).sum()


def _mean(values: Tensor, counted: Tensor) -> Tensor:
    return values.sum() / counted.sum().clamp(min=1)
