"""Batches keep the rows of a unit together, have every core unit and draw the others anew each epoch."""

from __future__ import annotations

from dataclasses import replace

from datasets import Dataset
from hypothesis import given
from hypothesis import strategies as st

from evenhand_training.config import TrainConfig
from evenhand_training.fit import Sampler


@st.composite
def samplers(draw: st.DrawFn) -> Sampler:
    sizes = draw(st.lists(st.integers(1, 4), min_size=1, max_size=60))
    starts = [sum(sizes[:number]) for number in range(len(sizes))]
    units = [list(range(start, start + size)) for start, size in zip(starts, sizes, strict=True)]
    lengths = draw(st.lists(st.integers(3, 40), min_size=sum(sizes), max_size=sum(sizes)))
    core = draw(st.integers(1, len(units)))
    drawn = draw(st.integers(0, len(units) - core))
    return Sampler(lengths, units[:core], units[core:], drawn, draw(st.integers(2, 8)), draw(st.integers(0, 9)))


SAMPLERS = samplers()


def rows_of(batches: list[list[int]]) -> list[int]:
    return sorted(row for batch in batches for row in batch)


@given(sampler=SAMPLERS, epoch=st.integers(0, 5))
def test_every_core_unit_is_there_once_and_as_many_others_as_are_drawn(sampler: Sampler, epoch: int) -> None:
    seen = rows_of(sampler.batches(epoch))
    assert len(seen) == len(set(seen))
    assert set(seen) >= {row for unit in sampler.core for row in unit}
    others = [unit for unit in sampler.replayed if unit[0] in seen]
    assert len(others) == sampler.drawn
    assert set(seen) == {row for unit in [*sampler.core, *others] for row in unit}


@given(sampler=SAMPLERS, epoch=st.integers(0, 5))
def test_no_unit_is_parted(sampler: Sampler, epoch: int) -> None:
    batch_of = {row: number for number, batch in enumerate(sampler.batches(epoch)) for row in batch}
    for unit in [*sampler.core, *sampler.replayed]:
        assert len({batch_of.get(row) for row in unit}) == 1


@given(sampler=SAMPLERS, epoch=st.integers(0, 5))
def test_no_batch_is_empty_or_exceeds_its_size_by_a_whole_unit(sampler: Sampler, epoch: int) -> None:
    largest = max(map(len, [*sampler.core, *sampler.replayed]))
    for batch in sampler.batches(epoch):
        assert 1 <= len(batch) <= sampler.batch_size - 1 + largest


@given(sampler=SAMPLERS, epoch=st.integers(0, 5))
def test_batches_are_decided_by_seed_and_epoch(sampler: Sampler, epoch: int) -> None:
    assert sampler.batches(epoch) == sampler.batches(epoch)


def many(units: int, drawn: int) -> Sampler:
    core = [[row] for row in range(units)]
    others = [[row] for row in range(units, 2 * units)]
    return Sampler([5 + row % 30 for row in range(2 * units)], core, others, drawn, batch_size=6, seed=1)


def test_epochs_and_seeds_differ_in_order_and_in_what_is_drawn() -> None:
    sampler = many(50, 20)
    found = [sampler.batches(0), sampler.batches(1), replace(sampler, seed=2).batches(0)]
    assert len({str(batches) for batches in found}) == 3
    assert len({tuple(rows_of(batches)) for batches in found}) == 3


def test_batches_have_texts_of_similar_length() -> None:
    sampler = many(120, 0)
    spans = [
        max(lengths) - min(lengths)
        for lengths in ([sampler.lengths[row] for row in batch] for batch in sampler.batches(0))
    ]
    assert max(spans) <= 3
    assert {len(batch) for batch in sampler.batches(0)} == {6}


def dataset(units: list[int], *, replayed: list[bool]) -> Dataset:
    tokens = [[101, *range(number % 5), 102] for number in range(len(units))]
    return Dataset.from_dict({"unit": units, "replayed": replayed, "input_ids": tokens})


def adapting(config: TrainConfig, **changes: float) -> TrainConfig:
    return config.model_copy(update={"adapt": config.adapt.model_copy(update=changes)})


def test_rows_of_one_unit_make_one_unit_wherever_they_stand(tiny_config: TrainConfig) -> None:
    rows = dataset([7, 3, 7, 5, 3, 7], replayed=[False] * 6)
    sampler = Sampler.of(rows, tiny_config)
    assert sorted(sampler.core) == [[0, 2, 5], [1, 4], [3]]
    assert (sampler.replayed, sampler.drawn) == ([], 0)
    assert sampler.lengths == [len(ids) for ids in rows["input_ids"]]


def test_units_are_drawn_as_a_multiple_of_those_that_every_epoch_has(tiny_config: TrainConfig) -> None:
    rows = dataset([0, 0, 1, 2, 3, 4, 4, 5, 6, 7], replayed=[False] * 4 + [True] * 6)
    sampler = Sampler.of(rows, adapting(tiny_config, replay_share=1.0))
    assert sampler.drawn == 3
    seen = rows_of(sampler.batches(0))
    assert set(seen) >= {0, 1, 2, 3}
    assert len({unit for row, unit in enumerate(rows["unit"]) if row in seen}) == 6


def test_no_more_is_drawn_than_there_is(tiny_config: TrainConfig) -> None:
    rows = dataset(list(range(6)), replayed=[row >= 4 for row in range(6)])
    sampler = Sampler.of(rows, adapting(tiny_config, replay_share=9.0))
    assert rows_of(sampler.batches(0)) == list(range(6))
