"""What the model must beat, and what bounds it, fitted on the same training rows and judged on the same test rows.

* majority: the commonest level, severity and issue of the training rows;
* always B: the level in the middle, whatever is said;
* true severity: reads each row's coded severity and puts national cut-points on it, so it never errs on severity and
  still knows nothing of the area;
* TF-IDF + linear: words and letter runs into logistic regressions.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from scipy import optimize, sparse
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression

from evenhand.decoder import choose_issues, class_probabilities, logistic
from evenhand.scheme import ISSUES, LEVELS, SEVERITIES
from evenhand_training.calibrate import best_thresholds, truth_of
from evenhand_training.examples import Example, level_weights, says_something_about_level
from evenhand_training.metrics import Predictions

Floats = NDArray[np.float64]

# Inverse strength of the L2 penalty; of 1, 3, 10 and 30 the one with the best left-out severity in development.
INVERSE_PENALTY = 10.0
# Of words and of letter runs, the commonest: with all of them (about 55,000) no measure gains .01 and a fit takes long.
MOST_FEATURES = 15_000


def majority(training: Sequence[Example], rows: Sequence[Example]) -> Predictions:
    """The commonest level, severity and issue of the training rows, for every row."""
    truth = truth_of([row for row in training if row.levels])
    level = int((truth.levels / truth.levels.sum(axis=1, keepdims=True)).sum(axis=0).argmax())
    severity = int(np.bincount(truth.severity).argmax())
    issues = np.zeros((len(rows), len(ISSUES)), dtype=np.bool_)
    issues[:, int(truth.issues.sum(axis=0).argmax())] = True
    return Predictions(_certain(level, len(rows)), np.full(len(rows), float(severity)), issues)


def always_b(training: Sequence[Example], rows: Sequence[Example]) -> Predictions:
    """Level B for every row; severity and issues as `majority`."""
    common = majority(training, rows)
    return Predictions(_certain(LEVELS.index("B"), len(rows)), common.severity, common.issues)


def true_severity(training: Sequence[Example], rows: Sequence[Example]) -> Predictions:
    """Coded severity and issues with national cut-points, fitted to the training rows' published level sets."""
    informative = [row for row in training if says_something_about_level(row)]
    severity = np.array([row.severity for row in informative], dtype=np.float64)
    weights = [level_weights(row) for row in informative]
    levels, visible = np.array([own for own, _ in weights]), np.array([seen for _, seen in weights])

    def loss(parameters: Floats) -> float:
        probabilities = _ladder(severity, parameters)
        inside, seen = (probabilities * levels).sum(axis=1), (probabilities * visible).sum(axis=1)
        return float((np.log(np.maximum(seen, 1e-9)) - np.log(np.maximum(inside, 1e-9))).sum())

    start = np.array(
        [np.log(2.0), 1.5, 0.0, 0.0, 0.0]
    )  # slope 2; cut-points 1.5, 2.5, 3.5 and 4.5 on the severity scale
    found = optimize.minimize(loss, start, method="Nelder-Mead", options={"maxiter": 4000, "xatol": 1e-4})
    truth = truth_of(rows)
    return Predictions(
        _ladder(truth.severity.astype(np.float64), found.x), truth.severity.astype(np.float64), truth.issues
    )


def tfidf_linear(
    training: Sequence[Example], rows: Sequence[Example], *, published_weight: float, seed: int
) -> Predictions:
    """TF-IDF of words, word pairs and letter runs into one logistic regression for each label.

    Severity and issues learn from all training rows, published ones weighing `published_weight` as in the network's
    training; levels learn from published rows, a set counting as each of its levels in equal parts. Issue thresholds
    are fitted on the published rows of a third of the training areas, set aside for it.
    """
    features, told = _features([row.text for row in training], [row.text for row in rows])
    weights = np.array([published_weight if row.levels else 1.0 for row in training])
    level = _level_model(features, training)
    graded = np.array([place for place, row in enumerate(training) if row.severity], dtype=np.intp)
    severity = _logistic_regression().fit(
        features[graded], [training[place].severity for place in graded], sample_weight=weights[graded]
    )
    expected = severity.predict_proba(told) @ np.asarray(severity.classes_, dtype=np.float64)
    return Predictions(
        level_probabilities=_spread(level.predict_proba(told), level.classes_, len(LEVELS)),
        severity=np.clip(expected, SEVERITIES[0], SEVERITIES[-1]),
        issues=_issues(features, training, weights, told, seed=seed),
    )


def _features(training: Sequence[str], rows: Sequence[str]) -> tuple[sparse.csr_matrix, sparse.csr_matrix]:
    words = TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True, min_df=2, max_features=MOST_FEATURES)
    letters = TfidfVectorizer(
        analyzer="char_wb", ngram_range=(3, 5), sublinear_tf=True, min_df=3, max_features=MOST_FEATURES
    )
    fitted = sparse.hstack([words.fit_transform(training), letters.fit_transform(training)]).tocsr()
    return fitted, sparse.hstack([words.transform(rows), letters.transform(rows)]).tocsr()


def _logistic_regression() -> LogisticRegression:
    return LogisticRegression(C=INVERSE_PENALTY, max_iter=200, tol=1e-3)


def _level_model(features: sparse.csr_matrix, training: Sequence[Example]) -> LogisticRegression:
    chosen = [
        (place, LEVELS.index(level), 1.0 / len(row.levels))
        for place, row in enumerate(training)
        for level in row.levels
    ]
    places, levels, weights = zip(*chosen, strict=True)
    return _logistic_regression().fit(features[list(places)], levels, sample_weight=weights)


def _issues(
    features: sparse.csr_matrix,
    training: Sequence[Example],
    weights: Floats,
    told: sparse.csr_matrix,
    *,
    seed: int,
) -> NDArray[np.bool_]:
    known = np.array([place for place, row in enumerate(training) if row.issues is not None], dtype=np.intp)
    real = np.array([[issue in (training[place].issues or ()) for issue in ISSUES] for place in known])
    groups = sorted({row.group for row in training if row.group})
    third = set(np.random.default_rng(seed).permutation(groups)[: -(-len(groups) // 3)].tolist())
    aside = np.array([training[place].group in third for place in known])
    tuning = _issue_probabilities(features[known[~aside]], real[~aside], weights[known[~aside]], features[known[aside]])
    threshold, top = best_thresholds(tuning, real[aside])
    probabilities = _issue_probabilities(features[known], real, weights[known], told)
    return choose_issues(probabilities, threshold, top)


def _issue_probabilities(
    features: sparse.csr_matrix, real: NDArray[np.bool_], weights: Floats, told: sparse.csr_matrix
) -> Floats:
    probabilities = np.zeros((told.shape[0], real.shape[1]))
    for issue in range(real.shape[1]):
        if real[:, issue].any():
            model = LogisticRegression(C=INVERSE_PENALTY, solver="liblinear", tol=1e-3)
            model.fit(features, real[:, issue], sample_weight=weights)
            probabilities[:, issue] = model.predict_proba(told)[:, 1]
    return probabilities


def _ladder(severity: Floats, parameters: Floats) -> Floats:
    slope, first, gaps = np.exp(parameters[0]), parameters[1], np.exp(parameters[2:])
    cuts = np.concatenate([[first], first + gaps.cumsum()])
    return class_probabilities(logistic(slope * (severity[:, None] - cuts)))


def _certain(level: int, rows: int) -> Floats:
    probabilities = np.zeros((rows, len(LEVELS)))
    probabilities[:, level] = 1.0
    return probabilities


def _spread(probabilities: Floats, classes: NDArray[np.intp], count: int) -> Floats:
    full = np.zeros((len(probabilities), count))
    full[:, classes] = probabilities
    return full
