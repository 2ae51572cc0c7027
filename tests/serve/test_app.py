"""The application as a whole, before any model is loaded: headers, signing in, addresses, limits of uploads."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any, TypeVar

import httpx
import pytest
from starlette.types import ASGIApp
from tests.serve.targets import SECRET

from evenhand.errors import InputError
from evenhand_serve.app import create_app
from evenhand_serve.problems import MEDIA_TYPE
from evenhand_serve.sessions import cookie_name
from evenhand_serve.settings import Limits, Settings
from evenhand_serve.tokens import TokenFile

COOKIE = cookie_name(secure=False)

R = TypeVar("R")
POLICY = {
    "default-src": "'none'",
    "script-src": "'self'",
    "style-src": "'self'",
    "img-src": "'self' data:",
    "connect-src": "'self'",
    "form-action": "'self'",
    "base-uri": "'none'",
    "frame-ancestors": "'none'",
}


def visit(app: ASGIApp, does: Callable[[httpx.AsyncClient], Awaitable[R]]) -> R:
    """Let a client with cookies do something."""

    async def visiting() -> R:
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://localhost") as client:
            return await does(client)

    return asyncio.run(visiting())


def ask(app: ASGIApp, method: str, path: str, **about: Any) -> httpx.Response:  # noqa: ANN401
    return visit(app, lambda client: client.request(method, path, **about))


@pytest.fixture(scope="module")
def app() -> ASGIApp:
    return create_app(Settings(limits=Limits(upload=10_000, body=2_000)))


EVERYWHERE = [
    ("GET", "/"),
    ("GET", "/areas"),
    ("GET", "/nothing"),
    ("GET", "/v1/nothing"),
    ("GET", "/v1/model"),
    ("GET", "/v1/score"),
    ("POST", "/v1/score"),
    ("POST", "/text"),
    ("GET", "/healthz"),
    ("GET", "/readyz"),
    ("GET", "/metrics"),
    ("GET", "/openapi.json"),
    ("GET", "/static/evenhand.css"),
    ("GET", "/static/nothing.css"),
    ("GET", "/static/../app.py"),
    ("GET", "/file/nothing/state"),
    ("OPTIONS", "/v1/score"),
    ("BREW", "/"),
]


@pytest.mark.parametrize(("method", "path"), EVERYWHERE, ids=lambda value: value)
@pytest.mark.parametrize("host", ["localhost", "evil.example"])
def test_every_response_carries_the_headers(app: ASGIApp, method: str, path: str, host: str) -> None:
    response = ask(app, method, path, headers={"host": host})

    policy = dict(part.strip().split(" ", 1) for part in response.headers["content-security-policy"].split(";"))
    assert policy == POLICY
    assert response.headers["x-content-type-options"] == "nosniff"
    assert response.headers["x-frame-options"] == "DENY"
    assert response.headers["referrer-policy"] == "same-origin"
    assert response.headers["cross-origin-opener-policy"] == "same-origin"
    assert "server" not in response.headers
    assert "access-control-allow-origin" not in response.headers
    assert response.status_code < 500 or response.status_code == 503
    is_static = path.startswith("/static/") and response.status_code == 200
    assert response.headers["cache-control"] == ("public, max-age=3600" if is_static else "no-store")


def test_static_files_are_served_and_nothing_beside_them(app: ASGIApp) -> None:
    assert ask(app, "GET", "/static/evenhand.css").headers["content-type"].startswith("text/css")
    for path in ("/static/../app.py", "/static/%2e%2e/app.py", "/static/", "/static/..%2fapp.py"):
        assert ask(app, "GET", path).status_code == 404


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/v1/nothing", 404),
        ("GET", "/v1/score", 405),
        ("DELETE", "/v1/areas", 405),
        ("GET", "/v1/model", 503),
        ("GET", "/readyz", 503),
    ],
)
def test_programs_are_told_problems(app: ASGIApp, method: str, path: str, status: int) -> None:
    response = ask(app, method, f"{path}?q={SECRET}")

    assert response.status_code == response.json()["status"] == status
    assert response.headers["content-type"] == MEDIA_TYPE
    assert response.json()["type"].startswith("urn:evenhand:problem:")
    assert SECRET not in response.text
    if status == 503:
        assert int(response.headers["retry-after"]) > 0
    if status == 405:
        assert response.headers["allow"]


@pytest.mark.parametrize("path", [f"/{SECRET}", f"/file/{SECRET}", f"/documents/{SECRET}/download/csv"])
def test_people_are_told_on_a_page_that_repeats_nothing(app: ASGIApp, path: str) -> None:
    response = ask(app, "GET", path)

    assert response.status_code == 404
    assert response.headers["content-type"].startswith("text/html")
    assert SECRET not in response.text


@pytest.mark.parametrize("path", ["//evil.example/", "/\\evil.example", "/javascript:alert(1)", '/"onclick="x'])
def test_no_address_puts_a_link_of_its_own_on_a_page(app: ASGIApp, path: str) -> None:
    response = ask(app, "GET", f"http://localhost{path}")

    links = re.findall(r'href="([^"]*)"', response.text)
    assert response.status_code == 404
    assert not [link for link in links if "evil" in link or "javascript" in link or "onclick" in link]
    assert 'onclick="' not in response.text


@pytest.mark.parametrize("path", ["/", "/areas", "/healthz", "/readyz", "/static/evenhand.css", "/openapi.json"])
def test_head_says_what_get_says_without_the_body(app: ASGIApp, path: str) -> None:
    head, get = ask(app, "HEAD", path), ask(app, "GET", path)

    assert head.status_code == get.status_code
    assert head.headers["content-type"] == get.headers["content-type"]


def test_a_form_is_taken_from_its_own_session_alone(app: ASGIApp) -> None:
    async def does(client: httpx.AsyncClient) -> list[int]:
        page = await client.get("/")
        token = _form_token(page)
        forms = [{"text": SECRET}, {"text": SECRET, "csrf_token": token[::-1]}, {"text": " ", "csrf_token": token}]
        answers = [(await client.post("/text", data=form)).status_code for form in forms]
        client.cookies.clear()
        return [*answers, (await client.post("/text", data=forms[-1])).status_code]

    assert visit(app, does) == [403, 403, 422, 403]


def _form_token(page: httpx.Response) -> str:
    found = re.search(r'name="csrf_token" value="([0-9a-f]+)"', page.text)
    assert found is not None
    return found[1]


@pytest.mark.parametrize("secure", [False, True])
def test_the_cookie_is_for_this_service_alone(secure: bool, tmp_path: Path) -> None:
    settings = Settings(secure_cookies=secure, tokens=tmp_path / "tokens.json", allowed_hosts=("evenhand.example",))
    response = ask(create_app(settings), "GET", "/sign-in")

    attributes = {part.strip().lower() for part in response.headers["set-cookie"].split(";")[1:]}
    assert {"httponly", "samesite=lax", "path=/"} <= attributes
    assert ("secure" in attributes) is secure
    assert response.headers["set-cookie"].startswith("__Host-" if secure else "evenhand=")
    assert not any(part.startswith("domain") for part in attributes)


def test_people_sign_in_with_a_token_and_out_again(tmp_path: Path) -> None:
    file = TokenFile(tmp_path / "tokens.json")
    _, given = file.create("Aldermoor", ["text"])
    app = create_app(Settings(tokens=file.path))

    async def does(client: httpx.AsyncClient) -> None:
        assert (await client.get("/")).headers["location"] == "/sign-in"
        page = await client.get("/sign-in")
        before = client.cookies[COOKIE]

        wrong = await client.post("/sign-in", data={"token": SECRET, "csrf_token": _form_token(page)})
        assert wrong.status_code == 401
        assert SECRET not in wrong.text

        right = await client.post("/sign-in", data={"token": f" {given} ", "csrf_token": _form_token(page)})
        assert (right.status_code, right.headers["location"]) == (303, "/")
        assert client.cookies[COOKIE].split(".")[0] != before.split(".")[0]  # a session that was planted is not used

        page = await client.get("/")
        assert page.status_code == 200
        assert given not in page.text + client.cookies[COOKIE]
        assert (await client.get("/documents")).status_code == 403

        out = await client.post("/sign-out", data={"csrf_token": _form_token(page)})
        assert (out.status_code, out.headers["location"]) == (303, "/sign-in")
        assert (await client.get("/")).status_code == 303

    visit(app, does)


async def _chunks(*chunks: bytes) -> AsyncIterator[bytes]:
    for chunk in chunks:
        yield chunk


_HEAD = b'--x\r\nContent-Disposition: form-data; name="files"; filename="a.html"\r\n\r\n'
_MULTIPART = {"content-type": "multipart/form-data; boundary=x"}


@pytest.mark.parametrize("path", ["/v1/documents", "/documents", "/file"])
@pytest.mark.parametrize("declared", [True, False], ids=["declared", "undeclared"])
def test_an_upload_that_is_too_large_is_told_so(app: ASGIApp, path: str, declared: bool) -> None:
    chunks = [_HEAD, b"x" * 6_000, b"x" * 6_000, b"\r\n--x--\r\n"]

    async def does(client: httpx.AsyncClient) -> int:
        await client.get("/documents")  # for a session
        content = b"".join(chunks) if declared else _chunks(*chunks)
        return (await client.post(path, headers=_MULTIPART, content=content)).status_code

    assert visit(app, does) == 413


@pytest.mark.parametrize("path", ["/v1/documents", "/documents", "/file"])
def test_an_upload_that_does_not_arrive_is_told_so(path: str) -> None:
    async def slowly() -> AsyncIterator[bytes]:
        yield _HEAD
        await asyncio.sleep(1)
        yield b"\r\n--x--\r\n"

    async def does(client: httpx.AsyncClient) -> int:
        await client.get("/documents")
        return (await client.post(path, headers=_MULTIPART, content=slowly())).status_code

    assert visit(create_app(Settings(limits=Limits(body_wait=0.05))), does) == 408


@pytest.mark.parametrize(
    ("content", "headers"),
    [
        (_HEAD + SECRET.encode(), _MULTIPART),
        (SECRET.encode(), _MULTIPART),
        (SECRET.encode(), {"content-type": "multipart/form-data"}),
        (b'--x\r\nContent-Disposition: form-data; name="' + SECRET.encode() + b'"\r\n\r\na\r\n--x--\r\n', _MULTIPART),
        (SECRET.encode(), {"content-type": f"application/{SECRET}"}),
        (
            b'--x\r\nContent-Disposition: form-data; name="files"\r\n\r\n' + SECRET.encode() + b"\r\n--x--\r\n",
            _MULTIPART,
        ),
    ],
    ids=["cut off", "no parts", "no boundary", "another field", "another type", "no file"],
)
@pytest.mark.filterwarnings(
    "ignore:Unclosed file:ResourceWarning"
)  # Starlette leaves a part that was cut off to Python
@pytest.mark.parametrize("path", ["/v1/documents", "/documents", "/file"])
def test_a_broken_upload_is_told_without_any_of_it(
    app: ASGIApp, path: str, content: bytes, headers: dict[str, str]
) -> None:
    response = ask(app, "POST", path, headers=headers, content=content)

    assert 400 <= response.status_code < 500
    assert SECRET not in response.text


@pytest.mark.parametrize("host", ["0.0.0.0", "192.0.2.1", "::", "evenhand.example"])  # noqa: S104
def test_an_address_that_others_reach_needs_tokens_and_a_name(host: str, tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"tokens are needed"):
        create_app(Settings(host=host, allowed_hosts=("evenhand.example",)))
    with pytest.raises(InputError, match="--allow-host"):
        create_app(Settings(host=host, tokens=tmp_path / "tokens.json"))
    create_app(Settings(host=host, tokens=tmp_path / "tokens.json", allowed_hosts=("evenhand.example",)))


@pytest.mark.parametrize("host", ["127.0.0.1", "127.1.2.3", "::1", "[::1]", "localhost", "LocalHost"])
def test_loopback_addresses_need_none(host: str) -> None:
    create_app(Settings(host=host))
