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
        years: What a later year of an area's documents goes with, by bar; () where the data do not say.
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
    years: tuple[Effect, ...]
    pairs: tuple[SamePair, ...]
    situations: tuple[Situation, ...]
    coverage: tuple[AreaCoverage, ...]
    model: str
    notes: tuple[str, ...]


FEWEST_AREAS = 10  # that inform and have covariates or a dated document; with fewer an effect rests on two or three
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
    posterior = fit(rows) if any(row.informs for row in rows) else None
    if not rows:
        notes.append("No descriptor has a severity, so nothing is said of where bars sit.")
    elif posterior is None:
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
    years = _over_years(collection, rows, fit, notes)
    progress("looking for same situations")
    pairs = same_pairs(collection.once(), model)
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


def _effects(fit: Fit, rows: Sequence[ThresholdRow], covariates: Covariates, notes: list[str]) -> list[Effect]:
    """What covariates go with, inside the same model; a fit of its own, as only some areas may have them."""
    told = covariates.for_areas({row.area for row in rows if row.informs})
    notes += told.notes
    known = [replace(row, covariates=told.values[row.area]) for row in rows if row.area in told.values]
    areas = {row.area for row in known if row.informs}
    if len(areas) < FEWEST_AREAS:
        notes.append(
            f"Only {len(areas)} areas that inform have covariates; with fewer than {FEWEST_AREAS} nothing is said."
        )
        return []
    posterior = fit(known, covariates=told.names)
    _warn(posterior, "covariates", notes)
    return posterior.effects()


def _over_years(collection: Collection, rows: Sequence[ThresholdRow], fit: Fit, notes: list[str]) -> tuple[Effect, ...]:
    """By how many grades bars are higher in areas whose document is five years later; () where the data do not say.

    Of each area the latest document that has a year and shows two levels counts, so that areas are compared and
    versions of one document are not taken for independent.
    """
    years = {document.id: document.year for document in collection.documents if document.year is not None}
    latest: dict[str, tuple[int, str]] = {}
    for row in rows:
        if row.informs and row.document in years:
            own = (years[row.document], row.document)
            latest[row.area] = max(own, latest.get(row.area, own))
    if len(latest) < FEWEST_AREAS or len({year for year, _ in latest.values()}) < FEWEST_YEARS:
        return ()
    middle = sum(year for year, _ in latest.values()) / len(latest)
    dated = [
        replace(row, covariates=((latest[row.area][0] - middle) / YEARS,))
        for row in rows
        if latest.get(row.area, (0, ""))[1] == row.document
    ]
    posterior = fit(dated, covariates=("five years later",))
    _warn(posterior, "years", notes)
    return tuple(posterior.effects())


def _warn(posterior: Posterior, what: str, notes: list[str]) -> None:
    """Say where sampling did not pass its checks."""
    if not posterior.diagnostics.get("passed", True):
        notes.append(f"The fit of {what} did not pass the checks of its chains; do not rely on it.")
