"""Errors as problem details (RFC 9457). They say what is wrong, where and what next, and never repeat a text."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from fastapi.exceptions import RequestValidationError
from pydantic import ValidationError
from starlette.responses import JSONResponse, Response

MEDIA_TYPE = "application/problem+json"
_AGAIN = 10  # seconds until somebody who was turned away may try again, where nothing tells better
_MOST_ERRORS = 20  # of one request that are listed
# Messages of these kinds say nothing of what was given; others could.
_SAFE_KINDS = {
    "missing": "is missing",
    "string_type": "is not text",
    "list_type": "is not a list",
    "int_type": "is not a whole number",
    "int_parsing": "is not a whole number",
    "bool_type": "is neither true nor false",
    "dict_type": "is not an object",
    "model_type": "is not an object",
    "string_too_long": "is too long",
    "too_long": "has too many entries",
    "too_short": "is empty",
    "greater_than_equal": "is too small",
    "less_than_equal": "is too large",
    "extra_forbidden": "is not a field of this request",
    "value_error": "needs either text or texts",
    "string_unicode": "is not valid Unicode",
}


class Problem(Exception):  # noqa: N818 - the standard's word
    """Something that the client is told.

    Args:
        status: Of the response.
        kind: Short name, the end of the problem's type.
        title: The kind in a few words, always the same.
        detail: This one, and what to do; None for nothing more.
        headers: Of the response.
        more: Further members, plain JSON types.
    """

    def __init__(
        self,
        status: int,
        kind: str,
        title: str,
        detail: str | None = None,
        *,
        headers: Mapping[str, str] | None = None,
        more: Mapping[str, Any] | None = None,
    ) -> None:
        super().__init__(title)
        self.status, self.kind, self.title, self.detail = status, kind, title, detail
        self.headers, self.more = dict(headers or {}), dict(more or {})

    def to_dict(self) -> dict[str, Any]:
        """The problem's members."""
        members = {"type": f"urn:evenhand:problem:{self.kind}", "title": self.title, "status": self.status}
        if self.detail is not None:
            members["detail"] = self.detail
        return {**members, **self.more}

    def response(self) -> Response:
        """As a response."""
        return JSONResponse(self.to_dict(), self.status, self.headers, MEDIA_TYPE)


def too_large(what: str, most: str) -> Problem:
    """Something has more than may be sent."""
    return Problem(413, "too-large", "Too much was sent", f"{what} may have at most {most}; send less at a time")


def too_busy(seconds: int = _AGAIN) -> Problem:
    """There is more to do than can be done soon."""
    return Problem(
        429,
        "too-busy",
        "Too much is waiting",
        f"The service has more texts to read than it can soon; try again in {seconds} seconds.",
        headers={"Retry-After": str(seconds)},
    )


def not_ready(detail: str, seconds: int = 5) -> Problem:
    """The service, or a part of it, is not there yet."""
    return Problem(503, "not-ready", "Not ready", detail, headers={"Retry-After": str(seconds)})


def too_late() -> Problem:
    """A request was taken and could not be answered in time."""
    return Problem(
        503,
        "too-late",
        "It took too long",
        "The texts were not read in time. Send fewer at once, or try again later.",
        headers={"Retry-After": "10"},
    )


def not_json() -> Problem:
    """A body, or a line of one, is no JSON."""
    return Problem(400, "not-json", "Not JSON", "The body is not JSON in UTF-8.")


def fault() -> Problem:
    """Something went wrong that should not have."""
    return Problem(500, "fault", "Something went wrong", "This is a fault in Evenhand; its log says where.")


def not_valid(error: ValidationError | RequestValidationError) -> Problem:
    """A request that is not of the form of its schema: where, and what is wrong with it."""
    found = [
        {"where": _place(each["loc"], each["type"]), "problem": _SAFE_KINDS.get(each["type"], "is not valid")}
        for each in error.errors()
    ]
    detail = "; ".join(f"{each['where']} {each['problem']}" for each in found[:3])
    return Problem(422, "not-valid", "Not a valid request", detail, more={"errors": found[:_MOST_ERRORS]})


def _place(place: Sequence[object], kind: str) -> str:
    """Where an error is, without names that the client made up, as they could be text."""
    named = [*place[:-1], "(a field)"] if kind == "extra_forbidden" and place else list(place)
    shown = ".".join(str(part) for part in named if part not in {"one", "many"})
    return shown or "the body"


def http_problem(error: Exception) -> Problem:
    """The framework's own errors, such as an address that is not there, as problems."""
    status = getattr(error, "status_code", None)
    if status is None:
        return fault()
    titles = {400: "Bad request", 404: "Not found", 405: "Method not allowed"}
    return Problem(status, f"http-{status}", titles.get(status, "Error"), headers=getattr(error, "headers", None))
