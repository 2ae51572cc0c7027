"""The released model, loaded once."""

from __future__ import annotations

from pathlib import Path

import pytest

import evenhand
from evenhand.bundle import Bundle, read_bundle

MODELS = Path(__file__).parents[2] / "models"
RELEASED = sorted(MODELS.glob("evenhand-[0-9]*/manifest.json"))


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


@pytest.fixture(scope="session")
def number(directory: Path) -> tuple[int, ...]:
    """Of the release."""
    return _number(directory.name)


@pytest.fixture(scope="session")
def model_before(directory: Path) -> str | None:
    """Name of the model released before; None for the first."""
    # By release number: 0.10 comes after 0.9.
    names = sorted((path.parent.name for path in RELEASED), key=_number)
    place = names.index(directory.name)
    return names[place - 1] if place else None


def _number(name: str) -> tuple[int, ...]:
    return tuple(int(part) for part in name.removeprefix("evenhand-").split("."))
