"""The worker: a process of its own that holds the models and reads batches of texts.

A process and not a thread, so that whatever happens to it, or however busy it is, the service still answers. It is
given texts through a pipe, gives JSON back, and writes nothing anywhere.
"""

from __future__ import annotations

import ctypes
import logging
import multiprocessing
import os
import pickle
import signal
import traceback
import warnings
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path
from typing import TYPE_CHECKING, Any

from evenhand.batch.gate import Privacy, checker_for, looked_for
from evenhand.errors import EvenhandError, InputError
from evenhand.privacy import Checker, Finding, load_checker, redact
from evenhand.tables.values import coding_fields, json_text
from evenhand_serve.batching import Answer, State, Task

if TYPE_CHECKING:
    from evenhand.consistency.where import Locator
    from evenhand.framing.flagger import Flagger
    from evenhand.model import Model

_SET_DEATH_SIGNAL, _SET_DUMPABLE = 1, 4  # PR_SET_PDEATHSIG and PR_SET_DUMPABLE of <linux/prctl.h>
_GIVES_WAY = 5  # steps of nice(2): the service, which takes requests and answers for its health, comes first
NO_AREAS = "areas are not worked out yet"


@dataclass(frozen=True, slots=True)
class WorkerPlan:
    """What a worker is to load.

    Attributes:
        model: Folder of the coding model; None for the installed one.
        framing_model: Folder of the framing model; None for the installed one.
        privacy: What is done about texts that look identifiable.
    """

    model: Path | None
    framing_model: Path | None
    privacy: Privacy


@dataclass(frozen=True, slots=True)
class Batch:
    """Texts to read."""

    task: Task
    texts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Know:
    """What was worked out of the areas, pickled by a process of ours."""

    areas: bytes


@dataclass(frozen=True, slots=True)
class Ready:
    """The worker has loaded all it needs.

    Attributes:
        model: Facts of the coding model.
        framing: Manifest of the framing model.
        framing_metrics: Its metrics.
        privacy: What is looked for.
    """

    model: dict[str, Any]
    framing: dict[str, Any]
    framing_metrics: dict[str, Any]
    privacy: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Unable:
    """The worker cannot start; the message is for the operator."""

    message: str


class Reader:
    """Reads texts: the privacy gate first, then what is asked for.

    Args:
        plan: What to load.

    Raises:
        EvenhandError: a model or the checker cannot be loaded.
    """

    def __init__(self, plan: WorkerPlan) -> None:
        from evenhand.framing import load_flagger
        from evenhand.model import load

        self._privacy = plan.privacy
        self._checker: Checker | None = checker_for(
            plan.privacy, load_checker, otherwise="start with --privacy patterns, which leaves names unchecked"
        )
        self._model: Model = load(plan.model)
        self._flagger: Flagger = load_flagger(plan.framing_model, coder=self._model)
        self._locator: Locator | None = None
        self.ready = Ready(
            self._model.info(),
            self._flagger.manifest,
            self._flagger.metrics,
            looked_for(plan.privacy, self._checker, ()),
        )

    def know(self, areas: bytes) -> None:
        """Take what was worked out of the areas."""
        from evenhand.consistency.where import Locator

        collection, posterior, embeddings = pickle.loads(areas)  # noqa: S301 - our own process made it
        self._locator = Locator(collection, posterior, self._model, embeddings=embeddings)

    def read(self, batch: Batch) -> list[Answer]:
        """Answer each text by itself; one that makes the batch fail is found and fails alone."""
        found = self._findings(batch.texts)
        stopped = self._privacy in {Privacy.REFUSE, Privacy.PATTERNS}
        answers: dict[int, Answer] = {}
        given: dict[int, str] = {}
        for place, (text, findings) in enumerate(zip(batch.texts, found, strict=True)):
            if findings and stopped:
                answers[place] = Answer(State.IDENTIFIABLE, json_text([_plain(each) for each in findings]).encode())
            else:
                given[place] = redact(text, findings) if findings and self._privacy is Privacy.REDACT else text
        answers |= zip(given, self._answered(batch.task, list(given.values())), strict=True)
        for place in given:
            answers[place] = self._noted(answers[place], given[place], found[place])
        return [answers[place] for place in range(len(batch.texts))]

    def _findings(self, texts: Sequence[str]) -> list[tuple[Finding, ...]]:
        return [()] * len(texts) if self._checker is None else self._checker.check_many(texts)

    def _noted(self, answer: Answer, text: str, findings: Sequence[Finding]) -> Answer:
        """With what the gate found in a text that was read all the same, and with the text where it was changed."""
        if not findings or answer.state is not State.DONE:
            return answer
        told: dict[str, Any] = {"identifiable": sorted({str(each.kind) for each in findings})}
        if self._privacy is Privacy.REDACT:
            told["redacted_text"] = text
        return Answer(answer.state, answer.body[:-1] + b", " + json_text(told).encode()[1:])

    def _answered(self, task: Task, texts: list[str]) -> list[Answer]:
        read: Callable[[list[str]], list[Answer]] = {
            Task.SCORE: self._scored,
            Task.FLAG: self._flagged,
            Task.WHERE: self._placed,
        }[task]
        try:
            return read(texts)
        except BaseException as error:  # whatever it is, a panic of a library too: the others are to be answered
            if len(texts) == 1:
                return [_failed(error)]
            return [answer for text in texts for answer in self._answered(task, [text])]

    def _scored(self, texts: list[str]) -> list[Answer]:
        return [_done(coding_fields(coding)) for coding in self._model.code_many(texts)]

    def _flagged(self, texts: list[str]) -> list[Answer]:
        from evenhand.framing.contract import flag_fields

        return [_done(flag_fields(flags)) for flags in self._flagger.flag_many(texts)]

    def _placed(self, texts: list[str]) -> list[Answer]:
        return [self._place(text) for text in texts]

    def _place(self, text: str) -> Answer:
        if self._locator is None:
            return Answer(State.NOT_READY, json_text(NO_AREAS).encode())
        try:
            return _done(self._locator.where(text).to_dict())
        except InputError as error:
            return Answer(State.NOT_CODABLE, json_text(str(error)).encode())


def work(connection: Connection, plan: WorkerPlan) -> None:
    """Run a worker until its pipe is closed; the target of its process."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the service, which ends its worker itself
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    keep_to_itself()
    give_way(_GIVES_WAY)
    try:
        reader = Reader(plan)
    except EvenhandError as error:
        connection.send(Unable(str(error)))
        return
    connection.send(reader.ready)
    while True:
        try:
            message = connection.recv()
        except (EOFError, OSError):
            return
        if isinstance(message, Know):
            reader.know(message.areas)
            connection.send(None)
        else:
            connection.send(_read(reader, message))


def _read(reader: Reader, batch: Batch) -> list[Answer]:
    """Answers whatever happens: an error that ended the process would be printed, and its message could hold a text."""
    try:
        return reader.read(batch)
    except BaseException as error:
        return [_failed(error)] * len(batch.texts)


def keep_to_itself() -> None:
    """Keep what this process reads from being written anywhere, and end it with the service, however that ends."""
    no_core_dumps()
    with suppress(OSError, AttributeError):
        ctypes.CDLL(None).prctl(_SET_DEATH_SIGNAL, signal.SIGKILL)
    parent = multiprocessing.parent_process()
    if parent is not None and os.getppid() != parent.pid:  # it ended before, and nobody would end this one
        os._exit(1)
    warnings.simplefilter("ignore")
    logging.disable(logging.CRITICAL)
    nowhere = os.open(os.devnull, os.O_WRONLY)
    for stream in (1, 2):  # also what libraries of other languages write, a panic's message for instance
        os.dup2(nowhere, stream)


def give_way(steps: int) -> None:
    """Let other processes have the processor before this one, where there are more than it has cores."""
    with suppress(OSError, AttributeError):  # not on Windows
        os.nice(steps)


def no_core_dumps() -> None:
    """Keep the memory of this process, which holds texts, from being written to disk should it crash."""
    with suppress(ImportError):  # not on Windows
        import resource

        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    with suppress(OSError, AttributeError):  # dumps that go to a program know no limit; Linux has this for them
        ctypes.CDLL(None).prctl(_SET_DUMPABLE, 0)


def fault_place(error: BaseException) -> str:
    """What a log may say of a fault: its kind and where it arose, and never its message, which could hold a text."""
    places = traceback.extract_tb(error.__traceback__)[::-1]
    told = " < ".join(f"{place.name} ({place.filename.rpartition('/')[2]}:{place.lineno})" for place in places)
    return f"{type(error).__name__} in {told}"


def _failed(error: BaseException) -> Answer:
    return Answer(State.FAILED, json_text(type(error).__name__).encode(), fault_place(error))


def _done(fields: dict[str, Any]) -> Answer:
    return Answer(State.DONE, json_text(fields).encode())


def _plain(finding: Finding) -> dict[str, Any]:
    return {"start": finding.start, "end": finding.end, "kind": str(finding.kind)}
