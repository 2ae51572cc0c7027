"""From what the network reads off a sentence to calibrated probabilities; pure arithmetic on arrays.

The training code decodes with these same functions, so what is evaluated is what is shipped. Cumulative-link readings
follow McCullagh (1980); the national level answer integrates over areas, that is, averages over draws of an area's
cut-points from their fitted distribution, instead of pretending that every area has the average bar.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from evenhand.notes import NoteReading
from evenhand.scheme import ASSERTIONS, LEVELS, SEVERITIES, Assertion

Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Decoder:
    """Parameters of the readings.

    Attributes:
        severity_cuts: Increasing, shape (5,).
        severity_scale: Multiplies the severity logits; fitted on areas held out from training.
        level_cuts: Draws of an area's increasing cut-points, shape (draws, 4).
        level_slope: Multiplies the distance from latent severity to a level cut-point.
        issue_scale: Multiplies the issue logits.
        issue_threshold: An issue is reported from this probability on.
        top_issue_threshold: The strongest issue is reported from this lower probability on.
        set_mass: A level set is the narrowest run of levels with at least this probability.
        set_coverage: Share of unseen published rows whose level set meets the published one, as aimed at.
        refusal_threshold: A sentence that reports an issue is passed over, as about somebody else or without codable
            content, only from this probability on: to pass over a concern costs more than to grade a greeting.
        bare_refusal_threshold: The same for a sentence that reports no issue.
        max_tokens: Longer sentences are cut and marked as truncated.
        notes: How texts of several sentences are read; None where the gravest admitted sentence decides, as in models
            before 0.3.
    """

    severity_cuts: Array
    severity_scale: float
    level_cuts: Array
    level_slope: float
    issue_scale: float
    issue_threshold: float
    top_issue_threshold: float
    set_mass: float
    set_coverage: float
    refusal_threshold: float
    bare_refusal_threshold: float
    max_tokens: int
    notes: NoteReading | None = None

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> Decoder:
        """Rebuild from what `to_json` gave."""
        return cls(
            severity_cuts=np.asarray(stored["severity_cuts"], dtype=np.float64),
            severity_scale=float(stored["severity_scale"]),
            level_cuts=np.asarray(stored["level_cuts"], dtype=np.float64),
            level_slope=float(stored["level_slope"]),
            issue_scale=float(stored["issue_scale"]),
            issue_threshold=float(stored["issue_threshold"]),
            top_issue_threshold=float(stored["top_issue_threshold"]),
            set_mass=float(stored["set_mass"]),
            set_coverage=float(stored["set_coverage"]),
            refusal_threshold=float(stored["refusal_threshold"]),
            # Models before 0.2 do not state it.
            bare_refusal_threshold=float(stored.get("bare_refusal_threshold", LIKELIER_THAN_NOT)),
            max_tokens=int(stored["max_tokens"]),
            notes=NoteReading.from_json(stored["notes"]) if stored.get("notes") else None,
        )

    def to_json(self) -> dict[str, Any]:
        """Plain JSON types; numbers with nine significant digits."""
        stored: dict[str, Any] = {}
        for name in self.__dataclass_fields__:
            value = getattr(self, name)
            if isinstance(value, np.ndarray):
                stored[name] = [[float(f"{x:.9g}") for x in row] for row in np.atleast_2d(value)]
                stored[name] = stored[name] if value.ndim > 1 else stored[name][0]
            elif name == "notes":
                stored[name] = value.to_json() if value else None
            else:
                stored[name] = value if isinstance(value, int) else float(f"{value:.9g}")
        return stored

    def anchored(self, theta: Array) -> Array:
        """Latent severities on the scale that networks share, see `notes`; same shape."""
        values: Array = (theta - self.severity_cuts.mean()) / self.severity_cuts.std()
        return values

    def latent(self, anchored: Array) -> Array:
        """The inverse of `anchored`."""
        values: Array = self.severity_cuts.mean() + self.severity_cuts.std() * anchored
        return values

    def severity_probabilities(self, theta: Array) -> Array:
        """P(severity = 1..6) for latent severities (n,), shape (n, 6)."""
        return class_probabilities(logistic(self.severity_scale * (theta[:, None] - self.severity_cuts)))

    def severity(self, theta: Array) -> Array:
        """Expected severity, 1.0 to 6.0, shape (n,)."""
        return self.severity_probabilities(theta) @ np.asarray(SEVERITIES, dtype=np.float64)

    def level_probabilities(self, theta: Array) -> Array:
        """P(level = none..D), averaged over areas, for latent severities (n,), shape (n, 5)."""
        # The draws' cut-points are averaged a block of texts at a time: n x draws x 4 numbers would be large.
        blocks = [theta[at : at + _BLOCK] for at in range(0, len(theta), _BLOCK)]
        above = [logistic(self.level_slope * (block[:, None, None] - self.level_cuts)).mean(axis=1) for block in blocks]
        return class_probabilities(np.concatenate(above) if above else np.zeros((0, len(LEVELS) - 1)))

    def issue_probabilities(self, logits: Array) -> Array:
        """P(issue) for logits (n, issues), same shape."""
        return logistic(self.issue_scale * logits)

    def issue_choice(self, probabilities: Array) -> NDArray[np.bool_]:
        """Which issues are reported, for probabilities (n, issues), same shape."""
        return choose_issues(probabilities, self.issue_threshold, self.top_issue_threshold)

    def assertions(self, logits: Array, issue_choice: NDArray[np.bool_]) -> list[Assertion | None]:
        """What each sentence asserts; None for one without codable content.

        A sentence that reports no issue is passed over from `bare_refusal_threshold` on, one that reports an issue only
        from `refusal_threshold` on.

        Args:
            logits: Shape (n, assertions + 1).
            issue_choice: Which issues each sentence reports, shape (n, issues).
        """
        probabilities = softmax(logits)
        needed = np.where(issue_choice.any(axis=1), self.refusal_threshold, self.bare_refusal_threshold)
        refused = refusal_probability(probabilities) >= needed
        about_child = probabilities[:, :_OTHER].argmax(axis=1)
        return [
            (Assertion.OTHER_PERSON if row[_OTHER] > row[_OTHER + 1 :].max() else None) if no else ASSERTIONS[int(best)]
            for row, no, best in zip(probabilities, refused, about_child, strict=True)
        ]

    def level_sets(self, probabilities: Array) -> list[tuple[int, int]]:
        """First and last level (indices) of each row's set, for level probabilities (n, 5)."""
        return [narrowest_run(row, self.set_mass) for row in probabilities]


def refusal_probability(probabilities: Array) -> Array:
    """P(about somebody else or nothing codable) from assertion probabilities (n, assertions + 1), shape (n,)."""
    refused: Array = probabilities[:, _OTHER:].sum(axis=1)
    return refused


def choose_issues(probabilities: Array, threshold: float, top_threshold: float) -> NDArray[np.bool_]:
    """Issues from `threshold` on, and each row's strongest one from `top_threshold` on; shapes (n, issues)."""
    chosen = probabilities >= threshold
    if len(probabilities):
        rows = np.arange(len(probabilities))
        top = probabilities.argmax(axis=1)
        chosen[rows, top] |= probabilities[rows, top] >= top_threshold
    return chosen


def middle_level(probabilities: Array) -> NDArray[np.intp]:
    """Index of the median level of each row of level probabilities (n, 5): half the probability lies up to it.

    For an ordered scale the median costs the fewest levels of error. The likeliest level would favour the two ends,
    which are open, over B and C, which share their probability with their neighbours.

    >>> middle_level(np.array([[0.05, 0.3, 0.25, 0.2, 0.2]]))
    array([2])
    """
    below = probabilities.cumsum(axis=-1)[..., :-1] < 0.5
    places: NDArray[np.intp] = below.sum(axis=-1)
    return places


LIKELIER_THAN_NOT = 0.5
_BLOCK = 1024
_OTHER = ASSERTIONS.index(Assertion.OTHER_PERSON)  # the last assertion; the class behind it is "not codable"


def narrowest_run(probabilities: Array, mass: float) -> tuple[int, int]:
    """Narrowest contiguous run with the median level and at least `mass`; of equally narrow ones the likeliest.

    >>> narrowest_run(np.array([0.0, 0.1, 0.2, 0.5, 0.2]), 0.65)
    (2, 3)
    """
    middle = int(middle_level(probabilities))
    count = len(probabilities)
    runs = [(first, last) for first in range(middle + 1) for last in range(middle, count)]
    # The full run always qualifies, whatever rounding does to its sum.
    fitting = [run for run in runs if probabilities[run[0] : run[1] + 1].sum() >= mass] or [(0, count - 1)]
    return min(fitting, key=lambda run: (run[1] - run[0], -probabilities[run[0] : run[1] + 1].sum()))


def softmax(logits: Array) -> Array:
    """Softmax along the last axis."""
    raised = np.exp(logits - logits.max(axis=-1, keepdims=True))
    shares: Array = raised / raised.sum(axis=-1, keepdims=True)
    return shares


def logistic(logits: Array) -> Array:
    """The logistic function, 1 / (1 + exp(-x))."""
    # tanh neither overflows nor needs a case for the sign.
    probabilities: Array = 0.5 * (1.0 + np.tanh(0.5 * logits))
    return probabilities


def class_probabilities(above: Array) -> Array:
    """Turn P(class >= k), decreasing along the last axis (k of them), into the k + 1 class probabilities."""
    ones, zeros = np.ones_like(above[..., :1]), np.zeros_like(above[..., :1])
    classes: Array = np.concatenate([ones, above], axis=-1) - np.concatenate([above, zeros], axis=-1)
    return classes
