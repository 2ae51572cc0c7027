"""Export the framing network as one ONNX file on integers, like the model's own network."""

from __future__ import annotations

from collections.abc import Sequence

import onnx
from tokenizers import Tokenizer

from evenhand.framing.decoding import READINGS
from evenhand.framing.network import OUTPUT, flat
from evenhand_training.framing.network import FramingReader
from evenhand_training.framing.texts import CodedText
from evenhand_training.graph_writer import GraphWriter
from evenhand_training.integers import token_states
from evenhand_training.quantise import round_weights

# Texts whose activations set the steps: some 60,000 tokens, a minute and a half.
_STEP_TEXTS = 300


def export_framing(network: FramingReader, tokenizer: Tokenizer, texts: Sequence[CodedText]) -> onnx.ModelProto:
    """The network on integers, which gives the readings of each token.

    Args:
        network: Fitted.
        tokenizer: The encoder's.
        texts: Those it was fitted on.
    """
    graph = GraphWriter()
    drawn = [flat(text.text) for text in texts[:: max(1, len(texts) // _STEP_TEXTS)]]
    state = token_states(graph, round_weights(network), tokenizer, drawn)
    weight, bias = (network.readings.get_parameter(kind).detach().numpy() for kind in ("weight", "bias"))
    graph.node("MatMul", [state, graph.constant("readings.weight", weight.T.copy())], "readings.of_tokens")
    graph.node("Add", ["readings.of_tokens", graph.constant("readings.bias", bias)], OUTPUT)
    return graph.model("evenhand-framing", {OUTPUT: READINGS}, of_tokens=True)
