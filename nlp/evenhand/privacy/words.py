"""The words that names are told apart with: ordinary English, names of people, and what only looks like one.

Standard library only; read once, when first asked for. All words are compared folded: lower case, without accents.
"""

from __future__ import annotations

import re
import tomllib
import unicodedata
from collections.abc import Iterable, Iterator
from functools import cache, lru_cache
from importlib.resources import files

# Letters that lose their stroke or dot only by hand: canonical decomposition leaves them as they are.
_STROKES = str.maketrans({"ł": "l", "đ": "d", "ø": "o", "ı": "i", "ß": "ss", "æ": "ae", "’": "'", "‘": "'", "ð": "d"})
# Endings that an unknown word may lose to become a known one.
_ENDINGS = (
    ("ies", "y"),
    ("ied", "y"),
    ("es", ""),
    ("ed", ""),
    ("ed", "e"),
    ("ing", ""),
    ("ing", "e"),
    ("ly", ""),
    ("er", ""),
    ("er", "e"),
    ("est", ""),
    ("ness", ""),
    ("s", ""),
    ("ers", ""),
    ("less", ""),
    ("ful", ""),
    ("n't", ""),
)
_SHORTEST_STEM = 3
_WORDS_KEPT = 2**14  # single words, in memory only: those that come again in one chunk
# What an underscore of a word list stands for.
_GAP = r"\s{0,2}"
_LETTERS = re.compile(r"[^\W\d_]{2,}")


@lru_cache(maxsize=_WORDS_KEPT)
def fold(word: str) -> str:
    """Lower case, without accents, with plain apostrophes."""
    lowered = word.lower().translate(_STROKES)
    if lowered.isascii():
        return lowered
    return "".join(sign for sign in unicodedata.normalize("NFKD", lowered) if not unicodedata.combining(sign))


@cache
def ordinary() -> frozenset[str]:
    """Ordinary English words."""
    return frozenset(word for word in _read("english") if word == word.lower())


@cache
def not_people() -> frozenset[str]:
    """Words that stand with a capital and are no person: places, services, drugs, brands, relations, abbreviations.

    Of those that are names too (Chelsea, Preston) only such as are hardly ever meant as one.
    """
    names = given_names() | surnames()
    return _capitalised() - (names - word_list("words", "hardly_names"))


@cache
def also_places() -> frozenset[str]:
    """Names that are places, brands or the like too: Chelsea, Preston, Zoe."""
    return _capitalised() & (given_names() | surnames())


@cache
def _capitalised() -> frozenset[str]:
    return frozenset({fold(word) for word in _read("english") if word != word.lower()} | _folded("not-people"))


@cache
def given_names() -> frozenset[str]:
    """Given names of the origins that are found in England."""
    return _folded("given-names")


@cache
def surnames() -> frozenset[str]:
    """Surnames of the origins that are found in England."""
    return _folded("surnames")


@cache
def plain_names() -> frozenset[str]:
    """Names that are nothing else: neither ordinary words nor places, services or brands."""
    return (given_names() | surnames()) - ordinary() - not_people() - _also_words()


@lru_cache(maxsize=_WORDS_KEPT)
def is_english(word: str) -> bool:
    """Whether a word, or what it is formed from, is ordinary English or a known thing, and not plainly a name."""
    folded = fold(word).removesuffix("'s")
    if folded in plain_names():
        return False
    if folded in ordinary() or folded in not_people() or folded in _also_words():
        return True
    if "-" in folded:
        return all(is_english(part) for part in folded.split("-") if part)
    return any(stem in ordinary() for stem in stems(folded))


def stems(folded: str) -> Iterator[str]:
    """What a word may be formed from: "stopped" from "stop", "carries" from "carry"."""
    for ending, put in _ENDINGS:
        if folded.endswith(ending):
            stem = folded.removesuffix(ending)
            if len(stem) >= _SHORTEST_STEM:
                yield stem + put
                if stem[-1] == stem[-2]:
                    yield stem[:-1]


@cache
def known_phrases() -> re.Pattern[str]:
    """Matches characters, brands, laws and public figures: named like people, they tell nothing about a family."""
    return _phrases(_lines("known-phrases"))


def _phrases(phrases: Iterable[str]) -> re.Pattern[str]:
    """Matches any of the phrases, longer ones first; by first letter, so that few are tried at each place."""
    by_letter: dict[str, list[str]] = {}
    for phrase in sorted(set(phrases), key=lambda phrase: (-len(phrase), phrase)):
        by_letter.setdefault(phrase[0], []).append(re.escape(phrase[1:]))
    groups = "|".join(f"{re.escape(letter)}(?:{'|'.join(rest)})" for letter, rest in by_letter.items())
    return re.compile(rf"(?<![\w'’])(?:{groups})(?![\w'’])")


def word_list(section: str, name: str) -> frozenset[str]:
    """A list of data/word-lists.toml."""
    return frozenset(str(_word_lists()[section][name]).split())


def openers(section: str, *names: str) -> frozenset[str]:
    """The first letters of each entry of some lists: a text without any of them as a word matches no entry."""
    found = (_LETTERS.search(entry) for name in names for entry in word_list(section, name))
    return frozenset(match[0].lower() for match in found if match)


def one_of(section: str, name: str) -> str:
    """A list of data/word-lists.toml as a pattern, longest first; an underscore there is a space or nothing."""
    words = sorted(word_list(section, name), key=len, reverse=True)
    return f"(?:{'|'.join(re.escape(word).replace('_', _GAP) for word in words)})"


@cache
def _word_lists() -> dict[str, dict[str, str]]:
    return tomllib.loads(_text("word-lists.toml"))


def _text(name: str) -> str:
    return files("evenhand.privacy").joinpath(f"data/{name}").read_text(encoding="utf-8")


@cache
def _also_words() -> frozenset[str]:
    return _folded("also-words") | also_places()


def _folded(name: str) -> frozenset[str]:
    return frozenset(fold(word) for word in _read(name))


@cache
def _read(name: str) -> frozenset[str]:
    return frozenset(word for line in _lines(name) for word in line.split())


def _lines(name: str) -> list[str]:
    return [line for line in _text(f"{name}.txt").splitlines() if line and not line.startswith("#")]
