"""Calibration recovers known scales, keeps its promise, and decodes as the network itself does."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from tokenizers import Tokenizer

from evenhand.decoder import class_probabilities, logistic
from evenhand.scheme import ISSUES, LEVELS, Level
from evenhand_training.calibrate import (
    AREA_DRAWS,
    SET_COVERAGE,
    Calibration,
    area_cuts,
    best_thresholds,
    calibrate,
    cross_calibrated,
    decode,
    truth_of,
)
from evenhand_training.crossvalidate import CutPoints, FoldReadings, read_off
from evenhand_training.examples import Example
from evenhand_training.metrics import micro_f1, set_coverage
from evenhand_training.network import LadderNetwork

Floats = NDArray[np.float64]

GAP_SD = 0.2
SEVERITY_CUTS = np.array([-4.0, -2.0, 0.0, 2.0, 4.0])
FIRST_CUT = -3.5
CUTS = CutPoints(SEVERITY_CUTS, FIRST_CUT, np.log([2.0, 2.0, 2.0]), level_slope=1.0)
# What the simulated network is too sure or too timid by.
SEVERITY_SCALE, LEVEL_SCALE, AREA_SD, ISSUE_SCALE = 0.6, 0.7, 0.8, 0.5
FOLDS, AREAS, ROWS = 3, 6, 30
NEUTRAL = Calibration(1.0, 1.0, 0.5, 1.0, 0.5, 0.3, 0.8).decoder(CUTS, GAP_SD)


def drawn(generator: np.random.Generator, probabilities: Floats) -> NDArray[np.intp]:
    """One class a row."""
    reached = generator.random((len(probabilities), 1)) > probabilities.cumsum(axis=1)
    return np.asarray(reached.sum(axis=1), dtype=np.intp)


@pytest.fixture(scope="module", name="simulated")
def simulated_folds() -> tuple[list[FoldReadings], dict[str, Example]]:
    """Readings whose rows were drawn under known scales and a known spread of areas."""
    generator = np.random.default_rng(8)
    rows: dict[str, Example] = {}
    folds = []
    for fold in range(FOLDS):
        theta = generator.normal(0, 3, AREAS * ROWS)
        logits = generator.normal(-2, 3, (len(theta), len(ISSUES)))
        issues = generator.random(logits.shape) < logistic(ISSUE_SCALE * logits)
        severity = 1 + drawn(
            generator, class_probabilities(logistic(SEVERITY_SCALE * (theta[:, None] - SEVERITY_CUTS)))
        )
        shift = np.repeat(AREA_SD * generator.standard_normal(AREAS), ROWS)
        cuts = FIRST_CUT + shift[:, None] + np.array([0.0, 2.0, 4.0, 6.0])
        level = drawn(generator, class_probabilities(logistic(LEVEL_SCALE * (theta[:, None] - cuts))))
        ids = tuple(f"{fold}-{place}" for place in range(len(theta)))
        folds.append(FoldReadings(ids, "", theta, logits, CUTS))
        for place, identifier in enumerate(ids):
            # The statutory levels are merged, as many documents have them.
            merged = (Level.C, Level.D) if level[place] > 2 else (LEVELS[level[place]],)
            rows[identifier] = Example(
                id=identifier,
                text="",
                source="descriptors",
                severity=int(severity[place]),
                issues=tuple(issue for issue, held in zip(ISSUES, issues[place], strict=True) if held),
                levels=merged,
                visible_sets=((Level.NONE,), (Level.A,), (Level.B,), (Level.C, Level.D)),
                group=f"{fold}-{place // ROWS}",
                area=f"{fold}-{place // ROWS}",
            )
    return folds, rows


@pytest.fixture(scope="module", name="fitted")
def fitted_calibration(simulated: tuple[list[FoldReadings], dict[str, Example]]) -> Calibration:
    return calibrate(*simulated, GAP_SD)


def test_known_scales_are_recovered(fitted: Calibration) -> None:
    assert fitted.severity_scale == pytest.approx(SEVERITY_SCALE, rel=0.2)
    assert fitted.issue_scale == pytest.approx(ISSUE_SCALE, rel=0.1)
    assert fitted.level_scale == pytest.approx(LEVEL_SCALE, rel=0.3)
    # Eighteen areas say little of their own spread.
    assert 0.2 < fitted.area_sd < 1.8


def test_level_sets_reach_the_promised_coverage_and_no_narrower_ones_do(
    fitted: Calibration, simulated: tuple[list[FoldReadings], dict[str, Example]]
) -> None:
    folds, rows = simulated

    def coverage(mass: float) -> float:
        met = [
            set_coverage(
                truth_of([rows[identifier] for identifier in read.ids]),
                decode(replace(fitted, set_mass=mass).decoder(read.cuts, GAP_SD), read.theta, read.issues),
            )
            for read in folds
        ]
        return float(np.concatenate(met).mean())

    assert coverage(fitted.set_mass) >= SET_COVERAGE
    if fitted.set_mass > 0.30:
        assert coverage(round(fitted.set_mass - 0.01, 2)) < np.ceil((len(rows) + 1) * SET_COVERAGE) / len(
            rows
        )


def test_a_fold_is_decoded_with_what_the_others_fitted(
    simulated: tuple[list[FoldReadings], dict[str, Example]],
) -> None:
    folds, rows = simulated
    few = [replace(read, ids=read.ids[:40], theta=read.theta[:40], issues=read.issues[:40]) for read in folds]
    found = cross_calibrated(few, rows, GAP_SD)
    # Other labels for the first fold's own rows leave its predictions alone and change the others'.
    turned = {
        identifier: replace(row, severity=7 - (row.severity or 1), levels=(Level.B,))
        if identifier[0] == "0"
        else row
        for identifier, row in rows.items()
    }
    again = cross_calibrated(few, turned, GAP_SD)
    np.testing.assert_array_equal(found[0].severity, again[0].severity)
    np.testing.assert_array_equal(found[0].level_probabilities, again[0].level_probabilities)
    assert not np.array_equal(found[1].severity, again[1].severity)


def test_thresholds_have_the_highest_f1_of_all_pairs() -> None:
    generator = np.random.default_rng(2)
    probabilities = generator.random((60, len(ISSUES))) ** 3
    real = generator.random(probabilities.shape) < probabilities
    threshold, top = best_thresholds(probabilities, real)
    assert top <= threshold

    def f1(any_: float, first: float) -> float:
        decoder = replace(NEUTRAL, issue_threshold=any_, top_issue_threshold=first)
        return micro_f1(real, decoder.issue_choice(probabilities))

    best = f1(threshold, top)
    others = [
        (any_, first) for any_ in (0.1, 0.2, 0.3, 0.5, 0.7, 0.9) for first in (0.1, 0.3, 0.5) if first <= any_
    ]
    assert best >= max(f1(any_, first) for any_, first in others)


def test_draws_of_an_areas_cut_points_increase_and_centre_on_the_national_ones() -> None:
    cuts = area_cuts(CUTS, 0.5, GAP_SD)
    assert cuts.shape == (AREA_DRAWS, len(LEVELS) - 1)
    assert (np.diff(cuts, axis=1) > 0).all()
    np.testing.assert_allclose(np.median(cuts, axis=0), [-3.5, -1.5, 0.5, 2.5], atol=0.1)
    assert cuts[:, 0].std() == pytest.approx(0.5, rel=0.05)
    np.testing.assert_array_equal(cuts, area_cuts(CUTS, 0.5, GAP_SD))


def test_the_average_over_draws_is_near_the_integral() -> None:
    generator = np.random.default_rng(1)
    many = 60_000
    first = CUTS.first_level + 0.75 * generator.standard_normal((many, 1))
    gaps = np.exp(CUTS.level_log_gaps + GAP_SD * generator.standard_normal((many, 3)))
    cuts = np.concatenate([first, first + gaps.cumsum(axis=1)], axis=1)
    decoder = NEUTRAL
    theta = np.linspace(-6, 6, 13)
    few = replace(decoder, level_cuts=area_cuts(CUTS, 0.75, GAP_SD)).level_probabilities(theta)
    exact = replace(decoder, level_cuts=cuts).level_probabilities(theta)
    np.testing.assert_allclose(few, exact, atol=0.008)


def test_without_spread_every_draw_is_national() -> None:
    np.testing.assert_allclose(area_cuts(CUTS, 0.0, 0.0), np.tile([-3.5, -1.5, 0.5, 2.5], (AREA_DRAWS, 1)))


def test_decoder_and_network_say_the_same_of_the_same_readings(
    network: LadderNetwork, tokenizer: Tokenizer, published: list[Example]
) -> None:
    read = read_off(network, tokenizer, [row.text for row in published])["theta"]
    same = Calibration(1.0, 1.0, 0.0, 1.0, 0.5, 0.3, 0.8).decoder(CutPoints.of(network), 0.0)
    theta = torch.tensor(read, dtype=torch.float32)
    with torch.no_grad():
        severity = network.severity_log_probabilities(theta).exp().numpy()
        # The national cut-points are those of an area without offsets.
        levels = network.log_slope.exp() * (theta.unsqueeze(1) - network.level_cuts())
        area = network.level_log_probabilities(theta, torch.zeros(len(theta), dtype=torch.long)).exp().numpy()
        shift, stretch = network.offsets(torch.tensor([0]))
        own = network.level_cuts(shift, stretch).double().numpy()
    np.testing.assert_allclose(same.severity_probabilities(read), severity, atol=1e-5)
    np.testing.assert_allclose(
        same.level_probabilities(read),
        class_probabilities(torch.sigmoid(levels).double().numpy()),
        atol=1e-5,
    )
    np.testing.assert_allclose(replace(same, level_cuts=own).level_probabilities(read), area, atol=1e-5)


def test_readings_are_in_the_order_given(
    network: LadderNetwork, tokenizer: Tokenizer, published: list[Example]
) -> None:
    texts = [row.text for row in published]
    together = read_off(network, tokenizer, texts)
    backwards = read_off(network, tokenizer, texts[::-1])
    alone = read_off(network, tokenizer, texts[4:5])
    for name, values in together.items():
        np.testing.assert_allclose(values, backwards[name][::-1], atol=1e-4)
        np.testing.assert_allclose(values[4:5], alone[name], atol=1e-4)


def test_published_codes_become_arrays(published: list[Example]) -> None:
    truth = truth_of([published[8], replace(published[0], group=None)])
    assert truth.levels.tolist() == [[False, False, False, True, True], [True, False, False, False, False]]
    assert truth.severity.tolist() == [5, 1]
    assert [ISSUES[place] for place in np.flatnonzero(truth.issues[0])] == sorted(
        published[8].issues or (), key=ISSUES.index
    )
    assert truth.groups == ("g0", "p10")  # a row of no group is a group by itself
