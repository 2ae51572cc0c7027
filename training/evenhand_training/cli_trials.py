"""Commands that try parts and settings: `ablate` and `trial`."""

from __future__ import annotations

import json
from typing import Annotated

import typer

from evenhand_training.cli_shared import (
    CONFIG,
    CORPUS,
    MODELS,
    RUN,
    ConfigOption,
    CorpusOption,
    ModelsOption,
    RunOption,
    bar,
    bars_of_progress,
    fold_readings,
    read_inputs,
)


def ablate_command(
    corpus: CorpusOption = CORPUS,
    config: ConfigOption = CONFIG,
    run: RunOption = RUN,
    models: ModelsOption = MODELS,
    seeds: Annotated[int, typer.Option(min=1, help="How many first stages, each with a seed of its own.")] = 3,
) -> None:
    """Take away one part of the level model at a time, and log what each part gains on left-out areas."""
    from evenhand_training.ablation import ablate
    from evenhand_training.results import append, stamp

    inputs = read_inputs(corpus, config)
    with bars_of_progress() as bars:
        found = ablate(inputs.corpus, inputs.splits, inputs.config, run, seeds, lambda name: bar(bars, name))
    line = {"kind": "ablation", **stamp(), "corpus_version": inputs.corpus.version, **found}
    append(models / "results.jsonl", line)
    print(json.dumps(line, ensure_ascii=False))


def trial_command(
    series: Annotated[str, typer.Argument(help="What it is compared within, for instance 'all folds, corpus 2026.2'.")],
    tried: Annotated[str, typer.Argument(help="What was tried.")],
    kept: Annotated[str, typer.Option(help="yes, no, or why.")],
    corpus: CorpusOption = CORPUS,
    config: ConfigOption = CONFIG,
    run: RunOption = RUN,
    models: ModelsOption = MODELS,
) -> None:
    """Cross-validate a configuration once, if that is not done yet, and log its figures as a trial."""
    from evenhand_training.results import append, stamp
    from evenhand_training.trials import trial_figures

    inputs = read_inputs(corpus, config)
    figures = trial_figures(inputs.corpus, inputs.splits, fold_readings(inputs, run, 1)[0])
    common = {**stamp(), "corpus_version": inputs.corpus.version, "config_sha256": inputs.config.digest()}
    line = {"kind": "trial", **common, "series": series, "tried": tried, "figures": figures, "kept": kept}
    append(models / "results.jsonl", line)
    print(json.dumps(line, ensure_ascii=False))
