"""The frozen splits, and the procedure that drew them."""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from itertools import combinations
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evenhand.errors import InputError
from evenhand.scheme import Issue, Level
from evenhand_training.corpus import (
    FOLDS,
    NEAR_REPEAT_THRESHOLD,
    REPEATS,
    AuthoredText,
    Corpus,
    FramingPair,
    Provenance,
    Row,
    Splits,
    near_repeats,
)
from evenhand_training.corpus.areas import AREA_JOINS, LEFT_OUT, group_areas
from evenhand_training.corpus.make_splits import INFORMATIVE_SHARE, TEST_GROUPS, TEST_ROWS, deal_units, make_splits

# The released splits. A change undoes every figure measured on the test: it needs a reason in the changelog.
# Rows in 2026.1, on which parts were drawn; files but that of authored texts number their rows as they are added.
WHEN_DRAWN = {
    "AuthoredText": 2608,
    "Narrative": 160,
    "AccumulationSet": 130,
    "FramingPair": 260,
    "SeverityPair": 200,
    "AssertionSet": 120,
    "CounterfactualTemplate": 80,
}
# First number of the kinds that were written to judge by in 2026.4, and how many of each were; half became test rows.
JUDGED_FROM = {"Narrative": 353, "AccumulationSet": 131, "FramingPair": 261, "CounterfactualTemplate": 81, "Claim": 1}
WRITTEN_TO_JUDGE_BY = {
    "Narrative": 45,
    "AccumulationSet": 100,
    "FramingPair": 110,
    "CounterfactualTemplate": 530,
    "Claim": 200,
}
FROZEN = "3a9428b81edf5c2e602f3fc41be95a7c227163bb7b5c779136a7d825bc6be114"


def test_the_splits_are_frozen(annotations: Path) -> None:
    content = (annotations / "splits.json").read_bytes()
    assert hashlib.sha256(content).hexdigest() == FROZEN


def test_no_area_is_on_both_sides(splits: Splits) -> None:
    areas = [area for group in splits.groups for area in group.areas]
    assert len(areas) == len(set(areas))
    assert not set(splits.test_groups) & set(splits.development_groups)


@pytest.mark.parametrize("join", AREA_JOINS, ids=lambda join: join.group)
def test_connected_areas_stay_together(splits: Splits, join: object) -> None:
    areas = getattr(join, "areas", ())
    assert len({splits.group_of(area) for area in areas if splits.group_of(area) is not None}) <= 1


def test_areas_named_within_another_area_are_joined(corpus: Corpus) -> None:
    groups = {area: group.id for group in group_areas({row.area for row in corpus.documents}) for area in group.areas}
    for area, group in groups.items():
        for other, theirs in groups.items():
            names = {name.removeprefix("and ") for name in re.split(r"[,()]\s*|\s+(?=and )", other)}
            if area != other and area in names:
                assert group == theirs, (area, other)


def test_an_area_is_in_a_group_left_out_or_was_added_later_with_nothing_judged(corpus: Corpus, splits: Splits) -> None:
    for row in corpus.descriptors:
        area = corpus.area(row)
        if splits.group_of(area) is not None:
            assert not splits.is_left_out(area), area
        elif not splits.is_left_out(area):
            assert not splits.judges(area), area
            assert row.id not in splits.test_rows


@pytest.mark.parametrize("area", sorted(LEFT_OUT))
def test_regional_areas_are_left_out(splits: Splits, area: str) -> None:
    assert splits.group_of(area) is None
    assert splits.is_left_out(area)


def test_the_test_rows_are_all_rows_of_the_test_areas(corpus: Corpus, splits: Splits) -> None:
    tested = {row.id for row in corpus.descriptors if splits.group_of(corpus.area(row)) in splits.test_groups}
    assert splits.test_rows == tested


def test_the_test_meets_its_balance_constraints(splits: Splits) -> None:
    groups = [group for group in splits.groups if group.split == "test"]
    rows = sum(group.rows for group in groups)
    assert len(groups) == TEST_GROUPS
    assert TEST_ROWS[0] <= rows <= TEST_ROWS[1]
    assert sum(group.informative_rows for group in groups) >= INFORMATIVE_SHARE * rows


@pytest.mark.parametrize("repeat", range(REPEATS))
def test_folds_hold_about_the_same_number_of_rows(splits: Splits, repeat: int) -> None:
    sizes: Counter[int] = Counter()
    for group in splits.groups:
        if group.split == "development":
            sizes[splits.fold_of(group.id, repeat)] += group.rows
    assert set(sizes) == set(range(FOLDS))
    assert max(sizes.values()) - min(sizes.values()) <= 10


def test_repeats_differ(splits: Splits) -> None:
    folds = {
        repeat: [splits.fold_of(group, repeat) for group in splits.development_groups] for repeat in range(REPEATS)
    }
    assert len(set(map(tuple, folds.values()))) == REPEATS


def test_test_groups_have_no_fold(splits: Splits) -> None:
    with pytest.raises(InputError, match="no fold"):
        splits.fold_of(splits.test_groups[0], 0)


def number_of(row: Row) -> int:
    """The number in an id such as `acc-007` or `n161`; rows of a file are numbered as they were added."""
    return int(re.sub(r"\D", "", row.id))


def test_authored_shares_were_about_seven_one_two_when_drawn(corpus: Corpus, splits: Splits) -> None:
    kinds: dict[str, Counter[str]] = {}
    for row in corpus.authored_units():
        kind = type(row).__name__
        if isinstance(row, AuthoredText) or number_of(row) <= WHEN_DRAWN.get(kind, 0):
            kinds.setdefault(kind, Counter())[splits.part_of(row.id)] += 1
    assert set(kinds) == set(WHEN_DRAWN)
    for kind, parts in kinds.items():
        assert parts["test"] / WHEN_DRAWN[kind] == pytest.approx(0.2, abs=0.02), kind
        assert parts["validation"] / WHEN_DRAWN[kind] == pytest.approx(0.1, abs=0.02), kind


def test_of_sets_and_notes_written_later_to_judge_by_half_are_test_and_none_validation(
    corpus: Corpus, splits: Splits
) -> None:
    parts: dict[str, Counter[str]] = {}
    for row in corpus.authored_units():
        kind = type(row).__name__
        if kind in JUDGED_FROM and number_of(row) >= JUDGED_FROM[kind]:
            folded = splits.authored_fold(row.id) is not None
            parts.setdefault(kind, Counter())[splits.part_of(row.id) + folded * " with a fold"] += 1
    assert set(parts) == set(JUDGED_FROM)
    for kind, found in parts.items():
        # A few of those written were left out, as near repeats or for their grades.
        assert found["test"] / WRITTEN_TO_JUDGE_BY[kind] == pytest.approx(0.5, abs=0.03), kind
        assert found["train with a fold"] <= WRITTEN_TO_JUDGE_BY[kind] - found["test"], kind
        assert set(found) <= {"test", "train with a fold", "train"}, kind


def test_what_was_added_for_training_is_not_judged(corpus: Corpus, splits: Splits) -> None:
    judged = splits.authored.test | splits.authored.validation
    for row in corpus.authored_units():
        kind = type(row).__name__
        if kind in JUDGED_FROM or isinstance(row, AuthoredText):
            continue
        if number_of(row) > WHEN_DRAWN.get(kind, 0):
            assert row.id not in judged, row.id


def test_what_has_a_fold_trains_and_every_kind_is_spread_over_all_folds(corpus: Corpus, splits: Splits) -> None:
    kinds: dict[str, Counter[int]] = {}
    for row in corpus.authored_units():
        fold = splits.authored_fold(row.id)
        if fold is not None:
            assert splits.part_of(row.id) == "train", row.id
            kinds.setdefault(type(row).__name__, Counter())[fold] += 1
    assert sum(found.total() for found in kinds.values()) == len(splits.authored.folds)
    for kind, sizes in kinds.items():
        assert set(sizes) == set(range(FOLDS)), kind
        assert max(sizes.values()) - min(sizes.values()) <= 0.1 * sizes.total(), kind


def test_no_set_or_note_of_a_fold_nearly_repeats_one_of_another(corpus: Corpus, splits: Splits) -> None:
    held = [row for row in corpus.authored_units() if splits.authored_fold(row.id) is not None]
    for fold in range(FOLDS):
        against = [text for row in held if splits.authored_fold(row.id) == fold for text in row.texts]
        others = [text for row in held if splits.authored_fold(row.id) != fold for text in row.texts]
        assert near_repeats(others, against, threshold=NEAR_REPEAT_THRESHOLD) == []


UNITS = st.lists(
    st.builds(
        lambda number, severity, text: FramingPair(
            id=f"fp-{number}",
            provenance=Provenance.AUTHORED,
            issues=(Issue.NEGLECT,),
            severity=severity,
            levels=(Level.B,),
            risk_text=text,
            need_text=f"{text} too",
            risk_spans=(text[:1],),
            categories=("vague",),
        ),
        number=st.integers(0, 10_000),
        severity=st.integers(1, 3),
        text=st.text("bcdfghjkl", min_size=12, max_size=12),
    ),
    min_size=1,
    max_size=24,
    unique_by=lambda unit: unit.id,
)


def nearly_repeat(one: Row, other: Row) -> bool:
    return bool(near_repeats(one.texts, other.texts, threshold=NEAR_REPEAT_THRESHOLD))


@given(units=UNITS, hands=st.integers(2, 5), seed=st.integers(0, 99))
def test_units_are_dealt_into_even_hands_with_near_repeats_together(
    units: list[FramingPair], hands: int, seed: int
) -> None:
    dealt = deal_units(units, hands=hands, seed=seed)
    assert dealt == deal_units(units, hands=hands, seed=seed)
    assert set(dealt) == {unit.id for unit in units}
    repeated = [pair for pair in combinations(units, 2) if nearly_repeat(*pair)]
    assert all(dealt[one.id] == dealt[other.id] for one, other in repeated)
    sizes = Counter(dealt.values())
    if not repeated:
        assert max(sizes.values()) - min(sizes[hand] for hand in range(hands)) <= 1


def test_units_of_each_severity_are_dealt_evenly() -> None:
    words = ("barn", "cold", "dusk", "fern", "gale", "hill", "jolt", "kiln", "lamp", "moss", "nest", "oats")
    units = [
        FramingPair(
            id=f"fp-{number}",
            provenance=Provenance.AUTHORED,
            issues=(Issue.NEGLECT,),
            severity=1 + number % 3,
            levels=(Level.B,),
            risk_text=f"{word} {word[::-1]} {word * 2}",
            need_text=f"{word[::-1] * 2} {word}{word}",
            risk_spans=(word,),
            categories=("vague",),
        )
        for number, word in enumerate(words)
    ]
    dealt = deal_units(units, hands=2, seed=1)
    for severity in (1, 2, 3):
        assert Counter(dealt[unit.id] for unit in units if unit.severity == severity) == {0: 2, 1: 2}


def test_no_row_outside_the_test_nearly_repeats_a_test_row_unless_removed(corpus: Corpus, splits: Splits) -> None:
    rows: list[Row] = [*corpus.descriptors, *corpus.authored_units()]
    test = splits.test_rows | splits.authored.test
    against = [text for row in rows if row.id in test for text in row.texts]
    free = [text for row in rows if row.id not in test | splits.removed for text in row.texts]
    assert near_repeats(free, against, threshold=NEAR_REPEAT_THRESHOLD) == []


def test_removed_rows_are_outside_the_test(splits: Splits) -> None:
    assert splits.removed
    assert not splits.removed & (splits.test_rows | splits.authored.test)


def test_rows_and_areas_added_later_are_training_only(splits: Splits) -> None:
    assert splits.part_of("a-newcomer") == "train"
    assert splits.group_of("Rutland") is None
    assert not splits.is_left_out("Rutland")


def test_the_procedure_still_gives_the_released_splits(corpus: Corpus, splits: Splits) -> None:
    if corpus.version != splits.version:
        pytest.skip("the splits were drawn on an earlier version and stay")
    assert make_splits(corpus, splits.seed) == splits


def test_other_seeds_give_other_splits(corpus: Corpus, splits: Splits) -> None:
    assert make_splits(corpus, splits.seed + 1).test_rows != splits.test_rows


def test_splits_survive_writing_and_reading(splits: Splits, tmp_path: Path) -> None:
    splits.write(tmp_path)
    assert Splits.read(tmp_path) == splits


@pytest.mark.parametrize("content", [None, b"{}", b"not json", b"\xff\xfe"], ids=["missing", "empty", "text", "bytes"])
def test_unreadable_splits_are_an_input_error(tmp_path: Path, content: bytes | None) -> None:
    if content is not None:
        (tmp_path / "splits.json").write_bytes(content)
    with pytest.raises(InputError, match=r"splits\.json"):
        Splits.read(tmp_path)
