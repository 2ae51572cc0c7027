"""Quoted speech: which stretches of a text are the speaker's words and not the writer's."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from evenhand.framing.quoting import inside, quotations

TEXTS = st.text(alphabet="ab S's\n.,(['\"‘’“”„£é", max_size=60)


def quoted(text: str) -> list[str]:
    return [text[start:end] for start, end in quotations(text)]


@given(TEXTS)
@example("'a 'b' \"c 'd' e\" f'")
@example("\"'\"'\"'")
def test_quotations_are_in_order_inside_the_text_and_do_not_overlap(text: str) -> None:
    found = quotations(text)

    assert all(0 <= start < end <= len(text) for start, end in found)
    assert all(one[1] <= other[0] for one, other in pairwise(found))


@given(TEXTS)
def test_every_quotation_begins_and_ends_with_a_mark(text: str) -> None:
    assert all(words[0] in "\"“”„'‘" and words[-1] in "\"“”'’" and len(words) > 2 for words in quoted(text))


@given(TEXTS)
def test_no_quotation_goes_on_over_the_end_of_a_line(text: str) -> None:
    assert not any("\n" in words for words in quoted(text))


@pytest.mark.parametrize(
    "words",
    [
        '"he hits me"',
        "“he hits me”",
        "„he hits me”",
        pytest.param("„he hits me“"),
        "'he hits me'",
        "‘he hits me’",
        "'[CHILD] hits me'",
        '"[CHILD] hits me"',
    ],
)
def test_each_kind_of_mark_quotes(words: str) -> None:
    assert quoted(f"She said {words} and left.") == [words]


def test_apostrophes_quote_nothing() -> None:
    assert quoted("The parents' house isn't the children's, and he can't go to Jess's.") == []


def test_an_apostrophe_inside_does_not_end_a_quotation_in_single_marks() -> None:
    assert quoted("He said 'I don't want Dad's belt' and cried.") == ["'I don't want Dad's belt'"]


def test_several_quotations_are_each_found() -> None:
    assert quoted("'no way' he said, \"never\", and then ‘all right’.") == ["'no way'", '"never"', "‘all right’"]


def test_a_quotation_in_a_quotation_is_part_of_the_outer_one() -> None:
    assert quoted("She said \"he told me 'shut up' again\" twice.") == ["\"he told me 'shut up' again\""]


def test_a_quotation_in_double_marks_is_part_of_one_in_single_marks() -> None:
    assert quoted("She said 'he told me \"shut up\" again' twice.") == ["'he told me \"shut up\" again'"]


@pytest.mark.parametrize(
    "text",
    [
        "He is 5'10\" and lazy, his brother is 6'1\" and kind.",
        'A cut of 5" and a bruise of 6" on his arm.',
        "One of 3' and one of 4' were left.",
    ],
)
def test_feet_and_inches_quote_nothing(text: str) -> None:
    assert quoted(text) == []


def test_a_quotation_beside_inches_is_found() -> None:
    assert quoted('He is 5\'10" and said "leave me" twice, with a cut of 6".') == ['"leave me"']


def test_a_decade_quotes_nothing() -> None:
    assert quoted("In the '90s the parents' home was sold.") == []


@pytest.mark.parametrize("mark", ['"', "“", "„", "'", "‘"])
@pytest.mark.parametrize("rest", [".", ".\nNext line, and nothing more.", " and left. Nobody came"])
def test_a_mark_that_is_never_closed_quotes_nothing(mark: str, rest: str) -> None:
    assert quoted(f"She said {mark}he hits me{rest}") == []


def test_a_mark_that_is_never_closed_does_not_swallow_the_next_quotation() -> None:
    assert quoted('He said "he left. Then "he came" back.') == ['"he came"']


def test_a_closing_mark_behind_a_space_closes_nothing() -> None:
    assert quoted('He said "he left " and went.') == []


def test_an_opening_mark_before_a_space_opens_nothing() -> None:
    assert quoted('He said " he left" and went.') == []


def test_marks_that_are_very_far_apart_quote_nothing() -> None:
    assert quoted('"' + "word " * 100 + '"') == []


def test_a_long_quotation_within_the_limit_is_found() -> None:
    words = '"' + "word " * 79 + 'end"'

    assert quoted(f"She said {words}.") == [words]


def test_an_empty_pair_of_marks_is_no_quotation() -> None:
    assert quotations('Said: "" and nothing.') == []


@pytest.mark.parametrize(
    ("span", "expected"), [((8, 20), True), ((9, 12), True), ((7, 12), False), ((19, 21), False), ((0, 3), False)]
)
def test_only_a_span_wholly_within_a_stretch_is_inside(span: tuple[int, int], expected: bool) -> None:
    assert inside(span, [(8, 20), (30, 40)]) is expected


@given(st.lists(st.integers(0, 12), unique=True, max_size=8), st.tuples(st.integers(0, 12), st.integers(0, 12)))
def test_a_span_is_inside_where_one_of_the_stretches_has_it(places: list[int], span: tuple[int, int]) -> None:
    ends = sorted(places)
    stretches = list(zip(ends[::2], ends[1::2], strict=False))
    start, end = sorted(span)

    assert inside((start, end), stretches) is any(a <= start and end <= b for a, b in stretches)


def test_a_span_over_two_stretches_is_inside_neither() -> None:
    assert not inside((3, 8), [(0, 5), (5, 10)])


def test_nothing_is_inside_of_no_stretches() -> None:
    assert not inside((0, 0), [])
