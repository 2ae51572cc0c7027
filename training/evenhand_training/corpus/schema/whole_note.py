"""One whole invented note, coded as a whole only."""

from __future__ import annotations

from typing import Literal

from evenhand_training.corpus.schema.row import LevelSet, Provenance, Row, Severity, SomeIssues, Text


class WholeNote(Row):
    """An invented referral or case note with the codes of the whole; its sentences are not coded."""

    provenance: Literal[Provenance.AUTHORED]
    type: Literal["referral", "case_note"]
    source_role: Text
    text: Text
    levels: LevelSet
    severity: Severity
    issues: SomeIssues
    rationale: Text

    @property
    def texts(self) -> tuple[str, ...]:
        """The whole note."""
        return (self.text,)
