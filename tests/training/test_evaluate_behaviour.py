"""A released model is judged on test units alone, and cross-validation on what its folds leave out."""

from __future__ import annotations

from collections.abc import Sequence
from typing import cast

import numpy as np
import pytest

from evenhand.model import Model
from evenhand.result import Coding
from evenhand.scheme import ISSUES, Level
from evenhand_training import evaluate_behaviour as module
from evenhand_training.behaviour import Units
from evenhand_training.corpus import Corpus, Splits
from evenhand_training.crossvalidate import FoldReadings
from evenhand_training.evaluate_behaviour import (
    COMPARED,
    LEARNED,
    NOTE_READINGS,
    evaluate_folds_behaviour,
    evaluate_model_behaviour,
)
from evenhand_training.note_fit import reading_of_gravest, reading_of_passage
from evenhand_training.reading import CutPoints

PARTS = {"notes", "accumulation", "assertion", "severity_pairs", "framing", "claims", "counterfactuals"}


def coding(severity: float) -> Coding:
    return Coding(
        level=Level.B,
        levels=(Level.B,),
        level_probabilities={},
        severity=severity,
        issues=(),
        issue_probabilities={},
        dfe_codes=(),
        assertion=None,
        frame=None,
        sentences=(),
        truncated=False,
        model="invented",
    )


class Constant:
    """Stands for a model that finds every text equally grave, and notes what it was asked."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    def code_many(self, texts: Sequence[str]) -> list[Coding]:
        self.asked += texts
        return [coding(3.0) for _ in texts]


def few(corpus: Corpus, splits: Splits) -> Splits:
    """With a few test units of every kind."""
    rows = [row for row in corpus.authored_units() if row.id in splits.authored.test]
    kinds = {type(row).__name__ for row in rows}
    kept = {row.id for kind in kinds for row in [row for row in rows if type(row).__name__ == kind][:4]}
    return splits.model_copy(update={"authored": splits.authored.model_copy(update={"test": frozenset(kept)})})


def test_a_model_is_judged_on_every_kind_of_test_unit_and_asked_nothing_else(corpus: Corpus, splits: Splits) -> None:
    model, cut = Constant(), few(corpus, splits)
    found = evaluate_model_behaviour(corpus, cut, cast(Model, model))
    assert set(found) == {"test"}
    assert set(found["test"]) == PARTS
    assert model.asked == Units.of(corpus, cut.authored.test).texts()


def test_a_model_that_tells_nothing_apart_orders_nothing_and_flips_nothing(corpus: Corpus, splits: Splits) -> None:
    found = evaluate_model_behaviour(corpus, few(corpus, splits), cast(Model, Constant()))["test"]
    assert found["assertion"]["ordered"]["value"] == found["severity_pairs"]["ordered"]["value"] == 0.0
    assert found["framing"]["level_unchanged"]["value"] == 1.0
    assert found["counterfactuals"]["all"]["flips"]["value"] == 0.0


def test_a_note_is_also_read_as_a_whole_and_by_its_gravest_sentence_for_comparison() -> None:
    own = reading_of_gravest()
    assert NOTE_READINGS[LEARNED](own) is own
    found = [NOTE_READINGS[name](own) for name in ("whole note", "gravest sentence")]
    for reading, expected in zip(found, (reading_of_passage(), reading_of_gravest()), strict=True):
        assert reading
        assert reading.to_json() == expected.to_json()


FOLD = FoldReadings((), "", np.zeros(0), np.zeros((0, len(ISSUES))), CutPoints(np.arange(5.0), 0.0, np.zeros(3), 1.0))


def test_folds_without_sets_have_no_figures(corpus: Corpus, splits: Splits, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "development_rows", lambda *_: {})
    assert evaluate_folds_behaviour(corpus, splits, [FOLD, FOLD]) == {}


def test_folds_are_judged_by_the_learned_reading_and_compared_where_notes_matter(
    corpus: Corpus, splits: Splits, monkeypatch: pytest.MonkeyPatch
) -> None:
    units = Units.of(corpus, few(corpus, splits).authored.test)
    graver = {name: 2.0 + number for number, name in enumerate(NOTE_READINGS)}

    def cross_coded(*_: object) -> tuple[Units, dict[str, dict[str, Coding]]]:
        return units, {name: dict.fromkeys(units.texts(), coding(grade)) for name, grade in graver.items()}

    monkeypatch.setattr(module, "development_rows", lambda *_: {})
    monkeypatch.setattr(module, "cross_coded", cross_coded)
    found = evaluate_folds_behaviour(corpus, splits, [FOLD])
    assert set(found) == {"cross_validation", "note_readings"}
    assert set(found["cross_validation"]) == PARTS
    assert list(found["note_readings"]) == list(NOTE_READINGS)
    assert {frozenset(figures) for figures in found["note_readings"].values()} == {frozenset(COMPARED)}
    for part in COMPARED:
        assert found["note_readings"][LEARNED][part] == found["cross_validation"][part]
    errors = [figures["notes"]["all"]["severity_error"]["value"] for figures in found["note_readings"].values()]
    assert len(set(errors)) == len(NOTE_READINGS)
