"""Words of a PDF page as lines, and the parts of a page that regions and pieces are made of."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from statistics import median
from typing import Any

from pdfplumber.page import Page

from evenhand.documents.layout import Box
from evenhand.documents.pieces import is_marker

_WIDE_GAP = 9.0  # points between words of one line that part columns of a table without rules
_SMALL = (1.2, 7.0)  # points across of a drawn bullet
_BEFORE_TEXT = 20.0  # points from a bullet to its text, at most
_TOUCHING = 0.2  # of the type's size: letters of one word are nearer
_NOTE_MARK = re.compile(r"\d{1,3}(?:,\d{1,3})*|[*†‡§]")
_NOTE_SIZE = 0.8  # of the type before it, at most


@dataclass(frozen=True, slots=True)
class Line:
    """A line of one region.

    Attributes:
        text: Its words, with single spaces.
        box: Around them.
        size: Of most of its letters, in points.
        bold: Whether all of it is.
        parts: Runs of words without a wide gap: first x, last x, text.
        text_x0: Where the text behind a bullet or number begins; where the line does without one.
    """

    text: str
    box: Box
    size: float
    bold: bool
    parts: tuple[tuple[float, float, str], ...]
    text_x0: float


@dataclass(frozen=True, slots=True)
class Table:
    """A ruled table, or a box: one with a single cell."""

    box: Box
    cells: tuple[tuple[Box | None, ...], ...]
    lines: dict[Box, list[Line]]
    fills: dict[Box, str | None]
    words: list[dict[str, Any]]


def without_note_marks(words: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """The words without small raised figures behind a word, which point to footnotes."""
    kept: list[dict[str, Any]] = []
    for word in words:
        before = kept[-1] if kept else None
        if (
            before is not None
            and _NOTE_MARK.fullmatch(word["text"])
            and word["size"] < _NOTE_SIZE * before["size"]
            and word["bottom"] < before["bottom"]
            and 0 <= word["x0"] - before["x1"] + 1 <= before["size"]
        ):
            continue
        kept.append(word)
    return kept


def drawn_bullets(page: Page, words: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Bullets that are drawn and not set, as browsers print them: small filled marks before a word, as words."""
    found = []
    for mark in (*page.curves, *page.rects):
        wide, high = mark["x1"] - mark["x0"], mark["bottom"] - mark["top"]
        if not (mark.get("fill") and _SMALL[0] <= wide <= _SMALL[1] and _SMALL[0] <= high <= _SMALL[1]):
            continue
        middle = (mark["top"] + mark["bottom"]) / 2
        behind = [w for w in words if w["top"] <= middle <= w["bottom"] and 0 <= w["x0"] - mark["x1"] <= _BEFORE_TEXT]
        if behind:
            first = min(behind, key=lambda word: word["x0"])
            found.append({**first, "text": "•", "x0": mark["x0"], "x1": mark["x1"]})
    return found


def lines_of(words: Sequence[dict[str, Any]]) -> list[Line]:
    """Words of one region as lines from the top; words set on their side come last, read from the bottom."""
    upright = [word for word in words if word["upright"]]
    rows: list[list[dict[str, Any]]] = []
    for word in sorted(upright, key=lambda word: ((word["top"] + word["bottom"]) / 2, word["x0"])):
        middle = (word["top"] + word["bottom"]) / 2
        if rows and abs(middle - _middle(rows[-1])) < 0.5 * min(word["bottom"] - word["top"], _height(rows[-1])):
            rows[-1].append(word)
        else:
            rows.append([word])
    lines = [line_of(sorted(row, key=lambda word: word["x0"])) for row in rows]
    turned = sorted(
        (word for word in words if not word["upright"]), key=lambda word: (round(word["x0"]), -word["bottom"])
    )
    return lines + ([_turned_line(turned)] if turned else [])


def _turned_line(words: Sequence[dict[str, Any]]) -> Line:
    """Words set on their side, letter by letter from the bottom: letters that touch are one word.

    Letters that were put together came from the top, so they are turned round.
    """
    line = line_of(words)
    text = words[0]["text"][::-1]
    for before, word in pairwise(words):
        beside = abs(word["x0"] - before["x0"]) > _TOUCHING * word["size"]
        apart = before["top"] - word["bottom"] > _TOUCHING * word["size"]
        text += " " * (beside or apart) + word["text"][::-1]
    return replace(line, text=text)


def _middle(row: Sequence[dict[str, Any]]) -> float:
    return float(median((word["top"] + word["bottom"]) / 2 for word in row))


def _height(row: Sequence[dict[str, Any]]) -> float:
    return float(median(word["bottom"] - word["top"] for word in row))


def line_of(words: Sequence[dict[str, Any]]) -> Line:
    """Words of one line from left to right as a line."""
    parts: list[list[dict[str, Any]]] = [[words[0]]]
    for before, word in pairwise(words):
        if word["x0"] - before["x1"] > _WIDE_GAP and not is_marker(before["text"]):
            parts.append([word])
        else:
            parts[-1].append(word)
    box = Box(
        min(word["x0"] for word in words),
        min(word["top"] for word in words),
        max(word["x1"] for word in words),
        max(word["bottom"] for word in words),
    )
    letters = Counter[float]()
    for word in words:
        letters[round(float(word["size"]), 1)] += len(word["text"])
    return Line(
        text=" ".join(word["text"] for word in words),
        box=box,
        size=letters.most_common(1)[0][0],
        bold=all(re.search("bold|black|heavy|semibold|demi", word["fontname"], re.IGNORECASE) for word in words),
        text_x0=words[1]["x0"] if len(words) > 1 and is_marker(words[0]["text"]) else box.x0,
        parts=tuple((part[0]["x0"], part[-1]["x1"], " ".join(word["text"] for word in part)) for part in parts),
    )


def all_lines(parts: Sequence[Line | Table]) -> Iterator[Line]:
    """Every line of a page's parts, those of tables among them."""
    for part in parts:
        if isinstance(part, Line):
            yield part
        else:
            for lines in part.lines.values():
                yield from lines
