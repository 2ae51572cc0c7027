"""From the corpus to what the framing network is taught, and how flags are judged."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from evenhand.framing.decoding import READINGS
from evenhand.framing.scheme import CATEGORIES, Category, Element, Need
from evenhand.scheme import Frame
from evenhand_training.encoder import load_tokenizer
from evenhand_training.framing.fit import FramingConfig, fit_framing
from evenhand_training.framing.measures import Told, f1, framing_figures, labels_found, share, spans_found
from evenhand_training.framing.texts import CodedSentence, CodedText
from evenhand_training.framing.tokens import MARKS, UNKNOWN, taught

TEXT = "Mum fails to engage. No heating since Sunday."
CODED = CodedText(
    id="rf-1",
    text=TEXT,
    sentences=(
        CodedSentence((0, 20), Frame.BLAME, framed=True, elements=frozenset()),
        CodedSentence((21, 45), None, framed=True, elements=frozenset({Element.FREQUENCY_DURATION})),
    ),
    framing=(((4, 19), Category.PARENT_BLAMING),),
    needs=(((21, 31), Need.HEATING, False),),
    marked=True,
    flags_known=True,
)


def test_marks_stand_on_the_tokens_of_their_words() -> None:
    lesson = taught(CODED, load_tokenizer(64))
    tokens = load_tokenizer(64).encode(TEXT).tokens
    column = CATEGORIES.index(Category.PARENT_BLAMING)
    assert [token for token, on in zip(tokens, lesson.marks[:, column], strict=True) if on] == ["fails", "to", "engage"]
    assert [token for token, kind in zip(tokens, lesson.kind, strict=True) if kind != UNKNOWN] == ["no", "heating"]


def test_marks_at_begin_and_end_belong_to_no_sentence() -> None:
    lesson = taught(CODED, load_tokenizer(64))
    assert lesson.means[:, [0, -1]].sum() == 0
    assert torch.allclose(lesson.means.sum(dim=1), torch.ones(2))


def test_administration_has_the_last_place_and_an_unknown_frame_none() -> None:
    unknown = CodedText(
        "x", "Thanks.", (CodedSentence((0, 7), None, framed=False, elements=None),), (), (), False, True
    )
    assert taught(CODED, load_tokenizer(64)).frame.tolist() == [2, 5]
    assert taught(unknown, load_tokenizer(64)).frame.tolist() == [UNKNOWN]


@pytest.mark.parametrize(
    ("marked", "flags_known", "columns"), [(True, True, MARKS), (False, True, 6), (False, False, 0)]
)
def test_only_what_is_known_is_taught(marked: bool, flags_known: bool, columns: int) -> None:
    text = CodedText(
        "x", "Mum.", (CodedSentence((0, 4), None, framed=False, elements=None),), (), (), marked, flags_known
    )
    assert taught(text, load_tokenizer(64)).known.sum() == columns


def test_a_fit_learns_and_is_the_same_again() -> None:
    config = FramingConfig(rounds=((1, 1e-4),), plain_round=(1, 1e-4), tokens=64)
    losses: list[float] = []
    one = fit_framing([CODED] * 4, config, plain=[CODED], progress=lambda *step: losses.append(step[-1]))
    other = fit_framing([CODED] * 4, config, plain=[CODED])
    assert losses[-1] < losses[0]
    assert all(torch.equal(a, b) for a, b in zip(one.parameters(), other.parameters(), strict=True))
    assert one.readings.out_features == READINGS


def test_spans_count_where_they_overlap_under_one_name() -> None:
    codes = [((0, 5), "blame"), ((10, 12), "risk")]
    assert spans_found(codes, [((4, 8), "blame"), ((10, 12), "need")]) == (1, 2, 1, 2)
    assert f1([(1, 2, 1, 2)]) == pytest.approx(0.5)


def test_labels_count_units_that_have_them_on_both_sides() -> None:
    assert labels_found([frozenset("a"), frozenset("ab")], [frozenset("b"), frozenset("ab")], "a") == (1, 2, 1, 1)


def test_a_perfect_reading_has_figures_of_one() -> None:
    told = Told(CODED.framing, CODED.needs, (Frame.BLAME, None), (frozenset(), frozenset(Element)), frozenset(Element))
    figures = framing_figures([told] * 5, [told] * 5)
    assert figures["framing"]["f1"] == figures["unmet_needs"]["f1"] == 1
    assert figures["checklist"]["macro_f1"] == 1


def test_a_share_has_its_interval_around_it() -> None:
    found = share([True] * 30 + [False] * 70)
    low, high = found["interval"]
    assert low < found["share"] < high
    assert np.isclose(found["share"], 0.3)
