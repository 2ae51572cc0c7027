"""What the page of one text shows, from the plain results of scoring, flagging and looking it up across areas."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from markupsafe import Markup

from evenhand.framing.scheme import CATEGORY_NAMES, ELEMENT_NAMES, FLAGGED, Category, Element
from evenhand.scheme import FRAMES
from evenhand_serve import pictures
from evenhand_serve.views.level import LevelView, SentenceRow, level_view, sentence_row, words_of
from evenhand_serve.views.marking import Run, Span, runs, segments
from evenhand_serve.views.where import WhereView, where_view
from evenhand_serve.views.words import FRAME_MEANINGS, balanced, kind_name, need_name, percent, sentence_case, shown


@dataclass(frozen=True, slots=True)
class Advice:
    """A framing span with what could be said instead; `flagged` is False for what is to be welcomed."""

    number: int
    words: str
    category: str
    flagged: bool
    why: str
    suggestion: str
    source: str


@dataclass(frozen=True, slots=True)
class NeedRow:
    """A material need; `letter` marks it in the text."""

    letter: str
    words: str
    need: str
    met: bool


@dataclass(frozen=True, slots=True)
class BalanceRow:
    """The share of sentences of one frame."""

    name: str
    meaning: str
    share: str
    picture: Markup


@dataclass(frozen=True, slots=True)
class ElementRow:
    """An element of a good referral; `sentence` is "" where nothing shows it."""

    name: str
    sentence: str


@dataclass(frozen=True, slots=True)
class TextResult:
    """What is shown of a text.

    Attributes:
        level: None where nothing could be coded; `reason` then says why.
        reason: As above; "" otherwise.
        truncated: Whether a sentence was cut.
        models: Names of the models.
        runs: The text, marked.
        sentences: In order.
        advice: What is to be said otherwise and what is to be welcomed, by number as marked in the text.
        needs: By letter as marked in the text.
        rewrites: Flagged sentences as they are and as they could be.
        balance: By frame; () where no sentence counts.
        balance_text: What the picture of the balance shows, in a sentence.
        found: Elements of a good referral that are there.
        unclear: That may be there.
        not_found: That are not.
        where: Where areas' documents would put it; None where that was not looked up.
        where_note: Why it was not, or what to know of how it was; "" for nothing.
        identifiable: What looks identifiable in it, in words; "" for nothing.
    """

    level: LevelView | None
    reason: str
    truncated: bool
    models: str
    runs: tuple[Run, ...]
    sentences: tuple[SentenceRow, ...]
    advice: tuple[Advice, ...]
    needs: tuple[NeedRow, ...]
    rewrites: tuple[tuple[str, str], ...]
    balance: tuple[BalanceRow, ...]
    balance_text: str
    found: tuple[ElementRow, ...]
    unclear: tuple[ElementRow, ...]
    not_found: tuple[ElementRow, ...]
    where: WhereView | None
    where_note: str
    identifiable: str

    @property
    def unmet(self) -> tuple[NeedRow, ...]:
        """Needs with which nobody asks for help."""
        return tuple(one for one in self.needs if not one.met)


def text_result(
    text: str,
    coding: Mapping[str, Any],
    flags: Mapping[str, Any],
    where: Mapping[str, Any] | None,
    *,
    where_note: str = "",
    identifiable: Sequence[str] = (),
) -> TextResult:
    """What is shown of one text.

    Args:
        text: As it was sent; offsets of the results are those of its code points.
        coding: `Coding.to_dict()`.
        flags: `Flags.to_dict()`.
        where: `Where.to_dict()`; None if it was not asked, or the text has several concerns, or areas are not ready.
        where_note: Why `where` is None, or what to know of how it was looked up.
        identifiable: Kinds of what looks identifiable in the text, where it was read all the same.
    """
    given = shown(text)
    told = coding["sentences"] or flags["sentences"]
    wanting = [*flags["unmet_needs"], *flags["met_needs"]]
    cut = segments(
        given,
        sentences=_spans(told),
        framing=_spans(flags["framing"]),
        needs=_spans(wanting),
        quotations=_spans(flags["quotations"]),
    )
    frames = {(one["start"], one["end"]): one["frame"] for one in flags["sentences"]}
    balance, balance_text = _balance(flags["balance"])
    by_state = _checklist(given, flags["checklist"])
    return TextResult(
        level=level_view(coding) if coding["level"] is not None else None,
        reason=coding["reason"] or "",
        truncated=bool(coding["truncated"] or flags["truncated"]),
        models=f"{coding['model']} and {flags['model']}",
        runs=tuple(runs(cut)),
        sentences=tuple(sentence_row(number, given, one, frames) for number, one in enumerate(coding["sentences"], 1)),
        advice=tuple(_advice(number, given, one) for number, one in enumerate(flags["framing"], 1)),
        needs=tuple(_need(place, given, one, len(flags["unmet_needs"])) for place, one in enumerate(wanting)),
        rewrites=tuple((words_of(given, one), shown(one["text"])) for one in flags["rewrites"]),
        balance=balance,
        balance_text=balance_text,
        found=by_state["found"],
        unclear=by_state["unclear"],
        not_found=by_state["not_found"],
        where=None if where is None else where_view(where),
        where_note=where_note,
        identifiable=", ".join(map(kind_name, identifiable)),
    )


def _advice(number: int, text: str, one: Mapping[str, Any]) -> Advice:
    category = Category(one["category"])
    return Advice(
        number=number,
        words=words_of(text, one),
        category=sentence_case(CATEGORY_NAMES[category]),
        flagged=category in FLAGGED,
        why=one["why"],
        suggestion=one["suggestion"] or "",
        source=one["source"],
    )


def _need(place: int, text: str, one: Mapping[str, Any], unmet: int) -> NeedRow:
    return NeedRow(_letter(place), words_of(text, one), sentence_case(need_name(one["need"])), met=place >= unmet)


def _letter(place: int) -> str:
    """A, B … Z, AA, AB …

    >>> _letter(0), _letter(25), _letter(26)
    ('A', 'Z', 'AA')
    """
    rest, own = divmod(place, 26)
    return (_letter(rest - 1) if rest else "") + chr(ord("A") + own)


def _balance(shares: Mapping[str, float]) -> tuple[tuple[BalanceRow, ...], str]:
    if not shares:
        return (), ""
    rows = tuple(
        BalanceRow(
            name=sentence_case(frame),
            meaning=FRAME_MEANINGS[frame],
            share=percent(shares.get(frame, 0.0)),
            picture=pictures.bar(shares.get(frame, 0.0), frame),
        )
        for frame in FRAMES
    )
    return rows, "Share of sentences: " + "; ".join(f"{row.name.lower()} {row.share}" for row in rows) + "."


def _checklist(text: str, states: Mapping[str, Mapping[str, Any]]) -> dict[str, tuple[ElementRow, ...]]:
    found: dict[str, list[ElementRow]] = {"found": [], "unclear": [], "not_found": []}
    for element in Element:
        one = states.get(element)
        if one is not None:
            sentence = "" if one["start"] is None else words_of(text, one)
            found[one["state"]].append(ElementRow(sentence_case(ELEMENT_NAMES[element]), balanced(sentence)))
    return {state: tuple(rows) for state, rows in found.items()}


def _spans(marks: Sequence[Mapping[str, Any]]) -> list[Span]:
    return [(one["start"], one["end"]) for one in marks]
