"""What a run has finished, one line after another, so that it can go on after any interruption.

The first line, its head, says what the run reads and how; each later one says how far it has come. A line begins with
its checksum: the last may be torn when a process or a machine stops, and then does not count. A line is on the disk
only after everything that it speaks of is.
"""

from __future__ import annotations

import json
import os
import zlib
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any, BinaryIO

from evenhand.errors import OutputError

SUFFIX = ".journal"

State = dict[str, Any]


class Journal:
    """An open journal, which no other process can open meanwhile; use `begin` or `reopen`."""

    def __init__(self, path: Path, stream: BinaryIO, head: Mapping[str, Any], state: State | None) -> None:
        self.path = path
        self.head = head
        self.state = state
        self._stream = stream

    @classmethod
    def begin(cls, path: Path, head: Mapping[str, Any]) -> Journal:
        """Start a journal, in place of one that may be there.

        Raises:
            OutputError: another process is writing it, or it cannot be written.
        """
        try:
            stream = path.open("a+b")
        except OSError as error:
            reason = (error.strerror or "the system refused").lower()
            message = f"nothing can be written into {path.parent} ({reason}); free or choose another place"
            raise OutputError(message) from error
        _lock(stream, path)
        stream.truncate(0)
        journal = cls(path, stream, head, None)
        journal._append(head)
        sync_folder(path.parent)
        return journal

    @classmethod
    def reopen(cls, path: Path) -> Journal:
        """Open the journal of a run that was interrupted.

        Raises:
            OutputError: another process is writing it, or it is damaged.
        """
        stream = path.open("r+b")
        _lock(stream, path)
        lines, end = _whole_lines(stream.read())
        if not lines:
            stream.close()
            message = f"{path} is damaged; start again with --overwrite"
            raise OutputError(message)
        stream.truncate(end)
        stream.seek(end)
        return cls(path, stream, lines[0], lines[-1] if len(lines) > 1 else None)

    def record(self, state: State) -> None:
        """Say how far the run has come; what `state` speaks of must be on the disk already."""
        self._append(state)
        self.state = state

    def remove(self) -> None:
        """Delete the journal: the run is complete, or was given up."""
        self.close()
        self.path.unlink(missing_ok=True)
        sync_folder(self.path.parent)

    def close(self) -> None:
        """Let go of the file and of its lock."""
        with suppress(OSError):  # of a full disk, once more
            self._stream.close()

    def _append(self, content: Mapping[str, Any]) -> None:
        self._stream.write(_line(content))
        self._stream.flush()
        os.fsync(self._stream.fileno())


def sync_folder(folder: Path) -> None:
    """Put the names in a folder on the disk, after a file was made, renamed or removed there."""
    if os.name != "posix":  # elsewhere folders cannot be opened, and renaming is durable by itself
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _line(content: Mapping[str, Any]) -> bytes:
    text = json.dumps(content, sort_keys=True).encode()
    return b"%08x %s\n" % (zlib.crc32(text), text)


def _whole_lines(stored: bytes) -> tuple[list[dict[str, Any]], int]:
    """The lines up to the first that is torn, and where they end."""
    lines, end = [], 0
    for line in stored.splitlines(keepends=True):
        checksum, _, text = line.rstrip(b"\n").partition(b" ")
        if not line.endswith(b"\n") or checksum != b"%08x" % zlib.crc32(text):
            break
        lines.append(json.loads(text))
        end += len(line)
    return lines, end


def _lock(stream: BinaryIO, path: Path) -> None:
    """Hold the file as long as it is open; the system lets go of it when the process ends, however it ends.

    Raises:
        OutputError: another process holds it.
    """
    try:
        if os.name == "posix":
            import fcntl

            fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        stream.close()
        message = f"{path}: another process is writing this output; wait for it, or name another output"
        raise OutputError(message) from None
