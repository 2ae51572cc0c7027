"""Results are frozen and written in the contract's order as plain JSON types."""

from __future__ import annotations

import dataclasses
import json
from typing import Any

import pytest

from evenhand.result import Coding, SentenceCoding
from evenhand.scheme import ISSUES, LEVELS, Assertion, Frame, Issue, Level

SENTENCE = SentenceCoding(0, 9, Level.C, 4.25, (Issue.NEGLECT, Issue.HOUSING), Assertion.PRESENT, Frame.NEED, 1.0)
CODING = Coding(
    level=Level.C,
    levels=(Level.C, Level.D),
    level_probabilities=dict.fromkeys(LEVELS, 0.2),
    severity=4.25,
    issues=(Issue.NEGLECT, Issue.HOUSING),
    issue_probabilities=dict.fromkeys(ISSUES, 0.5),
    dfe_codes=("18B",),
    assertion=Assertion.PRESENT,
    frame=Frame.NEED,
    sentences=(SENTENCE,),
    truncated=False,
    model="toy-0.0",
)
UNCODED = Coding(None, (), {}, None, (), {}, (), None, None, (), False, "toy-0.0", "the text is blank")

# Fields are only added to these, never renamed, moved or removed.
CODING_FIELDS = [
    "level",
    "levels",
    "level_probabilities",
    "severity",
    "issues",
    "issue_probabilities",
    "dfe_codes",
    "assertion",
    "frame",
    "sentences",
    "truncated",
    "model",
    "reason",
]
SENTENCE_FIELDS = ["start", "end", "level", "severity", "issues", "assertion", "frame", "weight", "claim"]


def test_a_coding_is_written_with_exactly_the_fields_of_the_contract() -> None:
    assert list(CODING.to_dict()) == CODING_FIELDS
    assert list(UNCODED.to_dict()) == CODING_FIELDS


def test_a_sentence_is_written_with_exactly_the_fields_of_the_contract() -> None:
    assert list(SENTENCE.to_dict()) == SENTENCE_FIELDS
    assert CODING.to_dict()["sentences"] == [SENTENCE.to_dict()]


def test_every_field_is_written() -> None:
    for kind, written in ((Coding, CODING_FIELDS), (SentenceCoding, SENTENCE_FIELDS)):
        assert [field.name for field in dataclasses.fields(kind)] == written


@pytest.mark.parametrize("coding", [CODING, UNCODED], ids=["coded", "uncoded"])
def test_what_is_written_holds_plain_json_types_only(coding: Coding) -> None:
    written = coding.to_dict()
    assert json.loads(json.dumps(written)) == written
    assert _types(written) <= {dict, list, str, float, int, bool, type(None)}


def test_codes_are_written_as_their_text() -> None:
    written = CODING.to_dict()
    assert (written["level"], written["levels"]) == ("C", ["C", "D"])
    assert written["issues"] == ["neglect", "housing"]
    assert list(written["level_probabilities"]) == ["none", "A", "B", "C", "D"]
    assert (written["assertion"], written["frame"]) == ("present", "need")


def test_an_uncoded_text_is_null_and_not_level_none() -> None:
    written = UNCODED.to_dict()
    assert written["level"] is None
    assert written["severity"] is None
    assert written["reason"] == "the text is blank"


@pytest.mark.parametrize("result", [CODING, SENTENCE], ids=["coding", "sentence"])
def test_a_result_cannot_be_changed(result: Coding | SentenceCoding) -> None:
    with pytest.raises(dataclasses.FrozenInstanceError):
        result.level = Level.A  # type: ignore[misc] # that is the point


def _types(value: Any) -> set[type]:  # noqa: ANN401 - any part of a result
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return {type(value)}.union(*map(_types, inner))
