"""From readings of tokens and matches of the lexicon to spans, needs, frames and elements."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pytest

from evenhand.framing.decoding import (
    ASKED_AT,
    CATEGORY_AT,
    ELEMENT_AT,
    FRAME_AT,
    KIND_AT,
    NEED_AT,
    READINGS,
    FramingDecoder,
    balance,
    elements,
    frames,
    framing,
    needs,
    overlap,
    probabilities,
)
from evenhand.framing.network import Span, Window
from evenhand.framing.scheme import CATEGORIES, ELEMENTS, FLAGGED, GROUPS, NEEDS, Category, Element, Group, Need
from evenhand.scheme import FRAMES, Frame

DECODER = FramingDecoder(
    category=dict.fromkeys(Group, 0.5),
    confirmed=dict.fromkeys(Group, 0.2),
    need=0.5,
    found=dict.fromkeys(ELEMENTS, 0.6),
    unclear=dict.fromkeys(ELEMENTS, 0.3),
    max_tokens=128,
)
LOW = -8.0
NOWHERE: Span = (-1, -1)  # where the marks at begin and end of a window stand
TEXT = " ".join(f"w{letter}d" for letter in "abcdefgh")  # as `at` has them
Column = Category | Need | Frame | Element | str | None  # None for administration


def column(reading: Column) -> int:
    if isinstance(reading, Category):
        return CATEGORY_AT.start + CATEGORIES.index(reading)
    if isinstance(reading, Need):
        return KIND_AT.start + NEEDS.index(reading)
    if isinstance(reading, Element):
        return ELEMENT_AT.start + ELEMENTS.index(reading)
    if isinstance(reading, Frame) or reading is None:
        return FRAME_AT.start + (len(FRAMES) if reading is None else FRAMES.index(reading))
    return {"need": NEED_AT, "asked": ASKED_AT}[reading]


def at(token: int) -> Span:
    """Where a token stands: tokens of three characters with a space between; 0 and the last are marks."""
    return 4 * (token - 1), 4 * (token - 1) + 3


def over(first: int, last: int) -> Span:
    return at(first)[0], at(last)[1]


def window(count: int, said: Mapping[Any, float], sentences: Sequence[Span] = (), base: float = LOW) -> Window:
    """A window of so many tokens besides the marks at begin and end, with the logits that are said."""
    logits = np.full((count + 2, READINGS), base)
    for (token, reading), value in said.items():
        logits[token, column(reading)] = value
    offsets = (NOWHERE, *(at(token) for token in range(1, count + 1)), NOWHERE)
    return Window(tuple(sentences) or (over(1, count),), offsets, logits, cut=False)


def logit(probability: float) -> float:
    return math.log(probability / (1 - probability))


def marked(
    read: Window,
    matches: Sequence[tuple[Span, Category]] = (),
    *,
    quoted: Sequence[Span] = (),
    terms: Sequence[Span] = (),
) -> list[tuple[Span, Category]]:
    found = framing(TEXT, read, matches, DECODER, quoted=quoted, terms=terms)
    return [(mark.span, mark.category) for mark in found]


def test_the_readings_lie_side_by_side_and_are_all_there() -> None:
    places = [
        *range(READINGS)[CATEGORY_AT],
        NEED_AT,
        *range(READINGS)[KIND_AT],
        ASKED_AT,
        *range(READINGS)[FRAME_AT],
        *range(READINGS)[ELEMENT_AT],
    ]

    assert places == list(range(READINGS))


def test_a_decoder_is_rebuilt_from_what_it_is_kept_as() -> None:
    assert FramingDecoder.from_json(DECODER.to_json()) == DECODER


def test_a_decoder_without_a_group_is_refused() -> None:
    stored = DECODER.to_json()
    del stored["confirmed"]["blame"]

    with pytest.raises(KeyError, match="blame"):
        FramingDecoder.from_json(stored)


def test_neighbouring_tokens_of_a_category_are_one_span() -> None:
    read = window(5, dict.fromkeys([(2, Category.VAGUE), (3, Category.VAGUE)], 2.0))

    assert marked(read) == [(over(2, 3), Category.VAGUE)]


def test_tokens_below_the_threshold_make_no_span() -> None:
    assert marked(window(3, {(2, Category.VAGUE): logit(0.49)})) == []


def test_a_token_at_the_threshold_makes_a_span() -> None:
    assert marked(window(3, {(2, Category.VAGUE): 0.0})) == [(at(2), Category.VAGUE)]


def test_a_gap_of_one_token_is_closed() -> None:
    read = window(5, dict.fromkeys([(1, Category.VAGUE), (3, Category.VAGUE)], 2.0))

    assert marked(read) == [(over(1, 3), Category.VAGUE)]


def test_a_gap_of_two_tokens_is_not_closed() -> None:
    read = window(5, dict.fromkeys([(1, Category.VAGUE), (4, Category.VAGUE)], 2.0))

    assert marked(read) == [(at(1), Category.VAGUE), (at(4), Category.VAGUE)]


def test_a_span_reaches_as_far_as_tokens_are_half_as_probable() -> None:
    said = {
        (1, Category.VAGUE): logit(0.24),
        (2, Category.VAGUE): logit(0.26),
        (3, Category.VAGUE): 2.0,
        (4, Category.VAGUE): logit(0.26),
        (5, Category.VAGUE): logit(0.24),
    }

    assert marked(window(5, said)) == [(over(2, 4), Category.VAGUE)]


def test_tokens_that_are_half_as_probable_make_no_span_by_themselves() -> None:
    assert marked(window(3, dict.fromkeys([(1, Category.VAGUE), (2, Category.VAGUE)], logit(0.4)))) == []


def test_two_marked_tokens_within_reach_of_each_other_are_one_span() -> None:
    said = {(1, Category.VAGUE): 2.0, (2, Category.VAGUE): -1.0, (3, Category.VAGUE): -1.0, (4, Category.VAGUE): 2.0}

    assert marked(window(4, said)) == [(over(1, 4), Category.VAGUE)]


def test_a_span_does_not_go_on_in_the_next_sentence() -> None:
    read = window(4, dict.fromkeys([(2, Category.VAGUE), (3, Category.VAGUE)], 2.0), [over(1, 2), over(3, 4)])

    assert marked(read) == [(at(2), Category.VAGUE), (at(3), Category.VAGUE)]


def test_a_span_does_not_reach_into_the_next_sentence() -> None:
    said = {(2, Category.VAGUE): 2.0, (3, Category.VAGUE): logit(0.4), (1, Category.VAGUE): logit(0.4)}

    assert marked(window(4, said, [at(1), at(2), over(3, 4)])) == [(at(2), Category.VAGUE)]


def test_a_gap_at_the_end_of_a_sentence_is_not_closed() -> None:
    read = window(4, dict.fromkeys([(1, Category.VAGUE), (3, Category.VAGUE)], 2.0), [over(1, 2), over(3, 4)])

    assert marked(read) == [(at(1), Category.VAGUE), (at(3), Category.VAGUE)]


def pieces(text: str, *marked_ones: int) -> Window:
    """The text in tokens of three characters, as words are cut in pieces; some are marked as vague and as a need."""
    offsets = [(start, min(start + 3, len(text))) for start in range(0, len(text), 3)]
    logits = np.full((len(offsets) + 2, READINGS), LOW)
    for place in marked_ones:
        logits[place, [column(Category.VAGUE), NEED_AT]] = 2.0
    return Window(((0, len(text)),), (NOWHERE, *offsets, NOWHERE), logits, cut=False)


def vague(text: str, *marked_ones: int) -> list[str]:
    return [text[slice(*mark.span)] for mark in framing(text, pieces(text, *marked_ones), [], DECODER)]


@pytest.mark.parametrize("piece", [1, 2, 4])
def test_a_piece_of_a_word_marks_the_whole_word(piece: int) -> None:
    assert vague("homelessness xy", piece) == ["homelessness"]


@pytest.mark.parametrize("text", ["the and of", "is in it", "12 34", "... !"])
def test_function_words_numbers_and_marks_alone_frame_nothing(text: str) -> None:
    assert vague(text, 1, 2, 3) == []


def test_function_words_between_others_are_part_of_the_span() -> None:
    assert vague("out of reach", 1, 2, 3, 4) == ["out of reach"]


def test_punctuation_at_the_ends_is_no_part_of_the_span() -> None:
    assert vague('"(vague)."', 1, 2, 3, 4) == ["vague"]


def test_function_words_alone_tell_no_need() -> None:
    assert needs("the and of", [pieces("the and of", 1, 2, 3, 4)], DECODER) == []


def test_a_need_is_told_once_for_a_word_in_pieces() -> None:
    assert [span for span, _, _ in needs("homelessness", [pieces("homelessness", 1, 4)], DECODER)] == [(0, 12)]


def test_the_marks_at_begin_and_end_of_a_window_make_no_span() -> None:
    assert marked(window(3, dict.fromkeys([(0, Category.VAGUE), (4, Category.VAGUE)], 9.0))) == []


def test_a_span_may_reach_the_first_and_the_last_token() -> None:
    read = window(2, dict.fromkeys([(0, Category.VAGUE), (1, Category.VAGUE), (2, Category.VAGUE)], 2.0))

    assert marked(read) == [(over(1, 2), Category.VAGUE)]


def test_within_a_group_the_category_with_most_of_the_span_is_taken() -> None:
    said = {(1, Category.PARENT_BLAMING): 3.0, (2, Category.VICTIM_BLAMING): 2.0, (3, Category.VICTIM_BLAMING): 2.0}

    assert marked(window(3, said)) == [(over(1, 3), Category.VICTIM_BLAMING)]


def test_the_probability_of_a_span_is_its_largest() -> None:
    said = {(1, Category.VAGUE): logit(0.7), (2, Category.VAGUE): logit(0.9)}

    (mark,) = framing(TEXT, window(2, said), [], DECODER)

    assert mark.probability == pytest.approx(0.9)
    assert (mark.by, mark.agreed) == (None, True)


def test_of_overlapping_spans_of_two_groups_the_more_probable_is_kept() -> None:
    said = {(1, Category.VAGUE): logit(0.7), (2, Category.VAGUE): logit(0.7), (2, Category.RISK_ESCALATION): logit(0.9)}

    assert marked(window(3, said)) == [(at(2), Category.RISK_ESCALATION)]


def test_spans_of_two_groups_that_do_not_overlap_are_both_kept_in_order() -> None:
    said = {(3, Category.RISK_ESCALATION): 1.0, (1, Category.STRENGTH_BASED): 3.0}

    assert marked(window(3, said)) == [(at(1), Category.STRENGTH_BASED), (at(3), Category.RISK_ESCALATION)]


def test_words_of_the_lexicon_that_the_network_doubts_are_left_out() -> None:
    read = window(3, {(2, Category.VAGUE): logit(0.19)})

    assert marked(read, matches=[(at(2), Category.VAGUE)]) == []


def test_words_of_the_lexicon_need_less_of_the_network() -> None:
    (mark,) = framing(TEXT, window(3, {(2, Category.VAGUE): logit(0.21)}), [(at(2), Category.VAGUE)], DECODER)

    assert (mark.span, mark.by, mark.agreed) == (at(2), 0, False)
    assert mark.probability == pytest.approx(0.21)


def test_words_of_the_lexicon_are_taken_for_those_of_the_network_in_their_group() -> None:
    said = dict.fromkeys([(2, Category.PARENT_BLAMING), (3, Category.PARENT_BLAMING)], 3.0)

    (mark,) = framing(TEXT, window(4, said), [(over(3, 4), Category.VICTIM_BLAMING)], DECODER)

    assert (mark.span, mark.category, mark.by, mark.agreed) == (over(3, 4), Category.VICTIM_BLAMING, 0, True)


def test_another_category_of_the_group_confirms_words_of_the_lexicon() -> None:
    read = window(2, {(1, Category.STIGMATISING): logit(0.4)})

    assert marked(read, matches=[(at(1), Category.DEFICIT)]) == [(at(1), Category.DEFICIT)]


def test_another_group_does_not_confirm_words_of_the_lexicon() -> None:
    read = window(2, {(1, Category.RISK_ESCALATION): logit(0.4)})

    assert marked(read, matches=[(at(1), Category.VAGUE)]) == []


def test_words_of_the_lexicon_go_before_as_probable_ones_of_another_group() -> None:
    read = window(3, {(2, Category.VAGUE): 1.0, (2, Category.RISK_ESCALATION): 1.0})

    assert marked(read, [(at(2), Category.RISK_ESCALATION)]) == [(at(2), Category.RISK_ESCALATION)]
    assert marked(read, [(at(2), Category.VAGUE)]) == [(at(2), Category.VAGUE)]


@pytest.mark.parametrize(("vague", "risk", "kept"), [(0.3, 0.99, Category.RISK_ESCALATION), (0.9, 0.6, Category.VAGUE)])
def test_of_words_of_the_lexicon_and_another_group_the_more_probable_is_kept(
    vague: float, risk: float, kept: Category
) -> None:
    read = window(3, {(2, Category.VAGUE): logit(vague), (2, Category.RISK_ESCALATION): logit(risk)})

    assert marked(read, [(at(2), Category.VAGUE)]) == [(at(2), kept)]


def test_of_overlapping_words_of_the_lexicon_of_two_groups_the_more_probable_is_kept() -> None:
    read = window(4, {(2, Category.VAGUE): logit(0.3), (2, Category.RISK_ESCALATION): logit(0.4)})

    (mark,) = framing(TEXT, read, [(over(1, 2), Category.VAGUE), (over(2, 3), Category.RISK_ESCALATION)], DECODER)

    assert (mark.span, mark.category, mark.by) == (over(2, 3), Category.RISK_ESCALATION, 1)


def test_words_of_the_lexicon_over_the_end_of_a_sentence_are_dropped() -> None:
    read = window(4, {(3, Category.VAGUE): logit(0.4)}, [over(1, 2), over(3, 4)])

    assert marked(read, [(over(2, 3), Category.VAGUE)]) == []
    assert marked(read, [(over(3, 4), Category.VAGUE)]) == [(over(3, 4), Category.VAGUE)]


def test_words_of_the_lexicon_over_the_end_of_a_sentence_do_not_displace_a_good_mark() -> None:
    read = window(4, {(3, Category.VAGUE): 2.0}, [over(1, 2), over(3, 4)])

    assert marked(read, [(over(2, 3), Category.VAGUE)]) == [(at(3), Category.VAGUE)]


@pytest.mark.parametrize("category", [Category.VAGUE, Category.STRENGTH_BASED])
def test_what_is_quoted_does_not_count(category: Category) -> None:
    read = window(5, {(2, category): 2.0, (5, category): 2.0})

    assert marked(read, quoted=[over(1, 3)]) == [(at(5), category)]
    assert marked(read, [(at(2), category)], quoted=[over(1, 3)]) == [(at(5), category)]


def test_what_is_quoted_in_part_counts() -> None:
    read = window(4, dict.fromkeys([(2, Category.VAGUE), (3, Category.VAGUE)], 2.0))

    assert marked(read, quoted=[over(1, 2)]) == [(over(2, 3), Category.VAGUE)]


def test_a_quoted_match_does_not_displace_a_good_mark() -> None:
    read = window(4, dict.fromkeys([(2, Category.VAGUE), (3, Category.VAGUE)], 2.0))

    (mark,) = framing(TEXT, read, [(at(2), Category.VAGUE)], DECODER, quoted=[over(1, 2)])

    assert (mark.span, mark.by, mark.agreed) == (over(2, 3), None, True)


def test_a_quoted_mark_does_not_agree_with_words_of_the_lexicon() -> None:
    read = window(4, {(2, Category.VAGUE): 2.0})

    (mark,) = framing(TEXT, read, [(over(2, 3), Category.VAGUE)], DECODER, quoted=[at(2)])

    assert (mark.span, mark.by, mark.agreed) == (over(2, 3), 0, False)


def test_a_term_of_art_is_not_flagged() -> None:
    read = window(4, {(2, Category.RISK_ESCALATION): 2.0})

    assert marked(read, [(at(2), Category.RISK_ESCALATION)], terms=[over(2, 3)]) == []


def test_words_that_go_beyond_a_term_of_art_are_flagged() -> None:
    read = window(4, dict.fromkeys([(2, Category.RISK_ESCALATION), (3, Category.RISK_ESCALATION)], 2.0))

    assert marked(read, terms=[at(2)]) == [(over(2, 3), Category.RISK_ESCALATION)]


@pytest.mark.parametrize("category", [Category.NEED_FRAMED, Category.STRENGTH_BASED])
def test_words_to_be_welcomed_count_in_a_term_of_art(category: Category) -> None:
    assert marked(window(4, {(2, category): 2.0}), terms=[over(2, 3)]) == [(at(2), category)]


def test_words_of_the_lexicon_name_their_place_among_those_given() -> None:
    read = window(4, {(3, Category.VAGUE): logit(0.3)})

    found = framing(TEXT, read, [(at(1), Category.VAGUE), (at(3), Category.VAGUE)], DECODER)

    assert [(mark.span, mark.by) for mark in found] == [(at(3), 1)]


def test_words_of_the_lexicon_where_no_token_is_read_are_left_out() -> None:
    nowhere = (400, 410)

    read = window(2, {}, [(0, 500)], base=9.0)

    assert nowhere not in [span for span, _ in marked(read, [(nowhere, Category.VAGUE)])]


def test_each_need_is_told_with_its_kind() -> None:
    said = {(1, "need"): 2.0, (1, Need.FOOD): 3.0, (4, "need"): 2.0, (4, Need.TRANSPORT): 3.0}

    assert needs(TEXT, [window(4, said)], DECODER) == [(at(1), Need.FOOD, False), (at(4), Need.TRANSPORT, False)]


def test_the_kind_of_a_need_is_that_of_all_its_tokens() -> None:
    said = {(1, "need"): 2.0, (2, "need"): 2.0, (3, "need"): 2.0}
    kinds = {(1, Need.FOOD): 0.0, (2, Need.DEBT_ADVICE): -1.0, (3, Need.DEBT_ADVICE): -1.0}

    assert [kind for _, kind, _ in needs(TEXT, [window(3, {**said, **kinds})], DECODER)] == [Need.DEBT_ADVICE]


@pytest.mark.parametrize(("value", "asked"), [(9.0, True), (7.0, False)])
def test_a_need_is_asked_for_where_its_tokens_say_so_on_average(value: float, asked: bool) -> None:
    said = {(1, "need"): 2.0, (2, "need"): 2.0, (1, "asked"): value}

    assert [found for _, _, found in needs(TEXT, [window(2, said)], DECODER)] == [asked]


def test_no_need_is_told_below_the_threshold() -> None:
    assert needs(TEXT, [window(2, {(1, "need"): logit(0.49), (1, Need.FOOD): 5.0})], DECODER) == []


def test_each_sentence_gets_the_frame_that_its_tokens_say_most() -> None:
    said = {(1, Frame.BLAME): 2.0, (2, Frame.BLAME): 2.0, (2, Frame.RISK): 5.0, (3, Frame.STRENGTH): 1.0}
    sentences = [over(1, 2), at(3)]

    assert frames([window(3, said, sentences)]) == [(sentences[0], Frame.BLAME), (sentences[1], Frame.STRENGTH)]


def test_a_sentence_of_administration_has_no_frame() -> None:
    assert frames([window(1, {(1, None): 1.0})]) == [(at(1), None)]


def test_frames_of_several_windows_are_in_order() -> None:
    one, other = window(1, {(1, Frame.NEED): 1.0}), window(2, {(2, Frame.RISK): 1.0}, [at(2)])

    assert frames([one, other]) == [(at(1), Frame.NEED), (at(2), Frame.RISK)]


def test_an_element_is_told_by_the_sentence_that_shows_it_best() -> None:
    said = {(1, Element.CONSENT): logit(0.4), (2, Element.CONSENT): logit(0.8), (3, Element.CONSENT): logit(0.6)}

    probability, sentence = elements([window(3, said, [at(1), at(2), at(3)])])[Element.CONSENT]

    assert probability == pytest.approx(0.8)
    assert sentence == at(2)


def test_an_element_is_sought_in_all_windows() -> None:
    one, other = window(1, {(1, Element.HISTORY): 1.0}), window(2, {(2, Element.HISTORY): 2.0}, [at(2)])

    assert elements([one, other])[Element.HISTORY][1] == at(2)


def test_every_element_has_a_reading() -> None:
    assert set(elements([window(1, {})])) == set(ELEMENTS)


def test_without_windows_no_element_has_a_sentence() -> None:
    assert set(elements([]).values()) == {(0.0, None)}


def test_a_sentence_without_tokens_says_nothing() -> None:
    assert window(1, {}, base=9.0).of_sentence((100, 110)).tolist() == [0.0] * READINGS


def test_balance_is_the_share_of_each_frame() -> None:
    told = [Frame.RISK, Frame.RISK, Frame.NEED, Frame.EVIDENCE]

    assert balance(told) == {"evidence": 0.25, "risk": 0.5, "blame": 0.0, "need": 0.25, "strength": 0.0}


def test_administration_does_not_count_in_the_balance() -> None:
    assert balance([None, Frame.RISK, None])["risk"] == 1.0


@pytest.mark.parametrize("told", [[], [None, None]])
def test_there_is_no_balance_where_nothing_is_told(told: list[Frame | None]) -> None:
    assert balance(told) == {}


def test_probabilities_of_large_logits_do_not_overflow() -> None:
    assert probabilities(np.array([-1e6, 0.0, 1e6])).tolist() == [0.0, 0.5, 1.0]


def test_probabilities_are_the_logistic_function() -> None:
    assert probabilities(np.array([logit(0.2), logit(0.97)])).tolist() == pytest.approx([0.2, 0.97])


def test_stretches_that_only_touch_do_not_overlap() -> None:
    assert not overlap((0, 3), (3, 5))
    assert not overlap((3, 5), (0, 3))


def test_stretches_with_one_character_in_common_overlap() -> None:
    assert overlap((0, 4), (3, 5))
    assert overlap((1, 2), (0, 9))


@pytest.mark.parametrize("category", CATEGORIES)
def test_all_but_needs_and_strengths_are_flagged(category: Category) -> None:
    assert (category in FLAGGED) is (GROUPS[category] not in {Group.NEED, Group.STRENGTH})
