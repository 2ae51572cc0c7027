"""On integers a text reads the same to the last bit: in any company and padding, on any threads and processor."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import onnxruntime
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from onnx import numpy_helper
from tokenizers import Tokenizer

from evenhand.encoder import OUTPUTS, Encoder
from evenhand_training.activations import SITES, TEXTS_PER_SOURCE, flows, step_texts
from evenhand_training.corpus import Corpus, Splits
from evenhand_training.examples import Example, authored_examples
from evenhand_training.export import export_onnx, write_onnx
from evenhand_training.integers import export_integers
from evenhand_training.network import LadderNetwork
from evenhand_training.rounding import HIGHEST, largest_pair

Array = NDArray[Any]

EMULATOR = "qemu-x86_64"
# One layer has two blocks, attention and feed-forward; the numbers are of blocks on two digits.
DIGITS = {0: "one digit", 1: "two in attention", 2: "two digits"}


@pytest.fixture(scope="module", params=list(DIGITS), ids=list(DIGITS.values()))
def graph(
    request: pytest.FixtureRequest, rounded: LadderNetwork, tokenizer: Tokenizer, published: list[Example]
) -> onnx.ModelProto:
    return export_integers(rounded, tokenizer, [row.text for row in published], two_digit_blocks=request.param)


@pytest.fixture(scope="module")
def tokens(tokenizer: Tokenizer, published: list[Example]) -> list[list[int]]:
    return [encoding.ids for encoding in tokenizer.encode_batch([row.text for row in published])]


def start(model: onnx.ModelProto, threads: int = 1) -> onnxruntime.InferenceSession:
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    return onnxruntime.InferenceSession(model.SerializeToString(), options, providers=["CPUExecutionProvider"])


@pytest.fixture(scope="module")
def session(graph: onnx.ModelProto) -> onnxruntime.InferenceSession:
    return start(graph)


def run(session: onnxruntime.InferenceSession, tokens: list[list[int]], *, padding: int = 0) -> Array:
    """All readings of each text, (texts, readings)."""
    ids = np.zeros((len(tokens), max(map(len, tokens)) + padding), dtype=np.int64)
    mask = np.zeros_like(ids)
    for row, found in enumerate(tokens):
        ids[row, : len(found)], mask[row, : len(found)] = found, 1
    return np.column_stack(session.run(list(OUTPUTS), {"input_ids": ids, "attention_mask": mask}))


@pytest.fixture(scope="module")
def alone(session: onnxruntime.InferenceSession, tokens: list[list[int]]) -> Array:
    return np.concatenate([run(session, [found]) for found in tokens])


def test_readings_are_near_single_precision(
    rounded: LadderNetwork, session: onnxruntime.InferenceSession, alone: Array, tokens: list[list[int]]
) -> None:
    exact = start(export_onnx(rounded))
    expected = np.concatenate([run(exact, [found]) for found in tokens])
    # Random heads magnify what is lost, and few texts set the steps here.
    assert np.abs(alone - expected).mean() < 0.05
    assert np.corrcoef(alone[:, 0], expected[:, 0])[0, 1] > 0.999


@given(data=st.data(), padding=st.integers(0, 40))
@settings(max_examples=30)
def test_company_and_padding_change_nothing_that_is_rounded(
    session: onnxruntime.InferenceSession,
    tokens: list[list[int]],
    alone: Array,
    data: st.DataObject,
    padding: int,
) -> None:
    chosen = data.draw(st.lists(st.integers(0, len(tokens) - 1), min_size=1, max_size=12))
    together = run(session, [tokens[place] for place in chosen], padding=padding)
    # What is left is the order of the last sum, over states; one unit of a digit would show a hundred times as much.
    np.testing.assert_allclose(together, alone[chosen], rtol=0, atol=1e-5)


def test_texts_of_one_length_read_the_same_to_the_last_bit(
    session: onnxruntime.InferenceSession, tokens: list[list[int]], alone: Array
) -> None:
    by_length: dict[int, list[int]] = {}
    for place, found in enumerate(tokens):
        by_length.setdefault(len(found), []).append(place)
    chosen = max(by_length.values(), key=len)
    assert len(chosen) > 1
    np.testing.assert_array_equal(run(session, [tokens[place] for place in chosen]), alone[chosen])


def test_more_threads_change_nothing(graph: onnx.ModelProto, tokens: list[list[int]], alone: Array) -> None:
    threaded = start(graph, threads=3)
    np.testing.assert_array_equal(np.concatenate([run(threaded, [found]) for found in tokens]), alone)


@pytest.mark.skipif(shutil.which(EMULATOR) is None, reason="qemu-user is not installed")
def test_a_processor_without_avx_512_reads_the_same_to_the_last_bit(
    graph: onnx.ModelProto, tokens: list[list[int]], alone: Array, tmp_path: Path
) -> None:
    write_onnx(graph, tmp_path / "model.onnx")
    program = (
        "import sys, json, numpy as np, onnxruntime as ort\n"
        "o = ort.SessionOptions(); o.intra_op_num_threads = 1\n"
        "s = ort.InferenceSession(sys.argv[1], o, providers=['CPUExecutionProvider'])\n"
        "for line in json.load(sys.stdin):\n"
        "    ids = np.array([line])\n"
        "    found = s.run(sys.argv[2].split(), {'input_ids': ids, 'attention_mask': np.ones_like(ids)})\n"
        "    print(json.dumps(np.column_stack(found).astype(float).tolist()[0]))\n"
    )
    done = subprocess.run(
        [EMULATOR, "-cpu", "Haswell", sys.executable, "-c", program, str(tmp_path / "model.onnx"), " ".join(OUTPUTS)],
        input=json.dumps(tokens),
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, "OMP_NUM_THREADS": "1"},
    )
    there = np.array([json.loads(line) for line in done.stdout.splitlines()])
    np.testing.assert_array_equal(there.astype(np.float32), alone)


def test_no_kernel_that_adds_pairs_in_sixteen_bits_can_overflow(graph: onnx.ModelProto) -> None:
    weights = {tensor.name: numpy_helper.to_array(tensor) for tensor in graph.graph.initializer}
    products = [node for node in graph.graph.node if node.op_type == "MatMulIntegerToFloat"]
    assert len(products) >= 6
    for node in products:
        # Digits in base 128 are clipped to 0..128; others use the whole byte.
        highest = 128 if weights[node.input[4]] == 64 else HIGHEST
        assert highest * largest_pair(weights[node.input[1]]) <= np.iinfo(np.int16).max
        assert weights[node.input[1]].dtype == np.int8


def test_no_softmax_is_left_whose_sums_depend_on_the_processor(graph: onnx.ModelProto) -> None:
    kinds = {node.op_type for node in graph.graph.node}
    assert kinds.isdisjoint({"Softmax", "ReduceMean", "MultiHeadAttention", "Attention", "SkipLayerNormalization"})


def test_padding_far_off_in_score_neither_counts_nor_breaks_the_sum(
    session: onnxruntime.InferenceSession, tokens: list[list[int]], alone: Array
) -> None:
    found = tokens[0]
    ids = np.array([[*found, *range(1000, 1030)]])  # words in place of padding
    mask = np.array([[1] * len(found) + [0] * 30])
    read = np.column_stack(session.run(list(OUTPUTS), {"input_ids": ids, "attention_mask": mask}))
    np.testing.assert_allclose(read, alone[:1], rtol=0, atol=1e-5)


def test_the_library_reads_and_embeds_with_it(
    graph: onnx.ModelProto, alone: Array, tokenizer: Tokenizer, published: list[Example]
) -> None:
    encoder = Encoder(graph.SerializeToString(), tokenizer.to_str().encode(), max_tokens=24)
    texts = [row.text for row in published]
    np.testing.assert_array_equal(encoder.read(texts).theta, alone[:, 0])
    assert encoder.embed(texts).shape == (len(texts), 384)


def test_a_text_of_the_most_tokens_runs(session: onnxruntime.InferenceSession) -> None:
    assert np.isfinite(run(session, [[101, *[2000] * 510, 102]])).all()


def test_one_sound_file_without_traces_is_written(graph: onnx.ModelProto, tmp_path: Path) -> None:
    write_onnx(graph, tmp_path / "model.onnx")
    assert onnx.load(tmp_path / "model.onnx", load_external_data=False) == graph
    for tensor in graph.graph.initializer:
        assert "/" not in tensor.name


def test_what_flows_is_counted_over_every_token(
    rounded: LadderNetwork, tokenizer: Tokenizer, tokens: list[list[int]], published: list[Example]
) -> None:
    (found,) = flows(rounded, tokenizer, [row.text for row in published])
    assert set(found) == set(SITES)
    assert {flow.tokens for flow in found.values()} == {sum(map(len, tokens))}
    gelu = found["output.dense"]
    assert gelu.low.min() > -0.18
    assert (gelu.low <= gelu.mean).all()
    assert (gelu.mean <= gelu.high).all()
    np.testing.assert_allclose(np.diag(gelu.covariance), np.diag(gelu.moments) / gelu.tokens - gelu.mean**2)


def test_steps_are_set_from_training_texts_alone(corpus: Corpus, splits: Splits) -> None:
    texts = step_texts(corpus, splits)
    held = {row.text for part in ("validation", "test") for row in authored_examples(corpus, splits, part)}
    assert len(texts) > 5 * TEXTS_PER_SOURCE
    # A sentence of a few words may stand in two texts.
    assert [text for text in texts if len(text) > 60 and text in held] == []
