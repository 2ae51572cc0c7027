"""Look into a workbook before it is opened: what is no workbook, or made to exhaust a machine, is refused.

An .xlsx file is a zip archive of XML. Entities that expand each other need a document type, which no workbook has;
an archive that unpacks to far more than texts do is no workbook either. Standard library only.
"""

from __future__ import annotations

import zlib
from typing import IO, BinaryIO
from xml.parsers import expat
from zipfile import BadZipFile, LargeZipFile, ZipFile

from evenhand.errors import InputError

_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"  # .xls, and .xlsx inside an encrypted container
_ENCRYPTED = "EncryptedPackage".encode("utf-16-le")  # what such a container holds
_BLOCK = 1 << 16
_MOST_PARTS = 20_000  # a workbook has a few parts to a sheet
_MOST_UNPACKED = 16 * 2**30  # bytes; a sheet of a million rows of long case notes stays below a quarter
_MOST_RATIO = 200  # texts are packed to a tenth; deflate reaches 1,032 with nothing but repetition
_RATIO_FROM = 64 * 2**20  # bytes; small parts of a workbook repeat themselves, and do no harm
_MOST_SMALL = 64 * 2**20  # bytes of a part that is held whole: all but sheets and shared texts
_MOST_PROLOG = 1 << 20  # bytes before a part's first element; a few hundred in any workbook
_MOST_AT_ONCE = 64 * 2**20  # bytes of XML of one row or one shared text; Excel's longest cell has 32,767 characters


class TooMuchError(Exception):
    """One row, or one text, of a workbook is larger than any spreadsheet writes."""


class Bounded:
    """Reads a part of a workbook, and stops where one row or text goes on too long; `begin` starts the next."""

    def __init__(self, stream: IO[bytes]) -> None:
        self._stream, self._read = stream, 0

    def read(self, size: int = -1) -> bytes:
        """Return bytes.

        Raises:
            TooMuchError: too many since `begin`.
        """
        block = self._stream.read(size)
        self._read += len(block)
        if self._read > _MOST_AT_ONCE:
            raise TooMuchError
        return block

    def begin(self) -> None:
        """Count from here."""
        self._read = 0


def check_workbook(stream: BinaryIO, name: str) -> None:
    """Raise if a file is no .xlsx workbook or should not be opened; leaves the stream at its beginning.

    Raises:
        InputError: it is another kind of file, damaged, protected by a password, unpacks to too much, or declares a
            document type.
    """
    head = stream.read(len(_OLE))
    if head.startswith(_OLE):
        raise InputError(_ole_message(stream, name))
    if not head.startswith(b"PK"):
        message = f"{name} is not an XLSX workbook; if it is CSV under another name, read it with --format csv"
        raise InputError(message)
    try:
        with ZipFile(stream) as archive:
            _check_sizes(archive, name)
            for part in archive.infolist():
                _check_prolog(archive.open(part), name)
    except (BadZipFile, LargeZipFile, NotImplementedError, OSError, ValueError, EOFError, zlib.error) as error:
        message = f"{name} is cut off or damaged; open it in Excel and save it again, or get it again"
        raise InputError(message) from error
    stream.seek(0)


def _ole_message(stream: BinaryIO, name: str) -> str:
    before = b""
    while block := stream.read(_BLOCK):
        if _ENCRYPTED in before + block:
            return f"{name} is protected by a password; open it in Excel and save it without one"
        before = block[-len(_ENCRYPTED) :]
    return f"{name} is an old .xls workbook; open it in Excel and save it as .xlsx or as CSV UTF-8"


def _check_sizes(archive: ZipFile, name: str) -> None:
    parts = archive.infolist()
    if any(part.flag_bits & 1 for part in parts):
        message = f"{name} is protected by a password; save it without one"
        raise InputError(message)
    unpacked, packed = sum(part.file_size for part in parts), sum(part.compress_size for part in parts)
    small = (p.file_size for p in parts if "sharedStrings" not in p.filename and "/worksheets/" not in p.filename)
    if (
        len(parts) > _MOST_PARTS
        or unpacked > _MOST_UNPACKED
        or unpacked > max(_RATIO_FROM, _MOST_RATIO * packed)
        or max(small, default=0) > _MOST_SMALL
    ):
        message = (
            f"{name} would unpack to {unpacked / 1e6:,.0f} MB in {len(parts):,} parts, which no table of texts does;"
            " if it is one, save the sheet as CSV UTF-8"
        )
        raise InputError(message)


def _check_prolog(part: IO[bytes], name: str) -> None:
    """Read a part up to its first element."""
    parser = expat.ParserCreate()
    found: list[str] = []
    parser.StartDoctypeDeclHandler = lambda *_: found.append("document type")
    parser.StartElementHandler = lambda *_: found.append("element")
    read = 0
    with part:
        while not found and read <= _MOST_PROLOG and (block := part.read(_BLOCK)):
            read += len(block)
            try:
                parser.Parse(block)
            except expat.ExpatError:  # pictures are no XML; what a reader needs and cannot parse it refuses itself
                break
    if "document type" in found or read > _MOST_PROLOG:
        message = f"{name} holds XML with a document type, which no workbook has; it is not opened"
        raise InputError(message)
