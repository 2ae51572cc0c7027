"""A released model directory: read its manifest, check every file against it, trust nothing else.

A bundle holds `manifest.json` and the files it lists with size and SHA-256: `model.onnx` (weights inside, no external
data), `tokenizer.json`, `decoder.json`, `metrics.json`, `CARD.md` and licences. Nothing in it is pickled or executed.
A file that the manifest does not list, a hash that differs, or a format or scheme that this version does not know is
refused. Imports the standard library only.
"""

from __future__ import annotations

import hashlib
import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from evenhand.errors import ModelError
from evenhand.scheme import SCHEME_VERSION

MANIFEST = "manifest.json"
BUNDLE_FORMAT = 1
REQUIRED_FILES = ("model.onnx", "tokenizer.json", "decoder.json", "metrics.json", "CARD.md")
MANIFEST_KEYS = (
    "name",
    "version",
    "format",
    "scheme_version",
    "corpus_version",
    "encoder",
    "licence",
    "language",
    "intended_use",
    "not_for",
    "files",
)
CODING_MODEL = "evenhand"
# For each model, the variable that names its folder and where a wheel has it.
_PLACES = {CODING_MODEL: ("EVENHAND_MODEL", "_model"), "evenhand-framing": ("EVENHAND_FRAMING_MODEL", "_framing_model")}
MODEL_VARIABLE = _PLACES[CODING_MODEL][0]

# The key "location" with its length, as protobuf stores it: each tensor kept outside the ONNX file has it, our exports
# have not. ONNX Runtime refuses external data in a model given as bytes anyway; this says so in words of ours.
_EXTERNAL_DATA_MARK = b"\x08location"


@dataclass(frozen=True, slots=True)
class Bundle:
    """A model directory whose files have been checked.

    Attributes:
        directory: Where it lies.
        manifest: The parsed manifest.
        files: Content of each listed file by name, as it was when its hash was checked.
    """

    directory: Path
    manifest: dict[str, Any]
    files: dict[str, bytes]

    @property
    def name(self) -> str:
        """Name and version, for instance `evenhand-0.1`."""
        return f"{self.manifest['name']}-{self.manifest['version']}"

    @property
    def identity(self) -> str:
        """Name, version and a hash of the manifest, which lists the hash of every file."""
        manifest = json.dumps(self.manifest, sort_keys=True).encode()
        return f"{self.name} sha256:{hashlib.sha256(manifest).hexdigest()}"

    def json(self, file: str) -> dict[str, Any]:
        """Parse one of the bundle's JSON files."""
        parsed: dict[str, Any] = json.loads(self.files[file])
        return parsed


def find_model(path: str | Path | None = None, *, name: str = CODING_MODEL) -> Path:
    """The model directory to load: the argument, else what the environment names, else the one that is installed.

    Args:
        path: A folder; None to find one.
        name: Of the model.

    Raises:
        ModelError: there is none at the place asked for, or none was found anywhere.
    """
    variable, place = _PLACES[name]
    asked = path if path is not None else os.environ.get(variable) or None
    if asked is not None:
        directory = Path(asked)
        if not (directory / MANIFEST).is_file():
            message = f"{directory}: no model there (no {MANIFEST}); give the folder of a released model"
            raise ModelError(message)
        return directory
    packaged = Path(__file__).parent / place
    if (packaged / MANIFEST).is_file():
        return packaged
    released = sorted(
        (found.parent for found in Path(__file__).parents[2].glob(f"models/{name}-[0-9]*/{MANIFEST}")),
        key=_version_of,
    )
    if released:
        return released[-1]
    message = f"no model is installed; give its folder, or set {variable} to it"
    raise ModelError(message)


def read_bundle(directory: Path) -> Bundle:
    """Read a model directory and check it.

    Raises:
        ModelError: anything in it is missing, unlisted, changed, external or unknown.
    """
    manifest = _read_manifest(directory)
    _check_versions(directory, manifest)
    listed: dict[str, Any] = manifest["files"]
    missing = [name for name in REQUIRED_FILES if name not in listed]
    if missing:
        message = f"{directory}: the manifest does not list {', '.join(missing)}; get the model again"
        raise ModelError(message)
    unlisted = sorted({found.name for found in directory.iterdir()} - set(listed) - {MANIFEST})
    if unlisted:
        message = f"{directory}: {unlisted[0]!r} is not in the manifest; a released model holds nothing else: remove it"
        raise ModelError(message)
    files = {name: _read_checked(directory, name, facts) for name, facts in listed.items()}
    if _EXTERNAL_DATA_MARK in files["model.onnx"]:
        message = f"{directory / 'model.onnx'}: refers to data outside the file; get the model again"
        raise ModelError(message)
    return Bundle(directory, manifest, files)


def _read_manifest(directory: Path) -> dict[str, Any]:
    path = directory / MANIFEST
    try:
        manifest = json.loads(path.read_bytes())
    except OSError as error:
        message = f"{path}: cannot be read ({error.strerror}); give the folder of a released model"
        raise ModelError(message) from error
    except ValueError as error:
        message = f"{path}: is not JSON; get the model again"
        raise ModelError(message) from error
    if not isinstance(manifest, dict) or not isinstance(manifest.get("files"), dict):
        message = f"{path}: is not the manifest of a model; get the model again"
        raise ModelError(message)
    absent = [key for key in MANIFEST_KEYS if key not in manifest]
    if absent:
        message = f"{path}: has no {', '.join(absent)}; get the model again"
        raise ModelError(message)
    return manifest


def _check_versions(directory: Path, manifest: dict[str, Any]) -> None:
    if manifest["format"] != BUNDLE_FORMAT:
        message = (
            f"{directory}: model format {manifest['format']!r}, this version reads format {BUNDLE_FORMAT}; "
            "install the version of evenhand that the model names in its card"
        )
        raise ModelError(message)
    if manifest["scheme_version"] != SCHEME_VERSION:
        message = (
            f"{directory}: coding scheme {manifest['scheme_version']!r}, this version knows {SCHEME_VERSION!r}; "
            "install the version of evenhand that the model names in its card"
        )
        raise ModelError(message)


def _read_checked(directory: Path, name: str, facts: Any) -> bytes:  # noqa: ANN401 - parsed JSON
    path = directory / name
    if Path(name).name != name or not isinstance(facts, dict) or "sha256" not in facts:
        message = f"{directory / MANIFEST}: entry {name!r} is no file of this folder with a hash; get it again"
        raise ModelError(message)
    try:
        content = path.read_bytes()
    except OSError as error:
        message = f"{path}: is in the manifest but cannot be read ({error.strerror}); get the model again"
        raise ModelError(message) from error
    if hashlib.sha256(content).hexdigest() != facts["sha256"]:
        message = f"{path}: differs from what was released (SHA-256 does not match); get the model again"
        raise ModelError(message)
    return content


def _version_of(directory: Path) -> tuple[int, ...]:
    digits = directory.name.rpartition("-")[2].split(".")
    return tuple(int(part) if part.isdigit() else -1 for part in digits)
