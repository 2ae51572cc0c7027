"""What a document's levels mean in law: its own definitions of them, and the set of legal codes that they support.

Each level's definition is searched for words that decide who responds and under which statute. The sets of all levels
are then chosen together: levels follow one another, so their sets do too, and what one level claims the next does not
have. `level-synonyms.json` of the corpus says where the words come from.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from evenhand.documents.labels import Scheme, level_columns, mentions
from evenhand.documents.layout import Block, Grid, Kind, Layout, Piece, once
from evenhand.documents.level_sets import (
    MOST_DEFINING,
    NAME_WEIGHT,
    best_sets,
    deciding_sentence,
    evidence_of,
    worth_of,
)
from evenhand.documents.pieces import sentences_of
from evenhand.documents.responses import is_apart
from evenhand.scheme import Level

SET_BY_A_PERSON = "set by a person"  # in place of the sentence that decided
_ASIDE_WEIGHT = 0.4  # of a sentence elsewhere that mentions one level alone
_NUMBER = re.compile(r"(?<= )(?:\d[a-c]?|[a-e])(?=-|$)")  # of a level's key, the first of a range
_DEFINING = re.compile(
    r"\b(?:defin\w+|descri\w+|who|response|mean\w*|what|services?|assessment|lead|statut\w+|process|threshold|level)\b",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class NativeLevel:
    """A level as a document has it.

    Attributes:
        key: The same for all that names it.
        native: As the document says it: "Level 2".
        name: What it is called beside its number; "" for nothing.
        levels: Legal codes, as a person has set them or as its definition supports them; () where that cannot be told.
        proposed: Those that its definition supports.
        reason: The sentence that decided, or why nothing did.
        sure: Whether other sets would fit clearly less well.
    """

    key: str
    native: str
    name: str
    levels: tuple[Level, ...]
    proposed: tuple[Level, ...]
    reason: str
    sure: bool

    def __str__(self) -> str:
        return f"{self.native} {self.name}".strip()


def propose_levels(layout: Layout, scheme: Scheme) -> tuple[NativeLevel, ...]:
    """The levels of a document, mildest first, each with the legal codes that its own definition supports."""
    told = {key: list(_sentences_about(layout, scheme, key)) for key in scheme.labels}
    evidence = {key: evidence_of(sentences) for key, sentences in told.items()}
    keys = _in_order(list(scheme.labels), evidence)
    choice, sure = best_sets([evidence[key] for key in keys])
    found = []
    for key, levels, certain in zip(keys, choice, sure, strict=True):
        label = scheme.labels[key]
        reason = deciding_sentence(told[key], levels)
        own = any(evidence[key].values()) and bool(levels)
        found.append(
            NativeLevel(
                key,
                label.native,
                label.name,
                levels if own else (),
                levels if own else (),
                reason,
                sure=certain and own,
            )
        )
    return tuple(found)


def _in_order(keys: list[str], evidence: Mapping[str, Mapping[Level, float]]) -> list[str]:
    """Mildest first: by number, or as the document names them; turned round if the definitions say so."""
    numbers = {key: found[0] for key in keys if (found := _NUMBER.search(key))}
    ordered = sorted(keys, key=numbers.__getitem__) if len(numbers) == len(keys) else keys
    return max((ordered, ordered[::-1]), key=lambda order: worth_of([evidence[key] for key in order]))


def _sentences_about(layout: Layout, scheme: Scheme, key: str) -> Iterator[tuple[str, float]]:
    """Sentences that define a level, and what each counts."""
    label = scheme.labels[key]
    yield f"{label.native} {label.name}", NAME_WEIGHT
    defining = itertools.islice(_defining(layout, scheme, key), MOST_DEFINING)
    yield from ((sentence, 1.0) for sentence in defining)
    for piece in layout.pieces():
        if piece.kind is Kind.PARAGRAPH and scheme.begun(piece.text) != key:
            for sentence in sentences_of(piece.text):
                if mentions(sentence) == [key]:
                    yield sentence, _ASIDE_WEIGHT


def _defining(layout: Layout, scheme: Scheme, key: str) -> Iterator[str]:
    under: str | None = None
    apart = False  # whether it is a list of contents or a glossary
    for block in _unboxed(layout):
        if isinstance(block, Piece) and block.kind is Kind.HEADING:
            apart = is_apart(block.text)
        if apart:
            continue
        if isinstance(block, Grid):
            under = None
            yield from _defined_in_grid(block, scheme, key)
            continue
        own = scheme.of(block.text)
        if own is not None and block.kind is not Kind.ITEM:
            under = own
        elif block.kind is Kind.HEADING:
            under = under if under and block.rank == 0 else None
        elif scheme.begun(block.text) == key or (under == key and block.kind is Kind.PARAGRAPH):
            yield from sentences_of(block.text)
        elif block.kind is Kind.ITEM:
            under = None


def _unboxed(layout: Layout) -> Iterator[Block]:
    """The blocks, with what stands in banners and boxes piece by piece."""
    for block in layout.blocks:
        column = block.column() if isinstance(block, Grid) else None
        yield from [block] if column is None else column


def _defined_in_grid(grid: Grid, scheme: Scheme, key: str) -> Iterator[str]:
    """From a table with a row for each level, or from the defining rows of one with a column for each."""
    first = [scheme.of_cell(row[0]) for row in grid.rows]
    if len({own for own in first if own}) >= 2 and len([own for own in first if own == key]) == 1:
        for cell in once(grid.rows[first.index(key)]):
            for piece in cell.pieces:
                if piece.kind is Kind.PARAGRAPH and scheme.of(piece.text) is None:
                    yield from sentences_of(piece.text)
        return
    columns: dict[int, str] = {}
    for row in grid.rows:
        heads = level_columns(row, scheme)
        if len(heads) >= 2:
            columns = heads
            # A head often defines its level below its name.
            texts = [piece.text for column, own in heads.items() if own == key for piece in row[column].pieces[1:]]
        elif columns and _DEFINING.search(row[0].text):
            texts = [piece.text for column, own in columns.items() if own == key for piece in row[column].pieces]
        else:
            continue
        for text in texts:
            yield from sentences_of(text)


def overridden(levels: Sequence[NativeLevel], by_person: Mapping[str, Sequence[Level]]) -> tuple[NativeLevel, ...]:
    """The levels with the sets that a person gave, by key."""
    return tuple(
        replace(level, levels=tuple(by_person[level.key]), reason=SET_BY_A_PERSON, sure=True)
        if level.key in by_person
        else level
        for level in levels
    )
