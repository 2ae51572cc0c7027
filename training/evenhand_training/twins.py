"""Which training rows get a twin that must be read alike.

Twins are made in `augment`, `background` and `outcomes`.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import replace

from evenhand_training.augment import ABOUT_SEX, other_gender, typing_slips
from evenhand_training.background import ABOUT_BACKGROUND, with_background
from evenhand_training.examples import Example
from evenhand_training.outcomes import other_outcome

# Of every hundred rows, how many get a twin of each kind.
TYPED, GENDERED, BACKGROUND = 12, 8, 12
TWIN_SEED = 2026
_TWINNED = frozenset({"authored", "whole-notes", "framing-pairs"})


def with_twins(examples: Sequence[Example]) -> list[Example]:
    """The rows, and for some of them a twin that must be read alike."""
    found: list[Example] = []
    for example in examples:
        chooser = random.Random(f"{TWIN_SEED} {example.id}")  # noqa: S311 - which training rows get a twin, no secret
        twin = _twin(example, chooser)
        found.append(replace(example, same=True) if twin else example)
        if twin:
            found.append(twin)
    return found


def _twin(example: Example, chooser: random.Random) -> Example | None:
    if example.source not in _TWINNED or example.rank is not None:
        return None
    issues, drawn = set(example.issues or ()), chooser.randrange(100)
    text, kind = other_outcome(example.text, chooser), "outcome"
    if text:
        pass  # few rows name their own outcome, so each gets this twin
    elif drawn < TYPED:
        text, kind = typing_slips(example.text, chooser), "typed"
    elif drawn < TYPED + GENDERED and not issues & ABOUT_SEX:
        text, kind = other_gender(example.text), "gender"
    elif drawn >= 100 - BACKGROUND and not issues & ABOUT_BACKGROUND:
        text, kind = with_background(example.text, chooser), "background"
    if text is None or text == example.text:
        return None
    return replace(example, id=f"{example.id}#{kind}", text=text, same=True, frame=None)
