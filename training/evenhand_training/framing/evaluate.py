"""Judge the framing model: on held-out referrals beside a second coder, pairs, sentences that only state, templates."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from evenhand.framing.decoding import FramingDecoder
from evenhand.framing.flagger import Flagger
from evenhand.framing.network import FramingNetwork
from evenhand.framing.result import Flags
from evenhand.framing.scheme import FLAGGED, GROUPS
from evenhand_training.corpus import Corpus
from evenhand_training.framing.measures import f1, framing_figures, share, spans_found
from evenhand_training.framing.texts import CodedText, FramingTexts, coded_twice
from evenhand_training.framing.told import coded, flagged, sentence_elements

# Texts of a template: nearly all have fewer fillings.
_MOST_FILLED = 40


def evaluate_framing(
    corpus: Corpus, texts: FramingTexts, flagger: Flagger, network: FramingNetwork, decoder: FramingDecoder
) -> dict[str, Any]:
    """All figures of a framing model.

    Args:
        corpus: For sentences that only state, and templates.
        texts: Held out: `test`, `again` and `pairs`.
        flagger: The model as users have it.
        network: Its network, for elements of the coders' sentences.
        decoder: Its thresholds.
    """
    flags = flagger.flag_many([text.text for text in texts.test])
    windows = network.read([text.text for text in texts.test], [text.spans for text in texts.test])
    finds = [
        flagged(text, each, sentence_elements(text, read, decoder))
        for text, each, read in zip(texts.test, flags, windows, strict=True)
    ]
    codes = [coded(text) for text in texts.test]
    again = {text.id: coded(text) for text in texts.again}
    return {
        "referrals": framing_figures(codes, finds),
        "two_coders": framing_figures(codes, [again[text.id] for text in texts.test]),
        "pairs": _pairs(texts.pairs, flagger.flag_many([text.text for text in texts.pairs])),
        "evidence_sentences": _evidence(corpus, flagger),
        "who_it_is_about": _fillers(corpus, flagger),
    }


def coders_agreement(corpus: Corpus) -> dict[str, Any]:
    """How well two codings of the same referrals agree, training ones included; the second is judged by the first."""
    twice = coded_twice(corpus)
    return framing_figures([coded(one) for one, _ in twice], [coded(other) for _, other in twice])


def _flagged(flags: Flags) -> list[tuple[tuple[int, int], str]]:
    """What is flagged, by group."""
    return [((span.start, span.end), str(GROUPS[span.category])) for span in flags.framing if span.category in FLAGGED]


def _pairs(texts: Sequence[CodedText], flags: Sequence[Flags]) -> dict[str, Any]:
    """Risk-framed texts with a correct span, need-framed ones with a flag, and F1 of spans in the first."""
    hits, false, counts = [], [], []
    for text, each in zip(texts, flags, strict=True):
        found = _flagged(each)
        if text.id.endswith("#need"):
            false.append(bool(found))
            continue
        codes = [(span, str(GROUPS[category])) for span, category in text.framing if category in FLAGGED]
        counts.append(spans_found(codes, found))
        hits.append(counts[-1][2] > 0)
    return {
        "risk_framed_with_a_correct_span": share(hits),
        "need_framed_with_a_flag": share(false),
        "span_f1": round(f1(counts), 3),
    }


def _evidence(corpus: Corpus, flagger: Flagger) -> dict[str, Any]:
    """How many sentences that only state have a flag, by kind."""
    rows = corpus.evidence_sentences
    wrong = [bool(_flagged(flags)) for flags in flagger.flag_many([row.text for row in rows])]
    kinds = sorted({row.kind for row in rows})
    by_kind = {kind: [no for row, no in zip(rows, wrong, strict=True) if row.kind == kind] for kind in kinds}
    return {**share(wrong), "by_kind": {kind: [sum(found), len(found)] for kind, found in by_kind.items()}}


def _fillers(corpus: Corpus, flagger: Flagger) -> dict[str, Any]:
    """In how many templates flags depend on who the text is about."""
    differ = []
    for template in corpus.counterfactual_templates:
        filled = template.texts[:_MOST_FILLED]
        found = {tuple(sorted(group for _, group in _flagged(flags))) for flags in flagger.flag_many(filled)}
        differ.append(len(found) > 1)
    return share(differ)
