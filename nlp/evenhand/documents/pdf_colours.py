"""Colours on a PDF page that may carry a level: behind words, of marks before them, and of their letters."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from pdfplumber.page import Page

from evenhand.documents.colours import colour_of
from evenhand.documents.layout import Box
from evenhand.documents.pdf_lines import box_of, middle_of

_MOST_OF_PAGE = 0.9  # a shape over more of the page is its background
_LEAST_SHAPE = 6.0  # points across and down, from which on something can stand on it


@dataclass(frozen=True, slots=True)
class Shape:
    """A filled shape and its colour as `#rrggbb`."""

    box: Box
    colour: str


def coloured_shapes(page: Page) -> list[Shape]:
    """Filled shapes on which words may stand, smallest first."""
    found = []
    whole = float(page.width) * float(page.height)
    for shape in (*page.rects, *page.curves):
        wide, high = shape["x1"] - shape["x0"], shape["bottom"] - shape["top"]
        colour = colour_of(shape.get("non_stroking_color")) if shape.get("fill") else None
        if colour and min(wide, high) >= _LEAST_SHAPE and wide * high < _MOST_OF_PAGE * whole:
            found.append((wide * high, Shape(box_of(shape), colour)))
    return [shape for _, shape in sorted(found, key=lambda one: one[0])]


def colour_words(words: Sequence[dict[str, Any]], shapes: Sequence[Shape]) -> None:
    """Note with each word the colour behind it and the colour of its letters, as `behind` and `ink`."""
    for word in words:
        middle = middle_of(word)
        word["ink"] = colour_of(word.get("non_stroking_color"))
        word["behind"] = next((shape.colour for shape in shapes if shape.box.is_at(middle)), None)
