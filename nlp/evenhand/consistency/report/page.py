"""The report's page: a comparison as what the template shows, and the template filled in."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib import resources
from typing import Any
from urllib.parse import urlsplit

from evenhand import __version__
from evenhand.consistency.collection import MODEL_AREA_ERROR, MODEL_ERROR, AreaDocument, PlacedDescriptor
from evenhand.consistency.comparison import Comparison
from evenhand.consistency.coverage import CONCERNS
from evenhand.consistency.mode import EFFECT
from evenhand.consistency.posterior import FEWEST_ROWS
from evenhand.consistency.report import summary, words
from evenhand.consistency.report.bars import bars_of
from evenhand.consistency.report.heat import COLOURS, heat_maps, sign
from evenhand.consistency.situations import MOST_GRADES, Situation
from evenhand.scheme import LEVEL_MEANINGS, SCHEME_VERSION, SEVERITY_MEANINGS, Issue

MOST_SITUATIONS = 50  # shown; more are not read, and the CSV has all
_PARTS = (  # of the page, with their ids
    ("summary", "Summary"),
    ("thresholds", "Where the bars sit"),
    ("map", "Issues by area"),
    ("situations", "The same situation at different levels"),
    ("coverage", "What documents leave out"),
    ("effects", "What bars go with"),
    ("method", "Method and limits"),
    ("documents", "Documents read"),
)


@dataclass(frozen=True, slots=True)
class Member:
    """A descriptor of a situation with its document."""

    row: PlacedDescriptor
    document: AreaDocument


@dataclass(frozen=True, slots=True)
class Shown:
    """A situation as the page shows it."""

    number: int
    situation: Situation
    members: tuple[Member, ...]


@dataclass(frozen=True, slots=True)
class Named:
    """How many areas that were read whole are silent on an issue, or name it at the gravest level only."""

    issue: Issue
    silent: int
    only_gravest: int


def page(comparison: Comparison, beside: Mapping[str, str]) -> str:
    """The page as HTML.

    Args:
        comparison: What to show.
        beside: Names of the files that stand beside it, by what they hold.

    Raises:
        jinja2.UndefinedError: the template asks for something that is not there.
    """
    from jinja2 import Environment, StrictUndefined
    from markupsafe import Markup

    def told(value: object) -> object:
        return words.shown(value) if isinstance(value, str) and not isinstance(value, Markup) else value

    folder = resources.files("evenhand.consistency.report")
    environment = Environment(
        autoescape=True, undefined=StrictUndefined, finalize=told, trim_blocks=True, lstrip_blocks=True
    )
    for name in ("count", "grades", "span", "probability", "issue_words", "set_code", "bar_name"):
        environment.filters[name] = getattr(words, name)
    environment.filters.update(sign=sign, svg=Markup, link=link)
    template = environment.from_string(folder.joinpath("page.html.jinja").read_text(encoding="utf-8"))
    style = folder.joinpath("page.css").read_text(encoding="utf-8")
    return template.render(**_context(comparison), beside=beside, style=Markup(style))  # noqa: S704 - our own file


def _context(comparison: Comparison) -> dict[str, Any]:
    bars = bars_of(comparison)
    differ = [one for one in comparison.situations if one.differs]
    return {
        "comparison": comparison,
        "collection": comparison.collection,
        "parts": _PARTS,
        "read": summary.read(comparison),
        "enough": summary.enough(comparison, bars),
        "findings": summary.findings(comparison, bars),
        "warnings": summary.warnings(comparison),
        "bars": bars,
        "maps": heat_maps(comparison.coverage),
        "unnamed": sum(not area.mentions for area in comparison.coverage),
        "concerns": CONCERNS,
        "colours": COLOURS,
        "levels": LEVEL_MEANINGS,
        "severities": SEVERITY_MEANINGS,
        "fewest": FEWEST_ROWS,
        "same": summary.same(comparison),
        "differ": len(differ),
        "situations": _shown(comparison, differ[:MOST_SITUATIONS]),
        "whole": [area for area in comparison.coverage if area.read_whole],
        "named": _named(comparison),
        "merged": summary.merged(comparison),
        "notes": tuple(dict.fromkeys((*comparison.collection.notes, *comparison.notes))),
        "diagnostics": _diagnostics(comparison),
        "method": comparison.posterior.diagnostics.get("method") if comparison.posterior else None,
        "area_error": MODEL_AREA_ERROR,
        "model_error": MODEL_ERROR,
        "most_grades": MOST_GRADES,
        "effect_prior": EFFECT,
        "restated": any(not row.by_model and row.page is None for row in comparison.collection.descriptors),
        "version": __version__,
        "scheme": SCHEME_VERSION,
    }


def _shown(comparison: Comparison, situations: Sequence[Situation]) -> list[Shown]:
    documents = {document.id: document for document in comparison.collection.documents}
    return [
        Shown(number, one, tuple(Member(row, documents[row.document]) for row in one.members))
        for number, one in enumerate(situations, 1)
    ]


def _named(comparison: Comparison) -> list[Named]:
    """Issues that an area read whole leaves out or names late, those that most areas do first."""
    whole = [area for area in comparison.coverage if area.read_whole]
    found = [
        Named(issue, sum(issue in area.silent for area in whole), sum(issue in area.only_gravest for area in whole))
        for issue in CONCERNS
    ]
    told = [one for one in found if one.silent or one.only_gravest]
    return sorted(told, key=lambda one: (-one.silent - one.only_gravest, str(one.issue)))


def _diagnostics(comparison: Comparison) -> list[tuple[str, str]]:
    """What the fit says of itself, in words and short figures."""
    told = comparison.posterior.diagnostics if comparison.posterior else {}
    return [(name.replace("_", " "), _figure(value)) for name, value in told.items()]


def _figure(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return f"{value:.3g}" if isinstance(value, float) else str(value)


def link(url: str | None) -> str | None:
    """The address if it is one of the web; anything else, which might run when it is opened, is no link."""
    try:
        parts = urlsplit(url or "")
    except ValueError:
        return None
    return url if parts.scheme in ("http", "https") and parts.netloc else None
