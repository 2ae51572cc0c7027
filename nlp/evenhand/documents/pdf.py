"""A PDF as a `Layout`: ruled tables, boxes, columns, headings, lists and paragraphs, without running heads and feet.

A page is cut into regions by white space (the recursive X-Y cut of Nagy and Seth 1984), with ruled tables as wholes;
lines of a region become pieces by bullets, gaps, indents and type. What cannot be read is named, never guessed.
"""

from __future__ import annotations

import logging
import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import Path
from statistics import median, quantiles
from typing import Any

import pdfplumber
from pdfminer.pdfdocument import PDFPasswordIncorrect
from pdfplumber.page import Page

from evenhand.documents.labels import numbered_label
from evenhand.documents.layout import Block, Box, Cell, Grid, Kind, Layout, Piece, Trouble
from evenhand.documents.pieces import BULLETS, is_bare, joined_lines, without_bullet
from evenhand.errors import InputError

MOST_PAGES = 2_000  # beyond it a file is a book, or made to be read for ever
_MARGIN_SHARE = 0.12  # of a page's height, where running heads and feet stand
_RUNNING_PAGES = 3  # on so many pages the same line in the margin is a running one
_GUTTER = 11.0  # points of white between columns; the widest space between words of 12-point type is about 8
_BLOCK_GAP = 1.6  # of a line's height; more white than that between lines parts blocks
_PARAGRAPH_GAP = 0.55  # of a line's height, above the usual leading of its region
_BARE_GAP = 0.35  # the same where nothing but white space parts paragraphs: no bullets
_LARGER = 1.12  # times body size, from which on a line is a heading
_HEADING_WORDS = 16
_OUTDENT = 3.0  # points to the left of an item's text, from which on a line no longer belongs to it
_WIDE_GAP = 9.0  # points between words of one line that part columns of a table without rules
_SMALL = (1.2, 7.0)  # points across of a drawn bullet
_BEFORE_TEXT = 20.0  # points from a bullet to its text, at most
_WIDE_CELL = 240.0  # points, nearly half a portrait page: narrower cells hold one column
_FEW_WORDS = 40  # a running head and foot have fewer
_PICTURE_SHARE = 0.4  # of a page's area
_NOTE = re.compile(r"\(?(?:\d{1,3}|[*†‡§])[.)]?\s")
_NOTE_SIZE_OF_BODY = 0.9  # of body type, at most
_TOUCHING = 0.2  # of the type's size: letters of one word are nearer
_NOTE_MARK = re.compile(r"\d{1,3}(?:,\d{1,3})*|[*†‡§]")
_NOTE_SIZE = 0.8  # of the type before it, at most
_LEAST_ROW = 6.0  # points that a row without a rule must be high, about a line of the smallest type
_BULLET = re.compile(rf"[{BULLETS}]|[-–—o*]")
_UNMAPPED = re.compile(r"\(cid:\d+\)")  # a glyph that the file maps to no character; alone it is a bullet
_MOST_UNMAPPED = 0.2  # of a page's words, beyond which its text is no text


@dataclass(frozen=True, slots=True)
class _Line:
    text: str
    box: Box
    size: float
    bold: bool
    parts: tuple[tuple[float, float, str], ...]  # runs of words without a wide gap: first x, last x, text


def read_pdf(path: Path, *, progress: Callable[[int, int], None] | None = None) -> Layout:
    """Read a PDF; `progress` is told pages done and pages in all.

    Raises:
        InputError: it is encrypted, broken or beyond MOST_PAGES.
    """
    try:
        with _quiet(), path.open("rb") as stream, pdfplumber.open(stream) as pdf:
            if len(pdf.pages) > MOST_PAGES:
                message = (
                    f"{path}: {len(pdf.pages)} pages, more than {MOST_PAGES}; cut it to the part that has thresholds"
                )
                raise InputError(message)
            return _Reader(path.name, pdf.pages, progress).read()
    except InputError:
        raise
    except Exception as error:  # what a damaged file makes its parsers raise has no common base
        causes = (error, error.__cause__, error.__context__, *error.args)
        if any(isinstance(cause, PDFPasswordIncorrect) for cause in causes):
            message = f"{path}: protected by a password; save it without one and try again"
        else:
            message = f"{path}: not a PDF that can be read, perhaps cut short; get it again from where it was published"
        raise InputError(message) from error


@contextmanager
def _quiet() -> Iterator[None]:
    """Without pdfminer's warnings, which tell users of odd but harmless files nothing that they could act on."""
    logger = logging.getLogger("pdfminer")
    before = logger.level
    logger.setLevel(logging.ERROR)
    try:
        yield
    finally:
        logger.setLevel(before)


class _Reader:
    """Reads pages one after another and lets each go, so that memory does not grow with them."""

    def __init__(self, name: str, pages: Sequence[Page], progress: Callable[[int, int], None] | None) -> None:
        self._name = name
        self._pages = pages
        self._progress = progress
        self._troubles: list[Trouble] = []
        self._unread: set[int] = set()

    def read(self) -> Layout:
        read: list[tuple[int, float, list[_Line | _Table]]] = []
        for number, page in enumerate(self._pages, 1):
            read.append((number, float(page.height), self._page(page, number)))
            page.close()
            if self._progress:
                self._progress(number, len(self._pages))
        running = _running_lines(read)
        sizes = Counter[float]()
        for _, _, parts in read:
            for line in _all_lines(parts):
                sizes[round(line.size, 1)] += len(line.text)
        body = sizes.most_common(1)[0][0] if sizes else 0.0
        ranks = {
            size: rank
            for rank, size in enumerate(sorted((size for size in sizes if size >= _LARGER * body), reverse=True), 1)
        }
        blocks: list[Block] = []
        for number, height, parts in read:
            kept = [part for part in parts if isinstance(part, _Table) or _running_key(part, height) not in running]
            blocks += _blocks(kept, number, body, ranks)
        return Layout(
            self._name, tuple(_over_pages(blocks)), len(self._pages), tuple(self._troubles), frozenset(self._unread)
        )

    def _page(self, page: Page, number: int) -> list[_Line | _Table]:
        words = page.extract_words(
            extra_attrs=["fontname", "size", "upright"], x_tolerance_ratio=0.15, keep_blank_chars=False
        )
        if len(words) < _FEW_WORDS and _is_picture(page):
            self._unread.add(number)
            self._troubles.append(Trouble(number, "the page is a picture without text; nothing was read from it"))
            return []
        if not words:
            if page.images or page.curves or page.rects:
                self._unread.add(number)
                self._troubles.append(Trouble(number, "the page is a picture without text; nothing was read from it"))
            return []
        if sum(
            bool(_UNMAPPED.search(word["text"])) and not _UNMAPPED.fullmatch(word["text"]) for word in words
        ) > _MOST_UNMAPPED * len(words):
            self._unread.add(number)
            self._troubles.append(
                Trouble(number, "the page's letters are not mapped to characters; nothing was read from it")
            )
            return []
        words = _without_note_marks(words)
        words += _drawn_bullets(page, words)
        for word in words:
            word["text"] = "•" if _UNMAPPED.fullmatch(word["text"]) else _UNMAPPED.sub("", word["text"])
        tables = [_table(found, words, page) for found in page.find_tables()]
        tables = [table for table in tables if table.words]
        inside = {id(word) for table in tables for word in table.words}
        loose = [word for word in words if id(word) not in inside and word["upright"]]
        return _in_reading_order(loose, tables, self._trouble_on(number))

    def _trouble_on(self, number: int) -> Callable[[str], None]:
        def noted(what: str) -> None:
            trouble = Trouble(number, what)
            if trouble not in self._troubles:
                self._troubles.append(trouble)

        return noted


def _is_picture(page: Page) -> bool:
    """Whether pictures cover most of a page."""
    area = sum(max(0.0, image["x1"] - image["x0"]) * max(0.0, image["bottom"] - image["top"]) for image in page.images)
    return bool(area > _PICTURE_SHARE * float(page.width) * float(page.height))


def _without_note_marks(words: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
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


def _drawn_bullets(page: Page, words: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
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


@dataclass(frozen=True, slots=True)
class _Table:
    """A ruled table, or a box: one with a single cell."""

    box: Box
    cells: tuple[tuple[Box | None, ...], ...]
    lines: dict[Box, list[_Line]]
    fills: dict[Box, str | None]
    words: list[dict[str, Any]]


def _table(found: Any, words: Sequence[dict[str, Any]], page: Page) -> _Table:  # noqa: ANN401 - a pdfplumber Table
    rows = _with_open_rows([tuple(Box(*cell) if cell else None for cell in row.cells) for row in found.rows], page)
    boxes = list(dict.fromkeys(box for row in rows for box in row if box))
    own: dict[Box, list[dict[str, Any]]] = {box: [] for box in boxes}
    for word in words:
        x, y = (word["x0"] + word["x1"]) / 2, (word["top"] + word["bottom"]) / 2
        home = next((box for box in boxes if box.x0 <= x <= box.x1 and box.top <= y <= box.bottom), None)
        if home:
            own[home].append(word)
    outer = [box for row in rows for box in row if box]
    return _Table(
        box=Box(
            min(box.x0 for box in outer),
            min(box.top for box in outer),
            max(box.x1 for box in outer),
            max(box.bottom for box in outer),
        ),
        cells=tuple(rows),
        lines={box: _cell_lines(box, held) for box, held in own.items()},
        fills={box: _fill(box, page) for box in boxes},
        words=[word for held in own.values() for word in held],
    )


def _cell_lines(box: Box, words: Sequence[dict[str, Any]]) -> list[_Line]:
    """Lines of a cell; a wide one may have columns of its own."""
    if box.x1 - box.x0 < _WIDE_CELL:
        return _lines(words)
    parts = _in_reading_order([word for word in words if word["upright"]], [], lambda _: None)
    return [part for part in parts if isinstance(part, _Line)]


def _with_open_rows(rows: list[tuple[Box | None, ...]], page: Page) -> list[tuple[Box | None, ...]]:
    """The rows, and those that a page's end or beginning leaves without a rule below or above them."""
    widest = max(rows, key=lambda row: sum(box is not None for box in row))
    if sum(box is not None for box in widest) < 2:
        return rows
    top = min(box.top for row in rows for box in row if box)
    bottom = max(box.bottom for row in rows for box in row if box)
    sides = {round(x) for box in widest if box for x in (box.x0, box.x1)}
    own = [edge for edge in page.vertical_edges if any(abs(edge["x0"] - x) <= 2 for x in sides)]
    below = [edge["bottom"] for edge in own if edge["top"] <= bottom + 2 < edge["bottom"] - _LEAST_ROW]
    above = [edge["top"] for edge in own if edge["bottom"] >= top - 2 > edge["top"] + _LEAST_ROW]
    found = list(rows)
    if len(below) >= len(sides) / 2:
        found.append(tuple(box and Box(box.x0, bottom, box.x1, max(below)) for box in widest))
    if len(above) >= len(sides) / 2:
        found.insert(0, tuple(box and Box(box.x0, min(above), box.x1, top) for box in widest))
    return found


def _fill(box: Box, page: Page) -> str | None:
    for rect in page.rects:
        colour = rect.get("non_stroking_color")
        covers = (
            rect["x0"] <= box.x0 + 2
            and rect["x1"] >= box.x1 - 2
            and rect["top"] <= box.top + 2
            and rect["bottom"] >= box.bottom - 2
        )
        if covers and rect.get("fill") and isinstance(colour, tuple) and len(colour) == 3:
            told = "#" + "".join(f"{round(255 * float(part)):02x}" for part in colour)
            return None if told == "#ffffff" else told
    return None


# --- lines


def _lines(words: Sequence[dict[str, Any]]) -> list[_Line]:
    """Words of one region as lines from the top; words set on their side come last, read from the bottom."""
    upright = [word for word in words if word["upright"]]
    rows: list[list[dict[str, Any]]] = []
    for word in sorted(upright, key=lambda word: ((word["top"] + word["bottom"]) / 2, word["x0"])):
        middle = (word["top"] + word["bottom"]) / 2
        if rows and abs(middle - _middle(rows[-1])) < 0.5 * min(word["bottom"] - word["top"], _height(rows[-1])):
            rows[-1].append(word)
        else:
            rows.append([word])
    lines = [_line(sorted(row, key=lambda word: word["x0"])) for row in rows]
    turned = sorted(
        (word for word in words if not word["upright"]), key=lambda word: (round(word["x0"]), -word["bottom"])
    )
    return lines + ([_turned_line(turned)] if turned else [])


def _turned_line(words: Sequence[dict[str, Any]]) -> _Line:
    """Words set on their side, letter by letter from the bottom: letters that touch are one word.

    Letters that were put together came from the top, so they are turned round.
    """
    line = _line(words)
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


def _line(words: Sequence[dict[str, Any]]) -> _Line:
    parts: list[list[dict[str, Any]]] = [[words[0]]]
    for before, word in pairwise(words):
        if word["x0"] - before["x1"] > _WIDE_GAP and not _BULLET.fullmatch(before["text"]):
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
    return _Line(
        text=" ".join(word["text"] for word in words),
        box=box,
        size=letters.most_common(1)[0][0],
        bold=all(re.search("bold|black|heavy|semibold|demi", word["fontname"], re.IGNORECASE) for word in words),
        parts=tuple((part[0]["x0"], part[-1]["x1"], " ".join(word["text"] for word in part)) for part in parts),
    )


# --- regions


def _in_reading_order(
    words: Sequence[dict[str, Any]], tables: Sequence[_Table], trouble: Callable[[str], None]
) -> list[_Line | _Table]:
    """Lines and tables of a page, columns one after another."""
    things: list[tuple[Box, Any]] = [(Box(w["x0"], w["top"], w["x1"], w["bottom"]), w) for w in words]
    things += [(table.box, table) for table in tables]
    return list(_cut(things, trouble))


def _cut(things: list[tuple[Box, Any]], trouble: Callable[[str], None]) -> Iterator[_Line | _Table]:
    if not things:
        return
    if len(things) == 1 or all(isinstance(thing, _Table) for _, thing in things):
        for _, thing in sorted(things, key=lambda found: (found[0].top, found[0].x0)):
            yield thing if isinstance(thing, _Table) else _line([thing])
        return
    if columns := _columns(things):
        for column in columns:
            yield from _cut(column, trouble)
        return
    if bands := _bands(things):
        for band in bands:
            yield from _cut(band, trouble)
        return
    if parted := _bulleted_columns(things) or _columns_in_part(things):
        for part in parted:
            yield from _cut(part, trouble)
        return
    words = [thing for _, thing in things if not isinstance(thing, _Table)]
    lines = _lines(words)
    if _mixed(lines):
        trouble("columns cannot be told apart; nothing was read from where they mix")
        return
    parts: list[_Line | _Table] = [*lines, *(thing for _, thing in things if isinstance(thing, _Table))]
    yield from sorted(parts, key=lambda part: part.box.top)


def _columns(things: list[tuple[Box, Any]]) -> list[list[tuple[Box, Any]]]:
    """The things left and right of the widest gutter that runs through all of them; [] if there is none."""
    spans = sorted((box.x0, box.x1) for box, _ in things)
    end, best = spans[0][1], (0.0, 0.0)
    for x0, x1 in spans[1:]:
        if x0 - end > best[0]:
            best = (x0 - end, (x0 + end) / 2)
        end = max(end, x1)
    if best[0] < _GUTTER:
        return []
    sides = [
        [thing for thing in things if thing[0].x1 <= best[1]],
        [thing for thing in things if thing[0].x0 >= best[1]],
    ]
    # Bullets alone in a column of their own belong to what stands beside them.
    if any(
        all(not isinstance(thing, _Table) and _BULLET.fullmatch(thing["text"]) for _, thing in side) for side in sides
    ):
        return []
    rows = [len({round(box.top) for box, _ in side}) for side in sides]
    return sides if min(rows) >= 2 or any(isinstance(thing, _Table) for _, thing in things) else []


def _bulleted_columns(things: list[tuple[Box, Any]]) -> list[list[tuple[Box, Any]]]:
    """The things left and right of bullets that stand behind other bulleted words: lists side by side, however near."""
    words = [(box, thing) for box, thing in things if not isinstance(thing, _Table)]
    bullets = [box for box, thing in words if _is_bullet(thing)]
    for mark in bullets:
        edge = mark.x0 - 1
        beside = [box for box in bullets if box.x0 < edge and box.top < mark.bottom and mark.top < box.bottom]
        if beside and all(box.x1 <= mark.x0 or box.x0 >= edge for box, _ in things):
            left = [found for found in things if found[0].x0 < edge]
            return [left, [found for found in things if found[0].x0 >= edge]]
    return []


def _is_bullet(word: dict[str, Any]) -> bool:
    return len(word["text"]) == 1 and word["text"] in BULLETS


def _bands(things: list[tuple[Box, Any]]) -> list[list[tuple[Box, Any]]]:
    """The things above and below the widest white band; [] if none is wider than a blank line."""
    spans = sorted((box.top, box.bottom) for box, _ in things)
    usual = (
        median(box.bottom - box.top for box, thing in things if not isinstance(thing, _Table))
        if any(not isinstance(thing, _Table) for _, thing in things)
        else 0.0
    )
    end, best = spans[0][1], (0.0, 0.0)
    for top, bottom in spans[1:]:
        if top - end > best[0]:
            best = (top - end, (top + end) / 2)
        end = max(end, bottom)
    table = any(isinstance(thing, _Table) for _, thing in things)
    if best[0] <= (0.0 if table else _BLOCK_GAP * usual):
        return []
    return [
        [thing for thing in things if thing[0].bottom <= best[1]],
        [thing for thing in things if thing[0].top >= best[1]],
    ]


def _columns_in_part(things: list[tuple[Box, Any]]) -> list[list[tuple[Box, Any]]]:
    """The things above and below a line break, if that leaves columns on one side of it: a heading over two columns.

    Of several such breaks the one with the larger part in columns.
    """
    ordered = sorted(things, key=lambda thing: thing[0].top)
    best: list[list[tuple[Box, Any]]] = []
    most = 0
    bottom = ordered[0][0].bottom
    for place in range(1, len(ordered)):
        if ordered[place][0].top >= bottom:
            for part in (ordered[:place], ordered[place:]):
                if len(part) > most and _columns(part):
                    best, most = [ordered[:place], ordered[place:]], len(part)
        bottom = max(bottom, ordered[place][0].bottom)
    return best


def _mixed(lines: Sequence[_Line]) -> bool:
    """Whether most lines are torn by wide gaps at places that differ from line to line."""
    torn = [line for line in lines if len(line.parts) > 1]
    if len(torn) < 4 or len(torn) < 0.5 * len(lines):
        return False
    places = Counter(round(part[0] / 6) for line in torn for part in line.parts[1:])
    return places.most_common(1)[0][1] < 0.6 * len(torn)


# --- running heads and feet


def _all_lines(parts: Sequence[_Line | _Table]) -> Iterator[_Line]:
    for part in parts:
        if isinstance(part, _Line):
            yield part
        else:
            for lines in part.lines.values():
                yield from lines


def _running_key(line: _Line, height: float) -> tuple[str, bool] | None:
    middle = (line.box.top + line.box.bottom) / 2
    if _MARGIN_SHARE * height < middle < (1 - _MARGIN_SHARE) * height:
        return None
    return re.sub(r"\d+", "0", line.text.lower()), middle < height / 2


def _running_lines(read: Sequence[tuple[int, float, list[_Line | _Table]]]) -> set[tuple[str, bool]]:
    seen = Counter[tuple[str, bool]]()
    for _, height, parts in read:
        for key in {_running_key(part, height) for part in parts if isinstance(part, _Line)}:
            if key and numbered_label(key[0]) is None:
                seen[key] += 1
    enough = min(_RUNNING_PAGES, max(2, len(read) // 2))
    found = {key for key, count in seen.items() if count >= enough}
    return found | {key for key in seen if re.fullmatch(r"(?:page )?0(?: (?:of|/) 0)?", key[0])}


# --- pieces


def _blocks(parts: Sequence[_Line | _Table], page: int, body: float, ranks: dict[float, int]) -> Iterator[Block]:
    run: list[_Line] = []
    for part in parts:
        if isinstance(part, _Line):
            run.append(part)
            continue
        yield from _pieces(run, page, body, ranks)
        run = []
        yield from _of_table(part, page, body, ranks)
    yield from _pieces(run, page, body, ranks)


def _of_table(table: _Table, page: int, body: float, ranks: dict[float, int]) -> Iterator[Block]:
    width = max(map(len, table.cells))
    cells = {
        box: Cell(tuple(_pieces(lines, page, body, ranks, fill=table.fills[box])), fill=table.fills[box])
        for box, lines in table.lines.items()
    }
    if width == 1:
        for row in table.cells:
            for box in row:
                if box:
                    yield from cells[box].pieces
        return
    yield Grid(tuple(_spread(row, cells, table) for row in table.cells), page)


def _spread(row: Sequence[Box | None], cells: dict[Box, Cell], table: _Table) -> tuple[Cell, ...]:
    """A row's cells; where a wider or higher cell covers a place, it stands there too."""
    known = [box for box in row if box]
    middle = (min(box.top for box in known) + min(box.bottom for box in known)) / 2 if known else 0.0
    edges = _column_edges(table)
    found = []
    for column, box in enumerate(row):
        x = (edges[column][0] + edges[column][1]) / 2
        home = box or next((own for own in cells if own.x0 <= x <= own.x1 and own.top <= middle <= own.bottom), None)
        found.append(cells[home] if home else Cell(()))
    return tuple(found)


def _column_edges(table: _Table) -> list[tuple[float, float]]:
    width = max(map(len, table.cells))
    edges = []
    for column in range(width):
        boxes = [row[column] for row in table.cells if column < len(row)]
        narrow = min((box for box in boxes if box), key=lambda box: box.x1 - box.x0, default=table.box)
        edges.append((narrow.x0, narrow.x1))
    return edges


def _pieces(
    lines: Sequence[_Line], page: int, body: float, ranks: dict[float, int], *, fill: str | None = None
) -> Iterator[Piece]:
    """Lines of one region as headings, items and paragraphs."""
    bulleted = any(without_bullet(line.text) is not None for line in lines)
    leading, gap = _leading(lines, bulleted=bulleted), _PARAGRAPH_GAP if bulleted else _BARE_GAP
    begun: list[_Line] = []
    indent: float | None = None  # of the text of the item that was begun

    def finished() -> Iterator[Piece]:
        if not begun:
            return
        texts = [line.text for line in begun]
        item = indent is not None
        rank = _rank(begun, body, ranks, joined_lines(texts))
        if item and not (rank and texts[0][:1].isdigit()):  # "5. Making a referral" in larger type is a heading
            texts[0] = without_bullet(texts[0]) or ""
        else:
            item = False
        text = joined_lines(texts)
        kind = Kind.ITEM if item else Kind.HEADING if rank else Kind.PARAGRAPH
        if not rank and begun[0].size < _NOTE_SIZE_OF_BODY * body and _NOTE.match(begun[0].text):
            kind = Kind.NOTE
        if text and not is_bare(text):
            yield Piece(text, kind, page, _around(begun), rank=0 if item else rank, fill=fill)
        begun.clear()

    for line in lines:
        bullet = without_bullet(line.text) is not None or _BULLET.fullmatch(line.text.strip()) is not None
        if begun:
            above = begun[-1]
            apart = line.box.top - above.box.top > leading + gap * (above.box.bottom - above.box.top)
            other = abs(line.size - above.size) > 0.08 * above.size or line.bold != above.bold
            outdented = indent is not None and line.box.x0 < indent - _OUTDENT and not bullet
            back = line.box.top < above.box.top - 1  # the next column begins
            if bullet or apart or other or outdented or (back and _ended(above)):
                yield from finished()
                indent = None
        if bullet and not begun:
            indent = _text_indent(line)
        begun.append(line)
    yield from finished()


def _around(lines: Sequence[_Line]) -> Box:
    """The box of a piece: of its first lines, up to where it goes on in another column."""
    own = [lines[0]]
    for line in lines[1:]:
        if line.box.top < own[-1].box.top:
            break
        own.append(line)
    return Box(
        min(line.box.x0 for line in own),
        own[0].box.top,
        max(line.box.x1 for line in own),
        max(line.box.bottom for line in own),
    )


def _ended(line: _Line) -> bool:
    return line.text.rstrip().endswith((".", "!", "?", ";", ":"))


def _text_indent(line: _Line) -> float:
    """Where the text behind a bullet begins, as near as parts of the line tell."""
    return line.parts[1][0] if len(line.parts) > 1 and _BULLET.fullmatch(line.parts[0][2]) else line.box.x0 + _OUTDENT


def _leading(lines: Sequence[_Line], *, bulleted: bool) -> float:
    steps = [below.box.top - above.box.top for above, below in pairwise(lines)]
    down = [step for step in steps if step > 0]
    if not down:
        return 0.0
    # Without bullets half the steps may be between paragraphs of one line each.
    usual = median(down) if bulleted or len(down) == 1 else quantiles(down, n=4)[0]
    return min(usual, 1.6 * median(line.box.bottom - line.box.top for line in lines))


def _rank(lines: Sequence[_Line], body: float, ranks: dict[float, int], text: str) -> int:
    words = len(text.split())
    if words > _HEADING_WORDS or text.endswith((".", ";", ",")):
        return 0
    if rank := ranks.get(round(lines[0].size, 1)):
        return rank
    return len(ranks) + 1 if all(line.bold for line in lines) and lines[0].size >= 0.95 * body else 0


def _over_pages(blocks: Sequence[Block]) -> Iterator[Block]:
    """Blocks with a paragraph or an item that goes on over a page put together."""
    held: Piece | None = None
    for block in blocks:
        if isinstance(block, Piece):
            if held is not None and block.page != held.page and _goes_on(held, block):
                held = replace(held, text=joined_lines([held.text, block.text]))
                continue
            if held is not None:
                yield held
            held = block
            continue
        if held is not None:
            yield held
            held = None
        yield block
    if held is not None:
        yield held


def _goes_on(above: Piece, below: Piece) -> bool:
    return (
        above.kind is not Kind.HEADING
        and below.kind is Kind.PARAGRAPH
        and not above.text.endswith((".", "!", "?", ";", ":"))
        and below.text[:1].islower()
    )
