"""A web page as a `Layout`: headings, lists, tables and accordions of its main part."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from bs4 import BeautifulSoup, Tag
from bs4.element import NavigableString

from evenhand.documents.layout import Block, Cell, Grid, Kind, Layout, Piece, Trouble
from evenhand.documents.pieces import collapsed, is_bare, is_bullet, mark_of, without_bullet

# What a page says about itself or its site, and not about children.
_APART = (
    "sup",
    "script",
    "style",
    "noscript",
    "template",
    "nav",
    "header",
    "footer",
    "aside",
    "form",
    "button",
    "svg",
    "iframe",
)
_HEADINGS = {f"h{rank}": rank for rank in range(1, 7)} | {"summary": 4, "dt": 5, "caption": 5, "legend": 5, "th": 6}
_HOLDS_BLOCKS = frozenset(_HEADINGS) | frozenset(
    {
        "address", "article", "blockquote", "body", "center", "dd", "details", "div", "dl", "fieldset",
        "figure", "figcaption", "form", "hr", "li", "main", "ol", "p", "pre", "section", "table", "ul",
    }
)  # fmt: skip
_DOCUMENTS = (".pdf", ".docx", ".doc")
_BREAK = "\u2028"  # stands for <br>, as white space in the source means nothing
_CELLS = ("td", "th")  # their lines are a list without its tags
_WIDEST_SPAN = 100  # columns or rows that one cell may cover; more is a mistake or an attack
_COLOUR = re.compile(r"background(?:-color)?\s*:\s*(#[0-9a-fA-F]{6})\b")


def read_html(path: Path) -> Layout:
    """Read a web page that was saved to a file."""
    main = _main(BeautifulSoup(path.read_bytes(), "lxml"))
    linked = {str(link["href"]).partition("?")[0] for link in main.find_all("a", href=True)}
    linked = {address for address in linked if address.lower().endswith(_DOCUMENTS)}
    troubles = (
        [Trouble(None, f"{len(linked)} linked document(s) belong to the page and were not read")] if linked else []
    )
    return Layout(path.name, tuple(_blocks(main)), troubles=tuple(troubles))


def _main(soup: BeautifulSoup) -> Tag:
    found = soup.find("main") or soup.find(True, role="main") or soup.body or soup
    for tag in found.find_all(_APART):
        # An accordion may have its heading in a button, and an article its title in a header.
        if tag.name in ("button", "header") and (tag.find_parent(list(_HEADINGS)) or tag.find(list(_HEADINGS))):
            tag.unwrap()
        else:
            tag.decompose()
    return found


def _blocks(tag: Tag) -> Iterator[Block]:
    """What stands in a tag, its own loose text as paragraphs."""
    loose: list[str] = []
    for child in tag.children:
        if isinstance(child, NavigableString):
            if type(child) is NavigableString:
                loose.append(str(child))
        elif isinstance(child, Tag) and child.name not in _HOLDS_BLOCKS and not child.find(list(_HOLDS_BLOCKS)):
            loose.append(_BREAK if child.name == "br" else child.get_text())
        elif isinstance(child, Tag):
            yield from _paragraphs(loose, by_line=tag.name in _CELLS)
            loose = []
            yield from _of_block(child)
    yield from _paragraphs(loose, by_line=tag.name in _CELLS)


def _paragraphs(loose: list[str], *, by_line: bool) -> Iterator[Piece]:
    lines = "".join(loose).split(_BREAK)
    listed = [line for line in lines if is_bullet(line.strip()[:1])]
    for line in lines if by_line or len(listed) > 1 else [" ".join(lines)]:
        text = collapsed(line)
        if text and not is_bare(text):
            item = without_bullet(text) if is_bullet(text[0]) else None
            yield Piece(item or text, Kind.ITEM if item else Kind.PARAGRAPH)


def _of_block(tag: Tag) -> Iterator[Block]:
    if tag.name == "table":
        yield from _grid(tag)
    elif tag.name in _HEADINGS:
        if text := collapsed(tag.get_text(" ")):
            yield Piece(text, Kind.HEADING, rank=_HEADINGS[tag.name])
    elif tag.name == "details":
        yield from _accordion(tag)
    elif tag.name == "li":
        yield from _item(tag)
    elif tag.name == "p" and _is_all_bold(tag):
        yield Piece(collapsed(tag.get_text(" ")), Kind.HEADING, rank=6)
    else:
        yield from _blocks(tag)


def _accordion(tag: Tag) -> Iterator[Block]:
    """What opens under a summary; headings in it are lower than the summary, whatever their tags say."""
    summary = tag.find("summary", recursive=False)
    name = collapsed(summary.get_text(" ")) if isinstance(summary, Tag) else None
    for block in _blocks(tag):
        if isinstance(block, Piece) and block.kind is Kind.HEADING and block.rank > 0:
            yield block if block.text == name else replace(block, rank=max(block.rank, _HEADINGS["summary"] + 1))
        else:
            yield block


def _item(tag: Tag) -> Iterator[Block]:
    """An item, and behind it the items of a list within it."""
    own = [
        collapsed(child.get_text() if isinstance(child, Tag) else str(child))
        for child in tag.children
        if (isinstance(child, Tag) and child.name not in ("ul", "ol", "table")) or type(child) is NavigableString
    ]
    if text := collapsed(" ".join(own)):
        yield Piece(text, Kind.ITEM)
    for child in tag.find_all(("ul", "ol", "table"), recursive=False):
        yield from _of_block(child)


def _is_all_bold(tag: Tag) -> bool:
    text = collapsed(tag.get_text())
    return bool(text) and text == collapsed("".join(bold.get_text() for bold in tag.find_all(("b", "strong"))))


def _grid(tag: Tag) -> Iterator[Block]:
    caption = tag.find("caption", recursive=False)
    if isinstance(caption, Tag):
        yield from _of_block(caption)
    places: dict[tuple[int, int], Cell] = {}
    rows = [row for row in tag.find_all("tr") if row.find_parent("table") is tag]
    for number, row in enumerate(rows):
        column = 0
        for found in row.find_all(("td", "th"), recursive=False):
            while (number, column) in places:
                column += 1
            pieces, mark = tuple(_pieces(found)), mark_of(found.get_text())
            cell = Cell(pieces, header=found.name == "th", mark=mark)
            for down in range(min(_span(found, "rowspan"), len(rows) - number)):
                for right in range(_span(found, "colspan")):
                    places[number + down, column + right] = cell
            column += _span(found, "colspan")
    if places:
        width = 1 + max(column for _, column in places)
        empty = Cell(())
        yield Grid(
            tuple(tuple(places.get((row, column), empty) for column in range(width)) for row in range(len(rows)))
        )


def _pieces(tag: Tag) -> Iterator[Piece]:
    """What stands in a cell; a table within a cell is read through."""
    for block in _blocks(tag):
        if isinstance(block, Piece):
            yield block
        else:
            yield from block.pieces()


def _span(tag: Tag, name: str) -> int:
    stated = str(tag.get(name, "1"))
    return min(max(int(stated), 1), _WIDEST_SPAN) if stated.isdecimal() else 1


def _fill(tag: Tag) -> str | None:
    found = _COLOUR.search(str(tag.get("style", "")))
    return found[1].lower() if found else None
