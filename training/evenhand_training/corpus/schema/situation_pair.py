"""Two descriptors, and whether they describe the same situation."""

from __future__ import annotations

from typing import Literal

from evenhand_training.corpus.schema.row import Provenance, Row, Text


class SituationPair(Row):
    """Two descriptors of different documents, judged by a coder who did not know their levels.

    `same` says that an experienced worker would expect every area to treat them alike; `near` that they differ in
    something that could rightly move a level; `different` that they are about something else. `published` pairs are of
    restated descriptors of published documents, `authored` ones of invented documents. Both texts may be the same.
    """

    provenance: Provenance
    left: Text
    right: Text
    label: Literal["same", "near", "different"]
    part: Literal["training", "test"]
