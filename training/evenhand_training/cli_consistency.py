"""The command `check-consistency`: read, judge, print; exit 1 where a limit is broken."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from evenhand.errors import InputError
from evenhand_training.cli_shared import (
    CONFIG,
    CORPUS,
    LIMITS,
    MODELS,
    RUN,
    ConfigOption,
    CorpusOption,
    LimitsOption,
    RunOption,
    fold_readings,
    read_inputs,
    tell,
)

if TYPE_CHECKING:
    from evenhand_training.release import EvaluationInputs

REPEATS = 1  # every row stands once: a second repeat reads the same rows again


def check_consistency_command(
    corpus: CorpusOption = CORPUS,
    config: ConfigOption = CONFIG,
    run: RunOption = RUN,
    limits: LimitsOption = LIMITS,
    model: Annotated[
        Path | None, typer.Option("--model", help="The released model whose run it is; none for a candidate.")
    ] = None,
    results: Annotated[
        Path | None, typer.Option("--log", help="Where to append; none for models/results.jsonl.")
    ] = None,
    *,
    as_json: Annotated[bool, typer.Option("--json", help="Print the log line instead of tables.")] = False,
) -> None:
    """Test that the areas left out by cross-validation are read alike, and judge every limit of consistency."""
    from evenhand_training.consistency_limits import Limits
    from evenhand_training.evaluate_behaviour import evaluate_folds_behaviour
    from evenhand_training.evaluate_consistency import consistency_line
    from evenhand_training.results import append

    asked = Limits.read(limits)
    inputs = read_inputs(corpus, config)
    stamped = _stamp(inputs, model)
    (folds,) = fold_readings(inputs, run, REPEATS, train=False)
    tell("judging behaviour and areas")
    behaviour = {**stamped, **evaluate_folds_behaviour(inputs.corpus, inputs.splits, folds)}
    line = consistency_line(inputs.corpus, inputs.splits, folds, behaviour, asked)
    append(results or MODELS / "results.jsonl", line)
    if as_json:
        print(json.dumps(line, ensure_ascii=False))
    else:
        _show(line)
    if line["broken"]:
        raise typer.Exit(1)


def _stamp(inputs: EvaluationInputs, model: Path | None) -> dict[str, Any]:
    """What the line is about: a released model, or the candidate of a configuration and corpus.

    Raises:
        InputError: the model was made from another configuration or corpus.
    """
    from evenhand_training.results import model_stamp, stamp

    made_of = {"corpus_version": inputs.corpus.version, "config_sha256": inputs.config.digest()}
    if model is None:
        return {**stamp(), **made_of, "seeds": [inputs.config.seed]}
    import evenhand

    loaded = evenhand.load(model)
    for key, value in made_of.items():
        if loaded.manifest[key] != value:
            message = f"{model}: its {key} is {loaded.manifest[key]}, not {value}; give its --corpus and --config"
            raise InputError(message)
    return {**model_stamp(loaded), **made_of, "seeds": loaded.manifest["seeds"]}


def _show(line: dict[str, Any]) -> None:
    """Print the line as tables."""
    from rich import box
    from rich.console import Console
    from rich.table import Table

    from evenhand_training.consistency_tables import AREA_COLUMNS, LIMIT_COLUMNS, about, area_rows, limit_rows, verdict

    # Tables keep their columns where the output is no terminal: a file has no width.
    wide = None if sys.stdout.isatty() else 160
    printer = Console(file=sys.stdout, width=wide, markup=False, highlight=False)
    for columns, rows in ((AREA_COLUMNS, area_rows(line)), (LIMIT_COLUMNS, limit_rows(line))):
        table = Table(*columns, box=box.SIMPLE_HEAD)
        for row in rows:
            table.add_row(*row)
        printer.print(table)
    for sentence in (*about(line), verdict(line)):
        printer.print(sentence)
