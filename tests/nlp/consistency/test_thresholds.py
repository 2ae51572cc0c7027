"""Known bars are found again, with intervals that hold them, and nothing is said where nothing was read."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from tests.nlp.consistency.simulated import Made, made

from evenhand.consistency.likelihood import Likelihood
from evenhand.consistency.places import AREA, Places
from evenhand.consistency.posterior import FEWEST_ROWS, Posterior
from evenhand.consistency.rows import Array, ThresholdRow, design_of
from evenhand.consistency.thresholds import fit_thresholds
from evenhand.errors import InputError
from evenhand.scheme import LEVELS, Level

ALL = frozenset(LEVELS)


@pytest.fixture(scope="module")
def data() -> Made:
    return made(1, areas=25)


@pytest.fixture(scope="module")
def fitted(data: Made) -> Posterior:
    return fit_thresholds(data.rows)


def row(area: str, severity: float, levels: str, visible: frozenset[Level] = ALL) -> ThresholdRow:
    return ThresholdRow(area, "housing", severity, tuple(map(Level, levels.split())), visible)


def errors(data: Made, posterior: Posterior) -> Array:
    """How far bars that enough rows inform are off, in grades."""
    return np.array([one.severity - data.bars[one.area, one.level] for one in posterior.thresholds() if one.enough])


def test_bars_are_found_nearer_than_the_mean_of_areas_is(data: Made, fitted: Posterior) -> None:
    nation = {one.level: one.severity for one in fitted.nation()}
    off = np.array([nation[o.level] - data.bars[o.area, o.level] for o in fitted.thresholds() if o.enough])
    assert np.sqrt((errors(data, fitted) ** 2).mean()) < 0.7 * np.sqrt((off**2).mean())


def test_most_intervals_hold_the_true_bar(data: Made, fitted: Posterior) -> None:
    # One data set of a hundred bars that share national ones; tests/benchmarks/thresholds.py has a hundred data sets.
    held = [one.low <= data.bars[one.area, one.level] <= one.high for one in fitted.thresholds()]
    assert 0.75 <= np.mean(held) <= 1.0


def test_levels_that_could_not_be_seen_are_not_held_against_an_area(data: Made, fitted: Posterior) -> None:
    ignoring = fit_thresholds([replace(one, visible=ALL) for one in data.rows])
    off = [
        np.mean([(one.severity - data.bars[one.area, one.level]) ** 2 for one in fit.thresholds()])
        for fit in (fitted, ignoring)
    ]
    assert off[1] > 2 * off[0]


def test_bars_never_cross(fitted: Posterior) -> None:
    assert (np.diff(fitted.severities(), axis=2) > 0).all()


def test_the_same_rows_give_the_same_draws(data: Made, fitted: Posterior) -> None:
    again = fit_thresholds(data.rows)
    np.testing.assert_array_equal(again.severities(), fitted.severities())


def test_the_order_of_rows_makes_no_difference(data: Made, fitted: Posterior) -> None:
    again = fit_thresholds(data.rows[::-1])
    np.testing.assert_allclose(again.severities(), fitted.severities(), atol=0.02)


def test_an_effect_of_a_covariate_is_found() -> None:
    effects = fit_thresholds(made(3, areas=40, effect=0.5).rows, covariates=("deprivation",)).effects()
    assert [effect.level for effect in effects] == list(LEVELS[1:])
    for effect in effects:
        assert effect.name == "deprivation"
        assert effect.grades == pytest.approx(0.5, abs=0.25)
        assert effect.low > 0


def test_an_effect_on_one_bar_is_not_taken_for_one_on_all() -> None:
    generator = np.random.default_rng(5)
    rows = []
    for area in range(30):
        value = float(generator.normal())
        bars = np.array([1.6, 2.8, 3.9, 5.1 + 0.5 * value])
        for severity in generator.uniform(0.7, 6.3, 40):
            above = generator.random() < 1 / (1 + np.exp(-4 * (severity - bars)))
            rows.append(replace(row(f"area {area}", float(severity), LEVELS[int(above.sum())]), covariates=(value,)))
    found = {effect.level: effect for effect in fit_thresholds(rows, covariates=("x",)).effects()}
    assert found[Level.D].low > 0.3
    assert abs(found[Level.A].grades) < 0.15


def test_an_effect_that_is_not_there_is_not_found() -> None:
    generator = np.random.default_rng(4)
    values = {f"area {number:03d}": (float(generator.normal()),) for number in range(40)}
    rows = [replace(one, covariates=values[one.area]) for one in made(4, areas=40).rows]
    effects = fit_thresholds(rows, covariates=("nothing",)).effects()
    assert sum(effect.low < 0 < effect.high for effect in effects) >= 3


def test_a_bar_within_a_merged_level_is_not_enough_read() -> None:
    merged = [row("a", severity, levels) for severity, levels in ((1.0, "none"), (3.0, "A B"), (5.0, "C D")) * 6]
    found = {one.level: one for one in fit_thresholds(merged).thresholds()}
    assert {level: one.rows for level, one in found.items()} == {Level.A: 18, Level.B: 0, Level.C: 18, Level.D: 0}
    assert [one.enough for one in found.values()] == [True, False, True, False]


def test_a_bar_between_levels_of_which_one_was_not_seen_is_not_enough_read() -> None:
    rows = [
        row("a", severity, levels, frozenset({Level.A, Level.D})) for severity, levels in ((2.0, "A"), (6.0, "D")) * 9
    ]
    assert [one.enough for one in fit_thresholds(rows).thresholds()] == [False] * 4


def test_a_bar_wants_rows_on_both_sides() -> None:
    rows = [row("a", severity, levels) for severity, levels in ((1.0, "none"), (2.0, "A")) * 10]
    rows += [row("a", 3.0, "B")] * 2
    found = {one.level: one for one in fit_thresholds(rows).thresholds()}
    assert (found[Level.A].enough, found[Level.B].enough) == (True, False)


def test_documents_that_overlap_share_what_is_in_both() -> None:
    # At the national bars, in a document with the levels A+B and B+C+D: half of what is at B stands in each.
    generator, bars = np.random.default_rng(6), np.array([1.6, 2.8, 3.9, 5.1])
    visible, rows = frozenset(LEVELS[1:]), []
    for severity in generator.uniform(1.6, 6.3, 600):
        level = LEVELS[int((generator.random() < 1 / (1 + np.exp(-4 * (severity - bars)))).sum())]
        if level is Level.NONE:
            continue
        milder = level is Level.A or (level is Level.B and generator.random() < 0.5)
        levels, shares = ("A B", (1.0, 0.5)) if milder else ("B C D", (0.5, 1.0, 1.0))
        rows.append(replace(row("overlapping", float(severity), levels, visible), shares=shares))
    others = made(2, areas=20).rows
    found = [one for one in fit_thresholds(rows + others).thresholds() if one.area == "overlapping"]
    assert not any(one.enough for one in found)
    assert sum(one.low <= bar <= one.high for one, bar in zip(found, bars, strict=True)) >= 3


def test_an_area_with_one_descriptor_is_read_and_not_enough() -> None:
    rows = [*[row("a", s, v) for s, v in ((1.0, "none"), (3.0, "B"), (5.0, "D")) * 5], row("b", 4.0, "C")]
    alone = [one for one in fit_thresholds(rows).thresholds() if one.area == "b"]
    assert [one.enough for one in alone] == [False] * 4
    assert all(one.low < one.severity < one.high for one in alone)


def test_an_area_that_disagrees_with_itself_gets_wide_intervals_and_no_crossing() -> None:
    orderly = [row("orderly", s, v) for s, v in ((1.0, "none"), (2.0, "A"), (3.0, "B"), (4.0, "C"), (6.0, "D")) * 6]
    contrary = [row("contrary", s, v) for s, v in ((6.0, "none"), (4.0, "A"), (3.0, "B"), (2.0, "C"), (1.0, "D")) * 6]
    posterior = fit_thresholds(orderly + contrary)
    assert (np.diff(posterior.severities(), axis=2) > 0).all()
    assert np.isfinite([(one.low, one.high) for one in posterior.thresholds()]).all()


def test_rows_of_documents_that_show_one_level_inform_of_nothing() -> None:
    single = [row("a", 4.0, "C", frozenset({Level.C}))] * 20
    with pytest.raises(InputError, match="each document shows one level only"):
        fit_thresholds(single)


def test_a_level_outside_the_visible_ones_is_an_error() -> None:
    with pytest.raises(InputError, match="row 2: its levels are not among those visible"):
        design_of([row("a", 1.0, "A"), row("a", 1.0, "D", frozenset({Level.A}))])


def test_what_severities_of_an_area_err_alike_is_not_taken_for_a_difference_of_areas() -> None:
    generator = np.random.default_rng(7)
    erred = {f"area {n}": float(generator.normal(0, 0.3)) for n in range(30)}
    bars, rows = np.array([1.6, 2.8, 3.9, 5.1]), []
    for area, error in erred.items():
        for severity in generator.uniform(0.7, 6.3, 60):
            level = LEVELS[int((generator.random() < 1 / (1 + np.exp(-4 * (severity - bars)))).sum())]
            rows.append(row(area, float(severity) + error, level))
    told = fit_thresholds([replace(one, shared_error=0.3) for one in rows])
    untold = fit_thresholds(rows)
    spread, apart = (np.mean([one.spread for one in fit.nation() if one.spread]) for fit in (told, untold))
    assert spread < 0.7 * apart
    held = [one.low <= bars[LEVELS.index(one.level) - 1] <= one.high for one in told.thresholds()]
    assert np.mean(held) > 0.85


@pytest.mark.parametrize("exact", [True, False])
def test_gradient_and_curvature_are_those_of_the_likelihood(exact: bool) -> None:
    design = design_of(made(1, areas=4, effect=0.3).rows, ("x",))
    places, generator = Places(len(design.issues), 1), np.random.default_rng(0)
    likelihood = Likelihood(design, places)
    sizes = np.cumsum([places.national, *likelihood.sizes])
    point = generator.normal(0, 0.2, sizes[-1])
    point[[places.slope, places.first]] = 1.0, -2.0

    def split(at: Array) -> tuple[Array, list[Array]]:
        national, *areas = np.split(at, sizes[:-1])
        return national, areas

    def gradient(at: Array) -> Array:
        found = likelihood.curved(*split(at), exact=exact)
        return np.concatenate([found.gradient, *[block.gradient for block in found.blocks]])

    steps = np.eye(len(point)) * 1e-5
    slopes = [(likelihood.value(*split(point + s)) - likelihood.value(*split(point - s))) / 2e-5 for s in steps]
    np.testing.assert_allclose(gradient(point), slopes, atol=1e-6)
    if exact:
        bends = -np.array([(gradient(point + s) - gradient(point - s)) / 2e-5 for s in steps])
        found = likelihood.curved(*split(point), exact=True)
        whole = np.zeros_like(bends)
        whole[: places.national, : places.national] = found.corner
        for block, start, end in zip(found.blocks, sizes[:-1], sizes[1:], strict=True):
            whole[start:end, start:end], whole[start:end, : places.national] = block.square, block.side
            whole[: places.national, start:end] = block.side.T
        np.testing.assert_allclose(whole, bends, atol=1e-5)


def test_a_merged_level_counts_as_the_sum_of_its_parts() -> None:
    places = Places(1, 0)
    point = np.array([1.0, -2.0, 0.1, 0.2, 0.0, 0.0])
    area = [np.zeros(AREA + 1)]

    def probability(levels: str) -> float:
        found = Likelihood(design_of([row("a", 4.2, levels)]), places).value(point, area)
        return float(np.exp(found))

    assert probability("C D") == pytest.approx(probability("C") + probability("D"))
    assert sum(map(probability, LEVELS)) == pytest.approx(1.0)


def test_an_error_of_severity_flattens_as_the_mean_over_it_does() -> None:
    places, area = Places(1, 0), [np.zeros(AREA + 1)]
    point = np.array([1.0, -2.0, 0.1, 0.2, 0.0, 0.0])
    noisy = replace(row("a", 4.2, "C D"), error=0.6)
    found = np.exp(Likelihood(design_of([noisy]), places).value(point, area))
    drawn = 4.2 + 0.6 * np.random.default_rng(0).standard_normal(4000)
    exact = np.mean([np.exp(Likelihood(design_of([row("a", s, "C D")]), places).value(point, area)) for s in drawn])
    assert found == pytest.approx(exact, abs=0.02)


def test_enough_is_ten_rows_that_inform() -> None:
    assert FEWEST_ROWS == 10
