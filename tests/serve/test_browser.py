"""Pages of one text, of areas and about, as somebody with a browser meets them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from urllib.parse import urlsplit

import httpx
import pypdfium2
import pytest
from playwright.sync_api import Browser
from tests.serve.browser import (
    FEW_VARIANTS,
    NARROW,
    VARIANTS,
    Visitor,
    Window,
    has_error,
    has_nothing_to_press,
    visiting,
)
from tests.serve.conftest import Server, StartServer, wait_until

from evenhand_serve import views

BELT = "[CHILD] has a bruise on his arm. He said that dad hit him with a belt.\n\nMum fails to engage."
PHONE, MAIL = "07700 900123", "jo.bloggs@example.org"
HOSTILE = "<script>alert(1)</script><img src=x onerror=alert(2)> \"'&amp; Dad hit him with a belt."


@pytest.fixture(scope="module")
def served(browser: Browser, start_server: StartServer) -> Iterator[Server]:
    """A service that has worked out its areas; not begun where there is no browser."""
    server = start_server("--areas")
    wait_until(lambda: httpx.get(f"{server.url}/readyz").json().get("areas") == "ready", within=300)
    yield server
    server.stop()


@pytest.fixture(params=VARIANTS)
def visitor(request: pytest.FixtureRequest, browser: Browser, served: Server) -> Iterator[Visitor]:
    with visiting(browser, served.url, request.param) as visitor:
        yield visitor


@pytest.fixture
def reader(browser: Browser, served: Server) -> Iterator[Visitor]:
    with visiting(browser, served.url) as visitor:
        yield visitor


def read(visitor: Visitor, text: str) -> None:
    visitor.page.goto("/")
    visitor.page.get_by_label("Concern, referral or note").fill(text)
    visitor.press("Read the text")


def test_an_example_is_one_click_away_and_is_read(visitor: Visitor) -> None:
    visitor.see("/", "Read a text")
    visitor.follow("A referral, in many voices")
    box = visitor.page.get_by_label("Concern, referral or note")
    assert box.input_value() == views.example_text("referral")
    assert visitor.texts("[aria-current=true]") == ["A referral, in many voices"]

    visitor.press("Read the text")
    visitor.check("What the text says")
    assert urlsplit(visitor.page.url).query == ""

    lead = visitor.one(".eh-lead").inner_text()
    codes = visitor.texts(".eh-lead strong")[0]
    assert re.fullmatch(rf"It reads as {codes}: .*\. Severity [1-6]\.\d of 6\.", lead)
    in_set = visitor.texts(".eh-bars--levels .eh-in-set .eh-code")
    assert in_set == codes.split(" or ")
    assert [one.split(":")[0] for one in visitor.texts(".eh-law dt")] == in_set
    assert "Domestic abuse" in " ".join(visitor.texts(".eh-issues li"))


def test_what_is_told_of_a_text_leads_to_its_words_and_back(visitor: Visitor) -> None:
    read(visitor, views.example_text("referral"))
    shown = visitor.one(".eh-text").inner_text()
    assert shown.startswith("I am worried about [CHILD] (Y5) and his sister.")
    weights = [int(one) for one in re.findall(r"decides (\d+)%", " ".join(visitor.texts(".eh-weight")))]
    assert 90 <= sum(weights) <= 101
    marked = visitor.one(".eh-s:has(.eh-weight)")
    tints = [int(one[-1]) for one in marked.evaluate_all("all => all.map(one => one.className)")]
    assert sorted(zip(weights, tints, strict=True)) == sorted(zip(sorted(weights), sorted(tints), strict=True))
    assert max(tints) > min(tints) > 0

    notes = visitor.one(".eh-advice__item")
    assert "fails to engage" in notes.nth(0).inner_text()
    assert "Blames the parent" in notes.nth(0).inner_text()
    assert "Instead:" in notes.nth(0).inner_text()
    assert visitor.one(".eh-rewrite").count() >= 1
    visitor.one("#mark-1").click()
    assert visitor.page.url.endswith("#advice-1")
    notes.nth(0).get_by_role("link", name="Back to the words").click()
    assert visitor.page.url.endswith("#mark-1")
    assert visitor.one("#mark-1").inner_text().endswith("1")

    found, unclear, missing = map(
        int, re.findall(r"(\d+) (?:found|unclear|not found)", visitor.texts("#checklist + p")[0])
    )
    assert found + unclear + missing == 15
    assert visitor.one(".eh-checklist div").count() == found + unclear
    assert visitor.one(".eh-missing li").count() == missing
    assert "Consent, or why it was not sought" in " ".join(visitor.texts(".eh-checklist dt"))
    assert visitor.texts(".eh-needs strong") == ["Heating"]
    assert visitor.one(".eh-shares__row").count() == 5


def test_a_text_is_placed_across_areas(visitor: Visitor) -> None:
    read(visitor, views.example_text("incidents"))
    visitor.check("What the text says")

    areas = visitor.texts(".eh-landing tbody th")
    assert len(areas) > 5
    assert areas[-1] == "An average area"
    assert all("%" in one for one in visitor.texts(".eh-runs"))
    assert "domestic" in " ".join(visitor.texts(".eh-precedent__text")).lower()
    links = visitor.one(".eh-precedent a[rel~=noreferrer][href^='https://']")
    assert links.count() >= 3


def test_a_text_of_ones_own_can_be_changed_and_read_again(visitor: Visitor) -> None:
    read(visitor, BELT)
    assert visitor.one(".eh-lead strong").inner_text().endswith("D")
    assert " ".join(visitor.texts(".eh-advice__head q")) == "fails to engage"

    visitor.page.get_by_text("Change the text, or read another").click()
    box = visitor.page.get_by_label("Concern, referral or note")
    assert box.input_value() == BELT
    box.fill("They play at the park on Sundays.")
    visitor.press("Read the text")
    assert "park on Sundays" in visitor.one(".eh-text").inner_text()
    assert "D" not in visitor.one(".eh-lead strong").inner_text()

    read(visitor, "asdf qwer")
    visitor.check("What the text says")
    assert visitor.one("main").get_by_text("No level:").is_visible()


def test_an_empty_text_is_told_at_its_field(visitor: Visitor) -> None:
    read(visitor, " \n ")
    visitor.check("Error: Read a text")
    has_error(visitor, "text", "Enter a concern, referral or note")


def test_a_text_that_looks_identifiable_is_not_read(visitor: Visitor) -> None:
    read(visitor, f"Ring {PHONE} or write to {MAIL}. Dad hit him with a belt.")
    visitor.check("Not read: the text looks identifiable")

    assert visitor.texts("mark") == [f"{PHONE}phone number", f"{MAIL}e-mail address"]
    assert "Severity" not in visitor.one("main").inner_text()
    assert visitor.page.url == f"{visitor.url}/text"
    assert visitor.page.get_by_label("Concern, referral or note").input_value().startswith("Ring")

    visitor.page.get_by_label("Concern, referral or note").fill("Dad hit him with a belt.")
    visitor.press("Read the text")
    assert visitor.heading() == "What the text says"


def test_a_hostile_text_is_shown_as_text(visitor: Visitor) -> None:
    read(visitor, HOSTILE)
    visitor.reflows()
    assert HOSTILE.split(" Dad", maxsplit=1)[0] in visitor.one(".eh-text").inner_text()
    assert visitor.one("main script, main img, body > script").count() == 0

    read(visitor, f"{HOSTILE} {PHONE}")
    assert HOSTILE in visitor.one(".eh-text").inner_text()
    for path in ("/?example=", "/areas?issue=", "/areas?area=", "/"):
        visitor.page.goto(path + "%3Cscript%3Ealert(1)%3C/script%3E")
        assert "alert" not in visitor.one("main").inner_html() + visitor.page.title()


def test_areas_are_narrowed_by_area_and_issue(visitor: Visitor) -> None:
    visitor.see("/areas", "Areas")
    everywhere = visitor.one(".eh-situation").count()
    assert len(set(visitor.texts(".eh-bars--scale tbody th"))) > 5

    visitor.page.get_by_label("Area", exact=True).select_option("Kent")
    visitor.press("Show")
    visitor.check("Kent – Areas")
    assert "area=Kent" in visitor.page.url
    bars = visitor.texts(".eh-bars--scale tbody th")
    assert bars
    assert all(one.startswith("Kent") for one in bars)
    assert 0 < visitor.one(".eh-situation").count() < everywhere
    assert all("Kent" in one for one in visitor.texts(".eh-situation"))

    visitor.page.get_by_label("Issue", exact=True).select_option("neglect")
    visitor.press("Show")
    visitor.check("Kent – Neglect – Areas")
    assert visitor.texts("#mentions ~ table tbody th") == ["Kent"]

    visitor.page.get_by_label("Area", exact=True).select_option("")
    visitor.press("Show")
    assert len(visitor.texts("#mentions ~ table tbody th")) > 3


def test_about_tells_limits_and_both_models(visitor: Visitor) -> None:
    visitor.see("/about", "About")
    assert visitor.one("main").get_by_text("Not for decisions about a child").is_visible()
    assert len([one for one in visitor.texts("main h2") if one.startswith("evenhand-")]) == 2
    assert visitor.one("main").get_by_text("How right it was").count() == 2


def test_what_is_not_there_is_told_with_a_way_on(visitor: Visitor) -> None:
    for path, way in (("/nothing", "/"), ("/file/gone", "/file"), ("/documents/gone/levels", "/documents")):
        visitor.page.goto(path)
        assert visitor.one("main a").get_attribute("href") == way
    visitor.check("Method not allowed")
    visitor.page.goto(f"{visitor.url}//elsewhere.example/")
    assert visitor.one("main a").get_attribute("href") == "/"


@pytest.mark.parametrize("window", FEW_VARIANTS)
def test_every_link_leads_somewhere(browser: Browser, served: Server, window: Window) -> None:
    with visiting(browser, served.url, window) as visitor:
        paths: set[str] = set()
        for path in ("/", "/documents", "/file", "/areas?area=Kent", "/about", "/text"):
            if path == "/text":
                read(visitor, views.example_text("referral"))
            else:
                visitor.page.goto(path)
            links = visitor.one("a").evaluate_all("all => all.map(one => one.getAttribute('href'))")
            assert all(visitor.one(f"[id='{link[1:]}']").count() == 1 for link in links if link.startswith("#"))
            paths |= {link for link in links if link.startswith("/")}
        assert len(paths) > 10
        assert {path for path in paths if visitor.context.request.get(path).status != 200} == set()


def test_a_phone_has_its_pages_in_a_menu(browser: Browser, served: Server) -> None:
    for script in (True, False):
        with visiting(browser, served.url, Window(NARROW, script)) as visitor:
            visitor.page.goto("/")
            areas = visitor.page.get_by_role("link", name="Areas")
            assert areas.is_visible() is not script  # without scripts nothing is folded
            if script:
                visitor.page.get_by_role("button", name="Menu").click()
            visitor.follow("Areas")
            assert visitor.heading() == "Areas"


def test_a_text_is_read_with_the_keyboard_alone(reader: Visitor) -> None:
    reader.page.goto("/")
    reader.page.keyboard.press("Tab")
    assert reader.focused() == "Skip to main content"
    reader.page.keyboard.press("Enter")
    assert reader.page.evaluate("() => document.activeElement.id") == "main-content"
    reader.tab_to("text")
    reader.page.keyboard.type("Mum fails to engage. Dad hit him with a belt.")
    reader.tab_to("Read the text")
    reader.page.keyboard.press("Enter")
    reader.wait_for("What the text says")

    reader.tab_to("Change the text, or read another")
    reader.page.keyboard.press("Space")
    assert reader.page.get_by_label("Concern, referral or note").is_visible()
    reader.page.keyboard.press("Space")
    reader.tab_to("Blames the parent, note 1")
    reader.page.keyboard.press("Enter")
    reader.tab_to("Back to the words of note 1")


def test_areas_are_chosen_with_the_keyboard_alone(reader: Visitor) -> None:
    reader.page.goto("/areas")
    reader.tab_to("area")
    reader.page.keyboard.type("Trafford")
    reader.tab_to("Show")
    reader.page.keyboard.press("Space")
    reader.page.wait_for_url("**area=Trafford*")
    assert reader.page.get_by_label("Area", exact=True).input_value() == "Trafford"


@pytest.mark.parametrize("window", FEW_VARIANTS)
def test_paper_has_all_that_is_folded_and_nothing_to_press(browser: Browser, served: Server, window: Window) -> None:
    with visiting(browser, served.url, window) as visitor:
        read(visitor, views.example_text("referral"))
        folded = visitor.one(".eh-text ~ details table")
        visitor.page.emulate_media(media="print")
        has_nothing_to_press(visitor)
        assert folded.is_visible()
        printed = pypdfium2.PdfDocument(visitor.page.pdf())
        words = " ".join(" ".join(page.get_textpage().get_text_range().split()) for page in printed)
        told = ("never decides about a child", "What it says", "Attendance is 81%", "Domestic abuse", "Precedents")
        assert [one for one in told if one not in words] == []
        assert "Read the text" not in words
        for path in ("/", "/documents", "/file", "/areas"):
            visitor.page.goto(path)
            has_nothing_to_press(visitor)
