"""One concern asserted in five ways."""

from __future__ import annotations

from typing import Literal

from evenhand.scheme import Assertion, Issue
from evenhand_training.corpus.schema.row import Provenance, Row, Text


class AssertionSet(Row):
    """The same concern as present, negated, historical, hypothetical, and somebody else's."""

    provenance: Literal[Provenance.AUTHORED]
    issue: Issue
    present: Text
    negated: Text
    historical: Text
    hypothetical: Text
    other_person: Text

    @property
    def by_assertion(self) -> dict[Assertion, str]:
        """Each text under its assertion, in the scheme's order."""
        return {assertion: str(getattr(self, assertion.value)) for assertion in Assertion}

    @property
    def texts(self) -> tuple[str, ...]:
        """The five texts in the scheme's order of assertions."""
        return tuple(self.by_assertion.values())
