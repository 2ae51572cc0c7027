"""The same facts told by several writers."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from evenhand_training.corpus.schema.row import LevelSet, Provenance, Row, Severity, SomeIssues, Text


class Telling(BaseModel):
    """One writer's text."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    style: Literal["alarmed", "blaming", "plain", "kind", "clipped", "bureaucratic", "lay"]
    text: Text


class Retelling(Row):
    """Tellings that share every fact, and so every code."""

    provenance: Literal[Provenance.AUTHORED]
    issues: SomeIssues
    severity: Severity
    levels: LevelSet
    tellings: Annotated[tuple[Telling, ...], Field(min_length=2)]

    @property
    def texts(self) -> tuple[str, ...]:
        """Every telling."""
        return tuple(telling.text for telling in self.tellings)
