"""What a person sees at a terminal."""

from __future__ import annotations

import io
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from rich.cells import cell_len
from rich.console import Console, RenderableType

from evenhand.render import NOTICE, explain, info, level_set_words, make_console, score_rows
from evenhand.scheme import Level

if TYPE_CHECKING:
    from evenhand.model import Model

NOTE = "Dad hit [CHILD] with a belt. He was late. She likes school."


def console(width: int = 100, encoding: str = "utf-8") -> tuple[Console, io.BytesIO]:
    raw = io.BytesIO()
    stream = io.TextIOWrapper(raw, encoding=encoding, write_through=True)
    return make_console(stream, width=width), raw


def shown(renderable: RenderableType, made: tuple[Console, io.BytesIO], encoding: str = "utf-8") -> str:
    made[0].print(renderable)
    return made[1].getvalue().decode(encoding)


@pytest.mark.parametrize(
    ("levels", "words"),
    [
        ([Level.C], "C"),
        ([Level.B, Level.C], "B or C"),
        ([Level.NONE, Level.A, Level.B], "none, A or B"),
        ([], "not codable"),
    ],
)
def test_level_sets_are_said_in_words(levels: list[Level], words: str) -> None:
    assert level_set_words(levels) == words


@pytest.mark.parametrize("width", [80, 100, 160])
def test_the_table_fits_its_terminal_and_has_every_row(width: int, model: Model) -> None:
    texts = [NOTE, None, "He was late.\n" * 40, "😀" * 200, "x" * 500]
    made = console(width)

    lines = shown(
        score_rows(made[0], 1, texts, model.code_many(t or "" for t in texts), header=True), made
    ).splitlines()

    assert all(cell_len(line) <= width for line in lines)
    assert [line.split()[0] for line in lines if line.strip()[:1].isdigit()] == ["1", "2", "3", "4", "5"]
    assert "Assertion" in lines[0]
    assert "physical abuse" in " ".join(" ".join(lines).split())


def test_placeholders_in_square_brackets_are_shown(model: Model) -> None:
    made = console()

    assert "[CHILD]" in shown(explain(made[0], NOTE, model.code(NOTE)), made)


def test_explain_says_what_decided_and_how_sure_it_is(model: Model) -> None:
    made = console()

    text = " ".join(shown(explain(made[0], NOTE, model.code(NOTE)), made).split())

    assert "Level D child protection (section 47)" in text
    assert "Could be C or D areas and readers differ" in text
    assert "68%" in text
    assert "(▸ weighs most) ▸ 1 Dad hit [CHILD] with a belt." in text
    assert " 2 He was late." in text
    assert "▸ 2" not in text
    assert "DfE factors 18B, 18C" in text
    assert NOTICE in text


def test_explain_says_where_the_whole_reads_otherwise_than_its_heaviest_sentence(model: Model) -> None:
    coding = model.code(NOTE)
    heaviest = max(coding.sentences, key=lambda one: one.weight)
    milder = tuple(replace(one, level=Level.A) if one is heaviest else one for one in coding.sentences)
    for told, given in ((False, coding), (True, replace(coding, sentences=milder))):
        made = console()
        out = " ".join(shown(explain(made[0], NOTE, given), made).split())
        assert ("As a whole the text reads as D, and the sentence that weighs most as A." in out) == told


def test_explain_gives_the_reason_where_nothing_is_codable(model: Model) -> None:
    made = console()

    assert "Not codable: the text is blank." in shown(explain(made[0], " ", model.code(" ")), made)


@pytest.mark.parametrize("encoding", ["ascii", "cp1252", "cp437"])
def test_a_terminal_that_is_not_utf8_gets_signs_that_it_has(encoding: str, model: Model) -> None:
    text = "Dad’s 😀 belt – הילד was late…"
    made = console(encoding=encoding)

    out = shown(explain(made[0], text, model.code(text)), made, encoding)
    made[0].print(score_rows(made[0], 1, [text], [model.code(text)], header=True))

    assert "Dad's ? belt - ???? was late..." in out


@pytest.mark.parametrize("nasty", ["\x1b[31mred\x1b[0m late", "\x9b31m late", "\x07 late", "\u202elate"])
def test_a_text_cannot_steer_the_terminal(nasty: str, model: Model) -> None:
    made = console()

    made[0].print(score_rows(made[0], 1, [nasty], [model.code(nasty)], header=False))
    out = shown(explain(made[0], nasty, model.code(nasty)), made)

    assert not set(out) & set("\x1b\x9b\x07\u202e")


def test_there_is_no_colour_where_the_stream_is_no_terminal(model: Model) -> None:
    made = console()

    assert "\x1b" not in shown(explain(made[0], NOTE, model.code(NOTE)), made)


def test_no_color_is_heeded_at_a_terminal(monkeypatch: pytest.MonkeyPatch, model: Model) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    monkeypatch.setenv("TERM", "xterm-256color")
    stream = io.StringIO()
    monkeypatch.setattr(stream, "isatty", lambda: True)

    make_console(stream, width=100).print(explain(make_console(stream), NOTE, model.code(NOTE)))

    assert "38;5" not in stream.getvalue()
    assert "[31m" not in stream.getvalue()


def test_info_lists_facts_and_the_notice() -> None:
    made = console()
    facts = {
        "name": "evenhand-0.1",
        "levels": ["A", "B"],
        "headline": {"rps": {"value": 0.1, "interval": [0.0, 0.2]}},
    }

    out = " ".join(shown(info(made[0], facts), made).split())

    assert "name evenhand-0.1 levels A, B headline rps: value: 0.1, interval: 0.0, 0.2" in out
    assert NOTICE in out
