"""Numbers that stand for one person or case: NHS, National Insurance, UPN, case numbers. Standard library only.

Forms and check digits: NHS Data Dictionary (NHS number, modulus 11), HMRC manual NIM39110 (National Insurance numbers),
Department for Education guide to unique pupil numbers.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from evenhand.privacy.findings import Finding, Kind
from evenhand.privacy.words import one_of

_NOT_INSIDE = r"(?<![\w£$€])"
_NUMBER_WORD = one_of("identifiers", "number_words")
_IS = rf"(?:[\s:=#.()_–-]|(?<![a-z]){one_of('identifiers', 'is_words')}(?![a-z])){{0,9}}"
_TEN_DIGITS = re.compile(rf"{_NOT_INSIDE}(?<![+\d][ .-])[1-9](?:[ .–-]?\d){{9}}(?!\w)(?![,/]\d)")
# Without a space to either side, as a scan has them: a small letter before, whatever letter after.
_GLUED = (
    (
        re.compile(r"(?<![A-Z\d])(?:NI)?(?<!\d)(?P<id>[A-Z]{2}(?: ?\d{2}){3} ?[A-D])(?![A-Z\d])"),
        Kind.NATIONAL_INSURANCE,
    ),
    (re.compile(r"(?:(?<![A-Z\d])|(?<=[A-Z]\d{12})|(?<=UPN))(?P<id>[A-Z]\d{12})(?!\d)"), Kind.UPN),
    (re.compile(r"(?<![A-Z\d])(?P<id>[A-Z]{2}\d{2}[A-Z]\d{5})(?!\d)"), Kind.CASE_NUMBER),
    (re.compile(r"(?<=[a-z])(?P<id>[A-Z]{1,3}\d{6,12})(?!\d)"), Kind.CASE_NUMBER),
    (re.compile(r"(?<=No)(?P<id>\d{6,12})(?!\d)"), Kind.CASE_NUMBER),
)
_SIX_DIGITS = re.compile(r"\d(?: ?\d){5}|[A-Z]{2}\d\d[A-Z]\d")
_TEN_APART = re.compile(r"(?<![\w£€+])(?<!\d[ .-])[1-9](?P<gap>[ .-]|  )\d(?:(?P=gap)\d){8}(?![\w%])(?![ .-]\d)")
_USUAL_GROUPS = re.compile(r"[2-9]\d{2}[ .–-]\d{3}[ .–-]\d{4}")
_ANY_GROUPS = re.compile(r"\d{3}[ .–-]?\d{3}[ .–-]?\d{4}")
_BARE_FORM = re.compile(r"[4-9]\d{9}")  # no number issued in England begins otherwise
_PHONE_BEFORE = re.compile(
    r"(?<![a-z])(?:tel|telephone|phone|mob|mobile|landline|call|rang|ring|text|whatsapp|ph"
    r"|fax)(?:['’]s)?[\s.:,]{0,3}(?:no|number|on|her|him|at|is)?[\s.:]{0,3}$",
    re.I,
)
_MOBILE_GROUPS = re.compile(r"7\d{3}[ .–-]\d{3}[ .–-]?\d{3}")
_MOST_GROUPS = 4  # of ten digits that are one number though no label says so
_NHS_LABELLED = re.compile(
    rf"(?<![a-z])n\.?\s?h\.?\s?s\.?(?:no|num|number)?(?![a-z])[ \t_]{{0,2}}(?:{_NUMBER_WORD}(?![a-z])\.?s?)?{_IS}"
    r"(?P<id>[\dO](?:[ ./–-]{0,3}[\dO]){8,10})(?!\d)(?![/.]\d)",
    re.IGNORECASE,
)
# "nhs for the small one 945 12 33 08 3": ten digits in any groups, farther from the label.
_NHS_FARTHER = re.compile(
    r"(?<![a-z])n\.?h\.?s\.?(?:no|num|number|#)?(?![a-z])[^\d\n;£$€]{1,36}"
    r"(?P<id>\d(?:[ .,/–-]{0,3}\d){9})(?![ ./-]?\d)(?!\w)",
    re.IGNORECASE,
)
_NATIONAL_INSURANCE = re.compile(
    rf"{_NOT_INSIDE}[A-Z]{{2}}(?:[ .–-]?\d{{2}}){{3}}[ .–-]?[A-D](?!\w)"
    rf"|{_NOT_INSIDE}[A-Z]{{2}}\s?\d{{3}}\s?\d{{3}}\s?[A-D](?!\w)"
    rf"|{_NOT_INSIDE}[A-Z]{{2}}(?:/\d{{2}}){{3}}/[A-D](?!\w)"
    rf"|{_NOT_INSIDE}[A-Z][ .-]?[A-Z](?:[ .,–-]{{0,3}}\d){{6}}[ .,–-]{{1,3}}[A-D](?!\w)"
    rf"|{_NOT_INSIDE}[A-Z]{{2}}(?=(?:[OIl]?\d){{3}})[\dOIl]{{6}}[A-D](?!\w)",
    re.IGNORECASE,
)
_NO_SUFFIX = re.compile(
    rf"{_NOT_INSIDE}[A-Z]{{2}}(?:[ -]?\d{{2}}){{3}}(?![\w/])(?![ -]?\d)"
)  # the last letter left out
_NATIONAL_INSURANCE_LABELLED = re.compile(
    rf"(?<![a-z])(?:n\.?i\.?(?:n\.?o)?\.?|nat(?:ional)?\.?\s{{1,2}}ins(?:urance)?\.?)(?![a-z])"
    rf"\s{{0,2}}{_NUMBER_WORD}?\.?"
    rf"(?:{_IS}|[^\d\n;.]{{1,30}}?"
    rf"\s)(?P<id>(?-i:[A-Z])[ .-]?(?-i:[A-Z])[ .,/–-]{{0,3}}(?:[\dOIl][ .,/–-]{{0,2}}){{6}}(?:[A-D](?!\w))?"
    rf"|(?<![a-z])[a-z] ?[a-z][ .,/–-]{{0,3}}(?:[\dO][ .,/–-]{{0,2}}){{5}}[\dO](?:[ .,/–-]{{0,2}}[a-d](?!\w))?)",
    re.IGNORECASE,
)
_UPN = re.compile(rf"{_NOT_INSIDE}[A-Z](?=(?:O?\d){{9}})[\dO]{{11}}[\dA-Z](?!\w)", re.IGNORECASE)
_UPN_IN_GROUPS = re.compile(
    rf"{_NOT_INSIDE}[A-Z][ .-]?\d{{3}}[ .-]\d{{4}}[ .-](?:\d{{2}}[ .-]\d{{3}}|\d{{5}}|\d{{4}}[A-Z])(?!\w)"
    rf"|{_NOT_INSIDE}[A-Z](?:[ .-]?\d{{2,6}}){{2,5}}(?<=[\d .-]{{12}})(?<!\d{{13}})(?!\w)(?![ .-]\d)"
)
_UPN_LABELLED = re.compile(
    rf"(?<![a-z])(?:upn|unique pupil(?: reference)?)(?![a-z]{{2}})\s{{0,2}}{_NUMBER_WORD}?\.?{_IS}"
    r"(?P<id>[A-Z]?[ ./-]{0,2}(?:[\dOIl][ ./-]{0,2}){8,12}[A-Z]?(?!\w)"
    r"|(?=(?:[A-Z ./-]{0,3}\d){8})[A-Z\d](?:[ ./-]?[A-Z\d]){10,13}(?!\w))",
    re.IGNORECASE,
)
# An identifier: letters, digits and inner punctuation, with at least three digits; after a label in groups too.
_ID = re.compile(
    r"(?<![\w£$€])(?=(?:[A-Z/*_–-]{0,8}\d){3})[A-Z\d]{1,12}(?:[/*_–-][A-Z\d]{1,12}){0,4}(?!\w)"
    r"(?:\s\d{3,6}(?![\w/:.,-])|\s[A-Z](?=[\s,.;)]|$))?",
    re.IGNORECASE,
)
_ID_IN_GROUPS = re.compile(
    r"(?<![\w£$€])(?:[A-Z]{1,6}\d{0,2}[ ./-]\d{2,4}(?:[ ./-]?\d{2,4}){1,3}|\d{2,5}(?:\s\d{2,5}){1,3}"
    r"|(?-i:[A-Z]{1,8})[\s./-]{1,3}\d{2,9}(?:[ /-]\d{1,6}){0,2}|(?=[A-Z/-]{0,16}\d)[A-Z]{1,4}(?:[/-][A-Z\d]{1,6}){1,3})"
    r"(?:[ /-]?[A-Z]{1,3}(?!\w))?(?![\w:])(?![/.,-]\d)",
    re.IGNORECASE,
)
_LABELS = one_of("identifiers", "labels")
_LABEL_BEFORE = re.compile(
    rf"(?<![a-z])(?:(?:{_LABELS}['’]?s?[\s/_-]{{1,2}}){{0,3}}{_NUMBER_WORD}(?![a-z])\.?"
    rf"|{_LABELS}(?![a-z])\s{{0,2}}[:#=])"
    rf"{_IS}$|(?<![a-z]){one_of('identifiers', 'strong')}\.?[\s:(-]{{1,3}}(?:is\s|was\s|on\s)?$",
    re.IGNORECASE,
)
# A label that ends in "no" or "ref": spaced groups after it are one number.
_NUMBER_BEFORE = re.compile(
    rf"(?<![a-z])(?:(?:{_LABELS}['’]?s?[\s/_-]{{1,2}}){{1,3}}{_NUMBER_WORD}|refs?|reference|mrn|urn"
    rf"|crn|cad|uprn|exhibit|exh|occurrence|invoice|tribunal|ehcp|barcode|tag|policy)(?![a-z])\.?[\s:=#(]{{0,3}}"
    rf"(?:{one_of('identifiers', 'is_words')}[\s:]{{1,2}}){{0,3}}$"
    rf"|(?<![a-z])(?:{_LABELS}\s{{1,2}}){{1,3}}{_NUMBER_WORD}(?![a-z])\.?[^.\d\n;]{{0,24}}:\s?$",
    re.IGNORECASE,
)
_LABEL_AFTER = re.compile(
    rf"\s?(?:[(=–,-]|is|was|as|for)\s?(?:(?:the|his|her|our|their|your|a"
    rf"|my)\s)?(?:{_LABELS}['’]?s?[\s/_-]{{1,2}}){{1,3}}{_NUMBER_WORD}(?![a-z])",
    re.IGNORECASE,
)
_LONGEST_LABEL = 70
_LETTER = re.compile(r"[^\W\d_]|#")
_FEW_DIGITS = 3  # as many as a count or a helpline has: "no 101 call"
_NEXT_OF_LIST = re.compile(r"(?:,|;|\s?&|\s?/|\sand|\sor)\s(?:and\s)?(?P<id>[A-Z]{0,5}\d{4,12})(?![\w/.-])")
_LOGGED = re.compile(
    r"(?<![a-z])(?:cad|log|incident|event|inc|storm)\s{1,2}(?:(?:no|number|ref|num)\.?\s)?(?P<id>\d{2,5})(?=\s?(?:of"
    r"|on|dated|/)\s?\d|\s\d)",
    re.I,
)
_OF_A_DAY = re.compile(r"(?<![\w£/.,-])(?<!\d )\d{3,5}\sof\s\d{1,2}[/.]\d{1,2}(?:[/.]\d{2,4})?(?!\d)", re.IGNORECASE)
_SHAPES = re.compile(
    rf"{_NOT_INSIDE}(?:"
    r"[A-Z]{2}\d{2}[A-Z]\d{5}"  # family court
    r"|\d{2}[A-Z]{1,3}\d?/\d{2,8}/\d{2,4}|\d{2}/[A-Z]{1,3}/\d{3,8}|\d{2}/\d{5,8}/\d{2}"  # crime references
    r"|[A-Z]\d{4}[A-Z]{2}"  # prison numbers
    r"|[A-Z]{1,4}/\d{2,8}/[A-Z\d]{1,8}(?:/[A-Z\d]{1,8}){0,2}|[A-Z]{2,5}/[A-Z]{1,4}/\d{2,8}(?:/\d{1,4})?"
    r"|\d{3,6}-\d{2,6}-\d{2,8}"
    r"|[A-Z]{2,5}\s\d{5,9}/\d{1,4}|\d{1,2}[A-Z]{1,3}/\d{2,6}/\d{2,4}|\d{5,9}/[A-Z]{1,5}(?:/\d{1,6})?"
    r"|[A-Z]{5}\d{6}[A-Z\d]{5}"  # driving licences
    r"|[A-Z]{2,6}[/-]\d{2,8}(?:[/-][A-Z\d]{1,8}){0,3}|[A-Z]{1,4}\d{5,12}[A-Z]?|\d{2,4}[A-Z]{1,3}\d{4,8}"
    r"|[A-Z]{1,3}\d{2,4}[/-]\d{2,8}|[A-Z][/-]?\d{5,9}(?:/\d{1,3})?|[A-Z]/\d{2,4}/\d{3,8}|20\d\d[/-]\d{4,8}"
    r"|\d{1,3}[A-Z]{2,3}/\d{4,8}/\d{2}|[A-Z]{1,4}\s\d{3}[ -]\d{3,4}|\d{2,4}/\d{4,8}[A-Z]"
    r"|\d{4,8}/\d{2}(?:/[A-Z\d]{1,6})?(?=\D|$)|\d{2}[/*]\d{5,8}"
    r")(?![\w/])"
    rf"|{_NOT_INSIDE}(?:[a-z]{{2,4}}/\d{{2,8}}/\d{{2,8}}|\d{{2}}[a-z]{{1,3}}/\d{{3,8}}/\d{{2}}"
    rf"|[a-z]{{2}}\d{{2}}[a-z]\d{{5}})(?![\w/])"
    r"|(?<![\w#&])#\d{4,12}(?!\w)"
)
_BARE = re.compile(rf"{_NOT_INSIDE}(?<!\d[.,/])\d{{7,20}}(?![\w%])(?![.,/]\d)")
_REGULATION = re.compile(r"(?:ece/)?r\d{1,3}(?:[./-]\d{2})?$|[A-Z]{2,6}-\d{1,2}-[A-Z]$", re.IGNORECASE)
_YEAR = re.compile(r"(?:19|20)\d\d(?:[/–-](?:(?:19|20)?\d\d))?$")
_DATE = re.compile(r"\d{1,4}[./–-]\d{1,2}(?:[./–-]\d{1,4})?$")
# Laws, forms, scales and illnesses that have the shape of a reference.
_NOT_AN_ID = re.compile(
    r"(?:covid|section|s|v|ph|nice|cg|ng|ks|y|phq|gad|hba|sars|ict|act|h|a|m|b|form|icd|dsm|wisc|rcads|asq|sf|sdq"
    r"|cbcl|core|orn|abas|bpvs"
    r"|honosca|cgas|ces|bdi|epds|audit|jan|feb|mar|apr|may|june?|july?|aug|sept?|oct|nov|dec|ty|yr|eyfs|bas|raven|who"
    r"|ks\d|q\d)[-/]?\d{1,4}$",
    re.I,
)


def nhs_check_digit_holds(digits: str) -> bool:
    """Whether ten digits end in their modulus 11 check digit."""
    total = sum(int(digit) * weight for digit, weight in zip(digits, range(10, 1, -1), strict=False))
    check = 11 - total % 11
    return check != 10 and check % 11 == int(digits[9]) and len(set(digits)) > 1


def find_identifiers(text: str, words: frozenset[str]) -> Iterator[Finding]:
    """Numbers of persons and cases."""
    if {"n", "h", "s"} <= words or any(word.startswith("nhs") for word in words):
        for match in _NHS_LABELLED.finditer(text):
            yield Finding(*match.span("id"), Kind.NHS_NUMBER)
        for match in _NHS_FARTHER.finditer(text):
            yield Finding(*match.span("id"), Kind.NHS_NUMBER)
    yield from _find_ten_digits(text)
    for pattern, kind in (
        (_NATIONAL_INSURANCE, Kind.NATIONAL_INSURANCE),
        (_UPN, Kind.UPN),
        (_UPN_IN_GROUPS, Kind.UPN),
    ):
        for match in pattern.finditer(text):
            yield Finding(*match.span(), kind)
    for pattern, kind in _GLUED if _SIX_DIGITS.search(text) else ():
        for match in pattern.finditer(text):
            yield Finding(*match.span("id"), kind)
    if words & {"ni", "n", "nino", "nat", "national"}:
        for match in _NATIONAL_INSURANCE_LABELLED.finditer(text):
            yield Finding(*match.span("id"), Kind.NATIONAL_INSURANCE)
        if words & {"ni", "nino", "insurance"}:
            for match in _NO_SUFFIX.finditer(text):
                yield Finding(*match.span(), Kind.NATIONAL_INSURANCE)
    if "unique" in words or any(word.startswith("upn") for word in words):
        for match in _UPN_LABELLED.finditer(text):
            yield Finding(*match.span("id"), Kind.UPN)
    yield from _find_cases(text, words)


def _find_ten_digits(text: str) -> Iterator[Finding]:
    """NHS numbers without a label: by check digit; by form where no other label says what they are.

    Numbers are mistyped, and a wrong one still leads to somebody.
    """
    for match in _TEN_APART.finditer(text):
        if nhs_check_digit_holds(re.sub(r"\D", "", match[0])):
            yield Finding(*match.span(), Kind.NHS_NUMBER)
    for match in _TEN_DIGITS.finditer(text):
        groups = len(re.findall(r"\d+", match[0]))
        usual = _USUAL_GROUPS.fullmatch(match[0])
        like_mobile = _MOBILE_GROUPS.fullmatch(match[0])
        lead = text[max(0, match.start() - _LONGEST_LABEL) : match.start()]
        if _PHONE_BEFORE.search(lead):
            continue
        holds = nhs_check_digit_holds(re.sub(r"\D", "", match[0]))
        if usual or (holds and groups <= _MOST_GROUPS and not like_mobile):
            yield Finding(*match.span(), Kind.NHS_NUMBER)
        elif _BARE_FORM.fullmatch(match[0]):
            labelled = _LABEL_BEFORE.search(lead)
            yield Finding(*match.span(), Kind.CASE_NUMBER if labelled else Kind.NHS_NUMBER)
        elif _ANY_GROUPS.fullmatch(match[0]):
            yield Finding(*match.span(), Kind.CASE_NUMBER)


def _lead(text: str, place: int) -> str:
    """What stands before and may hold a label: empty where it has no letter."""
    lead = text[max(0, place - _LONGEST_LABEL) : place]
    return lead if _LETTER.search(lead) else ""


def _find_cases(text: str, words: frozenset[str]) -> Iterator[Finding]:
    for match in _ID.finditer(text):
        if _YEAR.match(match[0]) or _DATE.match(match[0]):
            continue
        lead = _lead(text, match.start())
        little = match[0].isdigit() and len(match[0]) <= _FEW_DIGITS
        before = _NUMBER_BEFORE if little else _LABEL_BEFORE
        if before.search(lead) or (not little and _LABEL_AFTER.match(text, match.end())):
            yield Finding(*match.span(), Kind.CASE_NUMBER)
            place = match.end()
            while following := _NEXT_OF_LIST.match(text, place):
                yield Finding(*following.span("id"), Kind.CASE_NUMBER)
                place = following.end()
    for match in _ID_IN_GROUPS.finditer(text):
        lead = _lead(text, match.start())
        if _NUMBER_BEFORE.search(lead) and not _DATE.match(match[0].replace(" ", ".")):
            yield Finding(*match.span(), Kind.CASE_NUMBER)
    if "of" in words:
        for match in _OF_A_DAY.finditer(text):
            yield Finding(*match.span(), Kind.CASE_NUMBER)
    if words & {"cad", "log", "incident", "event", "inc", "storm"}:
        for match in _LOGGED.finditer(text):
            yield Finding(*match.span("id"), Kind.CASE_NUMBER)
    for match in _SHAPES.finditer(text):
        if not (
            _NOT_AN_ID.match(match[0]) or _REGULATION.match(match[0]) or _YEAR.match(match[0]) or _DATE.match(match[0])
        ):
            yield Finding(*match.span(), Kind.CASE_NUMBER)
    for match in _BARE.finditer(text):
        if len(set(match[0])) > 1:
            yield Finding(*match.span(), Kind.CASE_NUMBER)
