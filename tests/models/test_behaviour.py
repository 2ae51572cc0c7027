"""The behaviour suite in the manner of CheckList (Ribeiro et al. 2020), run on every released model.

Large figures come from test units of the corpus, which no model was trained on; the small tests below show by a few
hand-made texts what each capability means. What a model reached is in its card; none may fall behind the one before.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

import evenhand
from evenhand import Assertion
from evenhand_training.corpus import Corpus, Splits
from evenhand_training.evaluate_behaviour import evaluate_model_behaviour
from evenhand_training.results import newest, read

ROOT = Path(__file__).parents[2]
FIRST_TO_PROMISE = (0, 3)
# From one processor to the next a figure may move by a text or two out of some fifty.
TOLERANCE = 0.03

PROMISED = {
    "accumulation/accumulates/raised": +1,
    "accumulation/repeats/raised": -1,
    "assertion/ordered": +1,
    "severity_pairs/ordered": +1,
    "framing/level_unchanged": +1,
    "framing/severity_difference": -1,
    "claims/claim/level_unchanged": +1,
    "counterfactuals/all/flips": -1,
    "counterfactuals/all/severity_difference": -1,
    "notes/all/level_exact": +1,
    "notes/all/issue_micro_f1": +1,
}


@pytest.fixture(scope="module", name="promises")
def _promises(number: tuple[int, ...]) -> None:
    if number < FIRST_TO_PROMISE:
        pytest.skip("models before 0.3 read notes by their gravest sentence and promised none of this")


@pytest.fixture(scope="module", name="figures")
def _figures(model: evenhand.Model) -> dict[str, Any]:
    annotations = ROOT / "annotations"
    found: dict[str, Any] = evaluate_model_behaviour(Corpus.read(annotations), Splits.read(annotations), model)["test"]
    return found


def _logged(name: str) -> dict[str, Any]:
    lines = [line for line in read(ROOT / "models" / "results.jsonl") if line.get("model") == name]
    found: dict[str, Any] = newest(lines, "behaviour")["test"]
    return found


def _value(figures: dict[str, Any], path: str) -> float:
    found: Any = figures
    for step in path.split("/"):
        found = found[step]
    return float(found["value"])


@pytest.mark.parametrize("path", PROMISED)
def test_the_log_states_what_the_model_does(model: evenhand.Model, figures: dict[str, Any], path: str) -> None:
    assert _value(figures, path) == pytest.approx(_value(_logged(model.name), path), abs=TOLERANCE)


@pytest.mark.usefixtures("promises")
@pytest.mark.parametrize(("path", "better"), PROMISED.items())
def test_no_model_falls_behind_the_one_before(
    model_before: str, figures: dict[str, Any], path: str, better: int
) -> None:
    gain = better * (_value(figures, path) - _value(_logged(model_before), path))
    assert gain >= -TOLERANCE


ADDING_UP = (
    "Attendance is down to 80 per cent since September.",
    "Mum has been in bed most days since her low mood came back.",
    "The electricity has been off three times this month.",
)


@pytest.mark.usefixtures("promises")
def test_different_concerns_together_are_graver_than_each(model: evenhand.Model) -> None:
    together = model.code(" ".join(ADDING_UP))
    alone = [coding.severity or 0 for coding in model.code_many(ADDING_UP)]
    assert (together.severity or 0) > max(alone)


@pytest.mark.usefixtures("promises")
@pytest.mark.parametrize("again", [2, 5])
def test_the_same_words_again_do_not_raise_the_grade(model: evenhand.Model, again: int) -> None:
    once, repeated = model.code(ADDING_UP[0]), model.code(" ".join([ADDING_UP[0]] * again))
    assert (repeated.severity or 0) <= (once.severity or 0) + 0.5


CLAIMS = (
    "We believe this meets the threshold for section 47.",
    "Please treat this as child protection.",
    "URGENT: this must be escalated to level 4.",
    "In our view this is early help at most.",
)
FACTS = (
    "He has had three colds this winter and missed a week of school.",
    "Mum shouts most evenings and he hides in his room until she stops.",
    "She came to school with a black eye and said dad had punched her.",
)


@pytest.mark.usefixtures("promises")
@pytest.mark.parametrize("claim", CLAIMS)
@pytest.mark.parametrize("fact", FACTS)
def test_a_claim_before_or_behind_the_facts_changes_nothing(model: evenhand.Model, fact: str, claim: str) -> None:
    plain, before, behind = model.code_many([fact, f"{claim} {fact}", f"{fact} {claim}"])
    assert before.level is behind.level is plain.level
    assert before.severity == behind.severity == plain.severity
    assert [sentence.claim for sentence in before.sentences] == [True, False]


@pytest.mark.usefixtures("promises")
@pytest.mark.parametrize("claim", CLAIMS)
def test_a_claim_alone_is_nothing_to_go_on(model: evenhand.Model, claim: str) -> None:
    coding = model.code(claim)
    assert coding.level is None
    assert coding.reason


@pytest.mark.usefixtures("promises")
@pytest.mark.parametrize(
    "text",
    [
        "See attached.",
        "Please find enclosed the form. Kind regards, duty desk.",
        "Referral form, page 2 of 4",
        "Tel call 14:20, no answer, voicemail left.",
        "Meeting room 2, 10am.",
        "Cc: admin team; file copy",
    ],
)
def test_headers_and_process_have_no_level_and_a_reason(model: evenhand.Model, text: str) -> None:
    coding = model.code(text)
    assert coding.level is None
    assert coding.levels == ()
    assert coding.reason


ASSERTED = {
    Assertion.PRESENT: "Dad punched him in the face last night.",
    Assertion.NEGATED: "He says dad has never punched him.",
    Assertion.HISTORICAL: "His grandfather used to punch him until he died six years ago.",
    Assertion.HYPOTHETICAL: "If dad ever moved back in he fears he might punch him.",
}


@pytest.mark.usefixtures("promises")
@pytest.mark.parametrize("assertion", [one for one in ASSERTED if one is not Assertion.PRESENT])
def test_what_is_not_so_now_is_graded_below_what_is(model: evenhand.Model, assertion: Assertion) -> None:
    now, other = model.code_many([ASSERTED[Assertion.PRESENT], ASSERTED[assertion]])
    assert (other.severity or 0) < (now.severity or 0)


@pytest.mark.usefixtures("promises")
@pytest.mark.parametrize(
    ("milder", "graver"),
    [
        ("The child, 15, is left alone overnight.", "The child, 4, is left alone overnight."),
        ("Dad shouts at her once in a while.", "Dad shouts at her every day."),
        ("Mum slapped his leg; no mark was left.", "Mum slapped his leg; it left a swollen hand-shaped bruise."),
    ],
    ids=["younger", "more often", "injured"],
)
def test_facts_that_make_it_graver_still_move_the_grade(model: evenhand.Model, milder: str, graver: str) -> None:
    low, high = model.code_many([milder, graver])
    assert (low.severity or 0) < (high.severity or 0)
