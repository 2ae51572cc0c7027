"""What a fitted network reads off texts."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from tokenizers import Tokenizer
from torch import Tensor

from evenhand_training.dataset import encode
from evenhand_training.fit import pad
from evenhand_training.network import LadderNetwork

# Texts read at once after training; only speed depends on it.
READ_AT_ONCE = 64


@dataclass(frozen=True, slots=True)
class CutPoints:
    """A network's national cut-points, which decode its latent severity.

    Attributes:
        severity: Shape (5,).
        first_level: First level cut-point.
        level_log_gaps: Logarithms of the gaps between level cut-points, shape (3,).
        level_slope: Steepness of the level reading.
    """

    severity: NDArray[np.float64]
    first_level: float
    level_log_gaps: NDArray[np.float64]
    level_slope: float

    @classmethod
    def of(cls, network: LadderNetwork) -> CutPoints:
        """Take them from a network."""
        return cls(
            severity=network.severity_cuts().detach().double().numpy(),
            first_level=float(network.level_cuts.first.detach()),
            level_log_gaps=network.level_cuts.log_gaps.detach().double().numpy(),
            level_slope=float(network.log_slope.detach().exp()),
        )


def read_off(network: LadderNetwork, tokenizer: Tokenizer, texts: Sequence[str]) -> dict[str, NDArray[np.float64]]:
    """The network's readings of whole texts by name of output, in the order given."""

    def read(ids: Tensor, mask: Tensor) -> dict[str, Tensor]:
        found = network(ids, mask)
        return {name: getattr(found, name) for name in ("theta", "issues", "assertion", "frame")}

    found = _in_batches(network, tokenizer, texts, read)
    return {name: values.double().numpy() for name, values in found.items()}


def pooled_features(network: LadderNetwork, tokenizer: Tokenizer, texts: Sequence[str]) -> Tensor:
    """What the heads read of whole texts, in the order given, shape (n, width)."""
    return _in_batches(network, tokenizer, texts, lambda ids, mask: {"pooled": network.pooled(ids, mask)})["pooled"]


def _in_batches(
    network: LadderNetwork,
    tokenizer: Tokenizer,
    texts: Sequence[str],
    read: Callable[[Tensor, Tensor], dict[str, Tensor]],
) -> dict[str, Tensor]:
    tokens = encode(tokenizer, texts)
    order = sorted(range(len(tokens)), key=lambda row: len(tokens[row]))
    parts: dict[str, list[Tensor]] = {}
    network.eval()
    with torch.no_grad():
        for at in range(0, len(order), READ_AT_ONCE):
            ids, mask = pad([tokens[row] for row in order[at : at + READ_AT_ONCE]])
            for name, values in read(ids, mask).items():
                parts.setdefault(name, []).append(values)
    back = torch.argsort(torch.tensor(order))
    return {name: torch.cat(values)[back] for name, values in parts.items()}
