"""Each baseline on a toy set behaves as documented."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from evenhand.scheme import ISSUES, LEVELS, Issue, Level
from evenhand_training.baselines import always_b, majority, tfidf_linear, true_severity
from evenhand_training.calibrate import truth_of
from evenhand_training.examples import Example
from evenhand_training.metrics import level_in_set, summary


@pytest.fixture(scope="module", name="training")
def toy_rows(published: list[Example], authored: list[Example]) -> list[Example]:
    """The invented rows several times over; words tell severity, so that words can be learnt."""
    return [
        replace(row, id=f"{row.id}-{copy}", text=f"{row.text} {'again ' * copy}")
        for copy in range(4)
        for row in [*published, *authored]
    ]


def test_majority_says_the_commonest_of_the_published_rows_to_all(published: list[Example]) -> None:
    often = replace(published[4], levels=(Level.A,), severity=3, issues=(Issue.HOUSING,))
    training = [*published, *[often] * 4, *[replace(often, levels=(), severity=6)] * 9]
    predicted = majority(training, published[:3])
    assert predicted.level.tolist() == [LEVELS.index(Level.A)] * 3
    assert predicted.grade.tolist() == [3] * 3
    assert [ISSUES[place] for place in np.flatnonzero(predicted.issues[2])] == [Issue.HOUSING]


def test_a_set_counts_for_each_of_its_levels_in_equal_parts(published: list[Example]) -> None:
    merged = [replace(published[0], levels=(Level.C, Level.D))] * 3
    single = [replace(published[0], levels=(Level.A,))] * 2
    assert majority([*merged, *single], published[:1]).level.tolist() == [LEVELS.index(Level.A)]


def test_always_b_says_b_and_is_otherwise_the_majority(published: list[Example]) -> None:
    predicted, common = always_b(published, published), majority(published, published)
    assert set(predicted.level.tolist()) == {LEVELS.index(Level.B)}
    np.testing.assert_array_equal(predicted.severity, common.severity)
    np.testing.assert_array_equal(predicted.issues, common.issues)
    assert level_in_set(truth_of(published), predicted).sum() == sum(Level.B in row.levels for row in published)


def test_true_severity_never_needs_the_text(training: list[Example], published: list[Example]) -> None:
    def blank(rows: list[Example]) -> list[Example]:
        return [replace(row, text="") for row in rows]

    told, untold = true_severity(training, published), true_severity(blank(training), blank(published))
    np.testing.assert_array_equal(told.level_probabilities, untold.level_probabilities)
    np.testing.assert_array_equal(told.severity, untold.severity)
    np.testing.assert_array_equal(told.issues, untold.issues)


def test_true_severity_is_right_about_severity_and_finds_the_level(
    training: list[Example], published: list[Example]
) -> None:
    found = summary(truth_of(published), true_severity(training, published))
    assert found["severity_exact"] == 1.0
    assert found["issue_micro_f1"] == 1.0
    assert found["level_in_set"] >= 0.9  # here level follows from severity


def test_true_severity_learns_only_from_rows_that_say_something(
    training: list[Example], published: list[Example]
) -> None:
    silent = [
        replace(row, id=f"s{row.id}", levels=(Level.D,), visible_sets=((Level.D,),), severity=1) for row in published
    ]
    np.testing.assert_array_equal(
        true_severity([*training, *silent], published).level_probabilities,
        true_severity(training, published).level_probabilities,
    )


def test_tfidf_learns_words(training: list[Example], published: list[Example]) -> None:
    found = summary(truth_of(published), tfidf_linear(training, published, seed=1))
    assert found["level_in_set"] >= 0.9
    assert found["severity_qwk"] >= 0.8
    assert found["issue_micro_f1"] >= 0.8


def test_tfidf_gives_a_share_to_every_level_and_stays_on_the_scale(
    training: list[Example], published: list[Example]
) -> None:
    seen = [row for row in training if Level.B not in row.levels]
    predicted = tfidf_linear(seen, published, seed=1)
    assert predicted.level_probabilities.shape == (len(published), len(LEVELS))
    np.testing.assert_allclose(predicted.level_probabilities.sum(axis=1), 1.0)
    assert predicted.level_probabilities[:, LEVELS.index(Level.B)].max() == 0.0
    assert 1.0 <= predicted.severity.min() <= predicted.severity.max() <= 6.0


def test_tfidf_reads_nothing_but_the_text_of_a_test_row(training: list[Example], published: list[Example]) -> None:
    hidden = [replace(row, severity=1, issues=(), levels=(Level.NONE,)) for row in published]
    told, untold = (
        tfidf_linear(training, published, seed=1),
        tfidf_linear(training, hidden, seed=1),
    )
    np.testing.assert_array_equal(told.level_probabilities, untold.level_probabilities)
    np.testing.assert_array_equal(told.issues, untold.issues)


def test_tfidf_is_decided_by_its_seed(training: list[Example], published: list[Example]) -> None:
    one, again = (tfidf_linear(training, published, seed=5) for _ in range(2))
    np.testing.assert_array_equal(one.level_probabilities, again.level_probabilities)
    np.testing.assert_array_equal(one.issues, again.issues)
