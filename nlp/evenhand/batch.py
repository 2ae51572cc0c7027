"""Score a file of texts into a file of codings, as a stream: memory does not grow with the number of rows.

No row is ever left out: a text that is null or blank is coded as level null with the reason, and counted.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path

from evenhand.errors import InputError
from evenhand.result import Coder, Coding
from evenhand.tables import Chunk, Table, find_text_column, open_table, open_writer
from evenhand.tables.columns import CarriedNames
from evenhand.tables.writing import STANDARD_OUTPUT, check_destination

CHUNK_ROWS = 512  # enough for the model to fill its batches of one length, and few to hold in memory
_KINDS = {bool: "true or false", int: "a number", float: "a number", list: "a list", dict: "an object"}
REASON_MISSING = "the text is missing"


@dataclass(frozen=True, slots=True)
class ScoreSummary:
    """What scoring a file came to.

    Attributes:
        rows: Rows read, and written.
        coded: Rows that got a level.
        not_codable: Rows without a level, for instance blank ones; `coded` and `not_codable` make `rows`.
        truncated: Rows in which the model did not read a sentence to its end.
        seconds: Wall-clock time of reading, coding and writing.
        output: The file written, or None for standard output.
        column: The column that was read as text.
        renamed: The user's columns that had a name of ours, with the name that they are carried under.
    """

    rows: int
    coded: int
    not_codable: int
    truncated: int
    seconds: float
    output: Path | None
    column: str
    renamed: Mapping[str, str]


OnChunk = Callable[[int, Sequence[str | None], Sequence[Coding]], None]


def score_file(
    source: str | Path,
    destination: str | Path | None,
    *,
    model: Coder,
    column: str | None = None,
    format: str | None = None,  # noqa: A002 - the name of the command's option
    encoding: str | None = None,
    delimiter: str | None = None,
    overwrite: bool = False,
    chunk_rows: int = CHUNK_ROWS,
    progress: Callable[[int], None] | None = None,
    on_chunk: OnChunk | None = None,
) -> ScoreSummary:
    """Code every text of a table and write each row with its coding; rows keep their order and number.

    Args:
        source: CSV, JSON Lines, Parquet or plain text, or `-` for standard input (which needs `format`).
        destination: A .jsonl, .csv or .parquet file, which appears only when it is complete; `-` for JSON
            Lines on standard output; None to write nothing.
        model: Codes the texts.
        column: The column of the texts; by default it is found by its name.
        format: csv, jsonl, parquet or txt; by default the suffix of `source` says.
        encoding: Of the input; by default UTF-8, or what its byte order mark says.
        delimiter: Of CSV; by default comma, semicolon or tab, whichever the header has.
        overwrite: Replace the destination if it exists.
        chunk_rows: Rows coded in one call; results do not depend on it.
        progress: Called with the number of rows done after each chunk.
        on_chunk: Called with the first row's number, the texts and their codings after each chunk.

    Raises:
        InputError: the input cannot be read as asked.
        OutputError: the destination cannot be written.
    """
    started = time.perf_counter()
    written_as = None if destination is None else check_destination(source, destination, overwrite=overwrite)
    with ExitStack() as stack:
        opened = open_table(
            source,
            format=format,
            encoding=encoding,
            delimiter=delimiter,
            chunk_rows=chunk_rows,
            complete=written_as in {"csv", "parquet"},
        )
        table = stack.enter_context(opened)
        text_column = _text_column(table, column)
        names = CarriedNames(table.columns)
        writer = None
        if destination is not None:
            writer = stack.enter_context(open_writer(destination, table, names, overwrite=overwrite))
        count = _Count()
        for chunk in table.chunks:
            texts = _texts(chunk, text_column, table.name)
            codings = _code(model, texts)
            if writer is not None:
                writer.write(chunk, codings)
            count.add(codings)
            if on_chunk is not None:
                on_chunk(chunk.first, texts, codings)
            if progress is not None:
                progress(count.rows)
    return ScoreSummary(
        rows=count.rows,
        coded=count.coded,
        not_codable=count.rows - count.coded,
        truncated=count.truncated,
        seconds=time.perf_counter() - started,
        output=None if destination is None or str(destination) == STANDARD_OUTPUT else Path(destination),
        column=text_column,
        renamed=names.renamed,
    )


@dataclass
class _Count:
    rows: int = 0
    coded: int = 0
    truncated: int = 0

    def add(self, codings: Sequence[Coding]) -> None:
        self.rows += len(codings)
        self.coded += sum(coding.level is not None for coding in codings)
        self.truncated += sum(coding.truncated for coding in codings)


def _text_column(table: Table, column: str | None) -> str:
    found = find_text_column(table.columns, column=column, where=table.name)
    if found in table.not_text:
        kind = table.not_text[found]
        message = f"{table.name}: column {found!r} holds {kind}, not text; name another with --column"
        raise InputError(message)
    return found


def _texts(chunk: Chunk, column: str, name: str) -> list[str | None]:
    """Return the texts of a chunk, None for null or a row without the column.

    Raises:
        InputError: a value that is not a string.
    """
    texts = []
    for number, row in enumerate(chunk.rows, start=chunk.first):
        text = row.get(column)
        if text is not None and not isinstance(text, str):
            kind = _KINDS.get(type(text), "something else")
            message = f"{name}: row {number:,}: column {column!r} holds {kind}, not text; "
            message += "make it text or null, or name another column with --column"
            raise InputError(message)
        texts.append(text)
    return texts


def _code(model: Coder, texts: Sequence[str | None]) -> list[Coding]:
    codings = model.code_many(text or "" for text in texts)
    return [
        replace(coding, reason=REASON_MISSING) if text is None else coding
        for text, coding in zip(texts, codings, strict=True)
    ]
