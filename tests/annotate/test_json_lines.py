"""Evenhand's own form of codings: what is written is read again, and what is wrong is told by its line."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from tests.annotate.strategies import collections

from evenhand.annotate import Annotations
from evenhand.annotate.json_lines import SCHEMA, read, written
from evenhand.errors import InputError

HEAD = json.dumps({"schema": SCHEMA, "scheme": "1.0"})
TEXT = {"id": "t1", "text": "Zq7marker was late.", "document": "", "data": {}}
CODING = {"id": "c1", "unit": "t1", "coder": {"name": "Aldermoor"}, "made": "2026-03-31T09:05:00Z"}


@settings(max_examples=300)
@given(collections())
def test_what_is_written_is_read_again(collection: Annotations) -> None:
    assert read(written(collection), "x.jsonl") == collection


def lines(*given: object) -> str:
    return "\n".join([HEAD, *(one if isinstance(one, str) else json.dumps(one) for one in given)])


@pytest.mark.parametrize(
    ("content", "told"),
    [
        ("", "is empty"),
        ('{"text": "Zq7marker"}', "does not say"),
        (lines("{"), "line 2 is no"),
        (lines({"text": {**TEXT, "id": 5}}), "id is of type int"),
        (lines({"text": {**TEXT, "id": ""}}), "the id of a text has to be a line"),
        (lines({"text": TEXT}, {"text": TEXT}), "text id t1 stands twice"),
        (lines({"coding": CODING}), "of text t1, which is not there"),
        (lines({"text": TEXT}, {"coding": {**CODING, "levels": ["E"]}}), "unknown level 'E'"),
        (lines({"text": TEXT}, {"coding": {**CODING, "levels": ["none", "B"]}}), "B"),
        (lines({"text": TEXT}, {"coding": {**CODING, "severity": 7}}), "from 1 to 6"),
        (lines({"text": TEXT}, {"coding": {**CODING, "confidence": 1.5}}), "from 0 to 1"),
        (lines({"text": TEXT}, {"coding": {**CODING, "start": 3}}), "start and end"),
        (lines({"text": TEXT}, {"coding": {**CODING, "start": 3, "end": 99}}), "no stretch of text t1"),
        (lines({"text": TEXT}, {"coding": {**CODING, "made": "yesterday"}}), "2026-03-31T09:05:00Z"),
        (lines({"text": TEXT}, {"coding": {**CODING, "coder": {"name": "m", "kind": "model"}}}), "has a version"),
        (lines({"text": TEXT}, {"coding": {**CODING, "issues": ["housing", "housing"]}}), "has one twice"),
        (lines({"text": TEXT}, {"coding": {**CODING, "note": "a\0"}}), "control characters"),
    ],
)
def test_what_is_wrong_is_told_without_a_text(content: str, told: str) -> None:
    with pytest.raises(InputError, match=told) as caught:
        read(content, "ours.jsonl")
    assert "ours.jsonl" in str(caught.value)
    assert "Zq7marker" not in str(caught.value)
