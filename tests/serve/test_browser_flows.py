"""Threshold documents and files of texts, as somebody with a browser meets them."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator
from pathlib import Path

import openpyxl
import pytest
from playwright.sync_api import Browser
from tests.serve.browser import (
    FEW_VARIANTS,
    NARROW,
    VARIANTS,
    WCAG,
    Visitor,
    Window,
    has_error,
    has_no_barriers,
    visiting,
)
from tests.serve.conftest import Server

from evenhand_serve.pages import Pages, pages
from evenhand_serve.pages_uploads import document_pages, file_pages
from evenhand_serve.service import Service
from evenhand_serve.sessions import Sessions
from evenhand_serve.settings import Settings

ROOT = Path(__file__).parents[2]
REFERRALS = ROOT / "examples/referrals.csv"
THRESHOLDS = ROOT / "tests/documents/blind/harthope.pdf"
SHORT = ROOT / "tests/documents/made/harrowmere.txt"
ROWS = 6  # of a file that is read while somebody waits
HOSTILE = "<img src=x onerror=alert(1)>"


@pytest.fixture(params=VARIANTS)
def visitor(request: pytest.FixtureRequest, browser: Browser, server: Server) -> Iterator[Visitor]:
    with visiting(browser, server.url, request.param) as visitor:
        yield visitor


@pytest.fixture(params=FEW_VARIANTS)
def uploader(request: pytest.FixtureRequest, browser: Browser, server: Server) -> Iterator[Visitor]:
    """A visitor whose uploads take the service some seconds each."""
    with visiting(browser, server.url, request.param) as visitor:
        yield visitor


@pytest.fixture
def referrals(tmp_path: Path) -> Path:
    """The first referrals of the example."""
    with REFERRALS.open(encoding="utf-8", newline="") as file:
        rows = list(csv.reader(file))[: ROWS + 1]
    target = tmp_path / "referrals.csv"
    with target.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows(rows)
    return target


def table(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def test_a_threshold_document_is_read_corrected_and_taken_away(uploader: Visitor) -> None:
    uploader.see("/documents", "Threshold documents")
    uploader.choose(THRESHOLDS)
    uploader.press("Read the documents")
    assert uploader.heading() == "Reading the documents"
    uploader.check(uploader.page.title().removesuffix(" – Evenhand"))
    uploader.wait_until_read("#levels")
    number = int(uploader.heading().split()[0])
    assert uploader.heading() == f"{number} descriptors in 1 document"
    assert number > 100
    uploader.check(uploader.heading())
    assert uploader.one(".eh-descriptors tbody tr").count() == number

    before = table(uploader.download("CSV"))
    records = uploader.download("JSON Lines").read_text(encoding="utf-8").splitlines()
    sheet = openpyxl.load_workbook(uploader.download("Excel workbook to review in")).worksheets[0]
    assert len(before) == len(records) == sheet.max_row - 1 == number
    assert {json.loads(one)["file"] for one in records} == {"harthope.pdf"}
    top = [row for row in before if row["native_level"] == "Level 4"]
    assert {row["levels"] for row in top} == {"C or D"} or {row["levels"] for row in top} == {"C D"}

    levels = uploader.one(".eh-level")
    assert levels.count() == 4
    levels.nth(0).get_by_label("none").uncheck()
    levels.nth(3).get_by_label("C, Child in need").uncheck()
    uploader.press("Read again with these levels")
    uploader.wait_until_read("#levels")
    assert levels.nth(0).locator(":checked").count() == 0
    assert "Set by you as D." in levels.nth(3).inner_text()
    assert levels.nth(3).locator(":checked").evaluate_all("all => all.map(one => one.value)") == ["D"]
    after = table(uploader.download("CSV"))
    assert len(after) == number
    assert {row["levels"] for row in after if row["native_level"] == "Level 4"} == {"D"}
    assert {row["levels"] for row in after if row["native_level"] == "Level 1"} == {""}

    levels.nth(1).get_by_label("D, Child protection").check()
    uploader.press("Read again with these levels")
    uploader.check(f"Error: {number} descriptors in 1 document")
    has_error(
        uploader,
        "levels-0-1",
        "Level 2 Early help: one service: tick codes that are next to each other, such as B and C",
    )
    assert levels.nth(1).get_by_label("D, Child protection").is_checked()
    assert levels.nth(3).locator(":checked").evaluate_all("all => all.map(one => one.value)") == ["D"]


def test_documents_whose_reading_is_stopped_are_forgotten(visitor: Visitor) -> None:
    visitor.page.goto("/documents")
    visitor.choose(THRESHOLDS)
    visitor.press("Read the documents")
    reading = visitor.page.url
    visitor.press("Stop")
    assert visitor.page.url == f"{visitor.url}/documents"
    visitor.page.goto(reading)
    assert visitor.heading() == "Not found"


def test_a_document_that_cannot_be_read_is_told(uploader: Visitor, tmp_path: Path) -> None:
    wrong = tmp_path / "thresholds.exe"
    wrong.write_bytes(b"MZ\0\1")
    uploader.page.goto("/documents")
    uploader.press("Read the documents")
    uploader.check("Error: Threshold documents")
    has_error(uploader, "documents", "Choose a document")

    uploader.choose(wrong)
    uploader.press("Read the documents")
    uploader.wait_until_read(".govuk-error-summary")
    uploader.check("Error: Threshold documents")
    told = uploader.texts(".govuk-error-summary li")[0]
    assert "not a document that can be read" in told
    has_error(uploader, "documents", told)


def test_of_several_documents_those_that_can_be_are_read(browser: Browser, server: Server, tmp_path: Path) -> None:
    wrong = tmp_path / "b.json"
    wrong.write_text(HOSTILE, encoding="utf-8")
    hostile = tmp_path / f"{HOSTILE}.txt"
    hostile.write_bytes(SHORT.read_bytes() + HOSTILE.encode())
    with visiting(browser, server.url, Window(NARROW)) as visitor:
        visitor.page.goto("/documents")
        visitor.choose(hostile, wrong)
        visitor.press("Read the documents")
        visitor.wait_until_read("#levels")
        visitor.check(visitor.heading())
        assert visitor.heading().endswith("in 1 document")
        assert "b.json was not read: not a document" in visitor.texts(".govuk-warning-text")[0]
        assert visitor.one("main img").count() == 0


def test_a_file_of_texts_is_read_and_taken_away(uploader: Visitor, referrals: Path) -> None:
    uploader.see("/file", "File of texts")
    uploader.choose(referrals)
    uploader.page.get_by_label("Columns to compare by (optional)").fill("source, received:month")
    uploader.press("Start")
    assert uploader.heading() == "Reading levels and issues, and flagging framing"
    uploader.check(uploader.page.title().removesuffix(" – Evenhand"))
    uploader.wait_until_read(".govuk-summary-list")
    uploader.check("The file is read")

    given = table(referrals)
    for name, column in (("Your rows with levels and issues", "level"), ("Your rows with flags", "framing")):
        rows = table(uploader.download(name))
        assert [row["id"] for row in rows] == [row["id"] for row in given]
        assert any(column in key for key in rows[0])
    assert table(uploader.download("Figures of the report"))
    assert uploader.texts(".govuk-summary-list__value")[0] == str(ROWS)

    uploader.follow("Look at the report on framing")
    assert uploader.page.title() == "How referrals are told"
    assert uploader.one("h1").evaluate("one => getComputedStyle(one).fontFamily") != "Times New Roman"
    assert uploader.one("svg").count() + uploader.one("table").count() > 2
    uploader.reflows()
    if uploader.script:
        beside = uploader.context.new_page()  # no script may run in the report itself, so neither may axe
        beside.set_content(uploader.page.content())
        has_no_barriers(beside, WCAG)
    uploader.follow("Back to the results")
    uploader.wait_for("The file is read")
    # What drives the browser looks at the page with a script, which the report's policy forbids.
    uploader.problems[:] = [told for told in uploader.problems if "document's frame is sandboxed" not in told]


def test_a_file_that_is_stopped_is_forgotten(visitor: Visitor) -> None:
    visitor.page.goto("/file")
    visitor.choose(REFERRALS)
    visitor.press("Start")
    running = visitor.page.url
    visitor.press("Stop")
    assert visitor.heading() == "File of texts"
    assert visitor.page.url == f"{visitor.url}/file"
    visitor.page.goto(running)
    assert visitor.heading() == "Not found"


def test_a_wrong_column_is_told(uploader: Visitor, referrals: Path) -> None:
    uploader.page.goto("/file")
    uploader.press("Start")
    uploader.check("Error: File of texts")
    has_error(uploader, "file", "Choose a file")

    uploader.choose(referrals)
    uploader.page.get_by_label("Flag framing").check()
    uploader.page.get_by_label("Column with the texts (optional)").fill(f"concern{HOSTILE}")
    uploader.press("Start")
    uploader.wait_until_read(".govuk-error-summary")
    uploader.check("Error: File of texts")
    told = uploader.texts(".govuk-error-summary li")[0]
    assert "there is no column" in told
    has_error(uploader, "column", told)
    assert uploader.page.get_by_label("Column with the texts (optional)").input_value() == f"concern{HOSTILE}"
    assert uploader.page.get_by_label("Flag framing").is_checked()
    assert uploader.one("main img").count() == 0


def test_a_file_is_sent_with_the_keyboard_alone(browser: Browser, server: Server, referrals: Path) -> None:
    with visiting(browser, server.url) as visitor:
        visitor.page.goto("/file")
        with visitor.page.expect_file_chooser() as chooser:
            visitor.tab_to("No file chosen , Choose file or drop file")
            visitor.page.keyboard.press("Enter")
        chooser.value.set_files(referrals)
        visitor.tab_to("work-3")
        visitor.page.keyboard.press("ArrowUp")
        assert visitor.focused() == "work-2"
        assert visitor.page.get_by_label("Flag framing").is_checked()
        visitor.tab_to("column")
        visitor.page.keyboard.type("text")
        visitor.tab_to("Start")
        visitor.page.keyboard.press("Space")
        visitor.wait_for("Flagging framing")
        visitor.tab_to("Stop")
        visitor.page.keyboard.press("Enter")
        visitor.wait_for("File of texts")


def test_levels_are_corrected_with_the_keyboard_alone(browser: Browser, server: Server) -> None:
    with visiting(browser, server.url) as visitor:
        visitor.page.goto("/documents")
        visitor.choose(SHORT)
        visitor.press("Read the documents")
        visitor.wait_until_read("#levels")
        visitor.tab_to("levels-0-0")
        visitor.page.keyboard.press("Space")
        visitor.tab_to("levels-0-0-D")
        visitor.page.keyboard.press("Space")
        visitor.tab_to("levels-0-1")
        visitor.page.keyboard.press("Space")
        visitor.tab_to("levels-0-1-D")
        visitor.page.keyboard.press("Space")
        visitor.tab_to("Read again with these levels")
        visitor.page.keyboard.press("Enter")
        visitor.one(".govuk-error-summary").wait_for()


def _posted() -> list[str]:
    """Paths of all forms that the pages send, with a name where they have one."""
    made = Pages(Service(Settings()), Sessions(), None)
    router = pages(made)
    document_pages(router, made)
    file_pages(router, made)
    return [
        str(getattr(route, "path", "")).replace("{name}", "x")
        for route in router.routes
        if "POST" in getattr(route, "methods", ())
    ]


@pytest.mark.parametrize("path", _posted())
def test_no_form_is_taken_without_its_token(browser: Browser, server: Server, path: str) -> None:
    with visiting(browser, server.url, Window(script=False)) as visitor:
        visitor.page.goto("/")
        token = visitor.one("[name=csrf_token]").first.input_value()
        for given in ({}, {"csrf_token": ""}, {"csrf_token": token[::-1]}, {"csrf_token": token + "0"}):
            form: dict[str, str | float | bool] = {**given, "text": "Dad hit him with a belt.", "token": "x"}
            answer = visitor.context.request.post(path, form=form)
            assert answer.status == 403
            assert "The form is too old" in answer.text()
            assert "belt" not in answer.text()


@pytest.mark.parametrize("window", FEW_VARIANTS)
def test_a_form_that_was_tampered_with_is_told(browser: Browser, server: Server, window: Window) -> None:
    with visiting(browser, server.url, window) as visitor:
        visitor.page.goto("/")
        visitor.one("[name=csrf_token]").evaluate("one => { one.value = 'x' }")
        visitor.page.get_by_label("Concern, referral or note").fill("Dad hit him with a belt.")
        visitor.press("Read the text")
        visitor.check("The form is too old")
        assert "belt" not in visitor.one("body").inner_text()
