"""A second, blind coding of one descriptor."""

from __future__ import annotations

from typing import Literal

from evenhand_training.corpus.schema.row import Provenance, Row, Severity, SomeIssues, Text


class SecondCoding(Row):
    """Issues and severity given to a descriptor by a second coder who had not seen the first coding."""

    provenance: Literal[Provenance.PUBLISHED]
    descriptor_id: Text
    issues: SomeIssues
    severity: Severity
