"""Read collections: the annotations folder, and the sheets and lines that `evenhand code` writes."""

from __future__ import annotations

import csv
from collections import defaultdict
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from evenhand.consistency.collection import AreaDocument, Collection, PlacedDescriptor, joined
from evenhand.errors import InputError
from evenhand.scheme import Level

if TYPE_CHECKING:
    from evenhand.documents.coded import CodedDescriptor
    from evenhand.documents.review import Field

ENGLAND = "England"
CODED_SUFFIXES = (".jsonl", ".csv", ".xlsx")
DOCUMENT_COLUMNS = ("file", "area", "year", "url", "read_whole")
_EXCERPTS = (
    "Of most of the documents that come with Evenhand only the first part could be read, so levels are compared among"
    " those that could be seen, and nothing is said of what a document leaves out."
)
_YES, _NO = ("yes", "true", "1"), ("no", "false", "0", "")


def annotations_folder() -> Path:
    """Where the published descriptors that come with Evenhand lie.

    Raises:
        InputError: they were not installed.
    """
    for folder in (Path(__file__).parents[1] / "_annotations", Path(__file__).parents[3] / "annotations"):
        if (folder / "descriptors.jsonl").is_file():
            return folder
    message = "the published descriptors were not installed; give files that `evenhand code` wrote"
    raise InputError(message)


def read_collection(sources: Sequence[str | Path], *, documents: str | Path | None = None) -> Collection:
    """Read coded descriptors.

    Args:
        sources: An annotations folder, or .jsonl, .csv and .xlsx files of `evenhand code`; none for what is shipped.
        documents: A CSV file with the columns file, area, year, url and read_whole; file names a document as the coded
            files do, and the others may be missing or empty. Without it each document is an area of its own.

    Raises:
        InputError: a source cannot be read or holds no descriptor with a level.
    """
    paths = [Path(source) for source in sources] or [annotations_folder()]
    if documents is not None and any(path.is_dir() for path in paths):
        message = "--documents says whose the coded files are; an annotations folder says that itself"
        raise InputError(message)
    facts = read_documents(documents) if documents is not None else {}
    found = [read_annotations(path) if path.is_dir() else read_coded(path, facts) for path in paths]
    if unknown := set(facts) - {document.id for collection in found for document in collection.documents}:
        message = f"{documents}: no document {sorted(unknown)[0]!r} in the coded files; name it as they do"
        raise InputError(message)
    return joined(found)


def read_annotations(folder: Path) -> Collection:
    """The published descriptors of England in a corpus folder.

    Raises:
        InputError: a file is missing or a line of it is not of the corpus' form.
    """
    from evenhand.documents.review import FLAG, ISSUE_LIST, LEVEL_SET, NAME, SEVERITY, TEXT, number, or_null

    of_document = {"id": NAME, "area": NAME, "title": TEXT, "country": TEXT}
    of_document |= {"year": or_null(number(1, 9999, int)), "url": or_null(TEXT), "read_whole": FLAG}
    of_document["levels"] = (
        lambda told: tuple((NAME[0](level["native"]), LEVEL_SET[0](level["levels"])) for level in told),
        "a list of levels, each with `native` and `levels`",
    )
    found = [row for row in _lines(folder / "documents.jsonl", of_document) if row.pop("country") == ENGLAND]
    documents = tuple(AreaDocument(**row) for row in found)
    areas = {document.id: document.area for document in documents}
    of_row = {"id": NAME, "doc_id": NAME, "native_level": TEXT, "text": TEXT, "levels": LEVEL_SET}
    of_row |= {"issues": ISSUE_LIST, "severity": SEVERITY}
    descriptors = [
        PlacedDescriptor(document=document, area=areas[document], page=None, by_model=False, **row)
        for row in _lines(folder / "descriptors.jsonl", of_row)
        if (document := row.pop("doc_id")) in areas
    ]
    notes = () if all(document.read_whole for document in documents) else (_EXCERPTS,)
    placed = tuple(row for row in descriptors if row.levels)
    unplaced = tuple((row.document, issue) for row in descriptors if not row.levels for issue in row.issues)
    return Collection("published documents", documents, placed, notes, unplaced)


def _lines(path: Path, readers: Mapping[str, Field], *, optional: Sequence[str] = ()) -> list[dict[str, Any]]:
    from evenhand.documents.review import read_fields

    try:
        lines = path.read_text(encoding="utf-8-sig").split("\n")
    except (OSError, UnicodeDecodeError) as error:
        message = f"{path}: cannot be read; give a corpus folder, or files that `evenhand code` wrote"
        raise InputError(message) from error
    return [
        read_fields(line, readers, f"{path}, line {number}", optional=optional)
        for number, line in enumerate(lines, 1)
        if line
    ]


def read_coded(path: Path, facts: Mapping[str, Mapping[str, str]]) -> Collection:
    """What `evenhand code` wrote, with what stands beside it.

    Args:
        path: A .jsonl, .csv or .xlsx file.
        facts: Area, year, URL and whether it was read whole, by document.

    Raises:
        InputError: it is no such file.
    """
    rows = _coded_rows(path)
    levels, whole = _levels_beside(path), _whole_beside(path)
    by_file: dict[str, list[CodedDescriptor]] = defaultdict(list)
    for row in rows:
        if row.keep:
            by_file[row.file].append(row)
    documents = []
    for file, own in by_file.items():
        told = facts.get(file, {})
        seen = {row.native_level: row.levels for row in own}
        documents.append(
            AreaDocument(
                id=file,
                area=told.get("area") or Path(file).stem,
                title=file,
                year=_year(told.get("year", ""), file),
                url=told.get("url") or None,
                levels=tuple({**levels.get(file, {}), **seen}.items()),
                read_whole=_flag(told["read_whole"], file) if told.get("read_whole") else file in whole,
            )
        )
    areas = {document.id: document.area for document in documents}
    lost = [row for own in by_file.values() for row in own if not row.levels]
    notes = [
        f"{path.name}: {len(lost)} descriptors stand at a level whose meaning in law is not clear, and are left out."
    ]
    return Collection(
        path.name,
        tuple(documents),
        tuple(_placed(row, areas[row.file]) for own in by_file.values() for row in own if row.levels),
        tuple(notes if lost else ()),
        tuple((row.file, issue) for row in lost for issue in row.issues),
    )


def _placed(row: CodedDescriptor, area: str) -> PlacedDescriptor:
    return PlacedDescriptor(
        id=row.id,
        document=row.file,
        area=area,
        page=row.page,
        native_level=row.native_level,
        levels=row.levels,
        text=row.text,
        issues=row.issues,
        severity=row.severity,
        # What a person says of the issues makes the severity no surer.
        by_model=row.severity == row.model_severity,
    )


def _coded_rows(path: Path) -> list[CodedDescriptor]:
    from evenhand.documents.review import from_json, read_review

    suffix = path.suffix.lower()
    if suffix not in CODED_SUFFIXES:
        message = f"{path}: give files that `evenhand code` wrote ({', '.join(CODED_SUFFIXES)}); code documents first"
        raise InputError(message)
    try:
        if suffix != ".jsonl":
            path.stat()  # a missing file is not a damaged one
            return read_review(path, coder="a person")[0]
        lines = path.read_text(encoding="utf-8-sig").split("\n")
    except (OSError, UnicodeDecodeError) as error:
        what = "not there" if isinstance(error, FileNotFoundError) else "cannot be read as lines of JSON in UTF-8"
        message = f"{path}: {what}; give files that `evenhand code` wrote"
        raise InputError(message) from None
    found: dict[str, CodedDescriptor] = {}
    for number, line in enumerate(lines, 1):
        row = from_json(line, f"{path}, line {number}") if line else None
        if row and row.id in found:
            message = f"{path}, line {number}: the id {row.id!r} occurs twice; give each document once"
            raise InputError(message)
        found |= {row.id: row} if row else {}
    return list(found.values())


def _levels_beside(path: Path) -> dict[str, dict[str, tuple[Level, ...]]]:
    """All levels of each document, also those at which no descriptor was found; {} without the file of levels."""
    import tomllib

    from evenhand.documents.sidecar import levels_path

    beside = levels_path(path)
    if not beside.is_file():
        return {}
    try:
        stored = tomllib.loads(beside.read_text(encoding="utf-8-sig"))
        return {
            file: {told["native"]: tuple(map(Level, told["levels"])) for told in own.values() if "native" in told}
            for file, own in stored.items()
        }
    except (ValueError, KeyError, AttributeError, TypeError) as error:
        message = f"{beside}: not as `evenhand code` wrote it; mend it, or move it away"
        raise InputError(message) from error


def _whole_beside(path: Path) -> set[str]:
    """Documents that were read whole, as the warnings beside the file say; none without them."""
    from evenhand.documents.review import FLAG, TEXT
    from evenhand.documents.sidecar import warnings_path

    beside = warnings_path(path)
    if not beside.is_file():
        return set()
    rows = _lines(beside, {"file": TEXT, "read_whole": FLAG}, optional=["read_whole"])
    return {row["file"] for row in rows if row.get("read_whole")}


def read_documents(path: str | Path) -> dict[str, dict[str, str]]:
    """What a CSV file says of documents, by the name of each.

    Raises:
        InputError: it cannot be read, has no column `file`, has an unknown one, or names a document twice.
    """
    rows = read_table(path)
    columns = set(rows[0]) if rows else set[str]()
    if "file" not in columns or columns - set(DOCUMENT_COLUMNS):
        message = f"{path}: needs the column `file`, and may have {', '.join(DOCUMENT_COLUMNS[1:])}; no others"
        raise InputError(message)
    found: dict[str, dict[str, str]] = {}
    spelt: dict[str, str] = {}  # an area is one whatever its capitals, and is called as it is first
    for number, row in enumerate(rows, 2):
        if row["file"] in found:
            message = f"{path}, row {number}: document {row['file']!r} stands there twice; keep one row for each"
            raise InputError(message)
        shows = "".join(sign for sign in row.get("area", "") if sign.isprintable() or sign.isspace())
        area = " ".join(shows.split())
        found[row["file"]] = row | {"area": spelt.setdefault(area.casefold(), area)}
    return found


def read_table(path: str | Path) -> list[dict[str, str]]:
    """Rows of a small CSV file in UTF-8, cells without white space at their ends.

    Raises:
        InputError: it cannot be read, has no rows, or a row has more or fewer cells than the header.
    """
    try:
        with Path(path).open(encoding="utf-8-sig", newline="") as stream:
            table = [row for row in csv.reader(stream, strict=True) if any(cell.strip() for cell in row)]
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        message = f"{path}: cannot be read as CSV in UTF-8 ({type(error).__name__}); save it as CSV UTF-8"
        raise InputError(message) from error
    if len(table) < 2:
        message = f"{path}: holds no rows below a header"
        raise InputError(message)
    header = [name.strip() for name in table[0]]
    if twice := sorted({name for name in header if header.count(name) > 1}):
        message = f"{path}: two columns are called {twice[0]!r}; give each a name of its own"
        raise InputError(message)
    for number, row in enumerate(table[1:], 2):
        if len(row) != len(header):
            message = f"{path}, row {number}: {len(row)} cells, and the header has {len(header)}"
            raise InputError(message)
    return [dict(zip(header, (cell.strip() for cell in row), strict=True)) for row in table[1:]]


def _year(told: str, document: str) -> int | None:
    if not told:
        return None
    if told.isdecimal() and len(told) == 4:
        return int(told)
    message = f"the year of {document!r} must be four digits"
    raise InputError(message)


def _flag(told: str, document: str) -> bool:
    if told.lower() in (*_YES, *_NO):
        return told.lower() in _YES
    message = f"read_whole of {document!r} must be yes or no"
    raise InputError(message)
