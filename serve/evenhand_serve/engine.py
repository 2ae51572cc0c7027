"""The service's side of the worker: a bounded queue, batches over requests, deadlines, and a new worker after a crash.

Under more load than it can carry it turns new requests away, by how long they would wait, and serves those it took.
"""

from __future__ import annotations

import asyncio
import math
import time
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from multiprocessing.connection import Connection
from typing import Any

from evenhand_serve.batching import Answer, Asked, Piece, State, Task, next_batch
from evenhand_serve.load import Speed, Taken, seconds_until_done
from evenhand_serve.process import WorkerDiedError, WorkerProcess
from evenhand_serve.settings import Limits
from evenhand_serve.worker import Batch, Know, Ready, Unable, WorkerPlan, work

BATCH_TEXTS = 64  # as many as fill two cores; larger ones only make others wait
BATCH_CHARACTERS = 60_000  # about two seconds of work
_START_TIMEOUT = 120.0  # seconds for loading the models from a cold disk
_BATCH_TIMEOUT = 120.0  # seconds; the slowest batch takes some ten, so that the worker hangs
_LOOK = 1.0  # seconds between looks at whether the worker still is there
_LONGEST_PAUSE = 30.0  # seconds between two tries to start a worker that does not start
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
class Figures:
    """What is counted for the metrics.

    Attributes:
        batches: Read.
        texts: Answered, by task and state.
        restarts: Of the worker.
        shed: Requests turned away.
        late: Requests given up.
        speed: Lately, by task.
    """

    batches: int = 0
    texts: dict[tuple[Task, State], int] = field(default_factory=dict)
    restarts: int = 0
    shed: int = 0
    late: int = 0
    speed: dict[Task, Speed] = field(default_factory=lambda: {task: Speed() for task in Task})


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
        self._arrived = asyncio.Event()
        self._open: dict[Asked, int] = {}  # requests that were taken, with the characters that have no answer yet
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
        for asked in list(self._open):
            if isinstance(asked.wanted, asyncio.Future) and not asked.wanted.done():
                asked.wanted.set_exception(NotReadyError(self.trouble))
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
        return len(self._waiting), sum(self._open.values())

    def wait(self) -> float:
        """Seconds that all that waits will take."""
        return sum(self._seconds(asked.task, count) for asked, count in self._open.items())

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
        if self.ready is None:
            raise NotReadyError(self.trouble)
        characters, now = sum(map(_weight, texts)), time.monotonic()
        own = self._seconds(task, characters)
        others = ((self._seconds(one.task, count), one.left) for one, count in self._open.items())
        turns = seconds_until_done(own, len(texts), others, self._taken.share(now))
        if self._open and turns > self._limits.longest_wait:
            self.figures.shed += 1
            raise BusyError(turns - self._limits.longest_wait)
        done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        asked = Asked(task, texts, done)
        self._taken.add(now, own)
        self._waiting.append(asked)
        self._open[asked] = characters
        self._arrived.set()
        try:
            await asyncio.wait_for(done, self._limits.answer + turns)
        except TimeoutError:
            self.figures.late += 1
            raise TooLateError from None
        finally:
            del self._open[asked]
        return [asked.answers[place] for place in range(len(texts))]

    async def _run(self) -> None:
        pause = 1.0
        while True:
            try:
                await self._start()
                pause = 1.0
                await self._work()
            except WorkerDiedError:
                self.figures.restarts += 1
            except NotReadyError as error:
                self.ready, self.trouble = None, str(error)
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
            self._worker.end()
        self._worker, self._told = WorkerProcess(self._plan, self._target), self._areas is None
        try:
            first = await self._exchange(None, _START_TIMEOUT)
        except WorkerDiedError as error:
            message = f"the worker could not be started ({error})"
            raise NotReadyError(message) from None
        if isinstance(first, Unable):
            raise NotReadyError(first.message)
        self.ready = first

    async def _work(self) -> None:
        """Read batch after batch."""
        while True:
            await self._arrived.wait()
            self._arrived.clear()
            await self._start()  # it may have ended while there was nothing to do
            while pieces := next_batch(self._waiting, most_texts=BATCH_TEXTS, most_characters=BATCH_CHARACTERS):
                try:
                    await self._read(pieces)
                except WorkerDiedError:
                    self.figures.restarts += 1
                    await self._apart(pieces)

    async def _apart(self, pieces: Sequence[Piece]) -> None:
        """After a crash, read the texts of its batch one at a time: those that crash the worker again are told so."""
        for piece in pieces:
            for place in range(piece.start, piece.end):
                alone = Piece(piece.asked, place, place + 1)
                try:
                    await self._start()
                    await self._read([alone])
                except (WorkerDiedError, NotReadyError):
                    self.figures.restarts += 1
                    self._settle(alone, [Answer(State.FAILED, _CRASHED)])
        await self._start()

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
        if piece.asked in self._open:
            self._open[piece.asked] -= sum(map(_weight, piece.texts))
        for answer in answers:
            key = piece.asked.task, answer.state
            self.figures.texts[key] = self.figures.texts.get(key, 0) + 1
        wanted = piece.asked.wanted
        if piece.asked.complete and isinstance(wanted, asyncio.Future) and not wanted.done():
            wanted.set_result(None)

    async def _exchange(self, message: Batch | Know | None, timeout: float) -> Any:  # noqa: ANN401 - what the worker sends
        assert self._worker is not None
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._pipe, self._worker.exchange, message, timeout)


def _weight(text: str) -> int:
    """Characters that a text counts for; none is free."""
    return len(text) + 1
