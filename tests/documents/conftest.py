"""Made documents and what they hold."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from evenhand.result import Coding
from evenhand.scheme import ISSUES, Assertion, Frame, Issue, Level

HERE = Path(__file__).parent
MADE = HERE / "made"


@dataclass(frozen=True, slots=True)
class WordCounter:
    """Stands for a model where its codes do not matter: each text is coded by its length."""

    name: str = "counter-1"

    def code_many(self, texts: Iterable[str]) -> list[Coding]:
        """Code each text by itself."""
        return [self._code(text) for text in texts]

    def _code(self, text: str) -> Coding:
        issue = ISSUES[len(text) % len(ISSUES)]
        return Coding(
            level=Level.B,
            levels=(Level.A, Level.B),
            level_probabilities={Level.B: 1.0},
            severity=1.0 + len(text) % 6,
            issues=(issue,),
            issue_probabilities={Issue(issue): 0.75},
            dfe_codes=(),
            assertion=Assertion.PRESENT,
            frame=Frame.NEED,
            sentences=(),
            truncated=False,
            model=self.name,
        )


@pytest.fixture
def counter() -> WordCounter:
    """A coder that needs no model."""
    return WordCounter()


@pytest.fixture(scope="session")
def spec() -> Callable[[str], dict[str, Any]]:
    """Content of an invented document by name."""

    def read(name: str) -> dict[str, Any]:
        found: dict[str, Any] = json.loads((HERE / "specs" / f"{name}.json").read_text(encoding="utf-8"))
        return found

    return read
