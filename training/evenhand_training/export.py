"""Export a fitted network as one ONNX file, first in single precision, then with 8-bit weights and activations."""

from __future__ import annotations

import logging
import warnings
from pathlib import Path

import onnx
import torch
from torch import Tensor, nn

from evenhand.encoder import OUTPUTS
from evenhand_training.network import LadderNetwork

# What torch's exporter writes without converting, and more than old enough for onnxruntime 1.31.
OPSET = 18


class _Exported(nn.Module):
    """The network with a tuple for its readings, which is what the exporter takes."""

    def __init__(self, network: LadderNetwork) -> None:
        super().__init__()
        self.network = network

    def forward(self, input_ids: Tensor, attention_mask: Tensor) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        read = self.network(input_ids, attention_mask)
        return read.theta, read.issues, read.assertion, read.frame


def export_onnx(network: LadderNetwork) -> onnx.ModelProto:
    """The network as an ONNX graph: int64 `input_ids` and `attention_mask`, both (batch, tokens), to four outputs.

    Leaves the network in evaluation mode, with attention in its step-by-step form.
    """
    network.eval()
    # The fused form guards against NaN, which our masks cannot cause, at the cost of more nodes.
    network.encoder.set_attn_implementation("eager")
    ids = torch.full((2, 7), 100, dtype=torch.long)
    mask = torch.ones_like(ids)
    batch, tokens = torch.export.Dim("batch", min=1), torch.export.Dim("tokens", min=1, max=512)
    shape = {0: batch, 1: tokens}
    logging.getLogger("torch.onnx").setLevel(logging.ERROR)  # torchvision, which it misses, is not used here
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the exporter's own deprecations; the graph is checked by parity instead
        program = torch.onnx.export(
            _Exported(network),
            (ids, mask),
            dynamo=True,
            opset_version=OPSET,
            input_names=["input_ids", "attention_mask"],
            output_names=list(OUTPUTS),
            dynamic_shapes={"input_ids": shape, "attention_mask": shape},
            external_data=False,
            verbose=False,
        )
    assert program is not None
    graph: onnx.ModelProto = program.model_proto
    return strip(graph)


def strip(model: onnx.ModelProto) -> onnx.ModelProto:
    """Remove what the exporter notes about the machine and source it ran on: names of files, stack traces."""
    del model.metadata_props[:]
    model.doc_string = ""
    model.producer_name, model.producer_version = "evenhand-training", ""
    graph = model.graph
    del graph.metadata_props[:]
    for part in (*graph.node, *graph.value_info, *graph.input, *graph.output, *graph.initializer):
        part.doc_string = ""
        del part.metadata_props[:]
    return model


def write_onnx(model: onnx.ModelProto, path: Path) -> None:
    """Check the graph and write it as one file without external data."""
    onnx.checker.check_model(model, full_check=True)
    path.write_bytes(model.SerializeToString())
