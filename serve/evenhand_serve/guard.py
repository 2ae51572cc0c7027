"""What every request passes: the host's name, its origin, who asks, how large it is; and headers of every response.

Order matters: what costs least comes first, and nothing of a body is read before it is known that somebody may send it.
"""

from __future__ import annotations

import asyncio
import math
import re
import time
from collections.abc import Callable
from http.cookies import CookieError, SimpleCookie

from python_multipart.multipart import parse_options_header
from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import ClientDisconnect, Request
from starlette.responses import RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Send
from starlette.types import Scope as Connection

from evenhand_serve.operations import Watch
from evenhand_serve.problems import Problem, fault, too_busy, too_large
from evenhand_serve.sessions import Session, Sessions, cookie_name
from evenhand_serve.settings import MIB, Limits, Settings
from evenhand_serve.tokens import Scope, Token, TokenFile

NDJSON = "application/x-ndjson"
_SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
_OPEN = ("/healthz", "/readyz", "/sign-in", "/static/")
# What a path is for, by how it begins; the first that fits counts. Other paths are pages for anybody who has signed in.
_SCOPES: tuple[tuple[str, Scope], ...] = (
    ("/v1/score", Scope.TEXT),
    ("/v1/flag", Scope.TEXT),
    ("/v1/where", Scope.TEXT),
    ("/v1/documents", Scope.DOCUMENTS),
    ("/v1/", Scope.READ),
    ("/openapi.json", Scope.READ),
    ("/metrics", Scope.METRICS),
    ("/code/decide", Scope.DECIDE),
    ("/code/export", Scope.DECIDE),
    ("/code", Scope.CODE),
    ("/text", Scope.TEXT),
    ("/documents", Scope.DOCUMENTS),
    ("/file", Scope.DOCUMENTS),
    ("/areas", Scope.READ),
)
_FOR_PROGRAMS = ("/v1/", "/openapi.json", "/metrics")
_STREAMS = ("/v1/score", "/v1/flag", "/v1/where")
_SIGN = "/sign-"
_UPLOADS = ("/v1/documents", "/documents", "/file")
# Nothing is loaded from elsewhere, no script or style stands in a page, and no other site may show the page.
_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self';"
    " form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
_HEADERS = {
    "Content-Security-Policy": _POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",  # with "no-referrer" browsers leave the origin of forms away as well
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
}
_UNKNOWN_HOST = 421
GONE = 499  # in log and metrics alone, as other servers write it
_CHARSETS = {b"utf-8", b"utf8", b"us-ascii"}
_HOST = re.compile(r"(\[[0-9a-f:.]+\]|[a-z0-9._-]+)(?::\d{1,5})?")
_NO_STORE = "no-store"  # results are about children: no browser or proxy keeps them
_STATIC = "public, max-age=3600"


class Guard:
    """ASGI middleware around everything.

    Args:
        app: What is guarded.
        settings: Names, limits.
        tokens: Who may ask; None for anybody.
        sessions: Of browsers.
        watch: Is told of each request.
        page: Shows a problem to people.
    """

    def __init__(
        self,
        app: ASGIApp,
        *,
        settings: Settings,
        tokens: TokenFile | None,
        sessions: Sessions,
        watch: Watch,
        page: Callable[[Request, Problem], Response],
    ) -> None:
        self._app, self._settings, self._tokens = app, settings, tokens
        self._sessions, self._watch, self._page = sessions, watch, page
        self._held = 0  # bytes of bodies of requests that are not answered yet

    async def __call__(self, scope: Connection, receive: Receive, send: Send) -> None:
        """Guard a request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        head = scope["method"] == "HEAD"
        static, patience = scope["path"].startswith("/static/"), self._settings.limits.body_wait
        sender = _Sender(send, static=static, head=head, patience=patience)
        if head:
            scope = {**scope, "method": "GET"}
        started = time.perf_counter()
        try:
            headers = Headers(scope=scope)
            session = self._sessions.read(_cookie(headers, cookie_name(secure=self._settings.secure_cookies)))
            scope["state"] = {**scope.get("state", {}), "session": session}
            self._check_host(headers)
            self._check_origin(scope["method"], headers)
            self._check_body(scope, headers, session)
            refused = self._sign_in(scope, headers, session)
            if refused is not None:
                await refused(scope, receive, sender)
            else:
                await self._app(scope, self._limited(scope, headers, receive), sender)
        except ClientDisconnect:
            sender.status = sender.status or GONE  # nobody is there to be told
        except Problem as problem:
            await self._tell(problem, scope, receive, sender)
        except Exception as error:  # the last resort: told without its message, which could hold a text
            self._watch.fault(error)
            await self._tell(fault(), scope, receive, sender)
        finally:
            self._held -= scope["state"].get("held", 0)
            self._watch.request(scope, sender.status, time.perf_counter() - started)

    async def _tell(self, problem: Problem, scope: Connection, receive: Receive, sender: _Sender) -> None:
        """Send a problem, as a page to people; a response that has begun is left, and the server cuts it off."""
        if sender.status:
            return
        path = scope["path"]
        plain = for_programs(path) or path.startswith("/static/") or problem.status == _UNKNOWN_HOST
        response = problem.response() if plain else self._page(Request(scope), problem)
        await response(scope, receive, sender)

    def _check_host(self, headers: Headers) -> None:
        """Refuse other names, under which a page elsewhere could reach this service through its reader's browser."""
        name = _HOST.fullmatch(headers.get("host", "").lower())
        if name is None or name[1] not in self._settings.hosts:
            detail = "The service is not reached under this name; its operator can add it with --allow-host."
            raise Problem(_UNKNOWN_HOST, "unknown-host", "Unknown host name", detail)

    def _check_origin(self, method: str, headers: Headers) -> None:
        """Refuse what a page of another site sends."""
        if method in _SAFE:
            return
        origin, site = headers.get("origin"), headers.get("sec-fetch-site")
        ours = {f"{scheme}://{headers.get('host', '').lower()}" for scheme in ("http", "https")}
        foreign = origin is not None and origin.lower() not in ours
        if foreign or site in {"cross-site", "same-site"}:
            raise Problem(403, "other-site", "Sent from another site", "Only its own pages may send to this service.")

    def _check_body(self, scope: Connection, headers: Headers, session: Session | None) -> None:
        """Refuse bodies that no form or program of ours sends, before any of them is read."""
        if "transfer-encoding" in headers and "content-length" in headers:  # where two could read it in two ways
            raise Problem(400, "two-lengths", "Bad request", headers={"Connection": "close"})
        _, parameters = parse_options_header(headers.get("content-type", ""))
        if parameters.get(b"charset", b"utf-8").lower() not in _CHARSETS:
            # Python has encodings that take hours to decode, and others that make texts which cannot be encoded again.
            raise Problem(415, "charset", "Unknown character set", "Send UTF-8.")
        if scope["method"] == "POST" and not for_programs(scope["path"]) and session is None:
            raise Problem(403, "old-form", "The form is too old", "The form was of another session, or too old.")

    def _sign_in(self, scope: Connection, headers: Headers, session: Session | None) -> ASGIApp | None:
        """Find out who asks; a page that needs it sends its reader to sign in."""
        path = scope["path"]
        if self._tokens is None or path.startswith(_OPEN):
            return None
        needed = next((each for start, each in _SCOPES if path.startswith(start)), None)
        if path.startswith(_FOR_PROGRAMS):
            token = self._bearer(headers)
        elif (known := self._of_session(session)) is not None:
            token = known
        elif scope["method"] in _SAFE:
            return RedirectResponse("/sign-in", 303)
        else:
            raise Problem(401, "not-signed-in", "Not signed in", "Sign in again; what was sent was not read.")
        scope["state"]["token"] = token.id
        if path == "/code" and Scope.DECIDE in token.scopes:  # how far it is, and exports; nothing can be coded there
            return None
        if needed is not None and needed not in token.scopes:
            detail = f"The token is not for this; it needs the scope {needed!s}."
            raise Problem(403, "wrong-scope", "Not allowed with this token", detail)
        return None

    def _bearer(self, headers: Headers) -> Token:
        kind, _, given = headers.get("authorization", "").partition(" ")
        token = self._tokens.find(given.strip()) if self._tokens is not None and kind.lower() == "bearer" else None
        if token is None:
            detail = "Send a token that `evenhand tokens create` made, as `Authorization: Bearer TOKEN`."
            raise Problem(401, "no-token", "No valid token", detail, headers={"WWW-Authenticate": "Bearer"})
        return token

    def _of_session(self, session: Session | None) -> Token | None:
        if session is None or not session.token or self._tokens is None:
            return None
        return self._tokens.by_id(session.token)

    def _limited(self, scope: Connection, headers: Headers, receive: Receive) -> Receive:
        """Bodies up to their limit, and no sender that keeps others waiting."""
        limits = self._settings.limits
        kind = headers.get("content-type", "").partition(";")[0].strip().lower()
        stream = kind == NDJSON and scope["path"] in _STREAMS
        most = None if stream else _most(scope["path"], limits)
        whole = limits.sign_in_whole if scope["path"].startswith(_SIGN) else limits.body_whole
        ends = math.inf if stream else time.monotonic() + whole
        declared = headers.get("content-length", "")
        if most is not None and declared.isdigit() and int(declared) > most:
            raise _body_too_large(most)
        got, done = 0, False

        async def limited() -> Message:
            nonlocal got, done
            if done:
                return await receive()
            try:
                message = await asyncio.wait_for(receive(), min(limits.body_wait, ends - time.monotonic()))
            except TimeoutError:
                raise Problem(408, "too-slow", "The body did not arrive", "Send the request again.") from None
            got += len(message.get("body", b""))
            done = not message.get("more_body", False)
            if most is not None and got > most:
                raise _body_too_large(most)
            if not stream:
                self._hold(scope, len(message.get("body", b"")))
            return message

        return limited

    def _hold(self, scope: Connection, size: int) -> None:
        """Count what is held of bodies.

        Raises:
            Problem: it is too much.
        """
        self._held += size
        scope["state"]["held"] = scope["state"].get("held", 0) + size
        if self._held > self._settings.limits.held:
            raise too_busy()


class _Sender:
    """Sends a response with the headers that every one has."""

    def __init__(self, send: Send, *, static: bool, head: bool, patience: float) -> None:
        self.status = 0
        self.complete = False
        self._send, self._static, self._head, self._patience = send, static, head, patience

    async def __call__(self, message: Message) -> None:
        """Send a part of it."""
        if message["type"] == "http.response.start":
            self.status = message["status"]
            headers = MutableHeaders(scope=message)
            for name, value in _HEADERS.items():
                headers.setdefault(name, value)
            headers["Cache-Control"] = _STATIC if self._static and self.status < 400 else _NO_STORE
        elif message["type"] == "http.response.body":
            self.complete = not message.get("more_body", False)
            message = {**message, "body": b""} if self._head else message
        try:
            await asyncio.wait_for(self._send(message), self._patience)
        except TimeoutError:  # it is not taken, and must not be kept for ever
            raise ClientDisconnect from None


def for_programs(path: str) -> bool:
    """Whether what a path gives is read by programs and not by people."""
    return path.startswith((*_FOR_PROGRAMS, "/healthz", "/readyz"))


def _most(path: str, limits: Limits) -> int:
    """Bytes of a body, by where it goes."""
    if path.startswith(_UPLOADS):
        return limits.upload
    if path.startswith(_SIGN):
        return limits.sign_in
    return limits.body if for_programs(path) else limits.form


def _body_too_large(most: int) -> Problem:
    return too_large("the body", f"{most / MIB:.0f} MiB" if most >= MIB else f"{most:,} bytes")


def _cookie(headers: Headers, name: str) -> str | None:
    try:
        found = SimpleCookie(headers.get("cookie", "")).get(name)
    except CookieError:
        return None
    return None if found is None else found.value
