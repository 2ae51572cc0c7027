"""Whether framing is rewarded: known differences are recovered, and none is made up."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from evenhand.framing.audit import FEWEST, Auditor, Outcome, difference, recorded_level, unflagged
from evenhand.result import Coding
from evenhand.scheme import LEVELS, Level

FRAMED = "Lazy boy."
Row = tuple[str, Mapping[str, Any], object]


class Reader:
    """Reads "4.25 2." as severity 4.25 and level B; framing makes a text two grades more severe, "?" unreadable."""

    def code_many(self, texts: Sequence[str]) -> list[Coding]:
        return [self._code(text) for text in texts]

    @staticmethod
    def _code(text: str) -> Coding:
        if "?" in text:
            return Coding(None, (), {}, None, (), {}, (), None, None, (), False, "reader", "nothing to read")
        severity, rank = text.split()[:2]
        level = LEVELS[int(float(rank))]
        shown = float(severity) + 2.0 * (FRAMED in text)
        return Coding(level, (level,), {}, shown, (), {}, (), None, None, (), False, "reader")


def flags_of(text: str, *flagged: str, category: str = "deficit") -> dict[str, Any]:
    return {
        "framing": [
            {"start": text.index(words), "end": text.index(words) + len(words), "category": category}
            for words in flagged
        ]
    }


def row(severity: float, rank: int, framed: bool, outcome: object = None, *, category: str = "deficit") -> Row:
    facts = f"{severity:.2f} {rank}."
    if not framed:
        return facts, flags_of(facts), outcome
    text = f"{facts} {FRAMED}"
    return text, flags_of(text, "Lazy", category=category), outcome


def simulated(count: int, added: float, seed: int) -> list[Row]:
    """Referrals that are framed the oftener the more severe they are; framing adds to what is decided."""
    generator = np.random.default_rng(seed)
    rows = []
    for severity in generator.uniform(1.0, 6.0, count):
        framed = bool(generator.random() < np.round(severity * 2) / 14)
        rank = int(severity > 3.25) + int(severity > 4.75) + int(generator.random() < 0.5)
        decided = rank + int(framed and generator.random() < added)
        rows.append(row(severity, rank, framed, str(LEVELS[decided]) if decided else "none"))
    return rows


def arrays(count: int, added: float, seed: int) -> tuple[NDArray[np.float64], NDArray[np.bool_], NDArray[np.float64]]:
    generator = np.random.default_rng(seed)
    severity = np.round(generator.uniform(1.0, 6.0, count) * 2) / 2
    framed = generator.random(count) < severity / 7
    level = 0.7 * severity + added * framed + generator.normal(0.0, 0.8, count)
    return severity, framed, level


def audited(rows: Sequence[Row], pairs: Mapping[str, Any] | None = None) -> Any:  # noqa: ANN401 - of many fields
    auditor = Auditor(Reader())
    auditor.add(rows)
    return auditor.found(pairs)


@pytest.mark.parametrize(("added", "seed"), [(0.4, 1), (0.4, 2), (0.8, 3)])
def test_what_framing_adds_at_equal_severity_is_recovered_within_the_interval(added: float, seed: int) -> None:
    found = audited(simulated(2000, added, seed)).recorded

    assert 0 < found.low <= added <= found.high
    assert found.low < found.levels < found.high
    assert found.high - found.low < 0.3


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_where_framing_adds_nothing_the_interval_covers_0(seed: int) -> None:
    found = audited(simulated(2000, 0.0, seed)).recorded

    assert found.low <= 0 <= found.high


def test_what_framing_adds_to_the_decision_is_not_laid_to_the_model() -> None:
    found = audited(simulated(2000, 0.8, 4))

    assert found.model.low <= 0 <= found.model.high
    assert found.recorded.low > 0.5


def test_severer_cases_being_framed_oftener_is_not_taken_for_a_reward() -> None:
    severity, framed, level = arrays(3000, 0.0, 5)

    found = difference(severity, framed, level)

    assert level[framed].mean() - level[~framed].mean() > 0.5
    assert found.low is not None
    assert found.high is not None
    assert found.low <= 0 <= found.high


def test_framing_that_lowers_levels_is_recovered_too() -> None:
    found = difference(*arrays(3000, -0.5, 6))

    assert found.low is not None
    assert found.high is not None
    assert found.low <= -0.5 <= found.high < 0


def test_intervals_cover_the_truth_about_as_often_as_they_say() -> None:
    covered = 0
    for seed in range(40):
        found = difference(*arrays(300, 0.3, 100 + seed))
        assert found.low is not None
        assert found.high is not None
        covered += found.low <= 0.3 <= found.high

    assert covered >= 34


def test_a_difference_is_weighted_by_how_much_a_stratum_has_of_both() -> None:
    severity = np.repeat([2.0, 4.0], [40, 30])
    framed = np.concatenate([np.arange(40) < 20, np.arange(30) < 10])
    level = np.where(framed, np.where(severity < 3, 1.0, 3.0), 0.0)

    # 20 * 20 / 40 and 10 * 20 / 30
    assert difference(severity, framed, level).levels == pytest.approx((10 * 1 + 20 / 3 * 3) / (10 + 20 / 3))


def test_strata_with_only_one_kind_do_not_count() -> None:
    severity = np.repeat([2.0, 4.0, 6.0], [60, 50, 50])
    framed = np.concatenate([np.arange(60) < 30, np.zeros(50), np.ones(50)]).astype(bool)
    level = np.concatenate([np.arange(60) < 30, np.full(50, 4.0), np.zeros(50)]).astype(float)

    found = difference(severity, framed, level)

    assert (found.levels, found.framed, found.others) == (1.0, 30, 30)


def test_severities_half_a_grade_apart_are_not_compared() -> None:
    severity = np.repeat([2.0, 2.5], 50)

    found = difference(severity, severity > 2.2, np.ones(100))

    assert (found.levels, found.framed, found.others) == (None, 0, 0)


@pytest.mark.parametrize(("framed", "others"), [(FEWEST - 1, 200), (200, FEWEST - 1), (0, 0), (0, 50)])
def test_with_too_few_of_either_kind_nothing_is_said(framed: int, others: int) -> None:
    count = framed + others

    found = difference(np.full(count, 3.0), np.arange(count) < framed, np.zeros(count))

    assert (found.levels, found.low, found.high) == (None, None, None)


def test_just_enough_of_both_kinds_are_compared() -> None:
    found = difference(np.full(2 * FEWEST, 3.0), np.arange(2 * FEWEST) < FEWEST, np.ones(2 * FEWEST))

    assert (found.levels, found.framed, found.others) == (0.0, FEWEST, FEWEST)


def test_how_few_there_were_is_told() -> None:
    found = difference(np.full(30, 3.0), np.arange(30) < 12, np.zeros(30))

    assert (found.framed, found.others) == (12, 18)


def test_the_same_rows_give_the_same_interval() -> None:
    assert difference(*arrays(200, 0.3, 7)) == difference(*arrays(200, 0.3, 7))


def test_without_rows_nothing_is_said() -> None:
    found = Auditor(Reader()).found()

    assert (found.recorded.levels, found.model.levels, found.not_read) == (None, None, 0)


def test_severity_is_read_without_the_flagged_words() -> None:
    rows = [row(3.0, 2, framed, "B") for framed in (True, False) for _ in range(FEWEST)]

    found = audited(rows)

    assert (found.recorded.levels, found.recorded.framed, found.recorded.others) == (0.0, FEWEST, FEWEST)


@pytest.mark.parametrize("category", ["strength_based", "need_framed"])
def test_words_to_be_welcomed_are_no_framing(category: str) -> None:
    # Read whole, as words to be welcomed stay in the facts, these are of severity 5 as well.
    welcomed = [row(3.0, 2, True, "B", category=category) for _ in range(FEWEST + 1)]

    found = audited([*welcomed, *(row(5.0, 2, True, "B") for _ in range(FEWEST))])

    assert (found.model.framed, found.model.others) == (FEWEST, FEWEST + 1)


def test_outcomes_that_name_no_level_are_counted_and_left_out() -> None:
    rows = [row(3.0, 2, number % 2 == 0, "pending" if number < 10 else "B") for number in range(80)]

    found = audited(rows)

    assert found.not_read == 10
    assert (found.recorded.framed, found.recorded.others) == (35, 35)
    assert (found.model.framed, found.model.others) == (40, 40)


def test_texts_that_the_model_cannot_code_are_left_out() -> None:
    rows = [row(3.0, 2, number % 2 == 0, "B") for number in range(60)]

    found = audited([*rows, ("What?", flags_of("What?"), "B")])

    assert found.model.framed + found.model.others == 60


def test_rows_may_be_taken_up_in_pieces() -> None:
    rows = simulated(200, 0.4, 8)
    auditor = Auditor(Reader())
    for at in range(0, 200, 30):
        auditor.add(rows[at : at + 30])

    assert auditor.found() == audited(rows)


def test_figures_on_pairs_are_passed_on() -> None:
    found = audited([], {"level_unchanged": 0.9, "risk_over_need": -0.12, "severity_difference": 0.3})

    assert (found.pairs_same_level, found.pairs_difference) == (0.9, -0.12)


@pytest.mark.parametrize("pairs", [None, {}])
def test_without_figures_on_pairs_there_are_none(pairs: Mapping[str, Any] | None) -> None:
    found = audited([], pairs)

    assert (found.pairs_same_level, found.pairs_difference) == (None, None)


@pytest.mark.parametrize(
    ("outcome", "level"),
    [
        ("NFA", Level.NONE),
        ("No further action", Level.NONE),
        ("none", Level.NONE),
        ("Early Help", Level.A),
        ("A", Level.A),
        ("targeted early help", Level.B),
        ("Early Help (targeted)", Level.B),
        ("CIN", Level.C),
        ("  Child  in\tneed ", Level.C),
        ("s.17", Level.C),
        ("Section 47", Level.D),
        ("strategy discussion", Level.D),
        ("S.47 enquiry", Level.D),
        ("D", Level.D),
    ],
)
def test_outcomes_are_read_as_services_write_them(outcome: object, level: Level) -> None:
    assert recorded_level(outcome) is level


@pytest.mark.parametrize(
    "outcome", [None, "", "  ", "pending", "level 3", "Level 2", 3, "section 4", float("nan"), 0, True]
)
def test_outcomes_that_name_no_level_are_none(outcome: object) -> None:
    assert recorded_level(outcome) is None


@pytest.mark.parametrize("outcome", [3, 3.0, "3.0", " 3.0 ", "3"])
def test_a_number_names_the_level_that_its_file_says_also_where_it_was_made_a_decimal_one(outcome: object) -> None:
    auditor = Auditor(Reader(), levels={"3": Level.C})
    auditor.add([row(3.0, 2, True, outcome)])

    assert (auditor.found().not_read, auditor.found().outcomes) == (0, (Outcome("3", Level.C, 1),))


def test_how_outcomes_were_read_is_listed_the_commonest_first_and_notes_are_not() -> None:
    auditor = Auditor(Reader(), levels={"Tier  4": Level.D})
    for outcome in ["tier 4", "CIN", "cin", "pending", "Mother rang and said " + "that she was worried " * 3]:
        auditor.add([row(3.0, 2, True, outcome)])

    found = auditor.found()

    assert found.not_read == 2
    assert [(each.written, each.level, each.rows) for each in found.outcomes] == [
        ("cin", Level.C, 2),
        ("tier 4", Level.D, 1),
        ("pending", None, 1),
    ]


@pytest.mark.parametrize("level", LEVELS)
def test_every_level_is_read_by_its_own_code(level: Level) -> None:
    assert recorded_level(str(level)) is level


def test_flagged_words_are_left_out_of_the_facts_and_nothing_else() -> None:
    text = "He came late.  Lazy boy.\nHe had no coat."

    assert unflagged(text, flags_of(text, "Lazy")) == "He came late.   boy.\nHe had no coat."


def test_all_flagged_words_are_left_out_of_the_facts() -> None:
    text = "Lazy boy. He sang. Rude"

    assert unflagged(text, flags_of(text, "Lazy", "Rude")) == " boy. He sang. "


def test_words_to_be_welcomed_stay_in_the_facts() -> None:
    text = "He came late. A caring boy."

    assert unflagged(text, flags_of(text, "caring", category="strength_based")) == text


def test_words_to_be_welcomed_between_flagged_ones_stay_in_the_facts() -> None:
    text = "A lazy, caring, rude boy."
    flags = flags_of(text, "lazy", "caring", "rude")
    flags["framing"][1]["category"] = "strength_based"

    assert unflagged(text, flags) == "A , caring,  boy."


def test_a_text_without_flagged_words_is_its_facts() -> None:
    assert unflagged("He sang.", flags_of("He sang.")) == "He sang."
