"""Files that are written whole or not at all: under another name first, and renamed when they are on the disk."""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

from evenhand.errors import EvenhandError, OutputError


def check_output(
    path: str | Path, sources: Sequence[str | Path], suffixes: Sequence[str], *, overwrite: bool
) -> tuple[Path, str]:
    """Find out before any work whether a file can be written; return it with its suffix, one of `suffixes`.

    Raises:
        OutputError: an unknown suffix, a missing folder, a file that exists already or is one of the sources.
    """
    path = Path(path)
    suffix = next((known for known in suffixes if path.name.lower().endswith(known)), None)
    if suffix is None:
        message = f"{path}: the suffix says the format; use one of {', '.join(suffixes)}"
        raise OutputError(message)
    if not path.parent.is_dir():
        message = f"{path}: the folder {path.parent} does not exist; create it first"
        raise OutputError(message)
    if path.is_dir():
        message = f"{path} is a directory; name a file in it"
        raise OutputError(message)
    if any(_is_same(source, path) for source in sources):
        message = f"{path} is the input itself; write to another file"
        raise OutputError(message)
    if path.exists() and not overwrite:
        message = f"{path} exists already; use --overwrite to replace it"
        raise OutputError(message)
    return path, suffix


def _is_same(source: str | Path, path: Path) -> bool:
    with suppress(OSError, ValueError):
        return path.exists() and Path(source).samefile(path)
    return False


@contextmanager
def replacing(destination: str | Path, *, overwrite: bool) -> Iterator[Path]:
    """A path beside `destination` to write to, which takes its place when the block ends well, and otherwise goes.

    Raises:
        OutputError: the disk is full, the folder not writable, or the destination appeared meanwhile.
        EvenhandError: what was raised inside the block, with a note that nothing was written.
    """
    path = Path(destination).resolve()  # a link is written through, and stays a link
    part = path.with_name(f".{path.name}.{secrets.token_hex(4)}.part")
    try:
        yield part
        with part.open("r+b") as stream:
            os.fsync(stream.fileno())
        if path.exists() and not overwrite:
            message = f"{destination} was created by something else meanwhile; use --overwrite to replace it"
            raise OutputError(message)
        part.replace(path)
    except EvenhandError as error:
        message = f"{error}; {destination} was not written"
        raise type(error)(message) from error
    except BrokenPipeError:  # of a table that is shown meanwhile
        raise
    except OSError as error:
        reason = (error.strerror or "the system refused").lower()
        message = f"{destination} was not written ({reason}); free or choose another place and run it again"
        raise OutputError(message) from error
    finally:
        with suppress(OSError):
            part.unlink(missing_ok=True)
