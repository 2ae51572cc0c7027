"""What the page of areas shows: where their bars sit, and same situations at different levels."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from markupsafe import Markup

from evenhand.scheme import LEVEL_MEANINGS, Level
from evenhand_serve import pictures
from evenhand_serve.views.words import count, either, issue_name, sentence_case, shown, web_address

SHOWN_SITUATIONS = 20  # in the open, the widest apart first; the rest unfolds


@dataclass(frozen=True, slots=True)
class BarRow:
    """Where one area's bar sits: severity and its 90% interval in words, how sure it is higher than the nation's."""

    area: str
    severity: str
    interval: str
    higher: str
    rows: str
    picture: Markup


@dataclass(frozen=True, slots=True)
class BarView:
    """One bar in all areas.

    Attributes:
        level: "C or above"; its code is part of ids.
        code: "C".
        meaning: What is at the bar or above it.
        rows: Of areas enough read, the lowest bar first.
        nation: The average area's in a sentence; "" where it is not known.
        spread: How far areas differ, in a sentence; "" where too few are read.
        unread: Areas that are not enough read, in alphabetical order.
    """

    code: str
    level: str
    meaning: str
    rows: tuple[BarRow, ...]
    nation: str
    spread: str
    unread: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class MemberRow:
    """A descriptor of a situation; `url` is "" where there is none to follow."""

    area: str
    codes: str
    native_level: str
    text: str
    document: str
    page: str
    url: str


@dataclass(frozen=True, slots=True)
class SituationView:
    """A situation and where areas put it; `apart` says in words how far they are."""

    title: str
    issue: str
    apart: str
    differs: bool
    members: tuple[MemberRow, ...]


@dataclass(frozen=True, slots=True)
class AreasPage:
    """What the page of areas shows.

    Attributes:
        summary: What was compared, in a sentence.
        notes: What a reader has to know.
        area: The area that is chosen; "" for all.
        issue: The issue that is chosen; "" for all.
        areas: Names to choose from.
        issues: Codes and names to choose from.
        bars: Those that some area that is shown is enough read for.
        unread_bars: Bars that the chosen area is not enough read for, in words; "" for none, or without a choice.
        silent: Where nothing can be said of bars, why; "" otherwise.
        differing: Situations at levels of which two areas have none in common, the widest apart first.
        more: The rest of them.
        agreeing: How many situations are at levels that do agree, in words.
        mentions: For a chosen issue, area, the mildest level that names it, and how many descriptors do.
    """

    summary: str
    notes: tuple[str, ...]
    area: str
    issue: str
    areas: tuple[str, ...]
    issues: tuple[tuple[str, str], ...]
    bars: tuple[BarView, ...]
    unread_bars: str
    silent: str
    differing: tuple[SituationView, ...]
    more: tuple[SituationView, ...]
    agreeing: str
    mentions: tuple[tuple[str, str, str], ...]


def areas_page(view: Mapping[str, Any], *, area: str = "", issue: str = "") -> AreasPage:
    """What is shown of `areas_view`, of one area or issue if they are chosen; an unknown choice counts as none."""
    names: Sequence[str] = view["collection"]["areas"]
    mentioned = {name for one in view["coverage"] for name in one["mentions"]}
    known = sorted(mentioned | {one["issue"] for one in view["situations"]})
    area, issue = area if area in names else "", issue if issue in known else ""
    found = [
        one
        for one in view["situations"]
        if (not issue or one["issue"] == issue) and (not area or area in one["by_area"])
    ]
    differing = [_situation_view(one) for one in found if one["differs"]]
    agreeing = len(found) - len(differing)
    bars = _bars(view, area)
    told = view["collection"]
    return AreasPage(
        summary=f"{count(told['descriptors'], 'descriptor')} of {count(told['documents'], 'document')} of"
        f" {count(len(names), 'area')}.",
        notes=tuple(shown(note) for note in view["notes"]),
        area=area,
        issue=issue,
        areas=tuple(names),
        issues=tuple((code, sentence_case(issue_name(code))) for code in known),
        bars=bars,
        unread_bars=_unread(bars) if area else "",
        silent="" if bars else _silent(area),
        differing=tuple(differing[:SHOWN_SITUATIONS]),
        more=tuple(differing[SHOWN_SITUATIONS:]),
        agreeing=count(agreeing, "situation") if agreeing else "",
        mentions=_mentions(view, area, issue) if issue else (),
    )


def _bars(view: Mapping[str, Any], area: str) -> tuple[BarView, ...]:
    """Bars from the mildest; those of one area if it is chosen. An area that is not enough read is never drawn."""
    nation = {one["level"]: one for one in view["nation"]}
    names: Sequence[str] = [area] if area else view["collection"]["areas"]
    found = []
    for level in list(Level)[1:]:
        own = [one for one in view["thresholds"] if one["level"] == level and one["enough"] and one["area"] in names]
        if not own:
            continue
        rows = sorted(own, key=lambda one: (one["severity"], one["area"]))
        average = nation.get(str(level))
        read = {one["area"] for one in rows}
        found.append(
            BarView(
                code=str(level),
                level=_bar_name(level),
                meaning=LEVEL_MEANINGS[level] if level is Level.D else f"{LEVEL_MEANINGS[level]}, or more",
                rows=tuple(_bar(one, average) for one in rows),
                nation="" if average is None else _nation(average),
                spread="" if average is None or area else _spread(average),
                unread=tuple(shown(name) for name in names if name not in read),
            )
        )
    return tuple(found)


def _bar_name(level: Level) -> str:
    return str(level) if level is Level.D else f"{level} or above"


def _unread(bars: Sequence[BarView]) -> str:
    read = {bar.code for bar in bars}
    return "; ".join(_bar_name(level) for level in list(Level)[1:] if level not in read)


def _bar(one: Mapping[str, Any], average: Mapping[str, Any] | None) -> BarRow:
    low, high = one["interval"]
    beside = None if average is None else average["severity"]
    return BarRow(
        area=shown(one["area"]),
        severity=f"{one['severity']:.1f}",
        interval=f"{low:.1f} to {high:.1f}",
        higher=_chance(one["higher_than_nation"]),
        rows=f"{one['rows']:,}",
        picture=pictures.interval(one["severity"], low, high, beside=beside),
    )


def _chance(share: float) -> str:
    """A probability with two decimals; never 0 or 1, which draws cannot show."""
    if share >= 0.995:  # rounds to 1.00
        return "over 0.99"
    return "under 0.01" if share <= 0.005 else f"{share:.2f}"  # rounds to 0.00


def _nation(one: Mapping[str, Any]) -> str:
    low, high = one["interval"]
    return f"An average area's bar sits at severity {one['severity']:.1f} (90% interval {low:.1f} to {high:.1f})."


def _spread(one: Mapping[str, Any]) -> str:
    if one["spread"] is None:
        return "Fewer than three areas are enough read for this bar, so nothing is said of how far areas differ."
    low, high = one["spread_interval"]
    return (
        f"Areas differ with a standard deviation of {one['spread']:.1f} grades of severity"
        f" (90% interval {low:.1f} to {high:.1f})."
    )


def _silent(area: str) -> str:
    return (
        f"There is not enough read of {area} to say where any of its bars sits." if area else "No area is enough read."
    )


def _situation_view(one: Mapping[str, Any]) -> SituationView:
    members = [_member(row) for row in one["members"]]
    steps = one["steps"]
    return SituationView(
        title=members[0].text,
        issue=sentence_case(issue_name(one["issue"])),
        apart=f"{count(steps, 'level')} apart",
        differs=one["differs"],
        members=tuple(members),
    )


def _member(row: Mapping[str, Any]) -> MemberRow:
    return MemberRow(
        area=shown(row["area"]),
        codes=either(row["levels"]),
        native_level=shown(row["native_level"]),
        text=shown(row["text"]),
        document=shown(row["document"]),
        page="" if row["page"] is None else str(row["page"]),
        url=web_address(row["url"]),
    )


def _mentions(view: Mapping[str, Any], area: str, issue: str) -> tuple[tuple[str, str, str], ...]:
    """Who names an issue, from the mildest level."""
    order = list(map(str, Level))
    found = [
        (own["lowest_levels"], one["area"], own["descriptors"])
        for one in view["coverage"]
        if (not area or one["area"] == area) and (own := one["mentions"].get(issue))
    ]
    found.sort(key=lambda row: ([order.index(level) for level in row[0]], row[1]))
    return tuple((shown(name), either(levels), f"{number:,}") for levels, name, number in found)
