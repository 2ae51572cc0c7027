"""Codings as Arrow columns: the batch function that files and Spark share; no I/O.

The columns and their types are one for both, so a Spark job gives, row for row, what a Parquet file would hold.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pyarrow as pa

from evenhand.coding_rows import code_rows
from evenhand.result import Coder, Coding
from evenhand.scheme import ISSUES, LEVELS
from evenhand.tables.contract import SCORES, Contract

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


def coding_arrays(codings: Sequence[Coding]) -> list[Any]:
    """Return the contract's fields as `pyarrow` arrays, in the order and with the types of `RESULT_SCHEMA`."""
    return result_arrays(codings, SCORES)


def result_arrays(results: Sequence[Any], contract: Contract[Any]) -> list[Any]:
    """Return a contract's fields as `pyarrow` arrays, in its order and with its types."""
    rows = [contract.plain(result) for result in results]
    return [pa.array([_filled(row[field.name]) for row in rows], type=field.type) for field in contract.arrow()]


def code_batch(batch: Any, column: str | int, model: Coder) -> Any:  # noqa: ANN401 - pyarrow has no types
    """Code one column of a `pyarrow.RecordBatch`.

    Args:
        batch: Its column may be of any type of string; null is coded as a missing text.
        column: Its name or place.
        model: Codes the texts.

    Returns:
        A record batch of `RESULT_SCHEMA` with a row for each row of `batch`, in order.
    """
    codings = code_rows(model, batch.column(column).to_pylist())
    return pa.record_batch(coding_arrays(codings), schema=RESULT_SCHEMA)


def _filled(value: object) -> object:
    """Return null for an empty mapping, which as a struct would be one of nulls; anything else as it is."""
    return None if value == {} else value
