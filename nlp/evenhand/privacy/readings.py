"""How a word reads by itself: on which lists it stands, and what a language model says of it. Standard library only."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from evenhand.privacy.tokens import Shape, Token
from evenhand.privacy.words import given_names, is_english, not_people, plain_names, surnames

# How much a piece of evidence weighs; a word with ENOUGH is a name. Set by hand on development texts, so that a
# word that is a name and nothing else needs nothing more, and any other needs two telling things.
SLIGHT, SOME, TELLING, HALF, STRONG, ENOUGH = 0.2, 0.3, 0.4, 0.5, 0.6, 1.0


def _known_nowhere(word: str) -> bool:
    return False


@dataclass(frozen=True, slots=True)
class Hints:
    """What a language model says.

    Attributes:
        person: Words that it takes for a person, by the offset of their first code point.
        place: Words that it takes for a place.
        known: Whether a folded word is in its dictionary of ordinary words.
    """

    person: frozenset[int] = frozenset()
    place: frozenset[int] = frozenset()
    known: Callable[[str], bool] = _known_nowhere


@dataclass(frozen=True, slots=True)
class Reading:
    """A word as its letters have it.

    Attributes:
        plain: A name and nothing else.
        given: On the list of given names.
        family: On the list of surnames.
        english: Ordinary English, or a known thing or place.
        thing: A known thing, place, relation or abbreviation.
    """

    plain: bool
    given: bool
    family: bool
    english: bool
    thing: bool

    @property
    def listed(self) -> bool:
        """Whether it is any name."""
        return self.given or self.family


def read(token: Token, hints: Hints) -> Reading:
    """Look a word up; a word with hyphens or a Mac is a name if its parts are."""
    word = token.folded
    given, family, plain = word in given_names(), word in surnames(), word in plain_names()
    if not (given or family):
        parts = [part for part in re.split(r"[-']", word) if len(part) > 1]
        if len(parts) > 1:
            plain = parts[0] in plain_names() and all(
                part in plain_names() or not is_english(part) for part in parts[1:]
            )
            given = plain or (
                parts[0] in given_names() and parts[-1] in given_names() and token.shape is not Shape.LOWER
            )
    thing = word in not_people()
    english = not plain and (thing or is_english(word) or hints.known(word))
    return Reading(plain, given, family, english, thing)
