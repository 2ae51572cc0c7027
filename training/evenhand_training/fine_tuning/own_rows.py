"""Coded texts of one's own: read from a file of codings or of plain rows, and what its coders together say of each.

Which coding counts: one that decides between others, by a person, stands alone. Else every person's last coding of
the whole text counts once, and the text's target is the share of coders who gave each grade and each issue: a dispute
is taught as one, and nobody's code is thrown away (Uma et al. 2021, Learning from Disagreement). Where coders are too
many grades apart, the severity is unknown. To judge, severity is the middle grade (of two the graver), an issue holds
where half of the coders gave it, and a level is right if any coder gave it. Codings by models never teach, nor do
those of stretches.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from evenhand.annotate.formats import read_annotations
from evenhand.annotate.json_lines import SCHEMA
from evenhand.annotate.records import Annotation, Annotations, Coder, Unit
from evenhand.errors import InputError
from evenhand.scheme import LEVELS, Assertion, Frame, Issue, Level

NOT_RECORDED = "not recorded"  # who coded plain rows
AREA_COLUMNS = ("area", "authority", "local_authority")  # of a unit's data, in lower case


@dataclass(frozen=True, slots=True)
class OwnRow:
    """A text and what people say of it.

    Attributes:
        text: As it was coded.
        document: Where it comes from; a name of its own where that is not known.
        area: None where it is not known.
        coders: How many people's codings count.
        decided: Whether a coding that decides between others counts.
        grades: The grade that each coder gave; () where none is known or they are too far apart.
        issues: The issues that each coder gave; () where nobody was asked for issues.
        levels: Every level that a coder gave, with those between, in order; () where none.
        assertion: None where it is not coded, or coders differ.
        frame: None where it is not coded, or coders differ.
    """

    text: str
    document: str
    area: str | None
    coders: int
    decided: bool
    grades: tuple[int, ...]
    issues: tuple[frozenset[Issue], ...]
    levels: tuple[Level, ...] = ()
    assertion: Assertion | None = None
    frame: Frame | None = None

    @property
    def severity(self) -> int | None:
        """The middle grade, of two the graver; None where it is unknown."""
        return sorted(self.grades)[len(self.grades) // 2] if self.grades else None

    @property
    def agreed_issues(self) -> tuple[Issue, ...] | None:
        """Issues that at least half of the coders gave; None where nobody was asked."""
        if not self.issues:
            return None
        counts = Counter(issue for given in self.issues for issue in given)
        return tuple(issue for issue in Issue if 2 * counts[issue] >= len(self.issues) and counts[issue])


def read_own(path: Path) -> Annotations:
    """Texts and codings of a file: of `evenhand annotate import`, or plain rows as `evenhand-training add` takes them.

    Raises:
        InputError: it cannot be read, or a line is not a row; the message names the line and never what stands in it.
    """
    try:
        with path.open(encoding="utf-8") as stream:
            first = stream.readline()
        if SCHEMA in first or path.suffix.lower() != ".jsonl":
            return read_annotations(path)
        lines = path.read_text(encoding="utf-8").split("\n")
    except (OSError, UnicodeDecodeError) as error:
        message = f"{path}: cannot be read ({type(error).__name__}); give a JSON Lines file in UTF-8"
        raise InputError(message) from error
    numbered = [(number, line) for number, line in enumerate(lines, 1) if line.strip()]
    made = datetime.fromtimestamp(int(path.stat().st_mtime), UTC)
    pairs = [_plain_row(path, number, line, made) for number, line in numbered]
    return Annotations(tuple(unit for unit, _ in pairs), tuple(coding for _, coding in pairs))


class _PlainRow(BaseModel):
    """A row as `evenhand-training add` takes it; level and domain of a published one say nothing here."""

    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)

    text: str = Field(min_length=1)
    issues: tuple[Issue, ...]
    severity: int = Field(ge=1, le=6)
    assertion: Assertion | None = None
    frame: Frame | None = None
    doc_id: str = ""
    # `register` in the file; as an attribute that name belongs to every abstract class of Python.
    written_as: str = Field(default="", alias="register")
    native_level: str = ""
    domain: str = ""


def _plain_row(path: Path, number: int, line: str, made: datetime) -> tuple[Unit, Annotation]:
    where = f"{path}, line {number:,}"
    try:
        row = _PlainRow.model_validate_json(line)
    except ValidationError as error:
        fault = error.errors()[0]
        field = ".".join(map(str, fault["loc"])) or "row"
        # A field that is not known may be named by anything, a text too.
        told = "a field that is not known" if fault["type"] == "extra_forbidden" else f"{field}: {fault['msg']}"
        message = f"{where}: {told}; a row has text, issues and severity, see training/README.md"
        raise InputError(message) from None
    try:
        unit = Unit(str(number), row.text, row.doc_id)
        coding = Annotation(
            id=str(number),
            unit=str(number),
            coder=Coder(NOT_RECORDED),
            made=made,
            severity=row.severity,
            issues=row.issues,
            assertion=row.assertion,
            frame=row.frame,
        )
    except InputError as error:
        message = f"{where}: {error}"
        raise InputError(message) from None
    return unit, coding


def settled(collection: Annotations, *, widest_severity: int) -> tuple[list[OwnRow], dict[str, int]]:
    """What people together say of each text, and how many texts or codings say nothing, by reason.

    Args:
        collection: Texts and codings.
        widest_severity: Grades between two coders of a text; further apart, its severity is unknown.
    """
    counting, left_out = _counting(collection)
    asked = {coding.coder for codings in counting.values() for coding in codings if coding.issues}
    rows = []
    for unit in collection.units:
        codings = counting.get(unit.id, [])
        row = _row(unit, codings, asked, widest_severity)
        if not codings:
            left_out["texts that no person coded"] += 1
        elif not row.grades and not row.issues:
            left_out["texts without severity and issues that coders agree on"] += 1
        else:
            left_out["severities that coders put too far apart"] += _is_torn(codings, widest_severity)
            rows.append(row)
    return rows, dict(+left_out)


def _counting(collection: Annotations) -> tuple[dict[str, list[Annotation]], Counter[str]]:
    """The codings of each text that count."""
    last: dict[tuple[str, Coder], Annotation] = {}
    decided: dict[str, Annotation] = {}
    left_out: Counter[str] = Counter()
    for coding in sorted(collection.codings, key=lambda one: (one.made, one.id)):
        if coding.coder.kind == "model":
            left_out["codings by models"] += 1
        elif coding.start is not None:
            left_out["codings of stretches"] += 1
        elif coding.decides:
            decided[coding.unit] = coding
        else:
            left_out["codings that their coder replaced"] += (coding.unit, coding.coder) in last
            last[coding.unit, coding.coder] = coding
    counting: dict[str, list[Annotation]] = {}
    for (unit, _), coding in sorted(last.items()):
        if unit in decided:
            left_out["codings between which another decides"] += 1
        else:
            counting.setdefault(unit, []).append(coding)
    return {**counting, **{unit: [coding] for unit, coding in decided.items()}}, left_out


def _row(unit: Unit, codings: Sequence[Annotation], asked: set[Coder], widest_severity: int) -> OwnRow:
    grades = () if _is_torn(codings, widest_severity) else tuple(_grades(codings))
    return OwnRow(
        text=unit.text,
        document=unit.document or f"text {unit.id}",
        area=_area(unit),
        coders=len(codings),
        decided=any(coding.decides for coding in codings),
        grades=grades,
        # Silence on issues says that there are none, of somebody who gives issues elsewhere and coded this text.
        issues=tuple(frozenset(one.issues) for one in codings if one.coder in asked and _is_coded(one)),
        levels=_all_levels(codings),
        assertion=_common(one.assertion for one in codings),
        frame=_common(one.frame for one in codings),
    )


def _is_coded(coding: Annotation) -> bool:
    return bool(coding.issues or coding.levels or coding.severity is not None)


def _grades(codings: Sequence[Annotation]) -> list[int]:
    return [int(one.severity + 0.5) for one in codings if one.severity is not None]


def _is_torn(codings: Sequence[Annotation], widest_severity: int) -> bool:
    given = _grades(codings)
    return bool(given) and max(given) - min(given) > widest_severity


def _all_levels(codings: Sequence[Annotation]) -> tuple[Level, ...]:
    places = [level.rank for coding in codings for level in coding.levels]
    return tuple(LEVELS[min(places) : max(places) + 1]) if places else ()


def _common(given: Any) -> Any:  # noqa: ANN401 - codes of one kind, and one of them
    found = set(given)
    return found.pop() if len(found) == 1 else None


def _area(unit: Unit) -> str | None:
    folded = {name.strip().lower(): value for name, value in unit.data.items()}
    return next((folded[name] for name in AREA_COLUMNS if folded.get(name)), None)
