"""Which sentences decide: present before denied or past, never other people or process; and whose issues count."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from evenhand.pooling import (
    LEAST_CONCERN,
    admitted_sentences,
    concern_sentences,
    deciding_sentence,
    is_graded,
)
from evenhand.scheme import ASSERTIONS, Assertion

PRESENT, NEGATED, HISTORICAL, HYPOTHETICAL, OTHER = ASSERTIONS
ASSERTED = st.lists(st.sampled_from((*ASSERTIONS, None)), max_size=8)
SEVERITIES = st.lists(st.floats(1, 6), min_size=8, max_size=8).map(np.array)
ADMITTED = st.sets(st.integers(0, 7), min_size=1).map(sorted)


@pytest.mark.parametrize(
    ("assertions", "admitted"),
    [
        ([PRESENT, NEGATED, PRESENT], [0, 2]),
        ([NEGATED, PRESENT], [1]),
        ([HISTORICAL, PRESENT], [1]),
        ([HYPOTHETICAL, PRESENT], [1]),
        ([HISTORICAL, OTHER, NEGATED, None, HYPOTHETICAL], [0, 2, 4]),
        ([OTHER, None], []),
        ([], []),
    ],
    ids=[
        "all that is present",
        "present beats denied",
        "present beats past",
        "present beats supposed",
        "else what is not present",
        "nothing may decide",
        "no sentence",
    ],
)
def test_admitted_sentences(assertions: list[Assertion | None], admitted: list[int]) -> None:
    assert admitted_sentences(assertions) == admitted


@given(ASSERTED)
def test_other_people_and_process_are_never_admitted(assertions: list[Assertion | None]) -> None:
    admitted = admitted_sentences(assertions)
    assert not {assertions[place] for place in admitted} & {OTHER, None}
    assert bool(admitted) == any(is_graded(assertion) for assertion in assertions)


@given(ASSERTED)
def test_nothing_beside_the_present_is_admitted_where_there_is_any(
    assertions: list[Assertion | None],
) -> None:
    if PRESENT in assertions:
        assert {assertions[place] for place in admitted_sentences(assertions)} == {PRESENT}


@pytest.mark.parametrize(
    ("admitted", "theta", "decides"),
    [([0, 1, 2], [1.0, 3.0, 2.0], 1), ([0, 2], [1.0, 9.0, 2.0], 2), ([1, 2], [9.0, 2.0, 2.0], 1)],
    ids=["gravest", "gravest of the admitted", "first of equals"],
)
def test_deciding_sentence(admitted: list[int], theta: list[float], decides: int) -> None:
    assert deciding_sentence(admitted, np.array(theta)) == decides


@pytest.mark.parametrize(
    ("admitted", "severity", "places"),
    [
        ([0, 1, 2], [1.0, 4.0, 2.0], [1, 2]),
        ([0, 2], [1.0, 4.0, 2.0], [2]),
        ([0, 1], [1.0, LEAST_CONCERN, 6.0], [1]),
        ([0, 2], [1.2, 5.0, 1.4], []),
    ],
    ids=[
        "strengths are left out",
        "only the admitted",
        "at the least concern",
        "none where none is a concern",
    ],
)
def test_concern_sentences(admitted: list[int], severity: list[float], places: list[int]) -> None:
    assert concern_sentences(admitted, np.array(severity)) == places


@given(ADMITTED, SEVERITIES)
def test_the_deciding_sentence_always_has_its_issues_counted(
    admitted: list[int], severity: np.ndarray[tuple[int], np.dtype[np.float64]]
) -> None:
    concerns = concern_sentences(admitted, severity)
    assert deciding_sentence(admitted, severity) in (concerns or admitted)
    assert set(concerns) <= set(admitted)


@pytest.mark.parametrize(
    ("assertion", "graded"),
    [*[(assertion, assertion is not OTHER) for assertion in ASSERTIONS], (None, False)],
    ids=str,
)
def test_what_is_codable_and_about_this_child_is_graded(assertion: Assertion | None, *, graded: bool) -> None:
    assert is_graded(assertion) is graded
