"""Complete a decoder with what is fitted on sets and notes that no network has seen: refusal and the reading of notes.

As with everything calibrated, each fold of cross-validation is decoded with what the other folds fitted.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from evenhand.decoder import Decoder
from evenhand.notes import NoteReading
from evenhand.result import Coding
from evenhand.scheme import Assertion
from evenhand_training.behaviour import Units
from evenhand_training.calibrate import Calibration, calibrate
from evenhand_training.corpus import (
    AccumulationSet,
    AssertionSet,
    Claim,
    CounterfactualTemplate,
    FramingPair,
    Narrative,
    Row,
    SeverityPair,
)
from evenhand_training.crossvalidate import FoldReadings
from evenhand_training.examples import Example
from evenhand_training.note_fit import fit_notes, samples_of
from evenhand_training.reading import CutPoints
from evenhand_training.refusal import fit_refusal
from evenhand_training.set_readings import SetReadings

Floats = NDArray[np.float64]
Variant = Callable[[NoteReading], NoteReading | None]


def complete(calibration: Calibration, cuts: CutPoints, folds: Sequence[FoldReadings]) -> Decoder:
    """The decoder of a network with `cuts`, its refusal and reading of notes fitted to the sets of `folds`."""
    with_sets = [(fold, fold.sets) for fold in folds if fold.sets is not None and fold.sets.units.rows]
    decoder = calibration.decoder(cuts)
    if not with_sets:
        return decoder
    told = [part for _, sets in with_sets for part in _for_refusal(sets)]
    if any(is_coded for *_, is_coded in told):
        coded = np.array([is_coded for *_, is_coded in told], dtype=np.bool_)
        logits, issues = (np.array([part[place] for part in told]) for place in (0, 1))
        decoder = fit_refusal(decoder, logits, issues, coded)
    samples = []
    for fold, sets in with_sets:
        own = replace(
            calibration.decoder(fold.cuts),
            refusal_threshold=decoder.refusal_threshold,
            bare_refusal_threshold=decoder.bare_refusal_threshold,
        )
        samples += samples_of(sets, own)
    return replace(decoder, notes=fit_notes(samples)) if samples else decoder


def _for_refusal(sets: SetReadings) -> Iterator[tuple[Floats, Floats, bool]]:
    """Assertion and issue logits of sentences, and whether there is something in them to code.

    Those of notes in which coders found nothing, and texts of one sentence that were coded. Coded sentences of notes do
    not count: many lean on others ("It happened again"), are read with them, and by themselves say nothing.
    """
    notes = {row.text: row for row in sets.units.rows if isinstance(row, Narrative)}
    coded = {text for row in sets.units.rows for text in _coded_texts(row)}
    read = sets.read
    for text, (rows, _), spans in zip(sets.units.texts(), read.places(), read.spans, strict=True):
        if text in notes:
            told = dict(zip(notes[text].spans, notes[text].sentences, strict=True))
            found = [row for row, span in zip(rows, spans, strict=True) if span in told and not told[span].is_coded]
        else:
            found = list(rows) if len(rows) == 1 and text in coded else []
        for row in found:
            yield read.sentences.assertion[row], read.sentences.issues[row], text in coded


def _coded_texts(row: Row) -> tuple[str, ...]:
    if isinstance(row, AccumulationSet):
        return tuple(part.text for part in row.parts)
    if isinstance(row, AssertionSet):
        about_child = [assertion for assertion in Assertion if assertion is not Assertion.OTHER_PERSON]
        return tuple(row.by_assertion[assertion] for assertion in about_child)
    if isinstance(row, SeverityPair | FramingPair | CounterfactualTemplate):
        return row.texts
    return (row.base,) if isinstance(row, Claim) else ()


def cross_coded(
    folds: Sequence[FoldReadings], rows: dict[str, Example], variants: dict[str, Variant]
) -> tuple[Units, dict[str, dict[str, Coding]]]:
    """The sets and notes of all folds, and under each variant of the reading of notes the coding of each text.

    Args:
        folds: Of one repeat.
        rows: The published rows left out, by id.
        variants: From the fitted reading of notes to the one to use.
    """
    units: list[Units] = []
    codings: dict[str, dict[str, Coding]] = {name: {} for name in variants}
    for place, fold in enumerate(folds):
        if fold.sets is None:
            continue
        others = [other for number, other in enumerate(folds) if number != place]
        decoder = complete(calibrate(others, rows), fold.cuts, others)
        units.append(fold.sets.units)
        for name, variant in variants.items():
            notes = variant(decoder.notes) if decoder.notes else None
            codings[name] |= fold.sets.codings(replace(decoder, notes=notes), model=name)
    return Units(tuple(row for found in units for row in found.rows)), codings
