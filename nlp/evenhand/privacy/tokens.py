"""Words of a text with what their writing tells: capitals, openings of sentences, lines in capitals. Pure functions."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import Enum

from evenhand.privacy.words import fold

_TOKEN = re.compile(r"[^\W\d_]+(?:['’‘`ʼ-][^\W\d_]+)*")
_POSSESSIVE = re.compile(r"['’‘`ʼ][sS]$|(?<=[sS])['’]$")
_OPENING = re.compile(r"(?:^|[.!?:;•*>|\n\r\t\"“‘(–—/]|\s-)[\s\"“‘'(•*-]*$")
_LOOK_AHEAD = 16
_LOOK_BACK = 6  # signs before a word that can tell whether it opens a sentence
# A line counts as written in capitals from this many words and this share of its letters on.
_LEAST_CAPITAL_WORDS = 3
_CAPITAL_SHARE = 0.7


class Shape(Enum):
    """How a word is written."""

    LOWER = 0
    CAPITAL = 1  # Word, McWord
    CAPITALS = 2  # WORD


@dataclass(slots=True, eq=False)
class Token:
    """A word.

    Attributes:
        start: Offset of its first code point.
        end: Offset after its last, without a possessive ending.
        folded: Lower case, without accents or possessive.
        possessive: Whether 's followed.
        opens: Whether it has a capital and opens a sentence, line or quotation, where a capital tells nothing.
        in_capitals: Whether its line is written in capitals, where capitals tell nothing.
        before: What stands between the word before and this one.
        after: What stands between this word and the next.
        ahead: The signs right after it, as far as an age or a relation in brackets would reach.
    """

    start: int
    end: int
    folded: str
    shape: Shape
    possessive: bool
    opens: bool
    in_capitals: bool
    before: str
    ahead: str
    after: str = ""


def tokenise(text: str) -> list[Token]:
    """Words in their order."""
    tokens: list[Token] = []
    place = 0
    for line in text.splitlines(keepends=True):
        in_capitals = _in_capitals(line)
        for match in _TOKEN.finditer(line):
            tokens.append(_token(text, place + match.start(), match[0], in_capitals, tokens[-1] if tokens else None))
        place += len(line)
    if tokens:
        tokens[-1].after = text[tokens[-1].end :][:_LOOK_BACK]
    return tokens


def _token(text: str, start: int, word: str, in_capitals: bool, last: Token | None) -> Token:
    bare = word if word.isalpha() else _POSSESSIVE.sub("", word)
    end = start + len(bare)
    before = text[last.end : start] if last else text[:start]
    if last:
        last.after = before
    ahead = text[end : end + _LOOK_AHEAD]
    if bare.islower():
        return Token(start, end, fold(bare), Shape.LOWER, bare != word, False, in_capitals, before, ahead)
    if bare.isupper() and len(bare) > 1:
        shape = Shape.CAPITALS
    else:
        shape = Shape.CAPITAL if bare[0].isupper() or bare[1:2].isupper() else Shape.LOWER
    opens = last is None or bool(_OPENING.search(text[max(0, start - _LOOK_BACK) : start]))
    return Token(start, end, fold(bare), shape, bare != word, opens, in_capitals, before, ahead)


def _in_capitals(line: str) -> bool:
    words = re.findall(r"[^\W\d_]{2,}", line)
    capitals = sum(len(word) for word in words if word.isupper())
    letters = sum(map(len, words))
    return len(words) >= _LEAST_CAPITAL_WORDS and capitals >= _CAPITAL_SHARE * letters
