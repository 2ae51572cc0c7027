"""Every measure against an example worked by hand or another's implementation."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from numpy.typing import NDArray
from sklearn.metrics import cohen_kappa_score, f1_score

from evenhand.scheme import ISSUES, LEVELS
from evenhand_training import metrics
from evenhand_training.metrics import Predictions, Truth

Floats = NDArray[np.float64]
RUNS = st.tuples(st.integers(0, 4), st.integers(0, 4)).map(sorted)
SHARES = hnp.arrays(np.float64, 5, elements=st.floats(0.01, 1)).map(lambda weights: weights / weights.sum())


def issues_of(rows: list[list[int]]) -> NDArray[np.bool_]:
    found = np.zeros((len(rows), len(ISSUES)), dtype=np.bool_)
    for row, places in enumerate(rows):
        found[row, places] = True
    return found


def truth(levels: list[str], *, severity: list[int] | None = None, groups: list[str] | None = None) -> Truth:
    """Rows with level sets such as "C+D"."""
    sets = [text.split("+") for text in levels]
    names = groups or [f"g{place}" for place in range(len(levels))]
    return Truth(
        levels=np.array([[level in told for level in LEVELS] for told in sets], dtype=np.bool_),
        severity=np.array(severity or [3] * len(levels), dtype=np.intp),
        issues=issues_of([[0]] * len(levels)),
        groups=tuple(names),
        areas=tuple(names),
        informative=np.ones(len(levels), dtype=np.bool_),
    )


def saying(levels: list[str], *, severity: list[float] | None = None, sets: list[str] | None = None) -> Predictions:
    """Certain predictions, with level sets such as "B-D"."""
    return Predictions(
        level_probabilities=np.array([[float(level == said) for level in LEVELS] for said in levels]),
        severity=np.array(severity or [3.0] * len(levels)),
        issues=np.zeros((len(levels), len(ISSUES)), dtype=np.bool_),
        level_sets=None
        if sets is None
        else np.array([[LEVELS.index(end) for end in said.split("-")] for said in sets], dtype=np.intp),
    )


def test_a_predicted_level_is_right_anywhere_in_the_set() -> None:
    found = metrics.level_in_set(truth(["C+D", "C+D", "C+D", "none"]), saying(["C", "D", "B", "A"]))
    assert found.tolist() == [1.0, 1.0, 0.0, 0.0]


def test_distance_is_to_the_nearest_level_of_the_set() -> None:
    found = metrics.level_distance(truth(["C+D", "C+D", "A+B", "D"]), saying(["C", "A", "D", "none"]))
    assert found.tolist() == [0.0, 2.0, 2.0, 4.0]


def test_ranked_probability_score_by_hand() -> None:
    predicted = Predictions(
        np.array([[0.1, 0.2, 0.4, 0.2, 0.1]] * 3), np.full(3, 3.0), np.zeros((3, len(ISSUES)), dtype=np.bool_)
    )
    found = metrics.ranked_probability_score(truth(["B", "C+D", "A+B"]), predicted)
    expected = [
        (0.1**2 + 0.3**2 + 0.3**2 + 0.1**2) / 4,
        (0.1**2 + 0.3**2 + 0.7**2) / 4,  # whether it is C or D is not decided
        (0.1**2 + 0.3**2 + 0.1**2) / 4,  # below A, and above B at two cut-points
    ]
    np.testing.assert_allclose(found, expected)


@given(shares=SHARES, level=st.sampled_from(LEVELS))
def test_for_a_single_level_it_is_the_ordinary_ranked_probability_score(shares: Floats, level: str) -> None:
    predicted = Predictions(shares[None, :], np.array([3.0]), np.zeros((1, len(ISSUES)), dtype=np.bool_))
    step = np.cumsum([float(level == other) for other in LEVELS])
    ordinary = ((np.cumsum(shares) - step)[:-1] ** 2).sum() / 4
    assert metrics.ranked_probability_score(truth([level]), predicted)[0] == pytest.approx(ordinary)


@given(shares=SHARES, ends=RUNS)
def test_a_wider_published_set_never_scores_worse_than_the_best_level_in_it(shares: Floats, ends: list[int]) -> None:
    predicted = Predictions(shares[None, :], np.array([3.0]), np.zeros((1, len(ISSUES)), dtype=np.bool_))
    inside = LEVELS[ends[0] : ends[1] + 1]
    whole = metrics.ranked_probability_score(truth(["+".join(inside)]), predicted)[0]
    assert whole <= min(metrics.ranked_probability_score(truth([level]), predicted)[0] for level in inside) + 1e-12


GRADES = hnp.arrays(np.intp, 30, elements=st.integers(1, 6))


@given(one=GRADES, other=GRADES)
def test_quadratic_kappa_is_that_of_scikit_learn(one: NDArray[np.intp], other: NDArray[np.intp]) -> None:
    found = metrics.quadratic_kappa(one, other)
    if len(set(one)) == len(set(other)) == 1 and set(one) == set(other):
        assert math.isnan(found)
        return
    theirs = cohen_kappa_score(one, other, weights="quadratic", labels=list(range(1, 7)))
    assert found == pytest.approx(theirs, abs=1e-9)


def test_quadratic_kappa_by_hand() -> None:
    # Observed cost 1 of 4 rows, expected (by chance) cost 0.5 * 1 * 4: 1 - 1/2.
    assert metrics.quadratic_kappa(np.array([1, 1, 2, 2]), np.array([1, 2, 2, 2])) == pytest.approx(0.5)


BOOLS = hnp.arrays(np.bool_, (12, 32), elements=st.booleans())


@given(real=BOOLS, said=BOOLS)
def test_f1_is_that_of_scikit_learn(real: NDArray[np.bool_], said: NDArray[np.bool_]) -> None:
    theirs = f1_score(real, said, average="micro", zero_division=0)
    assert metrics.micro_f1(real, said) == pytest.approx(theirs)
    occurring = np.flatnonzero(real.any(axis=0))
    if len(occurring):
        macro = f1_score(real, said, average="macro", labels=occurring, zero_division=0)
        assert metrics.macro_f1(real, said) == pytest.approx(macro)


def test_f1_by_hand() -> None:
    real, said = issues_of([[0], [0, 1], [1]]), issues_of([[0], [1], [0, 5]])
    assert metrics.micro_f1(real, said) == pytest.approx(2 * 2 / (4 + 4))
    assert metrics.macro_f1(real, said) == pytest.approx((2 * 1 / (2 + 2) + 2 * 1 / (2 + 1)) / 2)


def test_issue_f1_lists_the_issues_that_occur() -> None:
    rows = replace(truth(["A"] * 3), issues=issues_of([[0], [0], [3]]))
    predicted = Predictions(saying(["A"] * 3).level_probabilities, np.full(3, 3.0), issues_of([[0], [1], [3]]))
    assert metrics.issue_f1(rows, predicted, repeats=1) == {
        str(ISSUES[0]): {"f1": 0.667, "rows": 2},
        str(ISSUES[3]): {"f1": 1.0, "rows": 1},
    }


def test_missed_harm_is_a_row_at_c_or_d_that_gets_none_or_a() -> None:
    rows = truth(["C", "D", "C+D", "C+D", "B+C", "B", "C"])
    predicted = saying(["none", "A", "B", "none", "none", "none", "C"])
    assert metrics.harm_rows(rows).tolist() == [True, True, True, True, False, False, True]
    assert metrics.missed_harm(rows, predicted).tolist() == [True, True, False, True, False, False, False]
    assert metrics.summary(rows, predicted)["missed_harm"] == pytest.approx(3 / 5)


def test_without_rows_of_harm_there_is_no_missed_harm_rate() -> None:
    assert math.isnan(metrics.summary(truth(["A", "B"]), saying(["A", "A"]))["missed_harm"])


@pytest.mark.parametrize(
    ("hits", "rows", "bound"),
    [
        (0, 10, 1 - 0.05 ** (1 / 10)),
        (0, 299, 0.00997),
        (1, 1, 1.0),
        (10, 10, 1.0),
        # Clopper and Pearson's one-sided 95% limit for 2 of 20, as tabulated (0.2826).
        (2, 20, 0.2826),
    ],
)
def test_upper_bound_is_the_clopper_pearson_limit(hits: int, rows: int, bound: float) -> None:
    assert metrics.upper_bound(hits, rows) == pytest.approx(bound, abs=5e-5)


def test_a_set_covers_if_it_meets_the_published_set() -> None:
    rows = truth(["C+D", "C+D", "A", "none+A"])
    predicted = saying(["C"] * 4, sets=["B-C", "A-B", "A-D", "A-A"])
    assert metrics.set_coverage(rows, predicted).tolist() == [1.0, 0.0, 1.0, 1.0]
    assert metrics.set_width(rows, predicted).tolist() == [2.0, 2.0, 4.0, 1.0]


def test_a_method_without_sets_has_no_coverage() -> None:
    found = metrics.summary(truth(["A"]), saying(["A"]))
    assert math.isnan(found["set_coverage"])
    assert math.isnan(found["set_width"])


@pytest.mark.parametrize(
    ("severity", "grade"), [(1.0, 1), (1.49, 1), (1.5, 2), (2.5, 3), (5.5, 6), (6.0, 6), (6.4, 6), (0.2, 1)]
)
def test_a_grade_is_severity_with_halves_upwards(severity: float, grade: int) -> None:
    assert saying(["A"], severity=[severity]).grade.tolist() == [grade]


def test_summary_by_hand() -> None:
    rows = truth(["A", "C+D", "B", "D"], severity=[1, 4, 3, 6])
    found = metrics.summary(rows, saying(["A", "A", "B", "D"], severity=[1.2, 3.6, 1.4, 6.0]))
    assert found["level_in_set"] == 0.75
    assert found["level_distance"] == 0.5
    assert found["severity_exact"] == 0.75
    assert found["rps"] == pytest.approx(2 / 4 / 4)
    assert found["missed_harm"] == 0.5


def test_rows_that_say_nothing_of_level_are_left_out_of_the_informative_share() -> None:
    rows = replace(truth(["A", "B", "D"]), informative=np.array([True, False, True]))
    found = metrics.summary(rows, saying(["A", "D", "C"]))
    assert found["level_in_set"] == pytest.approx(1 / 3)
    assert found["level_in_set_informative"] == pytest.approx(1 / 2)
    none = replace(rows, informative=np.zeros(3, dtype=np.bool_))
    assert math.isnan(metrics.summary(none, saying(["A"] * 3))["level_in_set_informative"])


def test_a_row_without_a_level_is_wrong_far_off_and_missed() -> None:
    rows = truth(["none", "C+D", "B"])
    predicted = replace(
        saying(["none", "C", "B"]),
        coded=np.array([False, False, True]),
        level_sets=np.array([[0, -1], [0, -1], [2, 2]]),
    )
    assert metrics.level_in_set(rows, predicted).tolist() == [0.0, 0.0, 1.0]
    assert metrics.level_distance(rows, predicted).tolist() == [4.0, 4.0, 0.0]
    assert metrics.missed_harm(rows, predicted).tolist() == [False, True, False]
    assert metrics.set_coverage(rows, predicted).tolist() == [0.0, 0.0, 1.0]
    assert metrics.set_width(rows, predicted).tolist() == [0.0, 0.0, 1.0]


def test_rows_that_stand_once_a_repeat_are_counted_once() -> None:
    rows = replace(truth(["A"] * 4), issues=issues_of([[0], [0], [0], [0]]))
    predicted = replace(saying(["A"] * 4), issues=issues_of([[0], [0], [], []]))
    assert metrics.issue_f1(rows, predicted, repeats=2)[str(ISSUES[0])] == {"f1": 0.667, "rows": 2}


def test_taking_rows_takes_the_same_of_everything() -> None:
    rows = truth(["A", "B", "C"], severity=[1, 2, 3], groups=["x", "y", "z"])
    predicted = replace(saying(["A", "B", "C"], sets=["A-A", "B-B", "C-D"]), coded=np.array([True, True, False]))
    rows = replace(rows, informative=np.array([False, True, True]))
    chosen = np.array([2, 2, 0])
    taken, said = metrics.take(rows, chosen), metrics.take_predictions(predicted, chosen)
    assert taken.severity.tolist() == [3, 3, 1]
    assert (taken.groups, taken.areas) == (("z", "z", "x"), ("z", "z", "x"))
    assert said.level.tolist() == [3, 3, 1]
    assert taken.informative.tolist() == [True, True, False]
    assert said.coded is not None
    assert said.coded.tolist() == [False, False, True]
    assert said.level_sets is not None
    assert said.level_sets.tolist() == [[3, 4], [3, 4], [1, 1]]


@given(st.lists(st.sampled_from("abcd"), min_size=1, max_size=15), st.integers(0, 1000))
def test_resampling_draws_whole_groups(groups: list[str], seed: int) -> None:
    names = np.asarray(groups)
    for rows in metrics.resample_groups(groups, seed=seed, resamples=5):
        counts = np.bincount(rows, minlength=len(groups))
        drawn = {name: set(counts[names == name].tolist()) for name in set(groups)}
        assert all(len(times) == 1 for times in drawn.values())
        assert sum(times.copy().pop() for times in drawn.values()) == len(set(groups))


def test_resampling_is_repeatable_and_varies_with_the_seed() -> None:
    groups = list("aabbccdd")
    one, again, other = (
        [rows.tolist() for rows in metrics.resample_groups(groups, seed=seed, resamples=8)] for seed in (1, 1, 2)
    )
    assert one == again != other


def test_identical_methods_have_no_paired_difference() -> None:
    rows = truth(["A", "C+D", "B", "D", "C"], severity=[1, 4, 3, 6, 5], groups=list("aabbc"))
    predicted = saying(["A", "B", "B", "none", "C"], severity=[1.0, 3.0, 3.0, 2.0, 5.0])
    draws = metrics.intervals(rows, {"one": predicted, "same": predicted}, seed=4, resamples=30)
    for key, values in draws["one"].items():
        np.testing.assert_array_equal(values, draws["same"][key], err_msg=key)
        assert len(values) == 30


def test_intervals_follow_the_groups_and_not_the_rows() -> None:
    rows = truth(["A"] * 40, groups=["right"] * 20 + ["wrong"] * 20)
    predicted = saying(["A"] * 20 + ["D"] * 20)
    draws = metrics.intervals(rows, {"one": predicted}, seed=4, resamples=60)["one"]["level_in_set"]
    assert set(draws.tolist()) == {0.0, 0.5, 1.0}


def test_an_interval_holds_the_middle_of_the_draws() -> None:
    assert metrics.interval_of(np.linspace(0, 1, 1001)) == pytest.approx((0.025, 0.975))


def test_draws_in_which_a_measure_does_not_apply_are_left_out() -> None:
    assert metrics.interval_of(np.array([np.nan, 0.5, 0.5])) == (0.5, 0.5)
    assert all(math.isnan(end) for end in metrics.interval_of(np.array([np.nan, np.nan])))
