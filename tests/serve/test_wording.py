"""What is said of a file that cannot be read names nothing that a page does not have."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest
from tests.serve.targets import SECRET

import evenhand
from evenhand.errors import EvenhandError
from evenhand.framing.report.tally import Tallies
from evenhand.tables import find_text_column, open_table
from evenhand_serve.wording import BY_LABEL, COLUMN_LABEL, SAID, in_words_of_a_form

LIBRARY = Path(evenhand.__file__).parent
TEMPLATE = Path(__file__).parents[2] / "serve/evenhand_serve/templates/file.html"
FILES = {
    "a.csv": b"one,two\nx,y\n",
    "b.csv": b"text,note\nx,y\n",
    "c.csv": b"Dad hit him with a belt.\nShe is late.\n",
    "d.csv": "text\nné\n".encode("latin-1"),
    "e.csv": "text\nlate\nlate again\n".encode("utf-16-le"),
    "f.csv": b"text,n\nlate,1,2\n",
    "g.csv": b"PK\x03\x04" + bytes(40),
    "h.xlsx": b"text\nlate\n",
    "i.parquet": b"text\nlate\n",
    "j.pdf": b"%PDF-1.7",
    "k": b"text\nlate\n",
    "l.xls": b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600),
    "m.csv": b"",
}


def read_through(source: Path) -> None:
    with open_table(source, chunk_rows=10) as table:
        find_text_column(table.columns, column=None, where=source.name)
        assert list(table.chunks)


@pytest.mark.parametrize("said", SAID)
def test_libraries_still_say_what_is_replaced(said: str) -> None:
    nodes = (node for path in LIBRARY.rglob("*.py") for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))))
    assert any(isinstance(node, ast.Constant) and said in str(node.value) for node in nodes)


@pytest.mark.parametrize("name", FILES)
def test_no_option_of_the_command_is_named(tmp_path: Path, name: str) -> None:
    source = tmp_path / name
    source.write_bytes(FILES[name])
    with pytest.raises(EvenhandError) as caught:
        read_through(source)
    told = in_words_of_a_form(str(caught.value))
    assert "--" not in told
    assert not told.endswith((",", ";", " "))


def test_a_column_to_compare_by_is_told_by_its_name_alone() -> None:
    with pytest.raises(EvenhandError) as caught:
        Tallies(("a", "b"), ["sauce"])
    assert in_words_of_a_form(str(caught.value)).startswith("sauce: there is no column 'sauce'")


def test_what_the_gate_says_ends_with_what_can_be_done_here() -> None:
    told = (
        f"a.csv looks identifiable, so nothing was read: {SECRET}. Anonymise the texts; or say --unchecked COLUMN for"
    )
    told += " a column that identifies nobody, or --privacy warn to read them as they are"
    assert in_words_of_a_form(told).endswith("Anonymise the texts")


@pytest.mark.parametrize("label", [COLUMN_LABEL, BY_LABEL])
def test_fields_are_called_as_on_the_page(label: str) -> None:
    assert f'"text": "{label} (optional)"' in TEMPLATE.read_text(encoding="utf-8")
