"""What the page about Evenhand shows: who made what the models say, how right they are, and what they are not for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from evenhand_serve.views.words import sentence_case, shown

# Figures of the model card, in the order in which they matter, with what they mean.
_HEADLINES: tuple[tuple[str, str, str], ...] = (
    ("level_in_set", "Level is one that the area's document gives", "share"),
    ("set_coverage", "Level set meets the document's, aimed at 90%", "share"),
    ("set_width", "Levels in a set, on average", "number"),
    ("missed_harm", "Published at child in need or child protection, but read as none or A", "share"),
    ("severity_qwk", "Severity, agreement with coders (1 is full)", "number"),
    ("issue_micro_f1", "Issues, F1 (1 is best)", "number"),
)
_FRAMING: tuple[tuple[str, str, str], ...] = (
    ("framing", "Framing spans, F1 (1 is best)", "f1"),
    ("unmet_needs", "Needs that nobody asks for, F1", "f1"),
    ("frames", "How sentences are told, mean F1", "macro_f1"),
    ("checklist", "Checklist of a referral, mean F1", "macro_f1"),
)


@dataclass(frozen=True, slots=True)
class Figure:
    """A figure with its 90 or 95% interval in words, and what two coders reach; "" where that is not known."""

    name: str
    value: str
    interval: str
    coders: str


@dataclass(frozen=True, slots=True)
class ModelCard:
    """What is shown of one model.

    Attributes:
        name: Name and version.
        does: What it does, in a sentence.
        intended_use: What it is for.
        not_for: What it must not be used for.
        facts: Names and values: language, licence, encoder, corpus.
        judged_on: What it was judged on, in a sentence.
        figures: How right it was.
    """

    name: str
    does: str
    intended_use: str
    not_for: str
    facts: tuple[tuple[str, str], ...]
    judged_on: str
    figures: tuple[Figure, ...]


def model_card(info: Mapping[str, Any]) -> ModelCard:
    """The card of the model of levels, from `Model.info()`."""
    headline = info["headline"]
    return ModelCard(
        name=shown(info["name"]),
        does="Reads level, severity and issues, and says what each sentence adds.",
        intended_use=sentence_case(info["intended_use"]),
        not_for=sentence_case(info["not_for"]),
        facts=_facts(info),
        judged_on=_judged(headline),
        figures=tuple(_figure(name, headline[key], form) for key, name, form in _HEADLINES if key in headline),
    )


def framing_card(manifest: Mapping[str, Any], metrics: Mapping[str, Any]) -> ModelCard:
    """The card of the model of framing, from its manifest and metrics."""
    told = metrics.get("framing", {})
    ours, coders = told.get("referrals", {}), told.get("two_coders", {})
    count = ours.get("documents")
    return ModelCard(
        name=f"{manifest['name']}-{manifest['version']}",
        does="Marks words that frame, needs nobody asks for, and what a referral says. A lexicon made from published"
        " guidance works with it.",
        intended_use=sentence_case(manifest["intended_use"]),
        not_for=sentence_case(manifest["not_for"]),
        facts=_facts(manifest),
        judged_on=f"Judged on {count} invented texts that it had not seen, with 95% intervals. Beside them is what a"
        " second coder reaches. No real referral has been read."
        if count
        else "",
        figures=tuple(
            Figure(name, f"{ours[key][own]:.2f}", _ends(*ours[key]["interval"]), _other(coders, key, own))
            for key, name, own in _FRAMING
            if key in ours
        ),
    )


def _facts(told: Mapping[str, Any]) -> tuple[tuple[str, str], ...]:
    names = (
        ("language", "Language"),
        ("licence", "Licence"),
        ("encoder", "Made from"),
        ("corpus_version", "Corpus"),
        ("scheme_version", "Coding scheme"),
    )
    return tuple((name, shown(str(told[key]))) for key, name in names if key in told)


def _judged(headline: Mapping[str, Any]) -> str:
    if "rows" not in headline:
        return ""
    return (
        f"Judged on {headline['rows']:,} published descriptors of {headline.get('groups', '?')} groups of areas that it"
        " had not seen, with 95% intervals. Whole notes are graded less well: the level is right for about three in"
        " five."
    )


def _figure(name: str, found: Mapping[str, float], form: str) -> Figure:
    if form == "share":
        return Figure(name, f"{found['value']:.0%}", f"{found['low']:.0%} to {found['high']:.0%}", "")
    return Figure(name, f"{found['value']:.2f}", _ends(found["low"], found["high"]), "")


def _ends(low: float, high: float) -> str:
    return f"{low:.2f} to {high:.2f}"


def _other(coders: Mapping[str, Any], key: str, own: str) -> str:
    return f"{coders[key][own]:.2f}" if key in coders else ""
