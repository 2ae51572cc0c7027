"""Lines of a body that arrives in pieces, in bounded memory."""

from __future__ import annotations

from collections.abc import AsyncIterator

from starlette.responses import Response
from starlette.types import Receive, Scope, Send


async def lines_of(pieces: AsyncIterator[bytes], longest: int) -> AsyncIterator[bytes]:
    """Lines without their ends, blank ones left out; the last may lack its end.

    A line that is too long comes as far as the bound, and the rest of it is left out; it is no valid JSON then.

    Args:
        pieces: Of the body.
        longest: Bytes of a line.
    """
    begun = bytearray()
    async for piece in pieces:
        at = 0
        while (end := piece.find(b"\n", at)) >= 0:
            _add(begun, piece[at:end], longest)
            if begun.strip():
                yield bytes(begun)
            begun.clear()
            at = end + 1
        _add(begun, piece[at:], longest)
    if begun.strip():
        yield bytes(begun)


def _add(begun: bytearray, more: bytes, longest: int) -> None:
    begun += more[: max(longest - len(begun), 0)]


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
