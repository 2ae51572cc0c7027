"""The model as a user meets it, with a network whose every word is known; see tests/conftest.py."""

from __future__ import annotations

import dataclasses
import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import evenhand
import evenhand.model
from evenhand.coding import REASON_BLANK, REASON_NOT_CODABLE, REASON_OTHER_PEOPLE
from evenhand.errors import InputError, ModelError
from evenhand.model import Model
from evenhand.result import Coding
from evenhand.scheme import ISSUES, LEVELS, Assertion, Frame, Issue, Level, dfe_codes

TEXTS = [
    "Dad hit him with a belt.",
    "Mum denies the belt. The home is damp.",
    "Mum denies the belt. The neighbour is late.",
    "",
    "Kind regards.",
    "The neighbour hit her with a belt.",
    "He is happy at school. She is late. Previously a bruise.",
    "If he is late. Regards.",
    "damp damp damp damp damp damp damp damp damp damp damp damp damp damp damp damp damp damp damp damp "
    "damp damp damp damp damp damp",
]


@pytest.fixture(scope="module")
def model(toy_bundle: Path) -> Model:
    return evenhand.load(toy_bundle, workers=2)


def test_a_present_harm_is_graded_and_named(model: Model) -> None:
    coding = model.code("Dad hit him with a belt.")
    assert coding.level is Level.D
    assert coding.levels[-1] is Level.D
    assert coding.severity is not None
    assert coding.severity > 5.5
    assert coding.issues == (Issue.PHYSICAL_ABUSE,)
    assert coding.dfe_codes == dfe_codes(coding.issues)
    assert (coding.assertion, coding.frame) == (Assertion.PRESENT, Frame.EVIDENCE)
    assert coding.model == "evenhand-0.0"
    assert coding.reason is None


@pytest.mark.parametrize("first", ["Mum denies the belt.", "Previously a belt.", "If a belt."])
def test_what_is_said_to_be_so_decides_before_what_is_denied_past_or_supposed(model: Model, first: str) -> None:
    coding = model.code(f"{first} The home is damp.")
    assert coding.assertion is Assertion.PRESENT
    assert [sentence.weight for sentence in coding.sentences] == [0.0, 1.0]
    assert coding.severity == coding.sentences[1].severity
    assert coding.severity == model.code("The home is damp.").severity


def test_a_past_harm_decides_where_nothing_present_is_said(model: Model) -> None:
    coding = model.code("Previously a belt. Kind regards.")
    assert coding.assertion is Assertion.HISTORICAL
    assert coding.level is Level.D


@pytest.mark.parametrize("aside", ["The neighbour hit her with a belt.", "Belt regards."])
def test_other_people_and_process_never_decide_and_add_no_issue(model: Model, aside: str) -> None:
    alone, together = model.code("The home is damp."), model.code(f"The home is damp. {aside}")
    assert together.level is alone.level
    assert together.level_probabilities == alone.level_probabilities
    assert together.severity == alone.severity
    assert together.issues == alone.issues == (Issue.HOUSING,)
    assert together.sentences[1].weight == 0.0
    assert together.sentences[1].level is None


def test_issues_come_from_every_concern_strongest_first(model: Model) -> None:
    coding = model.code("She is late. Damp damp. He is happy. Mum denies the bruise.")
    assert coding.issues == (Issue.HOUSING, Issue.EDUCATION)
    probabilities = [coding.issue_probabilities[issue] for issue in coding.issues]
    assert probabilities == sorted(probabilities, reverse=True)


def test_a_text_of_strengths_alone_has_their_issues(model: Model) -> None:
    assert model.code("He is happy at school.").issues == (Issue.PROTECTIVE,)


def test_what_is_denied_or_past_names_the_issues_where_nothing_is_present(model: Model) -> None:
    assert set(model.code("Mum denies the belt. Previously damp.").issues) == {
        Issue.PHYSICAL_ABUSE,
        Issue.HOUSING,
    }


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", REASON_BLANK),
        (" \n\t ", REASON_BLANK),
        ("... !? --", REASON_BLANK),
        ("Kind regards.", REASON_NOT_CODABLE),
        ("Regards. She is at home.", REASON_NOT_CODABLE),
        ("The neighbour hit her with a belt.", REASON_OTHER_PEOPLE),
        ("Kind regards. The neighbour is late.", REASON_OTHER_PEOPLE),
    ],
    ids=[
        "empty",
        "blank",
        "punctuation",
        "process",
        "only process",
        "other people",
        "other people and process",
    ],
)
def test_a_text_with_nothing_codable_has_no_level_and_says_why(model: Model, text: str, reason: str) -> None:
    coding = model.code(text)
    assert coding.level is None
    assert coding.reason == reason
    assert (coding.levels, coding.issues, coding.dfe_codes) == ((), (), ())
    assert (coding.severity, coding.assertion, coding.frame) == (None, None, None)
    assert (dict(coding.level_probabilities), dict(coding.issue_probabilities)) == ({}, {})
    assert all(sentence.weight == 0.0 for sentence in coding.sentences)


def test_a_sentence_without_codable_content_has_no_codes(model: Model) -> None:
    sentence = model.code("Belt regards.").sentences[0]
    assert (sentence.level, sentence.severity, sentence.assertion, sentence.frame) == (None, None, None, None)
    assert sentence.issues == ()


def test_a_sentence_about_other_people_has_issues_but_no_grade(model: Model) -> None:
    sentence = model.code("The neighbour hit her with a belt.").sentences[0]
    assert sentence.assertion is Assertion.OTHER_PERSON
    assert sentence.issues == (Issue.PHYSICAL_ABUSE,)
    assert (sentence.level, sentence.severity) == (None, None)


@pytest.mark.parametrize("text", TEXTS, ids=range(len(TEXTS)))
def test_one_text_is_a_call_with_one_text(model: Model, text: str) -> None:
    assert model.code(text) == model.code_many([text])[0]


@given(st.lists(st.integers(0, len(TEXTS) - 1), max_size=8))
@settings(max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_coding_is_the_same_alone_and_in_company_and_order_is_kept(model: Model, chosen: list[int]) -> None:
    together = model.code_many(TEXTS[place] for place in chosen)
    assert together == [model.code(TEXTS[place]) for place in chosen]


@given(st.lists(st.sampled_from(" ".join(TEXTS[:8]).split()), max_size=20).map(" ".join))
@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_every_coding_keeps_the_contract(model: Model, text: str) -> None:
    coding = model.code(text)
    weights = sum(sentence.weight for sentence in coding.sentences)
    assert (coding.reason is None) == (coding.level is not None)
    for sentence in coding.sentences:
        assert text[sentence.start : sentence.end].strip()
    if coding.level is None:
        assert weights == 0.0
        return
    assert weights == 1.0
    assert coding.level in coding.levels
    assert coding.levels == LEVELS[coding.levels[0].rank : coding.levels[-1].rank + 1]
    assert sum(coding.level_probabilities.values()) == pytest.approx(1.0, abs=5e-4)
    up_to = list(coding.level_probabilities.values())[: coding.level.rank + 1]
    assert sum(up_to) >= 0.5 - 5e-4
    assert sum(up_to[:-1]) <= 0.5 + 5e-4
    assert (list(coding.level_probabilities), list(coding.issue_probabilities)) == (
        list(LEVELS),
        list(ISSUES),
    )
    assert coding.severity is not None
    assert 1.0 <= coding.severity <= 6.0
    assert json.loads(json.dumps(coding.to_dict())) == coding.to_dict()


def test_a_call_is_coded_block_by_block_with_the_same_result(model: Model, monkeypatch: pytest.MonkeyPatch) -> None:
    expected = model.code_many(TEXTS)
    monkeypatch.setattr(evenhand.model, "TEXTS_PER_BLOCK", 2)
    assert model.code_many(TEXTS) == expected


def test_a_stretch_without_words_is_no_sentence(model: Model) -> None:
    coding = model.code("Damp. ... \n\n---\n\nShe is late.")
    assert len(coding.sentences) == 2


def test_offsets_count_code_points_of_the_text_as_given(model: Model) -> None:
    text = "\n  Café 👧 is  damp.  Dad hit  him with a belt!\n"
    coding = model.code(text)
    assert [text[sentence.start : sentence.end] for sentence in coding.sentences] == [
        "Café 👧 is  damp.",
        "Dad hit  him with a belt!",
    ]
    assert coding.sentences[1].weight == 1.0


@pytest.mark.parametrize(("words", "truncated"), [(5, False), (40, True)], ids=["short", "long"])
def test_a_sentence_longer_than_the_model_reads_is_reported(model: Model, words: int, truncated: bool) -> None:
    assert model.code("She is late. " + " ".join(["damp"] * words)).truncated is truncated


def test_a_coding_cannot_be_changed(model: Model) -> None:
    coding: Coding = model.code("damp")
    with pytest.raises(dataclasses.FrozenInstanceError):
        coding.severity = 1.0  # type: ignore[misc] # that is the point


def test_sentences_are_coded_as_they_are_and_never_split(model: Model) -> None:
    together = "She is late. Dad hit  him with a belt."
    codings = model.code_sentences([together, "damp"])
    assert [(coding.start, coding.end) for coding in codings] == [(0, len(together)), (0, 4)]
    assert codings[1].severity == model.code("damp").severity
    assert set(codings[0].issues) == {Issue.EDUCATION, Issue.PHYSICAL_ABUSE}  # of both, so nothing was split


def test_info_says_what_the_model_is_for_and_made_of(model: Model) -> None:
    info = model.info()
    assert info["name"] == "evenhand-0.0"
    assert info["not_for"] == "anything else"
    assert info["levels"] == ["none", "A", "B", "C", "D"]
    assert info["level_set_coverage_aimed_at"] == 0.9
    assert info["headline"] == {"rows": 3}
    assert set(info["files"]) == {"model.onnx", "tokenizer.json", "decoder.json", "metrics.json", "CARD.md"}
    assert json.loads(json.dumps(info)) == info


@pytest.mark.parametrize(
    "content", ["{}", "[]", "{", '{"severity_cuts": "many"}'], ids=["empty", "list", "broken", "words"]
)
def test_a_decoder_of_another_form_is_a_model_error(
    toy_bundle: Path, tmp_path: Path, seal: Callable[[Path], None], content: str
) -> None:
    directory = Path(shutil.copytree(toy_bundle, tmp_path / "evenhand-0.0"))
    (directory / "decoder.json").write_text(content, encoding="utf-8")
    seal(directory)
    with pytest.raises(ModelError, match=r"decoder\.json is not of the form this version reads; get the model again"):
        evenhand.load(directory)


def test_loading_from_a_place_without_a_model_is_a_model_error(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="no model there"):
        evenhand.load(tmp_path)


@pytest.mark.parametrize(
    ("texts", "says"),
    [("damp", "one string was given"), (["damp", None], "text 1 is of type NoneType"), ([7], "text 0 is of type int")],
    ids=["a string", "null", "number"],
)
def test_what_is_not_a_list_of_texts_is_told(model: Model, texts: Any, says: str) -> None:  # noqa: ANN401
    with pytest.raises(InputError, match=says):
        model.code_many(texts)
