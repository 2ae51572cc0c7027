"""The service's side of the worker: a bounded queue, batches over requests, deadlines, and a new worker after a crash.

Under more load than it can carry it turns new requests away, by how long they would wait, and serves those it took.
"""

from __future__ import annotations

import asyncio
import logging
import math
import time
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from multiprocessing.connection import Connection
from typing import Any

from evenhand_serve.batching import Answer, Asked, Piece, State, Task, next_batch
from evenhand_serve.load import Figures, Taken, seconds_until_done
from evenhand_serve.process import WorkerDiedError, WorkerProcess
from evenhand_serve.settings import Limits
from evenhand_serve.worker import Batch, Know, Ready, Unable, WorkerPlan, work

BATCH_TEXTS = 64  # as many as fill two cores; larger ones only make others wait
BATCH_CHARACTERS = 60_000  # about two seconds of work
_START_TIMEOUT = 120.0  # seconds for loading the models from a cold disk
_BATCH_TIMEOUT = 45.0  # seconds; the slowest batch takes some ten, and after a minute nobody waits any more
_LOOK = 1.0  # seconds between looks at whether the worker still is there
_SHORTEST_PAUSE, _LONGEST_PAUSE = 1.0, 30.0  # seconds between two tries to start a worker that does not start
log = logging.getLogger("evenhand.serve")
_CRASHED = b'"the worker stopped while it read this text"'


class BusyError(Exception):
    """The service has more to do than it can within its longest wait.

    Args:
        seconds: After which to try again.
    """

    def __init__(self, seconds: float) -> None:
        super().__init__("too much is waiting")
        self.seconds = max(1, math.ceil(seconds))


class NotReadyError(Exception):
    """The worker is not there yet, or cannot be started; the message says which."""


class TooLateError(Exception):
    """A request was taken and could not be answered in time."""


@dataclass(slots=True)
class _Open:
    """A part of a request that is not answered: characters that are left, and who waits for it."""

    left: int
    answered: asyncio.Future[None]


class Engine:
    """Has texts read by a worker.

    Args:
        plan: What the worker loads.
        limits: Bounds.
        target: What runs in the worker's process; tests give their own.
    """

    def __init__(
        self,
        plan: WorkerPlan,
        limits: Limits,
        *,
        target: Callable[[Connection, Any], None] = work,
    ) -> None:
        self.figures = Figures()
        self.ready: Ready | None = None
        self.trouble = "the models are being loaded"
        self._plan, self._limits, self._target = plan, limits, target
        self._waiting: deque[Asked] = deque()
        self._apart: deque[Piece] = deque()  # to be read alone, as the worker died at their batch
        self._arrived = asyncio.Event()
        self._open: dict[Asked, _Open] = {}  # what was taken
        self._taken = Taken(limits.longest_wait)
        self._areas: bytes | None = None
        self._told = True  # whether the worker has been given them
        self._worker: WorkerProcess | None = None
        self._running: list[asyncio.Task[None]] = []
        self._pipe = ThreadPoolExecutor(1, thread_name_prefix="worker")

    def start(self) -> None:
        """Begin to load the worker; `ready` says when it is there."""
        self._running = [asyncio.create_task(self._run()), asyncio.create_task(self._tick())]

    async def stop(self) -> None:
        """Stop at once; who still waits is told that the service is not ready."""
        for task in self._running:
            task.cancel()
        await asyncio.gather(*self._running, return_exceptions=True)
        self.ready, self.trouble = None, "the service is stopping"
        for part in self._open.values():
            if not part.answered.done():
                part.answered.set_exception(NotReadyError(self.trouble))
        if self._worker is not None:
            await asyncio.to_thread(self._worker.kill)
        # Who reads at the pipe sees its other end close; only then may this one be closed, as its number is used again.
        await asyncio.to_thread(partial(self._pipe.shutdown, cancel_futures=True))
        if self._worker is not None:
            self._worker.end()

    def know(self, areas: bytes) -> None:
        """Hand what was worked out of the areas to this worker and every later one."""
        self._areas = areas
        self._told = False
        self._arrived.set()

    @property
    def knows_areas(self) -> bool:
        """Whether the areas were worked out."""
        return self._areas is not None

    @property
    def up(self) -> bool:
        """Whether there is a worker."""
        return self._worker is not None and self._worker.alive

    @property
    def queued(self) -> tuple[int, int]:
        """Requests and characters that wait or are in work."""
        return len(self._waiting), sum(part.left for part in self._open.values())

    def wait(self) -> float:
        """Seconds that all that waits will take."""
        return sum(self._seconds(asked.task, part.left) for asked, part in self._open.items())

    def _seconds(self, task: Task, characters: int) -> float:
        """Seconds of work."""
        return characters / self.figures.speed[task].rate

    async def ask(self, task: Task, texts: Sequence[str]) -> list[Answer]:
        """Answer some texts, each by itself; order kept.

        Raises:
            BusyError: they would wait too long. What finds nothing waiting is always taken.
            NotReadyError: there is no worker.
            TooLateError: they were not answered in time.
        """
        return (await self.ask_all([(task, texts)]))[0]

    async def ask_all(self, wanted: Sequence[tuple[Task, Sequence[str]]]) -> list[list[Answer]]:
        """Do several tasks for one request, which is taken as a whole or not at all.

        Raises:
            BusyError: they would wait too long. What finds nothing waiting is always taken.
            NotReadyError: there is no worker.
            TooLateError: they were not answered in time.
        """
        if self.ready is None:
            raise NotReadyError(self.trouble)
        loop, now = asyncio.get_running_loop(), time.monotonic()
        asked: dict[Asked, _Open] = {}
        for task, texts in wanted:
            answered = loop.create_future()
            asked[Asked(task, texts, answered)] = _Open(sum(map(_weight, texts)), answered)
        own = sum(self._seconds(one.task, part.left) for one, part in asked.items())
        others = ((self._seconds(one.task, part.left), one.left) for one, part in self._open.items())
        turns = seconds_until_done(own, sum(one.left for one in asked), others, self._taken.share(now))
        if self._open and turns > self._limits.longest_wait:
            raise BusyError(turns - self._limits.longest_wait)
        self._taken.add(now, own)
        self._waiting.extend(asked)
        self._open |= asked
        self._arrived.set()
        try:
            waits = [part.answered for part in asked.values()]
            _, late = await asyncio.wait(waits, timeout=self._limits.answer + turns)
            if late:
                self.figures.late += 1
                raise TooLateError
            for answered in waits:
                answered.result()
        finally:
            for one, part in asked.items():
                del self._open[one]
                part.answered.cancel()  # what is not read yet need not be
        return [[one.answers[place] for place in range(len(one.texts))] for one in asked]

    async def _run(self) -> None:
        pause = _SHORTEST_PAUSE
        while True:
            try:
                await self._start()
                pause = _SHORTEST_PAUSE
                await self._work()
            except NotReadyError as error:
                self.ready, self.trouble = None, str(error)
            except Exception as error:  # of ours: the service must not go on taking texts that nobody reads
                self.ready, self.trouble = None, f"a fault in Evenhand ({type(error).__name__})"
                log.error("fault: %s in the engine", type(error).__name__)
            await asyncio.sleep(pause)
            pause = min(2 * pause, _LONGEST_PAUSE)

    async def _tick(self) -> None:
        """Have it looked now and then, also while nothing arrives, whether there is a worker."""
        while True:
            await asyncio.sleep(_LOOK)
            self._arrived.set()

    async def _start(self) -> None:
        """Start a worker where none is alive."""
        if self.up:
            return
        if self._worker is not None:
            self.figures.restarts += 1
            self._worker.end()
            self._worker = None
        try:
            self._worker, self._told = WorkerProcess(self._plan, self._target), self._areas is None
            first = await self._exchange(None, _START_TIMEOUT)
        except OSError as error:  # of the system: no more processes or files
            message = f"the worker could not be started ({(error.strerror or 'the system refused').lower()})"
            raise NotReadyError(message) from None
        except WorkerDiedError as error:
            message = f"the worker could not be started ({error})"
            raise NotReadyError(message) from None
        if isinstance(first, Unable):
            raise NotReadyError(first.message)
        self.ready = first

    async def _work(self) -> None:
        """Read batch after batch, and between them, one at a time, texts of a batch at which the worker died."""
        while True:
            await self._arrived.wait()
            self._arrived.clear()
            await self._start()  # it may have ended while there was nothing to do
            while True:
                pieces = next_batch(self._waiting, most_texts=BATCH_TEXTS, most_characters=BATCH_CHARACTERS)
                alone = self._next_apart()
                if not pieces and alone is None:
                    break
                if pieces:
                    await self._tried(pieces)
                if alone is not None:
                    await self._tried([alone], alone=True)

    def _next_apart(self) -> Piece | None:
        """The next text to be read alone for which somebody still waits."""
        while self._apart:
            piece = self._apart.popleft()
            if not piece.asked.wanted.done():
                return piece
        return None

    async def _tried(self, pieces: Sequence[Piece], *, alone: bool = False) -> None:
        """Read a batch; if the worker dies, its texts are read alone, and one that was is told so."""
        try:
            await self._start()
            await self._read(pieces)
        except WorkerDiedError:
            if alone:
                self._settle(pieces[0], [Answer(State.FAILED, _CRASHED)])
            else:
                self._set_apart(pieces)
        except BaseException:
            self._set_apart(pieces)  # they were not read; the next worker will
            raise

    def _set_apart(self, pieces: Sequence[Piece]) -> None:
        each = ((piece.asked, place) for piece in pieces for place in range(piece.start, piece.end))
        self._apart.extend(Piece(asked, place, place + 1) for asked, place in each)

    async def _read(self, pieces: Sequence[Piece]) -> None:
        if not self._told and self._areas is not None:
            await self._exchange(Know(self._areas), _BATCH_TIMEOUT)
            self._told = True
        task = pieces[0].asked.task
        texts = tuple(text for piece in pieces for text in piece.texts)
        started = time.perf_counter()
        answers = iter(await self._exchange(Batch(task, texts), _BATCH_TIMEOUT))
        self.figures.batches += 1
        self.figures.speed[task].add(sum(map(_weight, texts)), time.perf_counter() - started)
        for piece in pieces:
            self._settle(piece, [next(answers) for _ in piece.texts])

    def _settle(self, piece: Piece, answers: Sequence[Answer]) -> None:
        piece.answer(answers)
        for answer in answers:
            key = piece.asked.task, answer.state
            self.figures.texts[key] = self.figures.texts.get(key, 0) + 1
            if answer.at:
                log.error("fault: %s", answer.at)
        if (part := self._open.get(piece.asked)) is not None:  # somebody still waits
            part.left -= sum(map(_weight, piece.texts))
            if piece.asked.complete and not part.answered.done():
                part.answered.set_result(None)

    async def _exchange(self, message: Batch | Know | None, timeout: float) -> Any:  # noqa: ANN401 - what the worker sends
        assert self._worker is not None
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._pipe, self._worker.exchange, message, timeout)


def _weight(text: str) -> int:
    """Characters that a text counts for; none is free."""
    return len(text) + 1
