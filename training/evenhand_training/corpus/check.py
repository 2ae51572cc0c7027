"""Check a corpus folder as a whole and report every problem, not only the first."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

from evenhand.errors import EvenhandError
from evenhand.scheme import Issue, level_set, parse_code
from evenhand_training.corpus import check_release, check_rows, files
from evenhand_training.corpus.check_files import read_placed
from evenhand_training.corpus.problem import Problem


def check_corpus(directory: Path) -> list[Problem]:
    """All problems of a corpus folder, row files first; an empty list means that it can be released."""
    if not directory.is_dir():
        what = "there is no such folder" if not directory.exists() else "this is not a folder"
        return [Problem(str(directory), None, None, what, "give the corpus folder, usually annotations/")]
    placed, problems = read_placed(directory)
    problems.extend(check_rows.content_problems(placed))
    problems.extend(check_rows.narrative_problems(placed))
    problems.extend(check_rows.reference_problems(placed))
    problems.extend(check_rows.marked_problems(placed))
    problems.extend(check_rows.duplicate_problems(placed))
    problems.extend(_reference_file_problems(directory))
    problems.extend(
        Problem(name, None, None, "the file is missing", "restore it")
        for name in files.PROSE
        if not (directory / name).is_file()
    )
    problems.extend(check_release.split_problems(directory, placed))
    problems.extend(check_release.release_problems(directory, placed))
    return problems


def _reference_file_problems(directory: Path) -> Iterator[Problem]:
    """The two reference files must be JSON and use only codes of the scheme."""
    for name in (files.LEVEL_SYNONYMS, files.DFE_CODES):
        try:
            content = json.loads((directory / name).read_text(encoding="utf-8"))
        except OSError:
            yield Problem(name, None, None, "the file is missing", "restore it")
            continue
        except ValueError:  # covers bytes that are not UTF-8 and text that is not JSON
            yield Problem(name, None, None, "the file is not JSON in UTF-8", "correct or restore it")
            continue
        for place, key, codes in _code_lists(content, ""):
            try:
                if key == "issues":
                    for code in codes:
                        parse_code(Issue, code)
                else:
                    level_set(codes)
            except EvenhandError as error:
                yield Problem(name, None, None, f"{place}: {error}", "use codes of the scheme")


def _code_lists(value: object, place: str) -> Iterator[tuple[str, str, list[str]]]:
    if isinstance(value, dict):
        for key, item in value.items():
            inner = f"{place}.{key}" if place else key
            if key in ("issues", "levels") and isinstance(item, list):
                lists = item if item and isinstance(item[0], list) else [item]
                for codes in lists:
                    yield inner, key, [str(code) for code in codes]
            else:
                yield from _code_lists(item, inner)
    elif isinstance(value, list):
        for position, item in enumerate(value):
            yield from _code_lists(item, f"{place}[{position}]")
