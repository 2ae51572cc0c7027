"""Fit every peer once: each step leaves a folder that later runs use as long as nothing that it depends on changes."""

from __future__ import annotations

import json
import shutil
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.benchmarks.batch.finetune import EPOCHS, finetune, refit_heads, tune_setfit
from tests.benchmarks.batch.heads import Heads, Thresholds, of_kind
from tests.benchmarks.batch.networks import Embeddings, Exported, export
from tests.benchmarks.batch.rows import CORPUS, KINDS, Coded, Kind, threshold_rows, training_rows
from tests.benchmarks.batch.textcat import fit_textcat
from tests.benchmarks.batch.tfidf import fit_tfidf

from evenhand_training.corpus.reader import read_version
from evenhand_training.setfit_baseline import MOST_STEPS

SEED = 1  # as configs/base.toml
FORMAT = 1  # raise it when a change here makes folders of earlier runs useless
EMBED_AT_ONCE = 32

Rows = Mapping[Kind, Sequence[Coded]]


@dataclass(frozen=True, slots=True)
class _Step:
    """What a step works with: its folder, rows to learn from and to fit thresholds on; `quick` only runs every line."""

    folder: Path
    rows: Rows
    told: Rows
    quick: bool

    def every(self) -> list[Coded]:
        return [row for kind in KINDS for row in self.rows[kind]]

    def of(self, kind: Kind) -> Path:
        place = self.folder / kind
        place.mkdir(exist_ok=True)
        return place


def _finetuned(step: _Step) -> None:
    authored = {row.group for row in step.rows["descriptors"] if row.weight == 1.0}
    finetune(step.every(), step.folder, drawn=authored, seed=SEED)


def _refitted(step: _Step) -> None:
    from transformers import AutoModelForSequenceClassification

    refit_heads(step.folder.parent / "finetuned" / "network", step.rows, step.folder)
    network = AutoModelForSequenceClassification.from_pretrained(step.folder / "network")
    export(network, step.every(), step.folder)
    read = Exported(step.folder, 1, "onnx")
    for kind in KINDS:
        logits = read.logits([row.text for row in step.told[kind]], EMBED_AT_ONCE)
        Thresholds.fitted(of_kind(logits, kind), step.told[kind]).write(step.of(kind))


def _embedding(step: _Step) -> None:
    from transformers import AutoModel

    from evenhand_training.encoder import encoder_directory

    body = step.folder / "body"
    shutil.copytree(encoder_directory(), body)
    export(AutoModel.from_pretrained(body, add_pooling_layer=False), step.every(), step.folder)
    _fit_heads(step, body)


def _setfit(step: _Step) -> None:
    body = step.folder / "body"
    tune_setfit(step.every(), body, seed=SEED, steps=2 if step.quick else MOST_STEPS)
    _fit_heads(step, body)


def _fit_heads(step: _Step, body: Path) -> None:
    encoder = Embeddings(body, 1)
    for kind in KINDS:
        features = encoder.features([row.text for row in step.rows[kind]], EMBED_AT_ONCE)
        heads = Heads.fitted(features, step.rows[kind])
        heads.write(step.of(kind))
        told = encoder.features([row.text for row in step.told[kind]], EMBED_AT_ONCE)
        Thresholds.fitted(heads.logits(told), step.told[kind]).write(step.of(kind))


def _textcat(step: _Step) -> None:
    for kind in KINDS:
        fit_textcat(step.rows[kind], step.told[kind], step.of(kind), seed=SEED)


def _tfidf(step: _Step) -> None:
    for kind in KINDS:
        fit_tfidf(step.rows[kind], step.told[kind], step.of(kind))


STEPS: dict[str, Callable[[_Step], None]] = {
    "tfidf": _tfidf,
    "textcat": _textcat,
    "embedding": _embedding,
    "setfit": _setfit,
    "finetuned": _finetuned,
    "refitted": _refitted,  # from what the step before it left
}


def fit_peers(root: Path, wanted: Sequence[str], *, quick: bool) -> dict[str, Any]:
    """Fit the steps that are wanted and not done yet; returns for each its seed, rows and seconds."""
    identity = {"format": FORMAT, "seed": SEED, "corpus": read_version(CORPUS), "quick": quick, "epochs": EPOCHS}
    made: dict[str, Any] = {}
    rows: tuple[Rows, Rows] | None = None
    for name in wanted:
        folder = root / name
        note = folder / "made.json"
        if note.exists() and (found := json.loads(note.read_text(encoding="utf-8")))["identity"] == identity:
            made[name] = found
            continue
        print(f"· fitting {name}", file=sys.stderr, flush=True)
        rows = rows or (training_rows(quick=quick), threshold_rows(quick=quick))
        shutil.rmtree(folder, ignore_errors=True)
        partial = root / f"{name}.partial"
        shutil.rmtree(partial, ignore_errors=True)
        partial.mkdir(parents=True)
        begin = time.perf_counter()
        STEPS[name](_Step(partial, *rows, quick))
        made[name] = {
            "identity": identity,
            "rows": {kind: len(rows[0][kind]) for kind in KINDS},
            "seconds": round(time.perf_counter() - begin, 1),
        }
        (partial / "made.json").write_text(json.dumps(made[name]), encoding="utf-8")
        partial.rename(folder)
    return made
