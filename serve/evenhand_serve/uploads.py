"""Work with uploaded files, done in a process of its own: threshold documents, files of texts, and the areas."""

from __future__ import annotations

import json
import os
import pickle
import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path, PurePosixPath
from typing import Any, Literal

from evenhand.batch.gate import Privacy
from evenhand.errors import InputError
from evenhand.privacy import Kind, load_checker
from evenhand_serve.isolated import FILES, RESULTS, Report
from evenhand_serve.views.words import count
from evenhand_serve.wording import FieldInputError

Work = Literal["score", "flag"]
DOCUMENT_FORMS = ("xlsx", "csv", "jsonl")
_OF_PERSONS = {Kind.NHS_NUMBER, Kind.NATIONAL_INSURANCE, Kind.UPN, Kind.DATE_OF_BIRTH}
_ODD = re.compile(r"[^\w .()&,+-]", re.ASCII)
_STAGES = {
    "checked": "Looking for names and numbers of persons",
    "scored": "Reading levels and issues",
    "flagged": "Flagging framing",
}
_FIRST_ROWS = 100  # of JSON Lines, which say by their keys what columns there are
_LONGEST_NAME = 80  # characters; longer ones are cut before their suffix


@dataclass(frozen=True, slots=True)
class DocumentsRead:
    """Documents as read and coded.

    Attributes:
        documents: Of each `views.DocumentTold`.
        rows: Of each descriptor `CodedDescriptor.to_dict()`.
        failed: Why a file could not be read, by name.
        files: Downloads by suffix, "xlsx" and so on.
    """

    documents: list[Any]
    rows: list[dict[str, Any]]
    failed: dict[str, str]
    files: dict[str, bytes]


@dataclass(frozen=True, slots=True)
class TableRead:
    """A file of texts as read.

    Attributes:
        summaries: By work, "score" and "flag", the fields of `ScoreSummary`.
        files: Contents by name.
        report: The report on framing as a page; None where none was asked for.
    """

    summaries: dict[Work, dict[str, Any]]
    files: dict[str, bytes]
    report: bytes | None


@dataclass(frozen=True, slots=True)
class AreasRead:
    """What was worked out of the areas.

    Attributes:
        known: For the worker, pickled.
        view: For pages and programs, plain JSON types.
    """

    known: bytes
    view: dict[str, Any]


def safe_names(names: Sequence[str | None]) -> list[str]:
    """Names for uploaded files in a folder of ours: their own without path and odd characters, each once.

    >>> safe_names(["../../etc/passwd", "C:\\\\thresholds 2024.PDF", None, "a.pdf", "A.pdf"])
    ['passwd', 'thresholds 2024.PDF', 'upload', 'a.pdf', '2-A.pdf']
    """
    found: list[str] = []
    for given in names:
        own = PurePosixPath((given or "").replace("\\", "/")).name
        stem, dot, suffix = _ODD.sub("_", own).strip(" .").rpartition(".")
        stem, suffix = (stem, suffix[:10]) if dot else (suffix, "")
        name = f"{stem[:_LONGEST_NAME]}{dot}{suffix}" or "upload"
        number = 2
        while name.lower() in {each.lower() for each in found}:
            name, number = f"{number}-{name}", number + 1
        found.append(name)
    return found


def read_documents(folder: Path, options: Mapping[str, Any], report: Report) -> DocumentsRead:
    """Code the threshold documents of a folder.

    Args:
        folder: With the documents.
        options: `names` of the documents in order; `levels`, codes by document and level key, as a person set them;
            `model`, the folder of a model; `privacy`.
        report: Told pages read.

    Raises:
        InputError: nothing can be read, or numbers of persons stand in it.
    """
    from evenhand.cli_shared import ModelOnDemand
    from evenhand.documents.files import code_files
    from evenhand.documents.sidecar import levels_path
    from evenhand_serve.views.document_told import document_told

    target = folder / RESULTS / "coded.xlsx"
    levels_path(target).write_text(_levels(options["levels"]), encoding="utf-8")
    sources = [folder / FILES / name for name in options["names"]]
    done = 0

    def tell(name: str, page: int, pages: int) -> None:
        nonlocal done
        done += 1
        report(f"{count(done, 'page')} read")

    summary = code_files(sources, target, model=ModelOnDemand(options["model"]), progress=tell)
    rows = [row.to_dict() for row in summary.rows]
    if options["privacy"] is not Privacy.OFF:
        _check_published([row.text for row in summary.rows])
    return DocumentsRead(
        [document_told(document) for document in summary.documents],
        rows,
        {name: why.replace(f"{folder / FILES}{os.sep}", "") for name, why in summary.failed.items()},
        {"xlsx": target.read_bytes(), **_other_forms(summary.rows)},
    )


def _check_published(texts: Sequence[str]) -> None:
    """Make sure that descriptors are none of a case file; published documents have phones and addresses of services.

    Raises:
        InputError: numbers that only a person has stand in them.
    """
    found = {finding.kind for each in load_checker(names=False).check_many(texts) for finding in each} & _OF_PERSONS
    if found:
        kinds = ", ".join(sorted(kind.replace("_", " ") for kind in found))
        message = f"what was read looks identifiable ({kinds}); send published threshold documents, and no case files"
        raise InputError(message)


def _other_forms(rows: Sequence[Any]) -> dict[str, bytes]:
    from evenhand.documents.sheets import comma_separated, json_lines

    return {"csv": comma_separated(rows).encode("utf-8-sig"), "jsonl": json_lines(rows).encode()}


def _levels(by_document: Mapping[str, Mapping[str, Sequence[str]]]) -> str:
    """A levels file of what a person set."""
    from evenhand.documents.sidecar import toml_string

    lines = []
    for document, levels in by_document.items():
        for key, codes in levels.items():
            lines += [f"[{toml_string(document)}.{toml_string(key)}]", f"levels = {json.dumps(list(codes))}"]
            lines += ['proposed = ["not what a person said"]', ""]
    return "\n".join(lines)


def read_table(folder: Path, options: Mapping[str, Any], report: Report) -> TableRead:
    """Score and flag the texts of a file.

    Args:
        folder: With the file.
        options: `name` of the file; `works`, of "score" and "flag"; `column` or None; `by`, columns to compare by;
            `privacy`; `model` and `framing_model`, folders; `most_characters` of a text.
        report: Told rows done.

    Raises:
        FieldInputError: a column that was named is not there, or none is named and none can be told.
        EvenhandError: the file cannot be read, or texts look identifiable.
    """
    from evenhand.batch import score_file
    from evenhand.cli_shared import load_model
    from evenhand.framing import load_flagger
    from evenhand.framing.files import flag_file
    from evenhand.framing.report import ReportOptions, write_report
    from evenhand_serve.readable import write_readable

    source, results = folder / FILES / options["name"], folder / RESULTS
    _check_columns(source, options["column"], options["by"] if "flag" in options["works"] else ())
    summaries = dict[Work, dict[str, Any]]()

    def tell(doing: str, rows: int) -> None:
        report(f"{_STAGES.get(doing, doing)}: {count(rows, 'row')} done")

    common: dict[str, Any] = {"column": options["column"], "privacy": options["privacy"], "progress": tell}
    common["most_characters"] = options["most_characters"]
    model, page = load_model(options["model"]), None
    if "score" in options["works"]:
        summary = score_file(source, results / "scored.csv", model=model, **common)
        summaries["score"] = _plain(summary)
    if "flag" in options["works"]:
        flagger = load_flagger(options["framing_model"], coder=model)
        target = results / "flagged.csv"
        summary = flag_file(source, target, flagger=flagger, **common)
        summaries["flag"] = _plain(summary)
        asked = ReportOptions(results / "report", by=options["by"])
        page = write_report(target, summary, asked)[0].read_bytes()
    column = next(iter(summaries.values()))["column"]
    write_readable(results / "results.xlsx", results, column)
    kept = [path for path in sorted(results.iterdir()) if path.suffix in {".csv", ".xlsx", ".rejected"}]
    files = {path.name: path.read_bytes() for path in kept}
    return TableRead(summaries, files, page)


def _check_columns(source: Path, column: str | None, by: Sequence[str]) -> None:
    """Make sure, before models are loaded, that the columns are there which the form names.

    Raises:
        FieldInputError: one is not.
    """
    from evenhand.framing.report.tally import Tallies
    from evenhand.tables import find_text_column, open_table

    with open_table(source, chunk_rows=_FIRST_ROWS, tolerant=True) as table:
        try:
            find_text_column(table.columns, column=column, where=source.name)
        except InputError as error:
            raise FieldInputError(str(error), "column") from None
        if table.format == "jsonl":
            return  # a key may come first in a later row
        try:
            Tallies(table.columns, by)
        except InputError as error:
            raise FieldInputError(str(error), "by") from None


def _plain(summary: Any) -> dict[str, Any]:  # noqa: ANN401 - a ScoreSummary
    """A summary without the paths of a folder that is wiped."""
    return {**asdict(summary), "output": None, "rejects": None}


def read_areas(folder: Path, options: Mapping[str, Any], report: Report) -> AreasRead:
    """Work out thresholds and same situations of the published descriptors.

    Args:
        folder: Not used.
        options: `model`, the folder of a model.
        report: Not used.
    """
    from evenhand.cli_shared import load_model
    from evenhand.consistency import compare, read_collection
    from evenhand.consistency.where import Locator
    from evenhand_serve.views.comparison import areas_view

    model = load_model(options["model"])
    collection = read_collection([], documents=None)
    comparison = compare(collection, model)
    locator = Locator(collection, comparison.posterior, model)
    known = pickle.dumps((collection, comparison.posterior, dict(locator.embeddings)))
    return AreasRead(known, areas_view(comparison))
