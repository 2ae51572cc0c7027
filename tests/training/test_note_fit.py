"""The reading of notes is what notes bear out, and stays near its start where there are few."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from evenhand.coding import code_readings
from evenhand.decoder import Decoder, class_probabilities, logistic
from evenhand.notes import FEATURES, ISSUE_FEATURES
from evenhand.readings import Readings, read_texts
from evenhand.scheme import ASSERTIONS, FRAMES, ISSUES, Issue
from evenhand_training.behaviour import Units
from evenhand_training.calibrate import Calibration, LevelReading
from evenhand_training.corpus import (
    AccumulationSet,
    AssertionSet,
    Claim,
    CounterfactualTemplate,
    FramingPair,
    Narrative,
    Row,
    SeverityPair,
)
from evenhand_training.network import ASSERTION_CLASSES
from evenhand_training.note_fit import (
    PRIOR_SD,
    START,
    Sample,
    fit_notes,
    reading_of_gravest,
    reading_of_passage,
    samples_of,
)
from evenhand_training.reading import CutPoints
from evenhand_training.set_readings import SetReadings

Floats = NDArray[np.float64]
CUTS = CutPoints(np.array([-4.0, -2.0, 0.0, 2.0, 4.0]), -3.0, np.zeros(3), level_slope=1.0)
SHARED_CUTS = (CUTS.severity - CUTS.severity.mean()) / CUTS.severity.std()
SCALE = 4.0
GRAVE, MILD, REFUSED = 3.0, -3.0, "Ring back."  # latent severity by what a sentence says; one with nothing to code


@pytest.fixture(scope="module", name="decoder")
def any_decoder() -> Decoder:
    level = LevelReading(slope=2.0, first=-1.2, log_gaps=(-0.4, -0.4, -0.4), area_sd=0.3)
    made = Calibration(1.0, level, 1.0, 0.5, 0.3, 0.8).decoder(CUTS)
    return replace(made, refusal_threshold=0.9, bare_refusal_threshold=0.9)


def samples(
    weights: dict[str, float],
    count: int,
    seed: int,
    *,
    issue_weights: tuple[float, ...] = (0.5, 0.5, 0.0),
    cuts: Floats = SHARED_CUTS,
) -> list[Sample]:
    """Notes whose grades and issues were drawn under known weights."""
    generator = np.random.default_rng(seed)
    found = []
    for _ in range(count):
        features = generator.normal(0, 1, len(FEATURES))
        features[-1] = 1.0
        value = sum(weights.get(name, 0.0) * feature for name, feature in zip(FEATURES, features, strict=True))
        shares = class_probabilities(logistic(SCALE * (value - cuts))[None])[0]
        told = np.concatenate([generator.normal(-1, 3, (len(ISSUES), 2)), np.ones((len(ISSUES), 1))], axis=1)
        real = generator.random(len(ISSUES)) < logistic(told @ np.array(issue_weights))
        severity = 1 + int(generator.choice(6, p=shares / shares.sum()))
        found.append(Sample(features, told, severity, real, cuts, SCALE))
    return found


def named(weights: Floats) -> dict[str, float]:
    return dict(zip(FEATURES, weights.tolist(), strict=True))


# --- the fit


@pytest.mark.parametrize(
    "known", [{"passage": 1.0}, {"gravest": 0.9, "kinds": 0.4}, {"passage": 0.6, "gravest": 0.3, "one": -0.4}]
)
def test_known_weights_are_recovered_from_many_notes(known: dict[str, float]) -> None:
    fitted = named(fit_notes(samples(known, 400, seed=1)).severity)
    assert fitted == pytest.approx({name: known.get(name, 0.0) for name in FEATURES}, abs=0.15)


def test_known_issue_weights_are_recovered_from_many_notes() -> None:
    fitted = fit_notes(samples(START, 200, seed=2, issue_weights=(0.8, 0.2, -0.5)))
    assert fitted.issues.tolist() == pytest.approx([0.8, 0.2, -0.5], abs=0.1)


@settings(max_examples=15, deadline=None)
@given(seed=st.integers(0, 999), severity=st.integers(1, 6))
def test_one_note_moves_no_weight_far_from_its_start(seed: int, severity: int) -> None:
    one = replace(samples(START, 1, seed=seed)[0], severity=severity)
    fitted = named(fit_notes([one]).severity)
    for name, weight in fitted.items():
        assert abs(weight - START.get(name, 0.0)) < 4 * PRIOR_SD


def test_graver_codes_give_a_graver_reading() -> None:
    notes = samples(START, 60, seed=4)
    low, high = (fit_notes([replace(note, severity=grade) for note in notes]) for grade in (2, 5))
    features = np.stack([note.features for note in notes])
    assert (features @ high.severity).mean() > (features @ low.severity).mean() + 1.0


def test_networks_of_other_scales_are_fitted_together() -> None:
    # A network whose cut-points stand otherwise, and which is as sure: each note is held against its own.
    own, other = samples({"passage": 1.0}, 200, seed=5), samples({"passage": 1.0}, 200, seed=6, cuts=SHARED_CUTS + 0.8)
    assert named(fit_notes([*own, *other]).severity)["passage"] == pytest.approx(1.0, abs=0.15)
    assert named(fit_notes([*own, *other]).severity)["one"] == pytest.approx(0.0, abs=0.15)


# --- what is fitted to


def read_as(sentences: list[str]) -> Readings:
    """Stands for a network: "grave" in a text makes it grave, REFUSED has nothing codable."""
    theta = np.array([GRAVE if "grave" in text else MILD for text in sentences])
    assertion = np.full((len(sentences), ASSERTION_CLASSES), -9.0)
    for row, text in enumerate(sentences):
        assertion[row, len(ASSERTIONS) if text == REFUSED else 0] = 9.0
    issues = np.full((len(sentences), len(ISSUES)), -9.0)
    issues[:, ISSUES.index(Issue.NEGLECT)] = [9.0 if "grave" in text else -9.0 for text in sentences]
    frame = np.zeros((len(sentences), len(FRAMES)))
    return Readings(theta, issues, assertion, frame, np.zeros(len(sentences), dtype=np.bool_))


def read(*rows: Row) -> SetReadings:
    units = Units(rows)
    return SetReadings(units, read_texts(units.texts(), lambda texts: read_as(list(texts))))


def made(kind: type[Row], /, **told: Any) -> Row:  # noqa: ANN401 - the fields of any kind of row
    return kind.model_validate_json(json.dumps({"provenance": "authored", **told}))


def note(*sentences: str, severity: int = 4) -> Row:
    codes = {"issues": ["neglect"], "severity": severity, "assertion": "present", "frame": "need"}
    idle: dict[str, Any] = {"issues": [], "severity": None, "assertion": "na", "frame": "na"}
    return made(
        Narrative,
        id="n1",
        type="referral",
        source_role="school",
        levels=["B"],
        severity=severity,
        issues=["neglect"],
        frame_overall="need",
        referral_elements=[],
        sentences=[{"text": text, **(idle if text == REFUSED else codes)} for text in sentences],
        rationale="So.",
    )


def test_a_note_is_described_by_its_admitted_sentences_and_its_passage(decoder: Decoder) -> None:
    (sample,) = samples_of(read(note("A grave thing.", "A mild thing.", REFUSED)), decoder)
    features = named(sample.features)
    assert sample.severity == 4
    assert [issue for issue, held in zip(ISSUES, sample.issues, strict=True) if held] == [Issue.NEGLECT]
    assert features["gravest"] == pytest.approx(GRAVE / CUTS.severity.std())
    assert features["second"] == pytest.approx(MILD / CUTS.severity.std())
    assert features["passage"] == pytest.approx(GRAVE / CUTS.severity.std())
    assert features["sentences"] == pytest.approx(np.log(2))
    np.testing.assert_allclose(sample.cuts, SHARED_CUTS)


@pytest.mark.parametrize("sentences", [("A grave thing.",), (REFUSED, REFUSED)])
def test_a_text_of_one_sentence_or_without_anything_codable_is_no_sample(
    decoder: Decoder, sentences: tuple[str, ...]
) -> None:
    assert samples_of(read(note(*sentences)), decoder) == []


FACTS = "A grave thing. A mild thing."


def claim(kind: str) -> Row:
    told = {"kind": kind, "base": FACTS, "claim": "So it is.", "place": "last"}
    return made(Claim, id="cl-1", issues=["neglect"], severity=3, **told)


def accumulation() -> Row:
    part = {"severity": 2, "levels": ["A"]}
    parts = [
        part | {"text": "A grave thing.", "issues": ["bullying", "neglect"]},
        part | {"text": "A mild thing.", "issues": ["protective"]},
    ]
    told = {"whole": FACTS, "whole_severity": 4, "whole_levels": ["B"], "why": "So."}
    return made(AccumulationSet, id="acc-1", type="accumulates", parts=parts, **told)


def framing() -> Row:
    texts = {"risk_text": FACTS, "need_text": f"{FACTS} Again.", "risk_spans": ["grave"], "categories": ["vague"]}
    return made(FramingPair, id="fp-1", issues=["neglect"], severity=3, levels=["B"], **texts)


def template() -> Row:
    told = {"template": f"{FACTS} In {{PLACE}}.", "slots": {"PLACE": ["A", "B"]}, "attribute": "area_name"}
    return made(CounterfactualTemplate, id="ct-1", issues=["neglect"], severity=2, **told)


def severity_pair() -> Row:
    told = {"low_text": FACTS, "high_text": f"{FACTS} Again.", "low_severity": 2, "high_severity": 4}
    levels = {"low_levels": ["A"], "high_levels": ["B"], "what_changed": "age"}
    return made(SeverityPair, id="sp-1", issues=["neglect"], **told, **levels)


@pytest.mark.parametrize(
    ("row", "severities"),
    [
        (note("A grave thing.", "A mild thing."), [4]),
        (accumulation(), [4]),
        (framing(), [3, 3]),
        (claim("claim"), [3]),
        (claim("status"), []),
        (template(), [2]),
        (severity_pair(), []),
        (made(AssertionSet, id="as-1", issue="neglect", **{each: f"{FACTS} {each}." for each in ASSERTIONS}), []),
    ],
    ids=["note", "accumulation", "framing", "claim", "status", "template", "severity pair", "assertion set"],
)
def test_texts_whose_codes_are_those_of_a_whole_are_samples(decoder: Decoder, row: Row, severities: list[int]) -> None:
    assert [sample.severity for sample in samples_of(read(row), decoder)] == severities


def test_an_accumulation_is_about_the_concerns_of_its_parts(decoder: Decoder) -> None:
    (sample,) = samples_of(read(accumulation()), decoder)
    held = {issue for issue, held in zip(ISSUES, sample.issues, strict=True) if held}
    assert held == {Issue.NEGLECT, Issue.BULLYING}


# --- readings for comparison


@pytest.mark.parametrize(("how", "theta"), [("passage", -1.0), ("gravest", GRAVE)])
def test_the_readings_for_comparison_are_the_passage_or_the_gravest_sentence_alone(
    decoder: Decoder, how: str, theta: float
) -> None:
    text = "A grave thing. A mild thing."

    def reader(texts: list[str]) -> Readings:
        found = read_as(texts)
        return replace(found, theta=np.where([each == text for each in texts], -1.0, found.theta))

    readings = read_texts([text], lambda texts: reader(list(texts)))
    notes = reading_of_passage() if how == "passage" else reading_of_gravest()
    (coding,) = code_readings(readings, replace(decoder, notes=notes), model="any")
    assert coding.severity == pytest.approx(float(decoder.severity(np.array([theta]))[0]), abs=0.01)
    assert coding.issues == (Issue.NEGLECT,)


def test_each_reading_for_comparison_has_one_weight_of_each_kind() -> None:
    for reading, feature in ((reading_of_passage(), "passage"), (reading_of_gravest(), "gravest")):
        assert named(reading.severity) == {name: float(name == feature) for name in FEATURES}
        assert sorted(reading.issues) == [0.0] * (len(ISSUE_FEATURES) - 1) + [1.0]


def test_a_reading_of_notes_is_exchanged_and_nothing_else(decoder: Decoder) -> None:
    other = replace(decoder, notes=reading_of_gravest()).to_json()
    own = decoder.to_json()
    assert {name for name in own if own[name] != other[name]} == {"notes"}
