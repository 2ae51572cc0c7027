"""Twins of training texts that tell the same in another spelling or about another gender.

Neither changes how serious a text is, so a twin has its original's codes and must get the same latent severity
(counterfactual data augmentation, after Kaushik et al. 2020 and Maudslay et al. 2019). `background` and `outcomes` make
further kinds.
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable

from evenhand.scheme import Issue

# There the gender may be part of the concern.
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
    "mum": "mam",
    "school": "skool",
    "know": "no",
    "night": "nite",
    "is": "iz",
    "were": "was",
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
    ("grandpa", "grandma"),
    ("granddad", "nana"),
    ("pa", "mam"),
)
_OTHER = dict(_PAIRS) | {right: left for left, right in _PAIRS}
# "Her" is "his" before a noun and "him" elsewhere; which one is told by the next word well enough for a twin.
_HER_IS_HIM = re.compile(
    r"her(?=$|[.,;:!?)]| (?:to|in|on|at|and|when|with|by|for|from|if|as|or|but|while|every|again|alone|a|an|the|this"
    r"|that|it|today|yesterday|tonight|last|out|up|down|off|away|back|home|about|over|into|onto|because|so|then|there|not"
    r"|who|until|after|before|since|during|around|through|some|any|all|too|now|only|without|more|twice|once|daily|what|how|he|she|they)\b)"
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
