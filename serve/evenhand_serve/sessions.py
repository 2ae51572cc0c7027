"""Browsers' sessions: a signed cookie that holds no secret, and the token that forms carry against forged requests.

Of a session only its end is kept here. The key lives as long as the process, so a restart signs everybody out.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
import time
from dataclasses import dataclass

_ID_BYTES = 16
_LIFE = 8 * 3600  # seconds: a working day
_PARTS = 4


def cookie_name(*, secure: bool) -> str:
    """Name of the cookie; with TLS one that a page under a neighbouring name cannot set."""
    return "__Host-evenhand" if secure else "evenhand"


@dataclass(frozen=True, slots=True)
class Session:
    """A browser.

    Attributes:
        id: Random; what is kept for a browser is kept under it.
        token: Id of the token it signed in with; "" where none is asked for.
        expires: Seconds since 1970.
    """

    id: str
    token: str
    expires: int


class Sessions:
    """Makes sessions and knows its own."""

    def __init__(self) -> None:
        self._key = secrets.token_bytes(32)
        self._ended: dict[str, int] = {}  # ids of sessions that were signed out, until they would be over

    def new(self, token: str = "") -> Session:
        """A session of its own."""
        return Session(secrets.token_hex(_ID_BYTES), token, int(time.time()) + _LIFE)

    def cookie(self, session: Session) -> str:
        """What a browser is given."""
        said = f"{session.id}.{session.token}.{session.expires}"
        return f"{said}.{self._sign('session', said)}"

    def read(self, cookie: str | None) -> Session | None:
        """The session of a cookie; None if it is none of ours, or over."""
        parts = (cookie or "").split(".")
        if len(parts) != _PARTS:
            return None
        said = ".".join(parts[:3])
        if not hmac.compare_digest(self._sign("session", said).encode(), parts[3].encode(errors="replace")):
            return None
        session = Session(parts[0], parts[1], int(parts[2]))
        return session if session.expires > time.time() and session.id not in self._ended else None

    def end(self, session: Session) -> None:
        """Take a session's cookie no longer."""
        now = time.time()
        self._ended = {name: expires for name, expires in self._ended.items() if expires > now}
        self._ended[session.id] = session.expires

    def form_token(self, session: Session) -> str:
        """What forms of a session carry."""
        return self._sign("form", session.id)

    def is_form_token(self, session: Session, given: str) -> bool:
        """Whether a form was of this session; in constant time."""
        return hmac.compare_digest(self.form_token(session).encode(), given.encode(errors="replace"))

    def _sign(self, purpose: str, said: str) -> str:
        return hmac.new(self._key, f"{purpose}:{said}".encode(errors="replace"), hashlib.sha256).hexdigest()
