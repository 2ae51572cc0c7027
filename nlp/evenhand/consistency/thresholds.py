"""Where each area's bars sit: a hierarchical cumulative-link model by penalised likelihood, with numpy alone.

Areas' shifts and stretches, and what is special to issues and to an area and an issue, are pooled towards the nation by
normal distributions (see `likelihood`). Their standard deviations are not fixed at one estimate, which would make
intervals too narrow: they are drawn by importance from their marginal likelihood, for which the Laplace approximation
at each mode stands, after H. Rue, S. Martino and N. Chopin, "Approximate Bayesian inference for latent Gaussian models
by using integrated nested Laplace approximations" (2009). Trials are weighed as J.-M. Cornuet et al., "Adaptive
multiple importance sampling" (2012), do. Everything else is drawn from the Laplace approximation under each.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from evenhand.consistency.mode import Mode, Problem
from evenhand.consistency.posterior import Posterior
from evenhand.consistency.rows import Array, ThresholdRow, design_of

DRAWS = 1000  # ends of a 90% interval then vary by a thirtieth of its width
SEED = 2026
_LOOKS = (40, 40, 40)  # trials of deviations: a wide look, and two at what was found
_ROUNDS = 10  # of expectation-maximisation, to start the look from
_START = np.array([0.25, 0.25, 0.25, 0.25])  # deviations, half of their prior scale
_WIDE = 0.12  # grades: width of the first look, about what areas leave unknown of a deviation
_NARROWEST = 0.03  # grades: of a later look, should the one before have found one trial alone
_WIDER = 1.2  # than what the look before found
_TAIL = 4.0  # degrees of freedom of the t distributions that trials are drawn from, so that no weight runs away
_LEAST = 0.005  # grades: smaller deviations differ in nothing, and make Newton's steps long


def fit_thresholds(
    rows: Sequence[ThresholdRow],
    *,
    covariates: Sequence[str] = (),
    draws: int = DRAWS,
    seed: int = SEED,
    progress: Callable[[int, int], None] = lambda done, of: None,
) -> Posterior:
    """Estimate where each area's bars sit.

    Args:
        rows: Descriptors; those that inform of no bar are left out.
        covariates: Names of the rows' covariates.
        draws: From the posterior, in all.
        seed: Of all draws.
        progress: Told trials done and in all.

    Raises:
        InputError: no row says anything of a threshold.
    """
    design = design_of(rows, covariates)
    problem, generator = Problem(design), np.random.default_rng(seed)
    trials, weights = _look(problem, generator, progress)
    counts = generator.multinomial(draws, weights)
    chosen = [(trial, int(count)) for trial, count in zip(trials, counts, strict=True) if count]
    drawn = [trial.system.draw(count, generator) for trial, count in chosen]
    return Posterior(
        design=design,
        places=problem.places,
        national=np.concatenate(
            [trial.at.national + nation for (trial, _), (nation, _) in zip(chosen, drawn, strict=True)]
        ),
        area=tuple(
            np.concatenate([trial.at.areas[n] + own[n] for (trial, _), (_, own) in zip(chosen, drawn, strict=True)])
            for n in range(len(design.units))
        ),
        deviations=np.repeat(np.array([trial.deviations for trial, _ in chosen]), [n for _, n in chosen], axis=0),
        diagnostics={"method": "Laplace", "trials": len(trials), "effective_trials": float(1 / (weights**2).sum())},
    )


def _look(
    problem: Problem, generator: np.random.Generator, progress: Callable[[int, int], None]
) -> tuple[list[Mode], Array]:
    """Modes under deviations that are drawn by importance, and their weights, which add up to 1."""
    best = problem.mode(problem.start(), _START)
    for _ in range(_ROUNDS):
        best = problem.mode(best.at, problem.improved(best))
    looks = [_Look(best.deviations, np.full(len(_START), _WIDE))]
    trials: list[Mode] = []
    weights = np.zeros(0)
    for turn, count in enumerate(_LOOKS):
        for deviations in looks[turn].drawn(count, generator):
            trials.append(problem.mode(best.at, deviations))
            progress(len(trials), sum(_LOOKS))
        found = np.array([trial.deviations for trial in trials])
        parts = [np.log(n) + look.density(found) for n, look in zip(_LOOKS, looks, strict=False)]
        logarithms = np.array([trial.evidence for trial in trials]) - np.logaddexp.reduce(parts)
        weights = np.exp(logarithms - logarithms.max())
        weights /= weights.sum()
        looks.append(_Look.at(found, weights))
    return trials, weights


@dataclass(frozen=True, slots=True)
class _Look:
    """Distributions that deviations are drawn from: each t, folded at 0, independent of each other."""

    middle: Array
    width: Array

    @classmethod
    def at(cls, found: Array, weights: Array) -> _Look:
        """As wide as weighted deviations, and a little wider."""
        middle = weights @ found
        width = np.sqrt(weights @ (found - middle) ** 2)
        return cls(middle, np.maximum(_WIDER * width, _NARROWEST))

    def drawn(self, count: int, generator: np.random.Generator) -> Array:
        """Deviations, (count, 4)."""
        away = generator.standard_t(_TAIL, size=(count, len(self.middle)))
        drawn: Array = np.maximum(np.abs(self.middle + self.width * away), _LEAST)
        return drawn

    def density(self, found: Array) -> Array:
        """Logarithm of the density of deviations, up to a constant, (rows,)."""
        sides = [-(_TAIL + 1) / 2 * np.log1p(((s * found - self.middle) / self.width) ** 2 / _TAIL) for s in (1, -1)]
        density: Array = (np.logaddexp(*sides) - np.log(self.width)).sum(axis=1)
        return density
