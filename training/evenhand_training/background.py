"""Twins of training texts with a detail of background that does not bear on them: ethnicity, religion, work, place."""

from __future__ import annotations

import random
import re

from evenhand.scheme import Issue

# There the background is part of the concern.
ABOUT_BACKGROUND = frozenset(
    {
        Issue.DISCRIMINATION_IDENTITY,
        Issue.MIGRATION,
        Issue.HARMFUL_PRACTICES,
        Issue.RADICALISATION,
        Issue.DISABILITY_SEN,
    }
)

_CHILD = re.compile(
    r"\b(?P<word>boy|girl|child|baby|son|daughter|teenager|pupil|student|young person|children|siblings|toddler)\b"
    r"(?!['-])",
    re.IGNORECASE,
)
_ADULT = re.compile(
    r"\b(?P<word>mum|dad|mother|father|parents?|family|carer|stepdad|stepfather|grandmother|nan|uncle)\b(?!['-])",
    re.IGNORECASE,
)
_BEFORE_A_PERSON = (
    "White British",
    "Black Caribbean",
    "Black African",
    "Bangladeshi",
    "Pakistani",
    "Indian",
    "Chinese",
    "Somali",
    "Roma",
    "Irish Traveller",
    "Polish",
    "Romanian",
    "Turkish",
    "Arab",
    "Vietnamese",
    "mixed heritage",
    "dual heritage",
    "Nigerian",
    "Albanian",
    "Muslim",
    "Christian",
    "Catholic",
    "Hindu",
    "Sikh",
    "Jewish",
    "Buddhist",
    "Rastafarian",
    "Jehovah's Witness",
    "non-religious",
    "Welsh-speaking",
    "Urdu-speaking",
    "Polish-speaking",
    "adopted",
    "left-handed",
    "working-class",
    "middle-class",
)
_BEHIND_A_PERSON = (
    "who works as a cleaner",
    "who is a solicitor",
    "who is a consultant surgeon",
    "on Universal Credit",
    "from a council estate",
    "who drives a taxi",
    "who is a company director",
    "who uses a wheelchair",
    "who is deaf",
    "who has a stammer",
    "who wears glasses",
    "who is partially sighted",
    "who has diabetes",
    "whose first language is Polish",
    "who speaks Bengali at home",
    "who speaks with a strong accent",
    "with an interpreter",
    "born in Portugal",
    "who came here from Nigeria as a baby",
    "whose grandparents came from Jamaica",
    "who is a lone parent",
    "who is remarried",
    "in a same-sex couple",
    "who is widowed",
    "who goes to the mosque",
    "who goes to church",
)
_ADDED = (
    "Lives in {place}.",
    "Home is in {place}.",
    "Seen in {place}.",
    "Family are {background}.",
    "Ethnicity: {background}.",
    "First language: {language}.",
    "Religion: {religion}.",
    "Interpreter used ({language}).",
)
_PLACES: tuple[str, ...] = (
    "Harrowmere",
    "the Elmfield estate",
    "Thornaby Vale",
    "Castlebridge",
    "St Wilfrid's ward",
    "Upper Renwick",
)
_PLACES += ("the Priory Road flats", "Oldfold", "Marsham-on-Sea", "Kingsholme", "a village outside Penfold")
_LANGUAGES = ("English", "Polish", "Punjabi", "Romanian", "Arabic", "Welsh", "Portuguese", "Tamil", "Somali", "BSL")
_RELIGIONS = ("none", "Muslim", "Church of England", "Catholic", "Hindu", "Sikh", "Jewish", "not asked")


def with_background(text: str, chooser: random.Random) -> str | None:
    """The text with such a detail before or behind a person, or as a sentence of its own; None for a bare term."""
    children, adults = list(_CHILD.finditer(text)), list(_ADULT.finditer(text))
    how = chooser.randrange(3)
    if how == 0 and (children or adults):
        place = chooser.choice(children or adults).start("word")
        return _with_article(text[:place], chooser.choice(_BEFORE_A_PERSON), text[place:])
    singles = [match for match in adults if match.group("word").lower() not in ("parents", "family")]
    if how == 1 and singles:
        end = chooser.choice(singles).end("word")
        return f"{text[:end]}, {chooser.choice(_BEHIND_A_PERSON)},{text[end:]}".replace(",.", ".").replace(",,", ",")
    if " " not in text.strip():
        return None  # a bare term, to which nobody adds a sentence
    added = chooser.choice(_ADDED).format(
        place=chooser.choice(_PLACES),
        background=chooser.choice(_BEFORE_A_PERSON[:19]),
        language=chooser.choice(_LANGUAGES),
        religion=chooser.choice(_RELIGIONS),
    )
    told = text if text.rstrip().endswith((".", "!", "?")) else f"{text.rstrip()}."
    return f"{added} {told}" if chooser.random() < 0.5 else f"{told} {added}"


def _with_article(before: str, background: str, behind: str) -> str:
    if re.search(r"\b[Aa]n? $", before):
        article = "an" if background[0].lower() in "aeiou" else "a"
        kept = re.sub(r"\b([Aa])n? $", lambda match: match.group(1) + article[1:] + " ", before)
        return f"{kept}{background} {behind}"
    if not before or before.endswith(". "):
        return f"{background[0].upper()}{background[1:]} {behind[0].lower()}{behind[1:]}"
    return f"{before}{background} {behind}"
