"""What codes and what flags say of a text, in one form, so that they can be compared."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from evenhand.framing.decoding import ELEMENT_AT, FramingDecoder, probabilities
from evenhand.framing.network import Span, Window
from evenhand.framing.result import Flags
from evenhand.framing.scheme import ELEMENTS, Element, Found
from evenhand_training.framing.measures import Told
from evenhand_training.framing.texts import CodedText


def coded(text: CodedText) -> Told:
    """What a coder says."""
    elements = tuple(sentence.elements or frozenset() for sentence in text.sentences)
    return Told(
        framing=text.framing,
        needs=text.needs,
        frames=tuple(sentence.frame for sentence in text.sentences),
        elements=elements,
        checklist=frozenset[Element]().union(*elements),
    )


def flagged(text: CodedText, flags: Flags, elements: tuple[frozenset[Element], ...]) -> Told:
    """What the flagger says, by the coder's sentences.

    Args:
        text: With its sentences.
        flags: Of the text.
        elements: Of each of its sentences, as `sentence_elements` reads them.
    """
    told = [each.frame for each in flags.sentences]
    places = [(each.start, each.end) for each in flags.sentences]
    frames = [told[_nearest(places, sentence.span)] for sentence in text.sentences]
    needs = [((need.start, need.end), need.need, False) for need in flags.unmet_needs]
    needs += [((need.start, need.end), need.need, True) for need in flags.met_needs]
    return Told(
        framing=tuple(((span.start, span.end), span.category) for span in flags.framing),
        needs=tuple(sorted(needs)),
        frames=tuple(frames),
        elements=elements,
        checklist=frozenset(element for element, state in flags.checklist.items() if state.state is Found.FOUND),
    )


def sentence_elements(
    text: CodedText, windows: Iterable[Window], decoder: FramingDecoder
) -> tuple[frozenset[Element], ...]:
    """Elements of each sentence of the coder's, from windows cut into these sentences."""
    read = {sentence: window.of_sentence(sentence) for window in windows for sentence in window.sentences}
    least = np.array([decoder.found[element] for element in ELEMENTS])
    found = []
    for span in text.spans:
        given = probabilities(read[span][ELEMENT_AT]) >= least
        found.append(frozenset(element for element, there in zip(ELEMENTS, given, strict=True) if there))
    return tuple(found)


def _nearest(places: list[Span], span: Span) -> int:
    """The stretch that has most of a sentence."""
    shared = [min(end, span[1]) - max(start, span[0]) for start, end in places]
    return max(range(len(places)), key=shared.__getitem__)
