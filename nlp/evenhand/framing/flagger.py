"""Flagging as a user meets it: load, flag texts.

Batch is the primitive: `flag` is `flag_many` of one text. Results are equal whatever else is flagged in the same call.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from evenhand.bundle import Bundle, find_model, read_bundle
from evenhand.coding_rows import several_texts
from evenhand.errors import ModelError
from evenhand.framing.decoding import (
    FramingDecoder,
    Marked,
    balance,
    elements,
    frames,
    framing,
    needs,
)
from evenhand.framing.lexicon import Rule, advice
from evenhand.framing.matching import LexiconMatcher, lexicon_matcher
from evenhand.framing.network import FramingNetwork, Span, Window, flat
from evenhand.framing.quoting import quotations
from evenhand.framing.result import ElementState, Flags, FramingSpan, NeedSpan, Rewrite, SentenceFrame
from evenhand.framing.rewriting import Flagged, drafted, kept
from evenhand.framing.scheme import FLAGGED, Element, Found
from evenhand.text import split_sentences

if TYPE_CHECKING:
    from evenhand.model import Model

FRAMING_MODEL = "evenhand-framing"
REASON_BLANK = "the text is blank"
# Flagged at once: the readings of a token take some 400 bytes, so that a block takes a few tens of megabytes.
TEXTS_PER_BLOCK = 256
_CHARACTERS_PER_BLOCK = 300_000


class Flagger:
    """Flags framing in texts.

    Args:
        bundle: A checked directory of the framing model.
        coder: The model that rewrites are checked with; None gives no rewrites.
        workers: How many runs of the network at the same time; None for one a core.

    Raises:
        MissingExtraError: spaCy is not installed.
        ModelError: the bundle is of another kind.
    """

    def __init__(self, bundle: Bundle, *, coder: Model | None = None, workers: int | None = None) -> None:
        self.name: str = bundle.name
        self.identity: str = bundle.identity + (f" + {coder.identity}" if coder is not None else "")
        self.manifest: dict[str, Any] = bundle.manifest
        self.metrics: dict[str, Any] = bundle.json("metrics.json")
        try:
            self._decoder = FramingDecoder.from_json(bundle.json("decoder.json"))
        except (AttributeError, KeyError, TypeError, ValueError) as error:
            message = f"{bundle.directory}: decoder.json is not that of a framing model; give the folder of one"
            raise ModelError(message) from error
        self._network = FramingNetwork(
            bundle.files["model.onnx"],
            bundle.files["tokenizer.json"],
            max_tokens=self._decoder.max_tokens,
            workers=workers,
        )
        self._matcher: LexiconMatcher = lexicon_matcher()
        self._coder = coder

    def flag(self, text: str) -> Flags:
        """Flag one text: `flag_many([text])[0]`."""
        return self.flag_many([text])[0]

    def flag_many(self, texts: Iterable[str]) -> list[Flags]:
        """Flag each text by itself; order kept. A blank text has nothing to flag, and its reason says so.

        Raises:
            InputError: a single string in place of several texts, or a text that is not a string.
        """
        return [flags for block in _blocks(several_texts(texts, verb="flag")) for flags in self._block(block)]

    def _block(self, texts: Sequence[str]) -> list[Flags]:
        sentences = [split_sentences(text) for text in texts]
        windows = self._network.read(texts, sentences)
        return [self._flags(text, read) for text, read in zip(texts, windows, strict=True)]

    def _flags(self, text: str, windows: Sequence[Window]) -> Flags:
        if not windows:
            return replace(self._nothing(), reason=REASON_BLANK)
        quoted = quotations(text)
        found = [
            mark for window in windows for mark in find_framing(text, window, self._matcher, self._decoder, quoted)
        ]
        told = frames(windows)
        lacking = needs(text, windows, self._decoder)
        return Flags(
            framing=tuple(_span(mark, rule) for mark, rule in found),
            quotations=tuple(quoted),
            balance=balance(frame for _, frame in told),
            unmet_needs=tuple(NeedSpan(*span, need) for span, need, asked in lacking if not asked),
            met_needs=tuple(NeedSpan(*span, need) for span, need, asked in lacking if asked),
            checklist=self._checklist(windows),
            rewrites=self._rewrites(text, [span for span, _ in told], found),
            sentences=tuple(SentenceFrame(*span, frame) for span, frame in told),
            truncated=any(window.cut for window in windows),
            model=self.name,
        )

    def _checklist(self, windows: Sequence[Window]) -> dict[Element, ElementState]:
        shown = {}
        for element, (probability, sentence) in elements(windows).items():
            if sentence is None or probability < self._decoder.unclear[element]:
                shown[element] = ElementState(Found.NOT_FOUND, None, None)
            else:
                clear = probability >= self._decoder.found[element]
                shown[element] = ElementState(Found.FOUND if clear else Found.UNCLEAR, *sentence)
        return shown

    def _rewrites(
        self, text: str, sentences: Sequence[Span], found: Sequence[tuple[Marked, Rule | None]]
    ) -> tuple[Rewrite, ...]:
        if self._coder is None:
            return ()
        flagged = []
        for mark, rule in found:
            if mark.category in FLAGGED:
                words = " ".join(flat(text[mark.span[0] : mark.span[1]]).lower().split())
                span = _span(mark, rule)
                flagged.append(Flagged(mark.span, span.suggestion, rule.rewrite.get(words) if rule else None))
        return kept(text, drafted(text, sentences, flagged), self._coder)

    def _nothing(self) -> Flags:
        """The flags of a text that says nothing."""
        absent = ElementState(Found.NOT_FOUND, None, None)
        return Flags((), (), {}, (), (), dict.fromkeys(Element, absent), (), (), truncated=False, model=self.name)


def load_flagger(path: str | Path | None = None, *, coder: Model | None = None, workers: int | None = None) -> Flagger:
    """Load the framing model.

    Args:
        path: Its folder; None for EVENHAND_FRAMING_MODEL or else the one that is installed with the package.
        coder: A model of `evenhand.load` that rewrites are checked with; without one there are none.
        workers: How many runs of the network at the same time; None for one a core.

    Raises:
        ModelError: no model is there, or it is damaged, changed or of another kind.
        MissingExtraError: spaCy is not installed.
    """
    return Flagger(read_bundle(find_model(path, name=FRAMING_MODEL)), coder=coder, workers=workers)


def _blocks(texts: Sequence[str]) -> Iterator[list[str]]:
    """Texts in order, few enough at a time."""
    block: list[str] = []
    characters = 0
    for text in texts:
        if block and (len(block) == TEXTS_PER_BLOCK or characters + len(text) > _CHARACTERS_PER_BLOCK):
            yield block
            block, characters = [], 0
        block.append(text)
        characters += len(text)
    if block:
        yield block


def find_framing(
    text: str, window: Window, matcher: LexiconMatcher, decoder: FramingDecoder, quoted: Sequence[Span]
) -> list[tuple[Marked, Rule | None]]:
    """Words of a window that frame, each with the rule of the lexicon that has it, if one has."""
    matches, terms = matcher.find_in(text, window.span)
    listed = [((match.start, match.end), match.rule.category) for match in matches]
    marks = framing(text, window, listed, decoder, quoted=quoted, terms=terms)
    return [(mark, None if mark.by is None else matches[mark.by].rule) for mark in marks]


def _span(mark: Marked, rule: Rule | None) -> FramingSpan:
    """The words with their advice."""
    if rule is not None:
        by = "both" if mark.agreed else "lexicon"
        return FramingSpan(*mark.span, mark.category, rule.why, rule.suggestion, rule.source, by)
    general = advice()[mark.category]
    return FramingSpan(*mark.span, mark.category, general.why, general.suggestion, general.source, "model")
