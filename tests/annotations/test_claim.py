"""A claim stands before, within or behind the facts, and never in place of one."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from evenhand_training.corpus import Claim, Corpus

FACTS = ("Mum drinks most nights.", "He was late again.", "There is no food at home.", "She told her aunt.")
CLAIM = "We believe this meets section 47."
ROW: dict[str, Any] = {
    "id": "cl-1",
    "provenance": "authored",
    "kind": "claim",
    "base": FACTS[0],
    "claim": CLAIM,
    "place": "first",
    "issues": ["neglect"],
    "severity": 3,
}


def claim(base: str, place: str, words: str = CLAIM) -> Claim:
    return Claim.model_validate_json(json.dumps(ROW | {"base": base, "place": place, "claim": words}))


@pytest.mark.parametrize(
    ("place", "told"),
    [
        ("first", f"{CLAIM} {FACTS[0]} {FACTS[1]}"),
        ("middle", f"{FACTS[0]} {CLAIM} {FACTS[1]}"),
        ("last", f"{FACTS[0]} {FACTS[1]} {CLAIM}"),
    ],
)
def test_a_claim_stands_where_its_place_says(place: str, told: str) -> None:
    assert claim(f"{FACTS[0]} {FACTS[1]}", place).text == told


def test_behind_the_only_sentence_the_middle_is_the_end() -> None:
    assert claim(FACTS[0], "middle").text == claim(FACTS[0], "last").text == f"{FACTS[0]} {CLAIM}"


@given(
    base=st.lists(st.sampled_from(FACTS), min_size=1, max_size=6).map(" ".join),
    place=st.sampled_from(["first", "middle", "last"]),
)
def test_without_its_claim_the_text_is_the_facts(base: str, place: str) -> None:
    told = claim(base, place).text
    assert told.count(CLAIM) == 1
    assert " ".join(told.replace(CLAIM, " ").split()) == base
    assert told == told.strip()
    assert "  " not in told


def test_near_repeats_are_looked_for_among_the_facts_alone() -> None:
    assert claim(FACTS[0], "last").texts == (FACTS[0],)


@pytest.mark.parametrize("wrong", [{"place": "end"}, {"kind": "fact"}, {"claim": " "}, {"issues": []}, {"severity": 0}])
def test_a_claim_of_another_form_is_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        Claim.model_validate_json(json.dumps(ROW | wrong))


def test_released_claims_stand_apart_from_their_facts(corpus: Corpus) -> None:
    assert {row.kind for row in corpus.claims} == {"claim", "status"}
    assert {row.place for row in corpus.claims} == {"first", "middle", "last"}
    assert [row.id for row in corpus.claims if row.claim in row.base] == []
