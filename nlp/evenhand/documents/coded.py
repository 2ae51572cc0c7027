"""Descriptors with the model's codes beside the document's level, and who gave which code."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, fields, replace
from typing import Any

from evenhand.documents.reading import Document
from evenhand.result import Coder, Coding
from evenhand.scheme import Issue, Level
from evenhand.search_terms import found_issues, grade

CODE_SCHEMA = "evenhand.code/1"


@dataclass(frozen=True, slots=True)
class CodedDescriptor:
    """A descriptor with its codes; a row of what `evenhand code` writes.

    Attributes:
        id: File and number of the descriptor in it; a review finds its rows by it.
        file: Name of the document.
        page: From 1; None where the file has no pages.
        box: Left, upper, right and lower edge of where it stands on its page, in points from the upper left corner;
            None where the file does not say.
        section: Nearest heading or row head that names no level.
        native_level: The document's own level.
        levels: Legal codes of that level; () where the document does not tell.
        text: As the document has it.
        issues: Strongest first.
        severity: 1.0 to 6.0; None where the text has nothing to code.
        model_level: The level that the model would expect, whatever the document says; None where nothing can be coded.
        model_levels: Its set.
        confidence: The model's probability of its first issue; 0 without one. Review the lowest first.
        coder: Who gave levels, issues and severity last: a model's name or a person's.
        model_issues: The model's issues, whoever coded since.
        model_severity: The model's severity, likewise.
        terms_issues: Issues whose search terms occur in the text, if they were asked for.
        terms_severity: What the search terms grade it, 1 to 6, likewise.
        keep: Whether it is a descriptor; a reviewer says no to what is none.
        note: A reviewer's.
    """

    id: str
    file: str
    page: int | None
    box: tuple[float, float, float, float] | None
    section: str
    native_level: str
    levels: tuple[Level, ...]
    text: str
    issues: tuple[Issue, ...]
    severity: float | None
    model_level: Level | None
    model_levels: tuple[Level, ...]
    confidence: float
    coder: str
    model_issues: tuple[Issue, ...]
    model_severity: float | None
    terms_issues: tuple[Issue, ...] | None = None
    terms_severity: int | None = None
    keep: bool = True
    note: str = ""

    def to_dict(self) -> dict[str, Any]:
        """Plain JSON types, in the contract's order."""
        found = asdict(self)
        for name in CODE_LISTS:
            found[name] = None if found[name] is None else [str(code) for code in found[name]]
        found["model_level"] = None if self.model_level is None else str(self.model_level)
        found["box"] = None if self.box is None else list(self.box)
        return found

    @property
    def state(self) -> str:
        """What a sheet knows its row by when it comes back: a digest of what a reviewer may change and one of the rest.

        A row of a blind sample, which has no coder yet, says so at the end.
        """
        edited = [
            list(map(str, self.issues)),
            list(map(str, self.levels)),
            _rounded(self.severity),
            self.text,
            self.keep,
            self.note,
        ]
        fixed = [
            self.file,
            self.page,
            self.section,
            self.native_level,
            str(self.model_level or ""),
            [*map(str, self.model_levels), *map(str, self.model_issues), *map(str, self.terms_issues or ())],
            _rounded(self.model_severity),
            self.terms_severity,
        ]
        return f"{_digest(edited)}.{_digest(fixed)}" + ("" if self.coder else BLIND)


BLIND = ".blind"  # at the end of a row's state in a sheet for a coder who does not see the model's codes


def _rounded(number: float | None) -> float | None:
    return None if number is None else round(float(number), 2)


def _digest(told: object) -> str:
    return hashlib.sha256(json.dumps(told).encode()).hexdigest()[:12]


CODE_LISTS = ("levels", "issues", "model_levels", "model_issues", "terms_issues")
FIELDS = tuple(field.name for field in fields(CodedDescriptor))


def code_document(document: Document, model: Coder) -> list[CodedDescriptor]:
    """Code every descriptor of a document, in reading order."""
    codings = model.code_many([found.text for found in document.descriptors])
    return [_coded(document, number, codings) for number in range(len(document.descriptors))]


def _coded(document: Document, number: int, codings: Sequence[Coding]) -> CodedDescriptor:
    found, coding = document.descriptors[number], codings[number]
    box = found.box
    return CodedDescriptor(
        id=f"{document.name}#{number + 1}",
        file=document.name,
        page=found.page,
        box=None if box is None else (round(box.x0, 1), round(box.top, 1), round(box.x1, 1), round(box.bottom, 1)),
        section=found.section,
        native_level=found.native_level,
        levels=found.levels,
        text=found.text,
        issues=coding.issues,
        severity=coding.severity,
        model_level=coding.level,
        model_levels=coding.levels,
        confidence=coding.issue_probabilities[coding.issues[0]] if coding.issues else 0.0,
        coder=coding.model,
        model_issues=coding.issues,
        model_severity=coding.severity,
    )


def with_terms(row: CodedDescriptor) -> CodedDescriptor:
    """The row with what the search terms of the 2018 inquiry, as reconstructed, find in its text."""
    found = found_issues(row.text)
    return replace(row, terms_issues=found, terms_severity=grade(row.text, found) if found else None)
