"""Pages of uploads: threshold documents, and files of texts."""

from __future__ import annotations

import asyncio
import codecs
from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any
from urllib.parse import quote

from fastapi import APIRouter, Request
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response

from evenhand_serve import views
from evenhand_serve.forms import MOST_FILES, uploaded
from evenhand_serve.keeping import Keeper, Kept
from evenhand_serve.pages import Pages
from evenhand_serve.problems import Problem
from evenhand_serve.uploads import DOCUMENT_FORMS, DocumentsRead, TableRead
from evenhand_serve.views.file import WORK, Work

_AT_ONCE = 2.0  # seconds that a short document or a wrong column takes, so that no page of progress flashes by
# The report is one file with its styles in it, and has no script; it may load nothing and send nothing.
_REPORT_POLICY = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; frame-ancestors 'none'; sandbox"
_MEDIA = {
    "csv": "text/csv; charset=utf-8",
    "jsonl": "application/x-ndjson",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "rejected": "application/x-ndjson",
    "json": "application/json",
    "jsonld": "application/ld+json",
}
_LABELS = {
    "results.xlsx": "Your rows with what was read in them, to look at in Excel",
    "scored.csv": "Your rows with levels and issues",
    "flagged.csv": "Your rows with flags",
    "report.rates.csv": "Figures of the report",
    "report.phrases.csv": "Phrases of the report",
}
_DOING: dict[Work, str] = {
    "score": "Reading levels and issues",
    "flag": "Flagging framing",
    "both": "Reading levels and issues, and flagging framing",
}


def document_pages(router: APIRouter, made: Pages) -> None:
    """Routes of threshold documents."""
    service = made.service

    async def begun(
        request: Request,
        uploads: dict[str, bytes],
        levels: Mapping[str, Any],
        before: Kept[DocumentsRead] | None = None,
    ) -> Response:
        """Read documents; `before` is what they gave before, which goes when they are read again."""

        async def read(kept: Kept[DocumentsRead]) -> DocumentsRead:
            result = await service.read_documents(kept.uploads, levels, partial(_tell, kept))
            if before is not None:
                service.documents.drop(before)
            return result

        kept = service.documents.begin(made.session(request).id, uploads, None, read)
        return await _settled(kept, "documents")

    def form_page(request: Request, why: str) -> Response:
        errors = (views.FieldError("documents", why),) if why else ()
        return made.page(request, "documents.html", "documents", {"errors": errors}, 422 if errors else 200)

    def result_page(
        request: Request,
        kept: Kept[DocumentsRead],
        errors: Sequence[views.FieldError] = (),
        ticked: Mapping[str, Sequence[str]] | None = None,
    ) -> Response:
        read = kept.result
        assert read is not None
        result = views.documents_result(kept.id, read.documents, read.rows, read.failed, ticked)
        context = {"result": result, "errors": tuple(errors)}
        return made.page(request, "documents_result.html", "documents", context, 422 if errors else 200)

    def finished(request: Request, name: str) -> Kept[DocumentsRead]:
        kept = service.documents.find(made.session(request).id, name)
        if kept.result is None:
            raise Problem(404, "not-kept", "Not found", "These documents were not read. Send them again.")
        return kept

    @router.get("/documents")
    async def documents_form(request: Request) -> Response:
        return form_page(request, "")

    @router.post("/documents")
    async def documents(request: Request) -> Response:
        form = await made.form(request, files=MOST_FILES)
        uploads = await uploaded(form, "documents")
        return await begun(request, uploads, {}) if uploads else form_page(request, "Choose a document")

    @router.get("/documents/{name}")
    async def documents_read(request: Request, name: str) -> Response:
        kept = service.documents.find(made.session(request).id, name)
        if kept.state == "failed":
            return form_page(request, f"Nothing could be read: {kept.problem}")
        if kept.result is None:
            progress = views.Progress("documents", kept.id, kept.done, "Reading the documents")
            return made.page(request, "progress.html", "documents", {"progress": progress})
        return await asyncio.to_thread(result_page, request, kept)

    @router.post("/documents/{name}/levels")
    async def levels(request: Request, name: str) -> Response:
        form = await made.form(request)
        before = finished(request, name)
        assert before.result is not None
        fields = {key: [str(value) for value in form.getlist(key)] for key in form}
        chosen, wrong = views.levels_chosen(fields, before.result.documents)
        if wrong:
            return result_page(request, before, [views.FieldError(field, text) for field, text in wrong], fields)
        return await begun(request, before.uploads, chosen, before)

    @router.get("/documents/{name}/download/{form}")
    async def download_documents(request: Request, name: str, form: str) -> Response:
        kept = finished(request, name)
        assert kept.result is not None
        if form not in DOCUMENT_FORMS:
            raise Problem(404, "not-kept", "Not found", "There is no such download.")
        return download(f"descriptors.{form}", kept.result.files[form])

    _routes_meanwhile(router, made, "documents", service.documents)


def file_pages(router: APIRouter, made: Pages) -> None:
    """Routes of files of texts."""
    service = made.service

    def form_page(request: Request, form: views.FileForm, errors: Sequence[views.FieldError] = ()) -> Response:
        context = {"form": form, "errors": tuple(errors)}
        return made.page(request, "file.html", "file", context, 422 if errors else 200)

    def found(request: Request, name: str) -> Kept[TableRead]:
        return service.tables.find(made.session(request).id, name)

    @router.get("/file")
    async def file_form(request: Request) -> Response:
        return form_page(request, views.FileForm())

    @router.post("/file")
    async def file(request: Request) -> Response:
        given = await made.form(request, files=1)
        work: Work = next((name for name in WORK if name == given.get("work")), "both")
        form = views.FileForm(str(given.get("column", "")).strip(), str(given.get("by", "")).strip(), work)
        uploads = await uploaded(given, "file")
        if not uploads:
            return form_page(request, form, [views.FieldError("file", "Choose a file")])
        about = {
            "works": ("score", "flag") if work == "both" else (work,),
            "column": form.column or None,
            "by": form.columns_to_compare(),
        }

        async def read(kept: Kept[TableRead]) -> TableRead:
            return await service.read_table(kept.uploads, about, partial(_tell, kept))

        kept = service.tables.begin(made.session(request).id, uploads, form, read)
        return await _settled(kept, "file")

    @router.get("/file/{name}")
    async def file_state_page(request: Request, name: str) -> Response:
        kept = found(request, name)
        form: views.FileForm = kept.about
        if kept.state == "failed":
            error = views.FieldError(kept.field_name or "file", f"The file was not read: {kept.problem}")
            return form_page(request, form, [error])
        if kept.result is None:
            progress = views.Progress("file", kept.id, kept.done, _DOING[form.work])
            return made.page(request, "progress.html", "file", {"progress": progress})
        files = [
            (file, _LABELS.get(file, "Rows that could not be read"), len(content))
            for file, content in kept.result.files.items()
            if content.count(b"\n") > 1 or not file.endswith(".csv")  # more than a header
        ]
        result = views.file_result(
            kept.id,
            kept.result.summaries,
            files,
            has_report=kept.result.report is not None,
        )
        return made.page(request, "file_result.html", "file", {"result": result})

    @router.get("/file/{name}/download/{file}")
    async def download_file(request: Request, name: str, file: str) -> Response:
        kept = found(request, name)
        if kept.result is None or file not in kept.result.files:
            raise Problem(404, "not-kept", "Not found", "There is no such download.")
        return download(file, kept.result.files[file])

    @router.get("/file/{name}/report")
    async def report(request: Request, name: str) -> Response:
        kept = found(request, name)
        if kept.result is None or kept.result.report is None:
            raise Problem(404, "not-kept", "Not found", "There is no report.")
        back = f'<body>\n<p><a href="/file/{kept.id}">Back to the results</a></p>'.encode()
        content = kept.result.report.replace(b"<body>", back, 1)
        return HTMLResponse(content, headers={"Content-Security-Policy": _REPORT_POLICY})

    _routes_meanwhile(router, made, "file", service.tables)


def _tell(kept: Kept[Any], words: str) -> None:
    kept.done = words


async def _settled(kept: Kept[Any], page: str) -> Response:
    """Go on to the page of some work, by which time it may be done or have failed."""
    assert kept.task is not None
    await asyncio.wait({kept.task}, timeout=_AT_ONCE)
    return RedirectResponse(f"/{page}/{kept.id}", 303)


def _routes_meanwhile(router: APIRouter, made: Pages, page: str, keeper: Keeper[Any]) -> None:
    """Routes of the page that is shown while some work goes on."""

    @router.get(f"/{page}/{{name}}/state")
    async def state(request: Request, name: str) -> JSONResponse:
        kept = keeper.find(made.session(request).id, name)
        return JSONResponse({"done": kept.done, "state": kept.state})

    @router.post(f"/{page}/{{name}}/stop")
    async def stop(request: Request, name: str) -> Response:
        await made.form(request)
        keeper.drop(keeper.find(made.session(request).id, name))
        return RedirectResponse(f"/{page}", 303)


def download(name: str, content: bytes) -> Response:
    """A file to keep, of a type by its suffix."""
    suffix = name.rpartition(".")[2]
    if suffix == "csv" and not content.startswith(codecs.BOM_UTF8):
        content = codecs.BOM_UTF8 + content  # or Excel on Windows reads it in another encoding
    plain = name.isascii() and name.isprintable() and not set(name) & set('"\\')
    told = f'filename="{name}"' if plain else f"filename*=UTF-8''{quote(name)}"
    headers = {"Content-Disposition": f"attachment; {told}"}
    return Response(content, media_type=_MEDIA.get(suffix, "application/octet-stream"), headers=headers)
