"""Shared by the tests of consistency: the released model, and documents built from the facts of the 2018 inquiry."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

import evenhand
from evenhand.consistency.collection import Collection
from evenhand.consistency.reading import read_collection
from evenhand.documents.files import code_files
from evenhand.model import Model

FACTS = Path(__file__).parent / "storing-up-trouble"


@pytest.fixture(scope="session")
def released_model() -> Model:
    return evenhand.load()


@pytest.fixture(scope="session")
def facts() -> dict[str, Any]:
    """What the documents were made to hold: which descriptors are one situation, and which only look like it."""
    told: dict[str, Any] = json.loads((FACTS / "truth.json").read_text(encoding="utf-8"))
    return told


@pytest.fixture(scope="session")
def coded_facts(released_model: Model, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The documents as `evenhand code` writes them, with levels that a person has set where it was not sure."""
    output = tmp_path_factory.mktemp("facts") / "coded.jsonl"
    shutil.copy(FACTS / "levels.toml", output.with_name("coded.jsonl.levels.toml"))
    code_files(sorted(FACTS.glob("*.txt")), output, model=released_model)
    return output


@pytest.fixture(scope="session")
def fact_collection(coded_facts: Path) -> Collection:
    return read_collection([coded_facts])


@pytest.fixture(scope="session")
def published() -> Collection:
    """The published descriptors that are shipped."""
    return read_collection([])
