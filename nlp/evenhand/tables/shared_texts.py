"""The shared texts of a workbook, kept compressed: a sheet's cells name them by number, in any order.

Excel writes every text of a workbook into one part, so they must all be at hand while rows are read; packed in
blocks, they take a fifth of the memory. Standard library only.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from functools import lru_cache
from typing import IO
from xml.etree.ElementTree import Element, iterparse

from evenhand.tables.workbook_guard import Bounded

MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
_ITEM, _TEXT, _RUN = f"{MAIN}si", f"{MAIN}t", f"{MAIN}r"
_IN_BLOCK = 128  # texts; enough to pack well, few to unpack for one
_BLOCKS_AT_HAND = 32  # unpacked; cells name texts mostly in the order in which they were written
_BETWEEN = "\0"  # which XML cannot hold
_FASTEST = 1  # level of compression


class SharedTexts:
    """Texts by number.

    Raises:
        ParseError: the part is no XML.
        TooMuchError: a text is larger than any spreadsheet writes.
    """

    def __init__(self, part: IO[bytes]) -> None:
        self._blocks: list[bytes] = []
        self._count = 0
        block: list[str] = []
        for text in _texts(part):
            block.append(text)
            self._count += 1
            if len(block) == _IN_BLOCK:
                self._pack(block)
                block = []
        self._pack(block)
        self._unpacked = lru_cache(maxsize=_BLOCKS_AT_HAND)(self._unpack)

    def __getitem__(self, number: int) -> str:
        if not 0 <= number < self._count:
            raise IndexError(number)
        return self._unpacked(number // _IN_BLOCK)[number % _IN_BLOCK]

    def _pack(self, block: list[str]) -> None:
        self._blocks.append(zlib.compress(_BETWEEN.join(block).encode("utf-8", "surrogatepass"), _FASTEST))

    def _unpack(self, block: int) -> list[str]:
        return zlib.decompress(self._blocks[block]).decode("utf-8", "surrogatepass").split(_BETWEEN)


def _texts(part: IO[bytes]) -> Iterator[str]:
    bounded = Bounded(part)
    root: Element | None = None
    for event, element in iterparse(bounded, events=("start", "end")):  # noqa: S314
        root = element if root is None else root
        if event == "end" and element.tag == _ITEM:
            # Runs of differing type make one text; readings of East Asian words beside it are none of it.
            runs = [child.find(_TEXT) if child.tag == _RUN else child for child in element]
            yield "".join(run.text or "" for run in runs if run is not None and run.tag == _TEXT)
            root.clear()
            bounded.begin()
