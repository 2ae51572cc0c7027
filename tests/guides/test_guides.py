"""The guides: links and pictures that are there, errors that are really seen, examples that hold what they should."""

from __future__ import annotations

import csv
import json
import shutil
import tomllib
from pathlib import Path

import pytest
from tests.guides import files
from tests.guides.make_examples import CONTACTS, EXAMPLES, descriptors, specs
from tests.guides.pages import GUIDES, PAGES, ROOT, anchors, error_messages, links
from tests.guides.running import PageError, run_line

import evenhand
from evenhand.documents import read
from evenhand.privacy import load_checker

MOST_BYTES, MOST_IN_ALL = 150_000, 700_000  # of pictures: a page is read on a telephone too
THRESHOLD = "examples/thresholds/ottermarsh.html"
# A command that says each message which the tables of the guides list, in a folder that `wrong_files` made.
SAID_BY = {
    "coded.xlsx exists already; use --overwrite to replace it": f"evenhand code {THRESHOLD} -o coded.xlsx",
    "rows have no issue or no severity yet": "evenhand code blind.xlsx --from-review --coder ben -o both.xlsx",
    "a column that is not for editing was changed": "evenhand code edited.xlsx --from-review --coder ben -o b.xlsx",
    "not a document that can be read": "evenhand code examples/referrals.csv -o x.xlsx",
    "has an unknown code; did you mean 'self_harm'?": "evenhand annotate agree unknown.csv",
    "unknown issue 'self harm'; did you mean 'self_harm'?": (
        "python -c \"from evenhand.scheme import Issue, parse_code; parse_code(Issue, 'self harm')\""
    ),
    "no text was coded by two coders": "evenhand annotate agree examples/referrals.csv",
    "looks identifiable": "evenhand score calls.csv -o x.jsonl --privacy patterns",
    "looks identifiable, so nothing was read": "evenhand flag calls.csv -o x.jsonl --privacy patterns",
    "no column is named like one that holds texts": "evenhand score columns.csv -o x.jsonl --privacy patterns",
    "that is a file: say where its flags are to go with -o OUT": "evenhand flag calls.csv",
    "not UTF-8 at byte": "evenhand score latin.csv -o x.jsonl --privacy patterns",
    "none of the first 1 rows could be read": "evenhand score latin.csv -o x.jsonl --privacy patterns",
    "flagged.jsonl exists already": "evenhand flag calls.csv -o flagged.jsonl --privacy patterns",
    "exists already; use --overwrite to replace it": "evenhand score calls.csv -o flagged.jsonl --privacy patterns",
    "nothing in the text can be graded": 'evenhand where ""',
    "the suffix says the format": "evenhand score calls.csv -o x.doc",
    "unknown privacy mode 'strict'": "evenhand score calls.csv -o x.jsonl --privacy strict",
    "does not exist; check the name and the folder": "evenhand score absent.csv -o x.jsonl",
    "code_many takes several texts, and one string was given": (
        "python -c \"import evenhand; evenhand.load().code_many('one')\""
    ),
    "no model there": "evenhand explain x --model absent",
}
# Of the service: tests/serve sees them.
OF_THE_SERVICE = {
    "these texts look identifiable (counted from 0)": "serve/evenhand_serve",
    "areas are not worked out yet; try again in a minute": "serve/evenhand_serve",
}
GIVEN_STATUS = {"evenhand flag calls.csv": 2}


@pytest.fixture(scope="module")
def wrong_files(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder in which each command of `SAID_BY` fails as it should."""
    folder = tmp_path_factory.mktemp("wrong")
    shutil.copytree(ROOT / "examples", folder / "examples")
    for make in files.FILES["nlp/guides/data-team.md"]:
        make(folder)
    run_line(f"evenhand code {THRESHOLD} -o coded.xlsx --quiet", folder)
    run_line(f"evenhand code {THRESHOLD} -o blind.xlsx --blind 5 --quiet", folder)
    shutil.copy(folder / "coded.xlsx", folder / "edited.xlsx")
    files.edit(folder / "edited.xlsx", lambda _: {"section": "another"})
    (folder / "unknown.csv").write_text("unit,text,coder,issues\na,She is sad.,ann,self harm\n", encoding="utf-8")
    calls = "id,text\n1,There is no heating.\n2,Please ring 07700 900123 about him.\n"
    (folder / "calls.csv").write_text(calls, encoding="utf-8")
    (folder / "columns.csv").write_text("a,b\n1,2\n", encoding="utf-8")
    (folder / "latin.csv").write_bytes(b"id,text\n1,caf\xe9\n")
    (folder / "flagged.jsonl").write_text("{}\n", encoding="utf-8")
    return folder


def test_every_message_in_the_tables_of_errors_is_tried() -> None:
    told = {message for page in GUIDES for message in error_messages(page)}

    assert told == set(SAID_BY) | set(OF_THE_SERVICE)


@pytest.mark.parametrize("message", SAID_BY)
def test_a_message_of_the_tables_is_what_is_said(message: str, wrong_files: Path) -> None:
    line = SAID_BY[message]
    with pytest.raises(PageError) as fault:
        run_line(line, wrong_files)

    assert f"exit status {GIVEN_STATUS.get(line, 1)} " in str(fault.value)
    assert message in " ".join(str(fault.value).replace("│", " ").split())


@pytest.mark.parametrize("message", OF_THE_SERVICE)
def test_a_message_of_the_service_is_in_its_source(message: str) -> None:
    source = " ".join(path.read_text(encoding="utf-8") for path in (ROOT / OF_THE_SERVICE[message]).rglob("*.py"))

    assert all(part in source for part in message.removesuffix(" (counted from 0)").split("; "))


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_lead_to_files_and_headings_that_there_are(page: Path) -> None:
    wrong = []
    for link in links(page):
        path, _, anchor = link.partition("#")
        at = (page.parent / path).resolve() if path else page
        if "://" in link:
            continue
        if not at.exists() or (anchor and at.suffix == ".md" and anchor not in anchors(at)):
            wrong.append(link)

    assert not wrong


def test_every_picture_is_small_and_on_a_page_and_says_in_words_what_it_shows() -> None:
    pictures = set((ROOT / "nlp" / "guides" / "pictures").iterdir())
    shown = {(page.parent / link).resolve() for page in GUIDES for link in links(page) if "pictures/" in link}

    assert shown == pictures
    assert max(path.stat().st_size for path in pictures) <= MOST_BYTES
    assert sum(path.stat().st_size for path in pictures) <= MOST_IN_ALL
    assert "![](" not in "".join(page.read_text(encoding="utf-8") for page in GUIDES)
    assert not [path.name for path in pictures if path.suffix == ".svg" and "http" in _without_names(path)]


def _without_names(path: Path) -> str:
    """An SVG without the names of its form, which are addresses that nothing loads."""
    return path.read_text(encoding="utf-8").replace("http://www.w3.org/", "").replace("https://www.textualize.io", "")


@pytest.mark.parametrize("name", sorted(specs()))
def test_the_example_documents_are_read_as_they_were_written(name: str) -> None:
    (path,) = EXAMPLES.glob(f"{name}.*")
    found = [(one.native_level, one.section, one.text) for one in read(path).descriptors]
    told = [(level.partition(":")[0], section, text) for level, section, text in descriptors(specs()[name])]

    assert sorted(found) == sorted(told)


def test_the_example_contacts_identify_nobody_and_have_enough_of_each_agency() -> None:
    with CONTACTS.open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    found = load_checker(names=False).check_many([row["text"] for row in rows])
    counts = {row["agency"]: [one["agency"] for one in rows].count(row["agency"]) for row in rows}

    assert not any(found)
    assert set(counts.values()) == {40}
    assert [row["received"] for row in rows] == sorted(row["received"] for row in rows)


def test_the_models_that_guides_name_are_the_ones_that_are_shipped() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    shipped = next(iter(project["tool"]["hatch"]["build"]["targets"]["wheel"]["force-include"])).split("/")[1]
    manifest = json.loads((ROOT / "models" / shipped / "manifest.json").read_text(encoding="utf-8"))

    assert f"{manifest['name']}-{manifest['version']}" == evenhand.load().name
    assert any(f"models/{shipped}/CARD.md" in page.read_text(encoding="utf-8") for page in GUIDES)
