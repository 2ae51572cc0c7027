"""Documents of many layouts give back what they were made of."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pdfplumber
import pytest
from tests.documents.conftest import MADE
from tests.documents.make_documents import DOCUMENTS, Made, descriptors_of
from tests.documents.scoring import plain

from evenhand import documents
from evenhand.documents import Document
from evenhand.documents.schemes import find_levels

SPECS = Callable[[str], dict[str, Any]]


@pytest.fixture(scope="module", params=DOCUMENTS, ids=lambda made: made.file)
def made(request: pytest.FixtureRequest) -> Made:
    found: Made = request.param
    return found


@pytest.fixture(scope="module")
def read(made: Made) -> Document:
    return documents.read(MADE / made.file)


@pytest.fixture(scope="module")
def natives(made: Made, read: Document, spec: SPECS) -> dict[str, str]:
    """The document's own levels by key."""
    scheme = find_levels(read.layout)
    assert scheme
    return {str(scheme.of(level["native"])): level["native"] for level in spec(made.spec)["levels"]}


@pytest.fixture(scope="module")
def gold(made: Made, spec: SPECS) -> dict[str, dict[str, str]]:
    """Every descriptor that can be read, by its plain text."""
    found = {plain(told["text"]): told for told in descriptors_of(spec(made.spec), running=made.running)}
    if made.unread_page is None:
        return found
    with pdfplumber.open(MADE / made.file) as pdf:
        before = plain(" ".join(page.extract_text() for page in pdf.pages[: made.unread_page - 1]))
    return {text: told for text, told in found.items() if text in before}


def test_nearly_all_descriptors_are_found_and_hardly_anything_else(
    read: Document, gold: dict[str, dict[str, str]]
) -> None:
    found = {plain(descriptor.text) for descriptor in read.descriptors}
    right = found & set(gold)
    assert len(right) / len(gold) >= 0.95, sorted(set(gold) - found)
    assert len(right) / len(found) >= 0.95, sorted(found - set(gold))


def test_what_is_found_stands_at_its_own_level(
    read: Document, gold: dict[str, dict[str, str]], natives: dict[str, str]
) -> None:
    keys = {level.native: level.key for level in read.levels}
    right = [
        natives.get(keys[descriptor.native_level]) == gold[plain(descriptor.text)]["native"]
        for descriptor in read.descriptors
        if plain(descriptor.text) in gold
    ]
    assert sum(right) / len(right) >= 0.98


def test_every_level_is_found_and_none_beside(read: Document, natives: dict[str, str]) -> None:
    assert {level.key for level in read.levels} == set(natives)


def test_every_planted_trouble_is_reported_and_no_other_of_its_kind(made: Made, read: Document) -> None:
    told = [trouble.what for trouble in read.troubles]
    for name, words in {"picture": "is a picture without text", "columns": "columns cannot be told apart"}.items():
        assert any(words in what for what in told) == (name in made.troubles), name
    if "unclear level" in made.troubles:
        assert any("its legal codes are not clear" in what for what in told)
    if made.troubles and set(made.troubles) != {"unclear level"}:
        assert not read.read_whole


def test_descriptors_of_paged_files_say_where_they_stand(made: Made, read: Document) -> None:
    if not made.file.endswith(".pdf"):
        pytest.skip("only a PDF has pages and places")
    for descriptor in read.descriptors:
        assert descriptor.page is not None
        assert descriptor.box is not None
        assert 1 <= descriptor.page <= (read.pages or 0)
        assert descriptor.box.x0 < descriptor.box.x1
        assert descriptor.box.top < descriptor.box.bottom


def test_proposed_sets_are_right_for_nine_levels_in_ten(spec: SPECS) -> None:
    right = []
    for made in DOCUMENTS:
        read = documents.read(MADE / made.file)
        scheme = find_levels(read.layout)
        assert scheme
        proposed = {level.key: [str(code) for code in level.levels] for level in read.levels}
        right += [proposed.get(str(scheme.of(level["native"]))) == level["set"] for level in spec(made.spec)["levels"]]
    assert sum(right) / len(right) >= 0.90
