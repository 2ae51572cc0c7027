"""Fit when a sentence is passed over, as about somebody else or without codable content.

To pass over a concern costs more than to grade a greeting: no coded text that reports an issue may be passed over,
and of all coded ones only a few that report none. Published rows do not say what is not codable: this is fitted on
invented texts of one sentence and on uncoded sentences of notes, on none of which a network was trained.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from evenhand.decoder import LIKELIER_THAN_NOT, Decoder, refusal_probability, softmax

Floats = NDArray[np.float64]

MOST_REFUSED = 0.02  # of texts with something to code; what is lost so reports no issue, and is mostly of grade 1
REFUSAL_GRID = 1e6  # thresholds are written down in millionths
NEVER = 1.0 + 1.0 / REFUSAL_GRID
# From the most careful down, so that of equally good thresholds the highest is taken; the uncoded sentences that report
# no issue are about 250, which a finer step would hardly split.
BARE_REFUSALS = (NEVER, *np.round(np.arange(0.95, 0.19, -0.05), 2))


def fit_refusal(decoder: Decoder, logits: Floats, issue_logits: Floats, coded: NDArray[np.bool_]) -> Decoder:
    """The decoder with the refusal thresholds that pass over most uncoded sentences and hardly any coded ones.

    Args:
        decoder: With any refusal thresholds.
        logits: Of the assertion head, for sentences that the network was not trained on, shape (n, classes).
        issue_logits: Of the issue head, for the same sentences.
        coded: Whether the coders found something about the child in the sentence, shape (n,).
    """
    bare = ~decoder.issue_choice(decoder.issue_probabilities(issue_logits)).any(axis=1)
    refusal = refusal_probability(softmax(logits))
    # Just above the coded sentence that looks least codable, on the grid that is written down.
    highest = float(refusal[coded & ~bare].max(initial=0.0))
    with_issue = max(LIKELIER_THAN_NOT, (np.floor(highest * REFUSAL_GRID) + 1) / REFUSAL_GRID)
    most = MOST_REFUSED * coded.sum()
    allowed = [threshold for threshold in BARE_REFUSALS if (refusal[coded & bare] >= threshold).sum() <= most]
    passed = [int((refusal[~coded & bare] >= threshold).sum()) for threshold in allowed]
    best = allowed[passed.index(max(passed))]
    return replace(decoder, refusal_threshold=with_issue, bare_refusal_threshold=float(best))
