"""Checks texts by patterns and, for names, with a language model; see `language_model` for what that imports."""

from __future__ import annotations

import re
from collections.abc import Sequence

from evenhand.privacy.checker import PATTERNS_VERSION, check_patterns
from evenhand.privacy.findings import Finding, placeholders, several
from evenhand.privacy.language_model import VERSION, LanguageModel
from evenhand.privacy.tokens import Shape, tokenise
from evenhand.privacy.words import is_english

# The model cannot read these: a lone half of a surrogate pair has no UTF-8, NUL ends strings.
_UNREADABLE = re.compile("[\ud800-\udfff\x00]")


class NameChecker:
    """Checks by patterns and looks for names with a language model."""

    names_checked = True
    version = f"{PATTERNS_VERSION}, {VERSION}"

    def __init__(self) -> None:
        self._model = LanguageModel()

    def check_many(self, texts: Sequence[str]) -> list[tuple[Finding, ...]]:
        """Findings of each text in its order, sorted, none overlapping another. Never raises on odd text.

        Raises:
            InputError: one string was given, whose characters would each be checked and found clean.
        """
        several(texts)
        unique = list(dict.fromkeys(texts))
        hints = self._model.hints([for_model(text) for text in unique])
        found = {text: check_patterns(text, one) for text, one in zip(unique, hints, strict=True)}
        return [found[text] for text in texts]


def for_model(text: str) -> str:
    """The text as the model reads it best, sign by sign as long as before.

    Placeholders become a pronoun, and of lines in capitals only what is no English word keeps its first capital.
    """
    signs = list(_UNREADABLE.sub(" ", text))
    for start, end in placeholders(text):
        signs[start:end] = "they".ljust(end - start)[: end - start]
    for token in tokenise(text):
        if token.in_capitals and token.shape is Shape.CAPITALS:
            word = text[token.start : token.end]
            cased = word.lower() if is_english(word) else word.title()
            if len(cased) == len(word):
                signs[token.start : token.end] = cased
    return "".join(signs)
