"""Tables with rules between their rows and white space between their columns, as books and briefings set them."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from statistics import median
from typing import Any

from pdfplumber.page import Page
from pdfplumber.table import merge_edges

from evenhand.documents.labels import numbered_label
from evenhand.documents.layout import Box
from evenhand.documents.pdf_columns import Columns, Words
from evenhand.documents.pdf_lines import Line, Table, hull_of, lines_of, middle_of, without

_LEAST_RULE = 100.0  # points; shorter lines underline words
_SAME_EDGE = 5.0  # points by which rules of one table differ at their ends
_FEWEST_ROWS = 3  # between rules; fewer may be a heading with lines above and below it
_MOST_ROW = 0.25  # of a page's height, that half the rows are lower than; taller ones are columns of prose
_MOST_ONE_SIDED = 1 / 3  # of rows, with text in one column only
_HEAD_WORDS = 6  # of the head of a box, at most
_GUTTER = 6.0  # points of white between columns in all rows
_HEAD_LINES = 2.5  # heights of a line above the first rule, in which heads of columns stand


def tables_across(page: Page, words: Words, others: Sequence[Table]) -> list[Table]:
    """Tables that only horizontal rules draw, but for what stands in other tables."""
    inside = {id(word) for table in others for word in table.words}
    free = [word for word in words if word["upright"] and id(word) not in inside]
    found: list[Table] = []
    for rules in _same_rules(page):
        table = _table(rules, free, float(page.height))
        if table is not None and not any(
            other.box.top < table.box.bottom
            and table.box.top < other.box.bottom
            and other.box.x0 < table.box.x1
            and table.box.x0 < other.box.x1
            for other in (*others, *found)
        ):
            found.append(table)
    return found


def _same_rules(page: Page) -> list[list[Box]]:
    """Long horizontal lines by where they begin and end, from the top."""
    edges = merge_edges(
        [edge for edge in page.edges if edge["orientation"] == "h"],
        snap_x_tolerance=3, snap_y_tolerance=3, join_x_tolerance=6, join_y_tolerance=3,
    )  # fmt: skip
    groups: list[list[Box]] = []
    for edge in sorted(edges, key=lambda edge: edge["top"]):
        rule = Box(edge["x0"], edge["top"], edge["x1"], edge["bottom"])
        if rule.x1 - rule.x0 < _LEAST_RULE:
            continue
        for group in groups:
            if abs(group[0].x0 - rule.x0) < _SAME_EDGE and abs(group[0].x1 - rule.x1) < _SAME_EDGE:
                group.append(rule)
                break
        else:
            groups.append([rule])
    return [group for group in groups if len(group) >= _FEWEST_ROWS]


def _table(rules: Sequence[Box], words: Words, height: float) -> Table | None:
    x0, x1 = rules[0].x0 - _SAME_EDGE, rules[0].x1 + _SAME_EDGE
    own = [word for word in words if x0 <= word["x0"] and word["x1"] <= x1]
    bounds = [rule.top for rule in rules]
    rows = [row for upper, lower in pairwise(bounds) if (row := _between(own, upper, lower))]
    if not rows:
        return None
    columns = _columns([line for row in rows for line in lines_of(row)], x0, x1)
    high = median(word["bottom"] - word["top"] for row in rows for word in row)
    for line in reversed(lines_of(_between(own, bounds[0] - _HEAD_LINES * high, bounds[0]))):
        head = [word for word in own if line.box.is_beside(middle_of(word)[1])]
        with_head = _columns([line, *(line for row in rows for line in lines_of(row))], x0, x1)
        if columns and with_head and len(with_head.edges) == len(columns.edges) and len(line.parts) > 1:
            rows.insert(0, head)
            columns = with_head
            break
    if columns is None or not _is_table(rows, columns, height):
        return None
    cells, lines = [], dict[Box, list[Line]]()
    for row in rows:
        around = hull_of(row)
        parts = columns.cells(row, around.top, around.bottom)
        cells.append(tuple(parts))
        lines |= parts
    if any(_holds_box(lines[box], first=column == 0) for row in cells[1:] for column, box in enumerate(row)):
        return None
    held = [word for row in rows for word in row]
    return Table(hull_of(held), tuple(cells), lines, held)


def _holds_box(lines: Sequence[Line], *, first: bool) -> bool:
    """Whether a level's name stands within a cell: then these are boxes with rules around their heads."""
    heads = [
        number
        for number, line in enumerate(lines)
        if numbered_label(line.text) and len(line.text.split()) <= _HEAD_WORDS
    ]
    return any(number > 0 or not first for number in heads)


def _between(words: Words, upper: float, lower: float) -> list[dict[str, Any]]:
    return [word for word in words if upper <= middle_of(word)[1] < lower]


def _columns(lines: Sequence[Line], x0: float, x1: float) -> Columns | None:
    free = [(x0, x1)]
    for line in lines:
        free = without(free, line, _GUTTER)
    left, right = min(line.box.x0 for line in lines), max(line.box.x1 for line in lines)
    gutters = [(a + b) / 2 for a, b in free if a >= left and b <= right]
    return Columns((x0, *gutters, x1)) if gutters else None


def _is_table(rows: Sequence[Words], columns: Columns, height: float) -> bool:
    """Whether rows are low and most of them have text side by side."""
    one_sided = sum(len({columns.of(middle_of(word)[0]) for word in row}) == 1 for row in rows)
    low = median(hull_of(row).bottom - hull_of(row).top for row in rows) < _MOST_ROW * height
    return len(rows) >= _FEWEST_ROWS and one_sided <= _MOST_ONE_SIDED * len(rows) and low
