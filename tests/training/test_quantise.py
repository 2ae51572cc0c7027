"""Weights of 8 bits: rounded once, stored as they are, with room for two digits of an activation."""

from __future__ import annotations

from typing import Any

import numpy as np
import onnx
import pytest
import torch
from numpy.typing import NDArray
from onnx import numpy_helper

from evenhand_training.network import LadderNetwork
from evenhand_training.quantise import BASE, DIGIT_ZERO, WEIGHT_LIMIT, columns, round_weights, rows

LARGEST = 63 * BASE + 63  # that two digits hold when both are rounded to nearest


def test_no_sum_of_two_products_can_leave_sixteen_bits() -> None:
    assert np.iinfo(np.int16).max >= 2 * (2 * DIGIT_ZERO) * WEIGHT_LIMIT


@pytest.mark.parametrize("value", [-1.0, -0.5, -1e-3, 0.0, 1e-3, 0.49999, 1.0])
def test_two_digits_reach_every_value_without_leaving_their_range(value: float) -> None:
    units = value * LARGEST
    high = np.round(units / BASE)
    low = np.round(units - BASE * high)
    assert abs(high) <= DIGIT_ZERO
    assert abs(low) <= DIGIT_ZERO
    assert abs(BASE * high + low - units) <= 0.5


def test_each_output_has_its_own_scale_and_a_column_of_zeros_divides_by_nothing() -> None:
    weights = np.random.default_rng(6).standard_normal((64, 8)).astype(np.float32)
    weights[:, 2] *= 1e4
    weights[:, 3] = 0.0
    integers, scales = columns(weights)
    assert np.abs(integers.astype(np.int16)).max(axis=0).tolist() == [127, 127, 127, 0, 127, 127, 127, 127]
    assert (np.abs(integers * scales - weights) <= scales / 2 * 1.001).all()
    by_row, row_scales = rows(np.ascontiguousarray(weights.T))
    np.testing.assert_array_equal(by_row, integers.T)
    assert row_scales.shape == (8, 1)


def test_rounding_moves_no_weight_by_more_than_a_step_and_is_done_once(network: LadderNetwork) -> None:
    rounded = round_weights(network)
    again = round_weights(rounded)
    before, after = dict(rounded.named_parameters()), dict(again.named_parameters())
    for name, original in network.named_parameters():
        torch.testing.assert_close(after[name], before[name], rtol=1e-6, atol=1e-9)
        step = original.abs().max() / WEIGHT_LIMIT
        assert (before[name] - original).abs().max() <= step


def test_words_are_stored_as_rounded_and_the_file_is_a_quarter(
    rounded: LadderNetwork, single: onnx.ModelProto, eight_bit: onnx.ModelProto
) -> None:
    kept: dict[str, NDArray[Any]] = {
        tensor.name: numpy_helper.to_array(tensor) for tensor in eight_bit.graph.initializer
    }
    table = rounded.encoder.embeddings.word_embeddings.weight.detach().numpy()
    assert kept["words"].dtype == np.int8
    np.testing.assert_allclose(kept["words"] * kept["words.scales"], table, rtol=1e-6)
    assert [name for name, values in kept.items() if values.dtype == np.float32 and values.size > 200_000] == []
    assert eight_bit.ByteSize() < 0.3 * single.ByteSize()
