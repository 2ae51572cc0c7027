"""Read Parquet; imported only for it, as pyarrow takes long to import.

Columns are carried as Arrow arrays, so that their types survive exactly; rows give the same values as plain JSON types
(times and decimals as text, bytes as base64).
"""

from __future__ import annotations

import base64
import math
from collections.abc import Generator, Iterator, Sequence
from contextlib import closing, contextmanager
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from evenhand.errors import InputError
from evenhand.tables.columns import show_names
from evenhand.tables.source import Source
from evenhand.tables.table import Chunk, Table, in_chunks

_BLOCK = 1 << 16  # bytes read at a time; larger blocks read no faster


@contextmanager
def open_parquet(sources: Sequence[Source], name: str, *, chunk_rows: int) -> Iterator[Table]:
    """Open Parquet files of one schema as one table; standard input is held in memory.

    Args:
        sources: The files.
        name: What the table is called in messages.
        chunk_rows: Rows to a chunk.

    Raises:
        InputError: a file is damaged, has two columns of one name, or other columns or types than the first.
    """
    with _opened(sources[0]) as file:
        schema = file.schema_arrow
    for source in sources[1:]:
        with _opened(source) as file:
            _check_schema(file.schema_arrow, schema, source.name, sources[0].name)
    not_text = {column.name: str(column.type) for column in schema if not _holds_text(column.type)}
    with closing(_chunks(sources, schema.names, chunk_rows)) as chunks:
        filled = _some(chunks, name, chunk_rows)
        yield Table(name, "parquet", tuple(schema.names), filled, not_text=not_text, schema=schema)


@contextmanager
def _opened(source: Source) -> Iterator[Any]:
    source.hold()
    with source.open() as stream:
        try:
            # Read ahead, as Arrow does by default, a file is in memory as a whole before its end is reached.
            file = pq.ParquetFile(stream, pre_buffer=False, buffer_size=_BLOCK)
            names = file.schema_arrow.names
        except (pa.ArrowException, OSError, ValueError):
            message = f"{source.name} is not a Parquet file, or is damaged; write it again, or use another --format"
            raise InputError(message) from None
        repeated = sorted({name for name in names if names.count(name) > 1})
        if repeated:
            message = f"{source.name}: several columns are called {show_names(repeated)}; give each its own name"
            raise InputError(message)
        yield file


def _check_schema(schema: Any, first: Any, name: str, first_name: str) -> None:  # noqa: ANN401 - pyarrow has no types
    columns, wanted = (dict(zip(one.names, one.types, strict=True)) for one in (schema, first))
    differing = [column for column in {**wanted, **columns} if columns.get(column) != wanted.get(column)]
    if differing:
        message = (
            f"{name}: its columns are not those of {first_name}: names or types differ for {show_names(differing)};"
            " write the files with one schema, or read them one by one"
        )
        raise InputError(message)


def _chunks(sources: Sequence[Source], columns: Sequence[str], chunk_rows: int) -> Generator[Chunk, None, None]:
    first = 1
    for source in sources:
        begins = first
        with _opened(source) as file:
            batches = file.iter_batches(batch_size=chunk_rows)
            while True:
                try:
                    batch = next(batches, None)
                except (pa.ArrowException, OSError, ValueError):
                    message = f"{source.name} is damaged after row {first - begins:,}; write it again"
                    raise InputError(message) from None
                if batch is None:
                    break
                if batch.num_rows:
                    yield _chunk(first, batch.select(columns))
                    first += batch.num_rows


def _chunk(first: int, batch: Any) -> Chunk:  # noqa: ANN401
    columns = {field.name: _plain(column) for field, column in zip(batch.schema, batch.columns, strict=True)}
    return Chunk(
        first, [dict(zip(columns, values, strict=True)) for values in zip(*columns.values(), strict=True)], batch
    )


def _some(chunks: Iterator[Chunk], name: str, chunk_rows: int) -> Iterator[Chunk]:
    """Give chunks.

    Raises:
        InputError: there is none.
    """
    chunk = next(chunks, None)
    if chunk is None:
        yield from in_chunks(iter(()), name, chunk_rows)
    else:
        yield chunk
        yield from chunks


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
