"""Search terms, spaCy's text classifier and SetFit: each learns and reads no label that it is judged on."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Protocol

import numpy as np
import pytest

from evenhand.scheme import ISSUES, LEVELS, Issue, Level
from evenhand.search_terms import found_issues, grade, lists
from evenhand_training import setfit_baseline, textcat
from evenhand_training.baselines import majority
from evenhand_training.calibrate import truth_of
from evenhand_training.examples import Example
from evenhand_training.metrics import Predictions, summary
from evenhand_training.search_terms import search_terms
from evenhand_training.setfit_baseline import setfit
from evenhand_training.textcat import spacy_textcat


class Rival(Protocol):
    """A baseline."""

    def __call__(self, training: list[Example], rows: list[Example], *, seed: int) -> Predictions:
        """Fit and read."""


RIVALS: dict[str, Callable[..., Predictions]] = {
    "search terms": search_terms,
    "textcat": spacy_textcat,
    "setfit": setfit,
}


@pytest.fixture(autouse=True)
def _few_steps(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(setfit_baseline, "MOST_STEPS", 3)
    monkeypatch.setattr(setfit_baseline, "INVENTED_STEP", 1)
    monkeypatch.setattr(textcat, "HASHED", 512)


@pytest.fixture(scope="module")
def training(published: list[Example], authored: list[Example]) -> list[Example]:
    return [*published, *authored]


@pytest.mark.parametrize("name", ["textcat", "setfit"])
def test_a_rival_that_learns_grades_better_than_the_majority(
    name: str, training: list[Example], published: list[Example]
) -> None:
    found = summary(truth_of(published), RIVALS[name](training, published, seed=1))
    plain = summary(truth_of(published), majority(training, published))
    assert found["severity_exact"] > plain["severity_exact"]
    assert found["issue_micro_f1"] > plain["issue_micro_f1"]


@pytest.mark.parametrize("name", RIVALS)
def test_a_rival_reads_nothing_but_the_text_and_is_decided_by_its_seed(
    name: str, training: list[Example], published: list[Example]
) -> None:
    hidden = [replace(row, severity=1, issues=(), levels=(Level.NONE,)) for row in published]
    told, untold = (RIVALS[name](training, rows, seed=1) for rows in (published, hidden))
    np.testing.assert_allclose(told.level_probabilities, untold.level_probabilities, atol=1e-6)
    np.testing.assert_allclose(told.severity, untold.severity, atol=1e-6)
    np.testing.assert_array_equal(told.issues, untold.issues)
    assert told.level_probabilities.shape == (len(published), len(LEVELS))
    np.testing.assert_allclose(told.level_probabilities.sum(axis=1), 1.0, atol=1e-6)
    assert 1.0 <= told.severity.min() <= told.severity.max() <= 6.0


def test_every_issue_has_terms_and_a_grade() -> None:
    searched = {issue for search in lists().searches for issue in search.issues}
    assert searched == set(ISSUES)
    assert set(lists().grades) == set(ISSUES)


@pytest.mark.parametrize(
    ("text", "issue"),
    [
        ("Incidents of domestic violence in the home", Issue.DOMESTIC_ABUSE),
        ("Overcrowded housing", Issue.HOUSING),
        ("Is being bullied", Issue.BULLYING),
        ("Thoughts of suicide", Issue.SELF_HARM),
        ("Parent misuses alcohol", Issue.PARENTAL_SUBSTANCE_USE),
        ("Young person misuses alcohol", Issue.CHILD_SUBSTANCE_USE),
    ],
)
def test_terms_find_their_issue(text: str, issue: Issue) -> None:
    assert issue in found_issues(text)


def test_whose_substance_use_it_is_is_told_apart() -> None:
    assert Issue.CHILD_SUBSTANCE_USE not in found_issues("Parent misuses alcohol")
    assert Issue.PARENTAL_SUBSTANCE_USE not in found_issues("Young person misuses alcohol")


def test_qualifiers_move_the_grade_the_right_way_and_stay_on_the_scale() -> None:
    issues = (Issue.BULLYING,)
    low, bare, high = (grade(text, issues) for text in ("Occasional bullying", "Bullying", "Severe bullying"))
    assert low < bare < high
    assert grade("Severe, immediate danger to life from physical abuse", (Issue.PHYSICAL_ABUSE,)) == 6
    assert grade("Attends school well", (Issue.EDUCATION, Issue.PROTECTIVE)) == 1


def test_a_text_without_any_term_gets_the_commonest_issue(training: list[Example], published: list[Example]) -> None:
    blank = [replace(published[0], text="Xyzzy")]
    told = search_terms(training, blank, seed=1)
    assert told.issues.sum() == 1
    np.testing.assert_array_equal(told.issues, majority(training, blank).issues)
