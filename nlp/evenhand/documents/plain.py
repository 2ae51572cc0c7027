"""A plain text file as a `Layout`: paragraphs, lists and what looks like a heading."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from evenhand.documents.labels import named_label, numbered_label
from evenhand.documents.layout import Kind, Layout, Piece
from evenhand.documents.pieces import collapsed, is_bare, joined_lines, without_bullet
from evenhand.errors import InputError

_HEADING_WORDS = 12  # a longer line by itself is a sentence
_TITLE_WORDS = 8  # of a heading directly above its text; lines of wrapped text have more
_RULES = frozenset("=-~_*#")


def read_plain(path: Path) -> Layout:
    """Read a text file in UTF-8; form feeds part its pages.

    Raises:
        InputError: it is not UTF-8.
    """
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError as error:
        message = f"{path}: not UTF-8 at byte {error.start}; save it as UTF-8 and try again"
        raise InputError(message) from error
    pages = text.split("\f")
    paged = len(pages) > 1
    pieces = [piece for number, page in enumerate(pages, 1) for piece in _page(page, number if paged else None)]
    return Layout(path.name, tuple(pieces), pages=len(pages) if paged else None)


def _page(text: str, page: int | None) -> Iterator[Piece]:
    lines = text.splitlines()
    begun: list[str] = []
    kind = Kind.PARAGRAPH

    def finished() -> Iterator[Piece]:
        told = joined_lines(begun)
        begun.clear()
        if told and not is_bare(told):
            yield Piece(told, kind, page)

    for number, line in enumerate(lines):
        below = lines[number + 1] if number + 1 < len(lines) else ""
        above = lines[number - 1] if number else ""
        listed = without_bullet(line)
        if not line.strip() or _is_rule(line):
            yield from finished()
            kind = Kind.PARAGRAPH
        elif begun and _begins_anew(line, lines[number - 1]):
            yield from finished()
            kind = Kind.PARAGRAPH
            if _is_heading(line, "", ""):
                yield Piece(
                    collapsed(line.lstrip("#")), Kind.HEADING, page, rank=len(line) - len(line.lstrip("#")) or 3
                )
            else:
                begun.append(line)
        elif listed is not None:
            yield from finished()
            kind = Kind.ITEM
            begun.append(listed)
        elif not begun and _is_heading(line, above, below):
            hashes = len(line) - len(line.lstrip("#"))
            rank = hashes or (1 if _is_rule(below) and below.strip()[0] == "=" else 2 if _is_rule(below) else 3)
            yield Piece(collapsed(line.lstrip("#")), Kind.HEADING, page, rank=rank)
        else:
            begun.append(line)
    yield from finished()


def _begins_anew(line: str, above: str) -> bool:
    """Whether a line directly below a text does not go on with it: a level's name, or a mark of a heading."""
    if line.lstrip().startswith("#"):
        return True
    named = numbered_label(line) or named_label(line)
    return named is not None and not above.rstrip().endswith((",", "and", "or", "of", "at", "to"))


def _is_rule(line: str) -> bool:
    marks = set(line.strip())
    return len(line.strip()) > 2 and len(marks) == 1 and marks <= _RULES


def _is_heading(line: str, above: str, below: str) -> bool:
    told = line.strip()
    if told.startswith("#") or _is_rule(below):
        return True
    if told[-1] in ".;,!?" or len(told.split()) > _HEADING_WORDS:
        return False
    alone = not above.strip() and not below.strip()
    return alone or told.isupper() or (not above.strip() and _is_title(told, below.strip()))


def _is_title(told: str, below: str) -> bool:
    """Whether a line that text stands directly below is its heading: short, and what is below begins anew."""
    begins = below[:1].isupper() or without_bullet(below) is not None
    return begins and len(told.split()) <= _TITLE_WORDS and told[:1].isupper()
