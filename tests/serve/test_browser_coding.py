"""A project as coders with a browser meet it: two code blind, somebody decides, and all of it is taken away."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from playwright.sync_api import Browser
from tests.serve.browser import NARROW, WIDE, Visitor, Window, has_error, visiting
from tests.serve.conftest import Server, StartServer

from evenhand.annotate import Annotations, Coder, Unit
from evenhand.annotate.formats import read_annotations
from evenhand.annotate.records import Annotation
from evenhand.annotate.store import Store
from evenhand.scheme import Issue, Level

ROOT = Path(__file__).parents[2]
LOOKS = {"scripted": Window(WIDE, script=True), "plain": Window(NARROW, script=False)}
IDENTIFIABLE = "Ring 07700 900123"
NOW = datetime(2026, 1, 1, tzinfo=UTC)


@pytest.fixture(params=LOOKS)
def project(
    request: pytest.FixtureRequest, start_server: StartServer, tmp_path: Path
) -> Iterator[tuple[Server, Store, Window]]:
    """A service with three referrals to code, and how their coders look at it."""
    with (ROOT / "examples/referrals.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))[:3]
    store = Store.create(
        tmp_path / "ours.sqlite", Annotations(tuple(Unit(row["id"], row["text"], "referrals.csv") for row in rows))
    )
    server = start_server("--project", str(store.path))
    yield server, store, LOOKS[request.param]
    server.stop()


def begin(visitor: Visitor, name: str) -> None:
    """Say who codes."""
    visitor.page.goto("/code")
    visitor.check("Who codes?")
    visitor.page.get_by_label("Your name or initials").fill(name)
    visitor.press("Begin")
    visitor.check("Code")


def follow_button(visitor: Visitor, name: str) -> None:
    """Follow a link that looks like a button."""
    with visitor.page.expect_navigation():
        visitor.page.get_by_role("button", name=name, exact=True).click()


def tick(visitor: Visitor, *ids: str) -> None:
    """Tick choices by what they are."""
    for one in ids:
        visitor.one(f"#{one}").check()


def test_two_code_blind_a_third_decides_and_all_is_taken_away(
    browser: Browser, project: tuple[Server, Store, Window]
) -> None:
    server, store, window = project
    with visiting(browser, server.url, window) as anna, visiting(browser, server.url, window) as ben:
        begin(anna, "Anna")
        assert "You have coded 0 of 3 texts; 3 wait for you." in anna.texts("main p")[0]
        assert str(store.path) in " ".join(anna.texts("aside"))
        follow_button(anna, "Code the next text")
        anna.check("Text 1 of 3")
        anna.press("Save and go on")
        anna.check("Error: Text 1 of 3")
        has_error(
            anna, "levels", "Tick a level, a severity or an issue. Skip the text if there is nothing to code in it"
        )
        tick(anna, "levels-B", "severity-3", "issues-poverty")
        anna.one("#note").fill(IDENTIFIABLE)
        anna.press("Save and go on")
        has_error(anna, "note", "The note looks as if it could identify somebody. Leave out names and numbers")
        anna.one("#note").fill("No heating.")
        anna.press("Save and go on")
        anna.check("Text 2 of 3")
        anna.follow("Skip for now")
        assert anna.heading() == "Text 3 of 3"
        tick(anna, "levels-C", "levels-D", "severity-5")
        anna.press("Save and go on")
        assert anna.heading() == "Text 2 of 3"

        begin(ben, "ben")
        follow_button(ben, "Code the next text")
        assert "No heating." not in ben.page.content()
        assert ben.one("input[type=checkbox][name]:checked, input[type=radio]:checked").count() == 0
        tick(ben, "levels-C", "severity-3", "issues-poverty", "issues-neglect", "sure-unsure")
        ben.press("Save and go on")
        ben.page.goto("/code/1")
        ben.check("Text 1 of 3")
        assert ben.texts("h3") == ["Anna", "ben"]
        assert "No heating." in ben.page.content()
        ben.page.goto("/code/3")
        tick(ben, "levels-C", "levels-D", "severity-5")
        ben.press("Save and go on")

    with visiting(browser, server.url, window) as cleo:
        begin(cleo, "Cleo")
        assert "Coders differ on 1 text." in " ".join(cleo.texts("main p"))
        follow_button(cleo, "Decide the next one")
        cleo.check("Decide text 1")
        assert cleo.one("input[name]:checked").evaluate_all("all => all.map(one => one.value)") == ["3", "poverty"]
        tick(cleo, "levels-C", "sure-unsure")
        with cleo.page.expect_navigation():
            cleo.one("#severity").press("Enter")  # as a form is sent: what is ticked counts, not the first button
        cleo.page.goto("/code/decide/1")
        assert cleo.one("input[name=levels]:checked").evaluate_all("all => all.map(one => one.value)") == ["C"]
        assert "You have coded this text yourself" not in cleo.one("main").inner_text()
        cleo.press("Decide as ben")
        cleo.check("Code")
        assert "Decided. Look at text 1 again, or change it" in cleo.texts("main p")
        facts = dict(zip(cleo.texts("dt"), cleo.texts("dd"), strict=True))
        assert facts == {
            "Coded by Anna": "2",
            "Coded by ben": "2",
            "Coded by two or more": "2 of 3",
            "To be decided": "0",
            "Decided": "1",
        }
        taken = read_annotations(cleo.download("Label Studio (.json)"))
        assert taken == store.collection()
    first = taken.by_unit()[taken.units[0].id]
    assert [(one.coder.name, one.levels, one.confidence) for one in first] == [
        ("Anna", (Level.B,), None),
        ("ben", (Level.C,), 0.5),
        ("Cleo", (Level.C,), 0.5),
        ("Cleo", (Level.C,), 0.5),
    ]
    assert [len(one.issues) for one in first] == [1, 2, 1, 2]
    assert set(first[2].decides) == {first[0].id, first[1].id}


@pytest.mark.parametrize("project", ["scripted"], indirect=True)
def test_a_text_is_coded_and_decided_with_keys_alone(browser: Browser, project: tuple[Server, Store, Window]) -> None:
    server, store, window = project
    (first, second, _) = store.collection().units
    store.add("Ben", first.id, levels=(Level.A,), severity=2.0)
    store.add("Ben", second.id, levels=(Level.A,), severity=2.0)
    with visiting(browser, server.url, window) as anna:
        begin(anna, "Anna")
        anna.page.goto("/code/1")
        keys = anna.page.keyboard
        for key in ("b", "c", "b", "4", "/"):
            keys.press(key)
        for word in ("self", "neg"):
            keys.type(word)
            assert anna.one(".eh-issues .govuk-checkboxes__item:visible").count() == 1
            keys.press("Enter")
        keys.press("Escape")
        keys.press("m")
        keys.type("a note with keys: x 5 b")
        with anna.page.expect_navigation():
            keys.press("Control+Enter")
        assert anna.heading() == "Text 2 of 3"
        (mine,) = [one for one in store.codings(first.id) if one.coder == Coder("Anna")]
        assert (mine.levels, mine.severity, mine.note) == ((Level.C,), 4.0, "a note with keys: x 5 b")
        assert set(mine.issues) == {Issue.SELF_HARM, Issue.NEGLECT}

        keys.press("4")
        keys.press("4")
        assert anna.one("input:checked[name=severity]").count() == 0
        keys.press("x")
        assert anna.heading() == "Text 2 of 3"  # a form that was begun is not thrown away
        anna.page.reload()
        with anna.page.expect_navigation():
            keys.press("x")
        assert anna.heading() == "Text 3 of 3"
        anna.one("#keys").uncheck()
        keys.press("d")
        assert anna.one("input[name=levels]:checked").count() == 0
        anna.page.goto("/code/decide/1")
        keys.press("[")
        anna.one("#keys").check()
        store.add("Anna", second.id, levels=(Level.D,))
        keys.down("[")
        anna.page.wait_for_url("**/code/decide/2?saved=1")
        for _ in range(5):
            keys.down("[")  # held down, which decides nothing that nobody has looked at
        assert anna.heading() == "Decide text 2"
        keys.up("[")
        with anna.page.expect_navigation():
            keys.press("[")
        assert anna.heading() == "Code"
    decided = [one for one in store.codings(first.id) if one.decides]
    assert [(one.coder.name, one.levels) for one in decided] == [("Anna", (Level.A,))]


@pytest.mark.parametrize("project", ["scripted"], indirect=True)
def test_what_a_model_reads_is_folded_away_where_somebody_decides(
    browser: Browser, start_server: StartServer, tmp_path: Path, project: tuple[Server, Store, Window]
) -> None:
    coded = [
        Annotation(f"c{number}", "t", coder, NOW, levels=(level,))
        for number, (coder, level) in enumerate(
            [(Coder("Anna"), Level.A), (Coder("Ben"), Level.C), (Coder("evenhand", "model", "1"), Level.B)]
        )
    ]
    store = Store.create(tmp_path / "model.sqlite", Annotations((Unit("t", "There is no heating."),), tuple(coded)))
    server = start_server("--project", str(store.path))
    with visiting(browser, server.url, project[2]) as visitor:
        begin(visitor, "anna")
        assert "You are Anna." in " ".join(visitor.texts("main p"))
        visitor.page.goto("/code/decide/1")
        visitor.check("Decide text 1")
        model = visitor.page.get_by_role("heading", name="evenhand 1 (model)")
        assert not model.is_visible()
        visitor.page.get_by_text("What the model reads").click()
        assert model.is_visible()
    server.stop()
