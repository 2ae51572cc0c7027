"""Folds leave out whole groups of areas; readings found in the run folder are not made again."""

from __future__ import annotations

import json
from dataclasses import asdict, replace
from pathlib import Path

import numpy as np
import pytest
import torch
from tokenizers import Tokenizer

from evenhand.errors import InputError
from evenhand_training.config import TrainConfig
from evenhand_training.corpus import FOLDS, NEAR_REPEAT_THRESHOLD, Corpus, Splits, near_repeats
from evenhand_training.crossvalidate import FoldReadings, cross_validate, fold_readings, stored_readings
from evenhand_training.examples import Example, area_index, authored_examples, split_published
from evenhand_training.fit import Progress
from evenhand_training.network import LadderNetwork
from evenhand_training.reading import CutPoints
from evenhand_training.stages import Stages, final_rows, fold_rows, run_folder, shared_rows


class KilledError(Exception):
    """Stands for a kill."""


@pytest.fixture(scope="module")
def config(tiny_config: TrainConfig) -> TrainConfig:
    """One epoch over a dozen rows."""
    shorter = tiny_config.optimiser.model_copy(update={"epochs": 1})
    return tiny_config.model_copy(update={"row_limit": 12, "optimiser": shorter})


def silent(_: str) -> Progress | None:
    return None


def test_a_killed_cross_validation_goes_on_where_it_was(small: object, config: TrainConfig, tmp_path: Path) -> None:
    corpus, splits = small.corpus, small.splits  # type: ignore[attr-defined] # a Small of conftest.py
    fitted: list[str] = []

    def noting(name: str) -> Progress:
        return lambda *_: fitted.append(name)

    def killed_in_the_third(name: str) -> Progress:
        def progress(*_: object) -> None:
            if name == "repeat 1, fold 3":
                raise KilledError

        return progress

    with pytest.raises(KilledError):
        cross_validate(corpus, splits, config, run_directory=tmp_path, repeats=1, progress=killed_in_the_third)
    first = cross_validate(corpus, splits, config, run_directory=tmp_path, repeats=1, progress=noting)
    assert sorted(set(fitted)) == [f"repeat 1, fold {number}" for number in (3, 4, 5)]
    fitted.clear()
    again = cross_validate(corpus, splits, config, run_directory=tmp_path, repeats=1, progress=noting)
    assert fitted == []
    folder = run_folder(tmp_path, config, corpus)
    stored = stored_readings(folder, 1)[0]
    assert [read.ids for read in stored] == [read.ids for read in first[0]]
    with pytest.raises(InputError, match="named by configuration and corpus"):
        stored_readings(folder, 2)
    assert list(map(as_text, again[0])) == list(map(as_text, first[0]))
    held = [identifier for read in first[0] for identifier in read.ids]
    sets = [row.id for read in first[0] if read.sets for row in read.sets.units.rows]
    assert sets
    assert set(sets) <= set(splits.authored.folds)
    development, _ = split_published(corpus, splits)
    assert sorted(held) == sorted(row.id for row in development)
    only_taken = cross_validate(corpus, splits, config, run_directory=tmp_path, repeats=1, progress=silent, train=False)
    assert list(map(as_text, only_taken[0])) == list(map(as_text, first[0]))
    kept = {path.name for path in run_folder(tmp_path, config, corpus).rglob("*") if path.is_file()}
    assert kept == {"readings.json", "sets.npz"}


def test_readings_of_other_training_rows_are_refused(small: object, config: TrainConfig, tmp_path: Path) -> None:
    corpus, splits = small.corpus, small.splits  # type: ignore[attr-defined] # a Small of conftest.py
    place = run_folder(tmp_path, config, corpus) / "repeat0-fold0"
    place.mkdir(parents=True)
    cuts = CutPoints(np.zeros(5), 0.0, np.zeros(3), 1.0)
    FoldReadings((), "of other rows", np.zeros(0), np.zeros((0, 32)), cuts).write(place / "readings.json")
    with pytest.raises(InputError, match=r"made from other training rows; delete .* or give another --run"):
        cross_validate(corpus, splits, config, run_directory=tmp_path, repeats=1, progress=silent)


def test_what_was_not_run_is_not_run_where_only_readings_are_asked_for(
    small: object, config: TrainConfig, tmp_path: Path
) -> None:
    corpus, splits = small.corpus, small.splits  # type: ignore[attr-defined] # a Small of conftest.py
    with pytest.raises(InputError, match=r"readings\.json: this fold has not been run; run evenhand-training"):
        cross_validate(corpus, splits, config, run_directory=tmp_path, repeats=1, progress=silent, train=False)
    assert list(tmp_path.iterdir()) == []


def as_text(read: FoldReadings) -> str:
    told = asdict(replace(read, sets=None)) | {"sets": asdict(read.sets.read) if read.sets else None}
    return json.dumps(told, default=np.ndarray.tolist)


def test_another_configuration_or_corpus_has_its_own_run_folder(corpus: Corpus, config: TrainConfig) -> None:
    other = config.model_copy(update={"seed": 99})
    places = {
        run_folder(Path("runs"), config, corpus),
        run_folder(Path("runs"), other, corpus),
        run_folder(Path("runs"), config, replace(corpus, version="2099.1")),
    }
    assert len(places) == 3


@pytest.mark.parametrize("repeat", [0, 1])
def test_no_fold_trains_on_an_area_group_or_text_that_it_leaves_out(
    corpus: Corpus, splits: Splits, repeat: int
) -> None:
    left_out: list[str] = []
    for fold in range(FOLDS):
        training, held = fold_rows(corpus, splits, repeat=repeat, fold=fold)
        left_out += [row.id for row in held]
        assert held
        assert {row.area for row in training if row.area}.isdisjoint(row.area for row in held)
        assert {row.group for row in training if row.group}.isdisjoint(row.group for row in held)
        assert {row.id for row in training}.isdisjoint(splits.test_rows | splits.removed)
        if (repeat, fold) == (0, 0):
            texts = [row.text for row in training], [row.text for row in held]
            assert list(near_repeats(*texts, threshold=NEAR_REPEAT_THRESHOLD)) == []
    development, _ = split_published(corpus, splits)
    assert sorted(left_out) == sorted(row.id for row in development if row.group)


@pytest.mark.parametrize("fold", [*range(FOLDS), None])
def test_no_network_learns_from_a_set_or_note_that_is_read_to_judge_by(small: object, fold: int | None) -> None:
    corpus, splits = small.corpus, small.splits  # type: ignore[attr-defined] # a Small of conftest.py
    assert splits.authored.folds
    if fold is None:
        training = final_rows(corpus, splits)
    else:
        training, _ = fold_rows(corpus, splits, repeat=0, fold=fold)
    assert {row.unit for row in training}.isdisjoint(splits.authored.folds)


def test_readings_survive_the_disk(
    network: LadderNetwork, tokenizer: Tokenizer, published: list[Example], tmp_path: Path
) -> None:
    read = fold_readings(network, tokenizer, published, trained_on="abc")
    read.write(tmp_path / "readings.json")
    assert as_text(FoldReadings.read(tmp_path / "readings.json")) == as_text(read)
    assert [path.name for path in tmp_path.iterdir()] == ["readings.json"]


def test_readings_carry_the_networks_own_cut_points(
    network: LadderNetwork, tokenizer: Tokenizer, published: list[Example]
) -> None:
    read = fold_readings(network, tokenizer, published, trained_on="abc")
    assert read.ids == tuple(row.id for row in published)
    with torch.no_grad():
        national = network.level_cuts().double().numpy()
        np.testing.assert_allclose(read.cuts.severity, network.severity_cuts().double().numpy())
    rebuilt = read.cuts.first_level + np.concatenate([[0.0], np.exp(read.cuts.level_log_gaps).cumsum()])
    np.testing.assert_allclose(rebuilt, national, rtol=1e-5)
    assert read.cuts.level_slope == pytest.approx(np.exp(0.2), rel=1e-6)


def test_only_so_many_rows_are_used_as_the_configuration_allows(
    published: list[Example], config: TrainConfig, tmp_path: Path
) -> None:
    steps: list[int] = []
    limited = config.model_copy(update={"row_limit": 7})
    stages = Stages(area_index(published), limited, tmp_path, tmp_path, lambda: None)
    stages.first(published, lambda _, in_all, __: steps.append(in_all))
    assert set(steps) == {2}  # seven rows in batches of six


def test_the_shared_first_stage_knows_nothing_of_any_area_or_text_that_is_judged(
    corpus: Corpus, splits: Splits
) -> None:
    shared = shared_rows(corpus, splits)
    development, test = split_published(corpus, splits)
    judged = [row for row in development if row.group] + test
    assert {row.group for row in shared} == {None}
    assert {row.unit for row in shared}.isdisjoint(splits.authored.folds)
    assert {row.area for row in shared if row.area}.isdisjoint(row.area for row in judged)
    sets = [row for row in authored_examples(corpus, splits, "train") if splits.authored_fold(row.unit) is not None]
    # Greetings and claims recur in unrelated notes.
    left_out = [row.text for row in sets if None not in row.assertions]
    texts = [row.text for row in shared], [row.text for row in judged] + left_out
    assert list(near_repeats(*texts, threshold=NEAR_REPEAT_THRESHOLD)) == []


def test_the_second_stage_has_published_rows_and_draws_from_those_of_the_first(
    corpus: Corpus, splits: Splits, config: TrainConfig, tmp_path: Path
) -> None:
    stages = Stages.of(corpus, splits, config.model_copy(update={"row_limit": 0}), tmp_path, lambda _: None)
    rows = final_rows(corpus, splits)
    dataset = stages.rows_of_second(rows)
    drawn = {identifier for identifier, again in zip(dataset["id"], dataset["replayed"], strict=True) if again}
    assert drawn == {row.id for row in shared_rows(corpus, splits)}
    development, _ = split_published(corpus, splits)
    assert {row.id for row in development if row.group} <= set(dataset["id"]) - drawn
