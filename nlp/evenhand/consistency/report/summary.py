"""What a comparison found, in whole sentences; each figure in them stands in a table of the report too."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from evenhand.consistency.comparison import Comparison
from evenhand.consistency.posterior import AreaThreshold, NationalThreshold
from evenhand.consistency.report.bars import CLEAR, Bar, side
from evenhand.consistency.report.words import count, grades, share, span

# Trials of the deviations that weigh in. With fewer, the ends of the interval of a spread are single trials.
FEWEST_TRIALS = 5
MOST_NAMED = 3  # areas in a sentence: the chart has all


def read(comparison: Comparison) -> str:
    """What was read, by whom coded."""
    collection = comparison.collection
    rows = len(collection.descriptors)
    by_model = sum(row.by_model for row in collection.descriptors)
    told = (
        f"{count(len(collection.documents), 'document')} of {count(len(collection.areas), 'area')}, with"
        f" {count(rows, 'descriptor')} that stand at a level. "
    )
    if not by_model:
        return told + "Their severity was coded beforehand, not read by the model."
    if by_model == rows:
        return told + f"Their severity was read by the model {comparison.model}."
    return told + (
        f"The severity of {by_model:,} of them was read by the model {comparison.model}; that of the other"
        f" {rows - by_model:,} was coded beforehand."
    )


def enough(comparison: Comparison, bars: Sequence[Bar]) -> str:
    """How many areas are read enough to say anything of their bars."""
    areas = {row.area for bar in bars for row in bar.rows}
    of = len(comparison.collection.areas)
    if not areas and of == 1:
        return "The area is not read enough to say where any of its bars sits."
    if not areas:
        return f"None of the {count(of, 'area')} is read enough to say where any of its bars sits."
    each = ", ".join(f"{bar.name}: {len(bar.rows)}" for bar in bars)
    return f"{share(areas, of)} areas are read enough to place at least one of their bars ({each})."


@dataclass(frozen=True, slots=True)
class Finding:
    """A finding: what it is about, and a sentence or more."""

    about: str
    told: str


def findings(comparison: Comparison, bars: Sequence[Bar]) -> list[Finding]:
    """The main findings, in the order of the report's sections."""
    told = [Finding(f"Bar for {bar.name}", _bar(bar)) for bar in bars if bar.rows]
    told.append(Finding("Same situations", same(comparison)))
    told.append(Finding("What documents leave out", _silent(comparison)))
    if sentence := merged(comparison):
        told.append(Finding("One level for child in need and child protection", sentence))
    return told


def _bar(bar: Bar) -> str:
    """Where a bar sits; areas are named where they are clearly apart, as the order of the others is mostly chance."""
    lowest, highest = bar.rows[0], bar.rows[-1]
    told = ""
    if bar.nation:
        told = f"the nation’s is at {_at(bar.nation)}, on the scale from 1 to 6. "
    if len(bar.rows) == 1:
        return f"{told}One area is read enough: {lowest.area}, at {_at(lowest)}."
    ends = [grades(lowest.severity), grades(highest.severity)]
    told += f"The {len(bar.rows)} areas that are read enough are "
    told += f"all estimated at {ends[0]}. " if ends[0] == ends[1] else f"estimated between {ends[0]} and {ends[1]}. "
    lower = [row for row in bar.rows if side(row) == "lower"]
    higher = [row for row in reversed(bar.rows) if side(row) == "higher"]
    if not lower + higher:
        return f"{told}None is lower or higher than the nation’s with a probability of {CLEAR} or more."
    told += f"Lower with a probability of {CLEAR} or more: {_named(lower)}. " if lower else ""
    told += f"Higher with a probability of {CLEAR} or more: {_named(higher)}." if higher else ""
    return told.rstrip()


def _named(rows: Sequence[AreaThreshold]) -> str:
    """The first few by name with their bars, the others counted."""
    told = [f"{row.area} at {_at(row)}" for row in rows[:MOST_NAMED]]
    if len(rows) > MOST_NAMED:
        told.append(f"{len(rows) - MOST_NAMED} more")
    return " and ".join([part for part in (", ".join(told[:-1]), told[-1]) if part])


def _at(one: AreaThreshold | NationalThreshold) -> str:
    return f"{grades(one.severity)} ({span(one.low, one.high)})"


def same(comparison: Comparison) -> str:
    """How many same situations stand at other levels, and how many do not."""
    differ = sum(one.differs for one in comparison.situations)
    if not comparison.situations:
        return "No situation was found that two areas describe alike."
    of = len(comparison.situations)
    agree = of - differ
    return (
        f"{count(of, 'situation')} {_verb(of, 'is', 'are')} described alike by two or more areas: {differ}"
        f" {_verb(differ, 'stands', 'stand')} at levels of which two areas have none in common, and {agree}"
        f" {_verb(agree, 'stands', 'stand')} at agreeing levels."
    )


def _verb(number: int, one: str, many: str) -> str:
    return one if number == 1 else many


def merged(comparison: Comparison) -> str:
    """How many documents have one level for child in need and child protection; "" where no level for them is known."""
    told = [merges for document in comparison.collection.documents if (merges := document.merges_c_and_d) is not None]
    if not told:
        return ""
    return (
        f"{share(sum(told), len(told))} documents that have levels below and at child in need or child protection have"
        " one level for these two. In the 2018 inquiry it was 10 of 37."
    )


def _silent(comparison: Comparison) -> str:
    whole = [area for area in comparison.coverage if area.read_whole]
    if not whole:
        return "No area’s documents were read whole, so nothing is said of what they leave out."
    silent, gravest = sum(bool(area.silent) for area in whole), sum(bool(area.only_gravest) for area in whole)
    return (
        f"{share(len(whole), len(comparison.coverage))} areas have documents that were read whole: {silent} of these"
        f" {_verb(silent, 'does', 'do')} not mention some issue, and {gravest} {_verb(gravest, 'names', 'name')} some"
        " issue at the gravest level only."
    )


def warnings(comparison: Comparison) -> list[str]:
    """Why the thresholds should not be relied on as they are; [] where nothing speaks against it."""
    told = comparison.posterior.diagnostics if comparison.posterior else {}
    found = []
    if told.get("passed") is False:
        found.append(
            "Sampling of the thresholds did not settle (see the diagnostics under method): run it longer before any"
            " figure of a bar is used."
        )
    trials = told.get("effective_trials")
    if isinstance(trials, float) and trials < FEWEST_TRIALS:
        found.append(
            f"How far areas spread rests on few trials ({trials:.1f} weigh in): its intervals are rough. `evenhand"
            " compare --sample` gives better ones."
        )
    return found
