"""What a fold's network reads off the sets and notes that the fold leaves out, kept beside its other readings."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from tokenizers import Tokenizer

from evenhand.coding import code_readings
from evenhand.decoder import Decoder
from evenhand.readings import Readings, TextReadings, read_texts
from evenhand.result import Coding
from evenhand.scheme import FRAMES, ISSUES
from evenhand_training.behaviour import Units
from evenhand_training.corpus import Corpus, Splits
from evenhand_training.network import ASSERTION_CLASSES, LadderNetwork
from evenhand_training.reading import read_off

_ARRAYS = tuple(Readings.__dataclass_fields__)
_WIDTHS = {"issues": len(ISSUES), "assertion": ASSERTION_CLASSES, "frame": len(FRAMES)}


@dataclass(frozen=True, slots=True)
class SetReadings:
    """A fold's units and the readings of their texts, in the order of `Units.texts`."""

    units: Units
    read: TextReadings

    def codings(self, decoder: Decoder, *, model: str) -> dict[str, Coding]:
        """The coding of each text, by text."""
        return dict(zip(self.units.texts(), code_readings(self.read, decoder, model=model), strict=True))

    def write(self, path: Path) -> None:
        """Write as a NumPy archive, by rename, so that a kill leaves no half file."""
        arrays = {
            f"{part}_{name}": getattr(getattr(self.read, part), name)
            for part in ("sentences", "passages")
            for name in _ARRAYS
        }
        partial = path.with_name(f"partial-{path.name}")
        np.savez(
            partial,
            texts=_digest(self.units.texts()),
            spans=json.dumps(self.read.spans),
            passage_counts=np.array(self.read.passage_counts),
            **arrays,
        )
        partial.replace(path)

    @classmethod
    def read_from(cls, path: Path, units: Units) -> SetReadings | None:
        """Read what `write` wrote; None if there is nothing, or it is of other texts."""
        if not path.exists():
            return None
        with np.load(path) as stored:
            if str(stored["texts"]) != _digest(units.texts()):
                return None
            parts = {
                part: Readings(*(stored[f"{part}_{name}"] for name in _ARRAYS)) for part in ("sentences", "passages")
            }
            spans = tuple(tuple((start, end) for start, end in text) for text in json.loads(str(stored["spans"])))
            return cls(units, TextReadings(spans, **parts, passage_counts=tuple(stored["passage_counts"].tolist())))


def held_units(corpus: Corpus, splits: Splits, fold: int) -> Units:
    """The sets and notes that a fold leaves out."""
    return Units.of(corpus, {row for row, own in splits.authored.folds.items() if own == fold})


def read_units(network: LadderNetwork, tokenizer: Tokenizer, units: Units) -> SetReadings:
    """Read the texts of units as the library would."""
    return SetReadings(units, read_texts(units.texts(), lambda texts: network_readings(network, tokenizer, texts)))


def network_readings(network: LadderNetwork, tokenizer: Tokenizer, texts: Sequence[str]) -> Readings:
    """A network's readings of sentences or passages in the library's form."""
    if not texts:
        empty = {name: np.zeros((0, width)) for name, width in _WIDTHS.items()}
        return Readings(theta=np.zeros(0), **empty, truncated=np.zeros(0, dtype=np.bool_))
    return Readings(**read_off(network, tokenizer, texts), truncated=np.zeros(len(texts), dtype=np.bool_))


def _digest(texts: Sequence[str]) -> str:
    return hashlib.sha256(json.dumps(texts).encode()).hexdigest()
