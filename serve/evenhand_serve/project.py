"""The project that people code on pages: its store, off the event loop, and who codes as whom.

Where tokens are asked for, a coder is called as their token is. Elsewhere everybody on the machine may say who they
are, and is known by their session.
"""

from __future__ import annotations

import asyncio
import unicodedata
from collections import OrderedDict
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from importlib import import_module
from typing import TypeVar

from evenhand.annotate import Annotations, Coder, Unit
from evenhand.annotate.formats import FORMATS
from evenhand.annotate.records import Annotation
from evenhand.annotate.standing import Standing, is_open_to
from evenhand.annotate.store import Store
from evenhand.errors import InputError
from evenhand_serve.problems import Problem
from evenhand_serve.sessions import Session
from evenhand_serve.tokens import Scope, TokenFile

_THREADS = 4  # more coders than that hardly save in the same tenth of a second
_MOST_NAMED = 1000  # sessions whose coder is known; far more than people on one machine
_LONGEST = 200  # characters of a coder's name, as `evenhand.annotate` has it
T = TypeVar("T")


class Project:
    """A store as the pages use it.

    Args:
        store: Of the project.
        tokens: Who may sign in; None where nobody has to.

    Raises:
        OutputError: its file cannot be written.
    """

    def __init__(self, store: Store, tokens: TokenFile | None) -> None:
        self.store, self._tokens = store, tokens
        store.check_writable()
        self._threads = ThreadPoolExecutor(_THREADS, "project")
        self._named: OrderedDict[str, str] = OrderedDict()

    @property
    def asks_names(self) -> bool:
        """Whether people say who they are, as nobody signs in."""
        return self._tokens is None

    def coder(self, session: Session) -> str | None:
        """Who codes in a session; None where they have not said so."""
        if self._tokens is None:
            return self._named.get(session.id)
        token = self._tokens.by_id(session.token)
        return None if token is None else _line(token.name) or token.id

    def may(self, session: Session, scope: Scope) -> bool:
        """Whether a session may code, or see all codings and decide between them."""
        if self._tokens is None:
            return True
        token = self._tokens.by_id(session.token)
        return token is not None and scope in token.scopes

    async def name(self, session: Session, given: str) -> str:
        """Take down who codes in a session; somebody who coded before keeps the spelling of their name.

        Raises:
            InputError: it is no name.
        """
        wanted = Coder(" ".join(given.split())).name
        known = [*await self.people(), *self._named.values()]
        name = next((one for one in known if _same(one) == _same(wanted)), wanted)
        self._named[session.id] = name
        while len(self._named) > _MOST_NAMED:
            self._named.popitem(last=False)
        return name

    def forget(self, session: Session) -> None:
        """Forget who codes in a session."""
        self._named.pop(session.id, None)

    async def standing(self) -> Standing:
        """How far it is."""
        return await self._read(self.store.standing)

    async def people(self) -> list[str]:
        """Who has coded so far."""
        return sorted(await self._read(lambda: self.store.people))

    async def size(self) -> int:
        """How many texts there are."""
        return await self._read(lambda: len(self.store))

    async def privacy(self) -> str:
        """What was done about identifiable texts when it was made."""
        return await self._read(lambda: self.store.privacy)

    async def next_for(self, coder: str, after: int) -> int | None:
        """The place of the next text for a coder."""
        return await self._read(lambda: self.store.next_for(coder, after))

    async def left_for(self, coder: str) -> int:
        """How many texts are left for a coder."""
        return await self._read(lambda: self.store.left_for(coder))

    async def next_to_decide(self, after: int) -> int | None:
        """The place of the next text to decide."""
        return await self._read(lambda: self.store.next_to_decide(after))

    async def unit(self, place: int) -> Unit:
        """The text at a place.

        Raises:
            Problem: there is none.
        """
        unit = await self._read(lambda: self.store.unit_at(place))
        if unit is None:
            raise Problem(404, "no-such-text", "Not found", "The project has no text of this number.")
        return unit

    async def seen(self, coder: str, unit: Unit) -> tuple[list[Annotation], bool]:
        """The codings that a coder may see, and whether these are all."""
        found = await self._read(lambda: self.store.seen_by(coder, unit.id))
        return found, is_open_to(coder, found)

    async def codings(self, unit: Unit) -> list[Annotation]:
        """All codings of a text."""
        return await self._read(lambda: self.store.codings(unit.id))

    async def add(self, coder: str, unit: Unit, **codes: object) -> None:
        """Take a coding.

        Raises:
            InputError: it would not be blind, or a code cannot be.
            OutputError: it could not be written.
        """
        await self._off_the_loop(lambda: self.store.add(coder, unit.id, **codes))

    async def exported(self, suffix: str) -> bytes:
        """The project in an exchange format.

        Args:
            suffix: Of `formats.FORMATS`, without its dot.

        Raises:
            Problem: there is no such format, or it cannot hold what there is.
        """
        if f".{suffix}" not in FORMATS:
            raise Problem(404, "no-such-format", "Not found", "There is no such format of codings.")
        written: Callable[[Annotations], str | bytes] = import_module(
            f"evenhand.annotate.{FORMATS[f'.{suffix}'].module}"
        ).written
        collection = await self._read(self.store.collection)
        try:
            content = await asyncio.to_thread(written, collection)
        except InputError as error:
            raise Problem(422, "not-exported", "This format cannot hold it", f"{error}. Take another format.") from None
        return content.encode() if isinstance(content, str) else content

    async def _off_the_loop(self, what: Callable[[], T]) -> T:
        """Something of the store, in threads of its own: a locked file must not hold up what else the service does."""
        return await asyncio.get_running_loop().run_in_executor(self._threads, what)

    async def _read(self, what: Callable[[], T]) -> T:
        """Something of the store.

        Raises:
            Problem: the file cannot be read any more.
        """
        try:
            return await self._off_the_loop(what)
        except InputError:
            detail = "The project's file cannot be read. Whoever runs this service can look at it."
            raise Problem(503, "no-project", "The project cannot be read", detail) from None


def _same(name: str) -> str:
    """A name as it is compared: capitals, and how an accent is written, make no other person."""
    return unicodedata.normalize("NFC", name).casefold()


def _line(name: str) -> str:
    """A token's name as that of a coder, whom every format can hold."""
    return " ".join("".join(each if each.isprintable() else " " for each in name).split())[:_LONGEST].strip()
