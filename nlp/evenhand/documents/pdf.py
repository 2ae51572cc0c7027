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
from pathlib import Path
from typing import Any

import pdfplumber
from pdfminer.pdfdocument import PDFPasswordIncorrect
from pdfplumber.page import Page

from evenhand.documents.labels import named_label, numbered_label
from evenhand.documents.layout import Block, Layout, Trouble
from evenhand.documents.pdf_colours import colour_words, coloured_shapes
from evenhand.documents.pdf_columns import Columns
from evenhand.documents.pdf_lines import Line, Table, all_lines, drawn_bullets, note_turns, tabs_of, without_note_marks
from evenhand.documents.pdf_matrices import matrix_in, words_of_parts
from evenhand.documents.pdf_pieces import blocks_of, over_pages
from evenhand.documents.pdf_regions import in_reading_order
from evenhand.documents.pdf_rules import tables_across
from evenhand.documents.pdf_tables import MARGIN_SHARE, tables_on
from evenhand.errors import InputError

MOST_PAGES = 2_000  # beyond it a file is a book, or made to be read for ever
_CHAPTER = re.compile(r"\s[•·|–—]\s")  # between a running head and the chapter that some name behind it
_RUNNING_PAGES = 3  # on so many pages the same line in the margin is a running one
_LARGER = 1.12  # times body size, from which on a line is a heading
_FEW_WORDS = 40  # a running head and foot have fewer
_MOST_SIDEWAYS = 0.5  # of a page's words; tabs and spines of tables are fewer
_PICTURE_SHARE = 0.4  # of a page's area
_WORD_ATTRIBUTES = ("fontname", "size", "upright", "non_stroking_color")
_UNMAPPED = re.compile(r"\(cid:\d+\)")  # a glyph that the file maps to no character; alone it is a bullet
_SYMBOLS = re.compile(r"dingbat|wingding|webding|symbol", re.IGNORECASE)  # fonts whose letters are pictures
_MOST_UNMAPPED = 0.2  # of a page's words, beyond which its text is no text


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
        self._before: Columns | None = None  # of the last matrix without rules on the page before
        self._last: Columns | None = None  # the same of the page that is read

    def read(self) -> Layout:
        read: list[tuple[int, float, list[Line | Table]]] = []
        for number, page in enumerate(self._pages, 1):
            read.append((number, float(page.height), self._page(page, number)))
            page.close()
            if self._progress:
                self._progress(number, len(self._pages))
        running = _running_lines(read)
        sizes = Counter[float]()
        for _, _, parts in read:
            for line in all_lines(parts):
                sizes[round(line.size, 1)] += len(line.text)
        body = sizes.most_common(1)[0][0] if sizes else 0.0
        ranks = {
            size: rank
            for rank, size in enumerate(sorted((size for size in sizes if size >= _LARGER * body), reverse=True), 1)
        }
        blocks: list[Block] = []
        for number, height, parts in read:
            kept = [part for part in parts if isinstance(part, Table) or not _is_running(part, height, running)]
            blocks += blocks_of(kept, number, body, ranks)
        return Layout(
            self._name, tuple(over_pages(blocks)), len(self._pages), tuple(self._troubles), frozenset(self._unread)
        )

    def _page(self, page: Page, number: int) -> list[Line | Table]:
        words = page.extract_words(extra_attrs=[*_WORD_ATTRIBUTES], x_tolerance_ratio=0.15, keep_blank_chars=False)
        if len(words) < _FEW_WORDS and _is_picture(page):
            return self._unreadable(number, "the page is a picture without text")
        if not words:
            drawn = page.images or page.curves or page.rects
            return self._unreadable(number, "the page is a picture without text") if drawn else []
        if sum(
            bool(_UNMAPPED.search(word["text"])) and not _UNMAPPED.fullmatch(word["text"]) for word in words
        ) > _MOST_UNMAPPED * len(words):
            return self._unreadable(number, "the page's letters are not mapped to characters")
        if sum(not word["upright"] for word in words) > _MOST_SIDEWAYS * len(words) and len(words) > _FEW_WORDS:
            return self._unreadable(number, "the page is set on its side; turn it and save it again")
        words = without_note_marks(words)
        note_turns(page, words)
        colour_words(words, coloured_shapes(page))
        words += drawn_bullets(page, words)
        for word in words:
            symbol = len(word["text"]) == 1 and _SYMBOLS.search(word["fontname"]) is not None
            lone = symbol or _UNMAPPED.fullmatch(word["text"])
            word["text"] = "•" if lone else _UNMAPPED.sub("", word["text"])
        tables = tables_on(page, words)
        tables += tables_across(page, words, tables)
        inside = {id(word) for table in tables for word in table.words}
        loose = [word for word in words if id(word) not in inside]
        self._before, self._last = self._last, None
        return self._in_order(loose, tables, page, number)

    def _in_order(
        self, words: Sequence[dict[str, Any]], tables: Sequence[Table], page: Page, number: int
    ) -> list[Line | Table]:
        """The parts of a page; what stands beside a tab comes behind it."""
        upright = [word for word in words if word["upright"]]
        ordered: list[Line | Table] = []
        for tab, bottom in tabs_of(words, page):
            above = [word for word in upright if word["bottom"] <= bottom]
            boxes = [table for table in tables if table.box.bottom <= bottom]
            upright = [word for word in upright if word["bottom"] > bottom]
            tables = [table for table in tables if table.box.bottom > bottom]
            ordered += self._with_matrices(above, boxes, number, float(page.height))
            if tab:
                ordered.append(tab)
        return ordered

    def _with_matrices(
        self, words: Sequence[dict[str, Any]], tables: Sequence[Table], number: int, height: float
    ) -> list[Line | Table]:
        """Parts in reading order, with matrices that no rules draw as tables."""
        trouble = self._trouble_on(number)
        before, self._before = self._before, None  # a matrix goes on at the top of the next page only
        found = matrix_in([*words, *words_of_parts(tables)], height, before)
        if found is None:
            return in_reading_order(words, tables, trouble)
        matrix, self._last = found
        used = {id(word) for word in matrix.words}
        rest = [word for word in words if id(word) not in used]
        boxes = [table for table in tables if not any(id(word) in used for word in table.words)]
        above = [word for word in rest if word["bottom"] <= matrix.box.bottom]
        upper = [table for table in boxes if table.box.bottom <= matrix.box.bottom]
        below = [word for word in rest if word["bottom"] > matrix.box.bottom]
        lower = [table for table in boxes if table.box.bottom > matrix.box.bottom]
        return [
            *in_reading_order(above, upper, trouble),
            matrix,
            *(self._with_matrices(below, lower, number, height) if below or lower else []),
        ]

    def _unreadable(self, number: int, why: str) -> list[Line | Table]:
        self._unread.add(number)
        self._troubles.append(Trouble(number, f"{why}; nothing was read from it"))
        return []

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


def _running_keys(line: Line, height: float) -> set[tuple[str, bool]]:
    """By what a running head or foot is known: each part of the line, figures aside, and whether it is a head."""
    middle = (line.box.top + line.box.bottom) / 2
    if MARGIN_SHARE * height < middle < (1 - MARGIN_SHARE) * height:
        return set()
    return {(re.sub(r"\d+", "0", text.lower()), middle < height / 2) for _, _, text in line.parts}


def _beginnings(keys: set[tuple[str, bool]]) -> set[tuple[str, bool]]:
    """The same without the chapter's name: "Oakham Partnership • Family Help" differs from page to page."""
    parted = ((_CHAPTER.split(text), head) for text, head in keys)
    return {(parts[0] + " …", head) for parts, head in parted if len(parts) > 1 and len(parts[0].split()) > 1}


def _is_running(line: Line, height: float, running: set[tuple[str, bool]]) -> bool:
    keys = _running_keys(line, height)
    return bool(keys) and all(key in running or _beginnings({key}) & running for key in keys)


def _running_lines(read: Sequence[tuple[int, float, list[Line | Table]]]) -> set[tuple[str, bool]]:
    seen = Counter[tuple[str, bool]]()
    for _, height, parts in read:
        lines = (part for part in parts if isinstance(part, Line))
        unnamed = (line for line in lines if not (numbered_label(line.text) or named_label(line.text)))
        keys = {key for line in unnamed for key in _running_keys(line, height)}
        seen.update(keys | _beginnings(keys))
    enough = min(_RUNNING_PAGES, max(2, len(read) // 2))
    found = {key for key, count in seen.items() if count >= enough}
    return found | {key for key in seen if re.fullmatch(r"(?:page )?0(?: (?:of|/) 0)?", key[0])}
