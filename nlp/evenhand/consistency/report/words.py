"""Figures, levels and issues in the words of the report; pure functions, no I/O."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence

from evenhand.scheme import LEVEL_MEANINGS, Issue, Level
from evenhand.tables.values import cleaned

# Issues whose code with spaces for underscores would not be understood.
ISSUE_WORDS = {
    Issue.MISSING: "going missing",
    Issue.DISABILITY_SEN: "disability and special needs",
    Issue.HEALTH_DEVELOPMENT: "health and development",
    Issue.BEHAVIOUR_OFFENDING: "behaviour and offending",
    Issue.PARENTAL_HEALTH_DISABILITY: "parental health or disability",
    Issue.DISCRIMINATION_IDENTITY: "discrimination and identity",
    Issue.SELF_HARM: "self-harm",
    Issue.UNBORN: "unborn child",
    Issue.ENGAGEMENT: "engagement with services",
    Issue.PROTECTIVE: "protective facts",
}
# What neither XML nor a page can show, and marks that would turn the direction of what follows them.
_UNSEEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069\ufffe\uffff]")
_CERTAIN = 0.995  # rounds to 1.00, which would say more than draws can


def shown(text: str) -> str:
    """A text as a page can hold it: without control characters, direction marks and lone surrogates."""
    return _UNSEEN.sub("", cleaned(text))


def issue_words(issue: Issue) -> str:
    """An issue in words.

    >>> issue_words(Issue.DOMESTIC_ABUSE)
    'domestic abuse'
    """
    return ISSUE_WORDS.get(issue, str(issue).replace("_", " "))


def set_code(levels: Sequence[Level]) -> str:
    """A level set as its codes.

    >>> set_code([Level.C, Level.D])
    'C+D'
    """
    return "+".join(levels)


def bar_name(level: Level) -> str:
    """What a bar divides: "C or above", and for the gravest level "D"."""
    return str(level) if level is Level.D else f"{level} or above"


def bar_meaning(level: Level) -> str:
    """The bar's level in words, and that graver ones count."""
    return LEVEL_MEANINGS[level] if level is Level.D else f"{LEVEL_MEANINGS[level]}, or more"


def span(low: float, high: float, *, digits: int = 1) -> str:
    """Ends of an interval.

    >>> span(3.04, 4.25)
    '3.0 to 4.2'
    """
    return f"{_plain(low, digits)} to {_plain(high, digits)}"


def grades(value: float, *, digits: int = 1) -> str:
    """A severity or a number of grades, without a minus before nought.

    >>> grades(-0.01)
    '0.0'
    """
    return _plain(value, digits)


def _plain(value: float, digits: int) -> str:
    told = f"{value:.{digits}f}"
    return told.replace("-", "−") if float(told) else f"{0:.{digits}f}"


def probability(value: float) -> str:
    """A probability with two decimals; never 0 or 1, which draws cannot show."""
    if value >= _CERTAIN:
        return "> 0.99"
    return "< 0.01" if value <= 1 - _CERTAIN else f"{value:.2f}"


def count(number: int, one: str, many: str | None = None) -> str:
    """A number with its noun.

    >>> count(1, "area"), count(1378, "descriptor"), count(2, "body", "bodies")
    ('1 area', '1,378 descriptors', '2 bodies')
    """
    return f"{number:,} {one if number == 1 else many or one + 's'}"


def share(part: Collection[object] | int, of: int) -> str:
    """A part of a whole, "3 of 10"."""
    number = part if isinstance(part, int) else len(part)
    return f"{number:,} of {of:,}"
