"""Where somebody lives: postcodes and addresses. Standard library only."""

from __future__ import annotations

import re
from collections.abc import Iterator

from evenhand.privacy.findings import Finding, Kind
from evenhand.privacy.postcodes import find_postcodes
from evenhand.privacy.words import fold, given_names, is_english, known_phrases, not_people, one_of, openers, word_list

_WORD = r"[^\W\d_][\w'’.-]{0,30}"
_CAPITAL = r"(?:[A-Z][\w'’-]{0,30}|St\.)"
_STRONG = one_of("places", "strong_types")
_TYPE = one_of("places", "capital_types")
# "44MerrionCourt", as a scan without spaces has it
_GLUED_STREET = re.compile(rf"(?<![\d£.,/])\d{{1,4}}[a-h]?(?:[A-Z][a-z]{{2,15}}){{1,3}}(?<=[a-z]){_TYPE}(?![a-z])")
# "flat above the launderette, Station Parade", "st leonards house"
_ABOVE = re.compile(
    r"(?<![a-z])(?:flat|room|bedsit|studio|maisonette|rooms|upstairs)\s(?:is\s)?(?:above|over|behind|below|under"
    r"|at the back of|next to|opposite)\s(?:the\s|a\s)?"
    rf"(?:[a-z'’-]{{2,16}}\s?){{1,3}}(?:,|\son|\sin|\sat|\soff)\s(?P<rest>(?:{_WORD}\s){{1,2}}(?:{_STRONG}"
    rf"|(?-i:{_TYPE})))(?![\w'’-])"
    r"|(?<![a-z])st\.?\s[a-z]{3,14}(?:['’]?s)?\s(?:house|court|lodge|flats|hostel|villas)(?![a-z])",
    re.IGNORECASE,
)
_WEAK = one_of("places", "weak_types")
_HOUSE = one_of("places", "houses")
_NAMED_END = one_of("places", "named_ends")
_NUMBER = r"(?:(?<![\w£.:/+-])|(?<=[a-z]:)|(?<=[Nn]o\.))\d{1,4}\s?(?:[a-hA-H]\b)?(?:\s?[-/&–]\s?\d{1,4}[a-hA-H]?\b)?"
_NUMBERED = re.compile(
    rf"{_NUMBER}[\s,]{{1,3}}(?P<street>(?:(?:the|st\.?|old|great|little|upper|lower|north|south|east|west)\s{{1,2}})?"
    rf"(?:{_WORD}\s{{1,2}}){{1,4}}?(?:{_STRONG}|{_WEAK}(?!\s{_STRONG}(?![\w'’-]))))(?![\w'’-])",
    re.IGNORECASE,
)
_NUMBERED_THE = re.compile(rf"{_NUMBER}[\s,]{{1,3}}(?:The|THE)\s{_CAPITAL}(?:\s{_CAPITAL}){{0,2}}")
# "nineteen B Fuller's Yard", as a voice message has it
_NUMBER_SPELLED = re.compile(
    rf"(?<![a-z-]){one_of('places', 'spelled_numbers')}(?:[\s-](?:{one_of('places', 'spelled_numbers')}"
    rf"|[a-f](?=\s))){{0,3}}"
    rf",?\s(?P<rest>(?:(?:the|st|old)\s)?(?:{_WORD}\s){{1,2}}?(?:{_STRONG}|(?-i:{_TYPE})))(?![\w'’-])",
    re.IGNORECASE,
)
_NUMBERED_WELSH = re.compile(
    rf"{_NUMBER}[\s,]{{1,3}}(?:{one_of('places', 'welsh')})(?:\s(?:y|yr|[A-Z][\w'’-]{{1,20}})){{1,3}}"
)
_UNIT = re.compile(
    rf"(?<![A-Za-z])(?i:{one_of('places', 'units')})\s?(?i:no\.?\s|number\s)?(?:\d{{1,4}}\s?[A-Za-z]?|[A-Za-z])\b"
    r"(?:\s?[,/(–-]\s?|\s{1,2}(?:at\s|in\s|on\s|of\s|off\s)?)"
    rf"(?P<rest>(?:\d{{1,4}}[a-z]?[\s,]{{1,2}})?(?:[Tt]he\s)?{_CAPITAL}(?:\s{_CAPITAL}){{0,3}}(?:\s(?:site|estate"
    rf"|house|flats))?)"
)
_UNIT_ANY_CASE = re.compile(
    rf"(?<![a-z]){one_of('places', 'units_any_case')}\s?(?:no\.?\s|number\s)?\d{{1,4}}\s?[a-z]?[\s,/]{{1,3}}"
    rf"(?:(?:at|in|on|above)\s)?(?P<rest>(?:(?:the\s)?[a-z'’]{{3,20}}(?:\s[a-z]{{3,20}})?,\s)?(?:\d{{1,4}}[a-z]?[\s,]{{1,2}})?(?:{_WORD}\s){{1,3}}?(?:{_STRONG}|{_HOUSE}))(?![a-z])",
    re.IGNORECASE,
)
_NAMED_HOUSE = re.compile(
    rf"(?:(?:The|THE)\s)?(?:{_CAPITAL}\s){{0,3}}(?:{_HOUSE}|{_HOUSE.upper().replace('S{', 's{')})"
    rf"(?:,\s?|\s(?:on|in|at|off)\s)(?:the\s)?(?P<rest>(?:{_CAPITAL}\s){{1,3}}{_CAPITAL})"
)
_NAME_AND_ROAD = re.compile(
    rf"(?<![\w'’.-])(?P<house>(?:The\s)?{_CAPITAL}(?:\s{_CAPITAL})?),\s?(?P<rest>(?:{_CAPITAL}\s){{1,2}}(?:{_TYPE}"
    rf"|{_TYPE.upper()}|{_NAMED_END}))(?!\w)(?!['’]s|\s[A-Z])"
)
# A house that its last word calls one: "Laburnum Cottage", "Tithe Barn Flats", and "The Old Signal Box".
_HOUSE_ALONE = re.compile(
    rf"(?<![\w'’-])(?P<name>{_CAPITAL}(?:\s{_CAPITAL})?)\s{one_of('places', 'alone_houses')}(?![\w'’-])(?!\s(?:[A-Z]"
    rf"|FC))"
    rf"|(?<![\w'’-])The\sOld\s(?P<old>{_CAPITAL}(?:\s{_CAPITAL})?)(?![\w'’-])"
)
_SMALL_STREET = re.compile(
    r"(?<![a-z])(?:on|in|at|off|down|up|to|from|near|round|along|outside|opposite"
    r"|behind)\s(?P<street>(?:[a-z'’]{3,20}\s){1,2}"
    r"(?:street|road|rd|avenue|ave|lane|crescent|cresc?|terrace|grove|gardens|gdns|mews|close|drive))(?![\w'’-])",
    re.IGNORECASE,
)
_FLATS = re.compile(
    r"(?<![\w'’-])(?P<name>[A-Z][a-z'’]{3,20})\s(?:flats|cottages|farm|house|site|hostel|lodge)(?![\w'’])"
)
# "above the chippy on Brill Street", "the corner of Weir Lane": a street by name where somebody is said to be.
_ANY_TYPE_ALONE = re.compile(
    rf"(?<![\w'’.-])(?P<name>[A-Z][a-z'’]{{3,20}})\s(?:{_TYPE}|{_NAMED_END}|Bottom|Drove|Hey"
    rf"|Estate)(?![\w'’])(?!\s[A-Z])"
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
_SENTENCE_END = re.compile(r"[^\W\d_]{3}\.$")
_MONTHS = word_list("birth", "months")
_DAYS_OR_WEEKS = re.compile(r"^\d{1,2}/(?:7|52|12|11)\b")
_MOST_STREET_WORDS = 3  # in small letters, where more are a sentence
_PUBLIC_ENDS = frozenset({"centre", "center", "hospital", "clinic", "library", "school", "surgery", "college", "court"})
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
_SCHOOLING = word_list("places", "schooling")
_LEARNS = re.compile(r"at|stay|attend|\|", re.IGNORECASE)
_ADDRESS_WORDS = frozenset({"address", "addr", "add", "addy"})
_GLUED_NUMBER = re.compile(r"\d[a-h]?[A-Z][a-z]")
_ANY_NUMBER = re.compile(r"\d[a-hA-H]?[\s,]")
_STREET_NAMES = word_list("schools", "name_words")  # schools are called by what streets are called by
_HOME_BEFORE = re.compile(
    r"(?<![a-z])(?:at|lives?|living|address|addr|home|house|of|from|to|round|no|number|flat|c/o"
    r"|\d,)[:.]?\s(?:no\.?\s)?$|^$",
    re.IGNORECASE,
)
_NEAR = re.compile(r"\s(?:by|to|at|together|in\sage|friends?|family|watch|contact|supervision)\b")
_NOT_HOUSES = word_list("places", "not_houses")
_UNIT_WORDS = word_list("places", "unit_words") | openers("places", "units", "units_any_case")
_STREET_WORDS = word_list("places", "street_words")
_PLACE_WORDS = _STREET_WORDS | word_list("places", "place_words") | openers("places", "strong_types", "houses")
_NAMED_ENDS = _PLACE_WORDS | word_list("places", "named_end_words")
_LEAD_WORDS = word_list("places", "labels")


def find_places(text: str, words: frozenset[str]) -> Iterator[Finding]:
    """Postcodes and addresses."""
    for found in find_postcodes(text):
        yield found
        line = _BEFORE_POSTCODE.search(text[max(0, found.start - _LONGEST_LINE) : found.start])
        if line and not (_NEVER_BETWEEN | _NOT_A_HOME) & set(re.findall(r"[a-z]+", line["line"].lower())):
            place = found.start - len(line[0])
            yield Finding(place, place + len(line["line"]), Kind.ADDRESS)
    if _ANY_NUMBER.search(text):
        for match in _NUMBERED.finditer(text):
            lead = text[max(0, match.start() - 12) : match.start()]
            if _is_street(match, lead) and not _AFTER_YEAR.search(lead):
                yield Finding(*match.span(), Kind.ADDRESS)
    patterns = [_NUMBERED_THE, _NUMBERED_WELSH] if _ANY_NUMBER.search(text) else []
    patterns += [_GLUED_STREET] if _GLUED_NUMBER.search(text) else []
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
    if words & _NAMED_ENDS or {"the", "old"} <= words:
        yield from _find_alone(text)


def _find_alone(text: str) -> Iterator[Finding]:
    """Houses and streets that need nothing beside them, because their name is that of a place and of no public one."""
    for match in _ABOVE.finditer(text):
        yield Finding(*match.span(), Kind.ADDRESS)
    for match in _HOUSE_ALONE.finditer(text):
        named = [fold(word) for word in (match["name"] or match["old"]).split()]
        if not any(word in _NOT_A_HOME or word in _NEVER_BETWEEN or word in _NOT_HOUSES for word in named):
            yield Finding(*match.span(), Kind.ADDRESS)
    for match in _SMALL_STREET.finditer(text):
        named = match["street"].lower().split()[:-1]
        if (
            named[0] not in _NOT_STREETS | _NOT_A_HOME
            and not known_phrases().fullmatch(match["street"].lower())
            and not _NEVER_BETWEEN & set(named)
            and all(word in _STREET_NAMES or not is_english(word) for word in named)
        ):
            yield Finding(*match.span("street"), Kind.ADDRESS)
    for match in _NUMBER_SPELLED.finditer(text):
        named = match["rest"].split()[:-1]
        if not any(_SENTENCE_END.search(word) for word in named) and all(
            word[0].isupper() or word in _STREET_NAMES or not is_english(word) for word in named
        ):
            yield Finding(*match.span(), Kind.ADDRESS)
    for match in _FLATS.finditer(text):
        if not is_english(match["name"]) and fold(match["name"]) not in given_names():
            yield Finding(*match.span(), Kind.ADDRESS)
    for match in _ANY_TYPE_ALONE.finditer(text):
        word = fold(match["name"]).removesuffix("'s")
        if (
            not is_english(word)
            and word not in given_names() | _NOT_A_HOME
            and not known_phrases().fullmatch(match[0].lower())
        ):
            yield Finding(*match.span(), Kind.ADDRESS)


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


def _is_street(match: re.Match[str], lead: str) -> bool:
    """Whether number, words and type are an address: capitals, or small letters without a word that no street has."""
    *words, kind = match["street"].split()
    if (
        any(_SENTENCE_END.search(word) for word in words)
        or fold(words[0]) in _MONTHS
        or _DAYS_OR_WEEKS.search(match[0])
    ):
        return False
    if any(word.lower().strip(".") in _NEVER_BETWEEN for word in words):
        return False
    if kind in _LIMITED and not words[-1][0].isupper():
        usual = len(words) <= 1 or all(word.lower() in _STREET_NAMES for word in words)
        return usual and words[-1].lower() != "the" and not words[-1].endswith(".")
    if all(word[0].isupper() for word in words):
        return kind[0].isupper() or len(words) > 1 or not is_english(words[0])
    if re.fullmatch(_STRONG, kind, re.IGNORECASE):
        return len(words) <= _MOST_STREET_WORDS and not (kind == "close" and _NEAR.match(match.string, match.end()))
    usual = all(word in _STREET_NAMES or not is_english(word) for word in words)
    strange = not any(is_english(word) for word in words) and len(words) == 1
    return (usual and len(words) <= _MOST_STREET_WORDS and bool(_HOME_BEFORE.search(lead))) or strange


def _runs_on(whole: str, words: list[str]) -> bool:
    """Whether capitals of a shouted line or of a list were read as a house on a street."""
    return any(word.lower() in _NEVER_BETWEEN or word.lower() in _NOT_A_HOME for word in words) or (
        whole.isupper() and bool(_NEVER_BETWEEN & set(whole.lower().split()))
    )


def _only_field_words(match: re.Match[str]) -> bool:
    """Whether what follows the number is no name of a place: "Unit 3 Assessment", "Room 2 was", "at 9 Monday"."""
    words = re.findall(r"[^\W\d_][\w'’-]*", match.groupdict().get("rest") or "")
    if match.re is _LABELLED and _DAYS_OR_WEEKS.search(match["rest"]):
        return True
    if not words:
        return False
    if words[-1].lower() in _PUBLIC_ENDS or (match.re in (_NAMED_HOUSE, _NAME_AND_ROAD) and _runs_on(match[0], words)):
        return True
    if match.re is _LABELLED and (words[0].lower() in _NOT_A_HOME or fold(words[0]) in not_people()):
        return True
    if match.re in (_LABELLED, _UNIT) and "".join(words).isupper() and all(is_english(word) for word in words):
        return match.re is _LABELLED or not match[0].lower().startswith(("fl", "ap"))
    return words[0].lower() in _NEVER_BETWEEN
