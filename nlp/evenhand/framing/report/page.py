"""The report's page: the template filled in."""

from __future__ import annotations

from calendar import month_name
from datetime import UTC, datetime
from importlib import resources
from typing import TYPE_CHECKING

from evenhand import __version__
from evenhand.framing.audit import FEWEST, Audit, Difference
from evenhand.framing.report import figures
from evenhand.framing.report.examples import Examples
from evenhand.framing.report.figures import COMPARED, Rate
from evenhand.framing.report.suppression import LEAST_SHOWN, is_small
from evenhand.framing.report.tally import Tallies
from evenhand.framing.scheme import CATEGORY_NAMES
from evenhand.scheme import FRAMES

if TYPE_CHECKING:
    from evenhand.batch import ScoreSummary

HIDDEN = "hidden*"
_BY_MONTH = ":month"


def rendered(
    tallies: Tallies,
    audit: Audit | None,
    examples: Examples,
    summary: ScoreSummary,
    *,
    outcome: str | None,
    models: str,
) -> str:
    """The page as HTML.

    Raises:
        jinja2.UndefinedError: the template asks for something that is not there.
    """
    from jinja2 import Environment, StrictUndefined
    from markupsafe import Markup

    folder = resources.files("evenhand.framing.report")
    environment = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    environment.filters.update(percent=percent, interval=interval, count=count, levels=levels, month=month)
    template = environment.from_string(folder.joinpath("page.html.jinja").read_text(encoding="utf-8"))
    style = folder.joinpath("page.css").read_text(encoding="utf-8")
    flagged, unmet = figures.headlines(tallies.all)
    return template.render(
        all=tallies.all,
        blank=tallies.blank,
        flagged=flagged,
        unmet=unmet,
        pruned=tallies.pruned,
        overall=figures.overall(tallies.all),
        shares=figures.balance(tallies.all),
        sentences=sum(tallies.all.frames.values()),
        needs=figures.needs(tallies.all),
        elements=figures.elements(tallies.all),
        by={name: figures.by_group(groups) for name, groups in tallies.by.items()},
        by_month=_BY_MONTH,
        compared=[(str(category), CATEGORY_NAMES[category]) for category in COMPARED],
        frames=[str(frame) for frame in FRAMES],
        phrases=figures.phrases(tallies),
        examples=examples.by_category(),
        with_text=examples.wanted,
        audit=audit,
        outcome=outcome,
        outcomes=[one for one in audit.outcomes if not is_small(one.rows)] if audit else [],
        fewest=FEWEST,
        models=models,
        day=datetime.now(UTC).date().isoformat(),
        summary=summary,
        least=LEAST_SHOWN,
        hidden=HIDDEN,
        version=__version__,
        style=Markup(style),  # noqa: S704 - our own file
    )


def percent(share: float | None) -> str:
    """A share in words: 34%; below one, with a digit behind the point.

    >>> percent(0.034), percent(0.004)
    ('3%', '0.4%')
    """
    if share is None:
        return HIDDEN
    return f"{share:.1%}" if 0 < share < 0.01 else f"{share:.0%}"


def interval(one: Rate) -> str:
    """The 95% interval of a rate; "" where it is hidden."""
    return "" if one.low is None or one.high is None else f"{percent(one.low)} to {percent(one.high)}"


def count(number: int | None) -> str:
    """A number of rows; what stands for a small or hidden one."""
    return HIDDEN if number is None or is_small(number) else f"{number:,}"


def levels(found: Difference) -> str:
    """A difference of levels in words."""
    if found.levels is None or found.low is None or found.high is None:
        return "too few referrals could be compared"
    return f"{found.levels:+.2f} levels ({found.low:+.2f} to {found.high:+.2f})"


def month(value: str) -> str:
    """A month as people write it; anything else as it is.

    >>> month("2026-03")
    'March 2026'
    """
    year, _, number = value.partition("-")
    return f"{month_name[int(number)]} {year}" if number.isdigit() and 1 <= int(number) <= 12 else value
