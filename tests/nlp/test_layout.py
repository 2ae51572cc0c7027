"""The layout that tools cannot guard: where packages may lie and in which direction they import."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PACKAGES = {
    "evenhand": ROOT / "nlp/evenhand",
    "evenhand_training": ROOT / "training/evenhand_training",
    "evenhand_serve": ROOT / "serve/evenhand_serve",
}
MODULES = sorted(path for folder in PACKAGES.values() for path in folder.rglob("*.py"))
MAY_IMPORT = {  # of our own packages
    "evenhand": set[str](),
    "evenhand_training": {"evenhand"},
    "evenhand_serve": {"evenhand"},
}
NOT_IN_THE_CORE = {"torch", "transformers", "fastapi", "datasets", "sklearn", "scipy", "pandas", "pydantic"}
LONGEST_MODULE = 300  # lines; longer ones hold more than one thing


def imported(path: Path) -> Iterator[str]:
    """Yield the top-level packages that a module imports, lazily or not."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name.split(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.module.split(".")[0]


def package_of(path: Path) -> str:
    return next(name for name, folder in PACKAGES.items() if path.is_relative_to(folder))


@pytest.mark.parametrize("folder", ["nlp", "training", "serve", "models", "annotations", "tests"])
def test_a_top_level_folder_is_no_package(folder: str) -> None:
    assert not (ROOT / folder / "__init__.py").exists()


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(ROOT)))
def test_imports_point_only_towards_the_library(path: Path) -> None:
    own = package_of(path)

    assert set(imported(path)) & set(PACKAGES) <= MAY_IMPORT[own] | {own}


@pytest.mark.parametrize("path", sorted(PACKAGES["evenhand"].rglob("*.py")), ids=lambda path: path.name)
def test_the_library_imports_nothing_of_training_or_serving(path: Path) -> None:
    assert not set(imported(path)) & NOT_IN_THE_CORE


@pytest.mark.parametrize("path", sorted(PACKAGES["evenhand"].rglob("*.py")), ids=lambda path: path.name)
def test_modules_of_the_library_stay_short(path: Path) -> None:
    lines = len(path.read_text(encoding="utf-8").splitlines())

    assert lines <= LONGEST_MODULE


def test_nothing_of_the_library_is_imported_from_a_relative_path() -> None:
    relative = [
        path.name
        for path in MODULES
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.ImportFrom) and node.level
    ]

    assert relative == []
