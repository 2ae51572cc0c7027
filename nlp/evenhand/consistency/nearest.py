"""Precedents: the descriptors of each area that are nearest to a concern."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass

from evenhand.consistency.collection import Collection, PlacedDescriptor
from evenhand.consistency.rows import Array
from evenhand.consistency.same_situation import Read, released
from evenhand.consistency.situations import LEAST_COSINE, MOST_GRADES
from evenhand.consistency.wording import words
from evenhand.model import Model
from evenhand.result import Coding

LEAST_ALIKE = 0.65  # cosine: what is less alike is of another issue more often than not


@dataclass(frozen=True, slots=True)
class Precedent:
    """A descriptor near to the concern.

    Attributes:
        descriptor: It, with its document's level.
        title: Of its document.
        url: Of its document, or None.
        alike: Cosine of the two embeddings, up to 1.
        same: Probability that both describe the same situation; 0 where they differ in what `situations` asks of a pair
            before it is scored.
    """

    descriptor: PlacedDescriptor
    title: str
    url: str | None
    alike: float
    same: float

    @property
    def is_same(self) -> bool:
        """Whether it counts as the same situation."""
        return self.same >= released().threshold


class Nearest:
    """Finds precedents; embeds a collection's descriptors once.

    Args:
        collection: Coded descriptors of areas.
        model: Reads texts.
        embeddings: Of the descriptors' texts by this model, should they be known already.
    """

    def __init__(self, collection: Collection, model: Model, embeddings: Mapping[str, Array] | None = None) -> None:
        texts = list(dict.fromkeys(row.text for row in collection.descriptors))
        if embeddings is None:
            embeddings = dict(zip(texts, model.embed_many(texts), strict=True))
        self.embeddings: Mapping[str, Array] = embeddings
        self._descriptors = collection.descriptors
        self._documents = {document.id: document for document in collection.documents}
        self._model = model

    def to(self, text: str, coding: Coding, *, count: int) -> dict[str, list[Precedent]]:
        """Up to `count` descriptors of each area, the nearest first; only areas that have any are there."""
        own = Read.of(text, coding, self._model.embed_many([text])[0])
        by_area: dict[str, list[tuple[float, PlacedDescriptor]]] = defaultdict(list)
        for row in self._descriptors:
            alike = float(self.embeddings[row.text] @ own.embedding)
            if alike >= LEAST_ALIKE:
                by_area[row.area].append((alike, row))
        nearest = {
            area: sorted(found, key=lambda pair: (-pair[0], pair[1].id))[:count] for area, found in by_area.items()
        }
        shown = list(dict.fromkeys(row.text for found in nearest.values() for _, row in found))
        codings = dict(zip(shown, self._model.code_many(shown), strict=True))
        score = released()

        def precedent(alike: float, row: PlacedDescriptor) -> Precedent:
            told = codings[row.text]
            read = Read.of(row.text, told, self.embeddings[row.text])
            near = alike >= LEAST_COSINE and abs((row.severity or 0.0) - own.severity) <= MOST_GRADES
            near = near and told.assertion == coding.assertion and bool(set(row.issues) & set(coding.issues))
            same = score.probability(own, read) if near or words(row.text) == words(text) else 0.0
            document = self._documents[row.document]
            return Precedent(row, document.title, document.url, alike, same)

        return {area: [precedent(alike, row) for alike, row in found] for area, found in nearest.items()}
