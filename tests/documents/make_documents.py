"""Make the test documents: invented areas' threshold documents as PDF, Word, web page and text, with what they hold.

Run by hand where Chromium and LibreOffice are at hand, with the folder to write to; what it writes is kept in `made/`,
so the tests need neither. Contents are in `specs/`; each layout is one that councils use.
"""

from __future__ import annotations

import html
import json
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import docx
from docx.enum.text import WD_BREAK
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Pt
from reportlab.lib import colors
from reportlab.lib.pagesizes import A4, landscape
from reportlab.lib.styles import ParagraphStyle, getSampleStyleSheet
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import (
    BaseDocTemplate,
    Flowable,
    Frame,
    NextPageTemplate,
    PageBreak,
    PageTemplate,
    Paragraph,
    SimpleDocTemplate,
    Spacer,
    Table,
    TableStyle,
)

Spec = dict[str, Any]
HERE = Path(__file__).parent
BANDS = ("#d9ead3", "#fff2cc", "#fce5cd", "#f4cccc", "#ea9999", "#cccccc")
BULLET = "•"


def label(level: dict[str, Any]) -> str:
    """A level's heading: number and name, or the words alone."""
    return level["native"] if level["name"] in ("", level["native"]) else f"{level['native']}: {level['name']}"


def cell(section: dict[str, Any], level: dict[str, Any]) -> list[str]:
    found: list[str] = section["cells"].get(level["native"], [])
    return found


# --- web pages, also printed by Chromium


def page(spec: Spec, body: str, style: str = "", around: bool = False) -> str:
    told = html.escape(spec["title"])
    nav = "<nav><ul><li>Home</li><li>Children at risk of harm</li><li>Report abuse</li></ul></nav>" if around else ""
    foot = "<footer><p>Level of satisfaction: rate this page. Contact the council.</p></footer>" if around else ""
    return (
        f"<!doctype html><html lang=en><head><meta charset=utf-8><title>{told}</title><style>"
        f"body{{font-family:sans-serif;font-size:10.5pt}}{style}</style></head><body>{nav}<main><h1>{told}</h1>{body}</main>{foot}</body></html>"
    )


def prose(parts: Sequence[dict[str, Any]], tag: str = "h2") -> str:
    return "".join(
        f"<{tag}>{html.escape(part['heading'])}</{tag}>"
        + "".join(f"<p>{html.escape(text)}</p>" for text in part["paragraphs"])
        for part in parts
    )


def definitions(spec: Spec, tag: str = "h3") -> str:
    return "".join(
        f"<{tag}>{html.escape(label(level))}</{tag}><p>{html.escape(level['definition'])}</p>"
        for level in spec["levels"]
    )


def listed(texts: Sequence[str]) -> str:
    return "<ul>" + "".join(f"<li>{html.escape(text)}</li>" for text in texts) + "</ul>" if texts else ""


def lists_by_level(spec: Spec) -> str:
    """Levels as headings, sections as headings below them, bullets."""
    told = ["<h2>Indicators of need</h2>"]
    for number, level in enumerate(spec["levels"]):
        told.append(f"<h3 style='background:{BANDS[number]}'>{html.escape(label(level))}</h3>")
        told += [
            f"<h4>{html.escape(s['name'])}</h4>" + listed(cell(s, level)) for s in spec["sections"] if cell(s, level)
        ]
    return "".join(told)


def accordions(spec: Spec) -> str:
    """A section to open for each issue, levels as headings in it."""
    return "".join(
        f"<details><summary>{html.escape(section['name'])}</summary>"
        + "".join(f"<h4>{html.escape(level['native'])}</h4>" + listed(cell(section, level)) for level in spec["levels"])
        + "</details>"
        for section in spec["sections"]
    )


def matrix(spec: Spec, *, intro: bool = False) -> str:
    """One table: rows are sections, columns are levels."""
    head = "<tr><th>Area of need</th>" + "".join(
        f"<th style='background:{BANDS[number]}'>{html.escape(label(level))}</th>"
        for number, level in enumerate(spec["levels"])
    )
    rows = []
    for section in spec["sections"]:
        if intro and section.get("intro"):
            rows.append(f"<tr><td colspan={len(spec['levels']) + 1}>{html.escape(section['intro'])}</td></tr>")
        cells = "".join(f"<td>{listed(cell(section, level))}</td>" for level in spec["levels"])
        rows.append(f"<tr><th scope=row>{html.escape(section['name'])}</th>{cells}</tr>")
    return f"<table border=1><thead>{head}</tr></thead><tbody>{''.join(rows)}</tbody></table>"


def boxes(spec: Spec) -> str:
    """A coloured box for each level, its bullets in two columns."""
    told = []
    for number, level in enumerate(spec["levels"]):
        inner = "".join(
            f"<h4>{html.escape(s['name'])}</h4>{listed(cell(s, level))}" for s in spec["sections"] if cell(s, level)
        )
        told.append(
            f"<div class=box style='border:2px solid #555'><h3 style='background:{BANDS[number]};margin:0;padding:4px'>"
            f"{html.escape(label(level))}</h3>"
            f"<div style='column-count:2;column-gap:28px;padding:8px'>{inner}</div></div>"
        )
    return "".join(told)


PRINT = (
    "table{border-collapse:collapse;width:100%}td,th{vertical-align:top;padding:4px;font-size:9pt}"
    "ul{padding-left:14px;margin:2px 0}"
)


# --- Word


def word(spec: Spec, fill: Callable[[Any, Spec], None], *, contents: bool = False, points: int = 10) -> Any:  # noqa: ANN401 - python-docx
    document = docx.Document()
    document.styles["Normal"].font.size = Pt(points)
    document.styles["Normal"].paragraph_format.line_spacing = points / 9
    document.add_heading(spec["title"], 0)
    if contents:
        document.add_heading("Contents", 1)
        for number, name in enumerate(
            [part["heading"] for part in spec["front"]] + [label(x) for x in spec["levels"]], 1
        ):
            document.add_paragraph(f"{name} {'.' * 30} {number + 2}")
        document.paragraphs[-1].add_run().add_break(WD_BREAK.PAGE)
    word_prose(document, spec["front"])
    document.add_heading("Levels of need", 1)
    for level in spec["levels"]:
        document.add_heading(label(level), 2)
        document.add_paragraph(level["definition"])
    fill(document, spec)
    word_prose(document, spec["back"])
    for note in spec["footnotes"]:
        document.add_paragraph(note).runs[0].font.size = Pt(7)
    section = document.sections[0]
    section.header.paragraphs[0].text = f"{spec['area']} Safeguarding Children Partnership"
    section.footer.paragraphs[0].text = f"Threshold document {spec['year']}"
    return document


def word_prose(document: Any, parts: Sequence[dict[str, Any]]) -> None:  # noqa: ANN401 - python-docx
    for part in parts:
        document.add_heading(part["heading"], 1)
        for text in part["paragraphs"]:
            document.add_paragraph(text)


def word_tables(document: Any, spec: Spec) -> None:  # noqa: ANN401 - python-docx
    """A table for each section, a column for each level."""
    document.add_heading("Indicators", 1)
    for section in spec["sections"]:
        document.add_heading(section["name"], 2)
        table = document.add_table(rows=2, cols=len(spec["levels"]), style="Table Grid")
        for column, level in enumerate(spec["levels"]):
            table.rows[0].cells[column].text = level["native"]
            into(table.rows[1].cells[column], cell(section, level))


def word_merged(document: Any, spec: Spec) -> None:  # noqa: ANN401 - python-docx
    """One table; a merged row names each section, and the first head covers two rows."""
    document.add_heading("Indicators", 1)
    table = document.add_table(rows=1, cols=len(spec["levels"]), style="Table Grid")
    for column, level in enumerate(spec["levels"]):
        table.rows[0].cells[column].text = level["native"]
        shade(table.rows[0].cells[column], BANDS[column])
    for section in spec["sections"]:
        row = table.add_row().cells
        row[0].merge(row[-1]).text = section["name"]
        row = table.add_row().cells
        for column, level in enumerate(spec["levels"]):
            into(row[column], cell(section, level))


def word_lists(document: Any, spec: Spec) -> None:  # noqa: ANN401 - python-docx
    """Levels as headings, sections in bold, bullets."""
    document.add_heading("What each level looks like", 1)
    for level in spec["levels"]:
        document.add_heading(label(level), 2)
        for section in spec["sections"]:
            if cell(section, level):
                document.add_paragraph().add_run(section["name"]).bold = True
            for text in cell(section, level):
                document.add_paragraph(text, style="List Bullet")


def into(target: Any, texts: Sequence[str]) -> None:  # noqa: ANN401 - python-docx
    target.text = ""
    for number, text in enumerate(texts):
        paragraph = target.paragraphs[0] if number == 0 else target.add_paragraph()
        paragraph.text = f"{BULLET} {text}"


def shade(target: Any, colour: str) -> None:  # noqa: ANN401 - python-docx
    mark = OxmlElement("w:shd")
    mark.set(qn("w:val"), "clear")
    mark.set(qn("w:fill"), colour.lstrip("#"))
    target._tc.get_or_add_tcPr().append(mark)


# --- reportlab

STYLES = getSampleStyleSheet()
SMALL = ParagraphStyle("small", parent=STYLES["Normal"], fontSize=8, leading=9.6)
ITEM = ParagraphStyle("item", parent=SMALL, leftIndent=9, bulletIndent=0)
WIDE_ITEM = ParagraphStyle("wide", parent=STYLES["Normal"], fontSize=10, leading=12, leftIndent=14, bulletIndent=2)


def told(text: str, style: ParagraphStyle) -> Paragraph:
    return Paragraph(html.escape(text, quote=False), style)


def items(texts: Sequence[str], style: ParagraphStyle = ITEM) -> list[Flowable]:
    return [Paragraph(html.escape(text, quote=False), style, bulletText=BULLET) for text in texts]


def opening(spec: Spec) -> list[Flowable]:
    found: list[Flowable] = [told(spec["title"], STYLES["Title"])]
    for part in spec["front"]:
        found += [
            told(part["heading"], STYLES["Heading1"]),
            *(told(text, STYLES["Normal"]) for text in part["paragraphs"]),
        ]
    found.append(told("The levels", STYLES["Heading1"]))
    for level in spec["levels"]:
        found += [told(label(level), STYLES["Heading2"]), told(level["definition"], STYLES["Normal"])]
    return found


def closing(spec: Spec) -> list[Flowable]:
    found: list[Flowable] = []
    for part in spec["back"]:
        found += [
            told(part["heading"], STYLES["Heading1"]),
            *(told(text, STYLES["Normal"]) for text in part["paragraphs"]),
        ]
    return [*found, Spacer(1, 8), *(told(note, SMALL) for note in spec["footnotes"])]


def running_head(spec: Spec) -> Callable[[Canvas, Any], None]:
    def draw(canvas: Canvas, document: Any) -> None:  # noqa: ANN401 - a reportlab template
        width, height = canvas._pagesize
        canvas.setFont("Helvetica", 7)
        canvas.drawString(40, height - 24, f"{spec['area']} threshold guidance {spec['year']}")
        canvas.drawRightString(width - 40, 20, f"Page {document.page}")

    return draw


def build(spec: Spec, path: Path, story: list[Flowable], size: tuple[float, float] = A4) -> None:
    document = SimpleDocTemplate(str(path), pagesize=size, leftMargin=36, rightMargin=36, topMargin=40, bottomMargin=40)
    draw = running_head(spec)
    document.build(story, onFirstPage=draw, onLaterPages=draw)


GRID = [("GRID", (0, 0), (-1, -1), 0.5, colors.grey), ("VALIGN", (0, 0), (-1, -1), "TOP")]


def report_matrix(spec: Spec, *, repeat: bool) -> list[Flowable]:
    """Rows are sections, columns are levels; rows may split over pages."""
    width = (landscape(A4)[0] - 72 - 80) / len(spec["levels"])
    rows: list[list[Any]] = [["", *(told(label(level), SMALL) for level in spec["levels"])]]
    rows += [[told(s["name"], SMALL), *(items(cell(s, level)) for level in spec["levels"])] for s in spec["sections"]]
    style = GRID + [("BACKGROUND", (n + 1, 0), (n + 1, 0), BANDS[n]) for n in range(len(spec["levels"]))]
    return [
        PageBreak(),
        Table(
            rows,
            [80, *[width] * len(spec["levels"])],
            repeatRows=1 if repeat else 0,
            splitInRow=1,
            style=TableStyle(style),
        ),
    ]


def report_transposed(spec: Spec) -> list[Flowable]:
    """Rows are levels, columns are sections, four sections a table."""
    found: list[Flowable] = [PageBreak()]
    for start in range(0, len(spec["sections"]), 4):
        some = spec["sections"][start : start + 4]
        width = (landscape(A4)[0] - 72 - 80) / len(some)
        rows: list[list[Any]] = [["", *(told(s["name"], SMALL) for s in some)]]
        rows += [[told(label(level), SMALL), *(items(cell(s, level)) for s in some)] for level in spec["levels"]]
        found += [Table(rows, [80, *[width] * len(some)], splitInRow=1, style=TableStyle(GRID)), PageBreak()]
    return found


def report_lists(spec: Spec) -> list[Flowable]:
    """Level headings, section headings, bullets, then what is told as running text."""
    found: list[Flowable] = []
    for level in spec["levels"]:
        found.append(told(label(level), STYLES["Heading1"]))
        for section in spec["sections"]:
            if cell(section, level):
                found += [told(section["name"], STYLES["Heading3"]), *items(cell(section, level), WIDE_ITEM)]
    return found


def report_running(spec: Spec) -> list[Flowable]:
    found: list[Flowable] = []
    for level in spec["levels"]:
        found.append(told(label(level), STYLES["Heading1"]))
        found += [told(r["paragraph"], STYLES["Normal"]) for r in spec["running"] if r["level"] == level["native"]]
        for section in spec["sections"]:
            if cell(section, level):
                found += [told(section["name"], STYLES["Heading3"]), *items(cell(section, level), WIDE_ITEM)]
    return found


def two_columns(spec: Spec, path: Path) -> None:
    """Lists in two columns a page, words broken at line ends."""
    broken = ParagraphStyle(
        "broken", parent=WIDE_ITEM, fontSize=9, leading=11, embeddedHyphenation=1, hyphenationLang="en_GB"
    )
    width, height = A4
    column = (width - 72 - 24) / 2
    whole = Frame(36, 40, width - 72, height - 80)
    left, right = Frame(36, 40, column, height - 80), Frame(36 + column + 24, 40, column, height - 80)
    document = BaseDocTemplate(str(path), pagesize=A4)
    draw = running_head(spec)
    document.addPageTemplates(
        [PageTemplate("one", [whole], onPage=draw), PageTemplate("two", [left, right], onPage=draw)]
    )
    story = [*opening(spec), NextPageTemplate("two"), PageBreak()]
    for level in spec["levels"]:
        story.append(told(label(level), STYLES["Heading2"]))
        for section in spec["sections"]:
            if cell(section, level):
                story += [told(section["name"], STYLES["Heading4"]), *items(cell(section, level), broken)]
    document.build([*story, NextPageTemplate("one"), PageBreak(), *closing(spec)])


def interleaved(spec: Spec, path: Path) -> None:
    """Lists, and one page whose columns run into one another with no gutter: nobody can say which word is whose."""
    canvas = Canvas(str(path), pagesize=A4)
    build_path = path.with_suffix(".part.pdf")
    build(spec, build_path, [*opening(spec), *report_lists(spec), *closing(spec)])
    del canvas
    from pypdf import PdfReader, PdfWriter

    extra = path.with_suffix(".extra.pdf")
    mixed = Canvas(str(extra), pagesize=A4)
    mixed.setFont("Helvetica", 9)
    words = " ".join(text for s in spec["sections"][:2] for level in spec["levels"] for text in cell(s, level)).split()
    for number in range(40):
        some = words[number * 5 % len(words) :][:5]
        for place, word_told in enumerate(some):
            mixed.drawString(40 + place * 95 + (number * 37 + place * 53) % 60, 760 - number * 16, word_told)
    mixed.showPage()
    mixed.save()
    writer = PdfWriter()
    for source in (build_path, extra):
        for found in PdfReader(source).pages:
            writer.add_page(found)
    writer.write(path)
    build_path.unlink()
    extra.unlink()


# --- text


def plain(spec: Spec) -> str:
    lines = [spec["title"].upper(), ""]
    for part in spec["front"]:
        lines += [
            part["heading"],
            "-" * len(part["heading"]),
            "",
            *(line for text in part["paragraphs"] for line in (text, "")),
        ]
    for level in spec["levels"]:
        lines += [label(level).upper(), "=" * len(label(level)), "", level["definition"], ""]
        lines += [line for r in spec["running"] if r["level"] == level["native"] for line in (r["paragraph"], "")]
        for section in spec["sections"]:
            if cell(section, level):
                lines += [section["name"], "", *(f"- {text}" for text in cell(section, level)), ""]
    for part in spec["back"]:
        lines += [
            part["heading"],
            "-" * len(part["heading"]),
            "",
            *(line for text in part["paragraphs"] for line in (text, "")),
        ]
    return "\n".join(lines) + "\n"


# --- what is made of what


@dataclass(frozen=True, slots=True)
class Made:
    """A test document: its file, its content, how it is laid out, and what a reader has to warn of."""

    file: str
    spec: str
    layout: str
    make: Callable[[Spec, Path], None]
    running: bool = False
    troubles: tuple[str, ...] = ()
    unread_page: int | None = None  # what stands on it and behind it cannot be coded


def reported(story: Callable[[Spec], list[Flowable]], size: tuple[float, float] = A4) -> Callable[[Spec, Path], None]:
    return lambda spec, path: build(spec, path, [*opening(spec), *story(spec), PageBreak(), *closing(spec)], size)


def matrix_of(*, repeat: bool) -> Callable[[Spec], list[Flowable]]:
    return lambda spec: report_matrix(spec, repeat=repeat)


def printed(body: Callable[[Spec], str]) -> Callable[[Spec, Path], None]:
    def make(spec: Spec, path: Path) -> None:
        told_page = page(spec, prose(spec["front"]) + definitions(spec) + body(spec) + prose(spec["back"]), PRINT)
        with tempfile.TemporaryDirectory() as folder:
            source = Path(folder) / "page.html"
            source.write_text(told_page, encoding="utf-8")
            flags = [
                "--headless",
                "--no-sandbox",
                "--disable-gpu",
                "--no-first-run",
                f"--user-data-dir={folder}/profile",
            ]
            subprocess.run(
                ["chromium", *flags, f"--print-to-pdf={path}", source.as_uri()], check=True, capture_output=True
            )

    return make


def web(body: Callable[[Spec], str]) -> Callable[[Spec, Path], None]:
    def make(spec: Spec, path: Path) -> None:
        told_page = page(spec, prose(spec["front"]) + definitions(spec) + body(spec) + prose(spec["back"]), around=True)
        path.write_text(told_page, encoding="utf-8")

    return make


def written(spec: Spec, path: Path) -> None:
    """As plain text."""
    path.write_text(plain(spec), encoding="utf-8")


def worded(fill: Callable[[Any, Spec], None], *, contents: bool = False) -> Callable[[Spec, Path], None]:
    return lambda spec, path: word(spec, fill, contents=contents).save(str(path))


def converted(
    fill: Callable[[Any, Spec], None], *, contents: bool = False, points: int = 10
) -> Callable[[Spec, Path], None]:
    def make(spec: Spec, path: Path) -> None:
        with tempfile.TemporaryDirectory() as folder:
            source = Path(folder) / f"{path.stem}.docx"
            word(spec, fill, contents=contents, points=points).save(str(source))
            command = ["soffice", f"-env:UserInstallation=file://{folder}/profile", "--headless", "--convert-to", "pdf"]
            subprocess.run([*command, "--outdir", str(path.parent), str(source)], check=True, capture_output=True)

    return make


def scanned(spec: Spec, path: Path) -> None:
    """Lists, the page with the last level a picture of text."""
    import pypdfium2
    from pypdf import PdfReader, PdfWriter
    from reportlab.lib.utils import ImageReader

    whole = path.with_suffix(".whole.pdf")
    build(spec, whole, [*opening(spec), PageBreak(), *report_lists(spec), PageBreak(), *closing(spec)])
    document = pypdfium2.PdfDocument(whole)
    number = scanned_page(spec, document)
    picture = document[number].render(scale=1.4).to_pil()
    extra = path.with_suffix(".extra.pdf")
    canvas = Canvas(str(extra), pagesize=A4)
    canvas.drawImage(ImageReader(picture.convert("L")), 0, 0, *A4)
    canvas.save()
    writer = PdfWriter()
    for place, found in enumerate(PdfReader(whole).pages):
        writer.add_page(PdfReader(extra).pages[0] if place == number else found)
    writer.write(path)
    whole.unlink()
    extra.unlink()


def scanned_page(spec: Spec, document: Any) -> int:  # noqa: ANN401 - a pypdfium2 document
    """The page with most of the last level's descriptors."""
    last = spec["levels"][-1]
    texts = [text.split()[0:4] for section in spec["sections"] for text in cell(section, last)]
    pages = [document[number].get_textpage().get_text_range() for number in range(len(document))]
    return max(range(len(pages)), key=lambda number: sum(" ".join(words) in pages[number] for words in texts))


DOCUMENTS = (
    Made(
        "harrowmere.pdf",
        "harrowmere",
        "landscape matrix over pages, heads repeated",
        reported(matrix_of(repeat=True), landscape(A4)),
    ),
    Made(
        "thornley-vale.pdf",
        "thornley-vale",
        "landscape matrix over pages, heads once",
        reported(matrix_of(repeat=False), landscape(A4)),
    ),
    Made("quillbridge.pdf", "quillbridge", "levels as rows", reported(report_transposed, landscape(A4))),
    Made("saltwick.pdf", "saltwick", "portrait lists, gravest level first", printed(lists_by_level)),
    Made("fairholt.pdf", "fairholt", "level boxes, bullets in two columns", printed(boxes)),
    Made("marlowe-sound.pdf", "marlowe-sound", "printed web table", printed(matrix)),
    Made(
        "brackenfold.pdf",
        "brackenfold",
        "word processor, lists, contents page, notes",
        converted(word_lists, contents=True),
    ),
    Made(
        "lowmarket.pdf",
        "lowmarket",
        "35 pages with one relevant section",
        converted(word_tables, contents=True, points=13),
    ),
    Made("oxmoor.pdf", "oxmoor", "word processor, a table for each section", converted(word_tables)),
    Made("wexmere.pdf", "wexmere", "two columns, broken words", two_columns),
    Made("hallowby.pdf", "hallowby", "portrait lists", reported(report_lists)),
    Made("north-fellshire.pdf", "north-fellshire", "running text and lists", reported(report_running), running=True),
    Made("ferncastle.pdf", "ferncastle", "lists with a scanned page", scanned, troubles=("picture",), unread_page=3),
    Made(
        "aldermoor-mixed.pdf",
        "aldermoor",
        "lists and a page of interleaved columns",
        interleaved,
        troubles=("columns", "unclear level"),
    ),
    Made("oxmoor.docx", "oxmoor", "Word, a table for each section", worded(word_tables)),
    Made("stonebeck.docx", "stonebeck", "Word, merged rows name sections", worded(word_merged)),
    Made("brackenfold.docx", "brackenfold", "Word, lists under headings", worded(word_lists)),
    Made("eastmarsh.html", "eastmarsh", "web page with accordions", web(accordions)),
    Made("aldermoor.html", "aldermoor", "web page with one table", web(matrix), troubles=("unclear level",)),
    Made(
        "hallowby.html", "hallowby", "web table with introductions between rows", web(lambda s: matrix(s, intro=True))
    ),
    Made("quillbridge.html", "quillbridge", "web page, lists by level", web(lists_by_level)),
    Made("north-fellshire.txt", "north-fellshire", "plain text", written, running=True),
    Made("harrowmere.txt", "harrowmere", "plain text", written, running=True),
)


def descriptors_of(spec: Spec, *, running: bool) -> Iterator[dict[str, str]]:
    """What a reader has to find."""
    for section in spec["sections"]:
        for level in spec["levels"]:
            for text in cell(section, level):
                yield {"text": text, "native": level["native"], "section": section["name"]}
    for found in spec["running"] if running else ():
        for text in found["descriptors"]:
            yield {"text": text, "native": found["level"], "section": ""}


def main() -> None:
    """Make all documents, or those named behind the folder."""
    folder, names = Path(sys.argv[1]), sys.argv[2:]
    for made in DOCUMENTS:
        if names and made.file not in names:
            continue
        spec = json.loads((HERE / "specs" / f"{made.spec}.json").read_text(encoding="utf-8"))
        made.make(spec, folder / made.file)
        print(made.file)


if __name__ == "__main__":
    main()
