"""Grouped cross-validation: what a network reads off areas that it has not seen.

Each fold leaves out whole connected groups of areas, and training rows that nearly repeat a left-out row. A fold's
readings are kept in the run directory, so that a killed run goes on where it was.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from tokenizers import Tokenizer
from torch import Tensor

from evenhand.errors import InputError
from evenhand_training.config import TrainConfig
from evenhand_training.corpus import FOLDS, Corpus, Splits
from evenhand_training.encoder import load_tokenizer
from evenhand_training.examples import Example, digest, encode
from evenhand_training.fit import CHECKPOINT, Progress, pad
from evenhand_training.network import LadderNetwork
from evenhand_training.stages import Stages, fold_rows, shared_rows

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

    def read(ids: Tensor, mask: Tensor) -> dict[str, Tensor]:
        found = network(ids, mask)
        return {name: getattr(found, name) for name in ("theta", "issues", "assertion", "frame")}

    found = _in_batches(network, tokenizer, texts, read)
    return {name: values.double().numpy() for name, values in found.items()}


def pooled_features(network: LadderNetwork, tokenizer: Tokenizer, texts: Sequence[str]) -> Tensor:
    """What the heads read of whole texts, in the order given, shape (n, width)."""
    return _in_batches(network, tokenizer, texts, lambda ids, mask: {"pooled": network.pooled(ids, mask)})["pooled"]


def _in_batches(
    network: LadderNetwork,
    tokenizer: Tokenizer,
    texts: Sequence[str],
    read: Callable[[Tensor, Tensor], dict[str, Tensor]],
) -> dict[str, Tensor]:
    tokens = encode(tokenizer, texts)
    order = sorted(range(len(tokens)), key=lambda row: len(tokens[row]))
    parts: dict[str, list[Tensor]] = {}
    network.eval()
    with torch.no_grad():
        for at in range(0, len(order), READ_AT_ONCE):
            ids, mask = pad([tokens[row] for row in order[at : at + READ_AT_ONCE]])
            for name, values in read(ids, mask).items():
                parts.setdefault(name, []).append(values)
    back = torch.argsort(torch.tensor(order))
    return {name: torch.cat(values)[back] for name, values in parts.items()}


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
        train: Run folds that are missing; False only takes what is there.

    Raises:
        InputError: a fold is missing and `train` is False, or was made from other training rows.
    """
    stages = Stages.of(corpus, splits, config, run_directory)
    start = cache(lambda: stages.first(shared_rows(corpus, splits), progress("first stage")))
    return [
        [_fold(corpus, splits, stages, (repeat, fold), start, progress=progress, train=train) for fold in range(FOLDS)]
        for repeat in range(repeats)
    ]


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
    stored = place / "readings.json"
    rows, held = fold_rows(corpus, splits, repeat=repeat, fold=fold)
    dataset = stages.rows_of_second(rows)
    if not stored.exists():
        if not train:
            message = f"{stored}: this fold has not been run; run evenhand-training crossvalidate with this --run"
            raise InputError(message)
        network = stages.second(dataset, start(), place, progress(f"repeat {repeat + 1}, fold {fold + 1}"))
        tokenizer = load_tokenizer(stages.config.encoder.max_tokens)
        fold_readings(network, tokenizer, held, trained_on=digest(dataset)).write(stored)
        (place / CHECKPOINT).unlink(missing_ok=True)
    readings = FoldReadings.read(stored)
    if readings.rows != digest(dataset):
        message = f"{stored}: made from other training rows; delete {stages.folder} or give another --run"
        raise InputError(message)
    return readings
