"""What `check_corpus` reports."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Problem:
    """One thing wrong with a corpus folder; printed as one line.

    Attributes:
        file: Name within the folder, or the folder itself where it cannot be read.
        line: Line number from 1, or None where the whole file is meant.
        id: The row's id as far as it can be told.
        what: What is wrong. Never contains the text of a row.
        action: What to do about it.
    """

    file: str
    line: int | None
    id: str | None
    what: str
    action: str

    def __str__(self) -> str:
        place = self.file if self.line is None else f"{self.file}, line {self.line}"
        row = "" if self.id is None else f" ({self.id})"
        return f"{place}{row}: {self.what}; {self.action}"
