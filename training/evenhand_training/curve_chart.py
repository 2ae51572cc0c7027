"""What more rows of each issue would bring, as an SVG that stands by itself: no scripts, nothing from outside.

Its ground is white whatever the page's is, so that it reads the same in light and dark.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from evenhand.consistency.report.bars import INK, TYPE
from evenhand.consistency.report.svg import drawing
from evenhand.errors import MissingExtraError, OutputError
from evenhand_training.learning_curve_tables import KINDS, by_gain

_WIDTH, _ROW = 300, 18
_INKS = {"published": "#a34a00", "invented": "#1f5fa8"}  # orange and blue, which colour-blind people tell apart
_FAINT = "#d9d9d9"


def write_chart(line: dict[str, Any], path: Path) -> None:
    """Draw the gains of a log line into an SVG file.

    Raises:
        MissingExtraError: what draws is not installed.
        OutputError: the file cannot be written.
    """
    try:
        svg = draw(line)
    except ModuleNotFoundError as error:
        message = f"the picture needs {error.name}: pip install 'evenhand[report]'"
        raise MissingExtraError(message) from error
    try:
        path.write_text(svg, encoding="utf-8", newline="\n")
    except OSError as error:
        message = f"{path}: the picture cannot be written ({error.strerror}); give --picture another path"
        raise OutputError(message) from error


def draw(line: dict[str, Any]) -> str:
    """The chart of a log line of kind `learning_curve`."""
    issues = [(name, told) for name, told in by_gain(line) if any("gain" in told[f"more_{kind}"] for kind in KINDS)]
    told = "; ".join(f"{name}: {_words(found)}" for name, found in issues) or "No gain is told."
    made = drawing(
        _chart(issues, line["more"]),
        key="learning-curve",
        title=f"What {line['more']} more rows of each issue are estimated to add to its F1",
        text=told,
    )
    # In a page the chart has the page's type; by itself it needs one, and the namespace that a page does not.
    opening = f'<svg xmlns="http://www.w3.org/2000/svg" font-family="{TYPE}"'
    return made.svg.replace("<svg", opening, 1) + "\n"


def _words(found: dict[str, Any]) -> str:
    parts = []
    for kind in KINDS:
        more = found[f"more_{kind}"]
        parts.append(
            f"{kind} {more['gain']:+.3f} ({more['low']:+.3f} to {more['high']:+.3f})" if "gain" in more else ""
        )
    return ", ".join(part for part in parts if part)


def _chart(issues: list[tuple[str, dict[str, Any]]], more: int) -> Any:  # noqa: ANN401 - altair's own kinds
    import altair as alt

    panels = [
        _panel(issues, kind, f"added to F1 by {more} more {kind} rows", names=not place)
        for place, kind in enumerate(KINDS)
    ]
    return (
        alt.hconcat(*panels, spacing=24)
        .properties(padding=12, background="white")
        .configure(font=TYPE, aria=False)
        .configure_view(stroke=None)
        .configure_axis(
            labelFontSize=11,
            titleFontSize=12,
            titleFontWeight="normal",
            labelColor=INK,
            titleColor=INK,
            gridColor=_FAINT,
        )
    )


def _panel(issues: list[tuple[str, dict[str, Any]]], kind: str, title: str, *, names: bool) -> Any:  # noqa: ANN401
    """A point with its interval for each issue, and a rule where nothing is gained; one scale for all panels."""
    import altair as alt

    order = [name.replace("_", " ") for name, _ in issues]
    values = [
        {"issue": name.replace("_", " "), **told[f"more_{kind}"]}
        for name, told in issues
        if "gain" in told[f"more_{kind}"]
    ]
    ends = [
        told[f"more_{each}"][end]
        for _, told in issues
        for each in KINDS
        for end in ("low", "high")
        if end in told[f"more_{each}"]
    ]
    scale = alt.Scale(domain=[min([0.0, *ends]), max([0.0, *ends])], nice=True)
    axis = alt.Axis(ticks=False, domain=False, grid=True, gridDash=[1, 3], labels=names, labelPadding=8)
    y = alt.Y("issue:N", sort=None, title=None, axis=axis).scale(domain=order)
    base = alt.Chart(alt.InlineData(values=values)).encode(y=y, color=alt.value(_INKS[kind]))
    zero = alt.Chart(alt.InlineData(values=[{"gain": 0}])).mark_rule(color=INK, strokeDash=[4, 3])
    x = alt.X("low:Q", title=title, scale=scale).axis(alt.Axis(format="+.2f", tickCount=6, grid=False))
    return alt.layer(
        zero.encode(x=alt.X("gain:Q", scale=scale)),
        base.mark_rule(strokeWidth=2, opacity=0.45).encode(x=x, x2="high:Q"),
        base.mark_point(filled=True, opacity=1, size=50).encode(x=alt.X("gain:Q", title=title, scale=scale)),
    ).properties(width=_WIDTH, height=max(1, len(order)) * _ROW)
