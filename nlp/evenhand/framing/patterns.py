"""Word patterns of the lexicon, as people can read and write them, turned into patterns of spaCy's Matcher.

A pattern is lower-case words between spaces: `fail/fails to engage` has alternatives, `(very)` may be missing, `*` is
any one word and `(*)` any one or none. Words are tokenised as texts are, so "hard-to-reach" and "doesn't" are several
tokens.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence, Set
from dataclasses import dataclass
from itertools import product
from typing import Any

Tokenise = Callable[[str], list[str]]

# Forms of one pattern; each is tried at every token of a text that has one of the pattern's anchors.
_MOST_FORMS = 256


class PatternError(ValueError):
    """A pattern that nothing could match, or with too many alternatives."""


@dataclass(frozen=True, slots=True)
class _Slot:
    """A place of a pattern: its alternatives as tokens, None for any one; whether it may be missing."""

    choices: tuple[tuple[str, ...] | None, ...]
    optional: bool

    def rarest(self, common: Set[str]) -> list[str] | None:
        """A token of each alternative, the rarest; None where the place asks for nothing."""
        if self.optional or None in self.choices:
            return None
        return [max(choice, key=lambda token: (token not in common, len(token))) for choice in self.choices if choice]


def anchors(pattern: str, tokenise: Tokenise, common: Set[str]) -> list[frozenset[str]]:
    """Sets of tokens in lower case, of each of which a text must have one for the pattern to match; the rarest first.

    Args:
        pattern: In the form that the module describes.
        tokenise: Splits a word as texts are split, in lower case.
        common: Words that are in nearly every text, and so say little.

    Raises:
        PatternError: no word of the pattern has to be there.
    """
    asked = [words for slot in _slots(pattern, tokenise) if (words := slot.rarest(common))]
    if not asked:
        message = f"pattern {pattern!r} could match anything: no word of it has to be there"
        raise PatternError(message)
    asked.sort(key=lambda words: (len(common & set(words)), -min(map(len, words))))
    return [frozenset(words) for words in asked]


def forms(pattern: str, tokenise: Tokenise) -> list[list[dict[str, Any]]]:
    """Patterns for spaCy's Matcher, of which any may match.

    Raises:
        PatternError: there are too many.
    """
    return _forms(pattern, _slots(pattern, tokenise))


def _slots(pattern: str, tokenise: Tokenise) -> list[_Slot]:
    return [_slot(word, tokenise) for word in pattern.split()]


def _slot(word: str, tokenise: Tokenise) -> _Slot:
    optional = word.startswith("(") and word.endswith(")")
    inner = word[1:-1] if optional else word
    choices = tuple(None if each == "*" else tuple(tokenise(each)) for each in inner.split("/") if each)
    return _Slot(choices, optional)


def _forms(pattern: str, slots: Sequence[_Slot]) -> list[list[dict[str, Any]]]:
    """Words of one token are tried at once; those of several make forms of their own."""
    by_slot: list[list[list[dict[str, Any]]]] = []
    for slot in slots:
        single = sorted({choice[0] for choice in slot.choices if choice is not None and len(choice) == 1})
        forms: list[list[dict[str, Any]]] = [[{"LOWER": {"IN": single}}]] if single else []
        for choice in slot.choices:
            if choice is None:
                forms.append([{"IS_PUNCT": False, "IS_SPACE": False}])
            elif len(choice) > 1:
                forms.append([{"LOWER": token} for token in choice])
        by_slot.append([*forms, []] if slot.optional else forms)
    found = [[token for part in chosen for token in part] for chosen in product(*by_slot)]
    if len(found) > _MOST_FORMS:
        message = f"pattern {pattern!r} has {len(found)} forms; write it as several"
        raise PatternError(message)
    return found
