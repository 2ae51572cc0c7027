"""Checks of what a release adds to the rows: splits, checksums, version and generated pages."""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

from evenhand.errors import InputError
from evenhand_training.corpus import files, schema
from evenhand_training.corpus.areas import AREA_JOINS
from evenhand_training.corpus.check_files import Placed
from evenhand_training.corpus.derived import sources_page
from evenhand_training.corpus.near_repeats import near_repeats
from evenhand_training.corpus.problem import Problem
from evenhand_training.corpus.splits import REPEATS, Splits

_CHECKSUM_LINE = re.compile(r"^([0-9a-f]{64})  (\S+)$")
_VERSION_HEADING = re.compile(r"^## (\d{4}\.\d+(?:\+\w+)?)(?=\s|$)", re.MULTILINE)


def split_problems(directory: Path, placed: Sequence[Placed]) -> Iterator[Problem]:
    """Splits that cannot be read, part joined areas, name missing rows, or let a test row leak."""
    try:
        splits = Splits.read(directory)
    except InputError as error:
        yield Problem(files.SPLITS, None, None, str(error), "keep the released splits")
        return
    yield from _group_problems(splits, {row.area for row in _documents(placed)})
    yield from _membership_problems(splits, placed)
    yield from leak_problems(splits, placed)


def _documents(placed: Sequence[Placed]) -> list[schema.Document]:
    return [item.row for item in placed if isinstance(item.row, schema.Document)]


def _split_problem(what: str, action: str = "restore the released splits", row_id: str | None = None) -> Problem:
    return Problem(files.SPLITS, None, row_id, what, action)


def _group_problems(splits: Splits, areas: set[str]) -> Iterator[Problem]:
    named = Counter(area for group in splits.groups for area in group.areas)
    named.update(left.area for left in splits.left_out)
    for area, times in named.items():
        if times > 1:
            yield _split_problem(f"area {area!r} is named {times} times")
        if area not in areas:
            yield _split_problem(f"area {area!r} has no document", "correct the area's spelling in the documents")
    for join in AREA_JOINS:
        groups = {splits.group_of(area) for area in join.areas if area in named}
        if len(groups) > 1:
            yield _split_problem(f"areas of {join.group!r} are in different groups: {sorted(map(str, groups))}")
    for group in splits.groups:
        expected = REPEATS if group.split == "development" else 0
        if len(group.folds) != expected:
            yield _split_problem(f"group {group.id!r} ({group.split}) has {len(group.folds)} folds, not {expected}")


def _membership_problems(splits: Splits, placed: Sequence[Placed]) -> Iterator[Problem]:
    areas = {document.id: document.area for document in _documents(placed)}
    tested = set(splits.test_groups)
    published = {item.row.id: item.row for item in placed if isinstance(item.row, schema.Descriptor)}
    authored = {item.row.id for item in placed if item.file in files.AUTHORED_FILES}
    for row_id in sorted(splits.test_rows):
        row = published.get(row_id)
        if row is None:
            yield _split_problem("a test row is missing from the descriptors", row_id=row_id)
        elif splits.group_of(areas.get(row.doc_id, "")) not in tested:
            yield _split_problem("a test row belongs to an area outside the test", row_id=row_id)
    parts = splits.authored
    for row_id in sorted((parts.test | parts.validation | parts.folds.keys()) - authored):
        yield _split_problem("a row of a part or fold is missing from the authored files", row_id=row_id)
    for row_id in sorted((parts.test & parts.validation) | (parts.folds.keys() & (parts.test | parts.validation))):
        yield _split_problem("the row is in more than one of validation, test and the folds", row_id=row_id)
    for row_id in sorted(splits.removed - published.keys() - authored):
        yield _split_problem("a removed row is missing from the corpus", row_id=row_id)
    for row_id in sorted(splits.removed & (splits.test_rows | splits.authored.test)):
        yield _split_problem("the row is in the test and removed", row_id=row_id)


def leak_problems(splits: Splits, placed: Sequence[Placed]) -> Iterator[Problem]:
    """Rows outside the test that nearly repeat a test row without being in `removed`."""
    test = splits.test_rows | splits.authored.test
    against = [text for item in placed if item.row.id in test for text in item.row.texts]
    free = [
        (item, text)
        for item in placed
        if item.row.id not in test and item.row.id not in splits.removed
        for text in item.row.texts
    ]
    found = near_repeats([text for _, text in free], against, threshold=splits.near_repeat_threshold)
    reported: set[str] = set()
    for index in found:
        item = free[index][0]
        if item.row.id not in reported:
            reported.add(item.row.id)
            yield item.problem("nearly repeats a test row", f"add the id to removed in {files.SPLITS}")


def release_problems(directory: Path, placed: Sequence[Placed]) -> Iterator[Problem]:
    """Checksums, version and generated pages that do not fit the files."""
    yield from _checksum_problems(directory)
    yield from _version_problems(directory)
    documents = _documents(placed)
    try:
        stale = (directory / files.SOURCES).read_text(encoding="utf-8") != sources_page(documents)
    except (OSError, UnicodeDecodeError):
        yield Problem(files.SOURCES, None, None, "cannot be read", "write it with refresh_derived")
    else:
        if stale:
            yield Problem(files.SOURCES, None, None, "does not fit the documents", "write it with refresh_derived")


def _checksum_problems(directory: Path) -> Iterator[Problem]:
    try:
        lines = (directory / files.CHECKSUMS).read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError):
        yield Problem(files.CHECKSUMS, None, None, "cannot be read", "write it with refresh_derived")
        return
    listed: set[str] = set()
    for number, line in enumerate(lines, start=1):
        match = _CHECKSUM_LINE.match(line)
        if match is None:
            yield Problem(files.CHECKSUMS, number, None, "not a checksum line", "write the file with refresh_derived")
            continue
        digest, name = match.groups()
        listed.add(name)
        path = directory / name
        if not path.is_file():
            yield Problem(files.CHECKSUMS, number, None, f"{name} is missing", "restore the file")
        elif hashlib.sha256(path.read_bytes()).hexdigest() != digest:
            what = f"{name} is not the file that was released"
            yield Problem(files.CHECKSUMS, number, None, what, "list the change in CHANGELOG.md, then refresh_derived")
    present = {path.name for path in directory.iterdir() if path.is_file()} - {files.CHECKSUMS}
    for name in sorted(present - listed):
        yield Problem(files.CHECKSUMS, None, None, f"{name} has no checksum", "write the file with refresh_derived")


def _version_problems(directory: Path) -> Iterator[Problem]:
    try:
        version = (directory / files.VERSION).read_text(encoding="utf-8").strip()
        changes = (directory / files.CHANGELOG).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        yield Problem(files.VERSION, None, None, f"it or {files.CHANGELOG} cannot be read", "restore the two files")
        return
    newest = _VERSION_HEADING.search(changes)
    if newest is None or newest.group(1) != version:
        found = newest.group(1) if newest else "none"
        what = f"VERSION is {version!r} but the newest heading of {files.CHANGELOG} is {found}"
        yield Problem(files.VERSION, 1, None, what, "raise VERSION together with the changelog")
