"""Grouped cross-validation: what a network reads off areas that it has not seen.

Each fold leaves out whole connected groups of areas, and training rows that nearly repeat a left-out row. A fold's
readings are kept in the run directory, so that a killed run goes on where it was.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from tokenizers import Tokenizer

from evenhand.errors import InputError
from evenhand_training.config import TrainConfig
from evenhand_training.corpus import FOLDS, Corpus, Splits
from evenhand_training.dataset import digest
from evenhand_training.encoder import load_tokenizer
from evenhand_training.examples import Example
from evenhand_training.fit import CHECKPOINT, Progress
from evenhand_training.network import LadderNetwork
from evenhand_training.reading import CutPoints, read_off
from evenhand_training.set_readings import SetReadings, held_units, read_units
from evenhand_training.stages import Stages, fold_rows, shared_rows

READINGS, SETS = "readings.json", "sets.npz"


@dataclass(frozen=True, slots=True)
class FoldReadings:
    """What one fold's network reads off the rows left out.

    Attributes:
        ids: Of the rows left out.
        rows: Digest of the training rows, so that readings of another corpus are not taken for these.
        theta: Latent severity, shape (n,).
        issues: Logits, shape (n, issues).
        cuts: The network's cut-points.
        sets: What it reads off the sets and notes left out; None where they were not read.
    """

    ids: tuple[str, ...]
    rows: str
    theta: NDArray[np.float64]
    issues: NDArray[np.float64]
    cuts: CutPoints
    sets: SetReadings | None = None

    def write(self, path: Path) -> None:
        """Write as JSON, by rename, so that a kill leaves no half file; `sets` are kept beside it."""
        stored = {
            "ids": self.ids,
            "rows": self.rows,
            "theta": self.theta.tolist(),
            "issues": self.issues.tolist(),
            "severity": self.cuts.severity.tolist(),
            "first_level": self.cuts.first_level,
            "level_log_gaps": self.cuts.level_log_gaps.tolist(),
            "level_slope": self.cuts.level_slope,
        }
        partial = path.with_suffix(".partial")
        partial.write_text(json.dumps(stored), encoding="utf-8")
        partial.replace(path)

    @classmethod
    def read(cls, path: Path) -> FoldReadings:
        """Read what `write` wrote."""
        stored = json.loads(path.read_text(encoding="utf-8"))
        return cls(
            ids=tuple(stored["ids"]),
            rows=stored["rows"],
            theta=np.asarray(stored["theta"], dtype=np.float64),
            issues=np.asarray(stored["issues"], dtype=np.float64),
            cuts=CutPoints(
                severity=np.asarray(stored["severity"], dtype=np.float64),
                first_level=stored["first_level"],
                level_log_gaps=np.asarray(stored["level_log_gaps"], dtype=np.float64),
                level_slope=stored["level_slope"],
            ),
        )


def fold_readings(
    network: LadderNetwork, tokenizer: Tokenizer, rows: Sequence[Example], *, trained_on: str
) -> FoldReadings:
    """Read rows with a network that has not seen their areas; `trained_on` is the digest of its training rows."""
    read = read_off(network, tokenizer, [row.text for row in rows])
    return FoldReadings(
        ids=tuple(row.id for row in rows),
        rows=trained_on,
        theta=read["theta"],
        issues=read["issues"],
        cuts=CutPoints.of(network),
    )


def cross_validate(
    corpus: Corpus,
    splits: Splits,
    config: TrainConfig,
    *,
    run_directory: Path,
    repeats: int,
    progress: Callable[[str], Progress | None],
    train: bool = True,
) -> list[list[FoldReadings]]:
    """Readings of every fold of every repeat; folds found in the run directory are not run again.

    Args:
        corpus: The corpus.
        splits: Its frozen splits.
        config: The whole configuration.
        run_directory: Where readings and checkpoints are kept.
        repeats: How many of the frozen fold assignments to run.
        progress: Given the name of a fit, what it reports to.
        train: Fit what is missing; False only takes what is there.

    Raises:
        InputError: a fold or the teacher is missing and `train` is False, or a fold was made from other training rows.
    """
    stages = Stages.of(corpus, splits, config, run_directory, progress, train=train)
    start = cache(lambda: stages.first(shared_rows(corpus, splits), progress("first stage")))
    return [
        [_fold(corpus, splits, stages, (repeat, fold), start, progress=progress, train=train) for fold in range(FOLDS)]
        for repeat in range(repeats)
    ]


def stored_readings(folder: Path, repeats: int) -> list[list[FoldReadings]]:
    """Readings of published rows that an earlier run left in its folder, whatever they were made from.

    Raises:
        InputError: a fold is missing.
    """
    paths = [[folder / f"repeat{repeat}-fold{fold}" / READINGS for fold in range(FOLDS)] for repeat in range(repeats)]
    for path in (path for of_repeat in paths for path in of_repeat):
        if not path.exists():
            message = f"{path}: not found; give the folder below --run that is named by configuration and corpus"
            raise InputError(message)
    return [[FoldReadings.read(path) for path in of_repeat] for of_repeat in paths]


def _fold(
    corpus: Corpus,
    splits: Splits,
    stages: Stages,
    number: tuple[int, int],
    start: Callable[[], LadderNetwork],
    *,
    progress: Callable[[str], Progress | None],
    train: bool,
) -> FoldReadings:
    repeat, fold = number
    place = stages.folder / f"repeat{repeat}-fold{fold}"
    stored = place / READINGS
    if not (train or stored.exists()):
        message = f"{stored}: this fold has not been run; run evenhand-training crossvalidate with this --run"
        raise InputError(message)
    rows, held = fold_rows(corpus, splits, repeat=repeat, fold=fold)
    dataset = stages.rows_of_second(rows)
    if not stored.exists():
        network = stages.second(dataset, start(), place, progress(f"repeat {repeat + 1}, fold {fold + 1}"))
        tokenizer = load_tokenizer(stages.config.encoder.max_tokens)
        read_units(network, tokenizer, held_units(corpus, splits, fold)).write(place / SETS)
        fold_readings(network, tokenizer, held, trained_on=digest(dataset)).write(stored)
        (place / CHECKPOINT).unlink(missing_ok=True)
    sets = SetReadings.read_from(place / SETS, held_units(corpus, splits, fold))
    readings = replace(FoldReadings.read(stored), sets=sets)
    if readings.rows != digest(dataset) or sets is None:
        message = f"{stored}: made from other training rows; delete {stages.folder} or give another --run"
        raise InputError(message)
    return readings
