"""Write results and carried columns as Parquet.

A Parquet file ends with an index of all its rows, so it cannot be gone on with. A run therefore writes frames, each an
Arrow stream of one chunk behind its length, and `to_parquet` makes the file of them at the end.
"""

from __future__ import annotations

import os
import struct
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, BinaryIO

import pyarrow as pa
import pyarrow.parquet as pq

from evenhand.tables.arrow_rows import result_arrays
from evenhand.tables.columns import SCHEMA_FIELD, CarriedNames
from evenhand.tables.contract import SCORES, Contract
from evenhand.tables.table import Chunk, Table
from evenhand.tables.values import cleaned, json_text

# Of a row group: groups as small as a chunk would make files large and slow to read, and a group is held in memory.
_GROUP_ROWS = 32_768
_GROUP_BYTES = 64 << 20

ABOUT_FIELD = "evenhand.about"
_LENGTH = struct.Struct("<q")
_FRAME_OPTIONS = pa.ipc.IpcWriteOptions(compression="zstd")
_TYPES_BY_KIND = {"bool": pa.bool_(), "int": pa.int64(), "float": pa.float64()}


class ParquetRowWriter:
    """Writes frames of carried columns and results; see `to_parquet`."""

    def __init__(self, table: Table, names: CarriedNames, contract: Contract[Any] = SCORES) -> None:
        self._table = table
        self._contract = contract
        carried = [(names.name(column), self._type(column)) for column in table.columns]
        self._schema = pa.schema([*carried, *contract.arrow()]).with_metadata({SCHEMA_FIELD: contract.schema})

    def header(self) -> bytes:
        """A frame without rows, which has the columns and their types."""
        return _frame([], self._schema)

    def rows(self, chunk: Chunk, results: Sequence[Any]) -> bytes:
        """A frame."""
        carried = [self._array(chunk, column) for column in self._table.columns]
        return _frame(
            [pa.record_batch([*carried, *result_arrays(results, self._contract)], schema=self._schema)], self._schema
        )

    def _type(self, column: str) -> Any:  # noqa: ANN401 - pyarrow has no types
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


def to_parquet(frames: Path, destination: Path, about: str) -> None:
    """Make a Parquet file of frames, a row group at a time.

    Args:
        frames: What a `ParquetRowWriter` gave, header first.
        destination: The file, which is on the disk at the end.
        about: How it was made, for the file's metadata under `ABOUT_FIELD`.
    """
    with frames.open("rb") as source, destination.open("wb") as stream:
        tables = _frames(source)
        schema = next(tables).schema
        schema = schema.with_metadata({**schema.metadata, ABOUT_FIELD: about})
        with pq.ParquetWriter(stream, schema) as writer:
            waiting: list[Any] = []
            for table in tables:
                waiting.append(table)
                if sum(t.num_rows for t in waiting) >= _GROUP_ROWS or sum(t.nbytes for t in waiting) >= _GROUP_BYTES:
                    writer.write_table(pa.concat_tables(waiting).cast(schema), row_group_size=_GROUP_ROWS)
                    waiting = []
            if waiting:
                writer.write_table(pa.concat_tables(waiting).cast(schema), row_group_size=_GROUP_ROWS)
        stream.flush()
        os.fsync(stream.fileno())


def _frame(batches: Sequence[Any], schema: Any) -> bytes:  # noqa: ANN401
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, schema, options=_FRAME_OPTIONS) as writer:
        for batch in batches:
            writer.write_batch(batch)
    content: bytes = sink.getvalue().to_pybytes()
    return _LENGTH.pack(len(content)) + content


def _frames(source: BinaryIO) -> Iterator[Any]:
    while length := source.read(_LENGTH.size):
        yield pa.ipc.open_stream(source.read(_LENGTH.unpack(length)[0])).read_all()
