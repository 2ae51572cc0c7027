"""Alpha is what its author computes, and what each distance is for."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evenhand.agreement import alpha, masi, nominal_agreement, ordinal, ordinal_agreement, set_agreement

# The example of four observers in Krippendorff, "Computing Krippendorff's Alpha-Reliability" (2011), part C and D.
OBSERVERS: tuple[tuple[int | None, ...], ...] = (
    (1, 2, 3, 3, 2, 1, 4, 1, 2, None, None, None),
    (1, 2, 3, 3, 2, 2, 4, 1, 2, 5, None, 3),
    (None, 3, 3, 3, 2, 3, 4, 2, 2, 5, 1, None),
    (1, 2, 3, 3, 2, 4, 4, 1, 2, 5, 1, None),
)
UNITS = list(zip(*OBSERVERS, strict=True))


def test_alpha_is_as_published() -> None:
    assert alpha(UNITS, lambda left, right: float(left != right)) == pytest.approx(0.743, abs=0.0005)
    assert alpha(UNITS, ordinal(UNITS)) == pytest.approx(0.815, abs=0.0005)


@given(st.lists(st.integers(1, 6), min_size=2, max_size=30))
def test_coders_who_always_agree_reach_one_unless_codes_never_vary(codes: list[int]) -> None:
    found = ordinal_agreement([(code, code) for code in codes])
    assert found.units == len(codes)
    assert math.isnan(found.alpha) if len(set(codes)) == 1 else found.alpha == 1.0


def test_a_near_miss_costs_less_than_a_wide_one() -> None:
    base = [(1, 1), (2, 2), (3, 3), (4, 4), (5, 5), (6, 6)]
    near, wide = ordinal_agreement([*base, (3, 4)]), ordinal_agreement([*base, (1, 6)])
    assert near.low <= near.alpha <= near.high
    assert wide.alpha < near.alpha < 1.0


@pytest.mark.parametrize(
    ("left", "right", "distance"),
    [("ab", "ab", 0.0), ("ab", "a", 1 - 1 / 2 * 2 / 3), ("ab", "bc", 1 - 1 / 3 * 1 / 3), ("ab", "cd", 1.0)],
)
def test_sets_are_nearer_the_more_they_share(left: str, right: str, distance: float) -> None:
    assert masi(frozenset(left), frozenset(right)) == pytest.approx(distance)
    assert masi(frozenset(right), frozenset(left)) == pytest.approx(distance)


def test_units_that_one_coder_alone_coded_do_not_count() -> None:
    units: list[tuple[frozenset[str] | None, frozenset[str] | None]] = [
        (frozenset("a"), frozenset("a")),
        (frozenset("b"), None),
        (frozenset("c"), frozenset("c")),
    ]
    found = set_agreement(units)
    assert (found.units, found.alpha) == (2, 1.0)


def test_nominal_agreement_is_as_published_whatever_the_codes_are_called() -> None:
    named = [[None if code is None else f"code {code}" for code in unit] for unit in UNITS]
    assert nominal_agreement(named).alpha == pytest.approx(0.743, abs=0.0005)


def test_units_of_one_document_that_are_alike_make_the_interval_wider() -> None:
    # In each document coders either agree throughout or not at all.
    units = [(code, code if document % 2 else (code + 3) % 6) for document in range(10) for code in (0, 2, 4) * 4]
    documents = [document for document in range(10) for _ in range(12)]
    alone, together = ordinal_agreement(units), ordinal_agreement(units, documents)
    assert (alone.documents, together.documents) == (0, 10)
    assert together.high - together.low > 1.5 * (alone.high - alone.low)


def test_few_documents_are_not_resampled_as_wholes() -> None:
    units = [(1, 1), (2, 2), (3, 4), (1, 2)] * 3
    assert ordinal_agreement(units, [n // 4 for n in range(12)]) == ordinal_agreement(units)


CODES = st.one_of(st.none(), st.integers(1, 6))


@given(st.lists(st.tuples(CODES, CODES, CODES), min_size=1, max_size=25))
def test_alpha_of_an_agreement_is_that_of_its_definition(units: list[tuple[int | None, ...]]) -> None:
    """Coincidences are the quicker way to the same number."""
    for found, expected in (
        (ordinal_agreement(units), alpha(units, ordinal(units))),
        (
            nominal_agreement([[None if c is None else str(c) for c in u] for u in units]),
            alpha(units, lambda x, y: float(x != y)),
        ),
    ):
        assert found.alpha == pytest.approx(expected, nan_ok=True)


@given(
    st.lists(st.tuples(*[st.one_of(st.none(), st.frozensets(st.sampled_from("abcd")))] * 3), min_size=1, max_size=15)
)
def test_alpha_of_sets_is_that_of_its_definition(units: list[tuple[frozenset[str] | None, ...]]) -> None:
    assert set_agreement(units).alpha == pytest.approx(alpha(units, masi), nan_ok=True)
