"""Codings as REFI-QDA projects and codebooks, which NVivo, MAXQDA, ATLAS.ti, QualCoder and others exchange.

The format is REFI-QDA 1.5 (Rotterdam Exchange Format Initiative, "Exchange of processed data between qualitative data
analysis software packages", 25 September 2019, www.qdasoftware.org): an archive of `project.qde`, which is XML, and of
the texts as files. How programs read it was learnt from QualCoder's importer. Positions count code points from 0, and
the end is just past the last.

A coder is a User, a text a TextSource, a coding a PlainTextSelection with one Coding for each code. What REFI has no
place for (exact severity, confidence, the order of issues, ids, ...) stands in a Note of the selection, in plain words
and in a last line of JSON, and once more as the selection's Description: QualCoder keeps that one and drops the other.
The Coding elements decide and the note supplements, so that what was changed in another program is what is read.
Standard library only.
"""

from __future__ import annotations

from evenhand.annotate.records import Annotations
from evenhand.annotate.refi_archive import Archive
from evenhand.annotate.refi_codes import codebook_xml
from evenhand.annotate.refi_reading import left_out_of, project_of
from evenhand.annotate.refi_writing import project_bytes
from evenhand.errors import InputError


def written(collection: Annotations) -> bytes:
    """A collection as a project (.qdpx); `read` gives the same again, and the same collection gives the same bytes.

    Raises:
        InputError: there is more than a project can hold.
    """
    return project_bytes(collection)


def read(content: bytes, name: str) -> Annotations:
    """Read a project (.qdpx), of Evenhand or of another program.

    Codes that the scheme has not are kept as `other`; so are several where one may stand, and levels with a gap.
    Pictures, PDF, sound and film are left out (see `left_out`).

    Args:
        content: Of the file.
        name: What it is called in messages.

    Raises:
        InputError: it is no project, or made to exhaust a machine, or something in it is not as it should be; the
            message says where, without what stands in a text.
    """
    try:
        archive = Archive(content)
        return project_of(archive.project(), archive)
    except InputError as error:
        message = f"{name}: {error}"
        raise InputError(message) from None


def left_out(content: bytes) -> list[str]:
    """Name the sources of a project that `read` does not take, because they are no plain texts.

    Raises:
        InputError: it is no project.
    """
    return left_out_of(Archive(content).project())


def codebook() -> bytes:
    """The whole coding scheme as a codebook (.qdc), to begin a project of another program with."""
    return codebook_xml()
