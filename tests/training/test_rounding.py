"""Rounded weights keep their limits, and what rounding loses is made up where inputs go together."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from evenhand_training.activations import Flow
from evenhand_training.rounding import (
    GELU_ZERO,
    HIGHEST,
    MIDDLE,
    PAIR_LIMIT,
    WEIGHT_LIMIT,
    Steps,
    largest_pair,
    paired,
    round_dense,
)

CHANNELS, OUTPUTS, TOKENS = 48, 12, 2000


@pytest.fixture(scope="module")
def values() -> NDArray[np.float32]:
    """Activations whose channels go together, lie off zero and differ in range by two orders of magnitude."""
    generator = np.random.default_rng(2)
    common = generator.standard_normal((TOKENS, 6)) @ generator.standard_normal((6, CHANNELS))
    own = generator.standard_normal((TOKENS, CHANNELS)) / 4
    widths = np.geomspace(0.1, 10, CHANNELS)
    return ((common + own) * widths + widths).astype(np.float32)


@pytest.fixture(scope="module")
def flow(values: NDArray[np.float32]) -> Flow:
    counted = Flow.nothing(CHANNELS)
    for part in np.array_split(values, 7):
        counted.add(part)
    return counted


@pytest.fixture(scope="module")
def dense() -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    generator = np.random.default_rng(3)
    return generator.standard_normal((CHANNELS, OUTPUTS)).astype(np.float32), np.ones(OUTPUTS, np.float32)


def integers_of(values: NDArray[np.float32], steps: Steps) -> NDArray[np.float64]:
    return np.clip(np.round((values - steps.shift) / steps.step) + steps.zero, 0, HIGHEST)


def test_no_activation_that_was_counted_is_cut(values: NDArray[np.float32], flow: Flow) -> None:
    steps = Steps.centred(flow)
    integers = integers_of(values, steps)
    assert steps.zero == MIDDLE
    assert integers.min() > 0
    assert integers.max() < HIGHEST
    # Most of the byte is used by every channel, however narrow.
    assert (integers.max(axis=0) - integers.min(axis=0)).min() > 0.9 * (HIGHEST - 2 * 6)


def test_an_activation_function_keeps_what_it_gives_below_zero(flow: Flow) -> None:
    narrow = Flow(flow.tokens, np.full(4, -0.17), np.array([0.01, 0.5, 3.0, 30.0]), np.zeros(4), np.eye(4))
    steps = Steps.of_gelu(narrow)
    assert steps.zero == GELU_ZERO
    assert (-0.17 / steps.step + GELU_ZERO >= -1e-9).all()
    assert (narrow.high / steps.step + GELU_ZERO <= HIGHEST).all()


def test_a_product_of_integers_is_near_the_product(
    values: NDArray[np.float32], flow: Flow, dense: tuple[NDArray[np.float32], NDArray[np.float32]]
) -> None:
    steps = Steps.centred(flow)
    found = round_dense(*dense, steps, flow)
    product = (integers_of(values, steps) - steps.zero) @ found.weights * found.scales + found.bias
    exact = values @ dense[0] + dense[1]
    lost = product - exact
    assert np.sqrt((lost**2).mean()) < 0.01 * exact.std()
    # The bias makes up for what rounding moves the mean by; rounding of activations alone is left.
    assert np.abs(lost.mean(axis=0)).max() < 0.1 * lost.std()


def test_losses_that_are_made_up_are_smaller(
    values: NDArray[np.float32], flow: Flow, dense: tuple[NDArray[np.float32], NDArray[np.float32]]
) -> None:
    steps = Steps.centred(flow)
    moments = flow.tokens * (np.diag(np.diag(flow.covariance)) + np.outer(flow.mean, flow.mean))
    apart = Flow(flow.tokens, flow.low, flow.high, flow.total, moments)
    units = (values - steps.shift) / steps.step
    wanted = units @ (dense[0] * steps.step[:, None])
    lost = []
    for counted in (flow, apart):
        found = round_dense(*dense, steps, counted)
        error = units @ found.weights * found.scales - wanted
        lost.append(error.std(axis=0).mean())
    assert lost[0] < 0.8 * lost[1]


def test_weights_and_neighbouring_pairs_keep_their_limits(
    flow: Flow, dense: tuple[NDArray[np.float32], NDArray[np.float32]]
) -> None:
    weight = dense[0].copy()
    weight[10:12] = 9.0  # neighbours, both large and of one sign
    found = round_dense(weight, dense[1], Steps.centred(flow), flow)
    assert np.abs(found.weights.astype(int)).max() <= WEIGHT_LIMIT
    assert largest_pair(found.weights) <= PAIR_LIMIT
    assert np.iinfo(np.int16).max >= HIGHEST * PAIR_LIMIT


def test_inputs_left_out_get_no_weight_and_coarsen_nothing(
    flow: Flow, dense: tuple[NDArray[np.float32], NDArray[np.float32]]
) -> None:
    weight = dense[0].copy()
    weight[-4:] = 1e4
    steps = Steps.centred(flow)
    found = round_dense(weight, dense[1], steps, flow, without=slice(CHANNELS - 4, CHANNELS))
    assert not found.weights[-4:].any()
    assert found.scales.max() < 1


def test_the_largest_pair_counts_weights_of_one_sign_and_pairs_as_they_lie() -> None:
    weights = np.array([[100, -90], [-100, -30], [20, 0], [7, 1]], dtype=np.int8)
    assert largest_pair(weights) == 120


def test_large_stands_beside_small() -> None:
    order = paired(np.array([5.0, 1.0, 4.0, 2.0, 3.0, 6.0]))
    assert order.tolist() == [5, 1, 0, 3, 2, 4]
