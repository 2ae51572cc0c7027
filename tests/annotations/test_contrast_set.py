"""Tellings of the same facts have one grade, and changed facts the grade that their kind says."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from evenhand_training.corpus import ContrastSet, Corpus, files
from evenhand_training.corpus.schema.contrast_set import TELLINGS


def line(*texts: tuple[str, int]) -> str:
    told = [{"kind": kind, "severity": severity, "text": f"{kind} {severity}."} for kind, severity in texts]
    return json.dumps({"id": "cs-1", "provenance": "authored", "issues": ["neglect"], "texts": told})


KINDS = st.sampled_from(["base", "risk", "kind", "style", "graver", "milder", "not_now"])


@given(st.lists(st.tuples(KINDS, st.integers(1, 6)), min_size=2, max_size=6))
def test_a_set_is_valid_where_every_grade_fits_its_kind(texts: list[tuple[str, int]]) -> None:
    told = {severity for kind, severity in texts if kind in TELLINGS}
    fits = len(told) == 1 and all(
        {"graver": grade > max(told), "milder": grade < max(told), "not_now": grade <= max(told)}.get(kind, True)
        for kind, grade in texts
    )
    if fits:
        row = files.parse_row(ContrastSet, line(*texts))
        assert {row.severity} == told
        assert row.texts == tuple(f"{kind} {severity}." for kind, severity in texts)
        assert files.row_line(row) == line(*texts)
    else:
        with pytest.raises(ValidationError):
            files.parse_row(ContrastSet, line(*texts))


def test_a_single_text_is_no_set() -> None:
    with pytest.raises(ValidationError):
        files.parse_row(ContrastSet, line(("base", 3)))


def test_released_sets_have_a_changed_text_or_several_tellings(corpus: Corpus) -> None:
    assert corpus.contrast_sets
    for row in corpus.contrast_sets:
        assert len(row.texts) > 1, row.id
        assert len(set(row.texts)) == len(row.texts), row.id
