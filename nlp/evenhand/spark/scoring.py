"""Score a DataFrame, where the session is; the workers' part is `evenhand.spark.worker`."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import evenhand
from evenhand.batch.gate import Privacy, privacy_mode
from evenhand.bundle import Bundle, find_model, read_bundle
from evenhand.errors import InputError, MissingExtraError
from evenhand.result import SCORE_SCHEMA
from evenhand.spark.gate import WHERE, Gate
from evenhand.spark.worker import BatchCoder, Carrier, Enclosed, Payload
from evenhand.tables.arrow_rows import RESULT_SCHEMA
from evenhand.tables.columns import RESERVED, SCHEMA_FIELD, find_text_column, show_names

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession
    from pyspark.sql.types import StructType

METADATA = "evenhand"  # the key of what is said about the result, in the metadata of its column `level`


def score(
    df: DataFrame,
    column: str | None = None,
    *,
    model: str | Path | None = None,
    privacy: Privacy | str = Privacy.REFUSE,
    unchecked: Sequence[str] = (),
) -> DataFrame:
    """Code every text of a DataFrame; each row keeps its columns and gets the fields of `evenhand score`.

    The texts are coded when Spark runs the result. With `privacy` "refuse", "patterns" or "warn", a job that looks at
    all rows runs first and at once, so `df` is computed twice: persist it if that costs much, or if it may change.

    Args:
        df: Its rows are kept, one for one.
        column: The column of the texts; by default it is found by its name.
        model: A model's folder, on this machine only; None for EVENHAND_MODEL or the one installed.
        privacy: What is done about texts, in any column, that look identifiable: "refuse" and "patterns" raise,
            "patterns" without looking for names; "warn" logs counts; "redact" puts placeholders in their place before
            they are coded and carried; "off" does not look.
        unchecked: Columns that are not looked at, for instance one of pseudonyms.

    Returns:
        The user's columns (one with a name of ours becomes `input_<name>`), the columns of `RESULT_SCHEMA`, and
        `schema`. Under "evenhand" the metadata of `level` say which model it was, and what was looked for and found.

    Raises:
        InputError: no such column, one that holds no text, two columns of one name, or a stream that cannot be
            looked at beforehand.
        MissingExtraError: pyspark is not installed.
        ModelError: no model is there, or it is damaged.
        PrivacyError: texts look identifiable, or cannot be looked at as asked.
        VocabularyError: there is no such `privacy`.
    """
    _check_installed()
    mode = privacy_mode(privacy)
    schema = df.schema
    text = _text_place(schema, column)
    names = carried_names(schema.names)
    bundle = read_bundle(find_model(model))
    gate = Gate(schema, mode, unchecked)
    # By place from here on: two columns may differ in case only, and a name may have a dot.
    plain = df.toDF(*(f"c{place}" for place in range(len(schema))))
    gate.look(plain)
    carrier = _carrier(df.sparkSession, bundle)
    coder = BatchCoder(text, names, bundle.identity, carrier, evenhand.__version__, gate.redaction)
    facts = {"schema": SCORE_SCHEMA, "model": bundle.identity, "privacy": gate.facts}
    return plain.mapInArrow(coder.run, _result_schema(schema, names, facts))


def carried_names(columns: Sequence[str]) -> tuple[str, ...]:
    """Return the names of the user's columns in the result: as in files, but for Spark `Level` is `level` too.

    Raises:
        InputError: two columns have the same name.
    """
    repeated = sorted({name for name in columns if columns.count(name) > 1})
    if repeated:
        message = f"{WHERE}: several columns are called {show_names(repeated)}; give each its own name"
        raise InputError(message)
    taken = {name.lower() for name in columns}
    names = []
    for name in columns:
        carried = name
        while carried.lower() in RESERVED or (carried != name and carried.lower() in taken):
            carried = f"input_{carried}"
        taken.add(carried.lower())
        names.append(carried)
    return tuple(names)


def _check_installed() -> None:
    try:
        import pyspark  # noqa: F401 - asked only whether it is there
    except ImportError as error:
        message = "evenhand.spark needs: pip install 'evenhand[spark]'"
        raise MissingExtraError(message) from error


def _text_place(schema: StructType, column: str | None) -> int:
    """Return the place of the column of texts."""
    from pyspark.sql.types import StringType

    found = find_text_column(schema.names, column=column, where=WHERE)
    place = schema.names.index(found)
    kind = schema[place].dataType
    if not isinstance(kind, StringType):
        message = f"{WHERE}: column {found!r} holds {kind.simpleString()}, not text; name a column of strings"
        raise InputError(message)
    return place


# By application and model: a session that scores many DataFrames sends a model once.
_sent: dict[tuple[str, str], Carrier] = {}


def _carrier(session: SparkSession, bundle: Bundle) -> Carrier:
    """Return what brings a model to the workers."""
    payload = Payload.of(bundle)
    try:
        context = session.sparkContext
    except (AttributeError, NotImplementedError):
        # Spark Connect has no context and so no broadcast. There the function that is sent with each query holds the
        # model, whose 24 MB stay below the 128 MB that a message of Connect may have by default.
        return Enclosed(payload)
    sent = (context.applicationId, bundle.identity)
    if sent not in _sent:
        for other in [each for each in _sent if each[0] != context.applicationId]:
            del _sent[other]
        _sent[sent] = context.broadcast(payload)
    return _sent[sent]


def _result_schema(schema: StructType, names: Sequence[str], facts: dict[str, Any]) -> StructType:
    """The user's columns as they were, ours as in files, and `schema`."""
    from pyspark.sql.pandas.types import from_arrow_schema
    from pyspark.sql.types import StringType, StructField, StructType

    carried = [
        StructField(name, field.dataType, field.nullable, field.metadata)
        for name, field in zip(names, schema, strict=True)
    ]
    level, *others = from_arrow_schema(RESULT_SCHEMA)
    stated = StructField(level.name, level.dataType, metadata={METADATA: facts})
    return StructType([*carried, stated, *others, StructField(SCHEMA_FIELD, StringType())])
