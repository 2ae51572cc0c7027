"""Dates of birth: a date is one only where the words around it say so. Standard library only."""

from __future__ import annotations

import re
from collections.abc import Iterator

from evenhand.privacy.findings import Finding, Kind
from evenhand.privacy.words import is_english, one_of, word_list

_DAY = r"(?:[12]\d|3[01]|0?[1-9])"
_MONTH_NAME = rf"{one_of('birth', 'months')}\.?"
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
    rf"|{_MONTH_NAME}\s{{0,2}}(?:the\s)?(?:{_DAY}{_ORDINAL}|{_SPELLED})(?:,\s?|\s){_YEAR}(?!\d)"
    rf"|{_DAY}{_ORDINAL}\sof\sthe\s{_MONTH}{_ORDINAL}[\s,./-]{{1,3}}(?:of\s)?{_YEAR}(?!\d)"
    rf"|{_SPELLED}\s(?:of\s)?{_MONTH_NAME}[\s,]{{1,2}}{_YEAR}(?!\d))"
)
_DAY_AND_MONTH = (
    rf"(?:{_DAY}{_ORDINAL}[\s-]{{0,2}}(?:of\s)?{_MONTH_NAME}(?![a-z])|{_MONTH_NAME}\s(?:the\s)?{_DAY}{_ORDINAL}(?!\d)"
    rf"|{_SPELLED}\s(?:of\s)?{_MONTH_NAME}(?![a-z])|{_MONTH_NAME}\s(?:the\s)?{_SPELLED}(?![a-z]))"
)
_MONTH_AND_YEAR = rf"{_MONTH_NAME}[\s,./-]{{0,2}}(?:(?:19|20)\d\d|['’]\d\d)(?!\d)"
_BARE_DIGITS = r"(?:\d{8}|\d{6})(?!\d)"
_DAY_AND_MONTH_NUMBER = rf"{_DAY}[./]{_MONTH}(?!\d)"
_YEAR_ALONE = r"(?:19|20)\d\d(?!\d)"
_MONTH_NUMBER_AND_YEAR = rf"{_MONTH}[./-](?:19|20)\d\d(?!\d)"
# Days that have a name, months in Roman figures or in other languages, any separator: only beside a label of birth.
_NAMED_DAY = rf"{one_of('birth', 'named_days')}(?![a-z])(?:\s(?:day|eve))?(?:,?\s(?:19|20)\d\d)?"
_FOREIGN = (
    rf"{_DAY}{_ORDINAL}\.?\s?(?:de\s|di\s|of\s)?[^\W\d_]{{3,12}}\.?,?\s(?:de\s|del\s)?(?:19|20)\d\d(?!\d)"
    rf"|{_DAY}[\s./-]{{1,2}}[IVX]{{1,4}}[\s./-]{{1,2}}{_YEAR}(?!\d)"
    rf"|{_DAY}[^\w\n£]{{1,3}}{_MONTH}[^\w\n£]{{1,3}}(?:19|20)\d\d(?!\d)"
)
# As a scanner or a tired thumb writes a date: letters for figures.
_SLIPPED = r"[\dOoIl]{1,2}[./-][\dOoIl]{1,2}[./-][\dOoIl]{2,4}(?![\w/])"

_AT_WORD = r"(?:(?<![A-Za-z])|(?=\d))"  # a month begins a word; figures may follow letters right away
_LABEL = (
    r"(?:(?<![a-z])d\.?\s?[o0]\.?\s?b(?:irth)?['’]?s?(?![a-z])\.?"
    rf"|(?:(?<![a-z])|(?-i:(?<=[a-z])(?=D)))dates?[\s_-]{{0,2}}(?:of|o"
    rf"|0f)?[\s_-]{{0,2}}{one_of('birth', 'birth_words')}"
    rf"|{one_of('birth', 'birth_words')}[\s_-]?dates?|(?<![a-z])d[/-]o[/-]b|(?<![a-z])d/b(?![a-z])"
    rf"|{one_of('birth', 'birthdays')}(?:['’]?s)?(?![a-z])|(?<![a-z])b['’-]?days?"
    r"|(?<![a-z])(?:his|her|their)\s(?:(?:real|right|correct|actual|true|proper)\s)?date(?=\s(?:is|was|as|wrong|right"
    r"|should))|y\.?o\.?b\.?|years?\sof\sbirth)"
)
# Between a label and its date: punctuation and a few words, no digit and no end of a sentence.
_BETWEEN = (
    rf"(?:[\s:=;,()\"'’*_|>–-]|\.(?=\s?$|\.)|(?<=\.)\.|\?"
    rf"|\n[A-Z][\w'’ ]{{1,16}}:|{one_of('birth', 'between')}\b){{0,14}}?"
)
_ANY_DATE = re.compile(
    rf"(?<!\d)(?<!\d[./]){_AT_WORD}(?:(?P<full>{FULL_DATE})|(?P<part>{_DAY_AND_MONTH}|{_MONTH_AND_YEAR})"
    rf"|{_BARE_DIGITS}|(?P<spaced>{_DAY}\s{_MONTH}\s\d\d)(?!\d)|\d(?:\s\d){{7}}(?!\d)|{_MONTH_NUMBER_AND_YEAR}"
    rf"|{_SLIPPED}|(?P<named>{_NAMED_DAY})|(?P<foreign>{_FOREIGN})"
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
    rf"|(?:baby|twins?) (?:came|arrived|arived)|i arrived|birthed|born'd|bron|boorn|brn"
    rf"|(?:mum|mam|she|i|mother|\d{{2}}) (?:had|delivered|gave birth to) (?:him|her|them|me|us)(?=\s(?:on|in|at|early"
    rf"|late|back))"
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
# "(1) KELLY, 5-5-15. (2) SAM, Jan 2018", "1. Kelly - 5/5/15": a numbered list of children.
_NUMBERED_CHILD = re.compile(
    rf"(?:\((?:[1-9]|i{{1,3}}|[a-d])\)"
    rf"|(?<![\w.])[1-9][.)])\s(?-i:[A-Z])[\w'’-]{{1,20}}(?:\s(?-i:[A-Z])[\w'’-]{{1,20}}){{0,2}}\s?"
    rf"[,:(–-]{{1,2}}\s?(?P<date>{FULL_DATE}|{_MONTH_AND_YEAR})",
    re.IGNORECASE,
)
# "Zarina Bektas 3/4/2015" in a list or a line of its own; the words are no words of English.
_LISTED = re.compile(
    rf"(?:^|[\n,;(•*|+&]|\band"
    rf"|\d[.)])[ \t]?(?:[-–•*]\s?)?(?P<who>[A-Z][\w'’-]{{2,20}}(?:\s[A-Z][\w'’-]{{1,20}}){{0,2}})\s?"
    rf"[\s,:(–-]{{1,2}}\s?(?P<date>(?i:{FULL_DATE}))(?=\s?(?:[),;|\n&+]|$|\.\s|\.$|and\b))"
)
# A list of dates of birth goes on after its first: "DOBs 1/2/12 and 3/4/15".
_NEXT_OF_LIST = re.compile(
    rf"(?:\s?(?:\([^)\n]{{0,30}}\))?(?:(?:by|per|from|on)\s[a-z]{{2,10}})?(?:,|;|/|&|\s?and|\s?or"
    rf"|\s?\+)\s?(?:(?:and\s)?[A-Z][\w'’-]{{0,20}}\s?[:=-]?\s){{0,3}}[(\s]{{0,2}})(?P<date>{FULL_DATE})",
    re.IGNORECASE,
)
# "DOB 30/02/2011 - wrong, mum thinks 3rd Feb"
_CORRECTED = re.compile(
    rf"(?<![a-z])d\.?o\.?b\.?[\s:.-]{{0,3}}[\d/.-]{{6,10}}[^\d\n]{{1,40}}(?<![a-z])(?:thinks?|says|reckons|actually"
    rf"|corrected|correct|should\sbe"
    rf"|really|not|or|is|changed|to|has|have|gave)\s(?:it\s?['’]?s?\s)?(?:is\s)?(?:the\s)?(?P<date>{FULL_DATE}|{_DAY_AND_MONTH})",
    re.IGNORECASE,
)
# "bdays this month: Zelig 1/10, Ligaya 19/11"
_BIRTHDAYS = re.compile(r"(?<![a-z])(?:b-?days?|birthdays?|dobs?)(?![a-z])[^\n]{5,160}", re.IGNORECASE)
_NAME_AND_DAY = re.compile(
    rf"(?<![\w'’])[A-Z][a-z'’-]{{1,20}}\s?[:=(-]?\s?(?P<date>{_DAY}[/.]{_MONTH}"
    rf"|{_DAY}{_ORDINAL}\s{_MONTH_NAME})(?![\w/])(?!\.\d)(?=\s?[,;)(]|$|\sand|\s&|\.)"
)
_BEFORE_LABEL = re.compile(
    rf"(?<!\d){_AT_WORD}(?P<date>{FULL_DATE})(?:\s?[)(\s,–-]{{0,3}}(?:{_LABEL}|born\b)"
    rf"|\s(?:is|was)\s(?:(?:given|recorded|down|put|listed)\sas\s)?(?:his|her|their|the child['’]s|my"
    rf"|[A-Z][a-z]{{2,15}}['’]s)"
    rf"\s(?:real\s|actual\s|correct\s)?{_LABEL}"
    rf"|\s?(?:as|for|not)\s(?:(?:his|her|their|the|a)\s)?{_LABEL}"
    rf"|,?\s(?:is|was|['’]s|being)\s(?:when|the day|the date)\s(?:[a-z'’]{{1,12}}\s){{1,3}}(?:born|arrived|delivered)"
    # an entry of a chronology: "9 July 2014: Bradley born at term", "3/4/15 - birth of twins"
    rf"|\s?[:,–|-]?\s{{1,2}}(?:(?!{one_of('birth', 'tellers')}\b)[A-Za-z][\w'’-]{{0,20}}\s){{0,4}}(?:is\s"
    rf"|was\s)?(?:born(?!\s(?:in|on|to be)\b)|birth\sof)\b)",
    re.IGNORECASE,
)
_WEEKDAY = r"(?:mon|tues?|wed(?:nes)?|thu(?:rs)?|fri|sat(?:ur)?|sun)(?:day)?,?"
# Who is or turns an age: of "Review is 2 on 5 March" and "her score is 12" nobody does.
_AGED = (
    r"(?:(?:(?<![a-z])(?:he|she|they|who|i|we|yp|boy|girl|child|baby|twins?|son|daughter|brother|sister|sib|sibling|mum"
    r"|dad|mother|father|lad|kid|pupil|student)|\]|(?-i:(?<![\w'’-])(?P<who>[A-Z][\w'’-]{1,20})))"
    r"(?:\s(?:is|was|am|are|were|be|will\sbe|turns?|turned|turning|hits|reache[sd])|['’](?:s|m|ll\sbe|d\sbe))"
    r"|(?<![a-z])(?:hes|shes|im|turn(?:s|ed|ing|in)?|hits|reache[sd]|to\sbe))"
    r"(?:\s(?:am|just|only|already|now|still|gonna\sbe|going\sto\sbe|to\sbe))?"
)
# "(aged 5, 03/04/2019)", "is 8, 25/12/2016"
_WITH_AGE = re.compile(
    rf"(?:(?<![a-z\d])(?:age[d]?:?\s?\d{{1,2}}(?:\s?(?:years?|yrs?|yo?|months?|mths?|m))?(?:\s?old)?|\d{{1,2}}\s?y/?o"
    rf"|(?<!in\s)(?<!for\s)(?<!every\s)(?<!within\s)(?<!after\s)(?<!last\s)(?<!next\s)"
    rf"\d{{1,2}}\s?(?:years?|yrs?|months?|mths?|wks?|weeks?)(?:[ -]?old)?"
    rf"|(?:his|her|my|their)\s\d{{1,2}}(?:st|nd|rd|th)(?:\s(?:birthday|bday))?"
    rf"|(?:a|the)\s\d{{1,2}}(?:st|nd|rd|th)\s(?:birthday|bday))|{_AGED}\s\d{{1,2}})"
    rf"\s?[,;:(–-]{{1,2}}\s?(?P<date>{FULL_DATE})(?=\s?[),;.]|\s|$)",
    re.IGNORECASE,
)
# "turned 5 on 3 March 2019", "she is eight this coming Friday the 9th of May"
_TURNED = re.compile(
    rf"{_AGED}\s(?:\d{{1,2}}|{one_of('birth', 'ages')})"
    rf"(?:st|nd|rd|th)?[\s,]{{1,2}}(?:(?:years?|yrs?|months?|today|this|next|last|coming|old|week|month|back)\s){{0,3}}"
    rf"(?:{_WEEKDAY}\s)?(?:(?:on|in|come|from)\s)?(?:the\s)?(?:{_WEEKDAY}\s)?(?:the\s)?"
    rf"(?P<date>{FULL_DATE}|{_DAY_AND_MONTH}|(?<=\sthe\s){_DAY}(?:st|nd|rd|th)(?![\w/]))",
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
    rf"(?<!with\s)(?<!by\s)(?<!from\s)(?<!to\s)(?<!her\s)(?<!his\s)(?<!their\s)(?<!the\s)(?<!my\s)(?<!our\s)(?<![a-z-])"
    rf"(?:(?:fe)?male|boy|girl|twins?|baby(?:\s(?:boy|girl))?"
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
# A date after these is when somebody was seen: "Home visit to", "Contact with", "Spoke to Mrs".
_DEALT_WITH = re.compile(
    r"(?<![a-z])(?:visit(?:ed|s)?|contact(?:ed)?|call(?:ed|s)?|phoned?|rang|meeting|met|spoke|saw|seen|session|review(?:ed)?"
    r"|e-?mail(?:ed)?|letter|texted|text|interview(?:ed)?|discussion|discussed|supervision|t/?c|hv)"
    r"(?:\s(?:to|with|by|from|for|of))?(?:\s(?:the|mrs?|ms|miss|dr|pc|mum|dad|mother|father|sw|child|yp)\.?)?\s?$",
    re.IGNORECASE,
)
_LONGEST_DEALING = 40
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
    if words & _TELLING or "ofbirth" in text.lower():
        yield from _find_after_first(text)
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
    for match in (*_WITH_AGE.finditer(text), *_TURNED.finditer(text)):
        if not (match["who"] and is_english(match["who"])):
            yield Finding(*match.span("date"), Kind.DATE_OF_BIRTH)
    for match in _LISTED.finditer(text):
        if not any(is_english(word) for word in match["who"].split()):
            yield Finding(*match.span("date"), Kind.DATE_OF_BIRTH)
    for match in (*_NUMBERED_CHILD.finditer(text), *_WITH_SEX.finditer(text), *_OF_CHILDREN.finditer(text)):
        yield Finding(*match.span("date"), Kind.DATE_OF_BIRTH)


def _find_after_first(text: str) -> Iterator[Finding]:
    """Dates after the first of a birth: one that corrects it, and others of a list of birthdays."""
    for match in _CORRECTED.finditer(text):
        yield Finding(*match.span("date"), Kind.DATE_OF_BIRTH)
    for line in _BIRTHDAYS.finditer(text):
        for match in _NAME_AND_DAY.finditer(text, line.start(), line.end()):
            yield Finding(*match.span("date"), Kind.DATE_OF_BIRTH)


def _is_called_birth(lead: str, date: re.Match[str]) -> bool:
    if _LABEL_BEFORE.search(lead):
        return True
    if (date["full"] or date["spaced"]) and _LABEL_FARTHER.search(lead):
        return True
    if date["full"] and _PAPER_BEFORE.search(lead):
        return True
    return bool((date["full"] or date["part"] or date["named"] or date["foreign"]) and _BORN_BEFORE.search(lead))


def births_after(text: str, names: list[Finding]) -> Iterator[Finding]:
    """Whole dates right after a name: "Name (03/04/2015)", "Name, 5, 03/04/2015"."""
    for name in names:
        match = _AFTER_NAME.match(text, name.end, name.end + _MOST_AFTER_NAME)
        if match and not _DEALT_WITH.search(text, max(0, name.start - _LONGEST_DEALING), name.start):
            yield Finding(*match.span("date"), Kind.DATE_OF_BIRTH)


def births_beside(text: str, numbers: list[Finding]) -> Iterator[Finding]:
    """Whole dates right beside a number that stands for one person: "03/04/2015, NHS ..."."""
    yield from births_after(text, numbers)
    for number in numbers:
        begin = max(0, number.start - _MOST_AFTER_NAME)
        match = _BEFORE_NUMBER.search(text[begin : number.start])
        if match:
            yield Finding(begin + match.start("date"), begin + match.end("date"), Kind.DATE_OF_BIRTH)
