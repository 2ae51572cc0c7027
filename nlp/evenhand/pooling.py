"""Which sentences of a text may decide how it is coded.

Those that say something is so now. Denied, past and supposed things decide only where nothing present is said;
administrative sentences and those about other people never do. Issues come from the admitted sentences that describe a
concern: on the coded sentences of the training notes this gives the notes' own issues at F1 .96, taking every coded
sentence .78: strengths and denials name issues that a note is not about.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from evenhand.scheme import Assertion

_ADMITTED_IN_TURN: tuple[frozenset[Assertion], ...] = (
    frozenset({Assertion.PRESENT}),
    frozenset({Assertion.NEGATED, Assertion.HISTORICAL, Assertion.HYPOTHETICAL}),
)
# Where severity rounds to 2, "an early or single concern"; below it a sentence states a strength or an ordinary need.
LEAST_CONCERN = 1.5


def admitted_sentences(assertions: Sequence[Assertion | None]) -> list[int]:
    """Places of the sentences that may decide: what is so now, else what is denied, past or supposed; [] if neither.

    Args:
        assertions: Of each sentence of one text; None for one without codable content.
    """
    for admitted in _ADMITTED_IN_TURN:
        places = [place for place, assertion in enumerate(assertions) if assertion in admitted]
        if places:
            return places
    return []


def deciding_sentence(admitted: Sequence[int], theta: NDArray[np.float64]) -> int:
    """The place of the gravest admitted sentence, the first of equally grave ones.

    Args:
        admitted: Places, at least one.
        theta: Latent severity of each sentence of the text, shape (n,).
    """
    return max(admitted, key=lambda place: theta[place])


def concern_sentences(admitted: Sequence[int], severity: NDArray[np.float64]) -> list[int]:
    """Places of the admitted sentences that describe a concern: the text's issues are theirs, if there are any.

    Args:
        admitted: Places, at least one.
        severity: Expected severity of each sentence of the text, 1.0 to 6.0, shape (n,).
    """
    return [place for place in admitted if severity[place] >= LEAST_CONCERN]


def is_graded(assertion: Assertion | None) -> bool:
    """Whether a sentence gets a level and severity of its own: it is codable and about this child's life."""
    return assertion is not None and assertion is not Assertion.OTHER_PERSON
