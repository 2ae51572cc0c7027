"""Files that grow by whole pieces, and can be cut back to where any piece ended."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path

from evenhand.errors import OutputError


class PartFile:
    """A growing file.

    Args:
        path: Made anew, or cut back to `keep` bytes where it exists.
        keep: How much of what is there stays.

    Raises:
        OutputError: less is there than should be kept.
    """

    def __init__(self, path: Path, *, keep: int = 0) -> None:
        self.path = path
        there = path.stat().st_size if path.exists() else 0
        if there < keep:
            message = f"{path} is shorter than its journal says; start again with --overwrite"
            raise OutputError(message)
        self._stream = path.open("r+b" if there else "w+b")
        self._stream.truncate(keep)
        self._stream.seek(keep)

    def append(self, piece: bytes) -> None:
        """Add a piece; it need not be on the disk yet."""
        self._stream.write(piece)

    def sync(self) -> int:
        """Put everything on the disk; return the length."""
        self._stream.flush()
        os.fsync(self._stream.fileno())
        return self._stream.tell()

    def close(self) -> None:
        """Let go of the file."""
        with suppress(OSError):  # of a full disk, once more
            self._stream.close()
