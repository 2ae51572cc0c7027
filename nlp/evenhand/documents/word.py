"""A Word document as a `Layout`: headings, lists and tables of its body, with pages where Word left its page marks."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from itertools import takewhile
from pathlib import Path

import docx
from docx.document import Document
from docx.oxml.ns import qn
from docx.oxml.xmlchemy import BaseOxmlElement
from docx.shared import Pt
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
_LARGER = 1.25  # times the size of a style, from which on a bold line heads more than a paragraph
_USUAL_SIZE = Pt(11)  # of styles that say none
_WIDEST_SPAN = 100  # columns that one cell may cover; more is a mistake or an attack
_LEFT_OUT = (qn("w:del"), qn("w:moveFrom"), qn("w:txbxContent"))
_BREAKS = (qn("w:lastRenderedPageBreak"), qn("w:br"))


def read_word(path: Path) -> Layout:
    """Read a .docx file.

    Raises:
        InputError: it is broken, protected, or unpacks to more than any document has.
    """
    check_archive(path, "Word document")
    try:
        document = docx.Document(str(path))
        reader = _Reader(document)
        blocks = tuple(reader.blocks(document))
    except Exception as error:  # what a damaged file makes its parsers raise has no common base
        message = f"{path}: not a Word document that can be read; open it in Word, save it as .docx and try again"
        raise InputError(message) from error
    return Layout(path.name, blocks, pages=reader.page if reader.has_pages else None, troubles=tuple(reader.troubles))


class _Reader:
    """Counts pages while it reads: where Word left marks of the pages it showed, by these, else by page breaks."""

    def __init__(self, document: Document) -> None:
        body = document.element.body
        self._marks = [mark for mark in body.iter(*_BREAKS) if mark.tag == _BREAKS[0]]
        rendered = bool(self._marks)
        self._marks = self._marks or [mark for mark in body.iter(_BREAKS[1]) if mark.get(qn("w:type")) == "page"]
        self._breaks = _BREAKS[:1] if rendered else _BREAKS[1:]
        self.has_pages = bool(self._marks)
        self.page = 1
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
                yield from self._grid(Table(child, holder))
            elif child.tag in _AROUND:
                yield from self._inner(child, holder)

    def _paragraph(self, paragraph: Paragraph) -> Iterator[Piece]:
        before, behind = self._breaks_in(paragraph)
        self.page += before
        page = self.page if self.has_pages else None
        self.page += behind
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
            # "3.1 Learning", numbered by hand and bold, is a heading.
            item = item and not (bold and listed is not None and text[:1].isdigit() and not _is_numbered(paragraph))
            if heading or style == "Title":
                yield Piece(text, Kind.HEADING, page, rank=int(heading[1]) if heading else 1, colours=colours)
            elif bold and not item:
                yield Piece(listed or text, Kind.HEADING, page, rank=5 if _is_larger(paragraph) else 6, colours=colours)
            else:
                yield Piece(listed or text, Kind.ITEM if item else Kind.PARAGRAPH, page, colours=colours)

    def _grid(self, table: Table) -> Iterator[Block]:
        """A table; one of a single cell with a table in it is only the other's frame."""
        frames = [cell for row in _held(table._tbl, qn("w:tr")) for cell in _held(row, qn("w:tc"))]
        if len(frames) == 1 and next(frames[0].iter(qn("w:tbl")), None) is not None:
            yield from self.blocks(_Cell(frames[0], table))
            return
        page = self.page if self.has_pages else None
        rows: list[tuple[Cell, ...]] = []
        for row in _held(table._tbl, qn("w:tr")):
            rows.append(tuple(self._row(row, table, rows[-1] if rows else ())))
        width = max(map(len, rows), default=0)
        if width:
            yield Grid(tuple(row + (Cell(()),) * (width - len(row)) for row in rows), page=page)

    def _row(self, row: BaseOxmlElement, table: Table, above: Sequence[Cell]) -> Iterator[Cell]:
        """Cells by place: one that is merged over columns several times, one merged over rows as in the row above."""
        header = row.find(f"{qn('w:trPr')}/{qn('w:tblHeader')}") is not None
        place = int(_value(row.find(f"{qn('w:trPr')}/{qn('w:gridBefore')}")) or 0)
        yield from [Cell(())] * place
        for element in _held(row, qn("w:tc")):
            properties = element.find(qn("w:tcPr"))
            merged = None if properties is None else properties.find(qn("w:vMerge"))
            span = int(_value(None if properties is None else properties.find(qn("w:gridSpan"))) or 1)
            goes_on = merged is not None and _value(merged) != "restart" and place < len(above)
            cell = above[place] if goes_on else self._cell(_Cell(element, table), header=header)
            yield from [cell] * min(span, _WIDEST_SPAN)
            place += span

    def _cell(self, cell: _Cell, *, header: bool) -> Cell:
        pieces: list[Piece] = []
        for block in self.blocks(cell):
            pieces += [block] if isinstance(block, Piece) else list(block.pieces())
        if ground := _shade(cell._tc.tcPr):
            pieces = [replace(piece, colours=(None, piece.colours[1] or ground, piece.colours[2])) for piece in pieces]
        told = "".join(_text(Paragraph(paragraph, cell)) for paragraph in cell._tc.iter(qn("w:p")))
        return Cell(tuple(pieces), header=header, mark=mark_of(told))

    def _breaks_in(self, paragraph: Paragraph) -> tuple[int, int]:
        """How many pages turn before the first text of a paragraph, and behind it."""
        before = behind = 0
        begun = False
        for node in paragraph._p.iter(qn("w:t"), qn("w:sym"), *self._breaks):
            if node.tag not in self._breaks:
                begun = begun or bool((node.text or "x").strip())
            elif node.tag == _BREAKS[0] or node.get(qn("w:type")) == "page":
                before, behind = (before, behind + 1) if begun else (before + 1, behind)
        return before, behind


def _held(element: BaseOxmlElement, tag: str) -> Iterator[BaseOxmlElement]:
    """Children of a kind, those in content controls and the like among them."""
    for child in element.iterchildren():
        if child.tag == tag:
            yield child
        elif child.tag in _AROUND:
            yield from _held(child, tag)


def _value(element: BaseOxmlElement | None) -> str | None:
    return None if element is None else element.get(qn("w:val"))


def _text_boxes(paragraph: BaseOxmlElement) -> Iterator[BaseOxmlElement]:
    """What stands in a paragraph's text boxes, outermost first; each is stored a second time for old programs."""
    for box in paragraph.iter(qn("w:txbxContent")):
        around = [parent.tag for parent in box.iterancestors()]
        nested = qn("w:txbxContent") in around[: around.index(paragraph.tag)]
        if f"{_MARKUP}Fallback" not in around and not nested:
            yield box


def _text(paragraph: Paragraph) -> str:
    """The text as it stands: tracked changes accepted, without raised marks of notes and what is struck or hidden."""
    found = []
    for node in paragraph._p.iter(*_LETTERS):
        run = next((parent for parent in node.iterancestors() if parent.tag == qn("w:r")), None)
        around = takewhile(lambda parent: parent is not paragraph._p, node.iterancestors())
        if run is None or any(parent.tag in _LEFT_OUT for parent in around):
            continue
        properties = run.find(qn("w:rPr"))
        if properties is not None and _is_left_out(properties, node.text or ""):
            continue
        found.append(_LETTERS[node.tag](node))
    return "".join(found)


def _is_left_out(properties: BaseOxmlElement, text: str) -> bool:
    gone = (properties.find(qn(name)) for name in ("w:strike", "w:dstrike", "w:vanish"))
    if any(mark is not None and _value(mark) not in ("0", "false") for mark in gone):
        return True
    return _value(properties.find(qn("w:vertAlign"))) == "superscript" and text.strip().isdigit()


def _symbol(node: BaseOxmlElement) -> str:
    """A character of a symbol font, as such fonts have them in the private area."""
    told = node.get(qn("w:char")) or ""
    code = int(told, 16) if re.fullmatch(r"[0-9A-Fa-f]{1,5}", told) else 0x2022
    return chr(code if code >= 0xF000 else 0xF000 + code)


_LETTERS: dict[str, Callable[[BaseOxmlElement], str]] = {
    qn("w:t"): lambda node: node.text or "",
    qn("w:tab"): lambda _: " ",
    qn("w:br"): lambda _: "\n",
    qn("w:cr"): lambda _: "\n",
    qn("w:noBreakHyphen"): lambda _: "-",
    qn("w:sym"): _symbol,
}


def _is_numbered(paragraph: Paragraph) -> bool:
    properties = paragraph._p.pPr
    return properties is not None and properties.numPr is not None


def _is_all_bold(paragraph: Paragraph) -> bool:
    runs = [run for run in paragraph.runs if run.text.strip()]
    return bool(runs) and all(run.bold for run in runs)


def _is_larger(paragraph: Paragraph) -> bool:
    """Whether a paragraph is set clearly larger than its style."""
    own = next((run.font.size for run in paragraph.runs if run.text.strip()), None)
    usual = paragraph.style.font.size if paragraph.style is not None else None
    return own is not None and own >= _LARGER * (usual or _USUAL_SIZE)


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
