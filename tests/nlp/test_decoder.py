"""Readings become probabilities that add up, rise with severity, and give contiguous sets."""

from __future__ import annotations

import json
from dataclasses import fields, replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from numpy.typing import NDArray

from evenhand.decoder import Decoder, class_probabilities, logistic, middle_level, narrowest_run, softmax
from evenhand.scheme import ASSERTIONS, ISSUES, LEVELS, SEVERITIES, Assertion

Array = NDArray[np.float64]

DECODER = Decoder(
    severity_cuts=np.array([-4.0, -2.0, 0.0, 2.0, 4.0]),
    severity_scale=0.9,
    level_cuts=np.array([[-4.0, -1.5, 0.5, 2.5], [-3.0, -1.0, 1.0, 4.0]]),
    level_slope=1.1,
    issue_scale=1.2,
    issue_threshold=0.5,
    top_issue_threshold=0.3,
    set_mass=0.8,
    set_coverage=0.9,
    refusal_threshold=0.7,
    bare_refusal_threshold=0.5,
    max_tokens=256,
)


@st.composite
def decoders(draw: st.DrawFn) -> Decoder:
    """Any decoder that calibration could give."""
    scales = st.floats(0.05, 20)
    gaps = st.floats(0.01, 5)
    first = st.floats(-10, 10)
    severity = np.cumsum([draw(first), *draw(st.lists(gaps, min_size=4, max_size=4))])
    draws = draw(st.integers(1, 5))
    levels = [np.cumsum([draw(first), *draw(st.lists(gaps, min_size=3, max_size=3))]) for _ in range(draws)]
    return Decoder(
        severity_cuts=severity,
        severity_scale=draw(scales),
        level_cuts=np.array(levels),
        level_slope=draw(scales),
        issue_scale=draw(scales),
        issue_threshold=draw(st.floats(0.3, 0.9)),
        top_issue_threshold=draw(st.floats(0.1, 0.3)),
        set_mass=draw(st.floats(0, 1)),
        set_coverage=draw(st.floats(0, 1)),
        refusal_threshold=draw(st.floats(0, 1)),
        bare_refusal_threshold=draw(st.floats(0, 1)),
        max_tokens=draw(st.integers(8, 512)),
    )


THETAS = hnp.arrays(np.float64, st.integers(1, 6), elements=st.floats(-50, 50))
LEVEL_PROBABILITIES = hnp.arrays(np.float64, 5, elements=st.floats(0.001, 1)).map(
    lambda weights: weights / weights.sum()
)


@given(decoders(), THETAS)
def test_probabilities_are_shares_that_add_up_to_one(decoder: Decoder, theta: Array) -> None:
    for found, classes in (
        (decoder.severity_probabilities(theta), len(SEVERITIES)),
        (decoder.level_probabilities(theta), len(LEVELS)),
    ):
        assert found.shape == (len(theta), classes)
        assert found.min() >= 0
        np.testing.assert_allclose(found.sum(axis=1), 1.0)


@given(decoders(), THETAS)
def test_graver_texts_are_never_graded_lower(decoder: Decoder, theta: Array) -> None:
    ordered = np.sort(theta)
    assert (np.diff(decoder.severity(ordered)) >= -1e-9).all()
    reached = decoder.level_probabilities(ordered)[:, ::-1].cumsum(axis=1)
    assert (np.diff(reached, axis=0) >= -1e-9).all()


@given(decoders())
def test_expected_severity_stays_between_one_and_six(decoder: Decoder) -> None:
    severity = decoder.severity(np.array([-1e30, -60.0, 0.0, 60.0, 1e30]))
    assert severity.min() >= 1 - 1e-9
    assert severity.max() <= 6 + 1e-9


@pytest.mark.parametrize(("theta", "grade", "level"), [(-1e30, 1, 0), (1e30, 6, 4)], ids=["least", "most"])
def test_extreme_severity_neither_overflows_nor_leaves_the_scale(theta: float, grade: int, level: int) -> None:
    found = np.array([theta])
    assert DECODER.severity(found)[0] == pytest.approx(grade)
    assert DECODER.level_probabilities(found)[0, level] == pytest.approx(1.0)


def test_the_national_answer_averages_over_areas() -> None:
    theta = np.array([-2.0, 0.3, 3.0])
    alone = [replace(DECODER, level_cuts=cuts[None, :]).level_probabilities(theta) for cuts in DECODER.level_cuts]
    np.testing.assert_allclose(DECODER.level_probabilities(theta), np.mean(alone, axis=0))


def test_many_texts_are_decoded_like_few() -> None:
    theta = np.linspace(-8, 8, 2500)
    together = DECODER.level_probabilities(theta)
    np.testing.assert_array_equal(together[[0, 1024, 2499]], DECODER.level_probabilities(theta[[0, 1024, 2499]]))


def test_nothing_to_decode_gives_nothing() -> None:
    nothing = np.zeros(0)
    assert DECODER.severity(nothing).shape == (0,)
    assert DECODER.level_probabilities(nothing).shape == (0, len(LEVELS))
    assert DECODER.level_sets(DECODER.level_probabilities(nothing)) == []
    assert DECODER.issue_choice(np.zeros((0, len(ISSUES)))).shape == (0, len(ISSUES))


@pytest.mark.parametrize(
    ("probabilities", "chosen"),
    [
        ([0.6, 0.55, 0.1], [True, True, False]),
        ([0.4, 0.35, 0.1], [True, False, False]),
        ([0.2, 0.1, 0.1], [False, False, False]),
        ([0.5, 0.3, 0.1], [True, False, False]),
    ],
    ids=["above the threshold", "strongest alone", "none strong enough", "at the threshold"],
)
def test_issue_choice(probabilities: list[float], chosen: list[bool]) -> None:
    assert DECODER.issue_choice(np.array([probabilities]))[0].tolist() == chosen


def test_choosing_issues_leaves_the_probabilities_alone() -> None:
    probabilities = np.array([[0.6, 0.2], [0.35, 0.1]])
    kept = probabilities.copy()
    DECODER.issue_choice(probabilities)
    np.testing.assert_array_equal(probabilities, kept)


@given(LEVEL_PROBABILITIES, st.floats(0, 1))
def test_a_level_set_is_the_narrowest_run_around_the_median_level(probabilities: Array, mass: float) -> None:
    first, last = narrowest_run(probabilities, mass)
    assert 0 <= first <= int(middle_level(probabilities)) <= last < len(probabilities)
    whole = (first, last) == (0, len(probabilities) - 1)
    assert whole or probabilities[first : last + 1].sum() >= mass
    width = last - first
    narrower = [
        probabilities[start : start + width].sum()
        for start in range(len(probabilities) - width + 1)
        if width and start <= middle_level(probabilities) < start + width
    ]
    assert all(held < mass for held in narrower)


@given(LEVEL_PROBABILITIES, st.floats(0, 1), st.floats(0, 1))
def test_more_mass_never_needs_fewer_levels(probabilities: Array, one: float, other: float) -> None:
    less, more = (narrowest_run(probabilities, mass) for mass in sorted((one, other)))
    assert less[1] - less[0] <= more[1] - more[0]


@given(LEVEL_PROBABILITIES)
def test_half_the_probability_lies_up_to_the_median_level(probabilities: Array) -> None:
    middle = int(middle_level(probabilities[None, :])[0])
    assert probabilities[: middle + 1].sum() >= 0.5 - 1e-9
    assert probabilities[:middle].sum() < 0.5


@given(LEVEL_PROBABILITIES)
def test_no_other_level_is_fewer_levels_off_on_average(probabilities: Array) -> None:
    places = np.arange(len(LEVELS))
    expected = [(np.abs(places - place) * probabilities).sum() for place in places]
    assert expected[int(middle_level(probabilities))] <= min(expected) + 1e-9


@given(decoders(), THETAS)
def test_the_median_level_never_falls_as_texts_get_graver(decoder: Decoder, theta: Array) -> None:
    assert (np.diff(middle_level(decoder.level_probabilities(np.sort(theta)))) >= 0).all()


def test_of_equally_narrow_runs_the_likelier_is_taken() -> None:
    assert narrowest_run(np.array([0.0, 0.2, 0.5, 0.3, 0.0]), 0.6) == (2, 3)


def test_mass_that_rounding_keeps_out_of_reach_gives_all_levels() -> None:
    assert narrowest_run(np.array([0.2, 0.2, 0.3, 0.2, 0.0999]), 1.0) == (0, 4)


@given(decoders())
def test_a_decoder_survives_json(decoder: Decoder) -> None:
    stored = json.loads(json.dumps(decoder.to_json()))
    back = Decoder.from_json(stored)
    for field in fields(Decoder):
        if field.name != "notes":
            np.testing.assert_allclose(getattr(back, field.name), getattr(decoder, field.name), rtol=1e-8)
    assert back.notes is decoder.notes is None
    assert back.to_json() == stored
    assert back.level_cuts.shape == decoder.level_cuts.shape


@given(hnp.arrays(np.float64, st.integers(1, 8), elements=st.floats(-700, 700)))
def test_softmax_adds_up_to_one_and_keeps_the_order(logits: Array) -> None:
    shares = softmax(logits)
    assert shares.sum() == pytest.approx(1.0)
    assert (np.diff(shares[np.argsort(logits)]) >= 0).all()


@given(st.floats(-30, 30))
def test_logistic_is_the_logistic_function(value: float) -> None:
    assert logistic(np.array([value]))[0] == pytest.approx(1 / (1 + np.exp(-value)), abs=1e-12)


def test_class_probabilities_are_differences_of_neighbouring_shares() -> None:
    np.testing.assert_allclose(class_probabilities(np.array([[0.9, 0.6, 0.1]])), [[0.1, 0.3, 0.5, 0.1]])


NO_ISSUE = np.zeros((1, len(ISSUES)), dtype=np.bool_)
ONE_ISSUE = np.eye(1, len(ISSUES), dtype=np.bool_)


@pytest.mark.parametrize("place", range(len(ASSERTIONS) + 1))
def test_the_class_behind_the_last_assertion_is_no_codable_content(place: int) -> None:
    logits = np.zeros((1, len(ASSERTIONS) + 1))
    logits[0, place] = 9.0
    assert DECODER.assertions(logits, ONE_ISSUE) == [(*ASSERTIONS, None)[place]]


@pytest.mark.parametrize(
    ("logits", "with_issue", "without"),
    [
        ([1.0, 0.0, 0.0, 0.0, 1.0, 2.0], Assertion.PRESENT, None),  # others and "not codable" have .64 together
        ([1.0, 0.0, 0.0, 0.0, 1.0, 3.0], None, None),  # .80
        ([0.0, 2.5, 0.0, 0.0, 1.5, 1.4], Assertion.NEGATED, Assertion.NEGATED),  # .36
        ([0.0, 0.5, 0.0, 0.0, 3.0, 1.4], Assertion.OTHER_PERSON, Assertion.OTHER_PERSON),  # .84
    ],
)
def test_a_sentence_with_an_issue_is_passed_over_only_when_that_is_likely_enough(
    logits: list[float], with_issue: Assertion | None, without: Assertion | None
) -> None:
    assert DECODER.assertions(np.array([logits]), ONE_ISSUE) == [with_issue]
    assert DECODER.assertions(np.array([logits]), NO_ISSUE) == [without]
