"""Descriptors of a document: which concern it puts at which of its levels, in which section, and where.

Read from tables with a column for each level and those with a row for each, from lists and boxes under a level's
heading, and from running text under one. Nothing is guessed: what stands at no level is left out.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from statistics import mean

from evenhand.documents.colours import ColourKey, find_colours
from evenhand.documents.labels import Scheme, level_columns
from evenhand.documents.layout import Block, Cell, Grid, Kind, Layout, Piece, Trouble, once
from evenhand.documents.pieces import is_ended, joined_lines, without_continued
from evenhand.documents.responses import (
    DEFINES,
    MOST_HEAD_WORDS,
    RESPONSE,
    THEMES,
    defines_levels,
    says_who_responds,
)
from evenhand.text import split_sentences

_CROSSES = frozenset("×xX✕✖✗✘☒☐□○❌")
_MANY_MORE = 1.4  # times as many descriptors by colour, for colours to be what carries levels
_MANY_DIFFER = 0.3  # of descriptors, that colours put elsewhere ...
_MOSTLY = 0.8  # ... and that headings had left at one level
_MOST_INTRO = 3  # sentences of a definition below a level's name; more of them tell of children
_MOST_LEAD_WORDS = 5  # of the name that a paragraph begins with ...
_LEAST_SENTENCE = 7  # ... and of the sentences behind it, on average
_FEWEST_HEADS = 2  # levels named by one row or column of a table; one alone is a mention


@dataclass(frozen=True, slots=True)
class Found:
    """One descriptor.

    Attributes:
        text: As the document has it, on one line, without its bullet.
        key: Of its level.
        section: Nearest heading or row head that names no level; "" for none.
        piece: Where it stands.
        running: Whether it comes from running text and not from a list or a cell.
    """

    text: str
    key: str
    section: str
    piece: Piece
    running: bool = False


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
    reader = _Reader(scheme, {text for text, count in repeated.items() if count > 1}, colours)
    last = 0
    for place, block in enumerate(layout.blocks):
        page = block.page or last
        if any(last < unread <= page for unread in layout.unread):
            reader.lose_track()
        last = max(last, page)
        reader.turn_to(block.page)
        if isinstance(block, Grid):
            reader.grid(block)
        else:
            reader.piece(block, layout.blocks[place + 1] if place + 1 < len(layout.blocks) else None)
    troubles = [
        Trouble(
            page,
            f"{count} item(s) behind a page that was not read: their level cannot be known, and they were left out",
        )
        for page, count in reader.lost.items()
    ]
    return [found for found in reader.found if not (found.running and reader.defines(found))], troubles


class _Reader:
    """Keeps in mind under which level and section it is."""

    def __init__(self, scheme: Scheme, repeated: set[str], colours: ColourKey | None) -> None:
        self.found: list[Found] = []
        self._scheme = scheme
        self._colours = colours
        self._repeated = repeated  # headings that occur again: sections under each level
        self._just_named = False  # whether a level was named directly before
        self._action = False  # whether what is listed is what services do
        self._defining: set[int] = set()  # parts in which a sentence says who responds
        self._intros: set[int] = set()  # prose directly below a level's heading
        self._phrases: set[int] = set()
        self._part = 0  # counts the level headings
        self._ranks_before: set[int] = set()  # of headings before the first of them
        self._part_of: dict[int, int] = {}
        self._listing: dict[str, set[int]] = {}
        self._first_part: dict[str, int] = {}
        self._level: str | None = None
        self._level_rank = 0
        self._tab_page: int | None = None  # whose tab named the level
        self._section = ""
        self._columns: dict[int, str] = {}
        self._width = 0
        self._row_head = ""
        self._lost = False
        self._as_high = False
        self.lost = Counter[int | None]()

    def lose_track(self) -> None:
        """Forget under which level it is: a page in between was not read, and may have named another."""
        self._level, self._columns, self._width, self._row_head, self._lost = None, {}, 0, "", True

    def piece(self, piece: Piece, following: Block | None) -> None:
        key = None if piece.kind is Kind.ITEM else self._scheme.of(piece.text)
        self._piece(piece, key, following)
        self._just_named = key is not None

    def _piece(self, piece: Piece, key: str | None, following: Block | None) -> None:
        if piece.kind is Kind.TAB:
            self._named_by_tab(key, piece.page)
            return
        short = len(piece.text.split()) <= MOST_HEAD_WORDS and not piece.text.endswith(".")
        head = short and piece.kind in (Kind.HEADING, Kind.PARAGRAPH)
        if piece.kind is Kind.HEADING or len(piece.text.split()) > MOST_HEAD_WORDS:
            self._columns = {}  # a table behind it is another one
        if key:
            self._level, self._level_rank, self._tab_page = key, piece.rank or 7, None
            self._part += 1
            self._first_part.setdefault(key, self._part)
            self._lost = self._action = False
        elif head and says_who_responds(piece.text):
            self._action = True
        elif piece.kind is Kind.HEADING:
            self._heading(piece, following)
        elif self._action or piece.kind is Kind.NOTE:
            return
        elif self._colours and (own := self._colours.of(piece.colours)):
            self._add(piece.text, own, self._section, piece, running=piece.kind is not Kind.ITEM)
        elif self._lost and piece.kind is Kind.ITEM:
            self.lost[piece.page] += 1
        elif self._level and piece.kind is Kind.ITEM:
            self._add(piece.text, self._level, self._section, piece)
        elif self._level and not says_who_responds(piece.text.partition(":")[0]):
            sentences = [piece.text[start:end] for start, end in split_sentences(piece.text)]
            if _leads_in(sentences):
                self._section = sentences.pop(0).rstrip(".")
            # A phrase without a full stop is an item of a list that has no bullets, whatever words are in it.
            phrase = len(sentences) == 1 and not is_ended(piece.text)
            respond = [] if phrase else [sentence for sentence in sentences if RESPONSE.search(sentence)]
            if respond:
                self._defining.add(self._part)
            if not (self._just_named and len(respond) >= DEFINES * len(sentences)):
                if phrase:
                    self._phrases.add(id(piece))
                elif self._just_named and len(sentences) <= _MOST_INTRO:
                    self._intros.add(id(piece))
                for sentence in sentences:
                    if sentence not in respond:
                        self._add(sentence, self._level, self._section, piece, running=True)

    def _named_by_tab(self, key: str | None, page: int | None) -> None:
        if key:
            self._level, self._tab_page = key, page
            self._part += 1
            self._first_part.setdefault(key, self._part)
            self._lost = self._action = False

    def turn_to(self, page: int | None) -> None:
        """Go on to a page; what a tab named ends with its own."""
        if self._tab_page is not None and page != self._tab_page:
            self._level = self._tab_page = None

    def _heading(self, piece: Piece, following: Block | None) -> None:
        listed = isinstance(following, Grid) or (following is not None and following.kind is not Kind.PARAGRAPH)
        self._action = False
        if not self._part:
            self._ranks_before.add(piece.rank)
        # A heading of the level's own rank or above ends it, but for one with a list that stands under each level; so
        # does a heading as before the levels if prose follows.
        above = piece.rank < self._level_rank or (
            piece.rank == self._level_rank and not (listed and self._sections_are_as_high(piece))
        )
        if self._level and self._tab_page is None and (above or (piece.rank in self._ranks_before and not listed)):
            self._level = None
        self._section = piece.text

    def _sections_are_as_high(self, piece: Piece) -> bool:
        """Whether sections of this document have headings as high as its levels: one that occurs again showed it."""
        if piece.text in self._repeated:
            self._as_high = True
        return self._as_high

    # --- tables

    def grid(self, grid: Grid) -> None:
        if len({id(cell) for cell in grid.rows[0]}) == 1 == len({id(cell) for row in grid.rows for cell in row}):
            self._box(grid.rows[0][0])
            return
        if self._read_by_rows(grid):
            self._part += 1
            return
        columns = self._columns if len(grid.rows[0]) == self._width else {}
        under: str | None = None
        section = self._section
        if not self._level:
            self._part += 1  # it names its levels itself
        first = True  # of the rows that are no head: one may go on from the page before
        for row in grid.rows:
            heads = level_columns(row, self._scheme)
            if len(set(heads.values())) >= _FEWEST_HEADS and _is_head(row, heads):
                columns, under = heads, None
                section = self._section
                self._row_head = self._row_head if first else ""
            elif columns and (band := _band_over(row, columns)):
                self._row_head = band
            elif marked := _marked_levels(row, columns):
                for key in marked:
                    self._cell(row[min(columns) - 1], key, self._row_head or section)
                first = False
            elif len({id(cell) for cell in row}) == 1 or len([cell for cell in row if cell.text]) == 1:
                under = self._band(row, columns, under)
            elif columns:
                self._row(row, columns, section, first=first)
                first = False
            elif level := under or self._level or self._colour_of(row):
                for cell in once(row):
                    self._cell(cell, self._colour_of([cell]) or level, self._row_head or section)
        self._columns, self._width = columns, len(grid.rows[0])
        if columns or under:
            self._level = None
            self._part += 1

    def _box(self, cell: Cell) -> None:
        """A table of one cell: a banner with the name of what follows, or a box with its name at the top."""
        before = self._level
        for piece, following in zip(cell.pieces, (*cell.pieces[1:], None), strict=True):
            self.piece(piece, following)
        if len(cell.pieces) > 1 and self._level != before:
            self._level = None

    def _colour_of(self, row: Sequence[Cell]) -> str | None:
        """The level that the colour of a cell says, of the first that has any."""
        colours = self._colours
        told = (colours.of(piece.colours) for cell in row for piece in cell.pieces) if colours else iter(())
        return next((key for key in told if key), None)

    def _band(self, row: Sequence[Cell], columns: dict[int, str], under: str | None) -> str | None:
        """A row with one text over all columns: a level, a section, or the rest of a cell that a page parted."""
        cell = next((cell for cell in row if cell.text), None)
        if cell is None:
            return under
        key = self._scheme.of(cell.text)
        if key:
            return key
        place = list(row).index(cell)
        if columns and place in columns and len({id(other) for other in row}) > 1:
            self._cell(cell, columns[place], self._row_head or self._section, goes_on=True)
        elif under:
            self._cell(cell, under, self._row_head or self._section)
        elif all(piece.kind is not Kind.ITEM for piece in cell.pieces):
            self._row_head = cell.text
        return under

    def _row(self, row: Sequence[Cell], columns: dict[int, str], section: str, *, first: bool) -> None:
        head = " ".join(
            dict.fromkeys(cell.text for column, cell in enumerate(row) if column < min(columns) and cell.text)
        )
        head = without_continued(head)
        goes_on = first and head in ("", self._row_head)
        if head:
            self._row_head = head
        if says_who_responds(head):
            return
        named = self._row_head or section
        level_of = {id(row[column]): key for column, key in reversed(columns.items()) if column < len(row)}
        for cell in once(row):
            if key := level_of.get(id(cell)):
                self._cell(cell, key, named, goes_on=goes_on)

    def _read_by_rows(self, grid: Grid) -> bool:
        """A table with a row, or rows, for each level, which one column names; columns before it name sections."""
        heads = [level_columns(row, self._scheme) for row in grid.rows]
        if any(len(set(found.values())) >= _FEWEST_HEADS for found in heads):
            return False
        columns = [[self._level_of(row[column]) for row in grid.rows] for column in range(len(grid.rows[0]))]
        kinds = [len({key for key in own if key}) for own in columns]
        place = kinds.index(max(kinds))
        # A table of one row or two may hold one level alone: a box with its name beside it.
        if kinds[place] < (1 if len(grid.rows) <= 2 and place == 0 else _FEWEST_HEADS):
            return False
        own = columns[place]
        if defines_levels(grid):
            return True
        first = next(number for number, key in enumerate(own) if key)
        titles = [cell.text for cell in grid.rows[first - 1]] if first else [""] * len(grid.rows[0])
        level: str | None = None
        for number, row in enumerate(grid.rows):
            level = own[number] or (level if not row[place].text else None)
            if level is None:
                continue
            seen, section = {id(row[place])}, " ".join(dict.fromkeys(cell.text for cell in row[:place] if cell.text))
            for column, cell in enumerate(row[place + 1 :], place + 1):
                if id(cell) in seen or says_who_responds(titles[column]):
                    continue
                seen.add(id(cell))
                if THEMES.search(titles[column]) and len(cell.text.split()) <= MOST_HEAD_WORDS:
                    section = cell.text
                else:
                    self._cell(cell, level, section or titles[column] or self._section)
        return True

    def _level_of(self, cell: Cell) -> str | None:
        return self._scheme.of(cell.text) or (self._scheme.of(cell.pieces[0].text) if cell.pieces else None)

    def _cell(self, cell: Cell, key: str, section: str, *, goes_on: bool = False) -> None:
        pieces = [piece for piece in cell.pieces if self._scheme.of(piece.text) is None]
        listed = any(piece.kind is Kind.ITEM for piece in pieces)
        for number, piece in enumerate(pieces):
            last = self._last_of(key) if goes_on and number == 0 else None
            if last is not None and piece.kind is not Kind.ITEM and _continues(last.text, piece.text):
                self.found[self.found.index(last)] = replace(last, text=joined_lines([last.text, piece.text]))
            elif piece.kind is Kind.HEADING:
                section = piece.text
            elif not listed or piece.kind is Kind.ITEM:
                self._add(piece.text, key, section, piece)

    def _last_of(self, key: str) -> Found | None:
        return next((found for found in reversed(self.found) if found.key == key), None)

    def _add(self, text: str, key: str, section: str, piece: Piece, *, running: bool = False) -> None:
        self.found.append(Found(text, key, section, piece, running))
        self._part_of[id(piece)] = self._part
        if not running:
            self._listing.setdefault(key, set()).add(self._part)

    def defines(self, found: Found) -> bool:
        """Whether running text defines its level: directly below its name, with a list further down; or with nothing
        listed, while the level's list is elsewhere, it says who responds, or is the first to name it."""
        if id(found.piece) in self._phrases:
            return False
        lists, part = self._listing.get(found.key, set()), self._part_of[id(found.piece)]
        if part in lists and id(found.piece) in self._intros:
            return True
        is_first = part == self._first_part.get(found.key, part)
        return bool(lists) and part not in lists and (part in self._defining or is_first)


def _leads_in(sentences: Sequence[str]) -> bool:
    """Whether a paragraph begins with a name of what it is about: "Injury. A child has ..."."""
    if len(sentences) < 2:
        return False
    first, *others = (len(sentence.split()) for sentence in sentences)
    return first <= _MOST_LEAD_WORDS and mean(others) >= _LEAST_SENTENCE


def _marked_levels(row: Sequence[Cell], columns: dict[int, str]) -> list[str]:
    """The levels that are ticked in a row whose columns of levels hold ticks and nothing else."""
    marks = {column: row[column].mark for column in columns if column < len(row)}
    if min(columns, default=0) == 0 or any(row[column].pieces and not marks[column] for column in marks):
        return []
    told = set(marks.values()) - {""}
    wanted = told - _CROSSES or told  # crosses say no where there are ticks, and yes where there are none
    return [columns[column] for column, mark in marks.items() if mark in wanted]


def _band_over(row: Sequence[Cell], columns: dict[int, str]) -> str:
    """The name of a section that stands over all columns of levels; "" for an ordinary row."""
    texts = {row[column].text for column in columns if column < len(row)}
    text = texts.pop() if len(texts) == 1 and len(columns) > 1 else ""
    listed = any(piece.kind is Kind.ITEM for column in columns for piece in row[column].pieces)
    return "" if listed or len(text.split()) > MOST_HEAD_WORDS else text


def _is_head(row: Sequence[Cell], heads: dict[int, str]) -> bool:
    """Whether the cells under the named columns are heads and not descriptors that begin with a level's name."""
    return all(piece.kind is not Kind.ITEM for column in heads for piece in row[column].pieces[:1])


def _continues(before: str, text: str) -> bool:
    return not is_ended(before) and (text[:1].islower() or before.endswith(("-", ",")))
