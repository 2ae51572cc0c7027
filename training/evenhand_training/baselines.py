"""What the model must beat, and what bounds it, fitted on the same training rows and judged on the same test rows.

* majority: the commonest level, severity and issue of the training rows;
* always B: the level in the middle, whatever is said;
* true severity: reads each row's coded severity and puts national cut-points on it, so it never errs on severity and
  still knows nothing of the area;
* TF-IDF + linear: words and letter runs into logistic regressions.

`search_terms`, `textcat` and `setfit_baseline` have one more each, on what is shared here.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression

from evenhand.decoder import choose_issues
from evenhand.scheme import ISSUES, LEVELS, SEVERITIES, Issue
from evenhand_training.calibrate import best_thresholds, truth_of
from evenhand_training.examples import Example
from evenhand_training.metrics import Predictions
from evenhand_training.severity_ladder import severity_ladder

Bools = NDArray[np.bool_]
Floats = NDArray[np.float64]
Places = NDArray[np.intp]
Features: TypeAlias = sparse.csr_matrix | Floats

# How many times an authored row a published one counts in severity and issues: the register that methods are judged on
# is a small part of the rows; 2 graded it worse in development.
PUBLISHED_WEIGHT = 5.0
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
    truth = truth_of(rows)
    severity = truth.severity.astype(np.float64)
    ladder = severity_ladder(training, np.array([row.severity or np.nan for row in training]))
    return Predictions(ladder(severity), severity, truth.issues)


def tfidf_linear(training: Sequence[Example], rows: Sequence[Example], *, seed: int) -> Predictions:
    """TF-IDF of words, word pairs and letter runs into one logistic regression for each label; see `linear_heads`."""
    return linear_heads(training, _features([row.text for row in training], [row.text for row in rows]), seed=seed)


def linear_heads(training: Sequence[Example], features: Features, *, seed: int) -> Predictions:
    """One logistic regression for each label.

    Severity and issues learn from all training rows, published ones weighing `PUBLISHED_WEIGHT`; levels learn from
    published rows, a set counting as each of its levels in equal parts. Issue thresholds as in `tuned_issues`.

    Args:
        training: Rows to learn from.
        features: Of the training rows and, below them, of the rows to predict.
        seed: Draws the areas that issue thresholds are fitted on.
    """
    told = features[len(training) :]
    weights = np.array([PUBLISHED_WEIGHT if row.levels else 1.0 for row in training])
    level = _level_model(features, training)
    graded = np.array([place for place, row in enumerate(training) if row.severity], dtype=np.intp)
    severity = _logistic_regression().fit(
        features[graded], [training[place].severity for place in graded], sample_weight=weights[graded]
    )

    def issue_probabilities(learnt: Places, read: Places) -> Floats:
        real = issue_table([training[place].issues or () for place in learnt])
        return _issue_probabilities(features[learnt], real, weights[learnt], features[read])

    return Predictions(
        level_probabilities=spread(level.predict_proba(told), level.classes_, len(LEVELS)),
        severity=expected_severity(severity.predict_proba(told), severity.classes_),
        issues=tuned_issues(training, told.shape[0], issue_probabilities, seed=seed),
    )


def tuned_issues(
    training: Sequence[Example], rows: int, probabilities: Callable[[Places, Places], Floats], *, seed: int
) -> Bools:
    """Issues from thresholds on that are fitted on the published rows of a third of the training areas.

    Args:
        training: Rows to learn from.
        rows: How many rows there are to predict.
        probabilities: Given the places of rows to learn from and of rows to read, P(issue) of the latter, shape (read,
            issues). Places are those of the training rows and, after them, of the rows to predict.
        seed: Draws the areas, which are learnt from only after the thresholds are fitted.
    """
    known = np.array([place for place, row in enumerate(training) if row.issues is not None], dtype=np.intp)
    groups = sorted({row.group for row in training if row.group})
    third = set(np.random.default_rng(seed).permutation(groups)[: -(-len(groups) // 3)].tolist())
    aside = np.array([training[place].group in third for place in known])
    real = issue_table([training[place].issues or () for place in known[aside]])
    threshold, top = best_thresholds(probabilities(known[~aside], known[aside]), real)
    return choose_issues(probabilities(known, len(training) + np.arange(rows)), threshold, top)


def issue_table(found: Sequence[Sequence[Issue]]) -> Bools:
    """Issues of each row as a table, shape (rows, issues)."""
    flags = [[issue in own for issue in ISSUES] for own in found]
    return np.array(flags, dtype=np.bool_).reshape(-1, len(ISSUES))


def expected_severity(probabilities: Floats, grades: Sequence[int]) -> Floats:
    """Mean severity under probabilities of `grades`, shape (n, grades), kept on the scale."""
    expected: Floats = probabilities @ np.asarray(grades, dtype=np.float64)
    return np.clip(expected, SEVERITIES[0], SEVERITIES[-1])


def spread(probabilities: Floats, classes: Sequence[int], count: int) -> Floats:
    """Probabilities of some classes, shape (n, classes), as those of all `count`: 0 for classes that are not there."""
    full = np.zeros((len(probabilities), count))
    full[:, classes] = probabilities
    return full


def _features(training: Sequence[str], rows: Sequence[str]) -> sparse.csr_matrix:
    words = TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True, min_df=2, max_features=MOST_FEATURES)
    letters = TfidfVectorizer(
        analyzer="char_wb", ngram_range=(3, 5), sublinear_tf=True, min_df=3, max_features=MOST_FEATURES
    )
    fitted = sparse.hstack([words.fit_transform(training), letters.fit_transform(training)])
    return sparse.vstack([fitted, sparse.hstack([words.transform(rows), letters.transform(rows)])]).tocsr()


def _logistic_regression() -> LogisticRegression:
    return LogisticRegression(C=INVERSE_PENALTY, max_iter=200, tol=1e-3)


def _level_model(features: Features, training: Sequence[Example]) -> LogisticRegression:
    chosen = [
        (place, LEVELS.index(level), 1.0 / len(row.levels))
        for place, row in enumerate(training)
        for level in row.levels
    ]
    places, levels, weights = zip(*chosen, strict=True)
    return _logistic_regression().fit(features[list(places)], levels, sample_weight=weights)


def _issue_probabilities(features: Features, real: Bools, weights: Floats, told: Features) -> Floats:
    probabilities = np.zeros((told.shape[0], real.shape[1]))
    for issue in range(real.shape[1]):
        if real[:, issue].any():
            model = LogisticRegression(C=INVERSE_PENALTY, solver="liblinear", tol=1e-3)
            model.fit(features, real[:, issue], sample_weight=weights)
            probabilities[:, issue] = model.predict_proba(told)[:, 1]
    return probabilities


def _certain(level: int, rows: int) -> Floats:
    probabilities = np.zeros((rows, len(LEVELS)))
    probabilities[:, level] = 1.0
    return probabilities
