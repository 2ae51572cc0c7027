"""What was read so far: descriptors with their levels, and what tells a level's definition from what stands at it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from evenhand.documents.colours import ColourKey
from evenhand.documents.labels import Scheme
from evenhand.documents.layout import Piece

_FEWEST_LETTERS = 2  # "NEET" and "TB" are terms; "4" is a page number


@dataclass(frozen=True, slots=True)
class Found:
    """One descriptor.

    Attributes:
        text: As the document has it, on one line, without its bullet.
        key: Of its level.
        section: Nearest heading or row head that names no level; "" for none.
        piece: Where it stands.
        running: Whether it comes from running text and not from a list or a cell.
    """

    text: str
    key: str
    section: str
    piece: Piece
    running: bool = False


class Collected:
    """Descriptors found so far, and where the reading is.

    A part of a document begins wherever a level is named.

    Attributes:
        scheme: The document's levels.
        colours: What colours say of levels, if they carry them.
        found: In reading order.
        level: Key of the level that everything stands at until another is named; None for none.
        section: Nearest heading that names no level; "" for none.
        part: Counts the parts.
        tails: Whether texts end with the number of their level.
        prose_in_tables: Whether cells hold running text, each sentence of which is a descriptor.
    """

    def __init__(self, scheme: Scheme, colours: ColourKey | None) -> None:
        self.scheme = scheme
        self.colours = colours
        self.found: list[Found] = []
        self.level: str | None = None
        self.section = ""
        self.part = 0
        self.prose_in_tables = False
        self.tails = False
        self._part_of: dict[int, int] = {}
        self._with_lists: dict[str, set[int]] = {}  # parts by level that list something
        self._first_part: dict[str, int] = {}
        self._responding: set[int] = set()  # parts in which a sentence says who responds
        self._intros: set[int] = set()  # prose directly below a level's name
        self._phrases: set[int] = set()  # paragraphs without a full stop

    def name(self, key: str) -> None:
        """Go on to a part whose level is named here."""
        self.level = key
        self.part += 1
        self._first_part.setdefault(key, self.part)

    def colour_of(self, pieces: Iterable[Piece]) -> str | None:
        """The level that the colour of a piece says, of the first that has any."""
        colours = self.colours
        told = (colours.of(piece.colours) for piece in pieces) if colours else iter(())
        return next((key for key in told if key), None)

    def add(self, text: str, key: str, section: str, piece: Piece, *, running: bool = False) -> None:
        """Add a descriptor; what has hardly a letter in it is none, nor is a remark in brackets: "(see above)"."""
        if sum(map(str.isalpha, text)) < _FEWEST_LETTERS or (text[0] == "(" and text.find(")") == len(text) - 1):
            return
        self.found.append(Found(text, key, section, piece, running))
        self._part_of[id(piece)] = self.part
        if not running:
            self._with_lists.setdefault(key, set()).add(self.part)

    def note(self, piece: Piece, *, phrase: bool = False, intro: bool = False) -> None:
        """Note what prose is: a phrase, or what stands directly below a level's name."""
        if phrase:
            self._phrases.add(id(piece))
        elif intro:
            self._intros.add(id(piece))

    def note_response(self) -> None:
        """Note that something in this part says who responds."""
        self._responding.add(self.part)

    def defines(self, found: Found) -> bool:
        """Whether running text defines its level: directly below its name, with a list further down; or with nothing
        listed, while the level's list is elsewhere, it says who responds, or is the first to name it."""
        if id(found.piece) in self._phrases:
            return False
        lists, part = self._with_lists.get(found.key, set()), self._part_of[id(found.piece)]
        if part in lists and id(found.piece) in self._intros:
            return True
        is_first = part == self._first_part.get(found.key, part)
        return bool(lists) and part not in lists and (part in self._responding or is_first)
