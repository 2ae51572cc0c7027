"""Read and write Parquet; the only module that imports pyarrow, and imported only for Parquet.

Columns that come from Parquet are carried as Arrow arrays, so that their types survive exactly; rows give
the same values as plain JSON types (times and decimals as text, bytes as base64). Columns that come from
CSV are strings; from JSON Lines they have the one type that all rows agree on, or else are JSON text.
"""

from __future__ import annotations

import base64
import math
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import Any, BinaryIO

import pyarrow as pa
import pyarrow.parquet as pq

from evenhand.errors import InputError
from evenhand.result import SCORE_SCHEMA, Coding
from evenhand.scheme import ISSUES, LEVELS
from evenhand.tables.columns import SCHEMA_FIELD, CarriedNames, show_names
from evenhand.tables.source import Source
from evenhand.tables.table import Chunk, Table, in_chunks
from evenhand.tables.values import cleaned, coding_fields, json_text

_ROWS_PER_GROUP = 32_768  # rows of a row group; groups as small as a chunk would make files large and slow to read

_STRINGS = pa.list_(pa.string())
_SENTENCE = pa.struct(
    [
        ("start", pa.int64()),
        ("end", pa.int64()),
        ("level", pa.string()),
        ("severity", pa.float64()),
        ("issues", _STRINGS),
        ("assertion", pa.string()),
        ("frame", pa.string()),
        ("weight", pa.float64()),
        ("claim", pa.bool_()),
    ]
)
RESULT_SCHEMA = pa.schema(
    [
        ("level", pa.string()),
        ("levels", _STRINGS),
        ("level_probabilities", pa.struct([(str(level), pa.float64()) for level in LEVELS])),
        ("severity", pa.float64()),
        ("issues", _STRINGS),
        ("issue_probabilities", pa.struct([(str(issue), pa.float64()) for issue in ISSUES])),
        ("dfe_codes", _STRINGS),
        ("assertion", pa.string()),
        ("frame", pa.string()),
        ("sentences", pa.list_(_SENTENCE)),
        ("truncated", pa.bool_()),
        ("model", pa.string()),
        ("reason", pa.string()),
    ]
)
_TYPES_BY_KIND = {"bool": pa.bool_(), "int": pa.int64(), "float": pa.float64()}


@contextmanager
def open_parquet(source: Source, *, chunk_rows: int) -> Iterator[Table]:
    """Open a Parquet file, or held standard input.

    Raises:
        InputError: the file is damaged, or has two columns of one name.
    """
    stream = source.open()
    try:
        try:
            file = pq.ParquetFile(stream)
            schema = file.schema_arrow
        except (pa.ArrowException, OSError, ValueError):
            message = f"{source.name} is not a Parquet file, or is damaged; write it again, or use another --format"
            raise InputError(message) from None
        repeated = sorted({name for name in schema.names if schema.names.count(name) > 1})
        if repeated:
            message = f"{source.name}: several columns are called {show_names(repeated)}; give each its own name"
            raise InputError(message)
        not_text = {column.name: str(column.type) for column in schema if not _holds_text(column.type)}
        chunks = _chunks(file, source.name, chunk_rows)
        yield Table(source.name, "parquet", tuple(schema.names), chunks, not_text=not_text, schema=schema)
    finally:
        if source.path is not None:
            stream.close()


def _chunks(file: Any, name: str, chunk_rows: int) -> Iterator[Chunk]:  # noqa: ANN401 - pyarrow has no types
    first = 1
    batches = file.iter_batches(batch_size=chunk_rows)
    while True:
        try:
            batch = next(batches, None)
        except (pa.ArrowException, OSError, ValueError):
            message = f"{name} is damaged after row {first - 1:,}; write it again"
            raise InputError(message) from None
        if batch is None:
            break
        if batch.num_rows:
            columns = {field.name: _plain(column) for field, column in zip(batch.schema, batch.columns, strict=True)}
            rows = [dict(zip(columns, values, strict=True)) for values in zip(*columns.values(), strict=True)]
            yield Chunk(first, rows, batch)
            first += batch.num_rows
    if first == 1:
        yield from in_chunks(iter(()), name, chunk_rows)


def _holds_text(kind: Any) -> bool:  # noqa: ANN401
    if pa.types.is_dictionary(kind):
        kind = kind.value_type
    types = pa.types
    return bool(
        types.is_string(kind) or types.is_large_string(kind) or types.is_string_view(kind) or types.is_null(kind)
    )


def _is_json(kind: Any) -> bool:  # noqa: ANN401
    """Tell whether a type's Python values are JSON values already."""
    types = pa.types
    if types.is_list(kind) or types.is_large_list(kind):
        return _is_json(kind.value_type)
    if types.is_struct(kind):
        return all(_is_json(kind.field(index).type) for index in range(kind.num_fields))
    return bool(_holds_text(kind) or types.is_boolean(kind) or types.is_integer(kind) or types.is_floating(kind))


def _plain(column: Any) -> list[Any]:  # noqa: ANN401
    if _is_json(column.type):
        values: list[Any] = column.to_pylist()
        if pa.types.is_floating(column.type):
            return [None if value is None or not math.isfinite(value) else float(value) for value in values]
        return values
    try:
        if pa.types.is_binary(column.type) or pa.types.is_large_binary(column.type):
            return [None if value is None else base64.b64encode(value).decode() for value in column.to_pylist()]
        texts: list[Any] = column.cast(pa.string()).to_pylist()
    except pa.ArrowException:
        return [str(value) if value.is_valid else None for value in column]
    return texts


class ParquetWriter:
    """Writes carried columns and codings to an open file, a row group at a time."""

    def __init__(self, stream: BinaryIO, table: Table, names: CarriedNames) -> None:
        self._table, self._names = table, names
        carried = [(names.name(column), self._type(column)) for column in table.columns]
        schema = pa.schema([*carried, *RESULT_SCHEMA])
        self._schema = schema.with_metadata({SCHEMA_FIELD: SCORE_SCHEMA})
        self._file = pq.ParquetWriter(stream, self._schema)
        self._waiting: list[Any] = []
        self._waiting_rows = 0

    def write(self, chunk: Chunk, codings: Sequence[Coding]) -> None:
        """Add rows; they reach the file with their row group."""
        carried = [self._array(chunk, column) for column in self._table.columns]
        fields = [coding_fields(coding) for coding in codings]
        ours = [pa.array([row[f.name] or _empty(row[f.name]) for row in fields], type=f.type) for f in RESULT_SCHEMA]
        self._waiting.append(pa.record_batch([*carried, *ours], schema=self._schema))
        self._waiting_rows += len(codings)
        if self._waiting_rows >= _ROWS_PER_GROUP:
            self._flush()

    def close(self) -> None:
        """Write what waits and the file's end."""
        self._flush()
        self._file.close()

    def abandon(self) -> None:
        """Let go of the stream; else Arrow would try to end the file once more when it is collected, and complain."""
        with suppress(pa.ArrowException, OSError, ValueError):
            self._file.close()
        self._file.is_open = False

    def _flush(self) -> None:
        if self._waiting:
            self._file.write_table(pa.Table.from_batches(self._waiting), row_group_size=_ROWS_PER_GROUP)
        self._waiting, self._waiting_rows = [], 0

    def _type(self, column: str) -> Any:  # noqa: ANN401
        if self._table.schema is not None:
            return self._table.schema.field(column).type
        return _TYPES_BY_KIND.get(self._table.kinds.get(column, "str"), pa.string())

    def _array(self, chunk: Chunk, column: str) -> Any:  # noqa: ANN401
        if chunk.batch is not None:
            return chunk.batch.column(chunk.batch.schema.get_field_index(column))
        values = [row.get(column) for row in chunk.rows]
        kind = self._table.kinds.get(column, "str")
        if kind == "str":
            values = [None if value is None else cleaned(value) for value in values]
        elif kind == "json":
            values = [cleaned(v) if isinstance(v, str) else None if v is None else json_text(v) for v in values]
        elif kind == "float":
            values = [None if value is None else float(value) for value in values]
        return pa.array(values, type=self._type(column))


def _empty(value: object) -> object:
    """Return null for an empty mapping, which as a struct would be one of nulls; anything else as it is."""
    return None if value == {} else value
