"""How near Evenhand comes to what one core of this machine can multiply in 8 bits at most."""

from __future__ import annotations

import statistics
import time
from collections.abc import Sequence
from typing import Any

import numpy as np
from tests.benchmarks.batch.networks import MAX_TOKENS

from evenhand.text import normalise, split_sentences

# Tokens of a run, and the widest product of MiniLM: from its states to four times as many values.
ROWS, INNER, OUTER = 1024, 384, 1536
LAYERS = 6
_ROUNDS, _RUNS = 5, 20


def measured_limit() -> float:
    """Thousand million multiply-adds a second of one core, of ONNX Runtime's product of 8-bit numbers."""
    import onnxruntime
    from onnx import TensorProto, helper, numpy_helper

    generator = np.random.default_rng(0)
    constants = {
        "weights": generator.integers(-127, 128, (INNER, OUTER)).astype(np.int8),
        "scale": np.float32(1.0),
        "scales": np.ones(OUTER, dtype=np.float32),
        "zero": np.uint8(64),
    }
    node = helper.make_node(
        "MatMulIntegerToFloat", ["given", "weights", "scale", "scales", "zero"], ["found"], domain="com.microsoft"
    )
    graph = helper.make_graph(
        [node],
        "product",
        [helper.make_tensor_value_info("given", TensorProto.UINT8, ["rows", INNER])],
        [helper.make_tensor_value_info("found", TensorProto.FLOAT, ["rows", OUTER])],
        [numpy_helper.from_array(np.asarray(value), name) for name, value in constants.items()],
    )
    opsets = [helper.make_opsetid("", 21), helper.make_opsetid("com.microsoft", 1)]
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    model = helper.make_model(graph, opset_imports=opsets, ir_version=10)
    session = onnxruntime.InferenceSession(model.SerializeToString(), options, providers=["CPUExecutionProvider"])
    # Below 128, so that processors without VNNI cannot saturate: as the released network has it.
    given = {"given": generator.integers(0, 128, (ROWS, INNER)).astype(np.uint8)}
    session.run(None, given)
    rates = []
    for _ in range(_ROUNDS):
        begin = time.perf_counter()
        for _ in range(_RUNS):
            session.run(None, given)
        rates.append(_RUNS * ROWS * INNER * OUTER / (time.perf_counter() - begin) / 1e9)
    return statistics.median(rates)


def needed(texts: Sequence[str]) -> dict[str, Any]:
    """Tokens of a text and the thousand million multiply-adds that these need, means over texts.

    `once` reads a text as one; `by_sentence` reads each sentence and, of two or more, the whole as well, as the
    released model does to say what each sentence adds.
    """
    from evenhand_training.encoder import load_tokenizer

    tokenizer = load_tokenizer(MAX_TOKENS)
    parts = [[normalise(text[start:end]) for start, end in split_sentences(text)] for text in texts]
    flat = [piece for pieces in parts for piece in pieces]
    lengths = iter([len(found.ids) for found in tokenizer.encode_batch(flat)])
    wholes = [len(found.ids) for found in tokenizer.encode_batch([normalise(text) for text in texts])]
    once = read = 0.0
    tokens = 0
    for pieces, whole in zip(parts, wholes, strict=True):
        own = [next(lengths) for _ in pieces]
        once += _multiplied(whole)
        read += sum(map(_multiplied, own)) + (_multiplied(whole) if len(own) > 1 else 0.0)
        tokens += sum(own) + (whole if len(own) > 1 else 0)
    return {
        "tokens": round(float(np.mean(wholes)), 1),
        "tokens_by_sentence": round(tokens / len(texts), 1),
        "giga_once": round(once / len(texts), 3),
        "giga_by_sentence": round(read / len(texts), 3),
    }


def _multiplied(tokens: int) -> float:
    """Thousand million multiply-adds of the encoder for one run of so many tokens."""
    linear = 4 * INNER * INNER + 2 * INNER * OUTER
    attention = 2 * INNER * tokens
    return LAYERS * tokens * (linear + attention) / 1e9
