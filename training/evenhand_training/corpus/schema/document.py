"""One published threshold document, as far as it could be read."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from evenhand.scheme import LEVELS, Level
from evenhand_training.corpus.schema.document_level import DocumentLevel
from evenhand_training.corpus.schema.row import Provenance, Row, Text

Kind = Literal["levels", "criteria", "definitions"]


class Document(Row):
    """Where a document comes from, the levels it names and which of them were readable.

    `kind` follows from `levels_visible`: two or more levels readable (`levels`), one level's criteria
    (`criteria`), or level definitions without descriptors (`definitions`).
    """

    provenance: Literal[Provenance.PUBLISHED]
    area: Text
    region: Text
    country: Literal["England", "Scotland"]
    publisher: Text
    title: Text
    year: Annotated[int, Field(ge=1989, le=2100)] | None  # not before the Children Act 1989
    url: Text
    levels: tuple[DocumentLevel, ...]
    mapping_note: Text
    levels_visible: tuple[Text, ...]
    kind: Kind
    read_whole: bool

    @property
    def visible_codes(self) -> tuple[Level, ...]:
        """The scheme levels of all readable native levels, in order; may have gaps.

        A descriptor's likelihood is normalised over these, because a level nobody could read cannot have
        been chosen.
        """
        codes = {code for name in self.levels_visible for code in self.native_levels[name]}
        return tuple(level for level in LEVELS if level in codes)

    @property
    def visible_sets(self) -> tuple[tuple[Level, ...], ...]:
        """The distinct level sets of the readable native levels, in the document's order.

        Two native levels of the same set cannot be told apart by it, so they count once.
        """
        return tuple(dict.fromkeys(self.native_levels[name] for name in self.levels_visible))

    @property
    def native_levels(self) -> dict[str, tuple[Level, ...]]:
        """The document's own level names, each with its set of scheme levels."""
        return {level.native: level.levels for level in self.levels}

    @model_validator(mode="after")
    def _levels_agree(self) -> Self:
        names = [level.native for level in self.levels]
        if len(set(names)) != len(names):
            message = "levels: a native level is named twice; merge the two"
            raise ValueError(message)
        unknown = [name for name in self.levels_visible if name not in names]
        if unknown:
            message = f"levels_visible: {unknown} not among the document's levels {names}"
            raise ValueError(message)
        if len(set(self.levels_visible)) != len(self.levels_visible):
            message = "levels_visible: a level is named twice"
            raise ValueError(message)
        expected = _kind_for(len(self.levels_visible))
        if self.kind != expected:
            message = f"kind is {self.kind!r} but {len(self.levels_visible)} levels are visible; write {expected!r}"
            raise ValueError(message)
        return self


def _kind_for(visible: int) -> Kind:
    if visible == 0:
        return "definitions"
    return "criteria" if visible == 1 else "levels"
