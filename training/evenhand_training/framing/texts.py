"""Texts for the framing network, of the corpus, with what is known of each: sentences, frames, elements, marks."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from evenhand.framing.network import Span
from evenhand.framing.scheme import Category, Element, Need
from evenhand.scheme import Frame
from evenhand_training.corpus import Corpus, Splits, schema

# A fifth of the training referrals that came with the test ones, and an eighth of the training pairs, are not fitted
# on: thresholds are set on them.
_HELD_REFERRALS = 5
_HELD_PAIRS = 8
_PLAIN = 5  # one in so many authored texts
# Later referrals are for fitting alone: the first ones' writers wrote the test referrals too.
_FIRST_REFERRALS = 210


@dataclass(frozen=True, slots=True)
class CodedSentence:
    """A sentence of a text.

    Attributes:
        span: Offsets.
        frame: None for administration, or where it is not known.
        framed: Whether the frame is known.
        elements: None where they are not known.
    """

    span: Span
    frame: Frame | None
    framed: bool
    elements: frozenset[Element] | None


@dataclass(frozen=True, slots=True)
class CodedText:
    """A text with its codes.

    Attributes:
        id: Of the row, with `#risk` or `#need` for a telling of a pair.
        text: As it is read.
        sentences: In order.
        framing: Marks by offsets.
        needs: Material needs by offsets, with whether help is asked for or offered.
        marked: Whether all marks are known.
        flags_known: Whether at least those are known that may be said otherwise.
    """

    id: str
    text: str
    sentences: tuple[CodedSentence, ...]
    framing: tuple[tuple[Span, Category], ...]
    needs: tuple[tuple[Span, Need, bool], ...]
    marked: bool
    flags_known: bool

    @property
    def spans(self) -> list[Span]:
        """Offsets of the sentences."""
        return [sentence.span for sentence in self.sentences]


@dataclass(frozen=True, slots=True)
class FramingTexts:
    """Texts by what they are for.

    Attributes:
        fit: Training texts.
        plain: Training texts told as evidence, need or strength, short ones, in which nothing is to be said otherwise.
        held: Training texts that thresholds are set on.
        nothing: The same, texts in which nothing is to be flagged.
        test: Referrals held out from all of it.
        again: The same referrals as a second coder coded them.
        pairs: Tellings of the test pairs.
    """

    fit: tuple[CodedText, ...]
    plain: tuple[CodedText, ...]
    held: tuple[CodedText, ...]
    nothing: tuple[CodedText, ...]
    test: tuple[CodedText, ...]
    again: tuple[CodedText, ...]
    pairs: tuple[CodedText, ...]


def framing_texts(corpus: Corpus, splits: Splits) -> FramingTexts:
    """All texts of a corpus that teach or judge framing."""
    fit: list[CodedText] = []
    held: list[CodedText] = []
    for row in corpus.referrals:
        if row.part == "training":
            first = int(row.id.removeprefix("rf-")) <= _FIRST_REFERRALS
            (held if first and _drawn(row.id, _HELD_REFERRALS) else fit).append(_referral(row, row.sentences))
    tests = {row.id: row for row in corpus.referrals if row.part == "test"}
    elements = {each.narrative_id: each.elements for each in corpus.narrative_elements}
    marks = {each.narrative_id: each.marks for each in corpus.narrative_marks}
    fit += [
        _narrative(row, elements[row.id], marks.get(row.id))
        for row in corpus.narratives
        if splits.part_of(row.id) != "test"
    ]
    codings: dict[tuple[str, str], schema.FramingPairCoding] = {
        (each.pair_id, each.telling): each for each in corpus.framing_pair_codings
    }
    pairs: list[CodedText] = []
    for pair in corpus.framing_pairs:
        place = pairs if splits.part_of(pair.id) == "test" else held if _drawn(pair.id, _HELD_PAIRS) else fit
        place += _tellings(pair, codings)
    return FramingTexts(
        fit=tuple(fit),
        plain=tuple(_plain(corpus, splits)),
        held=tuple(held),
        nothing=tuple(_unflagged(row.id, row.text, None) for row in corpus.plain_texts),
        test=tuple(_referral(row, row.sentences) for row in tests.values()),
        again=tuple(
            _referral(tests[row.referral_id], row.sentences)
            for row in corpus.referral_codings
            if row.referral_id in tests
        ),
        pairs=tuple(pairs),
    )


def coded_twice(corpus: Corpus) -> list[tuple[CodedText, CodedText]]:
    """Referrals of either part that two coded, as the one did and as the other."""
    rows = {row.id: row for row in corpus.referrals}
    return [
        (_referral(row, row.sentences), _referral(row, again.sentences))
        for again in corpus.referral_codings
        for row in (rows[again.referral_id],)
    ]


def _plain(corpus: Corpus, splits: Splits) -> Iterator[CodedText]:
    """Authored texts whose frame is evidence, need or strength, and templates filled in two ways.

    Without them the network looked for a flag in every short text, for nearly all short ones that it had seen had one,
    and found it in who the text is about.
    """
    for row in corpus.authored:
        told = row.frame in (Frame.EVIDENCE, Frame.NEED, Frame.STRENGTH)
        if told and splits.part_of(row.id) == "train" and _drawn(row.id, _PLAIN):
            yield _unflagged(row.id, row.text, row.frame)
    for template in corpus.counterfactual_templates:
        if splits.part_of(template.id) == "train":
            for number, text in enumerate((template.texts[0], template.texts[-1])):
                yield _unflagged(f"{template.id}#{number}", text, None)


def _unflagged(name: str, text: str, frame: Frame | None) -> CodedText:
    sentence = CodedSentence((0, len(text)), frame, framed=frame is not None, elements=None)
    return CodedText(name, text, (sentence,), (), (), marked=False, flags_known=True)


def _drawn(row: str, one_in: int) -> bool:
    """Whether a row is drawn, one in so many, by its id."""
    return int(hashlib.sha256(row.encode()).hexdigest(), 16) % one_in == 0


def _referral(row: schema.Referral, codes: Sequence[schema.ReferralSentence | schema.SentenceCoding]) -> CodedText:
    """A referral as its writer coded it, or a second coder."""
    texts = [sentence.text for sentence in row.sentences]
    return _joined(
        row.id,
        texts,
        [(code.frame, True) for code in codes],
        [frozenset(code.elements) for code in codes],
        [code.marks for code in codes],
    )


def _narrative(
    row: schema.Narrative, elements: Sequence[Sequence[Element]], marks: Sequence[Sequence[schema.Mark]] | None
) -> CodedText:
    """A narrative; its administration is not that of referrals, so that there the frame counts as unknown."""
    return _joined(
        row.id,
        [sentence.text for sentence in row.sentences],
        [(sentence.frame, sentence.frame is not None) for sentence in row.sentences],
        [frozenset(each) for each in elements],
        marks,
    )


def _tellings(
    pair: schema.FramingPair, codings: Mapping[tuple[str, str], schema.FramingPairCoding]
) -> Iterator[CodedText]:
    """Both texts of a pair: where nobody coded their sentences, what is blamed or feared is all that is known."""
    for telling, text in (("risk", pair.risk_text), ("need", pair.need_text)):
        spans = zip(pair.risk_spans, pair.categories, strict=True) if telling == "risk" else ()
        listed = [((at := text.index(words), at + len(words)), Category(category)) for words, category in spans]
        coding = codings.get((pair.id, telling))
        sentences: list[CodedSentence] = []
        added: list[tuple[Span, str]] = []
        for coded in coding.sentences if coding is not None else ():
            sentences.append(CodedSentence((coded.start, coded.end), coded.frame, framed=True, elements=None))
            added += [((coded.start + mark.start, coded.start + mark.end), mark.kind) for mark in coded.marks]
        framing, needs = _by_kind(added)
        yield CodedText(
            id=f"{pair.id}#{telling}",
            text=text,
            sentences=tuple(sentences) or (CodedSentence((0, len(text)), None, framed=False, elements=None),),
            framing=tuple(sorted([*listed, *framing])),
            needs=needs,
            marked=coding is not None,
            flags_known=True,
        )


def _joined(
    name: str,
    texts: Sequence[str],
    frames: Sequence[tuple[Frame | None, bool]],
    elements: Sequence[frozenset[Element]],
    marks: Sequence[Sequence[schema.Mark]] | None,
) -> CodedText:
    """Sentences as one text, with a space between them."""
    coded: list[CodedSentence] = []
    marked: list[tuple[Span, str]] = []
    at = 0
    for place, (text, (frame, framed)) in enumerate(zip(texts, frames, strict=True)):
        coded.append(CodedSentence((at, at + len(text)), frame, framed, elements[place]))
        marked += [((at + mark.start, at + mark.end), mark.kind) for mark in (marks[place] if marks else ())]
        at += len(text) + 1
    framing, needs = _by_kind(marked)
    known = marks is not None
    return CodedText(name, " ".join(texts), tuple(coded), framing, needs, marked=known, flags_known=known)


def _by_kind(
    marks: Sequence[tuple[Span, str]],
) -> tuple[tuple[tuple[Span, Category], ...], tuple[tuple[Span, Need, bool], ...]]:
    """Framing and needs apart; quotations are found by their marks and not learned."""
    framing: list[tuple[Span, Category]] = []
    needs: list[tuple[Span, Need, bool]] = []
    for span, kind in marks:
        if kind.startswith("need."):
            _, need, how = kind.split(".")
            needs.append((span, Need(need), how == "asked"))
        elif kind != "quote":
            framing.append((span, Category(kind)))
    return tuple(framing), tuple(needs)
