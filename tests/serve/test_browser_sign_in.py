"""Signing in and out with a token, as somebody with a browser meets it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser
from tests.serve.browser import VARIANTS, Window, has_error, visiting
from tests.serve.conftest import Server, StartServer

from evenhand_serve.tokens import TokenFile

HOSTILE = "<img src=x onerror=alert(1)>"


@pytest.fixture(scope="module")
def guarded(
    browser: Browser, start_server: StartServer, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Server, str, str]]:
    """A service that asks for tokens, one of them for all, and one for texts alone."""
    file = TokenFile(tmp_path_factory.mktemp("tokens") / "tokens.json")
    _, whole = file.create("Aldermoor", ["text", "documents", "read"])
    _, part = file.create("Brackenfold", ["text"])
    server = start_server("--tokens", str(file.path))
    yield server, whole, part
    server.stop()


@pytest.mark.parametrize("window", VARIANTS)
def test_people_sign_in_and_out(browser: Browser, guarded: tuple[Server, str, str], window: Window) -> None:
    server, token, part = guarded
    with visiting(browser, server.url, window) as visitor:
        for path in ("/", "/documents", "/file", "/areas", "/about"):
            visitor.page.goto(path)
            assert visitor.page.url == f"{server.url}/sign-in"
        visitor.check("Sign in")

        box = visitor.page.get_by_label("Token", exact=True)
        visitor.press("Sign in")
        has_error(visitor, "token", "Enter your token")
        box.fill(HOSTILE)
        visitor.press("Sign in")
        visitor.check("Error: Sign in")
        assert HOSTILE not in visitor.page.content()
        has_error(visitor, "token", "This token is not known, or no longer valid")

        box.fill(token)
        assert box.get_attribute("type") == "password"
        visitor.press("Sign in")
        visitor.check("Read a text")
        assert token not in visitor.page.content() + visitor.page.url
        visitor.page.get_by_label("Concern, referral or note").fill("Dad hit him with a belt.")
        visitor.press("Read the text")
        visitor.check("What the text says")

        visitor.press("Sign out")
        visitor.check("Sign in")
        visitor.page.goto("/about")
        assert visitor.heading() == "Sign in"

        box.fill(part)
        visitor.press("Sign in")
        visitor.page.goto("/documents")
        visitor.check("Not allowed with this token")
