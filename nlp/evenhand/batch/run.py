"""A run into a file: whatever stops it, what was finished stays, and it goes on from there.

Beside the output OUT stand, while a run is under way, OUT.part with the rows, OUT.rejected.part with the rows that
could not be read, and OUT.journal, which says how far both are finished. Each step puts the rows on the disk, then the
journal's line about them. At the end the files take their names, OUT last, and the journal goes.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Any

from evenhand.batch.journal import SUFFIX, Journal, State, sync_folder
from evenhand.batch.parts import PartFile
from evenhand.errors import EvenhandError, OutputError

REJECTED_SUFFIX = ".rejected"
ABOUT_SUFFIX = ".about.json"

Plan = Mapping[str, Any]
Convert = Callable[[Path, Path, str], None]


class Run:
    """A run under way; a context that keeps or clears what it wrote, see `__exit__`.

    Args:
        destination: The output.
        plan: What is read and how; a run goes on only with the same. None where the input cannot be read again.
        overwrite: Replace the output, and give up an unfinished run of it.
        resume: Go on with an unfinished run, if there is one.
        convert: Makes the output of the part file; by default that is the output already.

    Attributes:
        state: What the last step recorded; None at the beginning.

    Raises:
        OutputError: an unfinished run is there and neither `overwrite` nor `resume` says what to do; the unfinished run
            had another plan; another process is at it.
    """

    def __init__(
        self, destination: Path, plan: Plan | None, *, overwrite: bool, resume: bool, convert: Convert | None = None
    ) -> None:
        self.shown = destination
        self.output = destination.resolve()  # a link is written through, and stays a link
        self.rejects = _beside(self.output, REJECTED_SUFFIX)
        self.about = _beside(self.output, ABOUT_SUFFIX)
        self._convert = convert
        self._resumable = plan is not None
        self._overwrite = overwrite
        self._journal = self._opened(dict(plan or {}), resume=resume)
        state = self._journal.state or {}
        self.state: State | None = self._journal.state
        self._rows: PartFile | None = None
        self._rejected: PartFile | None = None
        if not self.complete:
            try:
                self._rows = PartFile(_part(self.output), keep=state.get("bytes", 0))
                self._rejected = PartFile(_part(self.rejects), keep=state.get("rejected_bytes", 0))
                sync_folder(self.output.parent)
            except BaseException:
                self._journal.close()
                raise

    @property
    def complete(self) -> bool:
        """Whether all rows are done, so that only files have to take their names."""
        return bool(self.state and self.state.get("complete"))

    def step(self, rows: bytes, rejected: bytes, state: Mapping[str, Any]) -> None:
        """Add some rows and rejected rows, and record `state` with them."""
        assert self._rows is not None
        assert self._rejected is not None
        self._rows.append(rows)
        self._rejected.append(rejected)
        self.state = {**state, "bytes": self._rows.sync(), "rejected_bytes": self._rejected.sync()}
        self._journal.record(self.state)

    def finish(self, about: Mapping[str, Any]) -> None:
        """Give the files their names, once `about` is written beside them.

        Raises:
            OutputError: the output was made by something else meanwhile.
        """
        if not self.complete:
            self._let_go()
            told = {
                **about,
                "state": dict(sorted((self.state or {}).items())),
                "plan": _digest(self._journal.head["plan"]),
            }
            text = json.dumps(told, ensure_ascii=False, indent=2) + "\n"
            _write_through(_part(self.about), text.encode())
            if self._convert is not None:
                self._convert(_part(self.output), _ready(self.output), text)
            self._journal.record({**(self.state or {}), "complete": True})
        self._take_names()
        self._journal.remove()

    def __enter__(self) -> Run:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        """Keep what was finished if it can be gone on with, or is worth looking at, and clear it otherwise.

        Raises:
            EvenhandError: the error of the block, with what became of the output.
        """
        self._let_go()
        self._journal.close()
        if error is None:
            return
        done = int((self.state or {}).get("read", 0))
        if not self._resumable or done == 0:
            self._clear()
        if isinstance(error, BrokenPipeError) or not isinstance(error, OSError | EvenhandError):
            return
        raise self._told(error, done) from error

    def _opened(self, plan: Plan, *, resume: bool) -> Journal:
        path = _beside(self.output, SUFFIX)
        unfinished = path.exists()
        if not unfinished and resume and self.output.exists() and not self._overwrite:
            message = f"{self.shown} is finished, but of another input, model or options, so there is nothing to go on"
            message += " with; name another output, or use --overwrite to make it anew"
            raise OutputError(message)
        if not unfinished:
            self._check_free()
        if not unfinished or (self._overwrite and not resume):
            return Journal.begin(path, {"plan": plan, "overwrite": self._overwrite})
        if not resume:
            message = f"{path}: an unfinished run of {self.shown} is there; --resume goes on with it, --overwrite "
            message += "starts again"
            raise OutputError(message)
        journal = Journal.reopen(path)
        self._overwrite = self._overwrite or journal.head["overwrite"]
        if changed := _differences(journal.head["plan"], plan):
            journal.close()
            message = f"{self.shown}: the unfinished run cannot go on, for {' and '.join(changed)} changed since; "
            message += "start again with --overwrite"
            raise OutputError(message)
        return journal

    def _check_free(self) -> None:
        if self.output.exists() and not self._overwrite:
            message = f"{self.shown} exists already; use --overwrite to replace it"
            raise OutputError(message)

    def _take_names(self) -> None:
        """Rename what is still under its first name; done again after an interruption, it does only what is left."""
        rows = _ready(self.output) if self._convert else _part(self.output)
        if rows.exists():
            self._check_free()
        rejected = _part(self.rejects)
        if rejected.exists():
            self.rejects.unlink(missing_ok=True)  # of an earlier run
            if rejected.stat().st_size:
                rejected.replace(self.rejects)
            else:
                rejected.unlink()
        for part, name in ((_part(self.about), self.about), (rows, self.output)):
            if part.exists():
                part.replace(name)
        sync_folder(self.output.parent)
        _part(self.output).unlink(missing_ok=True)  # where the output was made of it

    def _let_go(self) -> None:
        for part in (self._rows, self._rejected):
            if part is not None:
                part.close()

    def _clear(self) -> None:
        with suppress(OSError):
            for path in (_part(self.output), _part(self.rejects), _part(self.about), _ready(self.output)):
                path.unlink(missing_ok=True)
            self._journal.remove()

    def _told(self, error: OSError | EvenhandError, done: int) -> EvenhandError:
        if isinstance(error, OSError):
            reason = (error.strerror or "the system refused").lower()
            message = f"{self.shown} was not finished ({reason}); free or choose another place and run it again"
            return OutputError(message + (" with --resume" if self._resumable and done else ""))
        if done == 0 or not self._resumable:
            return type(error)(f"{error}; {self.shown} was not written")
        return type(error)(f"{error}; {_part(self.shown)} has what was finished before")


def rejects_of(destination: Path) -> Path:
    """Where the rows of a run that could not be read are listed."""
    return _beside(destination, REJECTED_SUFFIX)


def journal_of(destination: Path) -> Path:
    """Where the journal of an unfinished run of an output would be."""
    return _beside(destination.resolve(), SUFFIX)


def finished(destination: Path, plan: Plan) -> State | None:
    """The last state of a run of this very plan that ended with this output; None if there was none."""
    about = _beside(destination.resolve(), ABOUT_SUFFIX)
    with suppress(OSError, ValueError, AttributeError):
        told = json.loads(about.read_bytes())
        if destination.exists() and told.get("plan") == _digest(plan):
            state: State = told["state"]
            return state
    return None


def _digest(plan: Plan) -> str:
    return hashlib.sha256(json.dumps(plan, sort_keys=True).encode()).hexdigest()


def _differences(then: Plan, now: Plan) -> list[str]:
    return [f"the {name}" for name in sorted({*then, *now}) if then.get(name) != now.get(name)]


def _beside(path: Path, suffix: str) -> Path:
    return path.with_name(path.name + suffix)


def _part(path: Path) -> Path:
    return _beside(path, ".part")


def _ready(path: Path) -> Path:
    return _beside(path, ".ready")


def _write_through(path: Path, content: bytes) -> None:
    with path.open("wb") as stream:
        stream.write(content)
        stream.flush()
        os.fsync(stream.fileno())
