"""What routes ask of the engine, and what they say where it cannot answer: for programs and for pages."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Coroutine, Sequence
from itertools import islice
from typing import Any, NoReturn, TypeVar

from fastapi import Request
from pydantic import BaseModel, ValidationError
from pydantic_core import from_json
from starlette.requests import ClientDisconnect

from evenhand_serve.batching import Answer, State, Task
from evenhand_serve.engine import BusyError, Engine, NotReadyError, TooLateError
from evenhand_serve.problems import Problem, not_json, not_ready, not_valid, too_busy, too_late

_MOST_UNKNOWN = 10  # unknown fields of a request that are told
M = TypeVar("M", bound=BaseModel)
T = TypeVar("T")


async def answered(engine: Engine, task: Task, texts: Sequence[str]) -> list[Answer]:
    """Answers of texts, every one of which was read.

    Raises:
        Problem: one could not be, or all not now.
    """
    answers = await asked(engine, task, texts)
    _refuse(answers)
    return answers


async def asked(engine: Engine, task: Task, texts: Sequence[str]) -> list[Answer]:
    """Answers of texts, whatever they are.

    Raises:
        Problem: the engine cannot read them now.
    """
    return (await all_asked(engine, [(task, texts)]))[0]


async def all_asked(engine: Engine, wanted: Sequence[tuple[Task, Sequence[str]]]) -> list[list[Answer]]:
    """Answers of several tasks for one request.

    Raises:
        Problem: the engine cannot read them now.
    """
    try:
        return await engine.ask_all(wanted)
    except BusyError as error:
        raise too_busy(error.seconds) from None
    except NotReadyError as error:
        raise not_ready(str(error)) from None
    except TooLateError:
        raise too_late() from None


def parsed(kind: type[M], body: bytes) -> M:
    """A request as its schema has it.

    Raises:
        Problem: it is none.
    """
    try:
        given = from_json(body)
    except ValueError:
        raise not_json() from None
    if isinstance(given, dict):  # of fields that there are not a few are told; to list all would take seconds
        unknown = islice((key for key in given if key not in kind.model_fields), _MOST_UNKNOWN)
        given = {key: given[key] for key in (*(given.keys() & kind.model_fields.keys()), *unknown)}
    try:
        return kind.model_validate(given)
    except ValidationError as error:
        raise not_valid(error) from None


def _refuse(answers: Sequence[Answer]) -> None:
    """Say of a request which of its texts were not read, all at once.

    Raises:
        Problem: there is one.
    """
    for state in (State.NOT_READY, State.IDENTIFIABLE, State.NOT_CODABLE, State.FAILED):
        places = [place for place, answer in enumerate(answers) if answer.state is state]
        if places:
            raise_of(state, [{"text": place, "found": json.loads(answers[place].body)} for place in places])


def raise_of(state: State, texts: list[dict[str, Any]]) -> NoReturn:
    """Say of texts that were not read why, with their places.

    Raises:
        Problem: always.
    """
    if state is State.NOT_READY:
        told = f"{texts[0]['found']}; try again in a minute"
        raise not_ready(told, seconds=30)
    which = ", ".join(str(each["text"]) for each in texts[:10]) + (" and others" if len(texts) > 10 else "")
    if state is State.IDENTIFIABLE:
        detail = f"Nothing was read, as these texts look identifiable (counted from 0): {which}. Anonymise them."
        raise Problem(422, "identifiable", "A text looks identifiable", detail, more={"texts": texts})
    if state is State.NOT_CODABLE:
        detail = f"These texts have nothing that could be placed (counted from 0): {which}."
        raise Problem(422, "not-codable", "A text cannot be placed", detail, more={"texts": texts})
    detail = f"These texts could not be read (counted from 0): {which}. It is a fault in Evenhand; leave them out."
    raise Problem(500, "fault", "A text could not be read", detail, more={"texts": texts})


async def while_there(request: Request, work: Coroutine[Any, Any, T]) -> T:
    """What some work gives, unless the client goes away; then it is stopped.

    Raises:
        ClientDisconnect: nobody is there any more.
    """
    doing, gone = asyncio.ensure_future(work), asyncio.ensure_future(_gone(request))
    try:
        await asyncio.wait({doing, gone}, return_when=asyncio.FIRST_COMPLETED)
        if doing.done():
            return doing.result()
        raise ClientDisconnect
    finally:
        doing.cancel()
        gone.cancel()


async def _gone(request: Request) -> None:
    while (await request.receive())["type"] != "http.disconnect":
        pass
