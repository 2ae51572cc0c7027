"""The same facts told in risk and in need."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from evenhand_training.corpus.schema.row import LevelSet, Provenance, Row, Severity, SomeIssues, Text

FramingCategory = Literal["parent_blaming", "stigmatising", "risk_escalation", "deficit", "victim_blaming", "vague"]


class FramingPair(Row):
    """Two tellings that share every code; `risk_spans` are the framed words, one category each."""

    provenance: Literal[Provenance.AUTHORED]
    issues: SomeIssues
    severity: Severity
    levels: LevelSet
    risk_text: Text
    need_text: Text
    risk_spans: Annotated[tuple[Text, ...], Field(min_length=1)]
    categories: tuple[FramingCategory, ...]

    @property
    def texts(self) -> tuple[str, ...]:
        """Both tellings."""
        return (self.risk_text, self.need_text)

    @model_validator(mode="after")
    def _spans_fit(self) -> Self:
        if len(self.risk_spans) != len(self.categories):
            message = f"{len(self.risk_spans)} risk_spans but {len(self.categories)} categories; give one each"
            raise ValueError(message)
        for position, span in enumerate(self.risk_spans):
            if span not in self.risk_text:
                message = f"risk_spans[{position}] does not occur in risk_text; copy it letter by letter"
                raise ValueError(message)
        return self
