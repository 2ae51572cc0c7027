"""What any usable model must do; the full behaviour suite belongs to a later release."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

import evenhand
from evenhand import Assertion, Level

EXAMPLES = Path(__file__).parents[2] / "examples" / "referrals.csv"


@pytest.mark.parametrize(
    ("milder", "graver"),
    [
        ("Parents argue now and then.", "Father broke mother's jaw in front of the children last night."),
        ("Sometimes late for school.", "Has not been to school for five months and is locked in at home."),
        ("Low mood at times.", "She has taken an overdose and says she will do it again."),
    ],
)
def test_graver_situations_get_higher_severity(model: evenhand.Model, milder: str, graver: str) -> None:
    low, high = model.code_many([milder, graver])
    assert (low.severity or 0) + 1 < (high.severity or 0)


def test_a_bare_term_of_art_is_codable(model: evenhand.Model) -> None:
    assert evenhand.Issue.BULLYING in model.code("bullying").issues


@pytest.mark.parametrize("text", ["", "   \n\t", "\u200b"])
def test_blank_text_has_no_level_and_says_why(model: evenhand.Model, text: str) -> None:
    coding = model.code(text)
    assert coding.level is None
    assert coding.reason


def test_process_without_a_concern_has_no_level(model: evenhand.Model) -> None:
    coding = model.code("Please see attached. Ring me back after 3.")
    assert coding.level is None
    assert coding.reason


def test_a_denial_is_not_taken_for_its_event(model: evenhand.Model) -> None:
    event = model.code("He punched her in the face on Friday.")
    denial = model.code("She says he has never hit, threatened or frightened her.")
    assert event.assertion is Assertion.PRESENT
    assert denial.assertion is Assertion.NEGATED
    assert event.dfe_codes
    assert denial.dfe_codes == ()
    assert (denial.severity or 0) + 1 < (event.severity or 0)


def test_the_examples_use_more_than_the_two_ends_of_the_scale(model: evenhand.Model) -> None:
    with EXAMPLES.open(encoding="utf-8", newline="") as stream:
        found = {coding.level for coding in model.code_many(row["text"] for row in csv.DictReader(stream))}
    assert {Level.NONE, Level.D} < found
    assert len(found) >= 5
