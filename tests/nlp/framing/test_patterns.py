"""The patterns of the lexicon as people write them: anchors, forms, what cannot be one."""

from __future__ import annotations

from typing import Any

import pytest

from evenhand.framing.patterns import PatternError, anchors, forms

COMMON = frozenset({"the", "to", "of", "a", "does", "n't"})
ANY = {"IS_PUNCT": False, "IS_SPACE": False}


def tokenise(word: str) -> list[str]:
    """As spaCy does where it matters: hyphens and contractions are tokens of their own."""
    if word.endswith("n't"):
        return [word[:-3], "n't"]
    return word.replace("-", " - ").split()


def one_of(*words: str) -> dict[str, Any]:
    return {"LOWER": {"IN": sorted(words)}}


def test_words_make_a_form_in_their_order() -> None:
    assert forms("bad attitude", tokenise) == [[one_of("bad"), one_of("attitude")]]


def test_alternatives_of_one_token_are_tried_in_one_form() -> None:
    assert forms("bad/poor attitude", tokenise) == [[one_of("bad", "poor"), one_of("attitude")]]


def test_a_word_in_brackets_may_be_missing() -> None:
    assert forms("is (very) lazy", tokenise) == [
        [one_of("is"), one_of("very"), one_of("lazy")],
        [one_of("is"), one_of("lazy")],
    ]


def test_alternatives_in_brackets_may_be_missing() -> None:
    assert forms("(very/so) lazy", tokenise) == [[one_of("very", "so"), one_of("lazy")], [one_of("lazy")]]


def test_a_star_is_any_one_word_and_no_mark() -> None:
    assert forms("lacks * skills", tokenise) == [[one_of("lacks"), ANY, one_of("skills")]]


def test_a_star_in_brackets_is_any_word_or_none() -> None:
    assert forms("lacks (*) skills", tokenise) == [
        [one_of("lacks"), ANY, one_of("skills")],
        [one_of("lacks"), one_of("skills")],
    ]


def test_a_word_of_several_tokens_is_a_form_of_its_own() -> None:
    hyphened = [{"LOWER": "hard"}, {"LOWER": "-"}, {"LOWER": "faced"}]

    assert forms("hard-faced/cold man", tokenise) == [[one_of("cold"), one_of("man")], [*hyphened, one_of("man")]]


def test_a_contraction_is_two_tokens() -> None:
    assert forms("doesn't engage", tokenise) == [[{"LOWER": "does"}, {"LOWER": "n't"}, one_of("engage")]]


def test_a_pattern_with_too_many_forms_is_refused() -> None:
    with pytest.raises(PatternError, match="512 forms; write it as several"):
        forms("lazy " + "(a) " * 9, tokenise)


def test_a_pattern_with_as_many_forms_as_may_be_is_not_refused() -> None:
    assert len(forms("lazy " + "(a) " * 8, tokenise)) == 256


def test_the_rarest_word_is_the_first_anchor() -> None:
    assert anchors("to the lazy of", tokenise, COMMON)[0] == {"lazy"}


def test_the_longer_of_two_rare_words_comes_first() -> None:
    assert anchors("bad attitude", tokenise, COMMON) == [{"attitude"}, {"bad"}]


def test_each_alternative_gives_an_anchor() -> None:
    assert anchors("bad/poor/stinking (*)", tokenise, COMMON) == [{"bad", "poor", "stinking"}]


def test_alternatives_with_a_common_word_come_behind_rare_ones() -> None:
    assert anchors("the/extraordinary boy", tokenise, COMMON) == [{"boy"}, {"the", "extraordinary"}]


def test_a_word_of_several_tokens_is_anchored_by_its_rarest() -> None:
    assert anchors("hard-to-reach", tokenise, COMMON) == [{"reach"}]


def test_words_that_may_be_missing_are_no_anchors() -> None:
    assert anchors("(very) lazy (*) *", tokenise, COMMON) == [{"lazy"}]


def test_a_place_where_any_word_will_do_is_no_anchor() -> None:
    assert anchors("lazy/* boy", tokenise, COMMON) == [{"boy"}]


@pytest.mark.parametrize("pattern", ["", "*", "(lazy)", "(*) * (very)", "lazy/*"])
def test_a_pattern_without_a_word_that_has_to_be_there_is_refused(pattern: str) -> None:
    with pytest.raises(PatternError, match="could match anything"):
        anchors(pattern, tokenise, COMMON)
