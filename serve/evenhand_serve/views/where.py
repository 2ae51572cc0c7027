"""Where areas' documents would put a concern, as the page shows it; from the plain form of `Where`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from markupsafe import Markup

from evenhand.consistency.same_situation import released
from evenhand.scheme import LEVELS
from evenhand_serve import pictures
from evenhand_serve.views.words import count, either, issue_name, percent, percents, set_words, shown, web_address

SHOWN_AREAS = 6  # whose precedents stand in the open: what a person reads; the rest unfolds


@dataclass(frozen=True, slots=True)
class RunShare:
    """A run of levels that an area's documents do not tell apart, with its probability and 90% interval."""

    codes: str
    kind: str
    share: str
    interval: str


@dataclass(frozen=True, slots=True)
class AreaRow:
    """Where one area would put the concern; `picture` has the runs side by side."""

    area: str
    runs: tuple[RunShare, ...]
    picture: Markup


@dataclass(frozen=True, slots=True)
class PrecedentRow:
    """A descriptor near the concern. `url` is "" where there is none to follow, `page` where it is not known."""

    text: str
    codes: str
    words: str
    native_level: str
    document: str
    page: str
    url: str
    alike: str
    same: bool


@dataclass(frozen=True, slots=True)
class AreaPrecedents:
    """The nearest descriptors of one area."""

    area: str
    precedents: tuple[PrecedentRow, ...]


@dataclass(frozen=True, slots=True)
class WhereView:
    """Where areas would put it.

    Attributes:
        read: What the model read off it, in a sentence.
        areas: Those enough read, in alphabetical order, the average area last.
        unread: How many are not, in words; "" for none.
        spread: How far apart areas are, in a sentence; "" where too few are read.
        precedents: Areas with the nearest descriptors first.
        more: The rest of them.
        without: How many areas have nothing near, in words; "" for none.
    """

    read: str
    areas: tuple[AreaRow, ...]
    unread: str
    spread: str
    precedents: tuple[AreaPrecedents, ...]
    more: tuple[AreaPrecedents, ...]
    without: str


def where_view(where: Mapping[str, Any]) -> WhereView:
    """What is shown of `Where.to_dict()`."""
    answers: Mapping[str, Mapping[str, Any]] = where["areas"]
    told = [_area(name, one) for name, one in answers.items() if one["level_probabilities"]]
    if told and where["national"]:
        told.append(_average(where["national"]))
    near = sorted(
        ((name, one["precedents"]) for name, one in answers.items() if one["precedents"]),
        key=lambda pair: (-pair[1][0]["alike"], pair[0]),
    )
    rows = [AreaPrecedents(shown(name), tuple(_precedent(one) for one in own)) for name, own in near]
    unread = sum(not one["level_probabilities"] for one in answers.values())
    without = len(answers) - len(near)
    return WhereView(
        read=_read(where),
        areas=tuple(told),
        unread=count(unread, "area") if unread else "",
        spread=_spread(where) if told else "",
        precedents=tuple(rows[:SHOWN_AREAS]),
        more=tuple(rows[SHOWN_AREAS:]),
        without=count(without, "area") if without else "",
    )


def _read(where: Mapping[str, Any]) -> str:
    issues = ", ".join(map(issue_name, where["issues"])) or "nothing that has a code"
    return f"Read as severity {where['severity']:.1f} of 6, about {issues}."


def _area(name: str, answer: Mapping[str, Any]) -> AreaRow:
    shares, ends = answer["level_probabilities"], answer["interval"] or {}
    rows = tuple(
        RunShare(
            codes=either(run.split("+")),
            kind=_kind(run),
            share=percent(share),
            interval=percents(*ends[run]) if run in ends else "",
        )
        for run, share in shares.items()
    )
    parts = [pictures.Part(share, _kind(run)) for run, share in shares.items()]
    return AreaRow(shown(name), rows, pictures.stacked(parts, ""))


def _average(national: Mapping[str, float]) -> AreaRow:
    rows = tuple(RunShare(str(level), str(level), percent(national.get(level, 0.0)), "") for level in LEVELS)
    parts = [pictures.Part(national.get(level, 0.0), str(level)) for level in LEVELS]
    return AreaRow("An average area", rows, pictures.stacked(parts, ""))


def _kind(run: str) -> str:
    """The shade of a run: that of its gravest level, or none of them where it holds all but the mildest.

    >>> _kind("C+D"), _kind("B"), _kind("A+B+C+D")
    ('D', 'B', 'mixed')
    """
    codes = run.split("+")
    return "mixed" if len(codes) > 2 else codes[-1]  # of three levels no one shade would be true


def _spread(where: Mapping[str, Any]) -> str:
    if where["spread"] is None or not where["spread_interval"]:
        return ""
    low, high = where["spread_interval"]
    return (
        f"If two of the {where['spread_areas']} areas whose bars around this concern are enough read were picked at"
        f" random, the levels that they are expected to give it would be {where['spread']:.1f} apart on average (90%"
        f" interval {low:.1f} to {high:.1f}). 0 is none at all, 1 a whole level."
    )


def _precedent(one: Mapping[str, Any]) -> PrecedentRow:
    return PrecedentRow(
        text=shown(one["text"]),
        codes=either(one["levels"]),
        words=set_words(one["levels"]),
        native_level=shown(one["native_level"]),
        document=shown(one["document"]),
        page="" if one["page"] is None else str(one["page"]),
        url=web_address(one["url"]),
        alike=f"{one['alike']:.2f}",
        same=one["same_situation"] >= released().threshold,
    )
