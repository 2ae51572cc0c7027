"""The command `evenhand-training`: parse, call, print. Data goes to stdout, progress to stderr; exit 0, 1 or 2."""

from __future__ import annotations

import json
import os
import sys
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeElapsedColumn, TimeRemainingColumn
from rich.progress import Progress as RichProgress

from evenhand.errors import EvenhandError, InputError

if TYPE_CHECKING:
    from evenhand_training.crossvalidate import FoldReadings
    from evenhand_training.fit import Progress
    from evenhand_training.network import LadderNetwork
    from evenhand_training.release import EvaluationInputs

os.environ.setdefault("HF_HUB_OFFLINE", "1")  # nothing is fetched at run time: the encoder comes from a package
os.environ.setdefault("HF_DATASETS_OFFLINE", "1")

app = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False)
_stderr = Console(stderr=True)

CorpusOption = Annotated[Path, typer.Option("--corpus", help="The corpus folder.")]
ConfigOption = Annotated[Path, typer.Option("--config", help="A TOML file of training/configs.")]
RunOption = Annotated[
    Path, typer.Option("--run", help="Folder for checkpoints and readings; a killed run goes on there.")
]
ModelsOption = Annotated[Path, typer.Option("--models", help="Folder of released models and results.jsonl.")]

CORPUS, CONFIG, RUN, MODELS = (
    Path("annotations"),
    Path("training/configs/base.toml"),
    Path("runs"),
    Path("models"),
)


def main() -> None:
    """Run the command; problems that are ours to explain become one line on stderr and exit code 1."""
    try:
        app()
    except EvenhandError as error:
        print(f"Error: {error}", file=sys.stderr)
        raise SystemExit(1) from None
    except ModuleNotFoundError as error:
        print(f"Error: {error.name} is not installed; run: pip install 'evenhand[training]'", file=sys.stderr)
        raise SystemExit(1) from None


@app.command("check-corpus")
def check_corpus_command(
    directory: Annotated[Path, typer.Argument(help="The corpus folder.")] = CORPUS,
    *,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a problem.")] = False,
) -> None:
    """Check every row, code, split and checksum of a corpus folder, and list all problems."""
    from evenhand_training.corpus.check import check_corpus

    problems = check_corpus(directory)
    for problem in problems:
        print(json.dumps(asdict(problem)) if as_json else problem)
    print(
        f"{directory}: {len(problems)} problem(s)" if problems else f"{directory}: no problems",
        file=sys.stderr,
    )
    if problems:
        raise typer.Exit(1)


@app.command("crossvalidate")
def crossvalidate_command(
    corpus: CorpusOption = CORPUS,
    config: ConfigOption = CONFIG,
    run: RunOption = RUN,
    repeats: Annotated[int, typer.Option(min=1, max=3, help="How many of the frozen fold assignments to run.")] = 2,
) -> None:
    """Read every development area with a network that has not seen it."""
    _readings(_inputs(corpus, config), run, repeats)


@app.command("fit")
def fit_command(corpus: CorpusOption = CORPUS, config: ConfigOption = CONFIG, run: RunOption = RUN) -> None:
    """Fit the network to all development and authored training rows; `release` takes it from the run folder."""
    inputs = _inputs(corpus, config)
    with _bars() as bars:
        _fit(inputs, run, bars)


@app.command("release")
def release_command(
    version: Annotated[str, typer.Argument(help="For instance 0.1; the folder must not exist yet.")],
    corpus: CorpusOption = CORPUS,
    config: ConfigOption = CONFIG,
    run: RunOption = RUN,
    models: ModelsOption = MODELS,
    repeats: Annotated[int, typer.Option(min=1, max=3, help="Repeats of cross-validation to judge by.")] = 2,
    note: Annotated[str | None, typer.Option(help="Kept in the log with the evaluations.")] = None,
) -> None:
    """Cross-validate and fit if that is not done yet, then calibrate, export, evaluate and write the model folder."""
    from evenhand_training.corpus.check import check_corpus
    from evenhand_training.release import ReleaseInputs, new_directory, release

    new_directory(models, version)
    if problems := check_corpus(corpus):
        message = f"{corpus}: {len(problems)} problem(s) in the corpus; run evenhand-training check-corpus {corpus}"
        raise InputError(message)
    inputs = _inputs(corpus, config)
    readings = _readings(inputs, run, repeats)
    with _bars() as bars:
        network = _fit(inputs, run, bars)
    made = ReleaseInputs(inputs.corpus, inputs.splits, inputs.config, network, readings)
    print(release(made, version=version, models=models, note=note, progress=lambda step: _stderr.print(f"· {step}")))


@app.command("evaluate")
def evaluate_command(
    model: Annotated[Path | None, typer.Option("--model", help="A released model; none for the newest.")] = None,
    corpus: CorpusOption = CORPUS,
    config: ConfigOption = CONFIG,
    run: Annotated[Path | None, typer.Option("--run", help="Also judge the cross-validation kept there.")] = None,
    repeats: Annotated[int, typer.Option(min=1, max=3, help="Repeats of cross-validation to judge.")] = 2,
    results: Annotated[
        Path | None, typer.Option("--log", help="Where to append; none for models/results.jsonl.")
    ] = None,
) -> None:
    """Judge a released model on the frozen test beside the baselines, and append the figures to the log."""
    from evenhand_training.release import evaluation_lines
    from evenhand_training.results import append

    inputs = _inputs(corpus, config)
    readings = _readings(inputs, run, repeats, train=False) if run is not None else []
    lines = evaluation_lines(inputs, model, readings, progress=lambda step: _stderr.print(f"· {step}"))
    for line in lines:
        append(results or MODELS / "results.jsonl", line)
        print(json.dumps(line, ensure_ascii=False))


@app.command("table")
def table_command(
    readme: Annotated[Path, typer.Option(help="The file to put the tables into.")] = Path("README.md"),
    models: ModelsOption = MODELS,
    *,
    check: Annotated[bool, typer.Option("--check", help="Change nothing; fail if the tables are stale.")] = False,
) -> None:
    """Regenerate the README's results from models/results.jsonl."""
    from evenhand_training.results import read, update_readme

    fresh = update_readme(readme, read(models / "results.jsonl"), check=check)
    print(f"{readme}: results {'up to date' if fresh else 'stale' if check else 'regenerated'}", file=sys.stderr)
    if check and not fresh:
        raise typer.Exit(1)


def _inputs(corpus: Path, config: Path) -> EvaluationInputs:
    from evenhand_training.config import TrainConfig
    from evenhand_training.corpus import Corpus, Splits
    from evenhand_training.release import EvaluationInputs

    return EvaluationInputs(Corpus.read(corpus), Splits.read(corpus), TrainConfig.read(config))


def _readings(inputs: EvaluationInputs, run: Path, repeats: int, *, train: bool = True) -> list[list[FoldReadings]]:
    from evenhand_training.crossvalidate import cross_validate

    with _bars() as bars:
        return cross_validate(
            inputs.corpus,
            inputs.splits,
            inputs.config,
            run_directory=run,
            repeats=repeats,
            progress=lambda repeat, fold: _bar(bars, f"repeat {repeat + 1}, fold {fold + 1}"),
            train=train,
        )


def _fit(inputs: EvaluationInputs, run: Path, bars: RichProgress) -> LadderNetwork:
    from evenhand_training.crossvalidate import fit_rows, run_folder
    from evenhand_training.examples import authored_examples, split_published

    corpus, splits, config = inputs.corpus, inputs.splits, inputs.config
    training = split_published(corpus, splits)[0] + authored_examples(corpus, splits, "train")
    place = run_folder(run, config, corpus) / "final"
    return fit_rows(training, config, run_directory=place, progress=_bar(bars, "all rows"))


def _bars() -> RichProgress:
    return RichProgress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
        TextColumn("{task.fields[parts]}"),
        console=_stderr,
    )


def _bar(bars: RichProgress, name: str) -> Progress:
    task = bars.add_task(name, total=None, parts="")

    def report(step: int, steps: int, parts: dict[str, float]) -> None:
        told = " ".join(f"{part} {value:.2f}" for part, value in parts.items() if part != "penalty")
        bars.update(task, completed=step, total=steps, parts=told)

    return report
