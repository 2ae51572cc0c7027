"""Several concerns alone and told together."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from evenhand_training.corpus.schema.accumulation_part import AccumulationPart
from evenhand_training.corpus.schema.row import LevelSet, Provenance, Row, Severity, Text


class AccumulationSet(Row):
    """Concerns that add up, or controls that do not: repeats, padding (`unrelated`), offsetting strengths."""

    provenance: Literal[Provenance.AUTHORED]
    type: Literal["accumulates", "repeats", "unrelated", "offset"]
    parts: Annotated[tuple[AccumulationPart, ...], Field(min_length=2)]
    whole: Text
    whole_severity: Severity
    whole_levels: LevelSet
    why: Text

    @property
    def texts(self) -> tuple[str, ...]:
        """Each part, and the whole."""
        return (*(part.text for part in self.parts), self.whole)
