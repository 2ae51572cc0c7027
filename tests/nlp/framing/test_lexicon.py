"""The shipped lexicon: each rule works, each entry says what it has to."""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import cache
from importlib import resources
from typing import Any

import pytest
import spacy
from spacy.matcher import Matcher

from evenhand.framing.lexicon import Rule, advice, rules, terms_of_art
from evenhand.framing.matching import lexicon_matcher
from evenhand.framing.network import flat
from evenhand.framing.patterns import anchors, forms
from evenhand.framing.scheme import CATEGORIES, FLAGGED


@cache
def english() -> Any:  # noqa: ANN401 - spaCy is compiled without types
    return spacy.blank("en")


@cache
def tokenise(word: str) -> list[str]:
    return [token.lower_ for token in english().make_doc(word)]


def entries() -> list[dict[str, Any]]:
    stored = resources.files("evenhand").joinpath("data/framing-lexicon.jsonl").read_text(encoding="utf-8")
    return [json.loads(line) for line in stored.splitlines()]


def compiled(patterns: tuple[str, ...]) -> Any:  # noqa: ANN401
    matcher = Matcher(english().vocab, validate=True)
    matcher.add("found", [form for pattern in patterns for form in forms(pattern, tokenise)])
    return matcher


def own_matches(rule: Rule) -> Iterator[str]:
    matcher = compiled(rule.patterns)
    barred = compiled(rule.unless) if rule.unless else None
    for words in rule.rewrite.values():
        doc = english().make_doc(words)
        if matcher(doc) and not (barred is not None and barred(doc)):
            yield f"{rule.id}: {words}"


def test_every_rule_compiles() -> None:
    assert all(len(compiled(rule.patterns)) == 1 for rule in rules())


def test_what_bars_each_rule_compiles() -> None:
    assert all(len(compiled(rule.unless)) == 1 for rule in rules() if rule.unless)


def test_every_term_of_art_compiles() -> None:
    assert len(compiled(terms_of_art())) == 1


def test_every_pattern_has_an_anchor() -> None:
    patterns = [*(pattern for rule in rules() for pattern in rule.patterns), *terms_of_art()]

    found = [anchors(pattern, tokenise, english().Defaults.stop_words) for pattern in patterns]

    assert all(words and all(words) for words in found)


def test_every_rule_has_a_pattern() -> None:
    assert [rule.id for rule in rules() if not rule.patterns] == []


def test_no_rule_matches_its_own_rewrite() -> None:
    assert [found for rule in rules() for found in own_matches(rule)] == []


def test_the_words_that_replace_are_flagged_by_no_rule() -> None:
    found = {
        words: match.rule.id
        for rule in rules()
        for words in rule.rewrite.values()
        for match in lexicon_matcher().find(f"It was {words} then.")[0]
        if match.rule.category in FLAGGED
    }

    assert found == {}


def test_words_to_replace_are_written_as_they_are_looked_up() -> None:
    given = [words for rule in rules() for words in rule.rewrite]

    assert [words for words in given if words != flat(words).lower() or words != " ".join(words.split())] == []


def test_no_word_is_replaced_by_nothing_or_by_itself() -> None:
    pairs = [pair for rule in rules() for pair in rule.rewrite.items()]

    assert [pair for pair in pairs if not pair[1].strip() or pair[0] == pair[1].lower()] == []


def test_only_what_is_flagged_has_drop_ins() -> None:
    assert {rule.category for rule in rules() if rule.rewrite} <= FLAGGED


def test_no_two_rules_have_one_name() -> None:
    names = [rule.id for rule in rules()]

    assert len(names) == len(set(names))


def test_every_rule_says_why_and_names_its_source() -> None:
    assert [rule.id for rule in rules() if not (rule.why.strip() and rule.source.strip())] == []


def test_every_flagging_rule_says_what_could_be_said() -> None:
    assert [rule.id for rule in rules() if rule.category in FLAGGED and not rule.suggestion] == []


def test_each_entry_that_is_never_used_has_a_note() -> None:
    never = [entry for entry in entries() if entry["use"] == "never"]

    assert never
    assert [entry["id"] for entry in never if not entry["note"].strip()] == []


def test_entries_are_used_always_or_never() -> None:
    assert {entry["use"] for entry in entries()} == {"always", "never"}


def test_entries_that_are_never_used_make_no_rule() -> None:
    never = {entry["id"] for entry in entries() if entry["use"] == "never"}

    assert never.isdisjoint(rule.id for rule in rules())


@pytest.mark.parametrize("category", sorted(FLAGGED))
def test_every_flagged_category_has_rules(category: str) -> None:
    assert any(rule.category == category for rule in rules())


@pytest.mark.parametrize("category", sorted(FLAGGED))
def test_every_flagged_category_has_advice_with_a_suggestion(category: str) -> None:
    given = {str(each): told for each, told in advice().items()}[category]

    assert given.why.strip()
    assert given.source.strip()
    assert (given.suggestion or "").strip()


def test_there_is_advice_for_every_category() -> None:
    assert set(advice()) == set(CATEGORIES)


def test_our_own_rules_are_marked_so_and_no_others() -> None:
    assert all(rule.own == rule.source.startswith("Evenhand") for rule in rules())


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Mum failed to engage.", "failed to engage"),
        ("He has anger issues.", "anger issues"),
        ("A BME family.", "BME"),
    ],
)
def test_the_shipped_matcher_finds_what_guidance_names(text: str, words: str) -> None:
    matches, _ = lexicon_matcher().find(text)

    assert [text[match.start : match.end] for match in matches] == [words]


@pytest.mark.parametrize(
    "text",
    [
        "Mum failed to engage with services.",
        "Mum will not engage with us.",
        "She refuses to leave the relationship.",
        "He refused to return home.",
        "She does not trust services.",
    ],
)
def test_no_rule_bars_a_phrase_that_it_is_made_for(text: str) -> None:
    matches, _ = lexicon_matcher().find(text)

    assert len(matches) == 1


def test_the_shipped_matcher_finds_terms_of_art() -> None:
    text = "A section 47 enquiry: risk of significant harm."

    _, stretches = lexicon_matcher().find(text)

    assert [text[start:end] for start, end in stretches] == ["section 47 enquiry", "significant harm"]


def test_the_shipped_matcher_is_made_once() -> None:
    assert lexicon_matcher() is lexicon_matcher()
