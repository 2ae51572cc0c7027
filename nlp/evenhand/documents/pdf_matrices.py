"""Matrices that no rules draw: columns under the names of levels, kept apart by white space.

A line that names two or more levels side by side begins one. It goes on downwards as long as white gutters run between
those names; a short line of heavier type that crosses them is a band over all columns, any other ends it. Cards with
white space between them are read the same way.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise
from statistics import median, quantiles
from typing import Any

from evenhand.documents.labels import named_label, numbered_label
from evenhand.documents.layout import Box
from evenhand.documents.pdf_columns import Columns, Words
from evenhand.documents.pdf_lines import Line, Table, hull_of, lines_of, middle_of, without
from evenhand.documents.pieces import without_bullet

_FEWEST_LEVELS = 2
_FEWEST_LINES = 2  # below the names; less is a diagram
_LEAST_GUTTER = 3.0  # points; narrower than a space is no gutter
_FEWEST_ROWS = 3  # of levels one below the other; two may be chance
_TO_THE_RIGHT = 0.75  # of a gutter is where columns part: lines begin together, and end as they come
_SAME_EDGE = 3.0  # points by which what stands below one another may be off
_WIDE_GUTTER = 9.0  # points between a name and what stands beside it
_MOST_LEADING = 0.8  # of a line's height between lines of one text
_BAND_WORDS = 10  # of a line over all columns that names a section
_ROW_GAP = 0.5  # of a line's height above the usual gap, from which on white over all columns parts rows
_HEAD_WORDS = 6  # of the head of a box, at most
_HEAD_GAP = 0.7  # the same between the names of levels and what stands below them
_LARGER = 1.05  # times the usual size of the body, from which on type is heavier
_EDGE = 0.04  # of a page's height, above and below which there are running heads and feet
_MOST_WHITE = 4  # heights of a line; more white than that below ends a matrix


def words_of_parts(tables: Sequence[Table]) -> list[dict[str, Any]]:
    """The words of tables that may be parts of a matrix: rows of names, and single cards."""
    words: list[dict[str, Any]] = []
    for table in tables:
        boxes = [box for row in table.cells for box in row if box]
        names = [_label(" ".join(line.text for line in table.lines[box])) for box in boxes]
        if len(boxes) == 1 or (len(table.cells) == 1 and sum(map(bool, names)) >= _FEWEST_LEVELS):
            words += table.words
    return words


def matrix_in(words: Words, height: float, before: Columns | None) -> tuple[Table, Columns] | None:
    """The first matrix among words of a page; `before` has the columns of one that the page before ended with."""
    words = [word for word in words if _EDGE * height < word["top"] and word["bottom"] < (1 - _EDGE) * height]
    lines = lines_of(words)
    starts = [number for number, line in enumerate(lines) if len(_names(line)) >= _FEWEST_LEVELS]
    if before is not None and (found := _read(lines[: starts[0] if starts else None], words, before, named=False)):
        return found, before
    for start in starts:
        names = _names(lines[start])
        columns = _columns(names, lines[start:])
        if columns and (found := _read(lines[start:], words, columns, named=True)):
            return found, columns
    return _rows_of_levels(lines, words)


def _rows_of_levels(lines: Sequence[Line], words: Words) -> tuple[Table, Columns] | None:
    """A row for each of three levels or more, whose names stand below one another, with white beside them."""
    return next((found for last in (False, True) if (found := _rows_beside(lines, words, last=last))), None)


def _rows_beside(lines: Sequence[Line], words: Words, *, last: bool) -> tuple[Table, Columns] | None:
    """The same with the names in the first part of their lines or in the last."""
    named: dict[str, Line] = {}
    places: list[float] = []
    for line in lines:
        x0, _, text = line.parts[-1 if last else 0]
        key = _label(text)
        if key and key not in named and (not places or abs(x0 - places[0]) < _SAME_EDGE):
            named[key] = line
            places.append(x0)
    heads = list(named.values())
    if len(heads) < _FEWEST_ROWS:
        return None
    top, bottom = heads[0].box.top, heads[-1].box.bottom
    inside = [line for line in lines if top <= line.box.top and line.box.bottom <= bottom]
    left, right = min(line.box.x0 for line in inside), max(line.box.x1 for line in inside)
    free = [(left, places[0])] if last else [(places[0], right)]
    for line in inside:
        free = without(free, line, _LEAST_GUTTER)
    gutters = [span for span in free if span[0] > left and span[1] - span[0] >= _WIDE_GUTTER]
    if not gutters:
        return None
    edge = sum(gutters[-1] if last else gutters[0]) / 2
    columns = Columns((left - 1 if last else places[0] - 1, edge, right + 1))
    upper, lower = _with_ends(lines, top, bottom, edge, last=last)
    own = [word for word in words if upper - 1 <= word["top"] and word["bottom"] <= lower + 1]
    own = [word for word in own if word["upright"] and word["x0"] >= columns.edges[0]]
    bounds = [upper - 1, *(_parting(own, above, below) for above, below in pairwise(heads)), lower + 1]
    cells, found = [], dict[Box, list[Line]]()
    for row_top, row_bottom in pairwise(bounds):
        row = [word for word in own if row_top <= middle_of(word)[1] < row_bottom]
        parts = columns.cells(row, row_top, row_bottom)
        cells.append(tuple(parts))
        found |= parts
        names, others = list(parts.values())[:: -1 if last else 1]
        # Lists below the names, or other names beside them, are boxes in columns and no rows.
        if any(without_bullet(line.text) for line in names) or any(map(_heads, others)):
            return None
    return Table(hull_of(own), tuple(cells), found, own), columns


def _with_ends(lines: Sequence[Line], top: float, bottom: float, edge: float, *, last: bool) -> tuple[float, float]:
    """Upper and lower end of rows whose first and last name stand there: what is beside a name may be higher."""
    beside = [line for line in lines if (line.box.x1 < edge if last else line.box.x0 > edge)]
    for line in reversed(beside):
        if line.box.top < top <= line.box.bottom + _MOST_LEADING * (line.box.bottom - line.box.top):
            top = line.box.top
    for line in beside:
        if line.box.bottom > bottom >= line.box.top - _MOST_LEADING * (line.box.bottom - line.box.top):
            bottom = line.box.bottom
    return top, bottom


def _parting(words: Words, above: Line, below: Line) -> float:
    """Where the widest white runs between two names; above the second where there is none."""
    between = [word for word in words if word["bottom"] > above.box.top and word["top"] < below.box.bottom]
    best, place = 0.0, below.box.top - 1
    bottom = above.box.bottom
    for word in sorted(between, key=lambda word: word["top"]):
        if word["top"] - bottom > best:
            best, place = word["top"] - bottom, (word["top"] + bottom) / 2
        bottom = max(bottom, word["bottom"])
    return place


def _label(text: str) -> str | None:
    label = numbered_label(text) or named_label(text)
    return label.key if label else None


def _heads(line: Line) -> bool:
    return len(line.text.split()) <= _HEAD_WORDS and _label(line.text) is not None


def _names(line: Line) -> list[tuple[float, float]]:
    """First and last x of the levels that a line names side by side; [] if it names one twice, or says more."""
    named = [(part, _label(part[2])) for part in line.parts]
    keys = [key for _, key in named if key]
    if len(set(keys)) < len(keys) or len(named) - len(keys) > 1:
        return []
    return [(part[0], part[1]) for part, key in named if key]


def _columns(names: Sequence[tuple[float, float]], lines: Sequence[Line]) -> Columns | None:
    """Gutters between the names of levels, as far down as there are any, and one before the first of them."""
    middles = [(x0 + x1) / 2 for x0, x1 in names]
    free = [[pair] for pair in pairwise(middles)]
    left = min(line.box.x0 for line in lines)
    for number, line in enumerate(lines):
        narrowed = [without(spans, line, _LEAST_GUTTER) for spans in free]
        if any(not spans for spans in narrowed):
            if _is_band(line, lines):
                continue
            lines = lines[:number]
            break
        free = narrowed
    gutters = [_in_widest(spans) for spans in free]
    left = min(left, min((line.box.x0 for line in lines), default=left))
    right = max((line.box.x1 for line in lines), default=middles[-1])
    first = [(left, middles[0])]
    for line in lines:
        if not _is_band(line, lines):
            first = without(first, line, _LEAST_GUTTER)
    heads = [span for span in first if span[1] - span[0] >= _LEAST_GUTTER and span[0] > left]
    lead = [_in_widest(heads)] if heads else []
    return Columns((left - 1, *lead, *gutters, right + 1))


def _in_widest(spans: Sequence[tuple[float, float]]) -> float:
    x0, x1 = max(spans, key=lambda span: span[1] - span[0])
    return x0 + _TO_THE_RIGHT * (x1 - x0)


def _is_band(line: Line, lines: Sequence[Line]) -> bool:
    usual = median(other.size for other in lines)
    heavier = line.bold or line.size > _LARGER * usual
    return heavier and len(line.parts) == 1 and len(line.text.split()) <= _BAND_WORDS


def _read(lines: Sequence[Line], words: Words, columns: Columns, *, named: bool) -> Table | None:
    """The lines from the first one on that keep to columns, as a table; None if they are too few."""
    inner = columns.edges[1:-1]
    taken: list[Line] = []
    for line in lines:
        high = line.box.bottom - line.box.top
        if taken and line.box.top - max(other.box.bottom for other in taken) > _MOST_WHITE * high:
            break
        if taken and len(_names(line)) >= _FEWEST_LEVELS:
            break  # the names again begin another one
        crosses = _crosses(line, inner)
        if crosses and not (taken and _is_band(line, lines)):
            if taken or named:
                break
            continue  # what stands above a matrix that goes on
        if not taken and not named and len({columns.of(x0) for x0, _, _ in line.parts}) < _FEWEST_LEVELS:
            continue
        taken.append(line)
    while taken and _crosses(taken[-1], inner):
        taken.pop()
    # Another level's name below is the head of a box, in columns that go down one by one.
    if named and _holds_boxes(taken, columns):
        return None
    used = {columns.of(x0) for line in taken[1:] for x0, _, _ in line.parts}
    if len(taken) <= _FEWEST_LINES or len(used) < _FEWEST_LEVELS:
        return None
    top, bottom = taken[0].box.top, max(line.box.bottom for line in taken)
    held = [word for word in words if word["upright"] and top - 1 <= middle_of(word)[1] <= bottom + 1]
    return _table(held, columns, [line.box for line in taken if _crosses(line, inner)], named=named)


def _holds_boxes(lines: Sequence[Line], columns: Columns) -> bool:
    """Whether another level's name stands below the name of a column's own, both with numbers or both without."""
    own = {columns.of(x0): text for x0, _, text in lines[0].parts}
    for line in lines[1:]:
        for x0, _, text in line.parts:
            head = own.get(columns.of(x0))
            if head is None or len(text.split()) > _HEAD_WORDS:
                continue
            label, above = numbered_label(text), numbered_label(head)
            if (above is None) == (label is None):
                label, above = label or named_label(text), above or named_label(head)
                if label and above and label.key != above.key:
                    return True
    return False


def _crosses(line: Line, inner: Sequence[float]) -> bool:
    return any(x0 + 1 < edge < x1 - 1 for x0, x1, _ in line.parts for edge in inner)


def _table(words: Words, columns: Columns, bands: Sequence[Box], *, named: bool) -> Table:
    """Words in columns as a table, with a row wherever white runs over all columns and one for each band."""
    cells: list[tuple[Box | None, ...]] = []
    lines: dict[Box, list[Line]] = {}
    for row in _rows(words, columns, bands, named=named):
        whole = hull_of(row)
        if any(box.is_beside(whole.middle[1]) for box in bands):
            over = Box(columns.edges[0], whole.top, columns.edges[-1], whole.bottom)
            cells.append((over, *[None] * (len(columns.edges) - 2)))
            lines[over] = lines_of(row)
            continue
        parts = columns.cells(row, whole.top, whole.bottom)
        cells.append(tuple(parts))
        lines |= parts
    return Table(hull_of(words), tuple(cells), lines, list(words))


def _rows(words: Words, columns: Columns, bands: Sequence[Box], *, named: bool) -> Iterator[list[dict[str, Any]]]:
    high = median(word["bottom"] - word["top"] for word in words)
    usual = _usual_gap(words, columns) + _ROW_GAP * high
    gap = min(usual, _HEAD_GAP * high) if named else usual
    row: list[dict[str, Any]] = []
    bottom = float("-inf")
    was_band = False
    for word in sorted(words, key=lambda word: word["top"]):
        middle = middle_of(word)[1]
        band = any(box.is_beside(middle) for box in bands)
        if row and (word["top"] - bottom > gap or band != was_band):
            yield row
            row, gap = [], usual
        row.append(word)
        bottom, was_band = max(bottom, word["bottom"]), band
    if row:
        yield row


def _usual_gap(words: Words, columns: Columns) -> float:
    """White between lines of one text: in low rows more than half of all gaps are between rows."""
    gaps = []
    for own in columns.cells(words, 0, 0).values():
        gaps += [max(0.0, below.box.top - above.box.bottom) for above, below in pairwise(own)]
    return quantiles(gaps, n=4, method="inclusive")[0] if len(gaps) > 1 else sum(gaps)
