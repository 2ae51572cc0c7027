"""Gates of a fine-tuned model: not worse on own held-out texts, nothing forgotten, no limit newly broken.

A released model may break limits of consistency, with a reason on its card. So a limit that the base model keeps has
to be kept, and one that it breaks may be broken by no more than the settings allow.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from evenhand_training.consistency_limits import TOLERANCE, Limits
from evenhand_training.fine_tuning.judging import LOWER_IS_BETTER, Figures
from evenhand_training.fine_tuning.settings import GateSettings

# Of a limit that is a share of pairs or sets, where their number stands; the others are in grades or count areas.
_COUNTED = {
    "repeats_raise": ("accumulation", "repeats"),
    "padding_raises": ("accumulation", "unrelated"),
    "framing_same_level": ("framing",),
    "claim_same_level": ("claims", "claim"),
    "counterfactual_flips": ("counterfactuals", "all"),
}
_AREAS = ("biased_areas", "less_exact_areas", "less_exact_in_level")  # counts; a new one breaks the gate
_SHARES = ("worst_coverage",)
# Parts of the behaviour suite that no limit of consistency asks for, and that may not be lost either.
_BEHAVIOUR = {
    "severity_pairs/ordered": "the graver text of a pair is graded higher",
    "assertion/ordered": "present above denied, past, supposed and others'",
    "notes/all/level_exact": "notes: level as coded",
    "notes/all/issue_micro_f1": "notes: issue micro-F1",
}
_ASKED = {
    "own": ("severity_qwk", "issue_micro_f1"),
    "development": ("severity_qwk", "issue_micro_f1", "level_in_set", "missed_harm"),
}


@dataclass(frozen=True, slots=True)
class Gate:
    """One gate.

    Attributes:
        name: For instance `own.severity_qwk`.
        asked: What has to hold, in words.
        before: Of the base model; None where it cannot be measured.
        after: Of the new model; None where it cannot be measured.
        kept: Whether it holds; what cannot be measured on either model asks nothing.
    """

    name: str
    asked: str
    before: float | None
    after: float | None
    kept: bool


def judge_gates(
    compared: Mapping[str, Mapping[str, Any]],
    areas: Figures,
    behaviour: Figures,
    limits: Limits,
    settings: GateSettings,
) -> list[Gate]:
    """Every gate, in order.

    Args:
        compared: `own` and `development`, as `judging` gives them.
        areas: Figures of areas of the base model and of the new one.
        behaviour: Figures of the behaviour suite of both, on validation units.
        limits: Of consistency.
        settings: How much worse the new model may be.
    """
    found = [
        _figure_gate(name, key, compared[name]["measures"].get(key), getattr(settings, f"{name}_{key}"))
        for name, keys in _ASKED.items()
        for key in keys
    ]
    judged = [limits.judge(areas[number], behaviour[number]) for number in (0, 1)]
    found += [_limit_gate(before, after, behaviour[0], settings) for before, after in zip(*judged, strict=True)]
    return [*found, *(_behaviour_gate(path, behaviour, settings) for path in _BEHAVIOUR)]


def _figure_gate(name: str, key: str, measured: Mapping[str, Any] | None, most: float) -> Gate:
    told = f"{name}.{key}"
    if measured is None:
        return Gate(told, "not measured", None, None, kept=True)
    sign = -1 if key in LOWER_IS_BETTER else 1
    worse = -sign * float(measured["change"]["value"])
    asked = f"at most {most:g} {'higher' if sign < 0 else 'lower'} than before"
    return Gate(told, asked, measured["before"]["value"], measured["after"]["value"], kept=worse <= most + TOLERANCE)


def _limit_gate(
    before: Mapping[str, Any], after: Mapping[str, Any], units: Mapping[str, Any], settings: GateSettings
) -> Gate:
    key = after["limit"].rpartition(".")[2]
    was, now = before["measured"], after["measured"]
    if was is None or now is None:
        return Gate(after["limit"], "not measured", was, now, kept=was is None and now is None)
    if before["kept"]:
        return Gate(after["limit"], after["asked"], was, now, kept=bool(after["kept"]))
    slack = _slack(key, units, settings)
    at_least = str(after["asked"]).startswith("≥")
    worse = was - now if at_least else now - was
    asked = f"{after['asked']}, or at most {slack:.2g} {'lower' if at_least else 'higher'} than before"
    return Gate(after["limit"], asked, was, now, kept=bool(after["kept"]) or worse <= slack + TOLERANCE)


def _slack(key: str, behaviour: Mapping[str, Any], settings: GateSettings) -> float:
    if key in _AREAS:
        return 0.0
    if key in _SHARES:
        return settings.consistency_share
    if key not in _COUNTED:
        return settings.consistency_grades
    part: Any = behaviour
    for step in _COUNTED[key]:
        part = part.get(step, {})
    return _of_units(int(part.get("rows", 0)), settings)


def _of_units(rows: int, settings: GateSettings) -> float:
    """What a share may lose: so much, or so many of its units if they are few."""
    return max(settings.consistency_share, settings.consistency_units / rows if rows else 0.0)


def _behaviour_gate(path: str, behaviour: Figures, settings: GateSettings) -> Gate:
    *parts, key = path.split("/")
    found: list[Any] = list(behaviour)
    for step in parts:
        found = [one.get(step, {}) for one in found]
    told = f"behaviour.{path.replace('/', '.')}"
    if any(key not in one for one in found):
        return Gate(told, "not measured", None, None, kept=True)
    was, now = (float(one[key]["value"]) for one in found)
    slack = _of_units(int(found[0]["rows"]), settings)
    asked = f"{_BEHAVIOUR[path]}: at most {slack:.2g} lower than before"
    return Gate(told, asked, was, now, kept=was - now <= slack + TOLERANCE)
