"""Texts as lines, in and out: answered in order while more come."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Sequence
from contextlib import suppress

from fastapi import Request
from pydantic_core import from_json

from evenhand_serve import schemas
from evenhand_serve.asking import asked, parsed, raise_of
from evenhand_serve.batching import Answer, State, Task
from evenhand_serve.engine import Engine
from evenhand_serve.lines import TOO_LONG, groups_of, lines_of
from evenhand_serve.problems import Problem, too_large

_TOGETHER = 32  # lines of a stream that are read at once; more would only wait in the queue
_TOGETHER_BYTES = 200_000  # of long lines fewer, so that a stream holds little
_AHEAD = 2  # such groups of one stream that are under way
_PAUSE = 0.2  # seconds without a further line, after which those that are there are read
_STARTS = 6  # times that a stream waits for a worker that is being started, half a minute in all


async def streamed(engine: Engine, task: Task, request: Request, *, longest: int) -> AsyncIterator[bytes]:
    """A line for each line that comes, in order, while more come; waits where the engine has too much to do.

    Args:
        engine: Reads texts.
        task: What is done with them.
        request: Whose body has the lines.
        longest: Bytes of a line.
    """
    lines = lines_of(request.stream(), longest)
    under_way: asyncio.Queue[asyncio.Task[bytes] | Exception | None] = asyncio.Queue()
    places = asyncio.Semaphore(_AHEAD)

    async def begin() -> None:
        try:
            async for group in groups_of(lines, most=_TOGETHER, most_bytes=_TOGETHER_BYTES, pause=_PAUSE):
                await places.acquire()
                under_way.put_nowait(asyncio.create_task(_group(engine, task, group, longest)))
        except Exception as error:
            under_way.put_nowait(error)
        else:
            under_way.put_nowait(None)

    beginning, reading = asyncio.create_task(begin()), None
    try:
        while isinstance(reading := await under_way.get(), asyncio.Task):
            yield await reading
            places.release()
        if isinstance(reading, Problem):  # what came before it was answered
            yield _told_problem(None, reading)
        elif reading is not None:
            raise reading
    finally:
        left = [reading, *(under_way.get_nowait() for _ in range(under_way.qsize()))]
        for each in (beginning, *left):
            if isinstance(each, asyncio.Task):
                each.cancel()


async def _group(engine: Engine, task: Task, lines: Sequence[bytes], longest: int) -> bytes:
    """The results of some lines, as lines."""
    said: list[bytes | None] = []
    given: list[schemas.LineIn] = []
    for line in lines:
        try:
            given.append(parsed(schemas.LineIn, line))
            said.append(None)
        except Problem as problem:
            told = too_large("a line", f"{longest:,} bytes") if line is TOO_LONG else problem
            said.append(_told_problem(_id_of(line), told))
    answers = iter(zip(given, await _patiently(engine, task, [each.text for each in given]), strict=True))
    return b"".join(_told(*next(answers)) if line is None else line for line in said)


async def _patiently(engine: Engine, task: Task, texts: Sequence[str]) -> list[Answer | Problem]:
    """Answers of texts, waiting while there is too much to do."""
    if not texts:
        return []
    starts = 0
    while True:
        try:
            return list(await asked(engine, task, texts))
        except Problem as problem:
            starts += problem.kind == "not-ready"
            if problem.kind not in {"too-busy", "not-ready"} or starts > _STARTS:
                return [problem] * len(texts)
            await asyncio.sleep(float(problem.headers["Retry-After"]))


def _told(given: schemas.LineIn, answer: Answer | Problem) -> bytes:
    if isinstance(answer, Answer) and answer.state is State.DONE:
        return _line(given.id, "result", answer.body)
    try:
        if isinstance(answer, Answer):
            raise_of(answer.state, [{"text": 0, "found": json.loads(answer.body)}])
        raise answer
    except Problem as problem:
        return _told_problem(given.id, problem)


def _told_problem(name: str | int | None, problem: Problem) -> bytes:
    return _line(name, "problem", json.dumps(problem.to_dict()).encode())


def _id_of(line: bytes) -> str | int | None:
    """The id of a line that is not valid, if it has one that could be."""
    with suppress(ValueError):
        given = from_json(line)
        name = given.get("id") if isinstance(given, dict) else None
        return name if isinstance(name, str | int) and not isinstance(name, bool) else None
    return None


def _line(name: str | int | None, what: str, body: bytes) -> bytes:
    return f'{{"id": {json.dumps(name)}, "{what}": '.encode() + body + b"}\n"
