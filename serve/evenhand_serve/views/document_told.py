"""A threshold document as read, in plain JSON types, to go from the process that read it to the one that shows it."""

from __future__ import annotations

from typing import TypedDict

from evenhand.documents.reading import Document


class LevelTold(TypedDict):
    """A level of a document, as `evenhand code` writes it into its levels file."""

    key: str
    native: str
    name: str
    levels: list[str]
    proposed: list[str]
    reason: str
    sure: bool


class TroubleTold(TypedDict):
    """What a person should look at; `page` is None where it is about the whole file."""

    page: int | None
    what: str


class CoverageTold(TypedDict):
    """Words of a page, and how many of them are in descriptors."""

    page: int | None
    words: int
    used: int


class DocumentTold(TypedDict):
    """A document as read, without its descriptors, in plain JSON types."""

    name: str
    kind: str
    pages: int | None
    read_whole: bool
    levels: list[LevelTold]
    troubles: list[TroubleTold]
    coverage: list[CoverageTold]


def document_told(document: Document) -> DocumentTold:
    """A document as read in plain JSON types, as it goes from one process to another."""
    return DocumentTold(
        name=document.name,
        kind=document.kind,
        pages=document.pages,
        read_whole=document.read_whole,
        levels=[
            LevelTold(
                key=level.key,
                native=level.native,
                name=level.name,
                levels=[str(code) for code in level.levels],
                proposed=[str(code) for code in level.proposed],
                reason=level.reason,
                sure=level.sure,
            )
            for level in document.levels
        ],
        troubles=[TroubleTold(page=trouble.page, what=trouble.what) for trouble in document.troubles],
        coverage=[CoverageTold(page=one.page, words=one.words, used=one.used) for one in document.coverage],
    )
