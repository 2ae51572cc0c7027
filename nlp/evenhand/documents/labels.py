"""How documents name their levels: "Level 2 (Early Help)", "Tier Three", "Child in Need", or words of their own."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from evenhand.documents.layout import Cell
from evenhand.documents.pieces import without_continued

MOST_LABEL_WORDS = 14  # "Level 3: children with multiple needs who need help from several services together"
_SHORT = {"l": "level", "t": "tier"}  # "L2"
_NUMBER_WORDS = {"zero": "0", "one": "1", "two": "2", "three": "3", "four": "4", "five": "5"}
_ROMAN = {"i": "1", "ii": "2", "iii": "3", "iv": "4", "v": "5"}
# Letters and Roman numbers are capitals: "at a level" and "stage I" of a sentence name none.
_NUMBER = r"[0-6][a-c]?|(?-i:[A-E]|I{1,3}|IV|V)|zero|one|two|three|four|five"
_NUMBERED = re.compile(
    r"\b(?P<word>level|tier|band|step|stage|layer|window|threshold|(?-i:[LT](?=[1-5]\b)))(?P<several>s?)\s*"
    r"(?:of need\s*)?"
    rf"(?P<number>{_NUMBER})\b(?:\s*(?:-|–|—|to|and|&|/|or|\+)\s*(?P<last>{_NUMBER})\b)?",
    re.IGNORECASE,
)
_SET_OFF = re.compile(r"(.{2,60}?)(?:[.:]|\s[-–—])\s+(?=\S)")
_BEFORE_LEVEL = frozenset(
    ["of", "at", "to", "from", "in", "for", "and", "or", "than", "under", "above", "below", "meets"]
)
_FIRST_WORDS = 4  # of a sentence, among which it names the level that it is about
_IN_SENTENCE = 3  # words before and behind a level's number, from which on it is mentioned and no heading
_COUNT = re.compile(
    r"\s*\(?\b(?:\d{1,3} )?(?:examples?|indicators?|items?|signs?|factors?|descriptors?)\)?$"
    r"|^(?:examples?|indicators?|signs?) (?:of|for|at)\b",
    re.IGNORECASE,
)
_SEVERAL = re.compile(r"[•|→>]")  # between the names of several levels
_LEADING = re.compile(r"^[1-6] (?=[a-z])")  # "2 Early help"
_NUMBERING = re.compile(r"^\s*\d{1,2}(?:\.\d{1,2})*\.?\s*$")  # of a section that has a level's name
_PARTS = re.compile(r"\s*[:–—()/|]\s*|\s-\s")  # a level's name from what is said with it
_MARKS = re.compile(r"[\s\-–—:;,.()\[\]/|*•]+")
# Ordinary names of levels that need no number; each stands for itself and for what may follow it.
_NAMES = (
    "universal plus|universal and community help|universal|no additional needs|help for everyone|everyone|community"
    "|targeted early help|early help|early support|emerging|enhanced|targeted|additional|partnership plus|partnership"
    "|thriving|coping|getting (?:advice|help|more help|risk support|safe)|intensive|family help|complex"
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
    plain = _LEADING.sub("", plain_name(text))
    if not plain or _SEVERAL.search(text) or len(plain.split()) > MOST_LABEL_WORDS or not _NAMED.fullmatch(plain):
        return None
    return Label(plain, text.strip(), "")


def name_parts(text: str) -> list[str]:
    """What colons, dashes and brackets part in a level's name: "Green: universal" has two."""
    return [part.strip() for part in _PARTS.split(text) if plain_name(part)]


def without_count(text: str) -> str:
    """A heading without the number of what is listed under it, such as "6 examples"."""
    return _COUNT.sub("", text)


def mentions(text: str) -> list[str]:
    """Keys of the numbered levels that a text mentions, each once."""
    return list(dict.fromkeys(_key(match) for match in _NUMBERED.finditer(text)))


def _key(match: re.Match[str]) -> str:
    last = f"-{_digit(match['last'])}" if match["last"] else ""
    word = match["word"].lower()
    return f"{_SHORT.get(word, word)} {_digit(match['number'])}{last}"


def _digit(told: str) -> str:
    number = told.lower()
    if told.isupper() and len(told) == 1:
        return number  # "Level C" is a letter, "level i" a Roman number
    return _NUMBER_WORDS.get(number) or _ROMAN.get(number, number)


def _trimmed(text: str) -> str:
    return text.strip(" \t-–—:;,.()[]/|*•")


def plain_name(text: str) -> str:
    """A level's name as compared: small letters, marks as single spaces."""
    return _MARKS.sub(" ", text.lower()).strip()


class Scheme:
    """The levels that a document has, in the order in which it names them.

    Attributes:
        labels: One for each level, by key; with the name that stands beside it most often.
        numbered: Whether numbers name them.
    """

    def __init__(self, labels: dict[str, Label], *, own_words: bool) -> None:
        self.labels = labels
        self.numbered = not own_words
        self._by_name: dict[str, str] = {}
        for key, label in labels.items():
            for name in (label.name, f"{label.native} {label.name}", label.native):
                if plain := plain_name(name):
                    self._by_name.setdefault(plain, key)

    def of(self, text: str) -> str | None:
        """Key of the level that a heading or a cell names; None if it names none, or more than one."""
        text = without_count(without_continued(text))
        if not self.numbered:
            plain = plain_name(text)
            return self._by_name.get(plain) or self._by_name.get(_LEADING.sub("", plain)) or self._of_parts(text)
        label = numbered_label(text)
        if label is not None:
            return label.key if label.key in self.labels else None
        return self._by_name.get(plain_name(text))

    def led_in(self, text: str) -> str | None:
        """Key of the one level that a sentence before a list mentions; None for none or several."""
        if self.numbered:
            keys = mentions(text)
        else:
            told = f" {plain_name(text)} "
            found = sorted((name for name in self._by_name if f" {name} " in told), key=len, reverse=True)
            keys = [self._by_name[name] for name in found if not any(name != o and name in o for o in found)]
        return keys[0] if len(set(keys)) == 1 and keys[0] in self.labels else None

    def set_off(self, text: str) -> tuple[str, str] | None:
        """Key of the level that a paragraph sets off at its beginning, and the rest: "Early help. A pupil is ..."."""
        found = _SET_OFF.match(text)
        key = self.of(found[1]) if found else None
        return (key, text[found.end() :]) if found and key else None

    def of_cell(self, cell: Cell) -> str | None:
        """Key of the level that a cell names, by all of its text or by its first line."""
        return self.of(cell.text) or (self.of(cell.pieces[0].text) if cell.pieces else None)

    def tailed(self, text: str) -> tuple[str, str] | None:
        """Text and key of the level that it ends with: "Often late for school (Level 2)"; only for numbered levels."""
        found = list(_NUMBERED.finditer(text)) if self.numbered else []
        if not found or _trimmed(text[found[-1].end() :]) or _key(found[-1]) not in self.labels:
            return None
        told = text[: found[-1].start()].rstrip(" \t-–—:;,([|/")
        words = told.lower().split()
        said = len(words) < _IN_SENTENCE or words[-1] in _BEFORE_LEVEL or mentions(told)
        return None if said else (told, _key(found[-1]))

    def begun(self, text: str) -> str | None:
        """Key of the level whose name a paragraph begins with, to say what it is; None for none."""
        head, colon, _ = text.partition(":")
        if colon and (key := self.of(head)):
            return key
        if self.numbered:
            first = " ".join(text.split()[:_FIRST_WORDS])
            keys = mentions(first)
            return keys[0] if len(keys) == 1 and keys[0] in self.labels else None
        told = plain_name(text) + " "
        names = [name for name in self._by_name if told.startswith(name + " ")]
        return self._by_name[max(names, key=len)] if names else None

    def _of_parts(self, text: str) -> str | None:
        """The level of "Green: universal services", whose first part names it and whose others name no other."""
        parts = name_parts(text)
        if len(parts) < 2 or len(text.split()) > MOST_LABEL_WORDS:
            return None
        keys = [self._by_name.get(plain_name(part)) for part in parts]
        return keys[0] if len({key for key in keys if key}) == 1 else None


def own_words(heads: Sequence[str]) -> Scheme:
    """A scheme of these words, each naming a level."""
    return Scheme({plain_name(text): Label(plain_name(text), text, "") for text in heads}, own_words=True)


def level_columns(row: Sequence[Cell], scheme: Scheme) -> dict[int, str]:
    """Which columns a row of a table puts under which level."""
    found = {}
    for column, cell in enumerate(row):
        if key := scheme.of_cell(cell):
            found[column] = key
    return found
