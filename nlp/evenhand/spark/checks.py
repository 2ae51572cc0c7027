"""Look for what is identifiable in batches of rows, where the rows are; runs in Spark's Python workers.

The rules are those of `evenhand score`: every text in every column, however deep it lies, and whole columns whose name
says what they hold. Only counts leave a worker. A worker process loads the checker once.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import pyarrow as pa

from evenhand.privacy import Checker, Finding, Kind, load_checker, redact
from evenhand.privacy.columns import is_key

# What `BatchChecker.run` yields: the column's place, the kind, how many were found and in how many rows.
COUNTS = "place int, kind string, count long, rows long"
_COUNTS = pa.schema([("place", pa.int32()), ("kind", pa.string()), ("count", pa.int64()), ("rows", pa.int64())])

checker_of = cache(load_checker)


@dataclass(frozen=True, slots=True)
class Looked:
    """A column that is looked at.

    Attributes:
        place: Of the column in the rows.
        kind: What the column holds by its name, whatever its values look like; None where only they can tell.
        name: Of the column.
    """

    place: int
    kind: Kind | None
    name: str


@dataclass(frozen=True)
class BatchChecker:
    """Counts what looks identifiable.

    Attributes:
        columns: What each column of the batches is.
        names: Whether names of people are looked for.
    """

    columns: tuple[Looked, ...]
    names: bool

    def run(self, batches: Iterable[Any]) -> Iterator[Any]:
        """Yield one `pyarrow.RecordBatch` of counts for all batches, by column and kind; none where nothing is."""
        counts: Counter[tuple[int, Kind]] = Counter()
        rows: Counter[tuple[int, Kind]] = Counter()
        for batch in batches:
            checker = checker_of(names=self.names)  # here, for many a partition has no rows at all
            for looked, column in zip(self.columns, batch.columns, strict=True):
                for kinds in _kinds_by_row(column.to_pylist(), looked, checker):
                    counts.update((looked.place, kind) for kind in kinds)
                    rows.update((looked.place, kind) for kind in set(kinds))
        if counts:
            found = [
                {"place": place, "kind": str(kind), "count": count, "rows": rows[place, kind]}
                for (place, kind), count in counts.items()
            ]
            yield pa.RecordBatch.from_pylist(found, schema=_COUNTS)


def redacted(batch: Any, columns: Sequence[Looked]) -> Any:  # noqa: ANN401 - pyarrow has no types
    """Return a `pyarrow.RecordBatch` with placeholders for what looks identifiable in some of its columns."""
    for looked in columns:
        column = batch.column(looked.place)
        values = column.to_pylist()
        clean = _clean(list(dict.fromkeys(_texts(values))), looked)
        replaced = pa.array([_replaced(value, clean) for value in values], type=column.type)
        batch = batch.set_column(looked.place, batch.schema.field(looked.place), replaced)
    return batch


def _kinds_by_row(values: Sequence[Any], looked: Looked, checker: Checker) -> Iterator[list[Kind]]:
    """The kinds of all that is found in each value that holds something."""
    if looked.kind is not None:
        yield from ([looked.kind] for value in values if value is not None and value != "")
        return
    texts = [list(_texts(value)) for value in values]
    found = iter(checker.check_many([text for row in texts for text in row]))
    for row in texts:
        yield [finding.kind for text in row for finding in _told(looked, text, next(found))]


def _told(looked: Looked, text: str, findings: Sequence[Finding]) -> Sequence[Finding]:
    """What of the findings counts: the key of a row may look like a case number."""
    return () if is_key(looked.name, text, findings) else findings


def _clean(texts: list[str], looked: Looked) -> dict[str, str]:
    """Each text with placeholders; one for all of it in a column that is known to identify."""
    found: Iterable[Sequence[Finding]]
    if looked.kind is None:
        checked = zip(texts, checker_of(names=True).check_many(texts), strict=True)
        found = [_told(looked, text, findings) for text, findings in checked]
    else:
        found = [[Finding(0, len(text), looked.kind)] if text else [] for text in texts]
    return {text: redact(text, findings) for text, findings in zip(texts, found, strict=True)}


def _texts(value: object) -> Iterator[str]:
    """The texts in a value of Arrow as Python has it, however deep they lie."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        yield from _texts(list(value.values()))
    elif isinstance(value, list | tuple):
        for item in value:
            yield from _texts(item)


def _replaced(value: Any, clean: Mapping[str, str]) -> Any:  # noqa: ANN401 - any value of Arrow
    if isinstance(value, str):
        return clean[value]
    if isinstance(value, dict):
        return {name: _replaced(item, clean) for name, item in value.items()}
    if isinstance(value, list | tuple):
        return type(value)(_replaced(item, clean) for item in value)
    return value
