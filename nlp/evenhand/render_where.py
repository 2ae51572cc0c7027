"""Show where a concern would land to a person at a terminal; builds rich renderables and writes nothing itself."""

from __future__ import annotations

from rich import box
from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from evenhand.consistency.nearest import Precedent
from evenhand.consistency.report.words import count
from evenhand.consistency.where import AreaAnswer, Where
from evenhand.render import level_set_words, notice
from evenhand.scheme import LEVELS
from evenhand.text import normalise

_MOST_AREAS = 25  # whose precedents are shown, the nearest first; --json has all
_MEANING = (
    "If two of the {areas} areas whose bars around this concern are enough read were picked at random, the levels that"
    " they are expected to give it would be {spread:.1f} apart on average (90% interval {low:.1f} to {high:.1f}); 0 is"
    " none at all, 1 a whole level."
)
_CAUTION = "Documents are not practice, and a precedent has to be read before it is relied on."
_LIMITS = (
    "Each figure is the probability, with its 90% interval, that the area's documents put such a concern at the"
    f" level, as far as their descriptors tell. {_CAUTION}"
)


def where(found: Where) -> Group:
    """The answer of each area that is enough read, then the nearest precedents."""
    told = [answer for answer in found.areas if answer.enough]
    parts: list[RenderableType] = [_read(found), Text()]
    if told:
        parts += [_levels(found, told), Text()]
    if rest := len(found.areas) - len(told):
        parts += [Text(f"Not enough read to say where they would put it: {count(rest, 'area')}."), Text()]
    if told and found.spread is not None and found.spread_interval is not None:
        low, high = found.spread_interval
        meaning = _MEANING.format(areas=found.spread_areas, spread=found.spread, low=low, high=high)
        parts += [Text(meaning), Text()]
    if any(answer.precedents for answer in found.areas):
        parts += [_precedents(found), Text()]
    return Group(*parts, Text(_LIMITS if told else _CAUTION), Text(), notice())


def _read(found: Where) -> Text:
    coding = found.coding
    issues = ", ".join(str(issue).replace("_", " ") for issue in coding.issues) or "none named"
    told = f"Read as severity {coding.severity:.1f} of 6, about: {issues}."
    if len(coding.sentences) > 1:
        told += f" The text has {len(coding.sentences)} sentences and was taken as one concern; give one at a time."
    return Text(told)


def _levels(found: Where, told: list[AreaAnswer]) -> Table:
    table = Table(box=box.SIMPLE_HEAD, show_edge=False, title="Where it would land", title_justify="left")
    table.add_column("Area", overflow="fold")
    table.add_column("Level, with the 90% interval of its probability; what an area does not tell apart is one")
    for answer in told:
        cells = [
            f"{'+'.join(run)} {value:.0%} ({low:.0%}-{high:.0%})"
            for run, value in answer.level_probabilities.items()
            for low, high in [answer.intervals[run]]
        ]
        table.add_row(_plain(answer.area), "   ".join(cells))
    if found.national:
        table.add_row("an average area", "   ".join(f"{level} {found.national[level]:.0%}" for level in LEVELS))
    return table


def _precedents(found: Where) -> Group:
    parts: list[RenderableType] = [Text("Precedents: the nearest descriptors, by area", style="bold")]
    near = sorted((a for a in found.areas if a.precedents), key=lambda answer: -answer.precedents[0].alike)
    for answer in near[:_MOST_AREAS]:
        parts.append(Text(_plain(answer.area), style="bold"))
        parts += [Padding(_precedent(precedent), (0, 0, 0, 2)) for precedent in answer.precedents]
    if len(near) > _MOST_AREAS:
        parts.append(Text(f"{count(len(near) - _MOST_AREAS, 'area')} more; --json has all, and --area NAME shows one."))
    if without := len(found.areas) - len(near):
        parts.append(Text(f"Nothing near in {count(without, 'area')}."))
    return Group(*parts)


def _precedent(precedent: Precedent) -> Text:
    row = precedent.descriptor
    place = f", page {row.page}" if row.page else ""
    same = ", the same situation" if precedent.is_same else ""
    told = Text.assemble(
        (f"{level_set_words(row.levels)} ({_plain(row.native_level)}): ", "bold"),
        _plain(row.text),
        f" (alike {precedent.alike:.2f}{same}; {_plain(precedent.title)}{place}",
    )
    told.append(f"; {_plain(precedent.url)})" if precedent.url else ")")
    return told


def _plain(text: str) -> str:
    return normalise(text).replace("\n", " ")
