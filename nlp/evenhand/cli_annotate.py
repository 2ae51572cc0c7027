"""`evenhand annotate`: codings out to other programs and back, and how far coders agree."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from evenhand.cli_options import OverwriteOption, PrivacyOption
from evenhand.cli_shared import ModelOption, ending_well, load_model, print_data, say
from evenhand.errors import InputError, PrivacyError

if TYPE_CHECKING:
    from evenhand.annotate import Annotations, Coder

annotate = typer.Typer(
    name="annotate", help="Codings by people and models: export, import, agreement.", no_args_is_help=True
)
SourcesArgument = Annotated[
    list[Path], typer.Argument(metavar="IN...", help="Files of codings, projects, sheets, or tables.")
]
ColumnOption = Annotated[str | None, typer.Option("--column", metavar="COLUMN", help="Of the texts in a table.")]
IdOption = Annotated[str | None, typer.Option("--id", metavar="COLUMN", help="Of the ids in a table.")]
DocumentOption = Annotated[
    str | None,
    typer.Option("--document", metavar="COLUMN", help="Where a text of a table comes from; by default its file."),
]
PredictOption = Annotated[
    bool, typer.Option("--predict", help="Add the model's coding of each text, told apart from people's.")
]


@annotate.command("export")
def export(
    sources: SourcesArgument,
    output: Annotated[
        Path,
        typer.Option(
            "--output",
            "-o",
            metavar="OUT",
            help="Its suffix says the format: .json Label Studio, .qdpx REFI-QDA, .jsonld Web Annotation, .csv, .xlsx,"
            " .jsonl Evenhand's own.",
        ),
    ],
    predict: PredictOption = False,
    column: ColumnOption = None,
    id_: IdOption = None,
    document: DocumentOption = None,
    model: ModelOption = None,
    privacy: PrivacyOption = "refuse",
    overwrite: OverwriteOption = False,
) -> None:
    """Write texts and codings in the format of another program, with who coded what, when and how sure.

    With .json, the labelling configuration of Label Studio goes beside it (OUT.config.xml); with .qdpx, the codebook
    (OUT.qdc).
    """
    from evenhand.annotate.formats import write_annotations
    from evenhand.annotate.sources import predicted

    with ending_well():
        _check_outputs(output, sources, overwrite=overwrite)
        found = read(sources, column, id_, document)
        check_privacy(found, privacy)
        if predict:
            found = predicted(found, load_model(model), now=datetime.now(UTC).replace(microsecond=0))
        write_annotations(found, output, overwrite=overwrite, sources=sources)
        beside = _beside(output, overwrite=overwrite)
        say(f"{len(found.units):,} texts and {len(found.codings):,} codings written to {output}{beside}")


@annotate.command("import")
def import_(
    sources: SourcesArgument,
    output: Annotated[Path, typer.Option("--output", "-o", metavar="OUT", help="A .jsonl file, or another format.")],
    privacy: PrivacyOption = "refuse",
    overwrite: OverwriteOption = False,
) -> None:
    """Read codings that other programs wrote, and put them together; every coding keeps its coder."""
    from evenhand.annotate.formats import write_annotations

    with ending_well():
        found = read(sources)
        check_privacy(found, privacy)
        write_annotations(found, output, overwrite=overwrite, sources=sources)
        people = sum(coder.kind == "person" for coder in found.coders)
        told = f"{people} people and {len(found.coders) - people} models" if found.coders else "nobody yet"
        say(f"{len(found.units):,} texts and {len(found.codings):,} codings by {told} written to {output}")


@annotate.command("agree")
def agree(
    sources: SourcesArgument,
    html: Annotated[Path | None, typer.Option(metavar="PAGE", help="Also write a report with pictures.")] = None,
    coder: Annotated[
        list[str] | None, typer.Option(metavar="NAME", help="Compare these coders alone; can be repeated.")
    ] = None,
    with_text: Annotated[
        bool, typer.Option("--with-text", help="Show texts beside disagreements; then the report holds them.")
    ] = False,
    json_: Annotated[bool, typer.Option("--json", help="Print all figures and disagreements as JSON.")] = False,
    overwrite: OverwriteOption = False,
) -> None:
    """How far coders agree: Krippendorff's alpha with intervals, by issue and level, and where they differ."""
    from evenhand.annotate.agree import compare_coders
    from evenhand.annotate.agree_page import methods, page, told
    from evenhand.output import check_output, replacing

    with ending_well():
        if html is not None:
            check_output(html, sources, (".html", ".htm"), overwrite=overwrite)
        found = read(sources)
        compared = compare_coders(found, _named(found.coders, coder))
        if html is not None:
            texts = {unit.id: unit.text for unit in found.units} if with_text else None
            content = page(compared, texts)
            with replacing(html, overwrite=overwrite) as part:
                part.write_text(content, encoding="utf-8")
        if json_:
            print_data(json.dumps({**compared.to_dict(), "methods": methods(compared)}, ensure_ascii=False))
        else:
            print_data(told(compared))
        if html is not None:
            say(f"Written to {html}")


@annotate.command("queue")
def queue(
    sources: SourcesArgument,
    output: Annotated[Path, typer.Option("--output", "-o", metavar="OUT", help="A .csv file of ids and reasons.")],
    column: ColumnOption = None,
    id_: IdOption = None,
    document: DocumentOption = None,
    model: ModelOption = None,
    with_text: Annotated[
        bool, typer.Option("--with-text", help="Also write the texts; then the file holds them.")
    ] = False,
    overwrite: OverwriteOption = False,
) -> None:
    """Which texts to code next or to look at again: the most useful first, each with its reasons."""
    from evenhand.annotate.queue import review_queue
    from evenhand.consistency.csv_text import csv_text
    from evenhand.output import check_output, replacing

    with ending_well():
        check_output(output, sources, (".csv",), overwrite=overwrite)
        collection = read(sources, column, id_, document)
        found = review_queue(collection, load_model(model))
        texts = {unit.id: unit.text for unit in collection.units}
        header = ("place", "unit", "document", "score", "reasons", "coded_by", *["text"] * with_text)
        lines = [
            (place, one.unit, one.document, round(one.score, 5), "; ".join(one.reasons), ", ".join(one.coded_by))
            + (texts[one.unit],) * with_text
            for place, one in enumerate(found, 1)
        ]
        with replacing(output, overwrite=overwrite) as part:
            part.write_text(csv_text(header, lines), encoding="utf-8-sig", newline="")
        reasons = sum(bool(one.reasons) for one in found)
        say(f"{len(found):,} texts, {reasons:,} with a reason to look at them, written to {output}")


def read(
    sources: Sequence[Path], column: str | None = None, id_: str | None = None, document: str | None = None
) -> Annotations:
    """Texts and codings of several files; what is to be known of them is told.

    Raises:
        InputError: one cannot be read.
    """
    from evenhand.annotate.sources import TableOptions, notices, read_sources

    found = read_sources(sources, TableOptions(column, id_, document))
    for notice in notices(sources, found):
        say(f"Notice: {notice}.")
    return found


def _named(coders: Sequence[Coder], names: Sequence[str] | None) -> list[Coder] | None:
    """The coders that were asked for.

    Raises:
        InputError: one is not there.
    """
    if not names:
        return None
    known = {coder.label: coder for coder in coders}
    for name in names:
        if name not in known:
            message = f"--coder {name}: nobody is called so (there are: {', '.join(known) or 'none'})"
            raise InputError(message)
    return [known[name] for name in names]


def check_privacy(found: Annotations, privacy: str) -> None:
    """The privacy gate on texts, notes and columns.

    Raises:
        InputError: the mode is unknown, or one that would change texts under their codings.
        PrivacyError: something looks identifiable.
    """
    from evenhand.annotate.sources import check_texts
    from evenhand.batch.gate import Privacy, checker_for, privacy_mode
    from evenhand.privacy import load_checker

    mode = privacy_mode(privacy)
    if mode is Privacy.REDACT:
        message = (
            "texts with codings are not changed; use `evenhand score --privacy redact` on them before they are coded"
        )
        raise InputError(message)
    checker = checker_for(mode, load_checker, otherwise="say --privacy patterns to leave names unchecked")
    if checker is None:
        say("Notice: the texts were not checked for what could identify somebody.")
        return
    try:
        check_texts(found, checker)
    except PrivacyError as error:
        if mode is not Privacy.WARN:
            raise
        say(f"Notice: {str(error).partition(', so nothing')[0]}.")


_BESIDE = {".json": ".config.xml", ".qdpx": ".qdc"}  # what goes with a format: how to code, and the codebook


def _check_outputs(output: Path, sources: Sequence[Path], *, overwrite: bool) -> None:
    """Make sure before any work that what will be written can be.

    Raises:
        OutputError: something is there already, or is one of the sources.
    """
    from evenhand.annotate.formats import FORMATS
    from evenhand.output import check_output

    check_output(output, sources, tuple(FORMATS), overwrite=overwrite)
    if beside := _BESIDE.get(output.suffix.lower()):
        check_output(output.with_suffix(beside), sources, (beside,), overwrite=overwrite)


def _beside(output: Path, *, overwrite: bool) -> str:
    """Write what goes with a format, and say so."""
    from evenhand.output import replacing

    suffix = _BESIDE.get(output.suffix.lower())
    if suffix is None:
        return ""
    if suffix == ".qdc":
        from evenhand.annotate.refi import codebook

        content, told = codebook(), "codebook"
    else:
        from evenhand.annotate.label_studio import labelling_config

        content, told = labelling_config().encode(), "labelling configuration"
    with replacing(output.with_suffix(suffix), overwrite=overwrite) as part:
        part.write_bytes(content)
    return f"; {told} in {output.with_suffix(suffix)}"
