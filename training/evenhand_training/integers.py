"""Export a network with dense layers on 8-bit integers such that one result comes out on every processor with AVX2.

Sums of integers are exact in any order. What is left in single precision is of operators that ONNX Runtime computes
element by element or along a row in one order, whatever the processor's vectors, batch and padding; only its softmax is
not, so that softmax is written as exponentials and two products: with the values, and with the mask for the sum that
divides. Padding is a zero in both. Rounding to 8 bits then moves no result between machines.

The first layers' losses grow in the later ones, so those run on two digits in base 128 and with weights of one scale an
output, as they were rounded; the others run on one, with steps and weights of `rounding`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import onnx
from tokenizers import Tokenizer
from torch import nn

from evenhand.encoder import OUTPUTS
from evenhand.pooled import POOLED
from evenhand_training.activations import ReadsWithEncoder, flows
from evenhand_training.graph_writer import MICROSOFT, GraphWriter
from evenhand_training.integer_products import GUARD, OneDigit, Products, TwoDigits
from evenhand_training.network import LadderNetwork
from evenhand_training.quantise import rows

# Of twelve: attention and feed-forward of six layers in turn. With none on two digits 1.4% of 657 validation texts
# changed level against single precision and 1.7% their severity; with four 1.4% of either, with six 0.6% and 1.1%, with
# seven none and 0.6%. Each costs about 5 milliseconds in a thousand tokens, of some 140.
TWO_DIGIT_BLOCKS = 7
LEAST_SUM = 1e-37  # keeps a row whose exponentials all vanish from 0 / 0


def export_integers(
    network: LadderNetwork, tokenizer: Tokenizer, texts: Sequence[str], *, two_digit_blocks: int = TWO_DIGIT_BLOCKS
) -> onnx.ModelProto:
    """The network on integers: the same inputs and outputs as in single precision, and `POOLED` inside.

    Args:
        network: With its weights rounded (`quantise.round_weights`); it is left in evaluation mode.
        tokenizer: The encoder's.
        texts: Training texts, normalised, whose activations set the steps.
        two_digit_blocks: How many blocks run on two digits, from the first layer's attention and feed-forward on.
    """
    graph = GraphWriter()
    state = token_states(graph, network, tokenizer, texts, two_digit_blocks=two_digit_blocks)
    return graph.model("evenhand", _read(graph, network, state))


def token_states(
    graph: GraphWriter,
    network: ReadsWithEncoder,
    tokenizer: Tokenizer,
    texts: Sequence[str],
    *,
    two_digit_blocks: int = TWO_DIGIT_BLOCKS,
) -> str:
    """Write a network's encoder on integers, and return the name of the states of tokens, (batch, tokens, size).

    Args:
        graph: Empty as yet.
        network: With its weights rounded; it is left in evaluation mode.
        tokenizer: The encoder's.
        texts: Training texts as the network sees them, whose activations set the steps.
        two_digit_blocks: How many blocks run on two digits.
    """
    encoder: Any = network.eval().encoder
    heads = encoder.config.num_attention_heads
    state = _embedded(graph, encoder.embeddings)
    _masks(graph)
    for number, flow in enumerate(flows(network, tokenizer, texts)):
        layer, name = encoder.encoder.layer[number], f"layer{number}"
        attention, feed_forward = (
            (TwoDigits if 2 * number + block < two_digit_blocks else OneDigit)(graph, name, layer, flow, heads)
            for block in (0, 1)
        )
        state = _attended(graph, name, layer, attention, state, heads)
        state = _fed_forward(graph, name, layer, feed_forward, state)
    return state


def _embedded(graph: GraphWriter, embeddings: nn.Module) -> str:
    """The state before the first layer: words, stored in 8 bits, and positions."""
    words = embeddings.get_parameter("word_embeddings.weight").detach().numpy()
    positions = embeddings.get_parameter("position_embeddings.weight").detach().numpy()
    kind = embeddings.get_parameter("token_type_embeddings.weight").detach().numpy()[0]  # all our tokens are of one
    integers, scales = rows(words)
    graph.node("Gather", [graph.constant("words", integers), "input_ids"], "words.integers")
    graph.node("Gather", [graph.constant("words.scales", scales), "input_ids"], "words.scale")
    graph.node("Cast", ["words.integers"], "words.units", to=onnx.TensorProto.FLOAT)
    graph.node("Mul", ["words.units", "words.scale"], "words.said")
    tokens = graph.node("Shape", ["input_ids"], "tokens", start=1, end=2)
    places = [graph.constant("positions", positions + kind), graph.constant("start", np.array([0])), tokens]
    graph.node("Slice", [*places, graph.constant("first_axis", np.array([0]))], "positions.here")
    graph.node("Add", ["words.said", "positions.here"], "embedded")
    return _normalised(graph, "embedded", embeddings.get_submodule("LayerNorm"))


def _masks(graph: GraphWriter) -> None:
    """The mask as a column for each text, (batch, tokens, 1): for the values, and made small for the sums."""
    graph.node("Cast", ["attention_mask"], "mask", to=onnx.TensorProto.FLOAT)
    graph.node("Unsqueeze", ["mask", graph.constant("last_axis", np.array([-1]))], "mask_column")
    # Not as a product: ONNX Runtime would move a constant factor into the sums, where it is several times as slow.
    graph.node("Cast", ["mask_column"], "is_token", to=onnx.TensorProto.BOOL)
    choices = ["is_token", graph.constant("guard", np.float32(GUARD)), graph.constant("nothing", np.float32(0.0))]
    graph.node("Where", choices, "mask_kept_small")
    graph.node("Concat", [graph.constant("batch_and_rows", np.array([0, -1])), "tokens"], "heads_together", axis=0)


def _attended(graph: GraphWriter, name: str, layer: nn.Module, products: Products, state: str, heads: int) -> str:
    context = _attention(graph, name, products.attend(state), heads)
    graph.node("Add", [products.project(context), state], f"{name}.with_attention")
    return _normalised(graph, f"{name}.with_attention", layer.get_submodule("attention.output.LayerNorm"))


def _fed_forward(graph: GraphWriter, name: str, layer: nn.Module, products: Products, state: str) -> str:
    units = graph.node("Gelu", [products.expand(state)], f"{name}.active", domain=MICROSOFT)
    graph.node("Add", [products.contract(units), state], f"{name}.given")
    return _normalised(graph, f"{name}.given", layer.get_submodule("output.LayerNorm"))


def _attention(graph: GraphWriter, name: str, parts: tuple[str, str, str], heads: int) -> str:
    """Means of values, weighted by exponentials of scores, over the tokens that the mask leaves."""
    query, key, value = parts
    value = graph.node("Mul", [value, "mask_column"], f"{value}.masked")
    apart = graph.constant("by_head", np.array([0, 0, heads, -1]))
    by_head = [
        graph.node("Transpose", [graph.node("Reshape", [each, apart], f"{each}.apart")], f"{each}.by_head", perm=order)
        for each, order in ((query, (0, 2, 1, 3)), (key, (0, 2, 3, 1)), (value, (0, 2, 1, 3)))
    ]
    graph.node("MatMul", by_head[:2], f"{name}.scores")
    graph.node("Exp", [f"{name}.scores"], f"{name}.exponentials")
    graph.node("MatMul", [f"{name}.exponentials", by_head[2]], f"{name}.weighted")
    # Rows of all heads together are a multiple of four whatever the padding, and each is then summed in the same order.
    graph.node("Reshape", [f"{name}.exponentials", "heads_together"], f"{name}.exponentials_together")
    graph.node("MatMul", [f"{name}.exponentials_together", "mask_kept_small"], f"{name}.sums_together")
    heads_apart = graph.constant("heads_apart", np.array([0, heads, -1, 1]))
    graph.node("Reshape", [f"{name}.sums_together", heads_apart], f"{name}.weight_sum")
    least = graph.constant("least_sum", np.float32(LEAST_SUM))
    graph.node("Max", [f"{name}.weight_sum", least], f"{name}.divisor")
    graph.node("Div", [f"{name}.weighted", f"{name}.divisor"], f"{name}.means")
    graph.node("Transpose", [f"{name}.means"], f"{name}.means_by_token", perm=(0, 2, 1, 3))
    joined = graph.constant("joined", np.array([0, 0, -1]))
    return graph.node("Reshape", [f"{name}.means_by_token", joined], f"{name}.context")


def _normalised(graph: GraphWriter, source: str, norm: nn.Module) -> str:
    values = [
        graph.constant(f"{source}.{kind}", norm.get_parameter(kind).detach().numpy()) for kind in ("weight", "bias")
    ]
    epsilon = float(norm.eps)  # type: ignore[arg-type] # torch types every attribute of a module as a module
    return graph.node("LayerNormalization", [source, *values], f"{source}.normalised", axis=-1, epsilon=epsilon)


def _read(graph: GraphWriter, network: LadderNetwork, state: str) -> dict[str, int | None]:
    """The mean state over tokens and what the heads read off it; widths of the outputs."""
    graph.node("Unsqueeze", ["mask", graph.constant("middle_axis", np.array([1]))], "mask_row")
    graph.node("MatMul", ["mask_row", state], "state_sum")
    graph.node("Squeeze", ["state_sum", "middle_axis"], "state_total")
    graph.node("ReduceSum", ["mask", "last_axis"], "mask_sum", keepdims=1)
    graph.node("Max", ["mask_sum", graph.constant("one_token", np.float32(1.0))], "token_count")
    graph.node("Div", ["state_total", "token_count"], POOLED)
    widths: dict[str, int | None] = {}
    for name in OUTPUTS:
        head = network.get_submodule(name)
        weight, bias = (head.get_parameter(kind).detach().numpy() for kind in ("weight", "bias"))
        inputs = [POOLED, graph.constant(f"{name}.weight", weight), graph.constant(f"{name}.bias", bias)]
        single = name == "theta"  # a number for each text, not a row of one
        found = graph.node("Gemm", inputs, f"{name}.column" if single else name, transB=1)
        if single:
            graph.node("Squeeze", [found, "last_axis"], name)
        widths[name] = None if single else len(bias)
    return widths
