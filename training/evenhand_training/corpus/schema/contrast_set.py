"""One situation in several tellings, and with the facts changed."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from evenhand_training.corpus.schema.row import Provenance, Row, Severity, SomeIssues, Text

# Tellings of the same facts: plain, alarmed or blaming, kind, and in a working style (clipped, official, hasty).
TELLINGS = frozenset({"base", "risk", "kind", "style"})


class ContrastText(BaseModel):
    """One text of a set: a telling of the facts, or one in which they are graver, milder, or not so now."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    kind: Literal["base", "risk", "kind", "style", "graver", "milder", "not_now"]
    severity: Severity
    text: Text

    @property
    def is_telling(self) -> bool:
        """Whether it tells the very facts of the set."""
        return self.kind in TELLINGS


class ContrastSet(Row):
    """Texts that a reader by facts alone grades alike where the facts are alike, and apart where they are not.

    `issues` are those of the tellings.
    """

    provenance: Literal[Provenance.AUTHORED]
    issues: SomeIssues
    texts_: Annotated[tuple[ContrastText, ...], Field(min_length=2, alias="texts")]

    @property
    def texts(self) -> tuple[str, ...]:
        """Every text."""
        return tuple(each.text for each in self.texts_)

    @property
    def severity(self) -> int:
        """Of the tellings."""
        return next(each.severity for each in self.texts_ if each.is_telling)

    @model_validator(mode="after")
    def _grades_fit_their_kinds(self) -> Self:
        told = {each.severity for each in self.texts_ if each.is_telling}
        if len(told) != 1:
            message = f"the tellings have severities {sorted(told)}; the same facts have one"
            raise ValueError(message)
        for position, each in enumerate(self.texts_):
            above = each.severity - self.severity
            if (each.kind == "graver" and above <= 0) or (each.kind in ("milder", "not_now") and above > 0):
                message = (
                    f"texts[{position}] is {each.kind} with severity {each.severity}, the tellings {self.severity}"
                )
                raise ValueError(message)
            if each.kind == "milder" and above == 0:
                message = f"texts[{position}] is milder with the severity of the tellings; grade it below them"
                raise ValueError(message)
        return self
