"""`evenhand flag`: how referrals are told, for one text or for files, with a report."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

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
from evenhand.cli_shared import ModelOption, TextFileOption, ending_well, load_model, print_data, read_text, say

if TYPE_CHECKING:
    from evenhand.framing import Flagger, Flags
    from evenhand.framing.report import ReportOptions
    from evenhand.scheme import Level

_FIRST_ROWS = 200  # in which a column of dates has one


def flag(
    sources: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[IN...]",
            help="With -o: CSV, JSON Lines, Parquet, Excel or text files, or a pattern in quotation marks. Without: one"
            " text; none at all reads it from standard input.",
        ),
    ] = None,
    output: Annotated[
        Path | None,
        typer.Option("--output", "-o", metavar="OUT", help="A .jsonl, .csv or .parquet file, or .jsonl.gz, .csv.gz."),
    ] = None,
    html: Annotated[
        Path | None, typer.Option(metavar="PAGE", help="Also write a report about all rows of OUT: PAGE.html and CSVs.")
    ] = None,
    by: Annotated[
        list[str] | None,
        typer.Option(metavar="COLUMN", help="Compare rates by a column, COLUMN:month for dates; can be repeated."),
    ] = None,
    outcome: Annotated[
        str | None,
        typer.Option(metavar="COLUMN", help="The level that was decided; the report then asks if framing is rewarded."),
    ] = None,
    outcome_level: Annotated[
        list[str] | None,
        typer.Option(metavar="WORDS=CODE", help="How an outcome is read: 'Level 3=C'; none, A, B, C or D. Repeatable."),
    ] = None,
    with_text: Annotated[
        bool, typer.Option("--with-text", help="Show example sentences in the report; then it holds texts.")
    ] = False,
    rewrites: Annotated[
        bool, typer.Option("--rewrites/--no-rewrites", help="Suggest how flagged sentences could be said.")
    ] = True,
    file: TextFileOption = None,
    column: ColumnOption = None,
    privacy: PrivacyOption = "refuse",
    unchecked: UncheckedOption = None,
    resume: ResumeOption = False,
    format_: FormatOption = None,
    encoding: EncodingOption = None,
    delimiter: DelimiterOption = None,
    sheet: SheetOption = None,
    model: ModelOption = None,
    framing_model: Annotated[
        Path | None, typer.Option(metavar="DIR", help="Framing model to use; by default the installed one.")
    ] = None,
    overwrite: OverwriteOption = False,
    json_: Annotated[bool, typer.Option("--json", help="Print the flags, or with -o the summary, as JSON.")] = False,
    quiet: QuietOption = False,
) -> None:
    """Show how referrals are told: framing with alternatives, balance, unmet needs, and what they still have to say.

    One text is printed marked. Files are flagged as they are scored: streaming, resumable, and refused where they look
    identifiable.
    """
    _check_options(
        html=html,
        output=output,
        by=by,
        outcome=outcome,
        outcome_level=outcome_level,
        with_text=with_text,
        file=file,
        overwrite=overwrite,
        resume=resume,
    )
    flagger = _FlaggerOnDemand(framing_model, model, rewrites=rewrites)
    if output is None:
        with ending_well():
            _one_text(sources or [], file, encoding, flagger, as_json=json_)
        return
    if not sources:
        message = "name the files to flag, or leave -o away to flag one text"
        raise typer.BadParameter(message)
    reading = {"format": format_, "encoding": encoding, "delimiter": delimiter, "sheet": sheet}
    with ending_well(lambda: interrupted(output)):
        from evenhand.framing.files import flag_file

        asked = {"by": by or (), "outcome": outcome, "outcome_levels": _levels(outcome_level or ())}
        report = _report(html, asked, sources, output, reading, with_text=with_text, replace=overwrite or resume)
        with progress_shown(shown=not quiet) as progress:
            summary = flag_file(
                sources[0] if len(sources) == 1 else sources,
                output,
                flagger=flagger,
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
            )
        finish(summary, done="read", blank="blank", as_json=json_, quiet=quiet)
    if report is not None:
        with ending_well(f"Interrupted; {output} is written, and the report is not. With --resume it is made."):
            from evenhand.framing.report import write_report

            coder = load_model(model) if outcome is not None else None
            written = write_report(output, summary, report, coder=coder)
            if not quiet:
                say(f"Report: {', '.join(str(path) for path in written)}")
    if summary.rejected:
        raise typer.Exit(SOME_REJECTED)


def _report(
    html: Path | None,
    asked: dict[str, Any],
    sources: list[str],
    output: Path,
    reading: Mapping[str, str | None],
    *,
    with_text: bool,
    replace: bool,
) -> ReportOptions | None:
    """What the report is asked for, checked as far as it can be before anything is flagged."""
    if html is None:
        return None
    from evenhand.framing.report import ReportOptions

    report = ReportOptions(html, **asked, with_text=with_text, overwrite=replace)
    columns, first = _columns(sources, reading)
    report.check(columns, others=[*sources, output], first=first)
    return report


def _levels(given: Sequence[str]) -> dict[str, Level]:
    """Levels of outcomes, as `--outcome-level` has them."""
    from evenhand.scheme import LEVELS

    found = {}
    for each in given:
        words, _, code = each.rpartition("=")
        level = next((level for level in LEVELS if level.lower() == code.strip().lower()), None)
        if level is None or not words.strip():
            message = f"--outcome-level takes WORDS=CODE with a code of {', '.join(LEVELS)}, such as 'Level 3=C'"
            raise typer.BadParameter(message)
        found[words] = level
    return found


Rows = Sequence[Mapping[str, Any]]


def _columns(sources: list[str], reading: Mapping[str, str | None]) -> tuple[Sequence[str] | None, Rows]:
    """The columns of the input and its first rows; None of standard input, which can be read only once."""
    if sources == ["-"]:
        return None, ()
    from evenhand.tables import open_table

    source = sources[0] if len(sources) == 1 else sources
    with open_table(
        source,
        chunk_rows=_FIRST_ROWS,
        format=reading["format"],
        encoding=reading["encoding"],
        delimiter=reading["delimiter"],
        sheet=reading["sheet"],
    ) as table:
        first = next(iter(table.chunks), None)
        return table.columns, first.rows if first else ()


class _FlaggerOnDemand:
    """A flagger that is loaded when the first texts come, so that a mistake in the input is told at once."""

    def __init__(self, framing: Path | None, coding: Path | None, *, rewrites: bool) -> None:
        self._framing, self._coding, self._rewrites = framing, coding, rewrites
        self._flagger: Flagger | None = None

    @property
    def identity(self) -> str:
        """Which models it has."""
        return self.loaded().identity

    def flag_many(self, texts: Iterable[str]) -> list[Flags]:
        """Flag each text by itself."""
        return self.loaded().flag_many(texts)

    def loaded(self) -> Flagger:
        """The flagger."""
        if self._flagger is None:
            from evenhand.framing import load_flagger

            coder = load_model(self._coding) if self._rewrites else None
            self._flagger = load_flagger(self._framing, coder=coder)
        return self._flagger


def _check_options(**given: Any) -> None:  # noqa: ANN401 - of several types
    if given["overwrite"] and given["resume"]:
        message = "--overwrite and --resume exclude each other"
        raise typer.BadParameter(message)
    if given["html"] is not None and given["output"] is None:
        message = "--html is about the rows of a file: name the files and -o OUT as well"
        raise typer.BadParameter(message)
    if given["outcome_level"] and not given["outcome"]:
        message = "--outcome-level says how the outcomes of --outcome COLUMN are read: say that as well"
        raise typer.BadParameter(message)
    if (given["by"] or given["outcome"] or given["with_text"]) and given["html"] is None:
        message = "--by, --outcome and --with-text are for the report: say --html PAGE as well"
        raise typer.BadParameter(message)
    if str(given["output"]) == "-":
        message = "flags of files go to a file: give -o a name"
        raise typer.BadParameter(message)
    if given["file"] is not None and given["output"] is not None:
        message = "--file is for one text; name files to flag without it"
        raise typer.BadParameter(message)


def _one_text(
    sources: list[str], file: Path | None, encoding: str | None, flagger: _FlaggerOnDemand, *, as_json: bool
) -> None:
    """Print one text marked."""
    if len(sources) > 1 or (sources and _is_file(sources[0])):
        message = "that is a file: say where its flags are to go with -o OUT, or give one text, or a text with --file"
        raise typer.BadParameter(message)
    if sources and _like_a_file(sources[0]):
        message = f"there is no file {sources[0]}; check its name, and say where its flags are to go with -o OUT"
        raise typer.BadParameter(message)
    text = read_text(sources[0] if sources else None, file, encoding)
    from evenhand.cli_shared import tell_identifiable

    tell_identifiable(text)
    flags = flagger.loaded().flag(text)
    if as_json:
        from evenhand.framing.contract import flag_fields
        from evenhand.tables.values import json_text

        print_data(json_text(flag_fields(flags)))
        return
    from evenhand.framing.render import marked
    from evenhand.render import make_console

    console = make_console(sys.stdout)
    console.print(marked(console, text, flags))


def _like_a_file(source: str) -> bool:
    """Whether an argument reads as the name of a table and not as a text."""
    from evenhand.tables.reading import FORMAT_BY_SUFFIX

    return not any(map(str.isspace, source)) and Path(source).suffix.lower() in FORMAT_BY_SUFFIX


def _is_file(source: str) -> bool:
    """Whether an argument names a file; a text is too long for a name, or has what no name has."""
    try:
        return source != "-" and Path(source).is_file()
    except (OSError, ValueError):
        return False
