"""How many texts a second one core codes, beside other ways to run the same ONNX file.

The peers: one text a run, which also never depends on the batch; and padded batches of 32, which is what most services
do. All are run in turn in each round, on one thread, over the corpus's descriptors and over its whole notes.
"""

from __future__ import annotations

import json
import statistics
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import onnxruntime
from tokenizers import Tokenizer

import evenhand
from evenhand.bundle import find_model, read_bundle
from evenhand.encoder import Encoder
from evenhand.text import split_sentences

ROUNDS = 5
CORPUS = Path(__file__).parents[2] / "annotations"
BATCH = 32


def _texts() -> dict[str, list[str]]:
    with (CORPUS / "descriptors.jsonl").open(encoding="utf-8") as lines:
        descriptors = [json.loads(line)["text"] for line in lines]
    with (CORPUS / "narratives.jsonl").open(encoding="utf-8") as lines:
        notes = [" ".join(sentence["text"] for sentence in json.loads(line)["sentences"]) for line in lines]
    return {"descriptors": list(dict.fromkeys(descriptors)), "notes": notes}


class _Peers:
    """The ways to run one network over token ids, on one thread."""

    def __init__(self) -> None:
        bundle = read_bundle(find_model())
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        self.session = onnxruntime.InferenceSession(bundle.files["model.onnx"], options)
        self.tokenizer = Tokenizer.from_buffer(bundle.files["tokenizer.json"])
        self.tokenizer.no_padding()
        self.tokenizer.enable_truncation(256)
        self.encoder = Encoder(bundle.files["model.onnx"], bundle.files["tokenizer.json"], max_tokens=256, workers=1)

    def product(self, sentences: Sequence[str]) -> None:
        self.encoder.read(sentences)

    def one_a_run(self, sentences: Sequence[str]) -> None:
        for encoding in self.tokenizer.encode_batch(list(sentences)):
            self._run([encoding.ids])

    def padded(self, sentences: Sequence[str]) -> None:
        tokens = sorted((encoding.ids for encoding in self.tokenizer.encode_batch(list(sentences))), key=len)
        for at in range(0, len(tokens), BATCH):
            self._run(tokens[at : at + BATCH])

    def tokeniser_only(self, sentences: Sequence[str]) -> None:
        self.tokenizer.encode_batch(list(sentences))

    def _run(self, tokens: list[list[int]]) -> None:
        ids = np.zeros((len(tokens), max(map(len, tokens))), dtype=np.int64)
        mask = np.zeros_like(ids)
        for row, found in enumerate(tokens):
            ids[row, : len(found)], mask[row, : len(found)] = found, 1
        self.session.run(None, {"input_ids": ids, "attention_mask": mask})


def _rate(work: Callable[[Sequence[str]], object], given: Sequence[str], texts: int) -> float:
    begin = time.perf_counter()
    work(given)
    return texts / (time.perf_counter() - begin)


def main() -> None:
    """Measure and print a Markdown table."""
    peers, model = _Peers(), evenhand.load()
    print("| texts | way | median texts/s | ratio to one text a run |")
    print("|---|---|---|---|")
    for name, texts in _texts().items():
        sentences = [text[start:end] for text in texts for start, end in split_sentences(text)]
        ways: dict[str, tuple[Callable[[Sequence[str]], object], Sequence[str]]] = {
            "one text a run, one core": (peers.one_a_run, sentences),
            f"padded batches of {BATCH}, one core": (peers.padded, sentences),
            "Evenhand's batches of one length, one core": (peers.product, sentences),
            "the tokeniser alone, one core": (peers.tokeniser_only, sentences),
            "the whole of `code_many`, all cores": (model.code_many, texts),
        }
        rates: dict[str, list[float]] = {way: [] for way in ways}
        for _ in range(ROUNDS):
            for way, (work, given) in ways.items():
                rates[way].append(_rate(work, given, len(texts)))
        alone = statistics.median(rates["one text a run, one core"])
        for way, found in rates.items():
            rate = statistics.median(found)
            print(f"| {name} ({len(texts)}) | {way} | {rate:,.0f} | {rate / alone:.2f} |")


if __name__ == "__main__":
    main()
