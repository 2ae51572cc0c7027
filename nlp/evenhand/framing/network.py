"""Read whole notes with the framing network: what each token says of framing, needs, frames and elements.

A note is read in windows of whole sentences, so that a sentence is read in its context; the reading of a sentence is
the mean over its tokens. As in `evenhand.encoder`, a run holds windows of one token length, so that nothing is padded
and a result never depends on what else is read.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from evenhand.encoder import cores, load_network, run_all, runs_of

OUTPUT = "readings"  # logits of each token, (batch, tokens, readings)
# Characters that fall together, one for one, so that offsets stay those of the text as given.
_SAME = (
    dict.fromkeys(map(ord, "\t\n\r\v\f\u0000\u0085\u00a0\u2007\u2009\u202f\u2028\u2029"), " ")
    | dict.fromkeys(map(ord, "‘’‚‛′`´"), "'")
    | dict.fromkeys(map(ord, "“”„‟″«»"), '"')
    | dict.fromkeys(map(ord, "‐‒–—―−"), "-")
)

Span = tuple[int, int]
_OUTSIDE: Span = (-1, -1)  # where the marks at begin and end of a window are said to be


@dataclass(frozen=True, slots=True)
class Window:
    """Some sentences of a text as they are read together.

    Attributes:
        sentences: Their (start, end) in the text.
        offsets: (start, end) in the text of each token.
        logits: Of each token, (tokens, readings).
        cut: Whether a sentence was too long to be read to its end.
    """

    sentences: tuple[Span, ...]
    offsets: tuple[Span, ...]
    logits: NDArray[np.float64]
    cut: bool

    @property
    def span(self) -> Span:
        """From its first sentence's start to its last one's end."""
        return self.sentences[0][0], self.sentences[-1][1]

    def of_sentence(self, sentence: Span) -> NDArray[np.float64]:
        """Mean logits of the tokens of a sentence, (readings,); zeros where it has none."""
        inside = [
            place for place, (start, end) in enumerate(self.offsets) if sentence[0] <= start and end <= sentence[1]
        ]
        if not inside:
            return np.zeros(self.logits.shape[1])
        found: NDArray[np.float64] = self.logits[inside].mean(axis=0)
        return found


@dataclass(slots=True)
class _Planned:
    """A window before it is read: its sentences, token ids, their offsets, and whether a sentence was cut."""

    sentences: list[Span] = field(default_factory=list)
    ids: list[int] = field(default_factory=list)
    offsets: list[Span] = field(default_factory=list)
    cut: bool = False


def flat(text: str) -> str:
    """The text with one spelling for what looks the same, character for character."""
    text = text.translate(_SAME)
    return "".join("\ufffd" if "\ud800" <= sign <= "\udfff" else sign for sign in text) if not text.isascii() else text


class FramingNetwork:
    """An ONNX session and its tokeniser.

    Args:
        onnx: Content of the ONNX file.
        tokenizer: Content of tokenizer.json.
        max_tokens: Of a window.
        workers: Runs at the same time; None for one a core.

    Raises:
        ModelError: ONNX Runtime or the tokeniser cannot read its file.
    """

    def __init__(self, onnx: bytes, tokenizer: bytes, *, max_tokens: int, workers: int | None = None) -> None:
        self._session, self._tokenizer = load_network(onnx, tokenizer)
        self._tokenizer.no_truncation()
        self._most = max_tokens - 2  # besides the marks at begin and end
        self._begin, self._end = self._tokenizer.encode("").ids
        self._workers = workers or cores()

    def read(self, texts: Sequence[str], sentences: Sequence[Sequence[Span]]) -> list[list[Window]]:
        """Read texts, cut into the sentences given; windows of each in order."""
        planned = [self._windows(text, spans) for text, spans in zip(texts, sentences, strict=True)]
        every = [window for windows in planned for window in windows]
        logits = self._logits([window.ids for window in every])
        read = iter(
            Window(tuple(window.sentences), tuple(window.offsets), values, window.cut)
            for window, values in zip(every, logits, strict=True)
        )
        return [[next(read) for _ in windows] for windows in planned]

    def _windows(self, text: str, sentences: Sequence[Span]) -> list[_Planned]:
        """Whole sentences put together up to the size of a window; one that is longer is cut, an empty one left out."""
        if not sentences:
            return []
        encoded = self._tokenizer.encode_batch(
            [flat(text[start:end]) for start, end in sentences], add_special_tokens=False
        )
        found = [_Planned()]
        for (start, end), tokens in zip(sentences, encoded, strict=True):
            if not tokens.ids:
                continue  # nothing that can be read, such as a zero-width space on a line of its own
            if found[-1].sentences and len(found[-1].ids) + len(tokens.ids) > self._most:
                found.append(_Planned())
            found[-1].sentences.append((start, end))
            found[-1].ids += tokens.ids[: self._most]
            found[-1].offsets += [(start + a, start + b) for a, b in tokens.offsets[: self._most]]
            found[-1].cut = found[-1].cut or len(tokens.ids) > self._most
        for window in found:
            window.ids = [self._begin, *window.ids, self._end]
            window.offsets = [_OUTSIDE, *window.offsets, _OUTSIDE]
        return [window for window in found if window.sentences]

    def _logits(self, tokens: list[list[int]]) -> list[NDArray[np.float64]]:
        runs = runs_of(tokens)
        grouped = [[tokens[place] for place in run] for run in runs]
        results = run_all(self._session, (OUTPUT,), grouped, workers=self._workers)
        found: dict[int, NDArray[np.float64]] = {}
        for run, (result,) in zip(runs, results, strict=True):
            found.update(zip(run, result, strict=True))
        return [found[place] for place in range(len(tokens))]
