"""A PDF page cut into regions by white space (the recursive X-Y cut of Nagy and Seth 1984), in reading order.

Ruled tables are wholes. Where columns cannot be told apart, that is said and nothing is read.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from statistics import median
from typing import Any

from evenhand.documents.layout import Box
from evenhand.documents.pdf_lines import Line, Table, line_of, lines_of, middle_of
from evenhand.documents.pieces import is_bullet, is_marker

_GUTTER = 11.0  # points of white between columns; the widest space between words of 12-point type is about 8
_BEFORE_TEXT = 30.0  # points from a bullet or a number to its text, at most
_MOST_CUTS = 300  # one in another; a page of small type has about a hundred lines
_MOST_BREAKS = 200  # lines of a region that is looked at for columns in a part of it
_LARGER = 1.12  # times the usual size, from which on a word is of a heading
_FEWEST_WORDS = 40  # of a region with sections of its own
_EDGE = 1.0  # points above a heading, where its section begins
_BLOCK_GAP = 1.6  # of a line's height; more white than that between lines parts blocks


def in_reading_order(
    words: Sequence[dict[str, Any]], tables: Sequence[Table], trouble: Callable[[str], None]
) -> list[Line | Table]:
    """Lines and tables of a page, columns one after another."""
    things: list[tuple[Box, Any]] = [(_held_box(word, words), word) for word in words]
    things += [(table.box, table) for table in tables]
    return list(_cut(things, trouble, 0))


def _held_box(word: dict[str, Any], words: Sequence[dict[str, Any]]) -> Box:
    """The box of a word; that of a bullet reaches to its text, so that the white between is no gutter."""
    x1 = word["x1"]
    if is_marker(word["text"]):
        middle = middle_of(word)[1]
        right = (other["x0"] for other in words if other["top"] <= middle <= other["bottom"] and other["x0"] >= x1)
        nearest = min(right, default=x1)
        x1 = nearest if nearest - x1 <= _BEFORE_TEXT else x1
    return Box(word["x0"], word["top"], x1, word["bottom"])


def _cut(things: list[tuple[Box, Any]], trouble: Callable[[str], None], depth: int) -> Iterator[Line | Table]:
    if not things:
        return
    if depth > _MOST_CUTS:  # bands of one column, as no page of columns has so many
        yield from _as_lines(things)
        return
    if len(things) == 1 or all(isinstance(thing, Table) for _, thing in things):
        for _, thing in sorted(things, key=lambda found: (found[0].top, found[0].x0)):
            yield thing if isinstance(thing, Table) else line_of([thing])
        return
    if sections := _sections(things):
        for section in sections:
            yield from _cut(section, trouble, depth + 1)
        return
    if columns := _columns(things):
        for column in columns:
            yield from _cut(column, trouble, depth + 1)
        return
    if bands := _bands(things):
        for band in bands:
            yield from _cut(band, trouble, depth + 1)
        return
    if parted := _bulleted_columns(things) or _columns_in_part(things):
        for part in parted:
            yield from _cut(part, trouble, depth + 1)
        return
    if _mixed(lines_of([thing for _, thing in things if not isinstance(thing, Table)])):
        trouble("columns cannot be told apart; nothing was read from where they mix")
        return
    yield from _as_lines(things)


def _as_lines(things: list[tuple[Box, Any]]) -> list[Line | Table]:
    lines = lines_of([thing for _, thing in things if not isinstance(thing, Table)])
    parts: list[Line | Table] = [*lines, *(thing for _, thing in things if isinstance(thing, Table))]
    return sorted(parts, key=lambda part: part.box.top)


def _sections(things: list[tuple[Box, Any]]) -> list[list[tuple[Box, Any]]]:
    """The things above and from a heading on that has white beside it, where there are columns: a section that
    has its own columns; [] if there is none."""
    words = [(box, thing) for box, thing in things if not isinstance(thing, Table)]
    if len(words) < _FEWEST_WORDS or not _columns(things):
        return []
    usual = median(word["size"] for _, word in words)
    top = min(box.top for box, _ in things)
    for box in sorted((box for box, word in words if word["size"] > _LARGER * usual), key=lambda box: box.top):
        line = [other for other, _ in things if other.top < box.bottom and other.bottom > box.top]
        right = max(other.x1 for other in line)
        beside = [other for other, _ in things if other.x0 > right]
        above, below = (
            (other for other in beside if other.bottom <= box.top),
            (o for o in beside if o.top >= box.bottom),
        )
        if box.top > top + (box.bottom - box.top) and any(True for _ in above) and any(True for _ in below):
            edge = box.top - _EDGE
            if not any(other.top < edge < other.bottom for other, _ in things):
                return [
                    [thing for thing in things if thing[0].bottom <= edge],
                    [thing for thing in things if thing[0].top >= edge],
                ]
    return []


def _columns(things: list[tuple[Box, Any]]) -> list[list[tuple[Box, Any]]]:
    """The things left and right of the widest gutter that runs through all of them; [] if there is none."""
    spans = sorted((box.x0, box.x1) for box, _ in things)
    end, best = spans[0][1], (0.0, 0.0)
    for x0, x1 in spans[1:]:
        if x0 - end > best[0]:
            best = (x0 - end, (x0 + end) / 2)
        end = max(end, x1)
    if best[0] < _GUTTER:
        return []
    sides = [
        [thing for thing in things if thing[0].x1 <= best[1]],
        [thing for thing in things if thing[0].x0 >= best[1]],
    ]
    # Bullets alone in a column of their own belong to what stands beside them.
    if any(all(not isinstance(thing, Table) and is_marker(thing["text"]) for _, thing in side) for side in sides):
        return []
    rows = [len({round(box.top) for box, _ in side}) for side in sides]
    return sides if min(rows) >= 2 or any(isinstance(thing, Table) for _, thing in things) else []


def _bulleted_columns(things: list[tuple[Box, Any]]) -> list[list[tuple[Box, Any]]]:
    """The things left and right of bullets that stand behind other bulleted words: lists side by side, however near."""
    words = [(box, thing) for box, thing in things if not isinstance(thing, Table)]
    bullets = [box for box, thing in words if _is_glyph(thing)]
    for mark in bullets:
        edge = mark.x0 - 1
        beside = [box for box in bullets if box.x0 < edge and box.top < mark.bottom and mark.top < box.bottom]
        if beside and all(box.x1 <= mark.x0 or box.x0 >= edge for box, _ in things):
            left = [found for found in things if found[0].x0 < edge]
            return [left, [found for found in things if found[0].x0 >= edge]]
    return []


def _is_glyph(word: dict[str, Any]) -> bool:
    return is_bullet(word["text"]) and not word["text"].isascii()


def _bands(things: list[tuple[Box, Any]]) -> list[list[tuple[Box, Any]]]:
    """The things above and below the widest white band; [] if none is wider than a blank line."""
    spans = sorted((box.top, box.bottom) for box, _ in things)
    usual = (
        median(box.bottom - box.top for box, thing in things if not isinstance(thing, Table))
        if any(not isinstance(thing, Table) for _, thing in things)
        else 0.0
    )
    end, best = spans[0][1], (0.0, 0.0)
    for top, bottom in spans[1:]:
        if top - end > best[0]:
            best = (top - end, (top + end) / 2)
        end = max(end, bottom)
    table = any(isinstance(thing, Table) for _, thing in things)
    if best[0] <= (0.0 if table else _BLOCK_GAP * usual):
        return []
    return [
        [thing for thing in things if thing[0].bottom <= best[1]],
        [thing for thing in things if thing[0].top >= best[1]],
    ]


def _columns_in_part(things: list[tuple[Box, Any]]) -> list[list[tuple[Box, Any]]]:
    """The things above and below a line break, if that leaves columns on one side of it: a heading over two columns.

    Of several such breaks the one with the larger part in columns.
    """
    ordered = sorted(things, key=lambda thing: thing[0].top)
    best: list[list[tuple[Box, Any]]] = []
    most = 0
    bottom = ordered[0][0].bottom
    breaks = []
    for place in range(1, len(ordered)):
        if ordered[place][0].top >= bottom:
            breaks.append(place)
        bottom = max(bottom, ordered[place][0].bottom)
    for place in breaks if len(breaks) <= _MOST_BREAKS else ():
        for part in (ordered[:place], ordered[place:]):
            if len(part) > most and _columns(part):
                best, most = [ordered[:place], ordered[place:]], len(part)
    return best


def _mixed(lines: Sequence[Line]) -> bool:
    """Whether most lines are torn by wide gaps at places that differ from line to line."""
    torn = [line for line in lines if len(line.parts) > 1]
    if len(torn) < 4 or len(torn) < 0.5 * len(lines):
        return False
    places = Counter(round(part[0] / 6) for line in torn for part in line.parts[1:])
    return places.most_common(1)[0][1] < 0.6 * len(torn)
