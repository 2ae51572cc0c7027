"""The searches of the 2018 approach tell apart what the guide tells apart, and only the bar is learnt."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from evenhand.scheme import LEVELS, SEVERITIES, Issue, Level
from evenhand.search_terms import found_issues, grade, lists
from evenhand_training.baselines import majority
from evenhand_training.calibrate import truth_of
from evenhand_training.examples import Example
from evenhand_training.metrics import summary
from evenhand_training.search_terms import search_terms


def test_no_search_matches_an_empty_text_and_grades_are_on_the_scale() -> None:
    assert not [search.issues for search in lists().searches if search.occurs("")]
    assert set(lists().grades.values()) <= set(SEVERITIES)


@pytest.mark.parametrize(
    ("text", "there", "absent"),
    [
        ("Mother has long-standing depression", Issue.PARENTAL_MENTAL_HEALTH, Issue.CHILD_MENTAL_HEALTH),
        ("Depression in a parent", Issue.PARENTAL_MENTAL_HEALTH, Issue.CHILD_MENTAL_HEALTH),
        ("Teenager with depression", Issue.CHILD_MENTAL_HEALTH, Issue.PARENTAL_MENTAL_HEALTH),
        ("Parents of a child with a disability", Issue.DISABILITY_SEN, Issue.PARENTAL_HEALTH_DISABILITY),
        ("Good attendance", Issue.PROTECTIVE, Issue.NEGLECT),
        ("No current concerns about bullying", Issue.PROTECTIVE, Issue.HOUSING),
        ("Criminal exploitation", Issue.EXPLOITATION, Issue.BEHAVIOUR_OFFENDING),
    ],
)
def test_a_search_finds_what_is_meant_and_not_its_neighbour(text: str, there: Issue, absent: Issue) -> None:
    found = found_issues(text)
    assert there in found
    assert absent not in found


@pytest.mark.parametrize("text", ["Lacks a stable home", "Is not in a very stable home", "Care that is inappropriate"])
def test_a_strength_that_is_denied_is_none(text: str) -> None:
    assert Issue.PROTECTIVE not in found_issues(text)


def test_abuse_without_a_kind_is_of_every_kind() -> None:
    assert {Issue.PHYSICAL_ABUSE, Issue.SEXUAL_ABUSE, Issue.EMOTIONAL_ABUSE} <= set(found_issues("Abuse or neglect"))


def test_the_graver_issue_decides_and_a_qualifier_of_each_kind_cancels_out() -> None:
    both = (Issue.YOUNG_CARER, Issue.NEGLECT)
    assert grade("x", both) == grade("x", both[1:]) > grade("x", both[:1])
    assert grade("Some persistent neglect", both) == grade("Neglect", both)


def test_cut_points_come_from_the_training_rows_and_severity_does_not(published: list[Example]) -> None:
    harsh = [replace(row, levels=(Level.C, Level.D) if row.severity != 1 else row.levels) for row in published]
    lenient, strict = (search_terms(rows, published, seed=1) for rows in (published, harsh))
    np.testing.assert_array_equal(lenient.severity, strict.severity)
    assert strict.level.mean() > lenient.level.mean()
    assert lenient.level_probabilities.shape == (len(published), len(LEVELS))


def test_terms_without_any_learning_beat_the_majority(published: list[Example], authored: list[Example]) -> None:
    training = [*published, *authored]
    found = summary(truth_of(published), search_terms(training, published, seed=1))
    plain = summary(truth_of(published), majority(training, published))
    assert found["level_in_set"] > plain["level_in_set"]
    assert found["issue_micro_f1"] > plain["issue_micro_f1"]
