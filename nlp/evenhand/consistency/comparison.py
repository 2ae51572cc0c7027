"""A collection compared: thresholds, the same situations at different levels, and coverage, in one."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

from evenhand.consistency.collection import MODEL_AREA_ERROR, MODEL_ERROR, Collection
from evenhand.consistency.covariates import Covariates
from evenhand.consistency.coverage import AreaCoverage, coverage
from evenhand.consistency.posterior import AreaThreshold, Effect, NationalThreshold, Posterior
from evenhand.consistency.rows import ThresholdRow
from evenhand.consistency.sampled import sample_thresholds
from evenhand.consistency.situations import SamePair, Situation, same_pairs, situations
from evenhand.consistency.thresholds import fit_thresholds
from evenhand.model import Model


@dataclass(frozen=True)
class Comparison:
    """What a report shows.

    Attributes:
        collection: What was compared.
        posterior: Of thresholds; None where no document shows two levels.
        thresholds: Bars of each area, areas in alphabetical order and bars from the lowest; [] without a posterior.
        nation: The nation's bars; [] without a posterior.
        effects: What covariates go with; [] without any.
        years: What a later year of a document goes with, or None where the data do not say.
        pairs: Pairs of descriptors of different areas that describe the same situation.
        situations: These joined; those that stand at different levels come first.
        coverage: Of each area.
        model: Name of the model that read the texts.
        notes: What a reader has to know beyond the collection's own notes, in whole sentences.
    """

    collection: Collection
    posterior: Posterior | None
    thresholds: tuple[AreaThreshold, ...]
    nation: tuple[NationalThreshold, ...]
    effects: tuple[Effect, ...]
    years: Effect | None
    pairs: tuple[SamePair, ...]
    situations: tuple[Situation, ...]
    coverage: tuple[AreaCoverage, ...]
    model: str
    notes: tuple[str, ...]


FEWEST_VERSIONS = 10  # documents with a year that inform: with fewer a trend over years rests on two or three of them
FEWEST_YEARS = 3  # different ones
YEARS = 5.0  # what one unit of the year is: about what lies between two versions of a document


def compare(
    collection: Collection,
    model: Model,
    *,
    covariates: Covariates | None = None,
    sample: bool = False,
    progress: Callable[[str], None] = lambda step: None,
) -> Comparison:
    """Compare areas.

    Args:
        collection: Coded descriptors.
        model: Reads their texts, for same situations.
        covariates: Of areas; those without a value for each are left out of the fit that has them.
        sample: Estimate thresholds by NUTS in place of the fast fit.
        progress: Told what is done next.

    Raises:
        MissingExtraError: `sample` without NumPyro.
    """
    fit: Fit = sample_thresholds if sample else fit_thresholds
    rows, notes = collection.threshold_rows(), list[str]()
    progress("estimating where bars sit")
    posterior = _fitted(fit, rows, ())
    if posterior is None:
        notes.append("No document shows two levels, so nothing is said of where bars sit.")
    if collection.by_model():
        notes.append(
            "Severity and issues were read by the model, whose error is allowed for: rows by"
            f" {MODEL_ERROR:.2f} grades, and each area's bars by {MODEL_AREA_ERROR:.2f} more."
        )
    effects: list[Effect] = []
    if covariates is not None and posterior is not None:
        progress("estimating what bars go with")
        effects = _effects(fit, rows, covariates, notes)
    progress("estimating whether bars move over the years")
    years = _over_years(collection, rows)
    progress("looking for same situations")
    pairs = same_pairs(collection.descriptors, model)
    return Comparison(
        collection=collection,
        posterior=posterior,
        thresholds=tuple(posterior.thresholds() if posterior else ()),
        nation=tuple(posterior.nation() if posterior else ()),
        effects=tuple(effects),
        years=years,
        pairs=tuple(pairs),
        situations=tuple(situations(pairs)),
        coverage=tuple(coverage(collection)),
        model=model.name,
        notes=tuple(notes),
    )


class Fit(Protocol):
    """`fit_thresholds` or `sample_thresholds`."""

    def __call__(self, rows: Sequence[ThresholdRow], *, covariates: Sequence[str] = ()) -> Posterior:
        """Estimate where bars sit."""


def _fitted(fit: Fit, rows: Sequence[ThresholdRow], names: Sequence[str]) -> Posterior | None:
    """A fit, or None where no row informs."""
    return fit(rows, covariates=names) if any(row.informs for row in rows) else None


def _effects(fit: Fit, rows: Sequence[ThresholdRow], covariates: Covariates, notes: list[str]) -> list[Effect]:
    """What covariates go with, inside the same model; a fit of its own, as only some areas may have them."""
    told = covariates.for_areas({row.area for row in rows if row.informs})
    notes += told.notes
    known = [replace(row, covariates=told.values[row.area]) for row in rows if row.area in told.values]
    areas = {row.area for row in known if row.informs}
    if len(areas) < FEWEST_VERSIONS:
        notes.append(
            f"Only {len(areas)} areas that inform have covariates; with fewer than {FEWEST_VERSIONS} nothing is said."
        )
        return []
    posterior = _fitted(fit, known, told.names)
    return posterior.effects() if posterior else []


def _over_years(collection: Collection, rows: Sequence[ThresholdRow]) -> Effect | None:
    """By how many grades bars are higher in documents that are five years later; None where the data do not say.

    Each version of a document is a unit of its own here, so that what is peculiar to it is not taken for many rows.
    """
    years = {document.id: document.year for document in collection.documents if document.year is not None}
    told = [row for row in collection.descriptors if row.severity is not None]
    dated = [
        replace(row, area=f"{row.area}, {years[placed.document]}", covariates=(years[placed.document] / YEARS,))
        for placed, row in zip(told, rows, strict=True)
        if placed.document in years and row.informs
    ]
    if len({row.area for row in dated}) < FEWEST_VERSIONS or len({row.covariates for row in dated}) < FEWEST_YEARS:
        return None
    middle = sum(row.covariates[0] for row in dated) / len(dated)
    centred = [replace(row, covariates=(row.covariates[0] - middle,)) for row in dated]
    (effect,) = fit_thresholds(centred, covariates=("five years later",)).effects()
    return effect
