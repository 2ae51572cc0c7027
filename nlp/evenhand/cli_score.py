"""`evenhand score`: files of texts in, files of codings out."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from evenhand.cli_options import (
    SOME_REJECTED,
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
    finish,
    interrupted,
    progress_shown,
)
from evenhand.cli_shared import ModelOnDemand, ModelOption, ending_well

if TYPE_CHECKING:
    from evenhand.result import Coding, KnownCoder


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
        if tabled:
            _table_ended()
        finish(summary, done="coded", blank="not codable", as_json=json_ and output is not None, quiet=quiet)
    if summary.rejected:
        raise typer.Exit(SOME_REJECTED)


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


def _table_ended() -> None:
    """Print the notice that belongs under a table."""
    from evenhand.render import legend, make_console, notice

    console = make_console(sys.stdout)
    console.print()
    console.print(legend())
    console.print(notice())
