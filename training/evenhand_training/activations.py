"""What flows into a network's dense layers over many texts: ranges, means and second moments of each channel.

Integer scales are set from these before export. Only training texts may be used: scales are part of what is fitted.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
import torch
from numpy.typing import NDArray
from tokenizers import Tokenizer
from torch import Tensor, nn

from evenhand.text import normalise
from evenhand_training.corpus import Corpus, Splits
from evenhand_training.examples import Example, authored_examples, development_rows

# The inputs of a layer's dense products; query, key and value share theirs.
SITES = ("attention.self.query", "attention.output.dense", "intermediate.dense", "output.dense")
TOKENS_AT_ONCE = 4096  # a few megabytes of activations
TEXTS_PER_SOURCE = 150  # 1,650 texts in all, a minute; with an eighth of them a fifth more was lost


class ReadsWithEncoder(Protocol):
    """A network with an encoder of transformers' kind: the model's own, or that of framing."""

    encoder: Any

    def __call__(self, input_ids: Tensor, attention_mask: Tensor) -> Any:  # noqa: ANN401 - each reads its own
        """Read a batch."""

    def eval(self) -> Any:  # noqa: ANN401 - itself
        """Set it to evaluation mode."""


@dataclass(slots=True)
class Flow:
    """Activations of one site over all tokens seen, by channel.

    Attributes:
        tokens: How many were seen.
        low: Smallest value of each channel, shape (channels,).
        high: Largest value of each channel.
        total: Sum of each channel.
        moments: Sums of products of each two channels, shape (channels, channels).
    """

    tokens: int
    low: NDArray[np.float64]
    high: NDArray[np.float64]
    total: NDArray[np.float64]
    moments: NDArray[np.float64]

    @classmethod
    def nothing(cls, channels: int) -> Flow:
        """Before the first token."""
        return cls(
            tokens=0,
            low=np.full(channels, np.inf),
            high=np.full(channels, -np.inf),
            total=np.zeros(channels),
            moments=np.zeros((channels, channels)),
        )

    def add(self, values: NDArray[np.float32]) -> None:
        """Count the activations of some tokens, shape (tokens, channels)."""
        self.tokens += len(values)
        self.low = np.minimum(self.low, values.min(axis=0))
        self.high = np.maximum(self.high, values.max(axis=0))
        self.total += values.sum(axis=0, dtype=np.float64)
        self.moments += values.T @ values

    def reordered(self, order: NDArray[np.intp]) -> Flow:
        """The same with channels in another order."""
        moments = self.moments[np.ix_(order, order)]
        return Flow(self.tokens, self.low[order], self.high[order], self.total[order], moments)

    @property
    def mean(self) -> NDArray[np.float64]:
        """Mean of each channel, shape (channels,)."""
        return self.total / self.tokens

    @property
    def covariance(self) -> NDArray[np.float64]:
        """Covariances of channels over tokens, shape (channels, channels)."""
        return self.moments / self.tokens - np.outer(self.mean, self.mean)


def flows(network: ReadsWithEncoder, tokenizer: Tokenizer, texts: Sequence[str]) -> list[dict[str, Flow]]:
    """Read texts and return what flowed into each layer, by site.

    Args:
        network: In evaluation mode.
        tokenizer: The encoder's; cuts what is too long.
        texts: As the network sees them, that is normalised; batches hold texts of one length, so nothing is padded.
    """
    encoder: Any = network.encoder
    found: list[dict[str, Flow]] = [{} for _ in encoder.encoder.layer]
    hooks = [
        layer.get_submodule(site).register_forward_pre_hook(_counter(found[number], site))
        for number, layer in enumerate(encoder.encoder.layer)
        for site in SITES
    ]
    try:
        with torch.no_grad():
            for batch in _batches(tokenizer, texts):
                network(batch, torch.ones_like(batch))
    finally:
        for hook in hooks:
            hook.remove()
    return found


def step_texts(corpus: Corpus, splits: Splits) -> list[str]:
    """Texts whose activations set the steps of an export: of training rows, as many of each source, normalised.

    Of a source with fewer than twice as many they are the first ones; 0.3.1 was made so.
    """
    by_source: dict[str, list[Example]] = {}
    for row in (*authored_examples(corpus, splits, "train"), *development_rows(corpus, splits).values()):
        by_source.setdefault(row.source, []).append(row)
    return [
        normalise(row.text)
        for _, rows in sorted(by_source.items())
        for row in rows[:: max(1, len(rows) // TEXTS_PER_SOURCE)][:TEXTS_PER_SOURCE]
    ]


def _counter(found: dict[str, Flow], site: str) -> Any:  # noqa: ANN401 - torch types its hooks so
    def count(_: nn.Module, inputs: tuple[Tensor, ...]) -> None:
        values = inputs[0].reshape(-1, inputs[0].shape[-1]).numpy()
        found.setdefault(site, Flow.nothing(values.shape[1])).add(values)

    return count


def _batches(tokenizer: Tokenizer, texts: Sequence[str]) -> list[Tensor]:
    by_length: dict[int, list[list[int]]] = {}
    for encoding in tokenizer.encode_batch(list(texts)):
        by_length.setdefault(len(encoding.ids), []).append(encoding.ids)
    return [
        torch.tensor(ids[at : at + max(1, TOKENS_AT_ONCE // length)])
        for length, ids in sorted(by_length.items())
        for at in range(0, len(ids), max(1, TOKENS_AT_ONCE // length))
    ]
