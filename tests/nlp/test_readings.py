"""How texts are cut and read: sentences by themselves, passages without claims."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from evenhand.readings import PASSAGE_CHARS, Readings, passages_of, read_texts
from evenhand.scheme import ASSERTIONS, FRAMES, ISSUES

CLASSES = len(ASSERTIONS) + 2


def read(texts: Sequence[str]) -> Readings:
    """Latent severity is the length; a sentence with "threshold" is a claim."""
    assertion = np.zeros((len(texts), CLASSES))
    assertion[:, -1] = [5.0 if "threshold" in text else -5.0 for text in texts]
    return Readings(
        theta=np.array([float(len(text)) for text in texts]),
        issues=np.zeros((len(texts), len(ISSUES))),
        assertion=assertion,
        frame=np.zeros((len(texts), len(FRAMES))),
        truncated=np.zeros(len(texts), dtype=np.bool_),
    )


def test_a_text_of_several_sentences_is_also_read_whole() -> None:
    found = read_texts(["Mum is ill. He cooks.", "He cooks."], read)
    assert found.spans == (((0, 11), (12, 21)), ((0, 9),))
    assert found.sentences.theta.tolist() == [11.0, 9.0, 9.0]
    assert found.passages.theta.tolist() == [21.0]
    assert found.passage_counts == (1, 0)
    assert list(found.places()) == [(range(2), range(1)), (range(2, 3), range(1, 1))]


def test_a_claim_is_no_part_of_the_whole() -> None:
    plain = read_texts(["Mum is ill. He cooks."], read)
    claimed = read_texts(["Mum is ill. This meets the threshold. He cooks."], read)
    assert claimed.sentences.claims.tolist() == [False, True, False]
    assert claimed.passages.theta.tolist() == plain.passages.theta.tolist()


def test_one_fact_beside_claims_is_read_as_a_sentence_alone() -> None:
    assert read_texts(["Mum is ill. Over the threshold!"], read).passage_counts == (0,)


def test_a_network_that_knows_no_claims_finds_none() -> None:
    readings = read(["threshold"])
    without = Readings(readings.theta, readings.issues, readings.assertion[:, :-1], readings.frame, readings.truncated)
    assert without.claims.tolist() == [False]


def test_no_text_at_all() -> None:
    found = read_texts(["", " ... "], read)
    assert found.spans == ((), ())
    assert found.passage_counts == (0, 0)


def test_passages_can_be_left_out() -> None:
    assert read_texts(["Mum is ill. He cooks."], read, passages=False).passage_counts == (0,)


@given(st.lists(st.text("ab ", min_size=1, max_size=PASSAGE_CHARS), max_size=12))
def test_passages_hold_every_sentence_once_in_order_and_are_short_enough(sentences: list[str]) -> None:
    passages = passages_of(sentences)
    assert " ".join(passages) == (" ".join(sentences) if len(sentences) > 1 else "")
    assert all(len(passage) <= PASSAGE_CHARS for passage in passages)
