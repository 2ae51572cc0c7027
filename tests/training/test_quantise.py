"""With 8 bits a text's result is its own: the same alone, in any order, batch and padding."""

from __future__ import annotations

from collections import Counter
from typing import Any

import numpy as np
import onnx
import onnxruntime
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper
from tokenizers import Tokenizer

from evenhand.decoder import Decoder, softmax
from evenhand.encoder import OUTPUTS
from evenhand.readings import Readings
from evenhand_training.examples import Example
from evenhand_training.export import export_onnx
from evenhand_training.network import LadderNetwork
from evenhand_training.parity import Decisions, decisions
from evenhand_training.quantise import (
    ACTIVATION_LIMIT,
    BASE,
    DIGIT_ZERO,
    LEAST_TABLE_ROWS,
    WEIGHT_LIMIT,
    quantise,
    round_weights,
)

Array = NDArray[np.float64]

TOLERANCE = 1e-3  # in probabilities; what remains is the order of sums in single precision
MORE_TEXTS = [
    "Belt.",
    "",
    "No food in the house and the electricity has been cut off since Friday, a neighbour told the health visitor.",
    "Thank you for your time.",
    "She denies that anybody has hurt her.",
]


@pytest.fixture(scope="module")
def session(eight_bit: onnx.ModelProto) -> onnxruntime.InferenceSession:
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    return onnxruntime.InferenceSession(eight_bit.SerializeToString(), options, providers=["CPUExecutionProvider"])


@pytest.fixture(scope="module")
def tokens(tokenizer: Tokenizer, published: list[Example]) -> list[list[int]]:
    texts = [*[row.text for row in published], *MORE_TEXTS]
    return [encoding.ids for encoding in tokenizer.encode_batch(texts)]


def run(session: onnxruntime.InferenceSession, tokens: list[list[int]], *, padding: int = 0) -> dict[str, Array]:
    width = max(map(len, tokens)) + padding
    ids = np.zeros((len(tokens), width), dtype=np.int64)
    mask = np.zeros_like(ids)
    for row, told in enumerate(tokens):
        ids[row, : len(told)] = told
        mask[row, : len(told)] = 1
    found = session.run(list(OUTPUTS), {"input_ids": ids, "attention_mask": mask})
    return {name: np.asarray(value, dtype=np.float64) for name, value in zip(OUTPUTS, found, strict=True)}


@pytest.fixture(scope="module")
def alone(session: onnxruntime.InferenceSession, tokens: list[list[int]]) -> dict[str, Array]:
    """Every text read by itself and without padding."""
    each = [run(session, [told]) for told in tokens]
    return {name: np.concatenate([one[name] for one in each]) for name in OUTPUTS}


def probabilities(read: dict[str, Array], decoder: Decoder) -> dict[str, Array]:
    return {
        "level": decoder.level_probabilities(read["theta"]),
        "severity": decoder.severity_probabilities(read["theta"]),
        "issues": decoder.issue_probabilities(read["issues"]),
        "assertion": softmax(read["assertion"]),
        "frame": softmax(read["frame"]),
    }


def decided(read: dict[str, Array], decoder: Decoder) -> Decisions:
    return decisions(Readings(**read, truncated=np.zeros(len(read["theta"]), dtype=np.bool_)), decoder)


def assert_same(read: dict[str, Array], expected: dict[str, Array], decoder: Decoder) -> None:
    for name, values in probabilities(read, decoder).items():
        np.testing.assert_allclose(values, probabilities(expected, decoder)[name], atol=TOLERANCE, err_msg=name)
    for name, choices in decided(read, decoder).items():
        np.testing.assert_array_equal(choices, decided(expected, decoder)[name], err_msg=name)


def test_the_texts_differ_enough_to_tell(alone: dict[str, Array], decoder: Decoder) -> None:
    assert len(set(decided(alone, decoder)["level"].tolist())) >= 4
    assert alone["theta"].std() > 1


@given(data=st.data(), padding=st.integers(0, 30))
@settings(max_examples=40)
def test_a_text_reads_the_same_in_any_company_order_batch_and_padding(
    session: onnxruntime.InferenceSession,
    tokens: list[list[int]],
    alone: dict[str, Array],
    decoder: Decoder,
    data: st.DataObject,
    padding: int,
) -> None:
    chosen = data.draw(st.lists(st.integers(0, len(tokens) - 1), min_size=1, max_size=20))
    together = run(session, [tokens[place] for place in chosen], padding=padding)
    assert_same(together, {name: values[chosen] for name, values in alone.items()}, decoder)


def test_without_padding_only_rounding_is_left(
    session: onnxruntime.InferenceSession, tokens: list[list[int]], alone: dict[str, Array]
) -> None:
    length, _ = Counter(map(len, tokens)).most_common(1)[0]
    chosen = [place for place, told in enumerate(tokens) if len(told) == length]
    assert len(chosen) > 1
    together = run(session, [tokens[place] for place in chosen])
    for name in OUTPUTS:
        np.testing.assert_allclose(together[name], alone[name][chosen], rtol=0, atol=1e-5)


def test_eight_bits_stay_near_single_precision(
    single: onnx.ModelProto, alone: dict[str, Array], tokens: list[list[int]], decoder: Decoder
) -> None:
    exact = onnxruntime.InferenceSession(single.SerializeToString(), providers=["CPUExecutionProvider"])
    each = [run(exact, [told]) for told in tokens]
    expected = {name: np.concatenate([one[name] for one in each]) for name in OUTPUTS}
    # Random heads magnify what 8 bits lose; a trained network's parity is in the release's metrics.
    for name, values in probabilities(alone, decoder).items():
        apart = np.abs(values - probabilities(expected, decoder)[name])
        assert (apart.mean() < 0.04, apart.max() < 0.3) == (True, True), name
    assert np.corrcoef(alone["theta"], expected["theta"])[0, 1] > 0.99


def inputs_of(model: onnx.ModelProto, kind: str, place: int) -> list[str]:
    return [node.input[place] for node in model.graph.node if node.op_type == kind]


def stored(model: onnx.ModelProto) -> dict[str, NDArray[Any]]:
    return {tensor.name: numpy_helper.to_array(tensor) for tensor in model.graph.initializer}


def test_weights_of_every_dense_layer_use_eight_bits(single: onnx.ModelProto, eight_bit: onnx.ModelProto) -> None:
    weights = stored(eight_bit)
    names = inputs_of(eight_bit, "MatMulIntegerToFloat", 1)
    dense = [name for name in inputs_of(single, "MatMul", 1) if name in stored(single)]
    assert len(names) == 2 * len(dense) > 0  # one product a digit
    for name in names:
        assert weights[name].dtype == np.int8
        assert np.abs(weights[name].astype(np.int16)).max() == WEIGHT_LIMIT


def test_no_sum_of_two_products_can_leave_sixteen_bits() -> None:
    assert np.iinfo(np.int16).max >= 2 * (2 * DIGIT_ZERO) * WEIGHT_LIMIT


@pytest.mark.parametrize("value", [-1.0, -0.5, -1e-3, 0.0, 1e-3, 0.49999, 1.0])
def test_two_digits_reach_every_value_without_leaving_their_range(value: float) -> None:
    units = value * ACTIVATION_LIMIT
    high = np.round(units / BASE)
    low = np.round(units - BASE * high)
    assert abs(high) <= DIGIT_ZERO
    assert abs(low) <= DIGIT_ZERO
    assert abs(BASE * high + low - units) <= 0.5


def test_rounded_weights_are_stored_as_they_are(network: LadderNetwork) -> None:
    rounded = round_weights(network)
    again = round_weights(rounded)
    before, after = dict(rounded.named_parameters()), dict(again.named_parameters())
    for name, original in network.named_parameters():
        torch.testing.assert_close(after[name], before[name], rtol=1e-6, atol=1e-9)
        step = original.abs().max() / WEIGHT_LIMIT
        assert (before[name] - original).abs().max() <= step
    kept = stored(quantise(export_onnx(rounded)))
    table = rounded.encoder.embeddings.word_embeddings.weight.detach().numpy()
    integers = next(values for values in kept.values() if values.shape == table.shape and values.dtype == np.int8)
    scales = next(values for values in kept.values() if values.shape == (len(table), 1))
    np.testing.assert_allclose(integers * scales, table, rtol=1e-6)


def test_no_dense_layer_is_left_in_single_precision(eight_bit: onnx.ModelProto) -> None:
    weights = stored(eight_bit)
    assert [name for name in inputs_of(eight_bit, "MatMul", 1) if name in weights] == []
    large = [name for name, values in weights.items() if values.dtype == np.float32 and values.size > 200_000]
    assert large == []


def test_the_word_table_is_stored_in_eight_bits_and_the_file_is_a_quarter(
    single: onnx.ModelProto, eight_bit: onnx.ModelProto
) -> None:
    tables = [stored(eight_bit).get(name) for name in inputs_of(eight_bit, "Gather", 0)]
    words = [table for table in tables if table is not None and len(table) >= LEAST_TABLE_ROWS]
    assert {table.dtype for table in words if table.shape[1] > 1} == {np.dtype(np.int8)}
    assert max(np.abs(table.astype(np.int16)).max() for table in words if table.dtype == np.int8) == WEIGHT_LIMIT
    assert eight_bit.ByteSize() < 0.3 * single.ByteSize()


def test_quantising_leaves_the_original_alone(single: onnx.ModelProto) -> None:
    before = single.SerializeToString(deterministic=True)
    quantise(single)
    assert single.SerializeToString(deterministic=True) == before


def _dense(weights: NDArray[np.float32]) -> onnx.ModelProto:
    shape = ["rows", weights.shape[0]]
    graph = helper.make_graph(
        [helper.make_node("MatMul", ["x", "w"], ["y"])],
        "dense",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, shape)],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, ["rows", weights.shape[1]])],
        [numpy_helper.from_array(weights, "w")],
    )
    return quantise(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=10))


@pytest.mark.parametrize("row", ["ordinary", "huge", "all zero"])
def test_one_dense_layer_is_as_exact_as_its_bits_allow_whatever_its_neighbours(row: str) -> None:
    generator = np.random.default_rng(6)
    weights = generator.standard_normal((64, 8)).astype(np.float32)
    weights[:, 3] = 0.0  # a column of zeros must not divide by zero
    vector = generator.standard_normal(64).astype(np.float32)
    vector = {"ordinary": vector, "huge": vector * np.float32(1e6), "all zero": vector * np.float32(0)}[row]
    session = onnxruntime.InferenceSession(_dense(weights).SerializeToString(), providers=["CPUExecutionProvider"])
    neighbours = np.stack([vector, 1e4 * np.ones(64, np.float32), np.zeros(64, np.float32)])
    (alone,), (together,) = session.run(["y"], {"x": vector[None, :]}), session.run(["y"], {"x": neighbours})
    np.testing.assert_array_equal(together[0], alone[0])
    exact = vector @ weights
    # Half a step of the activations for each weight and of the weights for each activation.
    bound = (
        np.abs(vector).max() / ACTIVATION_LIMIT / 2 * np.abs(weights).sum(axis=0)
        + np.abs(weights).max(axis=0) / WEIGHT_LIMIT / 2 * np.abs(vector).sum() * 1.01
    )
    assert (np.abs(alone[0] - exact) <= bound + 1e-6).all()
    assert alone[0, 3] == 0.0
