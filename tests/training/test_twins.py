"""Some training rows get a twin with the same codes; which ones is decided by the row alone."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evenhand.scheme import Assertion, Frame, Issue
from evenhand_training.augment import ABOUT_SEX
from evenhand_training.background import ABOUT_BACKGROUND
from evenhand_training.examples import Example
from evenhand_training.twins import BACKGROUND, GENDERED, TYPED, with_twins

TEXT = "The boy told his teacher that his mum argues with his dad most nights."


def row(number: int, **changes: object) -> Example:
    made = Example(
        id=f"a-{number}",
        text=TEXT,
        source="authored",
        severity=3,
        issues=(Issue.FAMILY_RELATIONSHIPS,),
        assertions=(Assertion.PRESENT,),
        frame=Frame.EVIDENCE,
    )
    return replace(made, **changes)  # type: ignore[arg-type] # of the fields of an example


def kinds(rows: list[Example]) -> Counter[str]:
    return Counter(found.id.split("#")[-1] for found in rows if "#" in found.id)


MANY = [row(number) for number in range(2000)]


@given(st.lists(st.integers(0, 500), min_size=1, max_size=20, unique=True))
def test_a_row_gets_the_same_twin_whatever_stands_beside_it(numbers: list[int]) -> None:
    rows = [row(number) for number in numbers]
    together = with_twins(rows)
    assert together == [found for each in rows for found in with_twins([each])]


def test_every_row_stays_in_order_and_a_twin_follows_its_own() -> None:
    found = with_twins(MANY)
    originals = [each for each in found if "#" not in each.id]
    assert [replace(each, same=False) for each in originals] == MANY
    assert len({each.id for each in found}) == len(found)
    for before, each in pairwise(found):
        if "#" in each.id:
            assert each.unit == before.id


def test_a_twin_has_its_rows_codes_another_text_and_no_frame() -> None:
    by_id = {each.id: each for each in with_twins(MANY)}
    twins = [each for each in by_id.values() if "#" in each.id]
    assert twins
    for twin in twins:
        own = by_id[twin.unit]
        assert own.same
        assert twin.same
        assert twin.text != own.text
        assert replace(twin, id=own.id, text=own.text, frame=own.frame) == own


def test_a_row_without_a_twin_is_left_as_it_is() -> None:
    found = with_twins(MANY)
    twinned = {each.unit for each in found if "#" in each.id}
    assert all(each.same == (each.unit in twinned) for each in found)


def test_of_each_kind_there_are_about_as_many_twins_as_asked() -> None:
    found = kinds(with_twins(MANY))
    for name, share in {"typed": TYPED, "gender": GENDERED, "background": BACKGROUND}.items():
        assert found[name] / len(MANY) == pytest.approx(share / 100, abs=0.02), name
    assert set(found) == {"typed", "gender", "background"}


@pytest.mark.parametrize("issue", sorted(ABOUT_BACKGROUND))
def test_no_background_is_added_where_it_is_part_of_the_concern(issue: Issue) -> None:
    found = kinds(with_twins([replace(each, issues=(Issue.NEGLECT, issue)) for each in MANY]))
    assert found["background"] == 0
    assert found["typed"] > 0


@pytest.mark.parametrize("issue", sorted(ABOUT_SEX))
def test_no_gender_is_exchanged_where_it_is_part_of_the_concern(issue: Issue) -> None:
    found = kinds(with_twins([replace(each, issues=(issue,)) for each in MANY]))
    assert found["gender"] == 0
    assert found["typed"] > 0


@pytest.mark.parametrize("source", ["descriptors", "narratives", "severity-pairs", "assertion-sets", "claims"])
def test_rows_of_other_sources_get_no_twin(source: str) -> None:
    rows = [replace(each, source=source) for each in MANY[:300]]
    assert with_twins(rows) == rows


def test_ranked_rows_get_no_twin() -> None:
    rows = [replace(each, rank=1) for each in MANY[:300]]
    assert with_twins(rows) == rows


def test_every_row_that_names_its_outcome_gets_a_twin_with_another() -> None:
    rows = [replace(each, text=f"{TEXT} Section 47 enquiries started.") for each in MANY[:200]]
    found = with_twins(rows)
    assert kinds(found) == {"outcome": 200}
    assert all(TEXT in each.text for each in found)
