"""What documents name and leave out is told of documents read whole alone."""

from __future__ import annotations

from dataclasses import replace

import pytest

from evenhand.consistency.collection import AreaDocument, Collection, PlacedDescriptor
from evenhand.consistency.coverage import CONCERNS, AreaCoverage, coverage
from evenhand.scheme import Issue, Level, level_set

FIVE = ("none", "A", "B", "C", "D")


def document(*sets: str, read_whole: bool = True) -> AreaDocument:
    levels = tuple((f"Level {number}", level_set(codes.split())) for number, codes in enumerate(sets, 1))
    return AreaDocument("d", "Here", "d.pdf", None, None, levels, read_whole)


def placed(number: int, levels: str, issue: Issue, severity: float | None = 4.0) -> PlacedDescriptor:
    codes = level_set(levels.split())
    return PlacedDescriptor(f"d{number}", "d", "Here", 1, levels, codes, "text", (issue,), severity, True)


def of(whole: AreaDocument, *rows: PlacedDescriptor) -> AreaCoverage:
    (found,) = coverage(Collection("made", (whole,), rows))
    return found


def test_an_issue_named_at_the_gravest_level_only_is_told() -> None:
    found = of(
        document(*FIVE), placed(1, "D", Issue.SELF_HARM), placed(2, "A", Issue.HOUSING), placed(3, "D", Issue.HOUSING)
    )
    assert found.only_gravest == (Issue.SELF_HARM,)
    assert found.mentions[Issue.HOUSING].lowest is Level.A
    assert set(found.silent) == set(CONCERNS) - {Issue.SELF_HARM, Issue.HOUSING}


def test_an_excerpt_is_silent_on_nothing() -> None:
    found = of(document(*FIVE, read_whole=False), placed(1, "D", Issue.SELF_HARM))
    assert (found.silent, found.only_gravest, found.read_whole) == ((), (), False)
    assert found.mentions[Issue.SELF_HARM].lowest is Level.D


def test_a_strength_names_no_concern() -> None:
    found = of(document(*FIVE), placed(1, "none", Issue.SELF_HARM, severity=1.0), placed(2, "D", Issue.SELF_HARM))
    assert found.only_gravest == (Issue.SELF_HARM,)
    assert found.mentions[Issue.SELF_HARM].descriptors == 1


def test_the_lowest_of_merged_levels_is_the_one_with_the_mildest_code() -> None:
    found = of(document("A B", "C D"), placed(1, "C D", Issue.HOUSING), placed(2, "A B", Issue.HOUSING))
    assert found.mentions[Issue.HOUSING].lowest_set == (Level.A, Level.B)


@pytest.mark.parametrize(
    ("sets", "merges"),
    [
        (FIVE, False),
        (("none", "A", "B", "C D"), True),
        (("none", "A B", "C", "D"), False),
        (("C D",), None),  # an eligibility page: says which referral it is for, not how levels are divided
        (("none", "A"), None),
    ],
    ids=["five levels", "one statutory level", "merged early help", "one level alone", "no statutory level"],
)
def test_documents_that_merge_c_and_d_are_those_whose_levels_tell(sets: tuple[str, ...], merges: bool | None) -> None:
    assert document(*sets).merges_c_and_d is merges
    assert of(document(*sets), placed(1, sets[0], Issue.HOUSING)).merges_c_and_d is merges


def test_one_document_of_an_area_that_was_not_read_whole_makes_it_an_excerpt() -> None:
    part = replace(document(*FIVE, read_whole=False), id="e")
    (found,) = coverage(Collection("made", (document(*FIVE), part), (placed(1, "D", Issue.SELF_HARM),)))
    assert (found.read_whole, found.silent) == (False, ())
