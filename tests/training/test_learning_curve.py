"""A learning curve finds the law that made it, says so where it cannot, and is judged on what it was not shown."""

from __future__ import annotations

import json
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from evenhand.errors import InputError, OutputError
from evenhand.scheme import ISSUES, LEVELS, SEVERITIES
from evenhand_training import cli, curve_chart, curve_errors, curve_estimates, growth_heads, learning_curve
from evenhand_training.curve_errors import LEAST_GROUPS, LEAST_ROWS, MEASURES, Errors, resampled_errors
from evenhand_training.curve_estimates import BackTest, back_test, estimates, more_rows
from evenhand_training.examples import Example
from evenhand_training.learning_curve import (
    INVENTED_SHARES,
    PUBLISHED_SHARES,
    Material,
    Point,
    curve_points,
    material_of,
    rows_of,
    subset,
)
from evenhand_training.learning_curve_tables import MEASURE_NAMES, WHY_NOT, by_gain, learning_curve_table
from evenhand_training.metrics import Predictions, Truth, issue_f1_scores, quadratic_kappa, ranked_probability_score
from evenhand_training.power_law import Curves, fit_laws
from evenhand_training.results import append

Floats = NDArray[np.float64]

SIZES = np.array([10.0, 20.0, 40.0, 80.0, 160.0])


def law(floor: float, scale: float, exponent: float, rows: Floats, others: float = 0.0) -> Floats:
    made: Floats = floor + scale * (1.0 + rows + others) ** -exponent
    return made


def curves_of(*errors: Floats, other: float = 0.0, noise: float = 0.0, draws: int = 60) -> Curves:
    """Curves at `SIZES`, with draws that scatter by `noise` around the first, as resamples would."""
    exact = np.stack(errors, axis=1)
    scatter = np.random.default_rng(4).normal(scale=noise, size=(draws, *exact.shape)) if noise else 0.0
    drawn = np.broadcast_to(exact, (draws, *exact.shape)) + scatter
    count = exact.shape[1]
    rows = np.tile(SIZES[:, None], (1, count))
    return Curves(rows, np.full(count, other), np.concatenate([exact[None], drawn]), np.ones(count))


def test_a_known_law_is_found_again() -> None:
    curves = curves_of(law(0.1, 2.0, 0.5, SIZES), law(0.3, 1.0, 0.5, SIZES))
    laws = fit_laws(curves)
    assert laws.exponent[0] == 0.5
    assert laws.worth[0] == 0.0
    np.testing.assert_allclose(laws.floor[0], [0.1, 0.3], atol=1e-9)
    np.testing.assert_allclose(laws.scale[0], [2.0, 1.0], atol=1e-9)
    np.testing.assert_allclose(laws.error(curves, np.array([300.0, 300.0]))[0, 0], law(0.1, 2.0, 0.5, np.array(300.0)))


def test_what_rows_of_the_other_kind_are_worth_is_found_again() -> None:
    worth = 1 / 32
    curves = curves_of(law(0.1, 2.0, 0.8, SIZES, 1600 * worth), law(0.2, 1.0, 0.8, SIZES, 1600 * worth), other=1600.0)
    laws = fit_laws(curves)
    assert (laws.exponent[0], laws.worth[0]) == (0.8, worth)


def test_an_error_that_rises_with_rows_has_a_law_without_a_slope() -> None:
    laws = fit_laws(curves_of(np.linspace(0.2, 0.4, 5)))
    assert laws.scale[0, 0] == 0.0
    assert 0.2 < laws.floor[0, 0] < 0.4


def test_no_law_has_a_floor_below_nothing() -> None:
    laws = fit_laws(curves_of(np.array([0.8, 0.6, 0.4, 0.2, 0.0])))
    assert laws.floor[0, 0] == 0.0
    assert laws.scale[0, 0] > 0.0


def test_an_unimportant_curve_has_no_say_in_the_shared_exponent() -> None:
    curves = curves_of(law(0.1, 2.0, 0.3, SIZES), law(0.1, 2.0, 1.2, SIZES))
    assert fit_laws(replace(curves, importance=np.array([1.0, 0.0]))).exponent[0] == 0.3
    assert fit_laws(replace(curves, importance=np.array([0.0, 1.0]))).exponent[0] == 1.2


def test_points_that_do_not_count_do_not_move_the_law() -> None:
    spoilt = law(0.1, 2.0, 0.5, SIZES)
    spoilt[-1] = 0.9
    curves = curves_of(spoilt, law(0.3, 1.0, 0.5, SIZES))
    seen = np.ones((5, 2), dtype=np.bool_)
    seen[-1, 0] = False
    assert fit_laws(curves, seen).floor[0, 0] == pytest.approx(0.1, abs=1e-9)


def gain_of(curves: Curves, rows: float = 160.0) -> dict[str, Any]:
    return more_rows(curves, fit_laws(curves), np.full(curves.rows.shape[1], rows), 0, np.zeros(0))


def test_a_hundred_more_rows_bring_what_the_law_says() -> None:
    told = gain_of(curves_of(law(0.1, 2.0, 0.5, SIZES), law(0.3, 1.0, 0.5, SIZES), noise=0.002))
    right = float(law(0.1, 2.0, 0.5, np.array(160.0)) - law(0.1, 2.0, 0.5, np.array(260.0)))
    assert told["gain"] == pytest.approx(right, abs=1e-4)
    assert told["low"] < right < told["high"]
    assert 0.0 < told["high"] - told["low"] < 0.05


def test_of_a_flat_curve_no_gain_is_told() -> None:
    flat = np.full(5, 0.3)
    assert gain_of(curves_of(flat, noise=0.01)) == {"not_told": "flat"}
    assert gain_of(curves_of(np.array([0.3, 0.1, 0.35, 0.15, 0.3]), noise=0.01)) == {"not_told": "flat"}


def test_no_gain_is_told_further_out_than_was_tried() -> None:
    assert gain_of(curves_of(law(0.1, 2.0, 0.5, SIZES)), rows=600.0) == {"not_told": "far"}


def test_an_error_of_the_back_test_widens_an_interval_both_ways() -> None:
    curves = curves_of(law(0.1, 2.0, 0.5, SIZES), noise=0.002)
    laws, now = fit_laws(curves), np.array([160.0])
    narrow, wide = (more_rows(curves, laws, now, 0, each) for each in (np.zeros(0), np.array([-0.1, 0.1])))
    assert wide["gain"] == narrow["gain"]
    assert wide["low"] < narrow["low"] - 0.05 < narrow["high"] + 0.05 < wide["high"]


@pytest.mark.parametrize("alone", [False, True], ids=["all cut", "one cut"])
def test_the_back_test_foretells_a_law_that_holds(*, alone: bool) -> None:
    curves = curves_of(law(0.1, 2.0, 0.5, SIZES), law(0.3, 1.0, 0.5, SIZES), noise=0.002)
    test = back_test(curves, np.ones(2, dtype=np.bool_), np.full(2, 30.0), alone=alone)
    np.testing.assert_allclose(test.errors, 0.0, atol=1e-6)
    right = law(0.1, 2.0, 0.5, SIZES[2]) - law(0.1, 2.0, 0.5, SIZES[4])
    assert test.measured[0] == pytest.approx(right)
    assert test.summary()["held"] == 2


@pytest.mark.parametrize("alone", [False, True], ids=["all cut", "one cut"])
def test_the_back_test_is_not_shown_what_it_foretells(*, alone: bool) -> None:
    kept, changed = law(0.1, 2.0, 0.5, SIZES), law(0.1, 2.0, 0.5, SIZES)
    changed[3:] = 0.9
    others = law(0.3, 1.0, 0.5, SIZES)
    judged, rows = np.ones(2, dtype=np.bool_), np.full(2, 30.0)
    before, after = (back_test(curves_of(each, others), judged, rows, alone=alone) for each in (kept, changed))
    np.testing.assert_array_equal(before.foretold[:, 0], after.foretold[:, 0])
    assert after.measured[0] < 0 < before.measured[0]
    assert after.errors[0] < -0.2


def test_errors_of_other_issues_are_scaled_to_the_rows_that_judge() -> None:
    test = BackTest(
        foretold=np.zeros((1, 3)),
        measured=np.array([0.5, 0.2, 0.9]),
        judged=np.array([True, True, False]),
        rows=np.array([100.0, 25.0, 4.0]),
    )
    np.testing.assert_allclose(test.scatter(0), [0.1, -0.1])  # of the second alone: few rows judge it
    np.testing.assert_allclose(test.scatter(1), [1.0, -1.0])


# Points on invented rows: every issue, six groups of areas in two folds.


def example(number: int, *, group: str | None, published: bool = True) -> Example:
    grade = SEVERITIES[number % len(SEVERITIES)]
    return Example(
        id=f"{'p' if published else 'a'}{group or ''}{number}",
        text=f"text {number}",
        source="descriptors" if published else "authored",
        severity=grade,
        issues=(ISSUES[number % 3],),
        levels=(LEVELS[min(grade, len(LEVELS)) - 1],) if published else (),
        visible_sets=tuple((level,) for level in LEVELS) if published else (),
        group=group,
        area=f"Area {group}" if published else None,
    )


@pytest.fixture(scope="module", name="material")
def made_material() -> Material:
    """Two folds; features that tell the issue and the grade but for some noise."""
    of_group = {f"g{place}": [example(number, group=f"g{place}") for number in range(12)] for place in range(6)}
    invented = [example(number, group=None, published=False) for number in range(120)]
    folds = []
    for held in ({"g0", "g1", "g2"}, {"g3", "g4", "g5"}):
        parts = [
            [row for group, rows in of_group.items() if (group in held) is out for row in rows] for out in (False, True)
        ]
        folds.append((parts[0] + invented, parts[1]))
    rows = rows_of(folds)
    told = torch.tensor(
        [[float(issue in (row.issues or ())) for issue in ISSUES[:3]] + [float(row.severity or 0)] for row in rows]
    )
    noise = torch.randn(len(rows), 4, generator=torch.Generator().manual_seed(2))
    return material_of(folds, told + 0.3 * noise)


def order_of(material: Material, seed: int) -> dict[str, int]:
    drawn = np.random.default_rng(seed).permutation(sorted(set(material.units))).tolist()
    return {unit: number for number, unit in enumerate(drawn)}


def test_a_subset_takes_whole_groups_and_is_part_of_every_larger_one(material: Material) -> None:
    fold, order = material.folds[0], order_of(material, 1)
    before: set[int] = set()
    for share in (0.0, 0.34, 0.67, 1.0):
        places = set(subset(material, fold, order, (share, 0.5)).tolist())
        published = [place for place in places if material.rows[place].levels]
        taken = {material.units[place] for place in published}
        assert len(published) == 12 * len(taken) == 12 * round(3 * share)
        assert len(places) - len(published) == 60
        assert before <= places
        before = places
    assert before < set(fold.training.tolist())
    assert not before & set(fold.held.tolist())


def test_seeds_draw_other_subsets_and_the_same_ones_again(material: Material) -> None:
    one, same, other = (
        subset(material, material.folds[0], order_of(material, seed), (0.34, 0.1)).tolist() for seed in (1, 1, 2)
    )
    assert one == same != other


def test_a_fold_without_rows_is_refused(material: Material) -> None:
    rows = list(material.rows)
    with pytest.raises(InputError, match="leaves none out"):
        material_of([(rows, [])], torch.zeros(len(rows), 2))


def test_heads_read_what_they_were_taught_and_nothing_of_unknown_issues(material: Material) -> None:
    everything = np.arange(len(material.rows))
    issues, severity = growth_heads.fit_growth_heads(material.table, everything).read(material.table.features)
    real = material.table.issues.numpy() > 0
    assert issue_f1_scores(real, issues >= 0.5)[:3].min() > 0.9
    graded = np.rint(severity @ np.arange(1.0, 7.0)).astype(int)
    assert quadratic_kappa(material.table.severity.numpy(), graded) > 0.8
    np.testing.assert_allclose(severity.sum(axis=1), 1.0, atol=1e-5)
    unknown = replace(material.table, issue_weights=torch.zeros(len(everything)))
    untaught, _ = growth_heads.fit_growth_heads(unknown, everything).read(material.table.features)
    assert untaught.max() < 0.1  # stays where a fit starts


def test_without_published_rows_no_level_is_read(material: Material, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(learning_curve, "PUBLISHED_SHARES", (0.0, 1.0))
    monkeypatch.setattr(learning_curve, "INVENTED_SHARES", (1.0,))
    ticks: list[None] = []
    points = curve_points(material, [1, 2], lambda: ticks.append(None))
    assert len(ticks) == 4
    (without, _), (full, again) = points[0.0, 1.0], points[1.0, 1.0]
    assert np.isnan(without.predicted.level_probabilities).all()
    assert not np.isnan(full.predicted.level_probabilities).any()
    assert (without.published[-1], full.published[-1], full.invented[-1]) == (0.0, 36.0, 120.0)
    # All rows are the same rows, whatever their order.
    np.testing.assert_allclose(full.predicted.severity, again.predicted.severity, atol=0.01)


def truth_with(judged: int, groups: int) -> Truth:
    """Rows of `groups` groups; the first issue is in `judged` of them, the second in all."""
    count = max(judged, groups) * 2
    issues = np.zeros((count, len(ISSUES)), dtype=np.bool_)
    issues[:judged, 0], issues[:, 1] = True, True
    names = tuple(f"g{number % groups}" for number in range(count))
    grade = np.arange(count) % 6 + 1
    return Truth(
        np.eye(5, dtype=np.bool_)[np.minimum(grade, 5) - 1], grade, issues, np.ones(count, np.bool_), names, names
    )


def point_at(truth: Truth, rows: tuple[float, float], *, missed: int) -> Point:
    """A point that misses the second issue in the first `missed` rows and grades them 1."""
    said = truth.issues.copy()
    said[:missed, 1] = False
    severity = truth.severity.astype(np.float64)
    severity[:missed] = 1.0
    levels = np.full((len(said), 5), np.nan) if rows[0] == 0 else truth.levels.astype(np.float64)
    own, other = (np.full(len(ISSUES) + 1, each) for each in rows)
    return Point(own, other, Predictions(levels, severity, said))


@pytest.fixture(name="errors")
def grown_errors(monkeypatch: pytest.MonkeyPatch) -> Errors:
    """Fewer rows are missed as published rows grow; invented ones bring nothing."""
    monkeypatch.setattr(curve_errors, "DRAWS", 40)
    truth = truth_with(judged=LEAST_ROWS - 1, groups=LEAST_GROUPS + 3)
    points = {
        (p, i): [point_at(truth, (200 * p, 1000 * i), missed=9 - int(8 * p))] * 2
        for p in PUBLISHED_SHARES
        for i in INVENTED_SHARES
    }
    return resampled_errors(truth, points)


def test_errors_are_those_of_the_metrics(errors: Errors) -> None:
    truth = truth_with(judged=LEAST_ROWS - 1, groups=LEAST_GROUPS + 3)
    point = point_at(truth, (200.0, 1000.0), missed=1)
    full = errors.issues[0, -1]
    np.testing.assert_allclose(1 - full[:2], issue_f1_scores(truth.issues, point.predicted.issues)[:2])
    measured = dict(zip(MEASURES, errors.measures[0, -1].tolist(), strict=True))
    assert measured["severity_qwk"] == pytest.approx(1 - quadratic_kappa(truth.severity, point.predicted.grade))
    assert measured["rps"] == pytest.approx(ranked_probability_score(truth, point.predicted).mean())
    assert measured["issue_macro_f1"] == pytest.approx(full[1])  # the one issue that enough rows judge


def test_a_level_curve_starts_where_a_bar_can_be_fitted(errors: Errors) -> None:
    assert len(errors.of_measure("rps", published=True).rows) == len(PUBLISHED_SHARES) - 1
    assert len(errors.of_measure("severity_qwk", published=True).rows) == len(PUBLISHED_SHARES)
    assert not np.isnan(errors.of_measure("level_in_set", published=False).errors).any()


def test_a_level_that_one_seed_cannot_read_is_taken_from_the_others(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(curve_errors, "DRAWS", 20)
    truth = truth_with(judged=LEAST_ROWS, groups=LEAST_GROUPS)
    read, unread = point_at(truth, (10.0, 10.0), missed=2), point_at(truth, (0.0, 10.0), missed=2)
    found, right = (resampled_errors(truth, {(1.0, 1.0): points}) for points in ([read, unread], [read, read]))
    np.testing.assert_allclose(found.measures[0], right.measures[0])
    assert not np.isnan(found.measures).any()


def test_too_few_judged_rows_and_useless_rows_are_said_and_not_estimated(errors: Errors) -> None:
    rows, other = np.full(len(ISSUES) + 1, 200.0), np.full(len(ISSUES) + 1, 1000.0)
    found = estimates(errors, rows, other)
    first, second = (found["issues"][str(issue)] for issue in ISSUES[:2])
    assert first["more_published"] == first["more_invented"] == {"not_told": "few"}
    assert second["more_published"]["gain"] > 0.0
    assert second["more_invented"] == {"not_told": "flat"}
    assert (second["published"], second["invented"], second["groups"]) == (200, 1000, LEAST_GROUPS + 3)
    assert found["measures"]["severity_qwk"]["more_published"]["gain"] > 0.0
    assert found["measures"]["rps"]["more_published"] == {"not_told": "flat"}
    json.dumps(found, allow_nan=False)


def made_line(date: str = "2026-01-31") -> dict[str, Any]:
    now = {"value": 0.62, "low": 0.5, "high": 0.71}
    gains = {
        "bullying": ({"gain": 0.012, "low": -0.01, "high": 0.04}, {"not_told": "flat"}),
        "housing": ({"gain": 0.05, "low": 0.01, "high": 0.09}, {"gain": 0.001, "low": 0.0, "high": 0.002}),
        "neglect": ({"not_told": "few"}, {"not_told": "few"}),
    }
    tested = {
        "curves": 2,
        "measured": 0.03,
        "foretold": 0.02,
        "off_by": 0.015,
        "off_by_without_change": 0.03,
        "held": 2,
    }
    return {
        "kind": "learning_curve",
        "date": date,
        "corpus_version": "2026.1",
        "rows": 120,
        "groups": 12,
        "seeds": [1, 2],
        "more": 100,
        "training_rows": {"published": 1000, "invented": 20000},
        "issues": {
            name: {
                "published": 20,
                "invented": 1400,
                "judged": 15,
                "groups": 6,
                "now": now,
                "more_published": one,
                "more_invented": two,
            }
            for name, (one, two) in gains.items()
        },
        "measures": {
            name: {
                "now": now,
                "more_published": gains["housing"][0],
                "more_invented": {"not_told": "flat"},
                "back_test_published": {"measured": 0.02, "foretold": 0.018},
            }
            for name in MEASURES
        },
        "back_test": {kind: {"all_cut": tested, "one_cut": {"curves": 1}} for kind in ("published", "invented")},
    }


def test_the_table_has_the_largest_gain_first_and_what_is_not_told_last() -> None:
    made = learning_curve_table([{"kind": "test"}, made_line("2025-01-31"), made_line()])
    rows = [row for row in made.splitlines() if row.startswith(("| bullying", "| housing", "| neglect"))]
    assert [row.split(" | ")[0] for row in rows] == ["| housing", "| bullying", "| neglect"]
    assert "| 20 | 1,400 | 15 (6) | 0.62 (0.50–0.71) | 0.67: +0.050 (+0.010 to +0.090) | 0.62: +0.001" in rows[0]
    assert rows[1].endswith(f"| {WHY_NOT['flat']} |")
    assert rows[2].count(WHY_NOT["few"]) == 2
    assert "2026-01-31" in made
    assert "2025-01-31" not in made
    assert "| published rows, all curves cut | 2 | +0.030 | +0.020 | 0.015 | 0.030 | 2 of 2 |" in made
    assert "| invented rows, one curve cut, the others whole | 1 | – | – | – | – | – |" in made
    for name in MEASURE_NAMES.values():
        told = "+0.050 (+0.010 to +0.090) | not told: does not fall | +0.020, foretold +0.018; – |"
        assert f"| {name} | 0.62 (0.50–0.71) | {told}" in made


def test_without_a_learning_curve_there_is_no_table() -> None:
    assert learning_curve_table([{"kind": "test"}]) == ""


def test_the_picture_names_what_it_shows_for_those_who_do_not_see_it(tmp_path: Path) -> None:
    pytest.importorskip("altair")
    pytest.importorskip("vl_convert")
    curve_chart.write_chart(made_line(), tmp_path / "gains.svg")
    drawn = (tmp_path / "gains.svg").read_text(encoding="utf-8")
    assert "housing: published +0.050 (+0.010 to +0.090), invented +0.001" in drawn
    assert "neglect" not in drawn
    assert "<script" not in drawn
    with pytest.raises(OutputError, match="give --picture another path"):
        curve_chart.write_chart(made_line(), tmp_path / "none" / "gains.svg")


def test_issues_of_equal_gain_stand_in_order_of_name() -> None:
    line = made_line()
    for told in line["issues"].values():
        told["more_published"] = told["more_invented"] = {"not_told": "flat"}
    assert [name for name, _ in by_gain(line)] == ["bullying", "housing", "neglect"]


def command(monkeypatch: pytest.MonkeyPatch, *arguments: object) -> int:
    monkeypatch.setattr(sys, "argv", ["evenhand-training", "learning-curve", *map(str, arguments)])
    try:
        cli.main()
    except SystemExit as stopped:
        return int(stopped.code or 0)
    return 0


def test_the_command_logs_a_line_keeps_its_readings_and_names_no_test_row(
    small: Any,  # noqa: ANN401 - a Small of conftest.py
    configs: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr(curve_errors, "DRAWS", 20)
    monkeypatch.setattr(curve_estimates, "BACK_TEST_DRAWS", 5)
    monkeypatch.setattr(growth_heads, "STEPS", 5)
    options = ("--corpus", small.folder, "--config", configs / "smoke.toml", "--run", tmp_path, "--models", tmp_path)
    assert command(monkeypatch, *options, "--seeds", 2) == 0
    line = json.loads(capsys.readouterr().out)
    assert line == json.loads((tmp_path / "results.jsonl").read_text(encoding="utf-8"))
    assert (line["kind"], line["seeds"], line["corpus_version"]) == ("learning_curve", [1, 2], small.corpus.version)
    judged = [row for row in small.corpus.descriptors if row.id not in small.splits.test_rows]
    assert line["rows"] == len(judged)
    assert line["issues"].keys() == set(map(str, ISSUES))
    assert len(list((tmp_path / "learning-curve").glob("features-*.npy"))) == 1

    # What the encoder read is kept: without an encoder the second run gives the same line.
    monkeypatch.setattr(learning_curve, "LadderNetwork", None)
    assert command(monkeypatch, *options, "--seeds", 2) == 0
    again = json.loads(capsys.readouterr().out)
    assert {**again, "commit": line["commit"], "date": line["date"]} == line


def test_a_picture_is_drawn_again_from_the_log_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    pytest.importorskip("altair")
    pytest.importorskip("vl_convert")
    (tmp_path / "results.jsonl").write_text('{"kind": "test"}\n', encoding="utf-8")
    options = ("--models", tmp_path, "--redraw")
    assert command(monkeypatch, *options) == 1
    assert "name it with --picture" in capsys.readouterr().err
    assert command(monkeypatch, *options, "--picture", tmp_path / "gains.svg") == 1
    assert "no learning curve is logged" in capsys.readouterr().err
    append(tmp_path / "results.jsonl", made_line())
    assert command(monkeypatch, *options, "--picture", tmp_path / "gains.svg") == 0
    assert (tmp_path / "gains.svg").read_text(encoding="utf-8").startswith("<svg")
