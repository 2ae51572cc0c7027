"""8-bit products such that a result does not depend on the batch, nor integer sums on the processor.

Ordinary dynamic quantisation takes one activation scale for the whole batch, which ties a text to its batchmates. Here
each token's activation vector has its own scale, computed in the graph from that vector alone, so a text's integers are
the same in any company. Integer sums are exact in any order. Weights have one scale an output column and use 7 bits:
with 8, the AVX2 kernel's 16-bit sums can saturate (255 * 64 * 2 fits in 16 bits, 255 * 127 * 2 does not) and
processors without VNNI would give other results.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

WEIGHT_LIMIT = 63  # 7 bits, symmetric; see the module's docstring
ACTIVATION_LIMIT = 127
ACTIVATION_ZERO = 128
LEAST_SCALE = 1e-8  # keeps an all-zero vector from a division by zero
# Smaller tables are worth less than the nodes that would read them.
LEAST_TABLE_ROWS = 1000

MICROSOFT = "com.microsoft"  # onnxruntime's own operators; every build of it has them


def quantise(model: onnx.ModelProto) -> onnx.ModelProto:
    """Return a copy whose dense layers run on 8-bit integers and whose large embedding table is stored as such."""
    copy = onnx.ModelProto()
    copy.CopyFrom(model)
    _Pass(copy.graph).run()
    if not any(entry.domain == MICROSOFT for entry in copy.opset_import):
        copy.opset_import.append(helper.make_opsetid(MICROSOFT, 1))
    return copy


class _Pass:
    """One walk over a graph that replaces dense products and table look-ups."""

    def __init__(self, graph: onnx.GraphProto) -> None:
        self._graph = graph
        self._weights = {tensor.name: tensor for tensor in graph.initializer}
        self._added: dict[str, onnx.TensorProto] = {}
        self._scaled: dict[str, tuple[str, str]] = {}
        self._nodes: list[onnx.NodeProto] = []

    def run(self) -> None:
        for node in self._graph.node:
            if node.op_type == "MatMul" and self._is_matrix(node.input[1]):
                self._dense(node)
            elif node.op_type == "Gather" and self._is_table(node.input[0]):
                self._look_up(node)
            else:
                self._nodes.append(node)
        del self._graph.node[:]
        self._graph.node.extend(self._nodes)
        del self._graph.value_info[:]  # shapes and types of replaced values would be stale
        used = {name for node in self._graph.node for name in node.input}
        kept = [tensor for tensor in (*self._weights.values(), *self._added.values()) if tensor.name in used]
        del self._graph.initializer[:]
        self._graph.initializer.extend(kept)

    def _is_matrix(self, name: str) -> bool:
        return name in self._weights and len(self._weights[name].dims) == 2

    def _is_table(self, name: str) -> bool:
        return self._is_matrix(name) and self._weights[name].dims[0] >= LEAST_TABLE_ROWS

    def _dense(self, node: onnx.NodeProto) -> None:
        """y = x @ w becomes y = row scale * (column scale * (integers of x @ integers of w))."""
        source, name, out = node.input[0], node.input[1], node.output[0]
        integers, scales = _columns(numpy_helper.to_array(self._weights[name]))
        stored, stored_scale = self._store(f"{name}.int8", integers), self._store(f"{name}.scale", scales)
        activations, row_scale = self._activations(source)
        one = self._store("one", np.float32(1.0))
        zero = self._store("activation_zero", np.uint8(ACTIVATION_ZERO))
        self._emit(
            "MatMulIntegerToFloat",
            [activations, stored, one, stored_scale, zero],
            f"{out}.product",
            domain=MICROSOFT,
        )
        self._emit("Mul", [f"{out}.product", row_scale], out)

    def _activations(self, source: str) -> tuple[str, str]:
        """Names of the integers of `source` and of its scale a vector; made once for all products that share it."""
        if source not in self._scaled:
            limit = self._store("activation_limit", np.float32(1.0 / ACTIVATION_LIMIT))
            least = self._store("least_scale", np.float32(LEAST_SCALE))
            last = self._store("last_axis", np.array([-1], dtype=np.int64))
            self._emit("Abs", [source], f"{source}.abs")
            self._emit("ReduceMax", [f"{source}.abs", last], f"{source}.max", keepdims=1)
            self._emit("Mul", [f"{source}.max", limit], f"{source}.fine")
            self._emit("Max", [f"{source}.fine", least], f"{source}.row_scale")
            self._quantise_rows(source)
            self._scaled[source] = (f"{source}.integers", f"{source}.row_scale")
        return self._scaled[source]

    def _quantise_rows(self, source: str) -> None:
        zero = self._store("activation_zero_f", np.float32(ACTIVATION_ZERO))
        self._emit("Div", [source, f"{source}.row_scale"], f"{source}.divided")
        self._emit("Round", [f"{source}.divided"], f"{source}.rounded")
        self._emit("Add", [f"{source}.rounded", zero], f"{source}.moved")
        self._emit("Cast", [f"{source}.moved"], f"{source}.integers", to=TensorProto.UINT8)

    def _look_up(self, node: onnx.NodeProto) -> None:
        """A row of the table becomes its integers times its scale."""
        name, ids, out = node.input[0], node.input[1], node.output[0]
        integers, scales = _rows(numpy_helper.to_array(self._weights[name]))
        self._emit("Gather", [self._store(f"{name}.int8", integers), ids], f"{out}.integers")
        self._emit("Gather", [self._store(f"{name}.scale", scales), ids], f"{out}.row_scale")
        self._emit("Cast", [f"{out}.integers"], f"{out}.float", to=TensorProto.FLOAT)
        self._emit("Mul", [f"{out}.float", f"{out}.row_scale"], out)

    def _store(self, name: str, values: NDArray[np.generic] | np.generic) -> str:
        if name not in self._added:
            self._added[name] = numpy_helper.from_array(np.asarray(values), name)
        return name

    def _emit(
        self,
        kind: str,
        inputs: list[str],
        output: str,
        *,
        domain: str = "",
        **attributes: Any,  # noqa: ANN401 - as onnx types them
    ) -> None:
        self._nodes.append(helper.make_node(kind, inputs, [output], domain=domain, **attributes))


def _columns(weights: NDArray[np.float32]) -> tuple[NDArray[np.int8], NDArray[np.float32]]:
    """Integers (inputs, outputs) and one scale an output."""
    scales = np.maximum(np.abs(weights).max(axis=0), LEAST_SCALE) / WEIGHT_LIMIT
    return np.round(weights / scales).astype(np.int8), scales.astype(np.float32)


def _rows(table: NDArray[np.float32]) -> tuple[NDArray[np.int8], NDArray[np.float32]]:
    """Integers of a table and one scale a row, shape (rows, 1). Look-ups multiply nothing: all 8 bits are used."""
    scales = np.maximum(np.abs(table).max(axis=1, keepdims=True), LEAST_SCALE) / ACTIVATION_LIMIT
    return np.round(table / scales).astype(np.int8), scales.astype(np.float32)
