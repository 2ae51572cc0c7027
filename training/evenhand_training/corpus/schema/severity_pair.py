"""Two texts that differ in one qualifier."""

from __future__ import annotations

from typing import Literal, Self

from pydantic import model_validator

from evenhand_training.corpus.schema.row import LevelSet, Provenance, Row, Severity, SomeIssues, Text

Change = Literal[
    "frequency",
    "impact",
    "protective_factor",
    "duration",
    "age",
    "parental_response",
    "injury",
    "intent",
    "immediacy",
]


class SeverityPair(Row):
    """The milder and the graver form of one concern, and what made the difference."""

    provenance: Literal[Provenance.AUTHORED]
    issues: SomeIssues
    low_text: Text
    high_text: Text
    low_severity: Severity
    high_severity: Severity
    low_levels: LevelSet
    high_levels: LevelSet
    what_changed: Change

    @property
    def texts(self) -> tuple[str, ...]:
        """The milder text, then the graver."""
        return (self.low_text, self.high_text)

    @model_validator(mode="after")
    def _low_is_lower(self) -> Self:
        if self.low_severity >= self.high_severity:
            message = f"low_severity {self.low_severity} is not below high_severity {self.high_severity}"
            raise ValueError(message)
        return self
