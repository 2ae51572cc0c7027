"""The approach of the 2018 inquiry as a rival: codes by `evenhand.search_terms`, levels by cut-points on severity."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from evenhand.scheme import ISSUES
from evenhand.search_terms import found_issues, grade
from evenhand_training.baselines import issue_table, majority
from evenhand_training.examples import Example
from evenhand_training.metrics import Predictions
from evenhand_training.severity_ladder import severity_ladder


def search_terms(training: Sequence[Example], rows: Sequence[Example], *, seed: int) -> Predictions:
    """Issues by their terms, severity by their grades and qualifiers, level by national cut-points on it.

    Only the cut-points, and the commonest issue for a text in which no term occurs, come from the training rows.
    Nothing is drawn: `seed` is there because every method takes one.
    """
    del seed
    common = majority(training, training[:1]).issues[0]
    fallback = (ISSUES[int(common.argmax())],)

    def severities(examples: Sequence[Example]) -> list[float]:
        return [float(grade(row.text, found_issues(row.text) or fallback)) for row in examples]

    ladder = severity_ladder(training, np.array(severities(training)))
    severity = np.array(severities(rows))
    found = [found_issues(row.text) or fallback for row in rows]
    return Predictions(ladder(severity), severity, issue_table(found))
