"""What a document holds, in reading order, before anything is made of it; the same for PDF, Word, web page and text."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from enum import StrEnum


class Kind(StrEnum):
    """What a piece of text is in its document."""

    HEADING = "heading"
    PARAGRAPH = "paragraph"
    ITEM = "item"  # of a list
    NOTE = "note"  # at the foot of a page
    TAB = "tab"  # set on its side, beside what it names; it holds for its own page only


@dataclass(frozen=True, slots=True)
class Box:
    """Where something stands on its page, in points from the upper left corner."""

    x0: float
    top: float
    x1: float
    bottom: float

    @classmethod
    def around(cls, boxes: Sequence[Box]) -> Box:
        """The smallest box with all of some boxes in it."""
        return cls(
            min(box.x0 for box in boxes),
            min(box.top for box in boxes),
            max(box.x1 for box in boxes),
            max(box.bottom for box in boxes),
        )

    @property
    def middle(self) -> tuple[float, float]:
        """The place in its middle: from the left, from the top."""
        return (self.x0 + self.x1) / 2, (self.top + self.bottom) / 2

    def is_at(self, place: tuple[float, float]) -> bool:
        """Whether a place is in it or on its edge."""
        x, y = place
        return self.x0 <= x <= self.x1 and self.top <= y <= self.bottom

    def is_beside(self, y: float) -> bool:
        """Whether a height on the page is between its top and its bottom."""
        return self.top <= y <= self.bottom


Colours = tuple[str | None, str | None, str | None]


@dataclass(frozen=True, slots=True)
class Piece:
    """A heading, a paragraph or an item of a list.

    Attributes:
        text: White space collapsed, words that a line break hyphenated put together, without a bullet.
        kind: What it is.
        page: From 1; None where the file has no pages.
        box: Where it begins on its page; None where the file does not say.
        rank: Of a heading, 1 for the highest; 0 for anything else.
        colours: Those that may say its level, as `#rrggbb`: of the mark before it, behind it, and of its letters; None
            for black, white, greys and none.
    """

    text: str
    kind: Kind
    page: int | None = None
    box: Box | None = None
    rank: int = 0
    colours: Colours = (None, None, None)


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell of a table.

    Attributes:
        pieces: In reading order; none for an empty cell.
        header: Whether the file marks it as a header.
        mark: A tick, a cross or a dot that stands in it by itself; "" for none.
    """

    pieces: tuple[Piece, ...]
    header: bool = False
    mark: str = ""

    @property
    def text(self) -> str:
        """All that it holds, on one line."""
        return " ".join(piece.text for piece in self.pieces)


@dataclass(frozen=True, slots=True)
class Grid:
    """A table; a cell that is merged over several places is the same object in each of them.

    Attributes:
        rows: From the top, each as long as the others.
        page: Of its first row.
    """

    rows: tuple[tuple[Cell, ...], ...]
    page: int | None = None

    def column(self) -> list[Piece] | None:
        """Its pieces if all of them stand in one column, as in a banner or a box; None for a real table."""
        full = [cell for cell in once(cell for row in self.rows for cell in row) if cell.pieces or cell.mark]
        held = {id(cell) for cell in full}
        places = {place for row in self.rows for place, cell in enumerate(row) if id(cell) in held}
        return [piece for cell in full for piece in cell.pieces] if len(places) <= 1 or len(full) == 1 else None

    def pieces(self) -> Iterator[Piece]:
        """Every piece once, row by row."""
        for cell in once(cell for row in self.rows for cell in row):
            yield from cell.pieces


def once(cells: Iterable[Cell]) -> Iterator[Cell]:
    """The cells, a merged one in the first of its places only."""
    seen: set[int] = set()
    for cell in cells:
        if id(cell) not in seen:
            seen.add(id(cell))
            yield cell


Block = Piece | Grid


@dataclass(frozen=True, slots=True)
class Trouble:
    """Something that a person should look at.

    Attributes:
        page: From 1; None if it is about the whole document.
        what: For the person who reads the warning; never repeats the document's text.
    """

    page: int | None
    what: str


@dataclass(frozen=True, slots=True)
class Layout:
    """A document as laid out.

    Attributes:
        name: Of the file.
        blocks: In reading order.
        pages: How many; None where the file has none.
        troubles: What could not be read, or not surely.
        unread: Pages of which nothing was taken.
    """

    name: str
    blocks: tuple[Block, ...]
    pages: int | None = None
    troubles: tuple[Trouble, ...] = ()
    unread: frozenset[int] = field(default_factory=frozenset)

    def pieces(self) -> Iterator[Piece]:
        """Every piece once, those of tables among them."""
        for block in self.blocks:
            if isinstance(block, Piece):
                yield block
            else:
                yield from block.pieces()


def joined_rows(blocks: Iterable[Block]) -> Iterator[Block]:
    """The blocks, rows that are drawn as tables of their own put together: strips below one another are one table."""
    held: Grid | None = None
    for block in blocks:
        if isinstance(block, Grid) and not any(block.rows):
            continue  # a table without cells
        if held is not None:
            if (
                isinstance(block, Grid)
                and len(block.rows) == 1
                and block.page == held.page
                and len(block.rows[0]) == len(held.rows[0])
            ):
                held = Grid((*held.rows, *block.rows), held.page)
                continue
            yield held
            held = None
        if isinstance(block, Grid) and len(block.rows) == 1 and len(block.rows[0]) > 1:
            held = block
        else:
            yield block
    if held is not None:
        yield held
