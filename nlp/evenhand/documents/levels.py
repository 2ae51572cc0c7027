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

from evenhand.documents.labels import Scheme, labelled_scheme, level_columns, mentions, own_words, repeated_scheme
from evenhand.documents.layout import Block, Grid, Kind, Layout, Piece
from evenhand.scheme import LEVELS, Level
from evenhand.text import split_sentences

MOST_DEFINING = 8  # sentences of a definition that count; what comes later is about other things
_ASIDE_WEIGHT = 0.4  # of a sentence elsewhere that mentions one level alone
_NAME_WEIGHT = 1.0  # of the level's name, which counts as a sentence of its own
_MOST_EVIDENCE = 2.0  # for a code: said often is not said more surely
_LEAST_EVIDENCE = 0.6  # for a code to be worth having in a set
_UNCOVERED = 0.3  # for each code that no level has: documents cover the scale
_FEW, _MOST_LEVELS = 2, 6  # levels: so few labels may be chance, and no document has more
_SURE = 0.35  # by how much the best sets must beat those that differ at a level

# Words that decide, and what each is worth for which codes.
_CUES: tuple[tuple[Mapping[Level, float], str], ...] = (
    ({Level.NONE: 0.8}, r"\buniversal(?! plus)(?:ly)?\b"),
    ({Level.NONE: 1.0}, r"\bno (?:additional|extra|identified|unmet) (?:needs?|support|help|concerns?)\b"),
    ({Level.NONE: 0.7}, r"\b(?:all|every|most) (?:child|children|famil(?:y|ies))\b|\beveryone\b"),
    ({Level.NONE: 0.7}, r"\bneeds are (?:fully |being )?met\b"),
    ({Level.A: 0.6}, r"\buniversal plus\b|\badditional (?:needs?|support|help)\b|\bextra (?:help|support)\b"),
    ({Level.A: 1.0}, r"\b(?:single|one)[ -](?:agency|service|setting|organisation|professional|practitioner)\b"),
    ({Level.A: 0.8}, r"\bwithin (?:the|their|your|its|a) (?:own )?(?:setting|school|service|agency|organisation)\b"),
    ({Level.A: 0.8}, r"\bwithin (?:the|their|your|its) own resources\b"),
    ({Level.A: 0.4, Level.B: 0.4}, r"\bearly help\b"),
    ({Level.B: 1.0}, r"\bmulti[ -]?agency\b|\bmultiple agenc"),
    ({Level.B: 1.0}, r"\b(?:more than one|several|two or more|different) (?:agenc|service)"),
    ({Level.B: 1.0}, r"\blead (?:professional|practitioner|worker)\b|\bteam around the\b|\bTA[FC]\b|\bco-?ordinated\b"),
    ({Level.B: 0.8}, r"\btargeted\b|\bpartnership plus\b|\bintensive (?:family )?(?:help|support)\b"),
    ({Level.B: 0.7, Level.C: 0.5}, r"\bfamily help\b"),
    ({Level.C: 1.0}, r"\b(?:section|s\.?) ?17\b|\bchild(?:ren)? in need\b|\bCIN\b"),
    (
        {Level.C: 0.5, Level.D: 0.3},
        r"\bsocial work(?:er)?s?\b|\bchildren'?s social care\b|\bstatutory\b|\bspecialist\b",
    ),
    ({Level.C: 0.8}, r"\bunlikely to (?:achieve|reach|maintain)\b|\bsignificantly impaired\b"),
    ({Level.D: 1.0}, r"\b(?:section|s\.?) ?47\b|\bsignificant harm\b|\bchild(?:ren)? protection\b"),
    ({Level.D: 1.0}, r"\bstrategy (?:discussion|meeting)\b"),
    ({Level.D: 0.8}, r"\bin need of protection\b|\b(?:emergency|police) protection\b|\bcare proceedings\b"),
    ({Level.D: 0.8}, r"\blooked after\b"),
    ({Level.D: 0.5}, r"\bimmediate(?:ly)? (?:danger|risk|protection|action)\b|\bacute\b"),
)
_COMPILED = tuple((re.compile(pattern, re.IGNORECASE), worth) for worth, pattern in _CUES)
# Behind these a sentence speaks of what the level is not, or of the next one.
_ELSEWHERE = re.compile(
    r"\b(?:do(?:es)? not|did not|cannot|not (?:meet|require|need|reach)|no need|without|rather than|instead of|below"
    r"|step(?:s|ped|ping)? (?:up|down)|escalat\w*|before|if (?:needs|concerns|things|this|it)|unless|in addition to"
    r"|as well as|beyond|where (?:needs|concerns) (?:increase|escalate))\b[^.;]*",
    re.IGNORECASE,
)
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
    if defined := _defined_headings(layout):
        return own_words(defined)
    return labelled or repeated_scheme(layout)


def _defined_headings(layout: Layout) -> list[str]:
    """Three or more neighbouring headings of one rank, with lists below, whose texts say who responds, in order."""
    best: tuple[float, list[str]] = (0.0, [])
    for run in _sibling_headings(layout):
        for first, count in itertools.product(range(len(run)), range(_FEW + 1, _MOST_LEVELS + 1)):
            some = run[first : first + count]
            if len(some) < count or not all(_has_list(part) for _, part in some):
                continue
            evidence = [_evidence(_below(text, part)) for text, part in some]
            if min(max(own.values()) for own in evidence) >= _LEAST_EVIDENCE:
                fit = max(_worth_of(evidence), _worth_of(evidence[::-1]))
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
    evidence = {key: _evidence(sentences) for key, sentences in told.items()}
    keys = _in_order(list(scheme.labels), evidence)
    choice, sure = _best_sets([evidence[key] for key in keys])
    found = []
    for key, levels, certain in zip(keys, choice, sure, strict=True):
        label = scheme.labels[key]
        reason = _deciding(told[key], levels)
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
    turned = ordered[::-1]
    best = max((ordered, turned), key=lambda order: _worth_of([evidence[key] for key in order]))
    return (
        best
        if _worth_of([evidence[key] for key in turned]) > _worth_of([evidence[key] for key in ordered])
        else ordered
    )


def _sentences_about(layout: Layout, scheme: Scheme, key: str) -> Iterator[tuple[str, float]]:
    """Sentences that define a level, and what each counts."""
    label = scheme.labels[key]
    yield f"{label.native} {label.name}", _NAME_WEIGHT
    defining = itertools.islice(_defining(layout, scheme, key), MOST_DEFINING)
    yield from ((sentence, 1.0) for sentence in defining)
    for piece in layout.pieces():
        if piece.kind is Kind.PARAGRAPH and not _begins_with(piece.text, scheme, key):
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
        elif _begins_with(block.text, scheme, key) or (under == key and block.kind is Kind.PARAGRAPH):
            yield from _sentences(block.text)
        elif block.kind is Kind.ITEM:
            under = None


def _begins_with(text: str, scheme: Scheme, key: str) -> bool:
    head, colon, _ = text.partition(":")
    if colon and scheme.of(head) == key:
        return True
    first = _sentences(text[:200])
    return bool(first) and mentions(" ".join(first[0].split()[:4])) == [key]


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


def _evidence(sentences: Sequence[tuple[str, float]]) -> dict[Level, float]:
    found = dict.fromkeys(LEVELS, 0.0)
    for sentence, weight in sentences:
        for code, worth in _worth(sentence).items():
            found[code] = min(_MOST_EVIDENCE, found[code] + weight * worth)
    return found


def _worth(sentence: str) -> dict[Level, float]:
    told = _ELSEWHERE.sub(" ", sentence)
    found: dict[Level, float] = {}
    for pattern, worth in _COMPILED:
        if pattern.search(told):
            for code, value in worth.items():
                found[code] = max(found.get(code, 0.0), value)
    return found


def _deciding(sentences: Sequence[tuple[str, float]], levels: Sequence[Level]) -> str:
    """The sentence with the most to say for the chosen codes."""
    scored = [
        (weight * sum(_worth(sentence).get(code, 0.0) for code in levels), sentence) for sentence, weight in sentences
    ]
    name, told = scored[0], scored[1:]
    # The name alone decides only where no sentence does.
    best, sentence = max(told, default=name, key=lambda found: found[0])
    if best <= 0:
        best, sentence = name
    return sentence if best > 0 else "nothing in the document says who responds at this level"


Sets = tuple[tuple[Level, ...], ...]


def _best_sets(evidence: Sequence[Mapping[Level, float]]) -> tuple[Sets, tuple[bool, ...]]:
    """The sets that fit best together, and for each level whether any other set fits clearly less well."""
    scored = sorted(((_fit(sets, evidence), sets) for sets in _possible(len(evidence))), key=lambda found: -found[0])
    best, choice = scored[0]
    sure = []
    for place, own in enumerate(choice):
        other = max((score for score, sets in scored if sets[place] != own), default=float("-inf"))
        sure.append(best - other >= _SURE)
    return choice, tuple(sure)


def _worth_of(evidence: Sequence[Mapping[Level, float]]) -> float:
    return max(_fit(sets, evidence) for sets in _possible(len(evidence)))


def _fit(sets: Sets, evidence: Sequence[Mapping[Level, float]]) -> float:
    told = sum(own[code] - _LEAST_EVIDENCE for codes, own in zip(sets, evidence, strict=True) for code in codes)
    covered = {code for codes in sets for code in codes}
    return told - _UNCOVERED * (len(LEVELS) - len(covered))


def _possible(count: int) -> Iterator[Sets]:
    """Ways to lay `count` runs of codes behind one another; each has at least one code where there are enough."""
    if count > len(LEVELS):
        # More levels than codes: neighbours may share one.
        for starts in itertools.combinations_with_replacement(range(len(LEVELS)), count):
            yield tuple((LEVELS[start],) for start in starts)
        return
    for firsts in itertools.combinations(range(len(LEVELS)), count):
        bounds = (*firsts[1:], len(LEVELS))
        for lasts in itertools.product(*(range(first, bound) for first, bound in zip(firsts, bounds, strict=True))):
            yield tuple(LEVELS[first : last + 1] for first, last in zip(firsts, lasts, strict=True))


def overridden(levels: Sequence[NativeLevel], by_person: Mapping[str, Sequence[Level]]) -> tuple[NativeLevel, ...]:
    """The levels with the sets that a person gave, by key."""
    return tuple(
        replace(level, levels=tuple(by_person[level.key]), reason="set by a person", sure=True)
        if level.key in by_person
        else level
        for level in levels
    )
