"""The HTTP interface, version 1: texts in JSON or NDJSON, threshold documents, areas and models."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from fastapi import APIRouter, Request
from pydantic import BaseModel
from starlette.responses import JSONResponse, Response

from evenhand_serve import schemas
from evenhand_serve.asking import answered, parsed, while_there
from evenhand_serve.batching import Task
from evenhand_serve.forms import MOST_FILES, form_of, uploaded
from evenhand_serve.guard import NDJSON
from evenhand_serve.isolated import FaultError, IsolatedError
from evenhand_serve.lines import LinesResponse
from evenhand_serve.problems import (
    MEDIA_TYPE,
    Problem,
    fault,
    too_large,
)
from evenhand_serve.service import Service
from evenhand_serve.streams import streamed

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
                return LinesResponse(streamed(engine, task, request, longest=service.settings.limits.line), NDJSON)
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
