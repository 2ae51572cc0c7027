"""Texts as callers give them, of which some may be missing: what the library, files and Spark share; no I/O."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any

from evenhand.errors import InputError
from evenhand.result import Coder, Coding

REASON_MISSING = "the text is missing"


def several_texts(texts: Iterable[str], *, verb: str) -> list[str]:
    """Texts as a list, for the method `{verb}_many`.

    Raises:
        InputError: a single string in place of several texts, or a text that is not a string.
    """
    if isinstance(texts, str):
        message = f"{verb}_many takes several texts, and one string was given; use {verb}(text) or {verb}_many([text])"
        raise InputError(message)
    given: list[Any] = list(texts)  # what callers without a type checker give is checked here
    for place, text in enumerate(given):
        if not isinstance(text, str):
            message = f"text {place} is of type {type(text).__name__}, not a string; use '' where there is none"
            raise InputError(message)
    return given


def code_rows(model: Coder, texts: Sequence[str | None]) -> list[Coding]:
    """Code each text by itself, order kept; a null gets level None, with the reason that it is missing."""
    codings = model.code_many(text or "" for text in texts)
    return [
        replace(coding, reason=REASON_MISSING) if text is None else coding
        for text, coding in zip(texts, codings, strict=True)
    ]
