"""Pages of a project: people code its texts, blind to one another, and where they differ somebody decides."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Annotated

from fastapi import APIRouter, Path, Query, Request
from starlette.datastructures import FormData
from starlette.responses import HTMLResponse, RedirectResponse, Response

from evenhand.annotate import Unit
from evenhand.annotate.records import Annotation
from evenhand.annotate.standing import ENOUGH, last_of_people
from evenhand.errors import InputError, OutputError
from evenhand_serve import views
from evenhand_serve.asking import all_asked
from evenhand_serve.batching import State, Task
from evenhand_serve.pages import Pages
from evenhand_serve.pages_uploads import download
from evenhand_serve.problems import Problem, fault
from evenhand_serve.project import Project
from evenhand_serve.tokens import Scope
from evenhand_serve.views.words import sentence_case

_NOT_SAVED = "The project's file could not be written, so nothing was saved. Try again in a moment"
_OTHER_PERSON = "This form was {before}'s, and now {coder} codes in this browser. Nothing was saved: look whose it is"
_CHANGED = "Meanwhile there is a further coding or decision of this text. Nothing was saved: look at it and decide anew"
_IDENTIFIABLE = "The note looks as if it could identify somebody. Leave out names and numbers"
_MOST = 1 << 31  # of places; far more than any project has, and few enough for the store
_NAME = "Enter your name or initials"
_NOT_ENOUGH = "This text cannot be decided: two people have to have coded it first."
Place = Annotated[int, Path(ge=1, le=_MOST)]
Told = Annotated[int, Query(ge=0, le=_MOST)]


def coding_pages(made: Pages, project: Project) -> APIRouter:
    """Routes of a project."""
    router = APIRouter(include_in_schema=False, default_response_class=HTMLResponse)
    _home(router, made, project)
    _coding(router, made, project)
    _deciding(router, made, project)
    return router


def _home(router: APIRouter, made: Pages, project: Project) -> None:
    """How far it is, who codes, and exports."""

    async def name_page(request: Request, given: str = "", wrong: str = "") -> Response:
        errors = (views.FieldError("coder", wrong),) if wrong else ()
        context = {"errors": errors, "known": await project.people(), "given": given}
        return made.page(request, "code_name.html", "code", context, 422 if wrong else 200)

    @router.get("/code")
    async def home(request: Request, saved: Told = 0) -> Response:
        session = made.session(request)
        coder = project.coder(session)
        if coder is None:
            return await name_page(request)
        shown = views.CodingHome(
            coder,
            await project.left_for(coder),
            await project.standing(),
            may_code=project.may(session, Scope.CODE),
            may_decide=project.may(session, Scope.DECIDE),
            file=str(project.store.path.resolve() if project.asks_names else project.store.path.name),
            checked=views.checked(await project.privacy(), made.service.settings.privacy),
        )
        return made.page(request, "code.html", "code", {"home": shown, "named": project.asks_names, "saved": saved})

    @router.post("/code")
    async def name(request: Request) -> Response:
        form = await made.form(request)
        if not project.asks_names:
            return RedirectResponse("/code", 303)
        given = str(form.get("coder", ""))
        try:
            await project.name(made.session(request), given)
        except InputError as error:
            return await name_page(request, given, sentence_case(str(error)) if given.strip() else _NAME)
        return RedirectResponse("/code", 303)

    @router.post("/code/leave")
    async def leave(request: Request) -> Response:
        await made.form(request)
        project.forget(made.session(request))
        return RedirectResponse("/code", 303)

    @router.get("/code/export/{form}")
    async def export(request: Request, form: str) -> Response:
        return download(f"{project.store.path.stem}.{form}", await project.exported(form))


def _coding(router: APIRouter, made: Pages, project: Project) -> None:
    """One text after the other."""

    async def text_page(
        request: Request,
        place: int,
        form: views.CodingForm | None = None,
        wrong: tuple[str, str] | None = None,
        *,
        saved: int = 0,
        status: int = 422,
    ) -> Response:
        """A text with its form, or once others' codings may be seen, with these."""
        unit, coder = await project.unit(place), _coder(made, project, request)
        codings, is_open = await project.seen(coder, unit)
        mine = [one for one in last_of_people(codings) if one.coder.name == coder]
        shown = views.coding_text(place, unit.text, form or views.CodingForm.of(mine), codings, saved)
        errors = () if wrong is None else (views.FieldError(*wrong),)
        own = {"coder": coder, "was_coded": bool(mine), "of": await project.size()}
        context = {"shown": shown, "errors": errors, **own}
        template = "code_seen.html" if is_open else "code_text.html"
        return made.page(request, template, "code", context, status if wrong else 200)

    @router.get("/code/next")
    async def next_text(request: Request, after: Told = 0, saved: Told = 0) -> Response:
        coder = project.coder(made.session(request))
        place = None if coder is None else await project.next_for(coder, after)
        return RedirectResponse("/code" if place is None else f"/code/{place}{_saved(saved)}", 303)

    @router.get("/code/{place:int}")
    async def text(request: Request, place: Place, saved: Told = 0) -> Response:
        if project.coder(made.session(request)) is None:
            return RedirectResponse("/code", 303)
        return await text_page(request, place, saved=saved)

    @router.post("/code/{place:int}")
    async def code(request: Request, place: Place) -> Response:
        given = await made.form(request)
        form, coder, unit = _given(given), _coder(made, project, request), await project.unit(place)
        wrong = _of_another(given, coder) or form.wrong() or await _identifiable(made, form)
        if wrong is not None:
            return await text_page(request, place, form, wrong)
        try:
            await project.add(coder, unit, **form.codes())
        except InputError as error:
            return await text_page(request, place, form, ("", f"Not saved: {error}"))
        except OutputError:
            return await text_page(request, place, form, ("", _NOT_SAVED), status=503)
        return RedirectResponse(f"/code/next?after={place}&saved={place}", 303)


def _deciding(router: APIRouter, made: Pages, project: Project) -> None:
    """Texts on which people differ."""

    async def decide_page(
        request: Request,
        place: int,
        form: views.CodingForm | None = None,
        wrong: tuple[str, str] | None = None,
        *,
        saved: int = 0,
        status: int = 422,
    ) -> Response:
        unit = await project.unit(place)
        codings = await _between(project, unit)
        decided = [one for one in codings if one.decides][-1:]
        chosen = form or views.CodingForm.of(decided or last_of_people(codings))
        shown = views.coding_text(place, unit.text, chosen, codings, saved)
        errors = () if wrong is None else (views.FieldError(*wrong),)
        context = {"shown": shown, "errors": errors, "coder": _coder(made, project, request), "known": _ids(codings)}
        return made.page(request, "code_decide.html", "code", context, status if wrong else 200)

    @router.get("/code/decide")
    async def next_to_decide(request: Request, after: Told = 0, saved: Told = 0) -> Response:
        place = await project.next_to_decide(after)
        return RedirectResponse(f"/code{'' if place is None else f'/decide/{place}'}{_saved(saved)}", 303)

    @router.get("/code/decide/{place:int}")
    async def text_to_decide(request: Request, place: Place, saved: Told = 0) -> Response:
        if project.coder(made.session(request)) is None:
            return RedirectResponse("/code", 303)
        return await decide_page(request, place, saved=saved)

    @router.post("/code/decide/{place:int}")
    async def decide(request: Request, place: Place) -> Response:
        given = await made.form(request)
        coder, unit = _coder(made, project, request), await project.unit(place)
        codings = await _between(project, unit)
        people = last_of_people(codings)
        taken = next((one for one in people if one.id == given.get("take")), None)
        form = _given(given)
        wrong = _of_another(given, coder)
        if wrong is None and given.get("known") != _ids(codings):
            wrong = "", _CHANGED
        if wrong is None and taken is None:
            wrong = form.wrong() or await _identifiable(made, form)
        shown = form if taken is None else None
        if wrong is not None:
            return await decide_page(request, place, shown, wrong)
        codes = form.codes() if taken is None else _codes(taken)
        try:
            await project.add(coder, unit, **codes, decides=tuple(one.id for one in people))
        except OutputError:
            return await decide_page(request, place, shown, ("", _NOT_SAVED), status=503)
        return RedirectResponse(f"/code/decide?after={place}&saved={place}", 303)


def _coder(made: Pages, project: Project, request: Request) -> str:
    """Who codes.

    Raises:
        Problem: they have not said so, or not since the service was started.
    """
    coder = project.coder(made.session(request))
    if coder is None:
        detail = "The service does not know who you are any more, so nothing was saved. Say it again on the page Code."
        raise Problem(403, "no-coder", "Who are you?", detail)
    return coder


async def _between(project: Project, unit: Unit) -> Sequence[Annotation]:
    """Codings of a text that can be decided.

    Raises:
        Problem: too few people have coded it, whom an adjudicator may not look over the shoulder.
    """
    codings = await project.codings(unit)
    if len(last_of_people(codings)) < ENOUGH:
        raise Problem(409, "not-coded", "Not coded yet", _NOT_ENOUGH)
    return codings


def _ids(codings: Sequence[Annotation]) -> str:
    """Which codings by people and which decision there are, to tell whether a form was made with these."""
    decisions = [one for one in codings if one.decides]
    return " ".join(one.id for one in (*last_of_people(codings), *decisions[-1:]))


def _of_another(given: FormData, coder: str) -> tuple[str, str] | None:
    """Whether a form was filled in as somebody else, before another began in the same browser."""
    before = str(given.get("coder", ""))
    return None if before == coder else ("", _OTHER_PERSON.format(before=before or "nobody", coder=coder))


def _given(form: FormData) -> views.CodingForm:
    return views.CodingForm.given({key: [str(value) for value in form.getlist(key)] for key in form})


async def _identifiable(made: Pages, form: views.CodingForm) -> tuple[str, str] | None:
    """Whether a note must not be kept, as the service's privacy gate has it.

    Raises:
        Problem: it cannot be checked now.
    """
    if not form.note:
        return None
    (answers,) = await all_asked(made.service.engine, [(Task.SCORE, [form.note])])
    if answers[0].state is State.IDENTIFIABLE:
        return "note", _IDENTIFIABLE
    if answers[0].state is State.FAILED:
        raise fault()
    return ("note", _IDENTIFIABLE) if "redacted_text" in json.loads(answers[0].body) else None


def _codes(coding: Annotation) -> dict[str, object]:
    """What a coding says, to say it again."""
    return {
        "levels": coding.levels,
        "severity": coding.severity,
        "issues": coding.issues,
        "confidence": coding.confidence,
        "note": coding.note,
    }


def _saved(place: int) -> str:
    return f"?saved={place}" if place > 0 else ""
