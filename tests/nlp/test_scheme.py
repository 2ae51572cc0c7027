"""The vocabularies are closed, ordered and mapped; level sets are contiguous runs."""

from __future__ import annotations

import json
from enum import StrEnum
from itertools import chain, combinations
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evenhand.errors import VocabularyError
from evenhand.scheme import (
    ASSERTIONS,
    FRAMES,
    ISSUES,
    LEVEL_MEANINGS,
    LEVELS,
    SEVERITIES,
    SEVERITY_MEANINGS,
    Assertion,
    Frame,
    Issue,
    Level,
    dfe_codes,
    level_set,
    parse_code,
)

ANNOTATIONS = Path(__file__).parents[2] / "annotations"


def test_levels_are_ordered_from_none_to_d() -> None:
    assert [str(level) for level in LEVELS] == ["none", "A", "B", "C", "D"]
    assert [level.rank for level in LEVELS] == [0, 1, 2, 3, 4]


def test_every_level_and_severity_has_a_meaning() -> None:
    assert set(LEVEL_MEANINGS) == set(LEVELS)
    assert tuple(SEVERITY_MEANINGS) == SEVERITIES


@pytest.mark.parametrize(
    "code", [*LEVELS, *ISSUES, *ASSERTIONS, *FRAMES], ids=lambda code: f"{type(code).__name__}-{code}"
)
def test_every_code_is_read_back_from_its_text(code: StrEnum) -> None:
    assert parse_code(type(code), str(code)) is code


@pytest.mark.parametrize(
    ("vocabulary", "value", "message"),
    [
        (Issue, "self harm", "unknown issue 'self harm'; did you mean 'self_harm'?"),
        (Level, "c", "unknown level 'c'; expected one of none, A, B, C, D"),
        (Assertion, "presnt", "unknown assertion 'presnt'; did you mean 'present'?"),
        (Frame, "risky", "unknown frame 'risky'; did you mean 'risk'?"),
    ],
    ids=["issue", "level", "assertion", "frame"],
)
def test_an_unknown_code_is_refused_with_what_to_write(vocabulary: type[StrEnum], value: str, message: str) -> None:
    with pytest.raises(VocabularyError) as raised:
        parse_code(vocabulary, value)
    assert str(raised.value) == message


@given(
    ends=st.tuples(st.integers(0, 4), st.integers(0, 4)).map(sorted),
    random=st.randoms(use_true_random=False),
)
def test_a_run_of_levels_in_any_order_and_with_repeats_is_ordered(ends: list[int], random: object) -> None:
    run = LEVELS[ends[0] : ends[1] + 1]
    given_codes = [str(level) for level in (*run, *run)]
    random.shuffle(given_codes)  # type: ignore[attr-defined] # hypothesis gives a random.Random
    assert level_set(given_codes) == run


@pytest.mark.parametrize(
    "codes",
    [
        chosen
        for chosen in chain.from_iterable(combinations(LEVELS, size) for size in range(1, 6))
        if chosen[-1].rank - chosen[0].rank != len(chosen) - 1
    ],
    ids="+".join,
)
def test_a_set_with_a_gap_is_refused(codes: tuple[Level, ...]) -> None:
    with pytest.raises(VocabularyError, match=r"has a gap; levels of one set must be neighbours"):
        level_set(codes)


def test_an_empty_set_is_refused() -> None:
    with pytest.raises(VocabularyError, match="give at least one of none, A, B, C, D"):
        level_set([])


def test_factor_codes_are_sorted_and_named_once() -> None:
    codes = dfe_codes(ISSUES)
    assert list(codes) == sorted(set(codes))
    assert dfe_codes([Issue.NEGLECT, Issue.NEGLECT]) == dfe_codes([Issue.NEGLECT])


def test_an_issue_without_a_factor_adds_nothing() -> None:
    assert dfe_codes([]) == ()
    assert set(dfe_codes([Issue.NEGLECT])) <= set(dfe_codes([Issue.NEGLECT, Issue.PROTECTIVE]))
    assert dfe_codes([Issue.PROTECTIVE]) == ()


@given(st.sets(st.sampled_from(ISSUES)))
def test_factor_codes_of_a_set_are_those_of_its_issues(issues: set[Issue]) -> None:
    assert set(dfe_codes(issues)) == {code for issue in issues for code in dfe_codes([issue])}


def test_every_code_is_in_the_list_that_the_corpus_documents() -> None:
    documented = json.dumps(json.loads((ANNOTATIONS / "dfe-codes.json").read_text(encoding="utf-8")))
    assert dfe_codes(ISSUES)
    assert [code for code in dfe_codes(ISSUES) if f'"{code}"' not in documented] == []
