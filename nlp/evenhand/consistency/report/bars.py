"""Charts of where areas' bars sit: a dot and an interval for each area that is read enough, by bar.

An area that is not read enough for a bar is never drawn or ranked by it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import ceil, floor
from typing import TYPE_CHECKING, Literal, TypeVar

from evenhand.consistency.comparison import Comparison
from evenhand.consistency.posterior import AreaThreshold, NationalThreshold
from evenhand.consistency.report.svg import Drawing, drawing
from evenhand.consistency.report.words import bar_meaning, bar_name, count, grades, shown, span
from evenhand.scheme import LEVELS, SEVERITIES, Level

if TYPE_CHECKING:
    from altair import Chart, LayerChart, X, Y

MOST_ROWS = 50  # of a chart: so many fit a printed page with heading and axes, in type of 8 points
CLEAR = 0.95  # probability that an area's bar is on its side of the nation's, for a mark of its own
_ROW = 16  # pixels: room for type of 11 pixels without touching
_WIDTH = 480  # pixels of the scale: with names and figures beside it as wide as a printed page
_NAME = 200  # pixels of a name, before it is cut; the table has all of it
_LETTER = 6  # pixels of a letter of 11 pixels, about; charts of all bars leave the same room for names, so scales align
_SPARE = 36  # pixels left of names, should the reader's typeface be wider than the renderer's
_TWO_AXES = 20  # rows from which the scale stands above as well
_EDGES = (0, 8)  # the furthest that the scale is drawn: beyond it nothing is known, and all else would be squeezed
TYPE = "Arial, Helvetica, 'Liberation Sans', sans-serif"
INK, FAINT, BAND = "#1a1a1a", "#d9d9d9", "#dbe4ee"
_MARKS = {"higher": "triangle-right", "lower": "triangle-left", "neither": "circle"}
_SIZES = [110, 110, 48]  # square pixels: a triangle looks smaller than a circle of its area
_INKS = ["#a34a00", "#1f5fa8", INK]  # orange and blue, which colour-blind people tell apart

_Row = TypeVar("_Row")


@dataclass(frozen=True, slots=True)
class Frame:
    """What charts of all bars have in common.

    Attributes:
        first: Grade at which the scale begins.
        last: Grade at which it ends.
        room: Pixels for names.
    """

    first: int
    last: int
    room: int


@dataclass(frozen=True, slots=True)
class Bar:
    """A bar as the page shows it.

    Attributes:
        level: What stands at it or above is on its upper side.
        name: For instance "C or above".
        meaning: In words.
        nation: The nation's, if anything was fitted.
        rows: Of areas that are read enough, the lowest bar first.
        unread: The other areas in alphabetical order, with the number of descriptors that inform the bar.
        charts: Of the rows; () without any.
        cut: Whether an interval reaches beyond the edge of the scale.
    """

    level: Level
    name: str
    meaning: str
    nation: NationalThreshold | None
    rows: tuple[AreaThreshold, ...]
    unread: tuple[tuple[str, int], ...]
    charts: tuple[Drawing, ...]
    cut: bool


def ranked(comparison: Comparison, level: Level) -> list[AreaThreshold]:
    """Areas that are read enough for a bar, the lowest first."""
    found = [one for one in comparison.thresholds if one.level is level and one.enough]
    return sorted(found, key=lambda one: (one.severity, one.area))


def side(one: AreaThreshold) -> str:
    """Whether an area's bar is clearly higher or lower than the nation's: "higher", "lower" or "neither"."""
    if one.higher >= CLEAR:
        return "higher"
    return "lower" if one.higher <= 1 - CLEAR else "neither"


def bars_of(comparison: Comparison) -> list[Bar]:
    """All four bars, from the lowest, on one scale so that they can be compared by eye."""
    rows = [one for level in LEVELS[1:] for one in ranked(comparison, level)]
    room = min(_NAME, _LETTER * max((len(one.area) for one in rows), default=0))
    return [_bar(comparison, level, Frame(*_edges(rows), room)) for level in LEVELS[1:]]


def _bar(comparison: Comparison, level: Level, frame: Frame) -> Bar:
    rows = ranked(comparison, level)
    nation = next((one for one in comparison.nation if one.level is level), None)
    informing = {one.area: one.rows for one in comparison.thresholds if one.level is level}
    enough = {one.area for one in rows}
    return Bar(
        level=level,
        name=bar_name(level),
        meaning=bar_meaning(level),
        nation=nation,
        rows=tuple(rows),
        unread=tuple((area, informing.get(area, 0)) for area in comparison.collection.areas if area not in enough),
        charts=tuple(_charts(level, rows, nation, frame)),
        cut=any(one.low < frame.first or one.high > frame.last for one in rows),
    )


def _edges(rows: Sequence[AreaThreshold]) -> tuple[int, int]:
    """Whole grades between which all intervals lie, as far as the scale is drawn."""
    low = min((floor(one.low) for one in rows), default=SEVERITIES[0])
    high = max((ceil(one.high) for one in rows), default=SEVERITIES[-1])
    return max(_EDGES[0], min(low, SEVERITIES[0])), min(_EDGES[1], max(high, SEVERITIES[-1]))


def parts(rows: Sequence[_Row], most: int) -> list[Sequence[_Row]]:
    """Rows in runs of nearly equal length, none longer than `most`.

    >>> [len(part) for part in parts(range(66), 50)]
    [33, 33]
    """
    number = ceil(len(rows) / most)
    ends = [round(len(rows) * part / number) for part in range(number + 1)] if number else [0]
    return [rows[first:last] for first, last in pairwise(ends)]


def _charts(
    level: Level, rows: Sequence[AreaThreshold], nation: NationalThreshold | None, frame: Frame
) -> list[Drawing]:
    found, first = [], 1
    for number, part in enumerate(parts(rows, MOST_ROWS), 1):
        which = "" if len(part) == len(rows) else f", areas {first} to {first + len(part) - 1} of {len(rows)}"
        found.append(
            drawing(
                _chart(level, part, nation, frame),
                key=f"bar-{level}-{number}".lower(),
                title=f"Bar for {bar_name(level)} by area{which}",
                text=_told(part, nation),
            )
        )
        first += len(part)
    return found


def _told(rows: Sequence[AreaThreshold], nation: NationalThreshold | None) -> str:
    lowest, highest = rows[0], rows[-1]
    told = f"Dots with 90% intervals for {count(len(rows), 'area')} on the scale of severity, the lowest bar first. "
    told += f"{lowest.area}: {grades(lowest.severity)} ({span(lowest.low, lowest.high)}). "
    if len(rows) > 1:
        told += f"{highest.area}: {grades(highest.severity)} ({span(highest.low, highest.high)}). "
    if nation:
        told += f"The nation: {grades(nation.severity)} ({span(nation.low, nation.high)}). "
    return told + "The table below has all figures."


def _chart(level: Level, rows: Sequence[AreaThreshold], nation: NationalThreshold | None, frame: Frame) -> LayerChart:
    import altair as alt

    areas = [shown(one.area) for one in rows]
    values = [
        {"area": area, "low": one.low, "high": one.high, "bar": one.severity, "side": side(one)}
        | {"told": grades(one.severity)}
        for area, one in zip(areas, rows, strict=True)
    ]
    base = alt.Chart(alt.InlineData(values=values)).encode(
        y=_names(areas, frame.room), color=alt.Color("side:N", legend=None).scale(domain=list(_MARKS), range=_INKS)
    )
    shape = alt.Shape("side:N", legend=None).scale(domain=list(_MARKS), range=list(_MARKS.values()))
    layers: list[alt.Chart] = [
        base.mark_rule(strokeWidth=2, clip=True).encode(x=_scale("low", level, frame, "bottom"), x2="high:Q"),
        base.mark_point(filled=True, opacity=1).encode(
            x=_scale("bar", level, frame),
            shape=shape,
            size=alt.Size("side:N", legend=None).scale(domain=list(_MARKS), range=_SIZES),
        ),
        base.mark_text(align="left", fontSize=11).encode(x=alt.value(_WIDTH + 10), text="told:N"),
    ]
    if nation:
        layers = [*_nation(nation, level, frame, above=len(rows) >= _TWO_AXES), *layers]
    return _dressed(alt.layer(*layers).resolve_axis(x="independent"), len(rows))


def _names(areas: Sequence[str], room: int) -> Y:
    import altair as alt

    axis = alt.Axis(
        labelLimit=_NAME, minExtent=room, ticks=False, domain=False, grid=True, gridDash=[1, 3], labelPadding=8
    )
    return alt.Y("area:N", sort=None, title=None, axis=axis).scale(domain=list(areas))


def _scale(field: str, level: Level, frame: Frame, orient: Literal["top", "bottom"] | None = None) -> X:
    """The scale of severity; its ends are where grades end, or further where intervals do."""
    import altair as alt

    x = alt.X(f"{field}:Q").scale(domain=[frame.first, frame.last], zero=False, nice=False, clamp=True)
    if orient is None:
        return x.axis(None)
    title = f"severity at which half of an area's descriptors stand at {bar_name(level)}"
    return x.axis(
        alt.Axis(values=list(SEVERITIES), format="d", orient=orient, title=title, tickSize=4, labelFlush=False)
    )


def _nation(nation: NationalThreshold, level: Level, frame: Frame, *, above: bool) -> list[Chart]:
    """The nation's band and bar; `above` puts the scale above the chart as well."""
    import altair as alt

    values = [{"low": nation.low, "high": nation.high, "bar": nation.severity}]
    base = alt.Chart(alt.InlineData(values=values))
    orient: Literal["top"] | None = "top" if above else None
    return [
        base.mark_rect(color=BAND, clip=True).encode(x=_scale("low", level, frame, orient), x2="high:Q"),
        base.mark_rule(color=INK, strokeDash=[5, 3], clip=True).encode(x=_scale("bar", level, frame)),
    ]


def _dressed(chart: LayerChart, rows: int) -> LayerChart:
    dressed: LayerChart = (
        chart.properties(
            width=_WIDTH,
            height=rows * _ROW,
            padding={"left": _SPARE, "right": 34, "top": 4, "bottom": 4},
            background="white",
        )
        .configure(font=TYPE, aria=False)
        .configure_view(stroke=None)
        .configure_axis(
            labelFontSize=11,
            titleFontSize=11,
            titleFontWeight="normal",
            labelColor=INK,
            titleColor=INK,
            gridColor=FAINT,
        )
    )
    return dressed
