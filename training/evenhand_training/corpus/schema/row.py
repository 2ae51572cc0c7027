"""What every row of the corpus has, and the field types that the rows share."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, PlainSerializer

from evenhand.scheme import Assertion, Frame, Issue, Level, level_set

# Marks a sentence that says nothing about the child (a date, an action agreed), so neither code applies.
NOT_APPLICABLE = "na"


class Provenance(StrEnum):
    """Whether a row restates a published document or was written for the corpus."""

    PUBLISHED = "published"
    AUTHORED = "authored"


class Row(BaseModel):
    """One line of one corpus file; frozen, and an unknown, missing or mistyped field is an error.

    Every kind also has a `provenance`, fixed for the kind.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    id: Annotated[str, Field(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$")]

    @property
    def texts(self) -> tuple[str, ...]:
        """The texts that a model could learn from this row; near repeats are looked for among them."""
        return ()


def _not_blank(text: str) -> str:
    if not text.strip():
        message = "is empty; give the text or remove the row"
        raise ValueError(message)
    return text


def _ordered_run(levels: tuple[Level, ...]) -> tuple[Level, ...]:
    ordered = level_set(levels)
    if levels != ordered:
        message = f"levels are not in order or repeat; write {list(map(str, ordered))}"
        raise ValueError(message)
    return levels


def _distinct(issues: tuple[Issue, ...]) -> tuple[Issue, ...]:
    if len(set(issues)) != len(issues):
        message = "an issue is listed twice; name each once"
        raise ValueError(message)
    return issues


def _na_to_none(value: Any) -> Any:  # noqa: ANN401 - pydantic hands over whatever the file holds
    if value is None:
        message = f"write {NOT_APPLICABLE!r} where no code applies"
        raise ValueError(message)
    return None if value == NOT_APPLICABLE else value


def _none_to_na(value: StrEnum | None) -> str:
    return NOT_APPLICABLE if value is None else str(value)


Text = Annotated[str, AfterValidator(_not_blank)]
LevelSet = Annotated[tuple[Level, ...], AfterValidator(_ordered_run)]
Issues = Annotated[tuple[Issue, ...], AfterValidator(_distinct)]
SomeIssues = Annotated[Issues, Field(min_length=1)]
Severity = Annotated[int, Field(ge=1, le=6)]
SentenceAssertion = Annotated[
    Assertion | None, BeforeValidator(_na_to_none), PlainSerializer(_none_to_na, return_type=str)
]
SentenceFrame = Annotated[Frame | None, BeforeValidator(_na_to_none), PlainSerializer(_none_to_na, return_type=str)]
