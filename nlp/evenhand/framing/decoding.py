"""From what the network reads of tokens, and what the lexicon has, to spans, frames and elements; no I/O.

The training code decodes with these same functions, so what is evaluated is what is shipped.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from evenhand.framing.network import Span, Window
from evenhand.framing.quoting import inside
from evenhand.framing.scheme import CATEGORIES, ELEMENTS, FLAGGED, GROUPS, NEEDS, Category, Element, Group, Need
from evenhand.scheme import FRAMES, Frame

# Where the readings of a token stand: categories, any need, its kind, whether it is asked for, frames with
# administration last, elements.
CATEGORY_AT = slice(0, len(CATEGORIES))
NEED_AT = CATEGORY_AT.stop
KIND_AT = slice(NEED_AT + 1, NEED_AT + 1 + len(NEEDS))
ASKED_AT = KIND_AT.stop
FRAME_AT = slice(ASKED_AT + 1, ASKED_AT + 1 + len(FRAMES) + 1)
ELEMENT_AT = slice(FRAME_AT.stop, FRAME_AT.stop + len(ELEMENTS))
READINGS = ELEMENT_AT.stop

# One token that the network lets go between two that it marks belongs to them.
_GAP = 1
# Words are marked as far as tokens beside a marked one reach this share of what marks one: the ends of a phrase are
# less sure than its middle.
_REACH = 0.5
# What cannot frame or tell a need by itself: a mark of such words alone is a slip.
_FUNCTION_WORDS = frozenset(
    """a an and as at be been but by for from had has have he her him his i in is it its me my no not of on or our she
    so that the their them they this to too up us was we were with you your""".split()  # noqa: SIM905 - read as prose
)
_WORD = re.compile(r"\w+(?:['’]\w+)*")


@dataclass(frozen=True, slots=True)
class FramingDecoder:
    """Thresholds, fitted on training referrals that the network had not been fitted on.

    Attributes:
        category: Probability from which a token carries a category, by group.
        confirmed: The lower probability from which words of the lexicon count, by group.
        need: Probability from which a token tells of a need.
        found: Probability of an element, in the sentence that shows it best, from which it is found.
        unclear: The lower one from which it is unclear.
        max_tokens: Of a window.
    """

    category: Mapping[Group, float]
    confirmed: Mapping[Group, float]
    need: float
    found: Mapping[Element, float]
    unclear: Mapping[Element, float]
    max_tokens: int

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> FramingDecoder:
        """Rebuild from what `to_json` gave.

        Raises:
            KeyError, ValueError: something is missing or of another vocabulary.
        """
        return cls(
            category={group: float(stored["category"][group]) for group in Group},
            confirmed={group: float(stored["confirmed"][group]) for group in Group},
            need=float(stored["need"]),
            found={element: float(stored["found"][element]) for element in ELEMENTS},
            unclear={element: float(stored["unclear"][element]) for element in ELEMENTS},
            max_tokens=int(stored["max_tokens"]),
        )

    def to_json(self) -> dict[str, Any]:
        """Plain JSON types; `from_json` reads them."""
        return {
            "category": {str(group): value for group, value in self.category.items()},
            "confirmed": {str(group): value for group, value in self.confirmed.items()},
            "need": self.need,
            "found": {str(element): value for element, value in self.found.items()},
            "unclear": {str(element): value for element, value in self.unclear.items()},
            "max_tokens": self.max_tokens,
        }


@dataclass(frozen=True, slots=True)
class Marked:
    """Words that frame, before they get their advice.

    Attributes:
        span: Offsets.
        category: What they do.
        probability: Largest of the category over the tokens, or of its group where the lexicon has the words.
        by: Place of the match of the lexicon among those given; None where only the network found it.
        agreed: Whether the network alone would have found it.
    """

    span: Span
    category: Category
    probability: float
    by: int | None
    agreed: bool


def framing(
    text: str,
    window: Window,
    matches: Sequence[tuple[Span, Category]],
    decoder: FramingDecoder,
    *,
    quoted: Sequence[Span] = (),
    terms: Sequence[Span] = (),
) -> list[Marked]:
    """Words of a window that frame, in order and apart from each other.

    What is quoted does not count, nor a term of art used as such, nor words of the lexicon over the end of a sentence.
    Where lexicon and network have overlapping words of one group, the lexicon's are taken, as its advice is of those
    words. Of what still overlaps, the more probable is kept.

    Args:
        text: As it was read.
        window: Of it.
        matches: The lexicon's in the window, by offsets and category.
        decoder: Thresholds.
        quoted: Quotations of the text.
        terms: Terms of art in the window.
    """

    def suits(span: Span, category: Category) -> bool:
        return not inside(span, quoted) and not (category in FLAGGED and inside(span, terms))

    given = probabilities(window.logits[:, CATEGORY_AT])
    read = [mark for group in Group for mark in _of_group(text, group, given, window, decoder.category[group])]
    read = [mark for mark in read if suits(mark.span, mark.category)]
    found: list[Marked] = []
    for place, (span, category) in enumerate(matches):
        peak = _peak(window, given, span, GROUPS[category])
        if peak >= decoder.confirmed[GROUPS[category]] and suits(span, category) and inside(span, window.sentences):
            agreed = any(GROUPS[mark.category] is GROUPS[category] and overlap(mark.span, span) for mark in read)
            found.append(Marked(span, category, peak, place, agreed))
    alone = [
        mark
        for mark in read
        if not any(GROUPS[each.category] is GROUPS[mark.category] and overlap(each.span, mark.span) for each in found)
    ]
    return _apart([*found, *alone])


def needs(text: str, windows: Iterable[Window], decoder: FramingDecoder) -> list[tuple[Span, Need, bool]]:
    """Material needs in order: offsets, what is lacking, whether somebody asks for help with it or offers it."""
    found: list[tuple[Span, Need, bool]] = []
    for window in windows:
        given = probabilities(window.logits[:, NEED_AT])
        for start, end in _runs(given, decoder.need, window):
            logits = window.logits[start:end]
            kind = NEEDS[int(logits[:, KIND_AT].sum(axis=0).argmax())]
            span = _words(text, (window.offsets[start][0], window.offsets[end - 1][1]))
            if span is not None and not (found and overlap(found[-1][0], span)):
                found.append((span, kind, bool(logits[:, ASKED_AT].mean() > 0)))
    return found


def frames(windows: Iterable[Window]) -> list[tuple[Span, Frame | None]]:
    """How each sentence is told, in order; None for administration."""
    told: list[tuple[Span, Frame | None]] = []
    for window in windows:
        for sentence in window.sentences:
            best = int(window.of_sentence(sentence)[FRAME_AT].argmax())
            told.append((sentence, FRAMES[best] if best < len(FRAMES) else None))
    return told


def elements(windows: Iterable[Window]) -> dict[Element, tuple[float, Span | None]]:
    """For each element, the probability in the sentence that shows it best, and that sentence."""
    best: dict[Element, tuple[float, Span | None]] = dict.fromkeys(ELEMENTS, (0.0, None))
    for window in windows:
        for sentence in window.sentences:
            given = probabilities(window.of_sentence(sentence)[ELEMENT_AT])
            for element, value in zip(ELEMENTS, given, strict=True):
                if value > best[element][0]:
                    best[element] = (float(value), sentence)
    return best


def balance(told: Iterable[Frame | None]) -> dict[str, float]:
    """Shares of sentences by frame; administration does not count."""
    counted = [frame for frame in told if frame is not None]
    if not counted:
        return {}
    return {str(frame): counted.count(frame) / len(counted) for frame in FRAMES}


def probabilities(logits: NDArray[np.float64]) -> NDArray[np.float64]:
    """Logistic function, without overflow."""
    given: NDArray[np.float64] = 0.5 * (1.0 + np.tanh(0.5 * logits))
    return given


def overlap(one: Span, other: Span) -> bool:
    """Whether two stretches have a character in common."""
    return one[0] < other[1] and other[0] < one[1]


def _of_group(text: str, group: Group, given: NDArray[np.float64], window: Window, least: float) -> Iterator[Marked]:
    columns = [place for place, category in enumerate(CATEGORIES) if GROUPS[category] is group]
    for start, end in _runs(given[:, columns].max(axis=1), least, window):
        inside = given[start:end, columns]
        category = CATEGORIES[columns[int(inside.sum(axis=0).argmax())]]
        span = _words(text, (window.offsets[start][0], window.offsets[end - 1][1]))
        if span is not None:
            yield Marked(span, category, float(inside.max()), by=None, agreed=True)


def _peak(window: Window, given: NDArray[np.float64], span: Span, group: Group) -> float:
    """Largest probability of a group over the tokens of a span."""
    columns = [place for place, category in enumerate(CATEGORIES) if GROUPS[category] is group]
    within = [place for place, offsets in enumerate(window.offsets) if overlap(offsets, span)]
    return float(given[np.ix_(within, columns)].max()) if within else 0.0


def _runs(given: NDArray[np.float64], least: float, window: Window) -> list[Span]:
    """Stretches of tokens around those of at least a probability; none crosses the end of a sentence.

    Args:
        given: A probability for each token.
        least: What marks a token.
        window: Of the tokens; the marks at its begin and end belong to no sentence.
    """
    starts = [start for start, _ in window.sentences]
    sentence = np.searchsorted(starts, [start for start, _ in window.offsets], side="right")
    sentence[[0, -1]] = -1
    on = (given >= least) & (sentence >= 0)
    reached = (given >= _REACH * least) & (sentence >= 0)
    found: list[Span] = []
    for place in np.flatnonzero(on).tolist():
        if found and place < found[-1][1]:
            continue
        start, end = place, place + 1
        while start > 0 and reached[start - 1] and sentence[start - 1] == sentence[place]:
            start -= 1
        while end < len(on) and reached[end] and sentence[end] == sentence[place]:
            end += 1
        if found and start - found[-1][1] <= _GAP and sentence[found[-1][0]] == sentence[place]:
            found[-1] = (found[-1][0], end)
        else:
            found.append((start, end))
    return found


def _words(text: str, span: Span) -> Span | None:
    """The whole words that a stretch touches; None where they are function words alone."""
    start, end = span
    while start > 0 and text[start - 1 : start + 1].isalnum():
        start -= 1
    while end < len(text) and text[end - 1 : end + 1].isalnum():
        end += 1
    words = list(_WORD.finditer(text, start, end))
    if all(word[0].lower() in _FUNCTION_WORDS or word[0].isdigit() for word in words):
        return None
    return words[0].start(), words[-1].end()


def _apart(found: Sequence[Marked]) -> list[Marked]:
    kept: list[Marked] = []
    for mark in sorted(found, key=lambda mark: (-mark.probability, mark.by is None, mark.span)):
        if not any(overlap(mark.span, each.span) for each in kept):
            kept.append(mark)
    return sorted(kept, key=lambda mark: mark.span)
