"""Stand-ins for what runs in processes of its own: workers, and pieces of work. Children import this, so it is light.

Texts say what a worker does with them: one with "crash" ends it, "hang" holds it up for good, "slow" for a moment.
"""

from __future__ import annotations

import ctypes
import json
import os
import time
from collections.abc import Callable, Mapping
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from evenhand.errors import InputError
from evenhand_serve.batching import Answer, State
from evenhand_serve.isolated import FILES
from evenhand_serve.worker import Batch, Know, Ready, Unable, WorkerPlan

SLOW = 0.4  # seconds
READY = Ready({"name": "fake"}, {}, {}, {})
SECRET = "Zq7marker"  # noqa: S105 - what must not be repeated
Report = Callable[[str], None]


def worker(connection: Connection, plan: WorkerPlan) -> None:
    """Answer each text by itself in capitals; where the plan's model is a file, note there what was read."""
    connection.send(READY)
    known: bytes | None = None
    while True:
        try:
            message = connection.recv()
        except (EOFError, OSError):
            return
        if isinstance(message, Know):
            known = message.areas
            connection.send(None)
        else:
            connection.send(_read(message, plan, known))


def _read(batch: Batch, plan: WorkerPlan, known: bytes | None) -> list[Answer]:
    if plan.model is not None:
        with plan.model.open("a", encoding="utf-8") as log:
            log.writelines(f"{batch.task}\t{len(batch.texts)}\t{text}\n" for text in batch.texts)
    for text in batch.texts:
        if "crash" in text:
            os._exit(3)
        if "hang" in text:
            time.sleep(600)
        if "slow" in text:
            time.sleep(SLOW)
    return [Answer(State.DONE, json.dumps(said(text, known)).encode()) for text in batch.texts]


def said(text: str, known: bytes | None = None) -> str:
    """What the stand-in makes of a text."""
    return text.upper() if known is None else f"{text.upper()} {known.decode()}"


def unable(connection: Connection, plan: WorkerPlan) -> None:
    """Say that the model is not there; from the second start on, which the plan's file shows, work."""
    assert plan.model is not None
    if plan.model.exists():
        worker(connection, WorkerPlan(None, None, plan.privacy))
    else:
        plan.model.touch()
        connection.send(Unable("there is no model there"))


def dead(connection: Connection, plan: WorkerPlan) -> None:
    """End before anything is loaded."""
    os._exit(7)


def mute(connection: Connection, plan: WorkerPlan) -> None:
    """Load for ever."""
    time.sleep(600)


def echo(folder: Path, options: Mapping[str, Any], report: Report) -> dict[str, Any]:
    """Give back the files, and what the process is like."""
    files = {path.name: path.read_bytes() for path in sorted((folder / FILES).iterdir())}
    mode = folder.stat().st_mode & 0o777
    return {
        "files": files,
        "options": dict(options),
        "folder": str(folder),
        "mode": mode,
        "cwd": str(Path.cwd()),
        "nice": os.nice(0),
    }


def counts(folder: Path, options: Mapping[str, Any], report: Report) -> int:
    """Tell some progress."""
    for done in range(options["to"]):
        report(str(done))
        time.sleep(options["pause"])
    return int(options["to"])


def gluttonous(folder: Path, options: Mapping[str, Any], report: Report) -> int:
    """Take far more memory than it may."""
    return len(bytearray(1 << 40))


def asleep(folder: Path, options: Mapping[str, Any], report: Report) -> None:
    """Never end."""
    (folder / "begun").touch()
    report("1")
    time.sleep(600)


def exits(folder: Path, options: Mapping[str, Any], report: Report) -> None:
    """End without a word."""
    os._exit(5)


def segfaults(folder: Path, options: Mapping[str, Any], report: Report) -> None:
    """Read where nothing is."""
    ctypes.string_at(0)


def faulty(folder: Path, options: Mapping[str, Any], report: Report) -> None:
    """Fail with the file's content in the message, as a library might."""
    raise RuntimeError((folder / FILES / "notes.csv").read_text(encoding="utf-8"))


class Panic(BaseException):
    """As a library in Rust raises, which no `except Exception` catches."""


def panics(folder: Path, options: Mapping[str, Any], report: Report) -> None:
    """Panic with the file's content in the message."""
    raise Panic((folder / FILES / "notes.csv").read_text(encoding="utf-8"))


def writes_to_its_error_stream(folder: Path, options: Mapping[str, Any], report: Report) -> None:
    """Write the file's content where libraries in C do, and fail."""
    os.write(2, (folder / FILES / "notes.csv").read_bytes())
    raise RuntimeError


def refuses(folder: Path, options: Mapping[str, Any], report: Report) -> None:
    """Fail as the library does, with a path."""
    message = f"{folder / FILES / 'notes.csv'} has no rows"
    raise InputError(message)


def refuses_folder(folder: Path, options: Mapping[str, Any], report: Report) -> None:
    """Fail with the path of the folder itself."""
    message = f"nothing in {folder} can be read"
    raise InputError(message)


def gives_what_cannot_be_sent(folder: Path, options: Mapping[str, Any], report: Report) -> object:
    """Give a result that no pipe can carry."""
    return lambda: SECRET


def leaves_files_about(folder: Path, options: Mapping[str, Any], report: Report) -> str:
    """Make temporary files in the ways that libraries do."""
    import tempfile

    handle, name = tempfile.mkstemp()
    os.write(handle, SECRET.encode())
    os.close(handle)
    Path("by-the-way").write_text(SECRET, encoding="utf-8")
    return name
