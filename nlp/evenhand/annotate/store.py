"""Codings while people make them: one SQLite file, several coders, blind to one another until both have coded.

The file holds texts, codings and names of coders, and nothing else does: it is readable by its owner alone, no second
file that holds anything lies beside it while nobody writes, and what is deleted is overwritten. Codings are only added;
the last of a coder counts.
"""

from __future__ import annotations

import json
import os
import sqlite3
import uuid
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from evenhand.annotate.distances import distance
from evenhand.annotate.json_lines import coding_fields, coding_of, unit_fields, unit_of
from evenhand.annotate.records import Annotation, Annotations, Coder, Unit
from evenhand.errors import InputError, OutputError

SCHEMA = 1
_ENOUGH = 2  # people who code each text; their codings are then shown to both, and can be adjudicated
_WAIT = 10.0  # seconds for another process that writes
_TABLES = """
CREATE TABLE about (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT;
CREATE TABLE units (place INTEGER PRIMARY KEY, id TEXT UNIQUE NOT NULL, content TEXT NOT NULL) STRICT;
CREATE TABLE codings (
  number INTEGER PRIMARY KEY, id TEXT UNIQUE NOT NULL, unit TEXT NOT NULL REFERENCES units (id),
  coder TEXT NOT NULL, person INTEGER NOT NULL, decides INTEGER NOT NULL, content TEXT NOT NULL
) STRICT;
CREATE INDEX codings_by_unit ON codings (unit);
"""


@dataclass(frozen=True, slots=True)
class Standing:
    """How far a project is.

    Attributes:
        units: Texts in all.
        coded: Texts that a person coded, by coder.
        complete: Texts that enough people coded.
        differing: Of these, texts on which they differ and nobody has decided.
        decided: Texts that an adjudicator decided.
    """

    units: int
    coded: dict[str, int]
    complete: int
    differing: int
    decided: int


class Store:
    """A project of coding in a file.

    Args:
        path: Of the file; `create` makes it.

    Raises:
        InputError: it is not there, or none of ours.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        if not path.is_file():
            message = f"{path}: there is no project; `Store.create` makes one"
            raise InputError(message)
        with self._open() as connection:
            if self._about(connection, "schema") != str(SCHEMA):
                message = f"{path} is a project of another version of Evenhand; export it with that"
                raise InputError(message)

    @classmethod
    def create(cls, path: Path, collection: Annotations, order: Sequence[str] = ()) -> Store:
        """Make a file with texts and the codings that there are.

        Args:
            path: Where; nothing may be there.
            collection: What is to be coded.
            order: Ids of texts in the order in which they are asked; those that it lacks come last, in their own order.

        Raises:
            OutputError: something is there already, or it cannot be written.
        """
        try:
            os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
        except FileExistsError:
            message = f"{path} exists already; go on with it, or choose another name"
            raise OutputError(message) from None
        except OSError as error:
            message = f"{path} cannot be made ({(error.strerror or 'the system refused').lower()})"
            raise OutputError(message) from error
        try:
            cls._fill(path, collection, order)
        except sqlite3.Error as error:
            for left in (path, path.with_name(f"{path.name}-journal")):
                left.unlink(missing_ok=True)
            message = f"{path} cannot be made ({type(error).__name__}); free or choose another place"
            raise OutputError(message) from None
        return cls(path)

    @staticmethod
    def _fill(path: Path, collection: Annotations, order: Sequence[str]) -> None:
        ranks = {name: place for place, name in enumerate(order)}
        units = sorted(collection.units, key=lambda unit: ranks.get(unit.id, len(ranks)))
        with closing(_connected(path)) as connection, connection:
            connection.executescript(_TABLES)
            connection.executemany(
                "INSERT INTO about VALUES (?, ?)", [("schema", str(SCHEMA)), ("scheme", collection.scheme)]
            )
            connection.executemany(
                "INSERT INTO units (id, content) VALUES (?, ?)",
                [(unit.id, json.dumps(unit_fields(unit), ensure_ascii=False)) for unit in units],
            )
            for coding in collection.codings:
                _insert(connection, coding)

    def next_for(self, coder: str) -> Unit | None:
        """The next text that a person has not coded, of those that still want a coder; None when all are done."""
        return self._first(
            """SELECT content FROM units WHERE id NOT IN (SELECT unit FROM codings WHERE coder = ? OR decides)
               AND (SELECT COUNT(DISTINCT coder) FROM codings WHERE unit = units.id AND person) < ?
               ORDER BY place LIMIT 1""",
            (coder, _ENOUGH),
        )

    def next_to_decide(self) -> Unit | None:
        """The next text on which people differ and that nobody has decided; None when there is none."""
        for unit in self._units(
            "id IN (SELECT unit FROM codings WHERE person) AND id NOT IN (SELECT unit FROM codings WHERE decides)"
        ):
            if _differ(self.codings(unit.id)):
                return unit
        return None

    def seen_by(self, coder: str, unit: str) -> list[Annotation]:
        """The codings of a text that a person may see: their own, and all once they and another have coded it."""
        found = self.codings(unit)
        people = {one.coder.name for one in found if one.coder.kind == "person"}
        open_to_all = len(people) >= _ENOUGH and coder in people
        return [one for one in found if open_to_all or (one.coder.kind == "person" and one.coder.name == coder)]

    def codings(self, unit: str) -> list[Annotation]:
        """All codings of a text, oldest first; for adjudicators and exports."""
        with self._open() as connection:
            rows = connection.execute("SELECT content FROM codings WHERE unit = ? ORDER BY number", (unit,)).fetchall()
        return [coding_of(json.loads(content)) for (content,) in rows]

    def add(self, coder: str, unit: str, **codes: Any) -> Annotation:  # noqa: ANN401 - fields of an Annotation
        """Take a person's coding of a text.

        Args:
            coder: The person.
            unit: Id of the text.
            codes: Fields of an `Annotation`: levels, severity and so on; `decides` of an adjudicator.

        Raises:
            InputError: there is no such text, or a code cannot be.
        """
        of = self.unit(unit)
        if of is None:
            message = "there is no such text in this project; open the next one"
            raise InputError(message)
        made = Annotation(str(uuid.uuid4()), unit, Coder(coder), datetime.now(UTC), **codes)
        Annotations((of,), (coding_of(coding_fields(made)),))  # what could not be read again must not go in
        if unknown := set(made.decides) - {one.id for one in self.codings(unit)}:
            message = f"{len(unknown)} of the codings that it decides between are not of this text"
            raise InputError(message)
        with self._open() as connection, connection:
            _insert(connection, made)
        return made

    def standing(self) -> Standing:
        """How far it is."""
        collection = self.collection()
        coded: dict[str, int] = {}
        complete = differing = decided = 0
        for codings in collection.by_unit().values():
            people = {one.coder.name for one in codings if one.coder.kind == "person" and not one.decides}
            for name in people:
                coded[name] = coded.get(name, 0) + 1
            is_decided = any(one.decides for one in codings)
            decided += is_decided
            complete += len(people) >= _ENOUGH
            differing += _differ(codings) and not is_decided
        return Standing(len(collection.units), dict(sorted(coded.items())), complete, differing, decided)

    def collection(self) -> Annotations:
        """All of it, to export."""
        with self._open() as connection:
            units = connection.execute("SELECT content FROM units ORDER BY place").fetchall()
            codings = connection.execute("SELECT content FROM codings ORDER BY number").fetchall()
            scheme = self._about(connection, "scheme")
        return Annotations(
            tuple(unit_of(json.loads(content)) for (content,) in units),
            tuple(coding_of(json.loads(content)) for (content,) in codings),
            scheme,
        )

    def unit(self, name: str) -> Unit | None:
        """A text by its id; None if there is none."""
        return self._first("SELECT content FROM units WHERE id = ?", (name,))

    def _first(self, query: str, values: tuple[object, ...]) -> Unit | None:
        with self._open() as connection:
            row = connection.execute(query, values).fetchone()
        return None if row is None else unit_of(json.loads(row[0]))

    def _units(self, condition: str) -> list[Unit]:
        with self._open() as connection:
            rows = connection.execute(f"SELECT content FROM units WHERE {condition} ORDER BY place").fetchall()  # noqa: S608 - conditions are ours
        return [unit_of(json.loads(content)) for (content,) in rows]

    @contextmanager
    def _open(self) -> Iterator[sqlite3.Connection]:
        """A connection.

        Raises:
            InputError: the file is damaged or none of ours, or another process writes all the time.
        """
        try:
            with closing(_connected(self.path)) as connection:
                yield connection
        except sqlite3.Error as error:
            message = f"{self.path} cannot be used as a project ({type(error).__name__}); take its last export"
            raise InputError(message) from None

    def _about(self, connection: sqlite3.Connection, name: str) -> str:
        row = connection.execute("SELECT value FROM about WHERE name = ?", (name,)).fetchone()
        return "" if row is None else str(row[0])


def _connected(path: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(path, timeout=_WAIT)
    connection.execute("PRAGMA journal_mode = TRUNCATE")  # no second file that holds texts stays
    connection.execute("PRAGMA secure_delete = ON")
    connection.execute("PRAGMA foreign_keys = ON")
    connection.execute("PRAGMA synchronous = FULL")
    return connection


def _insert(connection: sqlite3.Connection, coding: Annotation) -> None:
    person = coding.coder.kind == "person" and not coding.decides
    connection.execute(
        "INSERT INTO codings (id, unit, coder, person, decides, content) VALUES (?, ?, ?, ?, ?, ?)",
        (
            coding.id,
            coding.unit,
            coding.coder.name if coding.coder.kind == "person" else coding.coder.label,
            person,
            bool(coding.decides),
            json.dumps(coding_fields(coding), ensure_ascii=False),
        ),
    )


def _differ(codings: Sequence[Annotation]) -> bool:
    """Whether the last codings of two people differ in level, severity or issues."""
    last = {one.coder: one for one in codings if one.coder.kind == "person" and not one.decides and one.start is None}
    people = list(last.values())
    return len(people) >= _ENOUGH and any(
        people[0].levels != other.levels or distance(people[0], other) > 0 for other in people[1:]
    )
