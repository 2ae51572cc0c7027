"""Lines of a body that arrives in pieces, in bounded memory."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator

from starlette.responses import Response
from starlette.types import Receive, Scope, Send

_BLANK = re.compile(rb"\n{2,}")  # lines without anything, which cost as much as others
_GIVE_WAY = 1_000  # lines after which others have their turn
TOO_LONG = b"(a line that is too long)"  # comes in place of one; it is no JSON, and is answered so


async def lines_of(pieces: AsyncIterator[bytes], longest: int) -> AsyncIterator[bytes]:
    """Lines without their ends, blank ones left out; the last may lack its end.

    Args:
        pieces: Of the body.
        longest: Bytes of a line; in place of a longer one comes `TOO_LONG`.
    """
    begun, long = bytearray(), False
    async for piece in pieces:
        *ended, rest = _BLANK.sub(b"\n", piece).split(b"\n")
        for number, part in enumerate(ended):
            if number % _GIVE_WAY == _GIVE_WAY - 1:
                await asyncio.sleep(0)
            long = long or len(begun) + len(part) > longest
            line = TOO_LONG if long else bytes(begun) + part
            if line.strip():
                yield line
            begun, long = bytearray(), False
        long = long or len(begun) + len(rest) > longest
        begun = bytearray() if long else begun + rest
    if long or begun.strip():
        yield TOO_LONG if long else bytes(begun)


async def groups_of(
    lines: AsyncIterator[bytes], *, most: int, most_bytes: int, pause: float
) -> AsyncIterator[list[bytes]]:
    """Lines put together: as many as may be, or those that came before a pause.

    Args:
        lines: As they come; an error of theirs comes after all groups.
        most: Lines of a group.
        most_bytes: Of a group; one line may have more.
        pause: Seconds.
    """
    come: asyncio.Queue[bytes | Exception | None] = asyncio.Queue(most)
    taking = asyncio.create_task(_take(lines, come))
    group, size = list[bytes](), 0
    try:
        while True:
            line: bytes | Exception | None
            try:
                line = await asyncio.wait_for(come.get(), pause if group else None)
            except TimeoutError:
                line = b""
            if isinstance(line, bytes) and line:
                group.append(line)
                size += len(line)
                if len(group) < most and size <= most_bytes:
                    continue
            if group:
                yield group
                group, size = [], 0
            if isinstance(line, Exception):
                raise line
            if line is None:
                return
    finally:
        taking.cancel()


async def _take(lines: AsyncIterator[bytes], come: asyncio.Queue[bytes | Exception | None]) -> None:
    """Put lines into a queue, and None, or an error, behind them."""
    try:
        async for line in lines:
            await come.put(line)
    except Exception as error:
        await come.put(error)
    else:
        await come.put(None)


class LinesResponse(Response):
    """Lines that are sent as they are made, while the request's body may still be read.

    Starlette's own streaming response reads the body itself meanwhile, to see whether the client has gone.

    Args:
        lines: Some of them at a time.
        media_type: What they are.
    """

    def __init__(self, lines: AsyncIterator[bytes], media_type: str) -> None:
        super().__init__(media_type=media_type)
        del self.headers["content-length"]
        self._lines = lines

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send them."""
        await send({"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers})
        async for some in self._lines:
            await send({"type": "http.response.body", "body": some, "more_body": True})
        await send({"type": "http.response.body", "body": b"", "more_body": False})
