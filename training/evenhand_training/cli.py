"""The command `evenhand-training`: parse, call, print. Data goes to stdout, progress to stderr; exit 0, 1 or 2."""

from __future__ import annotations

import json
import os
import sys
from dataclasses import asdict, replace
from pathlib import Path
from typing import Annotated

import typer

from evenhand.errors import EvenhandError, InputError
from evenhand_training.cli_consistency import check_consistency_command
from evenhand_training.cli_fine_tune import fit_command
from evenhand_training.cli_framing import agree_framing_command, fit_framing_command, release_framing_command
from evenhand_training.cli_growth import learning_curve_command
from evenhand_training.cli_records import records_command
from evenhand_training.cli_shared import (
    CONFIG,
    CORPUS,
    LIMITS,
    MODELS,
    RUN,
    BeforeOption,
    ConfigOption,
    CorpusOption,
    LimitsOption,
    ModelsOption,
    RunOption,
    bars_of_progress,
    final_network,
    first_stage,
    fold_readings,
    need_baselines,
    need_reason,
    read_inputs,
    tell,
)
from evenhand_training.cli_situations import fit_situations_command
from evenhand_training.cli_trials import ablate_command, trial_command

os.environ.setdefault("HF_HUB_OFFLINE", "1")  # nothing is fetched at run time: the encoder comes from a package
os.environ.setdefault("HF_DATASETS_OFFLINE", "1")

app = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False)
app.command("check-consistency")(check_consistency_command)
app.command("fit")(fit_command)
app.command("fit-situations")(fit_situations_command)
app.command("fit-framing")(fit_framing_command)
app.command("release-framing")(release_framing_command)
app.command("agree-framing")(agree_framing_command)
app.command("ablate")(ablate_command)
app.command("learning-curve")(learning_curve_command)
app.command("records")(records_command)
app.command("trial")(trial_command)


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


@app.command("add")
def add_command(
    rows: Annotated[
        Path, typer.Argument(help="JSON Lines: text, issues, severity; doc_id, native_level if published.")
    ],
    to: Annotated[Path, typer.Option(help="The corpus folder to make; must not exist yet.")],
    documents: Annotated[Path | None, typer.Option(help="JSON Lines of the documents that doc_id names.")] = None,
    corpus: CorpusOption = CORPUS,
) -> None:
    """Copy the corpus and add rows of your own to the copy, for training only."""
    from evenhand_training.corpus.add_rows import add_rows

    added = add_rows(corpus, rows, to, documents=documents)
    print(json.dumps({"rows": added.rows, "left_out": added.left_out}, ensure_ascii=False))


@app.command("crossvalidate")
def crossvalidate_command(
    corpus: CorpusOption = CORPUS,
    config: ConfigOption = CONFIG,
    run: RunOption = RUN,
    repeats: Annotated[int, typer.Option(min=1, max=3, help="How many of the frozen fold assignments to run.")] = 2,
) -> None:
    """Read every development area with a network that has not seen it."""
    fold_readings(read_inputs(corpus, config), run, repeats)


@app.command("release")
def release_command(
    version: Annotated[str, typer.Argument(help="For instance 0.1; the folder must not exist yet.")],
    corpus: CorpusOption = CORPUS,
    config: ConfigOption = CONFIG,
    run: RunOption = RUN,
    models: ModelsOption = MODELS,
    repeats: Annotated[int, typer.Option(min=1, max=3, help="Repeats of cross-validation to judge by.")] = 2,
    before: BeforeOption = None,
    note: Annotated[str | None, typer.Option(help="Kept in the log with the evaluations.")] = None,
    limits: LimitsOption = LIMITS,
    despite: Annotated[str | None, typer.Option(help="Release though limits are broken; the card says why.")] = None,
) -> None:
    """Cross-validate and fit if that is not done yet, then calibrate, export, evaluate and write the model folder."""
    from evenhand_training.consistency_limits import Limits
    from evenhand_training.corpus.check import check_corpus
    from evenhand_training.release import ReleaseInputs, new_directory, release

    new_directory(models, version)
    asked = Limits.read(limits)
    need_reason(despite)
    if problems := check_corpus(corpus):
        message = f"{corpus}: {len(problems)} problem(s) in the corpus; run evenhand-training check-corpus {corpus}"
        raise InputError(message)
    need_baselines()
    inputs = read_inputs(corpus, config, before=before, repeats=repeats)
    readings = fold_readings(inputs, run, repeats)
    with bars_of_progress() as bars:
        start = first_stage(inputs, run, bars)
        network = final_network(inputs, run, bars, start)
    made = ReleaseInputs(inputs.corpus, inputs.splits, inputs.config, start, inputs.before, network, readings, asked)
    print(release(made, version=version, models=models, note=note, despite=despite, progress=tell))
    tell("next: evenhand-training table, then evenhand-training records")


@app.command("reexport")
def reexport_command(
    version: Annotated[str, typer.Argument(help="For instance 0.3.1; the folder must not exist yet.")],
    model: Annotated[Path, typer.Option("--model", help="The released model whose network is exported anew.")],
    corpus: CorpusOption = CORPUS,
    config: ConfigOption = CONFIG,
    models: ModelsOption = MODELS,
) -> None:
    """Write a released model of the form of 0.1 to 0.3 as a new one on faster integers, and judge it."""
    from evenhand_training.reexport import reexport

    need_baselines()
    print(reexport(model, version, models, read_inputs(corpus, config), progress=tell))


@app.command("evaluate")
def evaluate_command(
    model: Annotated[Path | None, typer.Option("--model", help="A released model; none for the newest.")] = None,
    corpus: CorpusOption = CORPUS,
    config: ConfigOption = CONFIG,
    run: Annotated[Path | None, typer.Option("--run", help="Also judge the cross-validation kept there.")] = None,
    repeats: Annotated[int, typer.Option(min=1, max=3, help="Repeats of cross-validation to judge.")] = 2,
    before: BeforeOption = None,
    results: Annotated[
        Path | None, typer.Option("--log", help="Where to append; none for models/results.jsonl.")
    ] = None,
) -> None:
    """Judge a released model on the frozen test beside the baselines, and append the figures to the log."""
    from evenhand_training.release import evaluation_lines
    from evenhand_training.results import append

    need_baselines()
    inputs = read_inputs(corpus, config, before=before, repeats=repeats)
    readings = []
    if run is not None:
        readings = fold_readings(inputs, run, repeats, train=False)
        with bars_of_progress() as bars:
            inputs = replace(inputs, start=first_stage(inputs, run, bars))
    lines = evaluation_lines(inputs, model, readings, progress=tell)
    for line in lines:
        append(results or MODELS / "results.jsonl", line)
        print(json.dumps(line, ensure_ascii=False))


@app.command("evaluate-cases")
def evaluate_cases_command(
    cases: Annotated[Path, typer.Argument(help="JSON Lines: source_url, text, levels, issues, severity.")],
    model: Annotated[Path | None, typer.Option("--model", help="A released model; none for the newest.")] = None,
    results: Annotated[
        Path | None, typer.Option("--log", help="Where to append; none for models/results.jsonl.")
    ] = None,
) -> None:
    """Judge a released model on case examples of your own; only figures are kept, no text."""
    import evenhand
    from evenhand_training.evaluate_secondary import evaluate_cases
    from evenhand_training.results import append, model_stamp

    loaded = evenhand.load(model)
    line = {
        "kind": "cases",
        **model_stamp(loaded),
        "split": f"case examples, {cases.stem}",
        **evaluate_cases(cases, loaded),
    }
    append(results or MODELS / "results.jsonl", line)
    print(json.dumps(line, ensure_ascii=False))


@app.command("evaluate-behaviour")
def evaluate_behaviour_command(
    model: Annotated[Path | None, typer.Option("--model", help="A released model; none for the newest.")] = None,
    corpus: CorpusOption = CORPUS,
    results: Annotated[
        Path | None, typer.Option("--log", help="Where to append; none for models/results.jsonl.")
    ] = None,
) -> None:
    """Judge how a released model behaves on pairs, sets, templates, claims and notes of the test."""
    import evenhand
    from evenhand_training.corpus import Corpus, Splits
    from evenhand_training.evaluate_behaviour import evaluate_model_behaviour
    from evenhand_training.results import append, model_stamp

    loaded, read = evenhand.load(model), Corpus.read(corpus)
    line = {
        "kind": "behaviour",
        **model_stamp(loaded),
        "corpus_version": read.version,
        **evaluate_model_behaviour(read, Splits.read(corpus), loaded),
    }
    append(results or MODELS / "results.jsonl", line)
    print(json.dumps(line, ensure_ascii=False))


@app.command("table")
def table_command(
    readme: Annotated[Path, typer.Option(help="The file to put the results into.")] = Path("README.md"),
    training: Annotated[Path, typer.Option(help="The file to put what was tried into, if it is there.")] = Path(
        "training/README.md"
    ),
    library: Annotated[Path, typer.Option(help="The file to put documents and areas into, if it is there.")] = Path(
        "nlp/README.md"
    ),
    models: ModelsOption = MODELS,
    *,
    check: Annotated[bool, typer.Option("--check", help="Change nothing; fail if the tables are stale.")] = False,
) -> None:
    """Regenerate the tables of all READMEs from models/results.jsonl."""
    from evenhand_training import area_tables, document_tables, privacy_tables, speed_tables, trials
    from evenhand_training import learning_curve_tables as curves
    from evenhand_training.framing import tables as framing_tables
    from evenhand_training.results import read, update_between, update_readme

    lines = read(models / "results.jsonl")
    fresh = {readme: update_readme(readme, lines, check=check)}
    if training.exists():
        parts = {
            (trials.TRIALS_START, trials.TRIALS_END): trials.trials_table(lines),
            (trials.ABLATION_START, trials.ABLATION_END): trials.ablation_table(lines),
            (curves.CURVE_START, curves.CURVE_END): curves.learning_curve_table(lines),
        }
        fresh[training] = update_between(training, parts, check=check)
    if library.exists():
        parts = {
            (area_tables.AREAS_START, area_tables.AREAS_END): area_tables.areas_table(lines),
            (document_tables.DOCUMENTS_START, document_tables.DOCUMENTS_END): document_tables.documents_table(lines),
            (privacy_tables.PRIVACY_START, privacy_tables.PRIVACY_END): privacy_tables.privacy_table(lines),
            (framing_tables.START, framing_tables.END): framing_tables.framing_table(lines),
            (speed_tables.SPEED_START, speed_tables.SPEED_END): speed_tables.speed_tables(lines),
        }
        fresh[library] = update_between(library, parts, check=check)
    for page, was_fresh in fresh.items():
        print(f"{page}: results {'up to date' if was_fresh else 'stale' if check else 'regenerated'}", file=sys.stderr)
    if check and not all(fresh.values()):
        raise typer.Exit(1)
