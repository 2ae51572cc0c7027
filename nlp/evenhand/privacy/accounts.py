"""Names on social media and in games. Standard library only."""

from __future__ import annotations

import re
from collections.abc import Iterator

from evenhand.privacy.contacts import email_around
from evenhand.privacy.findings import Finding, Kind
from evenhand.privacy.words import fold, is_english, not_people, one_of, openers, plain_names, word_list

_SITES = one_of("contacts", "sites")
_LINK = re.compile(
    rf"(?<![\w@.-])(?:https?://)?(?:[\w-]{{1,20}}\.)?{one_of('contacts', 'hosts')}"
    r"\.(?:com|me|gg|be|fm|tv|net|ee|io|org|app)/[\w@.%?=&/+#:-]{2,200}(?<![.,])",
    re.IGNORECASE,
)
_HANDLE = re.compile(
    r"(?<![\w@./])@\s?(?P<id>(?:[A-Za-z_]|(?!\d{1,4}(?:[ap]m|hrs?|h|st|nd|rd|th|x|k|%|m?g|wks?|weeks?|/"
    r"|\.\d\d)(?![a-z]))\d{1,6}(?=[._]?[a-z_]{2}))[\w.-]{1,29}\w)(?![\w@])",
    re.IGNORECASE,
)
_AFTER_SITE = re.compile(
    rf"(?:['’]s)?(?:\s{{1,2}}{one_of('contacts', 'account_words')}(?![a-z])['’]?s?){{0,2}}"
    rf"(?:\s{{0,2}}[:=–-]{{1,2}}\s{{0,2}}|\s{{1,2}}(?:{one_of('contacts', 'links')}|@)\s{{1,2}}"
    r"|\s{0,2}\(\s{0,2}|\s(?=[\"'“‘@])"
    r"|(?:(?<=handle)|(?<=ername))\s{1,2}|(?<= name)\s{1,2})"
    r"(?:(?:is|was|as|the|called|name|username|user|handle|account|profile|under)\s{1,2}){0,4}"
    r"(?P<quote>[\"'“‘]?)@?(?P<id>(?=[\d.-]{0,12}[A-Za-z_])[A-Za-z\d_][\w.-]{1,30}\w)",
    re.IGNORECASE,
)
_BEFORE_SITE = re.compile(
    rf"(?P<verb>(?<![a-z]){one_of('contacts', 'reaching')}\s{{1,2}})?(?<![\w@])(?P<quote>[\"'“‘]?)(?P<id>[A-Za-z_\d]["
    rf"\w.-]{{2,30}})[\"'”’]?"
    rf"\s{{1,2}}(?:[(=–-]|(?P<link>on|via|over|through|from|off)(?!\w)|(?:is|was)\s(?=(?:his|her|their|my|mum|dad)))\s?"
    rf"(?:(?:his|her|their|my|mum['’]?s|dad['’]?s)\s)?(?:main\s|other\s|second\s|new\s)?{_SITES}(?![a-z])",
    re.I,
)
_USER = re.compile(r"(?<![\w/])/?u/(?P<id>[A-Za-z][\w-]{2,20}\w)(?![\w/])")
# A word that only an account has for a name: underscores, inner dots, figures after letters, capitals within.
_STRANGE = (
    r"(?=[\w.]{4,31}(?!\w))(?:[A-Za-z\d]{1,20}(?:_+[A-Za-z\d]{1,20}){1,5}_*|[a-z]{1,20}(?:\.[a-z\d]{1,20}){1,4}_*"
    r"|[A-Za-z]{3,24}\d{2,6}[A-Za-z]{0,4}|[A-Za-z]{2,12}\d[A-Za-z]{2,12}|(?:[A-Z][a-z]{2,12}){2,4}(?:[A-Z]{1,4}"
    r"|#?\d{1,5})?"
    r"|(?:[A-Z][a-z]{3,12})[A-Z]{2,3}|[a-z]{2,14}[A-Z]{1,2}[A-Za-z]{2,14}"
    r"|[a-z]{0,8}\d[a-z]{2,10}(?:\d[a-z]{0,8}){0,3}|[A-Z]\d[A-Z]\d[A-Z\d]{0,8}(?:\s[A-Z]\d[A-Z\d]{1,8})?)"
)
_UNDERSCORED = re.compile(
    r"(?<![\w@/.])[A-Za-z\d.]{0,20}(?:(?<=[\w.])_+[A-Za-z\d.]{1,20}){1,5}_{0,4}(?![\w@/])"
    r"|(?<![\w@/.])(?:_{1,3}[A-Za-z\d.]{3,20}_{0,3}|[A-Za-z\d.]{3,20}_{1,3})(?![\w@/])"
)
_FILE = re.compile(
    r"\.(?:docx?|pdf|jpe?g|png|gif|heic|xlsx?|csv|txt|msg|eml|mp[34]|mov|wav|zip|pptx?)\.?$", re.IGNORECASE
)
# "y.tesfa2x": dots within small letters and a figure among them are no English.
_DOTTED = re.compile(
    r"(?<![\w@/.:-])(?=[a-z.]{0,20}\d)[a-z\d]{1,16}(?:\.[a-z\d]{1,16}){1,4}(?<=[a-z\d]{3})(?![\w@/-]|\.\w)"
)
_DOTTED_FIGURES = re.compile(r"[\d.]+[a-z]{0,3}|[a-z]{1,4}\.?\d[\d.]*[a-z]?|(?:\d|v)[\w.]*")
_MEASURE = re.compile(
    r"\d{1,4}(?:[ap]m|hrs?|mins?|x|st|nd|rd|th|wks?|yrs?|mths?|kg|mg|ml|cm|mm|days?|weeks?|years?|months?|yo|pm|ish)$",
    re.IGNORECASE,
)
_TAGGED = re.compile(r"(?<![\w@./#])[A-Za-z][\w.]{2,30}#\d{3,5}(?!\w)")
_NEAR_SITE = re.compile(rf"(?<![\w@./-])(?P<id>{_STRANGE}(?:#\d{{2,5}})?)(?![\w@/])")
_RIGHT_BEFORE = re.compile(
    r"(?<![\w@./-])(?P<id>(?=[a-z._]{0,16}[._\d])[a-z][a-z\d]{1,16}(?:[._][a-z\d]{1,16}){0,3}) $"
)
_FAR_BEFORE = 40
_SITE = re.compile(rf"(?<![a-z@])(?:(?P<site>{_SITES})|{one_of('contacts', 'near_sites')})(?![a-z])", re.IGNORECASE)
_PLAIN_PARTS = 2  # "e.g", "and.or": more are an account's
_MOST_TITLE_WORDS = 5
_FAR = 110  # signs after a site's name within which a strange word is taken for an account there
_DISPLAYED = r"(?-i:[A-Z][\w'’-]{1,20}(?:\s(?:[A-Z][\w'’-]{0,20}|of|the|n)){0,4})"
_PAGE = re.compile(
    rf"[\"“](?P<quoted>[^\"”\n]{{3,40}})[\"”]\s(?:on|via|\()\s?(?:his\s|her\s|the\s)?{_SITES}(?![a-z])"
    rf"|\b(?P<before>(?-i:[A-Z][\w'’-]{{1,20}}(?:\s[A-Z][\w'’-]{{0,20}}){{1,4}}))\s(?:on|via)\s{_SITES}(?![a-z])"
    r"|\b(?:posts?|posted|posting|page|profile|account|online|username|gamertag)\b[^.\n]{0,30}?\b(?:as|is|called|named"
    r"|under)\s[\"“'‘]?"
    rf"(?P<page>{_DISPLAYED})",
    re.IGNORECASE,
)
# "look her up, Isla Maria Farq on fb", "her fake profile Queenie Mc Gee"
_OWN_PAGE = re.compile(
    rf"(?<![a-z])(?:look(?:ed)?\s(?:me|him|her|them|it)?\s?up|search(?:ed)?(?:\sfor)?|find\s(?:me|him|her|them)"
    rf"|found\s(?:him|her|them)?|add(?:ed)?"
    rf"|follow(?:ed|s)?|goes\s(?:by|under)|known|messaged(?:\sby)?|posts?\sby|called|under|as|named|from"
    rf"|by)[,:]?\s(?:as\s|is\s)?[\"“'‘]?"
    rf"(?P<shown>{_DISPLAYED})[\"”'’]?\s(?:on|over|via|through)\s(?:her\s|his\s|the\s)?{_SITES}(?![a-z])"
    rf"|(?<![a-z])(?:fake|other|second|new|private|main|secret|public|alt|old|spare|hidden|{_SITES})\s(?:profile"
    rf"|account|page|acc|acct|handle|username|name)(?:\s(?:is|called"
    rf"|named|as|was|under)|:)?(?:\snow)?\s[\"“'‘]?(?P<page>{_DISPLAYED})",
    re.IGNORECASE,
)
_TITLED = re.compile(
    r"(?:\s(?:[a-z]{2,9}\s){0,2}|,\s|:\s|\s?[-–=]\s|\s?\()[\"“'‘](?P<titled>[^\"”’'\n]{3,40})[\"”’']"
    r"|[^.\n,;]{0,30}?\b(?:as|called|named|name(?:\sis)?|under|aka)\s[\"“'‘]?"
    rf"(?P<shown>{_DISPLAYED})",
    re.IGNORECASE,
)
_BARE = re.compile(r"\s(?P<bare>[A-Za-z][\w.]{4,30}\w)")
_BARE_SITES = word_list("contacts", "bare_sites")
_SITE_WORDS = word_list("contacts", "site_words") | openers("contacts", "sites", "bare_sites")
_LINK_WORDS = word_list("contacts", "link_words") | openers("contacts", "links")


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
            if any(sign.isalpha() for sign in match[0]) and not _FILE.search(match[0]):
                yield Finding(*match.span(), Kind.SOCIAL_MEDIA)
    for match in _DOTTED.finditer(text):
        if not (_FILE.search(match[0]) or _DOTTED_FIGURES.fullmatch(match[0])):
            yield Finding(*match.span(), Kind.SOCIAL_MEDIA)
    if "u/" in text:
        for match in _USER.finditer(text):
            if not is_english(match["id"]):
                yield Finding(*match.span(), Kind.SOCIAL_MEDIA)
    if "#" in text:
        for match in _TAGGED.finditer(text):
            yield Finding(*match.span(), Kind.SOCIAL_MEDIA)
    if words & _SITE_WORDS:
        yield from _find_by_site(text)


def _find_by_site(text: str) -> Iterator[Finding]:
    for site in _SITE.finditer(text):
        if site["site"]:
            before = _RIGHT_BEFORE.search(text, max(0, site.start() - _FAR_BEFORE), site.start())
            if (
                before
                and not _MEASURE.match(before["id"])
                and not all(map(is_english, re.split(r"[._]", before["id"])))
            ):
                yield Finding(*before.span("id"), Kind.SOCIAL_MEDIA)
            yield from _find_after_site(text, site)
        for match in _NEAR_SITE.finditer(text, site.end(), min(len(text), site.end() + _FAR)):
            parts = re.split(r"[._]", match["id"])
            if not _MEASURE.match(match["id"]) and (len(parts) > _PLAIN_PARTS or not all(map(is_english, parts))):
                yield Finding(*match.span("id"), Kind.SOCIAL_MEDIA)
    for match in _PAGE.finditer(text):
        name = next(part for part in ("quoted", "before", "page") if match[part])
        last = match[name].split()[-1]
        if _like_a_title(match[name]) and (name != "before" or (is_english(last) and fold(last) not in not_people())):
            yield Finding(*match.span(name), Kind.SOCIAL_MEDIA)
    for match in _OWN_PAGE.finditer(text):
        name = "shown" if match["shown"] else "page"
        if _like_a_title(match[name]):
            yield Finding(*match.span(name), Kind.SOCIAL_MEDIA)
    for match in _BEFORE_SITE.finditer(text):
        if _names_an_account(match):
            yield Finding(*match.span("id"), Kind.SOCIAL_MEDIA)


def _find_after_site(text: str, site: re.Match[str]) -> Iterator[Finding]:
    labelled = _AFTER_SITE.match(text, site.end())
    if labelled and (_like_a_handle(labelled["id"]) or (labelled["quote"] and not is_english(labelled["id"]))):
        yield Finding(*labelled.span("id"), Kind.SOCIAL_MEDIA)
    titled = _TITLED.match(text, site.end())
    if titled:
        name = "titled" if titled["titled"] else "shown"
        if _like_a_title(titled[name]):
            yield Finding(*titled.span(name), Kind.SOCIAL_MEDIA)
    bare = _BARE.match(text, site.end()) if site[0].lower() in _BARE_SITES else None
    if bare and not is_english(bare["bare"]):
        yield Finding(*bare.span("bare"), Kind.SOCIAL_MEDIA)


def _names_an_account(match: re.Match[str]) -> bool:
    """Whether what stands before a site is an account there: strange, or unknown and reached or quoted."""
    word = match["id"]
    if re.fullmatch(r"[a-z]{2,20}(?:\.[a-z]{2,20}){1,3}", word):
        return True
    if not re.search("[A-Za-z]", word):
        return False
    if re.search(r"[a-z][\d_.]|-\d|\d-|[\d_.][a-z]|[a-z][A-Z]", word):
        return not all(is_english(part) for part in re.split(r"[._-]", word) if part) or bool(re.search(r"_|\d$", word))
    told = bool(match["verb"] or match["quote"]) or match["link"] is None
    return told and not is_english(word) and fold(word) not in plain_names()


def _like_a_title(name: str) -> bool:
    """Whether a quoted or capitalised stretch is what a profile is called: two words, or an unknown one."""
    words = [word for word in name.split() if word[0].isalnum()]
    if any(not is_english(word) for word in words):
        return len(words) <= _MOST_TITLE_WORDS
    return 1 < len(words) <= _MOST_TITLE_WORDS and all(word[0].isupper() for word in words)


def _like_a_handle(word: str) -> bool:
    """Whether a word cannot be read as plain English: digits, underscores, inner capitals, or unknown."""
    return bool(re.search(r"\d|_|\w\.\w|[a-z][A-Z]", word)) or not is_english(word)
