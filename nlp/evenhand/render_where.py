"""Show where a concern would land to a person at a terminal; builds rich renderables and writes nothing itself."""

from __future__ import annotations

from rich import box
from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from evenhand.consistency.where import AreaAnswer, Precedent, Where
from evenhand.render import level_set_words, notice
from evenhand.scheme import LEVELS
from evenhand.text import normalise

_MEANING = (
    "If two of these areas were picked at random, the levels that they are expected to give the concern would be"
    " {spread:.1f} apart on average (90% interval {low:.1f} to {high:.1f}); 0 is none at all, 1 a whole level."
)
_LIMITS = (
    "Each figure is the probability, with its 90% interval, that the area's documents put such a concern at the"
    " level, as far as their descriptors tell. Documents are not practice, and a precedent has to be read before it is"
    " relied on."
)
_SAME = 0.5  # from here on a precedent more likely than not describes the same situation


def where(found: Where) -> Group:
    """The answer of each area that is enough read, then the precedents of all."""
    told = [answer for answer in found.areas if answer.enough]
    parts: list[RenderableType] = [_read(found), Text()]
    if told:
        parts += [_levels(found, told), Text()]
    else:
        parts += [Text("No area is read enough to say at which level it would put a concern."), Text()]
    if found.spread is not None and found.spread_interval is not None:
        low, high = found.spread_interval
        parts += [Text(_MEANING.format(spread=found.spread, low=low, high=high)), Text()]
    parts += [_precedents(found), Text(), Text(_LIMITS), Text(), notice()]
    return Group(*parts)


def _read(found: Where) -> Text:
    coding = found.coding
    issues = ", ".join(str(issue).replace("_", " ") for issue in coding.issues) or "none named"
    return Text(f"Read as severity {coding.severity:.1f} of 6, about: {issues}. Level anywhere: {coding.level}.")


def _levels(found: Where, told: list[AreaAnswer]) -> Table:
    table = Table(box=box.SIMPLE_HEAD, show_edge=False, title="Where it would land", title_justify="left")
    table.add_column("Area", overflow="fold")
    for level in LEVELS:
        table.add_column(str(level), justify="right", no_wrap=True)
    for answer in told:
        cells = [
            f"{answer.level_probabilities[level]:.0%} ({low:.0%}-{high:.0%})"
            for level in LEVELS
            for low, high in [answer.intervals[level]]
        ]
        table.add_row(_plain(answer.area), *cells)
    if found.national:
        table.add_row("an average area", *[f"{found.national[level]:.0%}" for level in LEVELS])
    return table


def _precedents(found: Where) -> Group:
    parts: list[RenderableType] = [Text("Precedents: the nearest descriptors of each area", style="bold")]
    without = [_plain(answer.area) for answer in found.areas if not answer.precedents]
    for answer in found.areas:
        if answer.precedents:
            parts.append(Text(_plain(answer.area), style="bold"))
            parts += [Padding(_precedent(precedent), (0, 0, 0, 2)) for precedent in answer.precedents]
    if without:
        parts.append(Text(f"Nothing near in {len(without)} areas."))
    return Group(*parts)


def _precedent(precedent: Precedent) -> Text:
    row = precedent.descriptor
    place = f", page {row.page}" if row.page else ""
    same = ", the same situation" if precedent.same >= _SAME else ""
    told = Text.assemble(
        (f"{level_set_words(row.levels)} ({_plain(row.native_level)}): ", "bold"),
        _plain(row.text),
        f" (alike {precedent.alike:.2f}{same}; {_plain(precedent.title)}{place}",
    )
    told.append(f"; {_plain(precedent.url)})" if precedent.url else ")")
    return told


def _plain(text: str) -> str:
    return normalise(text).replace("\n", " ")
