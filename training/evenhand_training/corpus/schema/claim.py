"""A text with and without a sentence about thresholds or status."""

from __future__ import annotations

from typing import Literal

from evenhand.text import split_sentences
from evenhand_training.corpus.schema.row import Provenance, Row, Severity, SomeIssues, Text


class Claim(Row):
    """A note's facts, and one more sentence: a claim about the threshold, or a status, which is a fact.

    The codes are those of the facts. A claim ("this meets section 47") leaves them as they are; a status ("is on a
    child protection plan") may not.
    """

    provenance: Literal[Provenance.AUTHORED]
    kind: Literal["claim", "status"]
    base: Text
    claim: Text
    place: Literal["first", "middle", "last"]
    issues: SomeIssues
    severity: Severity

    @property
    def text(self) -> str:
        """The facts with the further sentence at its place; `middle` is behind their first sentence."""
        end = {"first": 0, "middle": split_sentences(self.base)[0][1], "last": len(self.base)}[self.place]
        return " ".join(part for part in (self.base[:end].strip(), self.claim, self.base[end:].strip()) if part)

    @property
    def texts(self) -> tuple[str, ...]:
        """The facts; claims recur in unrelated notes."""
        return (self.base,)
