"""Rates against quality on notes as an SVG that stands by itself: no scripts, nothing from outside.

Its ground is white whatever the page's is, so that it reads the same in light and dark.
"""

from __future__ import annotations

from typing import Any

from evenhand.consistency.report.bars import INK, TYPE
from evenhand.consistency.report.svg import drawing
from evenhand_training.speed_tables import EQUAL_ON

_WIDTH, _HEIGHT = 400, 330
_OURS, _THEIRS = "#a34a00", "#1f5fa8"  # orange and blue, which colour-blind people tell apart
_FAINT = "#d9d9d9"
_SHAPES = {
    "Evenhand": "diamond",
    "PyTorch": "circle",
    "ONNX Runtime": "square",
    "ONNX Runtime, 8 bits": "cross",
    "OpenVINO": "triangle-up",
    "OpenVINO, 8 bits": "triangle-down",
    "other": "triangle-right",
}
# One beside the other: what is measured and what that is called.
_PANELS = {"level_exact": "share with the right level", "issue_micro_f1": "micro-F1 of issues"}
# What a point is called, and its runtime. Runtimes of one network share a name, which stands at the fastest of them.
_POINTS = {
    "evenhand": ("Evenhand", "Evenhand"),
    "transformers_pipeline": ("MiniLM fine-tuned", "PyTorch"),
    "finetuned_onnx": ("MiniLM fine-tuned", "ONNX Runtime"),
    "finetuned_onnx_int8": ("MiniLM fine-tuned", "ONNX Runtime, 8 bits"),
    "finetuned_openvino": ("MiniLM fine-tuned", "OpenVINO"),
    "finetuned_openvino_int8": ("MiniLM fine-tuned", "OpenVINO, 8 bits"),
    "embeddings_torch": ("embeddings + linear", "PyTorch"),
    "embeddings_onnx": ("embeddings + linear", "ONNX Runtime"),
    "embeddings_onnx_int8": ("embeddings + linear", "ONNX Runtime, 8 bits"),
    "embeddings_openvino": ("embeddings + linear", "OpenVINO"),
    "embeddings_openvino_int8": ("embeddings + linear", "OpenVINO, 8 bits"),
    "setfit": ("SetFit", "PyTorch"),
    "spacy_textcat": ("spaCy textcat", "other"),
    "tfidf_linear": ("TF-IDF + linear", "other"),
}


def draw(line: dict[str, Any]) -> str:
    """The chart of a log line of kind `speed`."""
    cores = max((count for peer in line["peers"].values() for count in peer["texts_per_second"]), key=int)
    values = [_point(name, line["peers"][name], cores) for name in _POINTS if name in line["peers"]]
    told = "; ".join(
        f"{one['name']} ({one['runtime']}) {one['rate']:,.0f} a second, level right for {one['level_exact']:.0%}, "
        f"issue micro-F1 {one['issue_micro_f1']:.2f}"
        for one in values
    )
    made = drawing(
        _chart(values, cores, line),
        key="speed",
        title=f"Notes a second on {cores} cores, and how right their level and issues are",
        text=told,
    )
    # In a page the chart has the page's type; by itself it needs one, and the namespace that a page does not.
    opening = f'<svg xmlns="http://www.w3.org/2000/svg" font-family="{TYPE}"'
    return made.svg.replace("<svg", opening, 1) + "\n"


def _point(name: str, peer: dict[str, Any], cores: str) -> dict[str, Any]:
    called, runtime = _POINTS[name]
    quality = {measure: peer["quality"][EQUAL_ON][measure] for measure in _PANELS}
    return {
        "name": called,
        "runtime": runtime,
        "whose": "Evenhand" if runtime == "Evenhand" else "others",
        "rate": peer["texts_per_second"][cores]["notes"]["median"],
        **{measure: found["value"] for measure, found in quality.items()},
        **{f"{measure}_{end}": found[end] for measure, found in quality.items() for end in ("low", "high")},
    }


def _chart(values: list[dict[str, Any]], cores: str, line: dict[str, Any]) -> Any:  # noqa: ANN401 - altair's own kinds
    import altair as alt

    notes = line["texts"]["notes"]
    rows = next(iter(line["peers"].values()))["quality"][EQUAL_ON]["rows"]
    title = f"notes of {notes['tokens']:.0f} tokens a second, {cores} cores (logarithmic)"
    panels = [_panel(values, measure, f"{told}, {rows} notes", title) for measure, told in _PANELS.items()]
    return (
        alt.hconcat(*panels, spacing=36)
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


def _panel(values: list[dict[str, Any]], measure: str, told: str, title: str) -> Any:  # noqa: ANN401
    """Points with their intervals, and a name at the fastest point of each network."""
    import altair as alt

    runtimes = [runtime for runtime in _SHAPES if any(one["runtime"] == runtime for one in values)]
    fastest = {one["name"]: one for one in sorted(values, key=lambda one: float(one["rate"]))}
    rates = alt.X("rate:Q", title=title)
    x = rates.scale(type="log", nice=True, padding=30).axis(alt.Axis(format=",~r", tickCount=4))
    y = alt.Y(f"{measure}:Q", title=told).scale(zero=False).axis(alt.Axis(format="%" if "level" in measure else ".2f"))
    colour = alt.Color("whose:N", legend=None).scale(domain=["Evenhand", "others"], range=[_OURS, _THEIRS])
    legend = alt.Legend(symbolFillColor=INK, symbolStrokeColor=INK, labelFontSize=11, orient="bottom", columns=7)
    shape = alt.Shape("runtime:N", title=None, legend=legend).scale(
        domain=runtimes, range=[_SHAPES[runtime] for runtime in runtimes]
    )
    base = alt.Chart(alt.InlineData(values=values)).encode(x=x, color=colour)
    # Peers of one runtime are called from below, so that names of neighbours do not meet.
    several = {
        name for name in fastest if sum(one["name"] == name for one in values) > 1 or name.startswith("Evenhand")
    }
    above = [one for name, one in fastest.items() if name in several]
    below = [one for name, one in fastest.items() if name not in several]
    return alt.layer(
        base.mark_rule(strokeWidth=1, opacity=0.35).encode(y=f"{measure}_low:Q", y2=f"{measure}_high:Q"),
        base.mark_point(filled=True, opacity=1, size=90, strokeWidth=2).encode(y=y, shape=shape),
        *(
            alt.Chart(alt.InlineData(values=part))
            .mark_text(align="left", dx=8, dy=dy, fontSize=12)
            .encode(x=x, y=y, color=colour, text="name:N")
            for part, dy in ((above, -9), (below, 12))
        ),
    ).properties(width=_WIDTH, height=_HEIGHT)
