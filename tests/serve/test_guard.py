"""The guard: who may ask, from where, and how much; and what every response carries."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import AsyncIterator, Callable, Mapping
from pathlib import Path
from typing import Any

import httpx
import pytest
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response, StreamingResponse
from starlette.types import ASGIApp, Receive, Send
from starlette.types import Scope as Connection
from tests.serve.targets import SECRET

from evenhand.batch.gate import Privacy
from evenhand_serve.engine import Engine
from evenhand_serve.guard import Guard
from evenhand_serve.operations import Watch
from evenhand_serve.problems import Problem
from evenhand_serve.sessions import Sessions, cookie_name
from evenhand_serve.settings import Limits, Settings
from evenhand_serve.tokens import Scope, TokenFile
from evenhand_serve.worker import WorkerPlan

COOKIE = cookie_name(secure=False)

SESSIONS = Sessions()
JSON = {"content-type": "application/json"}
NDJSON = {"content-type": "application/x-ndjson"}
HEADERS = {
    "content-security-policy",
    "x-content-type-options",
    "x-frame-options",
    "referrer-policy",
    "cross-origin-opener-policy",
    "cross-origin-resource-policy",
    "permissions-policy",
    "cache-control",
}


async def reads(scope: Connection, receive: Receive, send: Send) -> None:
    """Tell how long the body was."""
    size = len(await Request(scope, receive).body())
    await PlainTextResponse(str(size))(scope, receive, send)


async def breaks(scope: Connection, receive: Receive, send: Send) -> None:
    """Fail with a text in the message."""
    raise RuntimeError(SECRET)


async def breaks_off(scope: Connection, receive: Receive, send: Send) -> None:
    """Fail when some has been sent."""

    async def some() -> AsyncIterator[bytes]:
        yield b"begun"
        raise RuntimeError(SECRET)

    await StreamingResponse(some())(scope, receive, send)


def page(request: Request, problem: Problem) -> Response:
    return PlainTextResponse(f"page: {problem.title}", problem.status, problem.headers)


def guarded(app: ASGIApp = reads, *, tokens: TokenFile | None = None, **settings: Any) -> Guard:  # noqa: ANN401
    made = Settings(**settings)
    watch = Watch(Engine(WorkerPlan(None, None, Privacy.PATTERNS), made.limits))
    return Guard(app, settings=made, tokens=tokens, sessions=SESSIONS, watch=watch, page=page)


def ask(
    app: ASGIApp,
    method: str,
    path: str,
    *,
    headers: Mapping[str, str] | None = None,
    content: bytes | Callable[[], AsyncIterator[bytes]] = b"",
) -> httpx.Response:
    async def asked() -> httpx.Response:
        transport = httpx.ASGITransport(app)
        async with httpx.AsyncClient(transport=transport, base_url="http://localhost:8000") as client:
            body = content if isinstance(content, bytes) else content()
            browser = {"cookie": f"{COOKIE}={SESSIONS.cookie(SESSIONS.new())}"}  # has seen a page, and not signed in
            raw = [(name.encode(), value.encode("latin-1")) for name, value in {**browser, **(headers or {})}.items()]
            return await client.request(method, path, headers=raw, content=body)

    return asyncio.run(asked())


@pytest.fixture
def tokens(tmp_path: Path) -> TokenFile:
    return TokenFile(tmp_path / "tokens.json")


def bearing(tokens: TokenFile, *scopes: Scope) -> dict[str, str]:
    return {"authorization": f"Bearer {tokens.create('Aldermoor', scopes)[1]}"}


def signed_in(tokens: TokenFile, *scopes: Scope) -> dict[str, str]:
    session = SESSIONS.new(tokens.create("Aldermoor", scopes)[0].id)
    return {"cookie": f"{COOKIE}={SESSIONS.cookie(session)}"}


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1:8000", "[::1]:8000", "LOCALHOST", "Evenhand.Example:443"])
def test_its_own_names_are_taken_with_any_port(host: str) -> None:
    app = guarded(allowed_hosts=("evenhand.example",))
    assert ask(app, "GET", "/", headers={"host": host}).status_code == 200


@pytest.mark.parametrize(
    "host", ["evil.example", "localhost.evil.example", "127.0.0.2", "", "[::1", "[::2]", "localhost, evil", "a@b:c"]
)
def test_other_names_and_odd_ones_are_refused(host: str) -> None:
    response = ask(guarded(), "GET", "/", headers={"host": host})
    assert response.status_code == 421
    assert response.json()["type"] == "urn:evenhand:problem:unknown-host"


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 200),
        ({"origin": "http://localhost:8000"}, 200),
        ({"origin": "http://localhost:8000", "sec-fetch-site": "same-origin"}, 200),
        ({"sec-fetch-site": "none"}, 200),
        ({"origin": "http://evil.example"}, 403),
        ({"origin": "http://localhost:9000"}, 403),
        ({"origin": "null"}, 403),
        ({"origin": "http://["}, 403),
        ({"sec-fetch-site": "cross-site"}, 403),
        ({"sec-fetch-site": "same-site"}, 403),
    ],
    ids=str,
)
@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE"])
def test_only_its_own_pages_may_send(headers: dict[str, str], status: int, method: str) -> None:
    assert ask(guarded(), method, "/text", headers=headers).status_code == status


def test_a_link_from_another_site_may_be_followed() -> None:
    assert ask(guarded(), "GET", "/", headers={"sec-fetch-site": "cross-site"}).status_code == 200


def chunked(*sizes: int, pause: float = 0.0) -> Callable[[], AsyncIterator[bytes]]:
    async def chunks() -> AsyncIterator[bytes]:
        for size in sizes:
            await asyncio.sleep(pause)
            yield b"x" * size

    return chunks


@pytest.mark.parametrize(
    ("path", "headers", "content", "status"),
    [
        ("/v1/score", JSON, b"x" * 100, 200),
        ("/v1/score", JSON, b"x" * 101, 413),
        ("/v1/score", JSON, chunked(50, 50), 200),
        ("/v1/score", JSON, chunked(50, 51), 413),
        ("/text", {}, chunked(101), 413),
        ("/v1/documents", {}, b"x" * 300, 200),
        ("/v1/documents", {}, b"x" * 301, 413),
        ("/documents", {}, chunked(200, 101), 413),
        ("/file", {}, chunked(301), 413),
        ("/v1/score", NDJSON, chunked(*[99] * 50), 200),
        ("/text", NDJSON, b"x" * 101, 413),
        ("/v1/documents", NDJSON, b"x" * 301, 413),
        ("/v1/score", {"content-type": "application/x-ndjson-not"}, b"x" * 101, 413),
        ("/v1/score", {"content-type": "Application/X-NDJSON; charset=utf-8"}, b"x" * 101, 200),
    ],
)
def test_bodies_are_bound_and_only_streams_of_texts_are_not(
    path: str, headers: dict[str, str], content: bytes | Callable[[], AsyncIterator[bytes]], status: int
) -> None:
    app = guarded(limits=Limits(body=100, form=100, upload=300))
    response = ask(app, "POST", path, headers=headers, content=content)
    assert response.status_code == status


def test_a_declared_length_that_is_too_large_is_refused_before_anything_is_read() -> None:
    async def never(scope: Connection, receive: Receive, send: Send) -> None:
        pytest.fail("the body was asked for")

    response = ask(guarded(never, limits=Limits(body=100)), "POST", "/v1/score", content=b"x" * 101)
    assert response.status_code == 413


def test_a_body_that_does_not_arrive_is_given_up() -> None:
    app = guarded(limits=Limits(body_wait=0.05))
    response = ask(app, "POST", "/v1/score", headers=JSON, content=chunked(1, 1, pause=1.0))
    assert response.status_code == 408
    assert response.json()["type"] == "urn:evenhand:problem:too-slow"


def test_a_form_to_sign_in_is_not_waited_for_as_long_as_others() -> None:
    app = guarded(limits=Limits(sign_in_whole=0.2))
    assert ask(app, "POST", "/text", content=chunked(*[1] * 10, pause=0.05)).text == "10"
    assert ask(app, "POST", "/sign-in", content=chunked(*[1] * 10, pause=0.05)).status_code == 408


def test_a_body_may_take_long_as_long_as_it_arrives() -> None:
    app = guarded(limits=Limits(body_wait=0.2))
    assert ask(app, "POST", "/v1/score", content=chunked(*[1] * 10, pause=0.05)).text == "10"


NEEDED = {
    ("POST", "/v1/score"): Scope.TEXT,
    ("POST", "/v1/flag"): Scope.TEXT,
    ("POST", "/v1/where"): Scope.TEXT,
    ("POST", "/v1/documents"): Scope.DOCUMENTS,
    ("GET", "/v1/areas"): Scope.READ,
    ("GET", "/v1/model"): Scope.READ,
    ("GET", "/openapi.json"): Scope.READ,
    ("GET", "/metrics"): Scope.METRICS,
    ("POST", "/text"): Scope.TEXT,
    ("POST", "/documents"): Scope.DOCUMENTS,
    ("GET", "/documents/x/download/csv"): Scope.DOCUMENTS,
    ("POST", "/file"): Scope.DOCUMENTS,
    ("GET", "/file/x"): Scope.DOCUMENTS,
    ("GET", "/areas"): Scope.READ,
}


def test_each_path_takes_tokens_of_its_scope_alone(tokens: TokenFile) -> None:
    app = guarded(tokens=tokens)
    carry = {scope: {**bearing(tokens, scope), **signed_in(tokens, scope)} for scope in Scope}

    for (method, path), needed in NEEDED.items():
        allowed = {scope for scope in Scope if ask(app, method, path, headers=carry[scope]).status_code == 200}
        assert allowed == {needed}, path
        refused = ask(app, method, path, headers=carry[Scope.METRICS if needed != Scope.METRICS else Scope.READ])
        assert refused.status_code == 403
        assert str(needed) in refused.text or "page" in refused.text


@pytest.mark.parametrize(("method", "path"), [case for case in NEEDED if case[1].startswith(("/v1", "/o", "/m"))])
@pytest.mark.parametrize("given", [None, "Bearer", "Bearer ", "Bearer evh_wrong", "Basic abc", "evh_wrong"])
def test_programs_need_a_token(tokens: TokenFile, method: str, path: str, given: str | None) -> None:
    tokens.create("Aldermoor", list(Scope))
    headers = signed_in(tokens, *Scope) | ({} if given is None else {"authorization": given})

    response = ask(guarded(tokens=tokens), method, path, headers=headers)

    assert response.status_code == 401
    assert response.headers["www-authenticate"] == "Bearer"
    assert "evh_wrong" not in response.text


@pytest.mark.parametrize("path", ["/", "/about", "/areas", "/documents", "/file", "/nothing"])
def test_people_are_sent_to_sign_in(tokens: TokenFile, path: str) -> None:
    app = guarded(tokens=tokens)
    for method in ("GET", "HEAD"):
        response = ask(app, method, path)
        assert (response.status_code, response.headers["location"]) == (303, "/sign-in")
    assert ask(app, "POST", path).status_code == 401
    assert ask(app, "GET", path, headers=bearing(tokens, *Scope)).status_code == 303


@pytest.mark.parametrize("path", ["/healthz", "/readyz", "/sign-in", "/static/evenhand.css"])
def test_what_is_needed_to_sign_in_and_to_watch_is_open(tokens: TokenFile, path: str) -> None:
    assert ask(guarded(tokens=tokens), "GET", path).status_code == 200


def test_a_session_ends_with_its_token(tokens: TokenFile) -> None:
    app, headers = guarded(tokens=tokens), signed_in(tokens, *Scope)
    assert ask(app, "GET", "/", headers=headers).status_code == 200
    tokens.revoke(tokens.tokens()[0].id)
    assert ask(app, "GET", "/", headers=headers).status_code == 303


@pytest.mark.parametrize("cookie", ["evenhand=forged.x.9999999999.00", "evenhand=", ";;=", 'evenhand="\\377"', "\xff"])
def test_odd_cookies_are_as_none(tokens: TokenFile, cookie: str) -> None:
    assert ask(guarded(tokens=tokens), "GET", "/", headers={"cookie": cookie}).status_code == 303


@pytest.mark.parametrize("path", ["/", "/v1/score", "/static/x.css", "/healthz"])
def test_a_fault_is_told_and_logged_without_its_message(path: str, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG, "evenhand"):
        response = ask(guarded(breaks), "POST", f"{path}?q={SECRET}")

    assert response.status_code == 500
    assert response.headers.keys() >= HEADERS
    ours = "\n".join(record.getMessage() for record in caplog.records if not record.name.startswith("httpx"))
    assert SECRET not in response.text + ours
    assert "fault: RuntimeError in breaks" in ours


def test_a_response_that_breaks_off_is_cut_and_not_ended_as_if_whole(caplog: pytest.LogCaptureFixture) -> None:
    with pytest.raises(Exception, match=r"^$") as caught:
        ask(guarded(breaks_off), "GET", "/")
    assert SECRET not in caplog.text + str(caught.value)


def test_programs_get_problems_and_people_pages() -> None:
    headers = {"origin": "http://evil.example"}
    assert json.loads(ask(guarded(), "POST", "/v1/score", headers=headers).text)["status"] == 403
    assert ask(guarded(), "POST", "/text", headers=headers).text == "page: Sent from another site"
