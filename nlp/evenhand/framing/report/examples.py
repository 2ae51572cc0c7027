"""Example sentences for the report, where they are asked for: a few of each category, the first ones."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from evenhand.framing.scheme import CATEGORY_NAMES, FLAGGED, Category

_OF_EACH = 3


@dataclass(frozen=True, slots=True)
class Example:
    """A sentence with flagged words.

    Attributes:
        before: What stands before the words.
        words: The words.
        after: What stands behind them.
        rewrite: How the sentence could be; None where there is no suggestion.
    """

    before: str
    words: str
    after: str
    rewrite: str | None


class Examples:
    """Keeps the first sentences of each category.

    Args:
        wanted: Whether to keep any.
    """

    def __init__(self, *, wanted: bool) -> None:
        self.wanted = wanted
        self._found: dict[Category, list[Example]] = {category: [] for category in Category if category in FLAGGED}

    def add(self, text: str, flags: Mapping[str, Any]) -> None:
        """Take what is wanted of a text with its flags as plain JSON types."""
        if not self.wanted:
            return
        rewrites = {(one["start"], one["end"]): one["text"] for one in flags["rewrites"]}
        for span in flags["framing"]:
            kept = self._found.get(Category(span["category"]))
            if kept is None or len(kept) >= _OF_EACH:
                continue
            holding = [told for told in flags["sentences"] if told["start"] <= span["start"] < told["end"]]
            if not holding:
                continue
            start, end = holding[0]["start"], holding[0]["end"]
            pieces = text[start : span["start"]], text[span["start"] : span["end"]], text[span["end"] : end]
            kept.append(Example(*pieces, rewrites.get((start, end))))

    def by_category(self) -> list[tuple[str, list[Example]]]:
        """What was kept, by name of category."""
        return [(CATEGORY_NAMES[category], kept) for category, kept in self._found.items() if kept]
