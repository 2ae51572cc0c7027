"""Results that wait for their browser: in memory alone, for a while, and for the session that asked for them."""

from __future__ import annotations

import asyncio
import logging
import secrets
import time
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, Generic, Literal, TypeVar

from evenhand_serve.isolated import IsolatedError
from evenhand_serve.problems import Problem, too_busy
from evenhand_serve.settings import Limits
from evenhand_serve.worker import fault_place

log = logging.getLogger("evenhand.serve")
R = TypeVar("R")
State = Literal["running", "finished", "failed"]
_MOST_LAST = 200  # browsers whose last result is kept; a result has some tens of kilobytes
_AGAIN = 30  # seconds after which somebody who was turned away may try again


@dataclass(slots=True, eq=False)
class Kept(Generic[R]):
    """A piece of work for a session, and what it gave.

    Attributes:
        id: Not to be guessed.
        session: Whose it is.
        uploads: What was sent, by name, for reading it again.
        about: What its pages show of what was asked for.
        done: How far it is, in words.
        state: Whether it still runs.
        result: When it is finished.
        problem: Why it failed; repeats nothing of a file.
        field_name: Of the form, where the problem is about what was filled in there; "" for the file.
        touched: When it was last asked for, by a clock that only goes forward.
    """

    id: str
    session: str
    uploads: dict[str, bytes]
    about: Any
    done: str = "Waiting: something else is being read"
    state: State = "running"
    result: R | None = None
    problem: str = ""
    field_name: str = ""
    touched: float = field(default_factory=time.monotonic)
    task: asyncio.Task[None] | None = None


class Turns:
    """Lets one piece of work of a kind be done at a time, and a few wait for it.

    Args:
        most: At work and waiting.
    """

    def __init__(self, most: int) -> None:
        self._most, self._there = most, 0
        self._free = asyncio.Semaphore(1)

    @property
    def full(self) -> bool:
        """Whether no more may come."""
        return self._there >= self._most

    @asynccontextmanager
    async def one(self) -> AsyncIterator[None]:
        """A turn, once it has come.

        Raises:
            Problem: too many wait.
        """
        if self.full:
            raise too_busy(_AGAIN)
        self._there += 1
        try:
            async with self._free:
                yield
        finally:
            self._there -= 1


class LastResults(Generic[R]):
    """The last result of each browser, so that its page can be gone back to; in memory alone, for a while.

    Args:
        limits: How long it is kept.
    """

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._kept: dict[str, tuple[str, R, float]] = {}  # by session, those kept longest first

    def keep(self, session: str, result: R) -> str:
        """Keep a result in place of the session's last one; return its id, which is not to be guessed."""
        self.forget()
        self.drop(session)
        while len(self._kept) >= _MOST_LAST:
            self.drop(next(iter(self._kept)))
        name = secrets.token_urlsafe(16)
        self._kept[session] = name, result, time.monotonic()
        return name

    def find(self, session: str, name: str) -> R:
        """The result of an id, if it is this session's last.

        Raises:
            Problem: there is none, or no longer.
        """
        self.forget()
        own, result, _ = self._kept.get(session, ("", None, 0.0))
        if result is None or not secrets.compare_digest(own.encode(), name.encode()):
            detail = "Of texts only the last result of a browser is kept, for an hour. Paste the text again."
            raise Problem(404, "not-kept", "Not found", detail)
        return result

    def drop(self, session: str) -> None:
        """Forget a session's."""
        self._kept.pop(session, None)

    def forget(self) -> None:
        """Forget those whose time is over."""
        ends = time.monotonic() - self._limits.kept
        for session in [session for session, (_, _, made) in self._kept.items() if made < ends]:
            self.drop(session)


class Keeper(Generic[R]):
    """Keeps results of one kind of work.

    Args:
        limits: How long and how much is kept.
        turns: Of that kind of work, whoever asks for it.
        size: Bytes of a result.
        again: Whether what was sent is kept with its result, to be read again.
    """

    def __init__(self, limits: Limits, turns: Turns, size: Callable[[R], int], *, again: bool = False) -> None:
        self._limits, self._turns, self._size, self._again = limits, turns, size, again
        self._kept: dict[str, Kept[R]] = {}

    def begin(
        self,
        session: str,
        uploads: dict[str, bytes],
        about: object,
        work: Callable[[Kept[R]], Coroutine[Any, Any, R]],
    ) -> Kept[R]:
        """Begin some work for a session.

        Raises:
            Problem: too much waits, or is kept.
        """
        self.forget()
        running = [each for each in self._kept.values() if each.state == "running"]
        new = sum(map(len, uploads.values()))
        full = self._turns.full or len(running) >= self._limits.uploads_waiting  # what begins now is in no turn yet
        if full or self._held() + new > self._limits.kept_bytes:
            raise too_busy(_AGAIN)
        kept: Kept[R] = Kept(secrets.token_urlsafe(16), session, uploads, about)
        self._kept[kept.id] = kept
        kept.task = asyncio.create_task(self._do(kept, work))
        return kept

    def find(self, session: str, name: str) -> Kept[R]:
        """The work of an id, if it is this session's.

        Raises:
            Problem: there is none, or no longer.
        """
        self.forget()
        kept = self._kept.get(name)
        if kept is None or kept.session != session:
            detail = "It was stopped, or kept for an hour, or belongs to another browser. Send the file again."
            raise Problem(404, "not-kept", "Not found", detail)
        kept.touched = time.monotonic()
        return kept

    def drop(self, kept: Kept[R]) -> None:
        """Stop and forget some work."""
        if kept.task is not None:
            kept.task.cancel()
        self._kept.pop(kept.id, None)

    def drop_all(self, session: str) -> None:
        """Stop and forget all of a session."""
        for kept in [each for each in self._kept.values() if each.session == session]:
            self.drop(kept)

    def forget(self) -> None:
        """Forget what nobody has asked for lately."""
        now = time.monotonic()
        for kept in list(self._kept.values()):
            if now - kept.touched > self._limits.kept and kept.state != "running":
                self.drop(kept)

    def stop(self) -> None:
        """Stop and forget all."""
        for kept in list(self._kept.values()):
            self.drop(kept)

    async def _do(self, kept: Kept[R], work: Callable[[Kept[R]], Coroutine[Any, Any, R]]) -> None:
        try:
            kept.result = await work(kept)
            kept.state = "finished"
            if not self._again:
                kept.uploads = {}
        except IsolatedError as error:
            self._failed(kept, str(error), error.field_name)
        except Problem as problem:
            self._failed(kept, problem.detail or problem.title)
        except Exception as error:  # its message could repeat something
            log.error("fault: %s", fault_place(error))
            self._failed(kept, f"there is a fault in Evenhand ({type(error).__name__})")

    def _failed(self, kept: Kept[R], why: str, field_name: str = "") -> None:
        kept.problem, kept.field_name, kept.state = why, field_name, "failed"
        kept.uploads = {}  # nothing can be done with them any more

    def _held(self) -> int:
        sizes = (sum(map(len, each.uploads.values())) for each in self._kept.values())
        return sum(sizes) + sum(self._size(each.result) for each in self._kept.values() if each.result is not None)
