"""Names in the places where their context tells them, and names that are no person's."""

from __future__ import annotations

import tomllib
from collections import Counter
from importlib.resources import files

import pytest

from evenhand.privacy import Checker, Kind, load_checker

FOUND = (
    ("I did not ask. R. Hebblethwaite, TA", "Hebblethwaite"),
    ("The lad goes by Spud on the estate", "Spud"),
    ("spoke to sister bonnie at the door", "bonnie"),
    ("rang from kaydens phone at nine", "kaydens"),
    ("thank you!! Despoina", "Despoina"),
    ("she saw Lexi-Mae and her nan", "Lexi-Mae"),
    # A child may like a work that has somebody of the child's name in it.
    ("James loves Thomas the Tank Engine.", "James"),
    ("Anna's favourite film is Frozen.", "Anna"),
    ("Felix was scratched by the cat.", "Felix"),
    ("Simon says he was hit by dad.", "Simon"),
    ("Spoke to Carol Gray, grandmother.", "Carol"),
    ("Rang Robin Hood Okafor about contact.", "Okafor"),
)
NOBODY = (
    "Tina = meth and Charlie = cocaine in this list.",
    "A Colin the Caterpillar cake and half a Victoria sponge.",
    "Weds late = Team Grace, Thurs = Team Robin",
    "He is on Elvanse and takes Cetirizine at night.",
)


@pytest.fixture(scope="module")
def patterns() -> Checker:
    """The checker that needs no model."""
    return load_checker(names=False)


@pytest.mark.parametrize(("text", "name"), FOUND)
def test_context_tells_a_name(patterns: Checker, text: str, name: str) -> None:
    (findings,) = patterns.check_many([text])
    start = text.index(name)
    assert any(one.kind is Kind.NAME and one.start <= start < one.end for one in findings)


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("on lemon8 as velvetmoth", Kind.SOCIAL_MEDIA),
        ("lives on rowan cresent", Kind.ADDRESS),
        ("She lives on Rowan Boulevard.", Kind.ADDRESS),
    ],
)
def test_what_a_list_has_is_looked_for(patterns: Checker, text: str, kind: Kind) -> None:
    (findings,) = patterns.check_many([text])
    assert kind in [one.kind for one in findings]


@pytest.mark.parametrize("text", NOBODY)
def test_names_that_are_nobodys_are_left_alone(patterns: Checker, text: str) -> None:
    (findings,) = patterns.check_many([text])
    assert not [one for one in findings if one.kind is Kind.NAME]


@pytest.mark.parametrize(
    "text",
    [
        "Review is 2 on 5 March 2024.",
        "The meeting is 10 on 5 March.",
        "Her SDQ total is 12 (03/04/2024).",
        "Review in 6 weeks, 03/04/2024.",
        "Spoke to her daughter, 03/04/2024.",
        "Home visit to Emma, 03/04/2024.",
        "Contact with Emma 03/04/2024.",
        "Scores: 3 4 2 5 1 6 7 8 2 3",
    ],
)
def test_dates_of_events_and_scores_are_nobodys(patterns: Checker, text: str) -> None:
    (findings,) = patterns.check_many([text])
    assert not [one for one in findings if one.kind in (Kind.DATE_OF_BIRTH, Kind.NHS_NUMBER)]


def test_no_list_of_words_has_one_twice() -> None:
    lists = tomllib.loads(files("evenhand.privacy").joinpath("data/word-lists.toml").read_text(encoding="utf-8"))
    found = {(part, name): Counter(words.split()) for part, named in lists.items() for name, words in named.items()}
    assert {place: word for place, words in found.items() for word, times in words.items() if times > 1} == {}
