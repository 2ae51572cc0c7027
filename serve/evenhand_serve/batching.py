"""Which texts of which requests are read together; rules alone, without clock or I/O.

Requests take turns: a batch has something of each that waits for the same task, and those that were not served come
first next time. So a request of one text never waits for the end of one of hundreds.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol


class Task(StrEnum):
    """What is done with a text."""

    SCORE = "score"
    FLAG = "flag"
    WHERE = "where"


class State(StrEnum):
    """What became of a text."""

    DONE = "done"
    IDENTIFIABLE = "identifiable"  # and was not read
    NOT_READY = "not_ready"  # what it needs is not worked out yet
    NOT_CODABLE = "not_codable"  # there is nothing in it that could be placed
    FAILED = "failed"  # by a fault of ours


@dataclass(frozen=True, slots=True)
class Answer:
    """What the worker says of a text.

    Attributes:
        state: What became of it.
        body: JSON: the result; what was found, by offsets and kind; or a reason without any of the text.
        at: Of a fault, its kind and where it arose, for the log; "" for none.
    """

    state: State
    body: bytes
    at: str = ""


class Wanted(Protocol):
    """What somebody waits for; a future has this."""

    def done(self) -> bool:
        """Whether nobody waits any more."""


@dataclass(slots=True, eq=False)
class Asked:
    """A request for some texts, which may be served in parts.

    Attributes:
        task: What is asked for.
        texts: For which.
        wanted: Whether somebody still waits.
        answers: So far, by place.
        taken: How many texts are in a batch or answered.
    """

    task: Task
    texts: Sequence[str]
    wanted: Wanted
    answers: dict[int, Answer] = field(default_factory=dict)
    taken: int = 0

    @property
    def complete(self) -> bool:
        """Whether all texts are answered."""
        return not self.left

    @property
    def left(self) -> int:
        """Texts that have no answer yet."""
        return len(self.texts) - len(self.answers)


@dataclass(frozen=True, slots=True)
class Piece:
    """Some texts of a request: those from `start` to `end`."""

    asked: Asked
    start: int
    end: int

    @property
    def texts(self) -> Sequence[str]:
        """The texts."""
        return self.asked.texts[self.start : self.end]

    def answer(self, answers: Sequence[Answer]) -> None:
        """Give them their answers."""
        self.asked.answers.update(zip(range(self.start, self.end), answers, strict=True))


def next_batch(waiting: deque[Asked], *, most_texts: int, most_characters: int) -> list[Piece]:
    """Take a batch from the queue: texts of the task that has waited longest, shared evenly among its requests.

    Args:
        waiting: Longest first; requests that nobody waits for any more and those that are taken whole are removed.
        most_texts: In a batch.
        most_characters: In a batch, but for a single text that has more by itself.
    """
    live = [asked for asked in waiting if not asked.wanted.done() and asked.taken < len(asked.texts)]
    waiting.clear()
    if not live:
        return []
    alike = [asked for asked in live if asked.task is live[0].task]
    share = max(1, most_texts // len(alike))
    pieces: list[Piece] = []
    texts = characters = 0
    for asked in alike:
        start = asked.taken
        while asked.taken < min(len(asked.texts), start + share) and texts < most_texts:
            size = len(asked.texts[asked.taken])
            if texts and characters + size > most_characters:
                break
            texts, characters, asked.taken = texts + 1, characters + size, asked.taken + 1
        if asked.taken > start:
            pieces.append(Piece(asked, start, asked.taken))
    served = {id(piece.asked) for piece in pieces}
    left = [asked for asked in live if asked.taken < len(asked.texts)]
    waiting.extend(asked for asked in left if id(asked) not in served)
    waiting.extend(asked for asked in left if id(asked) in served)
    return pieces
