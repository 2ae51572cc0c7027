"""Make a directory of the framing model: export, set thresholds, judge, write the card, seal with a manifest.

Like every model directory it is never changed, is staged beside its place, and renamed at the end.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from dataclasses import dataclass, replace
from importlib import resources
from pathlib import Path
from string import Template
from typing import Any

import evenhand
from evenhand.bundle import BUNDLE_FORMAT, read_bundle
from evenhand.errors import OutputError
from evenhand.framing.decoding import FramingDecoder
from evenhand.framing.flagger import FRAMING_MODEL, Flagger
from evenhand.framing.network import FramingNetwork
from evenhand.framing.result import FLAG_SCHEMA
from evenhand.scheme import SCHEME_VERSION
from evenhand_training.corpus import Corpus, Splits
from evenhand_training.encoder import encoder_directory, load_tokenizer
from evenhand_training.export import write_onnx
from evenhand_training.framing.evaluate import evaluate_framing
from evenhand_training.framing.export import export_framing
from evenhand_training.framing.fit import FramingConfig
from evenhand_training.framing.network import FramingReader
from evenhand_training.framing.tables import framing_tables
from evenhand_training.framing.texts import FramingTexts, framing_texts
from evenhand_training.framing.tune import FIRST, read_all, tuned
from evenhand_training.release import ENCODER_NOTICE, seal
from evenhand_training.results import append, stamp

KIND = "framing"
INTENDED_USE = (
    "showing how referrals and case notes are told (framing, balance, needs nobody asks for, what a referral still "
    "has to say), for research, audit and writers who look at their own text"
)
NOT_FOR = "deciding about a child or family, judging a worker, or ranking referrers"


@dataclass(frozen=True, slots=True)
class FramingRelease:
    """What a release is made of.

    Attributes:
        network: Fitted.
        config: It was fitted with.
        corpus: The corpus.
        splits: Its splits.
    """

    network: FramingReader
    config: FramingConfig
    corpus: Corpus
    splits: Splits


def release_framing(
    inputs: FramingRelease, *, version: str, models: Path, progress: Callable[[str], None] = lambda _: None
) -> Path:
    """Write `models/evenhand-framing-<version>` and append its evaluation to `models/results.jsonl`.

    Raises:
        OutputError: the directory exists.
    """
    target = models / f"{FRAMING_MODEL}-{version}"
    if target.exists():
        message = f"{target}: a released model is never changed; choose a new version"
        raise OutputError(message)
    staged = models / f".{FRAMING_MODEL}-{version}.staged"
    shutil.rmtree(staged, ignore_errors=True)
    staged.mkdir(parents=True)
    texts = framing_texts(inputs.corpus, inputs.splits)
    progress("exporting")
    write_onnx(
        export_framing(inputs.network, load_tokenizer(inputs.config.max_tokens), texts.fit), staged / "model.onnx"
    )
    shutil.copyfile(encoder_directory() / "tokenizer.json", staged / "tokenizer.json")
    (staged / "LICENSE.encoder").write_text(ENCODER_NOTICE, encoding="utf-8")
    progress("setting thresholds")
    network = FramingNetwork(
        (staged / "model.onnx").read_bytes(),
        (staged / "tokenizer.json").read_bytes(),
        max_tokens=inputs.config.max_tokens,
    )
    decoder = tuned(
        read_all(texts.held, network),
        read_all(texts.nothing, network),
        replace(FIRST, max_tokens=inputs.config.max_tokens),
    )
    (staged / "decoder.json").write_text(json.dumps(decoder.to_json(), indent=1) + "\n", encoding="utf-8")
    manifest = _manifest(inputs, version, texts)
    _seal(staged, manifest, {})
    progress("judging")
    line = _line(inputs, staged, texts, network, decoder)
    _seal(staged, manifest, {"headline": _headline(line), KIND: line})
    append(models / "results.jsonl", line)
    staged.rename(target)
    return target


def _line(
    inputs: FramingRelease, staged: Path, texts: FramingTexts, network: FramingNetwork, decoder: FramingDecoder
) -> dict[str, Any]:
    """The evaluation, for the log."""
    flagger = Flagger(read_bundle(staged))
    return {
        "kind": KIND,
        **stamp(),
        "model": flagger.name,
        "model_sha256": flagger.manifest["files"]["model.onnx"]["sha256"],
        "corpus_version": inputs.corpus.version,
        "seeds": [inputs.config.seed],
        **evaluate_framing(inputs.corpus, texts, flagger, network, decoder),
    }


def _headline(line: dict[str, Any]) -> dict[str, Any]:
    referrals = line["referrals"]
    return {
        "documents": referrals["documents"],
        "framing_span_f1": referrals["framing"]["f1"],
        "unmet_need_f1": referrals["unmet_needs"]["f1"],
        "frames_macro_f1": referrals["frames"]["macro_f1"],
        "checklist_macro_f1": referrals["checklist"]["macro_f1"],
    }


def _manifest(inputs: FramingRelease, version: str, texts: FramingTexts) -> dict[str, Any]:
    return {
        "name": FRAMING_MODEL,
        "version": version,
        "format": BUNDLE_FORMAT,
        "evenhand": evenhand.__version__,
        "scheme_version": SCHEME_VERSION,
        "schema": FLAG_SCHEMA,
        "corpus_version": inputs.corpus.version,
        "encoder": "all-MiniLM-L6-v2, fine-tuned (Apache-2.0)",
        "licence": "Apache-2.0",
        "language": "English as written in children's services in England",
        "intended_use": INTENDED_USE,
        "not_for": NOT_FOR,
        "config": inputs.config.to_dict(),
        "seeds": [inputs.config.seed],
        "texts": {"fit": len(texts.fit), "plain": len(texts.plain), "held": len(texts.held)},
        "released": stamp()["date"],
    }


def _seal(staged: Path, manifest: dict[str, Any], metrics: dict[str, Any]) -> None:
    template = resources.files("evenhand_training.framing").joinpath("card.md").read_text(encoding="utf-8")
    tables = "\n".join(framing_tables(metrics[KIND])) if metrics else ""
    card = Template(template).substitute(manifest, tables=tables, **manifest["texts"])
    (staged / "CARD.md").write_text(card, encoding="utf-8", newline="\n")
    seal(staged, manifest, metrics)
