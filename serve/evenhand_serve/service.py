"""What all routes share: settings, engine, uploads and areas; and the life of these."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Mapping, Sequence
from typing import Any

from starlette.responses import Response

from evenhand.consistency.where import PRECEDENTS
from evenhand_serve.batching import Answer
from evenhand_serve.engine import Engine
from evenhand_serve.isolated import Bounds, FaultError, IsolatedError, Report, Work, isolated, wipe_left_over
from evenhand_serve.keeping import Keeper, LastResults, Turns
from evenhand_serve.operations import Watch
from evenhand_serve.problems import Problem, not_ready
from evenhand_serve.schemas import TextsIn, WhereIn
from evenhand_serve.settings import Settings
from evenhand_serve.uploads import AreasRead, DocumentsRead, TableRead, read_areas, read_documents, read_table
from evenhand_serve.worker import Ready, WorkerPlan

log = logging.getLogger("evenhand.serve")
_AREAS_SECONDS = 900.0  # for areas; they take some 20
_AREAS_PAUSE = 30.0  # seconds until they are tried again
_SWEEP = 60.0  # seconds between looks at what is kept too long


class Service:
    """Holds what routes use.

    Args:
        settings: How it runs.
    """

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        limits = settings.limits
        self.engine = Engine(WorkerPlan(settings.model, settings.framing_model, settings.privacy), limits)
        self._document_turns, self._table_turns = Turns(limits.uploads_waiting), Turns(limits.uploads_waiting)
        self.documents: Keeper[DocumentsRead] = Keeper(limits, self._document_turns, _size, again=True)
        self.tables: Keeper[TableRead] = Keeper(limits, self._table_turns, _size)
        self.texts: LastResults[dict[str, Any]] = LastResults(limits)  # what the page of a text shows
        self.watch = Watch(self.engine)
        self._areas: AreasRead | None = None
        self.areas_trouble = "the areas are being worked out"
        self._behind: list[asyncio.Task[None]] = []  # what goes on besides requests

    def start(self) -> None:
        """Begin to load."""
        wipe_left_over()
        self.engine.start()
        self._behind.append(asyncio.create_task(self._sweep()))
        if self.settings.areas:
            self._behind.append(asyncio.create_task(self._work_out_areas()))

    async def stop(self) -> None:
        """Stop all that runs, and forget all that is kept."""
        for keeper in (self.documents, self.tables):
            keeper.stop()
        for task in self._behind:
            task.cancel()
        await self.engine.stop()

    def ready(self) -> Ready:
        """Facts about what is loaded.

        Raises:
            Problem: nothing is yet.
        """
        if self.engine.ready is None:
            raise not_ready(self.engine.trouble)
        return self.engine.ready

    def areas(self) -> dict[str, Any]:
        """What was worked out of the areas, as plain JSON types.

        Raises:
            Problem: it is not yet.
        """
        self.check_areas()
        if self._areas is None:
            told = f"{self.areas_trouble}; try again in a minute"
            raise not_ready(told, seconds=30)
        return self._areas.view

    def check_areas(self) -> None:
        """Make sure that this service has areas, worked out or not yet.

        Raises:
            Problem: it has none.
        """
        if not self.settings.areas:
            raise Problem(404, "no-areas", "No areas", "This service was started without areas.")

    def answers(self, answers: Sequence[Answer], asked: TextsIn) -> Response:
        """The response for texts that were all read."""
        bodies = [answer.body for answer in answers]
        if isinstance(asked, WhereIn):
            bodies = [_chosen(body, asked) for body in bodies]
        ready = self.ready()
        rest = json.dumps({"privacy": ready.privacy, "not_for": ready.model["not_for"]})
        content = b'{"results": [' + b", ".join(bodies) + b"], " + rest.encode()[1:]
        return Response(content, media_type="application/json")

    async def read_documents(
        self,
        uploads: Mapping[str, bytes],
        levels: Mapping[str, Mapping[str, Sequence[str]]],
        progress: Report = lambda words: None,
    ) -> DocumentsRead:
        """Read threshold documents in a process of its own, one request at a time.

        Raises:
            IsolatedError: they cannot be read.
            Problem: too many wait.
        """
        settings = self.settings
        options = {"names": list(uploads), "levels": levels, "model": settings.model, "privacy": settings.privacy}
        bounds = Bounds(self.settings.limits.documents, self.settings.limits.documents_memory)
        async with self._document_turns.one():
            progress("Starting")
            read: DocumentsRead = await self._isolated(read_documents, uploads, options, bounds, progress)
        return read

    async def read_table(self, uploads: Mapping[str, bytes], about: Mapping[str, Any], progress: Report) -> TableRead:
        """Read a file of texts in a process of its own, one request at a time.

        Raises:
            IsolatedError: it cannot be read.
            Problem: too many wait.
        """
        settings = self.settings
        options = {
            **about,
            "name": next(iter(uploads)),
            "privacy": str(settings.privacy),
            "model": settings.model,
            "framing_model": settings.framing_model,
            "most_characters": settings.limits.characters,
        }
        bounds = Bounds(settings.limits.table, settings.limits.documents_memory)
        async with self._table_turns.one():
            progress("Starting")
            read: TableRead = await self._isolated(read_table, uploads, options, bounds, progress)
        return read

    async def _isolated(
        self, work: Work, uploads: Mapping[str, bytes], options: Mapping[str, Any], bounds: Bounds, progress: Report
    ) -> Any:  # noqa: ANN401 - what the work gives
        """What some work in a process of its own gives; a fault of it is counted and logged as any other."""
        try:
            return await isolated(work, uploads, options, bounds, progress=progress)
        except FaultError as error:
            self.watch.fault_at(error.place)
            raise

    async def _sweep(self) -> None:
        """Forget kept results when their time is over, also where nobody comes any more."""
        while True:
            await asyncio.sleep(_SWEEP)
            self.documents.forget()
            self.tables.forget()
            self.texts.forget()

    async def _work_out_areas(self) -> None:
        """Work out the areas; where that fails, again after a pause, as nobody else would."""
        pause, bounds = _AREAS_PAUSE, Bounds(_AREAS_SECONDS, None)
        while True:
            try:
                self._areas = await self._isolated(read_areas, {}, {"model": self.settings.model}, bounds, _untold)
            except Exception as error:
                said = str(error) if isinstance(error, IsolatedError) else type(error).__name__
                self.areas_trouble = f"the areas could not be worked out yet: {said}"
                log.error("areas: %s", said)  # of the published descriptors, so that no text of anybody is in it
                await asyncio.sleep(pause)
                pause = min(2 * pause, _AREAS_SECONDS)
            else:
                assert self._areas is not None
                self.engine.know(self._areas.known)
                return


def _untold(words: str) -> None:
    """Progress that nobody follows."""


def _size(read: DocumentsRead | TableRead) -> int:
    """Bytes of a result: its files, and its report or its rows, which take some four times their bytes as JSON."""
    files = sum(map(len, read.files.values()))
    if isinstance(read, TableRead):
        return files + len(read.report or b"")
    return files + 4 * len(read.files.get("jsonl", b""))


def _chosen(body: bytes, asked: WhereIn) -> bytes:
    """A result with the areas and precedents that were asked for.

    Raises:
        Problem: there is no document of an area.
    """
    if asked.areas is None and asked.precedents == PRECEDENTS:
        return body
    result = json.loads(body)
    names = {name.casefold(): name for name in result["areas"]}
    wanted = list(names) if asked.areas is None else [name.casefold() for name in asked.areas]
    if unknown := [place for place, name in enumerate(wanted) if name not in names]:
        detail = (
            f"There is no document of area {unknown[0]} of the list (counted from 0); GET /v1/areas has their names."
        )
        raise Problem(422, "no-such-area", "No such area", detail)
    result["areas"] = {names[name]: result["areas"][names[name]] for name in wanted}
    for area in result["areas"].values():
        area["precedents"] = area["precedents"][: asked.precedents]
    return json.dumps(result, ensure_ascii=False).encode()
