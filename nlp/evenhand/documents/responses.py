"""What in a threshold document says who responds and how, and describes no child."""

from __future__ import annotations

import re

from evenhand.documents.layout import Grid, Kind

# A row or column with such a head says who responds and how, and describes no child.
ROW_HEADS = re.compile(
    r"\b(?:defin\w+|who (?:responds?|leads?|helps?)|response|what (?:happens|to do|we (?:will )?do)|do this"
    r"|how to refer|assessment|process|next steps?|actions?|lead|legal|law|consent|timescales?|tools?"
    r")\b",
    re.IGNORECASE,
)
# What stands under such a heading is about the document.
_APART = re.compile(
    r"\b(?:contents|inside|glossary|abbreviations?|acronyms?|key terms|terms|words (?:we use|used)|words and initials"
    r"|further reading|references|useful contacts|useful numbers|telephone numbers)\b",
    re.IGNORECASE,
)
MOST_HEAD_WORDS = 6  # of such a head; a longer text is about something
THEMES = re.compile(r"\b(?:theme|issue|domain|area|dimension|category|topic|need)s?\b", re.IGNORECASE)
# Likewise a sentence of running text with one of these.
RESPONSE = re.compile(
    r"\b(?:should|must|can be met|are met|is met|may be|practitioners?|agenc(?:y|ies)|assessments?"
    r"|referr(?:al|ed to)\w*|section (?:17|47)"
    r"|(?:at|this|that|each|every|next|which) (?:level|tier|stage|step|band|window)s?"
    r"|(?:level|tier|stage|step|band|window)s? (?:\d|one|two|three|four|five|of need)|threshold\w*"
    r"|consent|local authority|social care|social workers?|hub leads|mash|multi-agency|we|our|you|your"
    r"|this (?:document|guidance|section|page)|additional needs|extra help|early help|universal(?! credit)|statutory"
    r"|enquir\w+"
    r"|strategy (?:discussion|meeting)|act 19\d\d|nobody to refer|nothing to assess|agreement)\b",
    re.IGNORECASE,
)
DEFINES = 1 / 3  # share of such sentences from which on the text below a level's name defines it


def says_who_responds(head: str) -> bool:
    """Whether the head of a row or column is about responses."""
    return len(head.split()) <= MOST_HEAD_WORDS and ROW_HEADS.search(head) is not None


def is_apart(heading: str) -> bool:
    """Whether a heading is that of a list of contents, a glossary or the like."""
    return len(heading.split()) <= MOST_HEAD_WORDS and _APART.search(heading) is not None


def defines_levels(grid: Grid) -> bool:
    """Whether a table tells what levels are: prose in its cells, most of which says who responds."""
    pieces = [piece for piece in grid.pieces() if len(piece.text.split()) > MOST_HEAD_WORDS]
    prose = all(piece.kind is Kind.PARAGRAPH for piece in pieces)
    respond = sum(RESPONSE.search(piece.text) is not None for piece in pieces)
    return bool(pieces) and prose and 2 * respond > len(pieces)
