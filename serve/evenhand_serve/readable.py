"""What was read in a file of texts, as a workbook for people: codes in words, and the flagged words themselves."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator
from itertools import chain, islice, zip_longest
from pathlib import Path
from typing import Any

from evenhand.framing.contract import FLAGS
from evenhand.framing.scheme import CATEGORY_NAMES, ELEMENT_NAMES, FLAGGED, Category, Element
from evenhand.tables.columns import RESERVED
from evenhand_serve.views.words import either, issue_name, need_name, sentence_case

_MOST_ROWS = 100_000  # a sheet may have a million, which no program opens well
_LONGEST = 32_000  # characters of a cell, of which Excel allows 32,767
_WIDE, _NARROW = 80, 24  # columns of texts, and others


def write_readable(target: Path, results: Path, column: str) -> None:
    """Write the workbook.

    Args:
        target: Where it goes.
        results: Folder with scored.csv, flagged.csv or both, whose rows are the same.
        column: Holds the texts.
    """
    from openpyxl import Workbook
    from openpyxl.cell import WriteOnlyCell
    from openpyxl.styles import Alignment, Font
    from openpyxl.utils import get_column_letter

    book = Workbook(write_only=True)
    texts, flags = book.create_sheet("Texts"), book.create_sheet("Flags")

    def put(sheet: Any, values: list[object], *, head: bool = False) -> None:  # noqa: ANN401 - openpyxl has no types
        cells = []
        for value in values:
            cell = WriteOnlyCell(sheet, _held(value))
            if cell.data_type == "f":
                cell.data_type = "s"  # text that begins with "=" stays text
            cell.font = Font(bold=head)
            cell.alignment = Alignment(wrap_text=True, vertical="top")
            cells.append(cell)
        sheet.append(cells)

    for sheet in (texts, flags):
        sheet.freeze_panes = "A2"
    rows = _rows(results)
    first = next(rows, None)
    if first is None:
        put(texts, ["There were no rows."])
        book.save(target)
        return
    own = _own(first)
    for place, name in enumerate(own):
        texts.column_dimensions[get_column_letter(place + 2)].width = _WIDE if name == column else _NARROW
    said = _said(*first)
    put(texts, ["number", *own, *said], head=True)
    put(flags, ["number", "words", "what they do", "why", "instead", "source"], head=True)
    for number, (scored, flagged) in enumerate(islice(chain([first], rows), _MOST_ROWS), 1):
        row = {**(flagged or {}), **(scored or {})}
        put(texts, [number, *(row[name] for name in own), *_said(scored, flagged).values()])
        for values in _flags(flagged, row.get(column) or ""):
            put(flags, [number, *values])
    book.save(target)


Row = dict[str, str]
Pair = tuple[Row | None, Row | None]


def _rows(results: Path) -> Iterator[Pair]:
    tables = [_table(results / name) for name in ("scored.csv", "flagged.csv")]
    yield from zip_longest(*tables)


def _table(path: Path) -> Iterator[Row]:
    csv.field_size_limit(1 << 31)
    if path.exists():
        with path.open(encoding="utf-8-sig", newline="") as stream:
            yield from csv.DictReader(stream)


def _own(first: Pair) -> list[str]:
    """Columns of whoever sent the file."""
    scored, flagged = first
    return [name for name in (scored or flagged or {}) if name not in (RESERVED if scored else FLAGS.reserved)]


def _said(scored: Row | None, flagged: Row | None) -> dict[str, object]:
    """What was read in a text, by the column that it goes to."""
    found: dict[str, object] = {}
    if scored is not None:
        levels = _json(scored["levels"], [])
        found["level"] = scored["level"]
        found["levels that it may be"] = either(levels) if levels else ""
        found["severity"] = float(scored["severity"]) if scored["severity"] else ""
        found["issues"] = sentence_case(", ".join(map(issue_name, _json(scored["issues"], []))))
        found["census factors"] = ", ".join(_json(scored["dfe_codes"], []))
        found["why no level"] = scored["reason"]
    if flagged is not None:
        found["phrases to look at"] = sum(one["category"] in FLAGGED for one in _json(flagged["framing"], []))
        needs = [need_name(one["need"]) for one in _json(flagged["unmet_needs"], [])]
        found["needs with which nobody asks for help"] = ", ".join(dict.fromkeys(needs))
        checklist = _json(flagged["checklist"], {})
        missing = [ELEMENT_NAMES[Element(name)] for name, one in checklist.items() if one["state"] == "not_found"]
        found["not found in the referral"] = ", ".join(missing)
    return found


def _flags(flagged: Row | None, text: str) -> Iterator[list[object]]:
    for one in _json(flagged["framing"], []) if flagged is not None else []:
        name = sentence_case(CATEGORY_NAMES[Category(one["category"])])
        yield [text[one["start"] : one["end"]], name, one["why"], one["suggestion"] or "", one["source"]]


def _json(cell: str, otherwise: Any) -> Any:  # noqa: ANN401 - plain JSON types
    return json.loads(cell) if cell else otherwise


def _held(value: object) -> object:
    """What a cell can hold: no control characters, and not too long."""
    if not isinstance(value, str):
        return value
    kept = "".join(each if each in "\n\t" or each.isprintable() or each.isspace() else "\ufffd" for each in value)
    kept = "".join("\n" if each in "\r\x0b\x0c\x1c\x1d\x1e\x1f\x85" else each for each in kept)
    return kept if len(kept) <= _LONGEST else f"{kept[:_LONGEST]}…"
