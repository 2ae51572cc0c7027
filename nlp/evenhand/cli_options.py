"""Options and messages that the commands over files share."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from evenhand.cli_shared import print_data, say

if TYPE_CHECKING:
    from evenhand.batch import ScoreSummary

SOME_REJECTED = 3  # exit status
_TELLING = 1.0  # seconds, until which a rate would be that of the first rows alone

ColumnOption = Annotated[str | None, typer.Option(help="Column that holds the texts; by default found.")]
PrivacyOption = Annotated[
    str,
    typer.Option(
        help="What to do with texts that look identifiable: refuse; patterns (refuse, without looking for names);"
        " warn; redact; off."
    ),
]
UncheckedOption = Annotated[
    list[str] | None,
    typer.Option(metavar="COLUMN", help="A column that the privacy gate leaves alone; can be repeated."),
]
ResumeOption = Annotated[
    bool, typer.Option("--resume", help="Go on with an interrupted run of OUT; without one, begin.")
]
FormatOption = Annotated[
    str | None, typer.Option("--format", help="csv, jsonl, parquet, xlsx or txt; by default the suffix says.")
]
EncodingOption = Annotated[str | None, typer.Option(help="Of the input, for instance cp1252; default UTF-8.")]
DelimiterOption = Annotated[str | None, typer.Option(help="Of CSV; by default comma, semicolon or tab.")]
SheetOption = Annotated[str | None, typer.Option(help="Of a workbook; by default its first visible one.")]
OverwriteOption = Annotated[bool, typer.Option("--overwrite", help="Replace OUT if it exists.")]
QuietOption = Annotated[bool, typer.Option("--quiet", "-q", help="No progress and no summary.")]


def interrupted(output: Path | None) -> str:
    """What is said where a run was interrupted."""
    if output is None:
        return "Interrupted."
    from evenhand.batch.run import journal_of

    if journal_of(output).exists():
        return (
            f"Interrupted; what is done is kept, and the same command with --resume goes on. {output} is not there yet."
        )
    return f"Interrupted; {output} was not written."


@contextmanager
def progress_shown(*, shown: bool) -> Iterator[Callable[[str, int], None] | None]:
    """Show the number of rows done on standard error, if that is a terminal."""
    if not shown or not sys.stderr.isatty():
        yield None
        return
    from evenhand.render import make_console

    started: dict[str, float] = {}
    with make_console(sys.stderr).status("Loading the model") as status:

        def show(done: str, rows: int) -> None:
            seconds = time.perf_counter() - started.setdefault(done, time.perf_counter())
            rate = f", {rows / seconds:,.0f}/s" if seconds > _TELLING else ""
            status.update(f"{rows:,} rows {done}{rate}")

        yield show


def finish(summary: ScoreSummary, *, done: str, blank: str, as_json: bool, quiet: bool) -> None:
    """Say what a run did.

    Args:
        summary: Of the run.
        done: What was done with a text: "coded".
        blank: What the others are: "not codable".
        as_json: Print the summary as data too.
        quiet: Say no more than what must be known.
    """
    if as_json:
        print_data(json.dumps(asdict(summary), default=str))
    for name, carried in summary.renamed.items():
        say(f"Notice: your column {name!r} has a name of ours and is carried as {carried!r}.")
    if summary.other_sheets:
        others = ", ".join(map(repr, summary.other_sheets))
        say(f"Notice: one sheet was read; --sheet reads another of the workbook ({others}).")
    if not quiet:
        rows = "1 row" if summary.rows == 1 else f"{summary.rows:,} rows"
        counts = f"{rows} from column {summary.column!r}: {summary.coded:,} {done}"
        counts += f", {summary.not_codable:,} {blank}" if summary.not_codable else ""
        counts += f", {summary.truncated:,} not read to the end" if summary.truncated else ""
        counts += f", {summary.rejected:,} rejected (see {summary.rejects})" if summary.rejected else ""
        counts += f"; {summary.resumed_after:,} of them before" if summary.resumed_after else ""
        say(f"{counts}; {summary.seconds:.1f} s" + (f"; written to {summary.output}" if summary.output else ""))
        _tell_privacy(summary.privacy)


def _tell_privacy(privacy: Mapping[str, Any]) -> None:
    """Say what the gate did where that is less than all it can do."""
    if privacy["mode"] == "off":
        say("Notice: the texts were not checked for what could identify somebody.")
    elif privacy["names"] != "checked":
        say("Notice: names were not checked, only what has a pattern of its own.")
    if privacy["found"]:
        from evenhand.batch.sightings import Sightings

        done = "Replaced by placeholders" if privacy["mode"] == "redact" else "Notice: looks identifiable"
        say(f"{done}: {Sightings.from_json(privacy['found']).told()}")
