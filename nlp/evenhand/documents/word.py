"""A Word document as a `Layout`: headings, lists and tables of its body, with pages where Word left its page marks."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from itertools import takewhile
from pathlib import Path

import docx
from docx.document import Document
from docx.oxml.ns import qn
from docx.oxml.xmlchemy import BaseOxmlElement
from docx.table import Table, _Cell
from docx.text.paragraph import Paragraph

from evenhand.documents.archives import check_archive
from evenhand.documents.colours import colour_of
from evenhand.documents.layout import Block, Cell, Grid, Kind, Layout, Piece, Trouble
from evenhand.documents.pieces import collapsed, is_bare, mark_of, without_bullet
from evenhand.errors import InputError

_HEADING_STYLE = re.compile(r"(?:heading|überschrift|titre)\s*(\d)", re.IGNORECASE)
_BOLD_HEADING_WORDS = 12  # a bold paragraph of more words is emphasis
_MARKUP = "{http://schemas.openxmlformats.org/markup-compatibility/2006}"
_DIAGRAM = "{http://schemas.openxmlformats.org/drawingml/2006/diagram}relIds"
_UNREAD = {qn("pic:pic"): "picture", _DIAGRAM: "diagram"}
# Content controls, insertions and the like hold paragraphs and tables as the body does.
_AROUND = frozenset(map(qn, ("w:sdt", "w:sdtContent", "w:ins", "w:moveTo", "w:customXml", "w:smartTag")))
_LEFT_OUT = (qn("w:del"), qn("w:moveFrom"), qn("w:txbxContent"))
_BREAKS = (qn("w:lastRenderedPageBreak"), qn("w:br"))


def read_word(path: Path) -> Layout:
    """Read a .docx file.

    Raises:
        InputError: it is broken, protected, or unpacks to more than any document has.
    """
    check_archive(path, "Word document")
    reader = _Reader()
    try:
        blocks = tuple(reader.blocks(docx.Document(str(path))))
    except Exception as error:  # what a damaged file makes its parsers raise has no common base
        message = f"{path}: not a Word document that can be read; open it in Word, save it as .docx and try again"
        raise InputError(message) from error
    return Layout(path.name, blocks, pages=reader.page if reader.has_pages else None, troubles=tuple(reader.troubles))


class _Reader:
    """Counts pages while it reads."""

    def __init__(self) -> None:
        self.page = 1
        self.has_pages = False
        self.troubles: list[Trouble] = []

    def blocks(self, holder: Document | _Cell) -> Iterator[Block]:
        """What stands in a document or a cell."""
        element = holder.element.body if isinstance(holder, Document) else holder._tc
        yield from self._inner(element, holder)

    def _inner(self, element: BaseOxmlElement, holder: Document | _Cell) -> Iterator[Block]:
        for child in element.iterchildren():
            if child.tag == qn("w:p"):
                paragraph = Paragraph(child, holder)
                yield from self._paragraph(paragraph)
                for box in _text_boxes(child):
                    yield from self._inner(box, holder)
            elif child.tag == qn("w:tbl"):
                yield self._grid(Table(child, holder))
            elif child.tag in _AROUND:
                yield from self._inner(child, holder)

    def _paragraph(self, paragraph: Paragraph) -> Iterator[Piece]:
        self._turn_pages(paragraph)
        page = self.page if self.has_pages else None
        style = (paragraph.style.name or "") if paragraph.style is not None else ""
        heading = _HEADING_STYLE.match(style)
        told = _text(paragraph)
        for tag, name in _UNREAD.items():
            if next(paragraph._p.iter(tag), None) is not None:
                self.troubles.append(
                    Trouble(page, f"a {name} stands in the text; if it holds words, they were not read")
                )
        colours = (None, _shade(paragraph._p.pPr), _ink(paragraph))
        for line in told.split("\n") if not heading else [told]:
            text = collapsed(line)
            if not text or is_bare(text):
                continue
            listed = without_bullet(text)
            item = listed is not None or style.startswith("List") or _is_numbered(paragraph)
            bold = _is_all_bold(paragraph) and len(text.split()) <= _BOLD_HEADING_WORDS
            if heading or style == "Title":
                yield Piece(text, Kind.HEADING, page, rank=int(heading[1]) if heading else 1, colours=colours)
            elif bold and not item:
                yield Piece(text, Kind.HEADING, page, rank=6, colours=colours)
            else:
                yield Piece(listed or text, Kind.ITEM if item else Kind.PARAGRAPH, page, colours=colours)

    def _grid(self, table: Table) -> Grid:
        known: dict[object, Cell] = {}  # by element, which it keeps alive: a dead one's identity is given to another
        rows = []
        for row in table.rows:
            header = row._tr.trPr is not None and row._tr.trPr.find(qn("w:tblHeader")) is not None
            before = [Cell(())] * row.grid_cols_before
            cells = []
            for cell in row.cells:
                # The same element again is a merged cell: it is read once and stands in each of its places.
                if cell._tc not in known:
                    known[cell._tc] = self._cell(cell, header=header)
                cells.append(known[cell._tc])
            rows.append((*before, *cells))
        width = max(map(len, rows), default=0)
        return Grid(
            tuple(row + (Cell(()),) * (width - len(row)) for row in rows), page=self.page if self.has_pages else None
        )

    def _cell(self, cell: _Cell, *, header: bool) -> Cell:
        pieces: list[Piece] = []
        for block in self.blocks(cell):
            pieces += [block] if isinstance(block, Piece) else list(block.pieces())
        if ground := _shade(cell._tc.tcPr):
            pieces = [replace(piece, colours=(None, piece.colours[1] or ground, piece.colours[2])) for piece in pieces]
        return Cell(tuple(pieces), header=header, mark=mark_of(cell.text))

    def _turn_pages(self, paragraph: Paragraph) -> None:
        for mark in paragraph._p.iter(*_BREAKS):
            if mark.tag == _BREAKS[0] or mark.get(qn("w:type")) == "page":
                self.page += 1
                self.has_pages = True


def _text_boxes(paragraph: BaseOxmlElement) -> Iterator[BaseOxmlElement]:
    """What stands in a paragraph's text boxes, outermost first; each is stored a second time for old programs."""
    for box in paragraph.iter(qn("w:txbxContent")):
        around = [parent.tag for parent in box.iterancestors()]
        nested = qn("w:txbxContent") in around[: around.index(paragraph.tag)]
        if f"{_MARKUP}Fallback" not in around and not nested:
            yield box


def _text(paragraph: Paragraph) -> str:
    """The text as it stands with tracked changes accepted, without raised marks of notes."""
    found = []
    for node in paragraph._p.iter(qn("w:t"), qn("w:tab"), qn("w:br"), qn("w:cr")):
        run = next((parent for parent in node.iterancestors() if parent.tag == qn("w:r")), None)
        around = takewhile(lambda parent: parent is not paragraph._p, node.iterancestors())
        if run is None or any(parent.tag in _LEFT_OUT for parent in around):
            continue
        raised = run.find(f"{qn('w:rPr')}/{qn('w:vertAlign')}")
        if raised is not None and raised.get(qn("w:val")) == "superscript" and (node.text or "").strip().isdigit():
            continue
        found.append((node.text or "") if node.tag == qn("w:t") else " " if node.tag == qn("w:tab") else "\n")
    return "".join(found)


def _is_numbered(paragraph: Paragraph) -> bool:
    properties = paragraph._p.pPr
    return properties is not None and properties.numPr is not None


def _is_all_bold(paragraph: Paragraph) -> bool:
    runs = [run for run in paragraph.runs if run.text.strip()]
    return bool(runs) and all(run.bold for run in runs)


def _shade(properties: BaseOxmlElement | None) -> str | None:
    """Colour behind a paragraph or a cell."""
    shade = None if properties is None else properties.find(qn("w:shd"))
    return _hex(None if shade is None else shade.get(qn("w:fill")))


def _ink(paragraph: Paragraph) -> str | None:
    """Colour of the first letters of a paragraph."""
    run = next((run for run in paragraph.runs if run.text.strip()), None)
    return _hex(None if run is None or run.font.color.rgb is None else str(run.font.color.rgb))


def _hex(told: str | None) -> str | None:
    if told is None or not re.fullmatch(r"[0-9A-Fa-f]{6}", told):
        return None  # "auto", or a colour of the theme
    return colour_of([int(told[place : place + 2], 16) / 255 for place in (0, 2, 4)])
