"""Run the network over sentences: tokenise, group by length, run, put back in order.

A result never depends on what else is in the batch: a batch holds sentences of one token length, so nothing is padded,
and the exported network rounds activations in fixed steps. One session with one thread is
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
from evenhand.pooled import POOLED, with_pooled
from evenhand.readings import Readings
from evenhand.seen import Seen

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
        self._session, self._tokenizer = load_network(onnx, tokenizer)
        self._tokenizer.enable_truncation(max_tokens)
        self._workers = workers or cores()
        self._onnx = onnx
        self._pooling: onnxruntime.InferenceSession | None = None
        self._seen = Seen(0)

    def remember(self, most: int) -> None:
        """Keep what is read of up to so many sentences, for when they come again in a later call."""
        self._seen = Seen(most)

    def read(self, sentences: Sequence[str]) -> Readings:
        """Read sentences in order; equal sentences are read once."""
        unique = list(dict.fromkeys(sentences))
        known = self._seen.get(unique)
        new = [sentence for sentence, row in zip(unique, known, strict=True) if row is None]
        outputs, cut = self._outputs(self._session, OUTPUTS, new)
        columns = [output if output.ndim > 1 else output[:, None] for output in (*outputs, cut.astype(np.float64))]
        rows = np.concatenate(columns, axis=1)
        self._seen.keep(new, rows)
        fresh = iter(rows)
        row_of = {text: next(fresh) if row is None else row for text, row in zip(unique, known, strict=True)}
        table = np.array([row_of[sentence] for sentence in sentences]).reshape(len(sentences), rows.shape[1])
        ends = np.cumsum([column.shape[1] for column in columns])[:-1]
        theta, issues, assertion, frame, truncated = np.split(table, ends, axis=1)
        return Readings(theta[:, 0], issues, assertion, frame, truncated[:, 0] > 0)

    def embed(self, sentences: Sequence[str]) -> NDArray[np.float64]:
        """The pooled state of each sentence in order, (sentences, size).

        Raises:
            ModelError: the network has no value of that name.
        """
        if self._pooling is None:
            try:
                self._pooling = start_session(with_pooled(self._onnx))
            except Exception as error:
                message = "this model gives no embeddings; use a released one"
                raise ModelError(message) from error
        (pooled,), _ = self._outputs(self._pooling, (POOLED,), sentences)
        return pooled

    def _outputs(
        self, session: onnxruntime.InferenceSession, names: Sequence[str], sentences: Sequence[str]
    ) -> tuple[list[NDArray[np.float64]], NDArray[np.bool_]]:
        """What a session gives for each sentence, by name of output, and which sentences were cut."""
        unique = {sentence: place for place, sentence in enumerate(dict.fromkeys(sentences))}
        tokens, cut = self._tokenise(list(unique))
        runs = runs_of(tokens)
        results = run_all(session, names, [[tokens[place] for place in run] for run in runs], workers=self._workers)
        places = np.array([place for run in runs for place in run], dtype=np.intp)
        row_of = np.empty(len(places), dtype=np.intp)
        row_of[places] = np.arange(len(places))
        back = row_of[[unique[sentence] for sentence in sentences]] if len(places) else places
        found = [
            np.concatenate([result[number] for result in results])[back] if results else _nothing(session, name)
            for number, name in enumerate(names)
        ]
        return found, np.array([unique[sentence] in cut for sentence in sentences], dtype=np.bool_)

    def _tokenise(self, sentences: list[str]) -> tuple[list[list[int]], set[int]]:
        """Token ids of each sentence, and the places of those that were cut."""
        tokens: list[list[int]] = []
        cut: set[int] = set()
        for start in range(0, len(sentences), SENTENCES_PER_BLOCK):
            block = self._tokenizer.encode_batch(sentences[start : start + SENTENCES_PER_BLOCK])
            cut.update(place for place, encoding in enumerate(block, start=start) if encoding.overflowing)
            tokens += [encoding.ids for encoding in block]
        return tokens, cut


def load_network(onnx: bytes, tokenizer: bytes) -> tuple[onnxruntime.InferenceSession, Tokenizer]:
    """A session, and a tokeniser that pads nothing.

    Raises:
        ModelError: ONNX Runtime or the tokeniser cannot read its file.
    """
    try:
        loaded = start_session(onnx), Tokenizer.from_buffer(tokenizer)
    except Exception as error:  # both libraries raise their own kinds, without a common base
        message = f"the model cannot be started ({type(error).__name__}); get it again or update onnxruntime"
        raise ModelError(message) from error
    loaded[1].no_padding()
    return loaded


def start_session(onnx: bytes) -> onnxruntime.InferenceSession:
    """A session with one thread, for as many runs at the same time as there are workers."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    options.inter_op_num_threads = 1
    options.log_severity_level = 3  # errors only: warnings would go to stderr, which is for progress
    return onnxruntime.InferenceSession(onnx, options, providers=["CPUExecutionProvider"])


def run_tokens(
    session: onnxruntime.InferenceSession, names: Sequence[str], tokens: list[list[int]]
) -> list[NDArray[np.float64]]:
    """The outputs of one run over texts of the same number of tokens."""
    ids = np.asarray(tokens, dtype=np.int64)
    outputs = session.run(list(names), {"input_ids": ids, "attention_mask": np.ones_like(ids)})
    return [np.asarray(output, dtype=np.float64) for output in outputs]


def run_all(
    session: onnxruntime.InferenceSession, names: Sequence[str], runs: Sequence[list[list[int]]], *, workers: int
) -> list[list[NDArray[np.float64]]]:
    """The outputs of each run in order, some of them at the same time."""
    with ThreadPoolExecutor(max_workers=max(1, min(workers, len(runs)))) as pool:
        return list(pool.map(lambda run: run_tokens(session, names, run), runs))


def _nothing(session: onnxruntime.InferenceSession, name: str) -> NDArray[np.float64]:
    """What an output is for no sentence."""
    shape = next(output.shape for output in session.get_outputs() if output.name == name) or [0]
    return np.zeros((0, *(size for size in shape[1:])), dtype=np.float64)


def runs_of(tokens: Sequence[Sequence[int]]) -> list[list[int]]:
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


def cores() -> int:
    """How many cores there are to run on."""
    # The processors this process may use, which in a container are fewer than the machine has.
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
