"""Few coded sentences are passed over, and none that reports an issue; within that, as many uncoded ones as can be."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from evenhand.decoder import Decoder
from evenhand.pooling import is_graded
from evenhand.scheme import ASSERTIONS, ISSUES
from evenhand_training.calibrate import Calibration, LevelReading
from evenhand_training.reading import CutPoints
from evenhand_training.refusal import MOST_REFUSED, fit_refusal

ROWS = 200
CUTS = CutPoints(np.array([-4.0, -2.0, 0.0, 2.0, 4.0]), -3.0, np.zeros(3), level_slope=1.0)


@pytest.fixture(scope="module", name="decoder")
def any_decoder() -> Decoder:
    level = LevelReading(slope=2.0, first=-1.2, log_gaps=(-0.4, -0.4, -0.4), area_sd=0.3)
    return Calibration(1.0, level, 1.0, 0.5, 0.3, 0.8).decoder(CUTS)


def logits(refusal: NDArray[np.float64]) -> NDArray[np.float64]:
    """Assertion logits with these probabilities that there is nothing to code."""
    read = np.full((len(refusal), len(ASSERTIONS) + 1), -30.0)
    read[:, 0], read[:, -1] = np.log(1 - refusal), np.log(refusal)
    return read


def issue_logits(reports: NDArray[np.bool_]) -> NDArray[np.float64]:
    """Issue logits of sentences that report the first issue, or none."""
    read = np.full((len(reports), len(ISSUES)), -9.0)
    read[reports, 0] = 9.0
    return read


def passed_over(decoder: Decoder, refusal: NDArray[np.float64], reports: NDArray[np.bool_]) -> NDArray[np.bool_]:
    issues = decoder.issue_choice(decoder.issue_probabilities(issue_logits(reports)))
    return np.array([not is_graded(told) for told in decoder.assertions(logits(refusal), issues)])


@given(seed=st.integers(0, 10_000), share=st.floats(0.1, 0.9))
def test_at_most_the_promised_share_of_coded_sentences_is_passed_over(
    decoder: Decoder, seed: int, share: float
) -> None:
    generator = np.random.default_rng(seed)
    refusal = generator.uniform(0.001, 0.999, ROWS)
    coded, reports = generator.random(ROWS) < share, generator.random(ROWS) < 0.5
    fitted = fit_refusal(decoder, logits(refusal), issue_logits(reports), coded)
    stored = Decoder.from_json(fitted.to_json())
    assert passed_over(stored, refusal, reports)[coded].sum() <= MOST_REFUSED * coded.sum()
    assert not passed_over(stored, refusal, reports)[coded & reports].any()


def test_what_can_be_told_apart_is(decoder: Decoder) -> None:
    coded = np.arange(ROWS) % 2 == 0
    refusal = np.where(coded, 0.1, 0.9)
    reports = np.arange(ROWS) % 3 == 0
    fitted = fit_refusal(decoder, logits(refusal), issue_logits(reports), coded)
    assert (passed_over(fitted, refusal, reports) == ~coded).all()
    assert fitted.bare_refusal_threshold >= 0.85  # the most careful of all that do as well


def test_coded_sentences_that_look_uncoded_cost_only_their_own_kind(decoder: Decoder) -> None:
    coded, reports = np.arange(ROWS) % 2 == 0, np.arange(ROWS) % 3 == 0
    refusal = np.where(coded & ~reports, 0.99, np.where(coded, 0.1, 0.9))
    fitted = fit_refusal(decoder, logits(refusal), issue_logits(reports), coded)
    assert passed_over(fitted, refusal, reports)[~coded & reports].all()
    assert not passed_over(fitted, refusal, reports)[coded].any()


def test_a_sentence_without_an_issue_is_passed_over_more_readily(decoder: Decoder) -> None:
    coded = np.arange(ROWS) % 2 == 0
    # Coded sentences that report an issue look uncoded here, others do not.
    refusal = np.where(coded & (np.arange(ROWS) % 4 == 0), 0.95, np.where(coded, 0.1, 0.6))
    reports = coded & (np.arange(ROWS) % 4 == 0)
    fitted = fit_refusal(decoder, logits(refusal), issue_logits(reports), coded)
    assert fitted.bare_refusal_threshold <= 0.6 < fitted.refusal_threshold
    assert passed_over(fitted, refusal, reports)[~coded].all()


def test_nothing_is_passed_over_where_nothing_can_be_told_apart(decoder: Decoder) -> None:
    coded = np.arange(ROWS) % 2 == 0
    refusal, reports = np.full(ROWS, 0.99), np.ones(ROWS, dtype=np.bool_)
    fitted = fit_refusal(decoder, logits(refusal), issue_logits(reports), coded)
    assert not passed_over(fitted, refusal, reports).any()
