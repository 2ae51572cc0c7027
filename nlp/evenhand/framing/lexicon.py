"""The lexicon of framing: rules made from published guidance, read from the package's data.

`data/framing-lexicon.jsonl` has a line for each entry: also for those of the guidance that are never flagged, because
they name a concept, are legal or ordinary words, or mostly stand for something else, with the reason.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any

from evenhand.framing.scheme import Category


@dataclass(frozen=True, slots=True)
class Rule:
    """Words that frame, and what could be said instead.

    Attributes:
        id: Of the entry.
        category: What the words do.
        patterns: How they are written, see `evenhand.framing.patterns`.
        unless: Patterns that make a match none where they overlap with it.
        why: Why it matters.
        suggestion: What could be said instead; None where nothing is to be.
        rewrite: Drop-in words for matched ones, in lower case.
        source: The guidance that it was made from.
        own: Whether the rule is our own, by analogy with the guidance.
    """

    id: str
    category: Category
    patterns: tuple[str, ...]
    unless: tuple[str, ...]
    why: str
    suggestion: str | None
    rewrite: Mapping[str, str]
    source: str
    own: bool


@cache
def rules() -> tuple[Rule, ...]:
    """The rules that are looked for."""
    return tuple(
        Rule(
            id=entry["id"],
            category=Category(entry["category"]),
            patterns=tuple(entry["patterns"]),
            unless=tuple(entry["unless"]),
            why=entry["why"],
            suggestion=entry["suggestion"],
            rewrite=entry["rewrite"],
            source=entry["source"],
            own=entry["own"],
        )
        for entry in _entries("framing-lexicon.jsonl")
        if entry["use"] == "always"
    )


@dataclass(frozen=True, slots=True)
class Advice:
    """What is said of words that only the model found."""

    why: str
    suggestion: str | None
    source: str


@cache
def advice() -> Mapping[Category, Advice]:
    """Advice for each category."""
    return {
        Category(entry["category"]): Advice(entry["why"], entry["suggestion"], entry["source"])
        for entry in _entries("framing-advice.jsonl")
    }


@cache
def terms_of_art() -> tuple[str, ...]:
    """Patterns of legal and clinical terms, which frame nothing where they are used as such."""
    return tuple(entry["pattern"] for entry in _entries("terms-of-art.jsonl"))


def _entries(name: str) -> list[dict[str, Any]]:
    stored = resources.files("evenhand").joinpath(f"data/{name}").read_text(encoding="utf-8")
    return [json.loads(line) for line in stored.splitlines()]
