"""Ruled tables and boxes of a PDF page, with rows that a page's end leaves open."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

from pdfplumber.page import Page

from evenhand.documents.layout import Box, Cell
from evenhand.documents.pdf_lines import Line, Table, lines_of, middle_of
from evenhand.documents.pdf_regions import in_reading_order

_WIDE_CELL = 240.0  # points, nearly half a portrait page: narrower cells hold one column
_LEAST_BOX = (40.0, 12.0)  # points across and down: smaller ones are marks
MARGIN_SHARE = 0.12  # of a page's height, where running heads and feet stand
_STRIP = (0.15, 0.6)  # of a page's width at most, and of its height at least: a strip at its edge, for a tab
_MOST_OF_PAGE = 0.7  # a box over more of the page is its frame
_SLACK = 3.0  # points by which edges of one table miss each other
_LEAST_ROW = 6.0  # points that a row without a rule must be high, about a line of the smallest type


def tables_on(page: Page, words: Sequence[dict[str, Any]]) -> list[Table]:
    """Ruled tables and boxes of a page with the words in them; of boxes in one another the inner ones."""
    rounded = [{**curve, "object_type": "rect"} for curve in page.curves if _is_box(curve)]
    found = page.debug_tablefinder({"explicit_vertical_lines": rounded, "explicit_horizontal_lines": rounded})
    strips = {box for box in (Box(*cell) for cell in found.cells) if _is_strip(box, words, page)}
    groups = [[box for cell in table.cells if (box := Box(*cell)) not in strips] for table in found.tables]
    groups = [cells for cells in groups if len(cells) > 1]
    ruled = strips | {cell for cells in groups for cell in cells}
    boxes = (Box(*cell) for cell in found.cells)
    alone = [box for box in boxes if box not in ruled and not (_is_mark(box) or _in_margin(box, page))]
    groups = _merged([*groups, *([box] for box in alone)])
    tables = [_table_of(_rows_of(cells), words, page) for cells in groups]
    # A strip with words on their side is a tab, and no table.
    return [table for table in tables if any(word["upright"] for word in table.words)]


def _is_strip(box: Box, words: Sequence[dict[str, Any]], page: Page) -> bool:
    """Whether a box is the ground of a tab beside most of the page."""
    high, wide = box.bottom - box.top, box.x1 - box.x0
    if min(box.x0, float(page.width) - box.x1) > _SLACK:
        return False  # a spine of a table stands within the page
    if high < _STRIP[1] * float(page.height) or wide > _STRIP[0] * float(page.width):
        return False
    return not any(word["upright"] and box.is_at((word["x0"], word["top"])) for word in words)


def _in_margin(box: Box, page: Page) -> bool:
    """Whether a box is the ground of a running head or foot, or of the whole page."""
    height = float(page.height)
    whole = (box.bottom - box.top) * (box.x1 - box.x0) > _MOST_OF_PAGE * height * float(page.width)
    return whole or box.bottom < MARGIN_SHARE * height or box.top > (1 - MARGIN_SHARE) * height


def _is_mark(box: Box) -> bool:
    """Whether a box is too small for text: a bullet, or a box to tick."""
    return box.x1 - box.x0 < _LEAST_BOX[0] or box.bottom - box.top < _LEAST_BOX[1]


def _is_box(curve: dict[str, Any]) -> bool:
    """Whether a closed curve is a box with round corners: its sides are straight for the most part."""
    wide, high = curve["x1"] - curve["x0"], curve["bottom"] - curve["top"]
    if _is_mark(Box(curve["x0"], curve["top"], curve["x1"], curve["bottom"])):
        return False
    across = down = 0.0
    for (x0, y0), (x1, y1) in pairwise([*curve["pts"], curve["pts"][0]]):
        across += abs(x1 - x0) if abs(y1 - y0) < 1 else 0.0
        down += abs(y1 - y0) if abs(x1 - x0) < 1 else 0.0
    return bool(across > wide and down > 0.6 * high)  # of twice the width, and of twice the height


def _merged(groups: list[list[Box]]) -> list[list[Box]]:
    """Cells by table: parts that interleave are one table, and of a box around others only the others are left."""
    groups = sorted(groups, key=lambda cells: -len(cells))
    kept: list[list[Box]] = []
    for cells in groups:
        hull = Box.around(cells)
        around = next((own for own in kept if len(own) > 1 and _overlap(Box.around(own), hull)), None)
        within = around is not None and any(_holds(cell, hull) for cell in around)
        if around is not None and not within and _same_columns(around, cells):
            around += cells
        elif not (around is not None and within and len(_sides(around)) > 1):
            kept.append(cells)
    hulls = [Box.around(own) for own in kept]
    found = []
    for number, own in enumerate(kept):
        others = hulls[:number] + hulls[number + 1 :]
        if left := [cell for cell in own if not any(_holds(cell, other) for other in others)]:
            found.append(left)
    return found


def _sides(cells: Sequence[Box]) -> set[tuple[int, int]]:
    return {(round(cell.x0), round(cell.x1)) for cell in cells}


def _same_columns(around: Sequence[Box], cells: Sequence[Box]) -> bool:
    """Whether all edges of cells that stand within a table are edges of its columns as well."""
    hull = Box.around(around)
    edges = [edge for cell in around for edge in (cell.x0, cell.x1)]
    inside = [edge for cell in cells for edge in (cell.x0, cell.x1) if hull.x0 < edge < hull.x1]
    return all(any(abs(edge - other) <= _SLACK for other in edges) for edge in inside)


def _overlap(one: Box, other: Box) -> bool:
    """Whether the middle of the second is in the first."""
    x, y = other.middle
    return one.x0 < x < one.x1 and one.top < y < one.bottom


def _holds(outer: Box, inner: Box) -> bool:
    return (
        outer.x0 <= inner.x0 + _SLACK
        and outer.x1 >= inner.x1 - _SLACK
        and outer.top <= inner.top + _SLACK
        and outer.bottom >= inner.bottom - _SLACK
        and outer != inner
    )


def _rows_of(cells: Sequence[Box]) -> list[tuple[Box | None, ...]]:
    """Cells by row and column of where they begin; None where a cell covers the place from above or the left."""
    tops, lefts = _edges([cell.top for cell in cells]), _edges([cell.x0 for cell in cells])
    rows: list[list[Box | None]] = [[None] * len(lefts) for _ in tops]
    for cell in cells:
        rows[_nearest(tops, cell.top)][_nearest(lefts, cell.x0)] = cell
    return [tuple(row) for row in rows]


def _edges(places: Sequence[float]) -> list[float]:
    """Places in order, those that are nearly the same only once."""
    found: list[float] = []
    for place in sorted(places):
        if not found or place - found[-1] > _SLACK:
            found.append(place)
    return found


def _nearest(edges: Sequence[float], place: float) -> int:
    return min(range(len(edges)), key=lambda number: abs(edges[number] - place))


def _table_of(rows: list[tuple[Box | None, ...]], words: Sequence[dict[str, Any]], page: Page) -> Table:
    rows = _with_open_rows(rows, page)
    boxes = list(dict.fromkeys(box for row in rows for box in row if box))
    own: dict[Box, list[dict[str, Any]]] = {box: [] for box in boxes}
    for word in words:
        middle = middle_of(word)
        home = next((box for box in boxes if box.is_at(middle)), None)
        if home:
            own[home].append(word)
    return Table(
        box=Box.around(boxes),
        cells=tuple(rows),
        lines={box: _cell_lines(box, held) for box, held in own.items()},
        words=[word for held in own.values() for word in held],
    )


def _cell_lines(box: Box, words: Sequence[dict[str, Any]]) -> list[Line]:
    """Lines of a cell; a wide one may have columns of its own."""
    if box.x1 - box.x0 < _WIDE_CELL:
        return lines_of(words)
    parts = in_reading_order([word for word in words if word["upright"]], [], lambda _: None)
    return [part for part in parts if isinstance(part, Line)]


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


def spread(row: Sequence[Box | None], cells: dict[Box, Cell], table: Table) -> tuple[Cell, ...]:
    """A row's cells; where a wider or higher cell covers a place, it stands there too."""
    known = [box for box in row if box]
    middle = (min(box.top for box in known) + min(box.bottom for box in known)) / 2 if known else 0.0
    edges = _column_edges(table)
    found = []
    for column, box in enumerate(row):
        x = (edges[column][0] + edges[column][1]) / 2
        home = box or next((own for own in cells if own.is_at((x, middle))), None)
        found.append(cells[home] if home else Cell(()))
    return tuple(found)


def _column_edges(table: Table) -> list[tuple[float, float]]:
    width = max(map(len, table.cells))
    edges = []
    for column in range(width):
        boxes = [row[column] for row in table.cells if column < len(row)]
        narrow = min((box for box in boxes if box), key=lambda box: box.x1 - box.x0, default=table.box)
        edges.append((narrow.x0, narrow.x1))
    return edges
