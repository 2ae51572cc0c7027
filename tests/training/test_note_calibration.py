"""A decoder is completed from sets and notes, and each fold is decoded with what the others fitted."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from evenhand.decoder import Decoder
from evenhand.notes import NoteReading
from evenhand.pooling import is_graded
from evenhand.readings import Readings, read_texts
from evenhand.scheme import ASSERTIONS, FRAMES, ISSUES, Issue
from evenhand_training import note_calibration
from evenhand_training.behaviour import Units
from evenhand_training.calibrate import Calibration, LevelReading
from evenhand_training.corpus import Narrative, Row, SeverityPair
from evenhand_training.crossvalidate import FoldReadings
from evenhand_training.examples import Example
from evenhand_training.network import ASSERTION_CLASSES
from evenhand_training.note_calibration import complete, cross_coded
from evenhand_training.note_fit import reading_of_gravest
from evenhand_training.reading import CutPoints
from evenhand_training.set_readings import SetReadings

CUTS = CutPoints(np.array([-4.0, -2.0, 0.0, 2.0, 4.0]), -3.0, np.zeros(3), level_slope=1.0)
CALIBRATION = Calibration(1.0, LevelReading(2.0, -1.2, (-0.4, -0.4, -0.4), 0.3), 1.0, 0.5, 0.3, 0.8)
GREETING = "Dear both."
LEANING = "It happened again."  # coded in its note, and nothing by itself


def note(number: int, severity: int) -> Narrative:
    codes = {"issues": ["neglect"], "severity": severity, "assertion": "present", "frame": "need"}
    idle: dict[str, Any] = {"issues": [], "severity": None, "assertion": "na", "frame": "na"}
    told = {
        "id": f"n{number}",
        "provenance": "authored",
        "type": "referral",
        "source_role": "school",
        "levels": ["B"],
        "severity": severity,
        "issues": ["neglect"],
        "frame_overall": "need",
        "referral_elements": [],
        "sentences": [
            {"text": GREETING, **idle},
            {"text": f"Thing {number} of {severity}.", **codes},
            {"text": f"More {number} of {severity}.", **codes},
            {"text": LEANING, **codes},
        ],
        "rationale": "So.",
    }
    return Narrative.model_validate_json(json.dumps(told))


def rows(number: int, severity: int) -> tuple[Row, ...]:
    """A note of this grade, and a pair of texts that were coded by themselves."""
    low = {"low_text": f"Low {number} of 1.", "low_severity": 1, "low_levels": ["none"]}
    high = {"high_text": f"High {number} of 4.", "high_severity": 4, "high_levels": ["C"]}
    told = {"id": f"sp-{number}", "provenance": "authored", "issues": ["neglect"], "what_changed": "injury"}
    return note(number, severity), SeverityPair.model_validate_json(json.dumps(told | low | high))


def read_as(sentences: Sequence[str], *, refusal: float, spread: float) -> Readings:
    """Stands for a network that reads the number at the end of a text as its severity, and knows greetings."""
    severity = np.array([float(text.rstrip(".")[-1]) if text[-2].isdigit() else 1.0 for text in sentences])
    greetings = np.array([text in (GREETING, LEANING) for text in sentences], dtype=np.bool_)
    refused = np.where(greetings, refusal, 0.1)
    assertion = np.full((len(sentences), ASSERTION_CLASSES), -30.0)
    assertion[:, 0], assertion[:, len(ASSERTIONS)] = np.log(1 - refused), np.log(refused)
    issues = np.full((len(sentences), len(ISSUES)), -9.0)
    issues[~greetings, ISSUES.index(Issue.NEGLECT)] = 9.0
    frame = np.zeros((len(sentences), len(FRAMES)))
    return Readings(spread * (severity - 3.5), issues, assertion, frame, np.zeros(len(sentences), dtype=np.bool_))


def fold(number: int, severities: Sequence[int] = (1, 2, 3, 4, 5, 6), *, refusal: float = 0.9) -> FoldReadings:
    units = Units(
        tuple(row for place, severity in enumerate(severities) for row in rows(10 * number + place, severity))
    )
    read = read_texts(units.texts(), lambda texts: read_as(list(texts), refusal=refusal, spread=2.0))
    return FoldReadings((f"row-{number}",), "", np.zeros(1), np.zeros((1, len(ISSUES))), CUTS, SetReadings(units, read))


def without_sets(found: FoldReadings) -> FoldReadings:
    return replace(found, sets=None)


# --- complete


@pytest.mark.parametrize("empty", ["none read", "none held"])
def test_without_sets_a_decoder_reads_notes_by_their_gravest_sentence(empty: str) -> None:
    found = without_sets(fold(1)) if empty == "none read" else fold(1, ())
    assert complete(CALIBRATION, CUTS, [found]).to_json() == CALIBRATION.decoder(CUTS).to_json()


def test_with_sets_a_decoder_passes_over_what_says_nothing_by_itself_and_reads_whole_notes() -> None:
    decoder = complete(CALIBRATION, CUTS, [fold(1), without_sets(fold(2)), fold(3)])
    assert decoder.notes
    sets = fold(4).sets
    assert sets
    codings = {
        row.text: sets.codings(decoder, model="any")[row.text] for row in sets.units.rows if isinstance(row, Narrative)
    }
    for text, coding in codings.items():
        assert [is_graded(sentence.assertion) for sentence in coding.sentences] == [False, True, True, False], text
        assert coding.issues == (Issue.NEGLECT,)
    severities = [coding.severity or 0.0 for coding in codings.values()]
    assert severities == sorted(severities)
    assert severities[0] < 2.5 < 4.5 < severities[-1]


def test_refusal_follows_what_coders_left_uncoded() -> None:
    careful = complete(CALIBRATION, CUTS, [fold(1, refusal=0.95)])
    ready = complete(CALIBRATION, CUTS, [fold(1, refusal=0.6)])
    assert ready.bare_refusal_threshold <= 0.6 < careful.bare_refusal_threshold


# --- cross_coded


def test_each_fold_is_decoded_with_what_the_other_folds_fitted(monkeypatch: pytest.MonkeyPatch) -> None:
    folds = [fold(number) for number in range(3)]
    calibrated: list[tuple[str, ...]] = []
    completed: list[tuple[str, ...]] = []

    def calibrate(others: Sequence[FoldReadings], _: dict[str, Example]) -> Calibration:
        calibrated.append(tuple(each.ids[0] for each in others))
        return CALIBRATION

    def spied(calibration: Calibration, cuts: CutPoints, others: Sequence[FoldReadings]) -> Decoder:
        completed.append(tuple(each.ids[0] for each in others))
        return complete(calibration, cuts, others)

    monkeypatch.setattr(note_calibration, "calibrate", calibrate)
    monkeypatch.setattr(note_calibration, "complete", spied)
    units, codings = cross_coded(folds, {}, {"learned": lambda fitted: fitted})
    assert calibrated == completed == [("row-1", "row-2"), ("row-0", "row-2"), ("row-0", "row-1")]
    assert [row.id for row in units.rows] == [row.id for each in folds if each.sets for row in each.sets.units.rows]
    assert list(codings["learned"]) == units.texts()


@pytest.fixture
def _calibrated(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(note_calibration, "calibrate", lambda *_: CALIBRATION)


@pytest.mark.usefixtures("_calibrated")
def test_every_variant_codes_the_same_texts_in_its_own_way() -> None:
    fitted: list[NoteReading] = []

    def learned(notes: NoteReading) -> NoteReading:
        fitted.append(notes)
        return notes

    variants = {"learned": learned, "gravest": lambda _: reading_of_gravest(), "none": lambda _: None}
    _, codings = cross_coded([fold(1), fold(2)], {}, variants)
    assert set(codings) == set(variants)
    assert len(fitted) == 2
    for name, found in codings.items():
        assert list(found) == list(codings["learned"])
        assert {coding.model for coding in found.values()} == {name}
    text = next(iter(codings["none"]))
    assert max(sentence.weight for sentence in codings["none"][text].sentences) == 1.0
    assert max(sentence.weight for sentence in codings["learned"][text].sentences) < 1.0


@pytest.mark.usefixtures("_calibrated")
def test_a_fold_whose_sets_were_not_read_is_left_out() -> None:
    units, codings = cross_coded([fold(1), without_sets(fold(2)), fold(3)], {}, {"learned": lambda fitted: fitted})
    assert {row.id[:2] for row in units.rows if isinstance(row, Narrative)} == {"n1", "n3"}
    assert len(codings["learned"]) == len(units.texts())
    assert cross_coded([without_sets(fold(1))], {}, {"learned": lambda fitted: fitted}) == (Units(()), {"learned": {}})
