"""Peers with a transformer: a fine-tuned MiniLM in a `pipeline` and exported, and embeddings with linear heads."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from tests.benchmarks.batch.graphs import Run, Runtime, export_graphs, load_run
from tests.benchmarks.batch.heads import Floats
from tests.benchmarks.batch.rows import Coded

MAX_TOKENS = 320  # as the released model reads; the longest note timed has fewer
_SAMPLE_BATCH, _SAMPLES = 8, 40  # texts of a batch, and batches, from which 8-bit ranges are found
Batch = dict[str, NDArray[np.int64]]


class Pipeline:
    """`pipeline("text-classification")` of transformers over the fine-tuned network, texts sorted by length."""

    def __init__(self, folder: Path, cores: int) -> None:
        import torch
        from transformers import AutoModelForSequenceClassification, AutoTokenizer, pipeline
        from transformers.utils import logging

        torch.set_num_threads(cores)
        logging.set_verbosity_error()  # type: ignore[no-untyped-call]
        logging.disable_progress_bar()  # type: ignore[no-untyped-call]
        network = AutoModelForSequenceClassification.from_pretrained(folder / "network")
        self._labels = [network.config.id2label[place] for place in range(network.config.num_labels)]
        tokenizer = AutoTokenizer.from_pretrained(folder / "network")
        self._pipeline: Any = pipeline("text-classification", model=network, tokenizer=tokenizer, device="cpu")

    def logits(self, texts: Sequence[str], batch: int) -> Floats:
        """Of texts in order."""
        order = sorted(range(len(texts)), key=lambda place: len(texts[place]))
        told = self._pipeline(
            [texts[place] for place in order],
            batch_size=batch,
            top_k=None,
            function_to_apply="none",
            truncation=True,
            max_length=MAX_TOKENS,
        )
        found = np.empty((len(texts), len(self._labels)))
        for place, labels in zip(order, told, strict=True):
            by_label = {one["label"]: one["score"] for one in labels}
            found[place] = [by_label[label] for label in self._labels]
        return found


class Exported:
    """The fine-tuned network exported: tokenised, sorted by length, padded and run."""

    def __init__(self, folder: Path, cores: int, runtime: Runtime) -> None:
        from evenhand_training.encoder import load_tokenizer

        self._tokenizer = load_tokenizer(MAX_TOKENS)
        self._run = load_run(runtime, folder, cores)

    def logits(self, texts: Sequence[str], batch: int) -> Floats:
        """Of texts in order."""
        tokens = [encoding.ids for encoding in self._tokenizer.encode_batch(list(texts))]
        order = sorted(range(len(tokens)), key=lambda place: len(tokens[place]))
        parts = []
        for at in range(0, len(order), batch):
            padded = pad([tokens[place] for place in order[at : at + batch]])
            # A copy: what OpenVINO gives is its own memory, which the next run writes to.
            parts.append(np.array(self._run(*padded.values())))
        found = np.empty((len(texts), parts[0].shape[1]))
        found[order] = np.concatenate(parts)
        return found


class Embeddings:
    """SentenceTransformer.encode, with its network in PyTorch or another runtime; it sorts and pads by itself."""

    def __init__(self, body: Path, cores: int, runtime: Runtime | None = None) -> None:
        import torch
        from sentence_transformers import SentenceTransformer
        from transformers.utils import logging

        torch.set_num_threads(cores)
        logging.set_verbosity_error()  # type: ignore[no-untyped-call]
        logging.disable_progress_bar()  # type: ignore[no-untyped-call]
        self._encoder = SentenceTransformer(str(body), device="cpu", local_files_only=True)
        self._encoder.max_seq_length = MAX_TOKENS
        if runtime is not None:
            self._encoder[0].model = _in_place_of(self._encoder[0].model, load_run(runtime, body.parent, cores))

    def features(self, texts: Sequence[str], batch: int) -> NDArray[np.float32]:
        """Of texts in order, each of length 1, shape (n, 384)."""
        found: NDArray[np.float32] = self._encoder.encode(list(texts), batch_size=batch, show_progress_bar=False)
        return found


def _in_place_of(network: Any, run: Run) -> Any:  # noqa: ANN401 - a module of transformers
    """A module that gives what `network` gives, from another runtime: tokens' last hidden states."""
    import torch
    from transformers.modeling_outputs import BaseModelOutput

    class Foreign(torch.nn.Module):
        config = network.config

        def forward(
            self, input_ids: torch.Tensor, attention_mask: torch.Tensor, token_type_ids: torch.Tensor, **_: object
        ) -> Any:  # noqa: ANN401
            hidden = run(input_ids.numpy(), attention_mask.numpy(), token_type_ids.numpy())
            return BaseModelOutput(last_hidden_state=torch.from_numpy(np.array(hidden)))

    return Foreign()


def pad(tokens: Sequence[Sequence[int]]) -> Batch:
    """The three inputs of BERT by name, each (n, longest)."""
    ids = np.zeros((len(tokens), max(map(len, tokens))), dtype=np.int64)
    mask = np.zeros_like(ids)
    for row, found in enumerate(tokens):
        ids[row, : len(found)], mask[row, : len(found)] = found, 1
    return {"input_ids": ids, "attention_mask": mask, "token_type_ids": np.zeros_like(ids)}


def export(network: Any, rows: Sequence[Coded], folder: Path) -> None:  # noqa: ANN401 - a module of transformers
    """`export_graphs` with 8-bit ranges from evenly spaced training rows."""
    from evenhand_training.encoder import load_tokenizer

    step = max(1, len(rows) // (_SAMPLE_BATCH * _SAMPLES))
    tokens = [found.ids for found in load_tokenizer(MAX_TOKENS).encode_batch([row.text for row in rows[::step]])]
    batches = [pad(tokens[at : at + _SAMPLE_BATCH]) for at in range(0, len(tokens), _SAMPLE_BATCH)]
    export_graphs(network, batches[:_SAMPLES], folder)
