"""Decompress gzip, bzip2, xz and Zstandard as a stream; pyarrow, which has the last, is imported only for it.

How the bytes begin decides, not the file's name, so standard input and files that lost their suffix are known
too. What was decompressed before a damaged place is still given.
"""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import zlib
from pathlib import Path
from typing import Any, BinaryIO

from evenhand.errors import InputError

PACKINGS = {".gz": "gzip", ".bz2": "bzip2", ".xz": "xz", ".zst": "Zstandard"}
_SIGNATURES = (
    (b"\x1f\x8b\x08", "gzip"),  # the third byte is deflate, the only method there is
    (b"\xfd7zXZ\x00", "xz"),
    (b"\x28\xb5\x2f\xfd", "Zstandard"),
)
_BZIP2 = b"BZh", (b"1AY&SY", b"\x17rE8P\x90")  # a text may begin with BZh; then comes a digit, and a block or the end
_HEAD = 10  # bytes: the longest of these
_FAILURES = (EOFError, OSError, ValueError, zlib.error, lzma.LZMAError)  # what damage makes the codecs raise


class DamagedError(InputError):
    """A compressed file is cut off or damaged.

    Attributes:
        packing: What it is compressed with.
    """

    def __init__(self, name: str, packing: str) -> None:
        self.packing = packing
        super().__init__(f"{name} is cut off or damaged ({packing}); get it again from where it came from")


def unreadable(name: str, error: Exception) -> InputError:
    """Return the error for a file that the system does not let us read."""
    reason = getattr(error, "strerror", None) or "the name is not valid"
    return InputError(f"{name} cannot be read ({str(reason).lower()}); check its permissions")


def packing_of(path: Path | None) -> str | None:
    """Return what a file is compressed with by its name, None if by nothing."""
    return None if path is None else PACKINGS.get(path.suffix.lower())


def unpacked(stream: BinaryIO, name: str, *, packing: str | None) -> BinaryIO:
    """Return the decompressed stream, or the stream itself where it is not compressed.

    Args:
        stream: The bytes, from their beginning; need not be seekable.
        name: What the stream is called in messages.
        packing: What the file's name says that it is compressed with.

    Raises:
        InputError: the name says that it is compressed and it is not.
    """
    try:
        head = stream.read(_HEAD)
    except OSError as error:
        raise unreadable(name, error) from error
    whole: BinaryIO = io.BufferedReader(_Rejoined(head, stream))
    found = _packing(head)
    if found is None:
        if packing is not None and head:
            message = f"{name} is not compressed with {packing}, as its name says; rename it, or get it again"
            raise InputError(message)
        return whole
    return _Unpacked(_decompressor(found, whole), name, found)  # type: ignore[return-value]


def _packing(head: bytes) -> str | None:
    begins, follows = _BZIP2
    if head.startswith(begins) and head[4:].startswith(follows):
        return "bzip2"
    return next((packing for signature, packing in _SIGNATURES if head.startswith(signature)), None)


def _decompressor(packing: str, stream: BinaryIO) -> Any:  # noqa: ANN401 - pyarrow has no types
    if packing == "gzip":
        return gzip.GzipFile(fileobj=stream, mode="rb")
    if packing == "bzip2":
        return bz2.BZ2File(stream)
    if packing == "xz":
        return lzma.LZMAFile(stream)
    import pyarrow as pa

    return pa.CompressedInputStream(pa.PythonFile(stream, mode="r"), "zstd")


class _Rejoined(io.RawIOBase):
    """A stream with its beginning, which was read already, put back."""

    def __init__(self, head: bytes, rest: BinaryIO) -> None:
        self._head, self._rest = head, rest

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:  # noqa: ANN401 - the base class has no narrower type
        block = self._head[: len(buffer)] or self._rest.read(len(buffer))
        self._head = self._head[len(block) :]
        buffer[: len(block)] = block
        return len(block)


class _Unpacked:
    """Reads blocks of a decompressor; damage is told only after everything before it was read."""

    def __init__(self, stream: Any, name: str, packing: str) -> None:  # noqa: ANN401
        self._stream, self._name, self._packing = stream, name, packing
        self._failure: Exception | None = None

    def read(self, size: int) -> bytes:
        """Return `size` bytes, fewer at the end.

        Raises:
            DamagedError: the compressed bytes are damaged, or end too early.
            InputError: the system cannot read them.
        """
        blocks: list[bytes] = []
        while size > 0 and self._failure is None:
            try:
                block = self._stream.read1(size)
            except _FAILURES as failure:
                self._failure = failure
                break
            if not block:
                break
            blocks.append(block)
            size -= len(block)
        if self._failure is not None and not blocks:
            if isinstance(self._failure, OSError) and self._failure.errno is not None:
                raise unreadable(self._name, self._failure) from self._failure
            raise DamagedError(self._name, self._packing) from None
        return b"".join(blocks)
