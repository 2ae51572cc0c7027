"""One concern that a published document lists."""

from __future__ import annotations

from typing import Literal

from evenhand_training.corpus.schema.row import LevelSet, Provenance, Row, Severity, SomeIssues, Text


class Descriptor(Row):
    """A concern restated in other words, the level the document puts it at, and its codes.

    `levels` is a fact about the document; `issues` and `severity` were coded under the guide.
    """

    provenance: Literal[Provenance.PUBLISHED]
    doc_id: Text
    native_level: Text
    levels: LevelSet
    domain: Text
    text: Text
    issues: SomeIssues
    severity: Severity

    @property
    def texts(self) -> tuple[str, ...]:
        """The restated concern."""
        return (self.text,)
