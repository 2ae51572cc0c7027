"""A detail of somebody's background is put where it fits, and nothing of the text is lost."""

from __future__ import annotations

import random
import re

from hypothesis import given
from hypothesis import strategies as st

from evenhand_training.background import with_background

SEEDS = st.integers(0, 10_000)


def chooser(seed: int) -> random.Random:
    return random.Random(seed)


@given(seed=SEEDS)
def test_background_is_added_and_nothing_is_lost(seed: int) -> None:
    text = "A boy of 7 lives with his mum. Mum drinks most nights."
    twin = with_background(text, chooser(seed))
    assert twin is not None
    told = iter(re.findall(r"\w+", twin.lower()))
    assert all(word in told for word in re.findall(r"\w+", text.lower()) if word != "a")
    assert len(twin) > len(text)


@given(seed=SEEDS, person=st.sampled_from(["boy", "girl", "child", "teenager", "student"]))
def test_an_article_fits_what_is_put_behind_it(seed: int, person: str) -> None:
    twin = with_background(
        f"An {person} is often hungry." if person[0] in "aeiou" else f"A {person} is hungry.", chooser(seed)
    )
    assert twin is not None
    assert not re.search(r"\b[Aa] (?=[AEIOaeio])", twin)
    assert not re.search(r"\b[Aa]n (?=[^AEIOUaeiou])", twin)


@given(seed=SEEDS)
def test_nobody_adds_a_sentence_to_a_bare_term(seed: int) -> None:
    assert with_background("Neglect", chooser(seed)) is None


@given(seed=SEEDS)
def test_a_part_of_a_compound_is_no_person(seed: int) -> None:
    twin = with_background("Child-minding and family's money.", chooser(seed))
    assert twin is not None
    assert "Child-minding and family's money." in twin
