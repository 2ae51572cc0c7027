"""Fit how the readings of a note's sentences and passages are put together, on notes that their network has not seen.

An ordinal likelihood for severity (cumulative logits, as in the network) with a pull towards reading a note as the mean
of its whole and its gravest sentence, and a logistic one for issues with three weights that all issues share.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import optimize

from evenhand.coding import Decoded, describe_note
from evenhand.decoder import Decoder, class_probabilities, logistic
from evenhand.notes import FEATURES, ISSUE_FEATURES, NoteReading
from evenhand.pooling import admitted_sentences
from evenhand.scheme import ISSUES, Issue
from evenhand_training.behaviour import Units
from evenhand_training.calibrate import LEAST_PROBABILITY, best_thresholds
from evenhand_training.corpus import AccumulationSet, Claim, CounterfactualTemplate, FramingPair, Narrative, Row
from evenhand_training.set_readings import SetReadings

Floats = NDArray[np.float64]

START = {"passage": 0.5, "gravest": 0.5}
# A weight well off its start has to be earned by several notes: a few hundred decide on eight of them.
PRIOR_SD = 0.5


@dataclass(frozen=True, slots=True)
class Sample:
    """A text of several sentences as a whole, and how it is coded.

    Attributes:
        features: Shape (len(FEATURES),).
        issue_features: Shape (issues, len(ISSUE_FEATURES)).
        severity: 1 to 6.
        issues: Which issues hold, shape (issues,).
        cuts: Severity cut-points of the network on the shared scale, shape (5,).
        scale: Multiplies the distance to a cut-point.
    """

    features: Floats
    issue_features: Floats
    severity: int
    issues: NDArray[np.bool_]
    cuts: Floats
    scale: float


def samples_of(read: SetReadings, decoder: Decoder) -> list[Sample]:
    """The samples among a fold's texts: those that have passages and at least one sentence to grade."""
    wanted = dict(_coded_texts(read.units))
    decoded, readings = Decoded(read.read.sentences, decoder), read.read
    found = []
    for text, (rows, own) in zip(read.units.texts(), readings.places(), strict=True):
        admitted = admitted_sentences(decoded.assertions[rows.start : rows.stop])
        if text in wanted and own and admitted:
            severity, issues = wanted[text]
            features, about_issues = describe_note(decoded, readings.passages, rows, own, admitted)
            found.append(
                Sample(
                    features=features,
                    issue_features=about_issues,
                    severity=severity,
                    issues=np.array([issue in issues for issue in ISSUES]),
                    cuts=decoder.anchored(decoder.severity_cuts),
                    scale=decoder.severity_scale * float(decoder.severity_cuts.std()),
                )
            )
    return found


def _coded_texts(units: Units) -> Iterator[tuple[str, tuple[int, Sequence[Issue]]]]:
    for row in units.rows:
        yield from _of_row(row)


def _of_row(row: Row) -> Iterator[tuple[str, tuple[int, Sequence[Issue]]]]:
    if isinstance(row, Narrative):
        yield row.text, (row.severity, row.issues)
    elif isinstance(row, AccumulationSet):
        about = {issue for part in row.parts for issue in part.issues} - {Issue.PROTECTIVE}
        yield row.whole, (row.whole_severity, tuple(about) or (Issue.PROTECTIVE,))
    elif isinstance(row, FramingPair):
        yield row.risk_text, (row.severity, row.issues)
        yield row.need_text, (row.severity, row.issues)
    elif isinstance(row, Claim) and row.kind == "claim":
        yield row.text, (row.severity, row.issues)
    elif isinstance(row, CounterfactualTemplate):
        yield row.texts[0], (row.severity, row.issues)  # one of its fillers, for they hardly differ


def fit_notes(samples: Sequence[Sample]) -> NoteReading:
    """The reading of notes that gives the samples' codes the highest likelihood under the prior."""
    features = np.stack([sample.features for sample in samples])
    cuts = np.stack([sample.cuts for sample in samples])
    scale = np.array([sample.scale for sample in samples])
    grade = np.array([sample.severity for sample in samples]) - 1
    start = np.array([START.get(name, 0.0) for name in FEATURES])

    def loss(weights: Floats) -> float:
        logits = scale[:, None] * ((features @ weights)[:, None] - cuts)
        chosen = class_probabilities(logistic(logits))[np.arange(len(grade)), grade]
        pull = (((weights - start) / PRIOR_SD) ** 2).sum() / 2
        return float(pull - np.log(np.maximum(chosen, LEAST_PROBABILITY)).sum())

    severity = optimize.minimize(loss, start, method="BFGS", options={"gtol": 1e-3}).x
    told = np.stack([sample.issue_features for sample in samples])
    real = np.stack([sample.issues for sample in samples])

    def issue_loss(weights: Floats) -> float:
        logits = told @ weights
        pull = ((weights - _ISSUE_START) ** 2).sum() / (2 * PRIOR_SD**2)
        return float(pull + (np.logaddexp(0.0, logits) - real * logits).sum())

    issues = optimize.minimize(issue_loss, _ISSUE_START, method="BFGS", options={"gtol": 1e-3}).x
    threshold, top = best_thresholds(logistic(told @ issues), real)
    return NoteReading(severity=severity, issues=issues, issue_threshold=threshold, top_issue_threshold=top)


_ISSUE_START = np.array([0.5 if name != "one" else 0.0 for name in ISSUE_FEATURES])


def reading_of_passage() -> NoteReading:
    """Whole-note encoding alone, for comparison: the passage's own severity."""
    return _only("passage")


def reading_of_gravest() -> NoteReading:
    """The gravest admitted sentence alone, for comparison: max-pooling."""
    return _only("gravest")


def _only(feature: str) -> NoteReading:
    name = "passage" if feature == "passage" else "sentence"
    return NoteReading(
        severity=np.array([float(each == feature) for each in FEATURES]),
        issues=np.array([float(each == name) for each in ISSUE_FEATURES]),
        issue_threshold=0.5,
        top_issue_threshold=0.5,
    )
