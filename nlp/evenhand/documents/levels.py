"""What a document's levels mean in law: its own definitions of them, and the set of legal codes that they support.

Each level's definition is searched for words that decide who responds and under which statute. The sets of all levels
are then chosen together: levels follow one another, so their sets do too, and what one level claims the next does not
have. `level-synonyms.json` of the corpus says where the words come from.
"""

from __future__ import annotations

import itertools
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from evenhand.documents.labels import (
    Scheme,
    begun_names,
    is_named,
    labelled_scheme,
    level_columns,
    mentions,
    names_in,
    own_words,
    repeated_scheme,
    rows_as_levels,
)
from evenhand.documents.layout import Block, Grid, Kind, Layout, Piece, once
from evenhand.documents.level_sets import LEAST_EVIDENCE, best_sets, deciding_sentence, evidence_of, worth_of
from evenhand.documents.responses import MOST_HEAD_WORDS
from evenhand.scheme import Level
from evenhand.text import split_sentences

MOST_DEFINING = 8  # sentences of a definition that count; what comes later is about other things
_ASIDE_WEIGHT = 0.4  # of a sentence elsewhere that mentions one level alone
_NAME_WEIGHT = 1.0  # of the level's name, which counts as a sentence of its own
_FEW, _MOST_LEVELS = 2, 6  # levels: so few labels may be chance, and no document has more
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


def find_levels(layout: Layout) -> Scheme | None:
    """The document's scheme of levels: its labels, or headings that are defined as levels are; None without one."""
    labelled = labelled_scheme(layout)
    if labelled is not None and len(labelled.labels) > _FEW:
        return labelled
    if (rows := _defined_rows(layout)) is not None:
        return rows
    for defined in (_begun_paragraphs(layout), _defined_headings(layout)):
        if defined:
            return own_words(defined)
    return labelled or repeated_scheme(layout)


def _defined_rows(layout: Layout) -> Scheme | None:
    """Levels that a table defines row by row in words of the document's own, and that head lists or cells elsewhere."""
    best: tuple[float, Scheme | None] = (0.0, None)
    for grid in layout.blocks:
        if not isinstance(grid, Grid) or len(grid.rows[0]) < 2:
            continue
        told = [
            [(row[0].text, _NAME_WEIGHT), *((text, 1.0) for cell in once(row[1:]) for text in _sentences(cell.text))]
            for row in grid.rows
        ]
        evidence = [evidence_of(sentences) for sentences in told]
        rows = [
            number
            for number, row in enumerate(grid.rows)
            if 0 < len(row[0].text.split()) <= MOST_HEAD_WORDS and max(evidence[number].values()) >= LEAST_EVIDENCE
        ]
        scheme = rows_as_levels(grid, rows)
        if not _FEW < len(scheme.labels) == len(rows) <= _MOST_LEVELS:
            continue
        names = names_in(layout, grid)
        own = [evidence[row] for row in rows]
        fit = max(worth_of(own), worth_of(own[::-1]))
        if 2 * sum(is_named(scheme, key, names) for key in scheme.labels) > len(rows) and fit > best[0]:
            best = (fit, scheme)
    return best[1]


def _begun_paragraphs(layout: Layout) -> list[str]:
    """Names that head lists or cells, defined in paragraphs that begin with them, most of which say who responds."""
    named = begun_names(layout)
    strong = [
        name
        for name, text in named
        if max(evidence_of([(sentence, 1.0) for sentence in _sentences(text)]).values()) >= LEAST_EVIDENCE
    ]
    return [name for name, _ in named] if _FEW < len(named) <= _MOST_LEVELS and 2 * len(strong) > len(named) else []


def _defined_headings(layout: Layout) -> list[str]:
    """Three or more neighbouring headings of one rank, with lists below, whose texts say who responds, in order."""
    best: tuple[float, list[str]] = (0.0, [])
    for run in _sibling_headings(layout):
        for first, count in itertools.product(range(len(run)), range(_FEW + 1, _MOST_LEVELS + 1)):
            some = run[first : first + count]
            if len(some) < count or not all(_has_list(part) for _, part in some):
                continue
            evidence = [evidence_of(_below(text, part)) for text, part in some]
            if min(max(own.values()) for own in evidence) >= LEAST_EVIDENCE:
                fit = max(worth_of(evidence), worth_of(evidence[::-1]))
                best = max(best, (fit, [text for text, _ in some]))
    return best[1]


def _sibling_headings(layout: Layout) -> Iterator[list[tuple[str, Sequence[Block]]]]:
    """Headings of one rank that prose follows and no higher one parts, each with what stands up to the next of them.

    Headings of the same rank that recur are sections under each level, and stand between.
    """
    headings = [
        (place, block)
        for place, block in enumerate(layout.blocks)
        if isinstance(block, Piece) and block.kind is Kind.HEADING
    ]
    counts = Counter(piece.text for _, piece in headings)
    for rank in sorted({piece.rank for _, piece in headings}):
        run: list[int] = []
        for place, piece in [*headings, (len(layout.blocks), None)]:
            if piece is None or piece.rank < rank:
                bounds = pairwise([*run, place])
                yield [(_text_at(layout, at), layout.blocks[at + 1 : end]) for at, end in bounds]
                run = []
            elif piece.rank == rank and counts[piece.text] == 1 and _prose_follows(layout, place):
                run.append(place)


def _text_at(layout: Layout, place: int) -> str:
    block = layout.blocks[place]
    assert isinstance(block, Piece)
    return block.text


def _prose_follows(layout: Layout, place: int) -> bool:
    below = layout.blocks[place + 1] if place + 1 < len(layout.blocks) else None
    return isinstance(below, Piece) and below.kind is Kind.PARAGRAPH


def _has_list(part: Sequence[Block]) -> bool:
    return any(isinstance(block, Grid) or block.kind is Kind.ITEM for block in part)


def _below(heading: str, part: Sequence[Block]) -> list[tuple[str, float]]:
    """The sentences under a heading before its first list, and the heading itself."""
    found = [(heading, _NAME_WEIGHT)]
    for block in part:
        if isinstance(block, Grid) or block.kind is Kind.ITEM:
            break
        if block.kind is Kind.PARAGRAPH:
            found += [(sentence, 1.0) for sentence in _sentences(block.text)]
    return found[: MOST_DEFINING + 1]


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
    numbers = [key.rpartition(" ")[2] for key in keys]
    ordered = (
        sorted(keys, key=lambda key: key.rpartition(" ")[2]) if all(len(number) <= 2 for number in numbers) else keys
    )
    return max((ordered, ordered[::-1]), key=lambda order: worth_of([evidence[key] for key in order]))


def _sentences_about(layout: Layout, scheme: Scheme, key: str) -> Iterator[tuple[str, float]]:
    """Sentences that define a level, and what each counts."""
    label = scheme.labels[key]
    yield f"{label.native} {label.name}", _NAME_WEIGHT
    defining = itertools.islice(_defining(layout, scheme, key), MOST_DEFINING)
    yield from ((sentence, 1.0) for sentence in defining)
    for piece in layout.pieces():
        if piece.kind is Kind.PARAGRAPH and scheme.begun(piece.text) != key:
            for sentence in _sentences(piece.text):
                if mentions(sentence) == [key]:
                    yield sentence, _ASIDE_WEIGHT


def _defining(layout: Layout, scheme: Scheme, key: str) -> Iterator[str]:
    under: str | None = None
    for block in layout.blocks:
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
            yield from _sentences(block.text)
        elif block.kind is Kind.ITEM:
            under = None


def _defined_in_grid(grid: Grid, scheme: Scheme, key: str) -> Iterator[str]:
    """From a table with a row for each level, or from the defining rows of one with a column for each."""
    first = [
        scheme.of(row[0].text) or (scheme.of(row[0].pieces[0].text) if row[0].pieces else None) for row in grid.rows
    ]
    if len({own for own in first if own}) >= 2 and len([own for own in first if own == key]) == 1:
        for cell in dict.fromkeys(grid.rows[first.index(key)]):
            for piece in cell.pieces:
                if piece.kind is Kind.PARAGRAPH and scheme.of(piece.text) is None:
                    yield from _sentences(piece.text)
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
            yield from _sentences(text)


def _sentences(text: str) -> list[str]:
    return [text[start:end] for start, end in split_sentences(text)]


def overridden(levels: Sequence[NativeLevel], by_person: Mapping[str, Sequence[Level]]) -> tuple[NativeLevel, ...]:
    """The levels with the sets that a person gave, by key."""
    return tuple(
        replace(level, levels=tuple(by_person[level.key]), reason="set by a person", sure=True)
        if level.key in by_person
        else level
        for level in levels
    )
