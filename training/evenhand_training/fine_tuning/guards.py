"""Guard rails before a fit: what own rows lack, how they differ from the corpus, whether coders agree.

A guard passes, warns or refuses. What refuses can be overruled with a reason, which card and manifest then show; too
few rows or documents cannot (see `choosing`).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from math import isnan
from typing import Literal

import numpy as np

from evenhand.agreement import Agreement
from evenhand.annotate.agree import compare_coders
from evenhand.annotate.records import Annotations
from evenhand.errors import InputError
from evenhand.scheme import ISSUES, LEVELS, SEVERITIES, Issue
from evenhand_training.examples import Example
from evenhand_training.fine_tuning.choosing import Chosen
from evenhand_training.fine_tuning.own_rows import OwnRow
from evenhand_training.fine_tuning.settings import AgreementSettings, FineTuneSettings
from evenhand_training.fine_tuning.shift import Shift, shift_of
from evenhand_training.metrics import Floats

FEWEST_JUDGING = 5  # documents: resamples of fewer are mostly of two or three different ones
ASKED = ("severity", "issues")  # what own rows teach, and coders should agree on


@dataclass(frozen=True, slots=True)
class Guard:
    """One guard rail.

    Attributes:
        name: Of the guard.
        verdict: What it came to.
        told: A sentence or two, without any text that was coded.
    """

    name: str
    verdict: Literal["passed", "warned", "refused"]
    told: str


@dataclass(frozen=True, slots=True)
class Guarded:
    """All guard rails, and what they measured."""

    guards: tuple[Guard, ...]
    shifts: tuple[Shift, ...]
    agreement: dict[str, Agreement]
    few: tuple[Issue, ...]

    @property
    def refused(self) -> tuple[Guard, ...]:
        """Those that stop a fit unless a reason is given."""
        return tuple(guard for guard in self.guards if guard.verdict == "refused")


def guard(
    chosen: Chosen,
    collection: Annotations,
    fitted_to: Sequence[Example],
    settings: FineTuneSettings,
    *,
    corpora: tuple[str, str],
) -> Guarded:
    """Judge own rows before anything is fitted.

    Args:
        chosen: Those that teach and those that judge.
        collection: The texts and codings that they were made of.
        fitted_to: Rows of the corpus that the base model was fitted to.
        settings: What is asked.
        corpora: Version of the corpus that the base model was made from, and of the one at hand.
    """
    few = few_issues(chosen.taught, settings.rows.least_of_an_issue)
    shifts = _shifts(chosen.rows, fitted_to, settings)
    agreement, told = _agreement(chosen, collection, settings.agreement)
    guards = (
        _corpora(*corpora),
        _documents(chosen),
        _areas(chosen.rows),
        _issues(few, settings.rows.least_of_an_issue),
        *(_shift(one, getattr(settings.shift, one.what)) for one in shifts),
        told,
    )
    return Guarded(guards, shifts, agreement, few)


def few_issues(taught: Sequence[OwnRow], least: int) -> tuple[Issue, ...]:
    """Issues that fewer than `least` of the texts that teach have."""
    counts = Counter(issue for row in taught for issue in row.agreed_issues or ())
    return tuple(issue for issue in ISSUES if counts[issue] < least)


def _corpora(made_from: str, here: str) -> Guard:
    if made_from == here:
        return Guard("corpus", "passed", f"Rows of corpus {here}, which the base model was made from, are replayed.")
    told = f"The base model was made from corpus {made_from}, and rows of {here} are replayed: some may be new to it."
    return Guard("corpus", "warned", told)


def _documents(chosen: Chosen) -> Guard:
    held = len({row.document for row in chosen.held_out})
    told = f"{len(chosen.taught):,} texts teach, {len(chosen.held_out):,} texts of {held:,} documents judge."
    if held < FEWEST_JUDGING:
        told += f" Intervals of fewer than {FEWEST_JUDGING} documents are too narrow: code texts of more."
    return Guard("documents", "warned" if held < FEWEST_JUDGING else "passed", told)


def _areas(rows: Sequence[OwnRow]) -> Guard:
    areas = {row.area for row in rows}
    levels = "Levels are not learnt from own rows, so that no area's bar becomes everybody's."
    if areas == {None}:
        return Guard("areas", "warned", f"The rows do not say of which areas they are. {levels}")
    if len(areas - {None}) == 1:
        told = (
            f"All rows that name an area name the same one: the model learns how people write and code there. {levels}"
        )
        return Guard("areas", "warned", told)
    return Guard("areas", "passed", f"{len(areas - {None}):,} areas. {levels}")


def _issues(few: Sequence[Issue], least: int) -> Guard:
    if not few:
        return Guard("issues", "passed", f"Every issue has {least} texts that teach, or more.")
    told = (
        f"{len(few)} of {len(ISSUES)} issues have fewer than {least} texts that teach; of them own rows say nothing,"
        f" and the base model's reading is kept as the target: {', '.join(few)}."
    )
    return Guard("issues", "warned", told)


def _shifts(rows: Sequence[OwnRow], fitted_to: Sequence[Example], settings: FineTuneSettings) -> tuple[Shift, ...]:
    compared: list[tuple[str, tuple[str, ...], Floats, Floats]] = [
        (
            "severity",
            tuple(map(str, SEVERITIES)),
            _table([(row.severity,) for row in rows if row.severity], SEVERITIES),
            _table([(row.severity,) for row in fitted_to if row.severity], SEVERITIES),
        ),
        (
            "level",
            tuple(map(str, LEVELS)),
            _table([row.levels for row in rows if row.levels], LEVELS),
            _table([row.levels for row in fitted_to if row.levels], LEVELS),
        ),
        (
            "issues",
            tuple(map(str, ISSUES)),
            _table([row.agreed_issues for row in rows if row.agreed_issues], ISSUES),
            _table([row.issues for row in fitted_to if row.issues], ISSUES),
        ),
    ]
    return tuple(
        shift_of(what, codes, own, corpus, quantile=settings.shift.by_chance)
        for what, codes, own, corpus in compared
        if len(own) and len(corpus)
    )


def _table(rows: Sequence[Sequence[object]], codes: Sequence[object]) -> Floats:
    table = np.array([[code in row for code in codes] for row in rows], dtype=np.float64).reshape(-1, len(codes))
    shares: Floats = table / np.maximum(table.sum(axis=1, keepdims=True), 1.0)
    return shares


def _shift(shift: Shift, most: float) -> Guard:
    told = (
        f"{shift.what.capitalize()}: Jensen-Shannon divergence from the corpus {shift.divergence:.3f} bits over"
        f" {shift.rows:,} rows; chance gives up to {shift.by_chance:.3f}, and more than {most:g} is refused."
    )
    if shift.divergence > most:
        return Guard(f"shift of {shift.what}", "refused", told)
    return Guard(f"shift of {shift.what}", "warned" if shift.divergence > shift.by_chance else "passed", told)


def _agreement(
    chosen: Chosen, collection: Annotations, settings: AgreementSettings
) -> tuple[dict[str, Agreement], Guard]:
    people = [coder for coder in collection.coders if coder.kind == "person"]
    unknown = "How far two people would agree on these texts is unknown, so nobody knows how good the codes are."
    if len(people) < 2:
        return {}, Guard("agreement", "warned", f"There is a single coder. {unknown}")
    try:
        compared = compare_coders(collection, people)
    except InputError:
        return {}, Guard("agreement", "warned", f"No text was coded by two people. {unknown}")
    found = {one.what: one.all for one in compared.overall}
    if compared.units < settings.least_texts:
        told = f"{compared.units:,} texts were coded by two people, and {settings.least_texts} are needed. {unknown}"
        return found, Guard("agreement", "warned", told)
    return found, _judged(found, settings.tentative, decided=all(row.decided for row in chosen.rows))


def _judged(found: dict[str, Agreement], tentative: float, *, decided: bool) -> Guard:
    asked = {what: found[what] for what in ASKED if what in found and not isnan(found[what].alpha)}
    listed = "; ".join(
        f"{what} {one.alpha:.2f} ({one.low:.2f} to {one.high:.2f}, {one.units:,} texts)" for what, one in asked.items()
    )
    told = f"Krippendorff's alpha of people: {listed or 'cannot be computed, since codes do not vary'}."
    if decided:
        return Guard("agreement", "passed", f"{told} Every text was decided, and the decision alone counts.")
    if any(one.low <= 0 for one in asked.values()):
        return Guard("agreement", "refused", f"{told} That may be no agreement at all: settle the codes first.")
    if not asked or any(one.alpha < tentative for one in asked.values()):
        return Guard("agreement", "warned", f"{told} Below {tentative:g} not even tentative conclusions hold.")
    return Guard("agreement", "passed", told)
