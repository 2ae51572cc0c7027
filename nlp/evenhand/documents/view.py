"""A self-contained page that shows each document with its descriptors marked: PDF pages as pictures, others as text."""

from __future__ import annotations

import base64
import html
import io
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from evenhand.documents.coded import CodedDescriptor
from evenhand.documents.layout import Cell, Grid, Kind, Layout, Piece, once
from evenhand.documents.reading import PDF, Document
from evenhand.text import split_sentences

# Mild to grave, with contrast of 4.5 or more to the black text on them; the code stands beside every mark as well.
_COLOURS = {"none": "#d5e8d4", "A": "#dae8fc", "B": "#fff2cc", "C": "#ffd9b3", "D": "#f8c6c6", "": "#e1e1e1"}
_SCALE = 1.4  # pixels a point: small type can be read, and a page is about 150 KB
_QUALITY = 60
_STYLE = """
body{font:16px/1.45 system-ui,sans-serif;margin:0 auto;max-width:1100px;padding:16px;color:#111}
h1{font-size:1.5em}h2{font-size:1.25em;margin-top:2em}
.page{position:relative;margin:12px 0 28px;border:1px solid #bbb}.page img{display:block;width:100%}
.mark{position:absolute;mix-blend-mode:multiply;opacity:.75;outline:1px solid #444;overflow:visible}
.mark:focus,.mark:hover{opacity:1;outline:2px solid #000}
.tag{position:absolute;right:100%;top:0;font:bold 10px/1 system-ui,sans-serif;white-space:nowrap;
background:#fff;padding:1px 2px}
mark{padding:0 2px}mark b{font-size:.75em;margin-left:.4em}
table{border-collapse:collapse;width:100%;margin:1em 0}
td,th{border:1px solid #999;padding:4px;vertical-align:top;text-align:left;font-size:.85em}
li,p{margin:.3em 0}.warning{border-left:6px solid #b58105;padding:4px 10px;background:#fff8e5}
.key span{padding:2px 8px;margin-right:6px}
"""


def view(documents: Sequence[Document], rows: Sequence[CodedDescriptor], paths: Mapping[str, Path]) -> str:
    """The page as HTML; nothing in it is loaded from elsewhere.

    Args:
        documents: As read.
        rows: Their coded descriptors.
        paths: Where each document's file is, by name, for pictures of PDF pages.
    """
    by_file: dict[str, list[CodedDescriptor]] = defaultdict(list)
    for row in rows:
        by_file[row.file].append(row)
    body = "".join(_document(document, by_file[document.name], paths) for document in documents)
    key = "".join(
        f"<span style='background:{colour}'>{name or 'not clear'}</span>" for name, colour in _COLOURS.items()
    )
    return (
        "<!doctype html><html lang=en><head><meta charset=utf-8><meta name=viewport content='width=device-width'>"
        f"<title>Coded threshold documents</title><style>{_STYLE}</style></head><body>"
        "<h1>Coded threshold documents</h1><p>Each marked text was taken as a descriptor, in the colour of the mildest"
        " legal code of its level. What is not marked was not taken.</p>"
        f"<p class=key>{key}</p>{body}</body></html>\n"
    )


def _document(document: Document, rows: Sequence[CodedDescriptor], paths: Mapping[str, Path]) -> str:
    told = [f"<h2>{html.escape(document.name)}</h2>", _levels(document)]
    told += [
        f"<p class=warning>{f'Page {trouble.page}: ' if trouble.page else ''}{html.escape(trouble.what)}</p>"
        for trouble in document.troubles
    ]
    if document.kind == PDF and document.name in paths:
        told += _pages(paths[document.name], rows)
    else:
        told += _text(document.layout, rows)
    return "".join(told)


def _levels(document: Document) -> str:
    rows = "".join(
        f"<tr><th scope=row>{html.escape(level.native)}</th><td>{html.escape(level.name)}</td>"
        f"<td>{' '.join(level.levels) or 'not clear'}</td><td>{html.escape(level.reason)}</td></tr>"
        for level in document.levels
    )
    names = ("level", "name", "legal codes", "because")
    head = "<tr>" + "".join(f"<th scope=col>{name}</th>" for name in names) + "</tr>"
    return f"<table>{head}{rows}</table>" if rows else ""


def _pages(path: Path, rows: Sequence[CodedDescriptor]) -> Iterator[str]:
    import pypdfium2

    by_page: dict[int, list[CodedDescriptor]] = defaultdict(list)
    for row in rows:
        by_page[row.page or 0].append(row)
    document = pypdfium2.PdfDocument(path)
    try:
        for number in range(len(document)):
            page = document[number]
            width, height = page.get_size()
            stream = io.BytesIO()
            page.render(scale=_SCALE).to_pil().convert("RGB").save(stream, "JPEG", quality=_QUALITY)
            picture = base64.b64encode(stream.getvalue()).decode()
            marks = "".join(_mark(row, width, height) for row in by_page[number + 1])
            yield (f"<div class=page><img alt='Page {number + 1}' src='data:image/jpeg;base64,{picture}'>{marks}</div>")
    finally:
        document.close()


def _mark(row: CodedDescriptor, width: float, height: float) -> str:
    if row.box is None:
        return ""
    left, top = 100 * row.box[0] / width, 100 * row.box[1] / height
    wide, high = 100 * (row.box[2] - row.box[0]) / width, 100 * (row.box[3] - row.box[1]) / height
    place = f"left:{left:.2f}%;top:{top:.2f}%;width:{wide:.2f}%;height:{high:.2f}%"
    return (
        f"<div class=mark tabindex=0 title='{html.escape(_about(row), quote=True)}' "
        f"style='{place};background:{_colour(row)}'>"
        f"<span class=tag>{html.escape(row.native_level)}</span></div>"
    )


def _about(row: CodedDescriptor) -> str:
    told = f"{row.native_level} ({' '.join(row.levels) or 'not clear'}); {', '.join(row.issues) or 'no issue'}"
    return told + (f"; severity {row.severity:.1f}; model {row.model_level}" if row.severity is not None else "")


def _colour(row: CodedDescriptor) -> str:
    return _COLOURS[str(row.levels[0]) if row.levels else ""]


def _text(layout: Layout, rows: Sequence[CodedDescriptor]) -> Iterator[str]:
    by_text: dict[str, list[CodedDescriptor]] = defaultdict(list)
    for row in rows:
        by_text[row.text].append(row)
    for block in layout.blocks:
        yield _grid(block, by_text) if isinstance(block, Grid) else _piece(block, by_text)


def _marked(text: str, by_text: Mapping[str, list[CodedDescriptor]]) -> str:
    """A text, marked if it is a descriptor."""
    rows = by_text.get(text, [])
    if not rows:
        return html.escape(text)
    row = rows.pop(0) if len(rows) > 1 else rows[0]
    about = html.escape(_about(row), quote=True)
    level = html.escape(row.native_level)
    return f"<mark style='background:{_colour(row)}' title='{about}'>{html.escape(text)}<b>{level}</b></mark>"


def _piece(piece: Piece, by_text: Mapping[str, list[CodedDescriptor]]) -> str:
    if piece.text in by_text:
        told = _marked(piece.text, by_text)
    else:  # running text, of which some sentences were taken
        spans = split_sentences(piece.text)
        told = " ".join(_marked(piece.text[start:end], by_text) for start, end in spans) or html.escape(piece.text)
    if piece.kind is Kind.HEADING:
        return f"<p><strong>{told}</strong></p>"
    return f"<ul><li>{told}</li></ul>" if piece.kind is Kind.ITEM else f"<p>{told}</p>"


def _grid(grid: Grid, by_text: Mapping[str, list[CodedDescriptor]]) -> str:
    rows = []
    for row in grid.rows:
        spans = ((cell, sum(other is cell for other in row)) for cell in once(row))
        cells = "".join(f"<td colspan={span}>{_cell(cell, by_text)}</td>" for cell, span in spans)
        rows.append(f"<tr>{cells}</tr>")
    return f"<table>{''.join(rows)}</table>"


def _cell(cell: Cell, by_text: Mapping[str, list[CodedDescriptor]]) -> str:
    return "".join(_piece(piece, by_text) for piece in cell.pieces)
