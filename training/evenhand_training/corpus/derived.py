"""Write what follows from the corpus files and nobody edits by hand: sources, factor map, checksums."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from evenhand.scheme import ISSUES
from evenhand_training.corpus import files, schema

# Where the library keeps its copy of the factor map, from the folder that holds the corpus folder.
FACTORS = Path("nlp/evenhand/data/dfe-factors.json")


def refresh_derived(directory: Path) -> list[Path]:
    """Write SOURCES.md, the library's factor map and, last, SHA256SUMS; return what was written."""
    lines = files.read_lines(directory / files.DOCUMENTS)
    documents = [files.parse_row(schema.Document, line) for line in lines]
    sources, factors = directory / files.SOURCES, directory.parent / FACTORS
    factors.parent.mkdir(parents=True, exist_ok=True)
    _write(sources, sources_page(documents))
    _write(factors, factors_file(json.loads((directory / files.DFE_CODES).read_text(encoding="utf-8"))))
    _write(directory / files.CHECKSUMS, checksums(directory))
    return [sources, factors, directory / files.CHECKSUMS]


def sources_page(documents: Iterable[schema.Document]) -> str:
    """SOURCES.md: one table row for each document, by area."""
    rows = sorted(documents, key=lambda document: (document.area, document.id))
    head = [
        "# Sources",
        "",
        f"The {len(rows)} published documents whose levels and concerns the corpus restates. Written by",
        "`refresh_derived`; edit `documents.jsonl` instead. An address is where the document was read,",
        "which is not always its publisher's site, and may since have gone.",
        "",
        "| area | title | publisher | year | kind | id | address |",
        "|---|---|---|---|---|---|---|",
    ]
    body = [
        f"| {_cell(row.area)} | {_cell(row.title)} | {_cell(row.publisher)} | {row.year or 'not dated'} "
        f"| {row.kind} | `{row.id}` | <{_cell(row.url)}> |"
        for row in rows
    ]
    return "\n".join([*head, *body]) + "\n"


def factors_file(codes: dict[str, Any]) -> str:
    """The library's factor map: under each issue the codes of the factors that list that issue first."""
    by_issue: dict[str, list[str]] = {}
    for factor in codes["assessment_factors"]:
        if factor["issues"]:
            by_issue.setdefault(factor["issues"][0], []).append(factor["code"])
    source = next(source for source in codes["sources"] if source["key"] == "cin_guide_2324")
    content = {
        "about": "Evenhand's own reading of which factor codes of the children in need census an issue calls "
        "for; not the Department for Education's. Written from annotations/dfe-codes.json.",
        "source": f"{source['title']}, {source['url']}",
        "by_issue": {issue.value: by_issue[issue.value] for issue in ISSUES if issue.value in by_issue},
    }
    return json.dumps(content, ensure_ascii=False, indent=1) + "\n"


def checksums(directory: Path) -> str:
    """SHA256SUMS of all files of a folder but itself, in the form that `sha256sum --check` reads."""
    paths = sorted(path for path in directory.iterdir() if path.is_file() and path.name != files.CHECKSUMS)
    return "".join(f"{hashlib.sha256(path.read_bytes()).hexdigest()}  {path.name}\n" for path in paths)


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


def _write(path: Path, content: str) -> None:
    path.write_text(content, encoding="utf-8", newline="\n")
