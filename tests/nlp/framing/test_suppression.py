"""Small counts are hidden, and cannot be worked out from what is shown and the totals."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from evenhand.framing.report.suppression import LEAST_SHOWN, hidden, is_small

COUNTS = st.lists(st.one_of(st.integers(0, 12), st.integers(0, 500)), max_size=12)


@st.composite
def of_wholes(draw: st.DrawFn) -> tuple[list[int], list[int]]:
    pairs = draw(
        st.lists(st.tuples(st.integers(0, 30), st.one_of(st.integers(0, 8), st.integers(0, 200))), max_size=10)
    )
    return [count for count, _ in pairs], [count + left for count, left in pairs]


def few(count: int) -> bool:
    return 1 <= count <= 4


@given(COUNTS)
def test_nothing_from_1_to_4_is_ever_shown(counts: list[int]) -> None:
    shown = [count for place, count in enumerate(counts) if place not in hidden(counts)]

    assert not any(map(few, shown))


@given(COUNTS)
@example([3, 0, 0, 50])
def test_no_hidden_count_is_the_only_hidden_one_unless_there_is_no_other(counts: list[int]) -> None:
    assert len(hidden(counts)) != 1 or len(counts) == 1


@given(COUNTS)
@example([1, 1, 1, 90, 7])
def test_hidden_counts_could_each_be_few_or_more_unless_all_are_hidden(counts: list[int]) -> None:
    places = hidden(counts)
    together = sum(counts[place] for place in places)

    # The others may each be 1, and one is then still as large as the least that is shown.
    assert together == 0 or together - (len(places) - 1) >= LEAST_SHOWN or len(places) == len(counts)


@given(of_wholes())
def test_nothing_that_leaves_1_to_4_of_its_group_is_ever_shown(given_: tuple[list[int], list[int]]) -> None:
    counts, wholes = given_
    shown = set(range(len(counts))) - hidden(counts, wholes)

    assert not any(few(counts[place]) or few(wholes[place] - counts[place]) for place in shown)


@given(of_wholes())
def test_hidden_counts_do_not_leave_few_of_their_groups_unless_all_are_hidden(
    given_: tuple[list[int], list[int]],
) -> None:
    counts, wholes = given_
    places = hidden(counts, wholes)
    together, whole = sum(counts[place] for place in places), sum(wholes[place] for place in places)

    assert len(places) == len(counts) or not (few(together) or few(whole - together) or len(places) == 1)


@given(COUNTS, st.frozensets(st.integers(0, 11)))
def test_what_is_hidden_anyway_stays_hidden_and_is_not_alone(counts: list[int], before: frozenset[int]) -> None:
    before = frozenset(place for place in before if place < len(counts))
    places = hidden(counts, hidden_before=before)

    assert before <= places
    assert len(places) != 1 or len(counts) == 1


@given(COUNTS)
def test_hiding_again_hides_nothing_more(counts: list[int]) -> None:
    assert hidden(counts, hidden_before=hidden(counts)) == hidden(counts)


@given(st.lists(st.one_of(st.just(0), st.integers(LEAST_SHOWN, 500))))
def test_where_no_count_is_small_nothing_is_hidden(counts: list[int]) -> None:
    assert hidden(counts) == frozenset()


def test_a_single_small_count_takes_another_with_it() -> None:
    places = hidden([40, 3, 9, 20])

    assert 1 in places
    assert len(places) == 2


@given(st.permutations([40, 9, 20, 70, 300]))
def test_which_other_goes_with_a_small_count_does_not_depend_on_counts(others: list[int]) -> None:
    assert hidden([*others[:2], 3, *others[2:]]) == hidden([40, 9, 3, 20, 70, 300])


@given(st.permutations([100, 200, 300]), st.permutations([30, 40, 50]))
def test_which_other_goes_with_a_small_count_does_not_depend_on_wholes(wholes: list[int], counts: list[int]) -> None:
    assert hidden([3, *counts], [100, *wholes]) == hidden([3, 30, 40, 50], [100, 100, 200, 300])


@pytest.mark.parametrize("counts", [[40, 1, 1, 20], [40, 3, 2, 20], [40, 4, 1, 20]])
def test_small_counts_that_are_little_together_take_another_with_them(counts: list[int]) -> None:
    places = hidden(counts)

    assert {1, 2} < places
    assert len(places) == 3


def test_small_counts_that_are_enough_together_take_none_with_them() -> None:
    assert hidden([40, 3, 3, 20]) == {1, 2}


def test_a_group_with_nearly_all_of_its_rows_is_hidden_with_another() -> None:
    places = hidden([18, 10, 40], [20, 60, 100])

    assert 0 in places
    assert len(places) == 2


def test_what_is_hidden_before_takes_another_with_it() -> None:
    places = hidden([40, 30, 20], hidden_before=frozenset({1}))

    assert 1 in places
    assert len(places) == 2


def test_without_counts_nothing_is_hidden() -> None:
    assert hidden([]) == frozenset()


def test_counts_and_wholes_of_different_lengths_are_refused() -> None:
    with pytest.raises(ValueError, match="shorter"):
        hidden([1, 2], [3])


@pytest.mark.parametrize(("count", "small"), [(0, False), (1, True), (4, True), (5, False), (100, False)])
def test_counts_of_1_to_4_are_small(count: int, small: bool) -> None:
    assert is_small(count) is small


@pytest.mark.parametrize(("count", "small"), [(100, False), (99, True), (96, True), (95, False), (0, False)])
def test_counts_that_leave_1_to_4_are_small(count: int, small: bool) -> None:
    assert is_small(count, 100) is small
