"""Which texts come first to be coded, and why."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime

import numpy as np
import pytest

from evenhand.annotate import Annotation, Annotations, Coder, Unit
from evenhand.annotate.queue import likely_errors, review_queue, unsure
from evenhand.result import Coding
from evenhand.scheme import LEVELS, Issue, Level

ANNA, BEN = Coder("Anna"), Coder("Ben")


def read(probabilities: tuple[float, ...], issues: tuple[Issue, ...] = (Issue.NEGLECT,)) -> Coding:
    level = LEVELS[int(np.argmax(probabilities))]
    return Coding(
        level=level,
        levels=(level,),
        level_probabilities=dict(zip(LEVELS, probabilities, strict=True)),
        severity=1.0 + 1.25 * LEVELS.index(level),
        issues=issues,
        issue_probabilities=dict.fromkeys(issues, 0.9),
        dfe_codes=(),
        assertion=None,
        frame=None,
        sentences=(),
        truncated=False,
        model="evenhand-0.0",
    )


class Says:
    """A model that says of each text what the test says."""

    def __init__(self, *codings: Coding) -> None:
        self._codings = codings

    def code_many(self, texts: Iterable[str]) -> list[Coding]:
        return [self._codings[int(text)] for text in texts]


def coding(unit: int, coder: Coder, level: Level | None, *issues: Issue) -> Annotation:
    made = datetime(2026, 3, 1, tzinfo=UTC)
    levels = () if level is None else (level,)
    issues = issues or (Issue.NEGLECT,)
    return Annotation(f"{unit}{coder.name}", f"t{unit}", coder, made, levels=levels, issues=issues)


def units(count: int) -> tuple[Unit, ...]:
    return tuple(Unit(f"t{number}", str(number), f"d{number}") for number in range(count))


SURE_B, SURE_D, TORN = (0.02, 0.03, 0.9, 0.03, 0.02), (0.01, 0.01, 0.03, 0.05, 0.9), (0.2,) * 5


def test_the_model_is_most_unsure_where_all_levels_are_alike() -> None:
    assert unsure(read(TORN)) == pytest.approx(1.0)
    assert unsure(read((0.0, 0.0, 1.0, 0.0, 0.0))) == 0.0
    assert unsure(replace(read(TORN), level=None, level_probabilities={})) == 0.0


def test_a_text_of_which_the_model_is_unsure_comes_before_one_of_which_it_is_sure() -> None:
    found = review_queue(Annotations(units(2)), Says(read(SURE_B), read(TORN)))
    assert [one.unit for one in found] == ["t1", "t0"]
    assert "the model is unsure of the level" in found[0].reasons


def test_where_people_differ_comes_before_where_they_agree() -> None:
    codings = [coding(0, ANNA, Level.B), coding(0, BEN, Level.B), coding(1, ANNA, Level.B), coding(1, BEN, Level.D)]
    found = review_queue(Annotations(units(2), tuple(codings)), Says(read(SURE_B), read(SURE_B)))
    assert [one.unit for one in found] == ["t1", "t0"]
    assert found[0].reasons[0] == "people differ in the level"
    assert found[0].coded_by == ("Anna", "Ben")


def test_a_rare_issue_comes_before_a_common_one() -> None:
    common = [coding(number, ANNA, Level.B) for number in range(30)]
    says = [read(SURE_B)] * 31 + [read(SURE_B, (Issue.UNBORN,))]
    found = review_queue(Annotations(units(32), tuple(common)), Says(*says))
    assert found[0].unit == "t31"
    assert found[0].reasons == ("few codings of unborn (0)",)


def test_a_level_that_is_likely_an_error_is_found_and_a_set_of_levels_is_not() -> None:
    """By hand: mean probability of B over those at B is (.9 * 9 + .03) / 10, of D over those at D .9."""
    people = {f"t{n}": [coding(n, ANNA, Level.B)] for n in range(9)} | {"t9": [coding(9, ANNA, Level.B)]}
    people |= {f"t{n}": [coding(n, ANNA, Level.D)] for n in range(10, 15)}
    people["t15"] = [replace(coding(15, ANNA, None), levels=(Level.B, Level.C))]
    said = {name: read(SURE_B) for name in people}
    said |= {f"t{n}": read(SURE_D) for n in range(9, 16)}

    assert likely_errors(people, said) == {"t9": pytest.approx(0.87)}


def test_injected_errors_are_found_first() -> None:
    random = np.random.default_rng(5)
    true = random.integers(0, 5, 400)
    noise = random.dirichlet([1.0] * 5, 400)
    probabilities = 0.75 * np.eye(5)[true] + 0.25 * noise
    given = true.copy()
    spoilt = random.choice(400, 30, replace=False)
    given[spoilt] = (given[spoilt] + random.integers(1, 5, 30)) % 5
    people = {f"t{n}": [coding(n, ANNA, LEVELS[level])] for n, level in enumerate(given)}
    said = {f"t{n}": read(tuple(row)) for n, row in enumerate(probabilities)}
    found = likely_errors(people, said)

    right = {f"t{n}" for n in spoilt} & set(found)
    assert len(right) >= 26  # of 30: where the noise favours the wrong level, nothing can be known
    assert len(found) - len(right) <= 3


def test_what_an_adjudicator_has_decided_is_not_asked_again() -> None:
    decided = replace(coding(0, BEN, Level.C), id="last", decides=("0Anna",))
    found = review_queue(Annotations(units(2), (coding(0, ANNA, Level.B), decided)), Says(read(TORN), read(SURE_B)))
    assert [one.unit for one in found] == ["t1"]
