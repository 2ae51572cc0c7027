"""`evenhand annotate start` and `standing`: a project file for several coders, and how far it is."""

from __future__ import annotations

import json
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from evenhand.cli_annotate import (
    ColumnOption,
    DocumentOption,
    IdOption,
    PredictOption,
    SourcesArgument,
    check_privacy,
    read,
)
from evenhand.cli_options import PrivacyOption
from evenhand.cli_shared import ModelOption, ending_well, load_model, print_data, say

if TYPE_CHECKING:
    from evenhand.annotate.standing import Standing


def add_projects(annotate: typer.Typer) -> None:
    """Add the commands of projects to `evenhand annotate`."""
    annotate.command("start")(start)
    annotate.command("standing")(standing)


def start(
    sources: SourcesArgument,
    output: Annotated[
        Path, typer.Option("--output", "-o", metavar="PROJECT", help="A .sqlite file; it will hold the texts.")
    ],
    queue: Annotated[
        bool, typer.Option("--queue", help="Ask for the most useful texts first; by default in their own order.")
    ] = False,
    predict: PredictOption = False,
    column: ColumnOption = None,
    id_: IdOption = None,
    document: DocumentOption = None,
    model: ModelOption = None,
    privacy: PrivacyOption = "refuse",
) -> None:
    """Make a project in which two people code each text, blind to one another, and one decides where they differ.

    Then: evenhand serve --project PROJECT
    """
    from evenhand.annotate.queue import review_queue
    from evenhand.annotate.sources import predicted
    from evenhand.annotate.store import SUFFIX, Store
    from evenhand.errors import OutputError
    from evenhand.output import check_output

    with ending_well():
        check_output(output, sources, (SUFFIX,), overwrite=True)
        if output.exists():
            message = f"{output} exists already; go on with it (evenhand serve --project {output}), or name another"
            raise OutputError(message)
        found = read(sources, column, id_, document)
        check_privacy(found, privacy)
        reader = load_model(model) if queue or predict else None
        order = [one.unit for one in review_queue(found, reader)] if queue and reader else []
        if predict and reader:
            found = predicted(found, reader, now=datetime.now(UTC).replace(microsecond=0))
        Store.create(output, found, order, privacy=privacy)
        say(
            f"{len(found.units):,} texts and {len(found.codings):,} codings in {output}, which only you can read."
            f" Code them on pages: evenhand serve --project {output}"
        )


def standing(
    project: Annotated[Path, typer.Argument(metavar="PROJECT", help="A file that `evenhand annotate start` made.")],
    json_: Annotated[bool, typer.Option("--json", help="Print it as JSON.")] = False,
) -> None:
    """How far a project is: texts by coder, how many are complete, differ, and are decided."""
    from evenhand.annotate.store import Store

    with ending_well():
        found = Store(project).standing()
        print_data(json.dumps(asdict(found), ensure_ascii=False) if json_ else _told(found))


def _told(found: Standing) -> str:
    lines = [f"{found.units:,} texts"]
    lines += [f"{number:,} coded by {name}" for name, number in found.coded.items()]
    lines += [f"{found.complete:,} coded by two or more", f"{found.differing:,} to be decided"]
    return "\n".join([*lines, f"{found.decided:,} decided"])
