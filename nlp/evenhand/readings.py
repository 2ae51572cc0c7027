"""What the network reads off texts: each sentence by itself, and each text of several sentences as a whole.

A sentence that claims a threshold ("we believe this meets section 47") is left out of what is read as a whole, so that
it cannot move a grade. The training code reads texts with these same functions, whatever network is behind `read`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from evenhand.decoder import LIKELIER_THAN_NOT, softmax
from evenhand.scheme import ASSERTIONS
from evenhand.text import normalise, split_sentences

Floats = NDArray[np.float64]

# A passage of so many characters is about 280 tokens of ordinary English, less than the model reads at once. A longer
# text is read in several.
PASSAGE_CHARS = 1_200
_CLAIM = len(ASSERTIONS) + 1  # assertion class behind "not codable"; models before 0.3 have none


@dataclass(frozen=True, slots=True)
class Readings:
    """What the network reads off n sentences or passages, as float64.

    Attributes:
        theta: Latent severity, shape (n,).
        issues: Logits, shape (n, issues).
        assertion: Logits, shape (n, assertions + 2): behind the assertions stand "no codable content" and, from 0.3 on,
            claims about thresholds.
        frame: Logits, shape (n, frames).
        truncated: Whether the sentence was longer than the model reads, shape (n,).
    """

    theta: Floats
    issues: Floats
    assertion: Floats
    frame: Floats
    truncated: NDArray[np.bool_]

    @property
    def claims(self) -> NDArray[np.bool_]:
        """Which sentences claim a threshold or outcome, shape (n,)."""
        if self.assertion.shape[1] <= _CLAIM:
            return np.zeros(len(self.assertion), dtype=np.bool_)
        claims: NDArray[np.bool_] = softmax(self.assertion)[:, _CLAIM] > LIKELIER_THAN_NOT
        return claims


@dataclass(frozen=True, slots=True)
class TextReadings:
    """What the network reads off several texts.

    Attributes:
        spans: Of each text, start and end of each sentence with a letter or digit, in code points of the text as given.
        sentences: A row for each span of each text, in order.
        passages: A row for each passage of each text with two or more sentences that claim nothing, in order.
        passage_counts: How many passages each text has.
    """

    spans: tuple[tuple[tuple[int, int], ...], ...]
    sentences: Readings
    passages: Readings
    passage_counts: tuple[int, ...]

    def places(self) -> Iterator[tuple[range, range]]:
        """The rows of each text: of its sentences, and of its passages."""
        sentence = passage = 0
        for spans, passages in zip(self.spans, self.passage_counts, strict=True):
            yield range(sentence, sentence + len(spans)), range(passage, passage + passages)
            sentence, passage = sentence + len(spans), passage + passages


def read_texts(
    texts: Sequence[str], read: Callable[[Sequence[str]], Readings], *, passages: bool = True
) -> TextReadings:
    """Read texts in order.

    Args:
        texts: As given by the user.
        read: Reads normalised sentences or passages, each by itself.
        passages: Whether texts are read as a whole too.
    """
    cut = [_sentences(text) for text in texts]
    sentences = read([piece for pieces in cut for _, piece in pieces])
    claims = iter(sentences.claims.tolist())
    facts = [[piece for _, piece in pieces if not next(claims)] for pieces in cut]
    wholes = [passages_of(pieces) if passages else [] for pieces in facts]
    return TextReadings(
        spans=tuple(tuple(span for span, _ in pieces) for pieces in cut),
        sentences=sentences,
        passages=read([passage for found in wholes for passage in found]),
        passage_counts=tuple(map(len, wholes)),
    )


def passages_of(sentences: Sequence[str]) -> list[str]:
    """Neighbouring sentences joined to passages of at most PASSAGE_CHARS; none for fewer than two sentences."""
    if len(sentences) <= 1:
        return []
    passages = [sentences[0]]
    for sentence in sentences[1:]:
        if len(passages[-1]) + 1 + len(sentence) <= PASSAGE_CHARS:
            passages[-1] += " " + sentence
        else:
            passages.append(sentence)
    return passages


def _sentences(text: str) -> list[tuple[tuple[int, int], str]]:
    seen = [(span, normalise(text[span[0] : span[1]])) for span in split_sentences(text)]
    # A stretch of punctuation or invisible characters alone says nothing that could be read.
    return [(span, piece) for span, piece in seen if any(map(str.isalnum, piece))]
