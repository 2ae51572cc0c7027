"""Judge behaviour: of a released model on test units, and of cross-validation on the units that its folds leave out."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from evenhand.model import Model
from evenhand_training.behaviour import Units, evaluate_behaviour
from evenhand_training.corpus import Corpus, Splits
from evenhand_training.crossvalidate import FoldReadings
from evenhand_training.examples import development_rows
from evenhand_training.note_calibration import Variant, cross_coded
from evenhand_training.note_fit import reading_of_gravest, reading_of_passage

LEARNED = "learned"
# How a note could be read instead: each is decoded from the same readings of the same networks.
NOTE_READINGS: dict[str, Variant] = {
    LEARNED: lambda fitted: fitted,
    "whole note": lambda _: reading_of_passage(),
    "gravest sentence": lambda _: reading_of_gravest(),
}
COMPARED = ("notes", "accumulation", "framing")


def evaluate_model_behaviour(corpus: Corpus, splits: Splits, model: Model) -> dict[str, Any]:
    """The behaviour suite on the test units, none of which any released model was trained on."""
    units = Units.of(corpus, splits.authored.test)
    texts = units.texts()
    return {"test": evaluate_behaviour(units, dict(zip(texts, model.code_many(texts), strict=True)))}


def evaluate_folds_behaviour(corpus: Corpus, splits: Splits, folds: Sequence[FoldReadings]) -> dict[str, Any]:
    """The same on cross-validated units, and other readings of notes beside the learned one."""
    units, codings = cross_coded(folds, development_rows(corpus, splits), NOTE_READINGS)
    if not units.rows:
        return {}
    found = {name: evaluate_behaviour(units, told) for name, told in codings.items()}
    return {
        "cross_validation": found[LEARNED],
        "note_readings": {
            name: {part: figures[part] for part in COMPARED if part in figures} for name, figures in found.items()
        },
    }
