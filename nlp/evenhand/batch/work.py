"""What a run over a table does with its texts: code them, or whatever else gives one result a row."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol, TypeVar

from evenhand.coding_rows import code_rows
from evenhand.result import Coding, KnownCoder
from evenhand.tables.contract import SCORES, Contract

R = TypeVar("R")


class Work(Protocol[R]):
    """Gives a result for each text."""

    @property
    def contract(self) -> Contract[R]:
        """The form of the results."""

    @property
    def identity(self) -> str:
        """What does it: equal for two that give the same results for every text."""

    @property
    def doing(self) -> str:
        """What it does, for progress: "scored"."""

    def done(self, texts: Sequence[str | None]) -> list[R]:
        """A result for each text by itself, order kept; None is a text that is missing."""

    def said(self, result: R) -> bool:
        """Whether there was anything in the text."""

    def cut(self, result: R) -> bool:
        """Whether a sentence was not read to its end."""


class Scoring:
    """Codes texts.

    Args:
        model: Does it.
    """

    contract: Contract[Coding] = SCORES
    doing = "scored"

    def __init__(self, model: KnownCoder) -> None:
        self._model = model

    @property
    def identity(self) -> str:
        """Which model it is."""
        return self._model.identity

    def done(self, texts: Sequence[str | None]) -> list[Coding]:
        """Code each text."""
        return code_rows(self._model, texts)

    def said(self, result: Coding) -> bool:
        """Whether there was something to code."""
        return result.level is not None

    def cut(self, result: Coding) -> bool:
        """Whether a sentence was not read to its end."""
        return result.truncated
