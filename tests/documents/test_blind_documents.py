"""Documents by somebody who had not seen the reader, in layouts of their own.

They were opened when the reader was finished, and it was mended afterwards: README says what it found at first. Since
then they are ordinary tests.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from tests.documents.conftest import HERE, plain

from evenhand import documents
from evenhand.documents import Document

BLIND = sorted((HERE / "blind").glob("*.gold.json"))
# One marks its items by white space alone, and lines of one item stand as far apart as two items of one line.
LEAST = {"dunraven": 0.87}


@pytest.fixture(scope="module", params=BLIND, ids=lambda path: path.name.split(".")[0])
def gold(request: pytest.FixtureRequest) -> tuple[str, dict[str, Any]]:
    path: Path = request.param
    return path.name.split(".")[0], json.loads(path.read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def read(gold: tuple[str, dict[str, Any]]) -> Document:
    (path,) = [path for path in (HERE / "blind").glob(f"{gold[0]}.*") if path.suffix != ".json"]
    return documents.read(path)


def test_nearly_all_descriptors_are_found_and_hardly_anything_else(
    gold: tuple[str, dict[str, Any]], read: Document
) -> None:
    wanted = {plain(told["text"]) for told in gold[1]["descriptors"]}
    found = {plain(descriptor.text) for descriptor in read.descriptors}
    assert len(found & wanted) / len(wanted) >= LEAST.get(gold[0], 0.95)
    assert len(found & wanted) / len(found) >= 0.94


def test_each_level_holds_what_it_holds_in_the_document(gold: tuple[str, dict[str, Any]], read: Document) -> None:
    """Whatever a level is called, its descriptors are those of one level of the document."""
    natives = {plain(told["text"]): told["native"] for told in gold[1]["descriptors"]}
    pairs = {
        (descriptor.native_level, natives[plain(descriptor.text)])
        for descriptor in read.descriptors
        if plain(descriptor.text) in natives
    }
    assert len(pairs) == len(gold[1]["levels"]) == len(read.levels)


def test_the_legal_codes_of_its_levels_are_right(gold: tuple[str, dict[str, Any]], read: Document) -> None:
    proposed = sorted([str(code) for code in level.levels] for level in read.levels)
    assert proposed == sorted(level["set"] for level in gold[1]["levels"])


def test_pages_are_those_on_which_descriptors_begin(gold: tuple[str, dict[str, Any]], read: Document) -> None:
    pages = {plain(told["text"]): told.get("page") for told in gold[1]["descriptors"]}
    for descriptor in read.descriptors:
        assert descriptor.page == pages.get(plain(descriptor.text), descriptor.page)


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("greyholm.pdf", "is a picture without text"),
        ("dunraven.pdf", "letters are not mapped to characters"),
        ("corvale.docx", "a picture stands in the text"),
        ("marshweald.docx", "a picture stands in the text"),
        ("wester-lynn.html", "linked document(s)"),
    ],
)
def test_what_cannot_be_read_is_said(name: str, told: str) -> None:
    read = documents.read(HERE / "blind" / name)
    assert any(told in trouble.what for trouble in read.troubles)
    assert not read.read_whole
