"""A reconstruction of the approach of the 2018 inquiry: look for an issue's terms and grade what is found.

"Storing Up Trouble" (All Party Parliamentary Group for Children, 2018) searched threshold documents for terms of five
issues and graded by hand what it found, but prints neither its terms nor its guide to severity. Terms, grades and
qualifiers are therefore our own and stand in `data/search-terms.toml`; nothing of them is fitted.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any

from evenhand.scheme import ISSUES, SEVERITIES, Issue
from evenhand.text import normalise

# Most words between a term and the adult whom it is about, who stands before or after it. "Parents with long-standing
# problems of alcohol" has four; a longer reach crosses from one clause into the next.
WORDS_BEFORE, WORDS_AFTER = 4, 2
WORDS_DENIED = 3  # between a denial and the strength that it denies: "not in a very stable home"
DANGER_STEP = 2  # terms of harm are a 4, and danger to life or safety is a 6
STEP = 1


@dataclass(frozen=True, slots=True)
class Search:
    """Terms that mean some issues.

    Attributes:
        issues: All of them are found when a term occurs.
        terms: What to look for.
        adult: Terms about an adult who is named near; None if it does not matter whom they are about.
        wanted: Whether a term about an adult counts or is passed over.
        denied: Stretches in which terms do not count; None if they count everywhere.
    """

    issues: tuple[Issue, ...]
    terms: re.Pattern[str]
    adult: re.Pattern[str] | None
    wanted: bool
    denied: re.Pattern[str] | None

    def occurs(self, text: str) -> bool:
        """Whether a term occurs in a normalised text."""
        left = text if self.denied is None else self.denied.sub(" ", text)
        if self.adult is None:
            return bool(self.terms.search(left))
        about_adult = bool(self.adult.search(left))
        return about_adult if self.wanted else not about_adult and bool(self.terms.search(left))


@dataclass(frozen=True, slots=True)
class Lists:
    """All that `data/search-terms.toml` holds; `grades` are those of issues without any qualifier."""

    searches: tuple[Search, ...]
    grades: dict[Issue, int]
    danger: re.Pattern[str]
    raising: re.Pattern[str]
    lowering: re.Pattern[str]


def found_issues(text: str) -> tuple[Issue, ...]:
    """Issues whose terms occur in the text, in the order of the scheme."""
    text = normalise(text)
    found = {issue for search in lists().searches if search.occurs(text) for issue in search.issues}
    return tuple(issue for issue in ISSUES if issue in found)


def grade(text: str, issues: Sequence[Issue]) -> int:
    """Severity of a text about these issues, at least one: the graver of their grades, moved by qualifiers.

    Of the qualifiers that raise it the strongest counts. A strength is a 1 unless something raises it.
    """
    words = lists()
    text = normalise(text)
    raised = DANGER_STEP if words.danger.search(text) else STEP if words.raising.search(text) else 0
    if Issue.PROTECTIVE in issues and not raised:
        return SEVERITIES[0]
    lowered = STEP if words.lowering.search(text) else 0
    moved = max(words.grades[issue] for issue in issues) + raised - lowered
    return min(max(moved, SEVERITIES[0]), SEVERITIES[-1])


@cache
def lists() -> Lists:
    """Terms, grades and qualifiers, compiled once."""
    stored = tomllib.loads(resources.files("evenhand").joinpath("data/search-terms.toml").read_text("utf-8"))
    return Lists(
        searches=tuple(_search(part, stored) for part in stored["searches"]),
        grades={Issue(issue): number for issue, number in stored["grades"].items()},
        **{name: _from_word_start(_either(words)) for name, words in stored["qualifiers"].items()},
    )


def _search(part: dict[str, Any], stored: dict[str, Any]) -> Search:
    terms, whose = _either(part["terms"]), part.get("whose")
    denials = _either(stored["denials"]["words"])
    near_adult = _near_adult(terms, **{who: _either(words) for who, words in stored["people"].items()})
    denied = rf"{denials}\W+(?:\w+\W+){{0,{WORDS_DENIED}}}?{terms}"
    return Search(
        issues=tuple(map(Issue, part["issues"])),
        terms=_from_word_start(terms),
        adult=_from_word_start(near_adult) if whose else None,
        wanted=whose == "adult",
        denied=_from_word_start(denied) if part.get("unless_denied") else None,
    )


def _near_adult(terms: str, *, adult: str, child: str) -> str:
    """The terms shortly after an adult, or belonging to one; a child named in between has them instead."""
    between = rf"(?:(?!{child})\w+\W+)"
    after = rf"{adult}\W+{between}{{0,{WORDS_BEFORE}}}?\b{terms}"
    before = rf"{terms}\w*\W+(?:\w+\W+)?(?:by|of|in|among)\W+{between}{{0,{WORDS_AFTER}}}?{adult}"
    return rf"(?:{after}|{before})"


def _either(terms: Sequence[str]) -> str:
    return f"(?:{'|'.join(terms)})"


def _from_word_start(terms: str) -> re.Pattern[str]:
    return re.compile(rf"\b{terms}", re.IGNORECASE)
