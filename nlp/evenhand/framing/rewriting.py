"""Say a flagged sentence otherwise, by rules: alternatives in place of what was flagged, and no new facts.

Words that the lexicon has a drop-in for are replaced by it. What only the writer can say better becomes a request to
the writer in square brackets. Rewrites are given only where the level that the model reads stays as it is.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol

from evenhand.framing.result import Rewrite
from evenhand.result import Coding, SentenceCoding

# "a" and "an", not the letter of "class A"; at the beginning of a sentence with a capital.
_ARTICLE = re.compile(r"(?:^|(?<=\s))(a)n? $|^(A)n? $")
_CONSONANT_U = re.compile(r"(?:uni(?!n)|use|usu|eu|one|once)", re.IGNORECASE)
# Anything but the end of a clause, a word that may begin another, or one that adds to what was said.
_GOES_ON = re.compile(
    r"\s+(?!(?:and|but|or|so|because|since|when|while|if|although|as|than|which|who|that"
    r"|about|after|at|before|by|during|for|from|in|on|over|regarding|to|towards|with|without)\b)\w"
)
_SILENT_H = re.compile(r"(?:hour|honest|heir|honour)", re.IGNORECASE)


class Coder(Protocol):
    """What rewrites are checked with; `evenhand.Model` is one."""

    def code_many(self, texts: Iterable[str]) -> list[Coding]:
        """Code each text by itself, order kept."""

    def code_sentences(self, sentences: Sequence[str]) -> list[SentenceCoding]:
        """Code sentences taken as they are."""


Draft = tuple[tuple[int, int], str]


@dataclass(frozen=True, slots=True)
class Flagged:
    """Words that could be said otherwise.

    Attributes:
        span: Offsets in the text.
        suggestion: What the writer is asked for.
        drop_in: Words to put in their place; None where only the writer can say it better.
    """

    span: tuple[int, int]
    suggestion: str | None
    drop_in: str | None


def drafted(text: str, sentences: Sequence[tuple[int, int]], flagged: Sequence[Flagged]) -> list[Draft]:
    """Each sentence that has flagged words, with alternatives in their place, if it stays one.

    Args:
        text: The whole text.
        sentences: Offsets, in order.
        flagged: In order and apart, each within one sentence.
    """
    drafts: list[Draft] = []
    waiting = list(reversed(flagged))
    for start, end in sentences:
        said, at, stands = "", start, True
        while waiting and waiting[-1].span[0] < end:
            words = waiting.pop()
            # "She [say what was done] her children" is no sentence.
            stands = stands and not (words.drop_in is None and _runs_on(text[words.span[1] : end]))
            said += text[at : words.span[0]]
            given = text[slice(*words.span)]
            said = _joined(
                said,
                _cased(words.drop_in, given, first=not any(map(str.isalnum, said)))
                if words.drop_in
                else f"[{_asked(words.suggestion)}]",
            )
            at = words.span[1]
        if at > start and stands:
            drafts.append(((start, end), said + text[at:end]))
    return drafts


def kept(text: str, drafts: Sequence[Draft], coder: Coder | None) -> tuple[Rewrite, ...]:
    """The drafts that leave the model's level as it is; all of them without a model.

    With all of them in place the text as a whole has to keep its level. Where it does not, those are kept whose
    sentence keeps the level that it has by itself.
    """
    if coder is not None and drafts:
        whole, otherwise = coder.code_many([text, _put_in(text, drafts)])
        if whole.level != otherwise.level:
            before = coder.code_sentences([text[start:end] for (start, end), _ in drafts])
            after = coder.code_sentences([said for _, said in drafts])
            drafts = [
                draft for draft, one, other in zip(drafts, before, after, strict=True) if one.level == other.level
            ]
    return tuple(Rewrite(start, end, said) for (start, end), said in drafts)


def _runs_on(rest: str) -> bool:
    """Whether what follows a request to the writer needs the words that it stands for."""
    return _GOES_ON.match(rest) is not None


def _put_in(text: str, drafts: Sequence[Draft]) -> str:
    """The text with all drafts in place."""
    said, at = "", 0
    for (start, end), draft in drafts:
        said, at = said + text[at:start] + draft, end
    return said + text[at:]


def _asked(suggestion: str | None) -> str:
    """The request to the writer in place of words that nobody else can say better."""
    asked = (suggestion or "say what was seen").rstrip(".")
    return asked[0].lower() + asked[1:] if not asked[:2].isupper() else asked


def _cased(words: str, given: str, *, first: bool) -> str:
    """The words with a capital where they begin the sentence and those that they replace did so with one."""
    return words[0].upper() + words[1:] if first and given[:1].isupper() else words


def _joined(before: str, words: str) -> str:
    """Text and what replaces the words behind it, with "a" or "an" as the new words ask for."""
    article = _ARTICLE.search(before)
    if article and words[:1].isalpha():
        vowel = (words[0].lower() in "aeiou" and not _CONSONANT_U.match(words)) or bool(_SILENT_H.match(words))
        before = before[: article.start()] + (article[1] or article[2]) + ("n" if vowel else "") + " "
    return before + words
