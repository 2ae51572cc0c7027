"""Names of people in a text: words with enough evidence, and the words that belong to them. Standard library only."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator

from evenhand.privacy import cues
from evenhand.privacy.evidence import weigh
from evenhand.privacy.findings import Finding, Kind
from evenhand.privacy.readings import ENOUGH, HALF, SLIGHT, STRONG, Hints, read
from evenhand.privacy.tokens import Shape, Token, tokenise
from evenhand.privacy.words import (
    given_names,
    is_english,
    known_phrases,
    ordinary,
    plain_names,
)

_NO_HINTS = Hints()
_SPACE = re.compile(r"[ \t-]{1,3}")
_AFTER_INITIAL = re.compile(r"\.?[ \t]{0,2}")
_IN_A_LIST = re.compile(r"\s?(?:[,&+/;|]|\(\d{1,2}\),?)\s?(?:(?:and|&)\s)?")
_SHORTEST_WITH_S = 4  # letters; "alis" and shorter are as likely slips of other words
_AND = frozenset({"and", "n", "an"})
# "K.M., 13", "K.M. says": a person under initials.
_INITIALS = re.compile(
    r"(?<![\w.])((?!(?:[ap]\.m|u\.k|e\.g|i\.e|n\.i|g\.p|s\.w)\.)[A-Z]\.\s?[A-Z]\.)"
    r"(?=,?\s(?:\(?\d{1,2}\b|says|said|is|was|has|had|told|reports))"
)


def find_names(text: str, hints: Hints = _NO_HINTS) -> Iterator[Finding]:
    """Names of people; one finding for each run of words."""
    tokens = tokenise(text)
    known = _in_known_phrases(text, tokens)
    weights = [0.0 if known[place] else weigh(tokens, place, hints) for place in range(len(tokens))]
    names = [weight >= ENOUGH for weight in weights]
    for place in range(len(tokens)):
        names[place] = names[place] or _plural_possessive(tokens, place)
    if any(names):
        _spread(tokens, weights, names, hints)
        _repeat(tokens, weights, names)
        _spread(tokens, weights, names, hints)
    for run in _runs(tokens, names):
        # A phrase inside a longer name hides none of it: "Harry Potter-Green", "Robin Hood Okafor".
        if not all(known[_place_of(tokens, run.start) : _place_of(tokens, run.end)]):
            yield run
    for match in _INITIALS.finditer(text):
        yield Finding(*match.span(1), Kind.NAME)


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


def _plural_possessive(tokens: list[Token], place: int) -> bool:
    """Whether a word is a name with an s and no apostrophe before somebody of theirs: "ayaans mum"."""
    word = tokens[place].folded
    if not word.endswith("s") or len(word) <= _SHORTEST_WITH_S or place + 1 == len(tokens) or is_english(word):
        return False
    stem, (*_, last_part) = word[:-1], word[:-1].split("-")
    named = stem in plain_names() or (last_part != stem and last_part in given_names())
    capital = tokens[place].shape is Shape.CAPITAL and not tokens[place].opens
    return named and (capital or tokens[place + 1].folded in cues.ROLES | cues.BELONGINGS)


def _repeat(tokens: list[Token], weights: list[float], names: list[bool]) -> None:
    """A word that is a name in one place is one wherever it is written like one."""
    sure = {token.folded for token, name in zip(tokens, names, strict=True) if name and len(token.folded) > 2}
    for place, token in enumerate(tokens):
        if token.folded in sure and not names[place] and weights[place] > 0 and token.folded not in cues.CALENDAR:
            names[place] = token.shape is not Shape.LOWER or not is_english(token.folded)


def _spread(tokens: list[Token], weights: list[float], names: list[bool], hints: Hints) -> None:
    """Words beside names are names on less evidence: surnames after given names, the second of two in a list."""
    forth = range(1, len(tokens))
    for place in (*forth, *reversed(forth)):
        for other, one in ((place - 1, place), (place, place - 1)):
            if not names[other] or names[one]:
                continue
            gap, token = tokens[place].before, tokens[one]
            if _SPACE.fullmatch(gap) and not tokens[place - 1].possessive:
                names[one] = _joins(token, weights[one] + STRONG, hints)
            elif _IN_A_LIST.fullmatch(gap) and token.shape is not Shape.LOWER:
                names[one] = weights[one] + HALF + SLIGHT * token.opens >= ENOUGH
    for place in range(2, len(tokens)):
        first, second = place - 2, place
        if tokens[place - 1].folded in _AND and names[first] != names[second]:
            one, other = (second, first) if names[first] else (first, second)
            names[one] = _is_named_with(tokens[one], tokens[other], weights[one])


def _is_named_with(token: Token, other: Token, weight: float) -> bool:
    """Whether a word is a name since one is named with it: "X and Y"; in small letters only beside small letters."""
    if token.shape is Shape.LOWER:
        return other.shape is Shape.LOWER and token.folded in given_names() - ordinary()
    return weight + HALF >= ENOUGH


def _joins(token: Token, weight: float, hints: Hints) -> bool:
    """Whether a word right beside a name belongs to it."""
    reading = read(token, hints)
    if len(token.folded) < 2 or token.folded in cues.TITLES | cues.VERBS | cues.ROLES:
        return False
    if reading.english and not reading.listed:
        return (
            token.shape is Shape.CAPITAL and not reading.thing and not token.in_capitals and weight >= ENOUGH - SLIGHT
        )
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
    for place in range(last + 1, min(last + 4, len(tokens))):
        gap = _AFTER_INITIAL if len(tokens[place - 1].folded) == 1 else _SPACE
        if not gap.fullmatch(tokens[place].before):
            return None
        if names[place]:
            return place
        if not (tokens[place].folded in cues.PARTICLES or len(tokens[place].folded) == 1):
            return None
    return None
