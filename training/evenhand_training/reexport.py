"""Export the network of a released model anew, as a new model directory: same weights, decoder and tokeniser.

What hangs on the file is judged again and logged: parity, the frozen test, authored texts, behaviour. What was read by
networks in single precision, cross-validation and consistency across areas, is carried over and says from where.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import onnx

from evenhand.bundle import Bundle, read_bundle
from evenhand.decoder import Decoder
from evenhand.errors import InputError
from evenhand_training.activations import step_texts
from evenhand_training.card import card
from evenhand_training.encoder import load_tokenizer
from evenhand_training.examples import authored_examples
from evenhand_training.export import export_onnx, write_onnx
from evenhand_training.integers import export_integers
from evenhand_training.parity import compare_exports
from evenhand_training.rebuild import rebuild
from evenhand_training.release import EvaluationInputs, evaluation_lines, headline, new_directory, seal
from evenhand_training.results import append, stamp

KEPT = ("tokenizer.json", "decoder.json", "LICENSE.encoder")
CARRIED = ("cross_validation", "consistency")
STAMP = ("date", "commit", "hardware", "model", "model_sha256")  # which file was judged, when and on what


def reexport(
    released: Path,
    version: str,
    models: Path,
    inputs: EvaluationInputs,
    *,
    progress: Callable[[str], None] = lambda _: None,
) -> Path:
    """Write `models/evenhand-<version>` with the network of a released model on integers; returns the directory.

    Args:
        released: Directory of a model released in the form of 0.1 to 0.3.
        version: Of the new one.
        models: The folder of models and of the log.
        inputs: Its training texts set the steps, its validation texts are compared, its test judges. The corpus is of
            the version that the model was made from.
        progress: Told what comes next.

    Raises:
        OutputError: the directory exists.
        ModelError: the released model is damaged or of another form.
        InputError: the corpus or the configuration is not the model's.
    """
    target = new_directory(models, version)
    bundle = read_bundle(released)
    _need_same(bundle, inputs)
    staged = _staged(bundle, models / f".evenhand-{version}.staged")
    parity = _export(bundle, staged, inputs, progress)
    manifest = {key: value for key, value in bundle.manifest.items() if key != "files"}
    manifest |= {"version": version, "released": stamp()["date"]}
    seal(staged, manifest, {"headline": {}})
    lines = evaluation_lines(inputs, staged, [], note=f"the network of {bundle.name}, exported anew", progress=progress)
    lines = _with_carried(bundle, lines)
    # Logged before the model appears: a test that was looked at must have its line, whatever happens next.
    for line in lines:
        append(models / "results.jsonl", line)
    metrics = {
        **bundle.json("metrics.json"),
        "headline": headline(lines),
        "parity": parity,
        **{line["kind"]: line for line in lines},
    }
    (staged / "CARD.md").write_text(card(manifest, metrics), encoding="utf-8", newline="\n")
    seal(staged, manifest, metrics)
    staged.rename(target)
    return target


def _staged(bundle: Bundle, folder: Path) -> Path:
    """A folder with what the new model takes over, and an empty card, which a sealed model needs."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    for name in KEPT:
        (folder / name).write_bytes(bundle.files[name])
    (folder / "CARD.md").write_text("", encoding="utf-8")
    return folder


def _need_same(bundle: Bundle, inputs: EvaluationInputs) -> None:
    for name, here in (("corpus_version", inputs.corpus.version), ("config_sha256", inputs.config.digest())):
        if bundle.manifest[name] != here:
            message = f"{bundle.name} was made with {name} {bundle.manifest[name]}, not {here}; give the model's own"
            raise InputError(message)


def _with_carried(bundle: Bundle, lines: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The new lines, and the old ones of what single precision read, under the stamp of the new file."""
    before = bundle.json("metrics.json")
    stamped = {key: value for key, value in lines[0].items() if key in STAMP}
    carried = [
        {**before[kind], **stamped, "kind": kind, "carried_from": bundle.name} for kind in CARRIED if kind in before
    ]
    return [
        *carried,
        *({**before.get(line["kind"], {}), **line} if line["kind"] == "behaviour" else line for line in lines),
    ]


def _export(bundle: Bundle, staged: Path, inputs: EvaluationInputs, progress: Callable[[str], None]) -> dict[str, Any]:
    """Write the ONNX file and compare it with the network in single precision."""
    network = rebuild(onnx.load_from_string(bundle.files["model.onnx"]), inputs.config.encoder)
    decoder = Decoder.from_json(bundle.json("decoder.json"))
    tokenizer = load_tokenizer(decoder.max_tokens)
    progress("exporting")
    integers = export_integers(network, tokenizer, step_texts(inputs.corpus, inputs.splits))
    write_onnx(integers, staged / "model.onnx")
    progress("comparing exports")
    rows = authored_examples(inputs.corpus, inputs.splits, "validation")
    # As fitted the network is no longer at hand: what was measured of its rounding stands.
    before = bundle.json("metrics.json")["parity"]
    found = compare_exports((network, network), export_onnx(network), integers, decoder, tokenizer, rows)
    found["rounded_against_fitted"] = before["rounded_against_fitted"]
    found["severity_qwk"]["fitted"] = before["severity_qwk"]["fitted"]
    return found
