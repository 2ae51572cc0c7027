"""The model of thresholds by Hamiltonian Monte Carlo, for those who want no approximation; needs the extra `stats`.

The same model and priors as `thresholds`, sampled with NumPyro's NUTS (Hoffman and Gelman 2014; Phan et al. 2019), with
offsets written as standard normals times their deviations so that chains move freely where an area says little.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from evenhand.consistency.mode import DEVIATIONS, EFFECT, FIRST, GAP, SLOPE
from evenhand.consistency.places import GAPS, Places, kept_of_slope
from evenhand.consistency.posterior import Posterior
from evenhand.consistency.rows import BARS, Array, Design, ThresholdRow, design_of
from evenhand.errors import MissingExtraError

CHAINS = 4  # fewer say little about whether they agree
WARM_UP, DRAWS = 700, 1000  # a chain: effective sizes of some hundreds at least, so that ends of intervals hardly vary
SEED = 2026
# What the worst of some hundreds of parameters has to reach for draws to be trusted (Vehtari et al. 2021 ask 1.01 and
# 400 of a single one).
MOST_R_HAT, FEWEST_EFFECTIVE = 1.02, 200
_TARGET = 0.9  # acceptance: with the default of 0.8 some transitions diverge where deviations are small


def sample_thresholds(
    rows: Sequence[ThresholdRow],
    *,
    covariates: Sequence[str] = (),
    chains: int = CHAINS,
    warm_up: int = WARM_UP,
    draws: int = DRAWS,
    seed: int = SEED,
) -> Posterior:
    """Estimate where each area's bars sit, as `fit_thresholds` does, by sampling.

    Args:
        rows: Descriptors; those that inform of no bar are left out.
        covariates: Names of the rows' covariates.
        chains: Run side by side.
        warm_up: Steps of a chain that only tune it.
        draws: Of a chain, after that.
        seed: Of all chains.

    Raises:
        InputError: no row says anything of a threshold.
        MissingExtraError: NumPyro is not installed.
    """
    try:
        import jax
        from numpyro.infer import MCMC, NUTS
    except ImportError as error:
        message = "sampling needs NumPyro: pip install 'evenhand[stats]'; or leave out --sample"
        raise MissingExtraError(message) from error
    design = design_of(rows, covariates)
    kernel = NUTS(_model, target_accept_prob=_TARGET)
    sampler = MCMC(
        kernel, num_warmup=warm_up, num_samples=draws, num_chains=chains, chain_method="vectorized", progress_bar=False
    )
    sampler.run(jax.random.PRNGKey(seed), _Arrays(design))
    found = {name: np.asarray(values, dtype=np.float64) for name, values in sampler.get_samples().items()}
    chained = {name: np.asarray(values) for name, values in sampler.get_samples(group_by_chain=True).items()}
    diverging = int(np.asarray(sampler.get_extra_fields()["diverging"]).sum())
    return _posterior(design, found, _diagnostics(chained, diverging))


class _Arrays:
    """Rows of all areas in one, with the numbers of their areas and of the pairs of area and issue."""

    def __init__(self, design: Design) -> None:
        units = design.units
        self.places = Places(len(design.issues), len(design.covariates))
        self.areas = len(units)
        self.area = np.concatenate([np.full(len(unit.severity), n) for n, unit in enumerate(units)])
        first = np.cumsum([0, *[len(unit.issues) for unit in units]])
        self.pairs = int(first[-1])
        self.pair = np.concatenate([first[n] + unit.own_issue for n, unit in enumerate(units)])
        self.issue = np.concatenate([unit.issue for unit in units])
        self.severity = np.concatenate([unit.severity for unit in units])
        self.shared = np.array([unit.shared_error for unit in units])
        self.error = np.concatenate([unit.error for unit in units])
        self.own = np.concatenate([unit.own for unit in units])
        self.seen = np.concatenate([unit.seen for unit in units])
        self.covariates = np.concatenate([unit.covariates for unit in units])


def _model(data: _Arrays) -> None:
    """The model as NumPyro reads it."""
    import jax.numpy as jnp
    import numpyro
    from numpyro import distributions as dist

    slope = jnp.exp(numpyro.sample("slope", dist.Normal(*SLOPE)))
    first = numpyro.sample("first", dist.Normal(*FIRST))
    gaps = numpyro.sample("gaps", dist.Normal(*GAP).expand([GAPS]).to_event(1))
    deviations = numpyro.sample("deviations", dist.HalfNormal(jnp.asarray(DEVIATIONS)).to_event(1))
    effects = numpyro.sample("effects", dist.Normal(0.0, EFFECT).expand([data.places.covariates * BARS]).to_event(1))
    wide = jnp.sqrt(deviations[0] ** 2 + data.shared**2)
    shift = numpyro.sample("shift", dist.Normal().expand([data.areas]).to_event(1)) * wide
    stretch = numpyro.sample("stretch", dist.Normal().expand([data.areas, GAPS]).to_event(2)) * deviations[1]
    special = numpyro.sample("special", dist.Normal().expand([data.pairs]).to_event(1)) * deviations[2]
    issue = numpyro.sample("issue", dist.Normal().expand([data.places.issues]).to_event(1)) * deviations[3]
    lowest = first + shift
    bars = lowest[:, None] + jnp.concatenate(
        [jnp.zeros((data.areas, 1)), jnp.cumsum(jnp.exp(gaps + stretch), axis=1)], axis=1
    )
    line = data.severity - issue[data.issue] - special[data.pair]
    moved = bars[data.area] + data.covariates @ effects.reshape(data.places.covariates, BARS)
    flat = slope * jnp.sqrt(kept_of_slope(slope, data.error))
    above = 1.0 / (1.0 + jnp.exp(-flat[:, None] * (line[:, None] - moved)))
    own = data.own[:, 0] + (data.own[:, 1:] * above).sum(axis=1)
    seen = data.seen[:, 0] + (data.seen[:, 1:] * above).sum(axis=1)
    least = 1e-6  # in single precision differences of probabilities are no finer
    numpyro.factor("rows", (jnp.log(jnp.maximum(own, least)) - jnp.log(jnp.maximum(seen, least))).sum())


def _diagnostics(chained: dict[str, Array], diverging: int) -> dict[str, Any]:
    """The worst R-hat and effective size over all parameters, divergent transitions, and whether these will do."""
    from numpyro.diagnostics import effective_sample_size, split_gelman_rubin

    held = [values for values in chained.values() if values.size]
    r_hat = max(float(np.max(split_gelman_rubin(values))) for values in held)
    effective = min(float(np.min(effective_sample_size(values))) for values in held)
    passed = r_hat <= MOST_R_HAT and effective >= FEWEST_EFFECTIVE and diverging == 0
    return {"method": "NUTS", "r_hat": r_hat, "effective": effective, "diverging": diverging, "passed": passed}


def _posterior(design: Design, found: dict[str, Array], diagnostics: dict[str, Any]) -> Posterior:
    places, deviations = Places(len(design.issues), len(design.covariates)), found["deviations"]
    national = np.concatenate(
        [
            found["slope"][:, None],
            found["first"][:, None],
            found["gaps"],
            found["issue"] * deviations[:, 3:4],
            found["effects"],
        ],
        axis=1,
    )
    areas, pair = [], 0
    for number, unit in enumerate(design.units):
        own = found["special"][:, pair : pair + len(unit.issues)] * deviations[:, 2:3]
        pair += len(unit.issues)
        shift = found["shift"][:, number, None] * np.sqrt(deviations[:, :1] ** 2 + unit.shared_error**2)
        stretch = found["stretch"][:, number] * deviations[:, 1:2]
        areas.append(np.concatenate([shift, stretch, own], axis=1))
    return Posterior(design, places, national, tuple(areas), deviations, diagnostics)
