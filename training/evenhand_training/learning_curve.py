"""Learning curves: how left-out areas are read as the training rows grow.

The encoder is the pre-trained one, frozen, which has seen no row of the corpus. The network that is released has seen
all of them, so that it cannot say what a part of them is worth, and to fit it anew at every size would take days. Heads
on frozen features reach lower figures than that network: what is carried over is how figures change with rows, not
where they stand.

Published rows grow by whole connected groups of areas and invented ones by whole pairs, sets and notes, each kind by
itself, so that the two can be told apart. Every size is judged on the same left-out areas of development, by the first
of the frozen fold assignments. The frozen test has no part in it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from tokenizers import Tokenizer
from torch import Tensor

from evenhand.decoder import choose_issues
from evenhand.errors import InputError
from evenhand.scheme import LEVELS, SEVERITIES
from evenhand_training.calibrate import best_thresholds, truth_of
from evenhand_training.config import TrainConfig
from evenhand_training.corpus import FOLDS, Corpus, Splits
from evenhand_training.encoder import load_tokenizer
from evenhand_training.examples import Example, authored_examples, development_rows, says_something_about_level
from evenhand_training.growth_heads import Table, fit_growth_heads, is_published
from evenhand_training.metrics import Predictions, Truth, level_in_set, ranked_probability_score
from evenhand_training.network import LadderNetwork
from evenhand_training.reading import pooled_features
from evenhand_training.severity_ladder import severity_ladder
from evenhand_training.stages import fold_rows

Floats = NDArray[np.float64]
Places = NDArray[np.intp]
Shares = tuple[float, float]
Folds = Sequence[tuple[Sequence[Example], Sequence[Example]]]

# Of the published and of the invented rows, in doublings where curves still move. Each against each, so that either
# kind can be held out at its largest size.
PUBLISHED_SHARES = (0.0, 0.125, 0.25, 0.5, 1.0)
INVENTED_SHARES = (0.03125, 0.125, 0.25, 0.5, 1.0)
REPEAT = 0  # of the frozen fold assignments: the others part the same few large groups
LEAST_INFORMATIVE = 10  # published rows that a bar is fitted to; with fewer no level is read


@dataclass(frozen=True, slots=True)
class Fold:
    """Places of a fold's training rows and of its left-out rows."""

    training: Places
    held: Places


@dataclass(frozen=True, slots=True)
class Material:
    """Rows, what is read off them, and how they are left out; `units` are what a subset takes whole."""

    rows: tuple[Example, ...]
    table: Table
    folds: tuple[Fold, ...]
    units: tuple[str, ...]

    def counts(self, places: Places | None = None, *, published: bool) -> Floats:
        """Rows of one kind by issue, and last of all, shape (issues + 1,); at some places, or all."""
        chosen = range(len(self.rows)) if places is None else places
        own = [at for at in chosen if is_published(self.rows[at]) is published]
        about = self.table.issues[own].sum(dim=0).double().numpy()
        counted: Floats = np.append(about, float(len(own)))
        return counted

    def truth(self) -> Truth:
        """Published codes of the left-out rows, fold by fold."""
        return truth_of([self.rows[place] for fold in self.folds for place in fold.held])


@dataclass(frozen=True, slots=True)
class Point:
    """What heads fitted to one subset say of the left-out rows, fold by fold.

    Attributes:
        published: Published training rows of each issue, and last of all, mean of the folds, shape (issues + 1,).
        invented: The same of invented rows.
        predicted: Of all left-out rows; level probabilities are nan where no bar could be fitted.
    """

    published: Floats
    invented: Floats
    predicted: Predictions


def training_folds(corpus: Corpus, splits: Splits) -> list[tuple[list[Example], list[Example]]]:
    """Training and left-out rows of every fold; rows of the corpus alone, without the twins that training makes."""
    own = {row.id for row in authored_examples(corpus, splits, "train")} | set(development_rows(corpus, splits))
    parts = [fold_rows(corpus, splits, repeat=REPEAT, fold=fold) for fold in range(FOLDS)]
    return [([row for row in training if row.id in own], held) for training, held in parts]


def rows_of(folds: Folds) -> list[Example]:
    """Every row of the folds once."""
    return list({row.id: row for training, held in folds for row in (*training, *held)}.values())


def frozen_features(rows: Sequence[Example], config: TrainConfig, folder: Path) -> Tensor:
    """What the pre-trained encoder reads off rows, shape (n, width).

    Kept in the folder, because reading them takes about as long as all fits.
    """
    texts = [row.text for row in rows]
    told = "\0".join([config.encoder.model_dump_json(), *texts])
    kept = folder / f"features-{hashlib.sha256(told.encode()).hexdigest()[:12]}.npy"
    if not kept.exists():
        network = LadderNetwork(config.encoder, areas=1, dropout=0.0)
        tokenizer: Tokenizer = load_tokenizer(config.encoder.max_tokens)
        features = pooled_features(network, tokenizer, texts)
        folder.mkdir(parents=True, exist_ok=True)
        partial = kept.with_suffix(".partial.npy")
        np.save(partial, features.numpy())
        partial.replace(kept)
    return torch.from_numpy(np.load(kept))


def material_of(folds: Folds, features: Tensor) -> Material:
    """Material of folds, with features of their rows in the order of `rows_of`.

    Raises:
        InputError: a fold has nothing to train on or leaves nothing out.
    """
    rows = rows_of(folds)
    place = {row.id: number for number, row in enumerate(rows)}
    if not all(training and held for training, held in folds):
        message = "a fold has no training rows or leaves none out; give a corpus with published rows in all five folds"
        raise InputError(message)
    made = tuple(Fold(*(np.array([place[row.id] for row in part], dtype=np.intp) for part in fold)) for fold in folds)
    return Material(tuple(rows), Table.of(rows, features), made, tuple(_unit(row) for row in rows))


def _unit(row: Example) -> str:
    if is_published(row):
        return f"group {row.group}" if row.group else f"area {row.area}"
    return row.unit


def curve_points(material: Material, seeds: Sequence[int], tick: Callable[[], None]) -> dict[Shares, list[Point]]:
    """Points of each pair of shares (published, invented), one a seed; `tick` is called after each.

    A seed draws the order in which units are taken; smaller subsets are parts of larger ones.
    """
    truth = material.truth()
    found: dict[Shares, list[Point]] = {(p, i): [] for p in PUBLISHED_SHARES for i in INVENTED_SHARES}
    for seed in seeds:
        drawn = np.random.default_rng(seed).permutation(sorted(set(material.units))).tolist()
        order = {unit: number for number, unit in enumerate(drawn)}
        for shares, points in found.items():
            points.append(_point(material, truth, order, shares))
            tick()
    return found


def subset(material: Material, fold: Fold, order: dict[str, int], shares: Shares) -> Places:
    """The first units of each kind in an order, as many as come nearest to the share of that kind's rows."""
    kept = []
    for kind, share in zip((True, False), shares, strict=True):
        places = np.array([at for at in fold.training if is_published(material.rows[at]) is kind], dtype=np.intp)
        rank = np.array([order[material.units[at]] for at in places], dtype=np.intp)
        taken = np.argsort(rank, kind="stable")
        ends = np.append(0, np.flatnonzero(np.diff(rank[taken], append=len(order))) + 1)
        kept.append(places[taken[: ends[np.abs(ends - share * len(places)).argmin()]]])
    return np.concatenate(kept)


def _point(material: Material, truth: Truth, order: dict[str, int], shares: Shares) -> Point:
    table = material.table
    subsets = [subset(material, fold, order, shares) for fold in material.folds]
    read = [
        fit_growth_heads(table, own).read(table.features[torch.from_numpy(fold.held)])
        for own, fold in zip(subsets, material.folds, strict=True)
    ]
    severity = np.concatenate([grades for _, grades in read])
    levels = [grades @ _bar(material, own) for own, (_, grades) in zip(subsets, read, strict=True)]
    issues = _chosen([said for said, _ in read], truth)
    predicted = Predictions(np.concatenate(levels), severity @ np.asarray(SEVERITIES, dtype=np.float64), issues)
    counted = [[material.counts(own, published=kind) for own in subsets] for kind in (True, False)]
    published, invented = (np.mean(of_folds, axis=0) for of_folds in counted)
    return Point(published, invented, predicted)


def _bar(material: Material, places: Places) -> Floats:
    """P(level) at each grade of severity, shape (6, 5), fitted to coded severity and published sets."""
    rows = [material.rows[place] for place in places if says_something_about_level(material.rows[place])]
    if len(rows) < LEAST_INFORMATIVE:
        return np.full((len(SEVERITIES), len(LEVELS)), np.nan)
    graded = np.array([row.severity or np.nan for row in rows])
    return severity_ladder(rows, graded)(np.asarray(SEVERITIES, dtype=np.float64))


def _chosen(probabilities: Sequence[Floats], truth: Truth) -> NDArray[np.bool_]:
    """Issues of every fold, by the thresholds that suit the other folds best."""
    fold = np.repeat(np.arange(len(probabilities)), [len(part) for part in probabilities])
    joined = np.concatenate(probabilities)
    chosen = np.zeros_like(truth.issues)
    for number, part in enumerate(probabilities):
        others = fold != number
        threshold, top = best_thresholds(joined[others], truth.issues[others])
        chosen[~others] = choose_issues(part, threshold, top)
    return chosen


def level_scores(truth: Truth, predicted: Predictions) -> tuple[Floats, Floats]:
    """Whether each row's level is in its published set, and its ranked probability score; nan without a bar."""
    without = np.isnan(predicted.level_probabilities).any(axis=1)
    inside, score = level_in_set(truth, predicted), ranked_probability_score(truth, predicted)
    return np.where(without, np.nan, inside), np.where(without, np.nan, score)
