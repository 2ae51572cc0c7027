"""How alike areas treat alike situations: thresholds, same situations at different levels, coverage, change.

`read_collection` reads coded descriptors, `compare` compares their areas, `report.write_report` writes what was found;
`where` says where one concern would land. What needs an extra is imported when it is used.
"""

from __future__ import annotations

from evenhand.consistency.change import Changes, changes
from evenhand.consistency.collection import AreaDocument, Collection, PlacedDescriptor
from evenhand.consistency.comparison import Comparison, compare
from evenhand.consistency.covariates import Covariates, read_covariates
from evenhand.consistency.posterior import AreaThreshold, NationalThreshold, Posterior
from evenhand.consistency.reading import read_collection
from evenhand.consistency.rows import ThresholdRow
from evenhand.consistency.sampled import sample_thresholds
from evenhand.consistency.sampling import Sample, pick_areas
from evenhand.consistency.situations import SamePair, Situation, same_pairs
from evenhand.consistency.thresholds import fit_thresholds
from evenhand.consistency.where import Locator, Where, where

__all__ = [
    "AreaDocument",
    "AreaThreshold",
    "Changes",
    "Collection",
    "Comparison",
    "Covariates",
    "Locator",
    "NationalThreshold",
    "PlacedDescriptor",
    "Posterior",
    "SamePair",
    "Sample",
    "Situation",
    "ThresholdRow",
    "Where",
    "changes",
    "compare",
    "fit_thresholds",
    "pick_areas",
    "read_collection",
    "read_covariates",
    "same_pairs",
    "sample_thresholds",
    "where",
]
