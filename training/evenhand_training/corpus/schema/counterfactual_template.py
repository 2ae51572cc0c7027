"""One text whose demographic details can be exchanged."""

from __future__ import annotations

import itertools
import re
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from evenhand_training.corpus.schema.row import Provenance, Row, Severity, SomeIssues, Text

Attribute = Literal[
    "ethnicity",
    "gender",
    "religion",
    "disability_irrelevant",
    "family_structure",
    "class_marker",
    "area_name",
    "language",
    "migration_irrelevant",
    "grammar_typos",
]
_SLOT = re.compile(r"\{([A-Z_]+)\}")


class CounterfactualTemplate(Row):
    """A template with `{SLOT}`s and their fillers, none of which may change the codes."""

    provenance: Literal[Provenance.AUTHORED]
    template: Text
    slots: dict[str, Annotated[tuple[Text, ...], Field(min_length=2)]]
    attribute: Attribute
    issues: SomeIssues
    severity: Severity

    @property
    def texts(self) -> tuple[str, ...]:
        """The template filled in every way, in the order of the fillers."""
        names = list(self.slots)
        filled: list[str] = []
        for fillers in itertools.product(*self.slots.values()):
            text = self.template
            for name, filler in zip(names, fillers, strict=True):
                text = text.replace("{" + name + "}", filler)
            filled.append(text)
        return tuple(filled)

    @model_validator(mode="after")
    def _slots_fit(self) -> Self:
        named = set(_SLOT.findall(self.template))
        if named != set(self.slots) or not named:
            message = f"template names slots {sorted(named)} but slots has {sorted(self.slots)}; make them equal"
            raise ValueError(message)
        return self
