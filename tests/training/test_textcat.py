"""spaCy's text classifier is shown what it should be, as often as it should be."""

from __future__ import annotations

import sys
from dataclasses import replace

import numpy as np
import pytest

from evenhand.errors import MissingExtraError
from evenhand.scheme import LEVELS, Issue, Level
from evenhand_training import textcat
from evenhand_training.examples import Example
from evenhand_training.textcat import spacy_textcat


@pytest.fixture(autouse=True)
def _small_layer(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(textcat, "HASHED", 512)


def test_the_same_seed_gives_the_same_answers(published: list[Example], authored: list[Example]) -> None:
    one, again = (spacy_textcat([*published, *authored], published, seed=5) for _ in range(2))
    np.testing.assert_array_equal(one.level_probabilities, again.level_probabilities)
    np.testing.assert_array_equal(one.severity, again.severity)
    np.testing.assert_array_equal(one.issues, again.issues)


def test_a_level_set_shows_each_of_its_levels_as_often(published: list[Example]) -> None:
    other = replace(published[0], text="Quite another matter", levels=(Level.NONE,))
    both = replace(published[0], text="Left alone overnight", levels=(Level.B, Level.C))
    shares = spacy_textcat([other, both], [both], seed=1).level_probabilities[0]
    assert shares[LEVELS.index(Level.B)] == pytest.approx(shares[LEVELS.index(Level.C)], abs=0.01)
    assert shares[LEVELS.index(Level.B)] > shares[LEVELS.index(Level.NONE)]
    assert shares[LEVELS.index(Level.D)] == 0.0


def test_a_published_grade_outweighs_an_invented_one(published: list[Example], authored: list[Example]) -> None:
    graver, milder = replace(published[0], severity=6), replace(authored[0], severity=1)
    assert spacy_textcat([graver, milder], [graver], seed=1).severity[0] > 3.5
    graver, milder = replace(authored[0], severity=6), replace(published[0], severity=1)
    assert spacy_textcat([graver, milder], [graver], seed=1).severity[0] < 3.5


def test_a_single_label_is_sure_and_an_unknown_issue_is_never_said(published: list[Example]) -> None:
    same = [replace(row, levels=(Level.B,), severity=4, issues=(Issue.HOUSING,)) for row in published]
    found = spacy_textcat(same, same[:2], seed=1)
    assert set(found.level.tolist()) == {LEVELS.index(Level.B)}
    assert found.severity.tolist() == [4.0, 4.0]
    assert found.issues.sum() == len(found.issues)


def test_without_spacy_the_extra_is_named(published: list[Example], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "spacy", None)
    with pytest.raises(MissingExtraError, match=r"evenhand\[baselines\]"):
        spacy_textcat(published, published, seed=1)
