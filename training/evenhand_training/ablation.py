"""Does each part of the level model earn its place? The same heads, fitted without one part at a time.

The encoder is that of the first stage, which has seen no area that is judged, and stays as it is: a fit then takes
seconds, so that every part can be tried on every fold with several seeds. Severity direction, cut-points and area
offsets are fitted jointly, as in training; nothing is recalibrated afterwards, so that a part cannot be made up for.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from tokenizers import Tokenizer

from evenhand_training.area_measures import full_summary
from evenhand_training.calibrate import truth_of
from evenhand_training.config import LossConfig, TrainConfig
from evenhand_training.corpus import FOLDS, Corpus, Splits
from evenhand_training.encoder import load_tokenizer
from evenhand_training.examples import Example, area_index, split_published
from evenhand_training.fit import Progress
from evenhand_training.level_variants import FULL, VARIANTS, fit_heads, read_unseen, rows_of
from evenhand_training.metrics import Predictions, Truth, interval_of, intervals, joined
from evenhand_training.network import LadderNetwork
from evenhand_training.reading import pooled_features
from evenhand_training.stages import Stages, fold_rows, shared_rows

PAIRED = ("severity_qwk", "level_in_set", "rps", "missed_harm", "rank_correlation")
LOWER_IS_BETTER = ("rps", "missed_harm")
BOOTSTRAP_SEED = 2026
SHORT_EPOCHS = 1  # of further seeds: a third of the time, and a part's worth shows all the same
INVENTED_STEP = 4  # every so manieth invented row: with published ones about as many as the heads can use


def fold_predictions(
    start: LadderNetwork,
    tokenizer: Tokenizer,
    folds: Sequence[tuple[Sequence[Example], Sequence[Example]]],
    areas: dict[str, int],
    config: LossConfig,
) -> dict[str, list[Predictions]]:
    """Predictions of every variant for the left-out rows of every fold of (training, left out)."""
    found: dict[str, list[Predictions]] = {variant.name: [] for variant in VARIANTS}
    thinned = [(_thinned(training), held) for training, held in folds]
    texts = list(dict.fromkeys(row.text for training, held in thinned for row in (*training, *held)))
    place = {text: number for number, text in enumerate(texts)}
    features = pooled_features(start, tokenizer, texts)
    for training, held in thinned:
        known = features[[place[row.text] for row in training]]
        told = features[[place[row.text] for row in held]]
        for variant in VARIANTS:
            rows = rows_of(training, known, areas, variant)
            heads = fit_heads(variant, rows, start, config, areas=len(areas))
            found[variant.name].append(read_unseen(heads, told, config))
    return found


def _thinned(training: Sequence[Example]) -> list[Example]:
    invented = [row for row in training if row.source != "descriptors"]
    return [row for row in training if row.source == "descriptors"] + invented[::INVENTED_STEP]


def compare(truth: Truth, methods: dict[str, Predictions], seeds: int) -> dict[str, Any]:
    """Each variant's figures and all parts minus variant, paired over resamples of areas; rows stand once a seed."""
    measure = partial(full_summary, repeats=seeds)
    draws = intervals(truth, methods, seed=BOOTSTRAP_SEED, measure=measure)
    reached = {name: measure(truth, predicted) for name, predicted in methods.items()}
    lines = {}
    for name in methods:
        lines[name] = {
            key: {
                "value": round(reached[name][key], 4),
                "gain_of_part": round(_better(key) * (reached[FULL][key] - reached[name][key]), 4),
                **dict(
                    zip(("low", "high"), _interval(_better(key) * (draws[FULL][key] - draws[name][key])), strict=True)
                ),
            }
            for key in PAIRED
        }
    return {"seeds": seeds, "bootstrap_seed": BOOTSTRAP_SEED, "variants": lines}


def _better(key: str) -> float:
    return -1.0 if key in LOWER_IS_BETTER else 1.0


def _interval(draws: NDArray[np.float64]) -> tuple[float, float]:
    low, high = interval_of(draws)
    return round(low, 4), round(high, 4)


def truth_of_folds(folds: Sequence[tuple[Sequence[Example], Sequence[Example]]], seeds: int) -> Truth:
    """Published codes of the left-out rows in the order of `fold_predictions`, once for each seed; no issues."""
    held = [row for _, left_out in folds for row in left_out] * seeds
    return replace(truth_of(held), issues=np.zeros((len(held), 1), dtype=np.bool_))


def ablate(
    corpus: Corpus,
    splits: Splits,
    config: TrainConfig,
    run_directory: Path,
    seeds: int,
    progress: Callable[[str], Progress | None],
) -> dict[str, Any]:
    """Compare all variants on every fold of the first repeat with as many first stages as there are seeds.

    The first seed is the configuration's own, with its own first stage; further seeds have one of `SHORT_EPOCHS` and no
    teacher.
    """
    development, _ = split_published(corpus, splits)
    areas = area_index(development)
    folds = [fold_rows(corpus, splits, repeat=0, fold=fold) for fold in range(FOLDS)]
    tokenizer = load_tokenizer(config.encoder.max_tokens)
    found: dict[str, list[Predictions]] = {variant.name: [] for variant in VARIANTS}
    for number in range(seeds):
        short = config.optimiser.model_copy(update={"epochs": min(SHORT_EPOCHS, config.optimiser.epochs)})
        alone = config.teacher.model_copy(update={"share": 0.0})  # a teacher of each seed's own would take half an hour
        other = config.model_copy(update={"seed": config.seed + number, "optimiser": short, "teacher": alone})
        stages = Stages.of(corpus, splits, other if number else config, run_directory, progress)
        start = stages.first(shared_rows(corpus, splits), progress(f"first stage, seed {stages.config.seed}"))
        for name, parts in fold_predictions(start, tokenizer, folds, areas, config.loss).items():
            found[name] += parts
    methods = {name: joined(parts) for name, parts in found.items()}
    return {
        "split": "development, grouped cross-validation, frozen encoder",
        "rows": sum(len(held) for _, held in folds),
        "config_sha256": config.digest(),
        **compare(truth_of_folds(folds, seeds), methods, seeds),
    }
