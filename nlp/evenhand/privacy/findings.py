"""What a privacy check finds: kinds, places and their redaction. Standard library only; holds offsets, never text."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from evenhand.errors import InputError
from evenhand.privacy.words import fold, plain_names


class Kind(StrEnum):
    """What about a text can tell who it is about."""

    NAME = "name"
    DATE_OF_BIRTH = "date_of_birth"
    NHS_NUMBER = "nhs_number"
    NATIONAL_INSURANCE = "national_insurance"
    UPN = "upn"
    POSTCODE = "postcode"
    ADDRESS = "address"
    PHONE = "phone"
    EMAIL = "email"
    CASE_NUMBER = "case_number"
    SCHOOL = "school"
    SOCIAL_MEDIA = "social_media"


# Where two findings overlap, the kind that is told by the stricter form stays.
_STRICTEST_FIRST = (
    Kind.EMAIL,
    Kind.NHS_NUMBER,
    Kind.NATIONAL_INSURANCE,
    Kind.UPN,
    Kind.DATE_OF_BIRTH,
    Kind.POSTCODE,
    Kind.PHONE,
    Kind.SOCIAL_MEDIA,
    Kind.CASE_NUMBER,
    Kind.SCHOOL,
    Kind.ADDRESS,
    Kind.NAME,
)
_RANK = {kind: rank for rank, kind in enumerate(_STRICTEST_FIRST)}


@dataclass(frozen=True, slots=True)
class Finding:
    """A stretch of a text that looks identifiable.

    Attributes:
        start: Offset of its first code point in the text as given.
        end: Offset after its last code point.
        kind: What it looks like.
    """

    start: int
    end: int
    kind: Kind


class Checker(Protocol):
    """Reads texts for what could identify somebody.

    Without a language model names are found too, where a list or their place tells them; they do not count as checked.
    """

    @property
    def names_checked(self) -> bool:
        """Whether a language model looked for names."""
        ...

    @property
    def version(self) -> str:
        """Pattern version, and packages and model where there are any."""
        ...

    def check_many(self, texts: Sequence[str]) -> list[tuple[Finding, ...]]:
        """Findings of each text in its order, sorted, none overlapping another. Never raises on odd text."""
        ...


def several(texts: Sequence[str]) -> None:
    """Make sure that several texts are given.

    Raises:
        InputError: it is one string, each of whose characters would be checked by itself and found clean.
    """
    if isinstance(texts, str):
        message = "check_many takes several texts, and one string was given; use check_many([text])"
        raise InputError(message)


def settle(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """Sort, and where findings overlap keep the strictest kind there and of the others what lies outside it."""
    given = sorted(findings, key=lambda one: (_RANK[one.kind], one.start - one.end, one.start))
    taken = bytearray(max((finding.end for finding in given), default=0))
    kept: list[Finding] = []
    for finding in given:
        for start, end in _free(taken, finding.start, finding.end):
            taken[start:end] = b"\1" * (end - start)
            kept.append(Finding(start, end, finding.kind))
    return tuple(sorted(kept, key=lambda one: one.start))


def _free(taken: bytearray, start: int, end: int) -> list[tuple[int, int]]:
    """Stretches of a span that nothing has taken; of one that is partly taken, only those longer than punctuation."""
    inside = taken[start:end]
    if not any(inside):
        return [(start, end)]
    free = [match.span() for match in _UNTAKEN.finditer(inside)]
    return [(start + left, start + right) for left, right in free if right - left >= _SHORTEST_REST]


_UNTAKEN = re.compile(rb"\0+")
_SHORTEST_REST = 4  # ", " and "s " are no findings of their own


def redact(text: str, findings: Sequence[Finding]) -> str:
    """Put a placeholder such as [NAME] where each finding is; a check of the result finds none of them again.

    Args:
        text: The text that the findings are of.
        findings: Sorted and not overlapping, as a checker gives them.
    """
    pieces, done = [], 0
    for finding in findings:
        pieces += [text[done : finding.start], f"[{finding.kind.replace('_', ' ').upper()}]"]
        done = finding.end
    return "".join([*pieces, text[done:]])


# A placeholder is short, in square brackets, and made of words, letters and small numbers: [CHILD], [Mother's partner],
# [PERSON_2]. What holds a long number, an @ or somebody's name is no placeholder, whatever its brackets.
_PLACEHOLDER = re.compile(r"\[(?!(?:at|dot)\])(?=[^\]]{0,40}[A-Za-z*.…_-])(?![^\]]{0,40}\d{4})[\w .,'’/&#:*…-]{1,40}\]")
_WORD = re.compile(r"[^\W\d_]+")


def placeholders(text: str) -> list[tuple[int, int]]:
    """Where the text has placeholders in square brackets."""
    if "[" not in text:
        return []
    return [
        match.span()
        for match in _PLACEHOLDER.finditer(text)
        if not any(fold(word) in plain_names() for word in _WORD.findall(match[0]))
    ]
