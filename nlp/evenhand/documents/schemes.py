"""Which words name the levels of a document: numbers, ordinary names, or words that it defines or repeats itself."""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import pairwise

from evenhand.documents.heads import (
    FEWEST_LEVELS,
    MOST_LEVELS,
    MOST_OWN_WORDS,
    heads_of,
    named_heads,
    repeated_heads,
)
from evenhand.documents.labels import (
    MOST_LABEL_WORDS,
    Label,
    Scheme,
    name_parts,
    named_label,
    numbered_label,
    own_words,
    plain_name,
    without_count,
)
from evenhand.documents.layout import Block, Grid, Kind, Layout, Piece, once
from evenhand.documents.level_sets import LEAST_EVIDENCE, MOST_DEFINING, NAME_WEIGHT, decides, evidence_of, worth_of
from evenhand.documents.pieces import is_lead_in, sentences_of
from evenhand.documents.responses import MOST_HEAD_WORDS
from evenhand.scheme import Level


def find_levels(layout: Layout) -> Scheme | None:
    """The document's scheme of levels; None without one.

    Numbered levels first; then those that a table defines, unless more have ordinary names; then names that paragraphs
    or headings define; last what several tables or sections share as heads.
    """
    labelled = labelled_scheme(layout)
    enough = labelled is not None and len(labelled.labels) > FEWEST_LEVELS
    if enough and labelled and labelled.numbered:
        return labelled
    rows = _defined_rows(layout, at_least=len(labelled.labels) if labelled else 0)
    if rows is not None:
        return rows
    if enough:
        return labelled
    for defined in (_named_tabs(layout), _defined_boxes(layout), _begun_paragraphs(layout), _defined_headings(layout)):
        if defined:
            return own_words(defined)
    return labelled or repeated_scheme(layout)


def _defined_rows(layout: Layout, *, at_least: int) -> Scheme | None:
    """Levels that a table defines row by row in words of the document's own, and that head lists or cells elsewhere.

    Fewer than `at_least` count only if they go from universal services to statutory ones.
    """
    best: tuple[float, Scheme | None] = (0.0, None)
    for grid in layout.blocks:
        if not isinstance(grid, Grid) or len(grid.rows[0]) < 2:
            continue
        cells = [[(text, 1.0) for cell in once(row[1:]) for text in sentences_of(cell.text)] for row in grid.rows]
        named = [[(row[0].text, NAME_WEIGHT), *told] for row, told in zip(grid.rows, cells, strict=True)]
        evidence = [evidence_of(told) for told in named]
        rows = [
            number
            for number, row in enumerate(grid.rows)
            if 0 < len(row[0].text.split()) <= MOST_HEAD_WORDS and decides(evidence[number])
        ]
        # A list of contents has the names alone.
        if 2 * sum(decides(evidence_of(cells[row])) for row in rows) <= len(rows):
            continue
        scheme = rows_as_levels(grid, rows)
        if not FEWEST_LEVELS < len(scheme.labels) == len(rows) <= MOST_LEVELS:
            continue
        names = names_in(layout, grid)
        own = [evidence[row] for row in rows]
        fit = max(worth_of(own), worth_of(own[::-1]))
        if len(rows) < at_least and not _go_from_end_to_end(own):
            continue
        if 2 * sum(is_named(scheme, key, names) for key in scheme.labels) > len(rows) and fit > best[0]:
            best = (fit, scheme)
    return best[1]


def _go_from_end_to_end(evidence: Sequence[Mapping[Level, float]]) -> bool:
    statutory = (max(own[Level.C], own[Level.D]) for own in evidence)
    return max(own[Level.NONE] for own in evidence) >= LEAST_EVIDENCE <= max(statutory)


def _named_tabs(layout: Layout) -> list[str]:
    """What tabs beside pages name, if headings have the same names."""
    headings = {plain_name(piece.text) for piece in layout.pieces() if piece.kind is Kind.HEADING}
    tabs = {plain_name(piece.text): piece.text for piece in layout.pieces() if piece.kind is Kind.TAB}
    named = [text for name, text in tabs.items() if name in headings]
    return named if FEWEST_LEVELS < len(named) == len(tabs) <= MOST_LEVELS else []


def _defined_boxes(layout: Layout) -> list[str]:
    """Names at the top of boxes that follow one another and most of which say who responds, if they head more."""
    run: list[tuple[str, bool]] = []
    best: list[tuple[str, bool]] = []
    for block in layout.blocks:
        column = block.column() if isinstance(block, Grid) else None
        if column and len(column) > 1 and len(column[0].text.split()) <= MOST_HEAD_WORDS:
            told = [(sentence, 1.0) for piece in column[1:] for sentence in sentences_of(piece.text)]
            run.append((column[0].text, decides(evidence_of(told))))
            best = max(best, run, key=len)
        else:
            run = []
    names = Counter(plain_name(text) for text in heads_of(layout))
    named = [text for text, _ in best if names[plain_name(text)]]
    strong = sum(sure for _, sure in best)
    return named if FEWEST_LEVELS < len(named) == len(best) <= MOST_LEVELS and 2 * strong > len(best) else []


def _begun_paragraphs(layout: Layout) -> list[str]:
    """Names that head lists or cells, defined in paragraphs that begin with them, most of which say who responds."""
    named = begun_names(layout)
    strong = [
        name for name, text in named if decides(evidence_of([(sentence, 1.0) for sentence in sentences_of(text)]))
    ]
    return (
        [name for name, _ in named]
        if FEWEST_LEVELS < len(named) <= MOST_LEVELS and 2 * len(strong) > len(named)
        else []
    )


def _defined_headings(layout: Layout) -> list[str]:
    """Three or more neighbouring headings of one rank, with lists below, whose texts say who responds, in order."""
    best: tuple[float, list[str]] = (0.0, [])
    for run in _sibling_headings(layout):
        for first, count in itertools.product(range(len(run)), range(FEWEST_LEVELS + 1, MOST_LEVELS + 1)):
            some = run[first : first + count]
            if len(some) < count or not all(_has_list(part) for _, part in some):
                continue
            evidence = [evidence_of(_below(text, part)) for text, part in some]
            if all(decides(own) for own in evidence):
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
    found = [(heading, NAME_WEIGHT)]
    for block in part:
        if isinstance(block, Grid) or block.kind is Kind.ITEM:
            break
        if block.kind is Kind.PARAGRAPH:
            found += [(sentence, 1.0) for sentence in sentences_of(block.text)]
    return found[: MOST_DEFINING + 1]


def labelled_scheme(layout: Layout) -> Scheme | None:
    """The scheme of numbered labels, or else of ordinary names that head columns, rows or sections; None without."""
    short = [text for text in heads_of(layout) if len(text.split()) <= MOST_LABEL_WORDS]
    numbered = [label for label in map(numbered_label, short) if label]
    words = Counter(key.split()[0] for key in {label.key for label in numbered})
    if words and words.most_common(1)[0][1] >= FEWEST_LEVELS:
        word = words.most_common(1)[0][0]
        return _best_named(label for label in numbered if label.key.startswith(word + " "))
    for heads in named_heads(layout):
        return own_words(heads)
    named = [label for label in map(named_label, short) if label]
    if len({label.key for label in named}) >= FEWEST_LEVELS:
        return own_words([label.native for label in {label.key: label for label in named}.values()])
    return None


def repeated_scheme(layout: Layout) -> Scheme | None:
    """Heads that several tables share, or headings that several sections share, as levels; None without."""
    for heads in repeated_heads(layout):
        return own_words(heads)
    return None


def rows_as_levels(grid: Grid, rows: Sequence[int]) -> Scheme:
    """A scheme of the levels that these rows of a table name in their first column, and of what else stands there."""
    heads = [[piece.text for piece in grid.rows[row][0].pieces] for row in rows]
    named = Counter(plain_name(part) for told in heads for text in told for part in name_parts(text))
    labels = {}
    for told in heads:
        parts = [part for text in told for part in name_parts(text) if named[plain_name(part)] == 1]
        if parts:
            labels[plain_name(" ".join(told))] = Label(plain_name(" ".join(told)), parts[0], " ".join(parts[1:]))
    return Scheme(labels, own_words=True)


def begun_names(layout: Layout) -> list[tuple[str, str]]:
    """Short texts that head something three times or more and begin a paragraph somewhere; each with that paragraph.

    Instead of heading something they may stand in the sentences before lists.
    """
    heads = Counter(plain_name(without_count(text)) for text in heads_of(layout) if len(text.split()) <= MOST_OWN_WORDS)
    leads = [f" {plain_name(piece.text)} " for piece in layout.pieces() if is_lead_in(piece.text)]
    common = {name for name, count in heads.items() if name and count > FEWEST_LEVELS}
    found: dict[str, tuple[str, str]] = {}
    for piece in layout.pieces():
        words = piece.text.split()
        if piece.kind in (Kind.PARAGRAPH, Kind.ITEM) and len(words) > MOST_OWN_WORDS:
            begun = [" ".join(words[:count]) for count in range(1, MOST_OWN_WORDS + 1)]
            known = [text for text in begun if plain_name(text) in common]
            # "Red. A social worker leads" sets off the name; else it is the longest that is known.
            set_off = [text for text in begun if text.endswith((".", ":", "-", "–", "—"))]
            set_off = [text for text in set_off if text in known or _leads(plain_name(text), leads)]
            if known or set_off:
                name = set_off[0] if set_off else known[-1]
                found.setdefault(plain_name(name), (name.rstrip(" .:,-–—"), piece.text))
    # "For early help" is no name beside "Early help".
    inner = [name for name in found if not any(other != name and other in name for other in found)]
    return [found[name] for name in inner]


def _leads(name: str, leads: Sequence[str]) -> bool:
    """Whether a name stands in the sentences before three lists or more."""
    return bool(name) and sum(f" {name} " in lead for lead in leads) > FEWEST_LEVELS


def names_in(layout: Layout, apart: Grid) -> Counter[str]:
    """How often each short text stands by itself as a heading, paragraph or cell outside of one table, made plain."""
    found = Counter[str]()
    for block in layout.blocks:
        if isinstance(block, Piece):
            found[plain_name(block.text)] += 1
        elif block is not apart:
            for cell in once(cell for row in block.rows for cell in row):
                found.update({plain_name(cell.text), *(plain_name(piece.text) for piece in cell.pieces[:1])})
    return found


def is_named(scheme: Scheme, key: str, names: Counter[str]) -> bool:
    """Whether a level's name is among these."""
    return any(scheme.of(name) == key for name in names)


def _best_named(labels: Iterable[Label]) -> Scheme:
    """One label for each level, with the name that stands beside it most often; the other names are known too."""
    by_key: dict[str, list[Label]] = {}
    for label in labels:
        by_key.setdefault(label.key, []).append(label)
    best = {}
    for key, own in by_key.items():
        counts = Counter(plain_name(label.name) for label in own)
        best[key] = max(own, key=lambda label: (bool(label.name), counts[plain_name(label.name)], len(label.name)))
    return Scheme(best, own_words=False)
