"""The report's figures: rates with intervals, and nothing small in them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evenhand.framing.report import figures
from evenhand.framing.report.figures import COMPARED, MOST_GROUPS, MOST_PHRASES, OTHERS, by_group, rate
from evenhand.framing.report.tally import Phrase, Tallies, Tally
from evenhand.framing.scheme import CATEGORY_NAMES, ELEMENT_NAMES, FLAGGED, Category, Element, Need


def tally(rows: int, flagged: int = 0, unmet: int = 0, **categories: int) -> Tally:
    return Tally(rows=rows, flagged=flagged, unmet=unmet, categories=Counter(categories), frames=Counter(risk=rows))


def flagged_counts(groups: Mapping[str, Tally]) -> dict[str, int | None]:
    return {group.name: group.rates["flagged"].count for group in by_group(groups)}


def phrased(*phrases: tuple[str, int]) -> Tallies:
    tallies = Tallies(("text",), "text", ())
    tallies.phrases = {("deficit", words): Phrase("deficit", rows, "Say it.") for words, rows in phrases}
    return tallies


def test_a_rate_has_its_share() -> None:
    assert rate(20, 80).share == 0.25


def test_an_interval_is_wilsons() -> None:
    # Newcombe (1998), table I: 81 of 263.
    found = rate(81, 263)

    assert found.low == pytest.approx(0.2553, abs=5e-5)
    assert found.high == pytest.approx(0.3662, abs=5e-5)


@given(st.integers(0, 300), st.integers(0, 300))
def test_an_interval_holds_the_share_and_lies_between_0_and_1(count: int, left: int) -> None:
    found = rate(count, count + left)

    if count + left:
        assert found.low is not None
        assert found.high is not None
        assert found.share is not None
        assert 0 <= found.low <= found.share + 1e-12
        assert found.share - 1e-12 <= found.high <= 1
    else:
        assert (found.low, found.high, found.share) == (None, None, None)


def test_more_rows_make_a_narrower_interval() -> None:
    few, many = rate(10, 20), rate(100, 200)

    assert (many.high or 0) - (many.low or 0) < (few.high or 0) - (few.low or 0)


def test_a_hidden_rate_tells_neither_count_nor_share_nor_interval() -> None:
    found = rate(20, 80, shown=False)

    assert (found.count, found.share, found.low, found.high) == (None, None, None, None)


def test_groups_are_in_order_of_their_names() -> None:
    assert [group.name for group in by_group({"b": tally(20), "a": tally(30)})] == ["a", "b"]


def test_a_group_tells_its_rates() -> None:
    (group,) = by_group({"school": tally(100, 40, 10, deficit=30, parent_blaming=20)})

    assert group.rows == 100
    assert {name: one.count for name, one in group.rates.items()} == {
        "flagged": 40,
        "unmet": 10,
        "risk_escalation": 0,
        "parent_blaming": 20,
        "victim_blaming": 0,
        "stigmatising": 0,
    }


def test_every_group_has_the_categories_compared() -> None:
    (group,) = by_group({"school": tally(50)})

    assert set(group.rates) == {"flagged", "unmet", *map(str, COMPARED)}


def test_a_small_group_is_hidden_with_the_next_smallest() -> None:
    groups = by_group({"a": tally(3), "b": tally(50), "c": tally(20)})

    assert {group.name: group.rows for group in groups} == {"a": None, "b": 50, "c": None}


def test_a_hidden_group_tells_nothing_else() -> None:
    group = by_group({"a": tally(3, 3), "b": tally(50, 20), "c": tally(20, 10)})[0]

    assert group.frames == {}
    assert all(one.count is None and one.share is None for one in group.rates.values())


def test_a_group_that_is_shown_tells_its_frames() -> None:
    (group,) = by_group({"a": tally(50)})

    assert group.frames == {"evidence": 0.0, "risk": 1.0, "blame": 0.0, "need": 0.0, "strength": 0.0}


def test_a_small_count_is_hidden_with_another() -> None:
    groups = {"a": tally(100, 3), "b": tally(100, 10), "c": tally(100, 60)}

    assert flagged_counts(groups) == {"a": None, "b": None, "c": 60}


def test_a_count_that_leaves_few_is_hidden_with_another() -> None:
    groups = {"a": tally(100, 98), "b": tally(100, 10), "c": tally(100, 60)}

    assert flagged_counts(groups) == {"a": None, "b": None, "c": 60}


def test_each_rate_is_hidden_by_itself() -> None:
    groups = by_group({"a": tally(100, 3, 30), "b": tally(100, 10, 40)})

    assert [(group.rates["flagged"].count, group.rates["unmet"].count) for group in groups] == [(None, 30), (None, 40)]


@given(st.lists(st.tuples(st.integers(0, 30), st.integers(0, 60)), min_size=1, max_size=8))
def test_no_group_shows_a_small_count(pairs: list[tuple[int, int]]) -> None:
    groups = {f"{place}": tally(count + left, count) for place, (count, left) in enumerate(pairs)}

    for group in by_group(groups):
        count = group.rates["flagged"].count
        assert group.rows is None or not 0 < group.rows < 5
        assert count is None or not 0 < count < 5
        assert count is None or group.rows is None or not 0 < group.rows - count < 5
        assert group.rows is not None or count is None


def test_the_smallest_of_many_groups_stand_as_one_at_the_end() -> None:
    groups = {f"zz{place:03}": tally(1000 - place, 100) for place in range(MOST_GROUPS + 3)}

    found = by_group(groups)

    assert (len(found), found[-1].name, found[-1].rows) == (MOST_GROUPS + 1, OTHERS, 3 * 1000 - 60 - 61 - 62)
    assert (found[-1].rates["flagged"].count, found[0].name) == (300, "zz000")


def test_as_many_groups_as_are_shown_are_not_put_together() -> None:
    found = by_group({f"{place:03}": tally(100) for place in range(MOST_GROUPS)})

    assert OTHERS not in [group.name for group in found]


@pytest.mark.xfail(reason="the rest takes the place of a group of its name")
def test_a_group_that_is_called_as_the_rest_keeps_its_rows() -> None:
    groups = {OTHERS: tally(5000), **{f"{place:03}": tally(100) for place in range(MOST_GROUPS + 1)}}

    assert sum(group.rows or 0 for group in by_group(groups)) == 5000 + 100 * (MOST_GROUPS + 1)


def test_without_groups_there_are_none() -> None:
    assert by_group({}) == []


def test_shares_of_sentences_add_up_to_1() -> None:
    found = figures.shares(Tally(frames=Counter(risk=3, blame=1)))

    assert found == {"evidence": 0.0, "risk": 0.75, "blame": 0.25, "need": 0.0, "strength": 0.0}


def test_without_sentences_there_are_no_shares() -> None:
    assert figures.shares(Tally(rows=3)) == {}


def test_rates_of_all_rows_name_every_category_flagged_ones_first() -> None:
    names = [name for name, _ in figures.overall(tally(100, strength_based=90, vague=10, deficit=20))]

    assert names[:2] == ["names a deficit", "says too little"]
    assert set(names[: len(FLAGGED)]) == {CATEGORY_NAMES[category] for category in FLAGGED}
    assert set(names) == set(CATEGORY_NAMES.values())


@pytest.mark.parametrize(("count", "shown"), [(0, 0), (1, None), (4, None), (5, 5), (96, None), (95, 95), (100, 100)])
def test_rates_of_all_rows_that_tell_of_few_are_hidden(count: int, shown: int | None) -> None:
    assert dict(figures.overall(tally(100, deficit=count)))["names a deficit"].count == shown


def test_needs_are_named_in_words_commonest_first() -> None:
    found = figures.needs(Tally(rows=50, needs=Counter(debt_advice=20, food=10)))

    assert [(name, one.count) for name, one in found[:2]] == [("debt advice", 20), ("food", 10)]
    assert len(found) == len(Need)


def test_a_need_of_few_rows_is_hidden() -> None:
    assert dict(figures.needs(Tally(rows=50, needs=Counter(food=4))))["food"].count is None


def consent(found: int, unclear: int, absent: int) -> tuple[int | None, ...]:
    counts = {("consent", "found"): found, ("consent", "unclear"): unclear, ("consent", "not_found"): absent}
    listed = figures.elements(Tally(rows=found + unclear + absent, elements=Counter(counts)))
    return next(
        (one.count, two.count, three.count)
        for name, one, two, three in listed
        if name == ELEMENT_NAMES[Element.CONSENT]
    )


def test_the_three_states_of_an_element_are_shown() -> None:
    assert consent(50, 30, 20) == (50, 30, 20)


def test_a_small_state_of_an_element_is_hidden_with_another() -> None:
    assert consent(70, 3, 27) == (70, None, None)


def test_all_states_are_hidden_where_two_are_few_together() -> None:
    assert consent(97, 1, 2) == (None, None, None)


def test_a_state_that_no_row_has_is_shown() -> None:
    assert consent(70, 0, 30) == (70, 0, 30)


def test_every_element_is_listed_by_its_name() -> None:
    assert [name for name, *_ in figures.elements(Tally(rows=10))] == [ELEMENT_NAMES[element] for element in Element]


def test_phrases_of_few_rows_are_not_shown() -> None:
    assert [words for words, *_ in figures.phrases(phrased(("lazy", 5), ("rude", 4)))] == ["lazy"]


def test_phrases_are_shown_commonest_first_and_then_by_their_letters() -> None:
    found = figures.phrases(phrased(("b", 9), ("c", 12), ("a", 9)))

    assert found == [(words, "names a deficit", rows, "Say it.") for words, rows in (("c", 12), ("a", 9), ("b", 9))]


def test_only_so_many_phrases_are_shown() -> None:
    found = figures.phrases(phrased(*((f"{number}", number) for number in range(10, 60))))

    assert (len(found), found[-1][2]) == (MOST_PHRASES, 60 - MOST_PHRASES)


def test_a_phrase_without_a_suggestion_has_an_empty_one() -> None:
    tallies = phrased(("lazy", 5))
    tallies.phrases["deficit", "lazy"].suggestion = None

    assert figures.phrases(tallies)[0][3] == ""


def test_categories_compared_are_flagged_ones() -> None:
    assert set(COMPARED) < FLAGGED
    assert set(COMPARED) <= set(Category)
