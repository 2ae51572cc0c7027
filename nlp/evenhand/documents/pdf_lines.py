"""Words of a PDF page as lines, and the parts of a page that regions and pieces are made of."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from statistics import median
from typing import Any

from pdfplumber.page import Page

from evenhand.documents.colours import colour_of
from evenhand.documents.layout import Box, Colours
from evenhand.documents.pieces import is_marker

_WIDE_GAP = 9.0  # points between words of one line that part columns of a table without rules
_SMALL = (1.2, 7.0)  # points across of a drawn bullet
_SWATCH = 72.0  # points across of a patch that shows a colour, at most: an inch
_BEFORE_TEXT = 20.0  # points from a bullet to its text, at most
_NEAR = 40  # last words of a turned text that the next one may stand beside: more than a line of it has
_SIDE = 0.1  # of a page's width, where tabs for a whole page stand
_WIDEST_TAB = 4  # times as wide as its letters are high; a wider shape is the ground of more than the tab
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
        tab: Whether it is set on its side.
        colours: Of the mark before it, behind it and of its letters; see `Piece`.
        first: Width of its first word, in points.
        text_x0: Where the text behind a bullet or number begins; where the line does without one.
    """

    text: str
    box: Box
    size: float
    bold: bool
    parts: tuple[tuple[float, float, str], ...]
    text_x0: float
    first: float
    tab: bool = False
    colours: Colours = (None, None, None)


@dataclass(frozen=True, slots=True)
class Table:
    """A ruled table, or a box: one with a single cell."""

    box: Box
    cells: tuple[tuple[Box | None, ...], ...]
    lines: dict[Box, list[Line]]
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


def note_turns(page: Page, words: Sequence[dict[str, Any]]) -> None:
    """Note with each word on its side whether it is turned to the right, as `clockwise`."""
    turned = [char for char in page.chars if not char["upright"]]
    for word in words:
        if not word["upright"]:
            middle = middle_of(word)
            over = (char for char in turned if box_of(char).is_at(middle))
            # The second number of a matrix is the sine of the turn times a size; it is above 0 to the left.
            word["clockwise"] = any(char["matrix"][1] < 0 for char in over)


def drawn_bullets(page: Page, words: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Bullets that are drawn and not set, as browsers print them, as words: small filled marks before a word.

    Larger marks before a word are swatches: if they are coloured, the word gets their colour, as `mark`, and up to
    twice the height of a line they are bullets too.
    """
    found = []
    for mark in (*page.curves, *page.rects):
        wide, high = mark["x1"] - mark["x0"], mark["bottom"] - mark["top"]
        colour = colour_of(mark.get("non_stroking_color"))
        small = max(wide, high) <= _SMALL[1]
        if not mark.get("fill") or min(wide, high) < _SMALL[0] or max(wide, high) > _SWATCH:
            continue
        if not small and (colour is None or any(box_of(mark).is_at(middle_of(word)) for word in words)):
            continue
        middle = middle_of(mark)[1]
        reach = _BEFORE_TEXT if small else 2 * _BEFORE_TEXT
        near = (w for w in words if w["top"] <= middle <= w["bottom"] or (not small and _level_with(w, mark)))
        behind = [w for w in near if 0 <= w["x0"] - mark["x1"] <= reach]
        if not behind:
            continue
        first = min(behind, key=lambda word: (word["x0"], word["top"]))
        first["mark"] = colour
        if high <= 2 * (first["bottom"] - first["top"]):
            found.append({**first, "text": "•", "x0": mark["x0"], "x1": mark["x1"]})
    return found


def _level_with(word: dict[str, Any], mark: dict[str, Any]) -> bool:
    return bool(mark["top"] - 2 <= word["top"] and word["bottom"] <= mark["bottom"] + 2)


def lines_of(words: Sequence[dict[str, Any]]) -> list[Line]:
    """Words of one region as lines from the top; words set on their side come last, read from the bottom."""
    upright = [word for word in words if word["upright"]]
    rows: list[list[dict[str, Any]]] = []
    middles: list[float] = []  # of the last row
    for word in sorted(upright, key=lambda word: (middle_of(word)[1], word["x0"])):
        middle = middle_of(word)[1]
        if rows and abs(middle - median(middles)) < 0.5 * min(word["bottom"] - word["top"], _height(rows[-1])):
            rows[-1].append(word)
            middles.append(middle)
        else:
            rows.append([word])
            middles = [middle]
    lines = [line_of(sorted(row, key=lambda word: word["x0"])) for row in rows]
    return lines + turned_lines(words)


def turned_lines(words: Sequence[dict[str, Any]]) -> list[Line]:
    """Words set on their side as lines, from the left; letters that touch are one word.

    Lines side by side are one text; it is read from the bottom where its letters are turned to the left, as they nearly
    always are, and from the top where they are turned to the right.
    """
    groups: list[list[dict[str, Any]]] = []
    for word in sorted((word for word in words if not word["upright"]), key=lambda word: (word["x0"], word["top"])):
        # Words come from the left, so that only groups that reach so far can go on.
        reach = (group for group in reversed(groups) if any(_beside(word, other) for other in group[-_NEAR:]))
        home = next(reach, None)
        if home is None:
            groups.append([word])
        else:
            home.append(word)
    return [_turned_line(group) for group in groups]


def tabs_of(words: Sequence[dict[str, Any]], page: Page) -> list[tuple[Line | None, float]]:
    """Where the parts of a page end that a tab stands beside, from the top, each with the tab of what comes next.

    A tab names what is level with the strip that it stands on; without a strip, what is level with its letters.
    """
    found: list[tuple[Line | None, float]] = []
    tabs = sorted(turned_lines(words), key=lambda line: line.box.top)
    width = float(page.width)
    if len(tabs) == 1 and (tabs[0].box.x1 < _SIDE * width or tabs[0].box.x0 > (1 - _SIDE) * width):
        return [(tabs[0], 0.0), (None, float("inf"))]  # one at the side of a page names all of it
    for tab in tabs:
        middle = (tab.box.x0 + tab.box.x1) / 2
        strips = [
            rect
            for rect in page.rects
            if rect["x0"] <= middle <= rect["x1"]
            and rect["top"] <= tab.box.top + 1
            and rect["bottom"] >= tab.box.bottom - 1
            and rect["x1"] - rect["x0"] < _WIDEST_TAB * (tab.box.x1 - tab.box.x0)
        ]
        top = min(strips, key=lambda rect: rect["x1"] - rect["x0"])["top"] if strips else tab.box.top
        found.append((tab, top - 1))
    return [*found, (None, float("inf"))]


def _beside(word: dict[str, Any], other: dict[str, Any]) -> bool:
    """Whether two turned words are of one text: near along the line, and on it or on the next."""
    size = max(word["size"], other["size"])
    along = max(word["top"], other["top"]) - min(word["bottom"], other["bottom"])
    across = max(word["x0"], other["x0"]) - min(word["x1"], other["x1"])
    return bool(along < 2 * size and across < size)


def _turned_line(words: list[dict[str, Any]]) -> Line:
    down = sum(bool(word.get("clockwise")) for word in words) > len(words) / 2
    sign = 1 if down else -1
    words = sorted(words, key=lambda word: (-sign * round(word["x0"]), sign * word["top" if down else "bottom"]))
    line = line_of(words)
    # Letters that were put together came from the top.
    text = words[0]["text"][::sign]
    for before, word in pairwise(words):
        beside = abs(word["x0"] - before["x0"]) > _TOUCHING * word["size"]
        gap = word["top"] - before["bottom"] if down else before["top"] - word["bottom"]
        text += " " * (beside or gap > _TOUCHING * word["size"]) + word["text"][::sign]
    return replace(line, text=text, tab=True)


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
    box = hull_of(words)
    letters = Counter[float]()
    for word in words:
        letters[round(float(word["size"]), 1)] += len(word["text"])
    return Line(
        text=" ".join(word["text"] for word in words),
        box=box,
        size=letters.most_common(1)[0][0],
        bold=all(re.search("bold|black|heavy|semibold|demi", word["fontname"], re.IGNORECASE) for word in words),
        colours=(
            next((word["mark"] for word in words[:2] if word.get("mark")), None),
            _most([word.get("behind") for word in words]),
            _most([word.get("ink") for word in words]),
        ),
        first=words[0]["x1"] - words[0]["x0"],
        text_x0=words[1]["x0"] if len(words) > 1 and is_marker(words[0]["text"]) else box.x0,
        parts=tuple((part[0]["x0"], part[-1]["x1"], " ".join(word["text"] for word in part)) for part in parts),
    )


def _most(colours: Sequence[str | None]) -> str | None:
    return Counter(colours).most_common(1)[0][0]


def without(spans: Sequence[tuple[float, float]], line: Line, least: float) -> list[tuple[float, float]]:
    """What of free spans of x a line leaves free, but for strips narrower than `least`."""
    left = list(spans)
    for x0, x1, _ in line.parts:
        parts = [part for a, b in left for part in ((a, min(b, x0)), (max(a, x1), b))]
        left = [part for part in parts if part[1] - part[0] >= least]
    return left


def box_of(thing: Mapping[str, Any]) -> Box:
    """The box of a word, a letter or a shape of a page."""
    return Box(thing["x0"], thing["top"], thing["x1"], thing["bottom"])


def middle_of(word: Mapping[str, Any]) -> tuple[float, float]:
    """The place in the middle of a word: from the left, from the top."""
    return (word["x0"] + word["x1"]) / 2, (word["top"] + word["bottom"]) / 2


def hull_of(words: Sequence[dict[str, Any]]) -> Box:
    """The box around words."""
    return Box.around([box_of(word) for word in words])


def all_lines(parts: Sequence[Line | Table]) -> Iterator[Line]:
    """Every line of a page's parts, those of tables among them."""
    for part in parts:
        if isinstance(part, Line):
            yield part
        else:
            for lines in part.lines.values():
                yield from lines
