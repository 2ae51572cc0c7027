"""Where a concern would land: probabilities of levels, a spread with a meaning, and precedents to check it by."""

from __future__ import annotations

import json

import numpy as np
import pytest

from evenhand.consistency.collection import Collection
from evenhand.consistency.posterior import Posterior
from evenhand.consistency.thresholds import fit_thresholds
from evenhand.consistency.where import Where, chosen, where
from evenhand.errors import InputError
from evenhand.model import Model
from evenhand.scheme import LEVELS, Level

GRAVE = "Dad beat him with a belt last night and broke his arm."
MILD = "Attendance has slipped to 92% this term."


@pytest.fixture(scope="module")
def posterior(published: Collection) -> Posterior:
    return fit_thresholds(published.threshold_rows())


@pytest.fixture(scope="module")
def found(published: Collection, posterior: Posterior, released_model: Model) -> Where:
    return where("Overcrowded housing", published, posterior, released_model)


def test_probabilities_of_an_area_add_up_and_lie_in_their_intervals(found: Where) -> None:
    told = [answer for answer in found.areas if answer.enough]
    assert len(told) > 8
    for answer in told:
        assert sum(answer.level_probabilities.values()) == pytest.approx(1.0)
        assert [level for run in answer.level_probabilities for level in run] == list(LEVELS)
        for run, (low, high) in answer.intervals.items():
            assert 0 <= low <= high <= 1
            assert low - 0.05 <= answer.level_probabilities[run] <= high + 0.05


def test_levels_that_an_area_does_not_tell_apart_are_one(found: Where) -> None:
    kent = chosen(found, ["Kent"]).areas[0]
    assert list(kent.level_probabilities) == [(Level.NONE,), (Level.A,), (Level.B, Level.C, Level.D)]


def test_an_area_that_is_not_enough_read_has_precedents_and_no_figure(found: Where) -> None:
    silent = [answer for answer in found.areas if not answer.enough]
    assert silent
    assert all(answer.intervals == {} for answer in silent)
    assert any(answer.precedents for answer in silent)


def test_a_graver_concern_lands_higher(published: Collection, posterior: Posterior, released_model: Model) -> None:
    def expected(text: str) -> float:
        national = where(text, published, posterior, released_model, precedents=0).national
        return float(np.dot([national[level] for level in LEVELS], range(5)))

    assert expected(MILD) + 1.5 < expected(GRAVE)


def test_the_spread_is_none_where_areas_agree_and_a_level_where_they_are_a_level_apart(
    published: Collection, posterior: Posterior, released_model: Model, found: Where
) -> None:
    assert found.spread is not None
    assert found.spread_interval is not None
    assert 0 < found.spread_interval[0] < found.spread < found.spread_interval[1] < 1.5
    certain = where("He likes school and has good friends.", published, posterior, released_model, precedents=0)
    assert certain.spread is not None
    assert certain.spread < found.spread


def test_precedents_are_near_first_and_say_where_they_stand(found: Where) -> None:
    for answer in found.areas:
        alike = [precedent.alike for precedent in answer.precedents]
        assert alike == sorted(alike, reverse=True)
        assert len(alike) <= 3
        assert all(precedent.url and precedent.descriptor.levels for precedent in answer.precedents)
    nearest = max((p for answer in found.areas for p in answer.precedents), key=lambda p: p.alike)
    assert nearest.alike > 0.8


def test_the_same_words_are_a_precedent_of_the_same_situation(
    published: Collection, posterior: Posterior, released_model: Model
) -> None:
    young = where("young carer.", published, posterior, released_model)
    kent = chosen(young, ["kent"]).areas[0]
    assert kent.precedents[0].same == 1.0
    assert kent.precedents[0].descriptor.levels == (Level.A,)


def test_without_thresholds_precedents_are_told_alone(published: Collection, released_model: Model) -> None:
    found = where("Overcrowded housing", published, None, released_model)
    assert found.spread is None
    assert found.national == {}
    assert not any(answer.enough for answer in found.areas)
    assert any(answer.precedents for answer in found.areas)


@pytest.mark.parametrize("text", ["", "   ", "Hello, please ring me back.", "\x00"])
def test_a_text_with_nothing_to_grade_is_an_error_that_does_not_repeat_it(
    text: str, published: Collection, posterior: Posterior, released_model: Model
) -> None:
    with pytest.raises(InputError, match="nothing in the text can be graded") as refused:
        where(text, published, posterior, released_model)
    assert "ring me" not in str(refused.value)


def test_an_unknown_area_is_an_error_that_suggests(found: Where) -> None:
    with pytest.raises(InputError, match="did you mean 'Trafford'"):
        chosen(found, ["Traford"])


def test_the_answer_is_json_of_the_contract(found: Where) -> None:
    told = json.loads(json.dumps(found.to_dict()))
    assert set(told) >= {"areas", "spread", "national", "severity", "issues"}
    kent = told["areas"]["Kent"]
    assert set(kent) == {"level_probabilities", "interval", "precedents"}
    assert set(kent["level_probabilities"]) == set(kent["interval"]) == {"none", "A", "B+C+D"}
    assert told["areas"]["Barnet"]["level_probabilities"] is None
