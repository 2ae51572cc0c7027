"""Evidence for a name in what stands before a word: titles, labels, relations, verbs. Standard library only."""

from __future__ import annotations

import re

from evenhand.privacy import cues
from evenhand.privacy.readings import ENOUGH, HALF, SLIGHT, SOME, STRONG, TELLING, Reading
from evenhand.privacy.tokens import Shape, Token
from evenhand.privacy.words import also_places, ordinary

_LABEL_GAP = re.compile(r"['’]?s?\s?(?:\([^)\n]{0,20}\))?\s?[:=|–-]\s{0,3}[\"“'‘]?|,?\s*\n\s*")
_NAME_GAP = re.compile(r"\s{0,2}(?:[:=–-]\s{0,3}|\(|\s?[\"“'‘])[\"“'‘]?")
_QUOTE = re.compile("[\"“'‘]")
_QUOTED_GAP = re.compile(r"\s?(?::\s?)?[\"“'‘]?")
# Titles that are other words too where they are written small or end a sentence: "miss school", "ms".
_DOUBTFUL_TITLES = frozenset({"miss", "ms", "dr", "prof", "sgt", "sir"})
_WAYS_OF_NAMING = frozenset({("goes", "by"), ("going", "by"), ("known", "as"), ("name", "of"), ("by", "name")})


def by_what_precedes(tokens: list[Token], place: int, reading: Reading) -> float:
    """What the word before tells, and the punctuation between."""
    token, last = tokens[place], _last_word(tokens, place)
    if place and _after_initial(tokens, place, reading):
        return ENOUGH
    if last is None:
        return 0.0
    gap = token.before if last is tokens[place - 1] else " "
    spaced = gap != "" and gap.strip(" \t") == ""
    unlisted_word = reading.english and not reading.listed
    if last.folded in cues.TITLES and (spaced or gap.strip(" \t") == "."):
        return _after_title(token, last, reading)
    if _names_what_follows(tokens, place, last, gap):
        if unlisted_word and not reading.thing and _is_nickname(tokens, place):
            return ENOUGH
        return 0.0 if unlisted_word and (token.shape is Shape.LOWER or not _QUOTE.search(gap)) else ENOUGH
    if last.folded in cues.LABELS and _LABEL_GAP.fullmatch(gap):
        return 0.0 if unlisted_word else _after_label(token, last, gap, reading)
    if last.folded in cues.ROLES and (
        spaced or (gap == ", " and token.after.startswith(",") and token.shape is not Shape.LOWER)
    ):
        return _after_role(token, reading)
    if not spaced:
        return 0.0
    if last.folded in cues.GREETINGS | cues.CLOSINGS:
        return 0.0 if reading.english and (not reading.given or token.in_capitals) else STRONG
    if token.shape is Shape.LOWER:
        return 0.0
    before = tokens[place - 2].folded if place > 1 else ""
    return _after_plain_word(token, last, before, reading)


def _after_plain_word(token: Token, last: Token, before: str, reading: Reading) -> float:
    unlisted_word = reading.english and not reading.listed
    if last.folded in cues.TO_PEOPLE:
        return 0.0 if unlisted_word else TELLING
    if (before, last.folded) in cues.DEALING and not unlisted_word:
        return TELLING
    if token.folded in also_places() and last.folded in cues.TOWARDS_PLACES:
        return -TELLING
    if last.folded in cues.BEFORE_PLACES:
        return 0.0 if reading.listed or token.possessive else -SOME
    return SLIGHT if last.folded in cues.BEFORE_PEOPLE else 0.0


def _names_what_follows(tokens: list[Token], place: int, last: Token, gap: str) -> bool:
    """Whether the words before say that a name comes: "called X", "her name is X", "call him X", "goes by X"."""
    if last.folded in cues.NAME_NOUNS and _NAME_GAP.fullmatch(gap):
        return True
    if place < 2 or not _QUOTED_GAP.fullmatch(gap):
        return False
    before = tokens[place - 2].folded
    return (
        (last.folded in cues.NAMING and before not in cues.CALLERS)
        or (last.folded in ("is", "was") and before in cues.NAME_NOUNS)
        or (last.folded in cues.PRONOUNS and before in cues.CALLING)
        or (before, last.folded) in _WAYS_OF_NAMING
    )


def _is_nickname(tokens: list[Token], place: int) -> bool:
    """Whether an ordinary word with a capital is what somebody is called: "goes by Spud", "they call him Bean"."""
    token, last = tokens[place], tokens[place - 1]
    before = tokens[place - 2].folded if place > 1 else ""
    after = tokens[place + 1] if place + 1 < len(tokens) else None
    if after and token.after == " " and (after.shape is not Shape.LOWER or after.folded in ("of", "in", "once", "on")):
        return False
    of_somebody = last.folded in ("him", "her", "them", "me") and before in ("call", "calls")
    named = of_somebody or (before, last.folded) in _WAYS_OF_NAMING or (before, last.folded) == ("be", "called")
    return named and token.shape is Shape.CAPITAL and not token.in_capitals


def _after_initial(tokens: list[Token], place: int, reading: Reading) -> bool:
    """Whether an initial with its full stop stands before a surname: "R. Zammit", at the head of a line too."""
    token, initial = tokens[place], tokens[place - 1]
    if len(initial.folded) != 1 or initial.shape is Shape.LOWER or token.shape is Shape.LOWER:
        return False
    return token.before in (". ", ".") and (reading.listed or not reading.english) and not reading.thing


def _last_word(tokens: list[Token], place: int) -> Token | None:
    """The word before, leaving out initials: "Mr A. Zammit"."""
    while place > 0 and len(tokens[place - 1].folded) == 1 and tokens[place - 1].shape is not Shape.LOWER:
        place -= 1
    return tokens[place - 1] if place > 0 else None


def _after_title(token: Token, title: Token, reading: Reading) -> float:
    """After Mr any capitalised word is a name."""
    doubtful = title.folded in _DOUBTFUL_TITLES and (title.shape is Shape.LOWER or "." in token.before)
    if token.shape is Shape.LOWER or token.in_capitals or doubtful:
        return ENOUGH if not reading.english or (reading.listed and token.folded not in ordinary()) else 0.0
    return 0.0 if token.folded in cues.VERBS else ENOUGH


def _after_label(token: Token, label: Token, gap: str, reading: Reading) -> float:
    if "\n" in gap and label.folded not in cues.CLOSINGS:
        return 0.0
    if token.shape is Shape.LOWER:
        return SOME if reading.plain else 0.0
    return STRONG + SLIGHT if reading.given else STRONG


def _after_role(token: Token, reading: Reading) -> float:
    if token.shape is Shape.LOWER:
        if reading.given and token.folded not in ordinary():
            return ENOUGH
        return HALF if reading.plain else 0.0
    return 0.0 if reading.english and (not reading.given or token.in_capitals) else STRONG
