"""A configuration is read whole or refused with the file and the setting at fault."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import pytest

from evenhand.errors import InputError
from evenhand_training.config import TrainConfig

NAMES = ("base", "smoke")


@pytest.fixture
def base(configs: Path) -> str:
    return (configs / "base.toml").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", NAMES)
def test_the_released_configurations_are_read(configs: Path, name: str) -> None:
    assert TrainConfig.read(configs / f"{name}.toml").name == name


def test_no_configuration_goes_untested(configs: Path) -> None:
    others = ("consistency", "fine-tune")  # of other forms, see test_consistency.py and test_fine_tune_rows.py
    assert sorted(path.stem for path in configs.iterdir()) == sorted((*NAMES, *others))


def test_the_smoke_run_is_small(configs: Path) -> None:
    smoke = TrainConfig.read(configs / "smoke.toml")
    assert smoke.encoder.layers <= 2
    assert 0 < smoke.row_limit <= 500
    assert smoke.optimiser.epochs <= 2


@pytest.mark.parametrize(
    ("change", "setting"),
    [
        (("seed = 1", "seed = 1\nsede = 2"), "'sede'"),
        (("[loss]", "[loss]\nlevels = 1.0"), "'loss.levels'"),
        (("seed = 1\n", ""), "'seed'"),
        (("warmup_share = 0.1\n", ""), "'optimiser.warmup_share'"),
        (("seed = 1", 'seed = "one"'), "'seed'"),
        (("bfloat16 = true", "bfloat16 = 1"), "'optimiser.bfloat16'"),
        (("layers = 6", "layers = 6.0"), "'encoder.layers'"),
        (("layers = 6", "layers = 7"), "'encoder.layers'"),
        (("\ndropout = 0.1", "\ndropout = 1.0"), "'optimiser.dropout'"),
        (("area_gap_sd = 0.3", "area_gap_sd = 0.0"), "'loss.area_gap_sd'"),
    ],
    ids=[
        "unknown key",
        "unknown key of a section",
        "missing key",
        "missing key of a section",
        "text for a number",
        "number for a truth value",
        "fraction for a whole number",
        "too large",
        "not below its bound",
        "not above its bound",
    ],
)
def test_a_wrong_setting_is_named(base: str, tmp_path: Path, change: tuple[str, str], setting: str) -> None:
    assert change[0] in base
    path = tmp_path / "mine.toml"
    path.write_text(base.replace(*change), encoding="utf-8")
    with pytest.raises(InputError) as raised:
        TrainConfig.read(path)
    assert str(raised.value).startswith(f"{path}: setting {setting}: ")


def test_all_problems_are_counted(base: str, tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    path.write_text(base.replace("layers = 6", "layers = 0").replace("seed = 1", "seed = -1"), encoding="utf-8")
    with pytest.raises(InputError, match=r"; 2 problem\(s\) in all"):
        TrainConfig.read(path)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    path = tmp_path / "nowhere.toml"
    with pytest.raises(InputError) as raised:
        TrainConfig.read(path)
    assert str(raised.value).startswith(f"{path}: cannot read the configuration")
    assert "training/configs" in str(raised.value)


@pytest.mark.parametrize("content", [b"seed = ", b"\xff\xfe"], ids=["broken TOML", "not UTF-8"])
def test_a_file_that_is_not_toml_is_named(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "mine.toml"
    path.write_bytes(content)
    with pytest.raises(InputError) as raised:
        TrainConfig.read(path)
    assert str(raised.value).startswith(f"{path}: not a TOML file")


def test_a_configuration_cannot_be_changed(tiny_config: TrainConfig) -> None:
    with pytest.raises(ValueError, match="frozen"):
        tiny_config.seed = 9


def _settings(stored: dict[str, Any], where: tuple[str, ...] = ()) -> list[tuple[str, ...]]:
    return [
        place
        for key, value in stored.items()
        for place in (_settings(value, (*where, key)) if isinstance(value, dict) else [(*where, key)])
    ]


BASE = tomllib.loads((Path(__file__).parents[2] / "training" / "configs" / "base.toml").read_text(encoding="utf-8"))


# The names of encoders have one value each that goes with the other settings.
CHANGED = [place for place in _settings(BASE) if place[-2:] != ("encoder", "name")]


@pytest.mark.parametrize("place", CHANGED, ids=".".join)
def test_every_setting_changes_the_digest(configs: Path, place: tuple[str, ...]) -> None:
    config = TrainConfig.read(configs / "base.toml")
    stored = config.model_dump()
    section = stored
    for key in place[:-1]:
        section = section[key]
    value = section[place[-1]]
    section[place[-1]] = (
        not value
        if isinstance(value, bool)
        else value + "x"
        if isinstance(value, str)
        else max(1, value - 1)
        if place[-1] in ("layers", "frozen_layers")
        else value + 1
        if isinstance(value, int)
        else value / 2 or 0.25
    )
    assert TrainConfig.model_validate(stored).digest() != config.digest()


def test_only_the_encoder_that_is_exported_can_be_trained(configs: Path, tmp_path: Path) -> None:
    larger = (configs / "base.toml").read_text(encoding="utf-8").replace("all-MiniLM-L6-v2", "all-mpnet-base-v2")
    (tmp_path / "larger.toml").write_text(larger, encoding="utf-8")
    with pytest.raises(InputError, match="only all-MiniLM-L6-v2 is exported"):
        TrainConfig.read(tmp_path / "larger.toml")


def test_the_teacher_is_the_same_for_any_share_and_any_second_stage(configs: Path) -> None:
    config = TrainConfig.read(configs / "base.toml")
    other = config.model_copy(
        update={
            "teacher": config.teacher.model_copy(update={"share": 0.1}),
            "adapt": config.adapt.model_copy(update={"epochs": 1}),
        }
    )
    assert other.of_teacher().digest() == config.of_teacher().digest()
    assert other.starting().digest() != config.starting().digest()  # the first stage is taught
    assert config.of_teacher().encoder == config.teacher.encoder


def test_equal_settings_have_equal_digests(configs: Path) -> None:
    one, other = (TrainConfig.read(configs / "base.toml") for _ in range(2))
    assert one.digest() == other.digest()
