"""Ways to reach somebody: phone, e-mail, social media. Standard library only; domains are judged by form, offline."""

from __future__ import annotations

import re
from collections.abc import Iterator

from evenhand.privacy.birth import FULL_DATE
from evenhand.privacy.findings import Finding, Kind
from evenhand.privacy.words import is_english

_GAP = r"[\s().–-]{0,3}"
_PHONE = re.compile(
    r"(?<![\w£$€/.,:+-])(?<!\d )(?:"
    rf"(?:\+|00)\s?44{_GAP}(?:0\)?{_GAP})?[1-9](?:{_GAP}\d){{8,9}}"
    rf"|\+\s?(?!44)[1-9]\d{{0,2}}(?:{_GAP}\d){{7,12}}"
    rf"|447(?:{_GAP}\d){{9}}"
    rf"|\(?0\s?7(?:{_GAP}\d){{9}}"
    rf"|\(?0\s?[12358](?:{_GAP}\d){{8,9}}"
    r"|\(?0[12]\d{2,4}\)?[\s/-]{1,2}\d{3}[\s-]?\d{3,4}"
    r")(?![\d])(?!\.\d)"
)
_PHONE_LABELLED = re.compile(
    r"(?<![a-z])(?:tel|telephone|phone|mob|mobile|landline|cell|contact (?:no|number|tel)|contactable|call(?:ed)?|text(?:ed)?"
    r"|ring|rang|ph|t|m|fax|whats ?app|number|num)(?![a-z])\.?\s{0,2}(?:no|number|num|#)?\.?"
    r"(?:[\s:=()–-]|is|on|her|him|them|me|at|via|was|back|mum|dad){0,8}?(?P<id>\+?\(?\d(?:[\s().–-]{0,2}\d){5,13})(?!\w)",
    re.IGNORECASE,
)
# Free national helplines (Childline, NSPCC) tell nothing about a person.
_HELPLINE = re.compile(r"\(?0\s?80[08]|0\s?116|\(?0\s?800")
_DATE = re.compile(FULL_DATE, re.IGNORECASE)

_EMAIL = re.compile(
    r"(?<![\w.+-])[\w.+'’-]{1,64}(?:@|\s@\s|@\s)(?:[\w-]{1,63}\.){1,5}[a-z]{2,24}(?![\w-])(?!\.\w)", re.IGNORECASE
)
_EMAIL_SPELLED = re.compile(
    r"(?<![\w.])[\w.+-]{2,64}\s?(?:\(at\)|\[at\]|\{at\}| at )\s?[\w-]{2,40}\s?(?:\(dot\)|\[dot\]| dot |\.)\s?"
    r"(?:com|co|org|net|gov|nhs|ac|sch|uk|me|example)(?:\s?(?:\(dot\)|\[dot\]| dot |\.)\s?(?:uk|com|org|net|gov|nhs))?(?!\w)",
    re.IGNORECASE,
)

_LINK = re.compile(
    r"(?<![\w@.-])(?:https?://)?(?:[\w-]{1,20}\.)?(?:facebook|fb|instagram|tiktok|snapchat|twitter|x|linkedin|youtube|threads"
    r"|discord|twitch|onlyfans|reddit|pinterest|tumblr|vk|telegram|t|wa|youtu|roblox|linktr|ask|bereal|kik|messenger)"
    r"\.(?:com|me|gg|be|fm|tv|net|ee|io|org)/[\w@.%?=&/+#:-]{2,200}(?<![.,])",
    re.IGNORECASE,
)
_HANDLE = re.compile(r"(?<![\w@./])@\s?(?P<id>[A-Za-z_][\w.]{1,29}\w)(?![\w@])")
_SITES = (
    r"(?:insta(?:gram)?|ig|snap(?:chat)?|sc|tik ?tok|facebook|fb|twitter|discord|telegram|whatsapp|roblox|you ?tube|yt|twitch"
    r"|steam|psn|xbox(?: live)?|play ?station(?: network)?|kik|bereal|be real|messenger|minecraft|fortnite|yubo|wizz|omegle|reddit|threads|onlyfans"
    r"|gamer ?tag|user ?name|handle|screen ?name|online name|social media(?: name)?|linkedin|finsta|spam account)"
)
_LABELLED_HANDLE = re.compile(
    rf"(?<![a-z@])(?:{_SITES})(?![a-z])"
    r"(?:['’]s)?(?:\s{1,2}(?:account|accounts|name|handle|username|user|profile|page|tag|id|gamertag|add|chat|channel|dm|dms)){0,2}"
    r"(?:\s{0,2}[:=–-]{1,2}\s{0,2}|\s{1,2}(?:is|was|called|named|under|as|name|user|add|by|of|on|to|from|@|username|the name|with|via|known as|goes by)\s{1,2}"
    r"|\s{0,2}\(\s{0,2}|\s(?=[\"'“‘@]))"
    r"(?:(?:is|was|as|the|called|name|username|user|handle|account|profile|under)\s{1,2}){0,4}"
    r"(?P<quote>[\"'“‘]?)@?(?P<id>[A-Za-z\d_][\w.-]{1,30}[\w])",
    re.IGNORECASE,
)
_AS_HANDLE_ON = re.compile(
    rf"(?<![\w@])(?P<id>[A-Za-z_][\w.]{{2,30}})(?:[\"'”’])?\s{{1,2}}\(?(?:on|via|\()\s?(?:his |her |their |my )?(?:{_SITES})(?![a-z])", re.IGNORECASE
)


# A word that only an account has for a name: an underscore, an inner dot, figures after letters, capitals within.
_STRANGE = (
    r"(?=[\w.]{4,31}(?![\w]))(?:[A-Za-z\d]{1,20}(?:_+[A-Za-z\d]{1,20}){1,5}_?|[a-z]{2,20}(?:\.[a-z\d]{1,20}){1,4}"
    r"|[A-Za-z]{3,24}\d{2,6}[A-Za-z]{0,4}|[A-Za-z]{2,12}\d[A-Za-z]{2,12}|(?:[A-Z][a-z]{2,12}){2,4}(?:[A-Z]{1,4}|#?\d{1,5})?"
    r"|[A-Z]\d[A-Z]\d[A-Z\d]{0,8}(?:\s[A-Z]\d[A-Z\d]{1,8})?)"
)
_UNDERSCORED = re.compile(r"(?<![\w@./])[A-Za-z\d]{1,20}(?:_+[A-Za-z\d]{1,20}){1,5}_?(?![\w@/])")
_NEAR_A_SITE = re.compile(rf"(?<![\w@./-])(?P<id>{_STRANGE}(?:#\d{{2,5}})?)(?![\w@/])")
_SITE = re.compile(
    rf"(?<![a-z@])(?:{_SITES}|new accounts?|accounts?:|users?|posts? as|posting as|posted as|goes by|online as|insta|profiles?|chat service|gaming)(?![a-z])",
    re.IGNORECASE,
)
_FAR_FROM_A_SITE = 110  # signs after a site's name within which a strange word is taken for an account on it
_NAMED_PAGE = re.compile(
    rf"[\"“](?P<quoted>[^\"”\n]{{3,40}})[\"”]\s(?:on|via)\s(?:{_SITES})(?![a-z])"
    r"|\b(?:posts?|posted|posting|page|profile|account|online)\b[^.\n]{0,30}?\bas\s(?P<page>[A-Z][\w'’]{1,20}(?:\s[A-Z][\w'’]{1,20}){0,3})"
    rf"|(?<![a-z@])(?:insta|instagram|snap|snapchat|tiktok|psn|discord|xbox)\s(?P<bare>[A-Za-z][\w.]{{4,30}}\w)",
    re.IGNORECASE,
)


def find_contacts(text: str) -> Iterator[Finding]:
    """Phone numbers, e-mail addresses and social media names."""
    yield from _find_phones(text)
    if "@" in text or " at " in text or "(at)" in text or "[at]" in text:
        for pattern in (_EMAIL, _EMAIL_SPELLED):
            for match in pattern.finditer(text):
                yield Finding(*match.span(), Kind.EMAIL)
    for match in _LINK.finditer(text):
        yield Finding(*match.span(), Kind.SOCIAL_MEDIA)
    for match in _HANDLE.finditer(text):
        if not is_english(match["id"]):
            yield Finding(*match.span(), Kind.SOCIAL_MEDIA)
    for match in _LABELLED_HANDLE.finditer(text):
        if _like_a_handle(match["id"]) or (match["quote"] and not is_english(match["id"])):
            yield Finding(*match.span("id"), Kind.SOCIAL_MEDIA)
    yield from _find_accounts(text)
    for match in _AS_HANDLE_ON.finditer(text):
        if re.search(r"[a-z][\d_.]|[\d_.][a-z]", match["id"], re.IGNORECASE):
            yield Finding(*match.span("id"), Kind.SOCIAL_MEDIA)


def _find_accounts(text: str) -> Iterator[Finding]:
    for match in _UNDERSCORED.finditer(text):
        if any(sign.isalpha() for sign in match[0]):
            yield Finding(*match.span(), Kind.SOCIAL_MEDIA)
    for site in _SITE.finditer(text):
        for match in _NEAR_A_SITE.finditer(text, site.end(), min(len(text), site.end() + _FAR_FROM_A_SITE)):
            if not all(is_english(part) for part in re.split(r"[._]", match["id"])):
                yield Finding(*match.span("id"), Kind.SOCIAL_MEDIA)
    for match in _NAMED_PAGE.finditer(text):
        name = next(part for part in ("quoted", "page", "bare") if match[part])
        if name == "quoted" or not (match[name].islower() if name == "page" else is_english(match[name])):
            yield Finding(*match.span(name), Kind.SOCIAL_MEDIA)


def _find_phones(text: str) -> Iterator[Finding]:
    for match in _PHONE.finditer(text):
        if not (_HELPLINE.match(match[0]) or _DATE.match(match[0])):
            yield Finding(*match.span(), Kind.PHONE)
    for match in _PHONE_LABELLED.finditer(text):
        if not (_HELPLINE.match(match["id"]) or _DATE.match(match["id"])):
            yield Finding(*match.span("id"), Kind.PHONE)


def _like_a_handle(word: str) -> bool:
    """Whether a word cannot be read as plain English: digits, underscores, inner capitals, or unknown."""
    return bool(re.search(r"\d|_|\w\.\w|[a-z][A-Z]", word)) or not is_english(word)
