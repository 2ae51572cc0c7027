"""Descriptors of a document: which concern it puts at which of its levels, in which section, and where.

Read from tables with a column for each level and those with a row for each, from lists and boxes under a level's
heading, and from running text under one. Nothing is guessed: what stands at no level is left out.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from statistics import mean

from evenhand.documents.collected import Collected, Found
from evenhand.documents.colours import ColourKey, find_colours
from evenhand.documents.grids import GridReader, banner_of
from evenhand.documents.labels import Scheme, level_columns
from evenhand.documents.layout import Block, Grid, Kind, Layout, Piece, Trouble
from evenhand.documents.pieces import is_ended, is_lead_in, sentences_of
from evenhand.documents.responses import (
    DEFINES,
    MOST_HEAD_WORDS,
    is_apart,
    responds,
    says_who_responds,
)

_MANY_MORE = 1.4  # times as many descriptors by colour, for colours to be what carries levels
_MANY_DIFFER = 0.3  # of descriptors, that colours put elsewhere ...
_MOSTLY = 0.8  # ... and that headings had left at one level
_QUOTES = ("“", '"', "‘")
_FEWEST_TAILS = 5  # texts that end with a level's number, from which on that is where the document names levels
_LEAST_REST = 4  # words behind a name that is set off: fewer are the rest of the name
_BANNER = 1.5  # rank of a level's name in a box of its own: below a chapter's, above all else
_MOST_SEVERAL = 0.5  # of texts in cells that have several sentences; beyond it cells hold running text
_MOSTLY_SINGLE = 0.6  # of paragraphs that have one sentence, from which on each paragraph is one descriptor
_MOST_INTRO = 3  # sentences of a definition below a level's name; more of them tell of children
_MOST_LEAD_WORDS = 5  # of the name that a paragraph begins with ...
_LEAST_SENTENCE = 7  # ... and of the sentences behind it, on average


def find_descriptors(layout: Layout, scheme: Scheme) -> tuple[list[Found], list[Trouble]]:
    """All descriptors in reading order, and the pages with lists whose level cannot be known.

    Levels are those of headings, tables and tabs; where they tell little, and colours say more, those of colours.
    """
    found, troubles = _read(layout, scheme, None)
    colours = find_colours(layout, scheme)
    if colours is not None:
        by_colour = _read(layout, scheme, colours)
        if _tells_more(by_colour[0], found):
            return by_colour
    return found, troubles


def _tells_more(by_colour: Sequence[Found], found: Sequence[Found]) -> bool:
    """Whether colours give many descriptors more, or part what headings leave at one level."""
    if len(by_colour) >= _MANY_MORE * len(found):
        return True
    before = {id(one.piece): one.key for one in found}
    differ = [before[id(one.piece)] for one in by_colour if before.get(id(one.piece), one.key) != one.key]
    return len(differ) > _MANY_DIFFER * len(found) and max(Counter(differ).values()) > _MOSTLY * len(differ)


def _read(layout: Layout, scheme: Scheme, colours: ColourKey | None) -> tuple[list[Found], list[Trouble]]:
    repeated = Counter(block.text for block in layout.blocks if isinstance(block, Piece) and block.kind is Kind.HEADING)
    into = Collected(scheme, colours)
    into.prose_in_tables = _has_prose_in_tables(layout)
    loose = (piece for piece in layout.pieces() if piece.kind is not Kind.HEADING)
    into.tails = sum(scheme.tailed(piece.text) is not None for piece in loose) >= _FEWEST_TAILS
    reader = _Reader(into, {text for text, count in repeated.items() if count > 1})
    last = 0
    for place, block in enumerate(layout.blocks):
        page = block.page or last
        if any(last < unread <= page for unread in layout.unread):
            reader.lose_track()
        last = max(last, page)
        reader.turn_to(block.page)
        following = next(iter(layout.blocks[place + 1 : place + 2]), None)
        if isinstance(block, Grid):
            reader.grid(block, following)
        else:
            reader.piece(block, following)
    troubles = [
        Trouble(
            page,
            f"{count} item(s) behind a page that was not read: their level cannot be known, and they were left out",
        )
        for page, count in reader.lost.items()
    ]
    return _whole_paragraphs([one for one in into.found if not (one.running and into.defines(one))]), troubles


def _has_prose_in_tables(layout: Layout) -> bool:
    """Whether most texts in cells that are neither heads nor items of a list have several sentences."""
    cells = [piece for block in layout.blocks if isinstance(block, Grid) for piece in block.pieces()]
    texts = [
        piece.text for piece in cells if piece.kind is Kind.PARAGRAPH and len(piece.text.split()) > MOST_HEAD_WORDS
    ]
    return sum(len(sentences_of(text)) > 1 for text in texts) > _MOST_SEVERAL * len(texts)


def _whole_paragraphs(found: Sequence[Found]) -> list[Found]:
    """Descriptors with the sentences of a paragraph put together again where most paragraphs have one only.

    Then a paragraph is what stands for a descriptor, and two short sentences of one are one.
    """
    sentences = Counter(id(one.piece) for one in found if one.running)
    if sum(count > 1 for count in sentences.values()) > (1 - _MOSTLY_SINGLE) * len(sentences):
        return list(found)
    whole: list[Found] = []
    for one in found:
        if one.running and whole and whole[-1].piece is one.piece and whole[-1].running:
            whole[-1] = replace(whole[-1], text=f"{whole[-1].text} {one.text}")
        else:
            whole.append(one)
    return whole


class _Reader:
    """Keeps in mind under which level and section it is."""

    def __init__(self, into: Collected, repeated: set[str]) -> None:
        self._into = into
        self._grids = GridReader(into)
        self._repeated = repeated  # headings that occur again: sections under each level
        self._just_named = False  # whether a level was named directly before
        self._action = False  # whether what is listed is what services do
        self._ranks_before: set[int] = set()  # of headings before the first level
        self._level_rank = 0.0
        self._tab_page: int | None = None  # whose tab named the level
        self._lost = False
        self._following: Block | None = None
        self._as_high = False
        self._after_quote = False
        self._apart = False  # whether it is a list of contents or a glossary
        self.lost = Counter[int | None]()

    def lose_track(self) -> None:
        """Forget under which level it is: a page in between was not read, and may have named another."""
        self._into.level, self._lost = None, True
        self._grids.lose_track()

    def piece(self, piece: Piece, following: Block | None) -> None:
        key = None if piece.kind is Kind.ITEM else self._into.scheme.of(piece.text)
        listed = isinstance(following, Piece) and (
            following.kind is Kind.ITEM or (following.kind is Kind.PARAGRAPH and not is_ended(following.text))
        )
        if key and not listed and piece.kind is not Kind.HEADING and self._says_more(piece.text):
            key = None  # "Early help – Has started to stay out late" sets off a name and goes on
        self._following = following
        if key is None and listed and is_lead_in(piece.text) and piece.kind is not Kind.HEADING:
            key = self._into.scheme.led_in(piece.text)
        self._piece(piece, key, following)
        heads = piece.kind is Kind.HEADING and self._into.level is not None
        self._just_named = key is not None or (heads and self._into.scheme.led_in(piece.text) == self._into.level)

    def _says_more(self, text: str) -> bool:
        set_off = self._into.scheme.set_off(text)
        return set_off is not None and len(set_off[1].split()) >= _LEAST_REST

    def _piece(self, piece: Piece, key: str | None, following: Block | None) -> None:
        if piece.kind is Kind.TAB:
            self._named_by_tab(key, piece.page)
            return
        if piece.kind is Kind.HEADING:
            self._apart = is_apart(piece.text)
        if self._apart:
            return
        short = len(piece.text.split()) <= MOST_HEAD_WORDS and not piece.text.endswith(".")
        head = short and piece.kind in (Kind.HEADING, Kind.PARAGRAPH)
        if piece.kind is not Kind.NOTE:
            self._grids.leave(surely=piece.kind is Kind.HEADING or len(piece.text.split()) > MOST_HEAD_WORDS)
        if key:
            self._into.name(key)
            self._level_rank, self._tab_page = piece.rank or 7, None
            self._lost = self._action = False
        elif head and says_who_responds(piece.text):
            self._action = True
            if piece.kind is Kind.HEADING and self._tab_page is None and piece.rank < self._level_rank:
                self._into.level = None
        elif piece.kind is Kind.HEADING:
            self._heading(piece, following)
        elif self._action or piece.kind is Kind.NOTE:
            return
        elif self._into.tails and (tail := self._into.scheme.tailed(piece.text)):
            self._into.add(tail[0], tail[1], self._into.section, piece)
        elif set_off := self._into.scheme.set_off(piece.text):
            before = self._into.level
            self._into.name(set_off[0])
            self._running(piece, set_off[1], set_off[0])
            self._into.level = before
        elif own := self._into.colour_of([piece]):
            self._into.add(piece.text, own, self._into.section, piece, running=piece.kind is not Kind.ITEM)
        elif self._lost and piece.kind is Kind.ITEM:
            self.lost[piece.page] += 1
        elif self._into.level and piece.kind is Kind.ITEM:
            self._into.add(piece.text, self._into.level, self._into.section, piece)
        elif head and isinstance(following, Piece) and following.kind is Kind.ITEM:
            self._into.section = piece.text  # it names the list below it
        elif self._quoted(piece):
            return
        elif self._into.level and not says_who_responds(piece.text.partition(":")[0]):
            self._running(piece, piece.text, self._into.level)

    def _running(self, piece: Piece, text: str, level: str) -> None:
        """Read a paragraph at a level, sentence by sentence."""
        sentences = sentences_of(text)
        if _leads_in(sentences):
            self._into.section = sentences.pop(0).rstrip(".")
        # A phrase without a full stop is an item of a list that has no bullets, whatever words are in it.
        phrase = len(sentences) == 1 and not is_ended(text)
        named_next = isinstance(self._following, Piece) and self._into.scheme.of(self._following.text)
        # The line below a level's name that says what it is.
        phrase = phrase and not (self._just_named and not (named_next or _is_phrase(self._following)))
        told = [] if phrase else [one for one in sentences if responds(one) or self._into.scheme.led_in(one) == level]
        if told:
            self._into.note_response()
        if self._just_named and len(told) >= DEFINES * len(sentences):
            return
        intro = self._just_named and len(sentences) <= _MOST_INTRO
        self._into.note(piece, phrase=phrase, intro=intro)
        for sentence in sentences:
            if sentence not in told:
                self._into.add(sentence, level, self._into.section, piece, running=True)

    def _quoted(self, piece: Piece) -> bool:
        """Whether a paragraph is what somebody said, or says who did."""
        quote = piece.text[:1] in _QUOTES
        told = self._after_quote and len(piece.text.split()) <= MOST_HEAD_WORDS
        self._after_quote = quote
        return quote or told

    def _named_by_tab(self, key: str | None, page: int | None) -> None:
        if key:
            self._into.name(key)
            self._tab_page = page
            self._lost = self._action = False

    def turn_to(self, page: int | None) -> None:
        """Go on to a page; what a tab named ends with its own."""
        if self._tab_page is not None and page != self._tab_page:
            self._into.level = self._tab_page = None

    def _heading(self, piece: Piece, following: Block | None) -> None:
        listed = isinstance(following, Grid) or (
            following is not None and (following.kind is not Kind.PARAGRAPH or is_lead_in(following.text))
        )
        self._action = False
        if not self._into.part:
            self._ranks_before.add(piece.rank)
        # A heading of the level's own rank or above ends it, but for one with a list that stands under each level; so
        # does a heading as before the levels if prose follows.
        above = piece.rank < self._level_rank or (
            piece.rank == self._level_rank and not (listed and self._sections_are_as_high(piece))
        )
        above = above and not (listed and piece.text in self._repeated)
        if self._into.level and self._tab_page is None and (above or (piece.rank in self._ranks_before and not listed)):
            self._into.level = None
        self._into.section = piece.text

    def _sections_are_as_high(self, piece: Piece) -> bool:
        """Whether sections of this document have headings as high as its levels: one that occurs again showed it."""
        if piece.text in self._repeated:
            self._as_high = True
        return self._as_high

    def grid(self, grid: Grid, following: Block | None) -> None:
        """Read a table; one with text in a single column is a banner or a box, or several."""
        column = grid.column() or banner_of(grid, following, self._into.scheme)
        if column is not None:
            self._box(column)
        elif not (self._apart and not any(level_columns(row, self._into.scheme) for row in grid.rows)):
            self._grids.grid(grid)

    def _box(self, pieces: Sequence[Piece]) -> None:
        """A banner with the name of what follows, or a box with its name at the top."""
        before = self._into.level
        for piece, following in zip(pieces, (*pieces[1:], None), strict=False):
            self.piece(piece, following)
        if self._into.level == before:
            return
        if len(pieces) > 1:
            self._into.level = None
        else:
            self._level_rank = min(self._level_rank, _BANNER)


def _is_phrase(block: Block | None) -> bool:
    """Whether what follows is an item, or a paragraph without a full stop."""
    loose = isinstance(block, Piece) and block.kind is Kind.PARAGRAPH and not is_ended(block.text)
    return loose or (isinstance(block, Piece) and block.kind is Kind.ITEM)


def _leads_in(sentences: Sequence[str]) -> bool:
    """Whether a paragraph begins with a name of what it is about: "Injury. A child has ..."."""
    if len(sentences) < 2:
        return False
    first, *others = (len(sentence.split()) for sentence in sentences)
    return first <= _MOST_LEAD_WORDS and mean(others) >= _LEAST_SENTENCE
