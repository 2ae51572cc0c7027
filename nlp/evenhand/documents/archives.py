"""Look into an archive before it is opened: Word files and spreadsheets are archives, and may unpack without end."""

from __future__ import annotations

from pathlib import Path
from zipfile import BadZipFile, LargeZipFile, ZipFile

from evenhand.errors import InputError

MOST_UNPACKED = 1_000_000_000  # bytes; the largest threshold document seen unpacks to a few millions
MOST_PARTS = 20_000


def check_archive(path: Path, what: str) -> None:
    """Raise if a file is no archive, or unpacks to more than any document has.

    Raises:
        InputError: with `what` it was taken for.
    """
    try:
        with ZipFile(path) as archive:
            parts = archive.infolist()
            unpacked = sum(part.file_size for part in parts)
            encrypted = any(part.flag_bits & 1 for part in parts)
    except (BadZipFile, LargeZipFile, OSError, ValueError) as error:
        message = f"{path}: not a {what} that can be read, perhaps cut short; get it again from where it came from"
        raise InputError(message) from error
    if encrypted:
        message = f"{path}: protected by a password; save it without one and try again"
        raise InputError(message)
    if unpacked > MOST_UNPACKED or len(parts) > MOST_PARTS:
        message = f"{path}: would unpack to {unpacked / 1e6:,.0f} MB in {len(parts):,} parts; this is no {what}"
        raise InputError(message)
