"""Slips of typing leave every word in its place, and the other gender exchanges words of gender alone."""

from __future__ import annotations

import random
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evenhand_training.augment import other_gender, typing_slips

SEEDS = st.integers(0, 10_000)
WORDS = (
    "the",
    "teacher",
    "was",
    "told",
    "about",
    "shouting",
    "phone",
    "missing",
    "before",
    "school",
    "12",
    "days",
    "off",
)
TEXTS = st.lists(st.sampled_from(WORDS), min_size=1, max_size=20).map(" ".join)
PAIRED = (
    "he",
    "she",
    "boy",
    "girl",
    "Dad",
    "Mum",
    "mother",
    "FATHER",
    "sister",
    "Uncle",
    "men",
    "women",
    "niece",
    "Wife",
)
NEUTRAL = ("and", "the", "argues", "with", "bruises", "after", "school")


def chooser(seed: int) -> random.Random:
    return random.Random(seed)


# --- typing slips


@given(text=TEXTS, seed=SEEDS)
def test_slips_are_decided_by_the_seed_and_keep_every_word_in_its_place(text: str, seed: int) -> None:
    slipped = typing_slips(text, chooser(seed))
    assert slipped == typing_slips(text, chooser(seed))
    assert len(slipped.split()) == len(text.split())


@given(numbers=st.lists(st.integers(0, 5000), min_size=1, max_size=8), seed=SEEDS)
def test_slips_change_no_number(numbers: list[int], seed: int) -> None:
    text = ". ".join(f"About {number} times" for number in numbers)
    assert re.findall(r"\d+", typing_slips(text, chooser(seed))) == [str(number) for number in numbers]


@given(words=st.lists(st.sampled_from(("teacher", "shouting", "phone", "missing", "alone")), min_size=1), seed=SEEDS)
def test_a_slip_leaves_nearly_all_letters_of_a_word(words: list[str], seed: int) -> None:
    for word, slipped in zip(words, typing_slips(" ".join(words), chooser(seed)).lower().split(), strict=True):
        assert abs(len(word) - len(slipped)) <= 1
        assert len(set(word) - set(slipped)) <= 2


def test_slips_are_of_every_kind_somewhere() -> None:
    text = "They were told, before school, that the teacher's phone is missing."
    found = [typing_slips(text, chooser(seed)) for seed in range(300)]
    assert any(each.isupper() for each in found)
    assert any(each.islower() for each in found)
    assert any("," not in each for each in found)
    assert any("fone" in each for each in found)  # spelt by ear
    assert any("skool" in each for each in found)  # as spoken
    assert any("misssing" in each for each in found)  # doubled
    assert len(set(found)) > 200


# --- the other gender


@given(st.lists(st.sampled_from((*PAIRED, *NEUTRAL)), min_size=1, max_size=15).map(" ".join))
def test_the_other_gender_of_the_other_gender_is_the_text_itself(text: str) -> None:
    twin = other_gender(text)
    if twin is None:
        assert not set(text.split()) & set(PAIRED)
    else:
        assert twin != text
        assert other_gender(twin) == text


@given(st.lists(st.sampled_from((*PAIRED, *NEUTRAL)), min_size=1, max_size=15))
def test_only_words_of_gender_are_exchanged(words: list[str]) -> None:
    twin = other_gender(" ".join(words)) or " ".join(words)
    for word, other in zip(words, twin.split(), strict=True):
        assert (word == other) == (word in NEUTRAL)


@pytest.mark.parametrize(
    ("text", "twin"),
    [
        ("He hit his sister.", "She hit her brother."),
        ("Her mother shouts at her.", "His father shouts at him."),
        ("Dad hit her and left.", "Mum hit him and left."),
        ("It is hers.", "It is his."),
        ("MUM drinks; dad's belt.", "DAD drinks; mum's belt."),
        ("They told him.", "They told her."),
    ],
    ids=["his before a noun", "her as both", "her before and", "hers", "capitals and possessives", "him"],
)
def test_pronouns_follow_their_place(text: str, twin: str) -> None:
    assert other_gender(text) == twin


@pytest.mark.parametrize("text", ["", "The child is cold.", "Theory of mankind", "sonic boyish"])
def test_a_text_without_gender_has_no_such_twin(text: str) -> None:
    assert other_gender(text) is None
