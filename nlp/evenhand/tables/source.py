"""Open a file or standard input, and decode its bytes to lines with errors that say where; no table formats.

UTF-8 is assumed, with or without a byte order mark; UTF-16 is known by its mark; anything else must be
named, since guessing an encoding silently changes names and quotation marks.
"""

from __future__ import annotations

import codecs
import io
import sys
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

from evenhand.errors import InputError

STANDARD_INPUT = "-"
_BLOCK = 1 << 16  # bytes read at a time; larger blocks read no faster
_ZIP = b"PK\x03\x04"  # how every .xlsx, .ods and .zip begins, and no text that a person wrote
_MARKS = (  # longest first: the mark of UTF-32 begins with that of UTF-16
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


@dataclass
class Source:
    """A file, or standard input, that can be opened for reading.

    Attributes:
        path: The file, or None for standard input.
    """

    path: Path | None
    _held: bytes | None = field(default=None, repr=False)

    @classmethod
    def of(cls, source: str | Path) -> Source:
        """Make a source of a path or of `-`.

        Raises:
            InputError: the file is missing or is a directory.
        """
        if str(source) == STANDARD_INPUT:
            return cls(None)
        path = Path(source)
        with suppress(OSError, ValueError):
            if path.is_dir():
                message = f"{path} is a directory; give one file in it"
                raise InputError(message)
            if not path.exists():
                message = f"{path} does not exist; check the name and the folder"
                raise InputError(message)
        return cls(path)

    @property
    def name(self) -> str:
        """The name in messages."""
        return "standard input" if self.path is None else str(self.path)

    def hold(self) -> None:
        """Keep standard input in memory, to be read twice or by position; a file needs nothing."""
        if self.path is None and self._held is None:
            self._held = sys.stdin.buffer.read()

    def open(self) -> BinaryIO:
        """Open for reading; standard input that is not held can be opened once.

        Raises:
            InputError: the file cannot be opened.
        """
        if self.path is None:
            return sys.stdin.buffer if self._held is None else io.BytesIO(self._held)
        try:
            return self.path.open("rb")
        except (OSError, ValueError) as error:
            raise unreadable(self.name, error) from error


def unreadable(name: str, error: Exception) -> InputError:
    """Return the error for a file that the system does not let us read."""
    reason = getattr(error, "strerror", None) or "the name is not valid"
    return InputError(f"{name} cannot be read ({str(reason).lower()}); check its permissions")


def decoded_lines(stream: BinaryIO, *, name: str, encoding: str | None) -> Iterator[str]:
    r"""Yield the lines of a stream with their ends (`\n`, `\r\n` or `\r`), without the byte order mark.

    Args:
        stream: The bytes.
        name: What the stream is called in messages.
        encoding: A codec's name, or None for UTF-8 or what the byte order mark says.

    Raises:
        InputError: a byte that the encoding does not have, with its position and line; an unknown encoding.
    """
    block = _read(stream, name)
    codec = _codec(block, name, encoding)
    decoder = codecs.getincrementaldecoder(codec)()
    newlines = io.IncrementalNewlineDecoder(None, translate=False)
    pending: list[str] = []
    offset, lines = 0, 0
    while True:
        try:
            text = newlines.decode(decoder.decode(block, final=not block), final=not block)
        except UnicodeError as error:
            raise _undecodable(error, name=name, codec=codec, read=offset + len(block), lines=lines) from None
        for line in io.StringIO(text, newline=""):
            pending.append(line)
            if line.endswith(("\n", "\r")):
                yield "".join(pending)
                pending = []
                lines += 1
        if not block:
            break
        offset += len(block)
        block = _read(stream, name)
    if pending:
        yield "".join(pending)


def _read(stream: BinaryIO, name: str) -> bytes:
    try:
        return stream.read(_BLOCK)
    except OSError as error:
        raise unreadable(name, error) from error


def _codec(block: bytes, name: str, encoding: str | None) -> str:
    """Return the codec to decode with.

    Raises:
        InputError: the name is unknown, or the bytes are UTF-16 without a mark.
    """
    if block.startswith(_ZIP):
        message = f"{name} is an Excel workbook or another zip archive; save the sheet as CSV UTF-8 and give that"
        raise InputError(message)
    mark = next((codec for signature, codec in _MARKS if block.startswith(signature)), None)
    if encoding is None:
        if mark is None and block.count(0) > len(block) // 4:
            message = (
                f"{name} looks like UTF-16 without a byte order mark; save it as UTF-8, or name its encoding"
                " with --encoding utf-16-le"
            )
            raise InputError(message)
        return mark or "utf-8"
    try:
        info = codecs.lookup(encoding)
        "".encode(encoding)
    except (LookupError, ValueError):
        message = f"unknown encoding {encoding!r}; common ones are utf-8, utf-16 and cp1252"
        raise InputError(message) from None
    return "utf-8-sig" if info.name == "utf-8" else info.name


def _undecodable(error: UnicodeError, *, name: str, codec: str, read: int, lines: int) -> InputError:
    """Return the error that says at which byte and line decoding stopped."""
    known = "UTF-8" if codec.startswith("utf-8") else codec
    place = ""
    if isinstance(error, UnicodeDecodeError):
        line = lines + 1 + error.object[: error.start].count(b"\n")
        byte = read - len(error.object) + error.start + 1  # the codec saw what was left over and this block
        place = f" at byte {byte:,} (line {line:,})"
    return InputError(
        f"{name} is not {known}{place}; save it as UTF-8 (in Excel: 'CSV UTF-8'), or name its encoding, for"
        " instance --encoding cp1252"
    )
