"""Find what the lexicon has in a text, by rules of spaCy; the tokeniser of a blank English pipeline, no model.

A text is first asked which rules could match at all: every pattern has anchors, words of which one must be there. Only
those few rules of the lexicon's hundreds are then made, once, and run.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from evenhand.errors import MissingExtraError
from evenhand.framing.lexicon import Rule, rules, terms_of_art
from evenhand.framing.network import Span, flat
from evenhand.framing.patterns import anchors, forms

# Of English: what turns the words behind it around, up to so many tokens before them.
_NEGATIONS = frozenset(
    {"not", "n't", "no", "never", "without", "nor", "neither", "nobody", "none", "nothing", "denies", "denied"}
)
_LET_THROUGH = frozenset("-'\"[]")  # marks that end no clause: hyphens, quotations, placeholders
_NEGATION_REACH = 4
_WIDE_SPACE = re.compile(r"\s\s|[^\S ]")
_FOUND = "found"

Tokens = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Match:
    """Words of a text that a rule has, by offsets."""

    start: int
    end: int
    rule: Rule


class LexiconMatcher:
    """Finds the words of rules.

    Args:
        looked_for: The rules.
        terms: Patterns of terms of art.

    Raises:
        MissingExtraError: spaCy is not installed.
    """

    def __init__(self, looked_for: Sequence[Rule], terms: Iterable[str]) -> None:
        self._nlp: Any = _blank()
        self._rules = {rule.id: rule for rule in looked_for}
        self._by_anchor: dict[str, list[int]] = {}
        self._patterns: list[tuple[str | None, str]] = []  # without a rule where it is a term of art
        self._asked: list[list[frozenset[str]]] = []  # what each pattern needs besides its rarest word
        self._matchers: dict[int | str, Any] = {}
        words = cache(self._words)
        given = [(rule.id, pattern) for rule in looked_for for pattern in rule.patterns]
        for name, pattern in (*given, *((None, term) for term in terms)):
            rarest, *others = anchors(pattern, words, self._nlp.Defaults.stop_words)
            for anchor in rarest:
                self._by_anchor.setdefault(anchor, []).append(len(self._patterns))
            self._patterns.append((name, pattern))
            self._asked.append(others)

    def find(self, text: str) -> tuple[list[Match], list[tuple[int, int]]]:
        """Return the matches in a text, the longest where some overlap, and the stretches that are terms of art."""
        text, places = _squeezed(text)
        found, terms = self._find(text)
        back = [Match(places[match.start], places[match.end - 1] + 1, match.rule) for match in found]
        return back, [(places[start], places[end - 1] + 1) for start, end in terms]

    def find_in(self, text: str, stretch: Span) -> tuple[list[Match], list[Span]]:
        """As `find`, in a stretch of a text as it is given; offsets are of the whole text."""
        start, end = stretch
        matches, terms = self.find(flat(text[start:end]))
        shifted = [Match(start + match.start, start + match.end, match.rule) for match in matches]
        return shifted, [(start + a, start + b) for a, b in terms]

    def _find(self, text: str) -> tuple[list[Match], list[tuple[int, int]]]:
        # Words of texts are forgotten with the zone; what matchers are made of must be kept, so they are made outside.
        with self._nlp.memory_zone():
            doc = self._nlp.make_doc(text)
            numbers = self._candidates(doc)
            asked = [rule for number in numbers if (rule := self._patterns[number][0]) and self._rules[rule].unless]
            needed: list[int | str] = [*numbers, *asked]
            new = [key for key in needed if key not in self._matchers]
            if not new:
                return self._found(doc, numbers)
        for key in new:
            self._matchers[key] = self._made(key)
        with self._nlp.memory_zone():
            return self._found(self._nlp.make_doc(text), numbers)

    def _found(self, doc: Any, numbers: Sequence[int]) -> tuple[list[Match], list[tuple[int, int]]]:  # noqa: ANN401
        places: dict[str, list[Tokens]] = {}
        terms: list[tuple[int, int]] = []
        for number in numbers:
            rule, _ = self._patterns[number]
            for _, start, end in self._matchers[number](doc):
                if rule is None:
                    terms.append(_offsets(doc, start, end))
                else:
                    places.setdefault(rule, []).append((start, end))
        found = []
        for rule, spans in places.items():
            barred = [(start, end) for _, start, end in self._matchers[rule](doc)] if self._rules[rule].unless else []
            for start, end in _longest(spans):
                if not any(a < end and start < b for a, b in barred) and not _negated(doc, start):
                    found.append(Match(*_offsets(doc, start, end), self._rules[rule]))
        return _apart(found), _merged(terms)

    def _candidates(self, doc: Any) -> list[int]:  # noqa: ANN401 - spaCy is compiled without types
        """Places of the patterns that could match."""
        words = {token.lower_ for token in doc}
        near = {number for word in words for number in self._by_anchor.get(word, ())}
        return sorted(number for number in near if not any(map(words.isdisjoint, self._asked[number])))

    def _made(self, key: int | str) -> Any:  # noqa: ANN401
        """The matcher of a pattern, by its place, or of what bars a rule, by the rule."""
        from spacy.matcher import Matcher

        matcher = Matcher(self._nlp.vocab)
        patterns = (self._patterns[key][1],) if isinstance(key, int) else self._rules[key].unless
        matcher.add(_FOUND, [form for pattern in patterns for form in forms(pattern, self._words)])
        return matcher

    def _words(self, word: str) -> list[str]:
        return [token.lower_ for token in self._nlp.make_doc(word)]


@cache
def lexicon_matcher() -> LexiconMatcher:
    """The matcher of the shipped lexicon.

    Raises:
        MissingExtraError: spaCy is not installed.
    """
    return LexiconMatcher(rules(), terms_of_art())


def _blank() -> Any:  # noqa: ANN401
    try:
        import spacy
    except ImportError as error:
        message = "flagging needs: pip install 'evenhand[framing]'"
        raise MissingExtraError(message) from error
    nlp = spacy.blank("en")
    nlp.max_length = sys.maxsize  # guards components that there are none of; a window is a few thousand characters
    return nlp


def _squeezed(text: str) -> tuple[str, Sequence[int]]:
    """The text with one space for each run of white space, and where each of its characters stood."""
    if not _WIDE_SPACE.search(text):
        return text, range(len(text))
    kept = [place for place, sign in enumerate(text) if not (sign.isspace() and text[place - 1 : place].isspace())]
    return "".join(" " if text[place].isspace() else text[place] for place in kept), kept


def _offsets(doc: Any, start: int, end: int) -> tuple[int, int]:  # noqa: ANN401
    last = doc[end - 1]
    return doc[start].idx, last.idx + len(last)


def _negated(doc: Any, start: int) -> bool:  # noqa: ANN401
    """Whether a negation stands shortly before a token, with no comma or other mark between."""
    words = 0
    for token in reversed(doc[:start]):
        if token.lower_ in _NEGATIONS:
            return True
        words += not token.is_punct
        if words == _NEGATION_REACH or (token.is_punct and token.text not in _LET_THROUGH):
            return False
    return False


def _longest(places: Sequence[Tokens]) -> list[Tokens]:
    kept: list[Tokens] = []
    for start, end in sorted(set(places), key=lambda place: (place[0] - place[1], place[0])):
        if not any(a < end and start < b for a, b in kept):
            kept.append((start, end))
    return kept


def _merged(stretches: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    """The same stretches in order, those that overlap as one."""
    kept: list[tuple[int, int]] = []
    for start, end in sorted(stretches):
        if kept and start < kept[-1][1]:
            kept[-1] = (kept[-1][0], max(end, kept[-1][1]))
        else:
            kept.append((start, end))
    return kept


def _apart(found: Sequence[Match]) -> list[Match]:
    kept: list[Match] = []
    for match in sorted(found, key=lambda match: (match.start - match.end, match.start, match.rule.id)):
        if not any(each.start < match.end and match.start < each.end for each in kept):
            kept.append(match)
    return sorted(kept, key=lambda match: match.start)
