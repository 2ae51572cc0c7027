"""Open a REFI-QDA project of unknown origin: nothing is unpacked to disk, and all that is read is bounded.

Standard library only. XML with a document type is refused, as only that can name other files or expand without end.
"""

from __future__ import annotations

import zlib
from io import BytesIO
from xml.etree import ElementTree as ET
from zipfile import BadZipFile, LargeZipFile, ZipFile, ZipInfo

from evenhand.errors import InputError

_ENTRY = b"PK\x01\x02"  # begins each entry of an archive's directory
_MOST_PARTS = 500_000  # a text of its own for each row of the largest extract
_MOST_XML = 1 << 30  # bytes; a coding with all its codes and notes takes about 4,100
_MOST_ELEMENTS = 8_000_000  # about 27 to a coding; the shortest takes four bytes of XML and a hundred of memory
_MOST_DEPTH = 200  # elements in each other; codes of nobody's codebook are nested a tenth as deep
_MOST_TEXT = 1 << 26  # bytes of one text; the longest book has a tenth
_MOST_READ = 1 << 31  # bytes of all that is read, also where many sources name one file
_DAMAGES = (BadZipFile, LargeZipFile, NotImplementedError, OSError, ValueError, EOFError, RuntimeError, zlib.error)


class _Builder(ET.TreeBuilder):
    """Builds a tree of bounded size, without a document type."""

    def __init__(self) -> None:
        super().__init__()
        self._elements = self._depth = 0

    def doctype(self, _name: str, _public: str | None, _system: str | None) -> None:
        message = "its XML declares a document type, which no project has; it is not opened"
        raise InputError(message)

    def start(self, tag: str, attrs: dict[str, str], /) -> ET.Element:
        self._elements += 1
        self._depth += 1
        if self._elements > _MOST_ELEMENTS or self._depth > _MOST_DEPTH:
            message = f"its XML has over {_MOST_ELEMENTS:,} elements, or over {_MOST_DEPTH} in each other; split it"
            raise InputError(message)
        return super().start(tag, attrs)

    def end(self, tag: str, /) -> ET.Element:
        self._depth -= 1
        return super().end(tag)


def check_writable(xml: bytes, elements: int, parts: int) -> None:
    """Make sure that what was written is no more than is read.

    Raises:
        InputError: it is; nothing should be written then.
    """
    if len(xml) > _MOST_XML or elements > _MOST_ELEMENTS or parts > _MOST_PARTS:
        message = "there are more texts or codings than a REFI-QDA project can hold; split them, or use .jsonl"
        raise InputError(message)


class Archive:
    """A .qdpx file, of which parts are found whatever the case of their names."""

    def __init__(self, content: bytes) -> None:
        """Open it.

        Raises:
            InputError: it is no archive, damaged, protected by a password, or has too many parts.
        """
        if content.count(_ENTRY) > _MOST_PARTS:
            message = f"has more than {_MOST_PARTS:,} parts; split the project"
            raise InputError(message)
        try:
            self._zip = ZipFile(BytesIO(content))
        except _DAMAGES:
            message = "is no REFI-QDA project (.qdpx), or was cut short; export it again"
            raise InputError(message) from None
        parts = self._zip.infolist()
        if any(part.flag_bits & 1 for part in parts):
            message = "is protected by a password; export it without one"
            raise InputError(message)
        self._parts = {part.filename.replace("\\", "/").lower(): part for part in parts if not part.is_dir()}
        self._left = _MOST_READ

    def project(self) -> ET.Element:
        """The XML of the project, names of elements without their namespace.

        Raises:
            InputError: there is none, it is no XML of a project, or too large.
        """
        named = sorted(
            (part for part in self._parts if part.endswith(".qde")), key=lambda part: (part.count("/"), part)
        )
        if not named:
            message = "has no .qde file, which every REFI-QDA project has; export it again"
            raise InputError(message)
        content = self._read(self._parts[named[0]], _MOST_XML, "its .qde file")
        try:
            root = ET.fromstring(content, ET.XMLParser(target=_Builder()))  # noqa: S314 - guarded by the builder
        except ET.ParseError as error:
            message = f"its .qde file is no XML (line {error.position[0]:,}); export it again"
            raise InputError(message) from None
        except (ValueError, LookupError):
            message = "its .qde file is in an unknown encoding; export it as UTF-8"
            raise InputError(message) from None
        for element in root.iter():
            element.tag = element.tag.rpartition("}")[2]
        if root.tag != "Project":
            message = "its .qde file is no REFI-QDA project; export it again"
            raise InputError(message)
        return root

    def text(self, path: str, where: str) -> str:
        """The text of a source, as it is in its file.

        Args:
            path: Of the source: "internal://..." or "relative://...".
            where: Of what it is, for messages.

        Raises:
            InputError: it is not in the archive, too large, or no Unicode text.
        """
        inside = path.partition("://")[2].replace("\\", "/").lstrip("/").lower()
        part = next((self._parts[each] for each in (f"sources/{inside}", inside) if each in self._parts), None)
        if part is None:
            message = f"the file of {where} is not in the archive; export the project with its sources"
            raise InputError(message)
        content = self._read(part, _MOST_TEXT, f"the file of {where}")
        wide = content.startswith((b"\xff\xfe", b"\xfe\xff"))  # in no UTF-8
        try:
            return content.decode("utf-16" if wide else "utf-8")
        except UnicodeDecodeError:
            message = f"the file of {where} is not UTF-8; save it as UTF-8"
            raise InputError(message) from None

    def _read(self, part: ZipInfo, most: int, what: str) -> bytes:
        most = min(most, self._left)
        try:
            with self._zip.open(part) as stream:
                content = b"" if part.file_size > most else stream.read(most + 1)
        except _DAMAGES:
            message = f"{what} is damaged; export the project again"
            raise InputError(message) from None
        if max(part.file_size, len(content)) > most:
            message = f"{what} unpacks to more than {most:,} bytes, which no project of texts does"
            raise InputError(message)
        self._left -= len(content)
        return content
