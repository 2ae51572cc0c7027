"""Evidence that a word is somebody's name: its letters, what stands around it, what a language model says.

Standard library only. Each word collects weights; from `ENOUGH` on it is a name.
"""

from __future__ import annotations

import re

from evenhand.privacy import cues
from evenhand.privacy.lead import by_what_precedes
from evenhand.privacy.likeness import name_likeness
from evenhand.privacy.readings import ENOUGH, HALF, SLIGHT, SOME, STRONG, TELLING, Hints, Reading, read
from evenhand.privacy.tokens import Shape, Token
from evenhand.privacy.words import also_places, is_english, ordinary

# An age in brackets: hardly anything but a person has one.
_AGE = re.compile(r"\s\((?:aged?\s)?\d{1,2}(?:yo|\s?yrs?|[mf])?\)", re.IGNORECASE)
# Before the last word of a text, which signs it: "thank you!! Despina".
_SIGNS = re.compile(r"(?:[.!?]\s{1,3}|\n\s?|\s[–—-]\s?)$")
# "Tina = meth": slang is explained, nobody named.
_MEANS = re.compile(r"[\"”’')]{0,2}\s?(?:=|\(|is slang for)\s?")
_LONG = 4  # letters; shorter words are as often abbreviations as names
# An age, date of birth, school year or relation right after a name.
_ABOUT = re.compile(
    r"(?:['’]s)?\s?(?:[(\[,]\s?(?:aged?\s)?(?:\d{1,2}(?!\d)|(?:mum|dad|mother|father|yr|year|y\d|[mf]|child|aunt"
    r"|carer|nan|gran)\b)"
    r"|\s?\((?:his|her|their|my)\s|\s\d{1,2}\s(?:is|was|has|who)\b"
    r"|\(?dob|\d{1,2}(?:yo|yrs?|[mf])\b|(?:y|yr|year)\s?\d{1,2}\b|[,;(|–-]?\s?\d{1,2}[/.-]\d{1,2}[/.-]\d{2})",
    re.IGNORECASE,
)


def weigh(tokens: list[Token], place: int, hints: Hints) -> float:
    """How much speaks for a word being a name, of what can be seen without knowing which others are."""
    token = tokens[place]
    if len(token.folded) < 2 or token.folded in cues.TITLES or token.folded in cues.FUNCTION_WORDS:
        return ENOUGH if token.folded == "will" and _is_somebody(tokens, place) else 0.0
    if token.shape is Shape.LOWER and is_english(token.folded):
        return 0.0
    reading = read(token, hints)
    following = tokens[place + 1] if place + 1 < len(tokens) else None
    if place and tokens[place - 1].folded == "team" and token.before == " ":
        return 0.0
    if following and _names_a_thing(tokens, place, following, reading):
        return 0.0
    weight = _by_itself(token, reading) + by_what_precedes(tokens, place, reading)
    if weight <= 0:
        return 0.0
    weight += _by_what_follows(token, following, reading)
    if following is None and not reading.english and token.shape is Shape.CAPITAL and _SIGNS.search(token.before):
        weight += STRONG + SLIGHT
    if not (reading.english or reading.listed):
        weight += name_likeness(token.folded)
    if not reading.english and token.shape is not Shape.LOWER:
        weight += _by_company(tokens, place, hints)
    return weight + _by_model(token, reading, hints)


def _by_what_follows(token: Token, following: Token | None, reading: Reading) -> float:
    """A possessive, an age, a verb, an apposition."""
    weight = 0.0
    about = _ABOUT.match(token.ahead)
    if token.shape is not Shape.LOWER and not reading.english:
        weight += STRONG if _AGE.match(token.ahead) else TELLING * bool(token.possessive or about)
    elif reading.given and (about or token.possessive) and not reading.thing:
        weight += STRONG + SLIGHT
    elif reading.plain and about:
        weight += HALF
    if following is None or token.possessive:
        return weight
    if following.folded in cues.VERBS and token.after.isspace():
        weight += _before_verb(token, reading, following)
    if reading.given and token.after == ", " and following.folded in cues.APPOSITIONS:
        weight += STRONG + SLIGHT
    return weight


def _by_company(tokens: list[Token], place: int, hints: Hints) -> float:
    """A capitalised word right beside it that is no English word either: given name and surname; "the X family"."""
    token, weight = tokens[place], 0.0
    for beside, gap in ((place - 1, token.before), (place + 1, token.after)):
        if 0 <= beside < len(tokens) and gap == " " and not token.possessive:
            other = tokens[beside]
            if other.shape is token.shape and len(other.folded) > 1 and not read(other, hints).english:
                weight = SOME
    following = tokens[place + 1] if place + 1 < len(tokens) else None
    of_a_family = following is not None and following.folded in cues.AFTER_FAMILY
    return weight + HALF if of_a_family and place and tokens[place - 1].folded == "the" else weight


def _is_somebody(tokens: list[Token], place: int) -> bool:
    """Whether "will" is a name: with a capital inside a sentence, or before what no modal stands before."""
    token = tokens[place]
    if token.shape is Shape.LOWER or token.in_capitals or place + 1 == len(tokens):
        return False
    return not token.opens or tokens[place + 1].folded in cues.NEVER_AFTER_MODAL


def _names_a_thing(tokens: list[Token], place: int, following: Token, reading: Reading) -> bool:
    token, last = tokens[place], tokens[place - 1] if place else None
    if last and last.folded in ("storm", "hurricane") and last.shape is not Shape.LOWER:
        return True
    if following.folded in cues.DRUGS and _MEANS.fullmatch(token.after):
        return True
    if following.folded not in cues.AFTER_THINGS or not re.fullmatch(r"(?:['’]s?)?\s{1,2}", token.after):
        return False
    of_a_place = last is not None and last.folded in cues.BEFORE_PLACES | {"the", "to"}
    if following.folded in cues.SURNAME_LIKE and reading.given and not of_a_place:
        return False
    return following.shape is Shape.CAPITAL or following.folded in cues.ALWAYS_THINGS


def _before_verb(token: Token, reading: Reading, verb: Token) -> float:
    """Before a verb of the third person; "Grace is", and at the head of a sentence only where a name is given so."""
    if reading.english and not reading.given:
        return SLIGHT / 2
    if token.opens and reading.given and not reading.plain and verb.folded in cues.THIRD_PERSON:
        return STRONG + SLIGHT
    return SOME


def _by_itself(token: Token, reading: Reading) -> float:
    short = len(token.folded) < _LONG
    if token.shape is Shape.LOWER:
        if reading.plain:
            return ENOUGH if reading.given and not short else HALF + SLIGHT * reading.given
        return 0.0 if reading.english else SLIGHT / 2
    capital_tells = not token.opens and not token.in_capitals and token.shape is Shape.CAPITAL
    alone_in_capitals = token.shape is Shape.CAPITALS and not token.in_capitals
    if reading.plain:
        if alone_in_capitals and len(token.folded) <= _LONG:
            return SOME if short else STRONG
        return STRONG if short and not capital_tells else ENOUGH
    if token.folded in cues.CALENDAR:
        return SLIGHT if reading.given else 0.0
    if reading.listed and not reading.thing:
        if alone_in_capitals:
            return 0.0 if short else SOME
        rarely_a_word = reading.given and token.folded not in ordinary() | also_places()
        more = SLIGHT * (rarely_a_word and (capital_tells or token.in_capitals))
        return (HALF if reading.given else SOME) + TELLING * capital_tells - SLIGHT * token.opens + more
    if reading.english:
        return SLIGHT if reading.given and capital_tells else 0.0
    if token.shape is Shape.CAPITALS:
        return SOME if token.in_capitals and not short else 0.0
    return STRONG if capital_tells else SOME


def _by_model(token: Token, reading: Reading, hints: Hints) -> float:
    weight = 0.0
    if token.start in hints.person and (not reading.english or reading.given) and not reading.thing:
        weight += TELLING
    if token.start in hints.place and not reading.listed:
        weight -= SLIGHT / 2
    return weight
