"""National cut-points between levels on a severity scale, fitted to published level sets."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray
from scipy import optimize

from evenhand.decoder import class_probabilities, logistic
from evenhand_training.examples import Example, level_weights, says_something_about_level

Floats = NDArray[np.float64]


def severity_ladder(training: Sequence[Example], severities: Floats) -> Callable[[Floats], Floats]:
    """What reads level probabilities off severities, with national cut-points fitted to published level sets.

    Args:
        training: Only rows that say something about the level are used.
        severities: What the method says of each training row, shape (training rows,); any value for unused rows.

    Returns:
        A function from severities, shape (n,), to level probabilities, shape (n, 5).
    """
    informative = [place for place, row in enumerate(training) if says_something_about_level(row)]
    weights = [level_weights(training[place]) for place in informative]
    levels, visible = np.array([own for own, _ in weights]), np.array([seen for _, seen in weights])

    def loss(parameters: Floats) -> float:
        probabilities = _ladder(severities[informative], parameters)
        inside, seen = (probabilities * levels).sum(axis=1), (probabilities * visible).sum(axis=1)
        return float((np.log(np.maximum(seen, 1e-9)) - np.log(np.maximum(inside, 1e-9))).sum())

    start = np.array(
        [np.log(2.0), 1.5, 0.0, 0.0, 0.0]
    )  # slope 2; cut-points 1.5, 2.5, 3.5 and 4.5 on the severity scale
    found = optimize.minimize(loss, start, method="Nelder-Mead", options={"maxiter": 4000, "xatol": 1e-4})
    return lambda severity: _ladder(severity, found.x)


def _ladder(severity: Floats, parameters: Floats) -> Floats:
    slope, first, gaps = np.exp(parameters[0]), parameters[1], np.exp(parameters[2:])
    cuts = np.concatenate([[first], first + gaps.cumsum()])
    return class_probabilities(logistic(slope * (severity[:, None] - cuts)))
