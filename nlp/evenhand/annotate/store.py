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
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from evenhand.annotate.json_lines import coding_fields, coding_of, unit_fields, unit_of
from evenhand.annotate.records import Annotation, Annotations, Coder, Unit
from evenhand.annotate.standing import ENOUGH, Standing, differ, is_open_to, standing
from evenhand.annotate.store_file import TABLES, WAIT, WRITING_WAIT, connected, insert
from evenhand.errors import InputError, OutputError

SCHEMA = 1
SUFFIX = ".sqlite"
# Texts that a person has not coded, nobody has decided, and too few people have coded: (person, ENOUGH).
_WANTED = """FROM units WHERE id NOT IN (SELECT unit FROM codings WHERE (coder = ? AND person) OR decides)
  AND (SELECT COUNT(DISTINCT coder) FROM codings WHERE unit = units.id AND person) < ?"""


class Store:
    """A project of coding in a file.

    Args:
        path: Of the file; `create` makes it.

    Raises:
        InputError: it is not there, or none of ours.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._stood: tuple[int, Standing] | None = None
        if not path.is_file():
            message = f"{path}: there is no project; `evenhand annotate start TEXTS -o {path}` makes one"
            raise InputError(message)
        with self._open() as connection:
            if self._about(connection, "schema") != str(SCHEMA):
                message = f"{path} is a project of another version of Evenhand; export it with that"
                raise InputError(message)

    @classmethod
    def create(cls, path: Path, collection: Annotations, order: Sequence[str] = (), *, privacy: str = "off") -> Store:
        """Make a file with texts and the codings that there are.

        Args:
            path: Where; nothing may be there.
            collection: What is to be coded.
            order: Ids of texts in the order in which they are asked; those that it lacks come last, in their own order.
            privacy: What was done about texts that look identifiable; kept, to be told.

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
            cls._fill(path, collection, order, privacy)
        except sqlite3.Error as error:
            for left in (path, path.with_name(f"{path.name}-journal")):
                left.unlink(missing_ok=True)
            message = f"{path} cannot be made ({type(error).__name__}); free or choose another place"
            raise OutputError(message) from None
        return cls(path)

    @staticmethod
    def _fill(path: Path, collection: Annotations, order: Sequence[str], privacy: str) -> None:
        ranks = {name: place for place, name in enumerate(order)}
        units = sorted(collection.units, key=lambda unit: ranks.get(unit.id, len(ranks)))
        with closing(connected(path, wait=WRITING_WAIT)) as connection, connection:
            connection.executescript(TABLES)
            connection.executemany(
                "INSERT INTO about VALUES (?, ?)",
                [("schema", str(SCHEMA)), ("scheme", collection.scheme), ("privacy", privacy)],
            )
            connection.executemany(
                "INSERT INTO units (id, content) VALUES (?, ?)",
                [(unit.id, json.dumps(unit_fields(unit), ensure_ascii=False)) for unit in units],
            )
            for coding in collection.codings:
                insert(connection, coding)

    @property
    def privacy(self) -> str:
        """What was done about texts that look identifiable when the project was made, as `--privacy` calls it."""
        with self._open() as connection:
            return self._about(connection, "privacy")

    def next_for(self, coder: str, after: int = 0) -> int | None:
        """The place of the next text for a person, of those that they have not coded and that still want a coder.

        Args:
            coder: The person.
            after: The place to go on behind; at the end it begins again.

        Returns:
            From 1; None when all are done.
        """
        return self._place(f"SELECT place {_WANTED} ORDER BY place <= ?, place LIMIT 1", (coder, ENOUGH, after))

    def left_for(self, coder: str) -> int:
        """How many texts a person has not coded, of those that still want a coder."""
        return self._place(f"SELECT COUNT(*) {_WANTED}", (coder, ENOUGH)) or 0

    def next_to_decide(self, after: int = 0) -> int | None:
        """The place of the next text on which people differ and that nobody has decided; None when there is none.

        Args:
            after: The place to go on behind; at the end it begins again.
        """
        with self._open() as connection:
            found = connection.execute(
                """SELECT place, id FROM units WHERE id NOT IN (SELECT unit FROM codings WHERE decides) AND id IN
                   (SELECT unit FROM codings WHERE person GROUP BY unit HAVING COUNT(DISTINCT coder) >= ?)
                   ORDER BY place <= ?, place""",
                (ENOUGH, after),
            ).fetchall()
            return next((int(place) for place, unit in found if differ(self._codings(connection, unit))), None)

    def seen_by(self, coder: str, unit: str) -> list[Annotation]:
        """The codings of a text that a person may see: their own, and all by people once they and another coded it.

        A model's they never see, as it would be in their mind at the next text.
        """
        found = [one for one in self.codings(unit) if one.coder.kind == "person"]
        return found if is_open_to(coder, found) else [one for one in found if one.coder.name == coder]

    def codings(self, unit: str) -> list[Annotation]:
        """All codings of a text, oldest first; for adjudicators and exports."""
        with self._open() as connection:
            return self._codings(connection, unit)

    def add(self, coder: str, unit: str, **codes: Any) -> Annotation:  # noqa: ANN401 - fields of an Annotation
        """Take a person's coding of a text.

        Until another has coded the text as well, a person can code it anew, and the last counts. Then they have seen
        the other's coding, and a further one of theirs would not be blind.

        Args:
            coder: The person.
            unit: Id of the text.
            codes: Fields of an `Annotation`: levels, severity and so on; `decides` of an adjudicator.

        Raises:
            InputError: there is no such text, a code cannot be, or the coding would not be blind.
            OutputError: it cannot be written; nothing was saved.
        """
        of = self.unit(unit)
        if of is None:
            message = "there is no such text in this project; open the next one"
            raise InputError(message)
        made = Annotation(str(uuid.uuid4()), unit, Coder(coder), datetime.now(UTC), **codes)
        Annotations((of,), (coding_of(coding_fields(made)),))  # what could not be read again must not go in
        with self._open(writing=True) as connection, connection:
            connection.execute("BEGIN IMMEDIATE")  # nobody else codes it between the look and the writing
            _check_new(made, self._codings(connection, unit))
            insert(connection, made)
        return made

    def standing(self) -> Standing:
        """How far it is; worked out anew when there is a further coding."""
        newest = self._place("SELECT COALESCE(MAX(number), 0) FROM codings", ()) or 0
        if self._stood is None or self._stood[0] != newest:
            self._stood = newest, standing(self.collection())
        return self._stood[1]

    @property
    def people(self) -> list[str]:
        """Names of those who coded a text."""
        with self._open() as connection:
            return [name for (name,) in connection.execute("SELECT DISTINCT coder FROM codings WHERE person")]

    def __len__(self) -> int:
        """How many texts there are."""
        return self._place("SELECT COUNT(*) FROM units", ()) or 0

    def check_writable(self) -> None:
        """Make sure that codings can be saved.

        Raises:
            OutputError: they cannot.
        """
        with self._open(writing=True) as connection:
            connection.execute("BEGIN IMMEDIATE")
            connection.rollback()

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
        return self._unit("SELECT content FROM units WHERE id = ?", name)

    def unit_at(self, place: int) -> Unit | None:
        """A text by its place in the order in which texts are asked, from 1; None if there is none."""
        return self._unit("SELECT content FROM units WHERE place = ?", place)

    def _unit(self, query: str, value: object) -> Unit | None:
        with self._open() as connection:
            row = connection.execute(query, (value,)).fetchone()
        return None if row is None else unit_of(json.loads(row[0]))

    def _place(self, query: str, values: tuple[object, ...]) -> int | None:
        with self._open() as connection:
            row = connection.execute(query, values).fetchone()
        return None if row is None else int(row[0])

    def _codings(self, connection: sqlite3.Connection, unit: str) -> list[Annotation]:
        rows = connection.execute("SELECT content FROM codings WHERE unit = ? ORDER BY number", (unit,)).fetchall()
        return [coding_of(json.loads(content)) for (content,) in rows]

    @contextmanager
    def _open(self, *, writing: bool = False) -> Iterator[sqlite3.Connection]:
        """A connection.

        Raises:
            InputError: the file is damaged or none of ours, or another process writes all the time.
            OutputError: the same, and something was to be written.
        """
        try:
            with closing(connected(self.path, wait=WRITING_WAIT if writing else WAIT)) as connection:
                yield connection
        except sqlite3.Error as error:
            if writing:
                message = f"{self.path}: nothing was saved ({type(error).__name__}); free space there, or try again"
                raise OutputError(message) from None
            message = f"{self.path} cannot be used as a project ({type(error).__name__}); take its last export"
            raise InputError(message) from None

    def _about(self, connection: sqlite3.Connection, name: str) -> str:
        row = connection.execute("SELECT value FROM about WHERE name = ?", (name,)).fetchone()
        return "" if row is None else str(row[0])


def _check_new(made: Annotation, found: Sequence[Annotation]) -> None:
    """Make sure that a coding is blind, and that a decision is between codings of its text.

    Raises:
        InputError: it is not.
    """
    if unknown := set(made.decides) - {one.id for one in found}:
        message = f"{len(unknown)} of the codings that it decides between are not of this text"
        raise InputError(message)
    if made.decides:
        return
    if any(one.decides and one.coder == made.coder for one in found):
        message = "you have decided this text and have seen all codings of it, so that yours would not be blind"
        raise InputError(message)
    if is_open_to(made.coder.name, found):
        message = "another has coded this text as well, so that a change would not be blind; it can be adjudicated"
        raise InputError(message)
