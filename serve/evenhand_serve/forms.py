"""Forms that are sent, and files in them, kept in memory."""

from __future__ import annotations

from starlette.datastructures import FormData, UploadFile
from starlette.exceptions import HTTPException
from starlette.formparsers import MultiPartException
from starlette.requests import Request

from evenhand_serve.problems import Problem
from evenhand_serve.uploads import safe_names

MOST_FILES = 20  # documents of one area, with all their parts
_MOST_FIELDS = 2_000  # boxes of the levels of all documents
_LARGEST_FIELD = 2 << 20  # bytes, as of the form for one text


async def form_of(request: Request, *, files: int = 0) -> FormData:
    """The form of a request; other content is one without fields.

    Raises:
        Problem: it cannot be read.
    """
    try:
        return await request.form(max_files=files, max_fields=_MOST_FIELDS, max_part_size=_LARGEST_FIELD)
    except (MultiPartException, HTTPException, UnicodeError):
        raise Problem(400, "not-a-form", "Not a form", "The form could not be read.") from None


async def uploaded(form: FormData, field: str) -> dict[str, bytes]:
    """Uploaded files by a safe name; browsers send one without a name where none was chosen."""
    files = [file for file in form.getlist(field) if isinstance(file, UploadFile) and file.filename]
    contents = [await file.read() for file in files]
    return dict(zip(safe_names([file.filename for file in files]), contents, strict=True))
