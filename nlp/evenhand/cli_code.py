"""The command `evenhand code`: threshold documents in, coded descriptors out, and reviewed sheets back."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from evenhand.cli_shared import ModelOnDemand, ModelOption, ending_well, print_data, say

if TYPE_CHECKING:
    from evenhand.documents import Document


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
        typer.Option(
            min=1,
            metavar="N",
            help="Write some N descriptors, one or more a document, without the model's codes, to code by hand.",
        ),
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
    if from_review and (blind is not None or search_terms):
        message = "--blind and --search-terms are for documents, not for a sheet that comes back"
        raise typer.BadParameter(message)
    if coder is not None and not from_review:
        message = "--coder says who edited a sheet; it goes with --from-review"
        raise typer.BadParameter(message)
    with ending_well(f"Interrupted; {output} was not written."):
        from evenhand.documents.files import code_files, review_file

        if from_review:
            reviewed = review_file(sources[0], output, coder=str(coder), overwrite=overwrite)
            if not quiet:
                say(f"{len(reviewed.rows):,} rows, {reviewed.edited:,} edited by {coder}")
                say(f"written to {', '.join(map(str, reviewed.written))}")
            if reviewed.methods:
                print_data(reviewed.methods.rstrip())
            return
        with _page_progress(shown=not quiet) as progress:
            summary = code_files(
                sources,
                output,
                model=ModelOnDemand(model),
                overwrite=overwrite,
                blind=blind,
                terms=search_terms,
                progress=progress,
            )
        for reason in summary.failed.values():
            say(f"Not read: {reason}")
        if not quiet:
            for document in summary.documents:
                say(_told_of(document))
            say(f"written to {', '.join(map(str, summary.written))}")
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
