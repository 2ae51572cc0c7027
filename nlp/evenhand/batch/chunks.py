"""Work through the chunks of a table one after another, and count; no files."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from evenhand.batch.gate import Gate
from evenhand.batch.run import rejects_of
from evenhand.batch.sightings import Sightings
from evenhand.batch.summary import Counts, ScoreSummary
from evenhand.batch.work import Work
from evenhand.errors import InputError
from evenhand.tables import Chunk, Rejected, RowWriter, Table, row_writer
from evenhand.tables.columns import CarriedNames

_KINDS = {bool: "true or false", int: "a number", float: "a number", list: "a list", dict: "an object"}

OnChunk = Callable[[int, Sequence[str | None], Sequence[Any]], None]


@dataclass(frozen=True)
class Piece:
    """What a chunk becomes: rows of the output, and rejected rows."""

    rows: bytes
    rejected: bytes


class ChunkCoder:
    """Works through the chunks of a table one after another, and counts.

    Args:
        work: What is done with the texts.
        gate: Looks at them.
        table: The rows.
        column: Holds the texts.
        suffix: Of the output; None where nothing is written.
        rejects: Whether rows can be rejected; otherwise they are errors.
        most_characters: Rows with a longer text are rejected; None for no limit.
    """

    def __init__(
        self,
        work: Work[Any],
        gate: Gate,
        table: Table,
        column: str,
        suffix: str | None,
        *,
        rejects: bool,
        most_characters: int | None = None,
    ) -> None:
        self.counts = Counts()
        self._rejects, self._most_characters = rejects, most_characters
        self._work, self._gate, self._table, self._column, self._suffix = work, gate, table, column, suffix
        self._names = CarriedNames(table.columns, work.contract.reserved)
        self._writer: RowWriter | None = row_writer(suffix, table, self._names, work.contract) if suffix else None

    def code(self, chunk: Chunk, on_chunk: OnChunk | None) -> Piece:
        """Work through the next chunk.

        Raises:
            InputError: it is the first, and no row of it can be read.
        """
        chunk = self._gate.screened(self.readable(chunk))
        if self.counts.read == 0 and not chunk.rows:
            first = chunk.rejected[0]
            message = f"{self._table.name}: none of the first {len(chunk.rejected):,} rows could be read; the first: "
            raise InputError(message + first.reason)
        texts: list[str | None] = [row.get(self._column) for row in chunk.rows]
        results = self._work.done(texts)
        rows = b""
        if self._writer is not None:
            rows = self._writer.header() if self.counts.read == 0 else b""
            rows += self._writer.rows(chunk, results)
        said, cut = map(self._work.said, results), map(self._work.cut, results)
        self.counts = self.counts.plus(len(results), said=sum(said), cut=sum(cut), rejected=len(chunk.rejected))
        if on_chunk is not None:
            on_chunk(chunk.first, texts, results)
        return Piece(rows, b"".join(json.dumps(asdict(row)).encode() + b"\n" for row in chunk.rejected))

    def has_done(self, chunk: Chunk) -> bool:
        """Whether the run had finished a chunk before it was interrupted."""
        last = max([*chunk.numbers[-1:], *(row.row for row in chunk.rejected[-1:])])
        if last > self.counts.read:
            return False
        for row in chunk.rows:
            for column in row:
                self._names.name(column)  # names are given out in the order in which columns appear
        return True

    def options(self) -> dict[str, Any]:
        """What of the work an unfinished run depends on."""
        limit = {} if self._most_characters is None else {"most characters of a text": self._most_characters}
        return {"column": self._column, "output": self._suffix, **limit}

    def state(self) -> dict[str, Any]:
        """How far the work has come; `go_on_from` reads it."""
        return {**asdict(self.counts), "found": self._gate.sightings.to_json(), "renamed": self._names.renamed}

    def go_on_from(self, state: Mapping[str, Any] | None) -> int:
        """Take up what an interrupted run recorded; return how many rows it had read."""
        if state is not None:
            self.counts = Counts(**{name: state[name] for name in asdict(Counts())})
            self._gate.sightings = Sightings.from_json(state["found"])
            for name in state["renamed"]:
                self._names.name(name)
        return self.counts.read

    def about(self) -> dict[str, Any]:
        """What was done, for the file beside the output; it names no input and holds no text."""
        return {
            "schema": self._work.contract.schema,
            "model": self._work.identity,
            "rows": asdict(self.counts),
            "text_column": self._column,
            "privacy": self._gate.told(),
            "notice": "Codes describe texts for research and audit. They decide nothing about a child.",
        }

    def summary(self, seconds: float, output: Path | None, resumed_after: int) -> ScoreSummary:
        """What the work came to.

        Args:
            seconds: What it took.
            output: The file, if it was one.
            resumed_after: How many rows had been read before.
        """
        counts = self.counts
        return ScoreSummary(
            rows=counts.read,
            coded=counts.coded,
            not_codable=counts.not_codable,
            rejected=counts.rejected,
            truncated=counts.truncated,
            seconds=seconds,
            output=output,
            rejects=rejects_of(output) if output is not None and counts.rejected else None,
            column=self._column,
            other_sheets=self._table.other_sheets,
            renamed=self._names.renamed,
            resumed_after=resumed_after,
            privacy=self._gate.told(),
        )

    def readable(self, chunk: Chunk) -> Chunk:
        """The chunk without rows whose text is no text or too long, which are rejected.

        Raises:
            InputError: such a row, where there is no file to reject it to.
        """
        wrong = {
            number: reason
            for number, row in zip(chunk.numbers, chunk.rows, strict=True)
            if (reason := self._wrong_with(row.get(self._column)))
        }
        if not wrong:
            return chunk
        if not self._rejects:
            number, reason = next(iter(wrong.items()))
            message = (
                f"{self._table.name}: row {number:,}: {reason}; mend the row, or name another column with --column"
            )
            raise InputError(message)
        kept = [(number, row) for number, row in zip(chunk.numbers, chunk.rows, strict=True) if number not in wrong]
        rejected = sorted(
            [*chunk.rejected, *(Rejected(number, reason) for number, reason in wrong.items())], key=lambda row: row.row
        )
        return replace(
            chunk, rows=[row for _, row in kept], numbers=tuple(number for number, _ in kept), rejected=tuple(rejected)
        )

    def _wrong_with(self, text: object) -> str:
        """Why a text cannot be read; "" for nothing."""
        if text is None:
            return ""
        if not isinstance(text, str):
            return f"column {self._column!r} holds {_KINDS.get(type(text), 'something else')}, not text"
        if self._most_characters is not None and len(text) > self._most_characters:
            return f"the text has {len(text):,} characters, and at most {self._most_characters:,} are read"
        return ""
