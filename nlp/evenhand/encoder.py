"""Run the network over sentences: tokenise, group by length, run, put back in order.

A result never depends on what else is in the batch: a batch holds sentences of one token length, so nothing is padded,
and the exported network quantises each token's activations by that token's own scale. One session with one thread is
shared by as many workers as there are cores.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import onnxruntime
from numpy.typing import NDArray
from tokenizers import Tokenizer

from evenhand.errors import ModelError
from evenhand.readings import Readings

TOKENS_PER_RUN = 1024  # bounds a run's memory to a few megabytes; the gain from larger runs is small
SENTENCES_PER_BLOCK = 4096  # tokenised at once: what the tokeniser returns for each is some kilobytes


OUTPUTS = ("theta", "issues", "assertion", "frame")


class Encoder:
    """An ONNX session and its tokeniser.

    Args:
        onnx: Content of the ONNX file.
        tokenizer: Content of tokenizer.json.
        max_tokens: Where a longer sentence is cut.
        workers: Runs at the same time; None for one a core.

    Raises:
        ModelError: ONNX Runtime or the tokeniser cannot read its file.
    """

    def __init__(self, onnx: bytes, tokenizer: bytes, *, max_tokens: int, workers: int | None = None) -> None:
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        options.inter_op_num_threads = 1
        options.log_severity_level = 3  # errors only: warnings would go to stderr, which is for progress
        try:
            self._session = onnxruntime.InferenceSession(onnx, options, providers=["CPUExecutionProvider"])
            self._tokenizer = Tokenizer.from_buffer(tokenizer)
        except Exception as error:  # both libraries raise their own kinds, without a common base
            message = f"the model cannot be started ({type(error).__name__}); get it again or update onnxruntime"
            raise ModelError(message) from error
        self._tokenizer.no_padding()
        self._tokenizer.enable_truncation(max_tokens)
        self._workers = workers or _cores()

    def read(self, sentences: Sequence[str]) -> Readings:
        """Read sentences in order; equal sentences are read once."""
        unique = {sentence: place for place, sentence in enumerate(dict.fromkeys(sentences))}
        tokens, cut = self._tokenise(list(unique))
        runs = _runs(tokens)
        with ThreadPoolExecutor(max_workers=max(1, min(self._workers, len(runs)))) as pool:
            results = list(pool.map(lambda run: self._run([tokens[place] for place in run]), runs))
        places = np.array([place for run in runs for place in run], dtype=np.intp)
        row_of = np.empty(len(places), dtype=np.intp)
        row_of[places] = np.arange(len(places))
        back = row_of[[unique[sentence] for sentence in sentences]] if len(places) else places
        theta, issues, assertion, frame = (
            np.concatenate([result[number] for result in results])[back] if results else self._nothing(number)
            for number in range(len(OUTPUTS))
        )
        truncated = np.array([unique[sentence] in cut for sentence in sentences], dtype=np.bool_)
        return Readings(theta, issues, assertion, frame, truncated)

    def _tokenise(self, sentences: list[str]) -> tuple[list[list[int]], set[int]]:
        """Token ids of each sentence, and the places of those that were cut."""
        tokens: list[list[int]] = []
        cut: set[int] = set()
        for start in range(0, len(sentences), SENTENCES_PER_BLOCK):
            block = self._tokenizer.encode_batch(sentences[start : start + SENTENCES_PER_BLOCK])
            cut.update(place for place, encoding in enumerate(block, start=start) if encoding.overflowing)
            tokens += [encoding.ids for encoding in block]
        return tokens, cut

    def _run(self, tokens: list[list[int]]) -> list[NDArray[np.float64]]:
        ids = np.asarray(tokens, dtype=np.int64)
        outputs = self._session.run(list(OUTPUTS), {"input_ids": ids, "attention_mask": np.ones_like(ids)})
        return [np.asarray(output, dtype=np.float64) for output in outputs]

    def _nothing(self, number: int) -> NDArray[np.float64]:
        shape = self._session.get_outputs()[number].shape
        return np.zeros((0, *(size for size in shape[1:])), dtype=np.float64)


def _runs(tokens: Sequence[Sequence[int]]) -> list[list[int]]:
    """Places of the texts of each run: all of one length, at most TOKENS_PER_RUN tokens in all, longest first."""
    by_length: dict[int, list[int]] = {}
    for place, ids in enumerate(tokens):
        by_length.setdefault(len(ids), []).append(place)
    runs = []
    for length in sorted(by_length, reverse=True):
        places = by_length[length]
        size = max(1, TOKENS_PER_RUN // length)
        runs += [places[at : at + size] for at in range(0, len(places), size)]
    return runs


def _cores() -> int:
    # The processors this process may use, which in a container are fewer than the machine has.
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
