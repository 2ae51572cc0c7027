"""What a service decided is left out or exchanged; what it found of the family stays."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evenhand_training.outcomes import other_outcome

SEEDS = st.integers(0, 10_000)


def chooser(seed: int) -> random.Random:
    return random.Random(seed)


FACTS = "He has bruises on his back."


@pytest.mark.parametrize(
    "outcome",
    [
        "Strategy meeting held today.",
        "Section 47 enquiries started.",
        "CIN assessment agreed.",
        "NFA.",
        "Early help offered.",
        "Stepped down.",
        "Opened a single assessment.",
    ],
)
@given(seed=SEEDS)
def test_an_outcome_is_left_out_or_exchanged_and_the_facts_stay(outcome: str, seed: int) -> None:
    for text in (f"{FACTS} {outcome}", f"{outcome} {FACTS}"):
        twin = other_outcome(text, chooser(seed))
        assert twin is not None
        assert FACTS in twin
        assert twin.strip() == twin


@pytest.mark.parametrize(
    "fact",
    [
        "He is on a child protection plan.",
        "Mum refused the early help that was offered.",
        "Parents withdrew consent and the assessment was closed.",
        "A strategy meeting was held after he told his teacher that his dad had hit him with a belt that night.",
        "Mum opened the door.",
    ],
    ids=["a status", "help refused", "consent withdrawn", "a sentence that tells more", "no service"],
)
@given(seed=SEEDS)
def test_what_says_something_of_the_family_is_no_outcome(fact: str, seed: int) -> None:
    assert other_outcome(f"{FACTS} {fact}", chooser(seed)) is None


@pytest.mark.parametrize(
    "text", ["NFA.", "Strategy meeting held. NFA.", FACTS, ""], ids=["one", "two", "none", "blank"]
)
def test_a_text_of_outcomes_alone_or_without_any_has_no_such_twin(text: str) -> None:
    assert all(other_outcome(text, chooser(seed)) is None for seed in range(20))


def test_outcomes_are_both_left_out_and_exchanged() -> None:
    found = {other_outcome(f"{FACTS} NFA.", chooser(seed)) for seed in range(100)}
    assert FACTS in found
    assert len(found) > 4
