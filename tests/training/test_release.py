"""A release end to end on a few rows: the folder it writes is the model that the library loads."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

import pytest

import evenhand
from evenhand.bundle import REQUIRED_FILES, read_bundle
from evenhand.errors import InputError, ModelError, OutputError
from evenhand_training import evaluate
from evenhand_training.baselines import majority
from evenhand_training.config import TrainConfig
from evenhand_training.consistency_limits import AreaLimits, BehaviourLimits, Limits
from evenhand_training.corpus import FOLDS
from evenhand_training.crossvalidate import FoldReadings, fold_readings
from evenhand_training.encoder import load_tokenizer
from evenhand_training.examples import Example
from evenhand_training.metrics import Predictions, intervals
from evenhand_training.network import LadderNetwork
from evenhand_training.release import ReleaseInputs, evaluation_lines, release
from evenhand_training.results import read
from evenhand_training.set_readings import held_units, read_units
from evenhand_training.stages import fold_rows

# Networks of a few rows that were never trained keep no limit that is meant.
LOOSE = Limits(
    areas=AreaLimits(significance=0.05, bias_from=0.5, size_from=0.25, level_from=0.125, overall_bias=5.0),
    behaviour=BehaviourLimits(framing_same_level=0.0),
)
STRICT = LOOSE.model_copy(update={"behaviour": BehaviourLimits(framing_same_level=1.0, framing_difference=0.0)})


@dataclass(frozen=True, slots=True)
class Released:
    """A release of the tiny network."""

    inputs: ReleaseInputs
    models: Path
    directory: Path


def quick_rival(training: Sequence[Example], rows: Sequence[Example], *, seed: int) -> Predictions:
    """Stands for baselines, which take most of a release of few rows and have tests of their own."""
    assert seed > 0
    return majority(training, rows)


@pytest.fixture(scope="module", autouse=True)
def _quick() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(evaluate, "intervals", partial(intervals, resamples=12))
        for rival in ("tfidf_linear", "search_terms", "spacy_textcat", "setfit"):
            patch.setattr(evaluate, rival, quick_rival)
        yield


@pytest.fixture(scope="module")
def released(
    small: Any,  # noqa: ANN401 - a Small of conftest.py
    tiny_config: TrainConfig,
    network: LadderNetwork,
    tmp_path_factory: pytest.TempPathFactory,
) -> Released:
    tokenizer = load_tokenizer(tiny_config.encoder.max_tokens)
    readings: list[FoldReadings] = []
    for fold in range(FOLDS):
        held = fold_rows(small.corpus, small.splits, repeat=0, fold=fold)[1]
        sets = read_units(network, tokenizer, held_units(small.corpus, small.splits, fold))
        readings.append(replace(fold_readings(network, tokenizer, held, trained_on=""), sets=sets))
    inputs = ReleaseInputs(small.corpus, small.splits, tiny_config, None, [readings], network, [readings], LOOSE)
    models = tmp_path_factory.mktemp("models")
    return Released(inputs, models, release(inputs, version="9.1", models=models))


def test_the_released_folder_is_what_the_library_loads(released: Released) -> None:
    assert released.directory == released.models / "evenhand-9.1"
    model = evenhand.load(released.directory)
    assert model.name == "evenhand-9.1"
    coding, alone = model.code_many(["Dad hit him with a belt. He was late.", "He was late."])
    assert len(coding.sentences) == 2
    assert alone == model.code("He was late.")


def test_the_manifest_says_what_the_model_was_made_of(released: Released) -> None:
    manifest = read_bundle(released.directory).manifest
    assert manifest["corpus_version"] == released.inputs.corpus.version
    assert manifest["config_sha256"] == released.inputs.config.digest()
    assert TrainConfig.model_validate(manifest["config"]) == released.inputs.config
    assert manifest["seeds"] == [released.inputs.config.seed]
    assert set(manifest["files"]) == {*REQUIRED_FILES, "LICENSE.encoder"}


def test_nothing_else_is_left_beside_the_model_and_the_log(released: Released) -> None:
    assert {path.name for path in released.models.iterdir()} == {"evenhand-9.1", "results.jsonl"}


def test_every_evaluation_is_logged_and_kept_in_the_metrics(released: Released) -> None:
    lines = read(released.models / "results.jsonl")
    assert [line["kind"] for line in lines] == ["cross_validation", "test", "authored", "behaviour", "consistency"]
    metrics = json.loads((released.directory / "metrics.json").read_text(encoding="utf-8"))
    assert [metrics[line["kind"]] for line in lines] == lines
    assert metrics["headline"]["level_in_set"] == lines[1]["methods"]["evenhand"]["level_in_set"]
    assert metrics["parity"]["rows"] > 0


def test_every_evaluation_names_the_very_model(released: Released) -> None:
    hashes = {line["model_sha256"] for line in read(released.models / "results.jsonl")}
    assert hashes == {read_bundle(released.directory).manifest["files"]["model.onnx"]["sha256"]}


def test_the_test_is_the_frozen_rows_and_cross_validation_all_others(released: Released) -> None:
    folds, test, *_ = read(released.models / "results.jsonl")
    splits = released.inputs.splits
    assert test["rows"] == len(splits.test_rows)
    assert folds["rows"] + test["rows"] == len(released.inputs.corpus.descriptors)
    assert (folds["groups"], test["groups"]) == (5, 1)


def test_the_baselines_are_judged_on_the_same_rows(released: Released) -> None:
    for line in read(released.models / "results.jsonl")[:2]:
        assert set(line["methods"]) == {
            "evenhand",
            *(["model_before"] if line["kind"] == "cross_validation" else []),
            "majority",
            "always_b",
            "tfidf_linear",
            "search_terms",
            "true_severity",
        }
        assert sum(line["predicted_levels"].values()) == pytest.approx(line["rows"])
        assert sum(found["rows"] for found in line["by_level"].values()) == line["rows"]


def test_behaviour_is_judged_on_test_units_and_on_those_of_every_fold(released: Released) -> None:
    behaviour = read(released.models / "results.jsonl")[3]
    assert behaviour["kind"] == "behaviour"
    assert {"test", "cross_validation", "note_readings"} <= set(behaviour)
    corpus, splits = released.inputs.corpus, released.inputs.splits
    sets = {row.id for row in corpus.framing_pairs}
    assert behaviour["test"]["framing"]["rows"] == len(sets & splits.authored.test)
    assert behaviour["cross_validation"]["framing"]["rows"] == len(sets & set(splits.authored.folds))


def test_the_released_model_reads_notes_as_fitted_on_the_sets_of_the_folds(released: Released) -> None:
    stored = json.loads((released.directory / "metrics.json").read_text(encoding="utf-8"))["calibration"]["notes"]
    assert stored
    decoder = json.loads((released.directory / "decoder.json").read_text(encoding="utf-8"))
    assert decoder["notes"] == stored


def test_the_log_is_plain_json_without_nan(released: Released) -> None:
    assert "NaN" not in (released.models / "results.jsonl").read_text(encoding="utf-8")


def test_a_released_model_is_judged_again_with_the_same_figures(released: Released) -> None:
    again = evaluation_lines(released.inputs, released.directory, [])
    assert [line["kind"] for line in again] == ["test", "authored", "behaviour"]
    for line, first in zip(again, read(released.models / "results.jsonl")[1:4], strict=True):
        # Without readings of folds there are no figures of them.
        assert {**line, "date": first["date"]} == {key: value for key, value in first.items() if key in line}


def test_a_released_model_is_never_changed(released: Released) -> None:
    before = {path.name: path.read_bytes() for path in released.directory.iterdir()}
    with pytest.raises(OutputError, match="a released model is never changed; choose a new version"):
        release(released.inputs, version="9.1", models=released.models)
    assert {path.name: path.read_bytes() for path in released.directory.iterdir()} == before


def test_a_killed_release_leaves_nothing_that_looks_like_a_model(
    released: Released, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class KilledError(Exception):
        pass

    def progress(step: str) -> None:
        if step == "exporting":
            raise KilledError

    with pytest.raises(KilledError):
        release(replace(released.inputs), version="9.2", models=tmp_path, progress=progress)
    assert list(tmp_path.glob("evenhand-*")) == []
    assert not (tmp_path / "results.jsonl").exists()


def test_limits_that_are_kept_stand_in_log_and_card(released: Released) -> None:
    gate = read(released.models / "results.jsonl")[-1]
    assert (gate["broken"], gate["despite"]) == ([], None)
    assert {found["limit"] for found in gate["limits"]} == {"areas.overall_bias", "behaviour.framing_same_level"}
    assert "**All 2 limits are kept.**" in (released.directory / "CARD.md").read_text(encoding="utf-8")


def test_a_model_that_breaks_limits_is_not_released_and_each_is_named(released: Released, tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=r"framing_same_level ≥ 1, .*framing_difference ≤ 0, .* --despite") as error:
        release(replace(released.inputs, limits=STRICT), version="9.3", models=tmp_path, note="a try")
    assert "evenhand-9.3: not released, 2 limit(s) of consistency broken" in str(error.value)
    assert [path.name for path in tmp_path.iterdir()] == ["results.jsonl"]
    lines = read(tmp_path / "results.jsonl")
    assert [line["kind"] for line in lines][1] == "test"
    assert {line["model"] for line in lines} == {"evenhand-9.3-candidate"}
    told = "a try; not released: breaks behaviour.framing_same_level, behaviour.framing_difference"
    assert {line["note"] for line in lines} == {told}


def test_a_model_that_breaks_limits_is_released_with_a_reason_that_log_and_card_show(
    released: Released, tmp_path: Path
) -> None:
    reason = "graver errors are mended"
    directory = release(replace(released.inputs, limits=STRICT), version="9.4", models=tmp_path, despite=reason)
    assert evenhand.load(directory).name == "evenhand-9.4"
    gate = read(tmp_path / "results.jsonl")[-1]
    assert gate["despite"] == reason
    assert gate["broken"] == ["behaviour.framing_same_level", "behaviour.framing_difference"]
    card = (directory / "CARD.md").read_text(encoding="utf-8")
    assert f"**2 of 3 limits are broken; released despite that: {reason}**" in card


def test_a_model_paired_with_itself_is_neither_better_nor_worse(released: Released) -> None:
    folds, *_ = read(released.models / "results.jsonl")
    assert folds["methods"]["model_before"] == folds["methods"]["evenhand"]
    assert {found["difference"] for found in folds["paired_with"]["model_before"].values()} == {0.0}


def test_rows_are_paired_whatever_their_order(released: Released) -> None:
    turned = [backwards(fold) for fold in released.inputs.readings[0]]
    found = judged(released, [turned])
    assert found["methods"]["model_before"] == found["methods"]["evenhand"]


def test_a_model_that_was_judged_on_other_folds_is_not_paired_with(released: Released) -> None:
    with pytest.raises(InputError, match="other rows or folds"):
        judged(released, [list(reversed(released.inputs.readings[0]))])


def judged(released: Released, before: list[list[FoldReadings]]) -> dict[str, Any]:
    inputs = released.inputs
    folds = evaluate.evaluate_folds(inputs.corpus, inputs.splits, inputs.config, inputs.readings, before=before)
    return folds.record()


def backwards(fold: FoldReadings) -> FoldReadings:
    return replace(fold, ids=fold.ids[::-1], theta=fold.theta[::-1], issues=fold.issues[::-1])
