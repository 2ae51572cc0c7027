"""Read every line of every row file, and report what is not a row of that file."""

from __future__ import annotations

import itertools
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from pydantic import ValidationError

from evenhand_training.corpus import files, schema
from evenhand_training.corpus.problem import Problem

_REWRITE = "correct the line; README.md describes the fields"


@dataclass(frozen=True)
class Placed:
    """A valid row and where it stands."""

    file: str
    line: int
    row: schema.Row

    def problem(self, what: str, action: str) -> Problem:
        """A problem with this row."""
        return Problem(self.file, self.line, self.row.id, what, action)


def read_placed(directory: Path) -> tuple[list[Placed], list[Problem]]:
    """All valid rows of a folder, in file order, and the problems of all other lines."""
    placed: list[Placed] = []
    problems: list[Problem] = []
    for name, kind in files.ROW_FILES.items():
        try:
            content = (directory / name).read_bytes()
        except OSError:
            problems.append(Problem(name, None, None, "the file is missing", "restore it"))
            continue
        rows, found = _read_file(name, kind, content)
        placed.extend(rows)
        problems.extend(found)
        problems.extend(_order_problems(rows))
    problems.extend(_id_problems(placed))
    return placed, problems


def _read_file(name: str, kind: type[schema.Row], content: bytes) -> tuple[list[Placed], list[Problem]]:
    rows: list[Placed] = []
    problems: list[Problem] = []
    if not content:
        problems.append(Problem(name, None, None, "the file is empty", "restore its rows"))
        return rows, problems
    lines = content.split(b"\n")
    if lines[-1]:
        problems.append(Problem(name, len(lines), None, "the last line has no line break", "end it with one"))
    else:
        lines.pop()
    for number, raw in enumerate(lines, start=1):
        result = _read_line(name, number, kind, raw)
        if isinstance(result, Placed):
            rows.append(result)
        else:
            problems.extend(result)
    return rows, problems


def _read_line(name: str, number: int, kind: type[schema.Row], raw: bytes) -> Placed | list[Problem]:
    def wrong(what: str, action: str = _REWRITE, row_id: str | None = None) -> list[Problem]:
        return [Problem(name, number, row_id, what, action)]

    if b"\x00" in raw:
        return wrong("the line has a NUL byte", "remove it")
    try:
        line = raw.decode("utf-8")
    except UnicodeDecodeError:
        return wrong("the line is not UTF-8", "save the file as UTF-8")
    if not line.strip():
        return wrong("the line is blank", "remove it")
    try:
        fields = json.loads(line, object_pairs_hook=_once)
    except ValueError as error:
        return wrong(str(error) if str(error).startswith("field ") else "the line is not JSON")
    except RecursionError:
        return wrong("the line is nested too deeply")
    row_id = fields.get("id") if isinstance(fields, dict) else None
    row_id = row_id if isinstance(row_id, str) else None
    try:
        return Placed(name, number, files.parse_row(kind, line))
    except ValidationError as error:
        return [Problem(name, number, row_id, what, _REWRITE) for what in _describe(error)]


def _once(pairs: list[tuple[str, object]]) -> dict[str, object]:
    found: dict[str, object] = {}
    for key, value in pairs:
        if key in found:
            message = f"field {key!r} is given twice"
            raise ValueError(message)
        found[key] = value
    return found


def _describe(error: ValidationError) -> Iterator[str]:
    # The input itself stays out of the message: a text must not end up in a log.
    for fault in error.errors(include_url=False, include_input=False, include_context=False):
        place = ".".join(str(step) for step in fault["loc"])
        message = fault["msg"].removeprefix("Value error, ")
        yield f"{place}: {message}" if place else message


def _order_problems(rows: list[Placed]) -> Iterator[Problem]:
    for before, after in itertools.pairwise(rows):
        if after.row.id < before.row.id:
            yield after.problem(f"stands after {before.row.id}", "sort the file by id")


def _id_problems(placed: list[Placed]) -> Iterator[Problem]:
    first: dict[str, Placed] = {}
    for item in placed:
        earlier = first.setdefault(item.row.id, item)
        if earlier is not item:
            place = f"{earlier.file}, line {earlier.line}"
            yield item.problem(f"the id is already used in {place}", "give the newer row an id of its own")
