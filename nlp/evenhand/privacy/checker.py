"""Checks texts for what looks identifiable, by patterns alone or with a language model that looks for names."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence

from evenhand.errors import MissingExtraError
from evenhand.privacy.accounts import find_accounts
from evenhand.privacy.birth import births_after, births_beside, find_births
from evenhand.privacy.contacts import find_contacts
from evenhand.privacy.findings import Checker, Finding, Kind, placeholders, settle, several
from evenhand.privacy.identifiers import find_identifiers
from evenhand.privacy.names import find_names
from evenhand.privacy.places import find_places
from evenhand.privacy.readings import Hints
from evenhand.privacy.schools import find_schools

PATTERNS_VERSION = "patterns 5"
_FINDERS: tuple[Callable[[str, frozenset[str]], Iterator[Finding]], ...] = (
    find_births,
    find_identifiers,
    find_contacts,
    find_accounts,
    find_places,
    find_schools,
)
_PERSONAL_NUMBERS = frozenset({Kind.NHS_NUMBER, Kind.UPN, Kind.NATIONAL_INSURANCE})
# Stands for each sign of a placeholder, so that no pattern reads into one or across it.
_BLANK = "\ufffc"
# Finders are given the words of a text, so that one that has no use for them costs nothing.
_WORD = re.compile(r"[^\W\d_]+")
# Readings of one text; the second rarely finds anything, and a third only in texts made to be hard.
_MOST_READINGS = 5


def load_checker(*, names: bool) -> Checker:
    """A checker of texts.

    Args:
        names: Look for names with a language model too, which needs the extra `privacy`. Without it names are found
            only where a list or their place tells them ("Name: ...", "Mrs ..."), and `names_checked` is False.

    Raises:
        MissingExtraError: `names` without the extra.
    """
    if not names:
        return PatternChecker()
    try:
        from evenhand.privacy.named import NameChecker

        return NameChecker()
    except ImportError as error:
        message = (
            "looking for names needs a language model: pip install 'evenhand[privacy]'; "
            "without it, ask for pattern checks (--privacy patterns), which leave names unchecked"
        )
        raise MissingExtraError(message) from error


class PatternChecker:
    """Checks by patterns; needs nothing beyond the standard library."""

    names_checked = False
    version = PATTERNS_VERSION

    def check_many(self, texts: Sequence[str]) -> list[tuple[Finding, ...]]:
        """Findings of each text in its order, sorted, none overlapping another. Never raises on odd text.

        Raises:
            InputError: one string was given, whose characters would each be checked and found clean.
        """
        several(texts)
        found = {text: check_patterns(text) for text in dict.fromkeys(texts)}
        return [found[text] for text in texts]


def check_patterns(text: str, hints: Hints | None = None) -> tuple[Finding, ...]:
    """What the patterns find, names with a language model's hints where there are any.

    What was found is blanked and the rest read again, so that nothing hides behind it: redacted, the text is clean.
    """
    masked = mask(text, placeholders(text))
    every: list[Finding] = []
    for _ in range(_MOST_READINGS):
        found = _read_once(masked, hints or Hints())
        if not found:
            break
        every += found
        masked = mask(masked, [(finding.start, finding.end) for finding in found])
    return settle(every)


def _read_once(masked: str, hints: Hints) -> tuple[Finding, ...]:
    names = list(find_names(masked, hints))
    every = [*names, *births_after(masked, names)]
    words = frozenset(_WORD.findall(masked.lower()))
    for finder in _FINDERS:
        every += finder(masked, words)
    numbers = [finding for finding in every if finding.kind in _PERSONAL_NUMBERS]
    return settle([*every, *births_beside(masked, numbers)])


def mask(text: str, spans: Iterable[tuple[int, int]]) -> str:
    """The text with stretches of it blanked, as long as before."""
    pieces, done = [], 0
    for start, end in spans:
        pieces += [text[done:start], _BLANK * (end - start)]
        done = end
    return "".join([*pieces, text[done:]]) if done else text
