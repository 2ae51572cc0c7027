"""The HTTP interface, version 1: texts in JSON or NDJSON, threshold documents, areas and models."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Coroutine, Sequence
from contextlib import suppress
from itertools import islice
from typing import Any, NoReturn, TypeVar

from fastapi import APIRouter, Request
from pydantic import BaseModel, ValidationError
from pydantic_core import from_json
from starlette.requests import ClientDisconnect
from starlette.responses import JSONResponse, Response

from evenhand_serve import schemas
from evenhand_serve.batching import Answer, State, Task
from evenhand_serve.engine import BusyError, Engine, NotReadyError, TooLateError
from evenhand_serve.forms import MOST_FILES, form_of, uploaded
from evenhand_serve.guard import NDJSON
from evenhand_serve.isolated import FaultError, IsolatedError
from evenhand_serve.lines import TOO_LONG, LinesResponse, groups_of, lines_of
from evenhand_serve.problems import (
    MEDIA_TYPE,
    Problem,
    fault,
    not_json,
    not_ready,
    not_valid,
    too_busy,
    too_large,
    too_late,
)
from evenhand_serve.service import Service

_TOGETHER = 32  # lines of a stream that are read at once; more would only wait in the queue
_TOGETHER_BYTES = 200_000  # of long lines fewer, so that a stream holds little
_AHEAD = 2  # such groups of one stream that are under way
_PAUSE = 0.2  # seconds without a further line, after which those that are there are read
_STARTS = 6  # times that a stream waits for a worker that is being started, half a minute in all
_MOST_UNKNOWN = 10  # unknown fields of a request that are told
M = TypeVar("M", bound=BaseModel)
T = TypeVar("T")
_PROBLEMS: dict[int | str, dict[str, Any]] = {
    status: {"description": what, "content": {MEDIA_TYPE: {"schema": schemas.ProblemOut.model_json_schema()}}}
    for status, what in {
        400: "Not JSON",
        401: "No valid token",
        403: "Not allowed",
        404: "There are no areas here",
        408: "The body did not arrive",
        413: "Too much was sent",
        415: "Neither JSON nor NDJSON",
        421: "Unknown host name",
        422: "Not valid, or a text looks identifiable or cannot be placed",
        429: "Too much is waiting; see Retry-After",
        500: "A fault",
        503: "Not ready, or not in time; see Retry-After",
    }.items()
}


def api(service: Service) -> APIRouter:
    """Routes under /v1."""
    router = APIRouter(prefix="/v1", responses=_PROBLEMS)
    engine = service.engine

    def check(task: Task) -> None:
        if task is Task.WHERE:
            service.check_areas()

    def route(path: str, task: Task, given: type[schemas.TextsIn], gives: type[BaseModel], summary: str) -> None:
        async def read(request: Request) -> Response:
            kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
            if kind == NDJSON:
                check(task)
                return LinesResponse(_streamed(engine, task, request, service), NDJSON)
            if kind != "application/json":
                raise Problem(415, "not-json", "Neither JSON nor NDJSON", f"Send application/json or {NDJSON}.")
            asked = parsed(given, await request.body())
            check(task)
            _check_size(asked.given(), service)
            answers = await while_there(request, answered(engine, task, asked.given()))
            return service.answers(answers, asked)

        router.add_api_route(
            path,
            read,
            methods=["POST"],
            name=task,
            summary=summary,
            tags=["texts"],
            response_model=gives,
            openapi_extra=_body(given),
        )

    route("/score", Task.SCORE, schemas.TextsIn, schemas.ScoresOut, "Code texts by level and issue")
    route("/flag", Task.FLAG, schemas.TextsIn, schemas.FlaggedOut, "Show how texts are told")
    route("/where", Task.WHERE, schemas.WhereIn, schemas.PlacedOut, "Show where areas would put concerns")

    @router.post(
        "/documents",
        summary="Code threshold documents",
        tags=["documents"],
        response_model=schemas.DocumentsOut,
        openapi_extra=_FILES,
    )
    async def documents(request: Request) -> Response:
        named = await uploaded(await form_of(request, files=MOST_FILES), "files")
        if not named:
            raise Problem(422, "not-valid", "Not a valid request", "files is missing: send them as multipart/form-data")
        try:
            read = await while_there(request, service.read_documents(named, {}))
        except IsolatedError as error:
            raise unread(error) from None
        return JSONResponse({"documents": read.documents, "descriptors": read.rows, "failed": read.failed})

    @router.get("/areas", summary="Thresholds of areas, and same situations at different levels", tags=["areas"])
    async def areas() -> JSONResponse:
        return JSONResponse(service.areas())

    @router.get("/model", summary="What the models are, know and are for", tags=["models"])
    async def model() -> JSONResponse:
        ready = service.ready()
        return JSONResponse({"coding": ready.model, "framing": ready.framing, "privacy": ready.privacy})

    return router


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
            _raise(state, [{"text": place, "found": json.loads(answers[place].body)} for place in places])


def _raise(state: State, texts: list[dict[str, Any]]) -> NoReturn:
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


def _check_size(texts: Sequence[str], service: Service) -> None:
    """Refuse what would take too long to be answered at once.

    Raises:
        Problem: it would.
    """
    most = service.settings.limits.together
    if sum(map(len, texts)) > most:
        what = "all texts of a request together"
        raise too_large(what, f"{most:,} characters, or any number as {NDJSON}")


def unread(error: IsolatedError) -> Problem:
    """Of documents that were not read."""
    if isinstance(error, FaultError):
        return fault()
    return Problem(422, "not-readable", "The documents could not be read", str(error))


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


async def _streamed(engine: Engine, task: Task, request: Request, service: Service) -> AsyncIterator[bytes]:
    """A line for each line that comes, in order, while more come; waits where the engine has too much to do."""
    longest = service.settings.limits.line
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
            _raise(answer.state, [{"text": 0, "found": json.loads(answer.body)}])
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


def _body(given: type[BaseModel]) -> dict[str, Any]:
    """The request's two forms, for OpenAPI."""
    line = schemas.LineIn.model_json_schema()
    return {
        "requestBody": {
            "required": True,
            "content": {
                "application/json": {"schema": schemas.described(given)},
                NDJSON: {"schema": {"type": "string", "description": f"One object a line: {json.dumps(line)}"}},
            },
        }
    }


_FILES: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {
            "multipart/form-data": {
                "schema": {
                    "type": "object",
                    "required": ["files"],
                    "properties": {
                        "files": {
                            "type": "array",
                            "items": {"type": "string", "format": "binary"},
                            "minItems": 1,
                            "description": "PDF, Word, web page or text.",
                        }
                    },
                }
            }
        },
    }
}
