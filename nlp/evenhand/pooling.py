"""From coded sentences to one coding of the whole text.

This version takes the gravest sentence that says something is so now. Denied, past and supposed things decide only
where nothing present is said, and administrative sentences and those about other people never do. Issues come from
every sentence that is codable.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from evenhand.scheme import ASSERTIONS, Assertion


def deciding_sentence(theta: NDArray[np.float64], assertions: list[Assertion | None]) -> int | None:
    """Index of the sentence that decides the level, or None if no sentence may.

    Args:
        theta: Latent severity of each sentence of one text, shape (n,).
        assertions: Assertion of each sentence; None for one without codable content.
    """
    for admitted in (
        {Assertion.PRESENT},
        {Assertion.NEGATED, Assertion.HISTORICAL, Assertion.HYPOTHETICAL},
    ):
        places = [place for place, assertion in enumerate(assertions) if assertion in admitted]
        if places:
            return max(places, key=lambda place: theta[place])
    return None


def contributes_issues(assertion: Assertion | None) -> bool:
    """Whether a sentence's issues are issues of the whole text."""
    return assertion is not None and assertion is not Assertion.OTHER_PERSON


def assertion_of(logits: NDArray[np.float64]) -> Assertion | None:
    """The likeliest assertion of one sentence, or None for "no codable content"."""
    best = int(logits.argmax())
    return ASSERTIONS[best] if best < len(ASSERTIONS) else None
