"""Measures within areas and of stated probabilities, against examples worked by hand or another's implementation."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy import special, stats
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import f1_score

from evenhand.scheme import ISSUES, LEVELS
from evenhand_training import area_measures
from evenhand_training.area_measures import LEAST_ROWS, LEAST_ROWS_FOR_COVERAGE
from evenhand_training.metrics import Predictions, Truth, set_coverage, summary

Floats = NDArray[np.float64]
SETS = tuple("+".join(LEVELS[first : last + 1]) for first in range(5) for last in range(first, 5))
ENOUGH = st.integers(LEAST_ROWS, 30)
# Halves and quarters, so that equal expectations are equal to the last bit.
SHARES = (
    (1.0, 0.0, 0.0, 0.0, 0.0),
    (0.5, 0.5, 0.0, 0.0, 0.0),
    (0.0, 1.0, 0.0, 0.0, 0.0),
    (0.5, 0.0, 0.5, 0.0, 0.0),  # the same mean as the one before
    (0.0, 0.25, 0.5, 0.25, 0.0),
    (0.0, 0.0, 0.0, 0.5, 0.5),
)


def truth(levels: list[str], *, areas: list[str] | None = None) -> Truth:
    """Rows with level sets such as "C+D", of one area if none are named."""
    sets = [text.split("+") for text in levels]
    names = tuple(areas or ["Anyshire"] * len(levels))
    return Truth(
        levels=np.array([[level in told for level in LEVELS] for told in sets], dtype=np.bool_),
        severity=np.full(len(levels), 3, dtype=np.intp),
        issues=np.zeros((len(levels), len(ISSUES)), dtype=np.bool_),
        informative=np.ones(len(levels), dtype=np.bool_),
        groups=names,
        areas=names,
    )


def stated(probabilities: Floats, *, sets: list[str] | None = None) -> Predictions:
    """Level probabilities, and level sets such as "B-D"."""
    return Predictions(
        level_probabilities=probabilities,
        severity=np.full(len(probabilities), 3.0),
        issues=np.zeros((len(probabilities), len(ISSUES)), dtype=np.bool_),
        level_sets=None
        if sets is None
        else np.array([[LEVELS.index(end) for end in said.split("-")] for said in sets], dtype=np.intp),
    )


def certain(levels: list[str], *, sets: list[str] | None = None) -> Predictions:
    return stated(np.array([[float(level == said) for level in LEVELS] for said in levels]), sets=sets)


def test_the_expected_level_is_the_mean_of_its_distribution() -> None:
    predicted = stated(np.array([[0.1, 0.2, 0.4, 0.2, 0.1], [0.0, 0.0, 0.0, 0.0, 1.0], [0.7, 0.0, 0.0, 0.3, 0.0]]))
    np.testing.assert_allclose(area_measures.expected_level(predicted), [2.0, 4.0, 0.9])


def test_a_published_set_stands_at_its_middle() -> None:
    assert area_measures.published_level(truth(["none", "C+D", "A+B+C", "D"])).tolist() == [0.0, 3.5, 2.0, 4.0]


@given(st.data())
def test_rank_correlation_within_an_area_is_spearmans_with_ties(data: st.DataObject) -> None:
    rows = data.draw(ENOUGH)
    sets = data.draw(st.lists(st.sampled_from(SETS), min_size=rows, max_size=rows))
    shares = data.draw(st.lists(st.sampled_from(SHARES), min_size=rows, max_size=rows))
    middles = [np.mean([LEVELS.index(level) for level in text.split("+")]) for text in sets]
    means = [sum(place * share for place, share in enumerate(row)) for row in shares]
    assume(len(set(middles)) > 1 and len(set(means)) > 1)
    rho, counted = area_measures.rank_correlations(truth(sets), stated(np.array(shares)))["Anyshire"]
    assert rho == pytest.approx(stats.spearmanr(means, middles).statistic)
    assert counted == rows


@given(st.lists(st.tuples(st.integers(0, 3), st.sampled_from(SHARES)), min_size=LEAST_ROWS, max_size=25))
def test_where_an_area_has_its_bar_does_not_matter(rows: list[tuple[int, tuple[float, ...]]]) -> None:
    predicted = stated(np.array([shares for _, shares in rows]))
    low, high = ([str(LEVELS[level + step]) for level, _ in rows] for step in (0, 1))
    here, there = (area_measures.rank_correlations(truth(levels), predicted) for levels in (low, high))
    assert here == there


def test_the_areas_own_order_correlates_fully_and_the_reverse_of_it_negatively() -> None:
    levels = ["none", "A", "B", "C", "D"] * 2
    assert area_measures.rank_correlation(truth(levels), certain(levels)) == pytest.approx(1.0)
    assert area_measures.rank_correlation(truth(levels), certain([*"DCBA", "none"] * 2)) == pytest.approx(-1.0)


def test_areas_weigh_as_their_rows() -> None:
    levels = ["A", "C"] * 5 + ["A", "C"] * 10
    said = ["A", "C"] * 5 + ["C", "A"] * 10
    rows = truth(levels, areas=["right"] * 10 + ["wrong"] * 20)
    found = area_measures.rank_correlations(rows, certain(said))
    assert found["right"] == pytest.approx((1.0, 10))
    assert found["wrong"] == pytest.approx((-1.0, 20))
    assert area_measures.rank_correlation(rows, certain(said)) == pytest.approx((10 - 20) / 30)


def test_only_areas_with_an_order_and_enough_rows_have_a_rank_correlation() -> None:
    parts = {
        "enough": ["A", "C"] * 5,
        "one set only": ["C+D"] * 12,
        "one row short": ["A"] * 4 + ["C"] * 5,
        # Two sets, and neither is above the other.
        "two sets about B": ["B", "A+B+C"] * 6,
    }
    rows = truth(
        [level for levels in parts.values() for level in levels],
        areas=[area for area, levels in parts.items() for _ in levels],
    )
    predicted = certain(["B", *["C"] * (len(rows.areas) - 1)])
    assert set(area_measures.rank_correlations(rows, predicted)) == {"enough"}


def test_without_an_area_that_qualifies_there_is_no_rank_correlation() -> None:
    assert math.isnan(area_measures.rank_correlation(truth(["A", "B", "C"]), certain(["A", "B", "C"])))


@pytest.mark.parametrize("shares", SHARES)
def test_predictions_that_are_all_alike_have_a_rank_correlation_of_zero(shares: tuple[float, ...]) -> None:
    rows = truth(["none", "A", "B", "C+D"] * 3)
    assert area_measures.rank_correlation(rows, stated(np.tile(shares, (12, 1)))) == 0.0


def test_rows_that_stand_once_a_repeat_make_no_area_larger() -> None:
    levels = ["A", "C"] * 3 + ["A", "C"] * 5
    rows = truth(levels * 2, areas=(["six"] * 6 + ["ten"] * 10) * 2)
    assert set(area_measures.rank_correlations(rows, certain(levels * 2), repeats=2)) == {"ten"}
    once = truth(levels, areas=["six"] * 6 + ["ten"] * 10)
    assert set(area_measures.rank_correlations(once, certain(levels))) == {"ten"}


def issues_of(counts: list[int], rows: int) -> NDArray[np.bool_]:
    """Issue number `place` holds in the first `counts[place]` rows."""
    found = np.zeros((rows, len(ISSUES)), dtype=np.bool_)
    for place, count in enumerate(counts):
        found[:count, place] = True
    return found


def test_macro_f1_of_common_issues_leaves_rare_ones_out() -> None:
    real = issues_of([10, 12, 9], 20)
    said = issues_of([5, 12, 0, 20], 20)  # the third is missed throughout and the fourth never holds
    found = area_measures.macro_f1_of_common(real, said)
    assert found == pytest.approx((2 * 5 / (10 + 5) + 1.0) / 2)
    assert found == pytest.approx(f1_score(real[:, :2], said[:, :2], average="macro"))


def test_without_a_common_issue_there_is_no_macro_f1() -> None:
    assert math.isnan(area_measures.macro_f1_of_common(issues_of([9], 20), issues_of([9], 20)))


def test_an_issue_is_not_made_common_by_repeats() -> None:
    real, said = np.tile(issues_of([10, 6], 20), (2, 1)), np.tile(issues_of([10, 0], 20), (2, 1))
    assert area_measures.macro_f1_of_common(real, said, repeats=2) == 1.0
    assert area_measures.macro_f1_of_common(real, said) == 0.5


def above_cuts(rows: int, seed: int) -> Floats:
    """Logits of "at least this level" under cut-points at -3, -1, 1 and 3, shape (rows, 4)."""
    latent = np.random.default_rng(seed).normal(0.0, 2.0, (rows, 1))
    logits: Floats = latent - np.array([-3.0, -1.0, 1.0, 3.0])
    return logits


def of_logits(logits: Floats) -> Predictions:
    above = np.pad(special.expit(logits), ((0, 0), (1, 1)), constant_values=((0, 0), (1, 0)))
    return stated(above[:, :-1] - above[:, 1:])


def drawn(logits: Floats, seed: int) -> Truth:
    """Single levels drawn from the probabilities that the logits state."""
    generator = np.random.default_rng(seed)
    level = (special.expit(logits) > generator.random((len(logits), 1))).sum(axis=1)
    return truth([str(LEVELS[place]) for place in level])


def test_probabilities_that_come_true_have_a_calibration_slope_of_one() -> None:
    logits = above_cuts(4000, seed=1)
    assert area_measures.calibration_slope(drawn(logits, seed=2), of_logits(logits)) == pytest.approx(1.0, abs=0.06)


@pytest.mark.parametrize("factor", [0.5, 0.8, 1.25, 2.0])
def test_the_slope_undoes_what_made_probabilities_too_sure_or_not_sure_enough(factor: float) -> None:
    logits = above_cuts(1000, seed=3)
    rows = drawn(logits, seed=4)
    slope = area_measures.calibration_slope(rows, of_logits(factor * logits))
    assert (slope < 1) == (factor > 1)
    assert slope * factor == pytest.approx(area_measures.calibration_slope(rows, of_logits(logits)), rel=1e-3)


def test_the_slope_is_that_of_a_logistic_regression_on_the_decided_cut_points() -> None:
    generator = np.random.default_rng(5)
    shares = generator.dirichlet(np.ones(5), 200)
    sets = [SETS[place] for place in generator.integers(0, len(SETS), 200)]
    logits, happened = [], []
    for row, text in zip(shares, sets, strict=True):
        held = [level in text.split("+") for level in LEVELS]
        for cut in range(4):
            if any(held[: cut + 1]) != any(held[cut + 1 :]):  # all of the set lies on one side
                logits.append([special.logit(row[cut + 1 :].sum())])
                happened.append(any(held[cut + 1 :]))
    theirs = LogisticRegression(C=1e9, tol=1e-8).fit(logits, happened).coef_[0, 0]
    assert area_measures.calibration_slope(truth(sets), stated(shares)) == pytest.approx(theirs, abs=1e-3)


def test_how_probability_is_shared_within_a_published_set_does_not_change_the_slope() -> None:
    logits = above_cuts(60, seed=6)
    predicted = of_logits(logits)
    levels = ["C+D" if place > 1 else "B" for place in drawn(logits, seed=7).levels.argmax(axis=1)]
    rows = truth(levels)
    both = rows.levels[:, 3]
    moved = predicted.level_probabilities.copy()
    moved[both, 4] += 0.9 * moved[both, 3]
    moved[both, 3] *= 0.1
    before, after = (
        area_measures.calibration_slope(rows, stated(shares)) for shares in (predicted.level_probabilities, moved)
    )
    assert before == pytest.approx(after)


def test_certain_predictions_that_are_sometimes_wrong_have_a_finite_slope() -> None:
    levels = ["none", "A", "B", "C", "D"] * 6
    slope = area_measures.calibration_slope(truth(levels), certain([*levels[:-3], "none", "none", "none"]))
    assert 0 < slope < 1


def test_a_set_contains_a_published_set_only_with_all_of_its_levels() -> None:
    rows = truth(["C+D", "C+D", "C+D", "A", "none+A", "B"])
    predicted = certain(["C"] * 6, sets=["B-C", "B-D", "C-D", "A-B", "A-A", "C-D"])
    assert set_coverage(rows, predicted).tolist() == [1.0, 1.0, 1.0, 1.0, 1.0, 0.0]
    assert area_measures.set_containment(rows, predicted).tolist() == [0.0, 1.0, 1.0, 1.0, 0.0, 0.0]


@given(st.sampled_from(SETS), st.sampled_from(SETS))
def test_containment_is_overlap_with_every_single_level_of_the_published_set(real: str, said: str) -> None:
    levels = said.split("+")
    own = f"{levels[0]}-{levels[-1]}"
    each = real.split("+")
    met = set_coverage(truth(each), certain(["B"] * len(each), sets=[own] * len(each)))
    assert area_measures.set_containment(truth([real]), certain(["B"], sets=[own]))[0] == met.min()


def test_a_row_without_a_set_contains_nothing_and_a_method_without_sets_has_no_containment() -> None:
    rows = truth(["none", "none+A"])
    empty = replace(certain(["none"] * 2), level_sets=np.array([[0, -1], [0, -1]]))
    assert area_measures.set_containment(rows, empty).tolist() == [0.0, 0.0]
    assert np.isnan(area_measures.set_containment(rows, certain(["none"] * 2))).all()


def test_coverage_is_told_of_areas_with_enough_rows() -> None:
    areas = ["thirty"] * LEAST_ROWS_FOR_COVERAGE + ["one fewer"] * (LEAST_ROWS_FOR_COVERAGE - 1)
    rows = truth(["C"] * len(areas), areas=areas)
    predicted = certain(["C"] * len(areas), sets=["B-C"] * 20 + ["none-A"] * (len(areas) - 20))
    assert area_measures.coverage_by_area(rows, predicted) == {"thirty": {"rows": 30, "overlap": 0.6667}}


def test_coverage_counts_rows_that_stand_once_a_repeat_once() -> None:
    areas = (["thirty"] * 30 + ["fifteen"] * 15) * 2
    rows = truth(["C"] * len(areas), areas=areas)
    predicted = certain(["C"] * len(areas), sets=["B-C"] * len(areas))
    assert area_measures.coverage_by_area(rows, predicted, repeats=2) == {"thirty": {"rows": 30, "overlap": 1.0}}


def test_the_full_summary_is_the_summary_and_three_measures_more() -> None:
    rows = replace(truth(["A", "C+D"] * 6), severity=np.array([2, 4] * 6), issues=issues_of([12], 12))
    predicted = replace(certain(["A", "C"] * 6, sets=["A-B", "C-C"] * 6), issues=issues_of([12], 12))
    own = {"issue_macro_f1_common": 1.0, "rank_correlation": 1.0, "set_containment": 0.5}
    assert area_measures.full_summary(rows, predicted) == pytest.approx({**summary(rows, predicted), **own})
