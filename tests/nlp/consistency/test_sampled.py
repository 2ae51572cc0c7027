"""Sampling agrees with the fast fit, and says how its chains did."""

from __future__ import annotations

import sys

import numpy as np
import pytest
from tests.nlp.consistency.simulated import made

from evenhand.consistency.sampled import sample_thresholds
from evenhand.consistency.thresholds import fit_thresholds
from evenhand.errors import MissingExtraError


@pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::FutureWarning", "ignore::UserWarning")
def test_sampling_and_the_fast_fit_agree() -> None:
    data = made(2, areas=12)
    sampled, fast = sample_thresholds(data.rows, chains=2, warm_up=250, draws=250), fit_thresholds(data.rows)
    ends = [np.array([(b.low, b.severity, b.high) for b in fit.thresholds() if b.enough]) for fit in (sampled, fast)]
    assert np.abs(ends[0][:, 1] - ends[1][:, 1]).mean() < 0.12
    widths = [(end[:, 2] - end[:, 0]).mean() for end in ends]
    assert 0.75 < widths[1] / widths[0] < 1.3
    assert sampled.diagnostics["method"] == "NUTS"
    assert sampled.diagnostics["diverging"] <= 5
    assert sampled.diagnostics["r_hat"] < 1.2


def test_without_numpyro_the_cure_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "numpyro.infer", None)
    with pytest.raises(MissingExtraError, match=r"pip install 'evenhand\[stats\]'"):
        sample_thresholds(made(1, areas=3).rows)
