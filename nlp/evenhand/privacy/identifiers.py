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
_IS = r"(?:[\s:=#.()–-]|is(?![a-z])|was(?![a-z])|of(?![a-z])){0,8}"
_TEN_DIGITS = re.compile(rf"{_NOT_INSIDE}(?<![+\d][ .-])[1-9](?:[ .–-]?\d){{9}}(?!\w)(?!,\d)")
_USUAL_GROUPS = re.compile(r"\d{3}[ .–-]?\d{3}[ .–-]?\d{4}")
_MOBILE_GROUPS = re.compile(r"7\d{3}[ .–-]\d{3}[ .–-]?\d{3}")
_MOST_GROUPS = 4  # of ten digits that are one number though no label says so
_NHS_LABELLED = re.compile(
    rf"(?<![a-z])n\.?h\.?s\.?(?![a-z])[ \t]{{0,2}}(?:{_NUMBER_WORD}(?![a-z])\.?s?)?{_IS}"
    r"(?P<id>[\dO](?:[ .–-]{0,2}[\dO]){9})(?!\d)",
    re.IGNORECASE,
)
_NATIONAL_INSURANCE = re.compile(
    rf"{_NOT_INSIDE}[A-Z]{{2}}(?:[ .–-]?\d{{2}}){{3}}[ .–-]?[A-D](?!\w)"
    rf"|{_NOT_INSIDE}[A-Z]{{2}}\s?\d{{3}}\s?\d{{3}}\s?[A-D](?!\w)",
    re.IGNORECASE,
)
_NATIONAL_INSURANCE_LABELLED = re.compile(
    rf"(?<![a-z])(?:n\.?i\.?(?:n\.?o)?\.?|nat(?:ional)?\.?\s{{1,2}}ins(?:urance)?\.?)(?![a-z])\s{{0,2}}{_NUMBER_WORD}?\.?"
    rf"{_IS}(?P<id>[A-Z][ ]?[A-Z][ .–-]?(?:[\dO][ .–-]?){{6}}(?:[A-D](?!\w))?)",
    re.IGNORECASE,
)
_UPN = re.compile(rf"{_NOT_INSIDE}[A-Z](?=(?:O?\d){{9}})[\dO]{{11}}[\dA-Z](?!\w)", re.IGNORECASE)
_UPN_LABELLED = re.compile(
    rf"(?<![a-z])(?:upn|unique pupil(?: reference)?)(?![a-z]{{2}})\s{{0,2}}{_NUMBER_WORD}?\.?{_IS}"
    r"(?P<id>[A-Z]?[ -]?(?:[\dO][ -]?){8,12}[A-Z]?(?!\w))",
    re.IGNORECASE,
)
# An identifier: letters, digits and inner punctuation, with at least three digits.
_ID = re.compile(
    r"(?<![\w£$€])(?=(?:[A-Z/*–-]{0,8}\d){3})[A-Z\d]{1,12}(?:[/*–-][A-Z\d]{1,12}){0,4}(?!\w)"
    r"(?:\s\d{3,6}(?![\w/:.,-]))?",
    re.IGNORECASE,
)
_LABELS = one_of("identifiers", "labels")
_LABEL_BEFORE = re.compile(
    rf"(?<![a-z])(?:(?:{_LABELS}['’]?s?[\s/_-]{{1,2}}){{0,3}}{_NUMBER_WORD}(?![a-z])\.?|{_LABELS}(?![a-z])\s{{0,2}}[:#=])"
    rf"{_IS}$|(?<![a-z]){one_of('identifiers', 'strong')}\s{{1,2}}$",
    re.IGNORECASE,
)
_LONGEST_LABEL = 70
_LOGGED = re.compile(
    r"(?<![a-z])(?:cad|log|incident)\s{1,2}(?:no\.?\s)?(?P<id>\d{2,5})(?=\s(?:of|on|dated)\s|\s\d)", re.I
)
_SHAPES = re.compile(
    rf"{_NOT_INSIDE}(?:"
    r"[A-Z]{2}\d{2}[A-Z]\d{5}"  # family court
    r"|\d{2}[A-Z]{1,3}\d?/\d{2,8}/\d{2,4}|\d{2}/[A-Z]{1,3}/\d{3,8}"  # crime references
    r"|[A-Z]\d{4}[A-Z]{2}"  # prison numbers
    r"|[A-Z]{5}\d{6}[A-Z\d]{5}"  # driving licences
    r"|[A-Z]{2,6}[/-]\d{2,8}(?:[/-][A-Z\d]{1,8}){0,3}|[A-Z]{1,4}\d{5,12}[A-Z]?|\d{2,4}[A-Z]{1,3}\d{4,8}"
    r"|[A-Z]{1,3}\d{2,4}[/-]\d{2,8}|[A-Z]/\d{5,9}|\d{4,8}/\d{2}(?:/[A-Z\d]{1,6})?(?=\D|$)|\d{2}[/*]\d{5,8}"
    r")(?![\w/])"
)
_BARE = re.compile(rf"{_NOT_INSIDE}(?<!\d[.,/])\d{{7,20}}(?![\w%])(?![.,/]\d)")
_YEAR = re.compile(r"(?:19|20)\d\d(?:[/–-](?:(?:19|20)?\d\d))?$")
_DATE = re.compile(r"\d{1,4}[./–-]\d{1,2}(?:[./–-]\d{1,4})?$")
# Laws, forms, scales and illnesses that have the shape of a reference.
_NOT_AN_ID = re.compile(
    r"(?:covid|section|s|v|ph|nice|cg|ng|ks|y|phq|gad|hba|sars|ict|act|h|a|m|b|form|icd|dsm|wisc|rcads|asq)-?\d{1,3}$",
    re.I,
)


def nhs_check_digit_holds(digits: str) -> bool:
    """Whether ten digits end in their modulus 11 check digit."""
    total = sum(int(digit) * weight for digit, weight in zip(digits, range(10, 1, -1), strict=False))
    check = 11 - total % 11
    return check != 10 and check % 11 == int(digits[9]) and len(set(digits)) > 1


def find_identifiers(text: str, words: frozenset[str]) -> Iterator[Finding]:
    """Numbers of persons and cases."""
    if "nhs" in words or {"n", "h", "s"} <= words:
        for match in _NHS_LABELLED.finditer(text):
            yield Finding(*match.span("id"), Kind.NHS_NUMBER)
    yield from _find_ten_digits(text)
    for pattern, kind in ((_NATIONAL_INSURANCE, Kind.NATIONAL_INSURANCE), (_UPN, Kind.UPN)):
        for match in pattern.finditer(text):
            yield Finding(*match.span(), kind)
    if words & {"ni", "n", "nino", "nat", "national"}:
        for match in _NATIONAL_INSURANCE_LABELLED.finditer(text):
            yield Finding(*match.span("id"), Kind.NATIONAL_INSURANCE)
    if "unique" in words or any(word.startswith("upn") for word in words):
        for match in _UPN_LABELLED.finditer(text):
            yield Finding(*match.span("id"), Kind.UPN)
    yield from _find_cases(text, words)


def _find_ten_digits(text: str) -> Iterator[Finding]:
    """NHS numbers without a label, by their check digit; other numbers of their form stand for some other case."""
    for match in _TEN_DIGITS.finditer(text):
        groups = len(re.findall(r"\d+", match[0]))
        usual = _USUAL_GROUPS.fullmatch(match[0])
        if nhs_check_digit_holds(re.sub(r"\D", "", match[0])) and (
            usual or (groups <= _MOST_GROUPS and not _MOBILE_GROUPS.fullmatch(match[0]))
        ):
            yield Finding(*match.span(), Kind.NHS_NUMBER)
        elif usual:
            yield Finding(*match.span(), Kind.CASE_NUMBER)


def _find_cases(text: str, words: frozenset[str]) -> Iterator[Finding]:
    for match in _ID.finditer(text):
        if _YEAR.match(match[0]) or _DATE.match(match[0]):
            continue
        if _LABEL_BEFORE.search(text[max(0, match.start() - _LONGEST_LABEL) : match.start()]):
            yield Finding(*match.span(), Kind.CASE_NUMBER)
    if words & {"cad", "log", "incident"}:
        for match in _LOGGED.finditer(text):
            yield Finding(*match.span("id"), Kind.CASE_NUMBER)
    for match in _SHAPES.finditer(text):
        if not (_NOT_AN_ID.match(match[0]) or _YEAR.match(match[0]) or _DATE.match(match[0])):
            yield Finding(*match.span(), Kind.CASE_NUMBER)
    for match in _BARE.finditer(text):
        if len(set(match[0])) > 1:
            yield Finding(*match.span(), Kind.CASE_NUMBER)
