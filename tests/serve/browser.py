"""Visitors with a browser, who look at every page that they see for what must hold on all of them."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urlsplit

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import (
    Browser,
    ConsoleMessage,
    Dialog,
    Download,
    Locator,
    Page,
    Request,
    Response,
    sync_playwright,
)

WIDE, NARROW = 1280, 375  # pixels: a desk, and a phone
_LEAST = 320  # pixels of width at which nothing may have to be scrolled sideways (WCAG 2.2, 1.4.10)
_HEIGHT = 900
_AGAIN = 300.0  # milliseconds
_PATIENCE = 60_000  # milliseconds; a document is read in some seconds on a machine with nothing else to do
_NAMES = ("chromium", "chromium-browser", "google-chrome")
WCAG = ("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa")
_RULES = (*WCAG, "best-practice")
_LOCAL = {"data", "blob", "about"}
_UNFOLD = "() => document.querySelectorAll('details:not([open])').forEach(one => { one.open = one.unfolded = true })"
_FOLD = "() => document.querySelectorAll('details').forEach(one => { if (one.unfolded) one.open = false })"
# Whether what has the focus looks different with it, and lies in the window where nothing covers it.
_FOCUS = """() => {
  const one = document.activeElement;
  if (one === document.body) return {name: "", marked: true, inside: true};
  const parts = [one, ...one.querySelectorAll("*"), ...(one.labels || [])];
  const look = () => JSON.stringify(parts.flatMap(part => [null, "::before", "::after"].map(place => {
    const style = getComputedStyle(part, place);
    return [style.outline, style.boxShadow, style.backgroundColor, style.borderColor, style.left, style.clipPath];
  })));
  const shape = (one.labels?.length && one.matches("[type=radio], [type=checkbox]") ? one.labels[0] : one)
    .getBoundingClientRect();
  const inside = shape.bottom > 0 && shape.top < innerHeight && shape.right > 0 && shape.left < innerWidth;
  const focused = look();
  one.blur();
  const plain = look();
  one.focus();
  const name = one.matches("input, select, textarea") ? one.id : one.innerText;
  return {name: name.replace(/\\s+/g, " ").trim(), marked: focused !== plain, inside};
}"""


class Window(NamedTuple):
    """How somebody looks at pages: width in pixels, and whether their browser runs scripts."""

    width: int = WIDE
    script: bool = True


_DESK = Window()
VARIANTS = [
    pytest.param(Window(WIDE, script=True), id="wide"),
    pytest.param(Window(NARROW, script=True), id="narrow"),
    pytest.param(Window(WIDE, script=False), id="wide without script"),
    pytest.param(Window(NARROW, script=False), id="narrow without script"),
]
# Of flows in which much is read: both widths, with and without script, but not each with each.
FEW_VARIANTS = [VARIANTS[0], VARIANTS[3]]


def _executable() -> str:
    found = next(filter(None, map(shutil.which, _NAMES)), None)
    if found is None:
        told = f"none of {', '.join(_NAMES)} is installed; pages are tested in a real browser"
        if os.environ.get("CI"):
            pytest.fail(told)
        pytest.skip(told)
    return found


@contextmanager
def open_browser() -> Iterator[Browser]:
    """The system's Chromium; tests are skipped where there is none, but fail where they are run for all."""
    executable = _executable()
    is_root = hasattr(os, "geteuid") and os.geteuid() == 0  # for whom Chromium's sandbox does not work
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=executable, args=["--no-sandbox"] * is_root)
        yield browser
        browser.close()


class Visitor:
    """Somebody with a browser of their own.

    Args:
        browser: What they use.
        url: Of the service.
        window: How they look at it.

    Attributes:
        page: What they look at.
        problems: What went wrong meanwhile: errors of scripts, refused content, requests to elsewhere, dialogs.
    """

    def __init__(self, browser: Browser, url: str, window: Window) -> None:
        self.url, (self.width, self.script) = url, window
        self.problems: list[str] = []
        self.context = browser.new_context(
            base_url=url,
            viewport={"width": self.width, "height": _HEIGHT},
            java_script_enabled=self.script,
            locale="en-GB",
            reduced_motion="reduce",
        )
        self.context.set_default_timeout(_PATIENCE)
        self.context.on("console", self._console)
        self.context.on("weberror", lambda error: self.problems.append(f"error of a script: {error.error}"))
        self.context.on("dialog", self._dialog)
        self.context.on("request", self._request)
        self.context.on("response", self._response)
        self.page = self.context.new_page()

    def see(self, path: str, title: str) -> None:
        """Go to a page."""
        self.page.goto(path)
        self.check(title)

    def press(self, name: str) -> None:
        """Press a button that sends a form, and wait for the next page."""
        with self.page.expect_navigation():
            self.page.get_by_role("button", name=name, exact=True).click()

    def follow(self, name: str) -> None:
        """Follow a link to another page."""
        with self.page.expect_navigation():
            self.page.get_by_role("link", name=name, exact=True).first.click()

    def one(self, selector: str) -> Locator:
        """What a selector finds on the page."""
        return self.page.locator(selector)

    def texts(self, selector: str) -> list[str]:
        """What stands in all that a selector finds, also where it is folded away."""
        return [" ".join(text.split()) for text in self.page.locator(selector).all_text_contents()]

    def heading(self) -> str:
        """The heading of the page."""
        return " ".join(self.page.locator("h1").inner_text().split())

    def wait_for(self, heading: str) -> None:
        """Wait for a page with a heading."""
        self.page.get_by_role("heading", level=1, name=heading, exact=True).wait_for()

    def wait_until_read(self, selector: str) -> None:
        """Wait for what a page of progress leads to; without a script, by asking again as its reader would."""
        again = self.page.get_by_role("link", name="See how far it is now")
        while not self.script and again.count():
            self.page.wait_for_timeout(_AGAIN)
            again.click()
        self.page.locator(selector).first.wait_for()

    def download(self, link: str) -> Path:
        """Follow a link to a file, and find it here under its own name."""
        with self.page.expect_download() as found:
            self.page.get_by_role("link", name=link, exact=True).or_(
                self.page.get_by_role("button", name=link, exact=True)
            ).click()
        given: Download = found.value
        target = Path(given.path()).with_name(f"{id(given)}-{given.suggested_filename}")
        given.save_as(target)
        return target

    def choose(self, *paths: Path) -> None:
        """Choose files to send."""
        self.page.locator("input[type=file]").set_input_files(list(paths))

    def tab_to(self, name: str, most: int = 60) -> None:
        """Go on with the Tab key until what is named has the focus, and see at each stop where that is."""
        seen: list[str] = []
        for _ in range(most):
            self.page.keyboard.press("Tab")
            now = self.focused()
            seen.append(now)
            if now == name:
                return
        pytest.fail(f"the Tab key does not lead to {name!r}, but to {seen}")

    def focused(self) -> str:
        """What has the focus, which can be seen to have it."""
        found = self.page.evaluate(_FOCUS)
        assert found["marked"], f"that {found['name']!r} has the focus is not shown"
        assert found["inside"], f"{found['name']!r} has the focus outside the window"
        return str(found["name"])

    def check(self, title: str) -> None:
        """Make sure of what holds on every page: title, one heading, width, and no barrier that axe finds."""
        assert self.page.title() == f"{title} – Evenhand"
        assert self.page.locator("html").get_attribute("lang") == "en"
        assert self.page.locator("h1").count() == 1
        assert self.page.locator("main").count() == 1
        if self.script:
            self.page.evaluate(_UNFOLD)
        self.reflows()
        if self.script:
            has_no_barriers(self.page)
            self.page.evaluate(_FOLD)
        assert self.problems == []

    def reflows(self) -> None:
        """Make sure that nothing has to be scrolled sideways, in this window and in the narrowest."""
        for width in (_LEAST, self.width):
            self.page.set_viewport_size({"width": width, "height": _HEIGHT})
            wider = self.page.evaluate("() => document.documentElement.scrollWidth - innerWidth")
            assert wider <= 0, f"{self.page.url} is {wider} pixels wider than a window of {width}"

    def _console(self, message: ConsoleMessage) -> None:
        # Of an answer that is an error the browser says so too; `_response` knows which are meant.
        if message.type in {"error", "warning"} and not message.text.startswith("Failed to load resource"):
            self.problems.append(f"console: {message.text}")

    def _dialog(self, dialog: Dialog) -> None:
        self.problems.append("a dialog")
        dialog.dismiss()

    def _request(self, request: Request) -> None:
        address = urlsplit(request.url)
        if address.scheme not in _LOCAL and address.netloc != urlsplit(self.url).netloc:
            self.problems.append(f"a request to {address.netloc}")

    def _response(self, response: Response) -> None:
        if response.status >= 500 or (response.status >= 400 and response.request.resource_type != "document"):
            self.problems.append(f"status {response.status} of {urlsplit(response.url).path}")


@contextmanager
def visiting(browser: Browser, url: str, window: Window = _DESK) -> Iterator[Visitor]:
    """A visitor, with whom nothing went wrong in the end."""
    visitor = Visitor(browser, url, window)
    try:
        yield visitor
        assert visitor.problems == [], visitor.problems
    finally:
        visitor.context.close()


def has_no_barriers(page: Page, rules: Sequence[str] = _RULES) -> None:
    """Make sure that axe finds nothing against its rules; scripts have to run in the page."""
    found = Axe().run(page, options={"resultTypes": ["violations"], "runOnly": list(rules)})
    assert found.violations_count == 0, found.generate_report()


def has_nothing_to_press(visitor: Visitor) -> None:
    """Make sure that a page on paper has no navigation and no forms."""
    for gone in ("nav", "form", "button", ".govuk-skip-link", ".eh-contents"):
        assert not any(one.is_visible() for one in visitor.one(gone).all()), gone


def has_error(visitor: Visitor, field: str, told: str) -> None:
    """Make sure that the page tells an error above, leads from there to its field, and tells it there again."""
    summary = visitor.one(".govuk-error-summary")
    assert summary.locator("li").all_inner_texts() == [told]
    if visitor.script:
        assert visitor.page.evaluate("() => document.activeElement.className") == "govuk-error-summary"
    summary.get_by_role("link").click()
    assert visitor.page.evaluate("() => document.activeElement.id") == field
    described = visitor.one(f"#{field}-error")
    assert described.inner_text().removeprefix("Error:").strip() == told
