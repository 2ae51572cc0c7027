"""Threshold documents: from a PDF, Word document, web page or text file to its levels and descriptors.

What is read keeps its page and place, so that every descriptor can be checked. What cannot be read, or belongs to no
level, is named and counted, never guessed. Needs the extra `documents`.
"""

from __future__ import annotations

from evenhand.documents.layout import Box, Kind, Layout, Piece, Trouble
from evenhand.documents.levels import NativeLevel
from evenhand.documents.reading import Coverage, Descriptor, Document, read

__all__ = [
    "Box",
    "Coverage",
    "Descriptor",
    "Document",
    "Kind",
    "Layout",
    "NativeLevel",
    "Piece",
    "Trouble",
    "read",
]
