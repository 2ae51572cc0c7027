"""Where a document puts a level's name, and how it marks what stands at it: one small document for each form."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import docx
import pytest
from docx.oxml import OxmlElement, parse_xml
from docx.oxml.ns import qn
from reportlab.lib.colors import HexColor
from reportlab.lib.pagesizes import A4, landscape
from reportlab.pdfgen.canvas import Canvas

from evenhand import documents
from evenhand.documents.labels import named_label, numbered_label

DEFINED = {
    "Level 1": ("Universal", "Needs are met by universal services."),
    "Level 2": ("Early help", "One service gives extra help within its own setting."),
    "Level 3": ("Targeted", "A lead professional coordinates a multi-agency plan."),
    "Level 4": ("Statutory", "A social worker acts under section 17 or section 47."),
}
HELD = {
    "Level 1": ["Attends school every day", "Sleeps and eats well"],
    "Level 2": ["Often late for school", "Mild anxiety about tests"],
    "Level 3": ["Rarely in school this term", "Parents argue every evening"],
    "Level 4": ["Beaten with a leather belt", "Left alone for a whole week"],
}
COLOURS = {"Level 1": "#3c9a5f", "Level 2": "#2f6fd0", "Level 3": "#e08a1e", "Level 4": "#b3204a"}
TINTS = {"Level 1": "#e1f3e8", "Level 2": "#e0eafa", "Level 3": "#fdefdc", "Level 4": "#f9e0e7"}


def found(path: Path) -> dict[str, list[str]]:
    """Descriptors by the document's own level."""
    told: dict[str, list[str]] = {}
    for one in documents.read(path).descriptors:
        told.setdefault(one.native_level, []).append(one.text)
    return told


def rows(count: int) -> list[list[str]]:
    """The n-th descriptor of each level, as a matrix has them."""
    return [[HELD[level][row] for level in HELD] for row in range(count)]


@pytest.fixture
def canvas(tmp_path: Path) -> Callable[..., Canvas]:
    def made(size: tuple[float, float] = A4) -> Canvas:
        return Canvas(str(tmp_path / "made.pdf"), pagesize=size)

    return made


@pytest.fixture
def saved(tmp_path: Path) -> Callable[[Canvas], Path]:
    def save(canvas: Canvas) -> Path:
        canvas.save()
        return tmp_path / "made.pdf"

    return save


def define(canvas: Canvas, height: float, *, size: float = 10) -> None:
    """A page that defines the levels, and the next page begun."""
    for number, (level, (name, told)) in enumerate(DEFINED.items()):
        canvas.setFont("Helvetica", size)
        canvas.drawString(50, height - 80 - 40 * number, f"{level}: {name}. {told}")
    canvas.showPage()


def test_columns_that_white_space_alone_parts(canvas: Callable[..., Canvas], saved: Callable[[Canvas], Path]) -> None:
    page = canvas(landscape(A4))
    define(page, 590)
    page.setFont("Helvetica-Bold", 11)
    for number, level in enumerate(HELD):
        page.drawString(150 + 165 * number, 520, level)
    for row, texts in enumerate(rows(2)):
        page.setFont("Helvetica-Bold", 10)
        page.drawString(50, 480 - 60 * row, ("Learning", "Home life")[row])
        page.setFont("Helvetica", 9)
        for number, text in enumerate(texts):
            words = text.split()
            page.drawString(150 + 165 * number, 480 - 60 * row, " ".join(words[:3]))
            page.drawString(150 + 165 * number, 469 - 60 * row, " ".join(words[3:]))
    read = documents.read(saved(page))
    assert {one.text: (one.native_level, one.section) for one in read.descriptors} == {
        text: (level, section)
        for level, texts in HELD.items()
        for text, section in zip(texts, ("Learning", "Home life"), strict=True)
    }


def test_a_matrix_without_rules_goes_on_over_a_page_without_its_heads(
    canvas: Callable[..., Canvas], saved: Callable[[Canvas], Path]
) -> None:
    page = canvas(landscape(A4))
    define(page, 590)
    for part, texts in enumerate([*rows(2), [text + " again" for text in rows(1)[0]]]):
        if part != 1:
            top = 540.0
            page.setFont("Helvetica-Bold", 11)
            for number, level in enumerate(HELD) if part == 0 else ():
                page.drawString(150 + 165 * number, 560, level)
        page.setFont("Helvetica", 9)
        for line in range(3):
            for number, text in enumerate(texts):
                page.drawString(150 + 165 * number, top - 24 * line, f"{text} {part}{line}")
        top -= 90
        if part == 1:
            page.showPage()
    told = found(saved(page))
    assert {level: len(texts) for level, texts in told.items()} == dict.fromkeys(HELD, 9)


@pytest.mark.parametrize("turned", [90, -90], ids=["to the left", "to the right"])
def test_a_level_that_a_tab_beside_the_page_names(
    canvas: Callable[..., Canvas], saved: Callable[[Canvas], Path], turned: int
) -> None:
    page = canvas()
    define(page, 800)
    for level, texts in HELD.items():
        page.setFillColor(HexColor(COLOURS[level]))
        page.rect(0 if turned > 0 else 560, 0, 35, 842, stroke=0, fill=1)
        page.saveState()
        page.setFillColor(HexColor("#ffffff"))
        page.setFont("Helvetica-Bold", 16)
        page.translate(24 if turned > 0 else 571, 300 if turned > 0 else 500)
        page.rotate(turned)
        page.drawString(0, 0, f"{level}: {DEFINED[level][0]}")
        page.restoreState()
        page.setFillColor(HexColor("#000000"))
        page.setFont("Helvetica-Bold", 16)
        page.drawString(80, 780, "What we may see")
        page.setFont("Helvetica", 10)
        for row, text in enumerate(texts):
            page.drawString(80, 740 - 20 * row, f"• {text}")
        page.showPage()
    page.setFont("Helvetica", 10)
    page.drawString(80, 740, "• Ring us when you are not sure")
    assert found(saved(page)) == HELD


@pytest.mark.parametrize("carrier", ["ground", "spot"])
def test_a_level_that_only_a_colour_says(
    canvas: Callable[..., Canvas], saved: Callable[[Canvas], Path], carrier: str
) -> None:
    page = canvas()
    for number, (level, (name, defined)) in enumerate(DEFINED.items()):
        page.setFillColor(HexColor(COLOURS[level]))
        page.rect(50, 735 - 70 * number, 30, 30, stroke=0, fill=1)
        page.setFillColor(HexColor("#000000"))
        page.setFont("Helvetica-Bold", 11)
        page.drawString(95, 747 - 70 * number, f"{level} {name}")
        page.setFont("Helvetica", 9)
        page.drawString(230, 747 - 70 * number, defined)
    page.showPage()
    for section, order in (("Learning", list(HELD)), ("Home life", list(HELD)[::-1])):
        page.setFillColor(HexColor("#000000"))
        page.setFont("Helvetica-Bold", 18)
        page.drawString(50, 780, section)
        for number, level in enumerate(order):
            y = 700 - 60 * number
            if carrier == "ground":
                page.setFillColor(HexColor(TINTS[level]))
                page.rect(50, y - 15, 400, 40, stroke=0, fill=1)
            else:
                page.setFillColor(HexColor(COLOURS[level]))
                page.circle(58, y + 3, 6, stroke=0, fill=1)
            page.setFillColor(HexColor("#000000"))
            page.setFont("Helvetica", 10)
            bullet = "• " if carrier == "ground" else ""
            page.drawString(70, y, bullet + HELD[level][section == "Home life"])
        page.showPage()
    told = found(saved(page))
    assert {level: sorted(texts) for level, texts in told.items()} == {
        level: sorted(texts) for level, texts in HELD.items()
    }


def test_a_table_that_only_rules_between_rows_draw(
    canvas: Callable[..., Canvas], saved: Callable[[Canvas], Path]
) -> None:
    page = canvas(landscape(A4))
    define(page, 590)
    for level, texts in HELD.items():
        page.setFont("Helvetica-Bold", 18)
        page.drawString(50, 540, f"{level} {DEFINED[level][0]}")
        page.setFont("Helvetica-Bold", 10)
        for column, head in enumerate(("Child", "Parents", "Neighbourhood")):
            page.drawString(55 + 240 * column, 500, head)
        page.setFont("Helvetica", 10)
        for row in range(4):
            page.line(50, 490 - 30 * row, 770, 490 - 30 * row)
            for column in range(3 if row < 3 else 0):
                page.drawString(55 + 240 * column, 472 - 30 * row, f"{texts[0]} {row}{column}")
        page.showPage()
    told = found(saved(page))
    assert {level: sorted(texts) for level, texts in told.items()} == {
        level: sorted(f"{texts[0]} {row}{column}" for row in range(3) for column in range(3))
        for level, texts in HELD.items()
    }


def test_boxes_with_round_corners_are_read_one_by_one(
    canvas: Callable[..., Canvas], saved: Callable[[Canvas], Path]
) -> None:
    page = canvas()
    define(page, 800)
    page.setFont("Helvetica-Bold", 16)
    page.drawString(50, 790, "Always Level 4")
    page.setFont("Helvetica", 9)
    terms = [
        "Child abduction",
        "Breast ironing",
        "Modern slavery",
        "Private fostering",
        "Bruise in a baby",
        "FGM feared",
    ]
    for number, term in enumerate(terms):
        x, y = 50 + 160 * (number % 3), 740 - 40 * (number // 3)
        page.roundRect(x, y, 150, 26, 6)
        page.drawCentredString(x + 75, y + 9, term)
    assert found(saved(page)) == {"Level 4": terms}


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("Level 2: Early help", "level 2"),
        ("4.2 Level 2", "level 2"),
        ("Early help (Tier Two)", "tier 2"),
        ("Stage III", "stage 3"),
        ("L3 Targeted", "level 3"),
        ("Levels 3 & 4", "level 3-4"),
        ("Level 2 (continued)", "level 2"),
        ("Family has had several episodes of Level 3 help that did not last", None),
        ("EHA: Early Help Assessment, used at Level 3", None),
        ("Move from Level 2 to Level 3", None),
        ("T cells", None),
    ],
)
def test_a_number_names_a_level_where_it_heads_something_and_not_in_a_sentence(text: str, key: str | None) -> None:
    label = numbered_label(text)
    assert (label.key if label else None) == key


@pytest.mark.parametrize(
    "text", ["Universal", "2 Early help", "Children in need (s.17)", "TARGETED SUPPORT", "Early Support"]
)
def test_ordinary_names_of_levels_are_known(text: str) -> None:
    assert named_label(text)


@pytest.mark.parametrize("text", ["Supportive home", "Early morning", "Universal credit claim", "2 missed visits"])
def test_other_words_are_no_names_of_levels(text: str) -> None:
    assert named_label(text) is None


def document(tables: Sequence[Callable[[Any], None]]) -> Any:  # noqa: ANN401 - docx has no public type for it
    made = docx.Document()
    made.add_heading("Threshold guide", 1)
    for level, (name, told) in DEFINED.items():
        made.add_paragraph(f"{level}: {name}. {told}")
    for add in tables:
        add(made)
    return made


def test_ticks_in_the_columns_of_levels(tmp_path: Path) -> None:
    def add(made: Any) -> None:  # noqa: ANN401
        table = made.add_table(rows=1, cols=5)
        for cell, text in zip(table.rows[0].cells, ("What you notice", *HELD), strict=True):
            cell.text = text
        for column, texts in enumerate(HELD.values(), 1):
            for text in texts:
                cells = table.add_row().cells
                cells[0].text, cells[column].text = text, "✓"

    document([add]).save(tmp_path / "made.docx")
    assert found(tmp_path / "made.docx") == HELD


NAMES = (
    'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main" '
    'xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006" xmlns:v="urn:schemas-microsoft-com:vml" '
    'xmlns:wps="http://schemas.microsoft.com/office/word/2010/wordprocessingShape" '
    'xmlns:wp="http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing" '
    'xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main"'
)


def paragraphs(level: str) -> str:
    items = "".join(
        f'<w:p><w:pPr><w:pStyle w:val="ListBullet"/></w:pPr><w:r><w:t>{text}</w:t></w:r></w:p>' for text in HELD[level]
    )
    return f'<w:p><w:pPr><w:pStyle w:val="Heading2"/></w:pPr><w:r><w:t>{level}</w:t></w:r></w:p>{items}'


def test_text_boxes_and_content_controls_of_word_are_read_once(tmp_path: Path) -> None:
    """Word stores a text box twice, for new and for old programs."""

    def add(made: Any) -> None:  # noqa: ANN401
        for level in list(HELD)[:2]:
            held = f"<w:txbxContent>{paragraphs(level)}</w:txbxContent>"
            made.add_paragraph()._p.append(
                parse_xml(
                    f"<w:r {NAMES}><mc:AlternateContent><mc:Choice Requires='wps'><w:drawing><wp:inline><a:graphic>"
                    f"<a:graphicData uri='u'><wps:wsp><wps:txbx>{held}</wps:txbx></wps:wsp></a:graphicData></a:graphic>"
                    f"</wp:inline></w:drawing></mc:Choice><mc:Fallback><w:pict><v:textbox>{held}</v:textbox></w:pict>"
                    "</mc:Fallback></mc:AlternateContent></w:r>"
                )
            )
        for level in list(HELD)[2:]:
            control = f"<w:sdt {NAMES}><w:sdtContent>{paragraphs(level)}</w:sdtContent></w:sdt>"
            made.element.body.insert(len(made.element.body) - 1, parse_xml(control))

    document([add]).save(tmp_path / "made.docx")
    assert found(tmp_path / "made.docx") == HELD


def test_a_level_that_only_the_shade_of_a_cell_says_in_word(tmp_path: Path) -> None:
    def shade(cell: Any, colour: str) -> None:  # noqa: ANN401
        mark = OxmlElement("w:shd")
        mark.set(qn("w:val"), "clear")
        mark.set(qn("w:fill"), colour.lstrip("#"))
        cell._tc.get_or_add_tcPr().append(mark)

    def add(made: Any) -> None:  # noqa: ANN401
        key = made.add_table(rows=0, cols=2)
        for level, (name, told) in DEFINED.items():
            cells = key.add_row().cells
            cells[0].text, cells[1].text = f"{level} {name}", told
            shade(cells[0], COLOURS[level])
        for row in range(2):
            made.add_heading(("Learning", "Home life")[row], 2)
            table = made.add_table(rows=2, cols=2)
            for number, level in enumerate(list(HELD)[:: 1 - 2 * row]):
                cell = table.rows[number // 2].cells[number % 2]
                cell.text = HELD[level][row]
                shade(cell, TINTS[level])

    document([add]).save(tmp_path / "made.docx")
    assert found(tmp_path / "made.docx") == HELD


def test_a_level_that_only_a_class_of_the_page_colours(tmp_path: Path) -> None:
    rules = "".join(f".k{level[-1]}{{padding:4px;background-color:{COLOURS[level]}}}" for level in HELD)
    rules += "".join(f".p{level[-1]}{{background:{TINTS[level]};border:0}}" for level in HELD)
    key = "".join(
        f"<p class=k{level[-1]}><b>{level} {name}</b></p><p>{told}</p>" for level, (name, told) in DEFINED.items()
    )
    panels = "".join(
        f"<h2>{section}</h2>"
        + "".join(
            f"<div class='panel p{level[-1]}'><ul><li>{HELD[level][row]}</li></ul></div>"
            for level in list(HELD)[::step]
        )
        for row, (section, step) in enumerate((("Learning", 1), ("Home life", -1)))
    )
    page = f"<html><head><style>{rules}</style></head><body><h2>Key</h2>{key}{panels}</body></html>"
    (tmp_path / "made.html").write_text(page, encoding="utf-8")
    assert found(tmp_path / "made.html") == HELD
