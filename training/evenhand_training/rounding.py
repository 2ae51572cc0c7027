"""Steps of activations and integer weights such that one 8-bit product loses little.

Each input channel gets a step and a shift of its own, so that channels of wide range do not coarsen the others
(SmoothQuant, Xiao et al. 2023, with the whole range moved into the weights). Weights are rounded one input after the
other, and what a rounding loses is made up by the inputs that are still to come, as far as they go with it (GPTQ,
Frantar et al. 2023).

An activation lies in 0..255. Kernels for processors without VNNI add two neighbouring products in 16 bits, so weights
of one output that stand beside each other may reach 128 together where their signs agree: 255 * 128 = 32,640 < 32,768.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from evenhand_training.activations import Flow

Floats = NDArray[np.float64]

HIGHEST = 255  # of an unsigned byte
MIDDLE = 128  # where a channel's shift lies
PAIR_LIMIT = 128  # of neighbouring weights of one sign
WEIGHT_LIMIT = 127
# How much further than in the texts counted an activation may go before it is cut: without, cuts cost on other texts.
MARGIN = 1.05
LEAST_STEP = 1e-6  # keeps a channel that never moves from a division by zero
# The least value of x * Phi(x), which is what the feed-forward layers' activation function can give.
LEAST_GELU = -0.17
# Of 255 steps of an activation of that function, those below zero: 0.17 is a fifteenth of a usual channel's range.
GELU_ZERO = 24
# Of the scale that cuts no weight: a few cut weights may cost less than coarser steps for all.
SCALES_TRIED = (1.0, 0.9, 0.8, 0.7)
DAMPING = 0.01  # of the mean variance, added to each: keeps the covariance invertible
BLOCK = 128  # inputs rounded before the rest is made up for; only speed depends on it


@dataclass(frozen=True, slots=True)
class Steps:
    """How an activation becomes an integer: round((value - shift) / step) + zero, cut to 0..255.

    Attributes:
        shift: Shape (channels,).
        step: Shape (channels,).
        zero: The integer of a value at its shift.
    """

    shift: Floats
    step: Floats
    zero: int

    @classmethod
    def centred(cls, flow: Flow) -> Steps:
        """Each channel's range, its middle at 128."""
        reach = (flow.high - flow.low) / 2 * MARGIN
        return cls((flow.high + flow.low) / 2, np.maximum(reach, LEAST_STEP) / (HIGHEST - MIDDLE), MIDDLE)

    @classmethod
    def of_gelu(cls, flow: Flow) -> Steps:
        """Most of the range above zero, where the activation function gives nearly all it gives; no shift."""
        above = flow.high * MARGIN / (HIGHEST - GELU_ZERO)
        return cls(np.zeros_like(above), np.maximum(above, -LEAST_GELU / GELU_ZERO), GELU_ZERO)


@dataclass(frozen=True, slots=True)
class Rounded:
    """Integer weights of a dense layer for activations in steps: y = (integers - zero) @ weights * scales + bias.

    Attributes:
        weights: Shape (inputs, outputs), of type int8.
        scales: Shape (outputs,).
        bias: Shape (outputs,); makes up for shifts and for what rounding moves the mean output by.
    """

    weights: NDArray[np.int8]
    scales: NDArray[np.float32]
    bias: NDArray[np.float32]


def round_dense(
    weight: NDArray[np.float32], bias: NDArray[np.float32], steps: Steps, flow: Flow, *, without: slice = slice(0)
) -> Rounded:
    """Integer weights of one dense layer.

    Args:
        weight: Shape (inputs, outputs).
        bias: Shape (outputs,).
        steps: Of its inputs.
        flow: What flows into it; channels in the order of `steps`.
        without: Inputs that are multiplied elsewhere; their weights are 0.
    """
    wanted = weight.astype(np.float64) * steps.step[:, None]
    wanted[without] = 0.0
    spread = flow.covariance / np.outer(steps.step, steps.step)
    spread[without] = 0.0
    spread[:, without] = 0.0
    # Rounding of the activations spreads evenly over one step.
    spread[np.diag_indices_from(spread)] += 1 / 12 + DAMPING * np.median(np.diag(spread))
    scales = _scales(wanted, np.diag(spread))
    weights = _round(wanted, scales, np.linalg.cholesky(np.linalg.inv(spread)).T)
    lost = weights * scales - wanted
    whole = weight.astype(np.float64)
    whole[without] = 0.0
    moved = bias + steps.shift @ whole - ((flow.mean - steps.shift) / steps.step) @ lost
    return Rounded(weights.astype(np.int8), scales.astype(np.float32), moved.astype(np.float32))


def paired(sizes: Floats) -> NDArray[np.intp]:
    """An order in which the largest stands beside the smallest, the next beside the next; of an even number."""
    falling = np.argsort(-sizes, kind="stable")
    order = np.empty(len(sizes), dtype=np.intp)
    order[0::2], order[1::2] = falling[: len(sizes) // 2], falling[len(sizes) // 2 :][::-1]
    return order


def largest_pair(weights: NDArray[np.generic]) -> float:
    """The largest sum of neighbouring weights of one sign, over pairs of inputs (0, 1), (2, 3) and so on."""
    values = weights.astype(np.float64)
    return float(max(_pairs(np.maximum(values, 0)).max(), _pairs(np.maximum(-values, 0)).max()))


def _pairs(values: Floats) -> Floats:
    return values[0::2] + values[1::2]


def _scales(wanted: Floats, spread: Floats) -> Floats:
    """One scale an output, by the error that rounding each weight by itself would make."""
    together = np.maximum(_pairs(np.maximum(wanted, 0)).max(axis=0), _pairs(np.maximum(-wanted, 0)).max(axis=0))
    uncut = np.maximum(np.maximum(together / PAIR_LIMIT, np.abs(wanted).max(axis=0) / WEIGHT_LIMIT), LEAST_STEP**2)
    errors = [
        (spread[:, None] * (wanted - _round(wanted, uncut * share) * uncut * share) ** 2).sum(axis=0)
        for share in SCALES_TRIED
    ]
    scales: Floats = uncut * np.asarray(SCALES_TRIED)[np.argmin(errors, axis=0)]
    return scales


def _round(wanted: Floats, scales: Floats, feedback: Floats | None = None) -> Floats:
    """Integers within the limits; losses are made up with `feedback`, the upper factor of an inverse covariance."""
    left, integers = wanted.copy(), np.zeros_like(wanted)
    for start in range(0, len(left), BLOCK):
        end = min(len(left), start + BLOCK)
        lost = np.zeros((end - start, left.shape[1]))
        for row in range(start, end):
            above = integers[row - 1] if row % 2 else np.zeros_like(scales)
            highest = np.minimum(WEIGHT_LIMIT, PAIR_LIMIT - np.maximum(above, 0))
            lowest = -np.minimum(WEIGHT_LIMIT, PAIR_LIMIT + np.minimum(above, 0))
            integers[row] = np.clip(np.round(left[row] / scales), lowest, highest)
            if feedback is not None:
                lost[row - start] = (left[row] - integers[row] * scales) / feedback[row, row]
                left[row + 1 : end] -= np.outer(feedback[row, row + 1 : end], lost[row - start])
        if feedback is not None:
            left[end:] -= feedback[start:end, end:].T @ lost
    return integers
