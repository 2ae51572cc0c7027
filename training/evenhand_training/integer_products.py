"""The dense products of one encoder layer on integers: on one digit of 8 bits, or on two in base 128.

Both give the same four things: queries, keys and values from a layer's state; what attention adds to it; the
feed-forward units; what those add.
"""

from __future__ import annotations

import math
from abc import ABC, abstractmethod

import numpy as np
from numpy.typing import NDArray
from torch import nn

from evenhand_training.activations import Flow
from evenhand_training.graph_writer import MICROSOFT, GraphWriter
from evenhand_training.quantise import BASE, DIGIT_ZERO, columns
from evenhand_training.rounding import Rounded, Steps, paired, round_dense

Weights = NDArray[np.float32]

# Feed-forward units whose weighted range is far beyond the others' would coarsen every output: multiplied in single
# precision, they cost a twelfth of the product's time and take four fifths of its weights' error away.
WIDE_UNITS = 16
# Two digits reach so many times as far as activations went in the texts counted.
REACH = 1.5
# Exponentials reach 2.4e38, where ONNX Runtime cuts them; times this, no sum over 512 tokens leaves single precision.
GUARD = 2.0**-30


class Products(ABC):
    """Dense products of one layer.

    Args:
        graph: Where they are written.
        name: Of the layer; begins the names of all its values.
        layer: The fitted layer.
        flow: What flows into its products, by site.
        heads: Of its attention.
    """

    def __init__(self, graph: GraphWriter, name: str, layer: nn.Module, flow: dict[str, Flow], heads: int) -> None:
        self._graph, self._name, self._layer, self._flow, self._heads = graph, name, layer, flow, heads

    @abstractmethod
    def attend(self, state: str) -> tuple[str, str, str]:
        """Queries, divided by the root of a head's size, keys, and values times GUARD; (batch, tokens, outputs)."""

    @abstractmethod
    def project(self, context: str) -> str:
        """What attention adds to the state."""

    @abstractmethod
    def expand(self, state: str) -> str:
        """Feed-forward units before their activation function."""

    @abstractmethod
    def contract(self, units: str) -> str:
        """What the units add to the state."""

    def _dense(self, site: str) -> tuple[Weights, Weights]:
        """Weight (inputs, outputs) and bias of a linear layer."""
        linear = self._layer.get_submodule(site)
        return linear.get_parameter("weight").detach().numpy().T, linear.get_parameter("bias").detach().numpy()

    def _rounded(self, site: str, digits: Rounded) -> Rounded:
        """Queries are divided by the root of a head's size and values kept small; others stay."""
        if site.endswith("query"):
            share = np.float32(1 / math.sqrt(digits.weights.shape[1] / self._heads))
            return Rounded(digits.weights, digits.scales * share, digits.bias * share)
        if site.endswith("value"):
            return Rounded(digits.weights, digits.scales * np.float32(GUARD), digits.bias * np.float32(GUARD))
        return digits

    def _multiply(self, integers: str, zero: int, step: float, dense: Rounded, output: str, *, part: str = "") -> str:
        """y = (integers - zero) * step @ weights * scales, and the bias unless this is a `part` without."""
        name, graph = f"{output}.weight", self._graph
        inputs = [
            integers,
            graph.constant(name, dense.weights),
            graph.constant(f"step_{step!r}", np.float32(step)),
            graph.constant(f"{name}.scales", dense.scales),
            graph.constant(f"zero_{zero}", np.uint8(zero)),
        ]
        if part != "low":
            inputs += ["", graph.constant(f"{output}.bias", dense.bias)]
        return graph.node("MatMulIntegerToFloat", inputs, f"{output}.{part}" if part else output, domain=MICROSOFT)

    def _quantise(self, source: str, step: float, zero: int, output: str) -> str:
        scale = self._graph.constant(f"step_{step!r}", np.float32(step))
        return self._graph.node(
            "QuantizeLinear", [source, scale, self._graph.constant(f"zero_{zero}", np.uint8(zero))], output
        )


class OneDigit(Products):
    """One product each, of activations in steps of their channels."""

    def attend(self, state: str) -> tuple[str, str, str]:
        """The state is rounded once for all three; values come in the steps of what attention gives."""
        flow = self._flow["attention.self.query"]
        steps = Steps.centred(flow)
        integers = self._integers(state, steps, f"{self._name}.state")
        given = []
        for kind in ("query", "key", "value"):
            site = f"attention.self.{kind}"
            dense = round_dense(*self._dense(site), steps, flow)
            if kind == "value":  # attention takes means of values, so their steps are those of what it gives
                given_steps = self._context_steps()
                share = (1 / given_steps.step).astype(np.float32)
                shift = given_steps.shift.astype(np.float32)
                dense = Rounded(dense.weights, dense.scales * share, (dense.bias - shift) * share)
            given.append(self._multiply(integers, steps.zero, 1.0, self._rounded(site, dense), f"{self._name}.{kind}"))
        return given[0], given[1], given[2]

    def project(self, context: str) -> str:
        """Means of values are in their steps already."""
        site, steps = "attention.output.dense", self._context_steps()
        integers = self._quantise(context, 1.0, steps.zero, f"{context}.integers")
        dense = round_dense(*self._dense(site), steps, self._flow[site])
        return self._multiply(integers, steps.zero, 1.0, dense, f"{self._name}.attended")

    def expand(self, state: str) -> str:
        """Units in the order that `contract` takes."""
        flow = self._flow["intermediate.dense"]
        steps = Steps.centred(flow)
        integers = self._integers(state, steps, f"{self._name}.between")
        weight, bias = self._dense("intermediate.dense")
        order = self._order()
        dense = round_dense(weight[:, order], bias[order], steps, flow)
        return self._multiply(integers, steps.zero, 1.0, dense, f"{self._name}.units")

    def contract(self, units: str) -> str:
        """The widest units in single precision, all others on integers."""
        graph, name, order = self._graph, self._name, self._order()
        flow = self._flow["output.dense"].reordered(order)
        steps = Steps.of_gelu(flow)
        weight, bias = self._dense("output.dense")
        weight = weight[order]
        wide = slice(len(order) - WIDE_UNITS, len(order))
        dense = round_dense(weight, bias, steps, flow, without=wide)
        integers = self._integers(units, steps, units)
        product = self._multiply(integers, steps.zero, 1.0, dense, f"{name}.narrow")
        ends = [graph.constant(f"{key}_{at}", np.array([at])) for key, at in (("from", wide.start), ("to", wide.stop))]
        sliced = graph.node("Slice", [units, *ends, graph.constant("last_axis", np.array([-1]))], f"{units}.wide")
        added = graph.node("MatMul", [sliced, graph.constant(f"{name}.wide.weight", weight[wide])], f"{name}.wide")
        return graph.node("Add", [product, added], f"{name}.contracted")

    def _context_steps(self) -> Steps:
        return Steps.centred(self._flow["attention.output.dense"])

    def _order(self) -> NDArray[np.intp]:
        """Of units: large beside small, since neighbours share a limit, and the widest last."""
        weight, _ = self._dense("output.dense")
        sizes = np.abs(weight).max(axis=1) * Steps.of_gelu(self._flow["output.dense"]).step
        falling = np.argsort(-sizes, kind="stable")
        wide, rest = falling[:WIDE_UNITS], falling[WIDE_UNITS:]
        return np.concatenate([rest[paired(sizes[rest])], wide])

    def _integers(self, source: str, steps: Steps, name: str) -> str:
        graph = self._graph
        inverse = graph.constant(f"{name}.inverse_step", (1 / steps.step).astype(np.float32))
        scaled = graph.node("Mul", [source, inverse], f"{name}.scaled")
        if steps.shift.any():
            shift = graph.constant(f"{name}.shift", (-steps.shift / steps.step).astype(np.float32))
            scaled = graph.node("Add", [scaled, shift], f"{name}.shifted")
        return self._quantise(scaled, 1.0, steps.zero, f"{name}.integers")


class TwoDigits(Products):
    """Two products each, of digits in base 128 with one step for all channels, and weights of one scale an output."""

    def attend(self, state: str) -> tuple[str, str, str]:
        """The state is taken apart once for all three."""
        digits = self._digits(state, "attention.self.query", f"{self._name}.state")
        sites = [f"attention.self.{kind}" for kind in ("query", "key", "value")]
        query, key, value = (self._product(digits, site, f"{self._name}.{site[15:]}") for site in sites)
        return query, key, value

    def project(self, context: str) -> str:
        """Weights as they were rounded."""
        site = "attention.output.dense"
        return self._product(self._digits(context, site, context), site, f"{self._name}.attended")

    def expand(self, state: str) -> str:
        """Weights as they were rounded."""
        site = "intermediate.dense"
        return self._product(self._digits(state, site, f"{self._name}.between"), site, f"{self._name}.units")

    def contract(self, units: str) -> str:
        """Weights as they were rounded."""
        site = "output.dense"
        return self._product(self._digits(units, site, units), site, f"{self._name}.contracted")

    def _digits(self, source: str, site: str, name: str) -> tuple[str, str, float]:
        graph, flow = self._graph, self._flow[site]
        reach = REACH * max(np.abs(flow.low).max(), np.abs(flow.high).max())
        step = float(np.float32(reach / (BASE * DIGIT_ZERO)))
        limits = [graph.constant(f"{name}.{end}", np.float32(at)) for end, at in (("least", -reach), ("most", reach))]
        clipped = graph.node("Clip", [source, *limits], f"{name}.clipped")
        high = self._quantise(clipped, step * BASE, DIGIT_ZERO, f"{name}.high")
        scale, zero = graph.constant(f"step_{step * BASE!r}", np.float32(step * BASE)), f"zero_{DIGIT_ZERO}"
        coarse = graph.node("DequantizeLinear", [high, scale, zero], f"{name}.coarse")
        rest = graph.node("Sub", [clipped, coarse], f"{name}.rest")
        return high, self._quantise(rest, step, DIGIT_ZERO, f"{name}.low"), step

    def _product(self, digits: tuple[str, str, float], site: str, output: str) -> str:
        high, low, step = digits
        weight, bias = self._dense(site)
        integers, scales = columns(weight)
        dense = self._rounded(site, Rounded(integers, scales, bias))
        parts = [
            self._multiply(high, DIGIT_ZERO, step * BASE, dense, output, part="high"),
            self._multiply(low, DIGIT_ZERO, step, dense, output, part="low"),
        ]
        return self._graph.node("Add", parts, output)
