"""One whole invented referral or case note."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from evenhand_training.corpus.schema.narrative_sentence import NarrativeSentence
from evenhand_training.corpus.schema.row import LevelSet, Provenance, Row, Severity, SomeIssues, Text


class Narrative(Row):
    """An invented note sentence by sentence, with the codes of the whole and why it was graded so."""

    provenance: Literal[Provenance.AUTHORED]
    type: Literal["referral", "case_note"]
    source_role: Text
    levels: LevelSet
    severity: Severity
    issues: SomeIssues
    frame_overall: Literal["balanced", "need", "risk"]
    referral_elements: tuple[Text, ...]
    sentences: Annotated[tuple[NarrativeSentence, ...], Field(min_length=1)]
    rationale: Text

    @property
    def text(self) -> str:
        """The note as it reads: its sentences joined by single spaces."""
        return " ".join(sentence.text for sentence in self.sentences)

    @property
    def spans(self) -> tuple[tuple[int, int], ...]:
        """Start and end of each sentence in `text`, in code points."""
        spans: list[tuple[int, int]] = []
        start = 0
        for sentence in self.sentences:
            spans.append((start, start + len(sentence.text)))
            start += len(sentence.text) + 1
        return tuple(spans)

    @property
    def texts(self) -> tuple[str, ...]:
        """The coded sentences; administrative ones ("Agreed to close.") recur in unrelated notes."""
        return tuple(sentence.text for sentence in self.sentences if sentence.is_coded)
