"""The command `records`: what a release publishes about itself, written from measured figures."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from evenhand_training.cli_shared import CORPUS, MODELS, CorpusOption, ModelsOption


def records_command(
    corpus: CorpusOption = CORPUS,
    models: ModelsOption = MODELS,
    *,
    check: Annotated[bool, typer.Option("--check", help="Change nothing; fail if a record is stale.")] = False,
) -> None:
    """Write the model card, datasheet, transparency record and evidence for an impact assessment, as released."""
    from evenhand_training.records import RecordInputs, stale_records, write_records

    inputs = RecordInputs(models, corpus)
    stale = stale_records(inputs) if check else write_records(inputs)
    for path in stale:
        print(f"{path}: {'stale' if check else 'written'}", file=sys.stderr)
    if not stale:
        print("records: up to date", file=sys.stderr)
    if check and stale:
        raise typer.Exit(1)
