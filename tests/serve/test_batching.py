"""What goes into a batch: every text once and in order, everybody in turn, never more than fits."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evenhand_serve.batching import Answer, Asked, Piece, State, Task, next_batch


@dataclass
class Waiter:
    """Somebody who waits, until they no longer do."""

    gone: bool = False

    def done(self) -> bool:
        return self.gone


def asked(count: int, *, task: Task = Task.SCORE, length: int = 1) -> Asked:
    return Asked(task, ["x" * length] * count, Waiter())


REQUESTS = st.lists(
    st.builds(
        Asked,
        task=st.sampled_from(Task),
        texts=st.lists(st.text(alphabet="x", max_size=30), min_size=1, max_size=12),
        wanted=st.builds(Waiter),
    ),
    max_size=10,
)
MOST_TEXTS = st.integers(1, 12)
MOST_CHARACTERS = st.integers(1, 60)


def batches(waiting: deque[Asked], most_texts: int, most_characters: int) -> list[list[Piece]]:
    """All batches until nothing is left; far more would mean that it never ends."""
    found: list[list[Piece]] = []
    for _ in range(sum(len(each.texts) for each in waiting) + 1):
        batch = next_batch(waiting, most_texts=most_texts, most_characters=most_characters)
        if not batch:
            return found
        found.append(batch)
    pytest.fail("batches without texts")


@given(REQUESTS, MOST_TEXTS, MOST_CHARACTERS)
def test_every_text_is_read_once_and_in_order(requests: list[Asked], texts: int, characters: int) -> None:
    waiting = deque(requests)

    read: dict[int, list[int]] = {id(request): [] for request in requests}
    for batch in batches(waiting, texts, characters):
        for piece in batch:
            read[id(piece.asked)] += range(piece.start, piece.end)

    assert [read[id(request)] for request in requests] == [list(range(len(request.texts))) for request in requests]
    assert not waiting


@given(REQUESTS, MOST_TEXTS, MOST_CHARACTERS)
def test_a_batch_is_within_its_bounds_and_of_one_task(requests: list[Asked], texts: int, characters: int) -> None:
    for batch in batches(deque(requests), texts, characters):
        sizes = [len(text) for piece in batch for text in piece.texts]

        assert 1 <= len(sizes) <= texts
        assert sum(sizes) <= characters or len(sizes) == 1
        assert len({piece.asked.task for piece in batch}) == 1
        assert len({id(piece.asked) for piece in batch}) == len(batch)


@given(REQUESTS, MOST_TEXTS, MOST_CHARACTERS)
def test_who_stands_nth_in_the_queue_is_served_by_the_nth_batch(
    requests: list[Asked], texts: int, characters: int
) -> None:
    waiting = deque(requests)
    due = {id(request): place for place, request in enumerate(waiting)}  # the batch by which each is served

    for number in range(1_000):
        batch = next_batch(waiting, most_texts=texts, most_characters=characters)
        if not batch:
            break
        served = {id(piece.asked) for piece in batch}
        assert all(due[each] >= number for each in served)
        due |= {id(request): number + 1 + place for place, request in enumerate(waiting) if id(request) in served}
        assert all(due[id(request)] > number for request in waiting)


@given(st.integers(2, 12), st.integers(50, 400))
def test_one_text_never_waits_for_the_end_of_hundreds(others: int, many: int) -> None:
    long, short = asked(many), [asked(1) for _ in range(others)]

    first = next_batch(deque([long, *short]), most_texts=16, most_characters=1_000)

    assert {id(piece.asked) for piece in first} == {id(long), *map(id, short)}


def test_those_that_were_not_served_come_first_next_time() -> None:
    a, b, c = asked(5), asked(5, task=Task.FLAG), asked(5)
    waiting = deque([a, b, c])

    first = next_batch(waiting, most_texts=2, most_characters=99)

    assert [piece.asked for piece in first] == [a, c]
    assert list(waiting) == [b, a, c]


@given(REQUESTS, st.data(), MOST_TEXTS, MOST_CHARACTERS)
def test_what_nobody_waits_for_any_more_is_not_read(
    requests: list[Asked], data: st.DataObject, texts: int, characters: int
) -> None:
    waiting = deque(requests)
    while waiting:
        leaving = data.draw(st.sampled_from(list(waiting)))
        assert isinstance(leaving.wanted, Waiter)
        leaving.wanted.gone = True

        batch = next_batch(waiting, most_texts=texts, most_characters=characters)

        assert not any(piece.asked.wanted.done() for piece in batch)
        assert leaving not in waiting
        assert batch or not waiting


def test_a_text_that_is_longer_than_a_batch_goes_alone() -> None:
    waiting = deque([asked(2, length=50), asked(1)])

    sizes = [[len(text) for piece in batch for text in piece.texts] for batch in batches(waiting, 9, 20)]

    assert sorted(sizes) == [[1], [50], [50]]


def test_an_empty_queue_gives_an_empty_batch() -> None:
    assert next_batch(deque(), most_texts=1, most_characters=1) == []


@given(st.integers(1, 9), st.data())
def test_a_request_is_complete_when_each_of_its_texts_is_answered(count: int, data: st.DataObject) -> None:
    request = asked(count)
    cuts = sorted({0, count, *data.draw(st.lists(st.integers(0, count)))})
    pieces = [Piece(request, start, end) for start, end in pairwise(cuts)]

    for piece in data.draw(st.permutations(pieces)):
        assert not request.complete
        piece.answer([Answer(State.DONE, str(place).encode()) for place in range(piece.start, piece.end)])

    assert request.complete
    assert [request.answers[place].body for place in range(count)] == [str(place).encode() for place in range(count)]
