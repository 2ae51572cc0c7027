"""A larger network that teaches the one that is released (distillation, Hinton et al. 2015).

It is fitted once, to the rows of the first stage, which say nothing of any area that is judged; what it reads off every
training row is kept in the run directory. It is never part of a model.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from evenhand.decoder import class_probabilities, logistic
from evenhand.errors import InputError
from evenhand_training.config import TrainConfig
from evenhand_training.dataset import Reading, Teaching, to_dataset
from evenhand_training.encoder import load_tokenizer
from evenhand_training.examples import Example
from evenhand_training.fit import Progress, fit
from evenhand_training.reading import CutPoints, read_off

READINGS = "readings.npz"


def read_by_teacher(
    rows: Sequence[Example],
    config: TrainConfig,
    *,
    areas: dict[str, int],
    folder: Path,
    progress: Callable[[str], Progress | None],
    train: bool = True,
) -> Teaching | None:
    """What the teacher reads off rows, fitted if the folder does not have it; None if the configuration has no teacher.

    Args:
        rows: Rows that the teacher is fitted to and then reads.
        config: The whole configuration of the network that is taught.
        areas: Numbers of the areas that say something about thresholds.
        folder: Where checkpoint and readings are kept.
        progress: Given the name of a fit, what it reports to.
        train: Fit it if need be; False only takes what is there.

    Raises:
        InputError: the readings are missing, or are those of other rows, and `train` is False.
        MissingExtraError: the packages that carry the teacher's weights are not installed.
    """
    if not config.teacher.share:
        return None
    own, stored = config.of_teacher(), folder / READINGS
    identity = _identity(rows, own, areas)
    kept = _kept(stored, identity)
    if kept is None:
        if not train:
            message = f"{stored}: the teacher has not read these rows; run evenhand-training crossvalidate first"
            raise InputError(message)
        kept = _fit_and_read(rows, own, areas=areas, folder=folder, progress=progress("teacher"))
        partial = folder / f"partial-{READINGS}"
        np.savez(partial, identity=identity, severity=kept[0], issues=kept[1])
        partial.replace(stored)
    readings = {row.id: Reading(*both) for row, *both in zip(rows, *kept, strict=True)}
    return Teaching(config.teacher.share, readings)


def _fit_and_read(
    rows: Sequence[Example],
    own: TrainConfig,
    *,
    areas: dict[str, int],
    folder: Path,
    progress: Progress | None,
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    tokenizer = load_tokenizer(own.encoder.max_tokens, own.encoder.name)
    dataset = to_dataset(rows, tokenizer, areas=areas)
    network = fit(dataset, own, areas=len(areas), run_directory=folder, progress=progress).network
    network.reads_in_low_precision = True
    found = read_off(network, tokenizer, [row.text for row in rows])
    severity = class_probabilities(logistic(found["theta"][:, None] - CutPoints.of(network).severity))
    return severity, logistic(found["issues"])


def _kept(stored: Path, identity: str) -> tuple[NDArray[np.float64], NDArray[np.float64]] | None:
    if not stored.exists():
        return None
    with np.load(stored) as arrays:
        return (arrays["severity"], arrays["issues"]) if str(arrays["identity"]) == identity else None


def _identity(rows: Sequence[Example], own: TrainConfig, areas: dict[str, int]) -> str:
    running = hashlib.sha256(f"{own.digest()}{sorted(areas.items())}".encode())
    for row in rows:
        running.update(repr((row.id, row.text, row.severity, row.issues, row.assertions, row.frame)).encode())
    return running.hexdigest()
