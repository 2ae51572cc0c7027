"""A released model is exported anew: the same decisions in another file, judged again and sealed."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import onnxruntime
import pytest
from tokenizers import Tokenizer

import evenhand
from evenhand.bundle import read_bundle
from evenhand.errors import InputError, ModelError, OutputError
from evenhand_training import evaluate
from evenhand_training.baselines import majority
from evenhand_training.config import TrainConfig
from evenhand_training.corpus import Corpus, Splits
from evenhand_training.examples import Example
from evenhand_training.export import export_onnx
from evenhand_training.metrics import intervals
from evenhand_training.rebuild import rebuild
from evenhand_training.reexport import reexport
from evenhand_training.release import EvaluationInputs
from evenhand_training.results import read

OLD = Path(__file__).parents[2] / "models" / "evenhand-0.3"  # of the form that can be rebuilt
FEW = 24  # texts that set the steps here


@pytest.fixture(scope="module")
def old_config() -> TrainConfig:
    return TrainConfig.model_validate_json(json.dumps(read_bundle(OLD).manifest["config"]))


@pytest.fixture(scope="module")
def made(
    small: Any,  # noqa: ANN401 - a Small of conftest.py
    old_config: TrainConfig,
    published: list[Example],
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Path]:
    """Release 0.3 exported anew, with few texts and resamples."""
    version = read_bundle(OLD).manifest["corpus_version"]
    inputs = EvaluationInputs(replace(small.corpus, version=version), small.splits, old_config, None, ())
    models = tmp_path_factory.mktemp("models")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(evaluate, "intervals", partial(intervals, resamples=12))
        for rival in ("tfidf_linear", "search_terms", "spacy_textcat", "setfit"):
            patch.setattr(evaluate, rival, lambda training, rows, *, seed: majority(training, rows))
        patch.setattr("evenhand_training.reexport.step_texts", lambda *_: [row.text for row in published][:FEW])
        yield reexport(OLD, "9.9", models, inputs)


def test_the_network_is_rebuilt_as_it_reads(old_config: TrainConfig, published: list[Example]) -> None:
    model = onnx.load(OLD / "model.onnx")
    network = rebuild(model, old_config.encoder)
    tokenizer = Tokenizer.from_file(str(OLD / "tokenizer.json"))
    read_by = [
        onnxruntime.InferenceSession(each.SerializeToString(), providers=["CPUExecutionProvider"])
        for each in (model, export_onnx(network))
    ]
    for encoding in tokenizer.encode_batch([row.text for row in published][:FEW]):
        ids = np.array([encoding.ids])
        old, new = (each.run(["theta"], {"input_ids": ids, "attention_mask": np.ones_like(ids)}) for each in read_by)
        assert abs(old[0][0] - new[0][0]) < 0.1  # of 4.6, the standard deviation over texts


def test_another_form_is_not_rebuilt(single: onnx.ModelProto, tiny_config: TrainConfig) -> None:
    with pytest.raises(ModelError, match="can be rebuilt"):
        rebuild(single, tiny_config.encoder)


def test_the_new_model_loads_and_decides_like_the_old(made: Path) -> None:
    old, new = evenhand.load(OLD), evenhand.load(made)
    texts = ["No food in the house since Friday.", "He hit her with a belt and the mark is still there.", "Thank you."]
    assert [one.level for one in new.code_many(texts)] == [one.level for one in old.code_many(texts)]
    assert new.name == "evenhand-9.9"


def test_what_hangs_on_the_file_is_judged_again_and_the_rest_says_where_it_is_from(made: Path) -> None:
    content = (made / "model.onnx").read_bytes()
    lines = read(made.parent / "results.jsonl")
    assert [line["kind"] for line in lines] == ["cross_validation", "test", "authored", "behaviour"]
    assert {line["model_sha256"] for line in lines} == {hashlib.sha256(content).hexdigest()}
    assert [line.get("carried_from") for line in lines] == ["evenhand-0.3", None, None, None]
    metrics, before = (read_bundle(each).json("metrics.json") for each in (made, OLD))
    assert metrics["cross_validation"]["methods"] == before["cross_validation"]["methods"]
    assert metrics["test"]["rows"] < before["test"]["rows"]  # judged here, on fewer
    assert metrics["parity"]["rows"] < before["parity"]["rows"]
    assert "evenhand 9.9" in (made / "CARD.md").read_text(encoding="utf-8").splitlines()[0]


def test_a_model_is_never_changed(made: Path, old_config: TrainConfig, corpus: Corpus, splits: Splits) -> None:
    with pytest.raises(OutputError, match="choose a new version"):
        reexport(OLD, "9.9", made.parent, EvaluationInputs(corpus, splits, old_config, None, ()))


def test_another_corpus_is_refused_before_anything_is_written(
    tmp_path: Path, old_config: TrainConfig, corpus: Corpus, splits: Splits
) -> None:
    other = EvaluationInputs(replace(corpus, version="2020.1"), splits, old_config, None, ())
    with pytest.raises(InputError, match=r"corpus_version 2026\.\d+, not 2020\.1"):
        reexport(OLD, "9.9", tmp_path, other)
    assert list(tmp_path.iterdir()) == []
