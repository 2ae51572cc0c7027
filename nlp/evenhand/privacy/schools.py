"""Schools and nurseries by name: "Oakfield Primary", "St Anne's C of E", never "the primary school". Standard library only."""

from __future__ import annotations

import re
from collections.abc import Iterator

from evenhand.privacy.findings import Finding, Kind
from evenhand.privacy.words import fold, is_english, not_people, ordinary

_TYPES = (
    r"Primary|Infants?|Juniors?|Secondary|High|Grammar|Academy|Nursery|Nurseries|Pre-?[Ss]chool|School|College|Sixth\s[Ff]orm|PRU"
    r"|Comprehensive|Comp|Middle|Playgroup|Preparatory|Prep|Montessori|Kindergarten|Day\sNursery|Childcare|Primaries|Juniors"
    r"|First\sSchool|Upper\sSchool|Lower\sSchool|Free\sSchool|UTC|Academies|Yeshiva|Cheder|Seminary|Madrasa|Madrassah|Daycare"
)
_FILLERS = (
    r"(?:C\s?of\s?E|CofE|C\.?\s?E\.?|CE|R\.?C\.?|Catholic|Church\sof\sEngland|Community|Junior|Infant|Infants'?|Girls['’]?|Boys['’]?"
    r"|First|Free|Special|Day|Roman|Voluntary|Aided|Controlled|VA|VC|Methodist|Jewish|Muslim|Islamic|and|&|Foundation|Technology"
    r"|Sports|Science|Arts|Performing|Independent|Forest|Park|Hill|Centre|Federation|Preparatory|Primary|High|Nursery|Middle|Trust"
    r"|Academy|Primary|Secondary|Sixth|Form|Upper|Lower|School|Grammar)"
)
_CAPITAL = r"(?:[A-Z][\w'’-]{0,30}|St\.|\d{1,2}(?:st|nd|rd|th))"
_NAMED = re.compile(
    rf"(?<![\w'’-])(?P<name>{_CAPITAL}(?:\s{{1,2}}(?:{_CAPITAL}|of|the|on|at|and|&)){{0,4}}?)\s{{1,2}}"
    rf"(?:{_FILLERS}\s{{1,2}}){{0,4}}(?:{_TYPES})(?!\w)(?:\s(?:{_FILLERS}|{_TYPES})(?!\w)){{0,3}}"
)
_CAPS = re.compile(
    r"(?<![\w'’-])(?P<name>[A-Z][A-Z'’.-]{1,20}(?:\s[A-Z][A-Z'’.-]{1,20}){0,3}?)\s(?:(?:C\sOF\sE|COFE|CE|RC|CATHOLIC|COMMUNITY"
    r"|JUNIOR|INFANT|INFANTS|GIRLS['’]?|BOYS['’]?|FREE|DAY|PRIMARY|HIGH)\s){0,3}(?:PRIMARY|INFANTS?|JUNIORS?|SECONDARY|HIGH"
    r"|GRAMMAR|ACADEMY|NURSERY|PRE-?SCHOOL|SCHOOL|COLLEGE|SIXTH\sFORM|COMPREHENSIVE|MIDDLE)(?!\w)(?:\sSCHOOL)?"
)
_ANY_CASE = re.compile(
    r"(?<![\w'’-])(?P<name>[^\W\d_][\w'’-]{3,24})\s(?:(?:c\s?of\s?e|ce|rc|catholic|community|junior|infant|girls|boys|park|hill|bank"
    r"|road|lane|green|wood|field|street)\s){0,2}(?:primary|infants|juniors|secondary|high|grammar|academy|nursery|pre-?school"
    r"|college|sixth\sform|comp|prim|middle|school)(?!\w)(?:\sschool)?",
    re.IGNORECASE,
)
_SAINT = re.compile(
    r"(?<![\w'’.-])S(?:t|aint|T|AINT)\.?\s(?P<name>[A-Z][\w-]{2,20}?(?:['’]?[sS])?)(?P<possessive>['’][sS]|s['’]|(?<=s))?(?!\w)"
    rf"(?P<rest>(?:\s(?:and|&)\sSt\.?\s[A-Z][\w'’]+)?(?:\s(?:{_FILLERS}|{_TYPES}|PRIMARY|SCHOOL|HIGH|ACADEMY|RC|NURSERY)(?!\w)){{0,5}})",
)
_SAINT_SMALL = re.compile(
    r"(?<![\w'’])(?:st|saint)\.?\s[a-z]{3,15}(?:['’]?s)?\s(?:c\s?of\s?e|ce|rc|catholic|primary|infants?|juniors?|high|school|academy"
    r"|nursery|comp|prim|sixth)(?!\w)(?:\s(?:primary|school|high|academy|infants?|juniors?|nursery))?",
    re.IGNORECASE,
)
# Places of saints that are no schools, and what else is named after them.
_AFTER_SAINT = re.compile(
    r"\s?(?:Hospital|Hospice|Ward|Church|Road|Street|Avenue|Close|Lane|Day|House|Court|Park|Square|Parish|Trust|Ambulance|Station"
    r"|Crescent|Drive|Way|Terrace|Hill|Community Centre|Health|Surgery|Medical|Place)",
    re.IGNORECASE,
)
_NO_SCHOOL_SAINTS = frozenset({"helens", "albans", "ives", "neots", "austell", "andrews", "davids", "mungos", "mungo's", "basils", "giles"})
_GOES_TO = re.compile(
    r"(?:\b(?:attends|attending|attended|pupil at|pupils at|student at|enrolled at|on roll at|on the roll of|place at|starts at|started at"
    r"|excluded from|head of|headteacher (?:at|of)|head teacher (?:at|of)|DSL (?:at|from|for)|SENCO? (?:at|from)|teacher at|ta at|nursery is|school is|school was"
    r"|school named is|school called|nursery called|nursery named|goes to nursery at|goes to school at|school at|[Yy](?:ea)?r\s?\d{1,2},? (?:at|in)|reception at|nursery at|school roll at)\s"
    r"|\b(?:[Ss]chool|[Nn]ursery|SCHOOL|NURSERY|College|Setting|Education|[Cc]urrent school|Sch|School attended|School name)\s?[:=]\s?)"
    r"(?P<name>(?:the\s)?[A-Z][\w'’-]{2,24}(?:\s(?:[A-Z][\w'’-]{1,24}|of|at|on|the|C\sof\sE)){0,5})"
)
_APPOSED = re.compile(
    r"\b(?:the|her|his|their)\s(?:current\s|new\s|old\s)?(?:nursery|school|pre-?school|college|playgroup),\s"
    r"(?P<name>[A-Z][\w'’-]{2,24}(?:\s(?:[A-Z][\w'’-]{1,24}|of|at|on|the)){1,5}),"
)
_TYPE_WORDS = frozenset(
    """primary infant infants junior juniors secondary high grammar academy nursery school college sixth form pru comprehensive
    comp middle playgroup preparatory prep first upper lower free day special the a an his her their our my your this that both
    local same new old another previous current former next each any some at in from to of and or for with by head deputy
    state mainstream public private independent boarding mixed faith catholic church muslim jewish islamic hebrew sunday
    saturday summer after before post pre non year years reception key stage early full part time medical night virtual home
    hospital specialist residential provision maintained nearest named good small large big better different whole every
    inner outer urban rural community parish village district council county london english british higher further adult
    attends attended attending per art business law technical drama dance ballet riding driving language weekend breakfast
    evening on is was are has had yes no not if when then but so as low very too quite moderate medium risk level levels is
    we i he she they it you mum dad mother father parents aspects teacher team staff wider family education social sen send ks
    attainment attendance exclusion expected contact name address alternative mosque supplementary quran qur'an arabic
    since until before after during once where although because while which girls boys children child pupils head's dsl safeguarding
    please dear note re ref about called named attending leaving started starts missed missing late""".split()
)


def find_schools(text: str) -> Iterator[Finding]:
    """Schools and nurseries that have a name."""
    for pattern in (_NAMED, _CAPS):
        for match in pattern.finditer(text):
            start = _start_of_name(match)
            if start is not None:
                yield Finding(start, match.end(), Kind.SCHOOL)
    for match in _ANY_CASE.finditer(text):
        if not is_english(match["name"]) and fold(match["name"]) not in _TYPE_WORDS:
            yield Finding(*match.span(), Kind.SCHOOL)
    for match in _SAINT_SMALL.finditer(text):
        yield Finding(*match.span(), Kind.SCHOOL)
    for match in _SAINT.finditer(text):
        named = match["rest"] or match["possessive"]
        if named and not _AFTER_SAINT.match(text, match.end()) and fold(match["name"]) not in _NO_SCHOOL_SAINTS:
            yield Finding(*match.span(), Kind.SCHOOL)
    for match in (*_GOES_TO.finditer(text), *_APPOSED.finditer(text)):
        words = re.findall(r"[\w'’-]+", match["name"])
        if any(_tells(word) for word in words) and not _AFTER_SAINT.match(text, match.end()):
            yield Finding(*match.span("name"), Kind.SCHOOL)


def _tells(word: str) -> bool:
    """Whether a capitalised word is no word of the field: it can be what a school is called."""
    folded = fold(word).removesuffix("'s")
    return not is_english(word) and folded not in _TYPE_WORDS and not (word.isupper() and len(word) <= 5)


def _start_of_name(match: re.Match[str]) -> int | None:
    """Where the school's own name begins, after words such as The or Attends; None where nothing is left of it."""
    start, words = match.start("name"), match["name"].split()
    place = start
    for place_in_list, word in enumerate(words):
        place = match.string.index(word, place)
        plain = fold(word.strip(".,'’")).removesuffix("'s")
        if plain in _TYPE_WORDS or plain in not_people() and place_in_list == 0 and plain not in ordinary():
            place += len(word)
            continue
        rest = words[place_in_list:]
        in_sentence = place_in_list == 0 and _opens_sentence(match.string, place) and len(rest) == 1
        return None if in_sentence and is_english(rest[0]) and fold(rest[0]) in ordinary() else place
    return None


def _opens_sentence(text: str, place: int) -> bool:
    before = text[max(0, place - 3) : place].rstrip(" ")
    return not before or before[-1] in ".!?\n:;-•*"
