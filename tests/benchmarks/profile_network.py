"""Where the time goes when notes are coded on one core: by kind of operator in the network, and around it.

    python tests/benchmarks/profile_network.py [--log]

ONNX Runtime's own profile of every node over whole notes of the corpus, as `code_many` reads them: by sentence and as a
whole. Profiling slows small nodes a little, so shares are of the profiled time, and milliseconds of a run without it.
Kind `profile` in models/results.jsonl.
"""

from __future__ import annotations

import argparse
import json
import tempfile
import time
from collections import Counter
from pathlib import Path
from typing import Any
from unittest.mock import patch

import numpy as np
import onnxruntime

import evenhand
from evenhand.model import Model

CORPUS = Path(__file__).parents[2] / "annotations"
NOTES = 120  # some ten seconds
ROUNDS = 3
PARTS = {
    "integer products": ("MatMulIntegerToFloat",),
    "products in single precision (scores, means of values, wide units)": ("MatMul", "FusedMatMul", "Gemm"),
    "exponentials": ("Exp",),
    "activation function": ("Gelu",),
    "normalisation": ("LayerNormalization",),
    "rounding to digits": ("QuantizeLinear", "DequantizeLinear", "Clip", "Mul", "Sub", "Cast"),
    "sums and quotients": ("Add", "Div", "Max"),
    "order of values": ("Transpose", "Reshape", "Slice", "Concat", "Unsqueeze", "Squeeze", "Gather", "Shape"),
}


def notes() -> list[str]:
    """Whole notes of the corpus, evenly spaced."""
    with (CORPUS / "whole-notes.jsonl").open(encoding="utf-8") as lines:
        found = [json.loads(line)["text"] for line in lines]
    return found[:: len(found) // NOTES][:NOTES]


def seconds(model: Model, texts: list[str]) -> float:
    """CPU seconds of coding the texts, the least of some rounds."""
    found = []
    for _ in range(ROUNDS):
        begin = time.process_time()
        model.code_many(texts)
        found.append(time.process_time() - begin)
    return min(found)


def operators(texts: list[str], prefix: Path) -> tuple[Counter[str], float]:
    """Seconds of each kind of operator, and of all runs of the network, while the texts are coded."""
    made = onnxruntime.SessionOptions

    def profiled() -> Any:  # noqa: ANN401 - onnxruntime publishes no types
        options = made()
        options.enable_profiling = True
        options.profile_file_prefix = str(prefix)
        return options

    with patch("evenhand.encoder.onnxruntime.SessionOptions", profiled):
        model = evenhand.load(workers=1)
    model.code_many(texts)
    events = json.loads(Path(model._encoder._session.end_profiling()).read_text(encoding="utf-8"))
    kinds: Counter[str] = Counter()
    for event in events:
        if event.get("cat") == "Node" and event["name"].endswith("_kernel_time"):
            kinds[event["args"]["op_name"]] += event["dur"] / 1e6
    runs = sum(event["dur"] for event in events if event["name"] == "model_run") / 1e6
    return kinds, runs


def main() -> None:
    """Measure, print, and log on request."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--log", action="store_true", help="append to models/results.jsonl")
    given = parser.parse_args()
    texts = notes()
    model = evenhand.load(workers=1)
    whole = seconds(model, texts)
    with tempfile.TemporaryDirectory() as folder:
        kinds, runs = operators(texts, Path(folder) / "profile")
    in_parts = {part: sum(kinds[kind] for kind in named) for part, named in PARTS.items()}
    in_parts["other operators"] = kinds.total() - sum(in_parts.values())
    with patch("evenhand.encoder.run_tokens", _nothing_read(model)):
        around = seconds(model, texts)
    record = {
        "notes": len(texts),
        "milliseconds_a_note": round(1000 * whole / len(texts), 2),
        "around_the_network": round(1000 * around / len(texts), 2),
        "shares_of_the_network": {part: round(each / runs, 3) for part, each in in_parts.items()},
        "between_operators": round(1 - kinds.total() / runs, 3),
    }
    print(json.dumps(record, indent=2))
    if given.log:
        from evenhand_training.results import append, model_stamp

        append(CORPUS.parent / "models/results.jsonl", {"kind": "profile", **model_stamp(model), **record})


def _nothing_read(model: Model) -> Any:  # noqa: ANN401 - in place of a private function
    """Stands for runs of the network and gives what an earlier one gave: what is left is the Python around it."""
    session = model._encoder._session
    one = {output.name: session.run([output.name], _one_text())[0] for output in session.get_outputs()}

    def run(_: Any, names: list[str], tokens: list[list[int]]) -> Any:  # noqa: ANN401
        return [one[name].repeat(len(tokens), axis=0).astype(float) for name in names]

    return run


def _one_text() -> dict[str, Any]:
    ids = np.array([[101, 2000, 102]])
    return {"input_ids": ids, "attention_mask": np.ones_like(ids)}


if __name__ == "__main__":
    main()
