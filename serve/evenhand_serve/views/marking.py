"""A text cut where any of its marks begins or ends, so that marks that overlap can stand in one line of markup.

The joined segments are the text, character for character, whatever the marks are; a mark that lies outside of the text
is cut to it, and an empty one is left out.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby, pairwise

Span = tuple[int, int]  # start and end in code points; the end is the first that does not belong to it


@dataclass(frozen=True, slots=True)
class Segment:
    """A stretch of text under the same marks from its first to its last character.

    Attributes:
        text: The characters.
        sentence: Which sentence it is in, from 0; None between sentences.
        framing: Which framing marks cover it, from 0.
        needs: Which needs cover it, from 0.
        quoted: Whether it is quoted speech.
        ending_framing: Framing marks of which this is the last segment.
        ending_needs: Needs of which this is the last segment.
    """

    text: str
    sentence: int | None
    framing: tuple[int, ...]
    needs: tuple[int, ...]
    quoted: bool
    ending_framing: tuple[int, ...]
    ending_needs: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Run:
    """Neighbouring segments of one sentence, or of what stands between two.

    Attributes:
        sentence: Which one; None between sentences.
        first: Whether the sentence begins with this run.
        last: Whether it ends with it.
        segments: In order.
    """

    sentence: int | None
    first: bool
    last: bool
    segments: tuple[Segment, ...]


def segments(
    text: str,
    *,
    sentences: Sequence[Span] = (),
    framing: Sequence[Span] = (),
    needs: Sequence[Span] = (),
    quotations: Sequence[Span] = (),
) -> list[Segment]:
    """Cut a text at the ends of all marks.

    >>> [(one.text, one.framing) for one in segments("Mum fails to engage.", framing=[(4, 19)])]
    [('Mum ', ()), ('fails to engage', (0,)), ('.', ())]
    """
    kept = [_clipped(marks, len(text)) for marks in (sentences, framing, needs, quotations)]
    told = {0, len(text), *(end for marks in kept for span in marks.values() for end in span)}
    _, in_framing, in_needs, _ = kept
    open_marks = [_Open(marks) for marks in kept]
    found = []
    for start, end in pairwise(sorted(told)):
        inside, marked, lacking, quoted = (one.at(start) for one in open_marks)
        found.append(
            Segment(
                text=text[start:end],
                sentence=inside[0] if inside else None,
                framing=marked,
                needs=lacking,
                quoted=bool(quoted),
                ending_framing=tuple(one for one in marked if in_framing[one][1] == end),
                ending_needs=tuple(one for one in lacking if in_needs[one][1] == end),
            )
        )
    return found


def runs(cut: Sequence[Segment]) -> list[Run]:
    """Segments grouped by sentence, in order."""
    grouped = [(sentence, tuple(own)) for sentence, own in groupby(cut, key=lambda one: one.sentence)]
    places: dict[int, list[int]] = {}
    for place, (sentence, _) in enumerate(grouped):
        if sentence is not None:
            places.setdefault(sentence, []).append(place)
    return [
        Run(
            sentence=sentence,
            first=sentence is not None and places[sentence][0] == place,
            last=sentence is not None and places[sentence][-1] == place,
            segments=own,
        )
        for place, (sentence, own) in enumerate(grouped)
    ]


def _clipped(spans: Sequence[Span], length: int) -> dict[int, Span]:
    """Spans by their places, cut to the text; without those that hold nothing of it."""
    cut = {place: (max(0, start), min(length, end)) for place, (start, end) in enumerate(spans)}
    return {place: span for place, span in cut.items() if span[0] < span[1]}


class _Open:
    """Which spans are open, as one goes through a text from its beginning to its end."""

    def __init__(self, spans: dict[int, Span]) -> None:
        self._to_come = sorted(((first, last, place) for place, (first, last) in spans.items()), reverse=True)
        self._now: dict[int, int] = {}  # ends by place

    def at(self, start: int) -> tuple[int, ...]:
        """The places of those that cover what begins here, in order."""
        while self._to_come and self._to_come[-1][0] <= start:
            _, last, place = self._to_come.pop()
            self._now[place] = last
        self._now = {place: last for place, last in self._now.items() if last > start}
        return tuple(sorted(self._now))
