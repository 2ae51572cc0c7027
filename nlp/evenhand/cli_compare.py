"""The commands that look across areas: `compare`, `where`, `changes` and `sample-areas`."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from evenhand.cli_shared import (
    ModelOption,
    TextEncodingOption,
    TextFileOption,
    ending_well,
    load_model,
    print_data,
    read_text,
    say,
)

if TYPE_CHECKING:
    from evenhand.consistency.collection import Collection

DocumentsOption = Annotated[
    Path | None,
    typer.Option(
        "--documents",
        metavar="CSV",
        help="Whose the coded files are: columns file, area, year, url, read_whole; without it each is an area.",
    ),
]
OverwriteOption = Annotated[bool, typer.Option("--overwrite", help="Replace what exists.")]
QuietOption = Annotated[bool, typer.Option("--quiet", "-q", help="No progress and no summary.")]


def compare(
    output: Annotated[Path, typer.Option("--output", "-o", metavar="REPORT", help="An .html file.")],
    sources: Annotated[
        list[Path] | None,
        typer.Argument(
            metavar="[FILE...]",
            help="Files that `evenhand code` wrote, or an annotations folder; without any the published descriptors.",
        ),
    ] = None,
    documents: DocumentsOption = None,
    covariates: Annotated[
        Path | None,
        typer.Option(metavar="CSV", help="A column `area` and what thresholds may go with: numbers or categories."),
    ] = None,
    sample: Annotated[
        bool, typer.Option("--sample", help="Sample with NumPyro in place of the fast fit; takes minutes.")
    ] = False,
    model: ModelOption = None,
    overwrite: OverwriteOption = False,
    quiet: QuietOption = False,
) -> None:
    """Compare areas: where each one's bars sit, the same situation at different levels, and what is not mentioned.

    Beside REPORT stand tables of every figure in it. Documents are compared, not what is done for children.
    """
    with ending_well(f"Interrupted; {output} was not written."):
        from evenhand.consistency.comparison import compare as compared
        from evenhand.consistency.covariates import read_covariates
        from evenhand.consistency.report import check_report, write_report

        check_report(output, sources or [], overwrite=overwrite)
        collection = _read(sources, documents)
        given = read_covariates(covariates) if covariates is not None else None
        with _steps(shown=not quiet) as progress:
            found = compared(collection, load_model(model), covariates=given, sample=sample, progress=progress)
            progress("writing the report")
            written = write_report(found, output, overwrite=overwrite)
        if not quiet:
            for note in (*collection.notes, *found.notes):
                say(f"Notice: {note}")
            from evenhand.consistency.report.words import count

            differing = sum(one.differs for one in found.situations)
            ranked = len({one.area for one in found.thresholds if one.enough})
            say(
                f"{count(len(collection.documents), 'document')} of {count(len(collection.areas), 'area')},"
                f" {count(len(collection.descriptors), 'descriptor')}; read enough for a threshold:"
                f" {count(ranked, 'area')}; at different levels: {count(differing, 'situation')}"
            )
            say(f"written to {', '.join(map(str, written))}")


def where(
    text: Annotated[
        str | None, typer.Argument(metavar="[TEXT]", help="One concern; without it, standard input is read.")
    ] = None,
    file: TextFileOption = None,
    encoding: TextEncodingOption = None,
    sources: Annotated[
        list[Path] | None,
        typer.Option(
            "--coded",
            metavar="FILE",
            help="A file that `evenhand code` wrote, or an annotations folder; may be given again. By default the"
            " published descriptors.",
        ),
    ] = None,
    documents: DocumentsOption = None,
    area: Annotated[
        list[str] | None, typer.Option(metavar="AREA", help="Show this area only; may be given again.")
    ] = None,
    precedents: Annotated[int, typer.Option(min=0, max=20, help="How many of each area to show.")] = 3,
    model: ModelOption = None,
    json_: Annotated[bool, typer.Option("--json", help="Print all areas as JSON.")] = False,
) -> None:
    """Show at which level each area's documents would likely put a concern, and the descriptors nearest to it."""
    with ending_well():
        from evenhand.consistency.thresholds import fit_thresholds
        from evenhand.consistency.where import chosen
        from evenhand.consistency.where import where as found_where

        given = read_text(text, file, encoding)
        collection = _read(sources, documents)
        rows = collection.threshold_rows()
        posterior = fit_thresholds(rows) if any(row.informs for row in rows) else None
        found = found_where(given, collection, posterior, load_model(model), precedents=precedents)
        if area:
            found = chosen(found, area)
        if json_:
            print_data(json.dumps(found.to_dict(), ensure_ascii=False))
            return
        from evenhand.render import make_console
        from evenhand.render_where import where as shown

        console = make_console(sys.stdout)
        console.print(shown(found))


def changes(
    before: Annotated[Path, typer.Argument(metavar="BEFORE", help="The earlier version, coded by `evenhand code`.")],
    after: Annotated[Path, typer.Argument(metavar="AFTER", help="The later version, coded likewise.")],
    output: Annotated[Path, typer.Option("--output", "-o", metavar="OUT", help="A .csv file.")],
    model: ModelOption = None,
    overwrite: OverwriteOption = False,
    quiet: QuietOption = False,
) -> None:
    """Compare two versions of one area's document: which concerns moved, appeared and vanished."""
    with ending_well(f"Interrupted; {output} was not written."):
        from evenhand.consistency.change import changes as found_changes
        from evenhand.consistency.change_table import change_table
        from evenhand.output import check_output, replacing

        check_output(output, [before, after], (".csv",), overwrite=overwrite)
        if before.exists() and after.exists() and before.samefile(after):
            message = "BEFORE and AFTER are the same file; give two versions"
            raise typer.BadParameter(message)
        old, new = _one_document(before, "before"), _one_document(after, "after")
        documents = (old.documents[0], new.documents[0])
        found = found_changes(old.descriptors, new.descriptors, load_model(model), documents=documents)
        with replacing(output, overwrite=overwrite) as part:
            part.write_text(change_table(found), encoding="utf-8", newline="")
        if not quiet:
            say(", ".join(f"{count:,} {kind}" for kind, count in found.counts().items() if count))
            for line in (*map(str, found.levels), *found.notes):
                say(line)
            say(f"written to {output}")


def sample_areas(
    covariates: Annotated[Path, typer.Argument(metavar="CSV", help="A column `area`, and numbers or categories.")],
    count: Annotated[int, typer.Option("--count", "-n", min=1, help="How many areas to pick.")],
    keep: Annotated[
        list[str] | None, typer.Option(metavar="AREA", help="An area that has to be among them; may be given again.")
    ] = None,
    seed: Annotated[int, typer.Option(help="The same seed picks the same areas.")] = 2026,
    json_: Annotated[bool, typer.Option("--json", help="Print areas and agreement as JSON.")] = False,
) -> None:
    """Pick areas whose documents to read, so that they cover what areas differ in as a stratified sample does."""
    with ending_well():
        from evenhand.consistency.sampling import pick_areas

        found = pick_areas(covariates, count, keep=keep or (), seed=seed)
        if json_:
            print_data(json.dumps(asdict(found), ensure_ascii=False))
            return
        print_data("\n".join(found.areas))
        for one in found.agreement:
            say(
                f"{one.covariate}, {one.part}: {one.sample:.3g} in the sample, {one.expected:.3g} expected,"
                f" {one.everywhere:.3g} of all"
            )
        say(f"agrees better than {found.better_than:.0%} of random samples of this size")
        for note in found.notes:
            say(note)


def _one_document(path: Path, version: str) -> Collection:
    """A file of coded descriptors that holds one document, whose id says which version it is: names may be the same.

    Raises:
        InputError: it holds several.
    """
    from evenhand.errors import InputError

    collection = _read([path], None)
    if len(collection.documents) > 1:
        message = f"{path}: holds {len(collection.documents)} documents; code the version to compare by itself"
        raise InputError(message)
    named = f"{collection.documents[0].id} ({version})"
    return replace(
        collection,
        documents=(replace(collection.documents[0], id=named),),
        descriptors=tuple(replace(row, document=named) for row in collection.descriptors),
    )


def _read(sources: list[Path] | None, documents: Path | None) -> Collection:
    from evenhand.consistency.reading import read_collection

    return read_collection(sources or [], documents=documents)


@contextmanager
def _steps(*, shown: bool) -> Iterator[Callable[[str], None]]:
    """Show what is done on standard error, if that is a terminal."""
    if not shown or not sys.stderr.isatty():
        yield lambda step: None
        return
    from evenhand.render import make_console

    with make_console(sys.stderr).status("reading") as status:
        yield lambda step: status.update(step)
