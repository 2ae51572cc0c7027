"""Files in, files out: read and code documents, and write what was found with its levels and warnings beside it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from evenhand.documents.blind import held_path, joined, sample
from evenhand.documents.coded import CodedDescriptor, code_document, with_terms
from evenhand.documents.reading import Document, read
from evenhand.documents.review import other_sheets, read_review
from evenhand.documents.sheets import comma_separated, json_lines, tables_beside, workbook
from evenhand.documents.sidecar import levels_path, levels_text, read_levels, warnings_path, warnings_text
from evenhand.documents.view import view
from evenhand.errors import InputError, MissingExtraError, OutputError
from evenhand.output import check_output, replacing
from evenhand.result import Coder

OnPage = Callable[[str, int, int], None]
SUFFIXES = (".jsonl", ".csv", ".xlsx", ".html")
REVIEWED = SUFFIXES[:3]  # a review has no pages to show
SHEETS = (".csv", ".xlsx")  # what a person can edit and bring back


@dataclass(frozen=True, slots=True)
class CodeSummary:
    """What coding documents came to.

    Attributes:
        documents: As read, in the order given.
        rows: Their coded descriptors.
        failed: Why a file could not be read, by name.
        written: The output, its levels and its warnings.
    """

    documents: tuple[Document, ...]
    rows: tuple[CodedDescriptor, ...]
    failed: dict[str, str]
    written: tuple[Path, ...]


def code_files(
    sources: Sequence[str | Path],
    output: str | Path,
    *,
    model: Coder,
    overwrite: bool = False,
    blind: int | None = None,
    terms: bool = False,
    progress: OnPage | None = None,
) -> CodeSummary:
    """Read and code threshold documents; a file that cannot be read is named, and the others are coded.

    Args:
        sources: The documents.
        output: A .jsonl, .csv, .xlsx or .html file. Beside it stand `<output>.levels.toml`, in which a person may set
            legal codes before a rerun, and `<output>.warnings.jsonl`.
        model: What codes the descriptors.
        overwrite: Replace the output if it exists.
        blind: Write only so many descriptors, drawn at random and without any code of the model, for a second coder.
        terms: Also code by the search terms of the 2018 inquiry as reconstructed in `evenhand.search_terms`.
        progress: Told a document's name, pages done and pages in all.

    Raises:
        InputError: no document could be read, or the levels file is broken.
        OutputError: the output cannot be written.
        MissingExtraError: the extra `documents` is not installed.
    """
    target = Path(output)
    check_output(target, sources, SUFFIXES, overwrite=overwrite)
    if blind is not None and held_path(target).exists() and not overwrite:
        message = (
            f"{held_path(target)} holds the model's codes of an earlier blind sample; use --overwrite to replace it"
        )
        raise OutputError(message)
    if blind is not None and target.suffix.lower() not in SHEETS:
        message = f"{target}: a blind sample is coded in a sheet; use one of {', '.join(SHEETS)}"
        raise OutputError(message)
    by_person = read_levels(levels_path(target))
    documents: list[Document] = []
    failed: dict[str, str] = {}
    paths = _named([Path(source) for source in sources])
    for name, path in paths.items():
        try:
            document = read(path, levels=by_person.get(name, {}), progress=_of(progress, name))
        except InputError as error:
            failed[name] = str(error)
        except MissingExtraError:
            raise
        except Exception as error:
            failed[name] = (
                f"{path}: could not be read because of a fault in Evenhand ({type(error).__name__}); please report it,"
                " with the document if it is published"
            )
        else:
            documents.append(replace(document, name=name))
    if not documents:
        message = "; ".join(failed.values())
        raise InputError(message)
    rows = [row for document in documents for row in code_document(document, model)]
    if terms:
        rows = list(map(with_terms, rows))
    if blind is not None:
        _write_text(held_path(target), json_lines(rows))
        rows = sample(rows, blind)
    _write(target, rows, lambda: tables_beside(documents), lambda: view(documents, rows, paths))
    beside = {
        levels_path(target): levels_text(documents, by_person),
        warnings_path(target): warnings_text(documents, failed),
    }
    for path, text in beside.items():
        _write_text(path, text)
    return CodeSummary(tuple(documents), tuple(rows), failed, (target, *beside))


@dataclass(frozen=True, slots=True)
class ReviewSummary:
    """What reading a reviewed sheet came to.

    Attributes:
        rows: All rows, edited ones with their reviewer as coder.
        edited: How many were.
        methods: A paragraph on agreement, if the sheet was a blind sample; else "".
        written: The output, and the paragraph if there is one.
    """

    rows: tuple[CodedDescriptor, ...]
    edited: int
    methods: str
    written: tuple[Path, ...]


def review_file(sheet: str | Path, output: str | Path, *, coder: str, overwrite: bool = False) -> ReviewSummary:
    """Take back a sheet that a person edited: what was changed is theirs, everything else stays.

    A blind sample is joined with the model's codes that were held back, and agreement is reported.

    Args:
        sheet: A .csv or .xlsx file that `code_files` wrote and a person edited.
        output: A .jsonl, .csv or .xlsx file.
        coder: The person's name or code.
        overwrite: Replace the output if it exists.

    Raises:
        InputError: the sheet cannot be read, or a blind sample is not coded to its end.
        OutputError: the output cannot be written.
    """
    source, target = Path(sheet), Path(output)
    if source.suffix.lower() not in SHEETS:
        message = f"{source}: a review comes back as one of {', '.join(SHEETS)}"
        raise InputError(message)
    if not source.exists():
        message = f"{source}: no such file"
        raise InputError(message)
    check_output(target, [source], REVIEWED, overwrite=overwrite)
    told = target.with_name(f"{target.name}.methods.md")
    rows, edited, blind = read_review(source, coder=coder)
    methods = ""
    if blind:
        if told.exists() and not overwrite:
            message = f"{told} exists already; use --overwrite to replace it"
            raise OutputError(message)
        rows, methods = joined(source, rows, coder=coder)
    _write(target, rows, lambda: other_sheets(source), lambda: "")
    written = [target]
    if methods:
        _write_text(told, methods)
        written.append(told)
    return ReviewSummary(tuple(rows), edited, methods, tuple(written))


def _write(
    target: Path,
    rows: Sequence[CodedDescriptor],
    beside: Callable[[], dict[str, list[list[Any]]]],
    page: Callable[[], str],
) -> None:
    """Write the rows in the format of the suffix, with tables beside them in a workbook, or marked in their pages."""
    suffix = target.suffix.lower()
    if suffix == ".xlsx":
        with replacing(target, overwrite=True) as part:
            workbook(rows, beside(), part)
    elif suffix == ".csv":
        # Spreadsheets read CSV as UTF-8 only behind a byte order mark.
        _write_text(target, comma_separated(rows), encoding="utf-8-sig")
    else:
        _write_text(target, page() if suffix == ".html" else json_lines(rows))


def _write_text(path: Path, text: str, *, encoding: str = "utf-8") -> None:
    with replacing(path, overwrite=True) as part:
        part.write_text(text, encoding=encoding, newline="")


def _named(paths: Sequence[Path]) -> dict[str, Path]:
    """Each document under its file name, or under its path where two have the same."""
    counts = Counter(path.name for path in paths)
    named = {path.name if counts[path.name] == 1 else str(path): path for path in paths}
    # A name that is no UTF-8 could not be written into a sheet.
    return {name.encode(errors="replace").decode(): path for name, path in named.items()}


def _of(progress: OnPage | None, name: str) -> Callable[[int, int], None] | None:
    if progress is None:
        return None
    told = progress
    return lambda done, pages: told(name, done, pages)
