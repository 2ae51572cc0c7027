"""Evidence that a word is somebody's name. Standard library only.

Each word collects weights; from 1 (`ENOUGH`) on it is a name. They are set by hand on development texts, so that a word that
is a name and nothing else needs nothing more, and any other needs two telling things. A language model's view (`Hints`) is
one more piece of evidence.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from evenhand.privacy import cues
from evenhand.privacy.likeness import name_likeness
from evenhand.privacy.tokens import Shape, Token
from evenhand.privacy.words import given_names, is_english, not_people, ordinary, plain_names, surnames

ENOUGH = 1.0
_AGE = re.compile(
    r"\s?(?:[(\[,]\s?(?:aged?\s)?(?:\d{1,2}(?!\d)|mum|dad|mother|father|yr|year|y\d|[mf]\b)|\(dob|\d{1,2}(?:yo|yrs?|[mf])\b|(?:y|yr|year)\s?\d{1,2}\b)", re.I
)


_IN_APPOSITION = re.compile(r",\s")


def _known_nowhere(word: str) -> bool:
    return False


@dataclass(frozen=True, slots=True)
class Hints:
    """What a language model says.

    Attributes:
        person: Words that it takes for a person, by the offset of their first code point.
        place: Words that it takes for a place.
        proper: Words that it takes for proper nouns.
        known: Whether a folded word is in its dictionary of ordinary words.
    """

    person: frozenset[int] = frozenset()
    place: frozenset[int] = frozenset()
    proper: frozenset[int] = frozenset()
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
            plain = parts[0] in plain_names() and all(part in plain_names() or not is_english(part) for part in parts[1:])
            given = plain or (parts[0] in given_names() and parts[-1] in given_names() and token.shape is not Shape.LOWER)
    thing = word in not_people()
    english = not plain and (thing or is_english(word) or hints.known(word))
    return Reading(plain, given, family, english, thing)


def weigh(tokens: list[Token], place: int, hints: Hints) -> float:
    """How much speaks for a word being a name, of what can be seen without knowing which others are."""
    token = tokens[place]
    if len(token.folded) < 2 or token.folded in cues.TITLES or token.folded in cues.FUNCTION_WORDS:
        return 1.0 if token.folded == "will" and _is_somebody(tokens, place) else 0.0
    reading = read(token, hints)
    following = tokens[place + 1] if place + 1 < len(tokens) else None
    if following and _names_a_thing(tokens, place, following, reading):
        return 0.0
    weight = _by_itself(token, reading) + by_what_precedes(tokens, place, reading)
    if weight <= 0:
        return 0.0
    if token.shape is not Shape.LOWER and not reading.english:
        weight += 0.4 * bool(token.possessive or _AGE.match(token.after))
    elif (reading.given or reading.plain) and _AGE.match(token.after):
        weight += 0.5
    if following and following.folded in cues.VERBS and token.after.isspace() and not token.possessive:
        weight += _before_verb(token, reading, following)
    if reading.given and _IN_APPOSITION.match(token.after) and following and following.folded in cues.APPOSITIONS:
        weight += 0.7
    if not (reading.english or reading.listed):
        weight += name_likeness(token.folded)
    if following and following.folded == "family" and place and tokens[place - 1].folded == "the" and not reading.english:
        weight += 0.5
    return weight + _by_model(token, reading, hints)


def _is_somebody(tokens: list[Token], place: int) -> bool:
    """Whether "will" is a name: with a capital inside a sentence, or where no pronoun or verb stem can follow a modal."""
    token = tokens[place]
    if token.shape is Shape.LOWER or token.in_capitals or place + 1 == len(tokens):
        return False
    return not token.opens or tokens[place + 1].folded in ("is", "has", "was", "said", "says", "told", "had", "does", "did")


def _names_a_thing(tokens: list[Token], place: int, following: Token, reading: Reading) -> bool:
    token, last = tokens[place], tokens[place - 1] if place else None
    if last and last.folded in ("storm", "hurricane") and last.shape is not Shape.LOWER:
        return True
    if following.folded not in cues.AFTER_THINGS or not re.fullmatch(r"(?:['’]s?)?\s{1,2}", token.after):
        return False
    if following.folded in cues.SURNAME_LIKE and reading.given and not (last and last.folded in cues.BEFORE_PLACES | {"the", "to"}):
        return False
    return following.shape is Shape.CAPITAL or following.folded in cues.ALWAYS_THINGS


def _before_verb(token: Token, reading: Reading, verb: Token) -> float:
    """Before a verb of the third person; "Grace is", and at the head of a sentence only where a name is given so."""
    if reading.english and not reading.given:
        return 0.1
    if token.opens and reading.given and not reading.plain and verb.folded in cues.THIRD_PERSON:
        return 0.7
    return 0.3


def _by_itself(token: Token, reading: Reading) -> float:
    short = len(token.folded) <= 3
    if token.shape is Shape.LOWER:
        if reading.plain:
            return 1.0 if reading.given and len(token.folded) >= 4 else 0.5
        return 0.0 if reading.english else 0.1
    capital_tells = not token.opens and not token.in_capitals and token.shape is Shape.CAPITAL
    alone_in_capitals = token.shape is Shape.CAPITALS and not token.in_capitals
    if reading.plain:
        if alone_in_capitals and len(token.folded) <= 4:
            return 0.6 if len(token.folded) == 4 else 0.3
        return 0.7 if short and not capital_tells else 1.0
    if token.folded in cues.CALENDAR:
        return 0.2 if reading.given else 0.0
    if reading.listed and not reading.thing:
        if alone_in_capitals:
            return 0.0 if short else 0.3
        return (0.5 if reading.given else 0.3) + (0.4 if capital_tells else 0.0) - (0.2 if token.opens else 0.0)
    if reading.english:
        return 0.2 if reading.given and capital_tells else 0.0
    if token.shape is Shape.CAPITALS:
        return 0.3 if token.in_capitals and not short else 0.0
    return 0.4 if capital_tells else 0.25


def by_what_precedes(tokens: list[Token], place: int, reading: Reading) -> float:
    """What the word before tells, and the punctuation between."""
    token = tokens[place]
    last = _last_word(tokens, place)
    if last is None:
        return 0.0
    gap = token.before if last is tokens[place - 1] else " "
    spaced = gap != "" and gap.strip(" \t") == ""
    if last.folded in cues.TITLES and (spaced or gap.strip(" \t") == "."):
        return _after_title(token, last, reading)
    unlisted_word = reading.english and not reading.listed
    if _names_what_follows(tokens, place, last, gap):
        return 0.0 if unlisted_word and (token.shape is Shape.LOWER or not _QUOTE.search(gap)) else ENOUGH
    if last.folded in cues.LABELS and _LABEL_GAP.fullmatch(gap):
        if ("\n" in gap and last.folded not in cues.CLOSINGS) or unlisted_word:
            return 0.0
        if token.shape is Shape.LOWER:
            return 0.3 if reading.plain else 0.0
        return 0.8 if reading.given else 0.6
    if not spaced:
        return 0.0
    if last.folded in cues.GREETINGS | cues.CLOSINGS:
        return 0.0 if reading.english and (not reading.given or token.in_capitals) else 0.6
    if last.folded in cues.ROLES:
        return _after_role(token, reading)
    if token.shape is Shape.LOWER:
        return 0.0
    if last.folded in cues.TO_PEOPLE:
        return 0.0 if unlisted_word else 0.4
    if last.folded in cues.BEFORE_PLACES:
        return 0.0 if reading.listed or token.possessive else -0.3
    return 0.2 if last.folded in cues.BEFORE_PEOPLE else 0.0


_LABEL_GAP = re.compile(r"['’]?s?\s?(?:\([^)\n]{0,20}\))?\s?[:=|–-]\s{0,3}[\"“'‘]?|,?\s*\n\s*")
_NAME_GAP = re.compile(r"\s{0,2}(?:[:=–-]\s{0,3}|\(|\s?[\"“'‘])[\"“'‘]?")
_QUOTE = re.compile("[\"“'‘]")
_QUOTED_GAP = re.compile(r"\s?(?::\s?)?[\"“'‘]?")


def _names_what_follows(tokens: list[Token], place: int, last: Token, gap: str) -> bool:
    """Whether the words before say that a name comes: "called X", "her name is X", "call him X", "goes by X", "name: X"."""
    before = tokens[place - 2] if place > 1 else None
    if last.folded in cues.NAME_NOUNS and _NAME_GAP.fullmatch(gap):
        return True
    if not _QUOTED_GAP.fullmatch(gap):
        return False
    if last.folded in cues.NAMING and before is not None and before.folded not in ("he", "she", "i", "they", "mum", "dad", "who", "we"):
        return True
    if before is None:
        return False
    return (
        (last.folded in ("is", "was") and before.folded in cues.NAME_NOUNS)
        or (last.folded in cues.PRONOUNS and before.folded in cues.CALLING)
        or (last.folded, before.folded) in {("by", "goes"), ("by", "going"), ("as", "known"), ("of", "name"), ("name", "by")}
    )


def _last_word(tokens: list[Token], place: int) -> Token | None:
    """The word before, leaving out initials: "Mr A. Zammit"."""
    while place > 0 and len(tokens[place - 1].folded) == 1 and tokens[place - 1].shape is not Shape.LOWER:
        place -= 1
    return tokens[place - 1] if place > 0 else None


def _after_title(token: Token, title: Token, reading: Reading) -> float:
    """After Mr any capitalised word is a name; "ms", "miss" and "dr" in small letters are other words too."""
    doubtful = title.folded in ("miss", "ms", "dr", "prof", "sgt", "sir") and (title.shape is Shape.LOWER or "." in token.before)
    if token.shape is Shape.LOWER or token.in_capitals or doubtful:
        return 1.0 if not reading.english or (reading.listed and token.folded not in ordinary()) else 0.0
    return 0.0 if token.folded in cues.VERBS else 1.0


def _after_role(token: Token, reading: Reading) -> float:
    if token.shape is Shape.LOWER:
        return 0.5 if reading.plain else 0.0
    if reading.english and (not reading.given or token.in_capitals):
        return 0.0
    return 0.6


def _by_model(token: Token, reading: Reading, hints: Hints) -> float:
    weight = 0.0
    if token.start in hints.person and (not reading.english or reading.given) and not reading.thing:
        weight += 0.4
    if token.start in hints.proper and not reading.english:
        weight += 0.2
    if token.start in hints.place and not reading.listed:
        weight -= 0.2
    return weight
