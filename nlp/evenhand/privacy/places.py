"""Where somebody lives: postcodes and addresses. Standard library only.

Postcodes follow the form of BS 7666 with the closed list of postcode areas of Britain, Northern Ireland, the islands.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from evenhand.privacy.findings import Finding, Kind
from evenhand.privacy.words import one_of, word_list

_AREAS = (
    "A[BL]|B[ABDHLNRSTX]?|C[ABFHMORTVW]|D[ADEGHLNTY]|E[CHNX]?|F[KY]|G[LUY]?|H[ADGPRSUX]|I[GMPV]|JE|K[ATWY]|L[ADELNSU]?"
    "|M[EKL]?|N[EGNPRW]?|O[LX]|P[AEHLOR]|R[GHM]|S[AEGKLMNOPRSTWY]?|T[ADFNQRSW]|UB|W[ACDFNRSV]?|YO|ZE"
)
# The inner half is rare, so it is looked for first and the outer half before it.
_INWARD = re.compile(r"(?<![A-Za-z])[\dO][A-Z]{2}(?![A-Za-z\d])", re.IGNORECASE)
_OUTWARD = re.compile(
    rf"(?<![A-Za-z\d£])(?:(?:{_AREAS})\s?(?:[\dO]\d?|\d[A-HJKMNP-Z])|GIR)(?P<gap>\s[ \t]?|[ \t.-]{{0,2}})$",
    re.IGNORECASE,
)
_LONGEST_OUTWARD = 9
_STRICT_INWARD = re.compile(r"[\dO][ABD-HJLNP-UW-Z]{2}", re.IGNORECASE)
# "b1 2hr", "e4 3rd", "s2 1st" in small letters are doses, gestations and ordinals.
_NOT_INWARD = re.compile(
    r"\d(?:st|nd|rd|th|hr|yr|lb|ft|pt|ds|gp|px|ab|ad|bd|dl|ed|eg|es|et|is|on|up|us|we|he|as|at|to|or|an)$"
)

_STRONG = one_of("places", "strong_types")
_WEAK = one_of("places", "weak_types")
_HOUSE = one_of("places", "houses")
_NUMBER = r"(?<![\w£.:/+-])\d{1,4}\s?(?:[a-hA-H]\b)?(?:\s?[-/&–]\s?\d{1,4}[a-hA-H]?\b)?"
_WORD = r"[^\W\d_][\w'’.-]{0,30}"
_CAPITAL = r"(?:[A-Z][\w'’-]{0,30}|St\.)"
_NUMBERED = re.compile(
    rf"{_NUMBER}[\s,]{{1,3}}(?P<street>(?:(?:the|st\.?|old|great|little|upper|lower|north|south|east|west)\s{{1,2}})?"
    rf"(?:{_WORD}\s{{1,2}}){{1,3}}?(?:{_STRONG}|{_WEAK}))(?![\w'’-])",
    re.IGNORECASE,
)
_NUMBERED_THE = re.compile(rf"{_NUMBER}[\s,]{{1,3}}(?:The|THE)\s{_CAPITAL}(?:\s{_CAPITAL}){{0,2}}")
_NUMBERED_WELSH = re.compile(
    rf"{_NUMBER}[\s,]{{1,3}}(?:{one_of('places', 'welsh')})(?:\s(?:y|yr|[A-Z][\w'’-]{{1,20}})){{1,3}}"
)
_UNIT = re.compile(
    rf"(?<![A-Za-z])(?i:{one_of('places', 'units')})\s?(?:no\.?\s)?(?:\d{{1,4}}\s?[A-Za-z]?|[A-Za-z])\b"
    r"(?:\s?[,/]\s?|\s{1,2}(?:at\s|in\s)?)"
    rf"(?P<rest>(?:\d{{1,4}}[a-z]?[\s,]{{1,2}})?(?:The\s)?{_CAPITAL}(?:\s{_CAPITAL}){{0,3}}(?:\s(?:site|estate|house|flats))?)"
)
_UNIT_ANY_CASE = re.compile(
    rf"(?<![a-z]){one_of('places', 'units_any_case')}\s?(?:no\.?\s)?\d{{1,4}}\s?[a-z]?[\s,]{{1,3}}"
    rf"(?P<rest>(?:\d{{1,4}}[a-z]?[\s,]{{1,2}})?(?:{_WORD}\s){{1,3}}?(?:{_STRONG}|{_HOUSE}))(?![a-z])",
    re.IGNORECASE,
)
_NAMED_HOUSE = re.compile(
    rf"(?:(?:The|THE)\s)?(?:{_CAPITAL}\s){{0,3}}(?:{_HOUSE}|{_HOUSE.upper().replace('S{', 's{')})"
    rf"(?:,\s?|\s(?:on|in|at|off)\s)(?:the\s)?(?P<rest>(?:{_CAPITAL}\s){{1,3}}{_CAPITAL})"
)
_TYPE = one_of("places", "capital_types")
_NAME_AND_ROAD = re.compile(
    rf"(?<![\w'’.-]){_CAPITAL}(?:\s{_CAPITAL})?,\s?(?:{_CAPITAL}\s){{1,2}}(?:{_TYPE}|{_TYPE.upper()})(?!\w)"
)
_STREET_ALONE = re.compile(
    rf"(?<![\w'’-])(?P<name>(?:[A-Z][a-z'’]{{1,20}}\s){{1,2}}){one_of('places', 'alone_types')}(?![\w'’])"
)
_LABELLED = re.compile(
    rf"(?<![a-z])(?:{one_of('places', 'lead')})\s?(?:is|was)?\s?[:=–-]?\s{{0,2}}(?:number\s|no\.?\s)?"
    rf"(?P<rest>{_NUMBER}[\s,]{{1,3}}(?-i:{_CAPITAL}(?:\s{_CAPITAL}){{0,3}}))",
    re.IGNORECASE,
)
_LIMITED = frozenset(
    {"st", "dr", "gr", "cl", "ct", "pl", "sq", "ter", "str"}
)  # words of other meanings in small letters
_NOT_STREETS = word_list("places", "not_streets")
_NEVER_BETWEEN = word_list("places", "never_between")  # no street's name holds these between its number and its type
_UNIT_WORDS = word_list("places", "unit_words")
_STREET_WORDS = word_list("places", "street_words")
_PLACE_WORDS = _STREET_WORDS | word_list("places", "place_words")
_LEAD_WORDS = word_list("places", "labels")


def find_places(text: str, words: frozenset[str]) -> Iterator[Finding]:
    """Postcodes and addresses."""
    yield from _find_postcodes(text)
    for match in _NUMBERED.finditer(text):
        if _is_street(match):
            yield Finding(*match.span(), Kind.ADDRESS)
    patterns = [_NUMBERED_THE, _NUMBERED_WELSH]
    patterns += [_UNIT, _UNIT_ANY_CASE] if words & _UNIT_WORDS else []
    patterns += [_NAMED_HOUSE, _NAME_AND_ROAD] if words & _PLACE_WORDS else []
    patterns += [_LABELLED] if words & _LEAD_WORDS else []
    for pattern in patterns:
        for match in pattern.finditer(text):
            if not _only_field_words(match):
                yield Finding(*match.span(), Kind.ADDRESS)
    if words & _STREET_WORDS:
        for match in _STREET_ALONE.finditer(text):
            first = match["name"].split()[0].lower()
            if first not in _NOT_STREETS and first not in _NEVER_BETWEEN:
                yield Finding(*match.span(), Kind.ADDRESS)


def _find_postcodes(text: str) -> Iterator[Finding]:
    for match in _INWARD.finditer(text):
        begin = max(0, match.start() - _LONGEST_OUTWARD)
        outward = _OUTWARD.search(text[begin : match.start()])
        if outward is None:
            continue
        whole = outward[0] + match[0]
        strict = _STRICT_INWARD.fullmatch(match[0]) or (whole.isupper() and outward["gap"])
        digits = sum(sign.isdigit() for sign in whole)
        if strict and digits and (digits > 1 or whole.isupper()) and not (outward["gap"] and _NOT_INWARD.search(whole)):
            yield Finding(begin + outward.start(), match.end(), Kind.POSTCODE)


def _is_street(match: re.Match[str]) -> bool:
    """Whether number, words and type are an address: capitals, or small letters without a word that no street has."""
    *words, kind = match["street"].split()
    if any(word.lower().strip(".") in _NEVER_BETWEEN for word in words):
        return False
    if kind in _LIMITED and not words[-1][0].isupper():
        return len(words) <= 1 and not words[-1].endswith(".")
    if all(word[0].isupper() for word in words):
        return True
    return bool(re.fullmatch(_STRONG, kind, re.IGNORECASE)) and len(words) <= 2


def _only_field_words(match: re.Match[str]) -> bool:
    """Whether what follows the number is no name of a place: "Unit 3 Assessment", "Room 2 was"."""
    words = re.findall(r"[^\W\d_][\w'’-]*", match.groupdict().get("rest") or "")
    return bool(words) and words[0].lower() in _NEVER_BETWEEN
