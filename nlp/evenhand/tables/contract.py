"""The form that results of one kind take in files: names, order, plain values and Arrow types; no I/O."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from evenhand.result import SCORE_SCHEMA, Coding
from evenhand.tables.columns import RESULT_FIELDS, SCHEMA_FIELD
from evenhand.tables.values import coding_fields

R = TypeVar("R")


@dataclass(frozen=True, slots=True)
class Contract(Generic[R]):
    """How results of a kind are written.

    Attributes:
        schema: Name and version, for instance `evenhand.score/1`.
        fields: Names in order.
        plain: A result as plain JSON types under those names, rounded as files have it.
        arrow: Gives the `pyarrow.Schema` of the fields; a function, as pyarrow is imported only where it is needed.
    """

    schema: str
    fields: tuple[str, ...]
    plain: Callable[[R], Mapping[str, Any]]
    arrow: Callable[[], Any]

    @property
    def reserved(self) -> frozenset[str]:
        """Names that a user's column cannot keep."""
        return frozenset({*self.fields, SCHEMA_FIELD})


def _scores_in_arrow() -> Any:  # noqa: ANN401 - pyarrow has no types
    from evenhand.tables.arrow_rows import RESULT_SCHEMA

    return RESULT_SCHEMA


SCORES: Contract[Coding] = Contract(SCORE_SCHEMA, RESULT_FIELDS, coding_fields, _scores_in_arrow)
