"""Ways to reach somebody: phone and e-mail. Standard library only; domains are judged by form, offline."""

from __future__ import annotations

import re
from collections.abc import Iterator

from evenhand.privacy.birth import FULL_DATE
from evenhand.privacy.findings import Finding, Kind
from evenhand.privacy.words import one_of

_GAP = r"[\s().‐‑‒–—-]{0,3}"
_FIGURE = r"[\dOo]"
_PHONE = re.compile(
    r"(?:(?<![\w£$€/.,:+-])|(?<=[A-Za-z )][/.,:-])|(?<=\d\d/)(?=07)|(?<=mob)|(?<=tel)|(?<=phone))(?:(?<!\d )"
    r"|(?=0\d{4}[ -]?\d{3}[ -]?\d{3}(?![\d ]\d)))(?:"
    rf"(?:\+|00)\s?44{_GAP}(?:0\)?{_GAP})?[1-9](?:{_GAP}{_FIGURE}){{8,9}}"
    rf"|(?:\+|00)\s?(?!44)[1-9]\d{{0,2}}(?:{_GAP}\d){{7,12}}"
    rf"|44{_GAP}7(?:{_GAP}{_FIGURE}){{9}}"
    rf"|\(?[0Oo]\s?7(?:{_GAP}{_FIGURE}){{9}}"
    rf"|\(?[0Oo]\s?[12358](?:{_GAP}{_FIGURE}){{8,9}}"
    r"|07\d{3}[ -]?\d{3}[ -]?\d{2,4}"
    r"|0\s?7\d{3}/\d{6}"
    r"|\(?0[12]\d{2,4}\)?[\s/-]{1,2}\d{3}[\s-]?\d{3,4}"
    r")(?!\d)(?!\.\d)"
)
_PHONE_LABELLED = re.compile(
    rf"(?<![a-z]){one_of('contacts', 'phone_labels')}(?![a-z])(?:(?<=\w\w)|(?=\s?[:.]))(?:['’]s)?\.?\s{{0,2}}(?:no"
    rf"|number|num|#)?s?\.?"
    r"(?:[\s:=()–-]|is|on|her|his|him|them|me|us|at|via|was|back|mum|dad|now|new|for|to|sw|gp|hv|school|office|nan"
    r"|gran|carer|home|work|ends){0,8}?(?P<id>\+?\(?\d(?:[\s().–-]{0,2}\d){5,13})(?!\w)",
    re.IGNORECASE,
)
# "oh seven seven double oh, nine double oh": as a voice message has it.
_SPELLED_FIGURE = r"(?:zero|oh|nought|naught|one|two|three|four|five|six|seven|eight|nine|nil|\d{1,3})"
_PHONE_SPELLED = re.compile(
    rf"(?<![a-z\d])(?:plus\sfour\sfour|oh?|zero|nought|naught|nil|0|triple\s(?:oh|zero"
    rf"|o))(?![a-z\d])(?:[\s,.–-]{{1,3}}(?:and\s|then\s|um\s|er\s)?"
    rf"(?:(?:double|treble|triple|two|three)\s)?(?:{_SPELLED_FIGURE}|o)(?![a-z\d])){{6,13}}",
    re.IGNORECASE,
)
_SPELLED_FIGURES = frozenset({"seven", "one", "two", "double", "eight"})
_MANY_DIGITS = re.compile(rf"\d(?:{_GAP}{_FIGURE}){{5}}")
_CASE_NUMBER_BEFORE = re.compile(
    r"(?:ref|reference|case|incident|crime|log|file|id|urn|court|claim)\.?\s(?:no|number)?[\s.:]{0,3}$", re.I
)
# National helplines (Childline, NSPCC) tell nothing about a person; 0808 157 0 is kept for drama.
_HELPLINE = re.compile(r"\(?0\s?80(?:0|8(?!\s?157\s?0))|\(?0300\s?(?:123|330|222)|\(?0845\s?46|116\s?\d{3}$")
_DATE = re.compile(FULL_DATE, re.IGNORECASE)

_EMAIL = re.compile(
    r"(?<![\w.+-])[\w.+'’-]{1,64}(?:@|\s@\s|@\s)(?:[\w-]{1,63}\.){1,5}[a-z]{2,24}(?![\w-])(?!\.\w)"
    r"|(?<![\w.+-])[\w+'’-]{1,30}\.[\w.+'’-]{1,30}@[\w-]{2,63}(?![\w.-]*\w@)",
    re.IGNORECASE,
)
_AT = re.compile(r"(?<=[\w.+'’\s-])@(?=[\w\s-])")
_LONGEST_LOCAL, _LONGEST_DOMAIN = 66, 140  # signs before and after the @ of an address
_DOT = r"(?:\s?(?:\(dot\)|\[dot\]|\{dot\})\s?|\sdot\s|\.)"
_EMAIL_SPELLED = re.compile(
    rf"(?<![\w.])[\w+-]{{1,64}}(?:{_DOT}[\w+-]{{1,40}}){{0,3}}\s?(?:\(at\)|\[at\]|\{{at\}}|\sat\s)\s?[\w-]{{2,40}}"
    rf"(?:{_DOT}(?:com|co|org|net|gov|nhs|ac|sch|uk|me|example|[a-z]{{2,12}}(?=(?:\(|\[|\sdot))))"
    rf"(?:{_DOT}(?:uk|com|org|net|gov|nhs|example)){{0,2}}(?!\w)",
    re.IGNORECASE,
)
_SPELLED_WORDS = frozenset({"dot", "com", "co", "uk", "org", "net", "gov", "nhs", "example"})


def find_contacts(text: str, words: frozenset[str]) -> Iterator[Finding]:
    """Phone numbers and e-mail addresses."""
    if _MANY_DIGITS.search(text):
        yield from _find_phones(text)
    if words & _SPELLED_FIGURES and words & {"oh", "o", "zero", "nought", "naught", "nil", "plus", "triple"}:
        for match in _PHONE_SPELLED.finditer(text):
            if re.search("[a-z]{3}", match[0], re.IGNORECASE):
                yield Finding(*match.span(), Kind.PHONE)
    for sign in _AT.finditer(text):
        if (address := email_around(text, sign.start())) is not None:
            yield Finding(*address, Kind.EMAIL)
    if words & _SPELLED_WORDS:
        for match in _EMAIL_SPELLED.finditer(text):
            yield Finding(*match.span(), Kind.EMAIL)


def email_around(text: str, sign: int) -> tuple[int, int] | None:
    """Where the e-mail address is that the @ at this offset belongs to, if it belongs to one."""
    near = _EMAIL.finditer(text, max(0, sign - _LONGEST_LOCAL), sign + _LONGEST_DOMAIN)
    return next((match.span() for match in near if match.start() < sign < match.end()), None)


def _find_phones(text: str) -> Iterator[Finding]:
    for match in _PHONE.finditer(text):
        labelled_otherwise = _CASE_NUMBER_BEFORE.search(text[max(0, match.start() - 24) : match.start()])
        if not (_HELPLINE.match(match[0]) or _DATE.match(match[0]) or labelled_otherwise):
            yield Finding(*match.span(), Kind.PHONE)
    for match in _PHONE_LABELLED.finditer(text):
        lead = text[max(0, match.start() - 12) : match.start("id")]
        if not (_HELPLINE.match(match["id"]) or _DATE.match(match["id"]) or _CASE_NUMBER_BEFORE.search(lead)):
            yield Finding(*match.span("id"), Kind.PHONE)
