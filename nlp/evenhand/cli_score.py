"""`evenhand score`: files of texts in, files of codings out."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from evenhand.cli_options import (
    ColumnOption,
    DelimiterOption,
    EncodingOption,
    FormatOption,
    OverwriteOption,
    PrivacyOption,
    QuietOption,
    ResumeOption,
    SheetOption,
    UncheckedOption,
    interrupted,
    progress_shown,
    tell_privacy,
)
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
    column: ColumnOption = None,
    privacy: PrivacyOption = "refuse",
    unchecked: UncheckedOption = None,
    resume: ResumeOption = False,
    cache: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Keep codings by keyed hash, without texts, and reuse those there."),
    ] = None,
    format_: FormatOption = None,
    encoding: EncodingOption = None,
    delimiter: DelimiterOption = None,
    sheet: SheetOption = None,
    model: ModelOption = None,
    overwrite: OverwriteOption = False,
    table: Annotated[bool, typer.Option("--table", help="Print a readable table.")] = False,
    json_: Annotated[
        bool, typer.Option("--json", help="JSON Lines on a terminal too; with -o, the summary as JSON.")
    ] = False,
    quiet: QuietOption = False,
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
    with ending_well(lambda: interrupted(output)):
        from evenhand.batch import score_file

        with (
            progress_shown(shown=not quiet and output is not None and not tabled) as progress,
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
    tell_privacy(summary.privacy)
