"""The exported graph says what the network says and carries nothing of the machine that made it."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import pytest
import torch
from onnx import TensorProto
from tokenizers import Tokenizer

from evenhand.bundle import _EXTERNAL_DATA_MARK
from evenhand.encoder import OUTPUTS, Encoder
from evenhand.scheme import FRAMES, ISSUES
from evenhand_training.encoder import encoder_directory
from evenhand_training.examples import Example
from evenhand_training.export import strip, write_onnx
from evenhand_training.network import ASSERTION_CLASSES, LadderNetwork
from evenhand_training.reading import read_off

GRAPHS = ("single", "eight_bit")


@pytest.fixture(params=GRAPHS)
def graph(request: pytest.FixtureRequest) -> onnx.ModelProto:
    made: onnx.ModelProto = request.getfixturevalue(request.param)
    return made


def test_single_precision_equals_the_network(
    network: LadderNetwork, single: onnx.ModelProto, tokenizer: Tokenizer, published: list[Example]
) -> None:
    texts = [row.text for row in published]
    expected = read_off(network, tokenizer, texts)
    read = Encoder(single.SerializeToString(), tokenizer.to_str().encode(), max_tokens=24).read(texts)
    for name in OUTPUTS:
        np.testing.assert_allclose(getattr(read, name), expected[name], atol=1e-4)


@pytest.mark.parametrize(("rows", "tokens"), [(1, 1), (1, 2), (5, 3), (2, 40), (1, 512)], ids=lambda size: str(size))
def test_any_batch_size_and_length_runs(
    network: LadderNetwork, single: onnx.ModelProto, rows: int, tokens: int
) -> None:
    ids = np.random.default_rng(rows).integers(1000, 20000, (rows, tokens))
    mask = np.ones_like(ids)
    session = onnxruntime.InferenceSession(single.SerializeToString(), providers=["CPUExecutionProvider"])
    found = session.run(["theta"], {"input_ids": ids, "attention_mask": mask})[0]
    with torch.no_grad():
        expected = network(torch.tensor(ids), torch.tensor(mask)).theta.numpy()
    np.testing.assert_allclose(found, expected, atol=1e-4)


def test_inputs_and_outputs_are_those_that_the_product_asks_for(graph: onnx.ModelProto) -> None:
    assert [(value.name, value.type.tensor_type.elem_type) for value in graph.graph.input] == [
        ("input_ids", TensorProto.INT64),
        ("attention_mask", TensorProto.INT64),
    ]
    assert [value.name for value in graph.graph.output] == list(OUTPUTS)


def test_reading_nothing_gives_arrays_of_the_right_width(graph: onnx.ModelProto) -> None:
    tokenizer = (encoder_directory() / "tokenizer.json").read_bytes()
    read = Encoder(graph.SerializeToString(), tokenizer, max_tokens=24).read([])
    assert [getattr(read, name).shape for name in OUTPUTS] == [
        (0,),
        (0, len(ISSUES)),
        (0, ASSERTION_CLASSES),
        (0, len(FRAMES)),
    ]


def test_no_weights_lie_outside_the_file(graph: onnx.ModelProto) -> None:
    assert _EXTERNAL_DATA_MARK not in graph.SerializeToString()
    assert all(tensor.data_location != TensorProto.EXTERNAL for tensor in graph.graph.initializer)


@pytest.mark.parametrize("trace", [b"/tmp", b"/home", b"/work", b"site-packages", b".py", b"torch.nn"])
def test_nothing_tells_of_the_machine_or_source(graph: onnx.ModelProto, trace: bytes) -> None:
    without_weights = onnx.ModelProto()
    without_weights.CopyFrom(graph)
    for tensor in without_weights.graph.initializer:
        tensor.ClearField("raw_data")  # any few bytes turn up in millions of weights
    assert trace not in without_weights.SerializeToString()


def test_stripping_removes_notes_everywhere(single: onnx.ModelProto) -> None:
    noted = onnx.ModelProto()
    noted.CopyFrom(single)
    for part in (noted, noted.graph, noted.graph.node[0], noted.graph.input[0], noted.graph.initializer[0]):
        part.metadata_props.add(key="stack_trace", value="/tmp/a.py")  # noqa: S108 - no file
    noted.graph.node[1].doc_string = "/tmp/b.py"  # noqa: S108 - no file
    noted.doc_string = noted.producer_version = "/tmp/c.py"  # noqa: S108 - no file
    assert strip(noted).SerializeToString() == single.SerializeToString()


def test_a_graph_is_written_as_one_checked_file(graph: onnx.ModelProto, tmp_path: Path) -> None:
    write_onnx(graph, tmp_path / "model.onnx")
    assert [path.name for path in tmp_path.iterdir()] == ["model.onnx"]
    assert onnx.load(tmp_path / "model.onnx", load_external_data=False) == graph


def test_a_graph_that_is_not_sound_is_not_written(single: onnx.ModelProto, tmp_path: Path) -> None:
    broken = onnx.ModelProto()
    broken.CopyFrom(single)
    broken.graph.node[0].input[0] = "nowhere"
    with pytest.raises(onnx.checker.ValidationError):
        write_onnx(broken, tmp_path / "model.onnx")
    assert list(tmp_path.iterdir()) == []
