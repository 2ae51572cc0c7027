"""The application: routes, guard, and the life of the service."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from importlib import resources
from typing import Any

from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.formparsers import MultiPartParser
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp

import evenhand
from evenhand.annotate.store import Store
from evenhand_serve.api import api
from evenhand_serve.guard import GONE, Guard, for_programs
from evenhand_serve.operations import operations
from evenhand_serve.pages import Pages, pages
from evenhand_serve.pages_coding import coding_pages
from evenhand_serve.pages_uploads import document_pages, file_pages
from evenhand_serve.problems import Problem, http_problem, not_valid
from evenhand_serve.project import Project
from evenhand_serve.service import Service
from evenhand_serve.sessions import Sessions
from evenhand_serve.settings import Settings
from evenhand_serve.tokens import TokenFile

_DESCRIPTION = (
    "Codes free-text concerns about children by level of intervention and issue, the same way for every area, and shows"
    " how they are told. For research and audit; it never decides about a child. Send anonymised texts only."
)


def create_app(settings: Settings) -> ASGIApp:
    """The service as an ASGI application.

    Args:
        settings: How it runs.

    Raises:
        InputError: it could be reached unasked, or the file of tokens or the project cannot be read.
    """
    settings.check()
    tokens = None if settings.tokens is None else TokenFile(settings.tokens)
    # What is larger goes to a temporary file on disk otherwise; the guard bounds all of a body.
    MultiPartParser.spool_max_size = max(MultiPartParser.spool_max_size, settings.limits.upload + 1)
    service, sessions = Service(settings), Sessions()
    project = None if settings.project is None else Project(Store(settings.project), tokens)
    made = Pages(service, sessions, tokens, project)

    @asynccontextmanager
    async def life(app: FastAPI) -> AsyncIterator[None]:
        service.start()
        yield
        await service.stop()

    app = FastAPI(
        title="Evenhand",
        version=evenhand.__version__,
        description=_DESCRIPTION,
        lifespan=life,
        redirect_slashes=False,  # it would be to an address without TLS, as nothing here knows of the proxy's
        docs_url=None,  # their scripts come from elsewhere
        redoc_url=None,
        exception_handlers={kind: _told(made) for kind in (Problem, HTTPException, RequestValidationError, Exception)},
    )
    app.include_router(operations(service.engine, service.watch))
    app.include_router(api(service))
    router = pages(made)
    document_pages(router, made)
    file_pages(router, made)
    app.include_router(router)
    if project is not None:
        app.include_router(coding_pages(made, project))
    app.mount("/static", StaticFiles(directory=str(resources.files("evenhand_serve") / "static")), name="static")
    app.state.service = service
    return Guard(app, settings=settings, tokens=tokens, sessions=sessions, watch=service.watch, page=made.problem)


def _told(made: Pages) -> Any:  # noqa: ANN401 - a handler of starlette
    """A handler of errors: a page for people, problem details for programs."""

    async def handler(request: Request, error: Exception) -> Response:
        if isinstance(error, ClientDisconnect):  # nobody is there to be told
            return Response(status_code=GONE)
        if isinstance(error, RequestValidationError):
            problem = not_valid(error)
        else:
            problem = error if isinstance(error, Problem) else http_problem(error)
        return problem.response() if for_programs(request.url.path) else made.problem(request, problem)

    return handler
