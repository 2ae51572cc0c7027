"""What is read of a file, and what is said of one that cannot be read."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import docx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pypdf import PdfReader, PdfWriter
from reportlab.lib.pagesizes import A4
from reportlab.pdfgen.canvas import Canvas
from tests.documents.conftest import MADE

from evenhand import documents
from evenhand.documents import archives, pdf
from evenhand.errors import EvenhandError, InputError
from evenhand.scheme import Level

PAGE = """<h2>Level 1: Universal</h2><p>Needs are met by universal services.</p><ul><li>Attends school</li></ul>
<h2>Level 2: Early help</h2><p>One service gives extra help within its own setting.</p><ul><li>Often late</li></ul>
<h2>Level 3: Targeted</h2><p>A lead professional coordinates a multi-agency plan.</p><ul><li>Rarely in school</li></ul>
<h2>Level 4: Statutory</h2><p>A social worker acts under section 17 or section 47 where there is significant harm.</p>
<ul><li>Beaten with a belt</li></ul>"""


def refusal(path: Path) -> str | None:
    """What is said of a file that cannot be read; None if it can."""
    try:
        documents.read(path)
    except EvenhandError as error:
        return str(error)
    return None


def write(path: Path, text: str) -> Path:
    path.write_text(text, encoding="utf-8")
    return path


def test_levels_are_read_with_the_codes_that_their_definitions_support(tmp_path: Path) -> None:
    read = documents.read(write(tmp_path / "page.html", PAGE))
    assert [(level.native, level.levels) for level in read.levels] == [
        ("Level 1", (Level.NONE,)),
        ("Level 2", (Level.A,)),
        ("Level 3", (Level.B,)),
        ("Level 4", (Level.C, Level.D)),
    ]
    assert [(found.text, found.native_level) for found in read.descriptors] == [
        ("Attends school", "Level 1"),
        ("Often late", "Level 2"),
        ("Rarely in school", "Level 3"),
        ("Beaten with a belt", "Level 4"),
    ]
    assert read.read_whole
    assert read.coverage[0].used == 11


def test_what_a_person_has_set_goes_before_what_the_document_says(tmp_path: Path) -> None:
    page = write(tmp_path / "page.html", PAGE)
    read = documents.read(page, levels={"level 4": (Level.C,)})
    assert read.levels[-1].levels == (Level.C,)
    assert read.levels[-1].proposed == (Level.C, Level.D)
    assert read.descriptors[-1].levels == (Level.C,)


def test_a_document_without_levels_gives_no_rows_and_says_so(tmp_path: Path) -> None:
    read = documents.read(write(tmp_path / "page.html", "<h1>Our year</h1><p>We met.</p><ul><li>Minutes</li></ul>"))
    assert (read.levels, read.descriptors, read.read_whole) == ((), (), False)
    assert ["no levels were found" in trouble.what for trouble in read.troubles] == [True]


def test_what_surrounds_the_main_part_of_a_page_is_not_read(tmp_path: Path) -> None:
    around = f"<nav><ul><li>Report abuse</li></ul></nav><main>{PAGE}</main><footer><p>Level 4: contact</p></footer>"
    texts = {piece.text for piece in documents.read(write(tmp_path / "page.html", around)).layout.pieces()}
    assert "Report abuse" not in texts
    assert "Often late" in texts


@pytest.mark.parametrize(
    ("name", "content", "told"),
    [
        ("empty.pdf", b"", "the file is empty"),
        ("picture.pdf", b"\x89PNG\r\n\x1a\n" + bytes(50), "is named .pdf but is not a PDF"),
        ("old.doc", b"\xd0\xcf\x11\xe0" + bytes(50), "not a document that can be read"),
        ("note.docx", b"Dear all, Level 1", "not a document that can be read"),
        ("cut.docx", b"PK\x03\x04" + bytes(60), "not a Word document that can be read"),
        ("note.txt", b"Level 1 \xff\xfe", "not UTF-8 at byte 8"),
        ("cut.pdf", b"%PDF-1.7\n1 0 obj\n<<", "not a PDF that can be read"),
    ],
)
def test_a_file_that_cannot_be_read_is_named_with_the_reason(
    tmp_path: Path, name: str, content: bytes, told: str
) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(InputError) as caught:
        documents.read(path)
    assert str(caught.value).startswith(str(path))
    assert told in str(caught.value)


def test_a_missing_file_and_a_folder_are_named(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no such file"):
        documents.read(tmp_path / "gone.pdf")
    with pytest.raises(InputError, match="a folder"):
        documents.read(tmp_path)


def test_a_protected_pdf_is_said_to_be_protected(tmp_path: Path) -> None:
    writer = PdfWriter(clone_from=PdfReader(MADE / "hallowby.pdf"))
    writer.encrypt("secret")
    path = tmp_path / "protected.pdf"
    writer.write(path)
    with pytest.raises(InputError, match="protected by a password"):
        documents.read(path)


def test_a_book_is_refused_before_it_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pdf, "MOST_PAGES", 2)
    canvas = Canvas(str(tmp_path / "book.pdf"), pagesize=A4)
    for _ in range(3):
        canvas.showPage()
    canvas.save()
    with pytest.raises(InputError, match="3 pages, more than 2"):
        documents.read(tmp_path / "book.pdf")


def test_a_file_that_unpacks_without_end_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archives, "MOST_UNPACKED", 100_000)
    path = tmp_path / "bomb.docx"
    document = docx.Document()
    document.add_paragraph("Level 1")
    document.save(str(path))
    with zipfile.ZipFile(path, "a", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("word/more.xml", b"0" * 200_000)
    with pytest.raises(InputError, match="would unpack to"):
        documents.read(path)


def test_pages_are_told_as_they_are_read() -> None:
    told: list[tuple[int, int]] = []
    read = documents.read(MADE / "hallowby.pdf", progress=lambda done, pages: told.append((done, pages)))
    assert told == [(page, read.pages) for page in range(1, (read.pages or 0) + 1)]


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(name=st.sampled_from(["hallowby.pdf", "stonebeck.docx", "eastmarsh.html"]), share=st.floats(0.0, 0.999))
def test_a_file_that_was_cut_short_is_read_or_refused_and_never_crashes(
    tmp_path: Path, name: str, share: float
) -> None:
    content = (MADE / name).read_bytes()
    path = tmp_path / name
    path.write_bytes(content[: int(share * len(content))])
    told = refusal(path)
    assert told is None or str(path) in told


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(name=st.sampled_from(["hallowby.pdf", "stonebeck.docx"]), at=st.floats(0.0, 0.999), damage=st.binary(min_size=1))
def test_a_damaged_file_is_read_or_refused_and_never_crashes(
    tmp_path: Path, name: str, at: float, damage: bytes
) -> None:
    content = bytearray((MADE / name).read_bytes())
    place = int(at * len(content))
    content[place : place + len(damage)] = damage
    path = tmp_path / name
    path.write_bytes(bytes(content))
    told = refusal(path)
    assert told is None or str(path) in told


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=st.text(st.sampled_from(list("Level 1234:\n\t-•.<>lit/pdv ")), max_size=400))
def test_any_text_is_read(tmp_path: Path, text: str) -> None:
    for name in ("any.txt", "any.html"):
        path = write(tmp_path / name, text or "x")
        documents.read(path)


def test_bullets_that_are_drawn_are_bullets(tmp_path: Path) -> None:
    stream = io.BytesIO()
    canvas = Canvas(stream, pagesize=A4)
    canvas.setFont("Helvetica-Bold", 14)
    for number, top in ((1, 800), (2, 700)):
        canvas.setFont("Helvetica-Bold", 14)
        canvas.drawString(50, top, f"Level {number}")
        canvas.setFont("Helvetica", 10)
        for line in range(3):
            canvas.circle(55, top - 17 - 14 * line, 1.5, fill=1)
            canvas.drawString(64, top - 20 - 14 * line, f"Concern {line} of level {number}")
    canvas.save()
    path = tmp_path / "drawn.pdf"
    path.write_bytes(stream.getvalue())
    read = documents.read(path)
    assert [found.text for found in read.descriptors if found.native_level == "Level 2"] == [
        f"Concern {line} of level 2" for line in range(3)
    ]
