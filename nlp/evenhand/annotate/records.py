"""Texts and their codings: who coded what, when, and how sure; checked when they are made; no I/O."""

from __future__ import annotations

import math
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Literal

from evenhand.errors import InputError, VocabularyError
from evenhand.framing.scheme import Category
from evenhand.scheme import SCHEME_VERSION, SEVERITIES, Assertion, Frame, Issue, Level, level_set

_LONGEST_NAME = 200  # characters of ids and names; what is longer is a text in the wrong column
_KEPT_CONTROLS = frozenset("\n\t")  # in notes and data: lines and cells of tables
_NO_CHARACTERS = frozenset("\ufffe\uffff")  # code points that XML does not have


@dataclass(frozen=True, slots=True)
class Unit:
    """A text to code.

    Attributes:
        id: One line, unique in its collection.
        text: As it is coded; any Unicode text, which offsets count by code points.
        document: Where it comes from; units of one document are alike, so intervals resample documents. "" for none.
        data: What else is known of it, as names and texts.
    """

    id: str
    text: str
    document: str = ""
    data: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Check it.

        Raises:
            InputError: an id or name is empty or no line, or a text cannot be written as UTF-8.
        """
        _check_line(self.id, "the id of a text")
        _check_text(self.text, f"text {self.id}")
        if self.document:
            _check_line(self.document, f"the document of {self.id}")
        for name, value in self.data.items():
            _check_line(name, f"a column of {self.id}")
            _check_note(value, f"column {name!r} of {self.id}")


@dataclass(frozen=True, slots=True, order=True)
class Coder:
    """Who coded: a person, by an id or a name, or a model of a version.

    Attributes:
        name: One line.
        kind: Person or model; machine codes stay told apart from people's.
        version: Of a model; "" for a person.
    """

    name: str
    kind: Literal["person", "model"] = "person"
    version: str = ""

    def __post_init__(self) -> None:
        """Check it.

        Raises:
            InputError: a name is empty or no line, a kind is unknown, or a person has a version.
        """
        _check_line(self.name, "the name of a coder")
        if self.kind not in {"person", "model"}:
            message = f"coder {self.name}: kind is {self.kind!r}; it is person or model"
            raise InputError(message)
        if self.version:
            _check_line(self.version, f"the version of {self.name}")
        if (self.kind == "model") != bool(self.version):
            message = f"coder {self.name}: a model has a version, and a person has none"
            raise InputError(message)

    @property
    def label(self) -> str:
        """One line that tells coders apart: "Aldermoor" or "evenhand 0.3.1 (model)"."""
        return f"{self.name} {self.version} (model)" if self.kind == "model" else self.name


@dataclass(frozen=True, slots=True)
class Annotation:
    """What a coder says of a text, or of a stretch of it.

    Attributes:
        id: One line, unique in its collection.
        unit: Id of the text.
        coder: Who says so.
        made: When, in UTC.
        confidence: 0 to 1; None where the coder gave none.
        start: Offset of the first character; None for the whole text.
        end: Offset just past the last; None for the whole text.
        levels: Contiguous set, ordered; () where none was given.
        severity: 1 to 6, of a person usually whole; None where none was given.
        issues: The most important first; () where none was given.
        assertion: None where none was given.
        frame: None where none was given.
        framing: How the stretch frames somebody; None where it does not, or was not asked.
        other: Codes of other schemes, as they are named there, with "/" between a group and its code.
        note: The coder's; lines.
        decides: Ids of codings between which this one decides, by an adjudicator; () for any other.
    """

    id: str
    unit: str
    coder: Coder
    made: datetime
    confidence: float | None = None
    start: int | None = None
    end: int | None = None
    levels: tuple[Level, ...] = ()
    severity: float | None = None
    issues: tuple[Issue, ...] = ()
    assertion: Assertion | None = None
    frame: Frame | None = None
    framing: Category | None = None
    other: tuple[str, ...] = ()
    note: str = ""
    decides: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        """Check it.

        Raises:
            InputError: something is out of range, given twice, or no line.
        """
        _check_line(self.id, "the id of a coding")
        where = f"coding {self.id}"
        if self.made.tzinfo is None or self.made.utcoffset() != UTC.utcoffset(None):
            message = f"{where}: its time has to be in UTC"
            raise InputError(message)
        if self.confidence is not None and not 0 <= self.confidence <= 1:
            message = f"{where}: confidence is {self.confidence}; it is from 0 to 1"
            raise InputError(message)
        if self.severity is not None and not SEVERITIES[0] <= self.severity <= SEVERITIES[-1]:
            message = f"{where}: severity is {self.severity}; it is from 1 to 6"
            raise InputError(message)
        if (self.start is None) != (self.end is None) or (self.start or 0) < 0:
            message = f"{where}: give start and end, from 0, or neither"
            raise InputError(message)
        self._check_codes(where)
        _check_note(self.note, f"the note of {where}")

    def _check_codes(self, where: str) -> None:
        try:
            ordered = level_set(self.levels) if self.levels else ()
        except VocabularyError as error:
            message = f"{where}: {error}"
            raise InputError(message) from None
        if ordered != self.levels:
            message = f"{where}: levels are in order, each once"
            raise InputError(message)
        for name, codes in (("issues", self.issues), ("other codes", self.other), ("decides", self.decides)):
            if len(set(codes)) != len(codes):
                message = f"{where}: {name} has one twice"
                raise InputError(message)
        for code in (*self.other, *self.decides):
            _check_line(code, f"a code of {where}")


@dataclass(frozen=True, slots=True)
class Annotations:
    """Texts and codings of them.

    Attributes:
        units: In their order.
        codings: Sorted by unit, place in it, time and id.
        scheme: Version of the coding scheme.
    """

    units: tuple[Unit, ...]
    codings: tuple[Annotation, ...] = ()
    scheme: str = SCHEME_VERSION

    def __post_init__(self) -> None:
        """Check it, and sort the codings.

        Raises:
            InputError: an id stands twice, or a coding is of a text that is not there or beyond its end.
        """
        _check_unique((unit.id for unit in self.units), "text")
        _check_unique((coding.id for coding in self.codings), "coding")
        places = {unit.id: place for place, unit in enumerate(self.units)}
        for coding in self.codings:
            if coding.unit not in places:
                message = f"coding {coding.id} is of text {coding.unit}, which is not there"
                raise InputError(message)
            if coding.end is not None and not (coding.start or 0) < coding.end <= len(
                self.units[places[coding.unit]].text
            ):
                message = f"coding {coding.id}: {coding.start} to {coding.end} is no stretch of text {coding.unit}"
                raise InputError(message)
        in_order = sorted(
            self.codings, key=lambda one: (places[one.unit], one.start or 0, one.end or math.inf, one.made, one.id)
        )
        object.__setattr__(self, "codings", tuple(in_order))

    @property
    def coders(self) -> tuple[Coder, ...]:
        """Who coded, people first, each once."""
        return tuple(sorted({coding.coder for coding in self.codings}, key=lambda one: (one.kind != "person", one)))

    def by_unit(self) -> dict[str, list[Annotation]]:
        """Codings of each text, also of those without any, in the order of the texts."""
        found: dict[str, list[Annotation]] = {unit.id: [] for unit in self.units}
        for coding in self.codings:
            found[coding.unit].append(coding)
        return found


def merged(collections: Iterable[Annotations]) -> Annotations:
    """Several collections as one: texts and codings of all, those that are equal once.

    Raises:
        InputError: two have one id and differ, or schemes differ.
    """
    units: dict[str, Unit] = {}
    codings: dict[str, Annotation] = {}
    schemes: set[str] = set()
    for collection in collections:
        schemes.add(collection.scheme)
        for unit in collection.units:
            if units.setdefault(unit.id, unit) != unit:
                message = f"two texts have the id {unit.id} and differ; give each its own"
                raise InputError(message)
        for coding in collection.codings:
            if codings.setdefault(coding.id, coding) != coding:
                message = f"two codings have the id {coding.id} and differ; give each its own"
                raise InputError(message)
    if len(schemes) > 1:
        message = f"the files are of different coding schemes ({', '.join(sorted(schemes))}); merge those of one"
        raise InputError(message)
    return Annotations(tuple(units.values()), tuple(codings.values()), *schemes)


def _check_unique(names: Iterable[str], what: str) -> None:
    seen: set[str] = set()
    for name in names:
        if name in seen:
            message = f"{what} id {name} stands twice; ids are unique"
            raise InputError(message)
        seen.add(name)


def _check_line(value: str, what: str) -> None:
    """Make sure that something is a short line that every format can hold.

    Raises:
        InputError: it is not.
    """
    if not value or value != value.strip() or len(value) > _LONGEST_NAME:
        message = f"{what} has to be a line of 1 to {_LONGEST_NAME} characters without spaces around it"
        raise InputError(message)
    _check_note(value, what)
    if not value.isprintable():
        message = f"{what} holds characters that cannot be seen"
        raise InputError(message)


def _check_note(value: str, what: str) -> None:
    """Make sure that lines can be held by every format: XML and workbooks have no control characters.

    Raises:
        InputError: they cannot.
    """
    _check_text(value, what)
    if any(
        (unicodedata.category(each) == "Cc" and each not in _KEPT_CONTROLS) or each in _NO_CHARACTERS for each in value
    ):
        message = f"{what} holds control characters; leave them out"
        raise InputError(message)


def _check_text(value: str, what: str) -> None:
    try:
        value.encode()
    except UnicodeEncodeError:
        message = f"{what} holds half a character, which no file can hold; read its file with the right encoding"
        raise InputError(message) from None
