"""Fine-tune a released model and write the derivative: judge rows, fit, export, compare, judge the gates, seal.

The directory is staged beside its place and renamed at the end. The frozen test is never read by a model here: a user
who tried until it looked well there would tune on it.
"""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from evenhand.errors import InputError, ModelError, OutputError
from evenhand.text import normalise
from evenhand_training.activations import TEXTS_PER_SOURCE, step_texts
from evenhand_training.encoder import load_tokenizer
from evenhand_training.examples import authored_examples
from evenhand_training.export import export_onnx, write_onnx
from evenhand_training.fine_tuning.account import KIND, account_of, as_refused, manifest_of, write_report
from evenhand_training.fine_tuning.learning import Lesson, go_on, restored
from evenhand_training.fine_tuning.pages import card_page
from evenhand_training.fine_tuning.preparing import FineTuneInputs, Prepared, prepare
from evenhand_training.fit import Progress
from evenhand_training.integers import export_integers
from evenhand_training.parity import compare_exports
from evenhand_training.quantise import round_weights
from evenhand_training.release import ENCODER_NOTICE, seal
from evenhand_training.results import append

KEPT = ("tokenizer.json", "decoder.json")
RELEASED = "evenhand"  # the name that derivatives may not have
_NAMED = re.compile(r"(?P<name>[A-Za-z][\w+]*)-(?P<version>\d[\w.+]*)")

Steps = Callable[[str], Progress | None]


def fine_tune(
    inputs: FineTuneInputs,
    target: Path,
    *,
    log: Path,
    despite: str | None = None,
    progress: Callable[[str], None] = lambda _: None,
    steps: Steps = lambda _: None,
) -> Path:
    """Write a derivative of a released model, with its report beside it (`.report.md`, `.report.json`).

    Args:
        inputs: What it is made of and has to keep.
        target: Its directory, `NAME-VERSION`.
        log: One line of kind `fine_tune` is appended there.
        despite: Why to go on though a guard refuses, and to write a model that breaks a gate; kept in log, card and
            manifest if one does.
        progress: Told what comes next.
        steps: Gives what a named fit reports to.

    Returns:
        The directory.

    Raises:
        InputError: own rows will not do, or a guard refuses.
        PrivacyError: a text looks identifiable.
        OutputError: the directory exists, or its name is the released model's.
        ModelError: a gate is broken; report and log have the figures, and no model is written.
    """
    named = name_of(target)
    progress("reading and judging rows")
    ready = prepare(inputs)
    if ready.guarded.refused and despite is None:
        told = " ".join(one.told for one in ready.guarded.refused)
        message = f"{inputs.own}: {told} Nothing was fitted; correct this, or give a reason with --despite"
        raise InputError(message)
    with _staged(target) as staged:
        parity = _fit_and_export(inputs, ready, staged, progress, steps)
        manifest = manifest_of(inputs, ready, named)
        seal(staged, manifest, {"headline": {}})
        progress("comparing the base model and the new one")
        line = account_of(inputs, ready, staged, despite)
        _report(target, log, line)
        manifest[KIND] |= {"broken": line["broken"], "despite": line["despite"]}
        (staged / "CARD.md").write_text(card_page(manifest, line), encoding="utf-8", newline="\n")
        seal(staged, manifest, {"headline": {}, "parity": parity, KIND: line})
        staged.rename(target)
    return target


def name_of(target: Path) -> tuple[str, str]:
    """Name and version of a model from its directory.

    Raises:
        OutputError: the directory exists, has no version, or the name is the released model's, which a folder of models
            would then take for a newer release.
    """
    found = _NAMED.fullmatch(target.name)
    if found is None or found["name"].lower() == RELEASED:
        message = (
            f"{target}: call the model NAME-VERSION, for instance ours-0.1, and not {RELEASED}: it is a derivative"
        )
        raise OutputError(message)
    if target.exists():
        message = f"{target}: a model is never changed; choose another name or version"
        raise OutputError(message)
    return found["name"], found["version"]


def _report(target: Path, log: Path, line: dict[str, Any]) -> None:
    """Write the report and the log line.

    Raises:
        ModelError: a gate is broken, and nobody says why that may be.
    """
    refused = bool(line["broken"]) and line["despite"] is None
    write_report(target, line)
    append(log, as_refused(line) if refused else line)
    if refused:
        message = (
            f"{target}: not written, broken: {', '.join(line['broken'])}; {target}.report.md has the figures; code"
            " more, lower the rates in the settings, or give a reason with --despite"
        )
        raise ModelError(message)


@contextmanager
def _staged(target: Path) -> Iterator[Path]:
    """A folder beside the target, which is gone afterwards unless it was renamed.

    Raises:
        OutputError: it cannot be made.
    """
    staged = target.parent / f".{target.name}.staged"
    try:
        shutil.rmtree(staged, ignore_errors=True)
        staged.mkdir(parents=True)
    except OSError as error:
        message = f"{target}: cannot be written ({error.strerror})"
        raise OutputError(message) from error
    try:
        yield staged
    finally:
        shutil.rmtree(staged, ignore_errors=True)


def _fit_and_export(
    inputs: FineTuneInputs, ready: Prepared, staged: Path, progress: Callable[[str], None], steps: Steps
) -> dict[str, Any]:
    """Fit, write the parts of the new model, and return how far its export decides as the network does."""
    progress("fitting")
    tokenizer = load_tokenizer(ready.decoder.max_tokens)
    lesson = Lesson(ready.chosen.taught, ready.guarded.few, ready.fitted_to, ready.config)
    base = restored(ready.bundle, ready.config, ready.decoder)
    learned = go_on(base, lesson, ready.decoder, tokenizer, steps("own rows"))
    progress("exporting")
    rounded = round_weights(learned)
    own = [normalise(row.text) for row in ready.chosen.taught][:TEXTS_PER_SOURCE]
    integers = export_integers(rounded, tokenizer, [*step_texts(inputs.corpus, inputs.splits), *own])
    for name in KEPT:
        (staged / name).write_bytes(ready.bundle.files[name])
    (staged / "LICENSE.encoder").write_text(ENCODER_NOTICE, encoding="utf-8")
    (staged / "CARD.md").write_text("", encoding="utf-8")
    write_onnx(integers, staged / "model.onnx")
    judged = authored_examples(inputs.corpus, inputs.splits, "validation")
    return compare_exports((learned, rounded), export_onnx(rounded), integers, ready.decoder, tokenizer, judged)
