"""Flag a file of texts into a file of flags: streaming, resumable and gated as scoring is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Protocol, Unpack

from evenhand.batch.files import FileOptions, work_through
from evenhand.batch.summary import ScoreSummary
from evenhand.coding_rows import REASON_MISSING
from evenhand.framing.contract import FLAGS
from evenhand.framing.result import Flags
from evenhand.tables.contract import Contract


class FlagsTexts(Protocol):
    """What flagging files needs; `Flagger` is one."""

    @property
    def identity(self) -> str:
        """Which models it has."""

    def flag_many(self, texts: Sequence[str]) -> list[Flags]:
        """Flag each text by itself, order kept."""


class Flagging:
    """Flags texts.

    Args:
        flagger: Does it.
    """

    contract: Contract[Flags] = FLAGS
    doing = "flagged"

    def __init__(self, flagger: FlagsTexts) -> None:
        self._flagger = flagger

    @property
    def identity(self) -> str:
        """Which models it has."""
        return self._flagger.identity

    def done(self, texts: Sequence[str | None]) -> list[Flags]:
        """Flag each text; one that is missing says so."""
        found = self._flagger.flag_many([text or "" for text in texts])
        return [
            replace(flags, reason=REASON_MISSING) if text is None else flags
            for text, flags in zip(texts, found, strict=True)
        ]

    def said(self, result: Flags) -> bool:
        """Whether there was a text."""
        return result.reason is None

    def cut(self, result: Flags) -> bool:
        """Whether a sentence was not read to its end."""
        return result.truncated


def flag_file(
    source: str | Path | Sequence[str | Path],
    destination: str | Path | None,
    *,
    flagger: FlagsTexts,
    **options: Unpack[FileOptions],
) -> ScoreSummary:
    """Flag every text of a table and write each row with its flags; see `evenhand.batch.work_through` for the rest.

    Args:
        source: Files, a pattern, or `-` for standard input.
        destination: A file, `-` for standard output, or None to write nothing.
        flagger: Flags the texts.
        options: See `FileOptions`.

    Raises:
        InputError: the input cannot be read as asked.
        PrivacyError: texts look identifiable, or cannot be checked as asked.
        OutputError: the destination cannot be written, or an unfinished run cannot go on.
    """
    return work_through(source, destination, Flagging(flagger), **options)
