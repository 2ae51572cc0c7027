"""Cut-points cannot cross, probabilities add up, offsets stay centred."""

from __future__ import annotations

import copy
import math

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor

from evenhand.scheme import FRAMES, ISSUES, LEVELS, SEVERITIES
from evenhand_training.config import TrainConfig
from evenhand_training.network import (
    ASSERTION_CLASSES,
    LEVEL_START,
    SEVERITY_START,
    AreaOffsets,
    LadderNetwork,
    OrderedCuts,
    log_classes,
)

# Gaps from e^-8 to e^8, far beyond what fitting reaches; single precision cannot tell much smaller ones from 0.
LOG_GAPS = st.floats(-8, 8, width=32)


@pytest.fixture(scope="module")
def fresh(tiny_config: TrainConfig) -> LadderNetwork:
    torch.manual_seed(2)
    return LadderNetwork(tiny_config.encoder, areas=4, dropout=0.2, pretrained=False).eval()


@given(first=st.floats(-20, 20, width=32), gaps=st.lists(LOG_GAPS, min_size=3, max_size=3))
def test_cut_points_increase_whatever_the_parameters(first: float, gaps: list[float]) -> None:
    cuts = OrderedCuts(LEVEL_START).double()
    with torch.no_grad():
        cuts.first.fill_(first)
        cuts.log_gaps.copy_(torch.tensor(gaps))
    assert (cuts().diff() > 0).all()


@given(
    shift=st.floats(-20, 20, width=32),
    stretch=st.lists(st.floats(-6, 6, width=32), min_size=3, max_size=3),
    gaps=st.lists(LOG_GAPS, min_size=3, max_size=3),
)
def test_cut_points_of_an_area_increase_whatever_its_offsets(
    shift: float, stretch: list[float], gaps: list[float]
) -> None:
    cuts = OrderedCuts(LEVEL_START).double()
    with torch.no_grad():
        cuts.log_gaps.copy_(torch.tensor(gaps))
    moved = cuts(torch.tensor([[shift]], dtype=torch.double), torch.tensor([stretch], dtype=torch.double))
    assert moved.shape == (1, len(LEVEL_START))
    assert (moved.diff(dim=-1) > 0).all()


@pytest.mark.parametrize("start", [SEVERITY_START, LEVEL_START], ids=["severity", "level"])
def test_cut_points_start_where_they_are_told(start: tuple[float, ...]) -> None:
    torch.testing.assert_close(OrderedCuts(start)(), torch.tensor(start))


def test_offsets_of_zero_leave_the_national_cut_points() -> None:
    cuts = OrderedCuts(LEVEL_START)
    torch.testing.assert_close(cuts(torch.zeros(2, 1), torch.zeros(2, 3)), cuts().expand(2, -1))


@given(theta=st.lists(st.floats(-40, 40, width=32), min_size=1, max_size=6))
def test_probabilities_are_shares_that_add_up_to_one(fresh: LadderNetwork, theta: list[float]) -> None:
    values = torch.tensor(theta)
    area = torch.arange(len(theta)) % 4
    with torch.no_grad():
        severity = fresh.severity_log_probabilities(values).exp()
        level = fresh.level_log_probabilities(values, area).exp()
    for found, classes in ((severity, len(SEVERITIES)), (level, len(LEVELS))):
        assert found.shape == (len(theta), classes)
        assert float(found.min()) >= 0
        torch.testing.assert_close(found.sum(dim=-1), torch.ones(len(theta)))


@given(
    first=st.floats(-60, 60, width=32),
    gaps=st.lists(st.floats(0.0625, 30, width=32), min_size=3, max_size=3),
)
def test_log_probabilities_are_those_of_neighbouring_differences(first: float, gaps: list[float]) -> None:
    logits = first - torch.tensor([0.0, *gaps], dtype=torch.double).cumsum(dim=0)
    above = torch.sigmoid(logits)
    plain = torch.cat([above.new_ones(1), above]) - torch.cat([above, above.new_zeros(1)])
    found = log_classes(logits)
    assert torch.isfinite(found).all()
    torch.testing.assert_close(found.exp(), plain, atol=1e-12, rtol=1e-6)


@pytest.mark.parametrize("logit", [-200.0, 200.0])
def test_log_probabilities_stay_exact_in_the_tails(logit: float) -> None:
    cuts = torch.tensor([0.0, 1.0])
    found = log_classes(logit - cuts)
    expected = [0.0, logit, logit - 1.0] if logit < 0 else [-logit, 1.0 - logit, 0.0]
    between = math.log(1 - math.exp(-1.0))
    assert found[1].item() == pytest.approx((logit if logit < 0 else 1.0 - logit) + between, rel=1e-5)
    assert found[[0, 2]].tolist() == pytest.approx([expected[0], expected[2]], rel=1e-5, abs=1e-6)


def test_gaps_at_their_start_cost_nothing_and_others_their_squares(fresh: LadderNetwork) -> None:
    assert float(fresh.gap_penalty(0.5).detach()) == 0.0
    moved = copy.deepcopy(fresh)
    with torch.no_grad():
        moved.level_cuts.log_gaps.add_(torch.tensor([0.5, -1.0, 0.0]))
    assert float(moved.gap_penalty(0.5).detach()) == pytest.approx((0.25 + 1.0) / (2 * 0.25), rel=1e-5)


def offsets_with(shift: list[float]) -> AreaOffsets:
    offsets = AreaOffsets(len(shift))
    with torch.no_grad():
        offsets.shift.weight.copy_(torch.tensor(shift).unsqueeze(1))
        offsets.stretch.weight.copy_(torch.tensor(shift).unsqueeze(1) * torch.tensor([1.0, -2.0, 0.5]))
    return offsets


@given(st.lists(st.floats(-5, 5, width=32), min_size=1, max_size=9))
def test_offsets_add_up_to_nothing_over_areas(shift: list[float]) -> None:
    offsets = offsets_with(shift)
    for part in offsets(torch.arange(len(shift))):
        torch.testing.assert_close(part.sum(dim=0), torch.zeros(part.shape[1]), atol=1e-4, rtol=0)


def test_an_area_keeps_its_distance_to_the_others() -> None:
    shift, _ = offsets_with([1.0, 2.0, 6.0])(torch.tensor([2, 0]))
    assert shift.squeeze(1).tolist() == pytest.approx([3.0, -2.0])


def test_the_penalty_is_the_sum_of_squares_in_standard_deviations() -> None:
    found = offsets_with([1.0, -1.0]).penalty(0.5, 2.0)
    assert float(found.detach()) == pytest.approx(2 / (2 * 0.25) + 2 * (1 + 4 + 0.25) / (2 * 4))


def test_an_area_with_a_higher_bar_gets_lower_levels(fresh: LadderNetwork) -> None:
    theta = torch.tensor([0.5, 0.5])
    with torch.no_grad():
        fresh.offsets.shift.weight.copy_(torch.tensor([[-1.0], [1.0], [0.0], [0.0]]))
        expected = fresh.level_log_probabilities(theta, torch.tensor([0, 1])).exp() @ torch.arange(5.0)
    assert float(expected[0]) > float(expected[1])


def read(network: LadderNetwork, ids: list[list[int]], mask: list[list[int]]) -> dict[str, Tensor]:
    with torch.no_grad():
        found = network(torch.tensor(ids), torch.tensor(mask))
    return {name: getattr(found, name) for name in found.__dataclass_fields__}


def test_readings_have_the_documented_shapes(fresh: LadderNetwork) -> None:
    found = read(fresh, [[101, 2000, 102]] * 2, [[1, 1, 1]] * 2)
    assert {name: tuple(value.shape) for name, value in found.items()} == {
        "theta": (2,),
        "issues": (2, len(ISSUES)),
        "assertion": (2, ASSERTION_CLASSES),
        "frame": (2, len(FRAMES)),
    }


def test_padding_does_not_change_a_reading(fresh: LadderNetwork) -> None:
    alone = read(fresh, [[101, 2000, 102]], [[1, 1, 1]])
    padded = read(fresh, [[101, 2000, 102, 0, 0], [101, 7, 8, 9, 102]], [[1, 1, 1, 0, 0], [1, 1, 1, 1, 1]])
    for name, value in alone.items():
        torch.testing.assert_close(padded[name][:1], value, atol=1e-5, rtol=1e-5)


def test_a_network_of_no_area_is_a_network_of_one(tiny_config: TrainConfig) -> None:
    made = LadderNetwork(tiny_config.encoder, areas=0, dropout=0.0, pretrained=False)
    assert made.level_log_probabilities(torch.zeros(1), torch.zeros(1, dtype=torch.long)).shape == (1, 5)


@pytest.mark.parametrize("frozen", [True, False])
def test_embeddings_are_trained_only_if_asked(tiny_config: TrainConfig, *, frozen: bool) -> None:
    config = tiny_config.encoder.model_copy(update={"freeze_embeddings": frozen})
    made = LadderNetwork(config, areas=1, dropout=0.0, pretrained=False)
    assert {part.requires_grad for part in made.encoder.embeddings.parameters()} == {not frozen}
    assert all(part.requires_grad for part in made.encoder.encoder.parameters())


def test_pre_trained_weights_are_loaded_and_the_same_each_time(tiny_config: TrainConfig) -> None:
    one, other = (LadderNetwork(tiny_config.encoder, areas=1, dropout=0.0) for _ in range(2))
    ours, theirs = one.encoder.state_dict(), other.encoder.state_dict()
    assert all(torch.equal(value, theirs[name]) for name, value in ours.items())
