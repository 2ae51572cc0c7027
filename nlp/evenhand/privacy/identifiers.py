"""Numbers that stand for one person or case: NHS, National Insurance, UPN, case numbers. Standard library only.

Forms and check digits: NHS Data Dictionary (NHS number, modulus 11), HMRC manual NIM39110 (National Insurance numbers),
Department for Education guide to unique pupil numbers.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from evenhand.privacy.findings import Finding, Kind

_NOT_INSIDE = r"(?<![\w£$€])"
_TEN_DIGITS = re.compile(rf"{_NOT_INSIDE}(?<![+\d][ .-])\d{{3}}[ .–-]?\d{{3}}[ .–-]?\d{{4}}(?![\w])(?!,\d)")
_NHS_LABELLED = re.compile(
    r"(?<![a-z])n\.?h\.?s\.?(?![a-z])[ \t]{0,2}(?:(?:no|nos|number|num|nr|id|#)(?![a-z])\.?s?)?"
    r"(?:[\s:=#.()–-]|is|was|of){0,8}(?P<id>\d(?:[ .–-]{0,2}\d){9})(?!\d)",
    re.IGNORECASE,
)
_NATIONAL_INSURANCE = re.compile(
    rf"{_NOT_INSIDE}[A-Z]{{2}}[ .–-]?\d{{2}}[ .–-]?\d{{2}}[ .–-]?\d{{2}}[ .–-]?[A-D](?!\w)|{_NOT_INSIDE}[A-Z]{{2}}\s?\d{{3}}\s?\d{{3}}\s?[A-D](?!\w)",
    re.IGNORECASE,
)
_NATIONAL_INSURANCE_LABELLED = re.compile(
    r"(?<![a-z])(?:n\.?i\.?(?:n\.?o)?\.?|nat(?:ional)?\.?\s{1,2}ins(?:urance)?\.?)(?![a-z])\s{0,2}(?:no|number|num|#)?\.?"
    r"(?:[\s:=#()–-]|is|was){0,6}(?P<id>[A-Z][ ]?[A-Z][ .–-]?(?:\d[ .–-]?){6}(?:[A-D](?!\w))?)",
    re.IGNORECASE,
)
_UPN = re.compile(rf"{_NOT_INSIDE}[A-Z](?=(?:O?\d){{9}})[\dO]{{11}}[\dA-Z](?!\w)", re.IGNORECASE)
_UPN_LABELLED = re.compile(
    r"(?<![a-z])(?:upn|unique pupil (?:reference )?(?:number|no))(?![a-z]{2})\s{0,2}(?:no|number|num|#)?\.?"
    r"(?:[\s:=#()–-]|is|was){0,6}(?P<id>[A-Z]?[ -]?(?:[\dO][ -]?){8,12}[A-Z]?(?!\w))",
    re.IGNORECASE,
)

_LABELS = (
    r"(?:case|cases|file|ref|refs|reference|record|records|client|service user|person|pupil|student|patient|hospital|mrn"
    r"|crime|crimes|incident|cad|urn|log|court|claim|lcs|mosaic|liquid ?logic|ics|ehm|eha|lac|systm ?one|rio|emis|carefirst"
    r"|care first|framework-?i|capita|azeus|eclipse|occurrence|asf|niche|athena|cris|pnc|marac|merlin|op|passport|id|ids|uid"
    r"|customer|tenancy|account|acct|rent|home office|ho|arc|nass|brp|uln|chi|unit|district|system|social care|children'?s"
    r"|referral|contact|family|household|custody|arrest|charge|nomis|prison|oasys|delius|crn|asset|yjs|yot|cms|ehcp|sen|sims"
    r"|arbor|cpoms|police|ambulance|booking|application|driving licen[cs]e|licen[cs]e|visa|asylum|benefit|uc|housing|ward|icn)"
)
_NUMBER_WORD = r"(?:ref(?:erence)?|number|numbers|num|nos|no|nr|id|ids|urn|code|identifier|#)"
# An identifier: letters, digits and inner punctuation, with at least three digits.
_ID = (
    r"(?P<id>(?=(?:[A-Z/*–-]{0,8}\d){3})[A-Z\d]{1,12}(?:[/*–-][A-Z\d]{1,12}){0,4}(?![\w]))"
)
_STRONG_LABEL = re.compile(
    rf"(?<![a-z])(?:(?:{_LABELS}['’]?s?[\s/_-]{{1,2}}){{0,3}}{_NUMBER_WORD}(?![a-z])\.?|{_LABELS}(?![a-z])\s{{0,2}}[:#=])"
    rf"(?:[\s:=#().–-]|is(?![a-z])|was(?![a-z])|of(?![a-z])){{0,6}}{_ID}(?P<more>\s(?=\d{{2,}}(?![\w/]))\d{{2,6}})?",
    re.IGNORECASE,
)
_WEAK_LABEL = re.compile(
    rf"(?<![a-z])(?:case|file|lcs|mosaic|liquid ?logic|ics|ehm|systm ?one|rio|emis|carefirst|crime|incident|cad|log|mrn|crn|occ|chi"
    rf"|merlin|passport|pnc|cris|urn|ref|occurrence|niche|athena|eclipse|framework-?i|arc|nass|brp|azeus|cpoms|sims|arbor"
    rf"|nomis|delius|hospital)(?![a-z])\s{{1,2}}{_ID}",
    re.IGNORECASE,
)
_CAD = re.compile(r"(?<![a-z])(?:cad|log|incident)\s{1,2}(?:no\.?\s)?(?P<id>\d{2,5})(?=\s(?:of|on|dated)?\s?\d)", re.IGNORECASE)
_SHAPES = re.compile(
    rf"{_NOT_INSIDE}(?:"
    r"[A-Z]{2}\d{2}[A-Z]\d{5}"  # family court
    r"|\d{2}[A-Z]{1,3}\d?/\d{2,8}/\d{2,4}"  # crime references
    r"|[A-Z]{2,6}[/-]\d{2,8}(?:[/-][A-Z\d]{1,8}){0,3}"
    r"|\d{3,8}/\d{2}(?:/[A-Z\d]{1,6})?(?=\D|$)|\d{2}[/*]\d{5,8}"
    r"|[A-Z]{1,4}\d{5,12}[A-Z]?"
    r"|\d{2,4}[A-Z]{1,3}\d{4,8}"
    r"|[A-Z]/\d{5,9}|\d{2}/[A-Z]{1,3}/\d{3,8}"
    r"|[A-Z]{1,3}\d{2,4}[/-]\d{2,8}"
    r")(?![\w/])"
)
_BARE = re.compile(rf"{_NOT_INSIDE}(?<!\d[.,/])\d{{7,20}}(?![\w%])(?![.,/]\d)")
_YEAR = re.compile(r"(?:19|20)\d\d(?:[/–-](?:(?:19|20)?\d\d))?$")
_DATE = re.compile(r"\d{1,4}[./–-]\d{1,2}[./–-]\d{1,4}$")
# Laws, forms, dosages and services that have the shape of a reference.
_NOT_AN_ID = re.compile(r"(?:covid|section|s|v|ph|nice|cg|ng|ks|y|phq|gad|hba|sars|ict|act|h|a|m|b|form|icd|dsm)-?\d{1,3}$", re.I)
_LONGEST_DIGITS = 20


def nhs_check_digit_holds(digits: str) -> bool:
    """Whether ten digits end in their modulus 11 check digit."""
    total = sum(int(digit) * weight for digit, weight in zip(digits, range(10, 1, -1), strict=False))
    check = 11 - total % 11
    return check != 10 and check % 11 == int(digits[9]) and len(set(digits)) > 1


def find_identifiers(text: str) -> Iterator[Finding]:
    """Numbers of persons and cases."""
    for match in _NHS_LABELLED.finditer(text):
        yield Finding(*match.span("id"), Kind.NHS_NUMBER)
    for match in _TEN_DIGITS.finditer(text):
        digits = re.sub(r"\D", "", match[0])
        if nhs_check_digit_holds(digits):
            yield Finding(*match.span(), Kind.NHS_NUMBER)
        else:
            yield Finding(*match.span(), Kind.CASE_NUMBER)
    for pattern, kind in (
        (_NATIONAL_INSURANCE, Kind.NATIONAL_INSURANCE),
        (_UPN, Kind.UPN),
        (_NATIONAL_INSURANCE_LABELLED, Kind.NATIONAL_INSURANCE),
        (_UPN_LABELLED, Kind.UPN),
    ):
        for match in pattern.finditer(text):
            yield Finding(*match.span("id" if "id" in match.re.groupindex else 0), kind)
    yield from _find_cases(text)


def _find_cases(text: str) -> Iterator[Finding]:
    for pattern in (_STRONG_LABEL, _WEAK_LABEL):
        for match in pattern.finditer(text):
            found = match["id"]
            if not (_YEAR.match(found) or _DATE.match(found)):
                yield Finding(match.start("id"), match.end(), Kind.CASE_NUMBER)
    for match in _CAD.finditer(text):
        yield Finding(*match.span("id"), Kind.CASE_NUMBER)
    for match in _SHAPES.finditer(text):
        if not (_NOT_AN_ID.match(match[0]) or _YEAR.match(match[0]) or _DATE.match(match[0])):
            yield Finding(*match.span(), Kind.CASE_NUMBER)
    for match in _BARE.finditer(text):
        if len(set(match[0])) > 1:
            yield Finding(*match.span(), Kind.CASE_NUMBER)
