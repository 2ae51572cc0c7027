"""Sentences of a note, with offsets, and what the model sees of each."""

from __future__ import annotations

import json
import subprocess
import sys
import unicodedata
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evenhand.text import MAX_SENTENCE_CHARS, normalise, split_sentences

CASES = [
    json.loads(line)
    for line in (Path(__file__).parent / "data/sentence-cases.jsonl").read_text(encoding="utf-8").splitlines()
]

# Any unicode including lone surrogates, with a bias to what the rules look at.
ANYTHING = st.text(st.one_of(st.characters(), st.sampled_from(list(" .!?\n\r\t-•,:;()[]\"'…Aa1。\u200b\x00\ud800"))))


@pytest.mark.parametrize("marked", [case["marked"] for case in CASES], ids=[case["id"] for case in CASES])
def test_sentences_end_where_a_reader_ends_them(marked: str) -> None:
    text = marked.replace("¦", "")

    sentences = [text[start:end] for start, end in split_sentences(text)]

    assert sentences == [piece.strip() for piece in marked.split("¦")]


@pytest.mark.parametrize("text", ["", " ", "\n\n", "\t\u00a0\u2003", "\r\n \r\n"], ids=repr)
def test_a_blank_text_has_no_sentence(text: str) -> None:
    assert split_sentences(text) == []


@given(ANYTHING)
def test_spans_cover_every_character_that_is_no_space_once_and_in_order(text: str) -> None:
    spans = split_sentences(text)

    covered = [position for start, end in spans for position in range(start, end)]
    assert covered == sorted(set(covered))
    assert {position for position, sign in enumerate(text) if not sign.isspace()} <= set(covered)
    for start, end in spans:
        assert 0 < end - start <= MAX_SENTENCE_CHARS
        assert text[start:end] == text[start:end].strip()


@given(st.text(st.sampled_from("ab, .;\n"), min_size=900, max_size=4_000))
def test_long_texts_keep_the_invariants(text: str) -> None:
    spans = split_sentences(text)

    assert sum(end - start - text[start:end].count(" ") - text[start:end].count("\n") for start, end in spans) == len(
        "".join(text.split())
    )
    assert all(end - start <= MAX_SENTENCE_CHARS for start, end in spans)


@given(ANYTHING)
def test_white_space_around_a_text_only_shifts_its_sentences(text: str) -> None:
    spans = split_sentences(text)

    assert split_sentences(f"\n\n{text}\n\n") == [(start + 2, end + 2) for start, end in spans]


@given(st.lists(ANYTHING, max_size=4))
def test_paragraphs_are_split_each_by_itself(paragraphs: list[str]) -> None:
    pieces = [text[start:end] for text in paragraphs for start, end in split_sentences(text)]
    whole = "\n\n".join(paragraphs)

    assert [whole[start:end] for start, end in split_sentences(whole)] == pieces


def test_a_sentence_without_end_is_cut_at_white_space_without_loss() -> None:
    text = "and then she said " * 300

    pieces = [text[start:end] for start, end in split_sentences(text)]

    assert all(len(piece) <= MAX_SENTENCE_CHARS for piece in pieces)
    assert " ".join(pieces).split() == text.split()


def test_a_long_sentence_is_cut_after_a_comma_where_there_is_one() -> None:
    text = "a" * 300 + " " + "b" * 400 + ", " + "c" * 290 + " " + "d" * 400

    first, second = split_sentences(text)

    assert text[slice(*first)].endswith(",")
    assert text[second[0]] == "c"


@pytest.mark.parametrize("sign", ["a", ".", " ", "\n", "-", "•", "😀", "\u200b", '"'], ids=repr)
def test_ten_million_of_one_character_are_split(sign: str) -> None:
    spans = split_sentences(sign * 10_000_000)

    assert sum(end - start for start, end in spans) == (0 if sign.isspace() else 10_000_000)


def test_a_megabyte_of_prose_is_split() -> None:
    text = "Dr. Bello rang at 3.45pm, and Mum was out. She had gone to J. Tarrant's!\n" * 14_000

    spans = split_sentences(text)

    assert len(spans) == 28_000


def test_offsets_count_code_points() -> None:
    text = "😀😀 Fine. נעים. Ok."

    assert [text[start:end] for start, end in split_sentences(text)] == ["😀😀 Fine.", "נעים.", "Ok."]


@pytest.mark.parametrize(
    ("given_text", "seen"),
    [
        ("Mum’s “new” partner", 'Mum\'s "new" partner'),
        ("shouts – often — at night", "shouts - often - at night"),
        ("• no food", "no food"),
        ("-  no food", "no food"),
        ("\uf0b7\tno food", "no food"),
        ("self-harm", "self-harm"),
        ("-", "-"),
        ("a\x00b\x07c", "a b c"),
        ("sel\u00adf\u200b harm\ufeff", "self harm"),
        ("he \u202ewas\u202c late", "he was late"),
        ("oﬃce, ｆｉｎｅ", "office, fine"),
        ("3½ years, ½ day", "3 1/2 years, 1/2 day"),
        ("line\r\n  break\u00a0here", "line break here"),
        ("cafe\u0301", "café"),
        ("bad\ud800end", "bad\ufffdend"),
        ("wait…", "wait..."),
    ],
)
def test_normalise_gives_one_spelling(given_text: str, seen: str) -> None:
    assert normalise(given_text) == seen


@given(ANYTHING)
def test_normalise_is_idempotent_and_can_be_encoded(text: str) -> None:
    once = normalise(text)

    assert normalise(once) == once
    assert once == " ".join(once.split())
    assert not any(unicodedata.category(sign) in {"Cc", "Cs"} for sign in once)
    once.encode()


def test_splitting_imports_no_other_package() -> None:
    code = "import sys, evenhand.text as t; t.split_sentences('A. B.'); print('spacy' in sys.modules)"

    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert ran.stdout.strip() == "False"
