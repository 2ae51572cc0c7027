"""The wheel works by itself: built from the sdist, installed where nothing of the checkout can be seen."""

from __future__ import annotations

import os
import subprocess
import sys
import tarfile
import venv
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PUBLISHED = ("_annotations/descriptors.jsonl", "_annotations/documents.jsonl")


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("dist")
    subprocess.run(
        [sys.executable, "-m", "build", "--no-isolation", "--outdir", str(folder), str(ROOT)],
        check=True,
        capture_output=True,
    )
    return folder


def test_wheel_carries_the_model_the_data_the_licences_and_of_the_corpus_what_was_published(built: Path) -> None:
    (wheel,) = built.glob("*.whl")
    names = zipfile.ZipFile(wheel).namelist()
    for wanted in (
        "evenhand/_model/model.onnx",
        "evenhand/_model/manifest.json",
        "evenhand/_framing_model/model.onnx",
        "evenhand/data/framing-lexicon.jsonl",
        "evenhand/data/terms-of-art.jsonl",
        "evenhand/framing/report/page.html.jinja",
        "evenhand/framing/report/page.css",
        "evenhand/data/dfe-factors.json",
        "evenhand/data/same-situation.json",
        "evenhand/consistency/report/page.html.jinja",
        "evenhand/consistency/report/page.css",
        "evenhand_serve/templates/base.html",
        "evenhand_serve/static/evenhand.css",
        "evenhand_serve/static/LICENSE-govuk-frontend.txt",
    ):
        assert wanted in names
    assert any(name.endswith("licenses/LICENSE") for name in names)
    assert not [name for name in names if name.startswith("tests/")]
    corpus = sorted(name for name in names if name.endswith(".jsonl") and not name.startswith("evenhand/data/"))
    assert corpus == [f"evenhand/{name}" for name in PUBLISHED]


def test_sdist_leaves_the_corpus_and_its_history_out(built: Path) -> None:
    (sdist,) = built.glob("*.tar.gz")
    with tarfile.open(sdist) as archive:
        names = archive.getnames()
    held = sorted(name.split("/")[-1] for name in names if name.endswith(".jsonl") and "/annotations/" in name)
    assert held == [name.split("/")[-1] for name in PUBLISHED]
    for model in ("evenhand-0.3.1", "evenhand-framing-0.1"):
        assert [name for name in names if name.endswith(f"models/{model}/model.onnx")]


def test_the_runtime_needs_neither_torch_nor_transformers(built: Path) -> None:
    (wheel,) = built.glob("*.whl")
    archive = zipfile.ZipFile(wheel)
    (metadata,) = [name for name in archive.namelist() if name.endswith(".dist-info/METADATA")]
    required = [
        line.split(":", 1)[1].strip()
        for line in archive.read(metadata).decode().splitlines()
        if line.startswith("Requires-Dist:") and "extra ==" not in line
    ]
    assert {line.split(">")[0].split("<")[0].split("=")[0] for line in required} == {
        "numpy",
        "onnxruntime",
        "tokenizers",
        "pyarrow",
        "typer",
        "rich",
        "openpyxl",
        "snowballstemmer",
    }


def test_an_installed_wheel_scores_a_line_and_finds_the_published_descriptors(built: Path, tmp_path: Path) -> None:
    (wheel,) = built.glob("*.whl")
    place = tmp_path / "environment"
    venv.create(place, with_pip=True, symlinks=True)
    python = place / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    # Offline: what the wheel needs is lent by the environment that runs the tests, the wheel itself is not.
    packages = next(Path(entry) for entry in sys.path if (Path(entry) / "onnxruntime").is_dir())
    subprocess.run([python, "-m", "pip", "install", "--quiet", "--no-deps", "--no-index", wheel], check=True)
    code = (
        f"import sys; sys.path.append({str(packages)!r}); import evenhand; "
        "print(evenhand.__file__); print(evenhand.load().code('Father hit the child with a belt.').level); "
        "from evenhand.consistency.reading import read_collection; print(len(read_collection([]).areas))"
    )
    done = subprocess.run([python, "-I", "-c", code], check=True, capture_output=True, text=True, cwd=tmp_path)
    where, level, areas = done.stdout.splitlines()
    assert Path(where).is_relative_to(place)
    assert level in {"C", "D"}
    assert int(areas) > 100
