"""Pages of a project: people code its texts, blind to one another, and where they differ somebody decides."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Annotated

from fastapi import APIRouter, Path, Query, Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from evenhand.annotate import Unit
from evenhand.annotate.records import Annotation
from evenhand.annotate.standing import ENOUGH, last_of_people
from evenhand.errors import InputError
from evenhand_serve import views
from evenhand_serve.asking import all_asked
from evenhand_serve.batching import State, Task
from evenhand_serve.pages import Pages
from evenhand_serve.pages_uploads import download
from evenhand_serve.problems import Problem, fault
from evenhand_serve.project import Project

_MEANWHILE = "Another has coded this text meanwhile, so your change was not taken: it would not have been blind."
_IDENTIFIABLE = "The note looks as if it could identify somebody. Leave out names and numbers"
_MOST = 1 << 31  # of places; far more than any project has, and few enough for the store
_NAME = "Enter your name or initials, on one line"
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

    async def name_page(request: Request, wrong: str = "") -> Response:
        errors = (views.FieldError("coder", wrong),) if wrong else ()
        known = tuple((await project.standing()).coded)
        context = {"errors": errors, "known": known, "file": project.store.path.name}
        return made.page(request, "code_name.html", "code", context, 422 if wrong else 200)

    @router.get("/code")
    async def home(request: Request) -> Response:
        session = made.session(request)
        coder = project.coder(session)
        if coder is None:
            return await name_page(request)
        shown = views.CodingHome(
            coder,
            await project.left_for(coder),
            await project.standing(),
            project.may_decide(session),
            str(project.store.path.resolve() if project.asks_names else project.store.path.name),
            views.checked(project.store.privacy),
        )
        return made.page(request, "code.html", "code", {"home": shown, "named": project.asks_names})

    @router.post("/code")
    async def name(request: Request) -> Response:
        form = await made.form(request)
        if not project.asks_names:
            return RedirectResponse("/code", 303)
        try:
            await project.name(made.session(request), str(form.get("coder", "")))
        except InputError:
            return await name_page(request, _NAME)
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
        form: views.CodingForm | None,
        wrong: tuple[str, str] | None = None,
        saved: int = 0,
    ) -> Response:
        """A text with its form, or once others' codings may be seen, with these."""
        unit, coder = await project.unit(place), _coder(made, project, request)
        codings, is_open = await project.seen(coder, unit)
        mine = [one for one in last_of_people(codings) if one.coder.name == coder]
        of = (await project.standing()).units
        shown = views.coding_text(place, of, unit.text, form or views.CodingForm.of(mine), codings, saved)
        errors = () if wrong is None else (views.FieldError(*wrong),)
        context = {"shown": shown, "errors": errors, "coder": coder, "was_coded": bool(mine)}
        template = "code_seen.html" if is_open else "code_text.html"
        return made.page(request, template, "code", context, 422 if wrong else 200)

    @router.get("/code/next")
    async def next_text(request: Request, after: Told = 0, saved: Told = 0) -> Response:
        coder = project.coder(made.session(request))
        place = None if coder is None else await project.next_for(coder, after)
        return RedirectResponse("/code" if place is None else f"/code/{place}{_saved(saved)}", 303)

    @router.get("/code/{place:int}")
    async def text(request: Request, place: Place, saved: Told = 0) -> Response:
        if project.coder(made.session(request)) is None:
            return RedirectResponse("/code", 303)
        return await text_page(request, place, None, saved=saved)

    @router.post("/code/{place:int}")
    async def code(request: Request, place: Place) -> Response:
        form = await _given(made, request)
        coder, unit = _coder(made, project, request), await project.unit(place)
        wrong = form.wrong() or await _identifiable(made, form)
        if wrong is not None:
            return await text_page(request, place, form, wrong)
        try:
            await project.add(coder, unit, **form.codes())
        except InputError:
            return await text_page(request, place, None, ("", _MEANWHILE))
        return RedirectResponse(f"/code/next?after={place}&saved={place}", 303)


def _deciding(router: APIRouter, made: Pages, project: Project) -> None:
    """Texts on which people differ."""

    async def decide_page(
        request: Request,
        place: int,
        form: views.CodingForm | None,
        wrong: tuple[str, str] | None = None,
        saved: int = 0,
    ) -> Response:
        unit = await project.unit(place)
        codings = await _between(project, unit)
        decided = [one for one in codings if one.decides][-1:]
        chosen = form or views.CodingForm.of(decided or last_of_people(codings))
        standing = await project.standing()
        shown = views.coding_text(place, standing.units, unit.text, chosen, codings, saved)
        errors = () if wrong is None else (views.FieldError(*wrong),)
        context = {"shown": shown, "errors": errors, "left": standing.differing}
        return made.page(request, "code_decide.html", "code", context, 422 if wrong else 200)

    @router.get("/code/decide")
    async def next_to_decide(request: Request, after: Told = 0, saved: Told = 0) -> Response:
        place = await project.next_to_decide(after)
        return RedirectResponse("/code" if place is None else f"/code/decide/{place}{_saved(saved)}", 303)

    @router.get("/code/decide/{place:int}")
    async def text_to_decide(request: Request, place: Place, saved: Told = 0) -> Response:
        if project.coder(made.session(request)) is None:
            return RedirectResponse("/code", 303)
        return await decide_page(request, place, None, saved=saved)

    @router.post("/code/decide/{place:int}")
    async def decide(request: Request, place: Place) -> Response:
        given = await made.form(request)
        coder, unit = _coder(made, project, request), await project.unit(place)
        codings = await _between(project, unit)
        people = last_of_people(codings)
        taken = next((one for one in people if one.id == given.get("take")), None)
        if taken is None:
            form = await _given(made, request)
            wrong = form.wrong() or await _identifiable(made, form)
            if wrong is not None:
                return await decide_page(request, place, form, wrong)
        codes = form.codes() if taken is None else _codes(taken)
        await project.add(coder, unit, **codes, decides=tuple(one.id for one in people))
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


async def _given(made: Pages, request: Request) -> views.CodingForm:
    form = await made.form(request)
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
