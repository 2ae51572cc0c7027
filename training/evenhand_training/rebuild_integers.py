"""Rebuild a network in single precision from a model on integers (0.3.1 and later), so that it can go on learning.

Each dense layer gets the weights that its integers and scales stand for, with the steps and shifts of activations taken
back into weights and biases. The rebuilt network then says what the integers say, but for the rounding of activations.
Units of the feed-forward layers stay in the order of the file, which changes nothing.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import onnx
import torch
from numpy.typing import NDArray
from onnx import numpy_helper

from evenhand.encoder import OUTPUTS
from evenhand.errors import ModelError
from evenhand_training.config import EncoderConfig
from evenhand_training.integer_products import GUARD
from evenhand_training.network import LadderNetwork

Arrays = dict[str, NDArray[Any]]
Dense = tuple[NDArray[np.float64], NDArray[np.float64]]  # weight (inputs, outputs) and bias

_WORDS = "words"  # the table of word embeddings, which no other form of ours has
LEAST_NORM = 1e-12  # of a channel's weights; keeps one that is zero from a division by zero
_NOT_REBUILT = (
    "this ONNX file is not of the form that can be rebuilt; give a model as `evenhand-training release` wrote it"
)


def is_on_integers(model: onnx.ModelProto) -> bool:
    """Whether the file is of the form that `integers.export_integers` writes."""
    return any(tensor.name == _WORDS for tensor in model.graph.initializer)


def rebuild_integers(model: onnx.ModelProto, config: EncoderConfig) -> LadderNetwork:
    """The network that the integers stand for, in evaluation mode; its cut-points are not in the file.

    Raises:
        ModelError: the file is of another form, or of a network of another size.
    """
    stored = {tensor.name: numpy_helper.to_array(tensor) for tensor in model.graph.initializer}
    network = LadderNetwork(config, areas=0, dropout=0.0, pretrained=False)
    heads = network.encoder.config.num_attention_heads
    state: dict[str, Any] = network.state_dict()
    try:
        found = _embeddings(stored) | _outputs(stored)
        for number in range(config.layers):
            found |= _layer(stored, number, heads)
    except KeyError as error:
        raise ModelError(_NOT_REBUILT) from error
    kept = {name: values for name, values in state.items() if name.split(".")[0] not in ("encoder", *OUTPUTS)}
    weights = {name: torch.from_numpy(np.asarray(values, dtype=np.float32).copy()) for name, values in found.items()}
    try:
        network.load_state_dict({**kept, **_positions(state), **weights})
    except RuntimeError as error:
        raise ModelError(_NOT_REBUILT) from error
    return network.eval()


def _positions(state: dict[str, Any]) -> dict[str, Any]:
    """Tables of place numbers, which transformers keeps beside the weights."""
    return {name: values for name, values in state.items() if name.endswith(("position_ids", "token_type_ids"))}


def _embeddings(stored: Arrays) -> Arrays:
    place = "encoder.embeddings"
    positions = stored["positions"]
    return {
        f"{place}.word_embeddings.weight": stored[_WORDS] * stored[f"{_WORDS}.scales"],
        f"{place}.position_embeddings.weight": positions,
        # The file has their sum, and all our tokens are of one kind.
        f"{place}.token_type_embeddings.weight": np.zeros((2, positions.shape[1])),
        f"{place}.LayerNorm.weight": stored["embedded.weight"],
        f"{place}.LayerNorm.bias": stored["embedded.bias"],
    }


def _outputs(stored: Arrays) -> Arrays:
    return {f"{name}.{kind}": stored[f"{name}.{kind}"] for name in OUTPUTS for kind in ("weight", "bias")}


def _layer(stored: Arrays, number: int, heads: int) -> Arrays:
    name, place = f"layer{number}", f"encoder.encoder.layer.{number}"
    state = (stored.get(f"{name}.state.inverse_step"), stored.get(f"{name}.state.shift"))
    between = (stored.get(f"{name}.between.inverse_step"), stored.get(f"{name}.between.shift"))
    query, key, value = (_dense(stored, f"{name}.{kind}", state) for kind in ("query", "key", "value"))
    root = float(np.sqrt(query[0].shape[1] / heads))
    value, attended = _balanced((value[0] / GUARD, value[1] / GUARD), _dense(stored, f"{name}.attended", (None, None)))
    parts = {
        "attention.self.query": (query[0] * root, query[1] * root),
        "attention.self.key": key,
        "attention.self.value": value,
        "attention.output.dense": attended,
        "intermediate.dense": _dense(stored, f"{name}.units", between),
        "output.dense": _contracted(stored, name),
    }
    norms = {"attention.output": f"{name}.with_attention", "output": f"{name}.given"}
    return {
        **{f"{place}.{site}.weight": weight.T for site, (weight, _) in parts.items()},
        **{f"{place}.{site}.bias": bias for site, (_, bias) in parts.items()},
        **{f"{place}.{site}.LayerNorm.{kind}": stored[f"{at}.{kind}"] for site, at in norms.items() for kind in _NORM},
    }


_NORM = ("weight", "bias")


def _dense(stored: Arrays, name: str, steps: tuple[NDArray[Any] | None, NDArray[Any] | None]) -> Dense:
    """y = (x * inverse step + shift) @ weights * scales + bias, as a weight and a bias of x."""
    inverse, shift = steps
    weight = stored[f"{name}.weight"].astype(np.float64) * stored[f"{name}.weight.scales"]
    bias = stored[f"{name}.bias"].astype(np.float64)
    if shift is not None:
        bias = bias + shift @ weight
    return (weight if inverse is None else inverse[:, None] * weight), bias


def _contracted(stored: Arrays, name: str) -> Dense:
    if f"{name}.contracted.weight" in stored:
        return _dense(stored, f"{name}.contracted", (None, None))
    weight, bias = _dense(stored, f"{name}.narrow", (stored[f"{name}.active.inverse_step"], None))
    wide = stored[f"{name}.wide.weight"]
    weight[-len(wide) :] += wide
    return weight, bias


def _balanced(value: Dense, attended: Dense) -> tuple[Dense, Dense]:
    """The same product with both weights of a channel equally large.

    Values may be stored in steps, of which the file keeps no size, so that they are a hundred times as large as what
    takes them. An optimiser that moves every weight by about as much would hardly move the ones and upset the others.
    """
    (weight, bias), (taken, added) = value, attended
    given, needed = np.linalg.norm(weight, axis=0), np.linalg.norm(taken, axis=1)
    share = np.sqrt(np.maximum(needed, LEAST_NORM) / np.maximum(given, LEAST_NORM))
    return (weight * share, bias * share), (taken / share[:, None], added)
