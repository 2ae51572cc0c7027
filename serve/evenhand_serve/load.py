"""What the worker did, and how long requests will take: rules alone, without clock or I/O."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass, field

from evenhand_serve.batching import State, Task

_FIRST_RATE = 10_000.0  # characters a second, until it is measured: that of two slow cores with all checks
_FADING = 0.9  # of what older batches weigh in the rate, with each new one


@dataclass(slots=True)
class Speed:
    """Characters a second, lately: older batches count less, larger ones more."""

    characters: float = 2 * _FIRST_RATE
    seconds: float = 2.0

    @property
    def rate(self) -> float:
        """Characters a second."""
        return self.characters / self.seconds

    def add(self, characters: int, seconds: float) -> None:
        """Take up a batch."""
        self.characters = _FADING * self.characters + characters
        self.seconds = _FADING * self.seconds + seconds


@dataclass(slots=True)
class Figures:
    """What is counted for the metrics.

    Attributes:
        batches: Read.
        texts: Answered, by task and state.
        restarts: Of the worker.
        late: Requests given up.
        speed: Lately, by task.
    """

    batches: int = 0
    texts: dict[tuple[Task, State], int] = field(default_factory=dict)
    restarts: int = 0
    late: int = 0
    speed: dict[Task, Speed] = field(default_factory=lambda: {task: Speed() for task in Task})


@dataclass(slots=True)
class Taken:
    """How busy the worker is lately: the seconds of work that were taken on, by the seconds that passed.

    Attributes:
        window: Seconds that are looked back upon.
    """

    window: float
    _work: deque[tuple[float, float]] = field(default_factory=deque)  # when, and seconds of work
    _sum: float = 0.0

    def add(self, now: float, seconds: float) -> None:
        """Take on some work."""
        self._forget(now)
        self._work.append((now, seconds))
        self._sum += seconds

    def share(self, now: float) -> float:
        """Of the worker's time that is taken; more than 1 where more was taken on than it can do meanwhile."""
        self._forget(now)
        return self._sum / self.window

    def _forget(self, now: float) -> None:
        while self._work and now - self._work[0][0] > self.window:
            self._sum -= self._work.popleft()[1]
        if not self._work:
            self._sum = 0.0  # what rounding left


def seconds_until_done(own: float, texts: int, others: Iterable[tuple[float, int]], busy: float) -> float:
    """Seconds until a new request is done, where requests take turns text by text.

    Of what already waits, each request has as many texts read before as the new one has itself. What comes later takes
    turns too: with a share `busy` of the time taken by others, a request takes 1 / (1 - busy) times as long as by
    itself (the mean of a queue whose requests share a server evenly, Kleinrock 1976, Queueing Systems, vol. 2, ch. 4),
    and no longer than if each that is done were followed by another like it.

    Args:
        own: Seconds of work of the new request.
        texts: Of the new request; at least 1.
        others: Of each that is not done, the seconds of work and the texts that are left.
        busy: `Taken.share`.

    >>> seconds_until_done(1.0, 1, [(2.0, 2), (10.0, 1)], busy=0.0)
    12.0
    >>> seconds_until_done(32.0, 32, [(1.0, 1)] * 3, busy=1.0)
    128.0
    """
    waiting = list(others)
    before = sum(seconds * min(1.0, texts / left) for seconds, left in waiting if left)
    if texts == 1:
        return own + before  # what comes later is read later
    most = own * (len(waiting) + 1)
    later = most if busy >= 1 else min(most, own / (1 - busy))
    return max(own + before, later)
