"""Coded descriptors of many areas, from the corpus of published documents or from files that `evenhand code` wrote."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from evenhand.consistency.rows import ThresholdRow
from evenhand.consistency.wording import words
from evenhand.errors import InputError
from evenhand.scheme import Issue, Level

# Standard deviations of severities that the model reads, in grades, measured on areas it has not seen against those
# that coders gave (kind `consistency` in models/results.jsonl, model 0.3): of rows around their area's mean, and of
# areas' means. What coders err by themselves, alike in all areas, is part of how sharply levels part by coded severity.
MODEL_ERROR = 0.58
MODEL_AREA_ERROR = 0.15


@dataclass(frozen=True, slots=True)
class AreaDocument:
    """A threshold document of an area.

    Attributes:
        id: Unique in a collection.
        area: Whose it is; versions of one document share it.
        title: Its title, or the name of its file.
        year: Of the version; None where it is not known.
        url: Where it was read; None for a file.
        levels: Its own levels by name, each with its legal codes; () where the document does not tell.
        read_whole: Whether all of it was read, so that its silence on an issue means something.
    """

    id: str
    area: str
    title: str
    year: int | None
    url: str | None
    levels: tuple[tuple[str, tuple[Level, ...]], ...]
    read_whole: bool

    @property
    def merges_c_and_d(self) -> bool | None:
        """Whether it has one level for child in need and child protection.

        None where that cannot be told: a document that has no level below these, such as an eligibility page or the
        procedure for one issue, says which referral it is for and not how levels are divided.
        """
        statutory = {Level.C, Level.D}
        sets = [set(codes) for _, codes in self.levels if codes]
        if not any(codes & statutory for codes in sets) or not any(codes.isdisjoint(statutory) for codes in sets):
            return None
        return any(statutory <= codes for codes in sets)


@dataclass(frozen=True, slots=True)
class PlacedDescriptor:
    """A concern, and the level at which a document places it.

    Attributes:
        id: Unique in a collection.
        document: Its document's id.
        area: Its document's area.
        page: From 1; None where the document has none or it is not known.
        native_level: The document's own level.
        levels: Its legal codes.
        text: The concern.
        issues: Strongest first; may be empty.
        severity: 1.0 to 6.0; None where the text has nothing to code.
        by_model: Whether the model read the severity; otherwise a person or the corpus coded it.
    """

    id: str
    document: str
    area: str
    page: int | None
    native_level: str
    levels: tuple[Level, ...]
    text: str
    issues: tuple[Issue, ...]
    severity: float | None
    by_model: bool


@dataclass(frozen=True)
class Collection:
    """Documents and their descriptors.

    Attributes:
        name: What it is called in a report.
        documents: In the order of their ids.
        descriptors: With levels; in the order of their documents.
        notes: What a reader has to know of how it was made, in whole sentences.
        unplaced: Issues that descriptors without a clear level name, each with the id of its document.
    """

    name: str
    documents: tuple[AreaDocument, ...]
    descriptors: tuple[PlacedDescriptor, ...]
    notes: tuple[str, ...] = ()
    unplaced: tuple[tuple[str, Issue], ...] = ()

    @property
    def areas(self) -> tuple[str, ...]:
        """Areas that have a document, in alphabetical order."""
        return tuple(sorted({document.area for document in self.documents}))

    def by_model(self) -> bool:
        """Whether the model coded any of it."""
        return any(row.by_model for row in self.descriptors)

    def threshold_rows(self) -> list[ThresholdRow]:
        """What the model of thresholds sees: descriptors with a severity, also those that inform of no bar.

        What several versions of an area's document say in the same words at the same level counts once.
        """
        return [self._threshold_row(row) for row in self.once()]

    def once(self) -> list[PlacedDescriptor]:
        """Descriptors with a severity, one of those that an area has in the same words at the same level."""
        unique = {
            (row.area, words(row.text), row.levels): row for row in self.descriptors[::-1] if row.severity is not None
        }
        return list(unique.values())[::-1]

    def _threshold_row(self, row: PlacedDescriptor) -> ThresholdRow:
        sets = self._sets[row.document]
        return ThresholdRow(
            area=row.area,
            issue=str(row.issues[0]) if row.issues else "",
            severity=row.severity or 0.0,
            levels=row.levels,
            visible=frozenset(level for codes in sets for level in codes),
            error=MODEL_ERROR if row.by_model else 0.0,
            shared_error=MODEL_AREA_ERROR if row.by_model else 0.0,
            document=row.document,
            shares=tuple(1 / sum(level in codes for codes in sets) for level in row.levels),
        )

    @cached_property
    def _sets(self) -> dict[str, set[tuple[Level, ...]]]:
        """For each document, the level sets at which it shows descriptors."""
        found: dict[str, set[tuple[Level, ...]]] = defaultdict(set)
        for row in self.descriptors:
            found[row.document].add(row.levels)
        return found


def joined(collections: Sequence[Collection]) -> Collection:
    """Several collections as one.

    Raises:
        InputError: a document is in two of them, or none holds a descriptor.
    """
    documents = [document for collection in collections for document in collection.documents]
    ids = [document.id for document in documents]
    if twice := sorted({id_ for id_ in ids if ids.count(id_) > 1}):
        message = f"document {twice[0]!r} is in two of the files; give each document once"
        raise InputError(message)
    descriptors = tuple(row for collection in collections for row in collection.descriptors)
    if not descriptors:
        message = "no descriptor has a level; code documents first with: evenhand code FILE... -o coded.jsonl"
        raise InputError(message)
    return Collection(
        name=" and ".join(collection.name for collection in collections),
        documents=tuple(sorted(documents, key=lambda document: document.id)),
        descriptors=descriptors,
        notes=tuple(dict.fromkeys(note for collection in collections for note in collection.notes)),
        unplaced=tuple(pair for collection in collections for pair in collection.unplaced),
    )
