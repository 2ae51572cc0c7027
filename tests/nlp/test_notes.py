"""How the readings of a note's sentences and passages are put together; no network."""

from __future__ import annotations

import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from evenhand.notes import (
    FEATURES,
    ISSUE_FEATURES,
    MOST_SENTENCES,
    NoteReading,
    issue_features,
    note_features,
    sentence_weights,
)
from evenhand.scheme import ISSUES, Issue

READING = NoteReading(
    severity=np.linspace(-0.5, 1.0, len(FEATURES)),
    issues=np.linspace(0.2, 0.8, len(ISSUE_FEATURES)),
    issue_threshold=0.5,
    top_issue_threshold=0.3,
)
SEVERITIES = st.lists(st.floats(-3, 3), min_size=1, max_size=12).map(np.array)


def reported(*sentences: tuple[Issue, ...]) -> np.ndarray[tuple[int, int], np.dtype[np.bool_]]:
    return np.array([[issue in sentence for issue in ISSUES] for sentence in sentences], dtype=np.bool_)


def features(severity: list[float], sentences: list[tuple[Issue, ...]], concerns: list[int]) -> dict[str, float]:
    found = note_features(np.array(severity), reported(*sentences), concerns, np.array([0.4, 0.9]))
    return dict(zip(FEATURES, found.tolist(), strict=True))


def test_a_note_is_described_by_its_gravest_parts_and_the_kinds_of_concern() -> None:
    found = features(
        [0.5, -1.0, 0.2],
        [(Issue.NEGLECT, Issue.PROTECTIVE), (Issue.PROTECTIVE,), (Issue.HOUSING, Issue.NEGLECT)],
        [0, 2],
    )
    assert (found["passage"], found["gravest"], found["second"]) == (0.9, 0.5, 0.2)
    assert found["kinds"] == pytest.approx(np.log(3))  # neglect and housing; a strength is no concern
    assert found["strengths"] == pytest.approx(1 / 3)
    assert found["mean"] == pytest.approx(-0.1)


def test_the_same_concern_told_again_is_no_further_kind() -> None:
    once = features([0.5], [(Issue.BULLYING,)], [0])
    again = features([0.5, 0.5, 0.5], [(Issue.BULLYING,)] * 3, [0, 1, 2])
    assert once["kinds"] == again["kinds"]


def test_one_sentence_is_its_own_second() -> None:
    assert features([0.7], [()], [])["second"] == 0.7


def test_a_text_of_any_length_stays_within_what_the_fit_has_seen() -> None:
    found = features([0.0] * 5000, [tuple(ISSUES)] * 5000, list(range(5000)))
    assert found["sentences"] == pytest.approx(np.log(MOST_SENTENCES))
    assert found["kinds"] == pytest.approx(np.log(9))


def test_an_issue_is_as_likely_as_its_strongest_sentence_and_passage_say() -> None:
    sentences = np.array([[1.0, -2.0], [0.5, 3.0]])
    passages = np.array([[-1.0, 0.0]])
    np.testing.assert_array_equal(issue_features(sentences, passages), [[-1.0, 1.0, 1.0], [0.0, 3.0, 1.0]])


@given(SEVERITIES)
def test_weights_add_up_to_one_and_follow_severity(severity: np.ndarray[tuple[int], np.dtype[np.float64]]) -> None:
    weights = sentence_weights(severity)
    assert weights.sum() == pytest.approx(1.0)
    assert weights[severity.argmax()] == weights.max()
    assert (np.diff(weights[np.argsort(severity)]) >= 0).all()


def test_a_reading_of_notes_survives_json() -> None:
    again = NoteReading.from_json(json.loads(json.dumps(READING.to_json())))
    np.testing.assert_allclose(again.severity, READING.severity, rtol=1e-5)
    np.testing.assert_allclose(again.issues, READING.issues, rtol=1e-5)
    assert (again.issue_threshold, again.top_issue_threshold) == (0.5, 0.3)


def test_a_weight_that_is_missing_is_an_error() -> None:
    stored = READING.to_json()
    del stored["severity"]["passage"]
    with pytest.raises(KeyError):
        NoteReading.from_json(stored)
