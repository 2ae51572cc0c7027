"""At which level a text was read, and what each of its sentences adds; part of the page of one text."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from markupsafe import Markup

from evenhand.scheme import LEVELS, SEVERITY_MEANINGS, Assertion, Issue, dfe_codes
from evenhand_serve import pictures
from evenhand_serve.views.marking import Span
from evenhand_serve.views.words import (
    ASSERTION_WORDS,
    LEVEL_LAW,
    LEVEL_NAMES,
    dfe_name,
    either,
    issue_name,
    percent,
    sentence_case,
    set_words,
)

# Least weights of a sentence for its tints, from the palest: under the first a sentence decides next to nothing.
_TINTS = (0.01, 0.10, 0.35, 0.65)
_EXCERPT = 90  # characters of a sentence that name it in a table


@dataclass(frozen=True, slots=True)
class LevelRow:
    """A level and its probability."""

    code: str
    name: str
    law: str
    share: str
    in_set: bool
    picture: Markup


@dataclass(frozen=True, slots=True)
class IssueRow:
    """An issue that was found, with the factors of the census that it maps to."""

    name: str
    share: str
    factors: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class LevelView:
    """At which level a text was read, how serious it is and what it is about.

    Attributes:
        codes: The level set as codes: "C or D".
        words: The same in words.
        code: The median level.
        rows: One for each level, mildest first.
        picture_text: What the picture of the levels shows, in a sentence.
        picture: All levels as one bar.
        law: Code, name and meaning of each level of the set.
        severity: "5.0".
        severity_words: What its nearest grade means.
        severity_picture: It on its scale.
        issues: Strongest first.
        factors: Codes of the census with their meanings.
        told: Whether what the sentence that decided says is so now, in words; "" where that is not known.
    """

    codes: str
    words: str
    code: str
    rows: tuple[LevelRow, ...]
    picture_text: str
    picture: Markup
    law: tuple[tuple[str, str, str], ...]
    severity: str
    severity_words: str
    severity_picture: Markup
    issues: tuple[IssueRow, ...]
    factors: tuple[tuple[str, str], ...]
    told: str


@dataclass(frozen=True, slots=True)
class SentenceRow:
    """A sentence, what it says and how much of the level it decides. `tint` is 0, for next to nothing, to 4."""

    number: int
    text: str
    level: str
    severity: str
    issues: str
    told: str
    share: str
    tint: int
    claim: bool
    picture: Markup


def level_view(coding: Mapping[str, Any]) -> LevelView:
    """What is shown of the level of `Coding.to_dict()`, which has one."""
    levels, shares = coding["levels"], coding["level_probabilities"]
    rows = tuple(
        LevelRow(
            code=str(level),
            name=LEVEL_NAMES[level],
            law=LEVEL_LAW[level],
            share=percent(shares.get(level, 0.0)),
            in_set=str(level) in levels,
            picture=pictures.bar(shares.get(level, 0.0), str(level)),
        )
        for level in LEVELS
    )
    told = "Probability of each level: " + "; ".join(f"{row.code} {row.share}" for row in rows) + "."
    severity = float(coding["severity"])
    meaning = SEVERITY_MEANINGS[min(max(round(severity), 1), 6)]
    return LevelView(
        codes=either(levels),
        words=set_words(levels),
        code=coding["level"],
        rows=rows,
        picture_text=told,
        picture=pictures.stacked([pictures.Part(shares.get(level, 0.0), str(level)) for level in LEVELS], told),
        law=tuple((row.code, row.name, row.law) for row in rows if row.in_set),
        severity=f"{severity:.1f}",
        severity_words=meaning,
        severity_picture=pictures.scale(severity, f"Severity {severity:.1f} on a scale from 1 to 6."),
        issues=tuple(_issue(issue, coding["issue_probabilities"]) for issue in coding["issues"]),
        factors=tuple((code, dfe_name(code)) for code in coding["dfe_codes"]),
        told=_told(coding["assertion"], None),
    )


def _issue(issue: str, shares: Mapping[str, float]) -> IssueRow:
    known = issue in set(Issue)
    return IssueRow(
        name=sentence_case(issue_name(issue)),
        share=percent(shares.get(issue, 0.0)),
        factors=dfe_codes([Issue(issue)]) if known else (),
    )


def _told(assertion: str | None, frame: str | None) -> str:
    """How something is told: "about now, told as evidence"."""
    words = [] if assertion is None else [ASSERTION_WORDS[Assertion(assertion)]]
    return ", ".join([*words, *([] if frame is None else [f"told as {frame}"])])


def sentence_row(number: int, text: str, one: Mapping[str, Any], frames: Mapping[Span, str | None]) -> SentenceRow:
    """A sentence of the coding; `frames` says how flagging found those of the same offsets told."""
    weight = float(one["weight"])
    severity = one["severity"]
    return SentenceRow(
        number=number,
        text=_excerpt(words_of(text, one)),
        level=one["level"] or "",
        severity="" if severity is None else f"{severity:.1f}",
        issues=", ".join(map(issue_name, one["issues"])),
        told=sentence_case(_told(one["assertion"], frames.get((one["start"], one["end"]), one["frame"]))),
        share=percent(weight),
        tint=sum(weight >= least for least in _TINTS),
        claim=bool(one.get("claim", False)),
        picture=pictures.bar(weight, "weight"),
    )


def words_of(text: str, one: Mapping[str, Any]) -> str:
    """The words that a mark covers."""
    return text[max(0, one["start"]) : max(0, one["end"])]


def _excerpt(words: str) -> str:
    return words if len(words) <= _EXCERPT else f"{words[: _EXCERPT - 1].rstrip()}…"
