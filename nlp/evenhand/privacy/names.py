"""Names of people in a text: words with enough evidence, and the words that belong to them. Standard library only."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator

from evenhand.privacy import cues
from evenhand.privacy.evidence import ENOUGH, Hints, read, weigh
from evenhand.privacy.findings import Finding, Kind
from evenhand.privacy.tokens import Shape, Token, tokenise
from evenhand.privacy.words import given_names, is_english, known_phrases, ordinary, plain_names

_NO_HINTS = Hints()
_BESIDE = re.compile(r"[ \t]{1,2}|-|\.\s?|[ \t]?\n[ \t]?|,[ \t]?(?=$)")
_SPACE = re.compile(r"[ \t.-]{1,3}")
_IN_A_LIST = re.compile(r"\s?(?:[,&+/;|]|\(\d{1,2}\),?|,?\s(?=$))\s?(?:(?:and|&)\s)?")
# What being beside a name adds to a word: right after a given name more than anywhere else.
_AFTER_NAME = 0.7
_BEFORE_NAME = 0.6
_LISTED = 0.5


def find_names(text: str, hints: Hints = _NO_HINTS) -> Iterator[Finding]:
    """Names of people; one finding for each run of words."""
    tokens = tokenise(text)
    known = _in_known_phrases(text, tokens)
    weights = [0.0 if known[place] else weigh(tokens, place, hints) for place in range(len(tokens))]
    names = [weight >= ENOUGH for weight in weights]
    for place, token in enumerate(tokens):
        names[place] = names[place] or _plural_possessive(tokens, place, token)
    if any(names):
        _spread(tokens, weights, names, hints)
        _repeat(tokens, weights, names)
        _spread(tokens, weights, names, hints)
    yield from (finding for finding in _runs(tokens, names) if not known[_place_of(tokens, finding.start)])
    for match in _INITIALS.finditer(text):
        yield Finding(*match.span(1), Kind.NAME)


# "K.M., 13", "K.M. says": a person under initials.
_INITIALS = re.compile(r"(?<![\w.])((?!(?:[ap]\.m|u\.k|e\.g|i\.e|n\.i|g\.p|s\.w)\.)[A-Z]\.\s?[A-Z]\.)(?=,?\s(?:\(?\d{1,2}\b|says|said|is|was|has|had|told|reports))")


def _place_of(tokens: list[Token], start: int) -> int:
    return bisect_left(tokens, start, key=lambda token: token.start)


def _in_known_phrases(text: str, tokens: list[Token]) -> list[bool]:
    """Which words belong to a brand, character, law or public figure."""
    known = [False] * len(tokens)
    lowered = text.lower().replace("’", "'")
    if len(lowered) != len(text):  # a letter whose small form is two signs
        return known
    for match in known_phrases().finditer(lowered):
        place = _place_of(tokens, match.start())
        while place < len(tokens) and tokens[place].start < match.end():
            known[place] = True
            place += 1
    return known


def _plural_possessive(tokens: list[Token], place: int, token: Token) -> bool:
    """Whether a word is a name with an s and no apostrophe before somebody or something of theirs: "ayaans mum"."""
    if not token.folded.endswith("s") or len(token.folded) < 5 or place + 1 == len(tokens) or is_english(token.folded):
        return False
    stem = token.folded[:-1]
    last_part = stem.rsplit("-", 1)[-1]
    return (stem in plain_names() or (last_part != stem and last_part in given_names())) and tokens[place + 1].folded in cues.ROLES


def _repeat(tokens: list[Token], weights: list[float], names: list[bool]) -> None:
    """A word that is a name in one place is one elsewhere in the text too, where it is written as one and nothing speaks against it."""
    sure = {token.folded for token, name in zip(tokens, names, strict=True) if name and len(token.folded) > 2}
    for place, token in enumerate(tokens):
        if token.folded in sure and not names[place] and weights[place] > 0 and token.folded not in cues.CALENDAR:
            names[place] = token.shape is not Shape.LOWER or not is_english(token.folded)


def _spread(tokens: list[Token], weights: list[float], names: list[bool], hints: Hints) -> None:
    """Words beside names are names on less evidence: surnames after given names, the second of two in a list."""
    forth = range(1, len(tokens))
    for place in (*forth, *reversed(forth)):
        for other, one, beside in ((place - 1, place, _AFTER_NAME), (place, place - 1, _BEFORE_NAME)):
            if not names[other] or names[one]:
                continue
            gap, token = tokens[place].before, tokens[one]
            if _SPACE.fullmatch(gap) and not (tokens[min(one, other)].possessive):
                names[one] = _joins(token, weights[one] + beside, hints)
            elif _IN_A_LIST.fullmatch(gap) and token.shape is not Shape.LOWER:
                names[one] = weights[one] + _LISTED >= ENOUGH
    for place in range(2, len(tokens)):
        if tokens[place - 1].folded in ("and", "n", "an") and names[place - 2] != names[place]:
            one = place if names[place - 2] else place - 2
            token = tokens[one]
            alike = token.shape is not Shape.LOWER or tokens[place if one != place else place - 2].shape is Shape.LOWER
            if alike and (weights[one] + _LISTED >= ENOUGH or (token.shape is Shape.LOWER and token.folded in given_names() - ordinary())):
                names[one] = True


def _joins(token: Token, weight: float, hints: Hints) -> bool:
    """Whether a word right beside a name belongs to it."""
    reading = read(token, hints)
    if len(token.folded) < 2 or token.folded in cues.TITLES | cues.VERBS | cues.ROLES:
        return False
    if reading.english and not reading.listed:
        return token.shape is Shape.CAPITAL and not reading.thing and not token.in_capitals and weight >= ENOUGH - 0.25
    if token.shape is Shape.LOWER:
        return not reading.english and reading.listed
    return weight >= ENOUGH or not reading.english


def _runs(tokens: list[Token], names: list[bool]) -> Iterator[Finding]:
    """One finding for names beside each other, with the initials and particles between them."""
    place = 0
    while place < len(tokens):
        if not names[place]:
            place += 1
            continue
        last = place
        while (following := _next_of_run(tokens, names, last)) is not None:
            last = following
        yield Finding(tokens[place].start, tokens[last].end, Kind.NAME)
        place = last + 1


def _next_of_run(tokens: list[Token], names: list[bool], last: int) -> int | None:
    for step in (1, 2, 3):
        place = last + step
        if place >= len(tokens) or not _SPACE.fullmatch(tokens[place].before):
            return None
        if names[place]:
            return place
        word = tokens[place].folded.strip(".")
        if not (word in cues.PARTICLES or len(word) == 1):
            return None
    return None
