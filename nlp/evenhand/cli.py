"""The `evenhand` command: parse, call, print. Results go to standard output, the rest to standard error.

Exit status: 0 done, 1 failed (one line `Error: ...`), 2 wrong usage, 130 interrupted, 141 the reader of
standard output went away. What is slow to import is imported by the command that needs it.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from io import TextIOWrapper
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from evenhand import __version__
from evenhand.cli_code import code
from evenhand.cli_compare import changes, compare, sample_areas, where
from evenhand.cli_shared import (
    ModelOnDemand,
    ModelOption,
    TextEncodingOption,
    TextFileOption,
    app,
    ending_well,
    load_model,
    print_data,
    read_text,
    say,
)
from evenhand.errors import EvenhandError

if TYPE_CHECKING:
    from evenhand.batch import ScoreSummary
    from evenhand.result import Coding


def main() -> None:
    """Run the command line and exit."""
    # A character that the terminal cannot show is no reason to stop; data are written as UTF-8 bytes instead.
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="replace")
    try:
        app()
    except EvenhandError as error:
        say(f"Error: {error}")
        raise SystemExit(1) from None


def _print_version(wanted: bool) -> None:
    if wanted:
        print(f"evenhand {__version__}")
        raise typer.Exit


@app.callback()
def _options(
    version: Annotated[
        bool, typer.Option("--version", callback=_print_version, is_eager=True, help="Show the version.")
    ] = False,
) -> None:
    """Take the options that come before a command."""


@app.command()
def score(
    source: Annotated[
        str, typer.Argument(metavar="IN", help="CSV, JSON Lines, Parquet or text file; - for standard input.")
    ],
    output: Annotated[
        Path | None, typer.Option("--output", "-o", metavar="OUT", help="A .jsonl, .csv or .parquet file.")
    ] = None,
    column: Annotated[str | None, typer.Option(help="Column that holds the texts; by default found.")] = None,
    format_: Annotated[
        str | None, typer.Option("--format", help="csv, jsonl, parquet or txt; by default the suffix says.")
    ] = None,
    encoding: Annotated[str | None, typer.Option(help="Of the input, for instance cp1252; default UTF-8.")] = None,
    delimiter: Annotated[str | None, typer.Option(help="Of CSV; by default comma, semicolon or tab.")] = None,
    model: ModelOption = None,
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Replace OUT if it exists.")] = False,
    table: Annotated[bool, typer.Option("--table", help="Print a readable table.")] = False,
    json_: Annotated[
        bool, typer.Option("--json", help="JSON Lines on a terminal too; with -o, the summary as JSON.")
    ] = False,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="No progress and no summary.")] = False,
) -> None:
    """Code every text of a file; each row keeps its columns and gets level, issues, severity and evidence.

    Without -o, a terminal gets a readable table and anything else JSON Lines.
    """
    if table and json_:
        message = "--table and --json exclude each other"
        raise typer.BadParameter(message)
    if str(output) == "-":
        output = None
    tabled = table or (output is None and not json_ and sys.stdout.isatty())
    nothing = f"Interrupted; {output} was not written." if output else "Interrupted."
    with ending_well(nothing):
        from evenhand.batch import score_file

        with _progress(shown=not quiet and output is not None and not tabled) as progress:
            summary = score_file(
                source,
                output or (None if tabled else "-"),
                model=ModelOnDemand(model),
                column=column,
                format=format_,
                encoding=encoding,
                delimiter=delimiter,
                overwrite=overwrite,
                progress=progress,
                on_chunk=_table_printer() if tabled else None,
            )
        _finish(summary, tabled=tabled, as_json=json_ and output is not None, quiet=quiet)


@contextmanager
def _progress(*, shown: bool) -> Iterator[Callable[[int], None] | None]:
    """Show the number of rows done on standard error, if that is a terminal."""
    if not shown or not sys.stderr.isatty():
        yield None
        return
    from evenhand.render import make_console

    started = time.perf_counter()
    with make_console(sys.stderr).status("Loading the model") as status:
        yield lambda rows: status.update(f"{rows:,} rows, {rows / (time.perf_counter() - started):,.0f}/s")


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
    if quiet:
        return
    rows = "1 row" if summary.rows == 1 else f"{summary.rows:,} rows"
    counts = f"{rows} from column {summary.column!r}: {summary.coded:,} coded"
    counts += f", {summary.not_codable:,} not codable" if summary.not_codable else ""
    counts += f", {summary.truncated:,} not read to the end" if summary.truncated else ""
    say(f"{counts}; {summary.seconds:.1f} s" + (f"; written to {summary.output}" if summary.output else ""))


@app.command()
def explain(
    text: Annotated[
        str | None, typer.Argument(metavar="[TEXT]", help="The text; without it, standard input is read.")
    ] = None,
    file: TextFileOption = None,
    encoding: TextEncodingOption = None,
    model: ModelOption = None,
    json_: Annotated[bool, typer.Option("--json", help="Print the coding as JSON.")] = False,
) -> None:
    """Show how one text is coded, sentence by sentence, and which sentence decided."""
    with ending_well():
        given = read_text(text, file, encoding)
        coding = load_model(model).code(given)
        if json_:
            from evenhand.tables.values import json_text

            print_data(json_text(coding.to_dict()))
            return
        from evenhand.render import explain as explained
        from evenhand.render import make_console

        console = make_console(sys.stdout)
        console.print(explained(console, given, coding))


app.command()(code)
app.command()(compare)
app.command()(where)
app.command()(changes)
app.command("sample-areas")(sample_areas)


@app.command()
def info(
    model: ModelOption = None,
    json_: Annotated[bool, typer.Option("--json", help="Print the facts as JSON.")] = False,
) -> None:
    """Show what the model is, what it is for and how well it does."""
    with ending_well():
        facts = load_model(model).info()
        if json_:
            print_data(json.dumps(facts, ensure_ascii=False, indent=2))
            return
        from evenhand.render import info as shown
        from evenhand.render import make_console

        console = make_console(sys.stdout)
        console.print(shown(console, facts))


if __name__ == "__main__":
    main()
