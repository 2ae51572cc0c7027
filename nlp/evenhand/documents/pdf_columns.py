"""Columns of a table that white space parts on a PDF page."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from evenhand.documents.layout import Box
from evenhand.documents.pdf_lines import Line, lines_of, middle_of

Words = Sequence[dict[str, Any]]


@dataclass(frozen=True, slots=True)
class Columns:
    """Where the columns of a matrix part, in points from the left, and its outer edges."""

    edges: tuple[float, ...]

    def of(self, x: float) -> int:
        """The column of a place."""
        return max(0, min(len(self.edges) - 2, sum(edge <= x for edge in self.edges) - 1))

    def cells(self, words: Words, top: float, bottom: float) -> dict[Box, list[Line]]:
        """The lines of each column of a row, by the box of the cell, from the left."""
        own: list[list[dict[str, Any]]] = [[] for _ in pairwise(self.edges)]
        for word in words:
            own[self.of(middle_of(word)[0])].append(word)
        boxes = (Box(x0, top, x1, bottom) for x0, x1 in pairwise(self.edges))
        return {box: lines_of(held) for box, held in zip(boxes, own, strict=True)}
