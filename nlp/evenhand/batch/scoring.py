"""Score a file of texts into a file of codings."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Unpack

from evenhand.batch.files import FileOptions, work_through
from evenhand.batch.summary import ScoreSummary
from evenhand.batch.work import Scoring
from evenhand.result import KnownCoder


def score_file(
    source: str | Path | Sequence[str | Path],
    destination: str | Path | None,
    *,
    model: KnownCoder,
    **options: Unpack[FileOptions],
) -> ScoreSummary:
    """Code every text of a table and write each row with its coding; see `work_through` for the rest.

    Args:
        source: Files, a pattern, or `-` for standard input.
        destination: A file, `-` for standard output, or None to write nothing.
        model: Codes the texts.
        options: See `FileOptions`.

    Raises:
        InputError: the input cannot be read as asked.
        PrivacyError: texts look identifiable, or cannot be checked as asked.
        OutputError: the destination cannot be written, or an unfinished run cannot go on.
    """
    return work_through(source, destination, Scoring(model), **options)
