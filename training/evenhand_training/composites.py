"""Twins of training texts in which one concern stands among other sentences of a note.

The asides are process, strengths, and what is denied, over, supposed or somebody else's: none of them changes how
serious the concern is, so the note has the concern's codes and must get the same latent severity. A reader of whole
notes has to find the one fact that counts; written notes alone are too few to teach it.
"""

from __future__ import annotations

import random
from collections.abc import Iterable
from dataclasses import dataclass

from evenhand.scheme import Assertion, Issue
from evenhand_training.examples import Example

FEWEST, MOST = 2, 7  # asides; written notes have about nine sentences, of which two to six describe a concern
LONGEST = 60  # words of a concern or an aside: longer ones are notes themselves


@dataclass(frozen=True, slots=True)
class Asides:
    """Texts that change no grade, by kind.

    Attributes:
        process: Nothing about the child.
        elsewhere: Denied, over, supposed, or about somebody outside the child's life.
        strengths: So now, and no concern.
    """

    process: tuple[str, ...]
    elsewhere: tuple[str, ...]
    strengths: tuple[str, ...]

    @classmethod
    def of(cls, examples: Iterable[Example]) -> Asides:
        """Those among training rows."""
        process: list[str] = []
        elsewhere: list[str] = []
        strengths: list[str] = []
        for row in examples:
            if len(row.assertions) != 1 or len(row.text.split()) > LONGEST:
                continue
            assertion = row.assertions[0]
            if assertion is None:
                process.append(row.text)
            elif assertion == "claim":
                continue  # left out before a note is read as a whole
            elif assertion is not Assertion.PRESENT:
                # Above 1 the text also says something grave of now.
                elsewhere += [row.text] if row.severity in (None, 1) else []
            elif row.severity == 1 and Issue.PROTECTIVE in (row.issues or ()):
                strengths.append(row.text)
        return cls(tuple(process), tuple(elsewhere), tuple(strengths))

    def draw(self, chooser: random.Random) -> list[str]:
        """Some asides of mixed kinds, fewer where there are few."""
        kinds = [kind for kind in (self.process, self.elsewhere, self.strengths) if kind]
        return [chooser.choice(chooser.choice(kinds)) for _ in range(chooser.randint(FEWEST, MOST))] if kinds else []


def among_asides(text: str, asides: Asides, chooser: random.Random) -> str | None:
    """The text at some place among asides; None if it is long itself, or there are no asides."""
    drawn = asides.draw(chooser)
    if not drawn or len(text.split()) > LONGEST:
        return None
    drawn.insert(chooser.randint(0, len(drawn)), text)
    return " ".join(_sentence(each) for each in drawn)


def _sentence(text: str) -> str:
    # Descriptors have no full stop; run together they would be read as one sentence.
    told = text.strip()
    return told if told.endswith((".", "!", "?", '"', "”", "’")) else f"{told}."
