"""How well a document was read, against what is known to be in it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from evenhand.documents import Document


def plain(text: str) -> str:
    """A text as compared: without white space, hyphens, last full stop and capitals."""
    return re.sub(r"[\s\-‐‑–—]+", "", text).rstrip(".").lower()


@dataclass(frozen=True, slots=True)
class Score:
    """Counts of one document.

    Attributes:
        wanted: Descriptors that it holds.
        found: Those that were read, right or not.
        right: Those that were read and that it holds.
        level_right: Of these, at their own level.
        page_right: Of these, on their own page, where it has pages.
        levels: That it has.
        levels_found: Those that were found under their own name.
        sets_right: Of the levels that it has, those whose proposed legal codes are right.
        planted: Pages that a machine cannot read in full, and other troubles it was given.
        reported: Those of them that a warning names.
    """

    wanted: int
    found: int
    right: int
    level_right: int
    page_right: int
    levels: int
    levels_found: int
    sets_right: int
    planted: int
    reported: int

    @property
    def recall(self) -> float:
        """Share of its descriptors that were found; 1.0 without any."""
        return self.right / self.wanted if self.wanted else 1.0

    @property
    def precision(self) -> float:
        """Share of what was found that it holds; 1.0 if nothing was found."""
        return self.right / self.found if self.found else 1.0


def score(read: Document, gold: dict[str, Any]) -> Score:
    """Compare a document as read with its gold.

    Args:
        read: As the reader gave it.
        gold: `levels` with `native` and `set`; `descriptors` with `text`, `native` and, for files with pages, `page`;
            `troubles` with `page`.
    """
    wanted = {plain(told["text"]): told for told in gold["descriptors"]}
    found = {plain(descriptor.text): descriptor for descriptor in reversed(read.descriptors)}
    right = [text for text in found if text in wanted]
    own = {level["native"]: _level_of(read, level["native"]) for level in gold["levels"]}
    sets = {level.native: [str(code) for code in level.levels] for level in read.levels}
    pages = {trouble.page for trouble in read.troubles}
    troubles = [told for told in gold.get("troubles", []) if isinstance(told, dict)]  # a sentence is a remark
    return Score(
        wanted=len(wanted),
        found=len(found),
        right=len(right),
        level_right=sum(found[text].native_level == own[wanted[text]["native"]] for text in right),
        page_right=sum(found[text].page == wanted[text].get("page", found[text].page) for text in right),
        levels=len(own),
        levels_found=sum(name is not None for name in own.values()),
        sets_right=sum(sets.get(own[level["native"]] or "") == level["set"] for level in gold["levels"]),
        planted=len(troubles),
        reported=sum(trouble["page"] in pages for trouble in troubles),
    )


def _level_of(read: Document, native: str) -> str | None:
    """What the reader calls a level that the document calls so: the same name, or one that holds the other."""
    names = {level.native: (plain(level.native), plain(str(level)), plain(level.name)) for level in read.levels}
    told = plain(native)
    same = [name for name, known in names.items() if told in known]
    near = [name for name, known in names.items() if known[1].startswith(told) or told.startswith(known[0])]
    return next(iter(same + near), None)
