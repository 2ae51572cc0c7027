"""What the shipped framing model promises, besides what its card says of figures."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest

from evenhand.bundle import find_model, read_bundle
from evenhand.framing import Flagger, load_flagger
from evenhand.framing.flagger import FRAMING_MODEL
from evenhand.framing.scheme import FLAGGED

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def shipped() -> Flagger:
    return load_flagger()


def notes() -> list[str]:
    with (ROOT / "examples" / "referrals.csv").open(encoding="utf-8", newline="") as stream:
        return [row["text"] for row in csv.DictReader(stream)]


def test_the_newest_release_is_found_and_is_no_coding_model() -> None:
    assert read_bundle(find_model(name=FRAMING_MODEL)).manifest["name"] == FRAMING_MODEL
    assert read_bundle(find_model()).manifest["name"] == "evenhand"


def test_flags_are_equal_alone_and_among_others(shipped: Flagger) -> None:
    texts = notes()
    assert shipped.flag_many(texts) == [shipped.flag(text) for text in texts]


def test_the_card_has_the_figures_of_the_log(shipped: Flagger) -> None:
    lines = [json.loads(line) for line in (ROOT / "models" / "results.jsonl").read_text(encoding="utf-8").splitlines()]
    (line,) = [each for each in lines if each["kind"] == "framing" and each["model"] == shipped.name][-1:]
    metrics = read_bundle(find_model(name=FRAMING_MODEL)).json("metrics.json")
    assert metrics["framing"]["referrals"] == line["referrals"]


def test_the_examples_are_not_full_of_flags(shipped: Flagger) -> None:
    spans = [span for flags in shipped.flag_many(notes()) for span in flags.framing if span.category in FLAGGED]
    assert len(spans) < 2 * len(notes())


@pytest.mark.parametrize(
    "who", ["a Black British girl", "a mixed-race boy", "a Polish family", "a lone father", "a Muslim mother"]
)
def test_who_the_text_is_about_is_not_framing(shipped: Flagger, who: str) -> None:
    text = f"Referral about {who}: seen at home on Monday, two bedrooms for six, and asks for help with the move."
    assert not [span for span in shipped.flag(text).framing if span.category in FLAGGED]


@pytest.mark.parametrize(
    "text",
    [
        "The family describe themselves as Gypsy and live on a site.",
        "He calls himself queer and is proud of it.",
        "She is a Deaf mother who uses BSL.",
        "She uses the word crip about herself.",
        "She says she is mad and proud and goes to a survivor group.",
        "Her aunties in the mosque support the family.",
        "He is an autistic boy who loves trains.",
    ],
)
def test_words_that_people_use_of_themselves_are_theirs(shipped: Flagger, text: str) -> None:
    assert not [span for span in shipped.flag(text).framing if span.category in FLAGGED]
