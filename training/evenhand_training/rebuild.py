"""Rebuild a released model's network from its ONNX file, to export it anew."""

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
from evenhand_training.network import LadderNetwork

READ = ("encoder", *OUTPUTS)  # cut-points and areas are not in the file
_PREFIX = "network."
_TABLE = "network.encoder.embeddings.word_embeddings.weight"
_NOT_REBUILT = "this ONNX file is not of the form that can be rebuilt; give that of a model of 0.1 to 0.3"


def rebuild(model: onnx.ModelProto, config: EncoderConfig) -> LadderNetwork:
    """The network in single precision with exactly the weights that the file stores; its cut-points are not in there.

    Raises:
        ModelError: the file is of another form.
    """
    stored = {tensor.name: numpy_helper.to_array(tensor) for tensor in model.graph.initializer}
    network = LadderNetwork(config, areas=0, dropout=0.0, pretrained=False)
    state: dict[str, Any] = network.state_dict()
    try:
        found = {name: stored[_PREFIX + name] for name in state if _PREFIX + name in stored}
        found["encoder.embeddings.word_embeddings.weight"] = stored[f"{_TABLE}.int8"] * stored[f"{_TABLE}.scale"]
        found |= _dense_weights(model, stored)
    except (KeyError, IndexError, StopIteration) as error:
        raise ModelError(_NOT_REBUILT) from error
    if any(name.split(".")[0] in READ and name not in found for name in state):
        raise ModelError(_NOT_REBUILT)
    network.load_state_dict({**state, **{name: torch.from_numpy(values.copy()) for name, values in found.items()}})
    return network.eval()


def _dense_weights(model: onnx.ModelProto, stored: dict[str, NDArray[Any]]) -> dict[str, NDArray[np.float32]]:
    """Weights by name of parameter: for each bias, integers and scales of the product that it is added to."""
    made_by = {output: node for node in model.graph.node for output in node.output}
    weights = {}
    for node in model.graph.node:
        bias = next((name for name in node.input if name.endswith(".bias") and "LayerNorm" not in name), None)
        if node.op_type == "Add" and bias is not None:
            scaled = made_by[next(name for name in node.input if name != bias)]
            low = made_by[made_by[scaled.input[0]].input[1]]
            integers, scales = stored[low.input[1]], stored[low.input[3]]
            weights[f"{bias.removeprefix(_PREFIX).removesuffix('.bias')}.weight"] = (integers * scales).T
    return weights
