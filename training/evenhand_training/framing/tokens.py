"""Coded texts as the network is taught them: windows of token ids with targets for each token and sentence."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from tokenizers import Tokenizer
from torch import Tensor

from evenhand.framing.decoding import overlap
from evenhand.framing.network import Span, flat
from evenhand.framing.scheme import CATEGORIES, ELEMENTS, FLAGGED, NEEDS
from evenhand.scheme import FRAMES
from evenhand_training.framing.texts import CodedText

UNKNOWN = -1
MARKS = len(CATEGORIES) + 1  # the last is any need


@dataclass(frozen=True, slots=True)
class Taught:
    """A text as the network is taught it.

    Attributes:
        ids: Token ids with the marks at begin and end.
        marks: 1 where a token carries a category or tells of a need, (tokens, MARKS).
        known: 1 for the columns of `marks` that are known of this text, (MARKS,).
        kind: Place of the need of each token, or UNKNOWN, (tokens,).
        asked: 1 where help with it is asked for, (tokens,).
        means: Takes the mean over each sentence's tokens, (sentences, tokens).
        frame: Place of each sentence's frame, administration last, or UNKNOWN, (sentences,).
        elements: (sentences, elements).
        has_elements: 1 for sentences whose elements are known, (sentences,).
    """

    ids: list[int]
    marks: Tensor
    known: Tensor
    kind: Tensor
    asked: Tensor
    means: Tensor
    frame: Tensor
    elements: Tensor
    has_elements: Tensor


def taught(text: CodedText, tokenizer: Tokenizer) -> Taught:
    """Tokenise a text as `evenhand.framing.network` does, and place its codes; what is too long is cut.

    Args:
        text: With its codes.
        tokenizer: Cuts at the window's size, and adds the marks.
    """
    encoded = tokenizer.encode(flat(text.text))
    offsets = [place if place[1] > place[0] else (-1, -1) for place in encoded.offsets]
    marks = np.zeros((len(offsets), MARKS), np.float32)
    for span, category in text.framing:
        marks[_inside(offsets, span), CATEGORIES.index(category)] = 1
    kind = np.full(len(offsets), UNKNOWN)
    asked = np.zeros(len(offsets), np.float32)
    for span, need, how in text.needs:
        places = _inside(offsets, span)
        marks[places, -1], kind[places], asked[places] = 1, NEEDS.index(need), how
    means = np.zeros((len(text.sentences), len(offsets)), np.float32)
    for row, span in zip(means, text.spans, strict=True):
        row[_inside(offsets, span)] = 1
    read = means.sum(axis=1) > 0
    kept = [sentence for sentence, there in zip(text.sentences, read, strict=True) if there]
    means = means[read] / means[read].sum(axis=1, keepdims=True)
    frames = [(FRAMES.index(each.frame) if each.frame else len(FRAMES)) if each.framed else UNKNOWN for each in kept]
    return Taught(
        ids=encoded.ids,
        marks=torch.from_numpy(marks),
        known=_known(text),
        kind=torch.from_numpy(kind),
        asked=torch.from_numpy(asked),
        means=torch.from_numpy(means),
        frame=torch.tensor(frames, dtype=torch.long),
        elements=torch.tensor(
            [[float(element in (each.elements or ())) for element in ELEMENTS] for each in kept]
        ).reshape(len(kept), len(ELEMENTS)),
        has_elements=torch.tensor([float(each.elements is not None) for each in kept]),
    )


def _known(text: CodedText) -> Tensor:
    """All marks, none, or those that may be said otherwise: of a pair its writer listed them, a plain text has none."""
    if text.marked:
        return torch.ones(MARKS)
    if text.flags_known:
        return torch.tensor([float(category in FLAGGED) for category in CATEGORIES] + [0.0])
    return torch.zeros(MARKS)


def _inside(offsets: Sequence[Span], span: Span) -> list[int]:
    return [place for place, token in enumerate(offsets) if overlap(token, span)]
