"""W3C Web Annotations: what is written is read again and is as the model has it; what other tools wrote is read too."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

import pytest
from hypothesis import given, settings
from tests.annotate.strategies import collections

from evenhand.annotate import Annotation, Annotations, Coder, Unit
from evenhand.annotate.web_annotation import CONTEXT, read, written
from evenhand.errors import InputError
from evenhand.framing.scheme import Category
from evenhand.scheme import Assertion, Frame, Issue, Level

WORDS = "Zq7marker \U0001f642 was late, and late again."
UNIT = Unit("R-017", WORDS)
MADE = datetime(2026, 3, 31, 9, 5, tzinfo=UTC)
FULL = Annotation(
    "c 1",
    "R-017",
    Coder("evenhand", "model", "0.3.1"),
    MADE,
    confidence=0.75,
    start=10,
    end=20,
    levels=(Level.C, Level.D),
    severity=4.5,
    issues=(Issue.NEGLECT, Issue.HOUSING),
    assertion=Assertion.PRESENT,
    frame=Frame.RISK,
    framing=Category.VAGUE,
    other=("issue:housing", "Family/strength"),
    note="see\nabove",
    decides=("c2", "http://example.org/anno1"),
)


@settings(max_examples=300)
@given(collections())
def test_what_is_written_is_read_again(collection: Annotations) -> None:
    assert read(written(collection), "x.jsonld") == collection


@settings(max_examples=100)
@given(collections())
def test_what_is_written_has_what_the_model_demands(collection: Annotations) -> None:
    given = json.loads(written(collection))

    assert given["@context"][0] == "http://www.w3.org/ns/anno.jsonld"
    assert given["type"] == "AnnotationCollection"
    assert given["total"] == len(collection.codings)
    assert ("first" in given) == bool(collection.codings)  # a page has at least one annotation
    items = given["first"]["items"] if collection.codings else []
    assert len({one["id"] for one in items}) == len(items) == given["total"]
    for one in items:
        check_annotation(one)


def check_annotation(one: dict[str, Any]) -> None:
    """Section 3.1, 3.2.4, 3.3.1, 3.3.2 and 4.2 of the model."""
    for name in (one["id"], one["target"]["source"], one["creator"]["id"]):
        assert urlsplit(name).scheme
        assert re.fullmatch(r"[A-Za-z0-9._~:/?#\[\]@!$&'()*+,;=%-]+", name), "no IRI"
    assert one["type"] == "Annotation"
    assert one["motivation"] == "classifying"
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z", one["created"])
    assert one["creator"]["type"] in {"Person", "Software"}
    for body in one.get("body", []):
        assert body["type"] == "TextualBody"
        assert isinstance(body["value"], str)
        assert body["purpose"] in {"classifying", "tagging", "commenting"}
    for selector in one["target"].get("selector", []):
        if selector["type"] == "TextPositionSelector":
            assert 0 <= selector["start"] < selector["end"]
        else:
            assert selector.keys() == {"type", "exact", "prefix", "suffix"}


def test_every_key_is_the_models_or_under_our_prefix() -> None:
    models = {"@context", "id", "type", "label", "total", "first", "last", "partOf", "startIndex", "items", "name"}
    models |= {"motivation", "creator", "created", "body", "target", "source", "selector", "start", "end", "exact"}
    models |= {"prefix", "suffix", "purpose", "format", "value", "schema:softwareVersion"}
    given = json.loads(written(Annotations((Unit("R-017", WORDS, "d1", {"area": "north"}),), (FULL,))))

    found = {key for key in keys({**given, "@context": None}) if not key.startswith("evenhand:")}
    assert found <= models
    own = CONTEXT[1]
    assert isinstance(own, dict)
    assert own["evenhand"].endswith(":")  # or JSON-LD 1.1 does not take it as a prefix


def keys(given: object) -> set[str]:
    if isinstance(given, dict):
        return set(given) | {key for one in given.values() for key in keys(one)}
    return {key for one in given for key in keys(one)} if isinstance(given, list) else set()


def test_positions_count_code_points() -> None:
    selectors = json.loads(written(Annotations((UNIT,), (FULL,))))["first"]["items"][0]["target"]["selector"]

    assert selectors[0] == {"type": "TextPositionSelector", "start": 10, "end": 20}
    assert selectors[1]["exact"] == WORDS[10:20] == "\U0001f642 was late"


def test_another_tool_sees_codes_as_plain_bodies() -> None:
    bodies = json.loads(written(Annotations((UNIT,), (FULL,))))["first"]["items"][0]["body"]

    assert [(body["purpose"], body["value"]) for body in bodies][:4] == [
        ("classifying", "level:C"),
        ("classifying", "level:D"),
        ("tagging", "issue:neglect"),
        ("tagging", "issue:housing"),
    ]


def test_bodies_may_come_in_another_order() -> None:
    given = json.loads(written(Annotations((UNIT,), (FULL,))))
    given["first"]["items"][0]["body"].reverse()

    assert read(json.dumps(given), "x.jsonld").codings == (FULL,)


def test_the_web_address_of_a_coding_stays_its_id() -> None:
    coding = Annotation("http://example.org/anno1", "http://example.org/text", Coder("Ann"), MADE)
    content = written(Annotations((Unit("http://example.org/text", "late"),), (coding,)))

    assert json.loads(content)["first"]["items"][0]["id"] == "http://example.org/anno1"
    assert read(content, "x.jsonld").codings == (coding,)


def from_elsewhere(**parts: object) -> str:
    """Our texts, with an annotation that another tool added."""
    given = json.loads(written(Annotations((UNIT, Unit("R-018", "late late")), ())))
    one = {"id": "http://example.org/a1", "type": "Annotation", "target": "urn:evenhand:text:R-017", **parts}
    given["first"] = {"type": "AnnotationPage", "items": [one]}
    return json.dumps(given)


def coding(**parts: object) -> Annotation:
    return read(from_elsewhere(**parts), "x.jsonld").codings[0]


def test_bodies_of_other_tools_become_our_codes_or_others() -> None:
    found = coding(
        body=[
            "issue:housing",
            {"type": "TextualBody", "value": "level:D", "purpose": "tagging"},
            {"type": "TextualBody", "value": "level:C"},
            {"type": "TextualBody", "value": "severity:4"},
            {"type": "TextualBody", "value": "severity:9"},
            {"type": "TextualBody", "value": "issue:weather"},
            {"type": "TextualBody", "value": "Late again", "purpose": "commenting"},
            {"type": "SpecificResource", "source": "http://example.org/concepts/late", "purpose": "tagging"},
        ]
    )

    assert found.issues == (Issue.HOUSING,)
    assert found.levels == (Level.C, Level.D)
    assert found.severity == 4
    assert found.other == ("severity:9", "issue:weather", "http://example.org/concepts/late")
    assert found.note == "Late again"


def test_a_body_value_is_a_body() -> None:
    assert coding(bodyValue="late").other == ("late",)


@pytest.mark.parametrize(
    ("parts", "coder"),
    [
        ({}, Coder("unknown")),
        ({"creator": "http://example.org/ann"}, Coder("http://example.org/ann")),
        ({"creator": {"type": "Person", "nickname": "ann"}}, Coder("ann")),
        ({"creator": [{"name": "Ann"}, {"name": "Ben"}]}, Coder("Ann and Ben")),
        ({"generator": {"type": "Software", "name": "tagger"}}, Coder("tagger", "model", "unknown")),
    ],
    ids=["missing", "address", "nickname", "two", "software"],
)
def test_creators_of_other_tools_become_coders(parts: dict[str, object], coder: Coder) -> None:
    found = coding(body="late", **parts)

    assert found.coder == coder
    assert found.made == datetime(1970, 1, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    ("selector", "stretch"),
    [
        ({"type": "TextQuoteSelector", "exact": "again"}, (31, 36)),
        ({"type": "TextQuoteSelector", "exact": "late", "prefix": "and "}, (26, 30)),
        ({"type": "TextQuoteSelector", "exact": "late", "suffix": ","}, (16, 20)),
        ({"type": "TextPositionSelector", "start": 0, "end": 9}, (0, 9)),
        # As a browser counts, in UTF-16 code units: one too far, and the quotation says so.
        (
            [
                {"type": "TextPositionSelector", "start": 32, "end": 37},
                {"type": "TextQuoteSelector", "exact": "again"},
            ],
            (31, 36),
        ),
        # The same, of the full stop: past the end of the text.
        (
            [
                {"type": "TextPositionSelector", "start": 37, "end": 38},
                {"type": "TextQuoteSelector", "exact": "."},
            ],
            (36, 37),
        ),
    ],
    ids=["quote", "prefix", "suffix", "position", "code units", "past the end"],
)
def test_selectors_of_other_tools_are_found_in_the_text(selector: object, stretch: tuple[int, int]) -> None:
    found = coding(target={"source": "urn:evenhand:text:R-017", "selector": selector})

    assert (found.start, found.end) == stretch


def test_a_text_inside_a_target_is_taken() -> None:
    target = {"source": {"id": "http://example.org/t1", "type": "Text", "value": "Was late."}}
    one = {"type": "Annotation", "id": "http://example.org/a1", "body": "late", "target": target}
    found = read(json.dumps([one]), "x.jsonld")

    assert found.units == (Unit("http://example.org/t1", "Was late."),)
    assert read(written(found), "x.jsonld") == found


SOURCE = "urn:evenhand:text:R-017"


@pytest.mark.parametrize(
    ("content", "told"),
    [
        ("{", "is no JSON"),
        ("[" * 100_000, "is no JSON"),
        ('{"text": "Zq7marker"}', "is no W3C Annotation"),
        ('{"type": "AnnotationCollection", "first": "http://example.org/p1"}', "pages in other files"),
        (from_elsewhere(target="http://example.org/Zq7"), "annotation 1: its text is not in the file"),
        (from_elsewhere(target=[SOURCE, SOURCE]), "annotation 1: it has 2 targets"),
        (from_elsewhere(target=None), "annotation 1: it has 0 targets"),
        (from_elsewhere(created="Zq7marker"), "annotation 1: a time is none"),
        (from_elsewhere(body=[{"type": "TextualBody"}]), "annotation 1: a body has no value"),
        (from_elsewhere(body=["level:A", "level:C"]), "annotation 1: .* has a gap"),
        (from_elsewhere(body=[{"value": "issue:Zq7marker", "evenhand:part": "issue"}]), "a body's code is unknown"),
        (from_elsewhere(**{"evenhand:confidence": "Zq7marker"}), "annotation 1: confidence is no number"),
        (from_elsewhere(creator=[7]), r"annotation 1 is not as the Web Annotation Data Model has it \(AttributeError"),
    ],
)
def test_what_is_wrong_is_told_without_a_text(content: str, told: str) -> None:
    with pytest.raises(InputError, match=told) as caught:
        read(content, "ours.jsonld")
    assert "ours.jsonld" in str(caught.value)
    assert "Zq7marker" not in str(caught.value)


@pytest.mark.parametrize(
    ("selector", "told"),
    [
        ({"type": "TextQuoteSelector", "exact": "late"}, "its quotation is in the text 2 times"),
        ({"type": "TextQuoteSelector", "exact": "Zq7marker!"}, "its quotation is in the text 0 times"),
        ({"type": "TextQuoteSelector", "exact": ""}, "its quotation is in the text 0 times"),
        ({"type": "TextPositionSelector", "start": 3, "end": 999}, "no stretch of the text"),
        ({"type": "TextPositionSelector", "start": True, "end": 2}, "no stretch of the text"),
        ({"type": "XPathSelector", "value": "/Zq7marker"}, "its selector is not read here"),
        ({"type": "TextPositionSelector", "start": 0, "end": 9, "refinedBy": {}}, "its selector is not read here"),
    ],
)
def test_a_selector_that_points_nowhere_is_told(selector: dict[str, object], told: str) -> None:
    with pytest.raises(InputError, match=f"ours.jsonld: annotation 1: .*{told}") as caught:
        read(from_elsewhere(target={"source": SOURCE, "selector": selector}), "ours.jsonld")
    assert "Zq7marker" not in str(caught.value)


def test_two_texts_of_one_id_are_told() -> None:
    target = {"source": {"id": SOURCE, "value": "Zq7marker"}}
    with pytest.raises(InputError, match="annotation 1: its text is not the same"):
        read(from_elsewhere(target=target), "ours.jsonld")
