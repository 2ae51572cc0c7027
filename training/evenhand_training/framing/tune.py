"""Set the framing model's thresholds on training texts that the network was not fitted on."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial

from evenhand.framing.decoding import FramingDecoder, elements, framing, needs
from evenhand.framing.matching import lexicon_matcher
from evenhand.framing.network import FramingNetwork, Span, Window
from evenhand.framing.quoting import quotations
from evenhand.framing.scheme import ELEMENTS, FLAGGED, GROUPS, Category, Element, Group
from evenhand.text import split_sentences
from evenhand_training.framing.measures import f1, labels_found, spans_found
from evenhand_training.framing.texts import CodedText

# Few texts are held, so that thresholds are chosen from few: a finer choice would follow chance.
_MARKS = (0.2, 0.3, 0.4, 0.5, 0.6, 0.7)
_CONFIRMED = (0.05, 0.1, 0.2, 0.3, 0.5)  # never 0: the network must be able to refuse words that stand plainly
_ELEMENTS = (0.25, 0.35, 0.45, 0.55, 0.65)
# An element is unclear from this share of the probability from which it is found.
_UNCLEAR = 0.5
# What a false flag in a need-framed text costs against the F1 of spans, so that few texts have one.
_FALSE_FLAG_COST = 0.5
_MARGIN = 0.01  # of F1
# Of texts that have nothing to flag, so many may have a flag: between what is asked of sentences that only state (.03)
# and of need-framed texts (.05).
_FEW = 0.04
# Probabilities for the network alone and for words that the lexicon has, from lax to strict.
_STRICTER = ((0.0, 0.0), (0.5, 0.1), (0.6, 0.2), (0.7, 0.3), (0.8, 0.4), (0.85, 0.5), (0.9, 0.6), (0.95, 0.7))
_MAY_FLAG = frozenset(GROUPS[category] for category in FLAGGED)

FIRST = FramingDecoder(
    category=dict.fromkeys(Group, 0.5),
    confirmed=dict.fromkeys(Group, 0.1),
    need=0.5,
    found=dict.fromkeys(ELEMENTS, 0.5),
    unclear=dict.fromkeys(ELEMENTS, 0.25),
    max_tokens=510,
)


Lexicon = tuple[list[tuple[Span, Category]], list[Span]]  # matches and terms of art of a window


@dataclass(frozen=True, slots=True)
class Read:
    """A text as it was read.

    Attributes:
        text: With its codes.
        windows: What the network reads.
        lexicon: What the lexicon has in each.
        quoted: Quotations.
    """

    text: CodedText
    windows: list[Window]
    lexicon: list[Lexicon]
    quoted: list[Span]

    def framing(self, decoder: FramingDecoder) -> list[tuple[Span, Category]]:
        """Words that frame, as the flagger gives them."""
        return [
            (mark.span, mark.category)
            for window, (matches, terms) in zip(self.windows, self.lexicon, strict=True)
            for mark in framing(self.text.text, window, matches, decoder, quoted=self.quoted, terms=terms)
        ]


def read_all(texts: Sequence[CodedText], network: FramingNetwork) -> list[Read]:
    """Read texts with the network and the lexicon."""
    windows = network.read([text.text for text in texts], [split_sentences(text.text) for text in texts])
    return [
        Read(text, read, [_lexicon(text.text, window) for window in read], quotations(text.text))
        for text, read in zip(texts, windows, strict=True)
    ]


def _lexicon(text: str, window: Window) -> Lexicon:
    matches, terms = lexicon_matcher().find_in(text, window.span)
    return [((match.start, match.end), match.rule.category) for match in matches], terms


def tuned(reads: Sequence[Read], nothing: Sequence[Read], decoder: FramingDecoder = FIRST) -> FramingDecoder:
    """The decoder with thresholds that suit some texts best, and then so strict that evidence is let be.

    Args:
        reads: Texts with their codes.
        nothing: Texts in which nothing is to be flagged.
        decoder: To begin with.
    """
    for group in Group:
        worth = partial(_spans, reads, group)
        decoder = _best(decoder, [_with_category(decoder, group, least) for least in _MARKS], worth)
        decoder = _best(decoder, [_with_confirmed(decoder, group, least) for least in _CONFIRMED], worth)
    marked = [read for read in reads if read.text.marked]
    decoder = _best(decoder, [replace(decoder, need=least) for least in _MARKS], partial(_needs, marked))
    listed = [read for read in reads if all(sentence.elements is not None for sentence in read.text.sentences)]
    for element in ELEMENTS:
        trials = [replace(decoder, found={**decoder.found, element: least}) for least in _ELEMENTS]
        decoder = _best(decoder, trials, partial(_element, listed, element))
    decoder = _stricter(decoder, nothing)
    return replace(decoder, unclear={element: _UNCLEAR * least for element, least in decoder.found.items()})


def _stricter(decoder: FramingDecoder, nothing: Sequence[Read]) -> FramingDecoder:
    """The least strict of some decoders that flags in few enough texts that have nothing to flag; the last one else."""
    trial = decoder
    for least, confirmed in _STRICTER:
        trial = replace(
            decoder,
            category={**decoder.category, **{group: max(least, decoder.category[group]) for group in _MAY_FLAG}},
            confirmed={**decoder.confirmed, **{group: max(confirmed, decoder.confirmed[group]) for group in _MAY_FLAG}},
        )
        flagged = [any(category in FLAGGED for _, category in read.framing(trial)) for read in nothing]
        if sum(flagged) <= _FEW * len(flagged):
            break
    return trial


def _with_category(decoder: FramingDecoder, group: Group, least: float) -> FramingDecoder:
    return replace(decoder, category={**decoder.category, group: least})


def _with_confirmed(decoder: FramingDecoder, group: Group, least: float) -> FramingDecoder:
    return replace(decoder, confirmed={**decoder.confirmed, group: least})


def _best(
    before: FramingDecoder, trials: Sequence[FramingDecoder], worth: Callable[[FramingDecoder], float]
) -> FramingDecoder:
    """The decoder that is worth most; the one before where none is worth more by a margin that chance seldom gives."""
    best = max(trials, key=worth)
    return best if worth(best) > worth(before) + _MARGIN else before


def _needs(reads: Sequence[Read], decoder: FramingDecoder) -> float:
    return f1(
        spans_found(
            [(span, str(need)) for span, need, _ in read.text.needs],
            [(span, str(need)) for span, need, _ in needs(read.text.text, read.windows, decoder)],
        )
        for read in reads
    )


def _spans(reads: Sequence[Read], group: Group, decoder: FramingDecoder) -> float:
    """F1 of a group's spans, less the cost of false flags in need-framed texts."""
    counts = []
    false = kind = 0
    for read in reads:
        found = [(span, str(group)) for span, category in read.framing(decoder) if GROUPS[category] is group]
        if read.text.id.endswith("#need"):
            kind += 1
            false += bool(found) and group in {GROUPS[category] for category in FLAGGED}
        if read.text.marked:
            codes = [(span, str(group)) for span, category in read.text.framing if GROUPS[category] is group]
            counts.append(spans_found(codes, found))
    return f1(counts) - _FALSE_FLAG_COST * false / max(kind, 1)


def _element(reads: Sequence[Read], element: Element, decoder: FramingDecoder) -> float:
    codes = [frozenset(e for s in read.text.sentences for e in s.elements or ()) for read in reads]
    finds = [
        frozenset(e for e, (given, _) in elements(read.windows).items() if given >= decoder.found[e]) for read in reads
    ]
    return f1([labels_found(codes, finds, element)])
