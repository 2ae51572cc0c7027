"""Twins of training texts that tell the same in another spelling, about another gender, or about somebody's background.

None of this changes how serious a text is, so a twin has its original's codes and must get the same latent severity
(counterfactual data augmentation, after Kaushik et al. 2020 and Maudslay et al. 2019). Everything is drawn from a seed and
the row's id alone.
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable

from evenhand.scheme import Issue
from evenhand.text import split_sentences

# What a twin may not touch: there the background or the gender is part of the concern.
ABOUT_BACKGROUND = frozenset(
    {
        Issue.DISCRIMINATION_IDENTITY,
        Issue.MIGRATION,
        Issue.HARMFUL_PRACTICES,
        Issue.RADICALISATION,
        Issue.DISABILITY_SEN,
    }
)
ABOUT_SEX = frozenset({Issue.UNBORN, Issue.SEXUAL_BEHAVIOUR, Issue.HARMFUL_PRACTICES})

_WORD = re.compile(r"[A-Za-z']+")
_LEAST_LETTERS = 4  # shorter words are seldom misspelt, and a slip often makes another word of them
_SLIP_SHARE = 0.25  # of longer words: hasty typing, and still readable
_AS_SPOKEN = {
    "you": "u",
    "your": "ur",
    "are": "r",
    "to": "2",
    "too": "2",
    "for": "4",
    "and": "n",
    "because": "cos",
    "with": "wiv",
    "what": "wot",
    "was": "woz",
    "they": "dey",
    "their": "there",
    "there": "their",
    "they're": "there",
    "please": "plz",
    "people": "ppl",
    "before": "b4",
    "would have": "would of",
    "mum": "mam",
    "school": "skool",
    "know": "no",
    "night": "nite",
    "is": "iz",
    "were": "was",
    "does not": "dont",
    "isn't": "aint",
}
_SOUNDS: tuple[tuple[str, str], ...] = (
    ("ph", "f"),
    ("ie", "ei"),
    ("ei", "ie"),
    ("ght", "t"),
    ("tion", "shun"),
    ("ence", "ance"),
    ("able", "ible"),
)
_SOUNDS += (("ss", "s"), ("ll", "l"), ("tt", "t"), ("cc", "c"), ("ea", "ee"), ("ou", "o"), ("ck", "k"), ("wh", "w"))
_SPEAKS_SHARE = 0.5  # of the words that have a spoken form, in a text that uses any


def typing_slips(text: str, chooser: random.Random) -> str:
    """The text as typed in haste: letters swapped, dropped or doubled, spelt by ear, marks and capitals left out."""
    spoken = chooser.random() < _SPEAKS_SHARE

    def slip(match: re.Match[str]) -> str:
        word = match.group()
        if spoken and word.lower() in _AS_SPOKEN and chooser.random() < _SPEAKS_SHARE:
            return _AS_SPOKEN[word.lower()]
        if len(word) < _LEAST_LETTERS or chooser.random() > _SLIP_SHARE:
            return word
        return chooser.choice(_SLIPS)(word, chooser)

    slipped = _WORD.sub(slip, text)
    if chooser.random() < _SPEAKS_SHARE:
        slipped = slipped.replace("'", "").replace(",", "")
    if chooser.random() < _SPEAKS_SHARE:
        slipped = chooser.choice((str.lower, str.upper))(slipped)
    return slipped


def _swapped(word: str, chooser: random.Random) -> str:
    at = chooser.randrange(1, len(word) - 1)
    return word[:at] + word[at + 1] + word[at] + word[at + 2 :]


def _dropped(word: str, chooser: random.Random) -> str:
    at = chooser.randrange(1, len(word))
    return word[:at] + word[at + 1 :]


def _doubled(word: str, chooser: random.Random) -> str:
    at = chooser.randrange(1, len(word))
    return word[:at] + word[at] + word[at:]


def _by_ear(word: str, chooser: random.Random) -> str:
    fitting = [(sound, spelt) for sound, spelt in _SOUNDS if sound in word.lower()]
    if not fitting:
        return _dropped(word, chooser)
    sound, spelt = chooser.choice(fitting)
    return re.sub(sound, spelt, word, count=1, flags=re.IGNORECASE)


_SLIPS: tuple[Callable[[str, random.Random], str], ...] = (_swapped, _dropped, _doubled, _by_ear)

_PAIRS = (
    ("he", "she"),
    ("himself", "herself"),
    ("boy", "girl"),
    ("boys", "girls"),
    ("son", "daughter"),
    ("sons", "daughters"),
    ("dad", "mum"),
    ("father", "mother"),
    ("fathers", "mothers"),
    ("daddy", "mummy"),
    ("stepdad", "stepmum"),
    ("stepfather", "stepmother"),
    ("brother", "sister"),
    ("brothers", "sisters"),
    ("uncle", "aunt"),
    ("grandad", "nan"),
    ("grandfather", "grandmother"),
    ("boyfriend", "girlfriend"),
    ("husband", "wife"),
    ("man", "woman"),
    ("men", "women"),
    ("male", "female"),
    ("males", "females"),
    ("nephew", "niece"),
    ("lad", "lass"),
)
_OTHER = {left: right for left, right in _PAIRS} | {right: left for left, right in _PAIRS}
# "Her" is "his" before a noun and "him" elsewhere; which one is told by the next word well enough for a twin.
_HER_IS_HIM = re.compile(
    r"her(?=$|[.,;:!?)]| (?:to|in|on|at|and|when|with|by|for|from|if|as|or|but|while|every|again)\b)"
)


def other_gender(text: str) -> str | None:
    """The text with every word of gender exchanged for its counterpart; None where it has none."""

    def exchanged(match: re.Match[str]) -> str:
        word = match.group()
        lower = word.lower()
        if lower in ("him", "his"):
            other = "her"
        elif lower == "hers":
            other = "his"
        elif lower == "her":
            other = "him" if _HER_IS_HIM.match(text.lower(), match.start()) else "his"
        elif lower in _OTHER:
            other = _OTHER[lower]
        elif lower.endswith("'s") and lower[:-2] in _OTHER:
            other = _OTHER[lower[:-2]] + "'s"
        else:
            return word
        return other.upper() if word.isupper() and len(word) > 1 else other.capitalize() if word[0].isupper() else other

    twin = _WORD.sub(exchanged, text)
    return twin if twin != text else None


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
    """The text with a detail that does not bear on it: ethnicity, religion, language, work, place; None if no place fits."""
    children, adults = list(_CHILD.finditer(text)), list(_ADULT.finditer(text))
    how = chooser.randrange(3)
    if how == 0 and (children or adults):
        place = chooser.choice(children or adults).start("word")
        return _with_article(text[:place], chooser.choice(_BEFORE_A_PERSON), text[place:])
    if how == 1 and adults:
        end = chooser.choice(adults).end("word")
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


# What a service decided or began: an answer to the text, which a fair reader does not take from it. A status that was
# there before ("is on a child protection plan") is a fact and stays.
_RESPONSE = (
    r"(?:section (?:17|47)|s\.? ?(?:17|47)|strategy (?:meeting|discussion)|(?:initial |single |cin |c&f |child in need |family )*"
    r"assessment|early help|cp (?:enquir\w+|conference)|child protection (?:enquir\w+|conference|medical)|icpc|police protection|"
    r"emergency protection order|epo|referral to (?:mash|social care|children's services)|child in need (?:visits?|plan)|nfa|"
    r"no further action|step(?:ped)?[ -](?:up|down))"
)
_DECIDED = (
    r"(?:initiated|started|begins?|began|begun|held|opened|agreed|convened|requested|closed|close|offered|made|sent|submitted|"
    r"accepted|declined|commenced|recommended|proposed|arranged|booked|under way|underway|in place|put in|today|now|tomorrow)"
)
_OUTCOME = re.compile(
    rf"\b{_RESPONSE}\b[^.!?]*\b{_DECIDED}\b|\b{_DECIDED}\b[^.!?]*\b{_RESPONSE}\b|^\W*{_RESPONSE}\W*$", re.IGNORECASE
)
_OTHER_OUTCOMES = (
    "NFA.",
    "No further action agreed.",
    "Early help assessment opened.",
    "CIN assessment started.",
    "Strategy meeting held.",
    "S47 enquiries initiated.",
    "Stepped down.",
    "Referral to MASH made today.",
    "Child protection conference booked.",
)
# Help that was refused or broke off says something of the family.
_ANSWERED = re.compile(r"refus|turned down|cancel|declin|withdr|missed|reject|consent|agrees|[£\d]{3}", re.IGNORECASE)
_MOST_WORDS = 14  # a longer sentence tells more than the outcome


def other_outcome(text: str, chooser: random.Random) -> str | None:
    """The text with a sentence about what a service decided left out or exchanged; None where no sentence is only that."""
    spans = split_sentences(text)
    named = [
        (start, end)
        for start, end in spans
        if _OUTCOME.search(text[start:end])
        and not _ANSWERED.search(text[start:end])
        and len(text[start:end].split()) <= _MOST_WORDS
    ]
    if not named or len(named) == len(spans):
        return None
    start, end = named[0]
    put = chooser.choice(("", chooser.choice(_OTHER_OUTCOMES)))
    return " ".join(part for part in (text[:start].strip(), put, text[end:].strip()) if part)
