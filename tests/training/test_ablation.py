"""Each variant lacks the one part that its name says, and what a part gains has the right sign."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy import special, stats
from tokenizers import Tokenizer
from torch import Tensor

from evenhand.scheme import LEVELS, Level
from evenhand_training import ablation, level_variants
from evenhand_training.ablation import LOWER_IS_BETTER, PAIRED
from evenhand_training.config import LossConfig, TrainConfig
from evenhand_training.examples import Example, split_published
from evenhand_training.fit import Progress
from evenhand_training.level_variants import FULL, VARIANTS, Heads, Rows, Variant
from evenhand_training.metrics import Predictions, Truth, intervals
from evenhand_training.network import LEVEL_START, LadderNetwork

NAMED = {variant.name: variant for variant in VARIANTS}
SOFTMAX, NO_OFFSETS = NAMED["plain softmax"], NAMED["no area offsets"]
FOLDED, UNNORMALISED = NAMED["C and D folded"], NAMED["not normalised over visible levels"]
LET_IN = NAMED["authored levels let in"]
RUNS = st.tuples(st.integers(0, 4), st.integers(0, 4)).map(lambda ends: LEVELS[min(ends) : max(ends) + 1])
SWAPPED = {Level.C: Level.D, Level.D: Level.C}


def coded(levels: str, visible: Sequence[str], *, area: str | None = "East", severity: int | None = 3) -> Example:
    """A published row with a level set such as "C+D", in a document that shows others."""
    return Example(
        id=levels,
        text="He is late.",
        source="descriptors",
        severity=severity,
        levels=tuple(Level(level) for level in levels.split("+")),
        visible_sets=tuple(tuple(Level(level) for level in shown.split("+")) for shown in visible),
        area=area,
    )


def seen(rows: Sequence[Example], variant: Variant) -> Rows:
    """Rows as a variant sees them; what their texts say does not matter."""
    return level_variants.rows_of(rows, torch.zeros(len(rows), 1), {"East": 0, "West": 1}, variant)


def test_folding_makes_c_and_d_one_level_in_sets_and_in_visible_sets() -> None:
    rows = [coded("C", ("A", "C", "D")), coded("A", ("A", "D")), coded("C+D", ("B+C", "C+D"))]
    told = seen(rows, FOLDED)
    assert told.own.tolist() == [[0, 0, 0, 1, 1], [0, 1, 0, 0, 0], [0, 0, 0, 0.5, 0.5]]
    assert told.visible.tolist() == [[0, 1, 0, 1, 1], [0, 1, 0, 1, 1], [0, 0, 1, 1, 1]]
    apart = seen(rows, NAMED[FULL])
    assert apart.own[0].tolist() == [0, 0, 0, 1, 0]
    assert apart.visible[1].tolist() == [0, 1, 0, 0, 1]


def test_a_document_that_shows_only_c_and_d_says_nothing_once_they_are_folded() -> None:
    rows = [coded("C", ("C", "D")), coded("C", ("B", "C"))]
    assert seen(rows, NAMED[FULL]).informative.tolist() == [True, True]
    assert seen(rows, FOLDED).informative.tolist() == [False, True]


@given(st.lists(RUNS, min_size=1, max_size=4, unique=True))
def test_folded_rows_are_the_same_with_c_and_d_exchanged(runs: list[tuple[Level, ...]]) -> None:
    def exchanged(levels: tuple[Level, ...]) -> tuple[Level, ...]:
        return tuple(SWAPPED.get(level, level) for level in levels)

    row = replace(coded("A", ("A",)), levels=runs[0], visible_sets=tuple(runs))
    other = replace(row, levels=exchanged(row.levels), visible_sets=tuple(map(exchanged, row.visible_sets)))
    one, two = seen([row], FOLDED), seen([other], FOLDED)
    for name in ("own", "visible", "informative"):
        assert torch.equal(getattr(one, name), getattr(two, name)), name


def test_only_without_normalisation_does_a_document_of_one_level_count() -> None:
    rows = [coded("C+D", ("C+D",)), coded("A+B", ("A+B", "B+C")), coded("none+A+B+C+D", ("none+A+B+C+D",))]
    for variant in VARIANTS:
        expected = [True, True, False] if variant is UNNORMALISED else [False, True, False]
        assert seen(rows, variant).informative.tolist() == expected, variant.name
    told = seen(rows, UNNORMALISED)
    assert told.visible.tolist() == [[1.0] * 5] * 3
    # Nor is a level shared between overlapping sets.
    assert told.own[:2].tolist() == [[0, 0, 0, 1, 1], [0, 1, 1, 0, 0]]


def test_authored_levels_inform_only_where_they_are_let_in(authored: list[Example], published: list[Example]) -> None:
    for variant in VARIANTS:
        assert seen(authored, variant).informative.all() == (variant is LET_IN), variant.name
        assert not seen([replace(row, severity=None) for row in authored], variant).informative.any(), variant.name
    told = seen(authored, LET_IN)
    ranks = [min(severity, 5) - 1 for severity in told.severity.tolist()]
    assert told.own.tolist() == [[float(place == rank) for place in range(5)] for rank in ranks]
    assert told.visible.tolist() == [[1.0] * 5] * len(authored)
    for name in ("own", "visible", "informative", "area", "severity"):
        assert torch.equal(getattr(seen(published, LET_IN), name), getattr(seen(published, NAMED[FULL]), name)), name


def test_rows_of_no_known_area_share_a_number_behind_all_others() -> None:
    rows = [coded("A", ("A", "B"), area=area) for area in ("West", "East", "Elsewhere", None)]
    assert seen(rows, NAMED[FULL]).area.tolist() == [1, 0, 2, 2]


def made(features: NDArray[np.float64], levels: Sequence[int], severity: Sequence[int], area: Sequence[int]) -> Rows:
    """Rows of single levels in documents that show all, with features in the first columns of the network's width."""
    wide = np.zeros((len(features), 384))
    wide[:, : features.shape[1]] = features
    return Rows(
        features=torch.tensor(wide, dtype=torch.float32),
        severity=torch.tensor(severity),
        own=torch.eye(len(LEVELS))[list(levels)],
        visible=torch.ones(len(levels), len(LEVELS)),
        area=torch.tensor(area),
        informative=torch.ones(len(levels), dtype=torch.bool),
        epoch=len(levels),
    )


@pytest.fixture(scope="module")
def graded() -> Rows:
    """Sixty rows on a line from grade 1 to 6; the second area puts each a level higher."""
    grades = np.tile(np.arange(1, 7), 10)
    area = np.repeat([0, 1], 30)
    features = (grades - 3.5 + np.random.default_rng(2).normal(0, 0.15, 60))[:, None]
    levels = np.clip(grades - 2 + area, 0, 4)
    return made(features, levels.tolist(), grades.tolist(), area.tolist())


@pytest.fixture(scope="module")
def loss(tiny_config: TrainConfig) -> LossConfig:
    return tiny_config.loss


def fresh(variant: Variant, start: LadderNetwork, areas: int) -> Heads:
    torch.manual_seed(0)
    return Heads(variant, start.theta.in_features, areas, start)


@pytest.mark.parametrize("variant", VARIANTS, ids=lambda variant: variant.name)
def test_a_fit_lowers_its_loss_and_recovers_the_order_of_severity(
    graded: Rows, network: LadderNetwork, loss: LossConfig, variant: Variant, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(level_variants, "STEPS", 150)
    monkeypatch.setattr(level_variants, "RATE", 0.05)
    monkeypatch.setattr(level_variants, "DRAWS", 16)
    heads = level_variants.fit_heads(variant, graded, network, loss, areas=2)
    with torch.no_grad():
        before, after = fresh(variant, network, 2).loss(graded, loss), heads.loss(graded, loss)
    assert float(after) < 0.7 * float(before)
    predicted = level_variants.read_unseen(heads, graded.features, loss)
    np.testing.assert_allclose(predicted.level_probabilities.sum(axis=1), 1.0, rtol=1e-5)
    assert stats.spearmanr(predicted.severity, graded.severity).statistic > 0.95
    levels = predicted.level_probabilities @ np.arange(5)
    assert stats.spearmanr(levels, graded.severity).statistic > 0.95


def test_a_fit_is_repeatable_and_leaves_its_start_as_it_was(
    graded: Rows, network: LadderNetwork, loss: LossConfig, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(level_variants, "STEPS", 5)
    before = {name: value.clone() for name, value in network.state_dict().items()}
    one = level_variants.fit_heads(NAMED[FULL], graded, network, loss, areas=2).state_dict()
    torch.manual_seed(99)  # whatever happened before does not matter
    two = level_variants.fit_heads(NAMED[FULL], graded, network, loss, areas=2).state_dict()
    assert all(torch.equal(value, two[name]) for name, value in one.items())
    assert not torch.equal(one["theta.weight"], before["theta.weight"])
    assert all(torch.equal(value, network.state_dict()[name]) for name, value in before.items())


def cuts_of_areas(heads: Heads, areas: int) -> Tensor:
    """Level cut-points of each area, shape (areas, 4)."""
    with torch.no_grad():
        found: Tensor = heads.level_cuts(*heads.offsets(torch.arange(areas)))
    return found


def test_without_offsets_every_area_has_the_same_cut_points(
    graded: Rows, network: LadderNetwork, loss: LossConfig, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(level_variants, "STEPS", 60)
    for variant in VARIANTS:
        one, other = cuts_of_areas(level_variants.fit_heads(variant, graded, network, loss, areas=2), 2)
        if variant.offsets:
            # The second area puts a row a level higher, so its bar is lower.
            assert (other < one).all(), variant.name
        else:
            assert torch.equal(one, other), variant.name


def test_an_unseen_area_is_averaged_over_how_far_areas_shift(network: LadderNetwork, loss: LossConfig) -> None:
    alike = loss.model_copy(update={"area_gap_sd": 1e-9})
    heads, features = fresh(NAMED[FULL], network, 2), torch.randn(7, 384, generator=torch.Generator().manual_seed(1))
    predicted = level_variants.read_unseen(heads, features, alike)
    with torch.no_grad():
        theta = heads.theta(features).double().numpy()
    points, weights = np.polynomial.hermite_e.hermegauss(60)
    cuts = np.array(LEVEL_START)[None, :, None] + loss.area_shift_sd * points
    above = special.expit(theta[:, :, None] - cuts) @ (weights / weights.sum())
    np.testing.assert_allclose(1 - predicted.level_probabilities.cumsum(axis=1)[:, :-1], above, atol=0.005)
    single = level_variants.read_unseen(fresh(NO_OFFSETS, network, 2), features, alike)
    plain = special.expit(theta - np.array(LEVEL_START))
    np.testing.assert_allclose(1 - single.level_probabilities.cumsum(axis=1)[:, :-1], plain, atol=1e-5)


def test_only_the_softmax_reads_levels_that_lie_in_no_order(
    network: LadderNetwork, loss: LossConfig, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(level_variants, "STEPS", 150)
    monkeypatch.setattr(level_variants, "RATE", 0.1)
    monkeypatch.setattr(level_variants, "DRAWS", 16)
    # Neighbouring levels lie two corners of a pentagon apart: no direction has them in order.
    level = np.tile(np.arange(5), 6)
    angle = 2 * np.pi * (2 * level) / 5
    rows = made(4 * np.stack([np.cos(angle), np.sin(angle)], axis=1), level.tolist(), (level + 1).tolist(), [0] * 30)
    right = {}
    for variant in (SOFTMAX, NO_OFFSETS):
        heads = level_variants.fit_heads(variant, rows, network, loss, areas=1)
        predicted = level_variants.read_unseen(heads, rows.features, loss)
        right[variant.name] = float((predicted.level_probabilities.argmax(axis=1) == level).mean())
    assert right[SOFTMAX.name] == 1.0
    assert right[NO_OFFSETS.name] < 0.9


def halves(rows: list[Example]) -> list[tuple[list[Example], list[Example]]]:
    """Two folds: each area is left out once."""
    parts = [[row for row in rows if row.area == f"Area {number}"] for number in (0, 1)]
    return [(parts[1], parts[0]), (parts[0], parts[1])]


def test_every_variant_predicts_every_left_out_row_without_its_labels(
    network: LadderNetwork,
    tokenizer: Tokenizer,
    published: list[Example],
    loss: LossConfig,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(level_variants, "STEPS", 2)
    monkeypatch.setattr(level_variants, "DRAWS", 4)
    folds, areas = halves(published), {"Area 0": 0, "Area 1": 1}
    found = ablation.fold_predictions(network, tokenizer, folds, areas, loss)
    blank = [
        (training, [Example(id=row.id, text=row.text, source=row.source) for row in held]) for training, held in folds
    ]
    unlabelled = ablation.fold_predictions(network, tokenizer, blank, areas, loss)
    assert list(found) == [variant.name for variant in VARIANTS]
    for name, parts in found.items():
        assert [len(part.severity) for part in parts] == [6, 6]
        for one, other in zip(parts, unlabelled[name], strict=True):
            np.testing.assert_array_equal(one.level_probabilities, other.level_probabilities)
            np.testing.assert_array_equal(one.severity, other.severity)


def test_what_is_true_stands_in_the_order_of_the_predictions_once_a_seed(published: list[Example]) -> None:
    truth = ablation.truth_of_folds(halves(published), seeds=2)
    assert truth.areas == (("Area 0",) * 6 + ("Area 1",) * 6) * 2
    assert truth.severity.tolist() == [*range(1, 7)] * 4
    assert truth.issues.shape == (24, 1)
    assert not truth.issues.any()


@pytest.fixture
def _few_draws(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ablation, "intervals", partial(intervals, resamples=25))


def ladder_truth(rows: int, seeds: int = 1) -> Truth:
    """`rows` rows in each of four areas, in turn at none, A, B, C and D, once for each seed."""
    level = np.tile(np.arange(rows) % 5, 4 * seeds)
    areas = tuple(np.tile(np.repeat(["East", "North", "South", "West"], rows), seeds).tolist())
    return Truth(
        levels=np.eye(5, dtype=np.bool_)[level],
        severity=level + 1,
        issues=np.zeros((len(level), 1), dtype=np.bool_),
        informative=np.ones(len(level), dtype=np.bool_),
        groups=areas,
        areas=areas,
    )


def hazy(truth: Truth, share: float) -> Predictions:
    """The true level but for a share of the probability, which goes to the other end; grades drift likewise."""
    said = (1 - share) * truth.levels + share * truth.levels[:, ::-1]
    return Predictions(said, 1.0 + said @ np.arange(5.0), np.zeros((len(said), 1), dtype=np.bool_))


@pytest.mark.usefixtures("_few_draws")
def test_a_variant_equal_to_the_full_model_shows_that_its_part_gains_nothing() -> None:
    truth = ladder_truth(15)
    found = ablation.compare(truth, {FULL: hazy(truth, 0.2), "same": hazy(truth, 0.2)}, seeds=1)
    assert set(found["variants"]) == {FULL, "same"}
    for line in found["variants"].values():
        assert set(line) == set(PAIRED)
        for key, figures in line.items():
            assert (figures["gain_of_part"], figures["low"], figures["high"]) == (0.0, 0.0, 0.0), key


@pytest.mark.usefixtures("_few_draws")
def test_a_part_gains_where_its_lack_does_worse_whichever_way_a_measure_runs() -> None:
    truth = ladder_truth(15)
    methods = {FULL: hazy(truth, 0.2), "worse": hazy(truth, 0.8), "better": hazy(truth, 0.0)}
    found = ablation.compare(truth, methods, seeds=1)["variants"]
    for key in PAIRED:
        full, worse, better = (found[name][key] for name in methods)
        assert worse["low"] > 0 < worse["gain_of_part"], key
        assert (worse["value"] > full["value"]) == (key in LOWER_IS_BETTER), key
        sign = -1 if key in LOWER_IS_BETTER else 1
        assert worse["gain_of_part"] == pytest.approx(sign * (full["value"] - worse["value"]), abs=2e-4), key
        assert better["gain_of_part"] <= 0, key
    assert found["better"]["rps"]["high"] < 0
    assert found["worse"]["missed_harm"]["value"] == 1.0


@pytest.mark.usefixtures("_few_draws")
def test_seeds_with_the_same_predictions_change_no_figure() -> None:
    once, thrice = (
        ablation.compare(truth, {FULL: hazy(truth, 0.2), "worse": hazy(truth, 0.6)}, seeds=seeds)
        for seeds, truth in ((1, ladder_truth(11)), (3, ladder_truth(11, 3)))
    )
    assert thrice["variants"] == once["variants"]
    assert (once["seeds"], thrice["seeds"]) == (1, 3)


@pytest.mark.usefixtures("_few_draws")
def test_an_area_is_not_made_large_enough_to_rank_by_seeds() -> None:
    truth = ladder_truth(5, 3)
    found = ablation.compare(truth, {FULL: hazy(truth, 0.2)}, seeds=3)
    assert np.isnan(found["variants"][FULL]["rank_correlation"]["value"])


@pytest.mark.usefixtures("_few_draws")
def test_an_ablation_has_a_first_stage_for_each_seed_and_judges_every_left_out_row(
    small: object, tiny_config: TrainConfig, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ablation, "FOLDS", 2)
    monkeypatch.setattr(level_variants, "STEPS", 2)
    monkeypatch.setattr(level_variants, "DRAWS", 4)
    corpus, splits = small.corpus, small.splits  # type: ignore[attr-defined] # a Small of conftest.py
    config = tiny_config.model_copy(
        update={"row_limit": 6, "optimiser": tiny_config.optimiser.model_copy(update={"epochs": 3})}
    )
    steps: dict[str, int] = {}

    def counting(name: str) -> Progress:
        return lambda step, *_: steps.update({name: step})

    found = ablation.ablate(corpus, splits, config, tmp_path, 2, counting)
    # Six rows are one batch; further seeds have fewer epochs.
    assert steps == {"first stage, seed 3": 3, "first stage, seed 4": ablation.SHORT_EPOCHS}
    development, _ = split_published(corpus, splits)
    assert found["rows"] == sum(bool(row.group) and splits.fold_of(row.group, 0) < 2 for row in development)
    assert found["config_sha256"] == config.digest()
    assert list(found["variants"]) == list(NAMED)
