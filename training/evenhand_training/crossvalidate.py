"""Grouped cross-validation: what a network reads off areas that it has not seen.

Each fold leaves out whole connected groups of areas, and training rows that nearly repeat a left-out row. A fold's
readings are kept in the run directory, so that a killed run goes on where it was.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from datasets import Dataset
from numpy.typing import NDArray
from tokenizers import Tokenizer

from evenhand.errors import InputError
from evenhand_training.config import TrainConfig
from evenhand_training.corpus import FOLDS, NEAR_REPEAT_THRESHOLD, Corpus, Splits, near_repeats
from evenhand_training.encoder import load_tokenizer
from evenhand_training.examples import (
    Example,
    area_index,
    authored_examples,
    digest,
    encode,
    split_published,
    to_dataset,
)
from evenhand_training.fit import CHECKPOINT, Progress, fit, pad
from evenhand_training.network import LadderNetwork

# Texts read at once after training; only speed depends on it.
READ_AT_ONCE = 64


@dataclass(frozen=True, slots=True)
class CutPoints:
    """A network's national cut-points, which decode its latent severity.

    Attributes:
        severity: Shape (5,).
        first_level: First level cut-point.
        level_log_gaps: Logarithms of the gaps between level cut-points, shape (3,).
        level_slope: Steepness of the level reading.
    """

    severity: NDArray[np.float64]
    first_level: float
    level_log_gaps: NDArray[np.float64]
    level_slope: float

    @classmethod
    def of(cls, network: LadderNetwork) -> CutPoints:
        """Take them from a network."""
        return cls(
            severity=network.severity_cuts().detach().double().numpy(),
            first_level=float(network.level_cuts.first.detach()),
            level_log_gaps=network.level_cuts.log_gaps.detach().double().numpy(),
            level_slope=float(network.log_slope.detach().exp()),
        )


@dataclass(frozen=True, slots=True)
class FoldReadings:
    """What one fold's network reads off the rows left out.

    Attributes:
        ids: Of the rows left out.
        rows: Digest of the training rows, so that readings of another corpus are not taken for these.
        theta: Latent severity, shape (n,).
        issues: Logits, shape (n, issues).
        cuts: The network's cut-points.
    """

    ids: tuple[str, ...]
    rows: str
    theta: NDArray[np.float64]
    issues: NDArray[np.float64]
    cuts: CutPoints

    def write(self, path: Path) -> None:
        """Write as JSON, by rename, so that a kill leaves no half file."""
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


def read_off(network: LadderNetwork, tokenizer: Tokenizer, texts: Sequence[str]) -> dict[str, NDArray[np.float64]]:
    """The network's readings of whole texts by name of output, in the order given."""
    tokens = encode(tokenizer, texts)
    order = sorted(range(len(tokens)), key=lambda row: len(tokens[row]))
    parts: dict[str, list[NDArray[np.float64]]] = {"theta": [], "issues": [], "assertion": [], "frame": []}
    network.eval()
    with torch.no_grad():
        for at in range(0, len(order), READ_AT_ONCE):
            ids, mask = pad([tokens[row] for row in order[at : at + READ_AT_ONCE]])
            read = network(ids, mask)
            for name, values in parts.items():
                values.append(getattr(read, name).double().numpy())
    back = np.argsort(np.asarray(order, dtype=np.intp))
    return {name: np.concatenate(values)[back] for name, values in parts.items()}


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


def fold_rows(corpus: Corpus, splits: Splits, *, repeat: int, fold: int) -> tuple[list[Example], list[Example]]:
    """Training rows and left-out rows of one fold; no training row nearly repeats a left-out one."""
    development, _ = split_published(corpus, splits)
    held = [row for row in development if row.group and splits.fold_of(row.group, repeat) == fold]
    held_ids = {row.id for row in held}
    others = [row for row in development if row.id not in held_ids] + authored_examples(corpus, splits, "train")
    repeats = set(
        near_repeats([row.text for row in others], [row.text for row in held], threshold=NEAR_REPEAT_THRESHOLD)
    )
    return [row for place, row in enumerate(others) if place not in repeats], held


def encode_rows(rows: Sequence[Example], config: TrainConfig) -> tuple[Dataset, int]:
    """Training rows as a data set, and the number of areas that it numbers."""
    areas = area_index(rows)
    # Evenly spaced, so that a limited run sees rows of every source.
    limited = rows[:: max(1, len(rows) // config.row_limit)][: config.row_limit] if config.row_limit else rows
    tokenizer = load_tokenizer(config.encoder.max_tokens)
    return to_dataset(limited, tokenizer, areas=areas, published_weight=config.loss.published_weight), len(areas)


def fit_rows(
    rows: Sequence[Example],
    config: TrainConfig,
    *,
    run_directory: Path | None = None,
    progress: Progress | None = None,
) -> LadderNetwork:
    """Fit a network to examples, numbering the areas that occur in them."""
    dataset, areas = encode_rows(rows, config)
    return fit(dataset, config, areas=areas, run_directory=run_directory, progress=progress).network


def run_folder(run_directory: Path, config: TrainConfig, corpus: Corpus) -> Path:
    """Where the runs of one configuration and corpus version are kept: a change of either starts afresh.

    A change of the training code does not; give such runs a folder of their own.
    """
    return run_directory / f"{config.digest()[:12]}-{corpus.version}"


def cross_validate(
    corpus: Corpus,
    splits: Splits,
    config: TrainConfig,
    *,
    run_directory: Path,
    repeats: int,
    progress: Callable[[int, int], Progress | None],
    train: bool = True,
) -> list[list[FoldReadings]]:
    """Readings of every fold of every repeat; folds found in the run directory are not run again.

    Args:
        corpus: The corpus.
        splits: Its frozen splits.
        config: The whole configuration.
        run_directory: Where readings and checkpoints are kept.
        repeats: How many of the frozen fold assignments to run.
        progress: Given repeat and fold, what the fit of that fold reports to.
        train: Run folds that are missing; False only takes what is there.

    Raises:
        InputError: a fold is missing and `train` is False, or was made from other training rows.
    """
    folder = run_folder(run_directory, config, corpus)
    return [
        [_fold(corpus, splits, config, folder, (repeat, fold), progress=progress, train=train) for fold in range(FOLDS)]
        for repeat in range(repeats)
    ]


def _fold(
    corpus: Corpus,
    splits: Splits,
    config: TrainConfig,
    folder: Path,
    number: tuple[int, int],
    *,
    progress: Callable[[int, int], Progress | None],
    train: bool,
) -> FoldReadings:
    repeat, fold = number
    place = folder / f"repeat{repeat}-fold{fold}"
    stored = place / "readings.json"
    rows, held = fold_rows(corpus, splits, repeat=repeat, fold=fold)
    dataset, areas = encode_rows(rows, config)
    if not stored.exists():
        if not train:
            message = f"{stored}: this fold has not been run; run evenhand-training crossvalidate with this --run"
            raise InputError(message)
        fitted = fit(dataset, config, areas=areas, run_directory=place, progress=progress(repeat, fold))
        tokenizer = load_tokenizer(config.encoder.max_tokens)
        fold_readings(fitted.network, tokenizer, held, trained_on=digest(dataset)).write(stored)
        (place / CHECKPOINT).unlink(missing_ok=True)
    readings = FoldReadings.read(stored)
    if readings.rows != digest(dataset):
        message = f"{stored}: made from other training rows; delete {folder} or give another --run"
        raise InputError(message)
    return readings
