"""Names on social media and in games. Standard library only."""

from __future__ import annotations

import re
from collections.abc import Iterator

from evenhand.privacy.contacts import email_around
from evenhand.privacy.findings import Finding, Kind
from evenhand.privacy.words import is_english, one_of, word_list

_SITES = one_of("contacts", "sites")
_LINK = re.compile(
    rf"(?<![\w@.-])(?:https?://)?(?:[\w-]{{1,20}}\.)?{one_of('contacts', 'hosts')}"
    r"\.(?:com|me|gg|be|fm|tv|net|ee|io|org|app)/[\w@.%?=&/+#:-]{2,200}(?<![.,])",
    re.IGNORECASE,
)
_HANDLE = re.compile(r"(?<![\w@./])@\s?(?P<id>[A-Za-z_][\w.]{1,29}\w)(?![\w@])")
_LABELLED = re.compile(
    rf"(?<![a-z@]){_SITES}(?![a-z])(?:['’]s)?(?:\s{{1,2}}{one_of('contacts', 'account_words')}(?![a-z])){{0,2}}"
    rf"(?:\s{{0,2}}[:=–-]{{1,2}}\s{{0,2}}|\s{{1,2}}(?:{one_of('contacts', 'links')}|@)\s{{1,2}}"
    r"|\s{0,2}\(\s{0,2}|\s(?=[\"'“‘@])"
    r"|(?:(?<=handle)|(?<=ername))\s{1,2}|(?<= name)\s{1,2})"
    r"(?:(?:is|was|as|the|called|name|username|user|handle|account|profile|under)\s{1,2}){0,4}"
    r"(?P<quote>[\"'“‘]?)@?(?P<id>[A-Za-z\d_][\w.-]{1,30}\w)",
    re.IGNORECASE,
)
_BEFORE_SITE = re.compile(
    rf"(?<![\w@])(?P<id>[A-Za-z_][\w.]{{2,30}})[\"'”’]?\s{{1,2}}\(?(?:on|via|\()\s?"
    rf"(?:his |her |their |my )?{_SITES}(?![a-z])",
    re.I,
)
# A word that only an account has for a name: underscores, inner dots, figures after letters, capitals within.
_STRANGE = (
    r"(?=[\w.]{4,31}(?!\w))(?:[A-Za-z\d]{1,20}(?:_+[A-Za-z\d]{1,20}){1,5}_?|[a-z]{2,20}(?:\.[a-z\d]{1,20}){1,4}"
    r"|[A-Za-z]{3,24}\d{2,6}[A-Za-z]{0,4}|[A-Za-z]{2,12}\d[A-Za-z]{2,12}|(?:[A-Z][a-z]{2,12}){2,4}(?:[A-Z]{1,4}|#?\d{1,5})?"
    r"|(?:[A-Z][a-z]{3,12})[A-Z]{2,3}|[A-Z]\d[A-Z]\d[A-Z\d]{0,8}(?:\s[A-Z]\d[A-Z\d]{1,8})?)"
)
_UNDERSCORED = re.compile(r"(?<![\w@./])[A-Za-z\d]{1,20}(?:_+[A-Za-z\d]{1,20}){1,5}_?(?![\w@/])")
_TAGGED = re.compile(r"(?<![\w@./#])[A-Za-z][\w.]{2,30}#\d{3,5}(?!\w)")
_NEAR_SITE = re.compile(rf"(?<![\w@./-])(?P<id>{_STRANGE}(?:#\d{{2,5}})?)(?![\w@/])")
_SITE = re.compile(rf"(?<![a-z@])(?:{_SITES}|{one_of('contacts', 'near_sites')})(?![a-z])", re.IGNORECASE)
_FAR = 110  # signs after a site's name within which a strange word is taken for an account there
_PAGE = re.compile(
    rf"[\"“](?P<quoted>[^\"”\n]{{3,40}})[\"”]\s(?:on|via)\s{_SITES}(?![a-z])"
    r"|\b(?:posts?|posted|posting|page|profile|account|online)\b[^.\n]{0,30}?\bas\s"
    r"(?P<page>(?-i:[A-Z][\w'’]{1,20}(?:\s[A-Z][\w'’]{1,20}){0,3}))"
    rf"|(?<![a-z@]){one_of('contacts', 'bare_sites')}\s(?P<bare>[A-Za-z][\w.]{{4,30}}\w)",
    re.IGNORECASE,
)
_SITE_WORDS = word_list("contacts", "site_words")
_LINK_WORDS = word_list("contacts", "link_words")


def find_accounts(text: str, words: frozenset[str]) -> Iterator[Finding]:
    """Links to accounts, handles, and the names that people go by there."""
    if "/" in text and words & _LINK_WORDS:
        for match in _LINK.finditer(text):
            yield Finding(*match.span(), Kind.SOCIAL_MEDIA)
    for sign in re.finditer("@", text):
        handle = _HANDLE.match(text, sign.start())
        if handle and not is_english(handle["id"]) and email_around(text, sign.start()) is None:
            yield Finding(*handle.span(), Kind.SOCIAL_MEDIA)
    if "_" in text:
        for match in _UNDERSCORED.finditer(text):
            if any(sign.isalpha() for sign in match[0]):
                yield Finding(*match.span(), Kind.SOCIAL_MEDIA)
    if "#" in text:
        for match in _TAGGED.finditer(text):
            yield Finding(*match.span(), Kind.SOCIAL_MEDIA)
    if words & _SITE_WORDS:
        yield from _find_by_site(text)


def _find_by_site(text: str) -> Iterator[Finding]:
    for match in _LABELLED.finditer(text):
        if _like_a_handle(match["id"]) or (match["quote"] and not is_english(match["id"])):
            yield Finding(*match.span("id"), Kind.SOCIAL_MEDIA)
    for site in _SITE.finditer(text):
        for match in _NEAR_SITE.finditer(text, site.end(), min(len(text), site.end() + _FAR)):
            if not all(is_english(part) for part in re.split(r"[._]", match["id"])):
                yield Finding(*match.span("id"), Kind.SOCIAL_MEDIA)
    for match in _PAGE.finditer(text):
        name = next(part for part in ("quoted", "page", "bare") if match[part])
        if name == "quoted" or not is_english(match[name].split()[0]):
            yield Finding(*match.span(name), Kind.SOCIAL_MEDIA)
    for match in _BEFORE_SITE.finditer(text):
        if re.search(r"[a-z][\d_.]|[\d_.][a-z]", match["id"], re.IGNORECASE):
            yield Finding(*match.span("id"), Kind.SOCIAL_MEDIA)


def _like_a_handle(word: str) -> bool:
    """Whether a word cannot be read as plain English: digits, underscores, inner capitals, or unknown."""
    return bool(re.search(r"\d|_|\w\.\w|[a-z][A-Z]", word)) or not is_english(word)
