"""One invented descriptor, referral sentence or case-note sentence."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from evenhand.scheme import Assertion, Frame
from evenhand_training.corpus.schema.row import LevelSet, Provenance, Row, Severity, SomeIssues, Text

Topic = Literal["focal", "harm", "health_education", "family_community"]


class AuthoredText(Row):
    """An invented text with all codes. Its `levels` restate its severity and say nothing about any area."""

    provenance: Literal[Provenance.AUTHORED]
    topic: Topic
    text: Text
    # `register` in the file; as an attribute that name belongs to every abstract class of Python.
    written_as: Annotated[Literal["descriptor", "referral", "case_note"], Field(alias="register")]
    issues: SomeIssues
    severity: Severity
    levels: LevelSet
    assertion: Assertion
    frame: Frame

    @property
    def texts(self) -> tuple[str, ...]:
        """The invented text."""
        return (self.text,)
