"""The plainly fine-tuned encoder: its loss by hand, what it may not see, and that it learns."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import numpy as np
import pytest
import torch
from scipy import special

from evenhand.scheme import ISSUES, LEVELS, SEVERITIES, Level
from evenhand_training.baselines import majority
from evenhand_training.calibrate import truth_of
from evenhand_training.config import TrainConfig
from evenhand_training.examples import Example
from evenhand_training.losses import Labels
from evenhand_training.metrics import Predictions, summary
from evenhand_training.network import ASSERTION_CLASSES, LadderNetwork
from evenhand_training.softmax_encoder import SoftmaxHeads, softmax_encoder

SEVERITY_BIAS = [0.5, 0.0, -1.0, 2.0, 0.3, 0.1]
LEVEL_BIAS = [0.2, -0.4, 1.0, 0.0, 0.7]
ISSUE_BIAS = -1.5


def heads_that_say_the_same_of_every_text() -> SoftmaxHeads:
    heads = SoftmaxHeads(3)
    with torch.no_grad():
        for head in (heads.severity, heads.level, heads.issues):
            head.weight.zero_()
        heads.severity.bias.copy_(torch.tensor(SEVERITY_BIAS))
        heads.level.bias.copy_(torch.tensor(LEVEL_BIAS))
        heads.issues.bias.fill_(ISSUE_BIAS)
    return heads


def labels(severity: list[int], levels: list[list[float]], visible: list[list[float]], known: list[float]) -> Labels:
    """Labels of texts that are about the first issue where their issues are known."""
    rows = len(severity)
    issues = torch.zeros(rows, len(ISSUES))
    issues[:, 0] = torch.tensor(known)
    return Labels(
        severity=torch.tensor(severity),
        grades=torch.zeros(rows, 6),  # softmax heads learn from the code itself
        issues=issues,
        has_issues=torch.tensor(known),
        levels=torch.tensor(levels),
        visible=torch.tensor(visible),
        area=torch.zeros(rows, dtype=torch.long),
        assertion=torch.ones(rows, ASSERTION_CLASSES),
        assertion_weight=torch.ones(rows),
        frame=torch.full((rows,), -1),
        frame_weight=torch.ones(rows),
        unit=torch.arange(rows),
        same=torch.zeros(rows),
        rank=torch.full((rows,), -1),
    )


NOTHING = [1.0] * len(LEVELS)


def test_the_loss_by_hand() -> None:
    told = labels(
        severity=[4, 0, 1],
        levels=[[0, 0, 0, 1, 1], NOTHING, [0, 0, 0.5, 0, 0]],
        visible=[NOTHING, NOTHING, [0, 1, 1, 0, 0]],
        known=[1, 0, 0],
    )
    found = heads_that_say_the_same_of_every_text().loss(torch.randn(3, 3), told, 20.0).detach()
    grades, levels = special.log_softmax(SEVERITY_BIAS), special.softmax(LEVEL_BIAS)
    chance = special.expit(ISSUE_BIAS)
    issues = -(np.log(chance) + (len(ISSUES) - 1) * np.log(1 - chance)) / len(ISSUES)
    # A level set counts as all of its levels, whole, whatever else the document shows; and over all three rows.
    level = -(np.log(levels[3] + levels[4]) + np.log(levels[2])) / 3
    assert float(found) == pytest.approx(-(grades[3] + grades[0]) / 2 + level + 20.0 * issues, rel=1e-5)


def test_what_is_not_known_of_a_text_costs_nothing() -> None:
    told = labels([0, 0], [NOTHING, NOTHING], [NOTHING, NOTHING], [0, 0])
    assert float(heads_that_say_the_same_of_every_text().loss(torch.randn(2, 3), told, 20.0).detach()) == 0.0


@pytest.fixture(scope="module")
def quick(tiny_config: TrainConfig) -> TrainConfig:
    """Two epochs of two batches at rates that leave a mark."""
    adapt = tiny_config.adapt.model_copy(update={"epochs": 2, "encoder_rate": 1e-3})
    return tiny_config.model_copy(update={"adapt": adapt})


@pytest.fixture(scope="module")
def read(quick: TrainConfig, published: list[Example], authored: list[Example]) -> Predictions:
    """Trained on the first area and invented texts; says what it makes of the second."""
    return softmax_encoder(
        [*first_area(published), *authored], second_area(published), config=quick, start=start_of(quick)
    )


def first_area(published: list[Example]) -> list[Example]:
    return [row for row in published if row.area == "Area 0"]


def second_area(published: list[Example]) -> list[Example]:
    return [row for row in published if row.area == "Area 1"]


@cache
def start_of(config: TrainConfig) -> LadderNetwork:
    """Stands for the first stage: the pre-trained encoder."""
    return LadderNetwork(config.encoder, areas=1, dropout=0.0)


def assert_same(one: Predictions, other: Predictions) -> None:
    np.testing.assert_array_equal(one.level_probabilities, other.level_probabilities)
    np.testing.assert_array_equal(one.severity, other.severity)
    np.testing.assert_array_equal(one.issues, other.issues)


def test_the_same_seed_gives_the_same_predictions_and_another_seed_others(
    quick: TrainConfig, published: list[Example], authored: list[Example], read: Predictions
) -> None:
    training, rows = [*first_area(published), *authored], second_area(published)
    torch.manual_seed(99)  # whatever happened before does not matter
    assert_same(softmax_encoder(training, rows, config=quick, start=start_of(quick)), read)
    other = softmax_encoder(
        training, rows, config=quick.model_copy(update={"seed": quick.seed + 1}), start=start_of(quick)
    )
    assert not np.array_equal(other.level_probabilities, read.level_probabilities)


def test_the_labels_of_the_rows_that_it_predicts_are_never_seen(
    quick: TrainConfig, published: list[Example], authored: list[Example], read: Predictions
) -> None:
    held = second_area(published)
    bare = [Example(id="x", text=row.text, source="descriptors") for row in held]
    assert_same(softmax_encoder([*first_area(published), *authored], bare, config=quick, start=start_of(quick)), read)


def test_its_epochs_are_those_of_the_second_stage(
    quick: TrainConfig, published: list[Example], read: Predictions
) -> None:
    none = quick.model_copy(update={"adapt": quick.adapt.model_copy(update={"epochs": 0})})
    rows = second_area(published)
    relabelled = [replace(row, severity=6, levels=(Level.NONE,)) for row in first_area(published)]
    untouched = softmax_encoder(first_area(published), rows, config=none, start=start_of(none))
    assert_same(softmax_encoder(relabelled, rows, config=none, start=start_of(none)), untouched)
    assert not np.array_equal(untouched.level_probabilities, read.level_probabilities)


def test_predictions_are_probabilities_and_grades_of_each_row(read: Predictions) -> None:
    assert read.level_probabilities.shape == (6, len(LEVELS))
    np.testing.assert_allclose(read.level_probabilities.sum(axis=1), 1.0)
    assert ((read.severity >= SEVERITIES[0]) & (read.severity <= SEVERITIES[-1])).all()
    assert read.issues.shape == (6, len(ISSUES))
    assert read.level_sets is None


# Nouns that stand in no training text: what is said of them is what counts.
SITUATIONS = ("{} is happy and warm and eats well at home.", "{} was beaten and badly hurt by a drunk man.")
NAMED_IN_TRAINING = ("The boy", "The girl", "Her son", "His daughter", "The baby", "Her brother")
NAMED_LATER = ("The child", "Their cousin", "A pupil", "Her sister")


def situated(names: tuple[str, ...], published: list[Example]) -> list[Example]:
    """For each name one text coded as the mildest published row and one coded as the gravest."""
    mild, grave = published[0], published[-1]
    return [
        replace(row, id=f"{place}-{name}", text=text.format(name))
        for name in names
        for place, (text, row) in enumerate(zip(SITUATIONS, (mild, grave), strict=True))
    ]


def test_it_learns_a_small_separable_set_that_the_majority_cannot(
    tiny_config: TrainConfig, published: list[Example]
) -> None:
    adapt = tiny_config.adapt.model_copy(update={"epochs": 8, "encoder_rate": 1e-3, "head_rate": 3e-2})
    config = tiny_config.model_copy(update={"adapt": adapt})
    training, rows = situated(NAMED_IN_TRAINING, published), situated(NAMED_LATER, published)
    truth = truth_of(rows)
    own = summary(truth, softmax_encoder(training, rows, config=config, start=start_of(config)))
    plain = summary(truth, majority(training, rows))
    assert (plain["level_in_set"], plain["severity_exact"]) == (0.5, 0.5)
    assert (own["level_in_set"], own["severity_exact"], own["issue_micro_f1"]) == (1.0, 1.0, 1.0)
    assert own["rps"] < plain["rps"] / 4
