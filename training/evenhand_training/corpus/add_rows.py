"""Make a corpus with rows of one's own: checked, given ids, kept for training only.

What would spoil the frozen splits is left out and counted: texts that are there already, near repeats of test rows, and
descriptors of areas that are judged on or left out of training.
"""

from __future__ import annotations

import hashlib
import json
import shutil
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from evenhand.errors import InputError, OutputError
from evenhand.scheme import Issue
from evenhand_training.corpus import files, schema
from evenhand_training.corpus.derived import checksums, sources_page
from evenhand_training.corpus.near_repeats import near_repeats, plain
from evenhand_training.corpus.reader import Corpus
from evenhand_training.corpus.splits import Splits

# Of an invented row, whose level says nothing but its severity again; 6 and 5 both call for protection.
LEVEL_OF_SEVERITY = {1: "none", 2: "A", 3: "B", 4: "C", 5: "D", 6: "D"}
_TOPICS = {
    "focal": ("bullying", "domestic_abuse", "housing", "physical_abuse", "self_harm"),
    "harm": (
        "emotional_abuse",
        "exploitation",
        "harmful_practices",
        "missing",
        "neglect",
        "radicalisation",
        "sexual_abuse",
    ),
    "health_education": (
        "child_mental_health",
        "child_substance_use",
        "disability_sen",
        "education",
        "health_development",
        "parental_health_disability",
        "parental_mental_health",
        "parental_substance_use",
    ),
}


# Ids, provenance and levels are given here, so that no row can take the place of a frozen one.
ROW_FIELDS = frozenset(
    {"text", "issues", "severity", "register", "assertion", "frame", "doc_id", "native_level", "domain"}
)


@dataclass(frozen=True, slots=True)
class Added:
    """How many rows went into which file, and how many were left out for which reason."""

    rows: dict[str, int]
    left_out: dict[str, int]


def add_rows(source: Path, rows: Path, to: Path, *, documents: Path | None = None, name: str = "own") -> Added:
    """Copy a corpus folder and add rows to the copy.

    Args:
        source: A released corpus folder; it stays as it is.
        rows: JSON Lines. Every row has `text`, `issues` and `severity`. One with `doc_id` is a published descriptor and
            has `native_level` (and may have `domain`) too; others are invented and may have `register`, `assertion` and
            `frame` (`descriptor`, `present` and `evidence` if not).
        to: The new corpus folder.
        documents: JSON Lines of the documents that `doc_id` names, as in `documents.jsonl`.
        name: Added to the version, as in `2026.2+own`.

    Raises:
        InputError: a file cannot be read, or a line is not a row; the message names the line and the field.
        OutputError: `to` is there already or cannot be written.
    """
    if to.exists():
        message = f"{to}: is there already; give a folder that is not, or delete it"
        raise OutputError(message)
    corpus, splits = Corpus.read(source), Splits.read(source)
    added = [_document(path, number, row) for path, number, row in _lines(documents)]
    by_id = {document.id: document for document in corpus.documents}
    for number, document in enumerate(added, start=1):
        if document.id in by_id:
            message = f"{documents}, line {number}: its id is taken; give each new document an id of its own"
            raise InputError(message)
        by_id[document.id] = document
    parsed = [_row(path, number, row, by_id) for path, number, row in _lines(rows)]
    kept, left_out = _without_spoilers(parsed, corpus, splits, by_id)
    content: dict[str, list[schema.Row]] = {
        files.DOCUMENTS: [*corpus.documents, *added],
        files.DESCRIPTORS: [*corpus.descriptors, *(row for row in kept if isinstance(row, schema.Descriptor))],
        files.AUTHORED: [*corpus.authored, *(row for row in kept if isinstance(row, schema.AuthoredText))],
    }
    try:
        shutil.copytree(source, to)
        for file, held in content.items():
            files.write_rows(to / file, held)
        _seal(to, f"{corpus.version.split('+')[0]}+{name}", kept)
    except OSError as error:
        message = f"{to}: cannot be written ({error.strerror})"
        raise OutputError(message) from error
    before: dict[str, Sequence[schema.Row]] = {
        files.DOCUMENTS: corpus.documents,
        files.DESCRIPTORS: corpus.descriptors,
        files.AUTHORED: corpus.authored,
    }
    return Added({file: len(held) - len(before[file]) for file, held in content.items()}, left_out)


def _lines(path: Path | None) -> Iterator[tuple[Path, int, dict[str, Any]]]:
    if path is None:
        return
    try:
        lines = files.read_lines(path)
    except (OSError, UnicodeDecodeError) as error:
        message = f"{path}: cannot be read ({type(error).__name__}); give a JSON Lines file in UTF-8"
        raise InputError(message) from error
    for number, line in enumerate(lines, start=1):
        try:
            row = json.loads(line)
            json.dumps(row, ensure_ascii=False).encode()  # half a surrogate pair is JSON and no text
        except ValueError as error:
            message = f"{path}, line {number}: not JSON in UTF-8; write one JSON object a line"
            raise InputError(message) from error
        if not isinstance(row, dict):
            message = f"{path}, line {number}: not a JSON object; write one JSON object a line"
            raise InputError(message)
        yield path, number, row


def _document(path: Path, number: int, row: dict[str, Any]) -> schema.Document:
    try:
        return schema.Document.model_validate_json(json.dumps({"provenance": "published", **row}))
    except ValidationError as error:
        raise _invalid(path, number, error) from error


def _row(path: Path, number: int, row: dict[str, Any], documents: dict[str, schema.Document]) -> schema.Row:
    text = str(row.get("text", ""))
    unknown = set(row) - ROW_FIELDS
    if unknown:
        message = (
            f"{path}, line {number}: {len(unknown)} field(s) other than {', '.join(sorted(ROW_FIELDS))}; remove them"
        )
        raise InputError(message)
    try:
        if "doc_id" not in row:
            return schema.AuthoredText.model_validate_json(json.dumps(_as_authored(row, text)))
        document = documents.get(str(row["doc_id"]))
        levels = {level.native: level.levels for level in document.levels} if document else {}
        if str(row.get("native_level")) not in levels:
            what = "names no level of its document" if document else "names no document"
            message = f"{path}, line {number}: {what}; correct doc_id and native_level or add the document"
            raise InputError(message)
        return schema.Descriptor.model_validate_json(
            json.dumps(
                {
                    "id": _identifier("p", f"{row['doc_id']}{text}"),
                    "provenance": "published",
                    "levels": [str(level) for level in levels[row["native_level"]]],
                    "domain": "not stated",
                    **row,
                }
            )
        )
    except ValidationError as error:
        raise _invalid(path, number, error) from error


def _as_authored(row: dict[str, Any], text: str) -> dict[str, Any]:
    listed = row.get("issues")
    issues = listed if isinstance(listed, list) else []
    subject = next((issue for issue in issues if issue != Issue.PROTECTIVE), None)
    topic = next((topic for topic, held in _TOPICS.items() if subject in held), "family_community")
    severity = row.get("severity")
    level = LEVEL_OF_SEVERITY.get(severity, "none") if isinstance(severity, int) else "none"
    return {
        "id": _identifier("a", text),
        "provenance": "authored",
        "topic": topic,
        "register": "descriptor",
        "levels": [level],
        "assertion": "present",
        "frame": "evidence",
        **row,
    }


def _identifier(letter: str, content: str) -> str:
    return f"{letter}-{hashlib.sha256(content.encode()).hexdigest()[:10]}"


def _invalid(path: Path, number: int, error: ValidationError) -> InputError:
    fault = error.errors()[0]
    field = ".".join(map(str, fault["loc"]))
    return InputError(
        f"{path}, line {number}: {field or 'row'}: {fault['msg']}; see annotations/README.md for the form"
    )


def _without_spoilers(
    rows: Sequence[schema.Row], corpus: Corpus, splits: Splits, documents: dict[str, schema.Document]
) -> tuple[list[schema.Row], dict[str, int]]:
    tests = splits.test_rows | splits.authored.test
    held = [*corpus.descriptors, *corpus.authored_units()]
    against = [text for row in held if row.id in tests for text in row.texts]
    near = set(near_repeats([row.texts[0] for row in rows], against, threshold=splits.near_repeat_threshold))
    seen = {_key(row) for row in held}
    kept: list[schema.Row] = []
    left_out: Counter[str] = Counter()
    for place, row in enumerate(rows):
        area = documents[row.doc_id].area if isinstance(row, schema.Descriptor) else None
        if area is not None and (splits.judges(area) or splits.is_left_out(area)):
            left_out["of an area that is judged on or left out"] += 1
        elif _key(row) in seen:
            left_out["there already"] += 1
        elif place in near:
            left_out["nearly repeats a test row"] += 1
        else:
            seen.add(_key(row))
            kept.append(row)
    return kept, dict(left_out)


def _key(row: schema.Row) -> tuple[str, str]:
    return getattr(row, "doc_id", ""), plain(row.texts[0] if row.texts else row.id)


def _seal(to: Path, version: str, kept: Sequence[schema.Row]) -> None:
    (to / files.VERSION).write_text(version + "\n", encoding="utf-8")
    changes = (to / files.CHANGELOG).read_text(encoding="utf-8")
    head, mark, rest = changes.partition("\n## ")
    told = f"\n## {version}\n\n{len(kept)} rows added with `evenhand-training add`, for training only.\n"
    (to / files.CHANGELOG).write_text(head + told + mark + rest, encoding="utf-8", newline="\n")
    documents = [files.parse_row(schema.Document, line) for line in files.read_lines(to / files.DOCUMENTS)]
    (to / files.SOURCES).write_text(sources_page(documents), encoding="utf-8", newline="\n")
    (to / files.CHECKSUMS).write_text(checksums(to), encoding="utf-8", newline="\n")
