"""Dates of birth: a date is one only where the words around it say so. Standard library only."""

from __future__ import annotations

import re
from collections.abc import Iterator

from evenhand.privacy.findings import Finding, Kind
from evenhand.privacy.words import one_of, word_list

_DAY = r"(?:[12]\d|3[01]|0?[1-9])"
_MONTH_NAME = (
    r"(?:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?"
    r"|nov(?:ember)?|dec(?:ember)?)\.?"
)
_MONTH = r"(?:1[0-2]|0?[1-9])"
_YEAR = r"(?:(?:19|20)\d\d|['’]?\d\d)"
_ORDINAL = r"(?:\s?(?:st|nd|rd|th))?"
_SPELLED = one_of("birth", "spelled_days")
_SEPARATOR = r"\s{0,2}[./\\–-]\s{0,2}"
# Whole dates, as people write them: 03/04/2015, 3.4.15, 2015-04-03, 3rd of April 2015, Apr 3 2015, 03-Apr-15.
FULL_DATE = (
    rf"(?:(?:19|20)\d\d{_SEPARATOR}{_MONTH}{_SEPARATOR}{_DAY}(?!\d)"
    rf"|{_DAY}{_SEPARATOR}{_MONTH}{_SEPARATOR}{_YEAR}(?!\d)"
    rf"|{_MONTH}/{_DAY}/{_YEAR}(?!\d)"
    rf"|{_DAY}\s{_MONTH}\s(?:19|20)\d\d(?!\d)"
    rf"|{_DAY}{_ORDINAL}[\s,./-]{{0,3}}(?:of\s{{1,2}})?(?:the\s)?{_MONTH_NAME}[\s,./-]{{0,3}}{_YEAR}(?!\d)"
    rf"|{_MONTH_NAME}\s{{0,2}}(?:the\s)?{_DAY}{_ORDINAL}(?:,\s?|\s){_YEAR}(?!\d)"
    rf"|{_DAY}{_ORDINAL}\sof\sthe\s{_MONTH}{_ORDINAL}[\s,./-]{{1,3}}(?:of\s)?{_YEAR}(?!\d)"
    rf"|{_SPELLED}\s(?:of\s)?{_MONTH_NAME}[\s,]{{1,2}}{_YEAR}(?!\d))"
)
_DAY_AND_MONTH = (
    rf"(?:{_DAY}{_ORDINAL}[\s-]{{0,2}}(?:of\s)?{_MONTH_NAME}(?![a-z])|{_MONTH_NAME}\s(?:the\s)?{_DAY}{_ORDINAL}(?!\d)"
    rf"|{_SPELLED}\s(?:of\s)?{_MONTH_NAME}(?![a-z]))"
)
_MONTH_AND_YEAR = rf"{_MONTH_NAME}[\s,./-]{{0,2}}(?:(?:19|20)\d\d|['’]\d\d)(?!\d)"
_BARE_DIGITS = r"(?:\d{8}|\d{6})(?!\d)"
_DAY_AND_MONTH_NUMBER = rf"{_DAY}[./]{_MONTH}(?!\d)"
_YEAR_ALONE = r"(?:19|20)\d\d(?!\d)"
_MONTH_NUMBER_AND_YEAR = rf"{_MONTH}[./-](?:19|20)\d\d(?!\d)"
# As a scanner or a tired thumb writes a date: letters for figures.
_SLIPPED = r"[\dOoIl]{1,2}[./-][\dOoIl]{1,2}[./-][\dOoIl]{2,4}(?![\w/])"

_AT_WORD = r"(?:(?<![A-Za-z])|(?=\d))"  # a month begins a word; figures may follow letters right away
_LABEL = (
    r"(?:(?<![a-z])d\.?\s?[o0]\.?\s?b(?:irth)?['’]?s?(?![a-z])\.?"
    rf"|(?<![a-z])dates?[\s_-]{{0,2}}(?:of|o|0f)?[\s_-]{{0,2}}{one_of('birth', 'birth_words')}"
    rf"|{one_of('birth', 'birth_words')}[\s_-]?dates?|(?<![a-z])d[/-]o[/-]b|(?<![a-z])d/b(?![a-z])"
    rf"|{one_of('birth', 'birthdays')}(?:['’]?s)?(?![a-z])|(?<![a-z])b['’-]?days?|y\.?o\.?b\.?|years?\sof\sbirth)"
)
# Between a label and its date: punctuation and a few words, no digit and no end of a sentence.
_BETWEEN = rf"(?:[\s:=;,()\"'’*_|>–-]|\.(?=\s?\d|\.)|(?<=\.)\.|{one_of('birth', 'between')}\b){{0,14}}?"
_ANY_DATE = re.compile(
    rf"(?<!\d)(?<!\d[./]){_AT_WORD}(?:(?P<full>{FULL_DATE})|(?P<part>{_DAY_AND_MONTH}|{_MONTH_AND_YEAR})"
    rf"|{_BARE_DIGITS}|(?P<spaced>{_DAY}\s{_MONTH}\s\d\d)(?!\d)|\d(?:\s\d){{7}}(?!\d)|{_MONTH_NUMBER_AND_YEAR}"
    rf"|{_SLIPPED}"
    rf"|{_DAY_AND_MONTH_NUMBER}|{_YEAR_ALONE})",
    re.IGNORECASE,
)
_LABEL_BEFORE = re.compile(rf"{_LABEL}{_BETWEEN}$", re.IGNORECASE)
_LABEL_FARTHER = re.compile(rf"{_LABEL}(?:[^.\d\n]|(?<=[\s.][A-Z])\.){{0,40}}$", re.IGNORECASE)
# "born" may have a place, a gestation, a time or a weight between it and the date, and nothing that happened later.
_MEASURE = (
    r"\d{1,2}\s?\+\s?\d(?:/7|/40)?|\d{1,2}\s?(?:weeks?|wks?|/40)|\d{1,2}[:.]\d\d\s?(?:hrs?|h|am|pm)?|\d{4}\s?(?:hrs?"
    r"|g|h)(?![a-z])|(?<=at )\d{4}"
    r"|\d\.\d{1,3}\s?kg|\d{1,2}\s?lbs?(?:\s?\d{1,2}\s?oz)?|(?<=[a-z]\s)\d(?=\s(?:of|births?)\s)"
)
_BORN_BEFORE = re.compile(
    rf"(?<![a-z])(?<!to be\s)(?:born|delivered|birth|b\.|b|n[ée]+|bba|nvd|svd|lscs|arrived into the world|gave birth"
    rf"|(?:had|having)\s"
    rf"(?:the|her|their|a|another|my|our)\s(?:[a-z]{{3,12}}\s){{0,2}}{one_of('birth', 'newborns')})(?![a-z])"
    rf"(?:(?!(?<![a-z]){one_of('birth', 'later')}(?![a-z]))[^.\d\n]|{_MEASURE}){{0,40}}$",
    re.IGNORECASE,
)
# "Passport says 7 Aug 2010"
_PAPER_BEFORE = re.compile(
    r"(?<![a-z])(?:passports?|brp|i\.?d\.?(?:\scard)?|licen[cs]e|certificate|cert|red book|papers|documents)\s?"
    r"(?::|-|\(|(?:says?|shows?|gives?|states?|reads?|has|have|had|said|showed|gave)(?:\s(?:it as|her as|him as"
    r"|down as|he was|she was))?)\s"
    r"?(?:born\s)?$",
    re.IGNORECASE,
)
# What no date is without: the other patterns are for texts with one of these.
_FIGURES = re.compile(
    r"\d[OoIl]?\s{0,2}[/\\–-]\s{0,2}[OoIl]?\d|\d\s{0,2}\.\s{0,2}\d{1,2}\s{0,2}\.\s{0,2}\d|\d{6}|\d \d\d? \d|(?:19"
    r"|20)\d\d|(?:\d|th|st|nd|rd)\s?(?:of\s)?[Mm](?:ay|AY)|M(?:ay|AY)\s(?:the\s)?\d"
)
_MONTH_WORDS = word_list("birth", "months")
_LONGEST_LEAD = 72  # signs before a date among which its label is looked for
_COLUMNS = frozenset({"dob", "dobs", "birth", "births", "birthdate", "bday", "b"})
_TELLING = word_list("birth", "telling")
# A list of dates of birth goes on after its first: "DOBs 1/2/12 and 3/4/15".
_NEXT_OF_LIST = re.compile(
    rf"(?:\s?(?:\([^)\n]{{0,30}}\))?(?:(?:by|per|from|on)\s[a-z]{{2,10}})?(?:,|;|/|&|\s?and|\s?or"
    rf"|\s?\+)\s?(?:(?:and\s)?[A-Z][\w'’-]{{0,20}}\s?[:=-]?\s){{0,3}}[(\s]{{0,2}})(?P<date>{FULL_DATE})",
    re.IGNORECASE,
)
_BEFORE_LABEL = re.compile(
    rf"(?<!\d){_AT_WORD}(?P<date>{FULL_DATE})(?:\s?[)(\s,–-]{{0,3}}(?:{_LABEL}|born\b)"
    rf"|\s(?:is|was)\s(?:(?:given|recorded|down|put|listed)\sas\s)?(?:his|her|their|the child['’]s|my"
    rf"|[A-Z][a-z]{{2,15}}['’]s)"
    rf"\s(?:real\s|actual\s|correct\s)?{_LABEL}"
    rf"|\s?(?:as|for)\s(?:(?:his|her|their|the|a)\s)?{_LABEL}"
    # an entry of a chronology: "9 July 2014: Bradley born at term", "3/4/15 - birth of twins"
    rf"|\s?[:,–|-]?\s{{1,2}}(?:(?!{one_of('birth', 'tellers')}\b)[A-Za-z][\w'’-]{{0,20}}\s){{0,4}}(?:is\s"
    rf"|was\s)?(?:born(?!\s(?:in|on|to be)\b)|birth\sof)\b)",
    re.IGNORECASE,
)
# "(aged 5, 03/04/2019)", "is 8, 25/12/2016" and "turned 5 on 3 March 2019"
_WITH_AGE = re.compile(
    rf"(?<![a-z\d])(?:age[d]?:?\s?\d{{1,2}}(?:\s?(?:years?|yrs?|yo?|months?|mths?|m))?(?:\s?old)?|\d{{1,2}}\s?y/?o"
    rf"|\d{{1,2}}\s?(?:years?|yrs?|months?|mths?|wks?|weeks?)(?:[ -]?old)?|(?:is|['’]s|now|only|just"
    rf"|turned)\s\d{{1,2}})"
    rf"\s?[,;:(–-]{{1,2}}\s?(?P<date>{FULL_DATE})(?=\s?[),;.]|\s|$)"
    rf"|(?<![a-z])(?:turn(?:s|ed|ing)?|will be|is|(?:he|she|yp|who|they)(?:['’]?s|['’]ll be|ll be))\s(?:\d{{1,2}}"
    rf"|[a-z]{{3,9}}(?<!seen|next"
    rf"|here|back|home|held))\s(?:years?\s(?:old\s)?)?(?:on\s)?(?:the\s)?(?<=on\s|he\s)"
    rf"(?P<turned>{FULL_DATE}|{_DAY_AND_MONTH})",
    re.IGNORECASE,
)
# "eldest 7 Jul 2011, middle 07/07/14": nothing else is said so of a child.
_OF_CHILDREN = re.compile(
    rf"(?<![a-z-])(?:eldest|oldest|middle(?:\s(?:one|child))?|youngest|(?:twin|sib(?:ling)?|child|baby)\s(?:[1-9]|one"
    rf"|two|three|[A-D])|(?:sister|brother|sis|bro|sibs?|siblings?|mum|dad|mother|father|son|daughter|carer"
    rf"|partner)(?=\s?[:=(–-]))\s?(?:[:=(–-]\s?)?"
    rf"(?:[A-Z][\w'’-]{{1,20}}\s)?\(?(?P<date>{FULL_DATE})(?=\s?(?:[),;|]|\.(?!\d)|$|and\s|&|\())",
    re.IGNORECASE,
)
# "Female, 26/02/2009" and "twins (22/10/21)": what somebody is, not what was done with them.
_WITH_SEX = re.compile(
    rf"(?<!with\s)(?<!by\s)(?<!from\s)(?<!to\s)(?<![a-z-])(?:(?:fe)?male|boy|girl|twins?|baby(?:\s(?:boy|girl))?"
    rf"|infant|newborn|son|daughter"
    rf"|(?:half[ -])?(?:sibling|brother|sister)|eldest|oldest|youngest"
    rf"|(?<=\s)[MF])\s?(?:[,(]?\s?(?:aged?\s)?\d{{1,2}}\s?)?[.,;:(/–-]\s?(?P<date>{FULL_DATE})(?=\s?[),;|]"
    rf"|\.?\s[\dA-Z]|\.?$)",
    re.IGNORECASE,
)
_AFTER_NAME = re.compile(
    rf"(?:['’]s)?\s{{0,2}}(?:[.,;:|/(\[–-]\s{{0,2}}|\s)(?:\(?\s?(?:(?:aged?\s?)?\d{{1,2}}\s?(?:yo|y/o|y|yrs?|years?|m"
    rf"|f)?"
    rf"|(?:fe)?male|[mf]|boy|girl)\s?[.,;|)(/–-]{{1,2}}\s?){{0,2}}\(?"
    rf"(?P<date>{FULL_DATE})",
    re.IGNORECASE,
)
_BEFORE_NUMBER = re.compile(
    rf"(?<![\d/.])(?P<date>{FULL_DATE})\s?[|,;/(–-]?\s?(?:nhs|upn|ni|nino|hosp)?\.?(?:\s(?:no|number))?[\s.:#]{{0,3}}$",
    re.IGNORECASE,
)
# A date that fills its cell in a table with a column of births.
_CELL = re.compile(rf"(?:[|\t;]|\s/)\s?(?P<date>{FULL_DATE})(?=\s?(?:[|\t;\n]|/\s|$))", re.IGNORECASE)
_MOST_AFTER_NAME = 56  # longer than any age, punctuation and date between them


def find_births(text: str, words: frozenset[str]) -> Iterator[Finding]:
    """Dates that the words before or after call a birth."""
    if not (words & _MONTH_WORDS or _FIGURES.search(text)):
        return
    if words & _TELLING:
        for match in _ANY_DATE.finditer(text):
            if _is_called_birth(text[max(0, match.start() - _LONGEST_LEAD) : match.start()], match):
                yield Finding(*match.span(), Kind.DATE_OF_BIRTH)
                place = match.end()
                while following := _NEXT_OF_LIST.match(text, place):
                    yield Finding(*following.span("date"), Kind.DATE_OF_BIRTH)
                    place = following.end()
        tables = list(_CELL.finditer(text)) if words & _COLUMNS else []
        for match in (*_BEFORE_LABEL.finditer(text), *tables):
            yield Finding(*match.span("date"), Kind.DATE_OF_BIRTH)
    for match in _WITH_AGE.finditer(text):
        yield Finding(*match.span("date" if match["date"] else "turned"), Kind.DATE_OF_BIRTH)
    for match in (*_WITH_SEX.finditer(text), *_OF_CHILDREN.finditer(text)):
        yield Finding(*match.span("date"), Kind.DATE_OF_BIRTH)


def _is_called_birth(lead: str, date: re.Match[str]) -> bool:
    if _LABEL_BEFORE.search(lead):
        return True
    if (date["full"] or date["spaced"]) and _LABEL_FARTHER.search(lead):
        return True
    if date["full"] and _PAPER_BEFORE.search(lead):
        return True
    return bool((date["full"] or date["part"]) and _BORN_BEFORE.search(lead))


def births_after(text: str, names: list[Finding]) -> Iterator[Finding]:
    """Whole dates right after a name: "Name (03/04/2015)", "Name, 5, 03/04/2015"."""
    for name in names:
        match = _AFTER_NAME.match(text, name.end, name.end + _MOST_AFTER_NAME)
        if match:
            yield Finding(*match.span("date"), Kind.DATE_OF_BIRTH)


def births_beside(text: str, numbers: list[Finding]) -> Iterator[Finding]:
    """Whole dates right beside a number that stands for one person: "03/04/2015, NHS ..."."""
    yield from births_after(text, numbers)
    for number in numbers:
        begin = max(0, number.start - _MOST_AFTER_NAME)
        match = _BEFORE_NUMBER.search(text[begin : number.start])
        if match:
            yield Finding(begin + match.start("date"), begin + match.end("date"), Kind.DATE_OF_BIRTH)
