"""Lines of a body that arrives in pieces, in bounded memory."""

from __future__ import annotations

from collections.abc import AsyncIterator


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
