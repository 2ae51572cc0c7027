"""Which sentence decides: present before denied or past, never other people or process."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from evenhand.pooling import assertion_of, contributes_issues, deciding_sentence
from evenhand.scheme import ASSERTIONS, Assertion

PRESENT, NEGATED, HISTORICAL, HYPOTHETICAL, OTHER = ASSERTIONS
SENTENCES = st.lists(
    st.tuples(st.floats(-10, 10), st.sampled_from((*ASSERTIONS, None))), min_size=1, max_size=8
)


@pytest.mark.parametrize(
    ("theta", "assertions", "decides"),
    [
        ([1.0, 3.0, 2.0], [PRESENT, PRESENT, PRESENT], 1),
        ([-5.0, 9.0], [PRESENT, NEGATED], 0),
        ([-5.0, 9.0], [PRESENT, HISTORICAL], 0),
        ([-5.0, 9.0], [PRESENT, HYPOTHETICAL], 0),
        ([-5.0, 9.0], [HISTORICAL, OTHER], 0),
        ([-5.0, 9.0], [NEGATED, None], 0),
        ([1.0, 2.0, 3.0], [NEGATED, HYPOTHETICAL, HISTORICAL], 2),
        ([9.0, 9.0], [OTHER, None], None),
        ([2.0, 2.0], [PRESENT, PRESENT], 0),
        ([], [], None),
    ],
    ids=[
        "gravest",
        "present beats denied",
        "present beats past",
        "present beats supposed",
        "past beats other people",
        "denied beats process",
        "gravest of what is not present",
        "nothing may decide",
        "first of equals",
        "no sentence",
    ],
)
def test_deciding_sentence(
    theta: list[float], assertions: list[Assertion | None], decides: int | None
) -> None:
    assert deciding_sentence(np.array(theta), assertions) == decides


@given(SENTENCES)
def test_other_people_and_process_never_decide(sentences: list[tuple[float, Assertion | None]]) -> None:
    theta, assertions = zip(*sentences, strict=True)
    decides = deciding_sentence(np.array(theta), list(assertions))
    if decides is None:
        assert set(assertions) <= {OTHER, None}
    else:
        assert assertions[decides] not in {OTHER, None}


@given(SENTENCES)
def test_no_present_sentence_is_graver_than_the_one_that_decides(
    sentences: list[tuple[float, Assertion | None]],
) -> None:
    theta, assertions = zip(*sentences, strict=True)
    decides = deciding_sentence(np.array(theta), list(assertions))
    present = [value for value, assertion in sentences if assertion is PRESENT]
    if present:
        assert decides is not None
        assert assertions[decides] is PRESENT
        assert theta[decides] == max(present)


@pytest.mark.parametrize(
    ("assertion", "counts"),
    [*[(assertion, assertion is not OTHER) for assertion in ASSERTIONS], (None, False)],
    ids=str,
)
def test_issues_come_from_all_that_is_codable_but_other_people(
    assertion: Assertion | None, counts: bool
) -> None:
    assert contributes_issues(assertion) is counts


@pytest.mark.parametrize("place", range(len(ASSERTIONS) + 1))
def test_the_last_class_is_no_codable_content(place: int) -> None:
    logits = np.zeros(len(ASSERTIONS) + 1)
    logits[place] = 0.1
    assert assertion_of(logits) is (*ASSERTIONS, None)[place]
