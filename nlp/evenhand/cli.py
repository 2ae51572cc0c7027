"""The `evenhand` command: parse, call, print. Results go to standard output, the rest to standard error.

Exit status: 0 done, 1 failed (one line `Error: ...`), 2 wrong usage, 3 done but for rows that could not be read,
130 interrupted, 141 the reader of standard output went away. What is slow to import is imported by the command that
needs it.
"""

from __future__ import annotations

import json
import sys
from io import TextIOWrapper
from typing import Annotated

import typer

from evenhand import __version__
from evenhand.cli_annotate import annotate
from evenhand.cli_annotate_project import add_projects
from evenhand.cli_code import code
from evenhand.cli_compare import changes, compare, sample_areas, where
from evenhand.cli_flag import flag
from evenhand.cli_score import score
from evenhand.cli_shared import (
    ModelOption,
    TextEncodingOption,
    TextFileOption,
    app,
    ending_well,
    load_model,
    print_data,
    read_text,
    say,
    tell_identifiable,
)
from evenhand.errors import EvenhandError


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


app.command()(score)


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
        tell_identifiable(given)
        coding = load_model(model).code(given)
        if json_:
            from evenhand.tables.values import json_text

            print_data(json_text(coding.to_dict()))
            return
        from evenhand.render import explain as explained
        from evenhand.render import make_console

        console = make_console(sys.stdout)
        console.print(explained(console, given, coding))


app.command()(flag)
app.command()(code)
app.command()(compare)
app.command()(where)
app.command()(changes)
app.command("sample-areas")(sample_areas)
add_projects(annotate)
app.add_typer(annotate)


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
