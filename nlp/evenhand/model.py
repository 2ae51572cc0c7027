"""The model as a user meets it: load a bundle, code texts.

Batch is the primitive: `code` is `code_many` of one text. Results are equal whatever else is coded in the same call.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from evenhand.bundle import Bundle, find_model, read_bundle
from evenhand.coding import Decoded, code_readings
from evenhand.coding_rows import several_texts
from evenhand.decoder import Decoder
from evenhand.encoder import Encoder
from evenhand.errors import ModelError
from evenhand.readings import read_texts
from evenhand.result import Coding, SentenceCoding
from evenhand.scheme import ISSUES, LEVELS
from evenhand.seen import MOST_SEEN
from evenhand.text import normalise

# Texts coded at once: what is kept of each sentence meanwhile is some kilobytes.
TEXTS_PER_BLOCK = 2048
_PAIR_FIGURES = ("level_unchanged", "risk_over_need")


class Model:
    """A loaded model.

    Args:
        bundle: A checked model directory.
        workers: How many runs of the network at the same time; None for one a core.
    """

    def __init__(self, bundle: Bundle, *, workers: int | None = None) -> None:
        self.manifest: dict[str, Any] = bundle.manifest
        self.name: str = bundle.name
        self.identity: str = bundle.identity
        self._headline, self._framing_pairs, self._decoder = _stated(bundle)
        self._encoder = Encoder(
            bundle.files["model.onnx"],
            bundle.files["tokenizer.json"],
            max_tokens=self._decoder.max_tokens,
            workers=workers,
        )

    def remember(self, most: int = MOST_SEEN) -> None:
        """From now on, keep what the network gives for up to `most` sentences, for when they come again; no text."""
        self._encoder.remember(most)

    def code(self, text: str) -> Coding:
        """Code one text: `code_many([text])[0]`."""
        return self.code_many([text])[0]

    def code_many(self, texts: Iterable[str]) -> list[Coding]:
        """Code each text by itself; order kept. A text with nothing codable gets level None, not `none`.

        Raises:
            InputError: a single string in place of several texts, or a text that is not a string.
        """
        given = several_texts(texts, verb="code")
        blocks = (given[at : at + TEXTS_PER_BLOCK] for at in range(0, len(given), TEXTS_PER_BLOCK))
        return [coding for block in blocks for coding in self._code_block(block)]

    def code_sentences(self, sentences: Sequence[str]) -> list[SentenceCoding]:
        """Code sentences taken as they are, each by itself and never split; most users want `code_many`."""
        decoded = Decoded(self._encoder.read([normalise(sentence) for sentence in sentences]), self._decoder)
        return [decoded.sentence(row, (0, len(sentence)), weight=1.0) for row, sentence in enumerate(sentences)]

    def embed_many(self, texts: Sequence[str]) -> NDArray[np.float64]:
        """Where each text lies among others that say alike: directions of unit length, (texts, size).

        A text is read as one, cut where the model stops reading; for descriptors and single concerns, not whole notes.

        Raises:
            ModelError: the model's network gives none.
        """
        pooled = self._encoder.embed([normalise(text) for text in texts])
        found: NDArray[np.float64] = pooled / np.linalg.norm(pooled, axis=1, keepdims=True)
        return found

    def framing_pairs(self) -> dict[str, float | None] | None:
        """How it read made pairs with the same facts in two framings when it was judged; None where it was not.

        Returns:
            `level_unchanged`, the share of pairs read at the same level, and `risk_over_need`, how many grades the
            risk-framed text is read as graver on average.
        """
        return self._framing_pairs

    def info(self) -> dict[str, Any]:
        """Facts about the model as plain JSON types: what it is for, what it knows, how it did, what it is made of."""
        return {
            "name": self.name,
            "intended_use": self.manifest["intended_use"],
            "not_for": self.manifest["not_for"],
            "language": self.manifest["language"],
            "licence": self.manifest["licence"],
            "encoder": self.manifest["encoder"],
            "corpus_version": self.manifest["corpus_version"],
            "scheme_version": self.manifest["scheme_version"],
            "levels": [str(level) for level in LEVELS],
            "issues": [str(issue) for issue in ISSUES],
            "level_set_coverage_aimed_at": self._decoder.set_coverage,
            "headline": self._headline,
            "files": self.manifest["files"],
        }

    def _code_block(self, texts: Sequence[str]) -> list[Coding]:
        readings = read_texts(texts, self._encoder.read, passages=self._decoder.notes is not None)
        return code_readings(readings, self._decoder, model=self.name)


def load(path: str | Path | None = None, *, workers: int | None = None) -> Model:
    """Load a released model.

    Args:
        path: Its folder; None for EVENHAND_MODEL or else the model that is installed with the package.
        workers: How many runs of the network at the same time; None for one a core.

    Raises:
        ModelError: no model is there, or it is damaged, changed or of an unknown kind.
    """
    return Model(read_bundle(find_model(path)), workers=workers)


def _stated(bundle: Bundle) -> tuple[dict[str, Any], dict[str, float | None] | None, Decoder]:
    """The headline figures, those on framing pairs, and the decoder that a bundle states."""
    try:
        metrics = bundle.json("metrics.json")
        pairs = metrics.get("behaviour", {}).get("test", {}).get("framing")
        named = {name: pairs.get(name, {}).get("value") for name in _PAIR_FIGURES} if pairs else None
        return metrics.get("headline", {}), named, Decoder.from_json(bundle.json("decoder.json"))
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        message = f"{bundle.directory}: metrics.json or decoder.json is not of the form this version reads; "
        message += "get the model again"
        raise ModelError(message) from error
