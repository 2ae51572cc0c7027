"""The command `learning-curve`: what more rows of each issue would bring."""

from __future__ import annotations

import json
from pathlib import Path
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
    read_inputs,
    tell,
)


def learning_curve_command(
    corpus: CorpusOption = CORPUS,
    config: ConfigOption = CONFIG,
    run: RunOption = RUN,
    models: ModelsOption = MODELS,
    seeds: Annotated[int, typer.Option(min=2, help="How many orders in which rows are taken.")] = 3,
    picture: Annotated[Path | None, typer.Option(help="An SVG file to draw the gains into.")] = None,
    *,
    redraw: Annotated[
        bool, typer.Option("--redraw", help="Only draw --picture from the newest line of the log.")
    ] = False,
) -> None:
    """Estimate what 100 more rows of each issue would bring, from training on ever more rows, and log it."""
    from evenhand.errors import InputError
    from evenhand_training.curve_chart import write_chart
    from evenhand_training.learning_curve_tables import newest_line
    from evenhand_training.results import append, read, stamp

    log = models / "results.jsonl"
    if redraw:
        if picture is None:
            message = "--redraw draws into a file; name it with --picture"
            raise InputError(message)
        line = newest_line(read(log))
        if line is None:
            message = f"{log}: no learning curve is logged; run evenhand-training learning-curve without --redraw"
            raise InputError(message)
        write_chart(line, picture)
        return
    line = {"kind": "learning_curve", **stamp(), **_measured(corpus, config, run, seeds)}
    append(log, line)
    if picture is not None:
        write_chart(line, picture)
    print(json.dumps(line, ensure_ascii=False))


def _measured(corpus: Path, config: Path, run: Path, seeds: int) -> dict[str, object]:
    from evenhand_training.curve_estimates import learning_curve
    from evenhand_training.learning_curve import (
        INVENTED_SHARES,
        PUBLISHED_SHARES,
        frozen_features,
        material_of,
        rows_of,
        training_folds,
    )

    inputs = read_inputs(corpus, config)
    folds = training_folds(inputs.corpus, inputs.splits)
    tell("reading every row with the pre-trained encoder")
    features = frozen_features(rows_of(folds), inputs.config, run / "learning-curve")
    drawn = [inputs.config.seed + number for number in range(seeds)]
    steps = len(PUBLISHED_SHARES) * len(INVENTED_SHARES) * seeds
    with bars_of_progress() as bars:
        report, done = bar(bars, "learning curves"), iter(range(1, steps + 1))
        found = learning_curve(material_of(folds, features), drawn, lambda: report(next(done), steps, {}))
    made_of = {"corpus_version": inputs.corpus.version, "config_sha256": inputs.config.digest()}
    return {**made_of, **found}
