"""Names in the places where their context tells them, and names that are no person's."""

from __future__ import annotations

import pytest

from evenhand.privacy import Checker, Kind, load_checker

FOUND = (
    ("I did not ask. R. Hebblethwaite, TA", "Hebblethwaite"),
    ("The lad goes by Spud on the estate", "Spud"),
    ("spoke to sister bonnie at the door", "bonnie"),
    ("rang from kaydens phone at nine", "kaydens"),
    ("thank you!! Despoina", "Despoina"),
    ("she saw Lexi-Mae and her nan", "Lexi-Mae"),
)
NOBODY = (
    "In Frozen she likes Elsa and Olaf best.",
    "He wants to be Luigi in Mario Kart.",
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


@pytest.mark.parametrize("text", NOBODY)
def test_names_that_are_nobodys_are_left_alone(patterns: Checker, text: str) -> None:
    (findings,) = patterns.check_many([text])
    assert not [one for one in findings if one.kind is Kind.NAME]
