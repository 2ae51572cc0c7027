"""Code the texts of rows, of which some may be missing: what files and Spark share; no I/O."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from evenhand.result import Coder, Coding

REASON_MISSING = "the text is missing"


def code_rows(model: Coder, texts: Sequence[str | None]) -> list[Coding]:
    """Code each text by itself, order kept; a null gets level None, with the reason that it is missing."""
    codings = model.code_many(text or "" for text in texts)
    return [
        replace(coding, reason=REASON_MISSING) if text is None else coding
        for text, coding in zip(texts, codings, strict=True)
    ]
