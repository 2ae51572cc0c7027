"""How documents name their levels: "Level 2 (Early Help)", "Tier Three", "Child in Need", or words of their own."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from evenhand.documents.layout import Cell, Grid, Kind, Layout, Piece, once
from evenhand.documents.pieces import without_continued

MOST_LABEL_WORDS = 14  # "Level 3: children with multiple needs who need help from several services together"
_FEWEST_LEVELS, _MOST_LEVELS = 2, 6
_MOST_OWN_WORDS = 8  # of a level's name in words of the document's own
_NUMBER_WORDS = {"zero": "0", "one": "1", "two": "2", "three": "3", "four": "4", "five": "5"}
_ROMAN = {"i": "1", "ii": "2", "iii": "3", "iv": "4", "v": "5"}
_NUMBER = r"[0-6][a-c]?|[A-E]|zero|one|two|three|four|five|i{1,3}|iv|v"
_NUMBERED = re.compile(
    r"\b(?P<word>level|tier|band|step|stage|layer|window|threshold)(?P<several>s?)\s*(?:of need\s*)?"
    rf"(?P<number>{_NUMBER})\b(?:\s*(?:-|–|—|to|and|&|/|or|\+)\s*(?P<last>{_NUMBER})\b)?",
    re.IGNORECASE,
)
_FIRST_WORDS = 4  # of a sentence, among which it names the level that it is about
_IN_SENTENCE = 3  # words before and behind a level's number, from which on it is mentioned and no heading
_COUNT = re.compile(r"\s*\(?\b\d{1,3} (?:examples?|indicators?|items?|signs?|factors?)\)?$", re.IGNORECASE)
_NUMBERING = re.compile(r"^\s*\d{1,2}(?:\.\d{1,2})*\.?\s*$")  # of a section that has a level's name
_PARTS = re.compile(r"\s*[:–—()/|]\s*|\s-\s")  # a level's name from what is said with it
_MARKS = re.compile(r"[\s\-–—:;,.()\[\]/|*•]+")
# Ordinary names of levels that need no number; each stands for itself and for what may follow it.
_NAMES = (
    "universal plus|universal and community help|universal|no additional needs|help for everyone|everyone|community"
    "|targeted early help|early help|targeted|additional|partnership plus|partnership|intensive|family help|complex"
    "|specialist|acute|statutory|child(?:ren)? in need(?: of (?:help|protection|support))?|child protection|protection"
    "|social care|vulnerable"
)
_FOLLOWING = (
    r"(?: (?:needs?|support|services?|help|level|intervention|response|provision|safeguarding|threshold"
    r"|section (?:17|47)|s ?(?:17|47)|cin|cp))*"
)
_NAMED = re.compile(rf"(?:{_NAMES}){_FOLLOWING}(?: (?:and |or )?(?:{_NAMES}){_FOLLOWING})*")


@dataclass(frozen=True, slots=True)
class Label:
    """What names a level.

    Attributes:
        key: The same for all that name one level.
        native: As the document says it, without its name: "Level 2"; the whole of it where there is no number.
        name: What stands beside the number; "" for nothing.
    """

    key: str
    native: str
    name: str


def numbered_label(text: str) -> Label | None:
    """The level that a heading or a cell names by its number; None for a sentence, several levels or none."""
    text = without_continued(text)
    found = list(_NUMBERED.finditer(text))
    if len({_key(match) for match in found}) != 1 or len(text.split()) > MOST_LABEL_WORDS:
        return None
    match = found[0]
    before, after = text[: match.start()], text[match.end() :]
    # "Levels 3 & 4" is a level of its own where it heads something, and two levels in a sentence.
    if (match["last"] and before.strip()) or (match["several"] and not match["last"]):
        return None
    if len(before.split()) > 6 or "," in before or text.rstrip().endswith((",", ";")):
        return None
    before = _NUMBERING.sub("", before)
    if len(before.split()) >= _IN_SENTENCE <= len(after.split()) and not (_apart(before[-2:]) or _apart(after[:2])):
        return None
    name = " ".join(part for part in (_trimmed(before), _trimmed(after)) if part)
    return Label(_key(match), match.group().strip(), name)


def _apart(text: str) -> bool:
    """Whether there is a mark in a text that sets off what stands before or behind it."""
    return any(not char.isalnum() and not char.isspace() for char in text)


def named_label(text: str) -> Label | None:
    """The level that a heading or a cell names by an ordinary name; None for anything else."""
    plain = _plain(text)
    if not plain or len(plain.split()) > MOST_LABEL_WORDS or not _NAMED.fullmatch(plain):
        return None
    return Label(plain, text.strip(), "")


def mentions(text: str) -> list[str]:
    """Keys of the numbered levels that a text mentions, each once."""
    return list(dict.fromkeys(_key(match) for match in _NUMBERED.finditer(text)))


def _key(match: re.Match[str]) -> str:
    last = f"-{_digit(match['last'])}" if match["last"] else ""
    return f"{match['word'].lower()} {_digit(match['number'])}{last}"


def _digit(told: str) -> str:
    number = told.lower()
    if told.isupper() and len(told) == 1:
        return number  # "Level C" is a letter, "level i" a Roman number
    return _NUMBER_WORDS.get(number) or _ROMAN.get(number, number)


def _trimmed(text: str) -> str:
    return text.strip(" \t-–—:;,.()[]/|*•")


def _plain(text: str) -> str:
    return _MARKS.sub(" ", text.lower()).strip()


class Scheme:
    """The levels that a document has, in the order in which it names them.

    Attributes:
        labels: One for each level, by key; with the name that stands beside it most often.
    """

    def __init__(self, labels: dict[str, Label], *, own_words: bool) -> None:
        self.labels = labels
        self._own_words = own_words
        self._by_name: dict[str, str] = {}
        for key, label in labels.items():
            for name in (label.name, f"{label.native} {label.name}", label.native):
                if plain := _plain(name):
                    self._by_name.setdefault(plain, key)

    def of(self, text: str) -> str | None:
        """Key of the level that a heading or a cell names; None if it names none, or more than one."""
        text = _COUNT.sub("", without_continued(text))
        if self._own_words:
            return self._by_name.get(_plain(text)) or self._of_parts(text)
        label = numbered_label(text)
        if label is not None:
            return label.key if label.key in self.labels else None
        return self._by_name.get(_plain(text))

    def begun(self, text: str) -> str | None:
        """Key of the level whose name a paragraph begins with, to say what it is; None for none."""
        head, colon, _ = text.partition(":")
        if colon and (key := self.of(head)):
            return key
        if not self._own_words:
            first = " ".join(text.split()[:_FIRST_WORDS])
            keys = mentions(first)
            return keys[0] if len(keys) == 1 and keys[0] in self.labels else None
        told = _plain(text) + " "
        names = [name for name in self._by_name if told.startswith(name + " ")]
        return self._by_name[max(names, key=len)] if names else None

    def _of_parts(self, text: str) -> str | None:
        """The level of "Green: universal services", whose first part names it and whose others name no other."""
        parts = [part for part in _PARTS.split(text) if _plain(part)]
        if len(parts) < 2 or len(text.split()) > MOST_LABEL_WORDS:
            return None
        keys = [self._by_name.get(_plain(part)) for part in parts]
        return keys[0] if len({key for key in keys if key}) == 1 else None


def labelled_scheme(layout: Layout) -> Scheme | None:
    """The scheme of numbered labels, or else of ordinary names that head columns, rows or sections; None without."""
    short = [text for text in _heads(layout) if len(text.split()) <= MOST_LABEL_WORDS]
    numbered = [label for label in map(numbered_label, short) if label]
    words = Counter(key.split()[0] for key in {label.key for label in numbered})
    if words and words.most_common(1)[0][1] >= _FEWEST_LEVELS:
        word = words.most_common(1)[0][0]
        return _best_named(label for label in numbered if label.key.startswith(word + " "))
    for heads in _named_heads(layout):
        return own_words(heads)
    named = [label for label in map(named_label, short) if label]
    if len({label.key for label in named}) >= _FEWEST_LEVELS:
        return own_words([label.native for label in {label.key: label for label in named}.values()])
    return None


def repeated_scheme(layout: Layout) -> Scheme | None:
    """Heads that several tables share, or headings that several sections share, as levels; None without."""
    for heads in _repeated_heads(layout):
        return own_words(heads)
    return None


def own_words(heads: Sequence[str]) -> Scheme:
    """A scheme of these words, each naming a level."""
    return Scheme({_plain(text): Label(_plain(text), text, "") for text in heads}, own_words=True)


def rows_as_levels(grid: Grid, rows: Sequence[int]) -> Scheme:
    """A scheme of the levels that these rows of a table name in their first column, and of what else stands there."""
    heads = [[piece.text for piece in grid.rows[row][0].pieces] for row in rows]
    named = Counter(_plain(part) for told in heads for text in told for part in _PARTS.split(text))
    labels = {}
    for told in heads:
        parts = [part for text in told for part in _PARTS.split(text) if named[_plain(part)] == 1]
        if parts:
            labels[_plain(" ".join(told))] = Label(_plain(" ".join(told)), parts[0].strip(), " ".join(parts[1:]))
    return Scheme(labels, own_words=True)


def begun_names(layout: Layout) -> list[tuple[str, str]]:
    """Short texts that head something three times or more and begin a paragraph somewhere; each with that paragraph."""
    heads = Counter(_plain(_COUNT.sub("", text)) for text in _heads(layout) if len(text.split()) <= _MOST_OWN_WORDS)
    found: dict[str, tuple[str, str]] = {}
    for piece in layout.pieces():
        told = _plain(piece.text) + " "
        if piece.kind is Kind.PARAGRAPH and len(piece.text.split()) > _MOST_OWN_WORDS:
            names = [
                name for name, count in heads.items() if name and count > _FEWEST_LEVELS and told.startswith(name + " ")
            ]
            if names:
                name = max(names, key=len)
                found.setdefault(name, (piece.text[: len(name)], piece.text))
    return list(found.values())


def names_in(layout: Layout, apart: Grid) -> Counter[str]:
    """How often each short text stands by itself as a heading, paragraph or cell outside of one table, made plain."""
    found = Counter[str]()
    for block in layout.blocks:
        if isinstance(block, Piece):
            found[_plain(block.text)] += 1
        elif block is not apart:
            found.update(_plain(cell.text) for row in block.rows for cell in once(row))
    return found


def is_named(scheme: Scheme, key: str, names: Counter[str]) -> bool:
    """Whether a level's name is among these."""
    return any(scheme.of(name) == key for name in names)


def _heads(layout: Layout) -> Iterator[str]:
    """Texts that may name a level: headings, paragraphs, heads of rows and columns, and cells over a whole row."""
    for block in layout.blocks:
        if isinstance(block, Piece):
            if block.kind is not Kind.ITEM:
                yield block.text
        else:
            yield from _grid_heads(block)


def _grid_heads(grid: Grid) -> Iterator[str]:
    for number, row in enumerate(grid.rows):
        for column, cell in enumerate(row):
            if (number < 2 or column == 0 or cell.header) and cell.text:
                yield cell.text
                if cell.pieces:
                    yield cell.pieces[0].text


def _named_heads(layout: Layout) -> Iterator[list[str]]:
    """Heads of a table's columns of which two or more are ordinary names of levels: the others beside them are too."""
    for block in layout.blocks:
        if not isinstance(block, Grid):
            continue
        texts = [text for text in dict.fromkeys(cell.text for cell in block.rows[0]) if text]
        named = [text for text in texts if named_label(text)]
        if (
            len(named) >= _FEWEST_LEVELS
            and len(texts) <= _MOST_LEVELS + 1
            and all(len(text.split()) <= _MOST_OWN_WORDS for text in texts)
        ):
            heads_rows = not any(piece.kind is Kind.ITEM for row in block.rows[1:] for piece in row[0].pieces)
            corner = bool(block.rows[0][0].text) and heads_rows and not named_label(texts[0])
            yield texts[1:] if corner else texts


def _best_named(labels: Iterable[Label]) -> Scheme:
    """One label for each level, with the name that stands beside it most often; the other names are known too."""
    by_key: dict[str, list[Label]] = {}
    for label in labels:
        by_key.setdefault(label.key, []).append(label)
    best = {}
    for key, own in by_key.items():
        counts = Counter(_plain(label.name) for label in own)
        best[key] = max(own, key=lambda label: (bool(label.name), counts[_plain(label.name)], len(label.name)))
    return Scheme(best, own_words=False)


def _repeated_heads(layout: Layout) -> Iterator[list[str]]:
    rows = Counter(
        tuple(cell.text for cell in row) for block in layout.blocks if isinstance(block, Grid) for row in block.rows[:2]
    )
    for cells, count in rows.most_common():
        told = [text for text in dict.fromkeys(cells[1:] if len(cells) > _FEWEST_LEVELS else cells) if text]
        if (
            count > 1
            and _FEWEST_LEVELS < len(told) <= _MOST_LEVELS
            and all(len(text.split()) <= _MOST_OWN_WORDS for text in told)
        ):
            yield told
    firsts = Counter[str]()
    told_as: dict[str, str] = {}
    for block in layout.blocks:
        if isinstance(block, Grid):
            for text in dict.fromkeys(
                row[0].text for row in block.rows if row[0].text and len(row[0].text.split()) <= 8
            ):
                firsts[_plain(text)] += 1
                told_as.setdefault(_plain(text), text)
    common = [told_as[plain] for plain, count in firsts.items() if count > _FEWEST_LEVELS]
    if _FEWEST_LEVELS < len(common) <= _MOST_LEVELS:
        yield common
    headings = [block for block in layout.blocks if isinstance(block, Piece) and block.kind is Kind.HEADING]
    counts = Counter((piece.rank, piece.text) for piece in headings)
    for rank in sorted({rank for rank, _ in counts}):
        told = [text for (own, text), count in counts.items() if own == rank and count > _FEWEST_LEVELS]
        if _FEWEST_LEVELS < len(told) <= _MOST_LEVELS:
            yield told


def level_columns(row: Sequence[Cell], scheme: Scheme) -> dict[int, str]:
    """Which columns a row of a table puts under which level."""
    found = {}
    for column, cell in enumerate(row):
        key = scheme.of(cell.text) or (scheme.of(cell.pieces[0].text) if cell.pieces else None)
        if key:
            found[column] = key
    return found
