"""The released model, loaded once."""

from __future__ import annotations

from pathlib import Path

import pytest

import evenhand
from evenhand.bundle import Bundle, read_bundle

MODELS = Path(__file__).parents[2] / "models"
RELEASED = sorted(MODELS.glob("evenhand-*/manifest.json"))


@pytest.fixture(scope="session", params=RELEASED, ids=lambda path: path.parent.name)
def directory(request: pytest.FixtureRequest) -> Path:
    path: Path = request.param
    return path.parent


@pytest.fixture(scope="session")
def bundle(directory: Path) -> Bundle:
    return read_bundle(directory)


@pytest.fixture(scope="session")
def model(directory: Path) -> evenhand.Model:
    return evenhand.load(directory)
