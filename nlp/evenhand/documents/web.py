"""A web page as a `Layout`: headings, lists, tables and accordions of its main part."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from bs4 import BeautifulSoup, Tag
from bs4.element import NavigableString
from PIL import ImageColor

from evenhand.documents.colours import colour_of
from evenhand.documents.labels import named_label, numbered_label
from evenhand.documents.layout import Block, Cell, Colours, Grid, Kind, Layout, Piece, Trouble
from evenhand.documents.pieces import collapsed, is_bare, is_bullet, mark_of, without_bullet
from evenhand.errors import InputError

# What a page says about itself or its site, and not about children.
_APART = (
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
    "select",
    "datalist",
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
_PARTS = ("article", "section", "li", "td", "div", "details")  # whose heads and feet are of the subject
_NOTED = "data-evenhand-colour"
_CLASS = re.compile(r"\.([\w-]+)[^{}.]*\{([^{}]*)\}")
_GROUND = re.compile(
    r"(?:background(?:-color)?|border-(?:left|top)(?:-color)?)\s*:[^;]*?"
    r"(#[0-9a-fA-F]{3,6}\b|rgb\([^)]*\)|\b[a-z]{3,20}\b)\s*(?:;|$)"
)
_MOST_MARKS = 4  # tags at the beginning of a text, among which a coloured mark of it is
_DEEPEST = 250  # tags in one another; pages that were published have some forty
_WIDEST_TABLE = 200  # columns; more is a mistake or an attack
_WIDEST_SPAN = 100  # columns or rows that one cell may cover; more is a mistake or an attack


def read_html(path: Path) -> Layout:
    """Read a web page that was saved to a file.

    Raises:
        InputError: its tags are nested beyond what any page needs.
    """
    soup = BeautifulSoup(path.read_bytes(), "lxml")
    try:
        _check_depth(soup)
        _note_colours(soup)
        main = _main(soup)
        linked = {str(link["href"]).partition("?")[0] for part in main for link in part.find_all("a", href=True)}
        linked = {address for address in linked if address.lower().endswith(_DOCUMENTS)}
        blocks = tuple(block for part in main for block in _blocks(part))
    except RecursionError as error:
        message = (
            f"{path}: its tags are nested too deeply to be read; open it in a browser, save it as PDF and try again"
        )
        raise InputError(message) from error
    troubles = (
        [Trouble(None, f"{len(linked)} linked document(s) belong to the page and were not read")] if linked else []
    )
    return Layout(path.name, blocks, troubles=tuple(troubles))


def _check_depth(soup: BeautifulSoup) -> None:
    """Make sure that tags are not nested so deep that looking at those around each would take for ever.

    Raises:
        RecursionError: they are.
    """
    level = [child for child in soup.children if isinstance(child, Tag)]
    for _ in range(_DEEPEST):
        if not level:
            return
        level = [child for tag in level for child in tag.children if isinstance(child, Tag)]
    raise RecursionError


def _note_colours(soup: BeautifulSoup) -> None:
    """Note with each tag the colour that its own style or the page's rule for one of its classes gives it."""
    by_class = {
        name: colour
        for style in soup.find_all("style")
        for name, rules in _CLASS.findall(style.get_text())
        if (colour := _colour(rules))
    }
    for tag in soup.find_all(True):
        told = _colour(str(tag.get("style", ""))), *(by_class.get(name) for name in tag.get_attribute_list("class"))
        if colour := next((colour for colour in told if colour), None):
            tag[_NOTED] = colour


def _colour(rules: str) -> str | None:
    found = _GROUND.search(rules)
    try:
        return colour_of([part / 255 for part in ImageColor.getrgb(found[1].strip())[:3]]) if found else None
    except ValueError:  # a gradient, a variable or a mistake
        return None


def _colours(tag: Tag) -> Colours:
    """Of a coloured mark without text in a tag, and of the nearest coloured ground that it stands on."""
    marks = (str(mark[_NOTED]) for mark in tag.find_all(True, limit=_MOST_MARKS) if _is_mark(mark))
    ground = next((str(around[_NOTED]) for around in (tag, *tag.parents) if around.get(_NOTED)), None)
    return next(marks, None), ground, None


def _is_mark(tag: Tag) -> bool:
    return bool(tag.get(_NOTED)) and not tag.get_text(strip=True)


def _main(soup: BeautifulSoup) -> list[Tag]:
    """The parts of a page that are about its subject: what it marks as such, else all of it."""
    marked = [tag for tag in soup.find_all(True) if tag.name == "main" or tag.get("role") == "main"]
    outer = [tag for tag in marked if tag.get_text(strip=True) and not any(up in marked for up in tag.parents)]
    found: list[Tag] = outer or [soup.body or soup]
    for picture in (picture for part in found for picture in part.find_all(["svg", "img"])):
        told = collapsed(
            " ".join(text.get_text(" ") for text in picture.find_all("text")) or str(picture.get("alt") or "")
        )
        if numbered_label(told) or named_label(told):  # a drawn badge with a level's name
            picture.replace_with(f" {told} ")
    for note in (note for part in found for note in part.find_all("sup")):
        if not note.get_text(strip=True).isalpha():  # "10th" is written so as well
            note.decompose()
    for tag in (tag for part in found for tag in part.find_all(_APART)):
        # An accordion may have its heading in a button, and an article its title in a header.
        headed = tag.find_parent(list(_HEADINGS)) or tag.find(list(_HEADINGS))
        own = tag.name in ("header", "footer") and tag.parent is not None and tag.parent.name in _PARTS
        if tag.name == "form" or own or (tag.name in ("button", "header") and headed):
            tag.unwrap()
        elif tag.name == "button" and _opens(tag):
            tag.name = "summary"
        elif tag.parent is not None:
            tag.decompose()
    return found


def _opens(button: Tag) -> bool:
    """Whether a button is the head of what it opens."""
    behind = button.find_next_sibling()
    return (
        button.has_attr("aria-expanded")
        or button.has_attr("aria-controls")
        or (behind is not None and behind.find(["li", "p", "td"]) is not None)
    )


def _blocks(tag: Tag) -> Iterator[Block]:
    """What stands in a tag, its own loose text as paragraphs."""
    loose: list[str] = []
    for child in tag.children:
        if isinstance(child, NavigableString):
            if type(child) is NavigableString:
                loose.append(str(child))
        elif isinstance(child, Tag) and child.name not in _HOLDS_BLOCKS and not child.find(list(_HOLDS_BLOCKS)):
            text = _BREAK if child.name == "br" else child.get_text()
            # Parts that a style sheet sets apart: "Step 4" and "Keeping safe" in tags of their own.
            apart = bool(loose) and loose[-1][-1:].isalnum() and text[:1].isupper()
            loose.append(f" {text}" if apart else text)
        elif isinstance(child, Tag):
            yield from _paragraphs(loose, tag)
            loose = []
            yield from _of_block(child)
    yield from _paragraphs(loose, tag)


def _paragraphs(loose: list[str], tag: Tag) -> Iterator[Piece]:
    lines = "".join(loose).split(_BREAK)
    listed = [line for line in lines if is_bullet(line.strip()[:1])]
    for line in lines if tag.name in _CELLS or len(listed) > 1 else [" ".join(lines)]:
        text = collapsed(line)
        if text and not is_bare(text):
            item = without_bullet(text) if is_bullet(text[0]) else None
            yield Piece(item or text, Kind.ITEM if item else Kind.PARAGRAPH, colours=_colours(tag))


def _of_block(tag: Tag) -> Iterator[Block]:
    if tag.name == "table":
        yield from _grid(tag)
    elif tag.name in _HEADINGS:
        if text := collapsed(tag.get_text(" ")):
            yield Piece(text, Kind.HEADING, rank=_HEADINGS[tag.name], colours=_colours(tag))
    elif tag.name == "details":
        yield from _accordion(tag)
    elif tag.name == "li":
        yield from _item(tag)
    elif tag.name == "p" and _is_all_bold(tag):
        yield Piece(collapsed(tag.get_text(" ")), Kind.HEADING, rank=6, colours=_colours(tag))
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
    inner = [
        found for found in tag.find_all(("ul", "ol", "table")) if found.find_parent(("li", "ul", "ol", "table")) is tag
    ]
    own = [
        str(child)
        for child in tag.descendants
        if type(child) is NavigableString and not any(part in child.parents for part in inner)
    ]
    text = collapsed("".join(own))
    text = (without_bullet(text) or text) if is_bullet(text[:1]) and not text[:1].isalnum() else text
    if text and not is_bare(text):
        yield Piece(text, Kind.ITEM, colours=_colours(tag))
    for part in inner:
        yield from _of_block(part)


def _is_all_bold(tag: Tag) -> bool:
    text = collapsed(tag.get_text())
    return bool(text) and text == collapsed("".join(bold.get_text() for bold in tag.find_all(("b", "strong"))))


def _grid(tag: Tag) -> Iterator[Block]:
    caption = tag.find("caption", recursive=False)
    if isinstance(caption, Tag):
        yield from _of_block(caption)
    places: dict[tuple[int, int], Cell] = {}
    rows = [row for row in tag.find_all("tr") if row.find_parent("table") is tag]
    cells = [cell for row in rows for cell in row.find_all(_CELLS, recursive=False)]
    if len(cells) == 1 and cells[0].find(["table", "h1", "h2", "h3"]):  # a frame of what is in it
        yield from _blocks(cells[0])
        return
    for number, row in enumerate(rows):
        column = 0
        for found in row.find_all(_CELLS, recursive=False):
            while (number, column) in places:
                column += 1
            pieces, mark = tuple(_pieces(found)), mark_of(found.get_text())
            cell = Cell(pieces, header=found.name == "th", mark=mark)
            across, down = _span(found, "colspan"), min(_span(found, "rowspan"), len(rows) - number)
            if column + across > _WIDEST_TABLE:
                break
            places |= {(number + below, column + right): cell for below in range(down) for right in range(across)}
            column += across
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
