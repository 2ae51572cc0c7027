"""What the page of work that goes on shows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from evenhand_serve.views.words import count


@dataclass(frozen=True, slots=True)
class Progress:
    """How far some work is.

    Attributes:
        page: The page that it was begun on.
        id: Of the work.
        done: How much is done.
        unit: Of what, in the singular: "row".
        doing: What is done now: "Reading levels and issues".
    """

    page: Literal["documents", "file"]
    id: str
    done: int
    unit: str
    doing: str

    @property
    def done_words(self) -> str:
        """How much is done, in words.

        >>> Progress("file", "x", 1200, "row", "Reading").done_words
        '1,200 rows done'
        """
        return f"{count(self.done, self.unit)} done"
