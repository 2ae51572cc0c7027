"""Lines of a region to headings, items and paragraphs, by bullets, gaps, indents and type."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import pairwise
from statistics import median, quantiles

from evenhand.documents.layout import Block, Box, Cell, Grid, Kind, Piece
from evenhand.documents.pdf_lines import Line, Table
from evenhand.documents.pdf_tables import spread
from evenhand.documents.pieces import collapsed, is_bare, is_bullet, is_ended, joined_lines, mark_of, without_bullet

_PARAGRAPH_GAP = 0.55  # of a line's height, above the usual leading of its region
_BARE_GAP = 0.35  # the same where nothing but white space parts paragraphs: no bullets
_LEAST_HEADING = 0.8  # of body size; smaller bold type is of a note
_SPACE = 0.35  # of type size, a wide space between words
_HEADING_WORDS = 16
_OUTDENT = 3.0  # points to the left of an item's text, from which on a line no longer belongs to it
_NOTE = re.compile(r"\(?(?:\d{1,3}|[*†‡§])[.)]?\s")
_NOTE_SIZE_OF_BODY = 0.9  # of body type, at most


def blocks_of(parts: Sequence[Line | Table], page: int, body: float, ranks: dict[float, int]) -> Iterator[Block]:
    """Lines and tables of a page as blocks.

    Args:
        parts: In reading order.
        page: From 1.
        body: Size of most letters of the document, in points.
        ranks: Rank of a heading by its size.
    """
    run: list[Line] = []
    for part in parts:
        if isinstance(part, Line) and not part.tab:
            run.append(part)
            continue
        yield from _pieces(run, page, body, ranks)
        run = []
        if isinstance(part, Line):
            yield Piece(collapsed(part.text), Kind.TAB, page, part.box)
            continue
        yield from _of_table(part, page, body, ranks)
    yield from _pieces(run, page, body, ranks)


def _of_table(table: Table, page: int, body: float, ranks: dict[float, int]) -> Iterator[Block]:
    width = max(map(len, table.cells))
    full: dict[tuple[int, int], float] = {}
    for place, lines in table.lines.items():
        full[_sides(place)] = max(full.get(_sides(place), 0.0), _widest(lines, body))
    bare = [lines for lines in table.lines.values() if not any(map(_is_item, lines))]
    leading = _leading(bare)
    spaced = any(_is_spaced(lines, leading) for lines in bare)
    cells = {
        box: Cell(
            tuple(_pieces(lines, page, body, ranks, most_leading=leading, full=full[_sides(box)], spaced=spaced)),
            mark=mark_of(" ".join(line.text for line in lines)),
        )
        for box, lines in table.lines.items()
    }
    if width == 1:
        for row in table.cells:
            for box in row:
                if box:
                    yield from cells[box].pieces
        return
    yield Grid(tuple(spread(row, cells, table) for row in table.cells), page)


def _pieces(
    lines: Sequence[Line],
    page: int,
    body: float,
    ranks: dict[float, int],
    *,
    most_leading: float = 0.0,
    full: float = 0.0,
    spaced: bool = False,
) -> Iterator[Piece]:
    """Lines of one region as headings, items and paragraphs.

    Of a cell with the leading that its table mostly has, and with the width of lines that its column has.
    """
    bulleted = any(map(_is_item, lines))
    leading, gap = _leading([lines], bulleted=bulleted), _PARAGRAPH_GAP if bulleted else _BARE_GAP
    if most_leading and not bulleted:
        leading = min(leading, most_leading)
    hanging = _is_hanging(lines)
    widest = max(full, _widest(lines, body))
    spaced = spaced or _is_spaced(lines, leading)

    def ranked(line: Line) -> bool:
        return line.bold or round(line.size, 1) in ranks

    begun: list[Line] = []
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
            yield Piece(text, kind, page, _around(begun), 0 if item else rank, begun[0].colours)
        begun.clear()

    for line in lines:
        bullet = without_bullet(line.text) is not None or is_bullet(line.text.strip())
        if begun:
            above = begun[-1]
            apart = line.box.top - above.box.top > leading + gap * (above.box.bottom - above.box.top)
            other = abs(line.size - above.size) > 0.08 * above.size or line.bold != above.bold
            outdented = indent is not None and line.box.x0 < indent - _OUTDENT and not bullet
            back = line.box.top < above.box.top - 1  # the next column begins
            forced = indent is None and not ranked(above) and _is_forced(above, line, widest, spaced=spaced)
            if bullet or apart or other or outdented or forced or (back and is_ended(above.text)):
                yield from finished()
                indent = None
        if bullet and not begun:
            indent = line.text_x0 if hanging else line.box.x0 + _OUTDENT
        begun.append(line)
    yield from finished()


def _sides(box: Box) -> tuple[int, int]:
    return round(box.x0), round(box.x1)


def _is_spaced(lines: Sequence[Line], leading: float) -> bool:
    """Whether white parts texts of a region."""
    pairs = ((above, below) for above, below in pairwise(lines) if not (above.bold or below.bold))
    return any(
        below.box.top - above.box.top > leading + _BARE_GAP * (above.box.bottom - above.box.top)
        for above, below in pairs
    )


def _widest(lines: Sequence[Line], body: float) -> float:
    """Width of the widest line of a region's own text."""
    return max((line.box.x1 - line.box.x0 for line in lines if line.size <= body and not line.tab), default=0.0)


def _is_forced(above: Line, below: Line, widest: float, *, spaced: bool) -> bool:
    """Whether a line ends before it is full: the next word, which begins a text, would have stood on it.

    Lines are set as full as the widest of their region; a break where there was room was put there by hand. Where white
    does not part texts, a sentence that ends with its line is far more often the end of a text than chance.
    """
    begins = not below.text[:1].islower() and not above.text.endswith((",", "-", "–", "/", "&"))
    room = above.box.x1 - above.box.x0 + _SPACE * above.size + below.first <= widest
    return begins and (room or (not spaced and above.text.endswith((".", "!", "?"))))


def _around(lines: Sequence[Line]) -> Box:
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


def _is_hanging(lines: Sequence[Line]) -> bool:
    """Whether lines of an item begin below its text, and not below its bullet."""
    text_x0 = None
    for line in lines:
        if line.text_x0 > line.box.x0:
            text_x0 = line.text_x0
        elif text_x0 is not None and abs(line.box.x0 - text_x0) < _OUTDENT:
            return True
    return False


def _is_item(line: Line) -> bool:
    return without_bullet(line.text) is not None


def _leading(regions: Sequence[Sequence[Line]], *, bulleted: bool = False) -> float:
    """From one line of a paragraph to the next, in points, as it mostly is; 0 where there are no two lines."""
    steps = [below.box.top - above.box.top for lines in regions for above, below in pairwise(lines)]
    down = [step for step in steps if step > 0]
    if not down:
        return 0.0
    # Without bullets most steps may be between paragraphs of one line each.
    usual = median(down) if bulleted or len(down) == 1 else quantiles(down, n=10, method="inclusive")[0]
    return min(usual, 1.6 * median(line.box.bottom - line.box.top for lines in regions for line in lines))


def _rank(lines: Sequence[Line], body: float, ranks: dict[float, int], text: str) -> int:
    words = len(text.split())
    if words > _HEADING_WORDS or text.endswith((".", ";", ",")):
        return 0
    if rank := ranks.get(round(lines[0].size, 1)):
        return rank
    return len(ranks) + 1 if all(line.bold for line in lines) and lines[0].size >= _LEAST_HEADING * body else 0


def over_pages(blocks: Sequence[Block]) -> Iterator[Block]:
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
        and not is_ended(above.text)
        and below.text[:1].islower()
    )
