"""What stands beside an output: the levels of each document, which a person may set, and what should be looked at."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from evenhand.documents.level_sets import checked_set
from evenhand.documents.reading import Document
from evenhand.errors import InputError
from evenhand.scheme import LEVELS, Level

_HEAD = """# What each level of each document means in law, as proposed from the document's own words:
# none (universal services), A (early help by one), B (early help with more), C (child in need, section 17),
# D (child protection, section 47). Change `levels` where it is wrong and run the same command again: a set that
# differs from `proposed` is taken for yours and goes before what the document says.
"""


def levels_path(output: Path) -> Path:
    """Where the levels that belong to an output stand."""
    return output.with_name(f"{output.name}.levels.toml")


def warnings_path(output: Path) -> Path:
    """Where the warnings that belong to an output stand."""
    return output.with_name(f"{output.name}.warnings.jsonl")


def levels_text(documents: Sequence[Document], by_person: Mapping[str, Mapping[str, Sequence[Level]]]) -> str:
    """The levels file; what a person has set stays set, also of documents that were not read this time."""
    lines = [_HEAD]
    for document in documents:
        own = by_person.get(document.name, {})
        for level in document.levels:
            lines += [
                f"[{toml_string(document.name)}.{toml_string(level.key)}]",
                f"native = {toml_string(level.native)}",
                f"name = {toml_string(level.name)}",
                f"levels = {_listed(own.get(level.key, level.levels))}",
                f"proposed = {_listed(level.proposed)}",
                f"sure = {'true' if level.sure else 'false'}",
                f"because = {toml_string(level.reason)}",
                "",
            ]
    known = {(document.name, level.key) for document in documents for level in document.levels}
    for name, own in by_person.items():
        for key, levels in own.items():
            if (name, key) not in known:
                lines += [
                    f"[{toml_string(name)}.{toml_string(key)}]",
                    f"levels = {_listed(levels)}",
                    "proposed = []",
                    "",
                ]
    return "\n".join(lines)


def read_levels(path: Path) -> dict[str, dict[str, tuple[Level, ...]]]:
    """Sets that a person has given, by document and level key; {} if there is no file.

    Raises:
        InputError: the file is not TOML, or a set has an unknown code or a gap.
    """
    if not path.exists():
        return {}
    try:
        stored = tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        message = f"{path}: not TOML in UTF-8 ({error}); mend it, or delete it to start from what is proposed"
        raise InputError(message) from error
    found: dict[str, dict[str, tuple[Level, ...]]] = {}
    for name, levels in stored.items():
        for key, told in _table(levels, f"{path}: {name}").items():
            level = _table(told, f"{path}: {name}, {key}")
            proposed = level.get("proposed", [])
            given = level.get("levels", proposed)
            if given != proposed:
                found.setdefault(name, {})[key] = _checked(given, f"{path}: {name}, {key}")
    return found


def warnings_text(documents: Sequence[Document], failed: Mapping[str, str]) -> str:
    """One line of JSON for each warning, file that could not be read, document (was it read whole?) and page."""
    lines: list[dict[str, str | int | None]] = [
        {"file": name, "page": None, "warning": reason} for name, reason in failed.items()
    ]
    for document in documents:
        lines.append({"file": document.name, "page": None, "read_whole": document.read_whole})
        lines += [{"file": document.name, "page": t.page, "warning": t.what} for t in document.troubles]
        lines += [
            {"file": document.name, "page": c.page, "words": c.words, "in_descriptors": c.used}
            for c in document.coverage
        ]
    return "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines)


def _table(told: object, where: str) -> dict[str, Any]:
    if isinstance(told, dict):
        return told
    message = f"{where}: must be a table of levels; mend it, or delete the file to start from what is proposed"
    raise InputError(message)


def _checked(given: object, where: str) -> tuple[Level, ...]:
    if not isinstance(given, list):
        message = f"{where}: `levels` must be a list of {', '.join(LEVELS)}"
        raise InputError(message)
    return checked_set([str(code) for code in given], where)


def toml_string(text: str) -> str:
    """A text as a basic string of TOML."""
    # A JSON string is a basic string of TOML, but for DEL and what JSON writes as surrogate pairs.
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007F")


def _listed(levels: Sequence[Level]) -> str:
    return "[" + ", ".join(f'"{level}"' for level in levels) + "]"
