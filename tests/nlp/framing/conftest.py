"""The shipped framing model, loaded once."""

from __future__ import annotations

import pytest

import evenhand
from evenhand.framing import Flagger, load_flagger


@pytest.fixture(scope="session")
def coder() -> evenhand.Model:
    return evenhand.load()


@pytest.fixture(scope="session")
def flagger(coder: evenhand.Model) -> Flagger:
    return load_flagger(coder=coder)
