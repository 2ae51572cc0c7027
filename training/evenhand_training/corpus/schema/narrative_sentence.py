"""One sentence of a whole referral or case note."""

from __future__ import annotations

from typing import Self

from pydantic import BaseModel, ConfigDict, model_validator

from evenhand_training.corpus.schema.row import Issues, SentenceAssertion, SentenceFrame, Severity, Text


class NarrativeSentence(BaseModel):
    """A sentence with its codes, or an administrative one, which has none of them.

    In the file an administrative sentence has `na` as assertion and frame; here both are `None`.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    text: Text
    issues: Issues
    severity: Severity | None
    assertion: SentenceAssertion
    frame: SentenceFrame

    @property
    def is_coded(self) -> bool:
        """Whether the sentence says something about the child, the family or the concern."""
        return self.severity is not None

    @model_validator(mode="after")
    def _all_or_nothing(self) -> Self:
        given = {
            bool(self.issues),
            self.severity is not None,
            self.assertion is not None,
            self.frame is not None,
        }
        if len(given) != 1:
            message = "a sentence has issues, severity, assertion and frame, or none of them (na)"
            raise ValueError(message)
        return self
