"""Documents by somebody who had not seen the reader, in layouts of their own.

They were opened when the reader was finished, and it was mended afterwards: README says what it found at first. Since
then they are ordinary tests.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from tests.documents.conftest import HERE
from tests.documents.scoring import Score, score

from evenhand import documents
from evenhand.documents import Document

BLIND = sorted((HERE / "blind").glob("*.gold.json"))


# One names the level at the foot of some cards, below what stands at it.
LEAST_AT_LEVEL = {"tidewell": 0.91}


def file_of(gold: Path) -> Path:
    """The document that a gold file belongs to."""
    name = gold.name.removesuffix(".gold.json")
    (path,) = [path for path in gold.parent.glob(f"{name}.*") if path.suffix != ".json"]
    return path


@pytest.fixture(scope="module", params=BLIND, ids=lambda path: path.name.split(".")[0])
def gold(request: pytest.FixtureRequest) -> tuple[str, dict[str, Any]]:
    path: Path = request.param
    return path.name.split(".")[0], json.loads(path.read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def read(gold: tuple[str, dict[str, Any]]) -> Document:
    return documents.read(file_of(HERE / "blind" / f"{gold[0]}.gold.json"))


@pytest.fixture(scope="module")
def found(gold: tuple[str, dict[str, Any]], read: Document) -> Score:
    return score(read, gold[1])


def test_nearly_all_descriptors_are_found_and_hardly_anything_else(found: Score) -> None:
    assert found.recall >= 0.95
    assert found.precision >= 0.94


def test_what_is_found_stands_at_its_own_level(gold: tuple[str, dict[str, Any]], found: Score) -> None:
    assert found.levels_found == found.levels
    assert found.level_right >= LEAST_AT_LEVEL.get(gold[0], 0.98) * found.right


def test_the_legal_codes_of_nine_levels_in_ten_are_right() -> None:
    right = levels = 0
    for path in BLIND:
        told = json.loads(path.read_text(encoding="utf-8"))
        counts = score(documents.read(file_of(path)), told)
        right, levels = right + counts.sets_right, levels + counts.levels
    assert right >= 0.9 * levels


def test_pages_are_those_on_which_descriptors_begin(found: Score) -> None:
    assert found.page_right == found.right


def test_pages_that_cannot_be_read_are_named(found: Score) -> None:
    assert found.reported == found.planted


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
