"""A comparison of areas in plain JSON types, for the page of areas and for programs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from evenhand.consistency.comparison import Comparison
from evenhand.consistency.posterior import AreaThreshold, NationalThreshold
from evenhand.consistency.situations import Situation


def areas_view(comparison: Comparison) -> dict[str, Any]:
    """A comparison in plain JSON types; of bars that are not enough read there is no figure."""
    collection = comparison.collection
    sources = {one.id: (one.title, one.url) for one in collection.documents}
    return {
        "collection": {
            "name": collection.name,
            "areas": list(collection.areas),
            "documents": len(collection.documents),
            "descriptors": len(collection.descriptors),
        },
        "notes": [*collection.notes, *comparison.notes],
        "nation": [_national(one) for one in comparison.nation],
        "thresholds": [_threshold(one) for one in comparison.thresholds],
        "situations": [_situation(one, sources) for one in comparison.situations],
        "coverage": [
            {
                "area": one.area,
                "read_whole": one.read_whole,
                "merges_c_and_d": one.merges_c_and_d,
                "silent": [str(issue) for issue in one.silent],
                "only_gravest": [str(issue) for issue in one.only_gravest],
                "mentions": {
                    str(issue): {
                        "lowest_levels": [str(level) for level in found.lowest_set],
                        "descriptors": found.descriptors,
                    }
                    for issue, found in one.mentions.items()
                },
            }
            for one in comparison.coverage
        ],
        "model": comparison.model,
    }


def _national(one: NationalThreshold) -> dict[str, Any]:
    return {
        "level": str(one.level),
        "severity": _rounded(one.severity),
        "interval": [_rounded(one.low), _rounded(one.high)],
        "spread": None if one.spread is None else _rounded(one.spread),
        "spread_interval": None
        if one.spread_low is None or one.spread_high is None
        else [_rounded(one.spread_low), _rounded(one.spread_high)],
    }


def _threshold(one: AreaThreshold) -> dict[str, Any]:
    return {
        "area": one.area,
        "level": str(one.level),
        "enough": one.enough,
        "rows": one.rows,
        "severity": _rounded(one.severity) if one.enough else None,
        "interval": [_rounded(one.low), _rounded(one.high)] if one.enough else None,
        "higher_than_nation": _rounded(one.higher) if one.enough else None,
    }


def _situation(one: Situation, sources: Mapping[str, tuple[str, str | None]]) -> dict[str, Any]:
    return {
        "issue": str(one.issue),
        "differs": one.differs,
        "steps": one.steps,
        "probability": _rounded(one.probability),
        "by_area": {area: [str(level) for level in levels] for area, levels in one.by_area.items()},
        "members": [
            {
                "area": row.area,
                "levels": [str(level) for level in row.levels],
                "native_level": row.native_level,
                "text": row.text,
                "document": sources[row.document][0],
                "page": row.page,
                "url": sources[row.document][1],
            }
            for row in one.members
        ],
    }


def _rounded(number: float) -> float:
    return round(float(number), 4)
