"""Bearer tokens: who may use the service, and for what. Kept as hashes in one file that only its owner can read.

A token has 256 random bits, so that a plain SHA-256 of it is as hard to undo as a slow hash, and checking one costs
nothing (OWASP, "Password Storage Cheat Sheet", asks for slow hashes of what people choose themselves).
"""

from __future__ import annotations

import hashlib
import hmac
import json
import os
import secrets
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path

from evenhand.errors import InputError, OutputError, did_you_mean

PREFIX = "evh_"  # so that scanners of leaked secrets can know one
_BYTES = 32
_FORM = 1  # of the file


class Scope(StrEnum):
    """What a token is for."""

    TEXT = "text"  # score, flag, where, and the page for one text
    DOCUMENTS = "documents"  # threshold documents and files of texts
    READ = "read"  # areas and models
    CODE = "code"  # coding of a project, blind
    DECIDE = "decide"  # adjudication and export of a project: sees all codings
    METRICS = "metrics"


@dataclass(frozen=True, slots=True)
class Token:
    """A token as it is kept.

    Attributes:
        id: Short public name, for lists and revoking.
        name: Whose it is, as the operator wrote it.
        sha256: Of the token, in hexadecimal.
        scopes: What it is for.
        created: Day, as ISO 8601.
        expires: Last day on which it is taken; None for no end.
    """

    id: str
    name: str
    sha256: str
    scopes: tuple[Scope, ...]
    created: str
    expires: str | None

    @property
    def expired(self) -> bool:
        """Whether its last day is over, by UTC."""
        return self.expires is not None and datetime.now(UTC).date().isoformat() > self.expires


class TokenFile:
    """Tokens in a file; a change of the file counts at once.

    Args:
        path: The file; one that is missing has no tokens.

    Raises:
        InputError: it is no file of tokens, or others than its owner can read it.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._seen: tuple[int, int] | None = None
        self._tokens: tuple[Token, ...] = ()
        self.tokens()

    def tokens(self) -> tuple[Token, ...]:
        """All tokens, expired ones too.

        Raises:
            InputError: it is no file of tokens, or others than its owner can read it.
        """
        try:
            status = self.path.stat()
        except FileNotFoundError:
            self._seen, self._tokens = None, ()
            return self._tokens
        except OSError as error:
            message = f"{self.path}: the tokens cannot be read ({error.strerror}); name a file"
            raise InputError(message) from error
        if (status.st_mtime_ns, status.st_ino) != self._seen:
            if os.name == "posix" and status.st_mode & 0o077:
                message = f"{self.path} can be read by others; run: chmod 600 {self.path}"
                raise InputError(message)
            self._tokens = _read(self.path)
            self._seen = status.st_mtime_ns, status.st_ino
        return self._tokens

    def find(self, given: str) -> Token | None:
        """The token that was given, unless it is unknown or expired; compares in constant time."""
        digest = _digest(given)
        found = None
        for token in self.tokens():
            if hmac.compare_digest(token.sha256, digest):
                found = token
        return None if found is None or found.expired else found

    def by_id(self, name: str) -> Token | None:
        """The token of an id, unless it is revoked or expired."""
        return next((token for token in self.tokens() if token.id == name and not token.expired), None)

    def create(self, name: str, scopes: Sequence[str], *, expires: str | None = None) -> tuple[Token, str]:
        """Make a token; the second of the pair is what its user needs, and is kept nowhere.

        Args:
            name: Whose it is.
            scopes: What it is for.
            expires: Last day, as ISO 8601.

        Raises:
            InputError: a scope is unknown, or the day is none.
            OutputError: the file cannot be written.
        """
        given = f"{PREFIX}{secrets.token_urlsafe(_BYTES)}"
        token = Token(
            id=secrets.token_hex(4),
            name=name,
            sha256=_digest(given),
            scopes=tuple(_scope(scope) for scope in dict.fromkeys(scopes)),
            created=datetime.now(UTC).date().isoformat(),
            expires=None if expires is None else _day(expires),
        )
        with self._alone():
            self._write((*self.tokens(), token))
        return token, given

    def revoke(self, name: str) -> Token:
        """Remove a token by its id.

        Raises:
            InputError: there is none.
            OutputError: the file cannot be written.
        """
        with self._alone():
            token = next((each for each in self.tokens() if each.id == name), None)
            if token is None:
                message = f"{self.path}: no token {name!r}; `evenhand tokens list` shows their ids"
                raise InputError(message)
            self._write([each for each in self.tokens() if each.id != name])
            return token

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """Read and write while nobody else does, so that no token that is revoked meanwhile comes back.

        Raises:
            OutputError: nothing can be written there.
        """
        try:
            opened = os.open(self.path.resolve().parent, os.O_RDONLY)
        except OSError as error:
            message = f"{self.path}: the tokens cannot be written ({error.strerror}); choose another place"
            raise OutputError(message) from error
        try:
            with suppress(ImportError):  # not on Windows
                import fcntl

                fcntl.flock(opened, fcntl.LOCK_EX)
            self._seen = None
            yield
        finally:
            os.close(opened)

    def _write(self, tokens: Iterable[Token]) -> None:
        content = json.dumps({"form": _FORM, "tokens": [asdict(token) for token in tokens]}, indent=1) + "\n"
        part = self.path.with_name(f"{self.path.name}.part")
        try:
            part.unlink(missing_ok=True)
            with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            part.replace(self.path)
        except OSError as error:
            message = f"{self.path}: the tokens cannot be written ({error.strerror}); choose another place"
            raise OutputError(message) from error


def _read(path: Path) -> tuple[Token, ...]:
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        if content["form"] != _FORM:
            raise ValueError
        return tuple(
            Token(**{**entry, "scopes": tuple(Scope(scope) for scope in entry["scopes"])})
            for entry in content["tokens"]
        )
    except (OSError, ValueError, KeyError, TypeError) as error:
        message = f"{path}: is not a file of tokens; give one that `evenhand tokens create` made"
        raise InputError(message) from error


def _digest(given: str) -> str:
    return hashlib.sha256(given.encode(errors="surrogatepass")).hexdigest()


def _scope(name: str) -> Scope:
    try:
        return Scope(name)
    except ValueError:
        message = f"unknown scope {name!r}{did_you_mean(name, [str(scope) for scope in Scope])}"
        raise InputError(message) from None


def _day(written: str) -> str:
    try:
        return datetime.strptime(written, "%Y-%m-%d").replace(tzinfo=UTC).date().isoformat()
    except ValueError:
        message = f"{written!r} is no day; write it as 2027-03-31"
        raise InputError(message) from None
