"""A map of issues by area: the lowest level at which an area's documents name an issue, as a letter and a colour."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from evenhand.consistency.coverage import CONCERNS, AreaCoverage
from evenhand.consistency.report.bars import FAINT, INK, TYPE, parts
from evenhand.consistency.report.svg import Drawing, drawing
from evenhand.consistency.report.words import count, issue_words, shown
from evenhand.scheme import LEVELS, Issue, Level

if TYPE_CHECKING:
    from altair import LayerChart

MOST_ROWS = 32  # areas of a chart: so many fit a printed landscape page with the heads at full size
# Five steps of viridis, light to dark as levels become graver; black or white type has a contrast of 5 or more on each.
COLOURS = {Level.NONE: "#fde725", Level.A: "#5ec962", Level.B: "#21918c", Level.C: "#3b528b", Level.D: "#440154"}
_DARK = frozenset({Level.C, Level.D})
NONE_SIGN, SILENT_SIGN = "n", "–"  # that fit a cell
_CELL, _ROW = 23, 17  # pixels: three letters of 10 pixels across, and lines that do not touch
_NAME = 186  # pixels of a name, before it is cut; the table has all of it
_SPARE = 36  # pixels left of names, should the reader's typeface be wider than the renderer's


def sign(levels: Sequence[Level]) -> str:
    """A level set in a cell: its codes without signs between, "n" for none.

    >>> sign([Level.NONE, Level.A]), sign([Level.C, Level.D])
    ('nA', 'CD')
    """
    return "".join(NONE_SIGN if level is Level.NONE else str(level) for level in levels)


def heat_maps(coverage: Sequence[AreaCoverage]) -> list[Drawing]:
    """Charts of areas that name an issue, in alphabetical order; [] if none does."""
    told = [area for area in coverage if area.mentions]
    found = []
    for number, part in enumerate(parts(told, MOST_ROWS), 1):
        which = "" if len(part) == len(told) else f", {part[0].area} to {part[-1].area}"
        found.append(
            drawing(
                _chart(part),
                key=f"heat-{number}",
                title=f"Lowest level that names each issue, by area{which}",
                text=_told(part),
            )
        )
    return found


def _told(areas: Sequence[AreaCoverage]) -> str:
    lowest = [mention.lowest for area in areas for issue, mention in area.mentions.items() if issue in CONCERNS]
    each = ", ".join(f"{level} in {lowest.count(level):,}" for level in LEVELS)
    return (
        f"A grid of {count(len(areas), 'area')} by {len(CONCERNS)} issues. Of its {len(areas) * len(CONCERNS):,} cells"
        f" {len(lowest):,} have a level, the mildest that names the issue: {each}. The others were not seen."
        " The table below has all cells."
    )


def _chart(areas: Sequence[AreaCoverage]) -> LayerChart:
    import altair as alt

    names = [shown(area.area) for area in areas]
    issues = [issue_words(issue) for issue in CONCERNS]
    values = [
        {"area": name, "issue": issue_words(issue), **_cell(area, issue)}
        for name, area in zip(names, areas, strict=True)
        for issue in CONCERNS
        if issue in area.mentions or issue in area.silent
    ]
    base = alt.Chart(alt.InlineData(values=values)).encode(
        x=alt.X("issue:N", sort=None, title=None)
        .scale(domain=issues, padding=0)
        .axis(alt.Axis(orient="top", labelAngle=-90, labelLimit=200, labelPadding=6, zindex=0)),
        y=alt.Y("area:N", sort=None, title=None)
        .scale(domain=names, padding=0)
        .axis(alt.Axis(labelLimit=_NAME, minExtent=_NAME, labelPadding=6, zindex=0)),
    )
    return _dressed(
        alt.layer(
            base.transform_filter("datum.code !== ''")
            .mark_rect(stroke="#666666", strokeWidth=0.5)
            .encode(color=alt.Color("code:N", legend=None).scale(domain=list(COLOURS), range=list(COLOURS.values()))),
            base.mark_text(fontSize=10).encode(text="sign:N", color=alt.Color("ink:N", legend=None).scale(None)),
        ).resolve_scale(color="independent"),
        len(areas),
    )


def _cell(area: AreaCoverage, issue: Issue) -> dict[str, str]:
    mention = area.mentions.get(issue)
    if mention is None:
        return {"code": "", "sign": SILENT_SIGN, "ink": INK}
    ink = "#ffffff" if mention.lowest in _DARK else "#000000"
    return {"code": str(mention.lowest), "sign": sign(mention.lowest_set), "ink": ink}


def _dressed(chart: LayerChart, rows: int) -> LayerChart:
    dressed: LayerChart = (
        chart.properties(
            width=_CELL * len(CONCERNS),
            height=_ROW * rows,
            padding={"left": _SPARE, "right": 6, "top": 24, "bottom": 6},
            background="white",
        )
        .configure(font=TYPE, aria=False)
        .configure_view(stroke=FAINT)
        .configure_axis(
            labelFontSize=11, labelColor=INK, gridColor=FAINT, ticks=False, domain=False, grid=True, bandPosition=0
        )
    )
    return dressed
