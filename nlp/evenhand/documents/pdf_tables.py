"""Ruled tables and boxes of a PDF page, with rows that a page's end leaves open."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from pdfplumber.page import Page

from evenhand.documents.layout import Box, Cell
from evenhand.documents.pdf_lines import Line, Table, lines_of
from evenhand.documents.pdf_regions import in_reading_order

_WIDE_CELL = 240.0  # points, nearly half a portrait page: narrower cells hold one column
_LEAST_ROW = 6.0  # points that a row without a rule must be high, about a line of the smallest type


def table_of(found: Any, words: Sequence[dict[str, Any]], page: Page) -> Table:  # noqa: ANN401 - a pdfplumber Table
    """A table that pdfplumber found, with the words in it."""
    rows = _with_open_rows([tuple(Box(*cell) if cell else None for cell in row.cells) for row in found.rows], page)
    boxes = list(dict.fromkeys(box for row in rows for box in row if box))
    own: dict[Box, list[dict[str, Any]]] = {box: [] for box in boxes}
    for word in words:
        x, y = (word["x0"] + word["x1"]) / 2, (word["top"] + word["bottom"]) / 2
        home = next((box for box in boxes if box.x0 <= x <= box.x1 and box.top <= y <= box.bottom), None)
        if home:
            own[home].append(word)
    outer = [box for row in rows for box in row if box]
    return Table(
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


def spread(row: Sequence[Box | None], cells: dict[Box, Cell], table: Table) -> tuple[Cell, ...]:
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


def _column_edges(table: Table) -> list[tuple[float, float]]:
    width = max(map(len, table.cells))
    edges = []
    for column in range(width):
        boxes = [row[column] for row in table.cells if column < len(row)]
        narrow = min((box for box in boxes if box), key=lambda box: box.x1 - box.x0, default=table.box)
        edges.append((narrow.x0, narrow.x1))
    return edges
