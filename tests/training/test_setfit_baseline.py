"""SetFit tunes on published severity alone, decides by its seed, and leaves nothing behind."""

from __future__ import annotations

import socket
import sys
import tempfile
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from evenhand.errors import MissingExtraError
from evenhand_training import setfit_baseline
from evenhand_training.examples import Example
from evenhand_training.setfit_baseline import setfit


@pytest.fixture(autouse=True)
def _few_steps(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(setfit_baseline, "MOST_STEPS", 2)
    monkeypatch.setattr(setfit_baseline, "INVENTED_STEP", 1)


@pytest.fixture(name="training")
def rows_of_both_kinds(published: list[Example], authored: list[Example]) -> list[Example]:
    return [*published, *authored]


def test_pairs_come_from_published_severity_alone(training: list[Example], published: list[Example]) -> None:
    """Levels are read off the tuned encoder, and nothing else of them depends on a severity."""
    invented = [row if row.levels else replace(row, severity=3) for row in training]
    restated = [replace(row, severity=1 + place % 2) if row.levels else row for place, row in enumerate(training)]
    told, same, other = (setfit(rows, published, seed=1).level_probabilities for rows in (training, invented, restated))
    np.testing.assert_allclose(told, same, atol=1e-6)
    assert np.abs(told - other).max() > 1e-4


def test_the_seed_decides(training: list[Example], published: list[Example]) -> None:
    one, again, another = (setfit(training, published, seed=seed) for seed in (5, 5, 6))
    np.testing.assert_allclose(one.level_probabilities, again.level_probabilities, atol=1e-6)
    np.testing.assert_array_equal(one.issues, again.issues)
    assert np.abs(one.level_probabilities - another.level_probabilities).max() > 1e-4


def test_nothing_is_sent_printed_or_left_behind(
    training: list[Example],
    published: list[Example],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
) -> None:
    asked: list[object] = []

    def refuse(*address: object, **_: object) -> None:
        asked.append(address)
        raise OSError

    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    monkeypatch.setattr(socket.socket, "connect", refuse)
    setfit(training, published, seed=1)
    assert not asked
    assert list(tmp_path.iterdir()) == []
    assert capfd.readouterr() == ("", "")


def test_without_setfit_the_extra_is_named(training: list[Example], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "setfit", None)
    with pytest.raises(MissingExtraError, match=r"evenhand\[baselines\]"):
        setfit(training, training, seed=1)
