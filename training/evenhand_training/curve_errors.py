"""From points of a learning curve to errors with resamples: of groups of areas and of seeds, the same for all sizes.

Errors are 1 - F1 of an issue, and of the whole 1 - macro-F1, 1 - quadratic kappa of severity, 1 - share of rows whose
level is in the published set, and the ranked probability score, so that less is better throughout.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from evenhand.scheme import ISSUES, SEVERITIES
from evenhand_training.learning_curve import Point, Shares, level_scores
from evenhand_training.metrics import Truth, kappa_of_table
from evenhand_training.power_law import Curves

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

MEASURES = ("issue_macro_f1", "severity_qwk", "level_in_set", "rps")
DRAWS = 400  # the ends of a 95% interval then vary by about a fortieth of its width
BOOTSTRAP_SEED = 2026
# Share of the other kind of rows. Published rows gain more where fewer invented ones are there: from none to all of
# them the macro-error falls by .153 at a thirty-second of the invented rows and by .051 at all. From a quarter on, the
# last fourfold growth gains .038, .047 and .040, so that these may be averaged.
LEAST_OTHER = 0.25
LEAST_ROWS = 10  # left-out rows of an issue: F1 of fewer moves by a tenth with every row
LEAST_GROUPS = 5  # groups of areas that hold them: resamples of fewer often have none


@dataclass(frozen=True, slots=True)
class Errors:
    """Errors of every cell (a pair of shares) in every draw; the first draw is of everything as it is.

    Attributes:
        cells: Shares of published and invented rows, shape (cells, 2).
        issues: Shape (draws, cells, issues).
        measures: In the order of `MEASURES`, shape (draws, cells, measures).
        published: Published training rows by issue, and last of all, mean of seeds, shape (cells, issues + 1).
        invented: The same of invented rows.
        judged: Left-out rows of each issue, shape (issues,).
        groups: Groups of areas that hold them, shape (issues,).
    """

    cells: Floats
    issues: Floats
    measures: Floats
    published: Floats
    invented: Floats
    judged: Floats
    groups: Floats

    @property
    def enough(self) -> Bools:
        """Issues that enough left-out rows judge, shape (issues,)."""
        return np.asarray((self.judged >= LEAST_ROWS) & (self.groups >= LEAST_GROUPS))

    def of_issues(self, *, published: bool) -> Curves:
        """Curves of the issues as rows of one kind grow; issues of few judged rows have no say in what is shared."""
        rows, other = self._rows(published=published)
        errors = _along(self.cells, self.issues, published=published)
        return Curves(rows[:, :-1], other[:-1], errors, np.where(self.enough, self.judged, 0.0))

    def of_measure(self, name: str, *, published: bool) -> Curves:
        """The curve of one measure in all rows, without sizes at which it cannot be read."""
        rows, other = self._rows(published=published)
        place = MEASURES.index(name)
        errors = _along(self.cells, self.measures[:, :, place : place + 1], published=published)
        known = ~np.isnan(errors[0, :, 0])
        return Curves(rows[known, -1:], other[-1:], errors[:, known], np.ones(1))

    def _rows(self, *, published: bool) -> tuple[Floats, Floats]:
        own, other = (self.published, self.invented) if published else (self.invented, self.published)
        return _along(self.cells, own[None], published=published)[0], other[-1]


def _along(cells: Floats, values: Floats, *, published: bool) -> Floats:
    """Values (draws, cells, n) by share of one kind, (draws, shares, n): means that weigh by the other kind's share.

    Only sizes with `LEAST_OTHER` of the other kind or more, which is there in full when rows are added.
    """
    own, other = cells[:, int(not published)], cells[:, int(published)]
    found = []
    for share in np.unique(own):
        # A level cannot be read where no bar could be fitted; elsewhere nothing is unknown.
        at = (own == share) & (other >= LEAST_OTHER) & ~np.isnan(values[0, :, 0])
        if not at.any():
            at = own == share
        found.append(np.einsum("dcn,c->dn", values[:, at], other[at] / other[at].sum()))
    return np.stack(found, axis=1)


def resampled_errors(truth: Truth, points: dict[Shares, list[Point]]) -> Errors:
    """Errors of all points, which have one seed's order of units each, in resamples of groups and seeds."""
    names = sorted(set(truth.groups))
    member = np.array([[group == name for group in truth.groups] for name in names], dtype=np.float64)
    seeds = len(next(iter(points.values())))
    generator = np.random.default_rng(BOOTSTRAP_SEED)
    drawn = _draws(generator, len(names)), _draws(generator, seeds) / seeds
    real = member @ truth.issues
    judged = real.sum(axis=0)
    enough = (judged >= LEAST_ROWS) & ((real > 0).sum(axis=0) >= LEAST_GROUPS)
    cells = [_cell(truth, of_seeds, member, drawn, enough) for of_seeds in points.values()]
    issues, measures = (np.stack(part, axis=1) for part in zip(*cells, strict=True))
    return Errors(
        cells=np.array(list(points)),
        issues=issues,
        measures=measures,
        published=np.array([np.mean([point.published for point in each], axis=0) for each in points.values()]),
        invented=np.array([np.mean([point.invented for point in each], axis=0) for each in points.values()]),
        judged=judged,
        groups=(real > 0).sum(axis=0).astype(np.float64),
    )


def _draws(generator: np.random.Generator, count: int) -> Floats:
    """How often each of `count` stands in each draw, shape (draws, count); once in the first."""
    again = generator.multinomial(count, np.full(count, 1.0 / count), size=DRAWS)
    return np.concatenate([np.ones((1, count)), again]).astype(np.float64)


def _cell(
    truth: Truth, points: Sequence[Point], member: Floats, drawn: tuple[Floats, Floats], enough: Bools
) -> tuple[Floats, Floats]:
    """Errors of the issues (draws, issues) and of the measures (draws, measures), mean of the drawn seeds."""
    groups, seeds = drawn
    each = [_errors(truth, point, member, groups, enough) for point in points]
    issues, measures = (_mean_of_seeds(seeds, np.stack(part)) for part in zip(*each, strict=True))
    return issues, measures


def _mean_of_seeds(seeds: Floats, errors: Floats) -> Floats:
    """Mean of errors (seeds, draws, n) under draws of seeds, of those at which a level can be read; (draws, n)."""
    weights = np.where(np.isnan(errors), 0.0, seeds.T[:, :, None])
    total = weights.sum(axis=0)
    found: Floats = (weights * np.nan_to_num(errors)).sum(axis=0) / np.where(total > 0, total, np.nan)
    # Where only other seeds are drawn, the estimate stands in.
    return np.where(np.isnan(found), found[:1], found)


def _errors(truth: Truth, point: Point, member: Floats, drawn: Floats, enough: Bools) -> tuple[Floats, Floats]:
    predicted = point.predicted
    weights = drawn @ member  # how often each row stands in each draw
    hits, said, real = (weights @ each for each in (truth.issues & predicted.issues, predicted.issues, truth.issues))
    wrong = 1.0 - 2.0 * hits / np.maximum(said + real, 1.0)
    # Where no row of an issue is drawn its F1 says nothing: the estimate stands in.
    wrong = np.where(real == 0, wrong[:1], wrong)
    macro = wrong[:, enough].mean(axis=1) if enough.any() else np.full(len(drawn), np.nan)
    inside, score = level_scores(truth, predicted)
    rows = weights.sum(axis=1)
    levels = [1.0 - weights @ inside / rows, weights @ score / rows]
    return wrong, np.stack([macro, 1.0 - _kappas(truth, point, weights), *levels], axis=1)


def _kappas(truth: Truth, point: Point, weights: Floats) -> Floats:
    count = len(SEVERITIES)
    cell = (truth.severity - 1) * count + point.predicted.grade - 1
    tables = (weights @ np.eye(count * count)[cell]).reshape(-1, count, count)
    return np.array([kappa_of_table(table) for table in tables])


def issue_names() -> list[str]:
    """Codes of the issues in the order of the curves."""
    return [str(issue) for issue in ISSUES]
