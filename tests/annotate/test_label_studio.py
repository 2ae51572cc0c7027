"""Label Studio's JSON: nothing is lost on the way there and back, and what is changed there is its changer's."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any
from xml.etree import ElementTree

import pytest
from hypothesis import given, settings
from tests.annotate.strategies import collections

from evenhand.annotate import Annotation, Annotations, Coder, Unit
from evenhand.annotate.label_studio import labelling_config, read, written
from evenhand.errors import InputError
from evenhand.framing.scheme import CATEGORIES, Category
from evenhand.scheme import ASSERTIONS, FRAMES, ISSUES, LEVELS, Assertion, Frame, Issue, Level

WHEN = datetime(2026, 3, 31, 9, 5, tzinfo=UTC)
LATER = "2026-04-01T10:00:00.123456Z"
PERSON = Coder("Aldermoor")
MODEL = Coder("evenhand", "model", "0.3.1")
TEXT = "\U0001f642 Zq7marker\r\nwas late, and late again."  # an emoji of two UTF-16 units, and a line break of two


def coding(number: int, **given: Any) -> Annotation:  # noqa: ANN401 - any field
    made = {"id": f"c{number}", "unit": "t1", "coder": PERSON, "made": WHEN, **given}
    return Annotation(**made)


WHOLE = coding(1, levels=(Level.A, Level.B), severity=3.25, issues=(Issue.POVERTY, Issue.HOUSING), note="two\n\nlines ")
STRETCH = coding(2, start=2, end=11, assertion=Assertion.PRESENT, framing=Category.VAGUE)
BY_MODEL = coding(3, coder=MODEL, confidence=0.75, levels=(Level.B,), severity=2.875)
OURS = Annotations((Unit("t1", TEXT, "Area 1", {"text": "a", "$year": "2026"}),), (WHOLE, STRETCH, BY_MODEL))


def tasks() -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(written(OURS))
    return found


def exported(changed: list[dict[str, Any]] | None = None) -> list[dict[str, Any]]:
    """Our tasks as the server gives them back: annotations are the importer's, and dated anew."""
    found = changed or tasks()
    for number, annotation in enumerate(found[0]["annotations"], 1):
        annotation.update(id=number, completed_by=1, created_at=LATER, updated_at=LATER, updated_by=None)
        annotation.pop("created_username")
    found[0]["predictions"] = [7]
    return found


def item(name: str, kind: str, **value: Any) -> dict[str, Any]:  # noqa: ANN401 - whatever a control has
    return {"id": f"made-{name}", "from_name": name, "to_name": "text", "type": kind, "value": value}


def of(coder: str, found: Annotations) -> list[Annotation]:
    return [one for one in found.codings if one.coder.name == coder]


def from_tasks(given: object) -> Annotations:
    return read(json.dumps(given), "export.json")


@settings(max_examples=400)
@given(collections())
def test_what_is_written_is_read_again(collection: Annotations) -> None:
    assert read(written(collection), "x.json") == collection


@settings(max_examples=100)
@given(collections())
def test_nothing_is_lost_where_the_server_dates_annotations_anew_and_leaves_predictions_out(
    collection: Annotations,
) -> None:
    given = json.loads(written(collection))
    for task in given:
        task["predictions"] = [5]
        for annotation in task["annotations"]:
            annotation.update(completed_by=1, created_at=LATER, updated_at=LATER)
            del annotation["created_username"]
    assert from_tasks(given) == collection


def test_the_version_of_the_scheme_travels() -> None:
    old = Annotations(OURS.units, OURS.codings, "0.9")
    assert read(written(old), "x.json") == old


def test_people_are_annotations_and_models_are_predictions() -> None:
    (task,) = tasks()
    assert [one["created_username"] for one in task["annotations"]] == ["Aldermoor"]
    (prediction,) = task["predictions"]
    assert prediction["model_version"] == "evenhand 0.3.1"
    assert prediction["score"] == 0.75


def test_a_coders_stretches_stand_in_one_annotation_with_their_coding_of_the_text() -> None:
    (annotation,) = tasks()[0]["annotations"]
    assert {one["from_name"] for one in annotation["result"] if "start" in one["value"]} == {
        "passage",
        "passage_assertion",
        "passage_framing",
    }
    assert {one["from_name"] for one in annotation["result"] if "start" not in one["value"]} == {
        "level",
        "issues",
        "severity",
        "note",
    }


def test_two_codings_of_one_text_by_one_coder_are_two_annotations() -> None:
    twice = Annotations(OURS.units, (WHOLE, coding(4, levels=(Level.D,))))
    assert len(json.loads(written(twice))[0]["annotations"]) == 2
    assert read(written(twice), "x.json") == twice


def test_a_coding_without_any_code_survives() -> None:
    empty = Annotations(OURS.units, (coding(1), coding(2, start=0, end=1), coding(3, coder=MODEL)))
    assert read(written(empty), "x.json") == empty


def test_a_severity_is_shown_at_a_step_of_its_field_as_the_page_saves_no_other() -> None:
    (shown,) = [one["value"] for one in tasks()[0]["predictions"][0]["result"] if one["type"] == "number"]
    assert shown == {"number": 2.9}
    assert BY_MODEL in read(written(OURS), "x.json").codings


def test_offsets_are_code_points() -> None:
    (annotation,) = tasks()[0]["annotations"]
    (mark,) = [one for one in annotation["result"] if one["type"] == "labels"]
    assert (mark["value"]["start"], mark["value"]["end"]) == (2, 11)
    assert TEXT[2:11] == "Zq7marker"


def test_offsets_of_older_exports_in_utf_16_are_told_by_the_stored_words() -> None:
    mark = item("label", "labels", start=3, end=12, text="Zq7marker", labels=["PER"])
    (found,) = from_tasks([{"id": 1, "data": {"text": TEXT}, "annotations": [{"id": 1, "result": [mark]}]}]).codings
    assert (found.start, found.end) == (2, 11)


def test_what_a_page_saves_without_a_change_stays_the_coders() -> None:
    given = exported()
    annotation = given[0]["annotations"][0]
    annotation["updated_by"] = 3
    for one in annotation["result"]:
        one["origin"] = "manual"
        if one["from_name"] == "issues":
            one["value"]["choices"].reverse()
        if one["from_name"] == "note":
            one["value"]["text"] = ["two\n\nlines"]
        if "start" in one["value"]:
            one["value"]["text"] = "Zq7marker"
    assert from_tasks(given) == OURS


def test_a_changed_coding_is_by_whoever_changed_it_and_the_others_stay() -> None:
    given = exported()
    annotation = given[0]["annotations"][0]
    annotation["updated_by"] = 3
    (level,) = [one for one in annotation["result"] if one["from_name"] == "level"]
    level["value"]["choices"] = ["C"]
    found = from_tasks(given)
    assert of("Aldermoor", found) == [STRETCH]
    (changed,) = of("label-studio user 3", found)
    assert changed.levels == (Level.C,)
    assert changed.severity == 3.2  # as it was shown
    assert changed.note == WHOLE.note
    assert changed.made == datetime(2026, 4, 1, 10, 0, 0, 123456, tzinfo=UTC)
    assert of("evenhand", found) == [BY_MODEL]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("severity", {"number": 4}),
        ("note", {"text": ["another"]}),
        ("issues", {"choices": ["poverty"]}),
        ("passage", {"start": 2, "end": 12, "labels": ["Passage"]}),
        ("passage_framing", {"start": 2, "end": 11, "choices": ["deficit"]}),
    ],
)
def test_every_change_counts(name: str, value: dict[str, Any]) -> None:
    given = exported()
    annotation = given[0]["annotations"][0]
    is_stretch = name.startswith("passage")
    for one in annotation["result"]:
        if one["from_name"] == name:
            one["value"] = value
        if name == "passage" and "start" in one["value"]:
            one["value"] |= {key: value[key] for key in ("start", "end")}
    found = from_tasks(given)
    assert of("Aldermoor", found) == [WHOLE if is_stretch else STRETCH]
    assert len(of("label-studio user 1", found)) == 1


def test_a_stretch_added_to_somebodys_annotation_is_its_adders() -> None:
    given = exported()
    annotation = given[0]["annotations"][0]
    annotation["updated_by"] = {"id": 3, "email": "coder@example.org"}
    annotation["result"] += [
        item("passage", "labels", start=0, end=1, labels=["Passage"]) | {"id": "new"},
        item("passage_frame", "choices", start=0, end=1, choices=["need"]) | {"id": "new"},
    ]
    found = from_tasks(given)
    assert of("Aldermoor", found) == [WHOLE, STRETCH]
    (added,) = of("coder@example.org", found)
    assert (added.start, added.end, added.frame) == (0, 1, Frame.NEED)


@pytest.mark.parametrize("parent", ["parent_prediction", "parent_annotation"])
def test_an_accepted_prediction_or_copied_annotation_is_by_the_person_who_took_it_over(parent: str) -> None:
    given = exported()
    source = tasks()[0]["predictions" if parent == "parent_prediction" else "annotations"][0]
    copy = {"id": 9, "completed_by": {"email": "coder@example.org"}, "updated_at": LATER, "result": source["result"]}
    given[0]["annotations"].append(copy | {parent: 7})
    found = from_tasks(given)
    assert set(OURS.codings) < set(found.codings)
    taken = of("coder@example.org", found)
    assert {one.levels for one in taken} == ({(Level.B,)} if parent == "parent_prediction" else {WHOLE.levels, ()})
    assert all(one.confidence is None for one in taken)


def test_a_copy_that_does_not_say_so_is_its_makers_too() -> None:
    given = exported()
    copy = {**given[0]["annotations"][0], "id": 9, "completed_by": 4}
    given[0]["annotations"].append(copy)
    found = from_tasks(given)
    assert of("Aldermoor", found) == [WHOLE, STRETCH]
    assert len(of("label-studio user 4", found)) == 2


def test_a_stretch_that_was_pasted_into_its_own_annotation_is_its_pasters() -> None:
    given = exported()
    annotation = given[0]["annotations"][0]
    annotation["updated_by"] = 3
    annotation["result"] += [{**one, "id": "pasted"} for one in annotation["result"] if "start" in one["value"]]
    found = from_tasks(given)
    assert of("Aldermoor", found) == [WHOLE, STRETCH]
    (pasted,) = of("label-studio user 3", found)
    assert (pasted.start, pasted.framing) == (STRETCH.start, STRETCH.framing)


@pytest.mark.parametrize(
    ("who", "name"),
    [
        ({"id": 3, "email": "coder@example.org", "first_name": ""}, "coder@example.org"),
        (3, "label-studio user 3"),
        ("coder@example.org", "coder@example.org"),
        (None, "label-studio user"),
    ],
)
def test_an_annotation_made_in_label_studio_is_by_its_user(who: object, name: str) -> None:
    given = exported()
    made = {"id": 9, "completed_by": who, "updated_by": 5 if who else None, "updated_at": LATER}
    given[0]["annotations"].append({**made, "result": [item("level", "choices", choices=["D", "C"])]})
    found = from_tasks(given)
    (one,) = of(name, found)
    assert one.levels == (Level.C, Level.D)
    assert set(OURS.codings) < set(found.codings)


def test_who_changed_an_annotation_is_told_by_e_mail_where_the_file_has_it_anywhere() -> None:
    given = exported()
    annotation = given[0]["annotations"][0]
    annotation.update(completed_by={"id": 3, "email": "coder@example.org"}, updated_by=3)
    annotation["result"] = [one for one in annotation["result"] if one["from_name"] != "severity"]
    (changed,) = of("coder@example.org", from_tasks(given))
    assert changed.severity is None


def test_a_skipped_annotation_is_left_out() -> None:
    given = exported()
    skipped = {"id": 9, "completed_by": 3, "was_cancelled": True, "result": [item("level", "choices", choices=["D"])]}
    given[0]["annotations"].append(skipped)
    assert from_tasks(given) == OURS


def test_tasks_of_another_project_are_read() -> None:
    results = [
        item("level", "choices", choices=["none", "B"]),
        item("issues", "choices", choices=["housing", "damp  walls"]),
        item("assertion", "choices", choices=["present", "negated"]),
        item("sentiment", "choices", choices=["Positive"]),
        item("topic", "taxonomy", taxonomy=[["Home", "Rent"]]),
        item("severity", "rating", rating=5),
        item("stars", "rating", rating=2),
        item("summary", "textarea", text=["late\r\nagain"]),
        item("note", "textarea", text="mine"),
        item("ner", "labels", start=0, end=1, text="\U0001f642", labels=["PER"]),
        {"type": "relation", "from_id": "a", "to_id": "b"},
    ]
    data = {"body": TEXT, "year": 2026}
    annotation = {"id": 4, "completed_by": {"email": "a@example.org"}, "created_at": LATER, "result": results}
    predicted = {"model_version": "bert v2", "score": 0.5, "result": [item("level", "choices", choices=["A"])]}
    found = from_tasks([{"id": 12, "data": data, "annotations": [annotation], "predictions": [predicted]}])
    (unit,) = found.units
    assert (unit.id, unit.text, dict(unit.data)) == ("12", TEXT, {"year": "2026"})
    mark, whole = of("a@example.org", found)
    assert (mark.start, mark.end, mark.other) == (0, 1, ("ner/PER",))
    assert whole.other == (
        "level/none",
        "level/B",
        "issues/damp walls",
        "assertion/negated",
        "sentiment/Positive",
        "topic/Home/Rent",
        "stars/2",
    )
    assert (whole.issues, whole.assertion, whole.severity) == ((Issue.HOUSING,), Assertion.PRESENT, 5)
    assert whole.note == "summary: late\nagain\nmine"
    (by_model,) = [one for one in found.codings if one.coder.kind == "model"]
    assert (by_model.coder.version, by_model.confidence, by_model.levels) == ("bert v2", 0.5, (Level.A,))


MARK = item("ner", "labels", start="/div[1]/text()[1]", end="/div[1]", startOffset=0, endOffset=2, labels=["PER"])


@pytest.mark.parametrize(
    ("content", "told"),
    [
        ("Zq7marker", "is no JSON"),
        ('{"data": {"text": "Zq7marker"}}', "is no list of tasks"),
        ([{"data": {"text": "Zq7marker"}}], "task 1: it has no id"),
        ([{"id": 1, "data": {"a": "Zq7marker", "b": "c"}}], 'task 1: its data has no "text"'),
        ([{"id": 1, "data": {"text": "Zq7marker"}}, "Zq7marker"], "task 2 is not as Label Studio writes it"),
        ([{"id": 1, "data": {"text": "Zq7marker"}}] * 2, "text id 1 stands twice"),
        ([{"id": 1, "data": {"text": TEXT}, "annotations": [{"result": [MARK]}]}], "task 1: a stretch has no whole"),
        (
            [
                {
                    "id": 1,
                    "data": {"text": TEXT},
                    "annotations": [{"result": [{**MARK, "value": {"start": 1, "end": 99}}]}],
                }
            ],
            "is no stretch of text 1",
        ),
        (
            [
                {"id": 1, "data": {"text": "a", "id": "a", "evenhand": {"scheme": "1.0"}}},
                {"id": 2, "data": {"text": "b", "id": "b", "evenhand": {"scheme": "0.9"}}},
            ],
            r"different coding schemes \(0.9, 1.0\)",
        ),
    ],
)
def test_what_is_wrong_is_told_without_a_text(content: object, told: str) -> None:
    with pytest.raises(InputError, match=told) as caught:
        read(content if isinstance(content, str) else json.dumps(content), "ours.json")
    assert "ours.json" in str(caught.value)
    assert "Zq7marker" not in str(caught.value)


def test_the_configuration_offers_every_code_for_texts_and_for_passages() -> None:
    root = ElementTree.fromstring(labelling_config())  # noqa: S314 - our own
    for prefix in ("", "passage_"):
        for name, codes in (
            ("level", LEVELS),
            ("issues", ISSUES),
            ("assertion", ASSERTIONS),
            ("frame", FRAMES),
            ("framing", CATEGORIES),
        ):
            choices = root.find(f".//Choices[@name='{prefix}{name}']")
            assert choices is not None
            assert [one.get("alias") for one in choices] == [str(code) for code in codes]
            assert choices.get("choice") == ("multiple" if name in {"level", "issues"} else "single")
            assert (choices.get("perRegion") == "true") == bool(prefix)


def test_every_control_that_is_written_to_is_in_the_configuration() -> None:
    root = ElementTree.fromstring(labelling_config())  # noqa: S314
    controls = {one.get("name") for one in root.iter() if one.get("toName")}
    everything: dict[str, Any] = {
        "levels": (Level.A,),
        "severity": 3,
        "issues": (Issue.HOUSING,),
        "assertion": Assertion.PRESENT,
        "frame": Frame.NEED,
        "framing": Category.VAGUE,
        "other": ("theirs/1",),
        "note": "n",
    }
    both = Annotations(OURS.units, (coding(1, **everything), coding(2, start=0, end=1, **everything)))
    (annotation,) = json.loads(written(both))[0]["annotations"]
    assert {one["from_name"] for one in annotation["result"]} == controls
