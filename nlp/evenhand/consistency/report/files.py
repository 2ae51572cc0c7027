"""The figures of a report as CSV: what a program or a spreadsheet reads, in full and not only what the page shows."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from evenhand.consistency.comparison import Comparison
from evenhand.consistency.coverage import CONCERNS, AreaCoverage
from evenhand.consistency.csv_text import Cell, csv_text
from evenhand.scheme import Issue

NAMED, GRAVEST, SILENT, UNSEEN = "named", "only_gravest", "silent", "not_seen"


def thresholds(comparison: Comparison) -> str:
    """Each bar of each area, also of those that are not enough read."""
    header = ("area", "level", "severity", "low", "high", "higher", "rows", "enough")
    return csv_text(
        header,
        (
            (one.area, str(one.level), one.severity, one.low, one.high, one.higher, one.rows, one.enough)
            for one in comparison.thresholds
        ),
    )


def national(comparison: Comparison) -> str:
    """The nation's bars, with the spread of areas."""
    header = ("level", "severity", "low", "high", "spread", "spread_low", "spread_high")
    return csv_text(
        header,
        (
            (str(one.level), one.severity, one.low, one.high, one.spread, one.spread_low, one.spread_high)
            for one in comparison.nation
        ),
    )


def effects(comparison: Comparison) -> str:
    """What covariates and years go with; "" where there are none."""
    found = [*comparison.effects, *comparison.years]
    rows = ((one.name, str(one.level), one.grades, one.low, one.high) for one in found)
    return csv_text(("name", "level", "grades", "low", "high"), rows) if found else ""


def situations(comparison: Comparison) -> str:
    """A row for each member of each situation, also of those that stand at levels in common."""
    documents = {document.id: document for document in comparison.collection.documents}
    header = (
        *("situation", "differs", "steps", "probability", "situation_issue", "area", "levels", "native_level", "text"),
        *("severity", "issues", "document", "title", "year", "page", "url", "descriptor"),
    )
    return csv_text(
        header,
        (
            (
                *(number, one.differs, one.steps, one.probability, str(one.issue)),
                *(row.area, " ".join(row.levels), row.native_level, row.text, row.severity, " ".join(row.issues)),
                *(row.document, document.title, document.year, row.page, document.url, row.id),
            )
            for number, one in enumerate(comparison.situations, 1)
            for row in one.members
            for document in [documents[row.document]]
        ),
    )


def coverage(comparison: Comparison) -> str:
    """A row for each area and concern."""
    header = ("area", "issue", "state", "lowest", "lowest_set", "descriptors", "read_whole", "merges_c_and_d")
    return csv_text(header, (row for area in comparison.coverage for row in _of_area(area)))


def _of_area(area: AreaCoverage) -> Iterable[Sequence[Cell]]:
    for issue in CONCERNS:
        mention = area.mentions.get(issue)
        told = (str(mention.lowest), " ".join(mention.lowest_set), mention.descriptors) if mention else (None, None, 0)
        yield area.area, str(issue), state(area, issue), *told, area.read_whole, area.merges_c_and_d


def state(area: AreaCoverage, issue: Issue) -> str:
    """How an area's documents treat an issue; of documents not read whole, an issue without a mention is "not seen"."""
    if issue in area.silent:
        return SILENT
    if issue in area.only_gravest:
        return GRAVEST
    return NAMED if issue in area.mentions else UNSEEN
