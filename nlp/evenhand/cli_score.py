"""`evenhand score`: files of texts in, files of codings out."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from evenhand.cli_shared import ModelOnDemand, ModelOption, ending_well, print_data, say

if TYPE_CHECKING:
    from evenhand.batch import ScoreSummary
    from evenhand.result import Coding, KnownCoder

_SOME_REJECTED = 3


def score(
    sources: Annotated[
        list[str],
        typer.Argument(
            metavar="IN...",
            help="CSV, JSON Lines, Parquet, Excel or text files, also compressed, or a pattern in quotation marks;"
            " - for standard input.",
        ),
    ],
    output: Annotated[
        Path | None,
        typer.Option("--output", "-o", metavar="OUT", help="A .jsonl, .csv or .parquet file, or .jsonl.gz, .csv.gz."),
    ] = None,
    column: Annotated[str | None, typer.Option(help="Column that holds the texts; by default found.")] = None,
    privacy: Annotated[
        str,
        typer.Option(
            help="What to do with texts that look identifiable: refuse; patterns (refuse, without looking for names);"
            " warn; redact; off."
        ),
    ] = "refuse",
    unchecked: Annotated[
        list[str] | None,
        typer.Option(metavar="COLUMN", help="A column that the privacy gate leaves alone; can be repeated."),
    ] = None,
    resume: Annotated[
        bool, typer.Option("--resume", help="Go on with an interrupted run of OUT; without one, begin.")
    ] = False,
    cache: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Keep codings by keyed hash, without texts, and reuse those there."),
    ] = None,
    format_: Annotated[
        str | None, typer.Option("--format", help="csv, jsonl, parquet, xlsx or txt; by default the suffix says.")
    ] = None,
    encoding: Annotated[str | None, typer.Option(help="Of the input, for instance cp1252; default UTF-8.")] = None,
    delimiter: Annotated[str | None, typer.Option(help="Of CSV; by default comma, semicolon or tab.")] = None,
    sheet: Annotated[str | None, typer.Option(help="Of a workbook; by default its first visible one.")] = None,
    model: ModelOption = None,
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Replace OUT if it exists.")] = False,
    table: Annotated[bool, typer.Option("--table", help="Print a readable table.")] = False,
    json_: Annotated[
        bool, typer.Option("--json", help="JSON Lines on a terminal too; with -o, the summary as JSON.")
    ] = False,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="No progress and no summary.")] = False,
) -> None:
    """Code every text of a file; each row keeps its columns and gets level, issues, severity and evidence.

    Without -o, a terminal gets a readable table and anything else JSON Lines. Texts that look identifiable stop the run
    before anything is written. A run into a file that is interrupted goes on with --resume.
    """
    for one, other, both in (("--table", "--json", table and json_), ("--overwrite", "--resume", overwrite and resume)):
        if both:
            message = f"{one} and {other} exclude each other"
            raise typer.BadParameter(message)
    if str(output) == "-":
        output = None
    tabled = table or (output is None and not json_ and sys.stdout.isatty())
    with ending_well(lambda: _interrupted(output)):
        from evenhand.batch import score_file

        with (
            _progress(shown=not quiet and output is not None and not tabled) as progress,
            _coder(model, cache) as coder,
        ):
            summary = score_file(
                sources[0] if len(sources) == 1 else sources,
                output or (None if tabled else "-"),
                model=coder,
                column=column,
                format=format_,
                encoding=encoding,
                delimiter=delimiter,
                sheet=sheet,
                privacy=privacy,
                unchecked=unchecked or (),
                overwrite=overwrite,
                resume=resume,
                progress=progress,
                on_chunk=_table_printer() if tabled else None,
            )
        _finish(summary, tabled=tabled, as_json=json_ and output is not None, quiet=quiet)
    if summary.rejected:
        raise typer.Exit(_SOME_REJECTED)


def _interrupted(output: Path | None) -> str:
    if output is None:
        return "Interrupted."
    from evenhand.batch.run import journal_of

    if journal_of(output).exists():
        return (
            f"Interrupted; what is done is kept, and the same command with --resume goes on. {output} is not there yet."
        )
    return f"Interrupted; {output} was not written."


@contextmanager
def _progress(*, shown: bool) -> Iterator[Callable[[str, int], None] | None]:
    """Show the number of rows done on standard error, if that is a terminal."""
    if not shown or not sys.stderr.isatty():
        yield None
        return
    from evenhand.render import make_console

    started: dict[str, float] = {}
    with make_console(sys.stderr).status("Loading the model") as status:

        def show(done: str, rows: int) -> None:
            seconds = time.perf_counter() - started.setdefault(done, time.perf_counter())
            rate = f", {rows / seconds:,.0f}/s" if seconds else ""
            status.update(f"{rows:,} rows {done}{rate}")

        yield show


@contextmanager
def _coder(model: Path | None, cache: Path | None) -> Iterator[KnownCoder]:
    """What codes the texts, as the options ask."""
    coder = ModelOnDemand(model)
    if cache is None:
        yield coder
        return
    from evenhand.batch.cache import CachedCoder

    with CachedCoder(coder, cache) as cached:
        yield cached


def _table_printer() -> Callable[[int, Sequence[str | None], Sequence[Coding]], None]:
    from evenhand.render import make_console, score_rows

    console = make_console(sys.stdout)

    def show(first: int, texts: Sequence[str | None], codings: Sequence[Coding]) -> None:
        console.print(score_rows(console, first, texts, codings, header=first == 1))

    return show


def _finish(summary: ScoreSummary, *, tabled: bool, as_json: bool, quiet: bool) -> None:
    """Print what belongs below the rows: the notice under a table, the summary on standard error."""
    if tabled:
        from evenhand.render import legend, make_console, notice

        console = make_console(sys.stdout)
        console.print()
        console.print(legend())
        console.print(notice())
    if as_json:
        print_data(json.dumps(asdict(summary), default=str))
    for name, carried in summary.renamed.items():
        say(f"Notice: your column {name!r} has a name of ours and is carried as {carried!r}.")
    if summary.other_sheets:
        others = ", ".join(map(repr, summary.other_sheets))
        say(f"Notice: one sheet was read; --sheet reads another of the workbook ({others}).")
    if quiet:
        return
    rows = "1 row" if summary.rows == 1 else f"{summary.rows:,} rows"
    counts = f"{rows} from column {summary.column!r}: {summary.coded:,} coded"
    counts += f", {summary.not_codable:,} not codable" if summary.not_codable else ""
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
