"""What more rows are estimated to bring, how surely, and how such estimates did where the answer was held out.

A gain is how far a fitted law falls between the rows there are and those and `MORE` further ones. Its interval is where
the gain would be measured on left-out areas like these: resampled laws, each with an error that the back-test made on
another issue, at the scale of the rows that judge this one and of the growth that is asked for.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from evenhand_training.curve_errors import (
    BOOTSTRAP_SEED,
    DRAWS,
    LEAST_OTHER,
    MEASURES,
    Errors,
    issue_names,
    resampled_errors,
)
from evenhand_training.learning_curve import Material, curve_points
from evenhand_training.metrics import INTERVAL, interval_of
from evenhand_training.power_law import Curves, Laws, fit_laws

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

MORE = 100.0  # rows: about what a coder does in a day or two
# A law is followed no further than it was tried: in the back-test the held-out size is four times the largest seen one.
FURTHEST = 4.0
HELD_SIZES = 2  # doublings that the back-test of issues holds out, so four times
# Of the whole, whose gains are asked for a tenth more rows: one, for levels have few sizes at which they can be read.
HELD_OF_MEASURES = 1
LEAST_SIZES = HELD_OF_MEASURES + 3  # a law has three numbers to fit
# A curve whose resamples do not fall with rows oftener than this is flat, or up and down: no gain is told.
MOST_FLAT = 0.25
KINDS = {"published": True, "invented": False}
BACK_TEST_DRAWS = 101  # of resamples: 32 curves are fitted anew for each kind of rows
SCATTER_SEED = 2027


@dataclass(frozen=True, slots=True)
class BackTest:
    """Gains over the largest sizes, foretold without them and measured.

    Attributes:
        foretold: Shape (draws, curves).
        measured: Shape (curves,).
        judged: Whether a curve is judged by enough rows, shape (curves,).
        rows: Left-out rows that judge a curve, shape (curves,).
    """

    foretold: Floats
    measured: Floats
    judged: Bools
    rows: Floats

    @property
    def errors(self) -> Floats:
        """Measured minus foretold, shape (curves,)."""
        found: Floats = self.measured - self.foretold[0]
        return found

    def scatter(self, curve: int) -> Floats:
        """Errors of the other judged curves, either way, as large as they would be with this curve's judged rows."""
        others = self.judged.copy()
        others[curve] = False
        scaled = self.errors[others] * np.sqrt(self.rows[others] / max(self.rows[curve], 1.0))
        return np.concatenate([scaled, -scaled])

    def own_scatter(self) -> Floats:
        """A curve's own error, either way, where there is no other to take it from."""
        return np.concatenate([self.errors, -self.errors])

    def summary(self) -> dict[str, Any]:
        """Means over the judged curves, and how many of their intervals hold what was measured."""
        places = np.flatnonzero(self.judged).tolist()
        if len(places) < 2:  # one curve has no other whose error could widen its interval
            return {"curves": len(places)}
        intervals = [widened(self.foretold[:, place], self.scatter(place)) for place in places]
        held = [low <= self.measured[place] <= high for place, (low, high) in zip(places, intervals, strict=True)]
        return {
            "curves": len(places),
            "measured": _rounded(self.measured[places].mean()),
            "foretold": _rounded(self.foretold[0, places].mean()),
            "off_by": _rounded(np.abs(self.errors[places]).mean()),
            "off_by_without_change": _rounded(np.abs(self.measured[places]).mean()),
            "held": int(sum(held)),
            "nominal": INTERVAL,
        }


def widened(draws: Floats, scatter: Floats) -> tuple[float, float]:
    """Interval of draws, each with a drawn error of the scatter."""
    if not len(scatter):
        return interval_of(draws)
    generator = np.random.default_rng(SCATTER_SEED)
    return interval_of(np.repeat(draws, 10) + generator.choice(scatter, size=10 * len(draws)))


def back_test(curves: Curves, judged: Bools, rows: Floats, *, alone: bool, held: int = HELD_SIZES) -> BackTest:
    """Hold out the largest sizes and foretell how much lower the error is there than at the largest seen size.

    Args:
        curves: The curves.
        judged: Which of them are judged by enough rows, shape (curves,).
        rows: How many, shape (curves,).
        alone: Hold them out of one curve at a time, so that the others show what is shared at all sizes, as where a law
            of few rows is followed; False holds them out of all curves at once.
        held: How many sizes.
    """
    seen = len(curves.rows) - held
    short = replace(curves, errors=curves.errors[:BACK_TEST_DRAWS])
    if not alone:
        foretold = _gain(short, fit_laws(_up_to(short, seen)), curves.rows[seen - 1], curves.rows[-1])
    else:
        columns = []
        for place in range(curves.rows.shape[1]):
            counting = np.ones(curves.rows.shape, dtype=np.bool_)
            counting[seen:, place] = False
            gain = _gain(short, fit_laws(short, counting), curves.rows[seen - 1], curves.rows[-1])
            columns.append(gain[:, place])
        foretold = np.stack(columns, axis=1)
    return BackTest(foretold, curves.errors[0, seen - 1] - curves.errors[0, -1], judged, rows)


def _up_to(curves: Curves, sizes: int) -> Curves:
    return replace(curves, rows=curves.rows[:sizes], errors=curves.errors[:, :sizes])


def _gain(curves: Curves, laws: Laws, before: Floats, after: Floats) -> Floats:
    return laws.error(curves, before) - laws.error(curves, after)


def more_rows(
    curves: Curves, laws: Laws, now: Floats, curve: int, scatter: Floats, *, held: int = HELD_SIZES
) -> dict[str, Any]:
    """What `MORE` rows are estimated to bring one curve: a gain with its interval, or why it is not told.

    Errors of a back-test over `held` doublings are scaled to the growth asked for: as those of a walk, their squares
    grow with the doublings.
    """
    if (laws.scale[1:, curve] <= 0).mean() > MOST_FLAT or laws.scale[0, curve] <= 0:
        return {"not_told": "flat"}
    reached = curves.effective(now + MORE, laws.worth[:1, None])[0]
    tried = curves.effective(curves.rows[-1], laws.worth[:1, None])[0]
    if reached[curve] > FURTHEST * tried[curve]:
        return {"not_told": "far"}
    gains = _gain(curves, laws, now, now + MORE)[:, curve]
    doublings = np.log2((1.0 + now[curve] + MORE) / (1.0 + now[curve]))
    low, high = widened(gains, scatter * np.sqrt(doublings / held))
    return {"gain": _rounded(gains[0]), "low": _rounded(low), "high": _rounded(high)}


def estimates(errors: Errors, published: Floats, invented: Floats) -> dict[str, Any]:
    """Everything that the log line holds of curves.

    Args:
        errors: Errors of all points.
        published: Published rows that the released network is trained on, by issue and last of all.
        invented: The same of invented rows.
    """
    now = {"published": published, "invented": invented}
    found: dict[str, Any] = {"more": int(MORE), "issues": {}, "measures": {}, "back_test": {}, "laws": {}}
    for place, name in enumerate(issue_names()):
        found["issues"][name] = {
            **{kind: int(now[kind][place]) for kind in KINDS},
            "judged": int(errors.judged[place]),
            "groups": int(errors.groups[place]),
            "now": _now(errors.issues[:, -1, place]),
        }
    for kind, is_published in KINDS.items():
        curves = errors.of_issues(published=is_published)
        found["back_test"][kind], laws, test = _issue_laws(errors, curves)
        found["laws"][kind] = {"exponent": float(laws.exponent[0]), "worth": float(laws.worth[0])}
        for place, name in enumerate(issue_names()):
            told: dict[str, Any] = {"not_told": "few"}
            if errors.enough[place]:
                told = more_rows(curves, laws, now[kind][:-1], place, test.scatter(place))
            found["issues"][name][f"more_{kind}"] = told
            found["issues"][name][f"curve_{kind}"] = _curve(curves, place)
        _add_measures(found["measures"], errors, kind, now[kind][-1:])
    return found


def _issue_laws(errors: Errors, curves: Curves) -> tuple[dict[str, Any], Laws, BackTest]:
    tests = {
        name: back_test(curves, errors.enough, errors.judged, alone=alone)
        for name, alone in (("all_cut", False), ("one_cut", True))
    }
    return {name: test.summary() for name, test in tests.items()}, fit_laws(curves), tests["one_cut"]


def _add_measures(found: dict[str, Any], errors: Errors, kind: str, now: Floats) -> None:
    """Every measure that can be read at enough sizes; each has a law of its own, and its own back-test error."""
    for name in MEASURES:
        curves = errors.of_measure(name, published=KINDS[kind])
        if len(curves.rows) < LEAST_SIZES:
            continue
        told = found.setdefault(name, {})
        test = back_test(curves, np.ones(1, dtype=np.bool_), np.ones(1), alone=False, held=HELD_OF_MEASURES)
        laws, scatter = fit_laws(curves), test.own_scatter()
        told["now"] = _now(errors.measures[:, -1, MEASURES.index(name)], lower_is_better=name == "rps")
        told[kind] = int(now[0])
        told[f"more_{kind}"] = more_rows(curves, laws, now, 0, scatter, held=HELD_OF_MEASURES)
        told[f"curve_{kind}"] = _curve(curves, 0)
        told[f"back_test_{kind}"] = {"measured": _rounded(test.measured[0]), "foretold": _rounded(test.foretold[0, 0])}


def _now(errors: Floats, *, lower_is_better: bool = False) -> dict[str, float]:
    values = errors if lower_is_better else 1.0 - errors
    low, high = interval_of(values[1:])
    return {"value": _rounded(values[0]), "low": _rounded(low), "high": _rounded(high)}


def _curve(curves: Curves, place: int) -> dict[str, list[float]]:
    rows, errors = curves.rows[:, place], curves.errors[0, :, place]
    return {"rows": [round(float(each), 1) for each in rows], "errors": [_rounded(each) for each in errors]}


def _rounded(value: float | np.floating[Any]) -> float:
    return round(float(value), 4)


def learning_curve(material: Material, seeds: Sequence[int], tick: Callable[[], None]) -> dict[str, Any]:
    """Fit and judge every size with every seed, and estimate what more rows would bring; `tick` after each fit."""
    truth = material.truth()
    points = curve_points(material, seeds, tick)
    published, invented = (material.counts(published=kind) for kind in KINDS.values())
    return {
        "split": "development, grouped cross-validation, frozen encoder",
        "seeds": list(seeds),
        "bootstrap_seed": BOOTSTRAP_SEED,
        "draws": DRAWS,
        "least_other": LEAST_OTHER,
        "rows": len(truth.severity),
        "groups": len(set(truth.groups)),
        "training_rows": {"published": int(published[-1]), "invented": int(invented[-1])},
        **estimates(resampled_errors(truth, points), published, invented),
    }
