"""The privacy gate of a DataFrame, where the session is: what is looked at, and what follows from what is found."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from evenhand.batch.gate import Privacy, checker_for, looked_for
from evenhand.batch.sightings import told
from evenhand.errors import InputError, PrivacyError
from evenhand.privacy.columns import kind_of_column
from evenhand.spark.checks import COUNTS, BatchChecker, Looked, checker_of
from evenhand.tables.columns import find_text_column, show_names

if TYPE_CHECKING:
    from pyspark.sql import DataFrame
    from pyspark.sql.types import DataType, StructType

WHERE = "the DataFrame"  # what messages call it
_logger = logging.getLogger(__name__)


class Gate:
    """Looks at the texts of a DataFrame.

    Args:
        schema: Of the DataFrame.
        privacy: What to do about what is found.
        unchecked: Columns that are not looked at.

    Attributes:
        facts: What was looked for and found, as plain JSON types; never a text.
        redaction: Columns in which placeholders are put while rows are coded.

    Raises:
        InputError: there is no such column.
        PrivacyError: names cannot be looked for, or no placeholder can stand in a column.
    """

    def __init__(self, schema: StructType, privacy: Privacy, unchecked: Sequence[str] = ()) -> None:
        self._names: list[str] = schema.names
        self._privacy = privacy
        left_out = {find_text_column(self._names, column=column, where=WHERE) for column in unchecked}
        checker = checker_for(
            privacy,
            checker_of,
            otherwise="give privacy='patterns' to look for all else, which the result's metadata then say",
        )
        self.facts: dict[str, Any] = looked_for(privacy, checker, left_out)
        self._looked: tuple[Looked, ...] = ()
        if checker is not None:
            self._looked = tuple(
                Looked(place, kind_of_column(field.name), field.name)
                for place, field in enumerate(schema)
                if field.name not in left_out and (kind_of_column(field.name) or holds_text(field.dataType))
            )
        self._checker = checker
        self.redaction = self._looked if privacy is Privacy.REDACT else ()
        for looked in self.redaction:
            if not holds_text(schema[looked.place].dataType):
                message = f"{WHERE}: column {field_of(schema, looked)} holds {looked.kind} by its name, and no text in "
                message += "which a placeholder could stand; leave the column out, or name it in unchecked"
                raise PrivacyError(message)

    def look(self, plain: DataFrame) -> None:
        """Look through all rows in a job of its own, of which only counts come back.

        Args:
            plain: With columns c0, c1 and so on in place of those of the schema.

        Raises:
            InputError: the DataFrame is a stream.
            PrivacyError: texts look identifiable, and are to be refused.
        """
        if self._checker is None or self._privacy is Privacy.REDACT or not self._looked:
            return
        if plain.isStreaming:
            message = f"{WHERE} is a stream, of which no row can be seen beforehand; use privacy='redact' or 'off'"
            raise InputError(message)
        found = self._found(plain, names=self._checker.names_checked)
        self.facts["found"] = found
        if not found:
            return
        if self._privacy is not Privacy.WARN:
            message = f"{WHERE} looks identifiable, so nothing was scored: {told(found)}. Anonymise the texts; or give "
            message += (
                "unchecked=[...] for a column that identifies nobody, privacy='redact' for placeholders in place "
            )
            message += "of what is found, or privacy='warn' to score them as they are"
            raise PrivacyError(message)
        _logger.warning("%s looks identifiable: %s", WHERE, told(found))

    def _found(self, plain: DataFrame, *, names: bool) -> list[dict[str, Any]]:
        looked = plain.select(*(f"c{each.place}" for each in self._looked))
        counts: Counter[tuple[int, str]] = Counter()
        rows: Counter[tuple[int, str]] = Counter()
        for part in looked.mapInArrow(BatchChecker(self._looked, names).run, COUNTS).collect():
            counts[part["place"], part["kind"]] += part["count"]
            rows[part["place"], part["kind"]] += part["rows"]
        return [
            {"column": self._names[place], "kind": kind, "count": count, "rows": rows[place, kind]}
            for (place, kind), count in sorted(counts.items())
        ]


def holds_text(kind: DataType) -> bool:
    """Tell whether a type has strings anywhere in it."""
    from pyspark.sql.types import ArrayType, MapType, StringType, StructType

    if isinstance(kind, ArrayType):
        return holds_text(kind.elementType)
    if isinstance(kind, MapType):
        return holds_text(kind.keyType) or holds_text(kind.valueType)
    if isinstance(kind, StructType):
        return any(holds_text(field.dataType) for field in kind)
    return isinstance(kind, StringType)


def field_of(schema: StructType, looked: Looked) -> str:
    """The name of a column, as it may stand in a message."""
    return show_names([schema[looked.place].name])
