"""The same situation at different levels is found, and what only looks like it is not."""

from __future__ import annotations

import itertools
from dataclasses import replace
from typing import Any

import pytest

from evenhand.consistency.collection import Collection, PlacedDescriptor
from evenhand.consistency.situations import SamePair, same_pairs, situations
from evenhand.model import Model
from evenhand.scheme import Issue, level_set

MOST_FALSE = 0.10  # of the pairs that are told beside the findings of 2018
# The findings of "Storing Up Trouble" (2018) and the levels at which it found each.
FINDINGS = {
    "incidents of domestic violence": {"A", "D"},
    "a family characterised by conflict and serious chronic relationship problems": {"A", "D"},
    "experiencing bullying": {"A", "B"},
    "severe and/or persistent bullying": {"C", "D"},
    "child is subject to discrimination": {"A", "C"},
    "overcrowded housing": {"A", "B", "C"},
    "housing in poor repair": {"A", "B", "C"},
}
Place = tuple[str, str]  # document and text


def places(pair: SamePair) -> frozenset[Place]:
    return frozenset((row.document, row.text) for row in (pair.left, pair.right))


@pytest.fixture(scope="module")
def pairs(fact_collection: Collection, released_model: Model) -> list[SamePair]:
    return same_pairs(fact_collection.descriptors, released_model)


@pytest.fixture(scope="module")
def truth(facts: dict[str, Any]) -> dict[frozenset[Place], str]:
    """Pairs that are one situation, by the fact they are about."""
    return {
        frozenset(((one["file"], one["text"]), (other["file"], other["text"]))): finding["fact"]
        for finding in facts["findings"]
        for one, other in itertools.combinations(finding["members"], 2)
    }


def test_all_documents_are_read_with_their_levels(fact_collection: Collection, facts: dict[str, Any]) -> None:
    read = {(row.document, row.text): list(row.levels) for row in fact_collection.descriptors}
    members = [member for finding in facts["findings"] for member in finding["members"]]
    assert [m for m in members if read.get((m["file"], m["text"])) != m["levels"]] == []


@pytest.mark.parametrize("fact", FINDINGS)
def test_a_finding_of_2018_is_found_at_all_its_levels(
    fact: str, pairs: list[SamePair], truth: dict[frozenset[Place], str]
) -> None:
    differing = [pair for pair in pairs if pair.differs and truth.get(places(pair)) == fact]
    levels = {str(level) for pair in differing for row in (pair.left, pair.right) for level in row.levels}
    assert levels >= FINDINGS[fact]


def test_what_only_looks_like_a_finding_is_not_told(pairs: list[SamePair], truth: dict[frozenset[Place], str]) -> None:
    differing = [places(pair) for pair in pairs if pair.differs]
    false = [pair for pair in differing if pair not in truth]
    assert len(differing) >= len(FINDINGS)
    assert len(false) <= MOST_FALSE * len(differing)


def test_every_two_of_a_situation_are_a_pair(pairs: list[SamePair]) -> None:
    sure = {frozenset((pair.left.id, pair.right.id)) for pair in pairs}
    for situation in situations(pairs):
        for one, other in itertools.combinations(situation.members, 2):
            assert one.area == other.area or frozenset((one.id, other.id)) in sure


def test_situations_come_widest_apart_first_and_hold_each_descriptor_once(pairs: list[SamePair]) -> None:
    found = situations(pairs)
    assert [one.steps for one in found] == sorted((one.steps for one in found), reverse=True)
    ids = [row.id for one in found for row in one.members]
    assert len(ids) == len(set(ids))


def placed(number: int, text: str, levels: str, *, area: str | None = None) -> PlacedDescriptor:
    return PlacedDescriptor(
        id=f"d{number}",
        document=f"document {number}",
        area=area or f"area {number}",
        page=None,
        native_level=levels,
        levels=level_set(levels.split()),
        text=text,
        issues=(Issue.BULLYING,),
        severity=3.0,
        by_model=False,
    )


@pytest.mark.parametrize(
    "other",
    [
        "Severe bullying at school",
        "At risk of bullying at school",
        "Previously bullied at school",
        "No bullying at school",
        "Parents were bullied at school",
        "Bullies others at school",
    ],
)
def test_another_qualifier_is_another_situation(other: str, released_model: Model) -> None:
    assert same_pairs([placed(1, "Bullied at school", "A"), placed(2, other, "C")], released_model) == []


def test_the_same_words_are_a_pair_whatever_their_capitals(released_model: Model) -> None:
    (pair,) = same_pairs([placed(1, "Bullied at school", "A"), placed(2, "Bullied at School.", "C")], released_model)
    assert pair.differs
    assert pair.probability > 0.9


def test_one_area_alone_makes_no_pair(released_model: Model) -> None:
    rows = [placed(1, "Bullied at school", "A", area="one"), placed(2, "Bullied at school", "C", area="one")]
    assert same_pairs(rows, released_model) == []


def test_levels_in_common_are_no_difference(released_model: Model) -> None:
    rows = [placed(1, "Bullied at school", "A B"), placed(2, "Bullied at school", "B C")]
    (pair,) = same_pairs(rows, released_model)
    assert not pair.differs
    assert not situations([pair])[0].differs


def test_severities_two_grades_apart_are_not_the_same(released_model: Model) -> None:
    rows = [placed(1, "Bullied at school", "A"), replace(placed(2, "Bullied at school", "C"), severity=5.0)]
    assert same_pairs(rows, released_model) == []


def test_descriptors_without_a_severity_are_passed_over(released_model: Model) -> None:
    rows = [placed(1, "Bullied at school", "A"), replace(placed(2, "Bullied at school", "C"), severity=None)]
    assert same_pairs(rows, released_model) == []
    assert same_pairs([], released_model) == []
