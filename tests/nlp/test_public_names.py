"""What `import evenhand` offers and what it costs."""

from __future__ import annotations

import ast
import json
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

import evenhand

ROOT = Path(__file__).parents[2]
HEAVY = ["numpy", "onnxruntime", "tokenizers", "spacy", "pyarrow", "typer", "rich", "torch", "pandas"]


def modules_after(code: str) -> set[str]:
    ran = subprocess.run(
        [sys.executable, "-c", f"{code}\nimport json, sys; print(json.dumps(sorted(sys.modules)))"],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    return set(json.loads(ran.stdout.splitlines()[-1]))


def test_importing_is_light() -> None:
    loaded = modules_after("import evenhand")

    assert not loaded & set(HEAVY)
    assert {name for name in loaded if name.startswith("evenhand")} == {"evenhand"}


@pytest.mark.parametrize("name", ["Level", "Coding", "split_sentences", "score_file", "InputError"])
def test_names_that_need_no_model_load_no_heavy_package(name: str) -> None:
    assert not modules_after(f"import evenhand; evenhand.{name}") & set(HEAVY)


@pytest.mark.parametrize("name", sorted(evenhand.__all__))
def test_every_public_name_is_there(name: str) -> None:
    assert getattr(evenhand, name) is not None


def test_a_name_that_is_not_there_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="has no attribute 'lode'"):
        _ = evenhand.lode  # type: ignore[attr-defined]


def test_the_listing_is_the_public_names() -> None:
    assert dir(evenhand) == sorted(evenhand.__all__)


def test_type_checkers_see_the_same_names_from_the_same_modules() -> None:
    tree = ast.parse(Path(str(evenhand.__file__)).read_text(encoding="utf-8"))
    checked = next(node for node in tree.body if isinstance(node, ast.If))
    seen = {
        alias.name: node.module for node in checked.body if isinstance(node, ast.ImportFrom) for alias in node.names
    }

    assert seen == evenhand._HOME_OF
    assert set(seen) | {"__version__"} == set(evenhand.__all__)


def test_the_version_is_that_of_the_package() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]

    assert evenhand.__version__ == project["version"]
