"""Do estimated thresholds recover known ones? Simulation, appended to models/results.jsonl as kind `thresholds`.

    python tests/benchmarks/thresholds.py --fast 100 --sampled 10

For each made data set: how many of the true bars the 90% intervals hold, how far estimates are off, and the same for
the mean of areas in place of an area's own bar. A part of the data sets is also fitted as if every level had been
visible.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT))

from tests.nlp.consistency.simulated import Made, made  # noqa: E402

from evenhand.consistency.posterior import Posterior  # noqa: E402
from evenhand.consistency.rows import ThresholdRow  # noqa: E402
from evenhand.consistency.sampled import sample_thresholds  # noqa: E402
from evenhand.consistency.thresholds import fit_thresholds  # noqa: E402
from evenhand.scheme import LEVELS  # noqa: E402
from evenhand_training.results import append, stamp  # noqa: E402

IGNORING = 30  # data sets that are also fitted as if all levels had been visible


def judged(data: Made, posterior: Posterior) -> dict[str, float]:
    """How well a posterior finds the bars of a data set, those that enough rows inform by themselves."""
    bars = posterior.thresholds()
    nation = {one.level: one.severity for one in posterior.nation()}
    true = np.array([data.bars[one.area, one.level] for one in bars])
    ends = np.array([(one.low, one.severity, one.high, nation[one.level]) for one in bars])
    enough = np.array([one.enough for one in bars])
    held = (ends[:, 0] <= true) & (true <= ends[:, 2])
    return {
        "coverage": float(held.mean()),
        "coverage_enough": float(held[enough].mean()),
        "bias": float((ends[:, 1] - true).mean()),
        "bias_enough": float((ends[:, 1] - true)[enough].mean()),
        "rmse": float(np.sqrt(((ends[:, 1] - true) ** 2).mean())),
        "rmse_enough": float(np.sqrt(((ends[:, 1] - true) ** 2)[enough].mean())),
        "rmse_of_mean": float(np.sqrt(((ends[:, 3] - true) ** 2).mean())),
        "width": float((ends[:, 2] - ends[:, 0]).mean()),
        "bars": float(len(bars)),
    }


def run(
    seeds: Sequence[int], fit: Callable[[Sequence[ThresholdRow]], Posterior], *, ignoring: bool = False
) -> dict[str, Any]:
    """Means over data sets, with the standard error of the coverage over them."""
    found, diagnostics, seconds = [], [], []
    for seed in seeds:
        data = made(seed)
        rows = [replace(row, visible=frozenset(LEVELS)) for row in data.rows] if ignoring else data.rows
        start = time.perf_counter()
        posterior = fit(rows)
        seconds.append(time.perf_counter() - start)
        diagnostics.append(posterior.diagnostics)
        found.append(judged(data, posterior))
        print(seed, {name: round(value, 3) for name, value in found[-1].items()}, file=sys.stderr, flush=True)
    means = {name: round(float(np.mean([one[name] for one in found])), 4) for name in found[0]}
    coverage = np.array([one["coverage"] for one in found])
    error = float(coverage.std(ddof=1) / np.sqrt(len(coverage))) if len(coverage) > 1 else None
    told = {"data_sets": len(found), **means, "coverage_standard_error": error and round(error, 4)}
    if "r_hat" in diagnostics[0]:
        told["worst_r_hat"] = round(max(one["r_hat"] for one in diagnostics), 4)
        told["least_effective"] = round(min(one["effective"] for one in diagnostics), 1)
        told["diverging"] = sum(one["diverging"] for one in diagnostics)
        told["passed"] = sum(one["passed"] for one in diagnostics)
    else:
        told["least_effective_trials"] = round(min(one["effective_trials"] for one in diagnostics), 1)
    return {**told, "median_seconds": round(float(np.median(seconds)), 2)}


def main() -> None:
    """Simulate, print, append."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--fast", type=int, default=100)
    parser.add_argument("--sampled", type=int, default=10)
    parser.add_argument("--log", type=Path, default=ROOT / "models/results.jsonl")
    given = parser.parse_args()
    line: dict[str, Any] = {"kind": "thresholds", **stamp(), "interval": 0.9}
    if given.fast:
        line["fast"] = run(range(given.fast), fit_thresholds)
        line["fast_as_if_all_levels_were_visible"] = run(
            range(min(IGNORING, given.fast)), fit_thresholds, ignoring=True
        )
    if given.sampled:
        line["sampled"] = run(range(given.sampled), sample_thresholds)
        line["fast_same_sets"] = run(range(given.sampled), fit_thresholds)
    print(line)
    append(given.log, line)


if __name__ == "__main__":
    main()
