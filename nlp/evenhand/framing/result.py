"""Frozen results of flagging: what a text says and how it says it; no I/O, no arithmetic.

Field names are those of the output contract (schema `evenhand.flag/1`). Within a schema version fields are only added,
never renamed or removed. Offsets count Unicode code points of the text as given.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from evenhand.framing.scheme import Category, Element, Found, Need
from evenhand.scheme import Frame

FLAG_SCHEMA = "evenhand.flag/1"


@dataclass(frozen=True, slots=True)
class FramingSpan:
    """Some words and how they frame.

    Attributes:
        start: Offset of the first character.
        end: Offset just past the last character.
        category: What the words do.
        why: Why that matters, in a sentence.
        suggestion: What could be said instead; None where nothing is to be said otherwise.
        source: The guidance that says so.
        found_by: `lexicon`, `model` or `both`.
    """

    start: int
    end: int
    category: Category
    why: str
    suggestion: str | None
    source: str
    found_by: str


@dataclass(frozen=True, slots=True)
class NeedSpan:
    """Words that tell of a material need.

    Attributes:
        start: Offset of the first character.
        end: Offset just past the last character.
        need: What is lacking.
    """

    start: int
    end: int
    need: Need


@dataclass(frozen=True, slots=True)
class ElementState:
    """Whether a text says an element of a good referral.

    Attributes:
        state: Found, unclear or not found.
        start: Offset of the sentence that shows it, or may show it; None where there is none.
        end: Offset just past that sentence.
    """

    state: Found
    start: int | None
    end: int | None


@dataclass(frozen=True, slots=True)
class Rewrite:
    """A flagged sentence with alternatives in place of what was flagged; it states no new facts.

    Attributes:
        start: Offset of the sentence.
        end: Offset just past it.
        text: The sentence as it could be; what only the writer can say stands in square brackets.
    """

    start: int
    end: int
    text: str


@dataclass(frozen=True, slots=True)
class SentenceFrame:
    """How a sentence is told.

    Attributes:
        start: Offset of its first character.
        end: Offset just past its last character.
        frame: None for administration.
    """

    start: int
    end: int
    frame: Frame | None


@dataclass(frozen=True, slots=True)
class Flags:
    """How one text tells what it tells. It describes the text and decides nothing about a child.

    Attributes:
        framing: Spans in order, which do not overlap.
        quotations: (start, end) of quoted speech.
        balance: Shares of the sentences told as evidence, risk, blame, need and strength, which add up to 1; sentences
            of administration do not count. Empty where there is no other sentence.
        unmet_needs: Needs that are described while nobody in the text asks for help with them or offers it.
        met_needs: Needs that somebody asks for help with, or offers help with.
        checklist: Each element of a good referral.
        rewrites: One for each flagged sentence for which the rules have an alternative that leaves the level as it is.
        sentences: In the order of the text.
        truncated: True if a sentence was longer than the model reads and its end was left out.
        model: Name and version of the model.
        reason: Why nothing was flagged where the text is missing or blank; None otherwise.
    """

    framing: tuple[FramingSpan, ...]
    quotations: tuple[tuple[int, int], ...]
    balance: Mapping[str, float]
    unmet_needs: tuple[NeedSpan, ...]
    met_needs: tuple[NeedSpan, ...]
    checklist: Mapping[Element, ElementState]
    rewrites: tuple[Rewrite, ...]
    sentences: tuple[SentenceFrame, ...]
    truncated: bool
    model: str
    reason: str | None = None

    def to_dict(self) -> dict[str, Any]:
        """Return the flags as plain JSON types, in the contract's order."""
        return {
            "framing": [{**asdict(span), "category": str(span.category)} for span in self.framing],
            "quotations": [{"start": start, "end": end} for start, end in self.quotations],
            "balance": dict(self.balance),
            "unmet_needs": [{**asdict(need), "need": str(need.need)} for need in self.unmet_needs],
            "met_needs": [{**asdict(need), "need": str(need.need)} for need in self.met_needs],
            "checklist": {
                str(element): {**asdict(shown), "state": str(shown.state)} for element, shown in self.checklist.items()
            },
            "rewrites": [asdict(rewrite) for rewrite in self.rewrites],
            "sentences": [
                {**asdict(told), "frame": None if told.frame is None else str(told.frame)} for told in self.sentences
            ],
            "truncated": self.truncated,
            "model": self.model,
            "reason": self.reason,
        }
