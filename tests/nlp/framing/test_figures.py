"""The report's figures: rates with intervals, and nothing small in them."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evenhand.batch import ScoreSummary
from evenhand.framing.report import figures
from evenhand.framing.report.examples import Examples
from evenhand.framing.report.figures import COMPARED, MOST_GROUPS, MOST_PHRASES, OTHERS, Rate, by_group, rate
from evenhand.framing.report.page import HIDDEN, month, rendered
from evenhand.framing.report.tally import Phrase, Tallies, Tally
from evenhand.framing.scheme import CATEGORY_NAMES, ELEMENT_NAMES, FLAGGED, Category, Element, Need

FEW = "groups of under 5 texts together"
# What says how many on a page: cells of tables and sentences.
CELL = re.compile(r'<td class="number">([\d,]+)</td>')
SAID = re.compile(r"([\d,]+) (?:texts were read|blank or missing|sentences state|texts have an outcome)")


def tally(rows: int, flagged: int = 0, unmet: int = 0, **categories: int) -> Tally:
    return Tally(rows=rows, flagged=flagged, unmet=unmet, categories=Counter(categories), frames=Counter(risk=rows))


def flagged_counts(groups: Mapping[str, Tally]) -> dict[str, int | None]:
    return {group.name: group.rates["flagged"].count for group in by_group(groups)}


def phrased(*phrases: tuple[str, int]) -> Tallies:
    tallies = Tallies(("text",), ())
    tallies.all.rows = 100
    tallies.phrases = {("deficit", words): Phrase("deficit", rows, "Say it.") for words, rows in phrases}
    return tallies


def page(tallies: Tallies) -> str:
    summary = ScoreSummary(1, 1, 0, 0, 0, 1.0, None, None, "text", (), {}, 0, {})
    return rendered(tallies, None, Examples(wanted=False), summary, outcome=None, models="a model")


@st.composite
def tallies_of_rows(draw: st.DrawFn) -> Tallies:
    """Tallies of rows as they come: some kinds of rows, each a few or many times."""
    kind: st.SearchStrategy[dict[str, Any]] = st.fixed_dictionaries(
        {
            "agency": st.sampled_from(["school", "police", "health", "court"]),
            "date": st.sampled_from(["2026-03-01", "2026-04-01", "2026-13-01"]),
            "categories": st.sets(st.sampled_from([*COMPARED, Category.VAGUE, Category.STRENGTH_BASED]), max_size=3),
            "needs": st.sets(st.sampled_from(Need), max_size=2),
            "state": st.sampled_from(["found", "unclear", "not_found"]),
            "blank": st.sampled_from([False, False, False, True]),
        }
    )
    kinds = draw(st.lists(st.tuples(kind, st.one_of(st.integers(1, 6), st.integers(1, 60))), max_size=8))
    tallies = Tallies(("agency", "date"), ("agency", "date:month"))
    for one, times in kinds:
        spans = [{"start": 0, "end": 4, "category": str(what)} for what in sorted(one["categories"])]
        flags = {
            "framing": [{**span, "suggestion": "Say it.", "found_by": "lexicon"} for span in spans],
            "unmet_needs": [{"need": str(need)} for need in one["needs"]],
            "checklist": {str(element): {"state": one["state"]} for element in Element},
            "sentences": [{"frame": "risk"}],
            "reason": "blank" if one["blank"] else None,
        }
        for _ in range(times):
            tallies.add(one, flags, "lazy")
    return tallies


def counted(rows: int, **categories: int) -> Tallies:
    tallies = Tallies(("text",), ())
    tallies.all = tally(rows, **categories)
    tallies.all.elements = Counter({(str(element), "found"): rows for element in Element})
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


def test_a_small_group_is_not_named_and_hidden_with_another() -> None:
    groups = by_group({"a": tally(3), "b": tally(50), "c": tally(20)})

    assert [group.name for group in groups] == ["b", "c", FEW]
    assert [group.rows is None for group in groups].count(True) == 2
    assert groups[-1].rows is None


def test_small_groups_stand_as_one_at_the_end() -> None:
    groups = by_group({"a": tally(3, 3), "z": tally(50, 20), "b": tally(4, 4), "c": tally(60, 20)})

    assert [(group.name, group.rows) for group in groups] == [("c", 60), ("z", 50), (FEW, 7)]
    assert [group.rates["flagged"].count for group in groups] == [20, 20, 7]


def test_groups_without_rows_keep_their_names() -> None:
    assert [group.name for group in by_group({"a": tally(0), "b": tally(50)})] == ["a", "b"]


def test_a_group_that_is_called_as_the_small_ones_keeps_its_rows() -> None:
    groups = by_group({FEW: tally(50), "a": tally(3), "b": tally(30)})

    assert [(group.name, group.rows) for group in groups] == [("b", 30), (FEW, 53)]


def test_a_hidden_group_tells_nothing_else() -> None:
    hidden = [group for group in by_group({"a": tally(3, 3), "b": tally(50, 20), "c": tally(20, 10)}) if not group.rows]

    assert len(hidden) == 2
    assert all(group.frames == {} for group in hidden)
    assert all(one.count is None and one.share is None for group in hidden for one in group.rates.values())


@pytest.mark.parametrize(("rows", "shown"), [(9, False), (10, True)])
def test_the_balance_of_a_group_of_few_is_not_shown(rows: int, shown: bool) -> None:
    (group,) = by_group({"a": tally(rows)})

    assert (group.rows, bool(group.frames)) == (rows, shown)


def test_a_group_that_is_shown_tells_its_frames() -> None:
    (group,) = by_group({"a": tally(50)})

    assert group.frames == {"evidence": 0.0, "risk": 1.0, "blame": 0.0, "need": 0.0, "strength": 0.0}


@pytest.mark.parametrize("few", [1, 4, 96, 99])
def test_a_count_of_few_or_that_leaves_few_is_hidden_with_another(few: int) -> None:
    counts = flagged_counts({"a": tally(100, few), "b": tally(100, 10), "c": tally(100, 60)})

    assert counts["a"] is None
    assert list(counts.values()).count(None) == 2


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


def test_a_group_that_is_called_as_the_rest_keeps_its_rows() -> None:
    groups = {OTHERS: tally(5000), **{f"{place:03}": tally(100) for place in range(MOST_GROUPS + 1)}}

    assert sum(group.rows or 0 for group in by_group(groups)) == 5000 + 100 * (MOST_GROUPS + 1)


def test_without_groups_there_are_none() -> None:
    assert by_group({}) == []


def test_shares_of_sentences_add_up_to_1() -> None:
    found = figures.balance(Tally(rows=10, frames=Counter(risk=3, blame=1)))

    assert found == {"evidence": 0.0, "risk": 0.75, "blame": 0.25, "need": 0.0, "strength": 0.0}


def test_without_sentences_there_are_no_shares() -> None:
    assert figures.balance(Tally(rows=3)) == {}


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
    shown = consent(70, 3, 27)

    assert shown[1] is None
    assert shown.count(None) == 2


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


@settings(max_examples=50)
@given(tallies_of_rows())
def test_no_tally_of_a_page_shows_1_to_4(tallies: Tallies) -> None:
    html = page(tallies)

    assert not {*CELL.findall(html), *SAID.findall(html)} & {"1", "2", "3", "4"}


@given(tallies_of_rows())
def test_no_rate_of_a_page_tells_of_1_to_4(tallies: Tallies) -> None:
    rates: list[tuple[Rate, int]] = [(one, tallies.all.rows) for one in figures.headlines(tallies.all)]
    rates += [(one, tallies.all.rows) for _, one in (*figures.overall(tallies.all), *figures.needs(tallies.all))]
    for groups in tallies.by.values():
        rates += [(one, group.rows or 0) for group in by_group(groups) for one in group.rates.values()]

    counted = [(one.count, rows - one.count) for one, rows in rates if one.count is not None]

    assert not any(0 < number < 5 for pair in counted for number in pair)


@given(tallies_of_rows())
def test_no_state_of_an_element_of_a_page_tells_of_1_to_4(tallies: Tallies) -> None:
    for _, *states in figures.elements(tallies.all):
        counts = [one.count for one in states]
        assert not any(0 < count < 5 for count in counts if count is not None)
        assert counts.count(None) != 1


@given(tallies_of_rows())
def test_no_group_of_a_page_can_be_worked_out_from_the_others(tallies: Tallies) -> None:
    for groups in tallies.by.values():
        found = by_group(groups)
        unseen = [group for group in found if group.rows is None]
        left = tallies.all.rows - sum(group.rows or 0 for group in found)
        assert not unseen or len(unseen) == len(found) or (len(unseen) > 1 and left not in range(1, 5))


@pytest.mark.parametrize(("count", "hides"), [(0, False), (1, True), (4, True), (5, False), (95, False), (96, True)])
def test_a_page_hides_a_tally_of_few(count: int, hides: bool) -> None:
    tables, _, _ = page(counted(100, vague=count)).partition("Method and limits")

    assert "100 texts were read" in tables
    assert (HIDDEN in tables) is hides


def test_a_page_about_few_texts_says_under_5() -> None:
    html = page(counted(3))

    assert f"{HIDDEN} texts were read" in html


def test_a_page_about_few_texts_shows_no_balance() -> None:
    assert "<h2>Balance</h2>" not in page(counted(3))


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ("2026-03", "March 2026"),
        ("2026-12", "December 2026"),
        ("2026-13", "2026-13"),
        ("2026-00", "2026-00"),
        ("(not given)", "(not given)"),
        (FEW, FEW),
    ],
)
def test_months_are_named_and_nothing_else(value: str, shown: str) -> None:
    assert month(value) == shown
