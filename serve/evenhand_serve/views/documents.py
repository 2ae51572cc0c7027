"""What the pages of threshold documents show, and what comes back when somebody corrects the legal codes of levels."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from evenhand.documents.levels import SET_BY_A_PERSON
from evenhand.errors import VocabularyError
from evenhand.scheme import LEVELS, level_set
from evenhand_serve.views.document_told import DocumentTold, LevelTold
from evenhand_serve.views.words import LEVEL_NAMES, count, either, issue_name, sentence_case, shown

MOST_ROWS = 200  # of all documents of a page: a browser lays that out at once, and nobody reviews more without a sheet
UNSURE = 0.5  # the model's probability of its first issue, under which a person should look


@dataclass(frozen=True, slots=True)
class Choice:
    """A legal code that a level may have. The name of its box is that of the level."""

    code: str
    name: str
    ticked: bool


@dataclass(frozen=True, slots=True)
class LevelChoice:
    """A level with the sentence that decided and the codes to choose from.

    Attributes:
        field: Name of its boxes in the form.
        native: As the document says it.
        name: What it is called beside its number; "" for nothing.
        codes: The set in words of codes: "C or D", or "not known".
        reason: The sentence that decided; "" for none.
        sure: Whether other sets would fit clearly less well.
        by_person: Whether a person set it.
        choices: One box for each code.
    """

    field: str
    native: str
    name: str
    codes: str
    reason: str
    sure: bool
    by_person: bool
    choices: tuple[Choice, ...]


@dataclass(frozen=True, slots=True)
class DescriptorRow:
    """A descriptor with the document's level and what the model makes of it; `review` says why to look at it."""

    number: int
    text: str
    place: str
    native_level: str
    codes: str
    issues: str
    severity: str
    model_level: str
    confidence: str
    review: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class DocumentView:
    """What is shown of a document.

    Attributes:
        place: From 0; part of ids in the page.
        name: Of the file.
        facts: Names and values: form, pages, descriptors, words.
        levels: Mildest first.
        warnings: What to look at, with the page: ("Page 3", "…").
        rows: The first descriptors.
        more: How many more are in the download.
        to_review: How many of all its descriptors a person should look at.
        pages: Page, words, and words in descriptors, for each page.
    """

    place: int
    name: str
    facts: tuple[tuple[str, str], ...]
    levels: tuple[LevelChoice, ...]
    warnings: tuple[tuple[str, str], ...]
    rows: tuple[DescriptorRow, ...]
    more: int
    to_review: int
    pages: tuple[tuple[str, str, str], ...]


@dataclass(frozen=True, slots=True)
class DocumentsResult:
    """What is shown of documents that were read together; `id` is that of the result, `failed` has name and reason."""

    id: str
    title: str
    documents: tuple[DocumentView, ...]
    failed: tuple[tuple[str, str], ...]
    descriptors: int


def documents_result(
    result_id: str,
    documents: Sequence[DocumentTold],
    rows: Sequence[Mapping[str, Any]],
    failed: Mapping[str, str] | None = None,
    ticked: Mapping[str, Sequence[str]] | None = None,
) -> DocumentsResult:
    """What is shown of documents.

    Args:
        result_id: Under which the result is kept.
        documents: As read.
        rows: `CodedDescriptor.to_dict()` of each descriptor, in order.
        failed: Why a file could not be read, by name.
        ticked: By field the boxes that somebody ticked, to show them again beside an error; by default those of the
            documents.
    """
    room = MOST_ROWS // max(len(documents), 1)
    views = tuple(
        _document(place, one, [row for row in rows if row["file"] == one["name"]], room, ticked)
        for place, one in enumerate(documents)
    )
    return DocumentsResult(
        id=result_id,
        title=f"{count(len(rows), 'descriptor')} in {count(len(documents), 'document')}",
        documents=views,
        failed=tuple((shown(name), shown(why.removeprefix(f"{name}: "))) for name, why in (failed or {}).items()),
        descriptors=len(rows),
    )


def field_of(document: int, level: int) -> str:
    """Name of the boxes of a level in the form, by places; the names that a document uses are no part of it."""
    return f"levels-{document}-{level}"


def levels_chosen(
    form: Mapping[str, Sequence[str]], documents: Sequence[DocumentTold]
) -> tuple[dict[str, dict[str, list[str]]], list[tuple[str, str]]]:
    """What somebody chose, where it differs from what the document says; and what is wrong with it.

    Args:
        form: Values of each field; a level without any was left unticked and is not known.
        documents: As they were shown.

    Returns:
        Codes by document and level key, as `evenhand.documents.reading.read` takes them; and for each mistake its field
        and what to do.
    """
    chosen: dict[str, dict[str, list[str]]] = {}
    wrong: list[tuple[str, str]] = []
    for place, document in enumerate(documents):
        for number, level in enumerate(document["levels"]):
            field = field_of(place, number)
            ticked = list(form.get(field, ()))
            try:
                codes = [str(code) for code in level_set(ticked)] if ticked else []
            except VocabularyError:
                told = shown(f"{level['native']} {level['name']}".strip())
                wrong.append((field, f"{told}: tick codes that are next to each other, such as B and C"))
                continue
            if codes != level["proposed"]:
                chosen.setdefault(document["name"], {})[level["key"]] = codes
    return chosen, wrong


def _document(
    place: int,
    document: DocumentTold,
    rows: Sequence[Mapping[str, Any]],
    room: int,
    ticked: Mapping[str, Sequence[str]] | None,
) -> DocumentView:
    told = [_row(number, row) for number, row in enumerate(rows, 1)]
    return DocumentView(
        place=place,
        name=shown(document["name"]),
        facts=_facts(document, len(rows)),
        levels=tuple(_level(field_of(place, number), one, ticked) for number, one in enumerate(document["levels"])),
        warnings=tuple((_page(one["page"]) or "Whole file", _warning(one["what"])) for one in document["troubles"]),
        rows=tuple(told[:room]),
        more=max(len(told) - room, 0),
        to_review=sum(bool(row.review) for row in told),
        pages=tuple(
            (_page(one["page"]) or "Whole file", f"{one['words']:,}", f"{one['used']:,}")
            for one in document["coverage"]
        ),
    )


def _warning(what: str) -> str:
    """A warning in the words of a page, which has boxes in place of a file of levels."""
    return shown(what.replace("look at them in the levels file", "look at them above"))


def _facts(document: DocumentTold, rows: int) -> tuple[tuple[str, str], ...]:
    words = sum(one["words"] for one in document["coverage"])
    used = sum(one["used"] for one in document["coverage"])
    pages = document["pages"]
    return (
        ("Form", document["kind"] if pages is None else f"{document['kind']}, {count(pages, 'page')}"),
        ("Descriptors", f"{rows:,}"),
        ("Words in descriptors", f"{used:,} of {words:,}"),
        ("Read whole", "Yes" if document["read_whole"] else "No: see what to look at"),
    )


def _level(field: str, level: LevelTold, ticked: Mapping[str, Sequence[str]] | None) -> LevelChoice:
    codes = level["levels"] if ticked is None else ticked.get(field, ())
    return LevelChoice(
        field=field,
        native=shown(level["native"]),
        name=shown(level["name"]),
        codes=either(level["levels"]),
        reason=shown(level["reason"]),
        sure=level["sure"],
        by_person=level["reason"] == SET_BY_A_PERSON,
        choices=tuple(Choice(str(code), LEVEL_NAMES[code], str(code) in codes) for code in LEVELS),
    )


def _row(number: int, row: Mapping[str, Any]) -> DescriptorRow:
    place = [part for part in (_page(row["page"]), shown(row["section"])) if part]
    severity = row["severity"]
    return DescriptorRow(
        number=number,
        text=shown(row["text"]),
        place=", ".join(place),
        native_level=shown(row["native_level"]),
        codes=either(row["levels"]),
        issues=sentence_case(", ".join(map(issue_name, row["issues"]))),
        severity="" if severity is None else f"{severity:.1f}",
        model_level=row["model_level"] or "",
        confidence=f"{row['confidence']:.0%}" if row["issues"] else "",
        review=_review(row),
    )


def _review(row: Mapping[str, Any]) -> tuple[str, ...]:
    """Why a person should look at a row; () for no reason."""
    if row["severity"] is None:
        return ("nothing that the model can code",)
    found = []
    if not row["levels"]:
        found.append("its level has no legal code")
    elif row["model_levels"] and not set(row["levels"]) & set(row["model_levels"]):
        found.append("the model expects another level")
    if not row["issues"]:
        found.append("no issue")
    elif row["confidence"] < UNSURE:
        found.append("issue not sure")
    return tuple(found)


def _page(page: int | None) -> str:
    return "" if page is None else f"Page {page}"
