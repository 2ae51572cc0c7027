"""Open a file or standard input, and decode its bytes to lines with errors that say where; no table formats.

UTF-8 is assumed, with or without a byte order mark; UTF-16 is known by its mark; anything else must be
named, since guessing an encoding silently changes names and quotation marks.
"""

from __future__ import annotations

import codecs
import io
import re
import sys
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

from evenhand.errors import InputError
from evenhand.tables.packed import packing_of, unreadable

STANDARD_INPUT = "-"
LONGEST_LINE = 16 * 2**20  # characters; sixteen times the longest text that is scored, and little to hold in memory
_BLOCK = 1 << 16  # bytes read at a time; larger blocks read no faster
_ZIP = b"PK\x03\x04"  # how every .xlsx, .ods and .zip begins, and no text that a person wrote
_MARKS = (  # longest first: the mark of UTF-32 begins with that of UTF-16
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
# Lone surrogates, which no decoded text has, stand for what could not be decoded and for a line that was not held.
_BAD_BYTE = "\udc80"
TOO_LONG = "\udc81"
_PLACE = re.compile(f"{_BAD_BYTE}([0-9]+)(?: ([^{_BAD_BYTE}]*))?{_BAD_BYTE}")
_MARKING = "evenhand.mark"
_CURE = "save it as UTF-8 (in Excel: 'CSV UTF-8'), or name its encoding, for instance --encoding cp1252"


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
                message = f"{path} is a directory; give one file in it, or a pattern such as '{path / '*.csv'}'"
                raise InputError(message)
            if not path.exists():
                message = f"{path} does not exist; check the name and the folder"
                raise InputError(message)
        return cls(path)

    @property
    def name(self) -> str:
        """The name in messages."""
        return "standard input" if self.path is None else str(self.path)

    @property
    def packing(self) -> str | None:
        """What the file is compressed with by its name, or None."""
        return packing_of(self.path)

    @property
    def suffix(self) -> str:
        """The suffix that says the format, in lower case, without that of a compression; empty if there is none."""
        if self.path is None:
            return ""
        return (self.path.with_suffix("") if self.packing else self.path).suffix.lower()

    def hold(self, *, most: int | None = None, why: str = "which this format cannot stream") -> None:
        """Keep standard input in memory, to be read twice or by position; a file needs nothing.

        Args:
            most: Bytes; None for any number.
            why: Said where there are more: what cannot be done with so much.

        Raises:
            InputError: it has more than `most` bytes.
        """
        if self.path is not None or self._held is not None:
            return
        held = sys.stdin.buffer.read(-1 if most is None else most + 1)
        if most is not None and len(held) > most:
            message = f"{self.name} has more than {most // 2**20} MiB, {why}; give a file"
            raise InputError(message)
        self._held = held

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


def decoded_lines(stream: BinaryIO, *, name: str, encoding: str | None) -> Iterator[str]:
    r"""Yield the lines of a stream with their ends (`\n`, `\r\n` or `\r`), without the byte order mark.

    Args:
        stream: The bytes.
        name: What the stream is called in messages.
        encoding: A codec's name, or None for UTF-8 or what the byte order mark says.

    Raises:
        InputError: a byte that the encoding does not have, with its position and line; a line longer than
            `LONGEST_LINE`; an unknown encoding.
    """
    for number, line in enumerate(marked_lines(stream, name=name, encoding=encoding), start=1):
        if wrong := fault(line, number):
            message = f"{name} is {wrong}"
            raise InputError(message)
        yield line


def marked_lines(stream: BinaryIO, *, name: str, encoding: str | None) -> Iterator[str]:
    """Yield lines as `decoded_lines` does, but mark what is wrong with one, for `fault` to tell, and go on.

    Of a line longer than `LONGEST_LINE` only the mark is kept.

    Raises:
        InputError: an unknown encoding, or bytes that are of another altogether.
    """
    block = _read(stream, name)
    codec = _codec(block, name, encoding)
    decoder = codecs.getincrementaldecoder(codec)(_MARKING)
    newlines = io.IncrementalNewlineDecoder(None, translate=False)
    pending: list[str] = []
    read, length = 0, 0
    while True:
        read += len(block)
        try:
            text = newlines.decode(decoder.decode(block, final=not block), final=not block)
        except UnicodeError:
            message = f"{name} is not {_known(codec)}; {_CURE}"
            raise InputError(message) from None
        for piece in io.StringIO(_placed(text, read, codec) if _BAD_BYTE in text else text, newline=""):
            length += len(piece)
            pending = [*pending, piece] if length <= LONGEST_LINE else [TOO_LONG]
            if piece.endswith(("\n", "\r")):
                yield "".join(pending)
                pending, length = [], 0
        if not block:
            break
        block = _read(stream, name)
    if pending:
        yield "".join(pending)


def fault(line: str, number: int) -> str | None:
    """Return what is wrong with a line that was marked, where, and what to do; None if nothing is."""
    if TOO_LONG in line:
        return f"longer than {LONGEST_LINE:,} characters (line {number:,}); check its line ends"
    if _BAD_BYTE not in line:
        return None
    place = _PLACE.search(line)
    assert place is not None, "every mark is written whole"
    return f"not {_known(place[2])} at byte {int(place[1]):,} (line {number:,}); {_CURE}"


def _mark(error: UnicodeError) -> tuple[str, int]:
    """Put in place of bytes that cannot be decoded how far before the end of what was read they stand."""
    if not isinstance(error, UnicodeDecodeError):
        raise error
    return f"{_BAD_BYTE}{len(error.object) - error.start}{_BAD_BYTE}", error.end


codecs.register_error(_MARKING, _mark)


def _placed(text: str, read: int, codec: str) -> str:
    """Return a text with the marks saying at which byte of the whole they stand, and what was expected there.

    Args:
        text: What was decoded last.
        read: Bytes read until now.
        codec: The name of the encoding.
    """
    return _PLACE.sub(lambda mark: f"{_BAD_BYTE}{read - int(mark[1]) + 1} {codec}{_BAD_BYTE}", text)


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
        message = (
            f"{name} is an Excel workbook or another zip archive; use --format xlsx, or unpack it and give the text"
        )
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


def _known(codec: str) -> str:
    return "UTF-8" if codec.startswith("utf-8") else codec
