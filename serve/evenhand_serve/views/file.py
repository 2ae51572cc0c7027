"""What the pages of a file of texts show: the form, how far it is, and what it came to."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from evenhand.batch.sightings import told as seen
from evenhand_serve.views.words import shown

Work = Literal["score", "flag", "both"]
WORK: dict[Work, tuple[str, str]] = {
    "score": ("Read levels and issues", "Level, severity, issues and what each sentence adds."),
    "flag": ("Flag framing", "Wording, balance, needs nobody asks for, and what a referral still has to say."),
    "both": ("Both", "Two files, one row for each of yours in each."),
}
_TITLES = {"score": "Levels and issues", "flag": "Framing"}
_FIRST = ("results.xlsx", "scored.csv", "flagged.csv")  # of downloads: somebody's own rows
_UNITS = ("bytes", "kB", "MB", "GB")
_STEP = 1000  # from one unit to the next


@dataclass(frozen=True, slots=True)
class FileForm:
    """What somebody filled in, to show again beside an error; a file has to be chosen again."""

    column: str = ""
    by: str = ""
    work: Work = "both"

    def columns_to_compare(self) -> tuple[str, ...]:
        """The columns to compare by, without blanks.

        >>> FileForm(by=" source, , month").columns_to_compare()
        ('source', 'month')
        """
        return tuple(part.strip() for part in self.by.split(",") if part.strip())

    @property
    def choices(self) -> list[dict[str, object]]:
        """What there is to do, as radios take it."""
        return [{"value": work, "text": name, "hint": {"text": means}} for work, (name, means) in WORK.items()]


@dataclass(frozen=True, slots=True)
class Download:
    """A file to download: the last part of its address, what it is, its form and size in words."""

    name: str
    label: str
    form: str
    size: str


@dataclass(frozen=True, slots=True)
class FileSection:
    """What one kind of work came to: a heading, counts by name, and what to know."""

    title: str
    counts: tuple[tuple[str, str], ...]
    notes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class FileResult:
    """What a file came to; `has_report` says whether there is a report on framing to look at."""

    id: str
    sections: tuple[FileSection, ...]
    downloads: tuple[Download, ...]
    has_report: bool


def file_result(
    run_id: str,
    summaries: Mapping[Literal["score", "flag"], Mapping[str, Any]],
    downloads: Sequence[tuple[str, str, int]],
    *,
    has_report: bool,
) -> FileResult:
    """What is shown of a file that is done.

    Args:
        run_id: Of the run.
        summaries: By work, the fields of `ScoreSummary` in plain JSON types; more of them do no harm.
        downloads: Name, what it is, and bytes of each file to download.
        has_report: Whether a report on framing was written.
    """
    sections: list[FileSection] = []
    for work, one in summaries.items():
        said = {note for section in sections for note in section.notes}
        notes = tuple(note for note in _notes(one) if note not in said)
        sections.append(FileSection(_TITLES[work], _counts(work, one), notes))
    ordered = sorted(downloads, key=lambda one: [one[0] != name for name in _FIRST])
    return FileResult(
        id=run_id,
        sections=tuple(sections),
        downloads=tuple(Download(name, label, _form(name), _size(size)) for name, label, size in ordered),
        has_report=has_report,
    )


def _counts(work: str, told: Mapping[str, Any]) -> tuple[tuple[str, str], ...]:
    scored = work == "score"
    return (
        ("Rows", f"{told['rows']:,}"),
        ("Got a level" if scored else "Looked at for framing", f"{told['coded']:,}"),
        ("Nothing to code" if scored else "Blank", f"{told['not_codable']:,}"),
        ("Could not be read", f"{told['rejected']:,}"),
        ("A sentence was cut", f"{told['truncated']:,}"),
    )


def _notes(told: Mapping[str, Any]) -> list[str]:
    notes = [f"The texts were read from the column “{shown(told['column'])}”."]
    if told["other_sheets"]:
        sheets = ", ".join(f"“{shown(name)}”" for name in told["other_sheets"])
        notes.append(f"Only the first sheet was read. Not read: {sheets}.")
    for own, carried in told["renamed"].items():
        notes.append(f"Your column “{shown(own)}” is called “{shown(carried)}” in the result.")
    if found := told["privacy"]["found"]:
        done = "was replaced by placeholders" if told["privacy"]["mode"] == "redact" else "was read all the same"
        notes.append(f"What looks identifiable {done}: {shown(seen(found))}. The check misses some of it.")
    if told["rejected"]:
        notes.append("Rows that could not be read are listed by number and reason in a file of their own.")
    return notes


def _form(name: str) -> str:
    """The form of a file by its name.

    >>> _form("scored.csv"), _form("scored.jsonl"), _form("scored")
    ('CSV', 'JSON Lines', 'File')
    """
    forms = {"csv": "CSV", "jsonl": "JSON Lines", "xlsx": "Excel workbook", "html": "Web page", "parquet": "Parquet"}
    return forms.get(name.rpartition(".")[2].lower(), "File")


def _size(size: int) -> str:
    """Bytes in the largest unit that keeps a whole number.

    >>> _size(900), _size(25_400), _size(3_100_000)
    ('900 bytes', '25 kB', '3.1 MB')
    """
    number, place = float(size), 0
    while number >= _STEP and place < len(_UNITS) - 1:
        number, place = number / _STEP, place + 1
    return f"{number:.1f} {_UNITS[place]}" if place > 1 else f"{number:.0f} {_UNITS[place]}"
