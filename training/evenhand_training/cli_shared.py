"""What the commands of `evenhand-training` share: options, progress bars, and the fits that several of them need."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeElapsedColumn, TimeRemainingColumn
from rich.progress import Progress as RichProgress

from evenhand.errors import InputError, MissingExtraError

if TYPE_CHECKING:
    from evenhand_training.crossvalidate import FoldReadings
    from evenhand_training.fit import Progress
    from evenhand_training.network import LadderNetwork
    from evenhand_training.release import EvaluationInputs

console = Console(stderr=True)

CorpusOption = Annotated[Path, typer.Option("--corpus", help="The corpus folder.")]
ConfigOption = Annotated[Path, typer.Option("--config", help="A TOML file of training/configs.")]
RunOption = Annotated[
    Path, typer.Option("--run", help="Folder for checkpoints and readings; a killed run goes on there.")
]
BeforeOption = Annotated[
    Path | None,
    typer.Option("--before", help="Run folder of the model before, <run>/<configuration>-<corpus>."),
]
ModelsOption = Annotated[Path, typer.Option("--models", help="Folder of released models and results.jsonl.")]
LimitsOption = Annotated[Path, typer.Option("--limits", help="A TOML file of what consistency is asked.")]

CORPUS, CONFIG, LIMITS, RUN, MODELS = (
    Path("annotations"),
    Path("training/configs/base.toml"),
    Path("training/configs/consistency.toml"),
    Path("runs"),
    Path("models"),
)


def read_inputs(corpus: Path, config: Path, *, before: Path | None = None, repeats: int = 1) -> EvaluationInputs:
    """Corpus, splits, configuration, and the readings of the model before from its run folder, if given."""
    from evenhand_training.config import TrainConfig
    from evenhand_training.corpus import Corpus, Splits
    from evenhand_training.crossvalidate import stored_readings
    from evenhand_training.release import EvaluationInputs

    return EvaluationInputs(
        Corpus.read(corpus),
        Splits.read(corpus),
        TrainConfig.read(config),
        start=None,
        before=stored_readings(before, repeats) if before else (),
    )


def fold_readings(inputs: EvaluationInputs, run: Path, repeats: int, *, train: bool = True) -> list[list[FoldReadings]]:
    """Cross-validated readings, made where they are missing unless only read."""
    from evenhand_training.crossvalidate import cross_validate

    with bars_of_progress() as bars:
        return cross_validate(
            inputs.corpus,
            inputs.splits,
            inputs.config,
            run_directory=run,
            repeats=repeats,
            progress=lambda name: bar(bars, name),
            train=train,
        )


def final_network(inputs: EvaluationInputs, run: Path, bars: RichProgress, start: LadderNetwork) -> LadderNetwork:
    """The network that is released, from the run folder or fitted."""
    from evenhand_training.stages import Stages, final_rows

    corpus, splits = inputs.corpus, inputs.splits
    stages = Stages.of(corpus, splits, inputs.config, run, lambda name: bar(bars, name))
    dataset = stages.rows_of_second(final_rows(corpus, splits))
    return stages.second(dataset, start, stages.folder / "final", bar(bars, "all rows"))


def first_stage(inputs: EvaluationInputs, run: Path, bars: RichProgress) -> LadderNetwork:
    """The network that every fold starts from, from the run folder or fitted."""
    from evenhand_training.stages import Stages, shared_rows

    stages = Stages.of(inputs.corpus, inputs.splits, inputs.config, run, lambda name: bar(bars, name))
    return stages.first(shared_rows(inputs.corpus, inputs.splits), bar(bars, "first stage"))


def tell(step: str) -> None:
    """Say on standard error what comes next."""
    console.print(f"· {step}")


def need_reason(despite: str | None) -> None:
    """Refuse a blank reason at once, not after an hour of training."""
    if despite is not None and not despite.strip():
        message = "--despite: give the reason that the log and the card will show"
        raise InputError(message)


def need_baselines() -> None:
    """Say at once what is missing, not after an hour of training."""
    missing = [name for name in ("setfit", "spacy") if find_spec(name) is None]
    if missing:
        message = f"the baselines need {' and '.join(missing)}: pip install 'evenhand[baselines]'"
        raise MissingExtraError(message)


def bars_of_progress() -> RichProgress:
    """Progress bars on standard error."""
    return RichProgress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
        TextColumn("{task.fields[loss]}"),
        console=console,
    )


def bar(bars: RichProgress, name: str) -> Progress:
    """A new bar, as what a fit reports to."""
    task = bars.add_task(name, total=None, loss="")

    def report(step: int, steps: int, parts: dict[str, float]) -> None:
        # The parts are in the checkpoint's history; all of them would leave the bar no room.
        bars.update(task, completed=step, total=steps, loss=f"loss {sum(parts.values()):.2f}")

    return report
