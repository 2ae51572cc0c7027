"""Texts of a document that may name its levels: heads of columns, rows and sections, and what they share."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from evenhand.documents.labels import named_label, plain_name
from evenhand.documents.layout import Grid, Kind, Layout, Piece

FEWEST_LEVELS, MOST_LEVELS = 2, 6  # so few labels may be chance, and no document has more
MOST_OWN_WORDS = 8  # of a level's name in words of the document's own


def heads_of(layout: Layout) -> Iterator[str]:
    """Texts that may name a level: headings, paragraphs, heads of rows and columns, and cells over a whole row."""
    for block in layout.blocks:
        if isinstance(block, Piece):
            if block.kind is not Kind.ITEM:
                yield block.text
        else:
            yield from _grid_heads(block)


def _grid_heads(grid: Grid) -> Iterator[str]:
    for number, row in enumerate(grid.rows):
        for column, cell in enumerate(row):
            if (number < 2 or column == 0 or cell.header) and cell.text:
                yield cell.text
                if cell.pieces:
                    yield cell.pieces[0].text


def named_heads(layout: Layout) -> Iterator[list[str]]:
    """Heads of a table's columns of which two or more are ordinary names of levels: the others beside them are too."""
    for block in layout.blocks:
        if not isinstance(block, Grid):
            continue
        texts = [text for text in dict.fromkeys(cell.text for cell in block.rows[0]) if text]
        named = [text for text in texts if named_label(text)]
        if (
            len(named) >= FEWEST_LEVELS
            and len(texts) <= MOST_LEVELS + 1
            and all(len(text.split()) <= MOST_OWN_WORDS for text in texts)
        ):
            heads_rows = not any(piece.kind is Kind.ITEM for row in block.rows[1:] for piece in row[0].pieces)
            corner = bool(block.rows[0][0].text) and heads_rows and not named_label(texts[0])
            yield texts[1:] if corner else texts


def repeated_heads(layout: Layout) -> Iterator[list[str]]:
    """Heads that several tables share, first cells of rows that several do, and headings that several sections do."""
    rows = Counter(
        tuple(cell.text for cell in row) for block in layout.blocks if isinstance(block, Grid) for row in block.rows[:2]
    )
    for cells, count in rows.most_common():
        told = [text for text in dict.fromkeys(cells[1:] if len(cells) > FEWEST_LEVELS else cells) if text]
        if (
            count > 1
            and FEWEST_LEVELS < len(told) <= MOST_LEVELS
            and all(len(text.split()) <= MOST_OWN_WORDS for text in told)
        ):
            yield told
    firsts = Counter[str]()
    told_as: dict[str, str] = {}
    for block in layout.blocks:
        if isinstance(block, Grid):
            for text in dict.fromkeys(
                row[0].text for row in block.rows if row[0].text and len(row[0].text.split()) <= 8
            ):
                firsts[plain_name(text)] += 1
                told_as.setdefault(plain_name(text), text)
    common = [told_as[plain] for plain, count in firsts.items() if count > FEWEST_LEVELS]
    if FEWEST_LEVELS < len(common) <= MOST_LEVELS:
        yield common
    headings = [block for block in layout.blocks if isinstance(block, Piece) and block.kind is Kind.HEADING]
    counts = Counter((piece.rank, piece.text) for piece in headings)
    for rank in sorted({rank for rank, _ in counts}):
        told = [text for (own, text), count in counts.items() if own == rank and count > FEWEST_LEVELS]
        if FEWEST_LEVELS < len(told) <= MOST_LEVELS:
            yield told
