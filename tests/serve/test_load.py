"""How long a request is expected to take, against a queue that is played through."""

from __future__ import annotations

from collections import deque

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evenhand_serve.batching import Asked, Task, next_batch
from evenhand_serve.load import Speed, Taken, seconds_until_done

SIZES = st.lists(st.lists(st.integers(1, 40), min_size=1, max_size=12), min_size=1, max_size=12)


class _Waits:
    def done(self) -> bool:
        return False


def played(requests: list[list[int]]) -> int:
    """Characters that are read until the last of some requests is done, in batches of as many texts as requests."""
    waiting = deque(Asked(Task.SCORE, ["x" * size for size in sizes], _Waits()) for sizes in requests)
    last, read = waiting[-1], 0
    while last.taken < len(last.texts):
        pieces = next_batch(waiting, most_texts=len(requests), most_characters=10_000)
        read += sum(len(text) for piece in pieces for text in piece.texts)
    return read


@given(SIZES)
def test_without_later_requests_it_is_about_what_a_queue_takes(requests: list[list[int]]) -> None:
    *others, own = requests
    told = seconds_until_done(sum(own), len(own), [(sum(sizes), len(sizes)) for sizes in others], busy=0.0)

    longest = max(size for sizes in requests for size in sizes)
    texts_between = len(requests) * longest  # a batch is told in whole; what a request's texts have is told in the mean
    unequal = sum(len(sizes) * (max(sizes) - min(sizes)) for sizes in others)
    assert abs(told - played(requests)) <= texts_between + unequal


def test_a_short_text_waits_for_the_long_ones_before_it() -> None:
    assert seconds_until_done(0.01, 1, [(5.0, 1)] * 3, busy=0.0) == pytest.approx(15.01)


@given(st.floats(0.1, 10), st.integers(2, 50), st.lists(st.tuples(st.floats(0.1, 10), st.integers(1, 50)), max_size=9))
def test_the_busier_it_is_the_longer_many_texts_take_up_to_one_for_each_that_waits(
    own: float, texts: int, others: list[tuple[float, int]]
) -> None:
    told = [seconds_until_done(own, texts, others, busy) for busy in (0.0, 0.5, 0.9, 1.0, 3.0)]
    most = max(own + sum(seconds for seconds, _ in others), own * (len(others) + 1))

    assert told == sorted(told)
    assert told[0] >= own
    assert told[-1] <= most * (1 + 1e-9)


def test_how_busy_it_is_is_told_of_the_last_seconds_alone() -> None:
    taken = Taken(10.0)
    for second in range(20):
        taken.add(float(second), 0.5)
    assert taken.share(19.0) == pytest.approx(0.5, abs=0.06)
    taken.add(19.0, 15.0)
    assert taken.share(19.0) > 1
    assert taken.share(40.0) == 0.0


def test_speed_follows_what_is_measured() -> None:
    speed = Speed()
    for _ in range(60):
        speed.add(3_000, 1.0)
    assert speed.rate == pytest.approx(3_000, rel=0.01)
