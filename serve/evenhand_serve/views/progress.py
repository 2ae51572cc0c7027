"""What the page of work that goes on shows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class Progress:
    """How far some work is.

    Attributes:
        page: The page that it was begun on.
        id: Of the work.
        done: How far it is, in words.
        doing: What is done: "Reading levels and issues".
    """

    page: Literal["documents", "file"]
    id: str
    done: str
    doing: str
