"""The pages: forms in, results out, for people with a browser; they work without JavaScript."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping, Sequence
from typing import Any

from fastapi import APIRouter, Request
from starlette.datastructures import FormData
from starlette.responses import HTMLResponse, RedirectResponse, Response

import evenhand
from evenhand.batch.gate import Privacy
from evenhand_serve import views
from evenhand_serve.asking import all_asked, while_there
from evenhand_serve.batching import Answer, State, Task
from evenhand_serve.forms import form_of
from evenhand_serve.problems import Problem, fault
from evenhand_serve.project import Project
from evenhand_serve.service import Service
from evenhand_serve.sessions import Session, Sessions, cookie_name
from evenhand_serve.tokens import TokenFile
from evenhand_serve.views.words import sentence_case

_OK = 200
_AS_ONE = "The text was compared as one concern. Of a note with several, paste the one you mean."


class Pages:
    """Makes pages for a visitor.

    Args:
        service: What they are about.
        sessions: Of browsers.
        tokens: Who may sign in; None asks nobody to.
        project: That people code on pages; None for none.
    """

    def __init__(
        self, service: Service, sessions: Sessions, tokens: TokenFile | None, project: Project | None = None
    ) -> None:
        self.service, self.sessions, self.tokens, self.project = service, sessions, tokens, project

    def session(self, request: Request) -> Session:
        """The visitor's session, a new one for the first page."""
        known: Session | None = request.state.session
        if known is None:
            known = request.state.session = self.sessions.new()
        return known

    def page(
        self,
        request: Request,
        template: str,
        page: views.Page,
        context: Mapping[str, Any],
        status: int = 200,
        *,
        cookie: bool = True,
    ) -> Response:
        """A page as a response, with the session's cookie unless it is left out."""
        session = self.session(request)
        common = views.Common(
            version=evenhand.__version__,
            csrf_token=self.sessions.form_token(session),
            page=page,
            signed_in=bool(session.token),
            needs_sign_in=self.tokens is not None,
            privacy_note=self._privacy_note(),
            most_characters=self.service.settings.limits.characters,
            has_project=self.project is not None,
        )
        response = HTMLResponse(views.rendered(template, common, context), status)
        if cookie:
            self.remember(response, session)
        return response

    def remember(self, response: Response, session: Session) -> None:
        """Give the browser its cookie."""
        secure = self.service.settings.secure_cookies
        name, value = cookie_name(secure=secure), self.sessions.cookie(session)
        response.set_cookie(name, value, httponly=True, samesite="lax", secure=secure)

    def end(self, request: Request) -> None:
        """End the visitor's session, and forget what is kept for it."""
        session = self.session(request)
        self.sessions.end(session)
        self.service.documents.drop_all(session.id)
        self.service.tables.drop_all(session.id)
        self.service.texts.drop(session.id)
        if self.project is not None:
            self.project.forget(session)

    def problem(self, request: Request, problem: Problem) -> Response:
        """A problem as a page."""
        back = request.url.path.partition("/text")[0] or "/"
        told = views.Problem(problem.status, problem.title, problem.detail or "", _next_step(problem), back)
        response = self.page(request, "problem.html", "problem", {"problem": told}, problem.status, cookie=False)
        response.headers.update(problem.headers)
        return response

    async def form(self, request: Request, *, files: int = 0) -> FormData:
        """A form of one of our pages.

        Raises:
            Problem: it is of no page of this session.
        """
        form = await form_of(request, files=files)
        session: Session | None = request.state.session
        if session is None or not self.sessions.is_form_token(session, str(form.get("csrf_token", ""))):
            detail = "The form was of another session, or too old."
            raise Problem(403, "old-form", "The form is too old", detail)
        return form

    def _privacy_note(self) -> str:
        ready = self.service.engine.ready
        mode = self.service.settings.privacy
        if mode is Privacy.OFF:
            return "Texts are not checked for what could identify somebody."
        looked = "Texts are checked for names and numbers that could identify somebody."
        if ready is None or ready.privacy["names"] != "checked":
            looked = (
                "Texts are checked for numbers and addresses that could identify somebody; names are not looked for."
            )
        done = {
            Privacy.WARN: "A text in which something is found is read all the same.",
            Privacy.REDACT: "What is found is replaced before a text is read.",
        }
        return f"{looked} {done.get(mode, 'A text in which something is found is not read.')}"


def pages(made: Pages) -> APIRouter:
    """Routes of the pages."""
    router = APIRouter(include_in_schema=False, default_response_class=HTMLResponse)
    service = made.service

    @router.get("/")
    async def text_form(request: Request, example: str = "") -> Response:
        chosen = example if any(one.id == example for one in views.EXAMPLES) else ""
        given = views.example_text(chosen) if chosen else ""
        return made.page(request, "text.html", "text", _text_page(given or "", example=chosen))

    @router.post("/text")
    async def text(request: Request) -> Response:
        form = await made.form(request)
        given = str(form.get("text", "")).replace("\r\n", "\n")
        most = service.settings.limits.characters
        wrong = ""
        if not given.strip():
            wrong = "Enter a concern, referral or note"
        elif len(given) > most:
            wrong = f"The concern, referral or note must be {most:,} characters or less"
        if wrong:
            error = views.FieldError("text", wrong)
            return made.page(request, "text.html", "text", _text_page(given, errors=(error,)), 422)
        context, status = await while_there(request, _read(service, given))
        if status != _OK:
            return await asyncio.to_thread(made.page, request, "text.html", "text", context, status)
        return RedirectResponse(f"/text/{service.texts.keep(made.session(request).id, context)}", 303)

    @router.get("/text")
    async def no_text(request: Request) -> Response:
        return RedirectResponse("/", 303)

    @router.get("/text/{name}")
    async def text_read(request: Request, name: str) -> Response:
        context = service.texts.find(made.session(request).id, name)
        return await asyncio.to_thread(made.page, request, "text.html", "text", context)

    @router.get("/areas")
    async def areas(request: Request, area: str = "", issue: str = "") -> Response:
        shown = views.areas_page(service.areas(), area=area, issue=issue)
        return made.page(request, "areas.html", "areas", {"areas": shown})

    @router.get("/about")
    async def about(request: Request) -> Response:
        ready = service.ready()
        cards = (views.model_card(ready.model), views.framing_card(ready.framing, ready.framing_metrics))
        return made.page(request, "about.html", "about", {"cards": cards})

    _sign_in(router, made)
    return router


def _sign_in(router: APIRouter, made: Pages) -> None:
    service = made.service

    @router.get("/sign-in")
    async def form_to_sign_in(request: Request) -> Response:
        return made.page(request, "sign_in.html", "sign-in", {"errors": ()})

    @router.post("/sign-in")
    async def sign_in(request: Request) -> Response:
        form = await made.form(request)
        given = str(form.get("token", "")).strip()
        token = None if made.tokens is None else made.tokens.find(given)
        if token is None:
            wrong = "This token is not known, or no longer valid" if given else "Enter your token"
            error = views.FieldError("token", wrong)
            return made.page(request, "sign_in.html", "sign-in", {"errors": (error,)}, 401)
        response = RedirectResponse("/", 303)
        made.remember(response, made.sessions.new(token.id))
        return response

    @router.post("/sign-out")
    async def sign_out(request: Request) -> Response:
        await made.form(request)
        made.end(request)
        response = RedirectResponse("/sign-in" if made.tokens is not None else "/", 303)
        secure = service.settings.secure_cookies
        response.delete_cookie(cookie_name(secure=secure), secure=secure, httponly=True, samesite="lax")
        return response


async def _read(service: Service, text: str) -> tuple[dict[str, Any], int]:
    """What the page of a text shows of one, and its status."""
    tasks = (Task.SCORE, Task.FLAG, Task.WHERE)
    wanted = tasks if service.engine.knows_areas else tasks[:2]
    coding, flags, *where = [one[0] for one in await all_asked(service.engine, [(task, [text]) for task in wanted])]
    if coding.state is State.IDENTIFIABLE:
        found = [(one["start"], one["end"], one["kind"]) for one in json.loads(coding.body)]
        return _text_page(text, refused=await asyncio.to_thread(views.refused, text, found)), 422
    if State.FAILED in {coding.state, flags.state}:
        raise fault()
    told = json.loads(coding.body)
    placed, note = _placed(service, where, told)
    shown = told.get("redacted_text", text)
    seen = [] if shown != text else told.get("identifiable", [])
    result = await asyncio.to_thread(
        views.text_result, shown, told, json.loads(flags.body), placed, where_note=note, identifiable=seen
    )
    return _text_page(shown, result=result, redacted=shown != text), 200


def _placed(service: Service, where: Sequence[Answer], coding: Mapping[str, Any]) -> tuple[dict[str, Any] | None, str]:
    """Where areas would put a text, if that can be told, and a note."""
    if not where and not service.settings.areas:
        return None, "This service was started without areas."
    if not where or where[0].state is State.NOT_READY:
        return None, f"{sentence_case(service.areas_trouble)}. Try again in a minute."
    if where[0].state is not State.DONE:
        nothing = "There is nothing in the text that could be placed."
        return None, nothing if where[0].state is State.NOT_CODABLE else "This failed by a fault in Evenhand."
    return json.loads(where[0].body), _AS_ONE if len(coding["sentences"]) > 1 else ""


def _text_page(
    text: str,
    *,
    example: str = "",
    errors: Sequence[views.FieldError] = (),
    result: views.TextResult | None = None,
    refused: views.Refused | None = None,
    redacted: bool = False,
) -> dict[str, Any]:
    return {
        "text": text,
        "examples": views.EXAMPLES,
        "example": example,
        "errors": tuple(errors),
        "result": result,
        "refused": refused,
        "redacted": redacted,
    }


def _next_step(problem: Problem) -> str:
    """What somebody can do about a problem."""
    if problem.kind == "wrong-scope":
        return "Ask whoever runs this service for a token with that scope."
    return {
        401: "Sign in and send it again.",
        403: "Open the page again and send it from there.",
        404: "Start again from one of the pages above.",
        413: "Send less at a time.",
        429: "Wait a moment and try again.",
        503: "Wait a moment and try again.",
        405: "Start again from one of the pages above.",
    }.get(problem.status, "If it happens again, tell whoever runs this service; its log says where, without any text.")
