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
_SEPARATOR = r"\s{0,2}[./\\–-]\s{0,2}"
# Whole dates, as people write them: 03/04/2015, 3.4.15, 2015-04-03, 3rd of April 2015, Apr 3 2015, 03-Apr-15.
FULL_DATE = (
    rf"(?:(?:19|20)\d\d{_SEPARATOR}{_MONTH}{_SEPARATOR}{_DAY}(?!\d)"
    rf"|{_DAY}{_SEPARATOR}{_MONTH}{_SEPARATOR}{_YEAR}(?!\d)"
    rf"|{_MONTH}/{_DAY}/{_YEAR}(?!\d)"
    rf"|{_DAY}\s{_MONTH}\s(?:19|20)\d\d(?!\d)"
    rf"|{_DAY}{_ORDINAL}[\s,./-]{{0,3}}(?:of\s{{1,2}})?(?:the\s)?{_MONTH_NAME}[\s,./-]{{0,3}}{_YEAR}(?!\d)"
    rf"|{_MONTH_NAME}\s{{0,2}}(?:the\s)?{_DAY}{_ORDINAL}(?:,\s?|\s){_YEAR}(?!\d))"
)
_DAY_AND_MONTH = (
    rf"(?:{_DAY}{_ORDINAL}[\s-]{{0,2}}(?:of\s)?{_MONTH_NAME}(?![a-z])|{_MONTH_NAME}\s(?:the\s)?{_DAY}{_ORDINAL}(?!\d))"
)
_MONTH_AND_YEAR = rf"{_MONTH_NAME}[\s,./-]{{0,2}}(?:(?:19|20)\d\d|['’]\d\d)(?!\d)"
_BARE_DIGITS = r"(?:\d{8}|\d{6})(?!\d)"
_DAY_AND_MONTH_NUMBER = rf"{_DAY}[./]{_MONTH}(?!\d)"
_YEAR_ALONE = r"(?:19|20)\d\d(?!\d)"

_LABEL = (
    r"(?:(?<![a-z])d\.?\s?[o0]\.?\s?b['’]?s?(?![a-z])\.?|dates?[\s-]{1,2}of[\s-]{1,2}birth|birth[\s-]?dates?"
    r"|d/o/b|d-o-b"
    r"|birthday(?:['’]s)?|b['’-]?day|y\.?o\.?b\.?|years?\sof\sbirth)"
)
# Between a label and its date: punctuation and a few words, no digit and no end of a sentence.
_BETWEEN = rf"(?:[\s:=;,()\"'’*_|>–-]|\.(?=\s?\d)|{one_of('birth', 'between')}\b){{0,14}}?"
_ANY_DATE = re.compile(
    rf"(?<!\d)(?<!\d[./])(?:(?P<full>{FULL_DATE})|(?P<part>{_DAY_AND_MONTH}|{_MONTH_AND_YEAR})"
    rf"|{_BARE_DIGITS}|{_DAY}\s{_MONTH}\s\d\d(?!\d)|\d(?:\s\d){{7}}(?!\d)|{_DAY_AND_MONTH_NUMBER}|{_YEAR_ALONE})",
    re.IGNORECASE,
)
_LABEL_BEFORE = re.compile(rf"{_LABEL}{_BETWEEN}$", re.IGNORECASE)
_LABEL_FARTHER = re.compile(rf"{_LABEL}[^.\d\n]{{0,40}}$", re.IGNORECASE)
# "born" may have a place, a time or a weight between it and the date.
_BORN_BEFORE = re.compile(
    r"(?<![a-z])(?:born|delivered|birth|b\.|b|n[ée]+|arrived into the world)(?![a-z])"
    r"(?:[^.\d\n]|\d{1,2}(?:\+\d)?\s?(?:weeks?|wks?|/40)|\d{1,2}[:.]\d\d\s?(?:hrs?|h|am|pm)?|\d\.\d{1,3}\s?kg){0,40}$",
    re.IGNORECASE,
)
_LONGEST_LEAD = 72  # signs before a date among which its label is looked for
_TELLING = word_list("birth", "telling")
# A list of dates of birth goes on after its first: "DOBs 1/2/12 and 3/4/15".
_NEXT_OF_LIST = re.compile(
    rf"(?:\s?(?:(?:by|per|from|on)\s[a-z]{{2,10}})?(?:,|;|/|&|\s?and|\s?or"
    rf"|\s?\+)\s?(?:[A-Z][\w'’-]{{0,20}}\s){{0,3}}[(\s]{{0,2}})(?P<date>{FULL_DATE})",
    re.IGNORECASE,
)
_BEFORE_LABEL = re.compile(
    rf"(?P<date>{FULL_DATE})\s?[)(\s,–-]{{0,3}}(?:{_LABEL}|born\b"
    rf"|is (?:his|her|their|the child['’]s) {_LABEL})",
    re.IGNORECASE,
)
# "(aged 5, 03/04/2019)" and "turned 5 on 3 March 2019"
_WITH_AGE = re.compile(
    rf"(?<![a-z])(?:age[d]?:?\s?\d{{1,2}}(?:\s?(?:years?|yrs?|yo?|months?|mths?|m))?(?:\s?old)?|\d{{1,2}}\s?y/?o"
    rf"|\d{{1,2}}\s?(?:years?|yrs?|months?)[ -]?old)"
    rf"\s?[,;:(–-]{{1,2}}\s?(?P<date>{FULL_DATE})(?=\s?[),;.]|\s|$)"
    rf"|(?<![a-z])(?:turn(?:s|ed|ing)?|will be|is|(?:he|she|yp|who)['’]?s)\s(?:\d{{1,2}}|[a-z]{{3,9}}(?<!seen|next"
    rf"|here|back|home|held))\s(?:years?\s(?:old\s)?)?on\s(?:the\s)?"
    rf"(?P<turned>{FULL_DATE}|{_DAY_AND_MONTH})",
    re.IGNORECASE,
)
_AFTER_NAME = re.compile(
    rf"(?:['’]s)?\s{{0,2}}(?:[,;:(\[–-]\s{{0,2}}|\s)(?:\(?\s?(?:aged?\s?)?\d{{1,2}}(?:yo|y|yrs?|m"
    rf"|f)?\s?[,;)(–-]\s?)?\(?"
    rf"(?P<date>{FULL_DATE})",
    re.IGNORECASE,
)
_MOST_AFTER_NAME = 48  # longer than any age, punctuation and date between them


def find_births(text: str, words: frozenset[str]) -> Iterator[Finding]:
    """Dates that the words before or after call a birth."""
    if words & _TELLING:
        for match in _ANY_DATE.finditer(text):
            if _is_called_birth(text[max(0, match.start() - _LONGEST_LEAD) : match.start()], match):
                yield Finding(*match.span(), Kind.DATE_OF_BIRTH)
                place = match.end()
                while following := _NEXT_OF_LIST.match(text, place):
                    yield Finding(*following.span("date"), Kind.DATE_OF_BIRTH)
                    place = following.end()
        for match in _BEFORE_LABEL.finditer(text):
            yield Finding(*match.span("date"), Kind.DATE_OF_BIRTH)
    for match in _WITH_AGE.finditer(text):
        yield Finding(*match.span("date" if match["date"] else "turned"), Kind.DATE_OF_BIRTH)


def _is_called_birth(lead: str, date: re.Match[str]) -> bool:
    if _LABEL_BEFORE.search(lead):
        return True
    if date["full"] and _LABEL_FARTHER.search(lead):
        return True
    return bool((date["full"] or date["part"]) and _BORN_BEFORE.search(lead))


def births_after(text: str, names: list[Finding]) -> Iterator[Finding]:
    """Whole dates right after a name: "Name (03/04/2015)", "Name, 5, 03/04/2015"."""
    for name in names:
        match = _AFTER_NAME.match(text, name.end, name.end + _MOST_AFTER_NAME)
        if match:
            yield Finding(*match.span("date"), Kind.DATE_OF_BIRTH)
