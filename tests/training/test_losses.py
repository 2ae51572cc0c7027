"""What is known of a text enters the loss, and what is not known leaves it and every gradient alone."""

from __future__ import annotations

from dataclasses import replace
from itertools import combinations

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor

from evenhand.scheme import ASSERTIONS, FRAMES, ISSUES, LEVELS, SEVERITIES
from evenhand_training.config import LossConfig, TrainConfig
from evenhand_training.examples import CLASSES
from evenhand_training.losses import (
    MARGIN,
    Labels,
    batch_loss,
    class_weights,
    disorder,
    interval_log_likelihood,
    spread,
)
from evenhand_training.network import ASSERTION_CLASSES, LadderNetwork, Readings

RUNS = [tuple(range(first, last + 1)) for first in range(len(LEVELS)) for last in range(first, len(LEVELS))]
SHARES = st.lists(st.floats(0.01, 1.0), min_size=len(LEVELS), max_size=len(LEVELS)).map(
    lambda weights: [weight / sum(weights) for weight in weights]
)


def mask(*places: int) -> Tensor:
    return torch.tensor([[float(place in places) for place in range(len(LEVELS))]])


def knowing_nothing(rows: int) -> Labels:
    return Labels(
        severity=torch.zeros(rows, dtype=torch.long),
        grades=torch.zeros(rows, len(SEVERITIES)),
        issues=torch.zeros(rows, len(ISSUES)),
        has_issues=torch.zeros(rows),
        levels=torch.ones(rows, len(LEVELS)),
        visible=torch.ones(rows, len(LEVELS)),
        area=torch.zeros(rows, dtype=torch.long),
        assertion=torch.ones(rows, ASSERTION_CLASSES),
        assertion_weight=torch.ones(rows),
        frame=torch.full((rows,), -1),
        frame_weight=torch.ones(rows),
        unit=torch.arange(rows),
        same=torch.zeros(rows),
        rank=torch.full((rows,), -1),
    )


def graded(*severities: int) -> dict[str, Tensor]:
    """Labels of severity, 0 where unknown."""
    grades = torch.tensor([[float(grade == severity) for grade in SEVERITIES] for severity in severities])
    return {"severity": torch.tensor(severities), "grades": grades}


def readings(theta: list[float]) -> Readings:
    generator = torch.Generator().manual_seed(1)
    rows = len(theta)
    made = Readings(
        theta=torch.tensor(theta),
        issues=torch.randn(rows, len(ISSUES), generator=generator),
        assertion=torch.randn(rows, ASSERTION_CLASSES, generator=generator),
        frame=torch.randn(rows, len(FRAMES), generator=generator),
    )
    for name in Readings.__dataclass_fields__:
        getattr(made, name).requires_grad_()
    return made


@pytest.fixture
def weights(tiny_config: TrainConfig) -> LossConfig:
    return tiny_config.loss


@pytest.fixture(scope="module")
def fresh(tiny_config: TrainConfig) -> LadderNetwork:
    torch.manual_seed(2)
    return LadderNetwork(tiny_config.encoder, areas=2, dropout=0.0, pretrained=False)


def gradient(parts: dict[str, Tensor], of: list[Tensor]) -> float:
    """Largest absolute derivative of the whole loss by any of some tensors."""
    found = torch.autograd.grad(torch.stack(list(parts.values())).sum(), of, allow_unused=True)
    return max((float(part.abs().max()) for part in found if part is not None), default=0.0)


def cut_parameters(network: LadderNetwork) -> list[Tensor]:
    return [*network.level_cuts.parameters(), *network.offsets.parameters(), network.log_slope]


@given(
    shares=SHARES,
    within=st.sampled_from(RUNS),
    seen=st.sets(st.integers(0, len(LEVELS) - 1), min_size=1),
)
def test_interval_log_likelihood_is_the_conditional_probability_of_the_set(
    shares: list[float], within: tuple[int, ...], seen: set[int]
) -> None:
    seen = seen | set(within)
    expected = np.log(sum(shares[place] for place in within) / sum(shares[place] for place in seen))
    found = interval_log_likelihood(torch.tensor([shares]).log(), mask(*within), mask(*seen))
    assert float(found) == pytest.approx(expected, abs=1e-5)
    assert float(found) <= 1e-6


def test_the_likelihoods_of_the_visible_levels_add_up_to_one() -> None:
    shares = torch.tensor([[0.4, 0.3, 0.15, 0.1, 0.05]]).log()
    each = [interval_log_likelihood(shares, mask(place), mask(1, 2, 4)).exp() for place in (1, 2, 4)]
    assert float(torch.stack(each).sum()) == pytest.approx(1.0)


@given(shares=SHARES, run=st.sampled_from([run for run in RUNS if len(run) > 1]))
def test_a_merged_set_costs_no_more_than_any_code_in_it(shares: list[float], run: tuple[int, ...]) -> None:
    told = torch.tensor([shares]).log()
    merged = float(interval_log_likelihood(told, mask(*run), mask(*range(len(LEVELS)))))
    for place in run:
        alone = float(interval_log_likelihood(told, mask(place), mask(*range(len(LEVELS)))))
        assert merged >= alone - 1e-6


def test_a_level_shared_by_overlapping_sets_is_split_between_them() -> None:
    shares = torch.tensor([[0.1, 0.2, 0.3, 0.25, 0.15]])
    seen = mask(2, 3, 4)
    halves = torch.tensor([[0.0, 0.0, 1.0, 0.5, 0.0]]), torch.tensor([[0.0, 0.0, 0.0, 0.5, 1.0]])
    one, other = (interval_log_likelihood(shares.log(), own, seen).exp() for own in halves)
    assert float(one) == pytest.approx((0.3 + 0.125) / 0.7)
    assert float(one + other) == pytest.approx(1.0)


@pytest.mark.parametrize("theta", [-60.0, 60.0])
def test_an_impossible_looking_row_has_a_finite_loss_and_a_pull(
    fresh: LadderNetwork, weights: LossConfig, theta: float
) -> None:
    levels = mask(4) if theta < 0 else mask(0)
    labels = replace(knowing_nothing(1), levels=levels, **graded(6 if theta < 0 else 1))
    read = readings([theta])
    total = torch.stack(list(batch_loss(fresh, read, labels, weights).values())).sum()
    (pull,) = torch.autograd.grad(total, [read.theta])
    assert torch.isfinite(total)
    assert -float(pull) * theta < 0  # towards the middle


@pytest.mark.parametrize("run", [run for run in RUNS if len(run) < 5], ids=lambda run: "".join(map(str, run)))
def test_a_row_whose_document_shows_no_other_level_changes_nothing(
    fresh: LadderNetwork, weights: LossConfig, run: tuple[int, ...]
) -> None:
    labels = replace(knowing_nothing(1), levels=mask(*run), visible=mask(*run))
    read = readings([0.7])
    parts = batch_loss(fresh, read, labels, weights)
    assert float(parts["level"].detach()) == 0.0
    assert gradient(parts, [*cut_parameters(fresh), read.theta]) == 0.0


def test_an_informative_row_moves_cut_points_slope_area_and_severity(fresh: LadderNetwork, weights: LossConfig) -> None:
    labels = replace(knowing_nothing(1), levels=mask(3, 4), area=torch.tensor([1]))
    read = readings([0.7])
    for parameter in [*cut_parameters(fresh), read.theta]:
        assert gradient(batch_loss(fresh, read, labels, weights), [parameter]) > 0


def test_nothing_known_costs_nothing_and_moves_nothing(fresh: LadderNetwork, weights: LossConfig) -> None:
    read = readings([-2.0, 0.5, 3.0])
    parts = batch_loss(fresh, read, knowing_nothing(3), weights)
    assert {name: float(part.detach()) for name, part in parts.items()} == dict.fromkeys(parts, 0.0)
    heads = [read.theta, read.issues, read.assertion, read.frame]
    assert gradient(parts, [*heads, *cut_parameters(fresh), *fresh.severity_cuts.parameters()]) == 0.0


KNOWN = {
    "severity": graded(4),
    "level": {"levels": mask(1)},
    "issues": {"has_issues": torch.ones(1), "issues": torch.eye(len(ISSUES))[:1]},
    "assertion": {"assertion": torch.eye(ASSERTION_CLASSES)[:1]},
    "frame": {"frame": torch.tensor([2])},
}


@pytest.mark.parametrize("known", KNOWN)
def test_a_known_label_costs_in_its_own_part_only(fresh: LadderNetwork, weights: LossConfig, known: str) -> None:
    labels = replace(knowing_nothing(1), **KNOWN[known])
    parts = batch_loss(fresh, readings([0.3]), labels, weights)
    assert [name for name, part in parts.items() if float(part.detach()) > 0] == [known]


@pytest.mark.parametrize("known", KNOWN)
def test_a_row_with_an_unknown_label_gets_no_gradient_beside_one_that_has_it(
    fresh: LadderNetwork, weights: LossConfig, known: str
) -> None:
    nothing = knowing_nothing(2)
    labels = replace(
        nothing,
        **{name: torch.cat([value, getattr(nothing, name)[1:]]) for name, value in KNOWN[known].items()},
    )
    read = readings([0.3, -1.0])
    total = torch.stack(list(batch_loss(fresh, read, labels, weights).values())).sum()
    heads = {
        "severity": read.theta,
        "level": read.theta,
        "issues": read.issues,
        "assertion": read.assertion,
        "frame": read.frame,
    }
    (found,) = torch.autograd.grad(total, [heads[known]])
    assert float(found[0].abs().max()) > 0
    assert float(found[1].abs().max()) == 0


@pytest.mark.parametrize(
    "allowed",
    [allowed for size in (1, 2, 6) for allowed in combinations(range(ASSERTION_CLASSES), size)],
    ids=lambda allowed: "".join(map(str, allowed)),
)
def test_a_set_of_assertion_classes_costs_what_its_total_probability_says(
    fresh: LadderNetwork, weights: LossConfig, allowed: tuple[int, ...]
) -> None:
    choice = torch.zeros(1, ASSERTION_CLASSES)
    choice[0, list(allowed)] = 1.0
    read = readings([0.0])
    found = batch_loss(fresh, read, replace(knowing_nothing(1), assertion=choice), weights)["assertion"]
    shares = torch.softmax(read.assertion.detach(), dim=-1)[0, list(allowed)]
    assert float(found.detach()) == pytest.approx(-weights.assertion * float(shares.sum().log()), abs=1e-5)
    (pull,) = torch.autograd.grad(found, [read.assertion])
    assert torch.isfinite(pull).all()
    assert (pull[0, list(allowed)] <= 1e-7).all()


def test_severity_costs_the_negative_log_probability_of_the_coded_grade(
    fresh: LadderNetwork, weights: LossConfig
) -> None:
    read = readings([-3.0, 0.4, 2.2])
    labels = replace(knowing_nothing(3), **graded(1, 0, 5))
    found = batch_loss(fresh, read, labels, weights)["severity"]
    shares = fresh.severity_log_probabilities(read.theta).detach()
    expected = -(shares[0, 0] + shares[2, 4]) / 2
    assert float(found.detach()) == pytest.approx(float(expected), rel=1e-5)


def test_an_informative_level_counts_the_same_in_every_batch(fresh: LadderNetwork, weights: LossConfig) -> None:
    told = torch.cat([mask(2), torch.ones(3, len(LEVELS))])
    labels = replace(knowing_nothing(4), levels=told)
    together = batch_loss(fresh, readings([0.1] * 4), labels, weights)["level"]
    alone = batch_loss(fresh, readings([0.1]), replace(knowing_nothing(1), levels=mask(2)), weights)["level"]
    assert float(together.detach()) == pytest.approx(float(alone.detach()) / 4, rel=1e-5)


def test_assertion_classes_are_the_scheme_nothing_codable_and_claims() -> None:
    assert (*ASSERTIONS, None, "claim") == CLASSES
    assert len(CLASSES) == ASSERTION_CLASSES


NUMBERED = st.lists(st.integers(-1, 5), min_size=1, max_size=60).map(torch.tensor)


@given(classes=NUMBERED, balance=st.floats(0, 1))
def test_class_weights_are_1_on_average_and_larger_for_rarer_classes(classes: Tensor, balance: float) -> None:
    weights = class_weights(classes, balance)
    known = classes >= 0
    assert (weights[~known] == 1.0).all()
    if known.any():
        assert float(weights[known].mean()) == pytest.approx(1.0, rel=1e-5)
    counts = torch.bincount(classes[known], minlength=6)
    for one, other in combinations(range(6), 2):
        if counts[one] and counts[one] < counts[other]:
            assert float(weights[classes == one][0]) >= float(weights[classes == other][0])


def test_full_balance_gives_every_class_the_same_weight_in_all() -> None:
    classes = torch.tensor([0] * 30 + [1] * 3 + [-1] * 7)
    weights = class_weights(classes, 1.0)
    assert float(weights[classes == 0].sum()) == pytest.approx(float(weights[classes == 1].sum()))
    assert (class_weights(classes, 0.0) == 1.0).all()


def test_a_row_of_a_heavier_class_pulls_harder(network: LadderNetwork, weights: LossConfig) -> None:
    pulls = []
    for heavy in (1.0, 3.0):
        read = readings([0.0, 0.0])
        told = replace(
            knowing_nothing(2),
            assertion=torch.eye(ASSERTION_CLASSES)[:2],
            assertion_weight=torch.tensor([1.0, heavy]),
        )
        torch.autograd.backward(batch_loss(network, read, told, weights)["assertion"])
        grad = read.assertion.grad
        assert grad is not None
        pulls.append(float(grad[1].norm() / grad[0].norm()))
    assert pulls[1] == pytest.approx(3 * pulls[0], rel=1e-4)


# --- texts of one unit


THETA = st.lists(st.floats(-6, 6, width=32), min_size=2, max_size=8).map(torch.tensor)


@given(theta=THETA, shift=st.floats(-5, 5, width=32))
def test_spread_is_the_mean_squared_difference_and_no_shift_of_all_changes_it(theta: Tensor, shift: float) -> None:
    unit, same = torch.zeros(len(theta), dtype=torch.long), torch.ones(len(theta))
    pairs = [(float(one) - float(other)) ** 2 for one, other in combinations(theta, 2)]
    assert float(spread(theta, unit, same)) == pytest.approx(np.mean(pairs), rel=1e-3, abs=1e-5)
    assert float(spread(theta + shift, unit, same)) == pytest.approx(np.mean(pairs), rel=1e-2, abs=1e-3)


@given(theta=THETA, far=st.floats(-50, 50))
def test_spread_compares_no_texts_of_different_units_nor_those_that_tell_something_else(
    theta: Tensor, far: float
) -> None:
    alone, together = torch.arange(len(theta)), torch.zeros(len(theta), dtype=torch.long)
    assert float(spread(theta, alone, torch.ones(len(theta)))) == 0.0
    only_one = (torch.arange(len(theta)) == 0).float()
    assert float(spread(theta, together, only_one)) == 0.0
    some = torch.cat([theta, torch.tensor([far])])
    told = torch.cat([torch.ones(len(theta)), torch.zeros(1)])
    without = spread(theta, together, torch.ones(len(theta)))
    assert float(spread(some, torch.zeros(len(some), dtype=torch.long), told)) == pytest.approx(float(without))


def test_a_unit_of_many_texts_counts_by_its_texts_and_not_by_its_pairs() -> None:
    theta = torch.tensor([0.0, 1.0, 0.0, 2.0, 0.0, 2.0])
    unit = torch.tensor([0, 0, 1, 1, 1, 1])
    # The pair differs by 1 squared; each text of the four from the three others by 8 / 3 on average.
    assert float(spread(theta, unit, torch.ones(6))) == pytest.approx((2 * 1.0 + 4 * 8 / 3) / 6)


def test_spread_pulls_texts_that_tell_the_same_together() -> None:
    theta = torch.tensor([1.0, -1.0], requires_grad=True)
    (pull,) = torch.autograd.grad(spread(theta, torch.zeros(2, dtype=torch.long), torch.ones(2)), [theta])
    assert pull[0] > 0 > pull[1]


@given(low=st.floats(-6, 6, width=32), high=st.floats(-6, 6, width=32))
def test_disorder_is_the_logistic_loss_of_the_graver_over_the_milder_by_a_margin(low: float, high: float) -> None:
    found = disorder(torch.tensor([low, high]), torch.tensor([4, 4]), torch.tensor([0, 1]))
    assert float(found) == pytest.approx(np.log1p(np.exp(MARGIN - (high - low))), rel=1e-4, abs=1e-6)


@given(theta=THETA)
def test_disorder_asks_nothing_of_other_units_unranked_texts_or_equal_ranks(theta: Tensor) -> None:
    rows = len(theta)
    together, ranks = torch.zeros(rows, dtype=torch.long), torch.arange(rows)
    assert float(disorder(theta, torch.arange(rows), ranks)) == 0.0
    assert float(disorder(theta, together, torch.full((rows,), -1))) == 0.0
    assert float(disorder(theta, together, torch.ones(rows, dtype=torch.long))) == 0.0
    below_an_unranked_one = torch.where(torch.arange(rows) == 0, -1, 1)
    assert float(disorder(theta, together, below_an_unranked_one)) == 0.0


def test_disorder_pulls_the_graver_text_up_and_the_milder_down() -> None:
    theta = torch.tensor([0.5, 0.0, 3.0], requires_grad=True)
    (pull,) = torch.autograd.grad(disorder(theta, torch.tensor([0, 0, 1]), torch.tensor([0, 1, 0])), [theta])
    assert pull[0] > 0 > pull[1]
    assert pull[2] == 0


@pytest.mark.parametrize(
    ("part", "told"),
    [("same", {"same": torch.ones(2)}), ("order", {"rank": torch.tensor([0, 1])})],
    ids=["same", "order"],
)
def test_what_a_unit_says_costs_in_its_own_part_only(
    fresh: LadderNetwork, weights: LossConfig, part: str, told: dict[str, Tensor]
) -> None:
    together = replace(knowing_nothing(2), unit=torch.zeros(2, dtype=torch.long), **told)
    apart = replace(together, unit=torch.arange(2))
    parts = batch_loss(fresh, readings([1.0, -1.0]), together, weights)
    assert [name for name, value in parts.items() if float(value.detach()) > 0] == [part]
    assert float(batch_loss(fresh, readings([1.0, -1.0]), apart, weights)[part].detach()) == 0.0
