"""What a run over a file came to."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any


@dataclass(frozen=True, slots=True)
class ScoreSummary:
    """What scoring or flagging a file came to.

    Attributes:
        rows: Rows read; `coded`, `not_codable` and `rejected` make them up.
        coded: Rows that got a level, or were flagged where flagging was asked for.
        not_codable: Rows without, for instance blank ones.
        rejected: Rows that could not be read, with their numbers and reasons in the file `rejects`.
        truncated: Rows in which the model did not read a sentence to its end.
        seconds: Wall-clock time of this call.
        output: The file written, or None for standard output.
        rejects: The file of rejected rows, or None where there are none.
        column: The column that was read as text.
        other_sheets: Visible sheets of a workbook that were not read.
        renamed: The user's columns that had a name of ours, with the name that they are carried under.
        resumed_after: How many rows an interrupted run had finished before this call.
        privacy: What the privacy gate did and found, as plain JSON types; never a text.
    """

    rows: int
    coded: int
    not_codable: int
    rejected: int
    truncated: int
    seconds: float
    output: Path | None
    rejects: Path | None
    column: str
    other_sheets: Sequence[str]
    renamed: Mapping[str, str]
    resumed_after: int
    privacy: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Counts:
    """How many rows of each kind were done.

    Attributes:
        read: Number of the last row that was read, rejected ones included.
    """

    read: int = 0
    coded: int = 0
    truncated: int = 0
    rejected: int = 0

    def plus(self, rows: int, *, said: int, cut: int, rejected: int) -> Counts:
        """The counts with some more rows, of which some said something and of some a sentence was cut."""
        return replace(
            self,
            read=self.read + rows + rejected,
            coded=self.coded + said,
            truncated=self.truncated + cut,
            rejected=self.rejected + rejected,
        )

    @property
    def not_codable(self) -> int:
        """Rows that were read and got no level."""
        return self.read - self.rejected - self.coded
