"""Everything Evenhand raises on purpose, as one tree, so that a caller can catch all of it or one kind.

    EvenhandError
    ├── VocabularyError   a code that the scheme does not have
    ├── InputError        a file, column or row that cannot be read
    ├── OutputError       a result that cannot be written
    ├── PrivacyError      texts that look identifiable, and were not to be scored
    ├── ModelError        a model directory that cannot be loaded or trusted
    └── MissingExtraError a feature whose optional packages are not installed

Messages say what is wrong, where, and what to do next. They never contain a text that was given for coding.
"""

from __future__ import annotations

from collections.abc import Sequence
from difflib import get_close_matches


class EvenhandError(Exception):
    """Base of all errors that Evenhand raises on purpose."""


class VocabularyError(EvenhandError, ValueError):
    """A code is not part of the coding scheme."""


class InputError(EvenhandError):
    """An input file, column or row cannot be read as asked."""


class OutputError(EvenhandError):
    """A result cannot be written where it should go."""


class PrivacyError(EvenhandError):
    """Texts look identifiable, or cannot be checked as asked; the message says where and of what kind, never what."""


class ModelError(EvenhandError):
    """A model directory is missing, damaged, changed or of an unknown kind."""


class MissingExtraError(EvenhandError, ImportError):
    """A feature needs optional packages; the message has the command that installs them."""


def did_you_mean(value: str, known: Sequence[str]) -> str:
    """Return "; did you mean 'x'?" for the nearest known word, or a list of all of them if none is near."""
    near = get_close_matches(value.lower().replace(" ", "_").replace("-", "_"), known, n=1)
    if near:
        return f"; did you mean {near[0]!r}?"
    return "; expected one of " + ", ".join(known)
