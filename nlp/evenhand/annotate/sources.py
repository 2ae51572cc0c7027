"""What there is to code: files of codings, projects, sheets of `evenhand code`, tables of texts; models' codings."""

from __future__ import annotations

import json
import uuid
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from evenhand.annotate import refi
from evenhand.annotate.formats import FORMATS, read_annotations
from evenhand.annotate.json_lines import SCHEMA
from evenhand.annotate.records import Annotation, Annotations, Coder, Unit, merged
from evenhand.annotate.store import SUFFIX, Store
from evenhand.documents.coded import CodedDescriptor
from evenhand.errors import InputError, PrivacyError
from evenhand.privacy import Checker
from evenhand.privacy.columns import is_key
from evenhand.result import Coder as Model
from evenhand.scheme import SCHEME_VERSION
from evenhand.tables import find_text_column, open_table

_CHUNK_ROWS = 512
_SHEET = {"file", "native_level", "levels", "text", "coder"}  # columns that a sheet of `evenhand code` has
_NAMES, _CODES = {"unit", "id"}, {"level", "levels", "issue", "issues", "severity"}  # columns of a table of codings
_KEYS = ("id", "unit", "case_id", "row_id")  # columns that tell rows apart, where they do
_TEXTS = {"text", "note", "document"}
_NOT_RECORDED = "not recorded"
_NAMESPACE = uuid.UUID("5b1a2f0e-6d0b-5a0e-9d60-1f5f6a0c3e57")  # made once, for ids that are the same at each run


@dataclass(frozen=True, slots=True)
class TableOptions:
    """How a table of texts is read.

    Attributes:
        column: Of the texts; by default it is found by its name.
        id: Column of the ids; by default file and row number.
        document: Column that says where a text comes from; by default the file.
    """

    column: str | None = None
    id: str | None = None
    document: str | None = None


def read_sources(paths: Sequence[Path], options: TableOptions) -> Annotations:
    """Texts and codings of several files, merged.

    Raises:
        InputError: a file cannot be read, two have one id for different texts, or a column is named without a table.
    """
    if options != TableOptions() and all(map(_is_of_codings, paths)):
        message = f"{paths[0]} holds codings, whose columns are known; leave --column, --id and --document out"
        raise InputError(message)
    return merged([_read(path, options) for path in paths])


def check_texts(collection: Annotations, checker: Checker) -> None:
    """Make sure that no text, note or column looks identifiable.

    Raises:
        PrivacyError: one does; the message says which texts and of what kind, never what.
    """
    given = [(unit.id, "text", unit.text) for unit in collection.units]
    given += [(unit.id, *told) for unit in collection.units for told in unit.data.items()]
    given += [(unit.id, *told) for unit in collection.units for told in (("id", unit.id), ("document", unit.document))]
    given += [(coding.unit, "note", coding.note) for coding in collection.codings if coding.note]
    given += [(coding.unit, "other", code) for coding in collection.codings for code in coding.other]
    found: dict[str, set[str]] = {}
    looked = checker.check_many([text for *_, text in given])
    for (name, column, text), findings in zip(given, looked, strict=True):
        if not is_key(column, text, findings):
            found.setdefault(name, set()).update(finding.kind.replace("_", " ") for finding in findings)
    seen = {name: kinds for name, kinds in found.items() if kinds}
    if seen:
        kinds = ", ".join(sorted(set().union(*seen.values())))
        first = ", ".join(list(seen)[:5]) + (" and others" if len(seen) > 5 else "")
        message = (
            f"{len(seen):,} texts look identifiable ({kinds}), so nothing was written: {first}. Anonymise them, or say"
            " --privacy off where all may be seen"
        )
        raise PrivacyError(message)


def predicted(collection: Annotations, model: Model, *, now: datetime) -> Annotations:
    """The collection with a model's coding of each text besides.

    Args:
        collection: Of texts; codings that are there stay.
        model: Codes them. Its most likely level stands as the level, its set of levels in the note.
        now: When.
    """
    found = []
    for unit, coding in zip(collection.units, model.code_many([unit.text for unit in collection.units]), strict=True):
        if coding.level is None:
            continue
        name, _, version = coding.model.rpartition("-")
        coder = Coder(name, "model", version)
        found.append(
            Annotation(
                id=_made_id(unit.id, coder.label, now.isoformat()),
                unit=unit.id,
                coder=coder,
                made=now,
                confidence=round(coding.level_probabilities[coding.level], 4),
                levels=(coding.level,),
                severity=None if coding.severity is None else round(coding.severity, 2),
                issues=coding.issues,
                assertion=coding.assertion,
                frame=coding.frame,
                note=f"Levels that it may be: {' or '.join(map(str, coding.levels))}.",
            )
        )
    return replace(collection, codings=(*collection.codings, *found))


def _read(path: Path, options: TableOptions) -> Annotations:
    if path.suffix.lower() == SUFFIX:
        return Store(path).collection()
    if path.suffix.lower() in {".qdpx", ".jsonld", ".json"}:
        return read_annotations(path)
    if path.suffix.lower() == ".jsonl" and _is_ours(path):
        return read_annotations(path)
    with open_table(path, chunk_rows=_CHUNK_ROWS, complete=True) as table:
        folded = {name.strip().lower() for name in table.columns}
        if path.suffix.lower() in FORMATS and folded & _NAMES and "coder" in folded and not folded >= _SHEET:
            return read_annotations(path)
        rows = [row for chunk in table.chunks for row in chunk.rows]
        if set(table.columns) >= _SHEET:
            return _coded(path, rows)
        if folded & _CODES and folded & _NAMES and folded <= _CODES | _NAMES | _TEXTS:
            message = f"{path}: there are codes, and no column 'coder' that says who gave them; add one"
            raise InputError(message)
        column = find_text_column(table.columns, column=options.column, where=table.name)
        for named in (options.id, options.document):
            if named is not None:
                find_text_column(table.columns, column=named, where=table.name)
        return _texts(path, rows, replace(options, column=column, id=options.id or _key(rows)))


def notices(paths: Sequence[Path], found: Annotations) -> list[str]:
    """What to know of sources that were read: what a project of another program has besides, coders and schemes."""
    told = []
    for path in paths:
        if path.suffix.lower() == ".qdpx" and (names := refi.left_out(path.read_bytes())):
            told.append(f"{path}: {len(names):,} sources are no plain texts and were left out: {', '.join(names[:5])}")
    people: dict[str, set[str]] = {}
    for coder in found.coders:
        if coder.kind == "person":
            people.setdefault(coder.name.casefold(), set()).add(coder.name)
    told += [f"{' and '.join(sorted(names))} count as different coders" for names in people.values() if len(names) > 1]
    if found.scheme != SCHEME_VERSION:
        told.append(f"the codings are of scheme {found.scheme}, and this version of Evenhand has {SCHEME_VERSION}")
    return told


def _is_of_codings(path: Path) -> bool:
    suffix = path.suffix.lower()
    return suffix in {SUFFIX, ".qdpx", ".jsonld", ".json"} or (suffix == ".jsonl" and _is_ours(path))


def _is_ours(path: Path) -> bool:
    try:
        with path.open(encoding="utf-8", errors="replace") as stream:
            return SCHEMA in stream.readline(1_000)
    except OSError as error:
        message = f"{path} cannot be read ({(error.strerror or 'the system refused').lower()})"
        raise InputError(message) from error


def _key(rows: Sequence[dict[str, Any]]) -> str | None:
    """A column of ids: one that is called so, and has another in each row."""
    for name in rows[0] if rows else ():
        if name.strip().lower() in _KEYS:
            values = [str(row.get(name) or "").strip() for row in rows]
            if all(values) and len(set(values)) == len(values):
                return name
    return None


def _texts(path: Path, rows: Sequence[dict[str, Any]], options: TableOptions) -> Annotations:
    """Units of a table; a row without a text is none."""
    assert options.column is not None
    units = []
    used = {options.column, options.id, options.document}
    for number, row in enumerate(rows, 1):
        text = row.get(options.column)
        if not isinstance(text, str) or not text.strip():
            continue
        name = str(row.get(options.id) or "").strip() if options.id else f"{path.name}:{number}"
        where = str(row.get(options.document) or "").strip() if options.document else path.name
        data = {key: _one_line(value) for key, value in row.items() if key not in used and value not in (None, "")}
        try:
            units.append(Unit(name, text, where, data))
        except InputError as error:
            message = f"{path}: row {number:,}: {error}"
            raise InputError(message) from None
    return Annotations(tuple(units))


def _coded(path: Path, rows: Sequence[dict[str, Any]]) -> Annotations:
    """Units and codings of a sheet of `evenhand code`; what is no descriptor is left out."""
    from evenhand.documents.review import from_json, read_review

    if path.suffix.lower() == ".jsonl":
        coded = [from_json(json.dumps(row), f"{path}, row {number}") for number, row in enumerate(rows, 1)]
    else:
        coded = read_review(path, coder=_NOT_RECORDED)[0]
    made = datetime.fromtimestamp(int(path.stat().st_mtime), UTC)
    kept = [row for row in coded if row.keep]
    units = tuple(_descriptor(row) for row in kept)
    return Annotations(units, tuple(_coding(row, made) for row in kept if row.severity is not None or row.issues))


def _descriptor(row: CodedDescriptor) -> Unit:
    told = {
        "page": "" if row.page is None else str(row.page),
        "section": row.section,
        "native_level": row.native_level,
        "document_levels": " ".join(map(str, row.levels)),
    }
    return Unit(row.id, row.text, row.file, {name: _one_line(value) for name, value in told.items() if value})


def _coding(row: CodedDescriptor, made: datetime) -> Annotation:
    name, dash, version = row.coder.rpartition("-")
    is_model = bool(dash) and version[:1].isdigit()
    coder = Coder(name, "model", version) if is_model else Coder(row.coder.strip() or _NOT_RECORDED)
    levels = ((row.model_level,) if row.model_level is not None else ()) if is_model else row.levels
    return Annotation(
        id=_made_id(row.id, coder.label, made.isoformat()),
        unit=row.id,
        coder=coder,
        made=made,
        confidence=row.confidence if is_model else None,
        levels=levels,
        severity=row.severity,
        issues=row.issues,
        note=row.note,
    )


def _made_id(*parts: str) -> str:
    return str(uuid.uuid5(_NAMESPACE, "\n".join(parts)))


def _one_line(value: object) -> str:
    """A value of a cell as a note may hold it."""
    told = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return "".join(each if each.isprintable() or each in "\n\t" else " " for each in told).strip()
