"""One phrase of framing language."""

from __future__ import annotations

from typing import Literal

from evenhand_training.corpus.schema.row import Provenance, Row, Text

LexiconCategory = Literal[
    "stigmatising",
    "need_framed",
    "victim_blaming",
    "strength_based",
    "deficit",
    "parent_blaming",
    "professional_jargon",
    "risk_escalation",
    "vague",
]


class LexiconEntry(Row):
    """A phrase that guidance flags or recommends, why, and what to write in its place."""

    provenance: Literal[Provenance.PUBLISHED]
    phrase: Text
    category: LexiconCategory
    why: Text
    suggestion: Text | None
    source_title: Text
    source_url: Text | None  # None where no public address is known
    basis: Literal[
        "flagged by source", "recommended or used positively by source", "used by source, flagged by analogy"
    ]
    variants: tuple[Text, ...]
