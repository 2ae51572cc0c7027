"""One thing that a good referral says."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from evenhand_training.corpus.schema.row import Provenance, Row, Text


class ReferralElement(Row):
    """An element of a good referral, why it matters, invented examples, and how it usually goes wrong."""

    provenance: Literal[Provenance.PUBLISHED]
    element: Text
    why: Text
    how_it_shows: Annotated[tuple[Text, ...], Field(min_length=1)]
    common_failings: Text
    source_title: Text
    source_url: Text | None  # None where no public address is known
