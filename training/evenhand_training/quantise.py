"""Weights rounded to 8-bit integers with one scale an output, before a network is exported.

The network in single precision and on integers then has the same weights. An activation may be two digits in base 128,
each multiplied with the same 8-bit weights. A digit lies in 0..128, so that two products fit in 16 bits
(2 * 128 * 127 = 32,512) and processors without VNNI, whose kernels add pairs in 16 bits, cannot saturate.
"""

from __future__ import annotations

import copy
from typing import TypeVar

import numpy as np
import torch
from numpy.typing import NDArray

_Network = TypeVar("_Network", bound=torch.nn.Module)

WEIGHT_LIMIT = 127  # 8 bits, symmetric
BASE = 128  # of the two digits of an activation
DIGIT_ZERO = 64  # digits run from -64 to 64 and are stored from 0 to 128
LEAST_SCALE = 1e-8  # keeps an all-zero vector from a division by zero
# Smaller tables are worth less than the nodes that would read them.
LEAST_TABLE_ROWS = 1000


def columns(weights: NDArray[np.float32]) -> tuple[NDArray[np.int8], NDArray[np.float32]]:
    """Integers (inputs, outputs) and one scale an output."""
    scales = np.maximum(np.abs(weights).max(axis=0), LEAST_SCALE) / WEIGHT_LIMIT
    return np.round(weights / scales).astype(np.int8), scales.astype(np.float32)


def rows(table: NDArray[np.float32]) -> tuple[NDArray[np.int8], NDArray[np.float32]]:
    """Integers of a table and one scale a row, shape (rows, 1)."""
    integers, scales = columns(table.T)
    return np.ascontiguousarray(integers.T), scales[:, None]


def round_weights(network: _Network) -> _Network:
    """A copy whose dense encoder layers and word embeddings hold exactly what an export stores of them."""
    rounded = copy.deepcopy(network)
    with torch.no_grad():
        for module in rounded.get_submodule("encoder").modules():
            # A linear layer's weight is (outputs, inputs), so that one scale a row is one scale an output.
            if isinstance(module, torch.nn.Linear) or _is_large_table(module):
                weight = module.get_parameter("weight")
                integers, scales = rows(weight.detach().numpy())
                weight.copy_(torch.from_numpy(integers * scales))
    return rounded


def _is_large_table(module: torch.nn.Module) -> bool:
    return isinstance(module, torch.nn.Embedding) and module.num_embeddings >= LEAST_TABLE_ROWS
