"""What a run reads and how: the same for a run that goes on after an interruption."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import evenhand
from evenhand.errors import InputError


def input_facts(paths: Sequence[Path]) -> list[dict[str, Any]]:
    """Size and SHA-256 of each input, in order; their names may change between runs.

    Raises:
        InputError: a file cannot be read.
    """
    facts = []
    for path in paths:
        try:
            with path.open("rb") as stream:
                digest = hashlib.file_digest(stream, "sha256").hexdigest()
            facts.append({"bytes": path.stat().st_size, "sha256": digest})
        except OSError as error:
            message = (
                f"{path} cannot be read ({(error.strerror or 'the system refused').lower()}); check its permissions"
            )
            raise InputError(message) from error
    return facts


def run_plan(
    paths: Sequence[Path], model: str, options: Mapping[str, Any], privacy: Mapping[str, Any]
) -> dict[str, Any]:
    """The plan of a run, by what a person would call each part.

    Args:
        paths: The inputs.
        model: Which model it is, with the hash of its files.
        options: Of reading and writing.
        privacy: What the gate does.
    """
    return {
        "input": input_facts(paths),
        "model": model,
        "options": dict(options),
        "privacy gate": dict(privacy),
        "version of evenhand": evenhand.__version__,
    }
