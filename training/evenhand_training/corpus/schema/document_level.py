"""One level that a threshold document names."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict

from evenhand_training.corpus.schema.row import LevelSet, Text


class DocumentLevel(BaseModel):
    """A document's own level and the set of scheme levels that its definition covers."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    native: Text
    label: Text | None
    response: Text | None
    levels: LevelSet
