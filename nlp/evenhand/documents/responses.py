"""What in a threshold document says who responds and how, and describes no child."""

from __future__ import annotations

import re
from collections.abc import Sequence

from evenhand.documents.layout import Grid, Kind, once
from evenhand.documents.level_sets import decides, evidence_of

# A row or column with such a head says who responds and how, and describes no child.
ROW_HEADS = re.compile(
    r"(?:(?:our|the|your|usual|typical|likely|suggested|recommended|key|main|first|expected|local) )*"
    r"(?:defin\w+|who (?:responds?|leads?|helps?)|responses?|what (?:happens|to do)"
    r"|what (?:we (?:will )?do|you (?:can|should) do)|do this"
    r"|how to (?:refer|respond|get help)|assessments?|process(?:es)?|next steps?|actions?(?! by)|legal|law"
    r"|lead (?:professional|practitioner|agency|worker|service|and)|lead$|consent|timescales?|tools?)\b",
    re.IGNORECASE,
)
# What stands under such a heading is about the document.
_APART = re.compile(
    r"\b(?:contents|inside|in this (?:booklet|document|guide|guidance|issue)|glossary|abbreviations?|acronyms?"
    r"|key terms|terms|words (?:we use|used)|words and initials|further reading|references|useful contacts"
    r"|useful numbers|telephone numbers)\b",
    re.IGNORECASE,
)
MOST_HEAD_WORDS = 6  # of such a head; a longer text is about something
THEMES = re.compile(r"\b(?:theme|issue|domain|area|dimension|category|topic|need)s?\b", re.IGNORECASE)
# Likewise a sentence of running text with one of these.
RESPONSE = re.compile(
    r"\b(?:should|must|can be met|are met|is met|may be (?:offered|needed|required|appropriate|helpful)"
    r"|practitioners?|agenc(?:y|ies)|assessments?"
    r"|referr(?:al|ed to)\w*|section (?:17|47)"
    r"|(?:at|this|that|each|every|next|which) (?:level|tier|stage|step|band|window)s?"
    r"|(?:level|tier|stage|step|band|window)s? (?:\d|one|two|three|four|five|of need)|threshold\w*"
    r"|consent|local authority|social care|social workers?|hub leads|mash|multi-agency|we|our|you|your"
    r"|this (?:document|guidance|section|page)|additional needs|extra help|early help|universal(?! credit)|statutory"
    r"|enquir\w+"
    r"|strategy (?:discussion|meeting)|act 19\d\d|nobody to refer|nothing to assess|agreement)\b",
    re.IGNORECASE,
)
_TELLS_TO = re.compile(
    r"(?:what to do|pick up|point (?:parents|famil)|do not|in an emergency"
    r"|ring|telephone|phone|call|e-?mail|register|speak|send|fill in|consider|discuss|remember|seek"
    r"|(?:contact|complete|follow|record|write|tell|see|read|check|look at) (?:the|a|an|us|your|their|it|what|down)"
    r"|(?:talk|speak) (?:to|with)|ask (?:for|the|whether|about|your)|think about)\b",
    re.IGNORECASE,
)
_MOSTLY = 0.75  # of rows whose words decide
DEFINES = 1 / 3  # share of such sentences from which on the text below a level's name defines it


def responds(sentence: str) -> bool:
    """Whether a sentence says who responds, or tells the reader what to do."""
    return RESPONSE.search(sentence) is not None or _TELLS_TO.match(sentence) is not None


def says_who_responds(head: str) -> bool:
    """Whether the head of a row or column is about responses."""
    return len(head.split()) <= MOST_HEAD_WORDS and ROW_HEADS.match(head.strip()) is not None


def is_apart(heading: str) -> bool:
    """Whether a heading is that of a list of contents, a glossary or the like."""
    return len(heading.split()) <= MOST_HEAD_WORDS and _APART.search(heading) is not None


def defines_levels(grid: Grid, place: int, levels: Sequence[str | None]) -> bool:
    """Whether a table tells what levels are: prose in its cells, most of which says who responds.

    Args:
        grid: The table.
        place: Of the column that names levels.
        levels: The level that each row names; None for a row that names none.
    """
    rows = [row for row, level in zip(grid.rows, levels, strict=True) if level]
    every = (piece for cell in once(cell for row in rows for cell in row) for piece in cell.pieces)
    pieces = [piece for piece in every if len(piece.text.split()) > MOST_HEAD_WORDS]
    if not pieces or any(piece.kind is not Kind.PARAGRAPH for piece in pieces):
        return False
    if 2 * sum(responds(piece.text) for piece in pieces) > len(pieces):
        return True
    # Each level once, and words in each row that decide what it is in law.
    others = [[cell for column, cell in enumerate(row) if column != place] for row in rows]
    evidence = [evidence_of([(cell.text, 1.0) for cell in once(cells)]) for cells in others]
    telling = sum(decides(own) for own in evidence)
    return len({level for level in levels if level}) == len(rows) > 1 and telling >= _MOSTLY * len(rows)
