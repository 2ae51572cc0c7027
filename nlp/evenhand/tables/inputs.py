"""Which files an input means: one path, standard input, several paths, or a pattern; no reading."""

from __future__ import annotations

import glob
from collections.abc import Sequence
from pathlib import Path
from typing import TypeAlias

from evenhand.errors import InputError
from evenhand.tables.source import STANDARD_INPUT, Source

Input: TypeAlias = str | Path | Source | Sequence[str | Path]


def inputs(source: Input) -> tuple[Path, ...]:
    """Return the files that an input means, in the order in which they are read; none for standard input.

    Args:
        source: A path, `-` for standard input, a pattern (`*`, `?`, `[...]`, and `**` for folders at any depth), or
            several paths and patterns. What exists under its name is never a pattern. The files of a pattern are
            sorted by name; hidden ones and folders are left out.

    Raises:
        InputError: a file is missing, is a directory or is given twice; a pattern that matches nothing; standard
            input beside files.
    """
    return tuple(opened.path for opened in sources(source) if opened.path is not None)


def sources(source: Input) -> list[Source]:
    """Return the files that an input means, or standard input.

    Raises:
        InputError: as `inputs` does.
    """
    if isinstance(source, Source):
        return [source]
    given = [source] if isinstance(source, str | Path) else list(source)
    if not given:
        message = "no file is given; name one, or - for standard input"
        raise InputError(message)
    if len(given) > 1 and STANDARD_INPUT in map(str, given):
        message = "standard input (-) cannot be read beside files; give one or the other"
        raise InputError(message)
    found = [opened for one in given for opened in _expanded(one)]
    seen: set[Path] = set()
    for opened in found:
        if opened.path is None:
            continue
        place = _resolved(opened.path)
        if place in seen:
            message = f"{opened.name} is given twice; its rows would be counted twice"
            raise InputError(message)
        seen.add(place)
    return found


def called(source: Input, found: Sequence[Source]) -> str:
    """Return what an input is called in messages: its file, the pattern, or the first of several files."""
    if len(found) == 1:
        return found[0].name
    if isinstance(source, str | Path):
        return str(source)
    return f"{found[0].name} and {len(found) - 1} more"


def _expanded(one: str | Path) -> list[Source]:
    pattern = str(one)
    if pattern == STANDARD_INPUT or not glob.has_magic(pattern) or _exists(Path(one)):
        return [Source.of(one)]
    paths = [Path(match) for match in sorted(glob.glob(pattern, recursive=True))]  # noqa: PTH207 - takes any pattern
    files = [path for path in paths if not path.is_dir()]
    if not files:
        message = f"no file matches {pattern}; check the pattern and the folder"
        raise InputError(message)
    return [Source.of(path) for path in files]


def _resolved(path: Path) -> Path:
    try:
        return path.resolve()
    except (OSError, ValueError):
        return path


def _exists(path: Path) -> bool:
    try:
        return path.exists()
    except (OSError, ValueError):
        return False
