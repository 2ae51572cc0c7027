"""Run one piece of work in a process of its own, with a limit on memory and time, and a private folder that is wiped.

What reads uploaded files runs so: a file that is made to break its reader, or merely huge, takes down that process and
nothing else. The folder is in memory where the system has a file system for that.
"""

from __future__ import annotations

import asyncio
import multiprocessing
import os
import shutil
import tempfile
import time
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from evenhand.errors import EvenhandError
from evenhand_serve.wording import FieldInputError, in_words_of_a_form
from evenhand_serve.worker import fault_place, give_way, keep_to_itself

_MEMORY_FOLDER = Path("/dev/shm")  # noqa: S108 - used for what mkdtemp makes there, for its owner alone
_LARGEST_FILE = 1 << 30  # bytes: results of the largest upload have a tenth of it
_GIVES_WAY = 10  # steps of nice(2): who sent a text waits for it, who sent a file looks at it later
_LOOK = 0.5  # seconds between looks at whether the work was stopped
PREFIX = "evenhand-serve-"
FILES, RESULTS = "files", "results"  # in the folder of a piece of work: what was uploaded, and what is written

Report = Callable[[str], None]  # is told in words how far the work is
Work = Callable[[Path, Mapping[str, Any], Report], Any]


class IsolatedError(Exception):
    """The work did not end well; the message is for who asked for it and repeats nothing of a file.

    Args:
        message: Why.
        field_name: Of the form, where what was filled in there is the reason.
    """

    def __init__(self, message: str, field_name: str = "") -> None:
        super().__init__(message)
        self.field_name = field_name


class FaultError(IsolatedError):
    """The work failed by a fault of ours.

    Args:
        place: What a log may say of it, see `fault_place`.
    """

    def __init__(self, place: str) -> None:
        super().__init__(f"there is a fault in Evenhand ({place.partition(' in ')[0]})")
        self.place = place


@dataclass(frozen=True, slots=True)
class Bounds:
    """Of a piece of work.

    Attributes:
        seconds: Until it is ended.
        memory: Bytes of address space; None for no bound.
    """

    seconds: float
    memory: int | None


async def isolated(
    work: Work,
    files: Mapping[str, bytes],
    options: Mapping[str, Any],
    bounds: Bounds,
    *,
    progress: Report = lambda words: None,
) -> Any:  # noqa: ANN401 - what the work gives
    """Run `work(folder, options, report)` with some files in `folder / FILES`; cancelling it ends the process.

    Args:
        work: A function at the top of a module.
        files: Their contents by name.
        options: For the work.
        bounds: Its limits.
        progress: Told in words how far it is.

    Raises:
        IsolatedError: it failed, took too long or too much memory.
    """
    loop = asyncio.get_running_loop()

    def tell(words: str) -> None:
        loop.call_soon_threadsafe(progress, words)

    job = _Job(work, files, options, bounds, tell)
    pool = ThreadPoolExecutor(1, thread_name_prefix="isolated")
    try:
        return await loop.run_in_executor(pool, job.run)
    finally:
        job.stopped = True
        pool.shutdown(wait=False)  # should it still run, its thread ends the process within a moment


class _Job:
    def __init__(
        self, work: Work, files: Mapping[str, bytes], options: Mapping[str, Any], bounds: Bounds, progress: Report
    ) -> None:
        self.stopped = False
        self._work, self._files, self._options = work, files, options
        self._bounds, self._progress = bounds, progress

    def run(self) -> Any:  # noqa: ANN401
        folder = Path(tempfile.mkdtemp(prefix=PREFIX, dir=_base()))
        held = _locked(folder)
        context = multiprocessing.get_context("spawn")
        ours, theirs = context.Pipe(duplex=False)
        process = context.Process(
            target=_child, args=(theirs, self._work, folder, self._options, self._bounds.memory), daemon=True
        )
        try:
            for part in (FILES, RESULTS):
                (folder / part).mkdir()
            for name, content in self._files.items():
                (folder / FILES / name).write_bytes(content)
            process.start()
            theirs.close()
            return self._result(ours)
        finally:
            with suppress(AttributeError, ValueError):  # where it never started
                process.kill()
                process.join(10)
            ours.close()
            shutil.rmtree(folder, ignore_errors=True)
            if held is not None:
                os.close(held)

    def _result(self, pipe: Connection) -> Any:  # noqa: ANN401
        ends = time.monotonic() + self._bounds.seconds
        while True:
            if self.stopped:
                message = "it was stopped"
                raise IsolatedError(message)
            if time.monotonic() > ends:
                message = f"it took more than {self._bounds.seconds:.0f} seconds; send less at a time"
                raise IsolatedError(message)
            if not pipe.poll(_LOOK):
                continue
            try:
                kind, value = pipe.recv()
            except (EOFError, OSError):
                message = "its reader broke down; the file is damaged, too large, or made to do harm"
                raise IsolatedError(message) from None
            if kind == "progress":
                self._progress(value)
            elif kind == "failed":
                raise IsolatedError(*value)
            elif kind == "fault":
                raise FaultError(value)
            else:
                return value


def _child(pipe: Connection, work: Work, folder: Path, options: Mapping[str, Any], memory: int | None) -> None:
    keep_to_itself()
    give_way(_GIVES_WAY)
    os.chdir(folder)
    os.environ["TMPDIR"] = tempfile.tempdir = str(folder)  # libraries' own temporary files are wiped with it
    if memory is not None:
        with suppress(ImportError):  # not on Windows
            import resource

            resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
            resource.setrlimit(resource.RLIMIT_FSIZE, (_LARGEST_FILE, _LARGEST_FILE))
    try:
        result = work(folder, options, lambda words: pipe.send(("progress", words)))
    except EvenhandError as error:
        told = str(error).replace(f"{folder / FILES}{os.sep}", "").replace(f"{folder / RESULTS}{os.sep}", "")
        told = told.replace(f"{folder}{os.sep}", "").replace(str(folder), "the folder of uploads")
        field_name = error.field_name if isinstance(error, FieldInputError) else ""
        pipe.send(("failed", (in_words_of_a_form(told), field_name)))
    except MemoryError:
        pipe.send(("failed", ("it takes more memory than it may; send less at a time",)))
    except BaseException as error:  # its message could hold some of the file
        pipe.send(("fault", fault_place(error)))
    else:
        pipe.send(("done", result))


def _base() -> Path | None:
    """Where the folder is made: in memory if that can be, else where temporary files go."""
    return _MEMORY_FOLDER if os.access(_MEMORY_FOLDER, os.W_OK) else None


def wipe_left_over() -> None:
    """Remove folders that an earlier run of the service could not, as it was killed; those of another one stay."""
    for folder in (_base() or Path(tempfile.gettempdir())).glob(f"{PREFIX}*"):
        with suppress(OSError):  # that of another user, or of a service that runs and holds its lock
            held = _locked(folder)
            if held is not None:
                shutil.rmtree(folder, ignore_errors=True)
                os.close(held)


def _locked(folder: Path) -> int | None:
    """A lock on a folder, for as long as this process lives; None where there are no such locks.

    Raises:
        OSError: another process has it.
    """
    try:
        import fcntl
    except ImportError:  # not on Windows
        return None
    opened = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(opened, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        os.close(opened)
        raise
    return opened
