"""Requests and responses of the HTTP interface, with examples; what a result holds is said in the library's docs."""

from __future__ import annotations

from typing import Annotated, Any, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from evenhand_serve.settings import Limits

_LIMITS = Limits()
EXAMPLE = "Dad shouts at [CHILD] most evenings. There has been no hot water since March."
Text = Annotated[str, Field(max_length=_LIMITS.characters, description="A concern, referral or note. Anonymise it.")]
Share = Annotated[float, Field(ge=0, le=1)]
Offset = Annotated[int, Field(ge=0, description="In code points of the text.")]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)


class TextsIn(_Strict):
    """One text or several."""

    text: Text | None = None
    texts: Annotated[list[Text] | None, Field(min_length=1, max_length=_LIMITS.texts)] = None

    model_config = ConfigDict(
        extra="forbid", strict=True, json_schema_extra={"examples": [{"text": EXAMPLE}, {"texts": [EXAMPLE, EXAMPLE]}]}
    )

    @model_validator(mode="after")
    def _one_of_both(self) -> Self:
        if (self.text is None) == (self.texts is None):
            message = "give either text or texts"
            raise ValueError(message)
        return self

    def given(self) -> list[str]:
        """The texts as a list."""
        return [self.text] if self.text is not None else list(self.texts or ())


class WhereIn(TextsIn):
    """One concern or several, and what is wanted of areas."""

    areas: Annotated[list[str] | None, Field(max_length=200, description="These alone; by default all.")] = None
    precedents: Annotated[int, Field(ge=0, le=3, description="Descriptors of each area, the nearest first.")] = 3


def described(kind: type[BaseModel]) -> dict[str, Any]:
    """The schema of a request as it is checked: one of `text` and `texts`, and nothing that is null."""
    schema = kind.model_json_schema()
    for field in schema["properties"].values():
        some = [each for each in field.pop("anyOf", []) if each.get("type") != "null"]
        if some:
            field.pop("default", None)
            field.update(some[0])
    return {**schema, "oneOf": [{"required": ["text"]}, {"required": ["texts"]}]}


class LineIn(_Strict):
    """A line of NDJSON; `id` comes back with its result."""

    text: Text
    id: str | int | None = None


class Privacy(BaseModel):
    """What was looked for in the texts before they were read."""

    mode: str
    names: str
    checker: str | None
    unchecked_columns: list[str]


class SentenceOut(BaseModel):
    """A sentence and what it added."""

    start: Offset
    end: Offset
    level: str | None
    severity: float | None
    issues: list[str]
    assertion: str | None
    frame: str | None
    weight: Share
    claim: bool


class CodingOut(BaseModel):
    """How a text is coded; see `evenhand.Coding`."""

    level: str | None
    levels: list[str]
    level_probabilities: dict[str, Share]
    severity: Annotated[float, Field(ge=1, le=6)] | None
    issues: list[str]
    issue_probabilities: dict[str, Share]
    dfe_codes: list[str]
    assertion: str | None
    frame: str | None
    sentences: list[SentenceOut]
    truncated: bool
    model: str
    reason: str | None
    identifiable: list[str] | None = None
    redacted_text: str | None = None


class SpanOut(BaseModel):
    """Words that frame."""

    start: Offset
    end: Offset
    category: str
    why: str
    suggestion: str | None
    source: str
    found_by: str


class PlaceOut(BaseModel):
    """A stretch of the text."""

    start: Offset
    end: Offset


class NeedOut(PlaceOut):
    """Words that tell of a material need."""

    need: str


class FoundOut(BaseModel):
    """Whether the text has an element of a good referral, and its sentence."""

    state: str
    start: int | None
    end: int | None


class RewriteOut(PlaceOut):
    """A sentence told kindly."""

    text: str


class FramedOut(PlaceOut):
    """How a sentence is told."""

    frame: str | None


class FlagsOut(BaseModel):
    """How a text is told; see `evenhand.framing.Flags`."""

    framing: list[SpanOut]
    quotations: list[PlaceOut]
    balance: dict[str, Share]
    unmet_needs: list[NeedOut]
    met_needs: list[NeedOut]
    checklist: dict[str, FoundOut]
    rewrites: list[RewriteOut]
    sentences: list[FramedOut]
    truncated: bool
    model: str
    reason: str | None
    identifiable: list[str] | None = None
    redacted_text: str | None = None


class WhereOut(BaseModel):
    """Where areas would put a concern; see `evenhand.consistency.Where`."""

    level: str | None
    severity: float | None
    issues: list[str]
    national: dict[str, float | None]
    spread: float | None
    spread_areas: int
    spread_interval: list[float | None] | None
    areas: dict[str, dict[str, Any]]
    model: str
    identifiable: list[str] | None = None
    redacted_text: str | None = None


class Answers(BaseModel):
    """What every response says besides its results."""

    privacy: Privacy
    not_for: Annotated[str, Field(description="What results must not be used for.")]


class ScoresOut(Answers):
    """Codings, in the order of the texts."""

    results: list[CodingOut]


class FlaggedOut(Answers):
    """Flags, in the order of the texts."""

    results: list[FlagsOut]


class PlacedOut(Answers):
    """Where concerns would land, in the order of the texts."""

    results: list[WhereOut]


class ProblemOut(BaseModel):
    """A problem as RFC 9457 has it; it never repeats a text."""

    model_config = ConfigDict(extra="allow")

    type: str
    title: str
    status: int
    detail: str | None = None


class DocumentsOut(BaseModel):
    """Threshold documents as read and coded."""

    documents: list[dict[str, Any]]
    descriptors: list[dict[str, Any]]
    failed: dict[str, str]
