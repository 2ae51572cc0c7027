"""What a reader of documents may easily get wrong: each of these once was."""

from __future__ import annotations

from pathlib import Path

import docx
import pytest
from docx.enum.text import WD_BREAK
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from reportlab.lib.pagesizes import A4
from reportlab.pdfgen.canvas import Canvas
from tests.documents.test_forms import DEFINED, HELD, found
from tests.documents.test_reading import PAGE, write

from evenhand import documents
from evenhand.errors import InputError
from evenhand.scheme import Level

HEADS = "".join(f"<th>{level}</th>" for level in HELD)
KEY = "".join(f"<p>{level}: {name}. {told}</p>" for level, (name, told) in DEFINED.items())


def matrix(rows: str) -> str:
    return f"{KEY}<table><tr><th></th>{HEADS}</tr>{rows}</table>"


def test_a_cell_over_two_levels_stands_at_both(tmp_path: Path) -> None:
    row = "<tr><td>Home</td><td>a clean home</td><td>a damp home</td><td colspan=2>a dangerous home</td></tr>"
    told = found(write(tmp_path / "page.html", matrix(row)))
    assert told["Level 3"] == told["Level 4"] == ["a dangerous home"]


def test_a_descriptor_over_all_levels_is_no_section(tmp_path: Path) -> None:
    told = found(write(tmp_path / "page.html", matrix("<tr><td>Home</td><td colspan=4>Family moves often</td></tr>")))
    assert told == {level: ["Family moves often"] for level in HELD}


def test_a_cell_over_several_rows_is_read_once(tmp_path: Path) -> None:
    cells = "".join(f"<td rowspan={1 + (level == 'Level 1')}>{texts[0]}</td>" for level, texts in HELD.items())
    more = "".join(f"<td>{texts[1]}</td>" for level, texts in HELD.items() if level != "Level 1")
    told = found(write(tmp_path / "page.html", matrix(f"<tr><td>Home</td>{cells}</tr><tr><td>School</td>{more}</tr>")))
    assert told["Level 1"] == HELD["Level 1"][:1]
    assert told["Level 2"] == HELD["Level 2"]


def test_columns_of_levels_do_not_pass_to_another_table(tmp_path: Path) -> None:
    row = "<tr><td>Home</td>" + "".join(f"<td>{texts[0]}</td>" for texts in HELD.values()) + "</tr>"
    cells = "".join(f"<td>{text}</td>" for text in ("Duty", "0123 call us", "desk", "nine to five", "all"))
    contacts = f"<p>Contacts</p><table><tr>{cells}</tr>"
    told = found(write(tmp_path / "page.html", matrix(row) + contacts + "</table>"))
    assert told == {level: texts[:1] for level, texts in HELD.items()}


@pytest.mark.parametrize("words", [("Yes", "No"), ("✓", "✗"), ("(✓)", ""), ("x", "")])
def test_marks_in_columns_of_levels_say_where_a_row_stands(tmp_path: Path, words: tuple[str, str]) -> None:
    rows = "".join(
        f"<tr><td>{texts[0]}</td>" + "".join(f"<td>{words[level != other]}</td>" for other in HELD) + "</tr>"
        for level, texts in HELD.items()
    )
    told = found(write(tmp_path / "page.html", matrix(rows)))
    assert told == {level: texts[:1] for level, texts in HELD.items()}


def test_a_table_that_only_frames_a_page_is_seen_through(tmp_path: Path) -> None:
    page = f"<table><tr><td><h1>Guide</h1>{PAGE}</td></tr></table>"
    assert found(write(tmp_path / "page.html", page)) == found(write(tmp_path / "bare.html", PAGE))


def test_a_form_around_a_page_is_seen_through(tmp_path: Path) -> None:
    page = f"<body><form id=aspnetForm>{PAGE}<input value=Search></form></body>"
    assert found(write(tmp_path / "page.html", page)) == found(write(tmp_path / "bare.html", PAGE))


def test_a_button_that_opens_a_panel_is_its_heading(tmp_path: Path) -> None:
    panels = "".join(
        f"<button class=accordion>{level}</button><div class=panel><ul><li>{texts[0]}</li></ul></div>"
        for level, texts in HELD.items()
    )
    told = found(write(tmp_path / "page.html", KEY + panels + "<button>Print</button>"))
    assert told == {level: texts[:1] for level, texts in HELD.items()}


def test_a_level_at_the_top_of_many_pages_is_no_running_head(tmp_path: Path) -> None:
    canvas = Canvas(str(tmp_path / "made.pdf"), pagesize=A4)
    names = ("Universal", "Early Help", "Child in Need", "Child in Need", "Child in Need", "Child Protection")
    for page, name in enumerate(names):
        canvas.setFont("Helvetica-Bold", 12)
        canvas.drawString(50, 790, name)
        canvas.setFont("Helvetica", 12)
        for line in range(3):
            canvas.drawString(50, 750 - 20 * line, f"• Concern {'abc'[line]} of page {'uvwxyz'[page]}")
        canvas.drawString(50, 30, "Threshold guide")
        canvas.showPage()
    canvas.save()
    told = found(tmp_path / "made.pdf")
    assert {level: len(texts) for level, texts in told.items()} == {
        "Universal": 3, "Early Help": 3, "Child in Need": 9, "Child Protection": 3
    }  # fmt: skip


def test_a_page_that_is_set_on_its_side_is_said_to_be_unread(tmp_path: Path) -> None:
    canvas = Canvas(str(tmp_path / "made.pdf"), pagesize=A4)
    for turned in (False, True):
        if turned:
            canvas.rotate(90)
            canvas.translate(0, -A4[0])
        canvas.setFont("Helvetica", 10)
        for number, (level, texts) in enumerate(HELD.items()):
            canvas.drawString(50, 500 - 100 * number, level)
            for line, text in enumerate(texts):
                canvas.drawString(
                    50, 480 - 100 * number - 20 * line, f"• {text} as often seen by those who know the child"
                )
        canvas.showPage()
    canvas.save()
    read = documents.read(tmp_path / "made.pdf")
    assert (2, True) in [(trouble.page, "on its side" in trouble.what) for trouble in read.troubles]
    assert not read.read_whole


def test_small_words_of_a_sentence_are_no_numbers_of_levels(tmp_path: Path) -> None:
    asides = "<p>At whatever level a child is, safeguarding comes first</p><p>At this stage I will ask</p>"
    read = documents.read(write(tmp_path / "page.html", asides + PAGE))
    assert [level.key for level in read.levels] == ["level 1", "level 2", "level 3", "level 4"]


def test_levels_are_in_order_where_one_has_two_numbers(tmp_path: Path) -> None:
    parts = (
        ("Level 4", "A social worker leads under section 47 where there is significant harm."),
        ("Level 1", "Needs are met by universal services. No additional needs."),
        ("Level 2-3", "One service, or several with a lead professional and a multi-agency plan, give early help."),
    )
    page = "".join(f"<h2>{level}</h2><p>{told}</p><ul><li>Concern at {level}</li></ul>" for level, told in parts)
    read = documents.read(write(tmp_path / "page.html", page))
    assert [(level.native, level.levels) for level in read.levels[:2]] == [
        ("Level 1", (Level.NONE,)),
        ("Level 2-3", (Level.A, Level.B)),
    ]


def test_a_level_directly_below_a_list_of_a_text_file_begins_anew(tmp_path: Path) -> None:
    lines = [line for level, texts in HELD.items() for line in (level, *(f"- {text}" for text in texts))]
    assert found(write(tmp_path / "page.txt", "\n".join(lines))) == HELD


def test_ticks_of_a_symbol_font_are_ticks(tmp_path: Path) -> None:
    made = docx.Document()
    for level, (name, told) in DEFINED.items():
        made.add_paragraph(f"{level}: {name}. {told}")
    table = made.add_table(rows=1, cols=5)
    for cell, text in zip(table.rows[0].cells, ("What you notice", *HELD), strict=True):
        cell.text = text
    for column, texts in enumerate(HELD.values(), 1):
        cells = table.add_row().cells
        cells[0].text = texts[0]
        mark = OxmlElement("w:sym")
        mark.set(qn("w:font"), "Wingdings")
        mark.set(qn("w:char"), "F0FC")
        cells[column].paragraphs[0].add_run()._r.append(mark)
    made.save(str(tmp_path / "made.docx"))
    assert found(tmp_path / "made.docx") == {level: texts[:1] for level, texts in HELD.items()}


def test_pages_of_a_word_document_are_those_on_which_pieces_begin(tmp_path: Path) -> None:
    made = docx.Document()
    for level, texts in HELD.items():
        made.add_heading(level, 1)
        for text in texts:
            made.add_paragraph(text, style="List Bullet")
        made.add_paragraph().add_run().add_break(WD_BREAK.PAGE)
    made.save(str(tmp_path / "made.docx"))
    read = documents.read(tmp_path / "made.docx")
    assert [one.page for one in read.descriptors] == [1, 1, 2, 2, 3, 3, 4, 4]


def test_struck_and_hidden_text_is_not_read_and_hyphens_are(tmp_path: Path) -> None:
    made = docx.Document()
    for level, texts in HELD.items():
        made.add_heading(level, 1)
        paragraph = made.add_paragraph(style="List Bullet")
        paragraph.add_run("Old words ").font.strike = True
        paragraph.add_run("secret ").font.hidden = True
        run = paragraph.add_run("non")
        run._r.append(OxmlElement("w:noBreakHyphen"))
        paragraph.add_run(f"verbal, {texts[0]}")
    made.save(str(tmp_path / "made.docx"))
    assert found(tmp_path / "made.docx") == {level: [f"non-verbal, {texts[0]}"] for level, texts in HELD.items()}


def test_tags_nested_without_end_are_refused_in_words(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="nested too deeply"):
        documents.read(write(tmp_path / "page.html", "<div>" * 1_500 + PAGE))


def test_a_long_merged_column_of_word_is_read_in_one_pass(tmp_path: Path) -> None:
    made = docx.Document()
    table = made.add_table(rows=600, cols=2)
    for number, row in enumerate(table._tbl.tr_lst):
        merge = OxmlElement("w:vMerge")
        if number % 300 == 0:
            merge.set(qn("w:val"), "restart")
        first, second = row.tc_lst
        first.get_or_add_tcPr().append(merge)
        second.p_lst[0].add_r().text = f"Concern {number}"
    for number, level in ((0, "Level 1"), (300, "Level 2")):
        table._tbl.tr_lst[number].tc_lst[0].p_lst[0].add_r().text = level
    made.save(str(tmp_path / "made.docx"))
    assert found(tmp_path / "made.docx") == {
        "Level 1": [f"Concern {number}" for number in range(300)],
        "Level 2": [f"Concern {number}" for number in range(300, 600)],
    }
