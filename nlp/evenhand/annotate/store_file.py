"""The file of a project: its tables, and connections that leave nothing of it elsewhere."""

from __future__ import annotations

import json
import sqlite3
from pathlib import Path

from evenhand.annotate.json_lines import coding_fields
from evenhand.annotate.records import Annotation

WAIT, WRITING_WAIT = 2.0, 10.0  # seconds for another process that writes; a coding is worth waiting for
TABLES = """
CREATE TABLE about (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT;
CREATE TABLE units (place INTEGER PRIMARY KEY, id TEXT UNIQUE NOT NULL, content TEXT NOT NULL) STRICT;
CREATE TABLE codings (
  number INTEGER PRIMARY KEY, id TEXT UNIQUE NOT NULL, unit TEXT NOT NULL REFERENCES units (id),
  coder TEXT NOT NULL, person INTEGER NOT NULL, decides INTEGER NOT NULL, content TEXT NOT NULL
) STRICT;
CREATE INDEX codings_by_unit ON codings (unit);
"""


def connected(path: Path, *, wait: float) -> sqlite3.Connection:
    """A connection.

    Args:
        path: Of a file that is there.
        wait: Seconds for another process that writes.
    """
    # "rw": a file that has gone is not made anew, empty and readable by others.
    connection = sqlite3.connect(f"{path.resolve().as_uri()}?mode=rw", timeout=wait, uri=True)
    connection.execute("PRAGMA temp_store = MEMORY")  # what is sorted holds texts, and must not go to a file
    connection.execute("PRAGMA journal_mode = TRUNCATE")  # no second file that holds texts stays
    connection.execute("PRAGMA secure_delete = ON")
    connection.execute("PRAGMA foreign_keys = ON")
    connection.execute("PRAGMA synchronous = FULL")
    return connection


def insert(connection: sqlite3.Connection, coding: Annotation) -> None:
    """Add a coding; `person` says whether it is one of a whole text by somebody who codes."""
    person = coding.coder.kind == "person" and not coding.decides and coding.start is None
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
