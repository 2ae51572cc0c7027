"""Fit what turns readings into stated probabilities, on areas that the network has not seen.

A network is too sure of the rows it was trained on, so nothing here uses them: scales, thresholds and the mass of the
level set are fitted to the readings that cross-validation made of left-out areas. In cross-validation itself each fold
is decoded with what the other folds fitted.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cache

import numpy as np
from numpy.typing import NDArray
from scipy import optimize, stats

from evenhand.decoder import Decoder, class_probabilities, logistic, narrowest_run
from evenhand.scheme import ISSUES, LEVELS, SEVERITIES
from evenhand_training.crossvalidate import FoldReadings
from evenhand_training.examples import Example, says_something_about_level
from evenhand_training.metrics import Predictions, Truth, harm_rows, micro_f1, missed_harm, sets_meet
from evenhand_training.reading import CutPoints
from evenhand_training.severity_ladder import severity_ladder

Floats = NDArray[np.float64]

# Points for averaging over areas' cut-points, a power of two as Sobol sequences want. Between scrambling seeds a
# level's probability then varies by less than .004; with 200 independent draws it varied by up to .07.
AREA_DRAWS = 256
DRAW_SEED = 20261
SET_COVERAGE = 0.90
# Parameters of the level fit where it starts, and how far they may well lie from there: log slope, first cut-point, log
# gaps, log spread of areas, on the anchored scale, on which severity cut-points run from about -1.4 to 1.4. Two dozen
# areas say little about the spread, and few documents tell C from D.
LEVEL_START = np.array([np.log(2.0), -1.0, np.log(0.6), np.log(0.6), np.log(0.6), np.log(0.2)])
LEVEL_PRIOR_SD = np.array([1.0, 1.0, 0.5, 0.5, 0.5, 1.0])
# Of an area's log gaps around the national ones: as in configs/base.toml, for there is too little data to fit it.
AREA_GAP_SD = 0.3
THRESHOLDS = np.round(np.arange(0.10, 0.91, 0.02), 2)  # finer steps change the micro-F1 by less than .002
MAX_TOKENS = (
    320  # the longest passage of the corpus's notes has 299, see `readings.PASSAGE_CHARS`; as in configs/base.toml
)
LEAST_PROBABILITY = 1e-9
# Share of left-out rows at C or D that may be read as none or A: one in twenty. The models before missed 4 to 6 in a
# hundred; the next had .07, read no worse otherwise, and only stood on the careless side of the bar.
MOST_MISSED_HARM = 0.05
# The bar is lowered in steps of a fortieth of the unit, a twenty-eighth of a grade, and by at most half a grade.
STEP, MOST_STEPS = 0.025, 14
LEAST_GAP = 0.2  # of the room that level A had is left to it


@dataclass(frozen=True, slots=True)
class LevelReading:
    """How level is read off severity, on a scale that all networks share.

    Latent severity has another origin and unit in every network. Its severity cut-points anchor it: the unit here is
    their standard deviation, the origin their mean, so that what left-out areas teach about the bar under five
    networks holds for a sixth.

    Attributes:
        slope: Steepness at a cut-point.
        first: First national level cut-point.
        log_gaps: Logarithms of the gaps between national level cut-points.
        area_sd: Standard deviation of areas' shifts of all their cut-points. How far areas differ flattens the reading
            as a small slope does; only the two together are determined here.
    """

    slope: float
    first: float
    log_gaps: tuple[float, ...]
    area_sd: float

    @classmethod
    def of_parameters(cls, parameters: Floats) -> LevelReading:
        """From the free parameters of the fit, in the order of `LEVEL_START`."""
        slope, first, *log_gaps, area_sd = parameters.tolist()
        return cls(float(np.exp(slope)), first, tuple(log_gaps), float(np.exp(area_sd)))

    def with_lower_harm_bar(self, by: float) -> LevelReading:
        """The same with the bar between A and B, below which harm is missed, lower by so much; the others stay."""
        below, above, *rest = np.exp(self.log_gaps)
        lowered = max(below - by, LEAST_GAP * below)
        gaps = (lowered, above + below - lowered, *rest)
        return replace(self, log_gaps=tuple(float(np.log(gap)) for gap in gaps))

    def area_cuts(self) -> Floats:
        """Quasi-random draws of an unseen area's cut-points, shape (AREA_DRAWS, 4)."""
        normal = _standard_normal(1 + len(self.log_gaps))
        first = self.first + self.area_sd * normal[:, :1]
        gaps = np.exp(np.asarray(self.log_gaps) + AREA_GAP_SD * normal[:, 1:])
        return np.concatenate([first, first + gaps.cumsum(axis=1)], axis=1)


@dataclass(frozen=True, slots=True)
class Calibration:
    """What is fitted on left-out areas and shared by all networks of one configuration.

    Attributes:
        severity_scale: Multiplies severity logits.
        level: Cut-points, slope and spread of the level reading.
        issue_scale: Multiplies issue logits.
        issue_threshold: An issue is reported from this probability on.
        top_issue_threshold: The strongest issue is reported from this one on.
        set_mass: Probability that a level set must hold.
    """

    severity_scale: float
    level: LevelReading
    issue_scale: float
    issue_threshold: float
    top_issue_threshold: float
    set_mass: float

    def decoder(self, cuts: CutPoints) -> Decoder:
        """The decoder of one network under this calibration, which passes over nothing that reports an issue."""
        origin, unit = anchor(cuts)
        return Decoder(
            severity_cuts=cuts.severity,
            severity_scale=self.severity_scale,
            level_cuts=origin + unit * self.level.area_cuts(),
            level_slope=self.level.slope / unit,
            issue_scale=self.issue_scale,
            issue_threshold=self.issue_threshold,
            top_issue_threshold=self.top_issue_threshold,
            set_mass=self.set_mass,
            set_coverage=SET_COVERAGE,
            refusal_threshold=1.0,
            bare_refusal_threshold=1.0,
            max_tokens=MAX_TOKENS,
        )


def anchor(cuts: CutPoints) -> tuple[float, float]:
    """Origin and unit of a network's latent severity: mean and standard deviation of its severity cut-points."""
    return float(cuts.severity.mean()), float(cuts.severity.std())


@cache
def _standard_normal(dimensions: int) -> Floats:
    points = stats.qmc.Sobol(dimensions, rng=np.random.default_rng(DRAW_SEED)).random(AREA_DRAWS)
    normal: Floats = stats.norm.ppf(points)
    return normal


def truth_of(rows: Sequence[Example]) -> Truth:
    """The published codes of rows as arrays."""
    return Truth(
        levels=np.array([[level in row.levels for level in LEVELS] for row in rows], dtype=np.bool_),
        severity=np.array([row.severity for row in rows], dtype=np.intp),
        issues=np.array([[issue in (row.issues or ()) for issue in ISSUES] for row in rows], dtype=np.bool_),
        informative=np.array([says_something_about_level(row) for row in rows], dtype=np.bool_),
        groups=tuple(row.group or row.id for row in rows),
        areas=tuple(row.area or "" for row in rows),
    )


def decode(decoder: Decoder, theta: Floats, issue_logits: Floats) -> Predictions:
    """Predictions for whole texts, each read as one sentence."""
    levels = decoder.level_probabilities(theta)
    return Predictions(
        level_probabilities=levels,
        severity=decoder.severity(theta),
        issues=decoder.issue_choice(decoder.issue_probabilities(issue_logits)),
        level_sets=np.array(decoder.level_sets(levels), dtype=np.intp).reshape(-1, 2),
    )


# Stands for what is not fitted yet where only levels are decoded.
_PLAIN = Calibration(1.0, LevelReading(1.0, 0.0, (0.0, 0.0, 0.0), 0.0), 1.0, 1.0, 1.0, 1.0)


def calibrate(readings: Sequence[FoldReadings], rows: dict[str, Example]) -> Calibration:
    """Fit all of it to the readings of left-out rows; `rows` holds those rows by id."""
    held = [[rows[identifier] for identifier in read.ids] for read in readings]
    issue_scale = _fit_issue_scale(readings, held)
    threshold, top = _fit_thresholds(readings, held, issue_scale)
    severity_scale = _fit_severity_scale(readings, held)
    fitted = Calibration(
        severity_scale=severity_scale,
        level=_careful(_fit_level(readings, held, severity_scale), readings, held, severity_scale),
        issue_scale=issue_scale,
        issue_threshold=threshold,
        top_issue_threshold=top,
        set_mass=SET_COVERAGE,
    )
    return replace(fitted, set_mass=_fit_set_mass(readings, held, fitted))


def cross_calibrated(readings: Sequence[FoldReadings], rows: dict[str, Example]) -> list[Predictions]:
    """Predictions of each fold, decoded with what the other folds fitted."""
    predictions = []
    for place, read in enumerate(readings):
        others = [other for number, other in enumerate(readings) if number != place]
        decoder = calibrate(others, rows).decoder(read.cuts)
        predictions.append(decode(decoder, read.theta, read.issues))
    return predictions


def _fit_severity_scale(readings: Sequence[FoldReadings], held: Sequence[Sequence[Example]]) -> float:
    def loss(log_scale: float) -> float:
        total = 0.0
        for read, rows in zip(readings, held, strict=True):
            logits = np.exp(log_scale) * (read.theta[:, None] - read.cuts.severity)
            probabilities = class_probabilities(logistic(logits))
            grades = np.array([row.severity for row in rows], dtype=np.intp) - 1
            total -= float(_safe_log(probabilities[np.arange(len(rows)), grades]).sum())
        return total

    return float(np.exp(_minimise(loss)))


def _fit_level(
    readings: Sequence[FoldReadings], held: Sequence[Sequence[Example]], severity_scale: float
) -> LevelReading:
    """The level reading that says of a text what its severity says of published levels.

    Published levels are fitted on coded severity, where nothing is misread: P(level | severity) from national
    cut-points and what was visible. A text then gets the mean of P(level | severity) over its severity probabilities,
    and the level reading is what comes nearest to that in Kullback-Leibler divergence on left-out rows. Fitted to the
    published levels directly, the bar bends to what networks misread in a few large areas: in cross-validation that
    missed harm in 12.5% of rows at C or D, and this in 6.6%.
    """
    rows = [row for part in held for row in part]
    ladder = severity_ladder(rows, np.array([float(row.severity or 0) for row in rows]))
    of_grades = ladder(np.asarray(SEVERITIES, dtype=np.float64))
    anchored, wanted = [], []
    for read in readings:
        origin, unit = anchor(read.cuts)
        anchored.append((read.theta - origin) / unit)
        logits = severity_scale * (read.theta[:, None] - read.cuts.severity)
        wanted.append(class_probabilities(logistic(logits)) @ of_grades)
    severity, levels = np.concatenate(anchored), np.concatenate(wanted)

    def loss(parameters: Floats) -> float:
        reading = LevelReading.of_parameters(parameters)
        said = class_probabilities(logistic(reading.slope * (severity[:, None, None] - reading.area_cuts()))).mean(
            axis=1
        )
        pull = ((parameters - LEVEL_START) / LEVEL_PRIOR_SD) ** 2 / 2
        return float(pull.sum() - (levels * _safe_log(said)).sum())

    found = optimize.minimize(loss, LEVEL_START, method="BFGS", options={"gtol": 1e-2})
    return LevelReading.of_parameters(found.x)


def _careful(
    level: LevelReading, readings: Sequence[FoldReadings], held: Sequence[Sequence[Example]], severity_scale: float
) -> LevelReading:
    """The level reading with the bar between A and B so low, if need be, that hardly any left-out harm is missed.

    Of two networks that grade equally well one may stand on the careless side of the bar between early help and more:
    how much harm a reader misses is then a matter of where it stands, and is fixed here as issue thresholds are.
    """
    truths = [truth_of(rows) for rows in held]
    harm = sum(int(harm_rows(truth).sum()) for truth in truths)
    for step in range(MOST_STEPS + 1):
        lowered = level.with_lower_harm_bar(step * STEP)
        missed = 0
        for read, truth in zip(readings, truths, strict=True):
            decoder = replace(_PLAIN, severity_scale=severity_scale, level=lowered).decoder(read.cuts)
            missed += int(missed_harm(truth, decode(decoder, read.theta, read.issues)).sum())
        if missed <= MOST_MISSED_HARM * harm:
            return lowered
    return lowered


def _fit_issue_scale(readings: Sequence[FoldReadings], held: Sequence[Sequence[Example]]) -> float:
    logits = np.concatenate([read.issues for read in readings])
    real = np.concatenate([truth_of(rows).issues for rows in held])

    def loss(log_scale: float) -> float:
        scaled = np.exp(log_scale) * logits
        return float((np.logaddexp(0.0, scaled) - real * scaled).sum())

    return float(np.exp(_minimise(loss)))


def _fit_thresholds(
    readings: Sequence[FoldReadings], held: Sequence[Sequence[Example]], scale: float
) -> tuple[float, float]:
    """The pair of thresholds with the highest micro-F1; the lower one is for the strongest issue alone."""
    probabilities = logistic(scale * np.concatenate([read.issues for read in readings]))
    real = np.concatenate([truth_of(rows).issues for rows in held])
    return best_thresholds(probabilities, real)


def best_thresholds(probabilities: Floats, real: NDArray[np.bool_]) -> tuple[float, float]:
    """Threshold for any issue and threshold for the strongest one that together give the highest micro-F1."""
    strongest = np.zeros_like(real)
    strongest[np.arange(len(real)), probabilities.argmax(axis=1)] = True
    scored = [
        (
            micro_f1(real, (probabilities >= any_) | (strongest & (probabilities >= top))),
            float(any_),
            float(top),
        )
        for any_ in THRESHOLDS
        for top in THRESHOLDS
        if top <= any_
    ]
    _, threshold, top = max(scored)
    return threshold, top


def _fit_set_mass(readings: Sequence[FoldReadings], held: Sequence[Sequence[Example]], fitted: Calibration) -> float:
    """Least mass at which the level sets of left-out rows meet their published sets as often as promised.

    Split conformal prediction (Vovk et al. 2005) with the level set's mass as the score, and its correction for a
    finite number of rows. Rows of one area are not exchangeable with those of another, so coverage on unseen areas is
    measured as well and stated beside the promise.
    """
    truths = [truth_of(part) for part in held]
    found = [fitted.decoder(read.cuts).level_probabilities(read.theta) for read in readings]
    rows = sum(len(part) for part in held)
    wanted = min(1.0, np.ceil((rows + 1) * SET_COVERAGE) / rows)
    for mass in np.round(np.arange(0.30, 1.0, 0.01), 2):
        met = [
            sets_meet(truth, np.array([narrowest_run(row, float(mass)) for row in levels], dtype=np.intp))
            for truth, levels in zip(truths, found, strict=True)
        ]
        if np.concatenate(met).mean() >= wanted:
            return float(mass)
    return 1.0


def _minimise(loss: object) -> float:
    # On a log scale; exp(2) is far beyond any scale seen.
    return float(optimize.minimize_scalar(loss, bounds=(-2.0, 2.0), method="bounded").x)


def _safe_log(probabilities: Floats) -> Floats:
    logs: Floats = np.log(np.maximum(probabilities, LEAST_PROBABILITY))
    return logs
