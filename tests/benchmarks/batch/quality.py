"""How right each peer is on the same rows, with intervals, and how it compares with Evenhand on the same rows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from tests.benchmarks.batch.heads import NO_LEVEL, Said, issue_table
from tests.benchmarks.batch.peers import OURS
from tests.benchmarks.batch.rows import Coded

from evenhand_training.metrics import interval_of, micro_f1, resample_groups

SEED = 2026
MEASURES = ("level_exact", "level_adjacent", "issue_micro_f1")

Draw = NDArray[np.intp]


class _Judged:
    """A peer's answers against the codes."""

    def __init__(self, said: Said, rows: Sequence[Coded]) -> None:
        # No level at all is taken for the one below `none`, as in `evenhand_training.behaviour`.
        assert NO_LEVEL == -1
        self.distance = np.array(
            [min(abs(int(level) - right) for right in row.levels) for level, row in zip(said.levels, rows, strict=True)]
        )
        self.real, self.found = issue_table([row.issues for row in rows]), said.issues

    def measures(self, drawn: Draw) -> dict[str, float]:
        return {
            "level_exact": float((self.distance[drawn] == 0).mean()),
            "level_adjacent": float((self.distance[drawn] <= 1).mean()),
            "issue_micro_f1": micro_f1(self.real[drawn], self.found[drawn]),
        }


def judge(said: Mapping[str, Said], rows: Sequence[Coded]) -> dict[str, dict[str, Any]]:
    """For each peer its measures with 95% intervals, and behind `OURS` how much better that one is on the same rows.

    Intervals resample groups: areas of published rows, single notes otherwise. `agreement` is the share of texts with
    Evenhand's level.
    """
    draws = resample_groups([row.group for row in rows], seed=SEED)
    judged = {name: _Judged(told, rows) for name, told in said.items()}
    every = np.arange(len(rows))
    drawn = {name: [one.measures(rows_) for rows_ in draws] for name, one in judged.items()}
    found: dict[str, dict[str, Any]] = {}
    for name, one in judged.items():
        reached = one.measures(every)
        found[name] = {"rows": len(rows)} | {
            key: _with_interval(reached[key], np.array([draw[key] for draw in drawn[name]])) for key in MEASURES
        }
        if name == OURS or OURS not in judged:
            continue
        own = judged[OURS].measures(every)
        found[name]["ours_better_by"] = {
            key: _with_interval(
                own[key] - reached[key],
                np.array([ours[key] - theirs[key] for ours, theirs in zip(drawn[OURS], drawn[name], strict=True)]),
            )
            for key in MEASURES
        }
        found[name]["agreement"] = round(float((said[name].levels == said[OURS].levels).mean()), 4)
    return found


def is_equal(found: Mapping[str, Any]) -> bool:
    """Whether a peer is of equal quality: Evenhand is not surely better in its levels, nor in its issues."""
    better = found["ours_better_by"]
    return bool(better["level_exact"]["low"] <= 0 and better["issue_micro_f1"]["low"] <= 0)


def _with_interval(value: float, draws: NDArray[np.float64]) -> dict[str, float]:
    low, high = interval_of(draws)
    return {"value": round(value, 4), "low": round(low, 4), "high": round(high, 4)}
