"""The `evenhand` command: parse, call, print. Results go to standard output, the rest to standard error.

Exit status: 0 done, 1 failed (one line `Error: ...`), 2 wrong usage, 130 interrupted, 141 the reader of
standard output went away. What is slow to import is imported by the command that needs it.
"""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import asdict
from io import TextIOWrapper
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from evenhand import __version__
from evenhand.errors import EvenhandError

if TYPE_CHECKING:
    from evenhand.batch import ScoreSummary
    from evenhand.documents import Document
    from evenhand.model import Model
    from evenhand.result import Coding

_INTERRUPTED = 130  # 128 + SIGINT, as shells report it
_READER_GONE = 141  # 128 + SIGPIPE, likewise

app = typer.Typer(
    add_completion=False,
    no_args_is_help=True,
    pretty_exceptions_enable=False,  # its tracebacks show local variables, and those hold texts
    help="Code free-text concerns about children by level of intervention and issue, for research and audit."
    " Evenhand never decides about a child.",
)

ModelOption = Annotated[
    Path | None,
    typer.Option("--model", metavar="DIR", help="Model to use; by default the installed one."),
]


def main() -> None:
    """Run the command line and exit."""
    # A character that the terminal cannot show is no reason to stop; data are written as UTF-8 bytes instead.
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="replace")
    try:
        app()
    except EvenhandError as error:
        _say(f"Error: {error}")
        raise SystemExit(1) from None


def _say(message: str) -> None:
    print(message, file=sys.stderr)


@contextmanager
def _ending_well(interrupted: str = "Interrupted.") -> Iterator[None]:
    """Turn Ctrl-C and a closed pipe into exit states, with no traceback."""
    try:
        yield
        sys.stdout.flush()
    except KeyboardInterrupt:
        _say(interrupted)
        raise typer.Exit(_INTERRUPTED) from None
    except BrokenPipeError:
        # Python flushes standard output once more on its way out, and would complain there.
        with suppress(OSError, ValueError):
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        raise typer.Exit(_READER_GONE) from None


def _load(path: Path | None) -> Model:
    from evenhand.model import load

    return load(path)


class _ModelOnDemand:
    """A model that is loaded when the first texts come, so that a mistake in the input is told at once."""

    def __init__(self, path: Path | None) -> None:
        self._path = path
        self._model: Model | None = None

    def code_many(self, texts: Iterable[str]) -> list[Coding]:
        """Code each text by itself."""
        if self._model is None:
            self._model = _load(self._path)
        return self._model.code_many(texts)


def _print_data(text: str) -> None:
    """Write to standard output in UTF-8, whatever the terminal's encoding."""
    sys.stdout.flush()
    sys.stdout.buffer.write(f"{text}\n".encode())
    sys.stdout.buffer.flush()


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
    with _ending_well(nothing):
        from evenhand.batch import score_file

        with _progress(shown=not quiet and output is not None and not tabled) as progress:
            summary = score_file(
                source,
                output or (None if tabled else "-"),
                model=_ModelOnDemand(model),
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
        _print_data(json.dumps(asdict(summary), default=str))
    for name, carried in summary.renamed.items():
        _say(f"Notice: your column {name!r} has a name of ours and is carried as {carried!r}.")
    if quiet:
        return
    rows = "1 row" if summary.rows == 1 else f"{summary.rows:,} rows"
    counts = f"{rows} from column {summary.column!r}: {summary.coded:,} coded"
    counts += f", {summary.not_codable:,} not codable" if summary.not_codable else ""
    counts += f", {summary.truncated:,} not read to the end" if summary.truncated else ""
    _say(f"{counts}; {summary.seconds:.1f} s" + (f"; written to {summary.output}" if summary.output else ""))


@app.command()
def explain(
    text: Annotated[
        str | None, typer.Argument(metavar="[TEXT]", help="The text; without it, standard input is read.")
    ] = None,
    file: Annotated[
        Path | None,
        typer.Option(help="Read the text from a file, which leaves no trace in a shell's history."),
    ] = None,
    encoding: Annotated[str | None, typer.Option(help="Of the file, for instance cp1252; default UTF-8.")] = None,
    model: ModelOption = None,
    json_: Annotated[bool, typer.Option("--json", help="Print the coding as JSON.")] = False,
) -> None:
    """Show how one text is coded, sentence by sentence, and which sentence decided."""
    if text is not None and file is not None:
        message = "give either a text or --file, not both"
        raise typer.BadParameter(message)
    with _ending_well():
        given = _read_text(text, file, encoding)
        coding = _load(model).code(given)
        if json_:
            from evenhand.tables.values import json_text

            _print_data(json_text(coding.to_dict()))
            return
        from evenhand.render import explain as explained
        from evenhand.render import make_console

        console = make_console(sys.stdout)
        console.print(explained(console, given, coding))


def _read_text(text: str | None, file: Path | None, encoding: str | None) -> str:
    """Return the text to explain from the argument, a file or standard input.

    Raises:
        InputError: the file cannot be read.
    """
    if text is not None and text != "-":
        return text
    if file is None and sys.stdin.isatty():
        message = "give a text, --file FILE, or a text on standard input"
        raise typer.BadParameter(message)
    from evenhand.tables.source import Source, decoded_lines

    source = Source.of(file or "-")
    with source.open() as stream:
        return "".join(decoded_lines(stream, name=source.name, encoding=encoding))


@app.command()
def code(
    sources: Annotated[
        list[Path], typer.Argument(metavar="FILE...", help="Threshold documents: PDF, .docx, web page or text.")
    ],
    output: Annotated[Path, typer.Option("--output", "-o", metavar="OUT", help="A .csv, .jsonl, .xlsx or .html file.")],
    from_review: Annotated[
        bool,
        typer.Option("--from-review", help="FILE is an edited .csv or .xlsx of this command; take it back."),
    ] = False,
    coder: Annotated[str | None, typer.Option(help="With --from-review: who edited, a name or a code.")] = None,
    blind: Annotated[
        int | None,
        typer.Option(min=1, metavar="N", help="Write N descriptors without the model's codes, to code by hand."),
    ] = None,
    search_terms: Annotated[
        bool, typer.Option("--search-terms", help="Also code by search terms, as the 2018 inquiry did.")
    ] = False,
    model: ModelOption = None,
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Replace OUT if it exists.")] = False,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="No progress and no summary.")] = False,
) -> None:
    """Code threshold documents: every descriptor with its page, level, section, issues and severity.

    Beside OUT stand OUT.levels.toml, where a person may set what each level means in law before a rerun, and
    OUT.warnings.jsonl. A file that cannot be read is named, the others are coded, and the exit status is 1.
    """
    if from_review and (coder is None or len(sources) != 1):
        message = "--from-review takes one FILE, and --coder NAME to say who edited it"
        raise typer.BadParameter(message)
    with _ending_well(f"Interrupted; {output} was not written."):
        from evenhand.documents.files import code_files, review_file

        if from_review:
            reviewed = review_file(sources[0], output, coder=str(coder), overwrite=overwrite)
            if not quiet:
                _say(f"{len(reviewed.rows):,} rows, {reviewed.edited:,} edited by {coder}")
                _say(f"written to {', '.join(map(str, reviewed.written))}")
            if reviewed.methods:
                _print_data(reviewed.methods.rstrip())
            return
        with _page_progress(shown=not quiet) as progress:
            summary = code_files(
                sources,
                output,
                model=_ModelOnDemand(model),
                overwrite=overwrite,
                blind=blind,
                terms=search_terms,
                progress=progress,
            )
        for reason in summary.failed.values():
            _say(f"Not read: {reason}")
        if not quiet:
            for document in summary.documents:
                _say(_told_of(document))
            _say(f"written to {', '.join(map(str, summary.written))}")
        if summary.failed:
            raise typer.Exit(1)


@contextmanager
def _page_progress(*, shown: bool) -> Iterator[Callable[[str, int, int], None] | None]:
    """Show which page of which document is read, on standard error, if that is a terminal."""
    if not shown or not sys.stderr.isatty():
        yield None
        return
    from evenhand.render import make_console

    with make_console(sys.stderr).status("Reading") as status:
        yield lambda name, done, pages: status.update(f"{name}: page {done} of {pages}")


def _told_of(document: Document) -> str:
    """One line on what a document came to: levels, descriptors, words left over, warnings."""
    words = sum(part.words for part in document.coverage)
    used = sum(part.used for part in document.coverage)
    levels = ", ".join(f"{level.native} = {'+'.join(level.levels) or '?'}" for level in document.levels) or "no levels"
    told = f"{document.name}: {len(document.descriptors):,} descriptors; {levels}"
    told += f"; {used:,} of {words:,} words are in descriptors"
    told += "; read whole" if document.read_whole else ""
    warnings = len(document.troubles)
    return told + (f"; {warnings} warning{'' if warnings == 1 else 's'}" if warnings else "")


@app.command()
def info(
    model: ModelOption = None,
    json_: Annotated[bool, typer.Option("--json", help="Print the facts as JSON.")] = False,
) -> None:
    """Show what the model is, what it is for and how well it does."""
    with _ending_well():
        facts = _load(model).info()
        if json_:
            _print_data(json.dumps(facts, ensure_ascii=False, indent=2))
            return
        from evenhand.render import info as shown
        from evenhand.render import make_console

        console = make_console(sys.stdout)
        console.print(shown(console, facts))


if __name__ == "__main__":
    main()
