"""Referrals and notes marked for how they tell: frames and elements of sentences, spans of framing and of needs."""

from __future__ import annotations

from itertools import pairwise
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from evenhand.framing.scheme import CATEGORIES, NEEDS, Element
from evenhand_training.corpus.schema.row import Provenance, Row, SentenceFrame, Severity, Text

MARKS = frozenset(
    (*map(str, CATEGORIES), "quote", *(f"need.{need}.{how}" for need in NEEDS for how in ("asked", "unasked")))
)


class Mark(BaseModel):
    """A span of a sentence, in code points, and what it is: framing, a quotation, or a need asked for or not."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    start: Annotated[int, Field(ge=0)]
    end: int
    kind: str

    @model_validator(mode="after")
    def _sound(self) -> Self:
        if self.end <= self.start or self.kind not in MARKS:
            message = "a mark ends behind its start and is of a kind of the coding guide"
            raise ValueError(message)
        return self


class SentenceCoding(BaseModel):
    """Codes of one sentence; `frame` is `na` for administration."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    frame: SentenceFrame
    elements: tuple[Element, ...]
    marks: tuple[Mark, ...]

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if any(second.start < first.end for first, second in pairwise(self.marks)):
            message = "marks of a sentence are in order and do not overlap"
            raise ValueError(message)
        if len(set(self.elements)) != len(self.elements):
            message = "an element is listed twice; name each once"
            raise ValueError(message)
        return self


class ReferralSentence(SentenceCoding):
    """A sentence with its codes."""

    text: Text

    @model_validator(mode="after")
    def _marks_inside(self) -> Self:
        if self.marks and self.marks[-1].end > len(self.text):
            message = "a mark reaches behind the sentence"
            raise ValueError(message)
        return self


class Referral(Row):
    """An invented referral or note, coded by its writer; `test` ones have a second, blind coding."""

    provenance: Literal[Provenance.AUTHORED]
    type: Literal["referral", "case_note"]
    source_role: Text
    severity: Severity
    tone: Literal["risk", "need", "mixed", "neutral"]
    part: Literal["training", "test"]
    sentences: Annotated[tuple[ReferralSentence, ...], Field(min_length=1)]


class ReferralCoding(Row):
    """A second coding of a referral by somebody who saw the text alone; sentences in the same order."""

    provenance: Literal[Provenance.AUTHORED]
    referral_id: str
    sentences: Annotated[tuple[SentenceCoding, ...], Field(min_length=1)]


class NarrativeElements(Row):
    """Elements of each sentence of a narrative, coded without its `referral_elements`."""

    provenance: Literal[Provenance.AUTHORED]
    narrative_id: str
    elements: Annotated[tuple[tuple[Element, ...], ...], Field(min_length=1)]


class NarrativeMarks(Row):
    """Marks of each sentence of a narrative."""

    provenance: Literal[Provenance.AUTHORED]
    narrative_id: str
    marks: Annotated[tuple[tuple[Mark, ...], ...], Field(min_length=1)]


class TellingSentence(BaseModel):
    """A sentence of one telling of a framing pair: where it stands, its frame, and marks besides those of the pair."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    start: Annotated[int, Field(ge=0)]
    end: int
    frame: SentenceFrame
    marks: tuple[Mark, ...]


class FramingPairCoding(Row):
    """Sentences of one telling of a framing pair, coded after the pair was written."""

    provenance: Literal[Provenance.AUTHORED]
    pair_id: str
    telling: Literal["risk", "need"]
    sentences: Annotated[tuple[TellingSentence, ...], Field(min_length=1)]


class PlainText(Row):
    """A text in which nothing is to be flagged, for setting thresholds."""

    provenance: Literal[Provenance.AUTHORED]
    text: Text
    kind: Literal["injury", "disclosure", "event", "term_of_art", "quotation", "negation", "kind_telling"]


class EvidenceSentence(Row):
    """A sentence that only states, in which nothing is to be marked as framing; for tests alone."""

    provenance: Literal[Provenance.AUTHORED]
    text: Text
    kind: Literal["injury", "disclosure", "event", "term_of_art", "quotation", "negation"]
