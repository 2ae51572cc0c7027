"""A larger network that teaches the one that is released (distillation, Hinton et al. 2015).

It is fitted once, to the rows of the first stage, which say nothing of any area that is judged; what it reads off every
training row is kept in the run directory. It is never part of a model.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np

from evenhand.decoder import class_probabilities, logistic
from evenhand_training.config import TrainConfig
from evenhand_training.encoder import load_tokenizer
from evenhand_training.examples import Example, Reading, Teaching, digest, to_dataset
from evenhand_training.fit import Progress, fit
from evenhand_training.reading import CutPoints, read_off

READINGS = "readings.npz"


def teaching(
    taught: Sequence[Example],
    read: Sequence[Example],
    config: TrainConfig,
    *,
    areas: dict[str, int],
    folder: Path,
    progress: Callable[[str], Progress | None],
) -> Teaching | None:
    """What the teacher reads off rows, fitted if the folder does not have it; None if the configuration has no teacher.

    Args:
        taught: Rows that the teacher is fitted to.
        read: Rows that it reads.
        config: The whole configuration of the network that is taught.
        areas: Numbers of the areas that say something about thresholds.
        folder: Where checkpoint and readings are kept.
        progress: Given the name of a fit, what it reports to.

    Raises:
        MissingExtraError: the packages that carry the teacher's weights are not installed.
    """
    if not config.teacher.share:
        return None
    own = config.teaching()
    stored = folder / READINGS
    tokenizer = load_tokenizer(own.encoder.max_tokens, own.encoder.name)
    rows = to_dataset(taught, tokenizer, areas=areas)
    identity = digest(rows)
    wanted = [row.id for row in read]
    if stored.exists():
        with np.load(stored) as kept:
            if str(kept["taught"]) == identity and kept["ids"].tolist() == wanted:
                return _of_arrays(config, wanted, kept["severity"], kept["issues"])
    network = fit(rows, own, areas=len(areas), run_directory=folder, progress=progress("teacher")).network
    found = read_off(network, tokenizer, [row.text for row in read])
    severity = class_probabilities(logistic(found["theta"][:, None] - CutPoints.of(network).severity))
    issues = logistic(found["issues"])
    partial = folder / f"partial-{READINGS}"
    np.savez(partial, taught=identity, ids=np.array(wanted), severity=severity, issues=issues)
    partial.replace(stored)
    return _of_arrays(config, wanted, severity, issues)


def _of_arrays(config: TrainConfig, ids: Sequence[str], severity: np.ndarray, issues: np.ndarray) -> Teaching:
    readings = {row: Reading(*read) for row, *read in zip(ids, severity, issues, strict=True)}
    return Teaching(config.teacher.share, readings)
