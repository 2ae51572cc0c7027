"""A model directory is found where it should be, and refused for anything that is not as released."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import onnx
import pytest

from evenhand import bundle
from evenhand.bundle import MANIFEST, MANIFEST_KEYS, MODEL_VARIABLE, REQUIRED_FILES, find_model, read_bundle
from evenhand.errors import ModelError

GET_AGAIN = "get the model again"

Spoil = Callable[[Path], None]


@pytest.fixture
def copied(toy_bundle: Path, tmp_path: Path) -> Path:
    """A copy of the toy model for one test to spoil."""
    return Path(shutil.copytree(toy_bundle, tmp_path / toy_bundle.name))


def manifest_with(**changes: Any) -> Spoil:  # noqa: ANN401 - any JSON
    def spoil(directory: Path) -> None:
        manifest = json.loads((directory / MANIFEST).read_bytes())
        (directory / MANIFEST).write_text(json.dumps({**manifest, **changes}), encoding="utf-8")

    return spoil


def manifest_without(key: str) -> Spoil:
    def spoil(directory: Path) -> None:
        manifest = json.loads((directory / MANIFEST).read_bytes())
        del manifest[key]
        (directory / MANIFEST).write_text(json.dumps(manifest), encoding="utf-8")

    return spoil


def listing(name: str, facts: object) -> Spoil:
    def spoil(directory: Path) -> None:
        files = json.loads((directory / MANIFEST).read_bytes())["files"]
        manifest_with(files={**files, name: facts})(directory)

    return spoil


def not_listing(name: str) -> Spoil:
    def spoil(directory: Path) -> None:
        files = json.loads((directory / MANIFEST).read_bytes())["files"]
        del files[name]
        manifest_with(files=files)(directory)
        (directory / name).unlink()

    return spoil


def changed_byte(name: str) -> Spoil:
    def spoil(directory: Path) -> None:
        content = bytearray((directory / name).read_bytes())
        content[len(content) // 2] ^= 1
        (directory / name).write_bytes(bytes(content))

    return spoil


def written(name: str, text: str) -> Spoil:
    return lambda directory: void((directory / name).write_text(text, encoding="utf-8"))


def void(_: object) -> None:
    """Drop a result."""


REFUSALS: dict[str, tuple[Spoil, str, str]] = {
    "no manifest": (
        lambda directory: (directory / MANIFEST).unlink(),
        "manifest.json: cannot be read",
        "give the folder of a released model",
    ),
    "manifest is not JSON": (written(MANIFEST, "{"), "manifest.json: is not JSON", GET_AGAIN),
    "manifest is not text": (
        lambda directory: void((directory / MANIFEST).write_bytes(b"\xff\xfe\xff")),
        "manifest.json: is not JSON",
        GET_AGAIN,
    ),
    "manifest is a list": (written(MANIFEST, "[]"), "manifest.json: is not the manifest", GET_AGAIN),
    "files are a list": (manifest_with(files=[]), "manifest.json: is not the manifest", GET_AGAIN),
    **{
        f"no {key}": (manifest_without(key), f"manifest.json: has no {key}", GET_AGAIN)
        for key in MANIFEST_KEYS
        if key != "files"
    },
    "no files": (manifest_without("files"), "manifest.json: is not the manifest", GET_AGAIN),
    "unknown format": (manifest_with(format=2), "model format 2", "install the version of evenhand"),
    "unknown scheme": (
        manifest_with(scheme_version="9.9"),
        "coding scheme '9.9'",
        "install the version of evenhand",
    ),
    "extra file": (written("notes.txt", "x"), "'notes.txt' is not in the manifest", "remove it"),
    "extra folder": (
        lambda directory: (directory / "code").mkdir(),
        "'code' is not in the manifest",
        "remove it",
    ),
    "path out of the folder": (
        listing("../x", {"sha256": "0" * 64}),
        "manifest.json: entry '../x' is no file of this folder",
        "get it again",
    ),
    "path into a folder": (
        listing("code/x", {"sha256": "0" * 64}),
        "manifest.json: entry 'code/x' is no file of this folder",
        "get it again",
    ),
    "absolute path": (
        listing("/etc/hostname", {"sha256": "0" * 64}),
        "entry '/etc/hostname' is no file of this folder",
        "get it again",
    ),
    "parent folder as a file": (listing("..", {"sha256": "0" * 64}), "..: is in the manifest", GET_AGAIN),
    "entry without a hash": (listing("CARD.md", {"bytes": 3}), "entry 'CARD.md'", "get it again"),
    "entry that is only a hash": (listing("CARD.md", "0" * 64), "entry 'CARD.md'", "get it again"),
    **{
        f"{name} {how}": case
        for name in REQUIRED_FILES
        for how, case in {
            "missing": (
                lambda directory, name=name: (directory / name).unlink(),  # type: ignore[misc]
                f"{name}: is in the manifest but cannot be read",
                GET_AGAIN,
            ),
            "changed": (changed_byte(name), f"{name}: differs from what was released", GET_AGAIN),
            "not listed": (not_listing(name), f"the manifest does not list {name}", GET_AGAIN),
        }.items()
    },
}


def test_a_released_model_is_read_whole(toy_bundle: Path) -> None:
    read = read_bundle(toy_bundle)
    assert read.name == "evenhand-0.0"
    assert set(read.files) == set(REQUIRED_FILES)
    assert read.files["CARD.md"] == (toy_bundle / "CARD.md").read_bytes()
    assert read.json("metrics.json") == {"headline": {"rows": 3}}


@pytest.mark.parametrize(("spoil", "what", "what_next"), REFUSALS.values(), ids=REFUSALS)
def test_a_directory_that_is_not_as_released_is_refused(copied: Path, spoil: Spoil, what: str, what_next: str) -> None:
    spoil(copied)
    with pytest.raises(ModelError) as raised:
        read_bundle(copied)
    message = str(raised.value)
    assert message.startswith(str(copied))
    assert what in message
    assert what_next in message


@pytest.mark.parametrize("sealed", [True, False], ids=["weights listed", "weights not listed"])
def test_weights_outside_the_model_file_are_refused(
    copied: Path, seal: Callable[[Path], None], *, sealed: bool
) -> None:
    model = onnx.load(copied / "model.onnx")
    onnx.save_model(model, copied / "model.onnx", save_as_external_data=True, location="weights.bin", size_threshold=0)
    seal(copied)
    if not sealed:
        not_listing("weights.bin")(copied)
    with pytest.raises(ModelError, match=r"model\.onnx: refers to data outside the file; get the model again"):
        read_bundle(copied)


def test_a_file_that_changes_after_the_check_does_not_change_what_was_read(copied: Path) -> None:
    read = read_bundle(copied)
    (copied / "CARD.md").write_text("changed", encoding="utf-8")
    assert read.files["CARD.md"] == b"# A toy\n"


def test_the_variable_names_the_model(toy_bundle: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(MODEL_VARIABLE, str(toy_bundle))
    assert find_model() == toy_bundle


def test_the_argument_wins_over_the_variable(toy_bundle: Path, copied: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(MODEL_VARIABLE, str(toy_bundle))
    assert find_model(copied) == copied
    assert find_model(str(copied)) == copied


@pytest.mark.parametrize("by_variable", [True, False], ids=["variable", "argument"])
def test_a_place_without_a_model_is_refused_and_not_replaced(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, by_variable: bool
) -> None:
    monkeypatch.setenv(MODEL_VARIABLE, str(tmp_path))
    with pytest.raises(ModelError, match=r"no model there \(no manifest\.json\); give the folder"):
        find_model(None if by_variable else tmp_path)


@pytest.fixture
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The library as if it lay in an otherwise empty checkout."""
    package = tmp_path / "nlp" / "evenhand"
    package.mkdir(parents=True)
    monkeypatch.setattr(bundle, "__file__", str(package / "bundle.py"))
    monkeypatch.delenv(MODEL_VARIABLE, raising=False)
    return tmp_path


def place_model(directory: Path) -> Path:
    directory.mkdir(parents=True)
    (directory / MANIFEST).write_text("{}", encoding="utf-8")
    return directory


def test_without_any_model_the_error_says_how_to_give_one(elsewhere: Path) -> None:
    assert elsewhere.is_dir()
    with pytest.raises(ModelError, match=r"no model is installed; give its folder, or set EVENHAND_MODEL"):
        find_model()


def test_an_empty_variable_is_no_variable(elsewhere: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(MODEL_VARIABLE, "")
    released = place_model(elsewhere / "models" / "evenhand-0.1")
    assert find_model() == released


def test_the_newest_model_of_a_checkout_is_taken_by_number(elsewhere: Path) -> None:
    for version in ("0.9", "0.10", "0.2.5"):
        place_model(elsewhere / "models" / f"evenhand-{version}")
    (elsewhere / "models" / "evenhand-7.0").mkdir()  # begun and without a manifest
    assert find_model().name == "evenhand-0.10"


def test_the_installed_model_wins_over_a_checkout(elsewhere: Path) -> None:
    place_model(elsewhere / "models" / "evenhand-0.1")
    packaged = place_model(elsewhere / "nlp" / "evenhand" / "_model")
    assert find_model() == packaged
