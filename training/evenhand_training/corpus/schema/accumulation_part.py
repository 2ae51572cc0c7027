"""One concern of an accumulation set, graded alone."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict

from evenhand_training.corpus.schema.row import LevelSet, Severity, SomeIssues, Text


class AccumulationPart(BaseModel):
    """A concern by itself, before it is told together with the others."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    text: Text
    issues: SomeIssues
    severity: Severity
    levels: LevelSet
