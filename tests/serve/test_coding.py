"""Pages of a project as programs meet them: who may see what, what is kept where, and what cannot be taken."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path
from subprocess import CompletedProcess

import httpx
import pytest
from tests.serve.conftest import Server, StartServer

from evenhand.annotate import Annotations, Unit
from evenhand.annotate.formats import FORMATS, read_annotations
from evenhand.annotate.store import Store
from evenhand.scheme import Issue, Level
from evenhand_serve.tokens import TokenFile
from evenhand_serve.views import CodingForm

MARKER = "Zq7marker"
UNITS = tuple(Unit(f"t{number}", f"Text {number} {MARKER}.", "secret.pdf") for number in range(1, 5))
IDENTIFIABLE = "Ring 07700 900123"


@pytest.fixture(scope="module")
def guarded(
    start_server: StartServer, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Server, dict[str, str]]]:
    """A service with a project and tokens: of two coders, one who decides too, and one for texts alone."""
    folder = tmp_path_factory.mktemp("project")
    Store.create(folder / "ours.sqlite", Annotations(UNITS))
    file = TokenFile(folder / "tokens.json")
    scopes = {"Anna": ["code"], "Ben": ["code"], "Cleo": ["code", "decide"], "Dara": ["text"], "Eve": ["decide"]}
    given = {name: file.create(name, wanted)[1] for name, wanted in scopes.items()}
    server = start_server("--project", str(folder / "ours.sqlite"), "--tokens", str(file.path))
    yield server, given
    server.stop()


@pytest.fixture
def sign_in(guarded: tuple[Server, dict[str, str]]) -> Iterator[Callable[[str], httpx.Client]]:
    """Sign in as somebody."""
    server, tokens = guarded
    opened: list[httpx.Client] = []

    def signed_in(name: str) -> httpx.Client:
        client = httpx.Client(base_url=server.url, follow_redirects=True, timeout=60)
        opened.append(client)
        sent = send(client, "/sign-in", "/sign-in", token=tokens[name])
        assert sent.status_code == 200
        return client

    yield signed_in
    for client in opened:
        client.close()


def send(client: httpx.Client, page: str, to: str, **fields: str | list[str]) -> httpx.Response:
    """Send the form of a page, with what it holds that nobody sees."""
    hidden = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', client.get(page).text))
    assert "csrf_token" in hidden
    return client.post(to, data={**hidden, **fields})


def test_coders_are_blind_until_both_have_coded_and_only_adjudicators_see_all(
    guarded: tuple[Server, dict[str, str]], sign_in: Callable[[str], httpx.Client]
) -> None:
    anna, ben, cleo = sign_in("Anna"), sign_in("Ben"), sign_in("Cleo")
    note = "Because of the first line"

    sent = send(anna, "/code/1", "/code/1", levels=["B"], severity="3", issues=["neglect"], note=note)
    assert sent.url.path == "/code/2"
    assert note in anna.get("/code/1").text
    for other in (ben, cleo):
        assert note not in other.get("/code/1").text
    assert cleo.get("/code/decide/1").status_code == 409

    send(ben, "/code/1", "/code/1", levels=["C", "D"], severity="5", issues=["neglect"])
    for both in (anna, ben):
        assert note in both.get("/code/1").text
        assert both.get("/code/decide/1").status_code == 403
        assert both.get("/code/export/jsonl").status_code == 403
    late = send(anna, "/code/2", "/code/1", levels=["D"])
    assert late.status_code == 422
    assert "would not be blind" in late.text

    assert "Decide the next one" in cleo.get("/code").text
    send(cleo, "/code/decide/1", "/code/decide/1", levels=["C"], severity="4", issues=["neglect"])
    assert "Decide the next one" not in cleo.get("/code").text
    for suffix in FORMATS:
        taken = cleo.get(f"/code/export/{suffix[1:]}")
        assert taken.headers["content-disposition"] == f'attachment; filename="ours{suffix}"'
        target = guarded[0].temporary / f"taken{suffix}"
        target.write_bytes(taken.content)
        codings = read_annotations(target).by_unit()["t1"]
        assert [(one.coder.name, one.levels, bool(one.decides)) for one in codings] == [
            ("Anna", (Level.B,), False),
            ("Ben", (Level.C, Level.D), False),
            ("Cleo", (Level.C,), True),
        ]
        target.unlink()


def test_a_token_for_texts_alone_is_not_for_coding(sign_in: Callable[[str], httpx.Client]) -> None:
    dara = sign_in("Dara")
    for path in ("/code", "/code/1", "/code/next", "/code/export/csv"):
        assert dara.get(path).status_code == 403


def test_who_only_decides_sees_how_far_it_is_and_exports_and_codes_nothing(
    sign_in: Callable[[str], httpx.Client],
) -> None:
    eve = sign_in("Eve")
    page = eve.get("/code").text
    assert "/code/export/jsonl" in page
    assert "Code the next text" not in page
    assert eve.get("/code/export/jsonl").status_code == 200
    assert eve.get("/code/2").status_code == 403


def test_a_decision_is_of_the_codings_that_its_form_showed(
    guarded: tuple[Server, dict[str, str]], sign_in: Callable[[str], httpx.Client]
) -> None:
    anna, ben, cleo = sign_in("Anna"), sign_in("Ben"), sign_in("Cleo")
    send(anna, "/code/2", "/code/2", levels=["B"])
    send(ben, "/code/2", "/code/2", levels=["D"])
    assert send(cleo, "/code/decide/2", "/code/decide/2", take="nonsense", known="nonsense").status_code == 422
    hidden = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', cleo.get("/code/decide/2").text))
    assert "Decided by" not in cleo.get("/code/decide/2").text
    assert cleo.post("/code/decide/2", data={**hidden, "levels": "C"}).url.path != "/code/decide/2"
    again = cleo.post("/code/decide/2", data={**hidden, "levels": "A"})
    assert again.status_code == 422
    assert "decide anew" in again.text
    assert "Decided by Cleo" in again.text


def test_what_one_filled_in_is_not_saved_as_anothers(sign_in: Callable[[str], httpx.Client]) -> None:
    anna = sign_in("Anna")
    sent = send(anna, "/code/3", "/code/3", coder="Gus", levels=["B"], note="Of Gus")
    assert sent.status_code == 422
    assert "Nothing was saved" in sent.text
    assert "Of Gus" in sent.text
    assert "Of Gus" not in anna.get("/code/3").text


@pytest.mark.parametrize(
    ("fields", "told"),
    [
        ({}, "Tick a level, a severity or an issue"),
        ({"levels": ["A", "D"]}, "next to each other"),
        ({"levels": ["B"], "note": IDENTIFIABLE}, "could identify somebody"),
        ({"levels": ["B"], "note": "x" * 2001}, "2,000 characters or less"),
    ],
    ids=["nothing", "gap", "identifiable", "long"],
)
def test_what_cannot_be_taken_is_told_and_what_was_ticked_is_kept(
    sign_in: Callable[[str], httpx.Client], fields: dict[str, str | list[str]], told: str
) -> None:
    ben = sign_in("Ben")
    sent = send(ben, "/code/3", "/code/3", issues=["bogus"], **fields)
    assert sent.status_code == 422
    assert told in sent.text
    ticked = {value for _, value in re.findall(r'name="(levels)"[^>]*value="(\w+)"[^>]*checked', sent.text)}
    assert ticked == set(fields.get("levels", []))
    assert ben.get("/code/3").text.count(" checked>") == 1  # the switch of keys alone


def test_neither_log_nor_pages_for_coders_tell_where_a_text_comes_from(
    guarded: tuple[Server, dict[str, str]], sign_in: Callable[[str], httpx.Client]
) -> None:
    ben = sign_in("Ben")
    page = ben.get("/code/4").text
    assert f"Text 4 {MARKER}." in page
    assert "secret.pdf" not in page
    send(ben, "/code/4", "/code/4", levels=["B"], note=f"Said {MARKER}")
    assert MARKER not in guarded[0].said
    assert "/code/{place:int}" in guarded[0].said


@pytest.mark.parametrize("path", ["/code/0", "/code/99", "/code/decide/99", "/code/export/exe", f"/code/{10**30}"])
def test_what_is_not_there_is_told(sign_in: Callable[[str], httpx.Client], path: str) -> None:
    assert sign_in("Cleo").get(path).status_code in {404, 422}


def test_a_form_of_no_page_of_ours_is_not_taken(sign_in: Callable[[str], httpx.Client]) -> None:
    anna = sign_in("Anna")
    assert anna.post("/code/4", data={"levels": "B"}).status_code == 403


def test_there_are_no_such_pages_without_a_project(client: httpx.Client) -> None:
    assert client.get("/code").status_code == 404
    assert 'href="/code"' not in client.get("/").text


def test_a_project_that_cannot_be_read_stops_the_start(
    command: Callable[..., CompletedProcess[str]], tmp_path: Path
) -> None:
    given = tmp_path / "broken.sqlite"
    given.write_text(f"{MARKER} is no database", encoding="utf-8")
    for path in (given, tmp_path / "missing.sqlite"):
        ended = command("serve", "--port", "0", "--project", path)
        assert ended.returncode == 1
        assert path.name in ended.stderr
        assert MARKER not in ended.stderr


@pytest.fixture
def alone(start_server: StartServer, tmp_path: Path) -> Iterator[tuple[Server, Store]]:
    """A service without tokens, of a project whose name not every alphabet has."""
    store = Store.create(tmp_path / "Fälle Ж.sqlite", Annotations(UNITS))
    server = start_server("--project", str(store.path), "--privacy", "off")
    yield server, store
    server.stop()


def test_a_file_that_is_locked_or_gone_costs_no_coding_and_is_not_made_anew(alone: tuple[Server, Store]) -> None:
    server, store = alone
    with httpx.Client(base_url=server.url, follow_redirects=True, timeout=60) as anna:
        send(anna, "/code", "/code", coder="Anna")
        assert "Notes are not checked: leave names out." in anna.get("/code").text
        taken = anna.get("/code/export/csv")
        assert taken.headers["content-disposition"] == "attachment; filename*=UTF-8''F%C3%A4lle%20%D0%96.csv"

        hidden = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', anna.get("/code/1").text))
        lock = sqlite3.connect(store.path)
        lock.execute("BEGIN IMMEDIATE")
        sent = anna.post("/code/1", data={**hidden, "levels": "B", "note": "Kept all the same"})
        assert sent.status_code == 503
        assert "Kept all the same" in sent.text
        lock.rollback()
        lock.close()
        assert anna.post("/code/1", data={**hidden, "levels": "B"}).url.path == "/code/2"

        store.path.rename(store.path.with_name("away"))
        assert anna.get("/code").status_code == 503
        assert not store.path.exists()


def test_somebody_keeps_the_spelling_of_their_name_before_they_have_coded_too(alone: tuple[Server, Store]) -> None:
    server, _ = alone
    for given in ("Zoë", "ZOE\N{COMBINING DIAERESIS} "):
        with httpx.Client(base_url=server.url, follow_redirects=True, timeout=60) as client:
            assert "You are <strong>Zoë</strong>" in send(client, "/code", "/code", coder=given).text
    with httpx.Client(base_url=server.url, timeout=60) as client:
        wrong = send(client, "/code", "/code", coder="x" * 201)
        assert wrong.status_code == 422
        assert "1 to 200 characters" in wrong.text
        assert "x" * 201 in wrong.text


def test_what_codings_have_in_common_is_ticked(tmp_path: Path) -> None:
    store = Store.create(tmp_path / "a.sqlite", Annotations(UNITS))
    both = (Issue.NEGLECT, Issue.HOUSING)
    one = store.add("Anna", "t1", levels=(Level.B,), severity=4.0, issues=both, note="x", confidence=0.75)
    other = store.add("Ben", "t1", levels=(Level.C,), severity=4.0, issues=both[:1])
    assert CodingForm.of([one, other]) == CodingForm((), "4", ("neglect",), "", "")
    assert CodingForm.of([one]) == CodingForm(("B",), "4", ("housing", "neglect"), "fairly", "x")
    assert CodingForm.of([one]).codes() == {
        "levels": (Level.B,),
        "severity": 4.0,
        "issues": (Issue.HOUSING, Issue.NEGLECT),
        "confidence": 0.75,
        "note": "x",
    }


def test_a_note_keeps_lines_and_loses_what_not_every_format_holds() -> None:
    assert CodingForm.given({"note": ["a\r\nb\x00\x1bc\ufffe "]}).note == "a\nb  c"
