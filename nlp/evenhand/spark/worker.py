"""What runs in Spark's Python workers: code batches of rows by the batch function of one machine.

A worker process loads a model once, however many tasks it runs, and runs it on one thread, as Spark already starts as
many tasks as there are cores.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import pyarrow as pa

import evenhand
from evenhand.bundle import Bundle
from evenhand.errors import ModelError
from evenhand.model import TEXTS_PER_BLOCK, Model
from evenhand.result import SCORE_SCHEMA
from evenhand.spark.checks import Looked, redacted
from evenhand.tables.arrow_rows import RESULT_SCHEMA, code_batch
from evenhand.tables.columns import SCHEMA_FIELD


@dataclass(frozen=True, slots=True)
class Payload:
    """A checked model directory as it is sent to the workers.

    Attributes:
        directory: Where it lies for the session, for messages.
        manifest: As in `Bundle`.
        files: As in `Bundle`.
    """

    directory: str
    manifest: dict[str, Any]
    files: dict[str, bytes]

    @classmethod
    def of(cls, bundle: Bundle) -> Payload:
        """The payload of a bundle."""
        return cls(str(bundle.directory), bundle.manifest, bundle.files)

    def bundle(self) -> Bundle:
        """The bundle, as it was checked where the session is."""
        return Bundle(Path(self.directory), self.manifest, self.files)


class Carrier(Protocol):
    """What brings the model to a worker: a `pyspark.Broadcast`, or `Enclosed`."""

    @property
    def value(self) -> Payload:
        """The model."""


@dataclass(frozen=True, slots=True)
class Enclosed:
    """The model inside the function itself, for sessions that cannot broadcast."""

    value: Payload


_models: dict[str, Model] = {}


def loaded(identity: str, carrier: Carrier) -> Model:
    """Return a model by its identity; it is fetched and loaded when this process first needs it."""
    if identity not in _models:
        os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")  # else the tokeniser would take every core
        _models[identity] = Model(carrier.value.bundle(), workers=1)
    return _models[identity]


@dataclass(frozen=True)
class BatchCoder:
    """Codes batches of rows.

    Attributes:
        text: Place of the column of texts.
        names: What the carried columns are called in the result.
        identity: Of the model.
        carrier: Brings the model.
        version: Of evenhand where the session is.
        redaction: Columns in which what looks identifiable is replaced before anything else.
    """

    text: int
    names: tuple[str, ...]
    identity: str
    carrier: Carrier
    version: str
    redaction: tuple[Looked, ...] = ()

    def run(self, batches: Iterable[Any]) -> Iterator[Any]:
        """Yield each row of `pyarrow.RecordBatch`es with its coding, order kept.

        Raises:
            ModelError: this worker has another version of evenhand, whose codings might differ.
        """
        if evenhand.__version__ != self.version:
            message = f"a worker has evenhand {evenhand.__version__}, and the session has {self.version}; "
            message += "install the same version on every worker"
            raise ModelError(message)
        names = [*self.names, *RESULT_SCHEMA.names, SCHEMA_FIELD]
        for batch in batches:
            model = loaded(self.identity, self.carrier)  # here, for many a partition has no rows at all
            for at in range(0, batch.num_rows, TEXTS_PER_BLOCK):
                part = redacted(batch.slice(at, TEXTS_PER_BLOCK), self.redaction)
                coded = code_batch(part, self.text, model)
                columns = [*part.columns, *coded.columns, pa.repeat(SCORE_SCHEMA, part.num_rows)]
                yield pa.RecordBatch.from_arrays(columns, names=names)
