"""Finding what rules have in a text."""

from __future__ import annotations

import sys

import pytest

from evenhand.errors import MissingExtraError
from evenhand.framing.lexicon import Rule
from evenhand.framing.matching import LexiconMatcher
from evenhand.framing.network import flat
from evenhand.framing.scheme import Category


def rule(*patterns: str, unless: tuple[str, ...] = (), name: str = "r") -> Rule:
    return Rule(name, Category.DEFICIT, patterns, unless, "Why.", "Say it.", {}, "a guide", own=False)


def found(text: str, *rules: Rule) -> list[str]:
    matches, _ = LexiconMatcher(rules, ()).find(text)
    return [text[match.start : match.end] for match in matches]


def terms(text: str, *patterns: str) -> list[str]:
    _, stretches = LexiconMatcher((), patterns).find(text)
    return [text[start:end] for start, end in stretches]


def test_a_phrase_is_matched_by_its_offsets() -> None:
    text = "He has a bad attitude."

    matches, _ = LexiconMatcher([rule("bad attitude")], ()).find(text)

    assert [(match.start, match.end, match.rule.id) for match in matches] == [(9, 21, "r")]


def test_capitals_do_not_matter() -> None:
    assert found("BAD Attitude.", rule("bad attitude")) == ["BAD Attitude"]


def test_part_of_a_word_is_not_matched() -> None:
    assert found("He was blazyed and unlazy.", rule("lazy")) == []


def test_words_with_a_mark_between_are_not_matched() -> None:
    assert found("It was bad, attitude aside.", rule("bad attitude", "bad * attitude")) == []


def test_a_text_without_any_anchor_has_no_match() -> None:
    assert found("He likes school.", rule("bad attitude")) == []


def test_one_anchor_of_two_is_not_enough() -> None:
    assert found("His attitude was fine.", rule("bad attitude")) == []


def test_an_empty_text_has_no_match() -> None:
    assert LexiconMatcher([rule("lazy")], ["a term"]).find("") == ([], [])


def test_matches_are_in_the_order_of_the_text() -> None:
    text = "He is lazy, she is rude, they are lazy."

    assert found(text, rule("rude", name="a"), rule("lazy", name="b")) == ["lazy", "rude", "lazy"]


@pytest.mark.parametrize("negation", ["not", "never", "isn't", "cannot be", "no longer", "without being"])
def test_a_negated_phrase_is_not_matched(negation: str) -> None:
    assert found(f"He {negation} lazy.", rule("lazy")) == []


def test_a_negation_with_a_curly_apostrophe_counts_once_the_text_is_flat() -> None:
    assert found(flat("He isn’t lazy."), rule("lazy")) == []


def test_a_negation_far_before_does_not_count() -> None:
    assert found("Not once did he say that the lazy boy left.", rule("lazy")) == ["lazy"]


def test_a_negation_in_the_sentence_before_does_not_count() -> None:
    assert found("He said no. Lazy boy.", rule("lazy")) == ["Lazy"]


def test_a_negation_before_a_comma_does_not_count() -> None:
    assert found("Certainly not, lazy as he is.", rule("lazy")) == ["lazy"]


def test_a_negation_behind_does_not_count() -> None:
    assert found("Lazy he is not.", rule("lazy")) == ["Lazy"]


def test_a_negation_over_a_hyphen_counts() -> None:
    assert found("It is not bone-idle lazy.", rule("lazy")) == []


def test_a_negation_counts_through_a_placeholder() -> None:
    assert found("Staff do not find [CHILD] manipulative.", rule("manipulative")) == []


def test_a_negation_counts_through_a_placeholder_that_stands_right_behind_it() -> None:
    assert found("Without [CHILD] manipulative.", rule("manipulative")) == []


def test_a_placeholder_is_no_negation() -> None:
    assert found("Staff find [CHILD] manipulative.", rule("manipulative")) == ["manipulative"]


def test_a_phrase_that_begins_with_a_negation_is_matched() -> None:
    assert found("She is not engaging.", rule("not engaging")) == ["not engaging"]


def test_words_that_a_rule_is_barred_by_are_not_matched() -> None:
    barred = rule("out of control", unless=("felt (*) out of control",))

    assert found("He felt out of control. She felt so out of control.", barred) == []


def test_other_words_of_a_barred_rule_are_matched() -> None:
    barred = rule("out of control", unless=("felt (*) out of control",))

    assert found("He felt out of control. She is out of control.", barred) == ["out of control"]


def test_what_bars_one_rule_does_not_bar_another() -> None:
    one = rule("lazy", unless=("lazy eye",), name="a")

    assert found("He has a lazy eye.", one, rule("lazy", name="b")) == ["lazy"]


def test_what_bars_a_rule_need_only_overlap() -> None:
    assert found("The lazy river.", rule("the lazy", unless=("lazy river",))) == []


def test_terms_of_art_are_told_apart_from_matches() -> None:
    text = "She is at risk of significant harm."

    matches, stretches = LexiconMatcher([rule("at risk")], ["significant harm"]).find(text)

    assert [text[match.start : match.end] for match in matches] == ["at risk"]
    assert [text[start:end] for start, end in stretches] == ["significant harm"]


def test_a_negated_term_of_art_is_one_all_the_same() -> None:
    assert terms("There was no significant harm.", "significant harm") == ["significant harm"]


def test_a_term_of_art_may_end_in_a_number() -> None:
    assert terms("A Section 47 enquiry.", "section 47/17") == ["Section 47"]


def test_a_contraction_is_matched() -> None:
    assert found("She doesn't engage.", rule("doesn't engage")) == ["doesn't engage"]


def test_a_contraction_with_a_curly_apostrophe_is_matched_once_the_text_is_flat() -> None:
    text = "She doesn’t engage."

    matches, _ = LexiconMatcher([rule("doesn't engage")], ()).find(flat(text))

    assert [text[match.start : match.end] for match in matches] == ["doesn’t engage"]


def test_a_contraction_does_not_match_the_words_in_full() -> None:
    assert found("She does not engage.", rule("doesn't engage")) == []


def test_a_possessive_ending_is_matched() -> None:
    assert found("It is mum's fault.", rule("mum's fault")) == ["mum's fault"]


def test_words_with_hyphens_are_matched() -> None:
    assert found("A hard-to-reach mother.", rule("hard-to-reach")) == ["hard-to-reach"]


def test_words_with_hyphens_do_not_match_those_without() -> None:
    assert found("She is hard to reach.", rule("hard-to-reach")) == []


def test_alternatives_with_and_without_hyphens_are_each_matched() -> None:
    text = "A hard-to-reach family and a chaotic family."

    assert found(text, rule("hard-to-reach/chaotic family")) == ["hard-to-reach family", "chaotic family"]


def test_the_longest_of_overlapping_matches_of_a_rule_is_kept() -> None:
    assert found("He is very lazy.", rule("lazy", "very lazy", "is (*) lazy")) == ["is very lazy"]


def test_the_longest_of_overlapping_matches_of_several_rules_is_kept() -> None:
    short, long = rule("poor attitude", name="a"), rule("attitude to school work", name="b")

    matches, _ = LexiconMatcher([short, long], ()).find("A poor attitude to school work.")

    assert [match.rule.id for match in matches] == ["b"]


def test_matches_that_only_touch_are_both_kept() -> None:
    assert found("lazy rude", rule("lazy", name="a"), rule("rude", name="b")) == ["lazy", "rude"]


def test_of_equal_matches_the_rule_first_by_name_is_kept() -> None:
    matches, _ = LexiconMatcher([rule("lazy", name="b"), rule("lazy", name="a")], ()).find("lazy")

    assert [match.rule.id for match in matches] == ["a"]


def test_a_phrase_over_a_wrapped_line_is_matched() -> None:
    assert found(flat("She failed to\nengage."), rule("failed to engage")) == ["failed to engage"]


@pytest.mark.parametrize("gap", ["  ", "\n", "\r\n", "\n  ", " \t \n\n ", "\u00a0"])
def test_a_phrase_over_any_white_space_is_matched_as_it_stands(gap: str) -> None:
    words = f"failed{gap}to{gap}engage"

    assert found(f"She {words}.", rule("failed to engage")) == [words]
    assert found(flat(f"She {words}."), rule("failed to engage")) == [flat(words)]


def test_offsets_behind_squeezed_white_space_are_those_of_the_text() -> None:
    text = "  \n He  is\t\tlazy, \r\n\r\n and  rude.  "

    assert found(text, rule("lazy", name="a"), rule("rude", name="b")) == ["lazy", "rude"]


def test_a_term_of_art_over_a_line_end_is_found_as_it_stands() -> None:
    assert terms("A  section\n 47  enquiry.", "section 47") == ["section\n 47"]


def test_a_negation_over_white_space_counts() -> None:
    assert found("He is not  \n  at all   lazy.", rule("lazy")) == []


def test_terms_of_art_that_overlap_are_one_stretch_in_order() -> None:
    text = "A child protection conference, and significant harm."

    assert terms(text, "significant harm", "protection conference", "child protection") == [
        "child protection conference",
        "significant harm",
    ]


def test_the_same_matcher_finds_the_same_again() -> None:
    matcher = LexiconMatcher([rule("lazy", unless=("lazy eye",))], ["lazy term"])
    text = "A lazy boy with a lazy eye and a lazy term."

    assert matcher.find(text) == matcher.find(text) != ([], [])


def test_without_spacy_the_message_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "spacy", None)

    with pytest.raises(MissingExtraError, match=r"evenhand\[framing\]"):
        LexiconMatcher([], ())
