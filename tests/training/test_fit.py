"""A run is decided by its seed, can be killed and resumed, and learns."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import torch
from datasets import Dataset
from tokenizers import Tokenizer

from evenhand.errors import InputError
from evenhand_training.config import TrainConfig
from evenhand_training.dataset import to_dataset
from evenhand_training.examples import Example, area_index
from evenhand_training.fit import CHECKPOINT, Fitted, columns_of, fit, pad

AREAS = 2


class KilledError(Exception):
    """Stands for a kill."""


@pytest.fixture(scope="module")
def rows(published: list[Example], authored: list[Example], tokenizer: Tokenizer) -> Dataset:
    return to_dataset([*published, *authored[::2]], tokenizer, areas=area_index(published))


@pytest.fixture(scope="module")
def uninterrupted(rows: Dataset, tiny_config: TrainConfig) -> Fitted:
    return fit(rows, tiny_config, areas=AREAS)


def steps_of(rows: Dataset, config: TrainConfig) -> int:
    return -(-len(rows) // config.optimiser.batch_size)


def killed_after_an_epoch(rows: Dataset, config: TrainConfig, directory: Path) -> None:
    def progress(step: int, _: int, __: dict[str, float]) -> None:
        if step == steps_of(rows, config) + 2:
            raise KilledError

    with pytest.raises(KilledError):
        fit(rows, config, areas=AREAS, run_directory=directory, progress=progress)


@pytest.fixture(scope="module")
def killed(rows: Dataset, tiny_config: TrainConfig, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The run folder of a run that was killed in its second epoch."""
    directory = tmp_path_factory.mktemp("killed")
    killed_after_an_epoch(rows, tiny_config, directory)
    return directory


def copied(run: Path, to: Path) -> Path:
    (to / CHECKPOINT).write_bytes((run / CHECKPOINT).read_bytes())
    return to


def assert_same_weights(one: Fitted, other: Fitted) -> None:
    ours, theirs = one.network.state_dict(), other.network.state_dict()
    assert set(ours) == set(theirs)
    assert [name for name, value in ours.items() if not torch.equal(value, theirs[name])] == []


def test_the_same_seed_gives_the_same_weights(rows: Dataset, tiny_config: TrainConfig, uninterrupted: Fitted) -> None:
    torch.manual_seed(99)  # whatever happened before does not matter
    again = fit(rows, tiny_config, areas=AREAS)
    assert_same_weights(again, uninterrupted)
    assert again.history == uninterrupted.history


def test_another_seed_gives_other_weights(rows: Dataset, tiny_config: TrainConfig, uninterrupted: Fitted) -> None:
    config = tiny_config.model_copy(update={"seed": tiny_config.seed + 1})
    other = fit(rows, config, areas=AREAS)
    assert not torch.equal(other.network.theta.weight, uninterrupted.network.theta.weight)


def test_a_resumed_run_equals_the_uninterrupted_one(
    rows: Dataset, tiny_config: TrainConfig, uninterrupted: Fitted, killed: Path, tmp_path: Path
) -> None:
    steps: list[int] = []
    torch.manual_seed(99)
    resumed = fit(
        rows,
        tiny_config,
        areas=AREAS,
        run_directory=copied(killed, tmp_path),
        progress=lambda step, _, __: steps.append(step),
    )
    each = steps_of(rows, tiny_config)
    assert steps == list(range(each + 1, 2 * each + 1))
    assert_same_weights(resumed, uninterrupted)
    assert resumed.history == uninterrupted.history


def test_a_finished_run_is_read_and_not_run_again(
    rows: Dataset, tiny_config: TrainConfig, uninterrupted: Fitted, tmp_path: Path
) -> None:
    fit(rows, tiny_config, areas=AREAS, run_directory=tmp_path)
    steps: list[int] = []
    read = fit(
        rows,
        tiny_config,
        areas=AREAS,
        run_directory=tmp_path,
        progress=lambda step, _, __: steps.append(step),
    )
    assert steps == []
    assert_same_weights(read, uninterrupted)
    assert not read.network.training


def test_a_half_written_checkpoint_is_not_taken_for_one(
    rows: Dataset, tiny_config: TrainConfig, uninterrupted: Fitted, killed: Path, tmp_path: Path
) -> None:
    copied(killed, tmp_path)
    (tmp_path / f"{CHECKPOINT}.partial").write_bytes(b"half")
    assert_same_weights(fit(rows, tiny_config, areas=AREAS, run_directory=tmp_path), uninterrupted)


@pytest.mark.parametrize("changed", ["configuration", "rows", "areas"])
def test_a_checkpoint_of_something_else_is_refused(
    rows: Dataset, tiny_config: TrainConfig, killed: Path, changed: str
) -> None:
    config, areas = tiny_config, AREAS
    if changed == "configuration":
        config = config.model_copy(update={"seed": config.seed + 1})
    elif changed == "rows":
        rows = rows.select(range(len(rows) - 1))
    else:
        areas += 1
    with pytest.raises(InputError) as raised:
        fit(rows, config, areas=areas, run_directory=killed)
    message = str(raised.value)
    assert message.startswith(f"{killed / CHECKPOINT}: made with another configuration or corpus")
    assert message.endswith("give another run directory or delete this one")


def test_the_loss_falls(rows: Dataset, tiny_config: TrainConfig) -> None:
    longer = tiny_config.model_copy(update={"optimiser": tiny_config.optimiser.model_copy(update={"epochs": 6})})
    history = fit(rows, longer, areas=AREAS).history
    assert sum(history[-1].values()) < 0.8 * sum(history[0].values())
    for part in ("severity", "level", "issues", "assertion", "frame"):
        assert history[-1][part] < history[0][part], part


def test_a_fitted_network_no_longer_drops_features(uninterrupted: Fitted) -> None:
    assert not uninterrupted.network.training


def test_frozen_embeddings_stay_as_they_were(rows: Dataset, tiny_config: TrainConfig, uninterrupted: Fitted) -> None:
    config = tiny_config.model_copy(update={"seed": 77})
    torch.manual_seed(0)
    other = fit(rows.select(range(4)), config, areas=AREAS)
    name = "embeddings.word_embeddings.weight"
    assert torch.equal(other.network.encoder.state_dict()[name], uninterrupted.network.encoder.state_dict()[name])


def test_progress_is_told_every_step_and_every_part(rows: Dataset, tiny_config: TrainConfig) -> None:
    told: list[tuple[int, int, dict[str, float]]] = []
    fit(rows.select(range(7)), tiny_config, areas=AREAS, progress=lambda *step: told.append(step))
    assert [(step, steps) for step, steps, _ in told] == [(1, 4), (2, 4), (3, 4), (4, 4)]
    assert {frozenset(parts) for _, _, parts in told} == {
        frozenset({"severity", "level", "issues", "assertion", "frame", "same", "order", "penalty"})
    }


def test_a_second_stage_starts_where_the_first_ended_and_leaves_it_as_it_was(
    rows: Dataset, tiny_config: TrainConfig, uninterrupted: Fitted
) -> None:
    first = uninterrupted.network
    before = {name: value.clone() for name, value in first.state_dict().items()}
    none = tiny_config.model_copy(update={"adapt": tiny_config.adapt.model_copy(update={"epochs": 0})})
    assert_same_weights(fit(rows, none.adapting(), areas=AREAS, start=first), uninterrupted)
    second = fit(rows, tiny_config.adapting(), areas=AREAS, start=first)
    assert not torch.equal(second.network.theta.weight, first.theta.weight)
    assert all(torch.equal(value, first.state_dict()[name]) for name, value in before.items())


def test_a_second_stage_is_not_resumed_from_another_first_stage(
    rows: Dataset, tiny_config: TrainConfig, uninterrupted: Fitted, tmp_path: Path
) -> None:
    fit(rows, tiny_config.adapting(), areas=AREAS, start=uninterrupted.network, run_directory=tmp_path)
    other = fit(rows, tiny_config.adapting(), areas=AREAS).network
    with pytest.raises(InputError, match="made with another configuration or corpus"):
        fit(rows, tiny_config.adapting(), areas=AREAS, start=other, run_directory=tmp_path)


def test_a_checkpoint_names_what_it_was_made_with(killed: Path, tiny_config: TrainConfig) -> None:
    saved = torch.load(killed / CHECKPOINT, weights_only=True)
    assert json.loads(saved["identity"])["config"] == tiny_config.digest()
    assert len(json.loads(saved["history"])) == 1


def test_rare_assertion_classes_weigh_more_and_rows_that_leave_it_open_least(rows: Dataset) -> None:
    told = columns_of(rows, balance=0.5)
    one = told["assertion"].sum(dim=1) == 1
    assert 0 < int(one.sum()) < len(rows)
    weights = told["assertion_weight"]
    assert (weights[~one] == weights.min()).all()
    assert float(weights[one].mean()) == pytest.approx(1.0, rel=1e-5)
    assert (columns_of(rows, balance=0.0)["assertion_weight"] == 1.0).all()


def test_padding_fills_up_to_the_longest_and_is_masked() -> None:
    ids, mask = pad([[101, 102], [101, 7, 8, 102], [5]])
    assert ids.tolist() == [[101, 102, 0, 0], [101, 7, 8, 102], [5, 0, 0, 0]]
    assert mask.tolist() == [[1, 1, 0, 0], [1, 1, 1, 1], [1, 0, 0, 0]]
