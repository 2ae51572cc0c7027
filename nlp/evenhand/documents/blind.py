"""A second coder who does not see the model's codes: a sample to code, then how far the two agree.

The model's codes are kept in a file beside the sheet and are joined to it only when the whole sample is coded.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import replace
from math import isnan
from pathlib import Path

from evenhand.agreement import Agreement, ordinal_agreement, set_agreement
from evenhand.documents.coded import CodedDescriptor
from evenhand.documents.review import from_json
from evenhand.errors import InputError
from evenhand.scheme import SCHEME_VERSION

SEED = 2026


def held_path(sheet: Path) -> Path:
    """Where the model's codes wait until the sample is coded."""
    return sheet.with_name(f"{sheet.name}.held.jsonl")


def sample(rows: Sequence[CodedDescriptor], count: int) -> list[CodedDescriptor]:
    """Rows to be coded by a person, without any code of the model, in the order of the documents.

    As many of each document as its share of all rows, at least one; drawn at random with a fixed seed.
    """
    chooser = random.Random(SEED)  # noqa: S311 - which rows are coded twice, no secret
    by_file: dict[str, list[int]] = {}
    for place, row in enumerate(rows):
        by_file.setdefault(row.file, []).append(place)
    drawn: list[int] = []
    for places in by_file.values():
        share = max(1, round(count * len(places) / len(rows)))
        drawn += chooser.sample(places, min(share, len(places)))
    return [_bare(rows[place]) for place in sorted(drawn)]


def _bare(row: CodedDescriptor) -> CodedDescriptor:
    return replace(
        row,
        issues=(),
        severity=None,
        model_level=None,
        model_levels=(),
        confidence=0.0,
        coder="",
        model_issues=(),
        model_severity=None,
        terms_issues=None,
        terms_severity=None,
    )


def joined(sheet: Path, coded: Sequence[CodedDescriptor], *, coder: str) -> tuple[list[CodedDescriptor], str]:
    """All rows, those of the sample with the person's codes, and a paragraph of methods.

    Args:
        sheet: The sheet that the person coded.
        coded: Its rows.
        coder: The person's name or code.

    Raises:
        InputError: a row of the sample is not coded yet, or the model's codes are not beside the sheet.
    """
    held = held_path(sheet)
    if not held.exists():
        message = (
            f"{held}: the model's codes of this blind sample are not there; give the sheet the name and place that"
            " `evenhand code --blind` gave it"
        )
        raise InputError(message)
    waiting = [row for row in coded if row.keep and (row.severity is None or not row.issues)]
    if waiting:
        message = (
            f"{sheet}: {len(waiting)} of {len(coded)} rows have no issue or no severity yet; "
            "the model's codes stay hidden until all are coded (write `no` under keep for what is no descriptor)"
        )
        raise InputError(message)
    lines = held.read_text(encoding="utf-8").split("\n")
    every = [from_json(line, f"{held}, line {number}") for number, line in enumerate(lines, 1) if line]
    theirs = {row.id: row for row in coded}
    if unknown := set(theirs) - {row.id for row in every}:
        message = f"{sheet}: {len(unknown)} ids that are not in {held.name}; keep the ids as they were"
        raise InputError(message)
    both = [(row, theirs[row.id]) for row in every if row.id in theirs and theirs[row.id].keep]
    rows = [_merged(row, theirs.get(row.id), coder) for row in every]
    return rows, methods(both, total=len(every), coder=coder)


def _merged(row: CodedDescriptor, own: CodedDescriptor | None, coder: str) -> CodedDescriptor:
    if own is None:
        return row
    return replace(
        row,
        issues=own.issues,
        severity=own.severity,
        levels=own.levels,
        text=own.text,
        coder=coder,
        keep=own.keep,
        note=own.note,
    )


def methods(pairs: Sequence[tuple[CodedDescriptor, CodedDescriptor]], *, total: int, coder: str) -> str:
    """How far model and person agree, as a paragraph to put into a paper.

    Args:
        pairs: Rows that both coded: the model's and the person's.
        total: Descriptors in all.
        coder: The person's name or code.
    """
    if not pairs:
        return "No row of the sample was kept as a descriptor, so there is no agreement to report.\n"
    grades = [[_grade(model), _grade(person)] for model, person in pairs]
    issues = [[frozenset(map(str, row.issues)) for row in pair] for pair in pairs]
    documents = [row.file for row, _ in pairs]
    severity, about = ordinal_agreement(grades, documents), set_agreement(issues, documents)
    files = len({model.file for model, _ in pairs})
    name = pairs[0][0].coder
    exact = sum(left == right for left, right in grades) / len(grades)
    return (
        f"Descriptors were taken from {files} threshold document(s) and coded by issue and severity by {name} under the"
        f" Evenhand coding scheme ({SCHEME_VERSION}). A random sample of {len(pairs)} of {total} descriptors was coded"
        f" again by one person ({coder}) who did not see the model's codes. Agreement was {_told(severity)} for"
        f" severity (Krippendorff's alpha, ordinal; the same whole grade in {exact:.0%}) and {_told(about)} for issues"
        f" (Krippendorff's alpha, MASI distance){_resampled(severity)}. Levels of intervention are those of the"
        " documents themselves.\n"
    )


def _resampled(found: Agreement) -> str:
    return f"; intervals by resampling the {found.documents} documents" if found.documents else ""


def _grade(row: CodedDescriptor) -> int | None:
    return None if row.severity is None else int(row.severity + 0.5)


def _told(found: Agreement) -> str:
    if isnan(found.alpha):
        return "not to be computed, as the codes do not vary,"
    return f"{found.alpha:.2f} (95% interval {found.low:.2f} to {found.high:.2f})"
