"""Near repeats: what counts as one, and how fast they are found."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evenhand_training.corpus import NEAR_REPEAT_THRESHOLD, near_repeats
from evenhand_training.corpus.near_repeats import letter_runs, near_pairs

TEXTS = st.lists(st.text(alphabet="abcde fgh", max_size=40), max_size=12)


@pytest.mark.parametrize(
    ("text", "other", "expected"),
    [
        ("Immunisations or health checks missed", "Immunisations or health checks being missed", True),
        ("Young carers", "Young carer", True),
        ("FIXED-TERM exclusions have been used.", "Fixed term exclusions have been used", True),
        ("Positive self-esteem", "Low self-esteem", False),
        ("Young carer", "Teenage parent", False),
        ("", "Young carer", False),
    ],
)
def test_near_repeats_share_their_words(text: str, other: str, expected: bool) -> None:
    assert bool(near_repeats([text], [other], threshold=NEAR_REPEAT_THRESHOLD)) is expected


def test_indices_point_into_the_first_list() -> None:
    texts = ["Bullied at school", "Rent arrears", "Is bullied at school"]
    assert near_repeats(texts, ["Bullied at school"], threshold=0.7) == [0, 2]


def test_nothing_repeats_an_empty_list() -> None:
    assert near_repeats(["a text"], [], threshold=0.7) == []
    assert near_repeats([], ["a text"], threshold=0.7) == []


def test_unicode_and_blank_texts_are_compared_without_failing() -> None:
    assert near_repeats(["  ", "🙂", "Ünïcode"], ["", "🙂"], threshold=1.0) == [0, 1]


@given(TEXTS, TEXTS, st.sampled_from([0.3, 0.5, 0.7, 1.0]))
def test_blocks_find_what_comparing_one_by_one_finds(left: list[str], right: list[str], threshold: float) -> None:
    def dice(one: str, two: str) -> float:
        a, b = letter_runs(one), letter_runs(two)
        return 2 * len(a & b) / (len(a) + len(b))

    slow = [i for i, one in enumerate(left) if any(dice(one, two) >= threshold - 1e-9 for two in right)]
    assert near_repeats(left, right, threshold=threshold - 1e-6) == slow


@given(TEXTS)
def test_every_text_pairs_with_its_copy(texts: list[str]) -> None:
    pairs = near_pairs(texts + texts, threshold=1.0)
    assert {(i, i + len(texts)) for i in range(len(texts))} <= set(pairs)


def test_five_thousand_texts_are_compared_with_a_thousand_block_by_block() -> None:
    draw = random.Random(1)
    words = ["".join(draw.choices("aeiorstln", k=draw.randint(2, 9))) for _ in range(3000)]
    texts = [" ".join(draw.choices(words, k=14)) for _ in range(6000)]
    planted = [0, 255, 256, 2_999, 4_999]  # on both sides of where blocks of rows meet
    for place in planted:
        texts[place] = texts[5_000 + place % 1_000]
    assert near_repeats(texts[:5000], texts[5000:], threshold=NEAR_REPEAT_THRESHOLD) == planted
