"""Pages of uploads: threshold documents, and files of texts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from fastapi import APIRouter, Request
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response

from evenhand_serve import views
from evenhand_serve.forms import MOST_FILES, uploaded
from evenhand_serve.keeping import Kept
from evenhand_serve.pages import Pages
from evenhand_serve.problems import Problem
from evenhand_serve.uploads import DOCUMENT_FORMS, DocumentsRead, TableRead
from evenhand_serve.views.file import WORK, Work

# The report is one file with its styles in it, and has no script; it may load nothing and send nothing.
_REPORT_POLICY = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; frame-ancestors 'none'; sandbox"
_MEDIA = {
    "csv": "text/csv; charset=utf-8",
    "jsonl": "application/x-ndjson",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "rejected": "application/x-ndjson",
}
_LABELS = {
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

    async def begun(request: Request, uploads: dict[str, bytes], levels: Mapping[str, Any]) -> Kept[DocumentsRead]:
        """Read documents, and wait until they are."""

        async def read(kept: Kept[DocumentsRead]) -> DocumentsRead:
            return await service.read_documents(kept.uploads, levels)

        kept = service.documents.begin(made.session(request).id, uploads, {}, read)
        assert kept.task is not None
        await kept.task
        return kept

    def shown(request: Request, kept: Kept[DocumentsRead], errors: Sequence[views.FieldError] = ()) -> Response:
        if kept.result is None:
            error = views.FieldError("documents", f"Nothing could be read: {kept.problem}")
            return made.page(request, "documents.html", "documents", {"errors": (error,)}, 422)
        read = kept.result
        result = views.documents_result(kept.id, read.documents, read.rows, read.failed)
        context = {"result": result, "errors": tuple(errors)}
        return made.page(request, "documents_result.html", "documents", context, 422 if errors else 200)

    def settled(request: Request, kept: Kept[DocumentsRead]) -> Response:
        """Go on to the page of a result, which can be loaded again; without a result, say why."""
        return shown(request, kept) if kept.result is None else RedirectResponse(f"/documents/{kept.id}", 303)

    @router.get("/documents")
    async def documents_form(request: Request) -> Response:
        return made.page(request, "documents.html", "documents", {"errors": ()})

    @router.post("/documents")
    async def documents(request: Request) -> Response:
        form = await made.form(request, files=MOST_FILES)
        uploads = await uploaded(form, "documents")
        if not uploads:
            error = views.FieldError("documents", "Choose a document")
            return made.page(request, "documents.html", "documents", {"errors": (error,)}, 422)
        return settled(request, await begun(request, uploads, {}))

    @router.get("/documents/{name}")
    async def documents_read(request: Request, name: str) -> Response:
        return shown(request, service.documents.find(made.session(request).id, name))

    @router.post("/documents/{name}/levels")
    async def levels(request: Request, name: str) -> Response:
        form = await made.form(request)
        before = service.documents.find(made.session(request).id, name)
        if before.result is None:
            raise Problem(404, "not-kept", "Not found", "These documents were not read. Send them again.")
        fields = {key: [str(value) for value in form.getlist(key)] for key in form}
        chosen, wrong = views.levels_chosen(fields, before.result.documents)
        if wrong:
            return shown(request, before, [views.FieldError(field, text) for field, text in wrong])
        after = await begun(request, before.uploads, chosen)
        if after.result is not None:
            service.documents.drop(before)
        return settled(request, after)

    @router.get("/documents/{name}/download/{form}")
    async def download_documents(request: Request, name: str, form: str) -> Response:
        kept = service.documents.find(made.session(request).id, name)
        if kept.result is None or form not in DOCUMENT_FORMS:
            raise Problem(404, "not-kept", "Not found", "There is no such download.")
        return _download(f"descriptors.{form}", kept.result.files[form])


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
            "form": form,
        }

        async def read(kept: Kept[TableRead]) -> TableRead:
            def tell(done: int) -> None:
                kept.done = done

            told = {key: value for key, value in kept.about.items() if key != "form"}
            return await service.read_table(kept.uploads, told, tell)

        kept = service.tables.begin(made.session(request).id, uploads, about, read)
        return RedirectResponse(f"/file/{kept.id}", 303)

    @router.get("/file/{name}")
    async def file_state_page(request: Request, name: str) -> Response:
        kept = found(request, name)
        form: views.FileForm = kept.about["form"]
        if kept.state == "failed":
            service.tables.drop(kept)
            return form_page(request, form, [views.FieldError("file", f"The file was not read: {kept.problem}")])
        if kept.result is None:
            progress = views.FileProgress(kept.id, kept.done, kept.state, _DOING[form.work])
            return made.page(request, "file_progress.html", "file", {"progress": progress})
        files = [
            (file, _LABELS.get(file, "Rows that could not be read"), len(content))
            for file, content in kept.result.files.items()
        ]
        result = views.file_result(
            kept.id,
            kept.result.summaries,
            files,
            has_report=kept.result.report is not None,
        )
        return made.page(request, "file_result.html", "file", {"result": result})

    @router.get("/file/{name}/state")
    async def state(request: Request, name: str) -> JSONResponse:
        kept = found(request, name)
        return JSONResponse({"done": kept.done, "state": kept.state})

    @router.post("/file/{name}/stop")
    async def stop(request: Request, name: str) -> Response:
        await made.form(request)
        service.tables.drop(found(request, name))
        return RedirectResponse("/file", 303)

    @router.get("/file/{name}/download/{file}")
    async def download_file(request: Request, name: str, file: str) -> Response:
        kept = found(request, name)
        if kept.result is None or file not in kept.result.files:
            raise Problem(404, "not-kept", "Not found", "There is no such download.")
        return _download(file, kept.result.files[file])

    @router.get("/file/{name}/report")
    async def report(request: Request, name: str) -> Response:
        kept = found(request, name)
        if kept.result is None or kept.result.report is None:
            raise Problem(404, "not-kept", "Not found", "There is no report.")
        return HTMLResponse(kept.result.report, headers={"Content-Security-Policy": _REPORT_POLICY})


def _download(name: str, content: bytes) -> Response:
    suffix = name.rpartition(".")[2]
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response(content, media_type=_MEDIA.get(suffix, "application/octet-stream"), headers=headers)
