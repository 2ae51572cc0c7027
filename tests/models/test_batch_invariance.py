"""A result never depends on what else is in the batch: not in the product, nor in the ONNX file by itself."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import onnxruntime
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from tokenizers import Tokenizer

import evenhand
from evenhand.bundle import Bundle
from evenhand.decoder import Decoder, softmax
from evenhand.encoder import OUTPUTS
from evenhand.result import Coding

EXAMPLES = Path(__file__).parents[2] / "examples" / "referrals.csv"
with EXAMPLES.open(encoding="utf-8", newline="") as _stream:
    TEXTS = [row["text"] for row in csv.DictReader(_stream)]
SENTENCES = sorted({text[a:b] for text in TEXTS for a, b in evenhand.split_sentences(text)})

# The promise of the release: probabilities within this, decisions equal.
TOLERANCE = 1e-3


@pytest.fixture(scope="module")
def alone(model: evenhand.Model) -> dict[str, Coding]:
    return {text: model.code(text) for text in (*TEXTS, *SENTENCES)}


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(company=st.lists(st.sampled_from((*TEXTS, *SENTENCES)), min_size=1, max_size=60))
def test_a_text_gets_the_same_coding_alone_and_in_any_company(
    model: evenhand.Model, alone: dict[str, Coding], company: list[str]
) -> None:
    for text, coding in zip(company, model.code_many(company), strict=True):
        _same(coding, alone[text])


@pytest.mark.parametrize("workers", [1, 2, 5])
def test_the_number_of_workers_changes_nothing(directory: Path, alone: dict[str, Coding], workers: int) -> None:
    for text, coding in zip(TEXTS, evenhand.load(directory, workers=workers).code_many(TEXTS), strict=True):
        _same(coding, alone[text])


class _Session:
    """The ONNX file as somebody else might run it: padded batches, all at once, any number of threads."""

    def __init__(self, bundle: Bundle, threads: int) -> None:
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads
        self._session = onnxruntime.InferenceSession(bundle.files["model.onnx"], options)
        self._tokenizer = Tokenizer.from_buffer(bundle.files["tokenizer.json"])
        self._tokenizer.no_padding()
        self.decoder = Decoder.from_json(bundle.json("decoder.json"))

    def run(self, texts: list[str], padding: int) -> list[NDArray[np.float64]]:
        tokens = [encoding.ids for encoding in self._tokenizer.encode_batch(texts)]
        ids = np.zeros((len(tokens), max(map(len, tokens)) + padding), dtype=np.int64)
        mask = np.zeros_like(ids)
        for row, found in enumerate(tokens):
            ids[row, : len(found)], mask[row, : len(found)] = found, 1
        theta, issues, assertion, frame = self._session.run(list(OUTPUTS), {"input_ids": ids, "attention_mask": mask})
        return [
            self.decoder.level_probabilities(theta.astype(np.float64)),
            self.decoder.severity_probabilities(theta.astype(np.float64)),
            self.decoder.issue_probabilities(issues.astype(np.float64)),
            softmax(assertion.astype(np.float64)),
            softmax(frame.astype(np.float64)),
        ]


@pytest.fixture(scope="module", params=[1, 2], ids=["one thread", "two threads"])
def session(bundle: Bundle, request: pytest.FixtureRequest) -> _Session:
    return _Session(bundle, request.param)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    company=st.lists(st.sampled_from(SENTENCES), min_size=1, max_size=24, unique=True),
    padding=st.integers(0, 60),
)
def test_the_onnx_file_itself_ignores_company_and_padding(session: _Session, company: list[str], padding: int) -> None:
    together = session.run(company, padding)
    for row, text in enumerate(company):
        for mixed, single in zip(together, session.run([text], 0), strict=True):
            np.testing.assert_allclose(mixed[row], single[0], atol=TOLERANCE, rtol=0)
            assert mixed[row].argmax() == single[0].argmax()


def _same(one: Coding, other: Coding) -> None:
    assert (one.level, one.levels, one.issues, one.assertion, one.frame) == (
        other.level,
        other.levels,
        other.issues,
        other.assertion,
        other.frame,
    )
    for probabilities, expected in (
        (one.level_probabilities.values(), other.level_probabilities.values()),
        (one.issue_probabilities.values(), other.issue_probabilities.values()),
    ):
        np.testing.assert_allclose(list(probabilities), list(expected), atol=TOLERANCE, rtol=0)
    assert [sentence.level for sentence in one.sentences] == [sentence.level for sentence in other.sentences]
