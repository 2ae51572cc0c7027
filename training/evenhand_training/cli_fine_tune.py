"""The command `fit`: both stages on a corpus or, with --from, a released model further on rows of one's own."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from evenhand.errors import InputError
from evenhand_training.cli_shared import (
    CONFIG,
    CORPUS,
    LIMITS,
    RUN,
    ConfigOption,
    LimitsOption,
    RunOption,
    bar,
    bars_of_progress,
    console,
    final_network,
    first_stage,
    need_reason,
    read_inputs,
    tell,
)

if TYPE_CHECKING:
    from evenhand.privacy import Checker

SETTINGS = Path("training/configs/fine-tune.toml")
LOG = "fine-tunes.jsonl"  # beside the model: it is its maker's, and not of models/results.jsonl


def fit_command(
    corpus: Annotated[
        Path, typer.Option("--corpus", help="The corpus folder; with --from, a file of coded texts of your own.")
    ] = CORPUS,
    config: ConfigOption = CONFIG,
    run: RunOption = RUN,
    base: Annotated[
        Path | None, typer.Option("--from", help="A released model to fit further; none to fit from the start.")
    ] = None,
    to: Annotated[
        Path | None, typer.Option(help="With --from: the model to write, NAME-VERSION; none for ours-… beside it.")
    ] = None,
    replay: Annotated[
        Path, typer.Option(help="With --from: the corpus folder that the released model was made from.")
    ] = CORPUS,
    settings: Annotated[Path, typer.Option(help="With --from: a TOML file of rows, fit and gates.")] = SETTINGS,
    limits: LimitsOption = LIMITS,
    log: Annotated[
        Path | None, typer.Option(help=f"With --from: where to append the figures; none for {LOG} beside the model.")
    ] = None,
    privacy: Annotated[
        str,
        typer.Option(help="With --from: refuse texts that look identifiable; patterns (names unchecked) or off."),
    ] = "refuse",
    despite: Annotated[
        str | None, typer.Option(help="With --from: go on though a guard or gate is broken; the card says why.")
    ] = None,
) -> None:
    """Fit both stages to all rows that may train; `release` takes the network from the run folder.

    With --from: fit a released model further on coded texts of your own, and write it with a report before and after.
    """
    if base is not None:
        need_reason(despite)
        _fine_tune(corpus, base, to, replay, settings, limits, log, privacy, despite)
        return
    if to is not None or log is not None or despite is not None:
        message = "--to, --log and --despite go with --from, the released model to fit further"
        raise InputError(message)
    inputs = read_inputs(corpus, config)
    with bars_of_progress() as bars:
        final_network(inputs, run, bars, first_stage(inputs, run, bars))


def _fine_tune(
    own: Path,
    base: Path,
    to: Path | None,
    replay: Path,
    settings: Path,
    limits: Path,
    log: Path | None,
    privacy: str,
    despite: str | None,
) -> None:
    from evenhand_training.consistency_limits import Limits
    from evenhand_training.corpus import Corpus, Splits
    from evenhand_training.fine_tuning.making import fine_tune, name_of
    from evenhand_training.fine_tuning.preparing import FineTuneInputs
    from evenhand_training.fine_tuning.settings import FineTuneSettings

    if own.is_dir():
        message = f"{own}: with --from, --corpus is a file of coded texts of your own, for instance ours.jsonl"
        raise InputError(message)
    target = to or base.parent / f"ours-{base.name.rpartition('-')[2]}"
    name_of(target)
    asked, bars_asked = FineTuneSettings.read(settings), Limits.read(limits)
    checker, looked_for = _checker(privacy)
    inputs = FineTuneInputs(base, own, Corpus.read(replay), Splits.read(replay), asked, bars_asked, checker, looked_for)
    with bars_of_progress() as bars:
        made = fine_tune(
            inputs,
            target,
            log=log or target.parent / LOG,
            despite=despite,
            progress=tell,
            steps=lambda name: bar(bars, name),
        )
    told = json.loads(Path(f"{made}.report.json").read_text(encoding="utf-8"))
    for guard in told["guards"]:
        if guard["verdict"] != "passed":
            console.print(f"{guard['verdict']}: {guard['told']}", markup=False, highlight=False)
    console.print(f"{made}.report.md has every figure before and after", markup=False, highlight=False)
    typer.echo(made)


def _checker(privacy: str) -> tuple[Checker | None, dict[str, Any]]:
    """What looks for identifiable texts, and what is told of it.

    Raises:
        InputError: the mode would change texts.
    """
    from evenhand.batch.gate import Privacy, checker_for, looked_for, privacy_mode
    from evenhand.privacy import load_checker

    mode = privacy_mode(privacy)
    if mode not in {Privacy.REFUSE, Privacy.PATTERNS, Privacy.OFF}:
        message = "texts that teach are refused or not looked at: give --privacy refuse, patterns or off"
        raise InputError(message)
    checker = checker_for(mode, load_checker, otherwise="say --privacy patterns to leave names unchecked")
    return checker, looked_for(mode, checker, ())
