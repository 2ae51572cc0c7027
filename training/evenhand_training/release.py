"""Make a released model directory: calibrate, export, prove parity, evaluate, write the card, seal with a manifest.

A model directory is immutable: an existing one is refused. It is staged beside its place and renamed at the end, so
that a killed release leaves nothing that looks like a model. One that breaks a limit of consistency is refused unless a
reason is given; its evaluations are logged as a candidate's.
"""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import onnx

import evenhand
from evenhand.bundle import BUNDLE_FORMAT, MANIFEST
from evenhand.decoder import Decoder
from evenhand.errors import InputError, ModelError, OutputError
from evenhand.result import SCORE_SCHEMA
from evenhand.scheme import SCHEME_VERSION
from evenhand_training.activations import step_texts
from evenhand_training.calibrate import Calibration, calibrate
from evenhand_training.card import card
from evenhand_training.config import TrainConfig
from evenhand_training.consistency_limits import Limits
from evenhand_training.corpus import Corpus, Splits
from evenhand_training.crossvalidate import FoldReadings
from evenhand_training.encoder import encoder_directory, load_tokenizer
from evenhand_training.evaluate import evaluate_folds, evaluate_test
from evenhand_training.evaluate_behaviour import evaluate_folds_behaviour, evaluate_model_behaviour
from evenhand_training.evaluate_consistency import as_candidate, consistency_line, is_refused, refusal
from evenhand_training.evaluate_secondary import evaluate_authored
from evenhand_training.examples import authored_examples, development_rows
from evenhand_training.export import export_onnx, write_onnx
from evenhand_training.integers import export_integers
from evenhand_training.network import LadderNetwork
from evenhand_training.note_calibration import complete
from evenhand_training.parity import compare_exports
from evenhand_training.quantise import round_weights
from evenhand_training.reading import CutPoints
from evenhand_training.results import append, model_stamp, stamp

INTENDED_USE = (
    "coding free-text concerns, referrals, case notes and threshold descriptors by level of intervention, issue and "
    "severity, for research, audit and analysis of anonymised text"
)
NOT_FOR = "deciding about a child or family, triage of live referrals, or judging a worker"
ENCODER_NOTICE = """The encoder of this model is sentence-transformers/all-MiniLM-L6-v2, fine-tuned.
It was published by its authors under the Apache License, Version 2.0; the fine-tuned weights here are under the same
licence. The text of the licence is the file LICENSE at the root of the Evenhand distribution, and is also found at
https://www.apache.org/licenses/LICENSE-2.0.
"""


@dataclass(frozen=True, slots=True)
class EvaluationInputs:
    """What a model is judged on.

    Attributes:
        corpus: The corpus.
        splits: Its frozen splits.
        config: The configuration that network and readings were made with.
        start: The network of the first stage, if it is at hand, for the baseline that starts from it too.
        before: Cross-validated readings of the model before, to be paired with; may be empty.
    """

    corpus: Corpus
    splits: Splits
    config: TrainConfig
    start: LadderNetwork | None
    before: Sequence[Sequence[FoldReadings]]


@dataclass(frozen=True, slots=True)
class ReleaseInputs(EvaluationInputs):
    """What a release is made of.

    Attributes:
        network: Fitted to all development and authored training rows.
        readings: Cross-validated readings, one list of folds a repeat.
        limits: Of consistency, which the model has to keep.
    """

    network: LadderNetwork
    readings: Sequence[Sequence[FoldReadings]]
    limits: Limits


def release(
    inputs: ReleaseInputs,
    *,
    version: str,
    models: Path,
    note: str | None = None,
    despite: str | None = None,
    progress: Callable[[str], None] = lambda _: None,
) -> Path:
    """Write `models/evenhand-<version>` and append its evaluations to `models/results.jsonl`; returns the directory.

    Args:
        inputs: What it is made of and has to keep.
        version: Of the model.
        models: The folder of models and of the log.
        note: What a reader of the log should know of the evaluations.
        despite: Why to release a model that breaks limits of consistency; kept in log and card.
        progress: Told what comes next.

    Raises:
        OutputError: the directory exists.
        ModelError: a limit of consistency is broken and no reason is given; the evaluations are logged all the same.
    """
    target = new_directory(models, version)
    staged = models / f".evenhand-{version}.staged"
    shutil.rmtree(staged, ignore_errors=True)
    staged.mkdir(parents=True)
    progress("calibrating on left-out areas")
    rounded = round_weights(inputs.network)
    calibration, decoder = _calibrate(inputs, rounded)
    progress("exporting")
    tokenizer = load_tokenizer(inputs.config.encoder.max_tokens)
    integers = export_integers(rounded, tokenizer, step_texts(inputs.corpus, inputs.splits))
    _write_parts(staged, integers, decoder)
    progress("comparing exports")
    parity = compare_exports(
        (inputs.network, rounded),
        export_onnx(rounded),
        integers,
        decoder,
        tokenizer,
        authored_examples(inputs.corpus, inputs.splits, "validation"),
    )
    manifest = _manifest(inputs, version)
    seal(staged, manifest, {"headline": {}})
    lines = evaluation_lines(inputs, staged, inputs.readings, note=note, progress=progress)
    progress("judging consistency")
    folds, behaviour = inputs.readings[0], lines[-1]
    gate = consistency_line(inputs.corpus, inputs.splits, folds, behaviour, inputs.limits, despite=despite)
    lines.append(gate)
    metrics = _metrics(calibration, decoder, parity, lines)
    (staged / "CARD.md").write_text(card(manifest, metrics), encoding="utf-8", newline="\n")
    seal(staged, manifest, metrics)
    refused = is_refused(gate)
    # Logged before the model appears: a test that was looked at must have its line, whatever happens next.
    for line in lines:
        append(models / "results.jsonl", as_candidate(line, gate) if refused else line)
    if refused:
        shutil.rmtree(staged)
        raise ModelError(refusal(target, gate))
    staged.rename(target)
    return target


def _metrics(
    calibration: Calibration, decoder: Decoder, parity: dict[str, Any], lines: Sequence[dict[str, Any]]
) -> dict[str, Any]:
    return {
        "headline": headline(lines),
        "calibration": {
            **asdict(calibration),
            "refusal_threshold": decoder.refusal_threshold,
            "bare_refusal_threshold": decoder.bare_refusal_threshold,
            "notes": decoder.notes.to_json() if decoder.notes else None,
        },
        "parity": parity,
        **{line["kind"]: line for line in lines},
    }


def new_directory(models: Path, version: str) -> Path:
    """Where a release of this version will be.

    Raises:
        OutputError: it is there already.
    """
    target = models / f"evenhand-{version}"
    if target.exists():
        message = f"{target}: a released model is never changed; choose a new version"
        raise OutputError(message)
    return target


def _calibrate(inputs: ReleaseInputs, network: LadderNetwork) -> tuple[Calibration, Decoder]:
    folds = inputs.readings[0]
    calibration = calibrate(folds, development_rows(inputs.corpus, inputs.splits))
    return calibration, complete(calibration, CutPoints.of(network), folds)


def _write_parts(staged: Path, model: onnx.ModelProto, decoder: Decoder) -> None:
    write_onnx(model, staged / "model.onnx")
    shutil.copyfile(encoder_directory() / "tokenizer.json", staged / "tokenizer.json")
    (staged / "decoder.json").write_text(json.dumps(decoder.to_json(), indent=1) + "\n", encoding="utf-8")
    (staged / "LICENSE.encoder").write_text(ENCODER_NOTICE, encoding="utf-8")
    (staged / "CARD.md").write_text("", encoding="utf-8")


def _manifest(inputs: ReleaseInputs, version: str) -> dict[str, Any]:
    return {
        "name": "evenhand",
        "version": version,
        "format": BUNDLE_FORMAT,
        "evenhand": evenhand.__version__,
        "scheme_version": SCHEME_VERSION,
        "schema": SCORE_SCHEMA,
        "corpus_version": inputs.corpus.version,
        "encoder": "all-MiniLM-L6-v2, fine-tuned (Apache-2.0)",
        "licence": "Apache-2.0",
        "language": "English as written in children's services in England",
        "intended_use": INTENDED_USE,
        "not_for": NOT_FOR,
        "config": inputs.config.model_dump(mode="json"),
        "config_sha256": inputs.config.digest(),
        "seeds": [inputs.config.seed],
        "released": stamp()["date"],
    }


def seal(directory: Path, manifest: dict[str, Any], metrics: dict[str, Any]) -> None:
    """Write the metrics, and the manifest with size and hash of every file."""
    (directory / "metrics.json").write_text(
        json.dumps(metrics, indent=1, ensure_ascii=False) + "\n", encoding="utf-8", newline="\n"
    )
    files = {}
    for path in sorted(directory.iterdir()):
        if path.name != MANIFEST:
            content = path.read_bytes()
            files[path.name] = {"sha256": hashlib.sha256(content).hexdigest(), "bytes": len(content)}
    (directory / MANIFEST).write_text(
        json.dumps({**manifest, "files": files}, indent=1, ensure_ascii=False) + "\n",
        encoding="utf-8",
        newline="\n",
    )


def evaluation_lines(
    inputs: EvaluationInputs,
    directory: Path | None,
    readings: Sequence[Sequence[FoldReadings]],
    *,
    note: str | None = None,
    progress: Callable[[str], None] = lambda _: None,
) -> list[dict[str, Any]]:
    """Judge a model: log lines of kinds `test`, `authored`, `behaviour` and, given readings, `cross_validation`.

    Args:
        inputs: Corpus, splits and configuration.
        directory: The model's folder; None for the one that `evenhand.load` finds.
        readings: Cross-validated readings, one list of folds a repeat; may be empty.
        note: What a reader of the log should know of this evaluation.
        progress: Told what comes next.

    Raises:
        InputError: the model was made from another corpus version.
    """
    model = evenhand.load(directory)
    if model.manifest["corpus_version"] != inputs.corpus.version:
        message = f"{model.name} was made from corpus {model.manifest['corpus_version']}, not {inputs.corpus.version}"
        raise InputError(message)
    common = {
        **model_stamp(model),
        "corpus_version": inputs.corpus.version,
        "config_sha256": model.manifest["config_sha256"],
        "seeds": model.manifest["seeds"],
        **({"note": note} if note else {}),
    }
    lines = []
    if readings:
        progress("judging cross-validation")
        folds = evaluate_folds(
            inputs.corpus,
            inputs.splits,
            inputs.config,
            readings,
            start=inputs.start,
            before=inputs.before,
            progress=progress,
        )
        lines.append({"kind": "cross_validation", **common, **folds.record()})
    progress("judging the frozen test")
    test = evaluate_test(inputs.corpus, inputs.splits, model, inputs.config)
    lines.append({"kind": "test", **common, **test.record()})
    progress("judging authored texts")
    lines.append({"kind": "authored", **common, **evaluate_authored(inputs.corpus, inputs.splits, model)})
    progress("judging behaviour")
    behaviour = evaluate_model_behaviour(inputs.corpus, inputs.splits, model)
    if readings:
        behaviour |= evaluate_folds_behaviour(inputs.corpus, inputs.splits, readings[0])
    lines.append({"kind": "behaviour", **common, **behaviour})
    return lines


def headline(lines: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """The figures of the frozen test among lines of an evaluation."""
    test = next(line for line in lines if line["kind"] == "test")
    return {
        "split": test["split"],
        "rows": test["rows"],
        "groups": test["groups"],
        **test["methods"]["evenhand"],
    }
