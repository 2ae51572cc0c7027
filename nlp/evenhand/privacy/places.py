"""Where somebody lives: postcodes and addresses. Standard library only.

Postcodes follow the form of BS 7666 with the closed list of postcode areas of Britain, Northern Ireland, the islands.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from evenhand.privacy.findings import Finding, Kind
from evenhand.privacy.words import fold, is_english, known_phrases, not_people, one_of, word_list

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
    r"1st$|2nd$|3rd$|[04-9]th$|\d(?:hr|yr|lb|ft|pt|ds|gp|px|ab|ad|bd|dl|ed|eg|es|et|is|on|up|us|we|he|as|at|to|or|an)$"
)

_STRONG = one_of("places", "strong_types")
_WEAK = one_of("places", "weak_types")
_HOUSE = one_of("places", "houses")
_NUMBER = r"(?:(?<![\w£.:/+-])|(?<=[a-z]:))\d{1,4}\s?(?:[a-hA-H]\b)?(?:\s?[-/&–]\s?\d{1,4}[a-hA-H]?\b)?"
_WORD = r"[^\W\d_][\w'’.-]{0,30}"
_CAPITAL = r"(?:[A-Z][\w'’-]{0,30}|St\.)"
_NUMBERED = re.compile(
    rf"{_NUMBER}[\s,]{{1,3}}(?P<street>(?:(?:the|st\.?|old|great|little|upper|lower|north|south|east|west)\s{{1,2}})?"
    rf"(?:{_WORD}\s{{1,2}}){{1,3}}?(?:{_STRONG}|{_WEAK}(?!\s{_STRONG}(?![\w'’-]))))(?![\w'’-])",
    re.IGNORECASE,
)
_NUMBERED_THE = re.compile(rf"{_NUMBER}[\s,]{{1,3}}(?:The|THE)\s{_CAPITAL}(?:\s{_CAPITAL}){{0,2}}")
_NUMBERED_WELSH = re.compile(
    rf"{_NUMBER}[\s,]{{1,3}}(?:{one_of('places', 'welsh')})(?:\s(?:y|yr|[A-Z][\w'’-]{{1,20}})){{1,3}}"
)
_UNIT = re.compile(
    rf"(?<![A-Za-z])(?i:{one_of('places', 'units')})\s?(?:no\.?\s)?(?:\d{{1,4}}\s?[A-Za-z]?|[A-Za-z])\b"
    r"(?:\s?[,/]\s?|\s{1,2}(?:at\s|in\s)?)"
    rf"(?P<rest>(?:\d{{1,4}}[a-z]?[\s,]{{1,2}})?(?:[Tt]he\s)?{_CAPITAL}(?:\s{_CAPITAL}){{0,3}}(?:\s(?:site|estate"
    rf"|house|flats))?)"
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
# "lives on Quern Road", "living in Kingfisher Court": no number, but somebody's home.
_HOME_IN = re.compile(
    rf"(?<![a-z])(?:{one_of('places', 'home_in')})\s(?P<street>(?:{_WORD}\s){{1,2}}?(?:{_STRONG}|(?-i:{_TYPE})"
    rf"|(?-i:{_HOUSE})))(?![\w'’-])",
    re.IGNORECASE,
)
_ADDRESS_IS = re.compile(
    r"(?<![a-z])(?:home |current |new |last |bail |known |correspondence |family )?(?:address|addr|add|addy)(?: is"
    r"| was|: | -|:| =|=| given as)\s?"
    rf"(?P<rest>(?-i:(?:The\s)?{_CAPITAL}(?:\s(?:{_CAPITAL}|on|in|at|of"
    rf"|the)){{0,3}}(?:,\s{_CAPITAL}(?:\s{_CAPITAL}){{0,2}}){{0,3}}))",
    re.IGNORECASE,
)
# A house or street by name alone, after words that lead to a place: "Placement: Rowan Tree House".
_AT_PLACE = re.compile(
    rf"(?<![\w'’])(?:(?i:{one_of('places', 'leading')})(?:\sis|\swas)?\s?[:–-]?\s"
    rf"|\|\s?)(?P<rest>[Tt]he\s(?P<tree>{one_of('places', 'called_the')})|(?:[Tt]he\s)?"
    rf"(?P<name>{_CAPITAL}(?:\s{_CAPITAL})?)\s(?:{_HOUSE}|{one_of('places', 'capital_types')}"
    rf"|{one_of('places', 'named_ends')}))(?![\w'’-])(?!\s[A-Z])(?:,\s(?:[Bb]lock|[Ff]lat|[Rr]oom)\s\w{{1,3}}(?!\w))?"
)
# What stands before a postcode: a number with words, or two parts with capitals ("Hafod, Church Hill").
_BEFORE_POSTCODE = re.compile(
    rf"(?P<line>(?:{_NUMBER},?\s{_WORD}(?:\s{_WORD}){{0,3}}|(?:The\s)?{_CAPITAL}(?:\s{_CAPITAL}){{0,2}},\s{_CAPITAL}\s"
    rf"(?:{_HOUSE}|{_TYPE}|{one_of('places', 'named_ends')}))(?:,\s?{_CAPITAL}(?:\s{_CAPITAL}){{0,2}}){{0,2}})[,.]?"
    rf"\s{{1,2}}$"
)
_LONGEST_LINE = 72
_AFTER_YEAR = re.compile(
    r"(?<![a-z])(?:ye?a?r|y|class|form|set|aged?|week|wk|day|section|para|page|ks|level|grade|band)\s?$", re.IGNORECASE
)
_LIMITED = frozenset(
    {"st", "dr", "gr", "cl", "ct", "pl", "sq", "ter", "str"}
)  # words of other meanings in small letters
_NOT_STREETS = word_list("places", "not_streets")
_NEVER_BETWEEN = word_list("places", "never_between")  # no street's name holds these between its number and its type
_NOT_A_HOME = word_list("places", "not_a_home")  # what is done, felt or known rather than lived in
# In a text with one of these a named house without a number is where somebody learns.
_SCHOOLING = frozenset(
    {
        "school",
        "college",
        "lesson",
        "lessons",
        "tutor",
        "timetable",
        "teacher",
        "upn",
        "pupil",
        "pupils",
        "class",
        "excluded",
        "exclusion",
        "gcse",
        "gcses",
    }
)
_LEARNS = re.compile(r"at|stay|attend|\|", re.IGNORECASE)
_ADDRESS_WORDS = frozenset({"address", "addr", "add", "addy"})
_ANY_NUMBER = re.compile(r"\d[a-hA-H]?[\s,]")
_STREET_NAMES = word_list("schools", "name_words")  # schools are called by what streets are called by
_HOME_BEFORE = re.compile(
    r"(?<![a-z])(?:at|lives?|living|address|addr|home|house|of|from|to|round|no|number|flat|c/o"
    r"|\d,)[:.]?\s(?:no\.?\s)?$|^$",
    re.IGNORECASE,
)
_NEAR = re.compile(r"\s(?:by|to|at|together|in\sage|friends?|family|watch|contact|supervision)\b")
_UNIT_WORDS = word_list("places", "unit_words")
_STREET_WORDS = word_list("places", "street_words")
_PLACE_WORDS = _STREET_WORDS | word_list("places", "place_words")
_NAMED_ENDS = _PLACE_WORDS | word_list("places", "named_end_words")
_LEAD_WORDS = word_list("places", "labels")


def find_places(text: str, words: frozenset[str]) -> Iterator[Finding]:
    """Postcodes and addresses."""
    yield from _find_postcodes(text)
    if _ANY_NUMBER.search(text):
        for match in _NUMBERED.finditer(text):
            lead = text[max(0, match.start() - 12) : match.start()]
            if _is_street(match, lead) and not _AFTER_YEAR.search(lead):
                yield Finding(*match.span(), Kind.ADDRESS)
    patterns = [_NUMBERED_THE, _NUMBERED_WELSH] if _ANY_NUMBER.search(text) else []
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
            public = known_phrases().fullmatch(match[0].lower())
            if first not in _NOT_STREETS and first not in _NEVER_BETWEEN and not public:
                yield Finding(*match.span(), Kind.ADDRESS)
    yield from _find_homes(text, words)


def _find_homes(text: str, words: frozenset[str]) -> Iterator[Finding]:
    """Homes without a number, after the words that tell of one."""
    if words & _PLACE_WORDS:
        for match in _HOME_IN.finditer(text):
            *named, _ = match["street"].lower().split()
            if not any(word in _NEVER_BETWEEN or word in _NOT_STREETS or word in _NOT_A_HOME for word in named):
                yield Finding(*match.span("street"), Kind.ADDRESS)
    for match in _AT_PLACE.finditer(text) if words & _NAMED_ENDS else ():
        named = [fold(word) for word in (match["name"] or "oak").split()]
        known = any(
            (word in not_people() and word not in _STREET_NAMES) or word in _NOT_A_HOME or word in _NEVER_BETWEEN
            for word in named
        )
        if not known and any(word in _STREET_NAMES or not is_english(word) for word in named):
            learning = bool(_LEARNS.match(match[0])) and (
                match[0].lower().startswith("attend") or bool(words & _SCHOOLING)
            )
            yield Finding(*match.span("rest"), Kind.SCHOOL if learning else Kind.ADDRESS)
    if words & _ADDRESS_WORDS:
        for match in _ADDRESS_IS.finditer(text):
            named = [fold(word) for word in re.findall(r"[^\W\d_][\w'’-]*", match["rest"])]
            if not any(word in _NEVER_BETWEEN or word in _NOT_A_HOME for word in named):
                yield Finding(*match.span("rest"), Kind.ADDRESS)


def _find_postcodes(text: str) -> Iterator[Finding]:
    for match in _INWARD.finditer(text):
        begin = max(0, match.start() - _LONGEST_OUTWARD)
        outward = _OUTWARD.search(text[begin : match.start()])
        if outward is None:
            continue
        whole = outward[0] + match[0]
        strict = _STRICT_INWARD.fullmatch(match[0]) or (whole.isupper() and outward["gap"])
        digits = sum(sign.isdigit() for sign in whole)
        doubtful = outward["gap"] and _NOT_INWARD.search(whole) and not (whole[1].isalpha() and whole[-1] not in "dht")
        if strict and digits and (digits > 1 or whole.isupper()) and not doubtful:
            start = begin + outward.start()
            yield Finding(start, match.end(), Kind.POSTCODE)
            line = _BEFORE_POSTCODE.search(text[max(0, start - _LONGEST_LINE) : start])
            if line and not any(
                word in _NEVER_BETWEEN or word in _NOT_A_HOME for word in re.findall(r"[a-z]+", line["line"].lower())
            ):
                place = start - len(line[0])
                yield Finding(place, place + len(line["line"]), Kind.ADDRESS)


def _is_street(match: re.Match[str], lead: str) -> bool:
    """Whether number, words and type are an address: capitals, or small letters without a word that no street has."""
    *words, kind = match["street"].split()
    if any(word.lower().strip(".") in _NEVER_BETWEEN for word in words):
        return False
    if kind in _LIMITED and not words[-1][0].isupper():
        return len(words) <= 1 and not words[-1].endswith(".")
    if all(word[0].isupper() for word in words):
        return kind[0].isupper() or len(words) > 1 or not is_english(words[0])
    if re.fullmatch(_STRONG, kind, re.IGNORECASE):
        return len(words) <= 2 and not (kind == "close" and _NEAR.match(match.string, match.end()))
    usual = all(word in _STREET_NAMES or not is_english(word) for word in words)
    return usual and len(words) <= 2 and bool(_HOME_BEFORE.search(lead))


def _only_field_words(match: re.Match[str]) -> bool:
    """Whether what follows the number is no name of a place: "Unit 3 Assessment", "Room 2 was", "at 9 Monday"."""
    words = re.findall(r"[^\W\d_][\w'’-]*", match.groupdict().get("rest") or "")
    if not words:
        return False
    if match.re is _LABELLED and (words[0].lower() in _NOT_A_HOME or fold(words[0]) in not_people()):
        return True
    if match.re in (_LABELLED, _UNIT) and "".join(words).isupper() and all(is_english(word) for word in words):
        return match.re is _LABELLED or not match[0].lower().startswith(("fl", "ap"))
    return words[0].lower() in _NEVER_BETWEEN
