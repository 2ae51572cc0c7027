"""Schools and nurseries by name: "Oakfield Primary", "St Anne's C of E", never "the school". Standard library only."""

from __future__ import annotations

import re
from collections.abc import Iterator

from evenhand.privacy.findings import Finding, Kind
from evenhand.privacy.words import fold, is_english, not_people, one_of, ordinary, plain_names, stems, word_list

_TYPES = one_of("schools", "types")
_FILLERS = rf"\(?{one_of('schools', 'fillers')}\)?"
_SMALL_TYPES = one_of("schools", "small_types")
_CAPITAL = r"(?:[A-Z][\w'’-]{0,30}|St\.|\d{1,2}(?:st|nd|rd|th))"
_NAMED = re.compile(
    rf"(?<![\w'’-])(?P<name>{_CAPITAL}(?:\s{{1,2}}(?:{_CAPITAL}|of|the|on|at|and|&)){{0,4}}?)\s{{1,2}}"
    rf"(?:{_FILLERS}\s{{1,2}}){{0,4}}{_TYPES}(?!\w)(?:\s(?:{_FILLERS}|{_TYPES})(?!\w)){{0,3}}"
)
_CAPS = re.compile(
    r"(?<![\w'’-])(?P<name>(?:[A-Z][A-Z'’-]{1,20}|ST\.)(?:\s(?:[A-Z][A-Z'’-]{1,20}|ST\.)){0,3}?)"
    rf"\s(?:(?i:{_FILLERS})\s){{0,3}}(?=[A-Z]{{2}})(?i:{_TYPES})(?![\w])(?:\sSCHOOL)?"
)
# In small letters an unknown word is a name, and words that schools are called by (oak tree, sunny days) after "at".
_NAME_WORDS = one_of("schools", "name_words")
_ANY_CASE = re.compile(
    rf"(?<![\w'’-])(?P<name>[^\W\d_][\w'’-]{{3,24}})\s(?:{one_of('schools', 'small_fillers')}\s){{0,3}}"
    rf"{_SMALL_TYPES}(?!\w)(?:\sschool)?",
    re.IGNORECASE,
)
_NAME_WORD = re.compile(_NAME_WORDS)
_SMALL_WORDS = re.compile(
    rf"(?<![a-z])(?:at|to|from|attends?|attending|outside|near|by|in|with|join(?:ed|s)?|school"
    rf"|nursery)[:,]?\s(?P<name>(?:the\s)?{_NAME_WORDS}(?:['’]?s)?(?:\s(?:{_NAME_WORDS}|and|of)(?:['’]?s)?){{0,3}}"
    rf"\s(?:{one_of('schools', 'small_fillers')}\s){{0,3}}{_SMALL_TYPES})(?!\w)(?:\sschool)?",
    re.IGNORECASE,
)
_TWO_CAPITALS = re.compile(
    rf"(?<=[a-z,] )(?P<name>[A-Z][\w'’-]{{2,20}}(?:\s[A-Z][\w'’-]{{2,20}}){{1,2}})\s"
    rf"(?:{one_of('schools', 'small_fillers')}\s){{0,3}}"
    rf"{_SMALL_TYPES}(?!\w)(?:\sschool)?"
)
# In any case after the words that lead to a school, where no word of it is one of the field: "at marlow fold academy".
_LED_TO = re.compile(
    rf"(?<![a-z])(?:at|to|from|attend(?:s|ing|ed)?|roll(?:\sat)?|outside|near|by|in|of|school|pupil|starts?|started"
    rf"|left|joined|in\syr\s?\d{{1,2}})[:,]?\s"
    rf"(?P<name>(?:the\s)?(?P<words>(?:st\."
    rf"|[a-z][a-z'’-]{{1,20}})(?:\s[a-z][a-z'’-]{{1,20}}){{0,3}}?)\s(?:{one_of('schools', 'small_fillers')}\s){{0,3}}"
    rf"(?:{_SMALL_TYPES}|inf|pri|acad|nurs|jnr|sch|ps|hs"
    rf"|girls|boys|special|childminding|childminders?)(?!\w)(?!\sand\s(?:secondary|high))"
    rf"(?:\s(?:{_SMALL_TYPES}|sch|school)(?!\w)){{0,2}})",
    re.IGNORECASE,
)
# "Scarcroft Girls", "Kirkmoor Lane Special": no type follows.
_FOR_SOME = re.compile(
    r"(?<![\w'’-])(?P<name>[A-Z][\w'’-]{3,20}(?:\s(?:[A-Z][\w'’-]{2,20})){0,2})\s(?:[Gg]irls|[Bb]oys"
    r"|Special)(?![\w'’])(?!\s(?:and|or|who|were|are|in)\b)"
)
_SAINT = re.compile(
    r"(?<![\w'’.-])S(?:t|aint|T|AINT)\.?\s(?P<name>[A-Z][\w-]{2,20}?(?:['’]?[sS])?)(?P<possessive>['’][sS]|s['’]"
    r"|(?<=s))?(?!\w)"
    rf"(?P<rest>(?:\s(?:and|&)\sSt\.?\s[A-Z][\w'’]+)?(?:\s(?:{_FILLERS}|{_TYPES}|PRIMARY|SCHOOL|HIGH|ACADEMY"
    rf"|NURSERY)(?!\w)){{0,5}})"
)
_SAINT_SMALL = re.compile(
    rf"(?<![\w'’])(?:st|saint)\.?\s[a-z]{{3,15}}(?:['’]?s)?\s(?:c\s?of\s?e|ce|rc|catholic|{_SMALL_TYPES})(?!\w)"
    rf"(?:\s{_SMALL_TYPES})?(?!\w)",
    re.IGNORECASE,
)
_LEARNS_AT = re.compile(
    r"(?<![a-z])(?:attend(?:s|ing|ed)?|pupil (?:at|of)|(?:is|are|am|be) in y(?:ea)?r ?\d{1,2},? (?:at|in)"
    r"|y(?:ea)?r ?\d{1,2},? (?:at|in)"
    r"|school (?:is|at)|teacher at|nursery at|starts? at|excluded from)\s(?P<name>(?:st"
    r"|saint)\.?\s[a-z]{4,15}(?:['’]?s)?)(?![\w'’])",
    re.IGNORECASE,
)
_AFTER_SAINT = re.compile(rf"\s?{one_of('schools', 'after_saint')}", re.IGNORECASE)
_NO_SCHOOL_SAINTS = word_list("schools", "towns_of_saints")
_GOES_TO = re.compile(
    rf"(?:\b(?:(?i:{one_of('schools', 'lead')})|[Yy](?:ea)?r\s?\d{{1,2}},? (?:at|in))\s"
    r"|\b(?:[Cc]urrent |[Nn]ew )?(?:[Ss]chool|[Nn]ursery|SCHOOL|NURSERY|College|Setting|Education|Sch)"
    r"(?: attended| name)?\s?[:=]\s?)"
    r"(?P<name>(?:the\s)?[A-Z][\w'’-]{2,24}(?:\s(?:[A-Z][\w'’-]{1,24}|of|at|on|the|C\sof\sE)){0,5})"
)
_APPOSED = re.compile(
    r"\b(?:(?:[Tt]he|[Hh]er|[Hh]is|[Tt]heir)\s)?(?:current\s|new\s|old\s)?(?:[Nn]ursery|[Ss]chool|[Pp]re-?school"
    r"|[Cc]ollege|[Pp]laygroup|[Ss]etting)"
    r"(?:,\s|\s?\(|\s[–-]\s)(?P<name>[A-Z][\w'’-]{2,24}(?:\s(?:[A-Z][\w'’-]{1,24}|of|at|on|the|&|and)){1,5})[,)–.;]"
)
# Nurseries are called after small and merry things: "Little Acorns", "Busy Bees at Mill Lane".
_NURSERY = re.compile(
    rf"(?<![\w'’-])(?:{one_of('schools', 'nursery_openings')})\s(?:[A-Z][a-z]{{2,12}}s(?![\w'’])|(?:Stars|Steps|Feet"
    rf"|Hands|Friends|Explorers|Days|Horizons|People|Learners)(?!\w))"
    r"(?:\s(?:at|on)\s[A-Z][a-z'’]+(?:\s[A-Z][a-z'’]+)?)?"
)
_SCHOOL_IS = re.compile(
    r"(?<![\w'’])(?:(?:[Cc]urrent |[Nn]ew |[Pp]revious |[Ll]ast )?(?:[Ss]chool|[Nn]ursery|College|Setting"
    r"|Education (?:setting|provider))(?: attended| name| placement)?\s?[:=]"
    r"|(?:[Ss]chool|[Nn]ursery|[Cc]ollege|[Ss]etting) (?:is|was|will be|called))\s?"
    r"(?P<name>[A-Z][a-z'’-]{2,24}(?:\s(?:[A-Z][a-z'’-]{1,24}|of|on|the)){1,4})"
)
_YSGOL = re.compile(
    r"(?<![\w'’-])(?:Ysgol|YSGOL|Scoil|Gaelscoil|Bunscoil|Beis|Bais|Bnos|Talmud Torah|Cylch Meithrin"
    r"|Meithrinfa)[ -][A-Z][\w'’-]{1,20}(?:[ -](?:[A-Z][\w'’-]{1,20}|y|yr|na|an)){0,4}"
)
_YSGOL_SMALL = re.compile(
    r"(?<![\w'’-])(?:ysgol|gaelscoil|bunscoil|beis|bais|bnos|talmud torah|cylch meithrin|meithrinfa)\s[a-z'’]{3,20}"
    r"(?:\s(?:y|yr|na|an|[a-z'’]{3,20})){0,2}"
)
_TYPE_WORDS = word_list("schools", "type_words")
_SCHOOL_WORDS = word_list("schools", "school_words")
_OTHER_SCHOOLS = frozenset(
    {"ysgol", "scoil", "gaelscoil", "bunscoil", "beis", "bais", "bnos", "talmud", "cylch", "meithrinfa"}
)
_INNER = word_list("schools", "inner")
_LEARNING_WORDS = word_list("schools", "learning_words")


def find_schools(text: str, words: frozenset[str]) -> Iterator[Finding]:
    """Schools and nurseries that have a name."""
    if words & _SCHOOL_WORDS:
        yield from _find_named(text)
    if words & {"st", "saint"}:
        yield from _find_saints(text)
    if words & _OTHER_SCHOOLS:
        for match in (*_YSGOL.finditer(text), *_YSGOL_SMALL.finditer(text)):
            yield Finding(*match.span(), Kind.SCHOOL)
    if words & {"girls", "boys", "special"}:
        for match in _FOR_SOME.finditer(text):
            if all(not is_english(word) or is_name_word(word) for word in match["name"].split()) and _is_place(
                match["name"].split()[0]
            ):
                yield Finding(*match.span(), Kind.SCHOOL)
    if words & _LEARNING_WORDS:
        yield from _find_told(text)


def _find_told(text: str) -> Iterator[Finding]:
    """What is told to be a school by the words before it, or is called as nurseries are."""
    for match in (*_GOES_TO.finditer(text), *_APPOSED.finditer(text)):
        told = any(_tells(word) for word in re.findall(r"[\w'’-]+", match["name"]))
        if told and not _AFTER_SAINT.match(text, match.end()):
            yield Finding(*match.span("name"), Kind.SCHOOL)
    for match in _SCHOOL_IS.finditer(text):
        if all(_may_name(word) for word in re.findall(r"[A-Z][\w'’-]+", match["name"])):
            yield Finding(*match.span("name"), Kind.SCHOOL)
    for match in _NURSERY.finditer(text):
        yield Finding(*match.span(), Kind.SCHOOL)


def _find_named(text: str) -> Iterator[Finding]:
    for match in _NAMED.finditer(text):
        start = _start_of_name(match)
        if start is not None:
            yield Finding(start, match.end(), Kind.SCHOOL)
    for match in _CAPS.finditer(text):
        start = _start_in_capitals(match)
        if start is not None:
            yield Finding(start, match.end(), Kind.SCHOOL)
    for match in _LED_TO.finditer(text):
        if _reads_as_a_name(match["words"]):
            yield Finding(*match.span("name"), Kind.SCHOOL)
    for match in _SMALL_WORDS.finditer(text):
        if any(fold(word) not in _TYPE_WORDS for word in match["name"].split()):
            yield Finding(*match.span("name"), Kind.SCHOOL)
    for match in _ANY_CASE.finditer(text):
        if not is_english(match["name"]) and fold(match["name"]).rstrip("'") not in _TYPE_WORDS:
            yield Finding(*match.span(), Kind.SCHOOL)
    for match in _TWO_CAPITALS.finditer(text):
        plain = [fold(word) for word in match["name"].split()]
        if not any(word in not_people() or word in _TYPE_WORDS for word in plain):
            yield Finding(*match.span(), Kind.SCHOOL)


def _find_saints(text: str) -> Iterator[Finding]:
    for match in _SAINT_SMALL.finditer(text):
        yield Finding(*match.span(), Kind.SCHOOL)
    for match in _LEARNS_AT.finditer(text):
        if not _AFTER_SAINT.match(text, match.end()):
            yield Finding(*match.span("name"), Kind.SCHOOL)
    for match in _SAINT.finditer(text):
        named = match["rest"] or match["possessive"] or match["name"].endswith(("s", "S"))
        if named and not _AFTER_SAINT.match(text, match.end()) and fold(match["name"]) not in _NO_SCHOOL_SAINTS:
            yield Finding(*match.span(), Kind.SCHOOL)


def _reads_as_a_name(stretch: str) -> bool:
    """Whether each word is of those that schools are called by, or unknown, and one is more than a common word."""
    plain = [fold(word.strip(".,'’")).removesuffix("'s") for word in stretch.split()]
    if not plain or plain[-1] == "and" or any(word in _TYPE_WORDS and word not in _INNER for word in plain):
        return False
    named = [word for word in plain if word not in _INNER]
    fits = all(is_name_word(word) or word not in ordinary() for word in named)
    return (
        fits
        and bool(named)
        and not any(stem in ordinary() for word in named if not is_name_word(word) for stem in stems(word))
    )


def is_name_word(word: str) -> bool:
    """Whether schools are called by it: oak, hill, saint."""
    return bool(_NAME_WORD.fullmatch(fold(word).removesuffix("'s").rstrip("'")))


def _is_place(word: str) -> bool:
    """Whether a word can be nothing but a place of its own: neither English nor anybody's name."""
    folded = fold(word)
    if "-" in folded:
        return folded.startswith(("al-", "as-", "an-", "ar-", "el-", "ibn-", "umm-", "at-"))
    return (
        not is_english(word) and folded not in plain_names() and not any(stem in ordinary() for stem in stems(folded))
    )


def _may_name(word: str) -> bool:
    """Whether a capitalised word after "School:" can be part of what it is called."""
    folded = fold(word).removesuffix("'s")
    return bool(_NAME_WORD.fullmatch(folded)) or (folded not in _TYPE_WORDS and folded not in not_people())


def _tells(word: str) -> bool:
    """Whether a capitalised word is no word of the field: it can be what a school is called."""
    folded = fold(word).removesuffix("'s")
    return not is_english(word) and folded not in _TYPE_WORDS and not (word.isupper() and len(word) <= 5)


def _start_of_name(match: re.Match[str]) -> int | None:
    """Where the school's own name begins, after words such as The or Attends; None where nothing is left of it."""
    words, place = match["name"].split(), match.start("name")
    for number, word in enumerate(words):
        place = match.string.index(word, place)
        plain = fold(word.strip(".,'’")).removesuffix("'s")
        known = plain in not_people() and plain not in ordinary()
        if plain in _TYPE_WORDS or (known and number == 0):
            place += len(word)
            continue
        opens = number == 0 and len(words) == 1 and _opens_sentence(match.string, place)
        return None if opens and is_english(word) and plain in ordinary() else place
    return None


def _start_in_capitals(match: re.Match[str]) -> int | None:
    """Where the name begins in a line of capitals: after the last word that no school is called by."""
    start: int | None = None
    named: list[str] = []
    for word in reversed(list(re.finditer(r"\S+", match["name"]))):
        plain = fold(word[0].strip(".,'’"))
        if plain.removesuffix("'s") in _TYPE_WORDS or any(stem in _TYPE_WORDS for stem in stems(plain)):
            break
        start = match.start("name") + word.start()
        named.append(plain)
    if any(not is_english(word) for word in named):
        return start
    if len(named) > 1 and not match[0].endswith(("SCHOOL", "COLLEGE", "NURSERY")):
        return start
    usual = [bool(_NAME_WORD.fullmatch(word)) for word in [*named, ""]].index(False)
    return match.start("name") + match["name"].rindex(match["name"].split()[-usual]) if usual else None


def _opens_sentence(text: str, place: int) -> bool:
    before = text[max(0, place - 3) : place].rstrip(" ")
    return not before or before[-1] in ".!?\n:;-•*"
