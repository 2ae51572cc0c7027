"""A model directory small enough to reason about, for every test that needs one; needs no training code.

Its network adds up, over the words of a sentence, what each word says: "belt" makes it grave, "denies" makes it
denied. So a test can write a text and know what must come out.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from pathlib import Path
from typing import TypeAlias

import numpy as np
import onnx
import pytest
from hypothesis import settings
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper
from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, processors

from evenhand.scheme import ASSERTIONS, FRAMES, ISSUES, SCHEME_VERSION, Assertion, Frame, Issue

# A loaded machine is slow now and then; that is no fault of the code under test.
settings.register_profile("evenhand", deadline=None)
settings.load_profile("evenhand")


def pytest_make_parametrize_id(val: object, argname: str) -> str | None:
    """Name bytes by their argument: packed ones hold the time they were made, which differs between processes."""
    return argname if isinstance(val, bytes) else None


Seal: TypeAlias = Callable[[Path], None]

UNKNOWN = "[UNK]"
SPECIAL_TOKENS = ("[PAD]", UNKNOWN, "[CLS]", "[SEP]")
NOT_CODABLE = len(ASSERTIONS)
MAX_TOKENS = 24

# What a word adds: to latent severity, to the logit of an issue, of an assertion class, of a frame.
WORDS: dict[str, tuple[float, Issue | None, int | None, Frame | None]] = {
    "belt": (6.0, Issue.PHYSICAL_ABUSE, ASSERTIONS.index(Assertion.PRESENT), Frame.EVIDENCE),
    "bruise": (3.0, Issue.PHYSICAL_ABUSE, ASSERTIONS.index(Assertion.PRESENT), Frame.EVIDENCE),
    "damp": (1.0, Issue.HOUSING, ASSERTIONS.index(Assertion.PRESENT), Frame.NEED),
    "late": (-2.0, Issue.EDUCATION, ASSERTIONS.index(Assertion.PRESENT), Frame.RISK),
    "happy": (-6.0, Issue.PROTECTIVE, ASSERTIONS.index(Assertion.PRESENT), Frame.STRENGTH),
    "denies": (0.0, None, ASSERTIONS.index(Assertion.NEGATED), None),
    "previously": (0.0, None, ASSERTIONS.index(Assertion.HISTORICAL), None),
    "if": (0.0, None, ASSERTIONS.index(Assertion.HYPOTHETICAL), None),
    "neighbour": (0.0, None, ASSERTIONS.index(Assertion.OTHER_PERSON), None),
    "regards": (0.0, None, NOT_CODABLE, None),
}
PLAIN_WORDS = (
    "dad",
    "mum",
    "she",
    "he",
    "hit",
    "him",
    "her",
    "with",
    "a",
    "the",
    "at",
    "home",
    "school",
    "is",
)


@pytest.fixture(scope="session")
def seal() -> Seal:
    """Write the manifest's list of files afresh, as a release does."""
    return _seal


@pytest.fixture(scope="session")
def toy_bundle(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A complete model directory; copy it before changing anything."""
    directory = tmp_path_factory.mktemp("toy") / "evenhand-0.0"
    directory.mkdir()
    (directory / "model.onnx").write_bytes(_network().SerializeToString())
    (directory / "tokenizer.json").write_text(_tokenizer().to_str(), encoding="utf-8")
    for name, content in (("decoder", _decoder()), ("metrics", {"headline": {"rows": 3}})):
        (directory / f"{name}.json").write_text(json.dumps(content), encoding="utf-8")
    (directory / "CARD.md").write_text("# A toy\n", encoding="utf-8")
    manifest = {
        "name": "evenhand",
        "version": "0.0",
        "format": 1,
        "scheme_version": SCHEME_VERSION,
        "corpus_version": "0000.0",
        "encoder": "a table",
        "licence": "Apache-2.0",
        "language": "English",
        "intended_use": "tests",
        "not_for": "anything else",
    }
    (directory / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
    _seal(directory)
    return directory


def _seal(directory: Path) -> None:
    path = directory / "manifest.json"
    manifest = json.loads(path.read_text(encoding="utf-8"))
    manifest["files"] = {
        found.name: {
            "sha256": hashlib.sha256(found.read_bytes()).hexdigest(),
            "bytes": found.stat().st_size,
        }
        for found in sorted(directory.iterdir())
        if found != path
    }
    path.write_text(json.dumps(manifest), encoding="utf-8")


def _decoder() -> dict[str, object]:
    return {
        "severity_cuts": [-4.0, -2.0, 0.0, 2.0, 4.0],
        "severity_scale": 1.0,
        "level_cuts": [[-4.5, -2.0, 0.0, 2.0], [-3.5, -1.0, 1.0, 3.0]],
        "level_slope": 1.0,
        "issue_scale": 1.0,
        "issue_threshold": 0.5,
        "top_issue_threshold": 0.3,
        "set_mass": 0.8,
        "set_coverage": 0.9,
        "refusal_threshold": 0.5,
        "bare_refusal_threshold": 0.5,
        "max_tokens": MAX_TOKENS,
    }


def _tokenizer() -> Tokenizer:
    words = (*SPECIAL_TOKENS, *WORDS, *PLAIN_WORDS)
    tokenizer = Tokenizer(models.WordLevel({word: place for place, word in enumerate(words)}, unk_token=UNKNOWN))
    tokenizer.normalizer = normalizers.Lowercase()
    tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
    tokenizer.post_processor = processors.TemplateProcessing(
        single="[CLS] $A [SEP]", special_tokens=[("[CLS]", 2), ("[SEP]", 3)]
    )
    return tokenizer


def _network() -> onnx.ModelProto:
    widths = {"theta": 1, "issues": len(ISSUES), "assertion": len(ASSERTIONS) + 1, "frame": len(FRAMES)}
    table = np.zeros((len(SPECIAL_TOKENS) + len(WORDS) + len(PLAIN_WORDS), sum(widths.values())), np.float32)
    starts = dict(zip(widths, np.cumsum([0, *widths.values()]).tolist(), strict=False))
    for row, (theta, issue, assertion, frame) in enumerate(WORDS.values(), start=len(SPECIAL_TOKENS)):
        table[row, 0] = theta
        if issue is not None:
            table[row, starts["issues"] + ISSUES.index(issue)] = 6.0
        if assertion is not None:
            # "She denies it" is denied however present the rest sounds.
            table[row, starts["assertion"] + assertion] = 3.0 if assertion == 0 else 9.0
        if frame is not None:
            table[row, starts["frame"] + FRAMES.index(frame)] = 2.0
    bias = np.zeros(table.shape[1], np.float32)
    bias[starts["issues"] : starts["assertion"]] = -3.0
    bias[starts["assertion"] + NOT_CODABLE] = 2.5  # likelier than not by itself, and outweighed by any word
    bounds = [0, *np.cumsum(list(widths.values())).tolist()]
    nodes = [
        helper.make_node("Gather", ["table", "input_ids"], ["words"]),
        helper.make_node("Cast", ["attention_mask"], ["counted"], to=TensorProto.FLOAT),
        helper.make_node("Unsqueeze", ["counted", "last"], ["mask"]),
        helper.make_node("Mul", ["words", "mask"], ["masked"]),
        helper.make_node("ReduceSum", ["masked", "tokens"], ["summed"], keepdims=0),
        helper.make_node("Add", ["summed", "bias"], ["all"]),
        helper.make_node("Split", ["all", "widths"], ["severity", "issues", "assertion", "frame"], axis=1),
        helper.make_node("Squeeze", ["severity", "tokens"], ["theta"]),
    ]
    constants: dict[str, NDArray[np.generic]] = {
        "table": table,
        "bias": bias,
        "widths": np.diff(bounds).astype(np.int64),
        "last": np.array([-1], np.int64),
        "tokens": np.array([1], np.int64),
    }
    graph = helper.make_graph(
        nodes,
        "toy",
        [
            helper.make_tensor_value_info(name, TensorProto.INT64, ["batch", "tokens"])
            for name in ("input_ids", "attention_mask")
        ],
        [
            helper.make_tensor_value_info(name, TensorProto.FLOAT, ["batch"] if width == 1 else ["batch", width])
            for name, width in widths.items()
        ],
        [numpy_helper.from_array(values, name) for name, values in constants.items()],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=10)
    onnx.checker.check_model(model, full_check=True)
    return model
