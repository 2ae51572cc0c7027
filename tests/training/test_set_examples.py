"""Which texts of a set are equally grave, which graver than others, and which teach only that they are claims."""

from __future__ import annotations

import json
from dataclasses import fields
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tokenizers import Tokenizer

from evenhand.scheme import ASSERTIONS, Assertion, Frame, Issue, Level
from evenhand_training.corpus import (
    AccumulationPart,
    AccumulationSet,
    Claim,
    ContrastSet,
    Corpus,
    CounterfactualTemplate,
    Narrative,
    NarrativeSentence,
    Provenance,
    Row,
    Splits,
)
from evenhand_training.dataset import NO_RANK, to_dataset
from evenhand_training.examples import FILLERS_PER_TEMPLATE, Example, authored_examples

CODABLE = tuple(ASSERTIONS)


def examples(splits: Splits, **rows: tuple[Row, ...]) -> list[Example]:
    """Training rows of a corpus of these rows alone."""
    empty: dict[str, Any] = {field.name: () for field in fields(Corpus)} | {"version": "2099.1"}
    return authored_examples(Corpus(**(empty | rows)), splits, "train")


def accumulation(
    whole: int, *parts: int, issues: tuple[Issue, ...] = (Issue.NEGLECT, Issue.PROTECTIVE)
) -> AccumulationSet:
    told = tuple(
        AccumulationPart(
            text=f"Part {number}.", severity=severity, issues=(issues[number % len(issues)],), levels=(Level.B,)
        )
        for number, severity in enumerate(parts)
    )
    return AccumulationSet(
        id="acc-9999",
        provenance=Provenance.AUTHORED,
        type="accumulates",
        parts=told,
        whole="All of it.",
        whole_severity=whole,
        whole_levels=(Level.C,),
        why="They add up.",
    )


def claim(kind: str) -> Claim:
    return Claim.model_validate(
        {
            "id": "cl-9999",
            "provenance": Provenance.AUTHORED,
            "kind": kind,
            "base": "Mum drinks most nights. He was late again.",
            "claim": "This meets section 47.",
            "place": "middle",
            "issues": (Issue.NEGLECT,),
            "severity": 3,
        }
    )


def parts_of(found: list[Example]) -> dict[str, Example]:
    return {row.id.split("#")[1]: row for row in found}


# --- accumulation


@given(parts=st.lists(st.integers(1, 6), min_size=2, max_size=5), whole=st.integers(1, 6))
def test_a_graver_whole_is_ranked_above_its_parts_and_an_equal_one_tells_the_same_as_the_gravest(
    splits: Splits, parts: list[int], whole: int
) -> None:
    found = parts_of(examples(splits, accumulation_sets=(accumulation(whole, *parts),)))
    told = found.pop("whole")
    gravest = max(parts)
    assert told.rank == (1 if whole > gravest else None)
    assert told.same is (whole == gravest)
    for severity, part in zip(parts, found.values(), strict=True):
        assert part.rank == (0 if whole > gravest else None)
        assert part.same is (whole == gravest and severity == gravest)


def test_a_milder_whole_is_compared_with_none_of_its_parts(splits: Splits) -> None:
    found = examples(splits, accumulation_sets=(accumulation(2, 3, 1),))
    assert not any(row.is_compared for row in found)


def test_a_whole_is_about_what_its_parts_are_concerned_with(splits: Splits) -> None:
    told = parts_of(examples(splits, accumulation_sets=(accumulation(3, 2, 1),)))["whole"]
    assert told.issues == (Issue.NEGLECT,)
    strengths = parts_of(examples(splits, accumulation_sets=(accumulation(1, 1, 1, issues=(Issue.PROTECTIVE,)),)))[
        "whole"
    ]
    assert strengths.issues == (Issue.PROTECTIVE,)


# --- claims


def test_a_claim_leaves_its_facts_as_grave_as_they_are(splits: Splits) -> None:
    found = parts_of(examples(splits, claims=(claim("claim"),)))
    base, claimed = found["base"], found["claimed"]
    assert base.text == "Mum drinks most nights. He was late again."
    assert claimed.text == "Mum drinks most nights. This meets section 47. He was late again."
    assert (base.same, claimed.same) == (True, True)
    assert (base.severity, base.issues, base.assertions) == (claimed.severity, claimed.issues, claimed.assertions)


def test_a_claim_alone_is_of_the_claim_class_and_has_no_codes(splits: Splits) -> None:
    alone = parts_of(examples(splits, claims=(claim("claim"),)))["claim"]
    assert alone.assertions == ("claim",)
    assert (alone.severity, alone.issues, alone.frame, alone.is_compared) == (None, None, None, False)


def test_a_status_is_codable_and_moves_nothing_else(splits: Splits) -> None:
    found = parts_of(examples(splits, claims=(claim("status"),)))
    assert set(found) == {"base", "status"}
    assert found["status"].assertions == CODABLE
    assert (found["status"].severity, found["status"].issues) == (None, None)
    assert not any(row.is_compared for row in found.values())


# --- templates, contrast sets, notes


@given(fillers=st.lists(st.integers(0, 99).map(str), min_size=2, max_size=20, unique=True))
def test_a_template_gives_evenly_spaced_texts_that_tell_the_same(splits: Splits, fillers: list[str]) -> None:
    template = CounterfactualTemplate(
        id="ct-9999",
        provenance=Provenance.AUTHORED,
        template="A child from {PLACE} is hungry.",
        slots={"PLACE": tuple(fillers)},
        attribute="area_name",
        issues=(Issue.NEGLECT,),
        severity=3,
    )
    found = examples(splits, counterfactual_templates=(template,))
    places = [template.texts.index(row.text) for row in found]
    assert len(places) == min(FILLERS_PER_TEMPLATE, len(fillers))
    assert places[0] == 0
    assert len({after - before for before, after in pairwise(places)}) == 1
    assert all(row.same and row.severity == 3 for row in found)


def contrast(**severities: int) -> ContrastSet:
    texts = [{"kind": kind, "severity": severity, "text": f"{kind}."} for kind, severity in severities.items()]
    row = {"id": "cs-9999", "provenance": "authored", "issues": ["neglect"], "texts": texts}
    return ContrastSet.model_validate_json(json.dumps(row))


def test_tellings_of_the_same_facts_tell_the_same_and_other_facts_do_not(splits: Splits) -> None:
    found = examples(splits, contrast_sets=(contrast(base=3, risk=3, style=3, graver=5, milder=2, not_now=1),))
    assert {row.text for row in found if row.same} == {"base.", "risk.", "style."}
    assert [row.severity for row in found] == [3, 3, 3, 5, 2, 1]
    ranks = {row.text: row.rank for row in found}
    assert sorted(ranks, key=lambda text: ranks[text] or 0)[:2] == ["not_now.", "milder."]
    assert ranks["base."] == ranks["risk."] == ranks["style."]
    assert (ranks["base."] or 0) < (ranks["graver."] or 0)


def test_of_what_is_not_so_now_neither_issues_nor_assertion_are_known(splits: Splits) -> None:
    found = {row.text: row for row in examples(splits, contrast_sets=(contrast(base=3, graver=4, not_now=1),))}
    assert (found["not_now."].issues, found["not_now."].assertions) == (None, ())
    for text in ("base.", "graver."):
        assert (found[text].issues, found[text].assertions) == ((Issue.NEGLECT,), CODABLE)


@pytest.mark.parametrize(
    ("text", "classes"),
    [
        ("Hello both.", (None,)),
        ("Please progress as a section 47.", (None, "claim")),
        ("URGENT.", (None, "claim")),
        ("CP visit Tuesday.", (None, "claim")),
        ("Copied to the file.", (None,)),
    ],
)
def test_an_administrative_sentence_may_be_a_claim_only_if_it_names_a_threshold(
    splits: Splits, text: str, classes: tuple[str | None, ...]
) -> None:
    idle = NarrativeSentence.model_validate(
        {"text": text, "issues": (), "severity": None, "assertion": "na", "frame": "na"}
    )
    coded = NarrativeSentence(
        text="No food at all.", issues=(Issue.NEGLECT,), severity=3, assertion=Assertion.PRESENT, frame=Frame.NEED
    )
    note = Narrative(
        id="n9999",
        provenance=Provenance.AUTHORED,
        type="referral",
        source_role="school",
        levels=(Level.B,),
        severity=3,
        issues=(Issue.NEGLECT,),
        frame_overall="need",
        referral_elements=(),
        sentences=(idle, coded),
        rationale="Hungry.",
    )
    found = parts_of(examples(splits, narratives=(note,)))
    assert found["0"].assertions == classes
    assert found["1"].assertions == (Assertion.PRESENT,)
    assert (found["whole"].text, found["whole"].severity) == (f"{text} No food at all.", 3)


def test_only_texts_that_are_compared_share_a_unit(splits: Splits, tokenizer: Tokenizer) -> None:
    found = examples(splits, claims=(claim("claim"),), accumulation_sets=(accumulation(4, 2, 1),))
    rows = to_dataset(found, tokenizer, areas={})
    units = dict(zip(rows["id"], rows["unit"], strict=True))
    assert units["cl-9999#base"] == units["cl-9999#claimed"]
    assert units["acc-9999#0"] == units["acc-9999#1"] == units["acc-9999#whole"]
    assert len(set(units.values())) == 3  # the claim alone is one by itself
    ranks = dict(zip(rows["id"], rows["rank"], strict=True))
    assert (ranks["acc-9999#0"], ranks["acc-9999#whole"], ranks["cl-9999#base"]) == (0, 1, NO_RANK)
