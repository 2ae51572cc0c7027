"""Codings of earlier texts on disk, so that a text is read once however often it is scored; no text is stored.

A coding is kept under the HMAC-SHA256 of its text and of the model's identity. The key lies in a file of its own beside
the cache: without it nobody can find out whether a text that they guess was scored, and to delete it makes the cache
worthless. Codings hold levels, issues and offsets, and no words.
"""

from __future__ import annotations

import hmac
import json
import os
import secrets
import sqlite3
import zlib
from collections.abc import Iterable, Mapping, Sequence
from enum import StrEnum
from pathlib import Path
from types import TracebackType
from typing import Any, TypeVar

from evenhand.errors import OutputError
from evenhand.result import Coding, KnownCoder, SentenceCoding
from evenhand.scheme import Assertion, Frame, Issue, Level

KEY_SUFFIX = ".key"
_KEY_BYTES = 32  # as long as SHA-256's result: more adds nothing (RFC 2104)
_WAIT = 60.0  # seconds for another process that writes the same cache
_TABLE = "CREATE TABLE IF NOT EXISTS codings (text BLOB PRIMARY KEY, coding BLOB NOT NULL) WITHOUT ROWID"
# A statement takes 999 values in every build of SQLite.
_ASKED_AT_ONCE = 900

_Code = TypeVar("_Code", bound=StrEnum)


class CachedCoder:
    """A model that remembers; a context that closes the cache.

    Args:
        model: Codes what is not in the cache.
        path: The cache, made with its key if it is not there.

    Raises:
        OutputError: the cache cannot be opened or is damaged, or its key is missing.
    """

    def __init__(self, model: KnownCoder, path: Path) -> None:
        self._model = model
        self._path = path
        try:
            self._key = _key(path)
            self._database = sqlite3.connect(path, timeout=_WAIT)
            self._database.execute("PRAGMA journal_mode=WAL")
            self._database.execute(_TABLE)
        except (OSError, sqlite3.Error) as error:
            raise self._failed(error) from error

    @property
    def identity(self) -> str:
        """Which model it is."""
        return self._model.identity

    def code_many(self, texts: Iterable[str]) -> list[Coding]:
        """Code each text by itself; equal texts are coded once."""
        given = list(texts)
        keys = [self._digest(text) for text in given]
        known = self._known(list(dict.fromkeys(keys)))
        new = {key: text for key, text in zip(keys, given, strict=True) if key not in known}
        if new:
            coded = dict(zip(new, self._model.code_many(new.values()), strict=True))
            self._keep(coded)
            known |= coded
        return [known[key] for key in keys]

    def __enter__(self) -> CachedCoder:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._database.close()

    def _digest(self, text: str) -> bytes:
        told = f"{self.identity}\0{text}".encode("utf-8", "surrogatepass")
        return hmac.digest(self._key, told, "sha256")

    def _known(self, keys: Sequence[bytes]) -> dict[bytes, Coding]:
        found: dict[bytes, Coding] = {}
        try:
            for at in range(0, len(keys), _ASKED_AT_ONCE):
                asked = keys[at : at + _ASKED_AT_ONCE]
                marks = ",".join("?" * len(asked))
                rows = self._database.execute(f"SELECT text, coding FROM codings WHERE text IN ({marks})", asked)  # noqa: S608 - only marks
                found |= {bytes(key): _coding(json.loads(zlib.decompress(stored))) for key, stored in rows}
        except (sqlite3.Error, zlib.error, ValueError, KeyError, TypeError) as error:
            raise self._failed(error) from error
        return found

    def _keep(self, coded: Mapping[bytes, Coding]) -> None:
        rows = [
            (key, zlib.compress(json.dumps(coding.to_dict()).encode(), 1)) for key, coding in coded.items()
        ]  # the fastest level: a coding is a kilobyte or two
        try:
            with self._database:
                self._database.executemany("INSERT OR REPLACE INTO codings VALUES (?, ?)", rows)
        except sqlite3.Error as error:
            raise self._failed(error) from error

    def _failed(self, error: Exception) -> OutputError:
        why = type(error).__name__
        return OutputError(
            f"the cache {self._path} cannot be used ({why}); delete it and its key, or leave out --cache"
        )


def _key(path: Path) -> bytes:
    """The key of a cache, made where there is no cache yet; only its owner may read it.

    Raises:
        OutputError: there is a cache without a key.
    """
    place = path.with_name(path.name + KEY_SUFFIX)
    if not place.exists():
        if path.exists():
            message = f"{place} is missing, and without it {path} cannot be read; put it back, or delete the cache"
            raise OutputError(message)
        made = secrets.token_bytes(_KEY_BYTES)
        descriptor = os.open(place, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with open(descriptor, "wb") as stream:  # noqa: PTH123 - a descriptor has no path
            stream.write(made)
    return place.read_bytes()


def _coding(stored: Mapping[str, Any]) -> Coding:
    return Coding(
        level=_code(Level, stored["level"]),
        levels=tuple(map(Level, stored["levels"])),
        level_probabilities={Level(code): p for code, p in stored["level_probabilities"].items()},
        severity=stored["severity"],
        issues=tuple(map(Issue, stored["issues"])),
        issue_probabilities={Issue(code): p for code, p in stored["issue_probabilities"].items()},
        dfe_codes=tuple(stored["dfe_codes"]),
        assertion=_code(Assertion, stored["assertion"]),
        frame=_code(Frame, stored["frame"]),
        sentences=tuple(map(_sentence, stored["sentences"])),
        truncated=stored["truncated"],
        model=stored["model"],
        reason=stored["reason"],
    )


def _sentence(stored: Mapping[str, Any]) -> SentenceCoding:
    return SentenceCoding(
        start=stored["start"],
        end=stored["end"],
        level=_code(Level, stored["level"]),
        severity=stored["severity"],
        issues=tuple(map(Issue, stored["issues"])),
        assertion=_code(Assertion, stored["assertion"]),
        frame=_code(Frame, stored["frame"]),
        weight=stored["weight"],
        claim=stored["claim"],
    )


def _code(codes: type[_Code], stored: str | None) -> _Code | None:
    return None if stored is None else codes(stored)
