"""What a derivative is made of: the released model, own rows parted and judged, and what the base was fitted to."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from evenhand.annotate.records import Annotations
from evenhand.annotate.sources import check_texts
from evenhand.bundle import Bundle, read_bundle
from evenhand.decoder import Decoder
from evenhand.errors import InputError
from evenhand.scheme import SCHEME_VERSION
from evenhand_training.config import TrainConfig
from evenhand_training.consistency_limits import Limits
from evenhand_training.corpus import Corpus, Splits
from evenhand_training.examples import Example
from evenhand_training.fine_tuning.choosing import Chosen, choose
from evenhand_training.fine_tuning.guards import Guarded, guard
from evenhand_training.fine_tuning.own_rows import read_own, settled
from evenhand_training.fine_tuning.settings import FineTuneSettings
from evenhand_training.stages import final_rows

if TYPE_CHECKING:
    from evenhand.privacy import Checker


@dataclass(frozen=True, slots=True)
class FineTuneInputs:
    """What a derivative is made of and has to keep.

    Attributes:
        base: Directory of the released model.
        own: File of coded texts, see `own_rows.read_own`.
        corpus: That the base model was made from, or a later version, whose splits are the same.
        splits: Its frozen splits.
        settings: Of rows, fit and gates.
        limits: Of consistency.
        checker: Looks for what could identify somebody; None where nothing does.
        looked_for: What is told of that, as `batch.gate.looked_for` gives it.
    """

    base: Path
    own: Path
    corpus: Corpus
    splits: Splits
    settings: FineTuneSettings
    limits: Limits
    checker: Checker | None
    looked_for: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Prepared:
    """What stands before the fit."""

    bundle: Bundle
    config: TrainConfig
    decoder: Decoder
    fitted_to: Sequence[Example]
    chosen: Chosen
    guarded: Guarded
    coders: int


def prepare(inputs: FineTuneInputs) -> Prepared:
    """Read and judge everything that stands before the fit.

    Raises:
        InputError: own rows will not do, or the model is a derivative itself.
        PrivacyError: a text looks identifiable.
    """
    bundle = read_bundle(inputs.base)
    if "derived_from" in bundle.manifest:
        message = f"{inputs.base}: is a derivative; start from the released model, with all rows together"
        raise InputError(message)
    collection = read_own(inputs.own)
    if collection.scheme != SCHEME_VERSION:
        message = f"{inputs.own}: coded by scheme {collection.scheme}, not {SCHEME_VERSION}; code the texts by that one"
        raise InputError(message)
    if inputs.checker is not None:
        check_texts(collection, inputs.checker)
    settings = inputs.settings
    rows, unsettled = settled(collection, widest_severity=settings.rows.widest_severity)
    fitted_to = final_rows(inputs.corpus, inputs.splits)
    chosen = choose(rows, inputs.corpus, inputs.splits, fitted_to, settings.rows, seed=settings.fit.seed)
    chosen.left_out.update(unsettled)
    made_from = str(bundle.manifest["corpus_version"])
    return Prepared(
        bundle,
        settings.going_on(TrainConfig.model_validate_json(json.dumps(bundle.manifest["config"]))),
        Decoder.from_json(bundle.json("decoder.json")),
        fitted_to,
        chosen,
        guard(chosen, collection, fitted_to, settings, corpora=(made_from, inputs.corpus.version)),
        _people(collection),
    )


def _people(collection: Annotations) -> int:
    return sum(coder.kind == "person" for coder in collection.coders)
