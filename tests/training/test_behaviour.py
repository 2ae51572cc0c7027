"""Figures of the behaviour suite, worked by hand on invented units and codings."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from evenhand.result import Coding
from evenhand.scheme import LEVELS, Assertion, Issue, Level
from evenhand_training.behaviour import RAISED, Units, evaluate_behaviour
from evenhand_training.corpus import (
    AccumulationSet,
    AssertionSet,
    AuthoredText,
    Claim,
    ContrastSet,
    Corpus,
    CounterfactualTemplate,
    FramingPair,
    Narrative,
    Row,
    SeverityPair,
    WholeNote,
)


def coding(severity: float | None, *issues: Issue, level: Level | None = None) -> Coding:
    """Of a text with this severity; the level is the grade's, unless another is given."""
    told = level or (None if severity is None else LEVELS[min(4, max(0, round(severity) - 1))])
    return Coding(
        level=told,
        levels=() if told is None else (told,),
        level_probabilities={},
        severity=severity,
        issues=issues,
        issue_probabilities={},
        dfe_codes=(),
        assertion=None,
        frame=None,
        sentences=(),
        truncated=False,
        model="invented",
    )


def made(kind: type[Row], /, **told: Any) -> Row:  # noqa: ANN401 - the fields of any kind of row
    return kind.model_validate_json(json.dumps({"provenance": "authored", "issues": ["neglect"], **told}))


def judged(row: Row | list[Row], codings: Mapping[str, Coding]) -> dict[str, Any]:
    return evaluate_behaviour(Units(tuple(row) if isinstance(row, list) else (row,)), codings)


def accumulation(number: int, kind: str) -> Row:
    parts = [
        {"text": f"{number} {part}", "severity": 2, "issues": ["neglect"], "levels": ["A"]}
        for part in ("mild", "grave")
    ]
    return AccumulationSet.model_validate_json(
        json.dumps(
            {
                "id": f"acc-{number}",
                "provenance": "authored",
                "type": kind,
                "parts": parts,
                "whole": f"{number} whole",
                "whole_severity": 3,
                "whole_levels": ["B"],
                "why": "So.",
            }
        )
    )


def note(number: int, levels: list[str], severity: int, issues: list[str]) -> Row:
    sentence = {
        "text": f"Note {number}.",
        "issues": issues,
        "severity": severity,
        "assertion": "present",
        "frame": "need",
    }
    return made(
        Narrative,
        id=f"n{number}",
        type="referral",
        source_role="school",
        levels=levels,
        severity=severity,
        issues=issues,
        frame_overall="need",
        referral_elements=[],
        sentences=[sentence],
        rationale="So.",
    )


def template(number: int, attribute: str, fillers: int) -> Row:
    slots = {"PLACE": [f"place {filler}" for filler in range(fillers)]}
    return made(
        CounterfactualTemplate,
        id=f"ct-{number}",
        template=f"{number} {{PLACE}}",
        slots=slots,
        attribute=attribute,
        severity=3,
    )


def severity_pair(number: int, change: str) -> Row:
    return made(
        SeverityPair,
        id=f"sp-{number}",
        low_text=f"{number} low",
        high_text=f"{number} high",
        low_severity=2,
        high_severity=4,
        low_levels=["A"],
        high_levels=["B"],
        what_changed=change,
    )


def framing(number: int) -> Row:
    return made(
        FramingPair,
        id=f"fp-{number}",
        severity=3,
        levels=["B"],
        risk_text=f"{number} risk",
        need_text=f"{number} need",
        risk_spans=["risk"],
        categories=["vague"],
    )


def claim(number: int, kind: str) -> Row:
    return made(
        Claim, id=f"cl-{number}", kind=kind, base=f"Facts {number}.", claim=f"Claim {number}.", place="last", severity=3
    )


# --- which units, which texts


def test_only_kinds_that_say_what_must_hold_are_judged_and_only_those_asked_for(corpus: Corpus) -> None:
    everything = {row.id for row in corpus.authored_units()}
    kinds = {type(row) for row in Units.of(corpus, everything).rows}
    assert kinds.isdisjoint({AuthoredText, WholeNote, ContrastSet})
    assert len(kinds) == 7
    some = {corpus.claims[3].id, corpus.narratives[0].id, corpus.whole_notes[0].id}
    assert {row.id for row in Units.of(corpus, some).rows} == {corpus.claims[3].id, corpus.narratives[0].id}


def test_every_text_that_is_judged_is_coded_once() -> None:
    units = Units((claim(1, "claim"), claim(1, "claim"), note(1, ["B"], 3, ["neglect"]), framing(1)))
    assert units.texts() == ["Facts 1.", "Facts 1. Claim 1.", "Claim 1.", "Note 1.", "1 risk", "1 need"]


def test_a_part_without_units_is_left_out() -> None:
    assert evaluate_behaviour(Units(()), {}) == {}
    assert set(judged(framing(1), {"1 risk": coding(3.0), "1 need": coding(3.0)})) == {"framing"}


# --- the parts


@pytest.mark.parametrize(("whole", "raised"), [(2.0 + RAISED, 1.0), (2.49, 0.0), (1.0, 0.0)])
def test_a_whole_is_raised_from_half_a_grade_above_its_gravest_part(whole: float, raised: float) -> None:
    told = {"1 mild": coding(1.0), "1 grave": coding(2.0), "1 whole": coding(whole)}
    found = judged(accumulation(1, "accumulates"), told)["accumulation"]
    assert set(found) == {"accumulates"}
    assert found["accumulates"]["raised"]["value"] == raised
    assert found["accumulates"]["change"]["value"] == pytest.approx(whole - 2.0)


def test_kinds_of_accumulation_are_judged_apart() -> None:
    rows = [accumulation(1, "accumulates"), accumulation(2, "repeats"), accumulation(3, "repeats")]
    told = {f"{number} {part}": coding(2.0) for number in (1, 2, 3) for part in ("mild", "grave", "whole")}
    found = judged(rows, told | {"1 whole": coding(4.0), "2 whole": coding(4.0)})["accumulation"]
    assert {name: (part["rows"], part["raised"]["value"]) for name, part in found.items()} == {
        "accumulates": (1, 1.0),
        "repeats": (2, 0.5),
    }


@pytest.mark.parametrize("rival", [assertion for assertion in Assertion if assertion is not Assertion.PRESENT])
def test_what_is_present_must_be_strictly_graver_than_every_other_form(rival: Assertion) -> None:
    row = AssertionSet.model_validate_json(
        json.dumps(
            {"id": "as-1", "provenance": "authored", "issue": "neglect"} | {str(each): str(each) for each in Assertion}
        )
    )
    told = {str(each): coding(None) for each in Assertion} | {"present": coding(1.0)}
    assert judged(row, told)["assertion"]["ordered"]["value"] == 1.0
    equal = judged(row, told | {str(rival): coding(1.0)})["assertion"]
    assert equal["ordered"]["value"] == 0.0
    assert {name: share["value"] for name, share in equal["above"].items()} == {
        str(each): float(each is not rival) for each in Assertion if each is not Assertion.PRESENT
    }


def test_severity_pairs_are_judged_by_what_changed_and_ties_are_not_ordered() -> None:
    rows = [severity_pair(1, "age"), severity_pair(2, "age"), severity_pair(3, "intent")]
    told = {f"{number} low": coding(2.0) for number in (1, 2, 3)} | {
        f"{number} high": coding(3.0) for number in (1, 2, 3)
    }
    found = judged(rows, told | {"2 high": coding(2.0)})["severity_pairs"]
    assert (found["rows"], found["ordered"]["value"]) == (3, pytest.approx(0.6667))
    assert {name: part["ordered"]["value"] for name, part in found["by_change"].items()} == {"age": 0.5}


def test_framing_is_judged_by_level_and_by_signed_and_unsigned_difference() -> None:
    told = {
        "1 risk": coding(4.0, level=Level.C),
        "1 need": coding(3.0, level=Level.B),
        "2 risk": coding(2.0, level=Level.A),
        "2 need": coding(2.5, level=Level.A),
    }
    found = judged([framing(1), framing(2)], told)["framing"]
    assert found["level_unchanged"]["value"] == 0.5
    assert found["severity_difference"]["value"] == 0.75
    assert found["risk_over_need"]["value"] == 0.25


def test_claims_and_statuses_are_judged_apart() -> None:
    told = {
        "Facts 1.": coding(3.0),
        "Facts 1. Claim 1.": coding(3.0),
        "Claim 1.": coding(None),
        "Facts 2.": coding(2.0),
        "Facts 2. Claim 2.": coding(4.0),
        "Claim 2.": coding(4.0),
    }
    found = judged([claim(1, "claim"), claim(2, "status")], told)["claims"]
    assert {
        name: tuple(part[key]["value"] for key in ("level_unchanged", "severity_difference", "alone_has_no_level"))
        for name, part in found.items()
    } == {"claim": (1.0, 0.0, 1.0), "status": (0.0, 2.0, 0.0)}


def test_a_template_counts_once_however_many_fillers_it_has() -> None:
    rows = [template(1, "area_name", 2), template(2, "area_name", 5), template(3, "gender", 2)]
    told = {text: coding(3.0) for row in rows for text in row.texts}
    told["1 place 0"] = coding(4.0)
    found = judged(rows, told)["counterfactuals"]
    assert {name: part["rows"] for name, part in found.items()} == {"area_name": 2, "gender": 1, "all": 3}
    assert found["area_name"]["flips"]["value"] == 0.5
    assert found["all"]["severity_difference"]["value"] == pytest.approx(0.3333)


@pytest.mark.parametrize("templates", [1, 7, 60])
def test_templates_that_never_flip_do_not_say_that_none_could(templates: int) -> None:
    rows = [template(number, "gender", 2) for number in range(templates)]
    told = {text: coding(3.0) for row in rows for text in row.texts}
    flips = judged(rows, told)["counterfactuals"]["all"]["flips"]
    assert (flips["value"], flips["low"]) == (0.0, 0.0)
    assert flips["high"] == pytest.approx(1 - 0.025 ** (1 / templates), abs=1e-4)


def test_a_note_is_met_by_any_of_its_levels_and_missed_by_one_beside_them() -> None:
    rows = [
        note(1, ["C", "D"], 5, ["neglect"]),
        note(2, ["B"], 3, ["neglect", "bullying"]),
        note(3, ["none"], 1, ["protective"]),
    ]
    told = {
        "Note 1.": coding(5.0, Issue.NEGLECT, level=Level.D),
        "Note 2.": coding(3.5, Issue.NEGLECT, level=Level.A),
        "Note 3.": coding(None),
    }
    found = judged(rows, told)["notes"]
    assert {name: part["rows"] for name, part in found.items()} == {
        "all": 3,
        "single_concern": 2,
        "several_concerns": 1,
    }
    assert found["all"]["level_exact"]["value"] == pytest.approx(0.3333)
    assert found["all"]["level_adjacent"]["value"] == 1.0  # no level at all counts as the one below `none`
    assert found["all"]["severity_error"]["value"] == pytest.approx((0 + 0.5 + 1) / 3, abs=1e-4)
    assert (found["all"]["uncoded"], found["several_concerns"]["uncoded"]) == (1, 0)
    assert found["several_concerns"]["issue_micro_f1"]["value"] == pytest.approx(2 / 3, abs=1e-4)


def test_a_strength_beside_one_concern_makes_no_second_concern() -> None:
    found = judged(note(1, ["B"], 3, ["neglect", "protective"]), {"Note 1.": coding(3.0, Issue.NEGLECT)})
    assert set(found["notes"]) == {"all", "single_concern"}


# --- intervals

FEW = settings(max_examples=25, deadline=None)  # each draws some thousand resamples


@FEW
@given(st.lists(st.booleans(), min_size=1, max_size=40))
def test_shares_have_their_exact_interval(hits: list[bool]) -> None:
    rows = [framing(number) for number in range(len(hits))]
    told = {
        f"{number} {form}": coding(3.0, level=Level.B if hit or form == "risk" else Level.C)
        for number, hit in enumerate(hits)
        for form in ("risk", "need")
    }
    share = judged(rows, told)["framing"]["level_unchanged"]
    low = stats.beta.ppf(0.025, sum(hits), len(hits) - sum(hits) + 1) if any(hits) else 0.0
    high = stats.beta.ppf(0.975, sum(hits) + 1, len(hits) - sum(hits)) if not all(hits) else 1.0
    assert (share["low"], share["value"], share["high"]) == pytest.approx((low, sum(hits) / len(hits), high), abs=1e-3)


@FEW
@given(st.lists(st.floats(1, 6), min_size=1, max_size=15))
def test_resampled_intervals_hold_their_value_and_are_the_same_again(severities: list[float]) -> None:
    rows = [framing(number) for number in range(len(severities))]
    told = {f"{number} need": coding(3.0) for number in range(len(rows))}
    told |= {f"{number} risk": coding(severity) for number, severity in enumerate(severities)}
    found = judged(rows, told)
    change = found["framing"]["risk_over_need"]
    assert change["low"] <= change["value"] <= change["high"]
    assert json.loads(json.dumps(found, allow_nan=False)) == judged(rows, told)
