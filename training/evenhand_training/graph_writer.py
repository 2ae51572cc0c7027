"""Write an ONNX graph node by node; each value gets a name of its own."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

MICROSOFT = "com.microsoft"  # onnxruntime's own operators; every build of it has them
OPSET = 18  # as of the exports in single precision
IR_VERSION = 10


class GraphWriter:
    """Nodes and constants of a graph in the order in which they are needed."""

    def __init__(self) -> None:
        self._nodes: list[onnx.NodeProto] = []
        self._constants: dict[str, onnx.TensorProto] = {}

    def constant(self, name: str, values: NDArray[np.generic] | np.generic) -> str:
        """Keep a constant and return its name; a second one of that name has to be equal."""
        tensor = numpy_helper.from_array(np.asarray(values), name)
        assert self._constants.setdefault(name, tensor) == tensor, name
        return name

    def node(
        self,
        kind: str,
        inputs: Sequence[str],
        output: str,
        *,
        domain: str = "",
        **attributes: Any,  # noqa: ANN401 - as onnx types them
    ) -> str:
        """Add a node with one output and return the output's name."""
        return self.nodes(kind, inputs, (output,), domain=domain, **attributes)[0]

    def nodes(
        self,
        kind: str,
        inputs: Sequence[str],
        outputs: Sequence[str],
        *,
        domain: str = "",
        **attributes: Any,  # noqa: ANN401 - as onnx types them
    ) -> Sequence[str]:
        """Add a node with several outputs and return their names."""
        self._nodes.append(helper.make_node(kind, list(inputs), list(outputs), domain=domain, **attributes))
        return outputs

    def model(self, name: str, outputs: dict[str, int | None], *, of_tokens: bool = False) -> onnx.ModelProto:
        """The whole as a model of `input_ids` and `attention_mask`; outputs by name with their width, None for none.

        Outputs are of each text, or `of_tokens`.
        """
        shape = ["batch", "tokens"]
        units: list[str] = shape if of_tokens else shape[:1]
        graph = helper.make_graph(
            self._nodes,
            name,
            [helper.make_tensor_value_info(each, TensorProto.INT64, shape) for each in ("input_ids", "attention_mask")],
            [
                helper.make_tensor_value_info(each, TensorProto.FLOAT, [*units, width] if width else units)
                for each, width in outputs.items()
            ],
            list(self._constants.values()),
        )
        opsets = [helper.make_opsetid("", OPSET), helper.make_opsetid(MICROSOFT, 1)]
        return helper.make_model(graph, producer_name="evenhand-training", opset_imports=opsets, ir_version=IR_VERSION)
