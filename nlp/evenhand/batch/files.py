"""Work through a file of texts into a file of results, as a stream: memory does not grow with the number of rows.

No row is lost: a text that is null or blank gets a result that says so, and a row that cannot be read goes
to a file of rejected rows with its number and the reason.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, TypedDict, Unpack

from evenhand.batch.chunks import ChunkCoder, OnChunk
from evenhand.batch.gate import Gate, Privacy, privacy_mode
from evenhand.batch.plan import run_plan
from evenhand.batch.run import Plan, Run, finished, journal_of
from evenhand.batch.summary import ScoreSummary
from evenhand.batch.work import Work
from evenhand.errors import InputError, did_you_mean
from evenhand.tables import Chunk, Table, find_text_column, inputs, open_table
from evenhand.tables.source import Source
from evenhand.tables.writing import STANDARD_OUTPUT, check_destination, converter

CHUNK_ROWS = 512  # enough for the model to fill its batches of one length, and few to hold in memory and to do again
# Standard input is read twice where the privacy gate looks first; on disk it would be one more copy of the texts.
_MOST_HELD = 64 << 20

Progress = Callable[[str, int], None]


class FileOptions(TypedDict, total=False):
    """How a table is read and a result written; each may be left out.

    Attributes:
        column: The column of the texts; by default it is found by its name.
        format: csv, jsonl, parquet, xlsx or txt; by default the suffix of the source says.
        encoding: Of the input; by default UTF-8, or what its byte order mark says.
        delimiter: Of CSV; by default comma, semicolon or tab, whichever the header has.
        sheet: Of a workbook; by default its first visible one.
        privacy: What is done about texts that look identifiable, see `Privacy`; by default they are refused.
        unchecked: Columns that the privacy gate does not look at.
        most_characters: Rows with a longer text are rejected; by default none is, however long it takes.
        overwrite: Replace the destination if it exists.
        resume: Go on with a run of the same destination that was interrupted, if there is one; otherwise begin.
        chunk_rows: Rows done and put on the disk in one step; results do not depend on it.
        progress: Called after each chunk with what was done ("checked", "scored" or "flagged") and the number of rows.
        on_chunk: Called with the first row's number, the texts and their results after each chunk.
    """

    column: str | None
    format: str | None
    encoding: str | None
    delimiter: str | None
    sheet: str | None
    privacy: Privacy | str
    unchecked: Sequence[str]
    most_characters: int | None
    overwrite: bool
    resume: bool
    chunk_rows: int
    progress: Progress | None
    on_chunk: OnChunk | None


def work_through(
    source: str | Path | Sequence[str | Path],
    destination: str | Path | None,
    work: Work[Any],
    **options: Unpack[FileOptions],
) -> ScoreSummary:
    """Do some work with every text of a table and write each row with its result; rows keep their order.

    Args:
        source: CSV, JSON Lines, Parquet, Excel workbook or plain text, also compressed; several of one kind or a
            pattern such as `2026-*.csv`; or `-` for standard input (which needs `format`).
        destination: A .jsonl, .csv, .parquet, .jsonl.gz or .csv.gz file, which appears only when it is complete; `-`
            for JSON Lines on standard output; None to write nothing. Beside a file, rows that cannot be read go to
            OUT.rejected, and what was done to OUT.about.json; without a file, the first such row is an error.
        work: Gives a result for each text.
        options: See `FileOptions`.

    Raises:
        InputError: the input cannot be read as asked.
        PrivacyError: texts look identifiable, or cannot be checked as asked.
        OutputError: the destination cannot be written, or an unfinished run cannot go on.
    """
    if unknown := sorted(options.keys() - FileOptions.__annotations__.keys()):
        message = f"unknown option {unknown[0]!r}{did_you_mean(unknown[0], sorted(FileOptions.__annotations__))}"
        raise TypeError(message)
    started = time.perf_counter()
    overwrite, resume = options.get("overwrite", False), options.get("resume", False)
    said: dict[str, Any] = {name: options.get(name) for name in ("format", "encoding", "delimiter", "sheet")}
    said["chunk_rows"] = options.get("chunk_rows", CHUNK_ROWS)
    target = None if destination is None or str(destination) == STANDARD_OUTPUT else Path(destination)
    paths = inputs(source)
    if resume and (target is None or not paths):
        message = "only a run from files into a file can be resumed; name both"
        raise InputError(message)
    suffix = None
    if destination is not None:
        suffix = check_destination(paths, destination, overwrite=overwrite or resume)
    gate = Gate(privacy_mode(options.get("privacy", Privacy.REFUSE)), unchecked=options.get("unchecked", ()))
    pipe = next((path for path in paths if not path.is_file()), None)
    if pipe is not None and (resume or gate.looks_first):
        message = f"{pipe} can be read only once, and the privacy gate reads all before it is scored; save it to a file"
        raise InputError(message)
    reading = _Reading(
        source if paths or not gate.looks_first else _held(),
        said | {"complete": suffix in {".csv", ".csv.gz", ".parquet"}, "tolerant": target is not None},
    )
    with reading.open() as table:
        gate.check_columns(table)
        column = _text_column(table, options.get("column"))
        limit = options.get("most_characters")
        coder = ChunkCoder(work, gate, table, column, suffix, rejects=target is not None, most_characters=limit)
        steps = _Steps(coder, table, gate, reading, options.get("progress"), options.get("on_chunk"), work.doing)
        if target is None:
            resumed_after = steps.through()
        else:
            again = bool(paths) and pipe is None
            plan = run_plan(paths, work.identity, said | coder.options(), gate.plan()) if again else None
            begin = partial(Run, target, plan, overwrite=overwrite, resume=resume, convert=converter(suffix or ""))
            resumed_after = steps.into(target, plan, begin, resume=resume)
        return coder.summary(time.perf_counter() - started, target, resumed_after)


@dataclass(frozen=True)
class _Reading:
    """How to open the table, which may be done twice."""

    source: Any
    options: Mapping[str, Any]

    def open(self) -> AbstractContextManager[Table]:
        return open_table(self.source, **self.options)


@dataclass(frozen=True)
class _Steps:
    """Go through a table, a chunk at a time."""

    coder: ChunkCoder
    table: Table
    gate: Gate
    reading: _Reading
    progress: Progress | None
    on_chunk: OnChunk | None
    doing: str

    def through(self) -> int:
        """Do all rows, to standard output or for the callbacks alone; return 0, as nothing was done before."""
        self._look()
        for chunk in self.table.chunks:
            sys.stdout.buffer.write(self.coder.code(chunk, self.on_chunk).rows)
            sys.stdout.buffer.flush()
            self._tell(self.doing, self.coder.counts.read)
        return 0

    def into(self, target: Path, plan: Plan | None, begin: Callable[[], Run], *, resume: bool) -> int:
        """Work into a file what is not there yet; return how many rows were done before."""
        unfinished = resume and journal_of(target).exists()
        if resume and not unfinished and plan is not None and (state := finished(target, plan)) is not None:
            return self.coder.go_on_from(state)
        if not unfinished:  # otherwise the gate had looked before the run began
            self._look()
        with begin() as run:
            before = self.coder.go_on_from(run.state)
            for chunk in () if run.complete else self.table.chunks:
                if not self.coder.has_done(chunk):
                    piece = self.coder.code(chunk, self.on_chunk)
                    run.step(piece.rows, piece.rejected, self.coder.state())
                    self._tell(self.doing, self.coder.counts.read)
            run.finish(self.coder.about())
        return before

    def _look(self) -> None:
        if self.gate.looks_first:
            with self.reading.open() as first:
                self.gate.refuse(self._counted(map(self.coder.readable, first.chunks)), self.table.name)

    def _counted(self, chunks: Iterable[Chunk]) -> Iterator[Chunk]:
        rows = 0
        for chunk in chunks:
            yield chunk
            rows += len(chunk.rows) + len(chunk.rejected)
            self._tell("checked", rows)

    def _tell(self, done: str, rows: int) -> None:
        if self.progress is not None:
            self.progress(done, rows)


def _held() -> Source:
    """Standard input, kept in memory to be looked at before it is scored.

    Raises:
        InputError: there is too much of it.
    """
    source = Source.of("-")
    source.hold(most=_MOST_HELD, why="too much to be looked at before it is scored")
    return source


def _text_column(table: Table, column: str | None) -> str:
    if not table.columns:
        message = (
            f"{table.name}: none of the first rows could be read; look at line 1 and those behind it, or check --format"
        )
        raise InputError(message)
    found = find_text_column(table.columns, column=column, where=table.name)
    if found in table.not_text:
        kind = table.not_text[found]
        message = f"{table.name}: column {found!r} holds {kind}, not text; name another with --column"
        raise InputError(message)
    return found
